"""Exact enumeration of a resettable environment by breadth-first search.

Two ways to return to a state: a ``get_state()`` / ``set_state(state)`` pair, or ``copy.deepcopy``.
"""

import copy
import math
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from tellapart.theory.errors import (
    BudgetExceededError,
    InvalidArgumentError,
    InvalidLabelError,
    StochasticEnvironmentError,
)

__all__ = ["Outcome", "RawTable", "enumerate_environment", "exact_key", "finite_reward"]

#: Arrays up to this many entries become readable (nested) tuples; larger ones their bytes.
SMALL_ARRAY = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step did: index of the successor, reward, and whether the episode terminated."""

    successor: int
    reward: Any
    terminated: bool


@dataclass(slots=True)
class RawTable:
    """Transitions of an environment before terminations are turned into absorbing observations.

    Attributes
    ----------
    names
        Names of the observations found, in order.
    actions
        Names of the actions.
    rows
        ``rows[o]`` is one :class:`Outcome` for each action, or None when the observation was only
        ever entered by terminating (there is nothing to step from).
    starts
        Indices at which an episode can start.
    """

    names: list[Hashable]
    actions: list[Hashable]
    rows: list[list[Outcome] | None] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)


def exact_key(value: Any) -> Hashable:
    """Turn a state or observation into an exact, hashable and, when small, readable name.

    Arrays of at most 16 entries become nested tuples (one entry: a number), larger ones
    ``(dtype, shape, bytes)``; lists become tuples and dictionaries tuples of items.
    """
    if isinstance(value, np.generic):
        return exact_key(value.item())
    if isinstance(value, np.ndarray):
        if value.dtype != object and value.size > SMALL_ARRAY:
            return (value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())
        return exact_key(value.item() if value.size == 1 else value.tolist())
    if isinstance(value, dict):
        return tuple((exact_key(key), exact_key(part)) for key, part in value.items())
    if isinstance(value, list | tuple):
        return tuple(exact_key(part) for part in value)
    try:
        hash(value)
    except TypeError:
        raise InvalidArgumentError(
            f"A state of type {type(value).__name__} cannot name an observation: it is not "
            "hashable. Return a number, string, tuple, dictionary or array from get_state()."
        ) from None
    return value  # type: ignore[no-any-return]


def finite_reward(name: Hashable, action: Hashable, reward: Any) -> Any:
    """Return a reward as a plain number; NaN and infinities, which no label may be, are refused."""
    value = exact_key(reward)
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidLabelError(
            f"Observation {name!r}, action {action!r} has the reward {value!r}; rewards that "
            "serve as labels must be finite."
        )
    return value


class _Access(Protocol):
    """How to go back to a state that was seen before."""

    def start(self, seed: int) -> tuple[Hashable, Any]: ...

    def step(self, saved: Any, action: Any, second: bool) -> tuple[Hashable, Any, Any, bool]: ...


class _BySetState:
    """Go back with ``set_state``; the state itself is the observation's name."""

    def __init__(self, env: Any) -> None:
        self.env = env

    def start(self, seed: int) -> tuple[Hashable, Any]:
        self.env.reset(seed=seed)
        return self._save()

    def step(self, saved: Any, action: Any, second: bool) -> tuple[Hashable, Any, Any, bool]:
        # Both sides are copied: environments hand out, and keep, their own mutable state.
        self.env.set_state(copy.deepcopy(saved))
        _, reward, terminated, _, _ = self.env.step(action)
        return (*self._save(), reward, bool(terminated))

    def _save(self) -> tuple[Hashable, Any]:
        state = copy.deepcopy(self.env.get_state())
        return exact_key(state), state


class _ByDeepcopy:
    """Go back by copying the whole environment; the returned observation is the name."""

    def __init__(self, env: Any) -> None:
        self.env = env

    def start(self, seed: int) -> tuple[Hashable, Any]:
        fresh = self._copy(self.env)
        observation, _ = fresh.reset(seed=seed)
        return exact_key(observation), fresh

    def step(self, saved: Any, action: Any, second: bool) -> tuple[Hashable, Any, Any, bool]:
        env = self._copy(saved)
        if second and getattr(env, "_np_random", None) is not None:
            # The copy carries the random generator along; another one shows whether it matters.
            env.np_random = np.random.default_rng(env.np_random.integers(2**32))
        observation, reward, terminated, _, _ = env.step(action)
        return exact_key(observation), env, reward, bool(terminated)

    def _copy(self, env: Any) -> Any:
        try:
            return copy.deepcopy(env)
        except Exception as error:  # any type: this is the user's code
            raise InvalidArgumentError(
                f"{type(env).__name__} has no get_state()/set_state(state) pair and cannot be "
                f"copied ({type(error).__name__}: {error}), so its states cannot be enumerated. "
                "Give it the pair."
            ) from error


