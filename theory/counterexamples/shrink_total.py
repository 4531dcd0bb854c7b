"""Smaller deterministic MDPs: what leaves every pair (observation, action) one successor."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.shrink_data import Move
from tellapart.theory.counterexamples.shrink_instance import Instance, renumbered
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.pairs import PairSeparation

__all__ = [
    "needed_by_word",
    "part_of",
    "quotient_part",
    "reached_from",
    "total_moves",
    "with_actions",
    "with_one_label",
    "with_self_loops",
]

IntArray = npt.NDArray[np.int32]


def total_moves(instance: Instance) -> list[Move]:
    """Return every single step to a smaller MDP.

    Unreachable observations are deleted; bisimilar ones merged (the quotient by B*); one
    observation deleted, and what led to it stays where it is; an action deleted; a transition made
    a self-loop; two label values made one.
    """
    mdp = _mdp(instance)
    names, values = mdp.observations, mdp.label_values
    return [
        Move("observations that the pair does not reach deleted", _reached),
        Move("bisimilar observations merged", _merged),
        *(
            Move(f"observation {name!r} deleted", partial(_without_observation, name))
            for name in reversed(names)
            if name not in (instance.x, instance.y)
        ),
        *(
            Move(f"action {action!r} deleted", partial(_without_action, action))
            for action in reversed(mdp.actions)
        ),
        *(
            Move(f"{action!r} made to stay at {name!r}", partial(_staying, name, action))
            for name in reversed(names)
            for action in reversed(mdp.actions)
        ),
        *(
            Move(f"label {values[j]!r} made {values[i]!r}", partial(_with_one_label, i, j, values))
            for j in reversed(range(len(values)))
            for i in range(j)
        ),
    ]


def needed_by_word(instance: Instance, found: PairSeparation) -> Instance:
    """Keep what the two runs of a distinguishing word visit, and the actions of the word."""
    mdp = _mdp(instance)
    if found.word is None:
        return instance
    word = [mdp.action_index(action) for action in found.word]
    visited = {
        mdp.run(mdp.observation_index(start), word[:length])
        for start in (instance.x, instance.y)
        for length in range(len(word) + 1)
    }
    smaller = _sub(instance, sorted(visited))
    return replace(smaller, system=with_actions(_mdp(smaller), sorted(set(word)) or [0]))


def _mdp(instance: Instance) -> DeterministicMDP:
    if not isinstance(instance.system, DeterministicMDP):
        raise TypeError("an instance of a deterministic MDP is needed")
    return instance.system


def part_of(mdp: DeterministicMDP, kept: list[int]) -> DeterministicMDP:
    """Keep some observations (indices in order, at least one); what led out of them stays.

    Names stay, and so does the order. O(n |A|).

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> part_of(counting_chain(9), [3, 4, 5]).successors.tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    index = np.full(mdp.n_obs, -1, dtype=np.int32)
    index[kept] = np.arange(len(kept), dtype=np.int32)
    table = index[mdp.successors[kept]]
    here = np.arange(len(kept), dtype=np.int32)[:, None]
    return DeterministicMDP(
        np.where(table < 0, here, table),
        renumbered(mdp.label_ids[kept], mdp.label_values),
        [mdp.observations[o] for o in kept],
        mdp.actions,
    )


def with_actions(mdp: DeterministicMDP, kept: list[int]) -> DeterministicMDP:
    """Keep some actions (indices in order, at least one)."""
    named = [mdp.actions[a] for a in kept]
    return _rebuilt(mdp, mdp.successors[:, kept], actions=named)


def with_self_loops(mdp: DeterministicMDP, cells: list[tuple[int, int]]) -> DeterministicMDP:
    """Let some pairs of indices (observation, action) stay where they are."""
    table = mdp.successors.copy()
    for o, a in cells:
        table[o, a] = o
    return _rebuilt(mdp, table)


def with_one_label(mdp: DeterministicMDP, kept: int, dropped: Iterable[int]) -> DeterministicMDP:
    """Show one label (an id) wherever one of some others was shown."""
    ids = np.where(np.isin(mdp.label_ids, list(dropped)), np.int32(kept), mdp.label_ids)
    coding = renumbered(ids, mdp.label_values)
    return DeterministicMDP(mdp.successors, coding, mdp.observations, mdp.actions)


