"""What a counterexample to each hypothesis is, as a test on many candidates at once.

Inside of :mod:`.search`. A candidate is a table of successors, labels, codes, and perhaps an
*extra*: which observations look alike, or which rows the data add or miss. The formal definitions
are on the page "Dropped hypotheses" of the theory pages; :mod:`.verify` decides the same
definitions with none of this code.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from tellapart.theory.counterexamples.isomorphism import Structure, renumbered
from tellapart.theory.counterexamples.places import Labels, Place
from tellapart.theory.counterexamples.relations import (
    Rows,
    admissible,
    closed,
    deepest_merged,
    world_rows,
)
from tellapart.theory.counterexamples.tables import groupings
from tellapart.theory.hypotheses import Hypothesis

__all__ = ["RULES", "Found", "Rule", "rules_of"]


@dataclass(frozen=True)
class Found:
    """Some candidates that were decided together.

    Attributes
    ----------
    n_examined
        How many they were.
    hits
        ``(class of the table, structure)`` of those that are counterexamples.
    """

    n_examined: int
    hits: list[tuple[int, Structure]]


#: ``(place, number of codes, size of the extra)`` to decided candidates.
Decide = Callable[[Place, int, int], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """The counterexamples to one hypothesis, or one of the two ways to drop it.

    Attributes
    ----------
    hypothesis
        What is dropped.
    variant
        Which way, where there are two; otherwise empty.
    decide
        Decides all candidates of one size.
    extra
        What an extra consists of, for people; empty where there is none.
    extra_sizes
        Sizes of the extra for ``(n, m)``, ascending.
    """

    hypothesis: Hypothesis
    variant: str
    decide: Decide
    extra: str = ""
    extra_sizes: Callable[[int, int], range] = lambda n, m: range(1)


def rules_of(hypothesis: Hypothesis) -> tuple[Rule, ...]:
    """Return the rules of a hypothesis: one, or one for each way to drop it."""
    return tuple(rule for rule in RULES if rule.hypothesis is hypothesis)


def _fixed_codes(
    place: Place, n_codes: int, extra: int, *, dynamics: bool, auxiliary: bool
) -> Iterator[Found]:
    """Decide every grouping into codes; the losses that are named must be zero."""
    rows = world_rows(place.tables)
    for codes in groupings(place.n, n_codes):
        if auxiliary and not _inside(codes, place.labels):
            yield Found(place.n_all, [])
            continue
        good = _deep_enough(place, codes)
        if dynamics:
            good &= admissible(rows, codes, len(place))
        yield _found(place, good, codes)


def _missing_rows(place: Place, n_codes: int, extra: int) -> Iterator[Found]:
    """Decide every grouping into codes on the data without ``extra`` rows; both losses zero."""
    pairs = list(product(range(place.n), range(place.m)))
    rows = world_rows(place.tables)
    for codes in groupings(place.n, n_codes):
        deep = _deep_enough(place, codes) & _inside(codes, place.labels)
        if not deep.any():
            # Whatever rows are missing: counted once, with the first.
            yield Found(place.n_all if extra == 1 else 0, [])
            continue
        for missing in combinations(pairs, extra):
            left = [
                [row for row in group if (row[0], action) not in missing]
                for action, group in enumerate(rows)
            ]
            good = deep & admissible(left, codes, len(place))
            yield _found(place, good, codes, missing=missing)


def _added_rows(place: Place, n_codes: int, extra: int) -> Iterator[Found]:
    """Decide the forced merges of the data with ``extra`` more successors."""
    n, tables = place.n, place.tables
    rows = world_rows(tables)
    # The added successor is said as a distance from the one there is: never 0.
    options = list(product(range(n), range(place.m), range(1, n)))
    for added in combinations(options, extra):
        more = [list(group) for group in rows]
        for source, action, step in added:
            more[action].append((source, (tables[:, source, action] + step) % n))
        yield from _forced(place, n_codes, more, added=added)


def _hidden_actions(place: Place, n_codes: int, extra: int) -> Iterator[Found]:
    """Decide the forced merges of the data whose rows do not show their action."""
    together = [row for group in world_rows(place.tables) for row in group]
    yield from _forced(place, n_codes, [together])


def _alike(place: Place, n_codes: int, extra: int, *, same_labels: bool) -> Iterator[Found]:
    """Decide the forced merges of states of which ``extra`` look like an earlier one."""
    rows = world_rows(place.tables)
    for looks in groupings(place.n, place.n - extra):
        if _inside(looks, place.labels) == same_labels:
            yield from _forced(place, n_codes, rows, looks=looks)


def _forced(
    place: Place,
    n_codes: int,
    rows: Rows,
    *,
    looks: Labels | None = None,
    added: tuple[tuple[int, int, int], ...] = (),
) -> Iterator[Found]:
    """Decide data whose codes are its forced merges F(D); they must merge what has a word.

    Then labels clash inside a class and no encoder reaches zero (S2): without a clash F(D) would
    be a bisimulation of the world, which merges nothing that has a word.
    """
    start = np.array(range(place.n) if looks is None else looks, dtype=np.int8)
    ids = closed(rows, np.broadcast_to(start, (len(place), place.n)))
    classes = (ids == np.arange(place.n)).sum(axis=1)
    # The pair is one that looks alike, or any that the data force together.
    alike = ids[:, :, None] == ids[:, None, :] if looks is None else _same(looks)[None]
    depth = deepest_merged(place.depths, alike)
    good = (classes == n_codes) & (depth >= place.min_depth)
    tables = place.tables
    hits: list[tuple[int, Structure]] = []
    for index in np.flatnonzero(good).tolist():
        codes = renumbered(ids[index].tolist())
        extra = sorted((o, a, (int(tables[index, o, a]) + step) % place.n) for o, a, step in added)
        hits.append(
            (
                int(place.index[index]),
                (place.labels, codes, looks or tuple(range(place.n)), tuple(extra)),
            )
        )
    yield Found(place.n_all, hits)


def _found(
    place: Place,
    good: npt.NDArray[np.bool_],
    codes: Labels,
    missing: tuple[tuple[int, int], ...] = (),
) -> Found:
    structure = (place.labels, codes, tuple(range(place.n)), missing)
    return Found(place.n_all, [(index, structure) for index in place.index[good].tolist()])


def _deep_enough(place: Place, codes: Labels) -> npt.NDArray[np.bool_]:
    """Tell for which tables the codes merge a pair with a word of the depth that is asked for."""
    merged: npt.NDArray[np.bool_] = (
        deepest_merged(place.depths, _same(codes)[None]) >= place.min_depth
    )
    return merged


def _same(groups: Labels) -> npt.NDArray[np.bool_]:
    values = np.array(groups)
    same: npt.NDArray[np.bool_] = values[:, None] == values[None, :]
    return same


def _inside(groups: Labels, labels: Labels) -> bool:
    """Tell whether labels agree in every group."""
    return len(set(zip(groups, labels, strict=True))) == len(set(groups))


_ONE_LOSS = {
    "dynamics": partial(_fixed_codes, dynamics=True, auxiliary=False),
    "auxiliary": partial(_fixed_codes, dynamics=False, auxiliary=True),
}

RULES: tuple[Rule, ...] = (
    Rule(Hypothesis.AUX_LOSS, "", _ONE_LOSS["dynamics"]),
    Rule(Hypothesis.DYNAMICS_LOSS, "", _ONE_LOSS["auxiliary"]),
    # The fitted part cannot reach zero: with both losses zero S4 would separate the pair.
    Rule(Hypothesis.JOINT_TRAINING, "trained by the dynamics loss", _ONE_LOSS["dynamics"]),
    Rule(Hypothesis.JOINT_TRAINING, "trained by the auxiliary loss", _ONE_LOSS["auxiliary"]),
    Rule(
        Hypothesis.DETERMINISM, "", _added_rows, "added row",
        lambda n, m: range(1, n * m * (n - 1) + 1),
    ),
    Rule(
        Hypothesis.FULL_COVERAGE, "", _missing_rows, "missing row",
        lambda n, m: range(1, n * m + 1),
    ),
    Rule(Hypothesis.ACTION_CONDITIONING, "", _hidden_actions),
    Rule(Hypothesis.EXACT_ZERO, "", _ONE_LOSS["auxiliary"]),
    Rule(
        Hypothesis.MARKOV_OBSERVATION, "labels contradict", partial(_alike, same_labels=False),
        "hidden state", lambda n, m: range(1, n),
    ),
    Rule(
        Hypothesis.MARKOV_OBSERVATION, "only successors contradict",
        partial(_alike, same_labels=True), "hidden state", lambda n, m: range(1, n),
    ),
    Rule(Hypothesis.INFORMATIVE_LABEL, "", _ONE_LOSS["dynamics"]),
)  # fmt: skip
