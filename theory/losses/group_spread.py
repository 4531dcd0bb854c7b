"""Sums of squared deviations within groups of rows: exact for integers, vectorised for floats."""

from collections.abc import Sequence
from fractions import Fraction
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["exact_squares", "float_squares", "one_hot_squares", "sum_numbers"]

IntArray = npt.NDArray[np.int64]

#: Columns of floats gathered at once; bounds the memory to this many numbers for each row.
_COLUMNS = 8


def float_squares(
    values: npt.NDArray[np.float64], rows: IntArray, starts: IntArray
) -> npt.NDArray[np.float64]:
    """Return ``sum ||z - mean||^2`` of each group, float64 ``[n_groups]``.

    Parameters
    ----------
    values
        float64 ``[n, d]``.
    rows
        int64 ``[k]``: the members (rows of ``values``) of all groups, group after group.
    starts
        int64 ``[n_groups]``: where each group begins in ``rows``.

    Notes
    -----
    O(k d) time and O(k) memory. Two passes (mean, then deviations), so that a large mean costs no
    digits.

    Examples
    --------
    >>> values = np.array([[0.0], [2.0], [7.0]])
    >>> float_squares(values, np.arange(3), np.array([0, 2])).tolist()
    [2.0, 0.0]
    """
    total = np.zeros(len(starts))
    if not len(starts):
        return total
    sizes = np.diff(starts, append=len(rows))
    for first in range(0, values.shape[1], _COLUMNS):
        part = values[:, first : first + _COLUMNS][rows]
        part -= np.repeat(np.add.reduceat(part, starts, axis=0) / sizes[:, None], sizes, axis=0)
        total += np.add.reduceat(np.square(part).sum(axis=1), starts)
    return total


def exact_squares(values: npt.NDArray[Any], rows: IntArray, starts: IntArray) -> list[Fraction]:
    """Return ``sum ||z - mean||^2`` of each group of integer rows, exactly.

    Parameters
    ----------
    values
        int64 or Python integers ``[n, d]``.
    rows, starts
        As for :func:`float_squares`.

    Notes
    -----
    ``k sum ||z||^2 - ||sum z||^2`` over k, in 64 bits where that cannot overflow.

    Examples
    --------
    >>> exact_squares(np.array([[0], [1], [7]]), np.arange(3), np.array([0, 2]))
    [Fraction(1, 2), Fraction(0, 1)]
    """
    if not len(starts):
        return []
    sizes = np.diff(starts, append=len(rows))
    numbers = values[rows]
    if numbers.dtype != object:
        largest = max(abs(int(numbers.max(initial=0))), abs(int(numbers.min(initial=0))))
        if largest**2 * max(1, numbers.shape[1]) * int(sizes.max()) ** 2 >= 2**62:
            numbers = numbers.astype(object)
    if not numbers.shape[1]:
        return [Fraction(0)] * len(starts)
    sums = np.add.reduceat(numbers, starts, axis=0)
    squares = np.add.reduceat((numbers * numbers).sum(axis=1), starts)
    tops = sizes * squares - (sums * sums).sum(axis=1)
    return [Fraction(top, size) for top, size in zip(tops.tolist(), sizes.tolist(), strict=True)]


def one_hot_squares(ids: IntArray, rows: IntArray, starts: IntArray) -> list[Fraction]:
    """Return the same for unit vectors ``e_ids``, without writing them down.

    A group of k with ``k_i`` members of id i has ``k - sum k_i^2 / k``.

    Examples
    --------
    >>> one_hot_squares(np.array([0, 1, 1]), np.arange(3), np.array([0]))
    [Fraction(4, 3)]
    """
    if not len(starts):
        return []
    sizes = np.diff(starts, append=len(rows))
    groups = np.repeat(np.arange(len(starts)), sizes)
    width = int(ids.max()) + 1
    pairs, counts = np.unique(groups * width + ids[rows], return_counts=True)
    owners = pairs // width
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    squares = np.add.reduceat(counts * counts, first)
    return [
        k - Fraction(square, k) for k, square in zip(sizes.tolist(), squares.tolist(), strict=True)
    ]


def sum_numbers(numbers: Sequence[Fraction | float]) -> Fraction | float:
    """Return the sum: exact for fractions (0 for none), rounded once for floats."""
    if any(isinstance(number, float) for number in numbers):
        return fsum(numbers)
    tops: dict[int, int] = {}  # fractions of one denominator are added as integers
    for number in numbers:
        top, bottom = number.as_integer_ratio()
        tops[bottom] = tops.get(bottom, 0) + top
    return sum((Fraction(top, bottom) for bottom, top in tops.items()), Fraction(0))
