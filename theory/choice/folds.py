"""Merge and fold: what else an encoder must merge once it merges one pair (S3, S9).

``fold(x, y)`` is the least congruence of the *unlabelled* dynamics that merges x and y. A label
forces x and y apart exactly when it is not constant on some block of it: folds are the only thing
that the choice of a label has to know of the dynamics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tellapart.theory.partition import canonical_ids
from tellapart.theory.refinement.engines import refine

__all__ = ["Fold", "LabelProblem", "fold", "twin_classes"]

IntArray = npt.NDArray[np.int32]
Rows = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Fold:
    """The least congruence that merges one pair, by integer index.

    Attributes
    ----------
    x, y
        The pair.
    edges
        A spanning forest of its nontrivial blocks: the merges in the order they were made.
    complete
        False when the limit stopped it: then every block lies in a block of the true fold.
    """

    x: int
    y: int
    edges: tuple[tuple[int, int], ...]
    complete: bool = True

    @cached_property
    def support(self) -> frozenset[int]:
        """The observations in blocks of two or more."""
        return frozenset(o for edge in self.edges for o in edge)

    @cached_property
    def blocks(self) -> tuple[tuple[int, ...], ...]:
        """The blocks of two or more, members ascending, in the order of their smallest."""
        parent = {o: o for o in self.support}
        for u, v in self.edges:
            a, b = _root(parent, u), _root(parent, v)
            parent[max(a, b)] = min(a, b)
        members: dict[int, list[int]] = {}
        for o in sorted(self.support):
            members.setdefault(_root(parent, o), []).append(o)
        return tuple(tuple(block) for block in members.values())


def fold(rows: Rows, x: int, y: int, limit: int | None = None) -> Fold:
    """Merge a pair and follow the successors of everything merged, by union-find (S3).

    Parameters
    ----------
    rows
        ``rows[o][a]`` is the successor of ``o`` under ``a``.
    x, y
        Two different observations.
    limit
        Stop after this many merges; None: never.

    Notes
    -----
    O(m |A| α) for m merges, whatever the number of observations.

    Examples
    --------
    >>> fold([[1], [2], [0], [0]], 0, 1).blocks
    ((0, 1, 2),)
    """
    parent: dict[int, int] = {}
    edges: list[tuple[int, int]] = []
    queue = [(x, y)]
    for u, v in queue:  # grows while it is read: breadth first
        parent.setdefault(u, u)
        parent.setdefault(v, v)
        a, b = _root(parent, u), _root(parent, v)
        if a == b:
            continue
        if limit is not None and len(edges) >= limit:
            return Fold(x, y, tuple(edges), complete=False)
        parent[b] = a
        edges.append((u, v))
        queue.extend((p, q) for p, q in zip(rows[u], rows[v], strict=True) if p != q)
    return Fold(x, y, tuple(edges))


def _root(parent: dict[int, int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def twin_classes(successors: IntArray) -> list[IntArray]:
    """Return classes of observations of which any two fold onto nothing but themselves.

    Two kinds: equal successors under every action, and equal successors but for actions that stay
    (``f(x, a) = x`` and ``f(y, a) = y``). A class of either kind is a clique of *twins*: a label
    tells two of them apart only by giving them different values.

    Returns
    -------
    int32 arrays of two or more members, ascending; a class of one kind may meet one of the other.

    Notes
    -----
    O(n |A| log n).

    Examples
    --------
    >>> [c.tolist() for c in twin_classes(np.array([[0], [1], [0], [2]], dtype=np.int32))]
    [[0, 2], [0, 1]]
    """
    here = np.arange(len(successors), dtype=successors.dtype)[:, None]
    kinds = (successors, np.where(successors == here, -1, successors))
    found: dict[bytes, IntArray] = {}
    for rows in kinds:
        ids = canonical_ids(np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1))
        order = np.argsort(ids, kind="stable").astype(np.int32)
        pieces = np.split(order, np.cumsum(np.bincount(ids))[:-1])
        found.update((piece.tobytes(), piece) for piece in pieces if len(piece) > 1)
    return list(found.values())


class LabelProblem:
    """The search for a label that suffices for a target: dynamics and target by integer index.

    Parameters
    ----------
    successors
        int32 ``[n_obs, n_actions]``.
    target
        Block ids of the partition to keep apart, int32 ``[n_obs]``.
    """

    def __init__(self, successors: IntArray, target: IntArray) -> None:
        self.successors = successors
        self.target = target
        self.n = len(successors)

    @cached_property
    def rows(self) -> list[list[int]]:
        """The successors as plain lists: faster to read one at a time."""
        rows: list[list[int]] = self.successors.tolist()
        return rows

    @cached_property
    def twins(self) -> list[IntArray]:
        """The classes of :func:`twin_classes` in which the target separates something."""
        classes = twin_classes(self.successors)
        return [c for c in classes if (self.target[c] != self.target[c[0]]).any()]

    def unresolved(self, labels: npt.NDArray[np.int64], limit: int) -> list[tuple[int, int]]:
        """Return pairs that the target separates and ``B*(labels)`` merges; none: it suffices.

        At most ``limit`` pairs, at most one fewer for each block of ``B*`` than the target has
        classes in it, spread evenly over all of them.
        """
        ids = refine(self.successors, canonical_ids(labels))[0].ids
        order = np.lexsort((self.target, ids))
        one, other = order[:-1], order[1:]
        wrong = np.flatnonzero((ids[one] == ids[other]) & (self.target[one] != self.target[other]))
        if len(wrong) > limit:
            wrong = wrong[np.arange(limit) * len(wrong) // limit]
        pairs = zip(one[wrong].tolist(), other[wrong].tolist(), strict=True)
        return [(min(pair), max(pair)) for pair in pairs]

    def deeper(self, pair: tuple[int, int], steps: int = 32) -> tuple[int, int]:
        """Follow a pair to successors that the target separates too: their fold is no larger.

        This leaves behind what is seen only once, in O(steps |A|).
        """
        for step in range(steps):
            after = list(zip(self.rows[pair[0]], self.rows[pair[1]], strict=True))
            turn = step % len(after)  # all actions take turns, or short cycles would hold it
            options = [two for two in after[turn:] + after[:turn] if self._forbids(two)]
            if not options:
                break
            pair = options[0]
        return pair

    def small_fold(self, pair: tuple[int, int], tries: int = 64) -> Fold:
        """Fold a pair and go down to a smaller fold inside it that the target forbids as well.

        A label that breaks a smaller fold breaks the larger one too, so smaller folds say more.
        """
        best = fold(self.rows, *self.deeper(pair))
        tried = {pair}
        while tries > 0:
            candidates = [e for e in reversed(best.edges) if self._forbids(e) and e not in tried]
            for edge in candidates[:tries]:
                tries -= 1
                tried.add(edge)
                smaller = fold(self.rows, *edge, limit=len(best.edges) - 1)
                if smaller.complete:
                    best = smaller
                    break
            else:
                break
        return best

    def _forbids(self, pair: tuple[int, int]) -> bool:
        return bool(self.target[pair[0]] != self.target[pair[1]])
