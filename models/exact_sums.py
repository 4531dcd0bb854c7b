"""Which sums of products round in float64, and which do not whatever their order."""

import numpy as np
import numpy.typing as npt

__all__ = ["exact_sums", "lowest_unit"]

FloatArray = npt.NDArray[np.float64]

#: Integers up to here, times one power of two, are exact in float64; a factor 2 is kept in hand.
_LARGEST = 2.0**52


def lowest_unit(array: FloatArray) -> float:
    """Return the largest power of two that divides every entry; infinity when all are 0.

    Examples
    --------
    >>> lowest_unit(np.array([0.75, -6.0, 0.0]))
    0.25
    """
    entries = np.abs(array[array != 0])
    if not entries.size:
        return float("inf")
    mantissa, exponent = np.frexp(entries)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    lowest = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    return float(np.ldexp(1.0, int((lowest + exponent - 53).min())))


def exact_sums(left: FloatArray, right: FloatArray, offset: FloatArray | float = 0.0) -> bool:
    """Tell whether ``left @ right + offset`` is computed without rounding, in any order.

    Parameters
    ----------
    left
        Finite float64 ``[n, k]``.
    right
        Finite float64 ``[k, q]``.
    offset
        Finite, broadcast to ``[n, q]``.

    Returns
    -------
    True when every product is a multiple of one power of two and the sums of their sizes are at
    most 2^52 times it; or when every row of ``left`` is a unit vector and nothing is added, which
    copies rows of ``right``. False says nothing.

    Notes
    -----
    O(n k q). Products and partial sums are then integers times that power, below 2^53.

    Examples
    --------
    >>> exact_sums(np.array([[3.0, 1.0]]), np.array([[0.5], [2.0]]))
    True
    >>> exact_sums(np.array([[3.0, 1.0]]), np.array([[0.1], [2.0**60]]))
    False
    """
    added = np.asarray(offset, dtype=np.float64)
    if not added.any() and _copies(left):
        return True
    factors = (lowest_unit(left), lowest_unit(right))
    product = factors[0] * factors[1]
    if max(factors) < float("inf") and not 0 < product < float("inf"):
        return False  # products outside the range of float64
    unit = min(product, lowest_unit(added))
    if unit == float("inf"):
        return True  # nothing but zeros
    with np.errstate(over="ignore"):
        size = (np.abs(left) @ np.abs(right) + np.abs(added)) / unit
    return bool((size <= _LARGEST).all())


def _copies(left: FloatArray) -> bool:
    return bool(np.isin(left, (0.0, 1.0)).all() and (np.count_nonzero(left, axis=1) <= 1).all())
