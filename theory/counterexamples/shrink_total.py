"""Smaller deterministic MDPs: what leaves every pair (observation, action) one successor."""

from collections.abc import Hashable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.shrink_data import Move
from tellapart.theory.counterexamples.shrink_instance import Instance, renumbered
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.pairs import PairSeparation

__all__ = ["needed_by_word", "total_moves"]

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
    actions = sorted(set(word)) or [0]
    return _with_table(smaller, _mdp(smaller).successors[:, actions], actions)


def _mdp(instance: Instance) -> DeterministicMDP:
    if not isinstance(instance.system, DeterministicMDP):
        raise TypeError("an instance of a deterministic MDP is needed")
    return instance.system


def _with_table(
    instance: Instance, table: npt.NDArray[np.int32], actions: list[int] | None = None
) -> Instance:
    mdp = _mdp(instance)
    named = mdp.actions if actions is None else [mdp.actions[a] for a in actions]
    coding = renumbered(mdp.label_ids, mdp.label_values)
    return replace(instance, system=DeterministicMDP(table, coding, mdp.observations, named))


def _sub(instance: Instance, kept: list[int]) -> Instance:
    """Keep some observations; a transition out of them becomes a self-loop."""
    mdp = _mdp(instance)
    index = np.full(mdp.n_obs, -1, dtype=np.int32)
    index[kept] = np.arange(len(kept), dtype=np.int32)
    table = index[mdp.successors[kept]]
    here = np.arange(len(kept), dtype=np.int32)[:, None]
    smaller = DeterministicMDP(
        np.where(table < 0, here, table),
        renumbered(mdp.label_ids[kept], mdp.label_values),
        [mdp.observations[o] for o in kept],
        mdp.actions,
    )
    return replace(instance, system=smaller, codes=tuple(instance.codes[o] for o in kept))


def _reached(instance: Instance) -> Instance | None:
    mdp = _mdp(instance)
    seen = {mdp.observation_index(instance.x), mdp.observation_index(instance.y)}
    frontier = sorted(seen)
    while frontier:
        fresh = set(mdp.successors[frontier].reshape(-1).tolist()) - seen
        seen |= fresh
        frontier = sorted(fresh)
    return None if len(seen) == mdp.n_obs else _sub(instance, sorted(seen))


def _merged(instance: Instance) -> Instance | None:
    """Take the quotient by B*; the pair stands for its blocks, which differ."""
    mdp = _mdp(instance)
    partition = bisimulation(mdp).partition
    if partition.n_blocks == mdp.n_obs:
        return None
    chosen = partition.representatives.copy()
    for name in (instance.x, instance.y):
        o = mdp.observation_index(name)
        chosen[partition.ids[o]] = o
    kept = sorted(chosen.tolist())
    # Every successor is replaced by the one that stands for its block, so that none is cut off.
    return _sub(_with_table(instance, chosen[partition.ids[mdp.successors]]), kept)


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
    return _with_table(instance, mdp.successors[:, kept], kept)


def _staying(name: Hashable, action: Hashable, instance: Instance) -> Instance | None:
    mdp = _mdp(instance)
    if name not in mdp.observations or action not in mdp.actions:
        return None
    o, a = mdp.observation_index(name), mdp.action_index(action)
    if mdp.successors[o, a] == o:
        return None
    table = mdp.successors.copy()
    table[o, a] = o
    return _with_table(instance, table)


def _with_one_label(
    i: int, j: int, values: tuple[Hashable, ...], instance: Instance
) -> Instance | None:
    mdp = _mdp(instance)
    if values[i] not in mdp.label_values or values[j] not in mdp.label_values:
        return None
    kept, dropped = mdp.label_values.index(values[i]), mdp.label_values.index(values[j])
    ids = np.where(mdp.label_ids == dropped, np.int32(kept), mdp.label_ids)
    coding = renumbered(ids, mdp.label_values)
    smaller = DeterministicMDP(mdp.successors, coding, mdp.observations, mdp.actions)
    return replace(instance, system=smaller)
