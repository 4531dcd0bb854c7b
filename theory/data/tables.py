"""Columns of Arrow tables to columns that can be coded; no Python object for a row."""

from collections.abc import Hashable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.columns import Column, Parts, Precoded, masked_rows
from tellapart.theory.data.grouping import group_rows
from tellapart.theory.errors import DataFileError

__all__ = ["arrow", "label_data", "name_columns"]

#: What a column converts to: numbers, masked where null, or ids of its distinct values.
Converted = npt.NDArray[Any] | Precoded


def arrow(module: str = "pyarrow") -> Any:
    """Import a module of pyarrow.

    Raises
    ------
    DataFileError
        When pyarrow is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise DataFileError(
            f"Reading Parquet and CSV files needs pyarrow, which cannot be imported ({error}). "
            "Install it with: pip install pyarrow"
        ) from None


def name_columns(columns: Sequence[Column]) -> list[Column]:
    """Convert columns whose data are tuples of Arrow columns, all naming the same kind of thing.

    Parameters
    ----------
    columns
        Each with data ``{column name: chunked array}``; one entry is taken as it is, several make
        a tuple.

    Raises
    ------
    InvalidMDPError
        For a null, with its row.
    DataFileError
        For types that have no values to compare, such as structs.
    """
    together = _text_together(columns)
    if together is not None:
        return together
    converted = [
        {name: _without_nulls(column, array) for name, array in column.data.items()}
        for column in columns
    ]
    parts = [list(data.values()) for data in converted]
    if all(len(entries) == 1 for entries in parts):
        return [c.holding(entries[0]) for c, entries in zip(columns, parts, strict=True)]
    flat: list[Any] = [part for entries in parts for part in entries]
    alike = all(isinstance(part, np.ndarray) and part.ndim == 1 for part in flat)
    if alike and len({part.dtype for part in flat}) == 1:
        stacked = [np.stack([np.asarray(part) for part in entries], axis=1) for entries in parts]
        return [c.holding(array) for c, array in zip(columns, stacked, strict=True)]
    return [
        c.holding(Parts("tuple", dict(enumerate(entries))))
        for c, entries in zip(columns, parts, strict=True)
    ]


def _text_together(columns: Sequence[Column]) -> list[Column] | None:
    """Group text columns through one common dictionary, so that no value is looked at twice."""
    arrays = [array for column in columns for array in column.data.values()]
    types = arrow().types
    if len(arrays) != len(columns) or not all(types.is_string(array.type) for array in arrays):
        return None
    joined = arrow().chunked_array([chunk for array in arrays for chunk in array.chunks])
    coded = _distinct(columns[0], joined.dictionary_encode())
    parts = np.split(coded.ids, np.cumsum([len(array) for array in arrays])[:-1])
    return [
        column.holding(_refuse_nulls(column, Precoded(ids, coded.values)))
        for column, ids in zip(columns, parts, strict=True)
    ]


def label_data(column: Column) -> Any:
    """Convert the Arrow columns of a label; several make a tuple, null where one of them is."""
    converted = [_convert(column, array) for array in column.data.values()]
    if len(converted) == 1:
        return converted[0]
    coded = [_precoded(data) for data in converted]
    groups = group_rows([np.stack([part.ids for part in coded], axis=1)])
    rows = groups.values
    known = (rows >= 0).all(axis=1)
    rank = np.where(known, np.cumsum(known) - 1, -1).astype(np.int32)
    values: list[Hashable] = [
        tuple(part.values[i] for part, i in zip(coded, row, strict=True))
        for row in rows[known].tolist()
    ]
    return Precoded(rank[groups.ids[0]], values)


def _precoded(data: Converted) -> Precoded:
    if isinstance(data, Precoded):
        return data
    flat = np.asarray(data) if data.ndim == 1 else group_rows([np.asarray(data)]).ids[0]
    values, inverse = np.unique(flat, return_inverse=True)
    ids = inverse.astype(np.int32)
    if isinstance(data, np.ma.MaskedArray):
        ids[masked_rows(data)] = -1
    if data.ndim == 1:
        return Precoded(ids, values.tolist())
    first = np.unique(flat, return_index=True)[1]
    return Precoded(ids, [tuple(np.asarray(data)[k].reshape(-1).tolist()) for k in first])


def _without_nulls(column: Column, array: Any) -> Converted:
    return _refuse_nulls(column, _convert(column, array))


def _refuse_nulls(column: Column, data: Converted) -> Converted:
    missing: npt.NDArray[np.bool_]
    if isinstance(data, Precoded):
        missing = data.ids < 0
    elif isinstance(data, np.ma.MaskedArray):
        missing = masked_rows(data)
    else:
        return data
    if missing.any():
        column.refuse(int(np.argmax(missing)), f"no {column.role}: it is null")
    return data if isinstance(data, Precoded) else np.asarray(data)


def _convert(column: Column, array: Any) -> Converted:
    """Convert one chunked array, by its type."""
    pa = arrow()
    if isinstance(array.type, pa.BaseExtensionType):
        array = pa.chunked_array([chunk.storage for chunk in array.chunks])
    kind = array.type
    types = pa.types
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        return _numbers(array)
    if types.is_null(kind):
        return Precoded(np.full(len(array), -1, dtype=np.int32), [])
    if _is_list(kind):
        return _lists(column, array)
    if types.is_dictionary(kind):
        return _distinct(column, array)
    try:
        coded = array.dictionary_encode()
    except pa.ArrowException:
        raise DataFileError(
            f"{column.where} has the type {kind}, whose values tellapart does not compare. Use a "
            "column of numbers, text, bytes, dates or lists of numbers."
        ) from None
    return _distinct(column, coded)


def _numbers(array: Any) -> npt.NDArray[Any]:
    if not array.null_count:
        return np.asarray(array.to_numpy())
    mask = array.is_null().to_numpy()
    fill = False if arrow().types.is_boolean(array.type) else 0
    return np.ma.MaskedArray(array.fill_null(fill).to_numpy(), mask)


def _distinct(column: Column, array: Any) -> Precoded:
    """Convert a dictionary column; leave out values of its dictionary that no row has."""
    pa = arrow()
    array = array.unify_dictionaries()
    if not array.num_chunks:
        return Precoded(np.zeros(0, dtype=np.int32), [])
    dictionary = array.chunk(0).dictionary
    ids = np.concatenate([_numbers_or(chunk.indices, -1) for chunk in array.chunks])
    used = np.zeros(len(dictionary), dtype=bool)
    used[ids[ids >= 0]] = True
    used &= ~dictionary.is_null().to_numpy(zero_copy_only=False)
    rank = np.append(np.where(used, np.cumsum(used) - 1, -1), -1).astype(np.int32)
    try:
        values = dictionary.filter(pa.array(used)).to_pylist()
        return Precoded(rank[ids], values)
    except (pa.ArrowException, ValueError) as error:
        raise DataFileError(
            f"{column.where} has the type {array.type}, whose values Python cannot hold: {error}. "
            "Convert the column to numbers or text."
        ) from None


def _numbers_or(array: Any, fill: int) -> npt.NDArray[Any]:
    signed = array.cast(arrow().int32())
    return np.asarray(signed.fill_null(fill).to_numpy(zero_copy_only=False))


def _is_list(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _lists(column: Column, array: Any) -> npt.NDArray[Any]:
    """Convert lists of numbers, all of one shape, to an array; masked where null."""
    whole = array.combine_chunks()
    if isinstance(whole, arrow().ChunkedArray):
        whole = arrow().concat_arrays(whole.chunks)
    if not whole.null_count:
        return _nested(column, whole, np.arange(len(whole)))
    missing = whole.is_null().to_numpy(zero_copy_only=False)
    present = np.flatnonzero(~missing)
    inner = _nested(column, whole.drop_null(), present)
    values = np.zeros((len(whole), *inner.shape[1:]), dtype=inner.dtype)
    values[present] = inner
    mask = np.broadcast_to(missing.reshape(-1, *[1] * (inner.ndim - 1)), values.shape)
    return np.ma.MaskedArray(values, mask)


def _nested(column: Column, array: Any, rows: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    lengths = import_module("pyarrow.compute").list_value_length(array).to_numpy()
    if len(lengths) == 0:
        return np.zeros((0, 1))
    unlike = lengths != lengths[0]
    if unlike.any() or not lengths[0]:
        k = int(np.argmax(unlike))
        column.refuse(
            int(rows[k]),
            f"a list of {lengths[k]} entries, row {rows[0]} one of {lengths[0]}; all must be "
            "alike and not empty",
        )
    inner = array.flatten()
    owners = np.repeat(rows, int(lengths[0]))
    if inner.null_count:
        empty = inner.is_null().to_numpy(zero_copy_only=False)
        column.refuse(int(owners[np.argmax(empty)]), "a null inside a list")
    types = arrow().types
    if _is_list(inner.type):
        values = _nested(column, inner, owners)
    elif types.is_integer(inner.type) or types.is_floating(inner.type):
        values = np.asarray(inner.to_numpy(zero_copy_only=False))
    else:
        raise DataFileError(
            f"{column.where} holds lists of {inner.type}; tellapart compares lists of numbers."
        )
    return values.reshape(len(lengths), int(lengths[0]), *values.shape[1:])
