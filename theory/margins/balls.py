"""Arrays of balls: float64 midpoints with radii that hold all rounding errors.

Matrix products of midpoints run at full speed in any order of summation; the radius takes the
a-priori bound of their error (Higham, Accuracy and Stability of Numerical Algorithms, 3.1).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.points import Interval

__all__ = [
    "Ball",
    "add",
    "inverse",
    "lift",
    "matmul",
    "multiply",
    "of_interval",
    "plus",
    "point",
    "total",
]

FloatArray = npt.NDArray[np.float64]

#: Relative error allowed for one operation: eight times that of IEEE, so that the rounding of
#: radii is in it too.
_UNIT = 2.0**-50
#: More than all that can be lost below the normal numbers.
_FLOOR = 1e-300


@dataclass(frozen=True, eq=False)
class Ball:
    """Real numbers within ``rad`` of ``mid``, arrays of one shape."""

    mid: FloatArray
    rad: FloatArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.mid.shape

    @property
    def magnitude(self) -> FloatArray:
        """Upper bounds of the absolute values."""
        return np.asarray((np.abs(self.mid) + self.rad) * (1 + _UNIT))

    def reshape(self, *shape: int) -> "Ball":
        """Return the same numbers in another shape."""
        return Ball(self.mid.reshape(shape), self.rad.reshape(shape))

    def __getitem__(self, key: Any) -> "Ball":
        return Ball(np.asarray(self.mid[key]), np.asarray(self.rad[key]))


def point(values: FloatArray) -> Ball:
    """Return exact numbers as balls."""
    return Ball(values, np.zeros_like(values))


def of_interval(values: Interval) -> Ball:
    """Return balls that contain intervals."""
    mid = values.lo + (values.hi - values.lo) / 2
    rad = np.maximum(values.hi - mid, mid - values.lo)
    return Ball(mid, rad * (1 + _UNIT))


def add(one: Ball, other: Ball, sign: float = 1.0) -> Ball:
    """Return the sum, or with ``sign=-1`` the difference."""
    mid = one.mid + sign * other.mid
    return Ball(mid, (one.rad + other.rad + np.abs(mid) * _UNIT) * (1 + _UNIT))


def multiply(one: Ball, other: Ball) -> Ball:
    """Return the product, entry by entry."""
    mid, size = one.mid * other.mid, np.abs(one.mid)
    rad = size * other.rad + one.rad * (np.abs(other.mid) + other.rad) + np.abs(mid) * _UNIT
    return Ball(mid, rad * (1 + _UNIT) + _FLOOR)


def plus(one: Ball | None, other: Ball | None, sign: float = 1.0) -> Ball:
    """Return the sum or difference of two, of which None is zero (not both)."""
    if one is None:
        zero = np.zeros(1)
        return add(Ball(zero, zero), other, sign) if other is not None else Ball(zero, zero)
    return one if other is None else add(one, other, sign)


def inverse(divisor: Ball) -> Ball:
    """Return ``1 / divisor``; of an unbounded radius where that may be zero."""
    low, high = divisor.mid - divisor.rad, divisor.mid + divisor.rad
    low, high = low - np.abs(low) * _UNIT, high + np.abs(high) * _UNIT
    unsafe = (low <= 0) & (high >= 0)
    one, other = 1 / np.where(unsafe, 1.0, low), 1 / np.where(unsafe, 1.0, high)
    result = of_interval(Interval(np.minimum(one, other), np.maximum(one, other)))
    rad = result.rad + np.abs(result.mid) * (4 * _UNIT)
    return Ball(result.mid, np.where(unsafe, np.inf, rad))


def matmul(one: Ball, other: Ball) -> Ball:
    """Return the product of matrices over the last two axes, the others broadcast."""
    slack = (one.shape[-1] + 4) * _UNIT
    size, far = np.abs(one.mid), np.abs(other.mid)
    rad = np.zeros(())
    if other.rad.any():
        rad = rad + _product(size, other.rad)
    if one.rad.any():
        rad = rad + _product(one.rad, far + other.rad)
    rad = rad + _product(size, far) * slack
    return Ball(_product(one.mid, other.mid), rad * (1 + slack) + _FLOOR)


def total(ball: Ball, axes: tuple[int, ...], *, keep: bool = True) -> Ball:
    """Return the sum over axes."""
    slack = (math.prod(ball.shape[axis] for axis in axes) + 4) * _UNIT
    rad = ball.rad.sum(axis=axes, keepdims=keep)
    rad = rad + np.abs(ball.mid).sum(axis=axes, keepdims=keep) * slack
    return Ball(ball.mid.sum(axis=axes, keepdims=keep), rad * (1 + slack))


def lift(ball: Ball, rank: int, leading: int = 2) -> Ball:
    """Put axes of length 1 between the leading axes and a shape of lower rank."""
    missing = rank + leading - len(ball.shape)
    if missing <= 0:
        return ball
    return ball.reshape(*ball.shape[:leading], *[1] * missing, *ball.shape[leading:])


def _product(one: FloatArray, other: FloatArray) -> FloatArray:
    """Multiply; many thin matrices by one matrix in one call of the library underneath."""
    if other.ndim == 2 and one.ndim > 2:
        rows = one.reshape(-1, one.shape[-1]) @ other
        return np.asarray(rows.reshape(*one.shape[:-1], other.shape[-1]))
    return np.asarray(one @ other)
