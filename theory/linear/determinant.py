"""Determinants of integer matrices: exactly, or whether they are 0 modulo a prime."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["determinant_of", "is_regular"]


def determinant_of(rows: Sequence[Sequence[int]]) -> int:
    """Return the determinant by Bareiss' elimination, in which all divisions are exact.

    Parameters
    ----------
    rows
        A square of integers; that of no rows is 1.

    Notes
    -----
    O(r³) operations on integers, which get as long as the determinant.

    Examples
    --------
    >>> determinant_of([[0, 2], [3, 4]])
    -6
    """
    left = [list(row) for row in rows]
    sign, previous = 1, 1
    while left:
        place = next((i for i, row in enumerate(left) if row[0]), None)
        if place is None:
            return 0
        if place % 2:  # the row moves up past so many others
            sign = -sign
        pivot, *others = left.pop(place)
        left = [
            [(pivot * x - row[0] * y) // previous for x, y in zip(row[1:], others, strict=True)]
            for row in left
        ]
        previous = pivot
    return sign * previous


def is_regular(rows: Sequence[Sequence[int]], prime: int) -> bool:
    """Tell whether the determinant is not 0 modulo a prime below 2^31; if so, it is not 0.

    Parameters
    ----------
    rows
        A square of integers.

    Notes
    -----
    O(r³) operations on int64: products of two residues fit.

    Examples
    --------
    >>> is_regular([[0, 2], [3, 4]], 5), is_regular([[0, 2], [3, 4]], 3)
    (True, False)
    """
    left: npt.NDArray[np.int64] = np.array(
        [[x % prime for x in row] for row in rows], dtype=np.int64
    )
    while len(left):
        nonzero = np.flatnonzero(left[:, 0])
        if not len(nonzero):
            return False
        top = left[nonzero[0], 1:] * pow(int(left[nonzero[0], 0]), -1, prime) % prime
        rest = np.delete(left, nonzero[0], axis=0)
        left = (rest[:, 1:] - rest[:, :1] * top % prime) % prime
    return True
