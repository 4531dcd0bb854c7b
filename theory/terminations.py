"""Ends of episodes as transitions to absorbing observations."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from tellapart.theory.enumeration import RawTable

__all__ = ["Closed", "close_terminations"]


@dataclass(frozen=True, slots=True)
class Closed:
    """An environment whose terminations are transitions to absorbing observations.

    Attributes
    ----------
    names, actions
        Names of observations and actions.
    successors
        ``successors[o][a]``: index of the successor.
    rewards, done
        For each observation, by action: the reward, and whether the episode ends. In an absorbing
        observation it has ended: zero rewards, and True for all actions.
    """

    names: list[Hashable]
    actions: list[Hashable]
    successors: list[list[int]]
    rewards: list[tuple[Any, ...]]
    done: list[tuple[bool, ...]]


def close_terminations(raw: RawTable) -> Closed:
    """Turn terminated transitions into transitions to absorbing observations.

    That is the observation itself when it is no start and everything that enters it from elsewhere
    terminates, and otherwise an absorbing copy named ``"<name> (end)"``. O(n_obs n_actions).
    """
    absorbing, copied = _terminal_kinds(raw)
    names = list(raw.names)
    taken = set(names)
    copy_of: dict[int, int] = {}
    for original in copied:
        name = f"{raw.names[original]} (end)"
        while name in taken:
            name += "'"
        taken.add(name)
        copy_of[original] = len(names)
        names.append(name)
    closed = Closed(names, raw.actions, [], [], [])
    for here in range(len(names)):
        row = raw.rows[here] if here < len(raw.rows) and here not in absorbing else None
        if row is None:
            closed.successors.append([here] * len(raw.actions))
            closed.rewards.append((0,) * len(raw.actions))
            closed.done.append((True,) * len(raw.actions))
            continue
        closed.successors.append([copy_of.get(x.successor, x.successor) if x.terminated
                                  else x.successor for x in row])  # fmt: skip
        closed.rewards.append(tuple(outcome.reward for outcome in row))
        closed.done.append(tuple(outcome.terminated for outcome in row))
    return closed


def _terminal_kinds(raw: RawTable) -> tuple[set[int], list[int]]:
    """Return the observations that become absorbing, and those that need an absorbing copy.

    A self-loop does not enter an observation from elsewhere, so what the table says about leaving
    a terminal observation plays no part; one that nothing else enters is terminal only if all it
    does is terminate in place.
    """
    dead: set[int] = set()  # entered by a terminating transition from elsewhere
    alive = set(raw.starts)  # entered without terminating
    looping: set[int] = set()  # a self-loop that terminates
    for here, row in enumerate(raw.rows):
        for outcome in row or ():
            if outcome.successor != here:
                (dead if outcome.terminated else alive).add(outcome.successor)
            elif outcome.terminated:
                looping.add(here)
    for here in looping - dead - alive:
        steps = raw.rows[here] or []
        if all(x.successor == here and x.terminated for x in steps):
            dead.add(here)
        else:
            alive.add(here)
    return dead - alive, sorted((dead | looping) & alive)
