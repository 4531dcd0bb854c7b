"""Clauses that say: an MDP, a kernel of zero loss, and a pair that it merges though a word tells.

Variables name a system of ``n`` observations, ``m`` actions and two label values: ``f(x, a) = y``,
the label of ``x``, ``x`` and ``y`` share a code, ``x`` and ``y`` are told apart within ``k`` steps.
"""

import itertools
from collections.abc import Iterator
from typing import Any

__all__ = ["CollapseEncoding"]


class CollapseEncoding:
    """The clauses for one size; satisfiable exactly when S4 fails there.

    Parameters
    ----------
    n, m
        Observations and actions.
    with_labels, with_dynamics
        Which losses are zero; the clauses of the other are left out.

    Attributes
    ----------
    clauses
        Lists of non-zero integers, as DIMACS has them.
    n_variables
        Variables are ``1 .. n_variables``.
    stages
        Pairs of variables that cannot both be true when S4 holds, each of which is easy to refute
        once those before it are: two observations share a code and are told apart within k steps.

    Notes
    -----
    The merged pair is (0, 1): observations can be renamed. A pair is followed for as many steps as
    there are other pairs, which no shortest word exceeds; nothing of S7 is used.
    O(n⁴ m) clauses for the kernel, O(n⁶ m) for the words.

    Examples
    --------
    >>> encoding = CollapseEncoding(2, 1)
    >>> encoding.n_variables, len(encoding.clauses)
    (8, 12)
    """

    def __init__(
        self, n: int, m: int, *, with_labels: bool = True, with_dynamics: bool = True
    ) -> None:
        self.n, self.m = n, m
        self.clauses: list[list[int]] = []
        self.n_variables = 0
        self.stages: list[tuple[int, int]] = []
        self._pairs = list(itertools.combinations(range(n), 2))
        self._f = {key: self._new() for key in itertools.product(range(n), range(m), range(n))}
        self._label = {x: self._new() for x in range(n)}
        self._same = {pair: self._new() for pair in self._pairs}
        self._add_functions()
        self._add_equivalence()
        if with_labels:
            self._add_labels()
        if with_dynamics:
            self._add_dynamics()
        self._add_word()

    def _new(self) -> int:
        self.n_variables += 1
        return self.n_variables

    def _add(self, *literals: int) -> None:
        self.clauses.append(list(literals))

    def _add_functions(self) -> None:
        """Give each pair (observation, action) exactly one successor."""
        for x, a in itertools.product(range(self.n), range(self.m)):
            self._add(*(self._f[x, a, y] for y in range(self.n)))
            for y, z in self._pairs:
                self._add(-self._f[x, a, y], -self._f[x, a, z])

    def _add_equivalence(self) -> None:
        """Make sharing a code transitive; it is reflexive and symmetric by its variables."""
        for triple in itertools.combinations(range(self.n), 3):
            for x, y, z in itertools.permutations(triple):
                if x < z:
                    self._add(-self._shares(x, y), -self._shares(y, z), self._shares(x, z))

    def _add_labels(self) -> None:
        """Zero auxiliary loss: observations that share a code share the label (D4 i)."""
        for x, y in self._pairs:
            self._add(-self._shares(x, y), -self._label[x], self._label[y])
            self._add(-self._shares(x, y), self._label[x], -self._label[y])

    def _add_dynamics(self) -> None:
        """Zero dynamics loss: those that share a code have successors that do (D4 ii)."""
        for (x, y), a, (u, v) in self._walks():
            self._add(-self._shares(x, y), -self._f[x, a, u], -self._f[y, a, v], self._shares(u, v))

    def _walks(self) -> Iterator[tuple[tuple[int, int], int, tuple[int, int]]]:
        """Yield each pair, each action, and each two different successors."""
        for pair, a in itertools.product(self._pairs, range(self.m)):
            for ends in itertools.permutations(range(self.n), 2):
                yield pair, a, ends

    def _add_word(self) -> None:
        """Merge 0 and 1, and tell them apart by a word (D3)."""
        differ = {pair: self._new() for pair in self._pairs}
        for (x, y), variable in differ.items():
            self._add(-variable, self._label[x], self._label[y])
            self._add(-variable, -self._label[x], -self._label[y])
        told = differ
        for _ in range(len(self._pairs) - 1):
            self.stages += [(self._same[pair], told[pair]) for pair in self._pairs]
            told = self._one_step_more(differ, told)
        self._add(self._shares(0, 1))
        self._add(told[0, 1])

    def _one_step_more(
        self, differ: dict[tuple[int, int], int], before: dict[tuple[int, int], int]
    ) -> dict[tuple[int, int], int]:
        """Return variables: the labels differ, or an action leads to a pair told apart before."""
        by_action = {key: self._new() for key in itertools.product(self._pairs, range(self.m))}
        told = {pair: self._new() for pair in self._pairs}
        for pair in self._pairs:
            ways = (by_action[pair, a] for a in range(self.m))
            self._add(-told[pair], differ[pair], *ways)
        for (x, y), a, (u, v) in self._walks():
            there = before[min(u, v), max(u, v)]
            self._add(-by_action[(x, y), a], -self._f[x, a, u], -self._f[y, a, v], there)
        for (x, y), a, u in itertools.product(self._pairs, range(self.m), range(self.n)):
            self._add(-by_action[(x, y), a], -self._f[x, a, u], -self._f[y, a, u])
        return told

    def _shares(self, x: int, y: int) -> int:
        return self._same[min(x, y), max(x, y)]

    def read(self, model: Any) -> tuple[list[list[int]], list[int], list[int]]:
        """Return successors, labels and block ids of a satisfying assignment (signed variables)."""
        true = {literal for literal in model if literal > 0}
        successors = [
            [next(y for y in range(self.n) if self._f[x, a, y] in true) for a in range(self.m)]
            for x in range(self.n)
        ]
        labels = [int(self._label[x] in true) for x in range(self.n)]
        ids = [
            next(y for y in range(x + 1) if y == x or self._shares(x, y) in true)
            for x in range(self.n)
        ]
        return successors, labels, ids
