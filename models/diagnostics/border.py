"""Codes and groups of rows, checked once at the border of the diagnostics."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["MAX_CODE", "as_codes", "as_groups"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Codes beyond this are refused: their squares, and sums of them, would leave float64.
MAX_CODE = 1e100


def as_codes(codes: Any) -> FloatArray:
    """Return codes as float64 ``[n, d]``.

    Parameters
    ----------
    codes
        Numbers ``[n, d]`` or ``[n]`` (one dimension): an array, nested lists or a tensor, which
        is detached and copied to the CPU.

    Raises
    ------
    InvalidArgumentError
        For anything else, no rows, no columns, NaN, infinity or numbers above :data:`MAX_CODE`.

    Examples
    --------
    >>> as_codes([1, 2, 3]).shape
    (3, 1)
    """
    if hasattr(codes, "detach"):
        codes = codes.detach().cpu().double().numpy()
    try:
        array = np.asarray(codes)
    except (ValueError, TypeError) as error:
        raise InvalidArgumentError(
            f"codes are no rectangular array ({error}); give numbers [n, d]."
        ) from None
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2) or not array.size:
        raise InvalidArgumentError(
            f"codes have shape {array.shape} and dtype {array.dtype}; give numbers [n, d], one "
            "row for each observation, with at least one row and one column."
        )
    rows: FloatArray = array.reshape(len(array), -1).astype(np.float64)
    bad = np.flatnonzero(~(np.abs(rows) <= MAX_CODE).all(axis=1))
    if bad.size:
        what = rows[bad[0]][~(np.abs(rows[bad[0]]) <= MAX_CODE)][0]
        raise InvalidArgumentError(
            f"The code in row {bad[0]} holds {what} ({bad.size} of {len(rows)} rows are not finite "
            f"or above {MAX_CODE:g}). Training may have diverged: repair the encoder first."
        )
    return rows


def as_groups(groups: Any, n: int, name: str = "classes") -> IntArray:
    """Return the group of each row as int64 ``[n]``, numbered ``0, 1, ..`` by first appearance.

    Raises
    ------
    InvalidArgumentError
        When the groups are not ``n`` integers.
    """
    try:
        array = np.asarray(groups)
    except (ValueError, TypeError):
        array = np.zeros((0, 0))
    if array.shape != (n,) or array.dtype.kind not in "iu":
        raise InvalidArgumentError(
            f"{name} has shape {array.shape} and dtype {array.dtype}; give one integer for each of "
            f"the {n} rows of codes."
        )
    _, first, inverse = np.unique(array, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.reshape(-1)]
