"""Merge and fold: local union-find on the classes of F(D), at the cost of what it touches (S3)."""

from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.closure import Link, compress

__all__ = ["Folding"]


class Folding:
    """Classes merged so far, by integer index; untouched classes stand for themselves.

    Parameters
    ----------
    rows_of
        Returns the edges of a class as ``{action: edge}``.
    edge_targets
        The successor class of each edge.
    labels
        Label id of each class, -1 where not known.

    Attributes
    ----------
    clash
        Two classes of different labels that were merged, or None. Folding stops there.
    """

    def __init__(
        self,
        rows_of: Callable[[int], dict[int, int]],
        edge_targets: npt.NDArray[np.int32],
        labels: npt.NDArray[np.int32],
    ) -> None:
        self._rows_of = rows_of
        self._targets = edge_targets
        self._labels = labels
        self._parent: dict[int, int] = {}
        self._size: dict[int, int] = {}
        self._rows: dict[int, dict[int, int]] = {}
        self._holder: dict[int, int] = {}  # root -> a class with the label of the root
        self._proof: dict[int, tuple[int, int, int]] = {}
        self.clash: tuple[int, int] | None = None

    @property
    def n_touched(self) -> int:
        """Number of classes that were merged or looked at, a measure of the work."""
        return len(self._parent) + len(self._size)

    def root(self, c: int) -> int:
        """Return the class that stands for ``c``."""
        parent = self._parent
        while parent.get(c, c) != c:
            parent[c] = parent.get(parent[c], parent[c])
            c = parent[c]
        return c

    def merge(self, c: int, d: int, link: Link) -> bool:
        """Merge two classes for a reason and fold; tell whether no labels clash.

        ``link`` is a pair of edges (or of negative numbers that the caller understands); ``c``
        and ``d`` are their ends.
        """
        queue = deque([(c, d, *link)])
        while queue and self.clash is None:
            self._join(*queue.popleft(), queue)
        return self.clash is None

    def _join(
        self, u: int, v: int, p: int, q: int, queue: deque[tuple[int, int, int, int]]
    ) -> None:
        x, y = self.root(u), self.root(v)
        if x == y:
            return
        if self._touch(x) < self._touch(y):
            u, v, p, q, x, y = v, u, q, p, y, x
        self._hang_below(u, v, p, q)
        self._parent[y] = x
        self._size[x] += self._size.pop(y)
        one, other = self._holder[x], self._holder[y]
        if one < 0:
            self._holder[x] = other
        elif other >= 0 and self._labels[one] != self._labels[other]:
            self.clash = (one, other)
            return
        rows = self._rows[x]
        for action, edge in self._rows.pop(y).items():
            known = rows.setdefault(action, edge)
            if known != edge:
                ends = int(self._targets[known]), int(self._targets[edge])
                queue.append((*ends, known, edge))

    def _touch(self, c: int) -> int:
        """Lay out a class on first sight; return how many classes it stands for."""
        if c not in self._size:
            self._size[c] = 1
            self._rows[c] = self._rows_of(c)
            self._holder[c] = c if self._labels[c] >= 0 else -1
        return self._size[c]

    def _hang_below(self, u: int, v: int, p: int, q: int) -> None:
        """As :func:`closing_reference.hang_below`, on a forest in a dictionary."""
        step = (v, *self._proof.get(v, (-1, -1, -1)))
        self._proof[v] = (u, q, p)
        while step[1] >= 0:
            child, above, mine, its = step
            step = (above, *self._proof.get(above, (-1, -1, -1)))
            self._proof[above] = (child, its, mine)

    def path(self, c: int, d: int) -> list[Link]:
        """Return the links that lead from ``c`` to ``d``, two members of one merged class."""
        above: dict[int, int] = {}
        climbed: list[Link] = []
        node = c
        while node >= 0:
            above[node] = len(climbed)
            towards, here, there = self._proof.get(node, (-1, -1, -1))
            climbed.append((here, there))
            node = towards
        down: list[Link] = []
        node = d
        while node not in above:
            towards, here, there = self._proof[node]
            down.append((there, here))
            node = towards
        return compress(climbed[: above[node]] + down[::-1])

    def merged(self) -> list[list[int]]:
        """Return the classes that were merged, in groups of two or more, each ascending."""
        groups: dict[int, list[int]] = {}
        for c in sorted(self._parent):
            groups.setdefault(self.root(c), []).append(c)
        return [sorted([root, *rest]) for root, rest in sorted(groups.items())]

    def ids(self, n: int) -> npt.NDArray[np.int64]:
        """Return one id for each class ``0 .. n-1``, equal where they were merged."""
        ids = np.arange(n, dtype=np.int64)
        for group in self.merged():
            ids[group] = group[0]
        return ids
