"""Group equal rows of number arrays fast, and exactly: a hash proposes, a comparison decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Groups", "group_integers", "group_rows", "group_values"]

IntArray = npt.NDArray[np.int32]

#: Bytes that are hashed or compared at a time, so that they stay in the cache.
CHUNK_BYTES = 1 << 21

#: Integer columns whose values span at most this many times their length are counted in a table.
TABLE_FACTOR = 2

_ODD = np.uint64(0x9E3779B97F4A7C15)  # multipliers and shifts of splitmix64
_MIX = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True, slots=True)
class Groups:
    """Columns as ids: row ``i`` of column ``c`` is ``values[ids[c][i]]``.

    Attributes
    ----------
    ids
        int32 ``[n_rows]`` for each column.
    values
        The distinct rows over all columns, ``[n, ...]``; sorted for numbers.
    """

    ids: tuple[IntArray, ...]
    values: npt.NDArray[Any]


def group_integers(columns: Sequence[npt.NDArray[Any]]) -> Groups:
    """Group the integers ``[n_rows]`` of columns of one dtype, int64 or uint64; values sorted.

    O(rows + span) when the values span little more than their number, else O(rows log rows).
    """
    low = min(int(column.min()) for column in columns)
    span = max(int(column.max()) for column in columns) - low + 1
    if span > TABLE_FACTOR * sum(map(len, columns)) + 1024:
        return group_values(columns)
    shift = columns[0].dtype.type(low)
    present = np.zeros(span, dtype=bool)
    for column in columns:
        present[column - shift if low else column] = True
    if present.all():
        ids = tuple((column - shift).astype(np.int32) for column in columns)
        return Groups(ids, np.arange(low, low + span, dtype=columns[0].dtype))
    rank = np.cumsum(present, dtype=np.int32) - np.int32(1)
    ids = tuple(rank[column - shift if low else column] for column in columns)
    return Groups(ids, np.flatnonzero(present).astype(columns[0].dtype) + shift)


def group_values(columns: Sequence[npt.NDArray[Any]]) -> Groups:
    """Group the numbers ``[n_rows]`` of columns of one dtype, none NaN; values sorted."""
    joined = np.concatenate(columns)
    values, inverse = np.unique(joined, return_inverse=True)
    return Groups(_split(inverse.astype(np.int32), columns), values)


def group_rows(columns: Sequence[npt.NDArray[Any]]) -> Groups:
    """Group equal rows of arrays ``[n_rows, ...]`` of one dtype and one shape of row.

    Parameters
    ----------
    columns
        Arrays of numbers in which equal values have equal bytes (no NaN, no ``-0.0``).

    Returns
    -------
    Groups
        The values come in no useful order, the same one at every call.

    Notes
    -----
    Rows are sorted by a 64-bit hash, then every row is compared with the one that stands for its
    group. If that ever fails, two rows share a hash and all are sorted by their bytes instead. So
    the groups are exact. O(size of the arrays + rows log rows).
    """
    tables = [_as_bytes(column) for column in columns]
    hashes = np.concatenate([_hashes(table) for table in tables])
    order = np.argsort(hashes)
    ordered = hashes[order]
    fresh = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    inverse = np.empty(len(order), dtype=np.int32)
    inverse[order] = np.cumsum(fresh, dtype=np.int32) - np.int32(1)
    ids = _split(inverse, columns)
    stand_in = np.empty(int(fresh.sum()), dtype=np.int64)
    stand_in[inverse[::-1]] = np.arange(len(order) - 1, -1, -1)  # the first row of each group
    values = _take(columns, stand_in)
    if not _confirmed(tables, ids, _as_bytes(values)):
        return _sorted_groups(columns, tables)
    return Groups(ids, values)


def _split(inverse: IntArray, columns: Sequence[npt.NDArray[Any]]) -> tuple[IntArray, ...]:
    ends = np.cumsum([len(column) for column in columns])[:-1]
    return tuple(np.split(inverse, ends))


def _as_bytes(column: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    flat = np.ascontiguousarray(column).reshape(len(column), -1)
    return flat.view(np.uint8)


def _chunks(table: npt.NDArray[Any]) -> Iterator[slice]:
    step = max(1, CHUNK_BYTES // max(1, table.shape[1]))
    for start in range(0, len(table), step):
        yield slice(start, start + step)


def _hashes(table: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Hash each row of bytes to 64 bits: mixed lanes of 8 bytes, weighted and added up."""
    lanes = -(-table.shape[1] // 8)
    weights = _scrambled(np.arange(1, lanes + 1, dtype=np.uint64) * _ODD) | np.uint64(1)
    hashes = np.empty(len(table), dtype=np.uint64)
    for part in _chunks(table):
        rows = table[part]
        if rows.shape[1] % 8:
            rows = np.pad(rows, ((0, 0), (0, 8 * lanes - rows.shape[1])))
        words = _scrambled(np.ascontiguousarray(rows).view(np.uint64))
        hashes[part] = words @ weights
    return hashes


def _scrambled(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix each word one to one, so that every bit of it counts in the weighted sum."""
    words = words ^ (words >> np.uint64(31))
    words *= _MIX
    words ^= words >> np.uint64(27)
    words *= _ODD
    return words ^ (words >> np.uint64(33))


def _take(columns: Sequence[npt.NDArray[Any]], rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Return rows of the columns, counted through all of them."""
    result = np.empty((len(rows), *columns[0].shape[1:]), dtype=columns[0].dtype)
    start = 0
    for column in columns:
        here = (rows >= start) & (rows < start + len(column))
        result[here] = column[rows[here] - start]
        start += len(column)
    return result


def _confirmed(
    tables: Sequence[npt.NDArray[np.uint8]],
    ids: Sequence[IntArray],
    values: npt.NDArray[np.uint8],
) -> bool:
    """Compare every row, byte for byte, with the one that stands for its group."""
    return all(
        np.array_equal(table[part], values[group[part]])
        for table, group in zip(tables, ids, strict=True)
        for part in _chunks(table)
    )


def _sorted_groups(
    columns: Sequence[npt.NDArray[Any]], tables: Sequence[npt.NDArray[np.uint8]]
) -> Groups:
    joined = np.concatenate(tables)
    keys = joined.view(f"V{joined.shape[1]}").reshape(-1)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return Groups(_split(inverse.astype(np.int32), columns), _take(columns, first))
