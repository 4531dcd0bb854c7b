"""Smaller transition data: what can be deleted, and the rows that one proof needs."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from tellapart.theory.counterexamples.shrink_instance import Instance, renumbered
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.pairs import PairSeparation

__all__ = ["Move", "data_moves", "needed_by_proof"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Move:
    """A way to make an instance smaller.

    Attributes
    ----------
    text
        What it does, as "observation 3 deleted".
    apply
        Returns the smaller instance; None where there is nothing to do.
    """

    text: str
    apply: Callable[[Instance], Instance | None]


def data_moves(instance: Instance) -> list[Move]:
    """Return every single deletion, those far from the pair first.

    Deleted are: observations with their rows and labels, actions with their rows, rows, labels of
    observations, and the difference between two label values. Data keep one row at least.
    """
    data = _data(instance)
    order = _farthest_first(data, instance)
    values, names = data.label_values, data.observations
    rows = sorted(data.triples.tolist(), key=lambda row: -min(order[row[0]], order[row[2]]))
    return [
        *(
            Move(f"observation {names[o]!r} deleted", partial(_without_observation, names[o]))
            for o in sorted(range(data.n_obs), key=lambda o: (-order[o], -o))
            if names[o] not in (instance.x, instance.y)
        ),
        *(
            Move(f"action {action!r} deleted", partial(_without_action, action))
            for action in reversed(data.actions)
        ),
        *(
            Move(
                f"row ({names[s]!r}, {data.actions[a]!r}) -> {names[t]!r} deleted",
                partial(_without_row, (names[s], data.actions[a], names[t])),
            )
            for s, a, t in rows
        ),
        *(
            Move(f"label of {names[o]!r} deleted", partial(_without_label, names[o]))
            for o in reversed(np.flatnonzero(data.label_ids >= 0).tolist())
        ),
        *(
            Move(f"label {values[j]!r} made {values[i]!r}", partial(_with_one_label, i, j, values))
            for j in reversed(range(len(values)))
            for i in range(j)
        ),
    ]


def needed_by_proof(instance: Instance, found: PairSeparation) -> Instance:
    """Keep the rows, observations and labels that a proof names; it proves the same of them."""
    data = _data(instance)
    rows = {(s.x, s.action, s.x_next) for s in found.steps}
    rows |= {(s.y, s.action, s.y_next) for s in found.steps}
    ends = () if found.clash is None else (found.clash.x, found.clash.y)
    names = {instance.x, instance.y, *ends}.union(*((s, t) for s, _, t in rows))
    kept = np.array([row in rows for row in _named(data)])
    if not rows:  # the labels of the pair differ, but data keep one row
        kept[_nearest_row(data, instance)] = True
        names |= {data.observations[o] for o in data.triples[kept].reshape(-1, 3)[0, [0, 2]]}
    keep = np.array([name in names for name in data.observations])
    labelled = np.array([name in ends for name in data.observations])
    used = set(data.action_ids[kept].tolist())
    actions = np.array([a in used for a in range(data.n_actions)])
    smaller = _sub(instance, keep, actions, kept, np.where(labelled, data.label_ids, -1))
    return instance if smaller is None else smaller


def _nearest_row(data: TransitionData, instance: Instance) -> int:
    pair = [data.observation_index(name) for name in (instance.x, instance.y)]
    outside = 2 - np.isin(data.sources, pair).astype(int) - np.isin(data.targets, pair)
    return int(np.argmin(outside))


def _named(data: TransitionData) -> list[tuple[Hashable, Hashable, Hashable]]:
    names = data.observations
    return [(names[s], data.actions[a], names[t]) for s, a, t in data.triples.tolist()]


def _data(instance: Instance) -> TransitionData:
    if not isinstance(instance.system, TransitionData):
        raise TypeError("an instance of transition data is needed")
    return instance.system


def _farthest_first(data: TransitionData, instance: Instance) -> list[int]:
    """Return how many rows each observation is from the pair, forwards or backwards."""
    far = data.n_obs
    steps = np.full(data.n_obs, far, dtype=np.int64)
    steps[[data.observation_index(instance.x), data.observation_index(instance.y)]] = 0
    while True:
        nearer = steps.copy()
        np.minimum.at(nearer, data.targets, steps[data.sources] + 1)
        np.minimum.at(nearer, data.sources, steps[data.targets] + 1)
        if np.array_equal(nearer, steps):
            found: list[int] = steps.tolist()
            return found
        steps = nearer


def _sub(
    instance: Instance,
    keep: BoolArray,
    keep_actions: BoolArray,
    keep_rows: BoolArray,
    label_ids: npt.NDArray[np.int32],
) -> Instance | None:
    """Return the part of the data that is kept, None without a row; row numbers stay."""
    data = _data(instance)
    kept = keep_rows & keep[data.sources] & keep[data.targets] & keep_actions[data.action_ids]
    if not kept.any():
        return None
    index, action_index = np.cumsum(keep) - 1, np.cumsum(keep_actions) - 1
    columns = (
        index[data.sources[kept]],
        action_index[data.action_ids[kept]],
        index[data.targets[kept]],
    )
    smaller = TransitionData(
        np.stack(columns, axis=1),
        renumbered(label_ids[keep], data.label_values),
        [data.observations[o] for o in np.flatnonzero(keep).tolist()],
        [data.actions[a] for a in np.flatnonzero(keep_actions).tolist()],
        rows=data.first_rows[kept],
        label_rows=np.where(label_ids[keep] >= 0, data.label_rows[keep], -1),
        n_rows=data.n_rows,
        row_names=data.row_names,
    )
    codes = tuple(instance.codes[o] for o in np.flatnonzero(keep).tolist())
    return replace(instance, system=smaller, codes=codes)


def _all(data: TransitionData) -> tuple[BoolArray, BoolArray, BoolArray]:
    sizes = data.n_obs, data.n_actions, data.n_transitions
    masks = [np.ones(size, dtype=bool) for size in sizes]
    return masks[0], masks[1], masks[2]


def _without_observation(name: Hashable, instance: Instance) -> Instance | None:
    data = _data(instance)
    keep, actions, rows = _all(data)
    if name not in data.observations:
        return None
    keep[data.observation_index(name)] = False
    return _sub(instance, keep, actions, rows, data.label_ids)


def _without_action(name: Hashable, instance: Instance) -> Instance | None:
    data = _data(instance)
    keep, actions, rows = _all(data)
    if name not in data.actions:
        return None
    actions[data.action_index(name)] = False
    return _sub(instance, keep, actions, rows, data.label_ids)


def _without_row(row: tuple[Hashable, Hashable, Hashable], instance: Instance) -> Instance | None:
    data = _data(instance)
    keep, actions, _ = _all(data)
    rows = np.array([other != row for other in _named(data)])
    return None if rows.all() else _sub(instance, keep, actions, rows, data.label_ids)


def _without_label(name: Hashable, instance: Instance) -> Instance | None:
    data = _data(instance)
    if name not in data.observations or data.label_ids[data.observation_index(name)] < 0:
        return None
    ids = data.label_ids.copy()
    ids[data.observation_index(name)] = -1
    return _sub(instance, *_all(data), ids)


def _with_one_label(
    i: int, j: int, values: tuple[Hashable, ...], instance: Instance
) -> Instance | None:
    data = _data(instance)
    if values[i] not in data.label_values or values[j] not in data.label_values:
        return None
    kept, dropped = data.label_values.index(values[i]), data.label_values.index(values[j])
    ids = np.where(data.label_ids == dropped, np.int32(kept), data.label_ids)
    return _sub(instance, *_all(data), ids)
