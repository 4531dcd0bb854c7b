"""Columns of names to indices: numbers, text, arrays and dictionaries, compared by value.

Names that are all of one sortable kind come sorted, others by first appearance, so that the same
rows in another order give the same indices wherever an order exists.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.columns import (
    Column,
    Parts,
    Precoded,
    Standard,
    as_standard,
    code_hashables,
    is_missing,
    merged_values,
)
from tellapart.theory.data.digests import (
    DIGEST_BYTES,
    array_digests,
    bytes_digest,
    digest_names,
    parts_digest,
)
from tellapart.theory.data.grouping import Groups, group_integers, group_rows, group_values
from tellapart.theory.errors import InvalidMDPError
from tellapart.theory.naming import ArrayNames, ListedNames

__all__ = ["SMALL_ARRAY", "Coded", "code_columns"]

IntArray = npt.NDArray[np.int32]

#: Vectors up to this many entries are named by the tuple of them, larger arrays by a hash.
SMALL_ARRAY = 16

#: Bytes objects up to this length are their own names, longer ones are named by a hash.
SMALL_BYTES = 32

_EXACT = 2**53  # integers up to here are exact as float64


@dataclass(frozen=True)
class Coded:
    """Columns as indices of names: entry ``i`` of column ``c`` is ``names[ids[c][i]]``."""

    ids: tuple[IntArray, ...]
    names: Sequence[Hashable]


def code_columns(columns: Sequence[Column]) -> Coded:
    """Give the entries of columns that name the same kind of thing common indices.

    Parameters
    ----------
    columns
        One or more columns, none empty. What a column may be is said at
        :meth:`tellapart.theory.data.transitions.TransitionData.from_arrays`.

    Returns
    -------
    Coded

    Raises
    ------
    InvalidMDPError
        For missing, NaN or unhashable entries, and for columns that cannot have a common name.

    Notes
    -----
    O(rows) for integers of a small range and for text, else O(rows log rows), plus the size of
    arrays. Equal is what Python calls equal: ``1 == 1.0``; arrays also need equal shapes.

    Examples
    --------
    >>> from tellapart.theory.data.rows import RowNames
    >>> column = Column(["b", "a", "b"], "observation", "observations", RowNames().text)
    >>> coded = code_columns([column])
    >>> coded.ids[0].tolist(), list(coded.names)
    ([1, 0, 1], ['a', 'b'])
    """
    standard = [as_standard(column) for column in columns]
    if all(isinstance(data, Parts) for data in standard):
        return _code_parts(columns, standard)
    arrays = [data for data in standard if isinstance(data, np.ndarray) and data.ndim > 1]
    if len(arrays) == len(standard):
        return _code_arrays(columns, arrays)
    if arrays or any(isinstance(data, Parts) for data in standard):
        _refuse_mixture(columns, standard)
    numbers = _common_numbers(columns, standard)
    return _code_values(columns, standard) if numbers is None else _code_numbers(columns, numbers)


def _refuse_mixture(columns: Sequence[Column], standard: Sequence[Standard]) -> None:
    shown = " and ".join(
        f"{column.where} {_described(data)}" for column, data in zip(columns, standard, strict=True)
    )
    raise InvalidMDPError(
        f"No {columns[0].role} can be the same as a {columns[-1].role}: {shown}. Give both in "
        "the same form."
    )


def _described(data: Standard) -> str:
    if isinstance(data, Parts):
        return f"has parts {list(data.columns)}"
    if isinstance(data, np.ndarray) and data.dtype.kind in "biuf":
        shape = "".join(f", {size}" for size in data.shape[1:])
        return f"has shape [n_rows{shape}] and dtype {data.dtype}"
    return "holds single values"


def _common_numbers(
    columns: Sequence[Column], standard: Sequence[Standard]
) -> list[npt.NDArray[Any]] | None:
    """Return number columns in one dtype that holds them exactly, or None."""
    arrays = [d for d in standard if isinstance(d, np.ndarray) and d.dtype.kind in "biuf"]
    if len(arrays) < len(standard):
        return None
    for column, array in zip(columns, arrays, strict=True):
        if array.dtype.kind == "f" and np.isnan(array).any():
            row = int(np.argmax(np.isnan(array)))
            column.refuse(row, f"the {column.role} nan, which does not equal itself")
    kinds = {array.dtype.kind for array in arrays}
    if kinds == {"b"}:
        return arrays
    if "f" in kinds:
        whole = [array for array in arrays if array.dtype.kind in "iu"]
        if any(int(a.max()) > _EXACT or int(a.min()) < -_EXACT for a in whole):
            return None
        return [array.astype(np.float64, copy=False) + 0.0 for array in arrays]
    if max(int(array.max()) for array in arrays) < 2**63:
        return [array.astype(np.int64, copy=False) for array in arrays]
    unsigned = all(array.dtype == np.uint64 for array in arrays)
    return arrays if unsigned else None


def _code_numbers(columns: Sequence[Column], arrays: list[npt.NDArray[Any]]) -> Coded:
    kind = arrays[0].dtype.kind
    if kind == "f":
        groups = group_values(arrays)
        return Coded(groups.ids, ArrayNames(groups.values))
    if kind == "b":
        groups = group_integers([array.astype(np.int64) for array in arrays])
        return Coded(groups.ids, ListedNames(bool(value) for value in groups.values))
    groups = group_integers(arrays)
    low, high = int(groups.values[0]), int(groups.values[-1])
    if high - low + 1 == len(groups.values):
        return Coded(groups.ids, range(low, high + 1))
    return Coded(groups.ids, ArrayNames(groups.values))


def _code_arrays(columns: Sequence[Column], arrays: list[npt.NDArray[Any]]) -> Coded:
    first = arrays[0]
    for array in arrays[1:]:
        if array.shape[1:] != first.shape[1:] or array.dtype != first.dtype:
            _refuse_mixture(columns, arrays)
    if first.dtype.kind == "f":
        for column, array in zip(columns, arrays, strict=True):
            bad = np.isnan(array).reshape(len(array), -1).any(axis=1)
            if bad.any():
                column.refuse(int(np.argmax(bad)), f"nan in its {column.role}")
        arrays = [array + array.dtype.type(0) for array in arrays]  # -0.0 becomes 0.0
    groups = group_rows(arrays)
    if first.ndim == 2 and first.shape[1] <= SMALL_ARRAY:
        order = np.lexsort(groups.values.T[::-1])
        rows = groups.values[order].tolist()
        names = [row[0] if len(row) == 1 else tuple(row) for row in rows]
        return _reordered(groups, order, names)
    digests = array_digests(groups.values)
    order = np.argsort(np.array(digests, dtype=f"V{DIGEST_BYTES}"))
    return _reordered(groups, order, digest_names("array", [digests[k] for k in order]))


def _reordered(
    groups: Groups | Coded, order: npt.NDArray[np.intp], names: Sequence[Hashable]
) -> Coded:
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return Coded(tuple(rank[ids] for ids in groups.ids), ListedNames(names))


def _code_parts(columns: Sequence[Column], standard: Sequence[Any]) -> Coded:
    first: Parts = standard[0]
    if any(parts.columns.keys() != first.columns.keys() for parts in standard):
        _refuse_mixture(columns, standard)
    coded = [
        code_columns(
            [c.holding(parts.columns[key]) for c, parts in zip(columns, standard, strict=True)]
        )
        for key in first.columns
    ]
    codes = [np.stack([part.ids[c] for part in coded], axis=1) for c in range(len(columns))]
    groups = group_rows(codes)
    order = np.lexsort(groups.values.T[::-1])
    rows = groups.values[order].tolist()
    names: list[Any] = [
        tuple(part.names[i] for part, i in zip(coded, row, strict=True)) for row in rows
    ]
    if first.kind == "dict":
        digests = [parts_digest(zip(first.columns, name, strict=True)) for name in names]
        by_digest = np.argsort(np.array(digests, dtype=f"V{DIGEST_BYTES}"))
        order = order[by_digest]
        names = digest_names("dict", [digests[k] for k in by_digest])
    return _reordered(groups, order, names)


def _code_values(columns: Sequence[Column], standard: Sequence[Standard]) -> Coded:
    """Code single values of any hashable type, those of one column merged with the next."""
    coded = [_precoded(c, data) for c, data in zip(columns, standard, strict=True)]
    if len({kind for part in coded if (kind := _kind_of(part.values)) in ("number", "str")}) > 1:
        raise InvalidMDPError(
            f"No {columns[0].role} can be the same as a {columns[-1].role}: of "
            f"{columns[0].where} and {columns[-1].where} one holds numbers, such as "
            f"{_example(coded, 'number')!r}, the other text, such as {_example(coded, 'str')!r}. "
            "Give both in the same form."
        )
    values, ids = merged_values(coded)
    values = _short_bytes(values)
    plain = Coded(ids, values)
    if _kind_of(values) is None:
        return Coded(plain.ids, ListedNames(values))
    order = sorted(range(len(values)), key=values.__getitem__)  # type: ignore[arg-type]
    return _reordered(plain, np.array(order), [values[k] for k in order])


def _example(coded: Sequence[Precoded], kind: str) -> Hashable:
    return next(part.values[0] for part in coded if _kind_of(part.values) == kind)


def _precoded(column: Column, given: Any) -> Precoded:
    """Group one column of single values; refuse what cannot be looked up again."""
    if isinstance(given, Precoded):
        data = given
    else:
        try:
            data = code_hashables(given, len(given))
        except TypeError:
            _refuse_unhashable(column, list(given))
    if set(map(type, data.values)) <= {str, int, bytes, bool}:
        return data  # none of these is missing, or differs from itself
    for number, value in enumerate(data.values):
        if is_missing(value):
            column.refuse(_first(data, number), f"no {column.role}: it is {value!r}")
        if _holds_nan(value):
            row = _first(data, number)
            column.refuse(row, f"the {column.role} {value!r}, which does not equal itself")
    return data


def _holds_nan(value: Any) -> bool:
    if isinstance(value, tuple):  # a tuple equals itself whatever is in it
        return any(_holds_nan(part) for part in value)
    return bool(value != value)


def _first(data: Precoded, number: int) -> int:
    return int(np.argmax(data.ids == number))


def _refuse_unhashable(column: Column, values: Sequence[Any]) -> NoReturn:
    for row, value in enumerate(values):
        try:
            hash(value)
        except TypeError:
            column.refuse(
                row,
                f"an {column.role} of type {type(value).__name__}, which is not hashable and not "
                "like the others; use numbers, text or tuples, or arrays of one shape",
            )
    raise InvalidMDPError(f"{column.where} holds values that do not hash; use numbers or text.")


def _kind_of(values: Sequence[Any]) -> str | None:
    """Say which sortable kind all values are of, or None when there is no such kind."""
    types = set(map(type, values))
    if types == {str}:
        return "str"
    kinds = {_sort_kind(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else None


def _sort_kind(value: Any) -> str | None:
    if isinstance(value, Real):
        return "number"
    if isinstance(value, str | bytes):
        return type(value).__name__
    if isinstance(value, tuple):
        parts = [_sort_kind(part) for part in value]
        return None if None in parts else f"({','.join(map(str, parts))})"
    return None


def _short_bytes(values: list[Hashable]) -> list[Hashable]:
    """Name long bytes objects, such as encoded images, by their hash."""
    if bytes not in set(map(type, values)):
        return values
    long = [k for k, value in enumerate(values) if isinstance(value, bytes)]
    if not any(len(values[k]) > SMALL_BYTES for k in long):  # type: ignore[arg-type]
        return values
    names = digest_names("bytes", [bytes_digest(values[k]) for k in long])  # type: ignore[arg-type]
    renamed = dict(zip(long, names, strict=True))
    return [renamed.get(k, value) for k, value in enumerate(values)]
