"""Labels of rows to labels of observations: a label is a function of what is observed."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.columns import (
    Precoded,
    code_hashables,
    is_missing,
    masked_rows,
    merged_values,
)
from tellapart.theory.data.grouping import group_integers, group_rows, group_values
from tellapart.theory.data.rows import RowNames
from tellapart.theory.errors import InvalidLabelError
from tellapart.theory.labels import LabelCoding, code_labels

__all__ = ["Evidence", "KnownLabels", "label_observations"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Evidence:
    """Labels as they were logged: entry ``i`` says that an observation has a label.

    Attributes
    ----------
    observations
        int32 ``[n]``: indices of the observations.
    labels
        ``[n]``: an array of numbers ``[n, ...]``, possibly masked, or a list with None where the
        label is not known, or a :class:`~tellapart.theory.data.columns.Precoded` column.
    keys
        int64 ``[n]``, not decreasing: twice the number of the row, plus 1 for a successor's label.
    where
        How messages name the place, such as ``"column 'label'"``.
    """

    observations: IntArray
    labels: Any
    keys: LongArray
    where: str


@dataclass(frozen=True)
class KnownLabels:
    """The label of each observation, -1 where it is not known, and the row that gave it."""

    coding: LabelCoding
    rows: LongArray


def label_observations(
    evidence: Sequence[Evidence],
    names: Sequence[Hashable],
    tolerance: float | None,
    rows: RowNames,
) -> KnownLabels:
    """Give each observation the one label that its rows agree on.

    Parameters
    ----------
    evidence
        The labels as they were logged.
    names
        Names of the observations.
    tolerance
        As in :func:`~tellapart.theory.labels.code_labels`.
    rows
        How to name rows.

    Raises
    ------
    InvalidLabelError
        For an observation with two labels, with both rows; for NaN, infinite or unhashable labels.

    Notes
    -----
    O(rows), plus sorting the distinct labels.
    """
    blocks = [_code(block, rows) for block in evidence]
    values, ids = merged_values(blocks) if blocks else ([], ())
    if not values:
        unknown = np.full(len(names), -1, dtype=np.int32)
        return KnownLabels(LabelCoding(unknown, ()), unknown.astype(np.int64))
    coding = code_labels(values, tolerance)
    grouped = np.append(coding.ids, np.int32(-1)).astype(np.int32)
    ids = tuple(grouped[block] for block in ids)
    first = _first_keys(evidence, ids, len(names))
    chosen = np.full(len(names), -1, dtype=np.int32)
    for block, labels in zip(evidence, ids, strict=True):
        giving = (block.keys == first[block.observations]) & (labels >= 0)
        chosen[block.observations[giving]] = labels[giving]
    _refuse_second_labels(evidence, ids, chosen, first, coding, names, rows)
    known = np.where(first == _NEVER, -1, first // 2)
    return KnownLabels(LabelCoding(chosen, coding.values), known)


def _first_keys(evidence: Sequence[Evidence], ids: Sequence[IntArray], n_obs: int) -> LongArray:
    """Return the first key that gives each observation a label."""
    first = np.full(n_obs, _NEVER, dtype=np.int64)
    for block, labels in zip(evidence, ids, strict=True):
        known = labels >= 0
        here = np.full(n_obs, _NEVER, dtype=np.int64)
        # Of several writes to one place the last, here the first row, stays.
        here[block.observations[known][::-1]] = block.keys[known][::-1]
        np.minimum(first, here, out=first)
    return first


def _refuse_second_labels(
    evidence: Sequence[Evidence],
    ids: Sequence[IntArray],
    chosen: IntArray,
    first: LongArray,
    coding: LabelCoding,
    names: Sequence[Hashable],
    rows: RowNames,
) -> None:
    found = []
    contradicted = np.zeros(len(names), dtype=bool)
    for block, labels in zip(evidence, ids, strict=True):
        other = (labels >= 0) & (labels != chosen[block.observations])
        contradicted[block.observations[other]] = True
        if other.any():
            k = int(np.argmax(other))
            found.append((int(block.keys[k]), int(block.observations[k]), int(labels[k])))
    if not found:
        return
    key, o, label = min(found)
    raise InvalidLabelError(
        f"Observation {names[o]!r} has the label {coding.values[chosen[o]]!r} "
        f"({_place(int(first[o]), rows)}) and the label {coding.values[label]!r} "
        f"({_place(key, rows)}). Observations with several labels: {int(contradicted.sum())}. "
        "Labels must be a function of the observation; include what distinguishes them in the "
        "observation, or audit another column."
    )


def _place(key: int, rows: RowNames) -> str:
    return rows.text(key // 2) + (", as the successor" if key % 2 else "")


def _code(block: Evidence, rows: RowNames) -> Precoded:
    """Group the labels of one block; refuse those that cannot be compared."""
    data = block.labels
    if not isinstance(data, np.ndarray | list | Precoded):
        data = np.asarray(data) if hasattr(data, "__array__") else list(data)
    if isinstance(data, np.ndarray) and data.dtype.kind in "biuf" and data.ndim:
        coded = _code_array(block, data, rows)
    elif isinstance(data, np.ndarray) and data.dtype.kind == "U" and data.ndim == 1:
        coded = code_hashables(data, len(data))
    else:
        coded = _code_values(block, data, rows)
    for number, value in enumerate(coded.values):
        if not _is_finite(value):
            _refuse(block, int(np.argmax(coded.ids == number)), value, rows)
    return coded


def _refuse(block: Evidence, entry: int, value: Any, rows: RowNames) -> NoReturn:
    place = _place(int(block.keys[entry]), rows)
    raise InvalidLabelError(
        f"{place[0].upper()}{place[1:]}: the label is {value!r} ({block.where}). Labels must be "
        "finite numbers, text or tuples of them; where the label is not known leave it null (None, "
        "a masked entry, an empty cell)."
    )


def _code_array(block: Evidence, data: npt.NDArray[Any], rows: RowNames) -> Precoded:
    flat = np.asarray(data).reshape(len(data), -1)
    known: npt.NDArray[np.bool_] = np.ones(len(data), dtype=bool)
    if isinstance(data, np.ma.MaskedArray):
        known = ~masked_rows(data)
    if flat.dtype.kind == "f":
        finite = np.isfinite(flat).all(axis=1) | ~known
        if not finite.all():
            entry = int(np.argmin(finite))
            _refuse(block, entry, data[entry].tolist(), rows)
        flat = flat + flat.dtype.type(0)  # -0.0 becomes 0.0: one value, one label
    ids = np.full(len(data), -1, dtype=np.int32)
    if not known.any():
        return Precoded(ids, [])
    used = flat if known.all() else flat[known]
    if data.ndim > 1:
        groups = group_rows([used])
    elif flat.dtype.kind == "f" or flat.dtype == np.uint64:
        groups = group_values([used[:, 0]])
    else:
        groups = group_integers([used[:, 0].astype(np.int64, copy=False)])
    ids[known] = groups.ids[0]
    values = groups.values.astype(flat.dtype, copy=False).tolist()
    return Precoded(ids, values if data.ndim == 1 else [tuple(value) for value in values])


def _code_values(block: Evidence, given: Any, rows: RowNames) -> Precoded:
    if isinstance(given, Precoded):
        data = given
    else:
        values = given.tolist() if isinstance(given, np.ndarray) else given
        try:
            data = code_hashables(values, len(values))
        except TypeError:
            plain = [_hashable(block, entry, value, rows) for entry, value in enumerate(values)]
            data = code_hashables(plain, len(plain))
    missing = [number for number, value in enumerate(data.values) if is_missing(value)]
    if not missing:
        return data
    kept = [number for number in range(len(data.values)) if number not in missing]
    rank = np.full(len(data.values) + 1, -1, dtype=np.int32)
    rank[kept] = np.arange(len(kept), dtype=np.int32)
    return Precoded(rank[data.ids], [data.values[number] for number in kept])


def _hashable(block: Evidence, entry: int, value: Any, rows: RowNames) -> Hashable:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(_hashable(block, entry, part, rows) for part in value)
    try:
        hash(value)
    except TypeError:
        _refuse(block, entry, value, rows)
    return value  # type: ignore[no-any-return]


def _is_finite(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(_is_finite(part) for part in value)
    if value is None:
        return False  # a part of a tuple
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, Decimal) or value.is_finite()
