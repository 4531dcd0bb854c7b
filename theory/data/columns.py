"""Columns of logged data as users have them, brought to the few forms that can be coded."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidMDPError

__all__ = [
    "Column",
    "Parts",
    "Precoded",
    "Standard",
    "as_standard",
    "code_hashables",
    "is_missing",
    "masked_rows",
    "merged_values",
]

IntArray = npt.NDArray[np.int32]

#: Values that are turned into Python objects at a time.
CHUNK = 1 << 16

_INTEGERS = (int, np.integer)
_PLAIN = "integers, floats, text, tuples, dictionaries or arrays of numbers"


@dataclass(frozen=True)
class Column:
    """One column: its data, and how messages speak of it.

    Attributes
    ----------
    data
        What the user gave.
    role
        What one entry is, such as ``"observation"``.
    where
        Where it stands, such as ``"column 'state'"``.
    text
        The name of a row by its number.
    """

    data: Any
    role: str
    where: str
    text: Callable[[int], str]

    def refuse(self, row: int, problem: str) -> NoReturn:
        """Raise the error that names row, role and place."""
        text = self.text(row)
        raise InvalidMDPError(f"{text[0].upper()}{text[1:]} has {problem} ({self.where}).")

    def holding(self, data: Any) -> "Column":
        """Return a column with other data that speaks the same."""
        return Column(data, self.role, self.where, self.text)


@dataclass(frozen=True)
class Precoded:
    """A column that its reader has grouped already: entry ``i`` is ``values[ids[i]]``.

    An id of -1 is a value that is not known; only labels may have it.
    """

    ids: IntArray
    values: list[Hashable]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Parts:
    """A column whose entries have several parts: ``columns[key]`` is one part of all entries.

    ``kind`` is ``"tuple"``, where the parts make the name, or ``"dict"``, where their hash does.
    """

    kind: str
    columns: dict[Any, Any]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


#: What a column may be when it is coded: an array of numbers, hashable values, or one of the above.
Standard = npt.NDArray[Any] | list[Any] | Precoded | Parts


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for "not known": None, or the missing value of pandas."""
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def masked_rows(data: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell which rows of an array have a masked entry."""
    mask = np.ma.getmaskarray(data).reshape(len(data), -1)
    return np.asarray(mask.any(axis=1), dtype=np.bool_)


def as_standard(column: Column) -> Standard:
    """Bring data to a form that can be coded, or say what is wrong with it.

    Raises
    ------
    InvalidMDPError
        For data that are not a column, masked or missing entries, or arrays of unlike shapes.
    """
    data = column.data
    if isinstance(data, Precoded | Parts):
        return data
    if isinstance(data, Mapping):
        return _mapping_of_columns(column, data)
    if not isinstance(data, np.ndarray) and hasattr(data, "__array__"):
        data = np.asarray(data)
    if isinstance(data, np.ndarray):
        return _as_array(column, data)
    if isinstance(data, str | bytes) or not isinstance(data, Sequence):
        raise InvalidMDPError(
            f"{column.where} is of type {type(data).__name__}; give one {column.role} for each "
            "row, as an array or a list."
        )
    return _as_list(column, data) if len(data) else []


def _mapping_of_columns(column: Column, data: Mapping[Any, Any]) -> Parts:
    if not data:
        raise InvalidMDPError(f"{column.where} is an empty dictionary; it needs a column.")
    parts = {key: as_standard(column.holding(part)) for key, part in data.items()}
    lengths = {key: len(part) for key, part in parts.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidMDPError(
            f"The parts of {column.where} have different lengths: {lengths}. Give one entry for "
            "each row in every part."
        )
    return Parts("dict", dict(sorted(parts.items(), key=lambda item: repr(item[0]))))


def _as_array(column: Column, data: npt.NDArray[Any]) -> Standard:
    if data.ndim == 0 or 0 in data.shape[1:]:
        raise InvalidMDPError(
            f"{column.where} has shape {data.shape}; it must be [n_rows] or [n_rows, ...] with "
            f"one {column.role} for each row."
        )
    if isinstance(data, np.ma.MaskedArray):
        masked = masked_rows(data)
        if masked.any():
            column.refuse(int(np.argmax(masked)), f"no {column.role}: it is masked")
        data = data.data
    kind = data.dtype.kind
    if kind in "biu" or (kind == "f" and data.dtype.itemsize <= 8):
        return data
    if kind in "OUST" and data.ndim == 1:
        return _as_list(column, data.tolist()) if kind == "O" and len(data) else data
    if kind in "OUST" and data.ndim == 2:
        return _as_list(column, [tuple(row) for row in data.tolist()])
    raise InvalidMDPError(
        f"{column.where} has dtype {data.dtype} and shape {data.shape}, which tellapart does not "
        f"compare. Use {_PLAIN}."
    )


def _as_list(column: Column, data: Sequence[Any]) -> Standard:
    """Turn a non-empty sequence of like numbers into an array; keep what is hashable."""
    if isinstance(data, range):
        return np.asarray(data)
    types = set(map(type, data))
    if all(issubclass(t, _INTEGERS) and t is not bool for t in types):
        array = np.array(data)
        return array if array.dtype.kind in "iu" else list(data)
    if all(issubclass(t, float | np.floating) for t in types):
        return np.array(data)
    if all(issubclass(t, np.ndarray) for t in types):
        return _stacked(column, data)
    if all(issubclass(t, Mapping) for t in types):
        return _dictionaries(column, data)
    if types == {list}:
        return _stacked(column, [np.asarray(row) for row in _rectangular(column, data)])
    return list(data)


def _rectangular(column: Column, data: Sequence[list[Any]]) -> Sequence[list[Any]]:
    for row, entry in enumerate(data):
        kind: str = "ragged"
        with suppress(ValueError):
            kind = np.asarray(entry).dtype.kind
        if kind not in "biuf" or not entry:
            column.refuse(
                row, f"as its {column.role} a list that is not an array of numbers; use a tuple"
            )
    return data


def _stacked(column: Column, arrays: Sequence[npt.NDArray[Any]]) -> Standard:
    first = arrays[0]
    for row, array in enumerate(arrays):
        if array.shape != first.shape or array.dtype != first.dtype:
            column.refuse(
                row,
                f"an {column.role} of shape {array.shape} and dtype {array.dtype}, the first one "
                f"has {first.shape} and {first.dtype}; all must be alike",
            )
    return _as_array(column, np.stack(arrays))


def _dictionaries(column: Column, data: Sequence[Mapping[Any, Any]]) -> Parts:
    keys = list(data[0])
    for row, entry in enumerate(data):
        if entry.keys() != data[0].keys():
            column.refuse(row, f"the keys {list(entry)}, the first one has {keys}; all need them")
    return _mapping_of_columns(column, {key: [entry[key] for entry in data] for key in keys})


class _Numbering(dict[Hashable, int]):
    """Number values by first appearance."""

    def __missing__(self, value: Hashable) -> int:
        number = len(self)
        self[value] = number
        return number


def code_hashables(data: Iterable[Any], count: int) -> Precoded:
    """Group hashable values by first appearance; a TypeError for those that do not hash.

    Notes
    -----
    Arrays are turned into Python objects a chunk at a time. O(rows).
    """
    numbering = _Numbering()
    ids = np.empty(count, dtype=np.int32)
    start = 0
    for chunk in _python_chunks(data):
        ids[start : start + len(chunk)] = [numbering[value] for value in chunk]
        start += len(chunk)
    return Precoded(ids, [v.item() if isinstance(v, np.generic) else v for v in numbering])


def merged_values(columns: Sequence[Precoded]) -> tuple[list[Hashable], tuple[IntArray, ...]]:
    """Return the values of all columns, each once, and the columns as ids of them; -1 stays -1."""
    values = columns[0].values
    if all(column.values is values for column in columns) and len(set(values)) == len(values):
        return values, tuple(column.ids for column in columns)
    numbering = _Numbering()
    ids = []
    for column in columns:
        into = [numbering[value] for value in column.values]
        ids.append(np.array([*into, -1], dtype=np.int32)[column.ids])
    return list(numbering), tuple(ids)


def _python_chunks(data: Iterable[Any]) -> Iterator[list[Any]]:
    if isinstance(data, np.ndarray):
        for start in range(0, len(data), CHUNK):
            yield data[start : start + CHUNK].tolist()
        return
    entries = iter(data)
    while chunk := list(islice(entries, CHUNK)):
        yield chunk
