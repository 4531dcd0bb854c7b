"""Gymnasium environments in: from their transition table, or by exact enumeration."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tellapart.theory.enumeration import (
    Outcome,
    RawTable,
    enumerate_environment,
    exact_key,
    finite_reward,
)
from tellapart.theory.errors import (
    BudgetExceededError,
    InvalidArgumentError,
    InvalidMDPError,
    MissingTransitionError,
    StochasticEnvironmentError,
    TellapartError,
)
from tellapart.theory.terminations import Closed, close_terminations

if TYPE_CHECKING:
    from tellapart.theory.mdp import DeterministicMDP

__all__ = ["LABELINGS", "from_gymnasium", "gymnasium_labelings"]

#: Labels that every environment has, by name.
LABELINGS = ("reward", "done", "observation")

MDP = TypeVar("MDP", bound="DeterministicMDP")
Label = str | Callable[[Hashable, tuple[Any, ...]], Hashable]


def from_gymnasium(
    cls: "type[MDP]",
    env: Any,
    label: Label = "reward",
    *,
    max_observations: int = 100_000,
    seeds: Iterable[int] = (0,),
    check: bool = True,
    progress: Callable[[int, int], None] | None = None,
    label_tolerance: float | None = None,
    **make_kwargs: Any,
) -> "MDP":
    """Build a deterministic MDP (the total case of D3) from a Gymnasium environment.

    Environments with a table ``env.unwrapped.P`` (FrozenLake, CliffWalking, Taxi) are read from
    it, all states included. Others are enumerated by breadth-first search from their starts: see
    :func:`tellapart.theory.enumeration.enumerate_environment` for how, and for what names the
    observations.

    Parameters
    ----------
    cls
        The class to build.
    env
        An environment or the id of one. The unwrapped environment is used, so time limits and
        ``truncated`` flags play no part. An environment without table is reset and stepped.
    label
        ``"reward"``: the rewards of all actions at that observation as a tuple, or one number
        when there is one action. ``"done"``: in the same way, whether each action ends the
        episode; True for all of them where it has ended. ``"observation"``: the observation's
        name. Or a function ``label(name, rewards)`` of the name and the tuple of rewards.
    max_observations
        Bound on the observations.
    seeds, check, progress
        For enumeration only: starts of episodes, second run of each pair, and a function called
        with the numbers of observations found and expanded.
    label_tolerance
        As in :class:`~tellapart.theory.mdp.DeterministicMDP`.
    **make_kwargs
        Passed to ``gymnasium.make`` when ``env`` is an id, such as ``is_slippery=False``.

    Returns
    -------
    An MDP of type ``cls``. A terminated transition leads to an absorbing observation with zero
    rewards: the observation itself when it is no start and everything that enters it from
    elsewhere terminates; otherwise an absorbing copy named ``"<name> (end)"``.

    Raises
    ------
    StochasticEnvironmentError
        When an (observation, action) has several outcomes, naming the pair.
    BudgetExceededError
        When there are more than ``max_observations``.
    InvalidArgumentError
        For an unknown id, an action space that is not ``Discrete``, or an unknown ``label``.
    MissingTransitionError
        When the table has no outcome for a pair.
    InvalidLabelError
        When a reward is NaN or infinite.

    Notes
    -----
    O(n_obs n_actions), plus the steps of the environment when it has no table.
    """
    _check_label(label)
    found = _read(env, max_observations, seeds, check, progress, make_kwargs)
    return cls(
        found.successors, _labels(found, label), found.names, found.actions,
        label_tolerance=label_tolerance,
    )  # fmt: skip


def gymnasium_labelings(
    env: Any,
    names: Iterable[str] = LABELINGS,
    *,
    max_observations: int = 100_000,
    seeds: Iterable[int] = (0,),
    check: bool = True,
    progress: Callable[[int, int], None] | None = None,
    **make_kwargs: Any,
) -> dict[str, tuple[Hashable, ...]]:
    """Return several labelings (S9) of one environment, read once.

    Parameters
    ----------
    env, max_observations, seeds, check, progress, **make_kwargs
        As in :func:`from_gymnasium`.
    names
        Some of :data:`LABELINGS`.

    Returns
    -------
    By name, one label for each observation, in the order of :func:`from_gymnasium`.

    Raises
    ------
    As :func:`from_gymnasium`.

    Examples
    --------
    >>> found = gymnasium_labelings("FrozenLake-v1", ["done"], is_slippery=False)
    >>> found["done"][14], found["done"][15]
    ((False, False, True, False), (True, True, True, True))
    """
    chosen = list(names)
    for name in chosen:
        _check_label(name)
    found = _read(env, max_observations, seeds, check, progress, make_kwargs)
    return {name: tuple(_labels(found, name)) for name in chosen}


def _check_label(label: Any) -> None:
    if label not in LABELINGS and not callable(label):
        raise InvalidArgumentError(
            f"label is {label!r}; it must be 'reward', 'done', 'observation' or a function "
            "label(name, rewards)."
        )


def _read(
    env: Any,
    max_observations: int,
    seeds: Iterable[int],
    check: bool,
    progress: Callable[[int, int], None] | None,
    make_kwargs: dict[str, Any],
) -> Closed:
    if max_observations < 1:
        raise InvalidArgumentError(f"max_observations is {max_observations!r}; it must be >= 1.")
    made = isinstance(env, str)
    base = _unwrapped(env, make_kwargs)
    try:
        table = getattr(base, "P", None)
        if isinstance(table, Mapping | list | tuple) and len(table):
            raw = _read_table(base, table, max_observations)
        else:
            raw = enumerate_environment(
                base, _actions(base), seeds=seeds, max_observations=max_observations,
                check=check, progress=progress,
            )  # fmt: skip
    finally:
        if made:
            base.close()
    return close_terminations(raw)


def _unwrapped(env: Any, make_kwargs: dict[str, Any]) -> Any:
    if not isinstance(env, str):
        if make_kwargs:
            raise InvalidArgumentError(
                f"The options {sorted(make_kwargs)} are for gymnasium.make, but env is an "
                "environment already; pass its id, or make it with these options."
            )
        if not (hasattr(env, "unwrapped") and hasattr(env, "step")):
            raise InvalidArgumentError(
                f"env must be a Gymnasium environment or its id, got {type(env).__name__}."
            )
        return env.unwrapped
    import gymnasium

    try:
        return gymnasium.make(env, **make_kwargs).unwrapped
    except TellapartError:
        raise
    except Exception as error:  # the constructor is the environment's own code
        options = f" with options {make_kwargs}" if make_kwargs else ""
        raise InvalidArgumentError(
            f"gymnasium.make could not make {env!r}{options}: {type(error).__name__}: {error}"
        ) from error


def _actions(env: Any) -> list[Any]:
    from gymnasium.spaces import Discrete

    space = getattr(env, "action_space", None)
    if not isinstance(space, Discrete):
        raise InvalidArgumentError(
            f"{type(env).__name__} has the action space {space}; a finite MDP needs "
            "gymnasium.spaces.Discrete. Number the actions with a wrapper whose unwrapped "
            "environment is itself, or write a small environment with Discrete actions."
        )
    return [int(space.start) + index for index in range(int(space.n))]


def _items(table: Any) -> list[tuple[Any, Any]]:
    """Return the (key, value) pairs of a mapping, or (index, value) of a sequence."""
    return list(table.items() if isinstance(table, Mapping) else enumerate(table))


def _read_table(env: Any, table: Any, bound: int) -> RawTable:
    """Read ``P[state][action] = [(probability, successor, reward, terminated), ...]``."""
    states = _items(table)
    if len(states) > bound:
        raise BudgetExceededError(
            f"The table of {type(env).__name__} has {len(states)} observations, more than "
            f"max_observations={bound}. Pass a larger max_observations=."
        )
    keys = [exact_key(state) for state, _ in states]
    index = {key: position for position, key in enumerate(keys)}
    actions = list(dict.fromkeys(exact_key(a) for _, row in states for a, _ in _items(row)))
    if not actions:
        raise InvalidMDPError(f"The table of {type(env).__name__} has no actions.")
    raw = RawTable(names=keys, actions=actions)
    for key, (_, row) in zip(keys, states, strict=True):
        outcomes = {exact_key(action): entries for action, entries in _items(row)}
        raw.rows.append([_single(key, a, outcomes.get(a, ()), index) for a in actions])
    start = getattr(env, "initial_state_distrib", None)
    if start is not None and len(start) == len(keys):
        raw.starts = {position for position, weight in enumerate(start) if weight > 0}
    return raw


def _single(
    name: Hashable, action: Hashable, entries: Iterable[Any], index: dict[Hashable, int]
) -> Outcome:
    """Return the one outcome of a pair; entries that agree are merged."""
    found: list[tuple[Hashable, Any, bool]] = []
    for probability, successor, reward, terminated in entries:
        reward = finite_reward(name, action, reward)
        outcome = (exact_key(successor), reward, bool(terminated))
        if probability > 0 and outcome not in found:
            found.append(outcome)
    if len(found) > 1:
        (one, first, _), (two, second, _) = found[:2]
        raise StochasticEnvironmentError(
            f"Observation {name!r}, action {action!r} has {len(found)} outcomes with positive "
            f"probability, such as to {one!r} with reward {first} and to {two!r} with reward "
            f"{second}. A deterministic MDP needs exactly one; turn randomness off when the "
            "environment is made (for FrozenLake and CliffWalking: is_slippery=False)."
        )
    if not found or found[0][0] not in index:
        what = f"the unknown successor {found[0][0]!r}" if found else "no outcome"
        raise MissingTransitionError(
            f"Observation {name!r} has {what} for action {action!r} in the table P of the "
            "environment. A deterministic MDP needs exactly one successor, itself an observation "
            "of the table, for every pair."
        )
    successor, reward, terminated = found[0]
    return Outcome(index[successor], reward, terminated)


def _labels(found: Closed, label: Label) -> list[Hashable]:
    if callable(label):
        return [label(name, row) for name, row in zip(found.names, found.rewards, strict=True)]
    if label == "observation":
        return list(found.names)
    rows: Sequence[tuple[Any, ...]] = found.rewards if label == "reward" else found.done
    return [row[0] if len(row) == 1 else row for row in rows]
