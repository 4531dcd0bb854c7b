"""Episodes to transition data: all observations are coded once, then paired up by steps."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.arrays import Options, assemble, restrict
from tellapart.theory.data.coding import code_columns
from tellapart.theory.data.columns import Column
from tellapart.theory.data.known_labels import Evidence
from tellapart.theory.data.loaders import IfPresent
from tellapart.theory.data.rows import RowNames
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError, InvalidMDPError

if TYPE_CHECKING:
    from tellapart.theory.data.transitions import TransitionData

__all__ = ["Keys", "from_episodes"]

Data = TypeVar("Data", bound="TransitionData")
LongArray = npt.NDArray[np.int64]

_DEFAULT_LABEL = "labels"


@dataclass(frozen=True)
class Keys:
    """Where an episode keeps what, as the user said."""

    observations: str
    actions: str
    label: str | IfPresent | None
    observation: Any


@dataclass(frozen=True)
class _Layout:
    """Steps of all episodes counted through; positions likewise, of all their observations."""

    lengths: LongArray

    @property
    def step_starts(self) -> LongArray:
        return np.cumsum(self.lengths) - self.lengths

    @property
    def starts(self) -> LongArray:
        return self.step_starts + np.arange(len(self.lengths))

    @property
    def n_positions(self) -> int:
        return int(self.lengths.sum()) + len(self.lengths)

    def rows(self) -> RowNames:
        return RowNames("step", tuple(self.step_starts.tolist()))

    def text(self, position: int) -> str:
        """Name the step at a position; the last observation of an episode is a successor."""
        episode = int(np.searchsorted(self.starts, position, side="right")) - 1
        step = position - int(self.starts[episode])
        if step < self.lengths[episode]:
            return f"step {step} of episode {episode}"
        return f"the end (after step {step - 1}) of episode {episode}"


def from_episodes(cls: type[Data], episodes: Iterable[Any], keys: Keys, options: Options) -> Data:
    """Load episodes; see :meth:`~tellapart.theory.data.loaders.Loaders.from_episodes`."""
    if isinstance(episodes, str | bytes | Mapping) or not isinstance(episodes, Iterable):
        raise InvalidArgumentError(
            f"episodes is of type {type(episodes).__name__}; give a list of episodes, each a "
            "dictionary or an object with observations and actions."
        )
    listed = list(episodes)
    if not listed:
        raise InvalidMDPError("There are no episodes; a data set needs at least one transition.")
    seen, done = [], []
    for number, episode in enumerate(listed):
        observed = _entry(episode, keys.observations, number)
        acted = _entry(episode, keys.actions, number)
        seen.append(_chosen(observed, keys.observation, number))
        done.append(acted)
        _check_lengths(number, _count(observed), _count(acted), keys)
    layout = _Layout(np.array([_count(acted) for acted in done], dtype=np.int64))
    return _paired(cls, layout, seen, done, _labels(listed, keys, layout), keys, options)


def _paired(
    cls: type[Data],
    layout: _Layout,
    seen: list[Any],
    done: list[Any],
    labels: tuple[Any, LongArray, str] | None,
    keys: Keys,
    options: Options,
) -> Data:
    """Code observations and actions, and pair each observation with the one after it."""
    rows = layout.rows()
    observed = Column(_joined(seen, keys.observations), "observation", keys.observations,
                      layout.text)  # fmt: skip
    acted = Column(_joined(done, keys.actions), "action", keys.actions, rows.text)
    observations = restrict(code_columns([observed]), options.observation_names, [observed])
    actions = restrict(code_columns([acted]), options.action_names, [acted])
    ids = observations.ids[0]
    is_last = np.zeros(len(ids), dtype=bool)
    is_last[layout.starts + layout.lengths] = True
    is_first = np.zeros(len(ids), dtype=bool)
    is_first[layout.starts] = True
    triples = np.stack([ids[~is_last], actions.ids[0], ids[~is_first]], axis=1)
    evidence = [] if labels is None else [Evidence(ids, *labels)]
    return assemble(cls, triples, (observations, actions), evidence, rows, options)


def _entry(episode: Any, key: str, number: int) -> Any:
    found = _optional(episode, key)
    if found is None:
        has = sorted(map(str, episode)) if isinstance(episode, Mapping) else sorted(
            name for name in dir(episode) if not name.startswith("_")
        )  # fmt: skip
        raise InvalidMDPError(
            f"Episode {number} has no {key!r}; it has {', '.join(has) or 'nothing'}. Name another "
            "key with observations= or actions=."
        )
    return found


def _optional(episode: Any, key: str) -> Any:
    return episode.get(key) if isinstance(episode, Mapping) else getattr(episode, key, None)


def _count(data: Any) -> int:
    """Return how many entries there are: of a dictionary of columns, those of the first one."""
    if isinstance(data, Mapping) and data:
        return _count(next(iter(data.values())))
    if getattr(data, "shape", None) == () or not hasattr(data, "__len__"):
        return -1
    return len(data)


def _check_lengths(number: int, n_seen: int, n_done: int, keys: Keys) -> None:
    if n_seen < 0 or n_done < 0:
        key = keys.observations if n_seen < 0 else keys.actions
        raise InvalidMDPError(
            f"Episode {number} has {key!r} that are not a list or an array; give one entry for "
            "each step."
        )
    if n_done == 0:
        raise InvalidMDPError(f"Episode {number} has no actions, so no transition; leave it out.")
    if n_seen != n_done + 1:
        raise InvalidMDPError(
            f"Episode {number} has {n_seen} observations and {n_done} actions. T actions need "
            "T + 1 observations: the one before each action and the one after the last."
        )


def _chosen(observed: Any, choice: Hashable, number: int) -> Any:
    """Apply ``observation=``: a key, a function of one observation, or None for all of it."""
    if choice is None:
        return observed
    if callable(choice):
        if isinstance(observed, Mapping):
            columns = dict(observed)
            return [
                choice({key: column[t] for key, column in columns.items()})
                for t in range(_count(observed))
            ]
        return [choice(entry) for entry in observed]
    try:
        if isinstance(observed, Mapping):
            return observed[choice]
        return [entry[choice] for entry in observed]
    except (KeyError, TypeError, IndexError):
        raise InvalidArgumentError(
            f"The observations of episode {number} have no part {choice!r} (observation=). Give a "
            "key of dictionary observations, or a function of one observation."
        ) from None


def _labels(
    episodes: Sequence[Any], keys: Keys, layout: _Layout
) -> tuple[Any, LongArray, str] | None:
    """Return a label entry for each position, the row key of each, and their place."""
    if keys.label is None:
        return None
    wanted = _DEFAULT_LABEL if isinstance(keys.label, IfPresent) else keys.label
    found = [_optional(episode, wanted) for episode in episodes]
    if all(labels is None for labels in found) and isinstance(keys.label, IfPresent):
        return None
    pieces: list[Any] = []
    row_keys = []
    for number, (labels, steps) in enumerate(zip(found, layout.lengths.tolist(), strict=True)):
        if labels is None and not isinstance(keys.label, IfPresent):
            raise InvalidLabelError(
                f"Episode {number} has no {wanted!r} (label=); give it, or label=None for none."
            )
        count = 0 if labels is None else _label_count(number, wanted, labels, steps)
        if count == steps + 1:
            position_keys = 2 * np.arange(steps + 1)
            position_keys[-1] -= 1  # the last one is the successor of the last step
        else:
            position_keys = np.append([0], 2 * np.arange(steps) + 1)
        pieces.append(_padded(labels, steps + 1 - count))
        row_keys.append(position_keys + 2 * layout.step_starts[number])
    return _joined(pieces, wanted), np.concatenate(row_keys), wanted


def _label_count(number: int, wanted: str, labels: Any, steps: int) -> int:
    count = -1 if isinstance(labels, Mapping | str | bytes) else _count(labels)
    if count in (steps, steps + 1):
        return count
    held = f"{count} entries" if count >= 0 else f"a {type(labels).__name__}"
    raise InvalidLabelError(
        f"Episode {number} has {held} in {wanted!r} for {steps} actions. Give T + 1 labels, one "
        "for each observation, or T, one for the successor of each step."
    )


def _padded(labels: Any, missing: int) -> Any:
    """Put entries that are not known before the labels."""
    if labels is None:
        return [None] * missing
    if not missing:
        return labels
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "biuf":
        values = np.concatenate([labels[:missing], labels])
        mask = np.zeros(values.shape, dtype=bool)
        mask[:missing] = True
        return np.ma.MaskedArray(values, mask)
    return [None] * missing + list(labels)


def _joined(pieces: Sequence[Any], where: str) -> Any:
    """Put the columns of all episodes one after the other."""
    first = pieces[0]
    if any(isinstance(piece, Mapping) for piece in pieces):
        keys = set(first) if isinstance(first, Mapping) else None
        for number, piece in enumerate(pieces):
            if (set(piece) if isinstance(piece, Mapping) else None) != keys:
                _refuse_unlike(number, where, "other parts than episode 0")
        return {key: _joined([piece[key] for piece in pieces], where) for key in first}
    pieces = [
        np.asarray(p) if hasattr(p, "__array__") and not isinstance(p, np.ndarray) else p
        for p in pieces
    ]
    first = pieces[0]
    numeric = [isinstance(p, np.ndarray) and p.dtype.kind in "biuf" for p in pieces]
    if not all(numeric):
        return list(chain.from_iterable(p for p in pieces))
    for number, piece in enumerate(pieces):
        if (piece.dtype, piece.shape[1:]) != (first.dtype, first.shape[1:]):
            _refuse_unlike(
                number,
                where,
                f"dtype {piece.dtype} and shape {piece.shape}, episode 0 has {first.dtype} and "
                f"{first.shape}",
            )
    masked = any(isinstance(p, np.ma.MaskedArray) for p in pieces)
    if not masked:
        return np.concatenate(pieces)
    values = np.concatenate([np.asarray(piece) for piece in pieces])
    return np.ma.MaskedArray(values, np.concatenate([np.ma.getmaskarray(p) for p in pieces]))


def _refuse_unlike(number: int, where: str, problem: str) -> None:
    raise InvalidMDPError(
        f"Episode {number} has {where} with {problem}. All episodes need the same form."
    )
