"""A size of counterexample as clauses: dynamics, labels, codes, depths and forced merges.

Inside of :mod:`.sat_search`: variables are positive integers, nothing is checked here.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from math import ceil, log2
from typing import Any

__all__ = ["Encoding", "Relation"]

#: ``relation[x][y]``: a literal for each ordered pair.
Relation = list[list[int]]


class Encoding:
    """Clauses about a world of one size.

    Parameters
    ----------
    n, m, n_labels, n_codes
        Observations, actions, label values and codes: exactly so many of each in use.

    Attributes
    ----------
    clauses
        The clauses so far.
    ends
        ``ends[o][a][t]``: literal for "t is the successor of o under a".
    labels, codes
        ``labels[o][value]`` and ``codes[o][code]``.
    """

    def __init__(self, n: int, m: int, n_labels: int, n_codes: int) -> None:
        self.n, self.m = n, m
        self.clauses: list[list[int]] = []
        self._n_variables = 0
        self.true = self.new()
        self.clauses.append([self.true])
        self.ends = [[self.one_of(n) for _ in range(m)] for _ in range(n)]
        self.labels = [self.one_of(n_labels) for _ in range(n)]
        self.codes = [self.one_of(n_codes) for _ in range(n)]
        for groups, count in ((self.labels, n_labels), (self.codes, n_codes)):
            self.clauses += [[groups[o][g] for o in range(n)] for g in range(count)]

    def new(self) -> int:
        """Return a fresh variable."""
        self._n_variables += 1
        return self._n_variables

    def one_of(self, count: int) -> list[int]:
        """Return fresh variables of which exactly one is true."""
        found = [self.new() for _ in range(count)]
        self.clauses.append(found)
        self.clauses += [[-one, -other] for one, other in combinations(found, 2)]
        return found

    def exactly(self, literals: Sequence[int], count: int | None) -> None:
        """Ask that ``count`` of the literals are true; None: at least one."""
        if count is None:
            self.clauses.append(list(literals))
            return
        from pysat.card import CardEnc

        found: Any = CardEnc.equals(lits=list(literals), bound=count, top_id=self._n_variables)
        self.clauses += found.clauses
        self._n_variables = max(self._n_variables, found.nv)

    def both(self, one: int, other: int) -> int:
        """Return a literal for "one and other"."""
        if self.true in (one, other):
            return other if one == self.true else one
        found = self.new()
        self.clauses += [[-found, one], [-found, other], [found, -one, -other]]
        return found

    def any_of(self, literals: Iterable[int]) -> int:
        """Return a literal for "one of these"."""
        parts = list(dict.fromkeys(literals))
        if self.true in parts:
            return self.true
        found = self.new()
        self.clauses.append([-found, *parts])
        self.clauses += [[found, -part] for part in parts]
        return found

    def relation(self, groups: Sequence[Sequence[int]]) -> Relation:
        """Return "in the same group" for one-hot groups of the observations."""
        return self.symmetric(
            lambda x, y: self.any_of(
                self.both(one, other) for one, other in zip(groups[x], groups[y], strict=True)
            )
        )

    def symmetric(self, literal: Any) -> Relation:
        """Return a reflexive relation from a literal for each pair ``x < y``."""
        found = [[self.true] * self.n for _ in range(self.n)]
        for x, y in combinations(range(self.n), 2):
            found[x][y] = found[y][x] = literal(x, y)
        return found

    def apart(self, same_label: Relation, steps: int) -> list[Relation]:
        """Return "not told apart by a word of length k" for ``k = 0 .. steps`` (S7)."""
        levels = [same_label]
        for _ in range(steps):
            before = levels[-1]
            levels.append(self.symmetric(lambda x, y, b=before: self._still_alike(b, x, y)))
        return levels

    def _still_alike(self, before: Relation, x: int, y: int) -> int:
        apart = [
            self.both(self.both(self.ends[x][a][u], self.ends[y][a][v]), -before[u][v])
            for a in range(self.m)
            for u, v in product(range(self.n), repeat=2)
            if u != v
        ]
        return self.both(before[x][y], -self.any_of(apart))

    def follow(self, rows: Sequence[Sequence[Sequence[int]]], same: Relation) -> None:
        """Ask that successors of the same group under one action are in one group (D4 ii).

        ``rows[o][a][t]``: literal for "the data have the row (o, a, t)".
        """
        for x, y, a in self._meetings(rows):
            for u, v in product(range(self.n), repeat=2):
                if u != v:
                    self.clauses.append([-same[x][y], -rows[x][a][u], -rows[y][a][v], same[u][v]])

    def _meetings(self, rows: Sequence[Sequence[Sequence[int]]]) -> Iterator[tuple[int, int, int]]:
        for x in range(self.n):
            for y in range(x, self.n):
                for a in range(len(rows[0])):
                    yield x, y, a

    def forced(self, rows: Sequence[Sequence[Sequence[int]]], start: Relation) -> Relation:
        """Return the least relation above ``start`` that the rows respect (S2).

        Each level adds one step of rule (ii) and one of transitivity. While a level is not the
        last, either a class becomes transitive (log n levels) or two classes merge.
        """
        found = start
        for _ in range((self.n - 1) * (1 + ceil(log2(max(2, self.n))))):
            found = self.symmetric(lambda u, v, b=found: self._one_more(rows, b, u, v))
        return found

    def _one_more(
        self, rows: Sequence[Sequence[Sequence[int]]], before: Relation, u: int, v: int
    ) -> int:
        due = [before[u][v]]
        due += [self.both(before[u][z], before[z][v]) for z in range(self.n) if z not in (u, v)]
        for x, y, a in self._meetings(rows):
            due.append(self.both(before[x][y], self.both(rows[x][a][u], rows[y][a][v])))
            due.append(self.both(before[x][y], self.both(rows[x][a][v], rows[y][a][u])))
        return self.any_of(due)
