"""Interval arithmetic on arrays of float64, rounded outwards: every result contains the truth.

The basic operations of IEEE 754 are correctly rounded, so the float next to a computed result, away
from the interval, is a bound. Sums are added up as a tree, for which the error bound is short.
Matrix products have a module of their own.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.networks.points import Interval

__all__ = [
    "absolute", "add", "divide", "down", "largest", "maximum", "minimum", "multiply",
    "negative", "point", "rearranged", "relu", "require_rounding", "square", "square_root",
    "subtract", "total", "up",
]  # fmt: skip

FloatArray = npt.NDArray[np.float64]

#: Unit roundoff of float64, and its smallest positive number.
_U, _TINY = 2.0**-53, 2.0**-1074

_quiet = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")


def down(values: FloatArray) -> FloatArray:
    """Return the next float below each value; below infinity lies the largest float."""
    with np.errstate(over="ignore", under="ignore"):
        return np.nextafter(values, -np.inf)


def up(values: FloatArray) -> FloatArray:
    """Return the next float above each value."""
    with np.errstate(over="ignore", under="ignore"):
        return np.nextafter(values, np.inf)


def point(values: FloatArray) -> Interval:
    """Return floats as intervals of width zero; one array serves as both ends, which marks them."""
    return Interval(values, values)


def rearranged(x: Interval, change: Callable[[FloatArray], FloatArray]) -> Interval:
    """Apply a function that only moves or keeps numbers to both ends."""
    lo = change(x.lo)
    return Interval(lo, lo if x.lo is x.hi else change(x.hi))


def require_rounding() -> None:
    """Raise where the processor does not compute as IEEE 754 says (flushed denormals, rounding).

    Raises
    ------
    InternalError
        With what to switch off.
    """
    one, half = np.ones(1), np.full(1, _U)
    if not (np.full(1, _TINY) * one > 0).all() or not (np.full(1, 2.0**-1022) * 0.5 > 0).all():
        raise InternalError(
            "The processor flushes denormal numbers to zero, so rounded bounds would be wrong. "
            "Switch it off, for instance by torch.set_flush_denormal(False)."
        )
    if (one + half != 1).any() or (one + half * 1.5 <= 1).any() or (-one - half * 1.5 >= -1).any():
        raise InternalError(
            "The processor does not round to nearest, so rounded bounds would be wrong. Restore "
            "its rounding mode."
        )


def negative(x: Interval) -> Interval:
    """Return ``-x``; exact."""
    return Interval(-x.hi, -x.lo) if x.lo is not x.hi else point(-x.lo)


def absolute(x: Interval) -> Interval:
    """Return ``|x|``; exact."""
    lo = np.maximum(np.maximum(x.lo, -x.hi), 0.0)
    return Interval(lo, np.maximum(-x.lo, x.hi))


def relu(x: Interval) -> Interval:
    """Return ``max(x, 0)``; exact."""
    return rearranged(x, lambda end: np.maximum(end, 0.0))


def maximum(x: Interval, y: Interval) -> Interval:
    """Return the larger of two, elementwise; exact."""
    return Interval(np.maximum(x.lo, y.lo), np.maximum(x.hi, y.hi))


def minimum(x: Interval, y: Interval) -> Interval:
    """Return the smaller of two, elementwise; exact."""
    return Interval(np.minimum(x.lo, y.lo), np.minimum(x.hi, y.hi))


@_quiet
def add(x: Interval, y: Interval) -> Interval:
    """Return ``x + y``, not negative where both are not.

    No NaN arises: a lower end is never ``+inf``, an upper one never ``-inf``.
    """
    lo = down(x.lo + y.lo)
    lo = np.where((x.lo >= 0) & (y.lo >= 0), np.maximum(lo, 0.0), lo)
    return Interval(lo, up(x.hi + y.hi))


@_quiet
def subtract(x: Interval, y: Interval) -> Interval:
    """Return ``x - y``."""
    return Interval(down(x.lo - y.hi), up(x.hi - y.lo))


@_quiet
def multiply(x: Interval, y: Interval) -> Interval:
    """Return ``x * y``; a factor that is zero gives exactly zero."""
    lo, hi = _hull(x, y, np.multiply)
    same = ((x.lo >= 0) & (y.lo >= 0)) | ((x.hi <= 0) & (y.hi <= 0))
    opposite = ((x.lo >= 0) & (y.hi <= 0)) | ((x.hi <= 0) & (y.lo >= 0))
    zero = ((x.lo == 0) & (x.hi == 0)) | ((y.lo == 0) & (y.hi == 0))
    lo = np.where((same & (lo < 0)) | zero, 0.0, lo)
    return Interval(lo, np.where((opposite & (hi > 0)) | zero, 0.0, hi))


@_quiet
def square(x: Interval) -> Interval:
    """Return ``x * x``, never negative."""
    size = absolute(x)
    return Interval(np.maximum(down(size.lo * size.lo), 0.0), up(size.hi * size.hi))


@_quiet
def divide(x: Interval, y: Interval) -> Interval:
    """Return ``x / y``.

    Raises
    ------
    InvalidArgumentError
        When a divisor may be zero.
    """
    if bool(((y.lo <= 0) & (y.hi >= 0)).any()):
        raise InvalidArgumentError(
            "a divisor may be zero, as far as its enclosure tells; the quotient has no bounds. "
            "Keep the divisor away from zero (a positive constant added to it)."
        )
    lo, hi = _hull(x, y, np.divide)
    same = ((x.lo >= 0) & (y.lo > 0)) | ((x.hi <= 0) & (y.hi < 0))
    opposite = ((x.lo >= 0) & (y.hi < 0)) | ((x.hi <= 0) & (y.lo > 0))
    lo = np.where(same & (lo < 0), 0.0, lo)
    return Interval(lo, np.where(opposite & (hi > 0), 0.0, hi))


@_quiet
def square_root(x: Interval) -> Interval:
    """Return the square root.

    Raises
    ------
    InvalidArgumentError
        When an argument may be negative.
    """
    if bool((x.lo < 0).any()):
        raise InvalidArgumentError(
            "the argument of a square root may be negative, as far as its enclosure tells. Keep "
            "it away from zero (a positive constant added to it)."
        )
    return Interval(np.maximum(down(np.sqrt(x.lo)), 0.0), up(np.sqrt(x.hi)))


@_quiet
def total(x: Interval, axes: tuple[int, ...]) -> Interval:
    """Return sums over axes, which stay with length 1.

    Notes
    -----
    Added up as a tree of L levels, so the error is at most ``1.01 L u Σ|x|`` (additions do not
    underflow); Σ|x| itself is wrong by that factor.
    """
    levels = int(np.prod([x.shape[axis] for axis in axes], dtype=np.int64)).bit_length()
    lo, hi = _tree(x.lo, axes), _tree(x.hi, axes)
    factor = 2.0 * levels * _U
    lo = lo - up(factor * _tree(np.abs(x.lo), axes))
    hi = hi + up(factor * _tree(np.abs(x.hi), axes))
    # Only an overflow in between gives inf - inf.
    lo = down(np.where(np.isnan(lo), -np.inf, lo))
    positive = (x.lo >= 0).all(axis=axes, keepdims=True)  # such sums have square roots
    lo = np.where(positive, np.maximum(lo, 0.0), lo)
    return Interval(lo, up(np.where(np.isnan(hi), np.inf, hi)))


def _tree(values: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    for axis in axes:
        values = np.moveaxis(values, axis, -1)
        while values.shape[-1] > 1:
            half = values.shape[-1] // 2
            added = values[..., :half] + values[..., half : 2 * half]
            values = np.concatenate([added, values[..., 2 * half :]], axis=-1)
        if values.shape[-1] == 0:
            values = np.zeros((*values.shape[:-1], 1))
        values = np.moveaxis(values, -1, axis)
    return values


def largest(x: Interval, axes: tuple[int, ...]) -> Interval:
    """Return maxima over axes, which stay with length 1; exact.

    Raises
    ------
    InvalidArgumentError
        For a maximum of no numbers.
    """
    if any(x.shape[axis] == 0 for axis in axes):
        raise InvalidArgumentError("a maximum of no numbers is not defined.")
    return rearranged(x, lambda end: end.max(axis=axes, keepdims=True))


def _hull(x: Interval, y: Interval, operation: np.ufunc) -> tuple[FloatArray, FloatArray]:
    """Outward bounds of an operation that is monotone in each argument, from its corners."""
    ends_x = (x.lo,) if x.lo is x.hi else (x.lo, x.hi)
    ends_y = (y.lo,) if y.lo is y.hi else (y.lo, y.hi)
    corners = [operation(a, b) for a in ends_x for b in ends_y]
    # 0 * inf and inf / inf: what comes near there is near 0 or near another corner.
    corners = [np.where(np.isnan(corner), 0.0, corner) for corner in corners]
    return down(reduce(np.minimum, corners)), up(reduce(np.maximum, corners))