def reached_from(mdp: DeterministicMDP, starts: Iterable[int]) -> list[int]:
    """Return what words lead to from some observations, these included: indices in order."""
    seen = set(starts)
    frontier = sorted(seen)
    while frontier:
        fresh = set(mdp.successors[frontier].reshape(-1).tolist()) - seen
        seen |= fresh
        frontier = sorted(fresh)
    return sorted(seen)


def quotient_part(
    mdp: DeterministicMDP, standing: Iterable[int] = ()
) -> tuple[DeterministicMDP, list[int]] | None:
    """Return the quotient by B* and the observations (indices) that stand for its blocks.

    Parameters
    ----------
    mdp
        The system.
    standing
        Observations that are to stand for their blocks; elsewhere the first member does.

    Returns
    -------
    tuple or None
        None when all blocks have one member.
    """
    partition = bisimulation(mdp).partition
    if partition.n_blocks == mdp.n_obs:
        return None
    chosen = partition.representatives.copy()
    for o in standing:
        chosen[partition.ids[o]] = o
    kept = sorted(chosen.tolist())
    # Every successor is replaced by the one that stands for its block, so that none is cut off.
    return part_of(_rebuilt(mdp, chosen[partition.ids[mdp.successors]]), kept), kept


def _rebuilt(
    mdp: DeterministicMDP, table: IntArray, actions: list[Hashable] | None = None
) -> DeterministicMDP:
    coding = renumbered(mdp.label_ids, mdp.label_values)
    return DeterministicMDP(table, coding, mdp.observations, actions or mdp.actions)


def _sub(instance: Instance, kept: list[int]) -> Instance:
    """Keep some observations; a transition out of them becomes a self-loop."""
    codes = tuple(instance.codes[o] for o in kept)
    return replace(instance, system=part_of(_mdp(instance), kept), codes=codes)


def _pair(instance: Instance) -> list[int]:
    return [_mdp(instance).observation_index(name) for name in (instance.x, instance.y)]


def _reached(instance: Instance) -> Instance | None:
    kept = reached_from(_mdp(instance), _pair(instance))
    return None if len(kept) == _mdp(instance).n_obs else _sub(instance, kept)


def _merged(instance: Instance) -> Instance | None:
    """Take the quotient by B*; the pair stands for its blocks, which differ."""
    found = quotient_part(_mdp(instance), _pair(instance))
    if found is None:
        return None
    smaller, kept = found
    return replace(instance, system=smaller, codes=tuple(instance.codes[o] for o in kept))


def _without_observation(name: Hashable, instance: Instance) -> Instance | None:
    mdp = _mdp(instance)
    if name not in mdp.observations:
        return None
    gone = mdp.observation_index(name)
    return _sub(instance, [o for o in range(mdp.n_obs) if o != gone])


def _without_action(name: Hashable, instance: Instance) -> Instance | None:
    mdp = _mdp(instance)
    if name not in mdp.actions or mdp.n_actions == 1:
        return None
    gone = mdp.action_index(name)
    kept = [a for a in range(mdp.n_actions) if a != gone]
    return replace(instance, system=with_actions(mdp, kept))


def _staying(name: Hashable, action: Hashable, instance: Instance) -> Instance | None:
    mdp = _mdp(instance)
    if name not in mdp.observations or action not in mdp.actions:
        return None
    o, a = mdp.observation_index(name), mdp.action_index(action)
    if mdp.successors[o, a] == o:
        return None
    return replace(instance, system=with_self_loops(mdp, [(o, a)]))


def _with_one_label(
    i: int, j: int, values: tuple[Hashable, ...], instance: Instance
) -> Instance | None:
    mdp = _mdp(instance)
    if values[i] not in mdp.label_values or values[j] not in mdp.label_values:
        return None
    kept, dropped = mdp.label_values.index(values[i]), mdp.label_values.index(values[j])
    return replace(instance, system=with_one_label(mdp, kept, [dropped]))
