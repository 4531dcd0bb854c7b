"""Smaller systems, with what each step took away: what :mod:`.shrinking` tries."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.shrink_total import (
    part_of,
    quotient_part,
    reached_from,
    with_actions,
    with_one_label,
    with_self_loops,
)
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["KINDS", "Kind", "bisimilar_merged", "moving", "reached_kept", "smaller_systems"]

#: Names that the text of a step lists at most.
_MOST_NAMED = 6


@dataclass(frozen=True)
class Kind:
    """One kind of step.

    Attributes
    ----------
    extent
        How many pieces there are to take, of a system.
    taken
        The system without the pieces ``start .. stop-1``, after a sentence about it; nothing where
        nothing would be left.
    halves
        Whether it makes sense to take several pieces at once.
    """

    extent: Callable[[DeterministicMDP], int]
    taken: Callable[[DeterministicMDP, int, int], Iterator[tuple[str, DeterministicMDP]]]
    halves: bool = True


def smaller_systems(mdp: DeterministicMDP) -> Iterator[tuple[str, DeterministicMDP]]:
    """Yield every system that is one step smaller, after a sentence about the step.

    The steps: the quotient by B*; one observation or one action deleted; two label values made
    one; one transition made a self-loop.

    Examples
    --------
    >>> mdp = DeterministicMDP([[1], [1]], labels=["off", "on"])
    >>> for text, smaller in smaller_systems(mdp):
    ...     print(f"{text}: {smaller.successors.tolist()}, {smaller.labels}")
    observation 1 deleted: [[0]], ('off',)
    observation 0 deleted: [[0]], ('on',)
    label 'on' made 'off': [[1], [1]], ('off', 'off')
    action 0 made to stay at 0: [[0], [1]], ('off', 'on')
    """
    yield from bisimilar_merged(mdp)
    for kind in KINDS:
        for start in reversed(range(kind.extent(mdp))):
            yield from kind.taken(mdp, start, start + 1)


def bisimilar_merged(mdp: DeterministicMDP) -> Iterator[tuple[str, DeterministicMDP]]:
    """Yield the quotient by B*, unless nothing is bisimilar."""
    found = quotient_part(mdp)
    if found is not None:
        yield "bisimilar observations merged", found[0]


def reached_kept(mdp: DeterministicMDP) -> Iterator[tuple[str, DeterministicMDP]]:
    """Keep what a pair that must be told apart reaches: one pair for each size, small ones first.

    These are bold steps only: whether nothing is left to take is decided by the single ones.
    """
    reach = np.zeros((mdp.n_obs, mdp.n_obs), dtype=bool)
    for o in range(mdp.n_obs):
        reach[o, reached_from(mdp, (o,))] = True
    ids = bisimulation(mdp).partition.ids
    first: dict[int, tuple[int, int]] = {}
    for x in range(mdp.n_obs):
        sizes = (reach[x] | reach).sum(axis=1)
        for y in np.flatnonzero(ids != ids[x]).tolist():
            first.setdefault(int(sizes[y]), (x, y))
    names = mdp.observations
    for size, (x, y) in sorted(first.items()):
        if size < mdp.n_obs:
            kept = np.flatnonzero(reach[x] | reach[y]).tolist()
            yield f"what {names[x]!r} and {names[y]!r} do not reach deleted", part_of(mdp, kept)


def _observations_deleted(
    mdp: DeterministicMDP, start: int, stop: int
) -> Iterator[tuple[str, DeterministicMDP]]:
    kept = [*range(start), *range(stop, mdp.n_obs)]
    if kept:
        gone = _named("observation", mdp.observations[start:stop])
        yield f"{gone} deleted", part_of(mdp, kept)


def _actions_deleted(
    mdp: DeterministicMDP, start: int, stop: int
) -> Iterator[tuple[str, DeterministicMDP]]:
    kept = [*range(start), *range(stop, mdp.n_actions)]
    if kept:
        yield f"{_named('action', mdp.actions[start:stop])} deleted", with_actions(mdp, kept)


def _neighbours_made_one(
    mdp: DeterministicMDP, start: int, stop: int
) -> Iterator[tuple[str, DeterministicMDP]]:
    values = mdp.label_values
    gone = _named("label", values[start + 1 : stop + 1])
    smaller = with_one_label(mdp, start, range(start + 1, stop + 1))
    yield f"{gone} made {values[start]!r}", smaller


def _strangers(mdp: DeterministicMDP) -> list[tuple[int, int]]:
    """Return the pairs of label values that are no neighbours."""
    return [(i, j) for j in range(len(mdp.label_values)) for i in range(j - 1)]


def _strangers_made_one(
    mdp: DeterministicMDP, start: int, stop: int
) -> Iterator[tuple[str, DeterministicMDP]]:
    for i, j in _strangers(mdp)[start:stop]:
        text = f"label {mdp.label_values[j]!r} made {mdp.label_values[i]!r}"
        yield text, with_one_label(mdp, i, [j])


def moving(mdp: DeterministicMDP) -> list[tuple[int, int]]:
    """Return the transitions that are no self-loops, by indices (observation, action)."""
    here = np.arange(mdp.n_obs)[:, None]
    return [(o, a) for o, a in np.argwhere(mdp.successors != here).tolist()]


def _moves_stopped(
    mdp: DeterministicMDP, start: int, stop: int
) -> Iterator[tuple[str, DeterministicMDP]]:
    cells = moving(mdp)[start:stop]
    o, a = cells[0]
    text = f"action {mdp.actions[a]!r} made to stay at {mdp.observations[o]!r}"
    if len(cells) > 1:
        text = f"{len(cells)} transitions made self-loops, from {mdp.observations[o]!r} on"
    yield text, with_self_loops(mdp, cells)


#: All kinds of single steps but the quotient, those that take away most first.
KINDS = (
    Kind(lambda mdp: mdp.n_obs, _observations_deleted),
    Kind(lambda mdp: mdp.n_actions, _actions_deleted),
    Kind(lambda mdp: len(mdp.label_values) - 1, _neighbours_made_one),
    Kind(lambda mdp: len(_strangers(mdp)), _strangers_made_one, halves=False),
    Kind(lambda mdp: len(moving(mdp)), _moves_stopped),
)


def _named(noun: str, names: Sequence[Hashable]) -> str:
    shown = [repr(name) for name in names[:_MOST_NAMED]]
    more = len(names) - len(shown)
    text = ", ".join(shown) + (f" and {more} more" if more else "")
    return f"{noun}{'s' * (len(names) > 1)} {text}"