def enumerate_environment(
    env: Any,
    actions: Iterable[Any],
    *,
    seeds: Iterable[int] = (0,),
    max_observations: int = 100_000,
    check: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> RawTable:
    """Find every observation that can be reached, and step every pair from it.

    Parameters
    ----------
    env
        An unwrapped Gymnasium environment (no time limit around it). With ``get_state()`` and
        ``set_state(state)`` the states are the observations; otherwise the environment is copied
        at every observation, and what ``step`` returns is the observation.
    actions
        All actions, as ``env.step`` takes them.
    seeds
        One start of an episode for each: ``env.reset(seed=seed)``.
    max_observations
        Bound on the observations.
    check
        Step every pair a second time (for copies: with another random generator, and from another
        arrival at the same observation where there was one) and compare.
    progress
        Called after every expansion with the numbers of observations found and expanded.

    Returns
    -------
    RawTable

    Raises
    ------
    BudgetExceededError
        When more than ``max_observations`` are found.
    StochasticEnvironmentError
        When the two runs of a pair differ.
    InvalidArgumentError
        When states can be neither set nor copied, or a state cannot be hashed.

    Notes
    -----
    ``n_obs * n_actions`` steps, twice that with ``check``; one saved state for each observation.
    """
    by_state = callable(getattr(env, "get_state", None)) and callable(
        getattr(env, "set_state", None)
    )
    access: _Access = _BySetState(env) if by_state else _ByDeepcopy(env)
    search = _Search(access, list(actions), max_observations, progress)
    for seed in seeds:
        key, saved = access.start(seed)
        search.table.starts.add(search.enter(key, saved, alive=True))
    search.run()
    if check:
        search.check()
    return search.table


class _Search:
    """State of one breadth-first search."""

    def __init__(
        self,
        access: _Access,
        actions: list[Any],
        max_observations: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.access = access
        self.table = RawTable(names=[], actions=[exact_key(action) for action in actions])
        self.actions = actions
        self.bound = max_observations
        self.progress = progress
        self.index: dict[Hashable, int] = {}
        self.saved: dict[int, Any] = {}
        self.other: dict[int, Any] = {}  # a second arrival, to expose hidden state
        self.queue: deque[int] = deque()

    def enter(self, key: Hashable, saved: Any, *, alive: bool) -> int:
        """Return the index of an observation, known or new; queue it if it can be stepped from."""
        here = self.index.get(key)
        if here is None:
            here = len(self.table.names)
            if here >= self.bound:
                raise BudgetExceededError(
                    f"More than max_observations={self.bound} observations found by enumeration "
                    f"({here - len(self.queue)} expanded, {len(self.queue)} waiting). Pass a "
                    "larger max_observations=, or a smaller or discrete environment."
                )
            self.index[key] = here
            self.table.names.append(key)
            self.table.rows.append(None)
        if alive and here not in self.saved:
            self.saved[here] = saved
            self.queue.append(here)
        elif alive:
            self.other.setdefault(here, saved)
        return here

    def run(self) -> None:
        """Expand until nothing waits."""
        expanded = 0
        while self.queue:
            here = self.queue.popleft()
            row = []
            for action in self.actions:
                key, saved, reward, terminated = self.access.step(self.saved[here], action, False)
                reward = finite_reward(self.table.names[here], action, reward)
                successor = self.enter(key, saved, alive=not terminated)
                row.append(Outcome(successor, reward, terminated))
            self.table.rows[here] = row
            expanded += 1
            if self.progress is not None:
                self.progress(len(self.table.names), expanded)

    def check(self) -> None:
        """Step every pair once more and compare successor, reward and termination."""
        for here, first in self.saved.items():
            start = self.other.get(here, first)
            row = self.table.rows[here] or []
            for action, outcome in zip(self.actions, row, strict=True):
                key, _, reward, terminated = self.access.step(start, action, True)
                reward = exact_key(reward)
                successor = self.table.names[outcome.successor]
                if (key, reward, terminated) != (successor, outcome.reward, outcome.terminated):
                    raise StochasticEnvironmentError(
                        f"Observation {self.table.names[here]!r}, action {action!r} has two "
                        f"outcomes: {_outcome(successor, outcome.reward, outcome.terminated)}, "
                        f"and {_outcome(key, reward, terminated)}. A deterministic MDP needs one. "
                        "Turn randomness off in the environment, or, if two hidden states show "
                        "this observation, return the whole state from get_state()."
                    )


def _outcome(name: Hashable, reward: Any, terminated: bool) -> str:
    return f"to {name!r} with reward {reward!r}{' (terminated)' if terminated else ''}"
