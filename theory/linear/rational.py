"""Small rational linear algebra: Gauss-Jordan elimination on matrices of fractions."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["independent_columns", "inverse"]

Objects = npt.NDArray[np.object_]
IntArray = npt.NDArray[np.int32]


def independent_columns(matrix: Objects) -> IntArray:
    """Return the first columns that are a basis of all of them, int32 ``[rank]``.

    Examples
    --------
    >>> independent_columns(np.array([[1, 2, 0], [0, 0, 3]], dtype=object)).tolist()
    [0, 2]
    """
    return _eliminate(matrix)[1]


def inverse(matrix: Objects) -> Objects:
    """Return the inverse of a square matrix of integers or fractions, dtype object.

    Raises
    ------
    InvalidArgumentError
        When there is none.

    Notes
    -----
    O(d³) operations on fractions.

    Examples
    --------
    >>> inverse(np.array([[2]], dtype=object)).tolist()
    [[Fraction(1, 2)]]
    """
    size = len(matrix)
    one = np.full((size, size), 0, dtype=object)
    one[np.arange(size), np.arange(size)] = 1
    reduced, pivots = _eliminate(np.hstack([matrix, one]))
    if pivots.tolist() != list(range(size)):
        raise InvalidArgumentError("The matrix is singular and has no inverse.")
    return reduced[:, size:]


def _eliminate(matrix: Objects) -> tuple[Objects, IntArray]:
    """Return the reduced row echelon form and its pivot columns."""
    height, width = matrix.shape
    rows = np.empty((height, width), dtype=object)
    rows.reshape(-1)[:] = [Fraction(x) for x in matrix.reshape(-1).tolist()]
    pivots: list[int] = []
    for column in range(width):
        done = len(pivots)
        place = next((i for i in range(done, height) if rows[i, column]), None)
        if place is None:
            continue
        rows[[done, place]] = rows[[place, done]]
        rows[done] = rows[done] / rows[done, column]
        for i in range(height):
            if i != done and rows[i, column]:
                rows[i] = rows[i] - rows[i, column] * rows[done]
        pivots.append(column)
    return rows, np.array(pivots, dtype=np.int32)
