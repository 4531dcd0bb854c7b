"""Decide one size of world: by enumeration, which counts, or by a SAT solver.

Inside of :mod:`.search`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tellapart.theory.counterexamples.asked import Asked
from tellapart.theory.counterexamples.building import build_specimen
from tellapart.theory.counterexamples.isomorphism import Structure, canonical, symmetries
from tellapart.theory.counterexamples.minimum import Minimum, SizeExamined
from tellapart.theory.counterexamples.places import Place, place_of
from tellapart.theory.counterexamples.rules import Rule
from tellapart.theory.counterexamples.sat_search import SatSize, find_one, has_sat
from tellapart.theory.counterexamples.tables import (
    Dynamics,
    dynamics_up_to_renaming,
    groupings,
    n_tables,
)
from tellapart.theory.errors import BudgetExceededError

__all__ = [
    "MOST_CANDIDATES",
    "MOST_OBSERVATIONS",
    "MOST_TABLES",
    "by_enumeration",
    "by_solver",
    "decided_by_sat",
]

#: Tables of one size, before renaming, that can be enumerated.
MOST_TABLES = 1_000_000
#: Observations of which all renamings are tried.
MOST_OBSERVATIONS = 7
#: Candidates that are examined in one search.
MOST_CANDIDATES = 50_000_000


def by_enumeration(
    rule: Rule, n: int, m: int, asked: Asked, done: int, none: Minimum
) -> tuple[Minimum | None, SizeExamined]:
    """Examine every candidate of a size."""
    dynamics = _dynamics(n, m)
    search = _Search(rule, dynamics, asked, done)
    hits, extra = search.first_hits()
    size = SizeExamined(n, m, len(dynamics.tables), search.n_examined, len(hits))
    if not hits:
        return None, size
    classes = _up_to_renaming(dynamics, hits)
    specimens = tuple(
        build_specimen(rule.hypothesis, dynamics.tables[index], structure)
        for index, structure in classes[: asked.most]
    )
    return replace(none, specimens=specimens, n_specimens=len(classes), n_extra=extra), size


def by_solver(rule: Rule, n: int, m: int, asked: Asked, none: Minimum) -> Minimum | None:
    """Ask the solver for one counterexample of a size, of the fewest codes, labels and extras."""
    extras = rule.extra_sizes(n, m)
    for n_codes in asked.codes_of(n):
        for n_labels in asked.labels_of(n):
            size = SatSize(
                rule.hypothesis, rule.variant, n, m, n_codes, n_labels, None, asked.min_depth
            )
            # Most sizes have none with any number of extras: one question for all of them.
            if not extras or find_one(size) is None:
                continue
            for extra in extras:
                found = find_one(replace(size, extra=extra))
                if found is not None:
                    specimen = build_specimen(rule.hypothesis, *found)
                    return replace(
                        none, specimens=(specimen,), n_specimens=1, counted=False, n_extra=extra
                    )
    return None


def decided_by_sat(n: int, m: int, asked: Asked) -> bool:
    """Tell whether the solver decides a size."""
    if asked.method == "auto":
        return not _enumerable(n, m) and has_sat()
    return asked.method == "sat"


def _enumerable(n: int, m: int) -> bool:
    return n <= MOST_OBSERVATIONS and n_tables(n, m) <= MOST_TABLES


def _dynamics(n: int, m: int) -> Dynamics:
    if not _enumerable(n, m):
        raise BudgetExceededError(
            f"There are {n}^({n} * {m}) tables of {n} observations and {m} actions, and at most "
            f"{MOST_TABLES:,} of at most {MOST_OBSERVATIONS} observations can be enumerated. Ask "
            "for fewer, or install tellapart[formal] for the SAT solver."
        )
    return dynamics_up_to_renaming(n, m)


@dataclass
class _Search:
    """The candidates of one size of world."""

    rule: Rule
    dynamics: Dynamics
    asked: Asked
    n_before: int
    n_examined: int = 0

    def first_hits(self) -> tuple[list[tuple[int, Structure]], int]:
        """Return all hits of the fewest codes, label values and extras that have any."""
        _, n, m = self.dynamics.tables.shape
        places: dict[int, list[Place]] = {}
        for n_codes in self.asked.codes_of(n):
            for n_labels in self.asked.labels_of(n):
                if n_labels not in places:
                    places[n_labels] = self._places(n_labels)
                # Without a place to look at, extras of any size change nothing.
                for extra in self.rule.extra_sizes(n, m) if places[n_labels] else ():
                    hits = [
                        hit
                        for place in places[n_labels]
                        for hit in self._decided(place, n_codes, extra)
                    ]
                    if hits:
                        return hits, extra
        return [], 0

    def _places(self, n_labels: int) -> list[Place]:
        """Return the labellings under which some table has a pair with a word long enough."""
        every = groupings(self.dynamics.tables.shape[1], n_labels)
        places = [place_of(self.dynamics, labels, self.asked.min_depth) for labels in every]
        self.n_examined += sum(place.n_all for place in places if not len(place))
        return [place for place in places if len(place)]

    def _decided(self, place: Place, n_codes: int, extra: int) -> Iterator[tuple[int, Structure]]:
        for found in self.rule.decide(place, n_codes, extra):
            self.n_examined += found.n_examined
            if self.n_before + self.n_examined > MOST_CANDIDATES:
                raise BudgetExceededError(
                    f"More than {MOST_CANDIDATES:,} candidates with up to {place.n} observations "
                    f"and {place.m} actions were examined. Ask for fewer observations or "
                    'actions, for a number of codes, or use method="sat".'
                )
            yield from found.hits


def _up_to_renaming(
    dynamics: Dynamics, hits: list[tuple[int, Structure]]
) -> list[tuple[int, Structure]]:
    """Keep one hit of each class, the smallest, in order."""
    groups = {}
    kept = set()
    for index, structure in hits:
        if not dynamics.symmetric[index]:
            kept.add((index, structure))
            continue
        if index not in groups:
            groups[index] = symmetries(dynamics.tables[index])
        kept.add((index, canonical(structure, groups[index])))
    return sorted(kept)
