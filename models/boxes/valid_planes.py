"""Planes around an operation that are valid whatever slopes are proposed: part of the recheck."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes.offsets import kinked_offsets, s_shaped_offsets
from tellapart.models.boxes.walk import Bound
from tellapart.theory.networks import intervals
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation

__all__ = ["valid_planes"]

FloatArray = npt.NDArray[np.float64]

_SLOPED = ("relu", "abs", "tanh", "sigmoid", "erf", "maximum", "minimum")
#: Slopes are rounded to multiples of this: then 1 - slope is exact, and exact numbers stay short.
_SLOPE_UNIT = 2.0**-24
_STEEPEST = 4.0


def valid_planes(
    operation: Operation, at: Sequence[Interval], result: Interval, chosen: FloatArray | None
) -> tuple[Bound, Bound]:
    """Return a plane below and a plane above one operation.

    Parameters
    ----------
    operation
        One that is not linear.
    at
        Where each argument lies, of its row shape.
    result
        Where the result lies.
    chosen
        Slopes of the line below and of the line above, ``[2, *row shape]``, of an operation that
        has a choice; None: planes without slopes.

    Returns
    -------
    Valid wherever the arguments lie, whatever the slopes are.
    """
    name = operation.name
    if chosen is not None and name in _SLOPED:
        slopes = np.clip(chosen, -_STEEPEST, _STEEPEST)
        low, high = np.rint(slopes / _SLOPE_UNIT) * _SLOPE_UNIT
        if name in ("maximum", "minimum"):
            return _larger_or_smaller(name, low, high, intervals.subtract(at[0], at[1]))
        offsets_of = kinked_offsets if name in ("relu", "abs") else s_shaped_offsets
        offsets = offsets_of(name, low, high, at[0])
        return ([low], offsets.lo), ([high], offsets.hi)
    if name == "mul":
        return _around_product(at[0], at[1])
    if name == "max":
        return _around_largest(at[0], result, operation.axes)
    return ([], result.lo), ([], result.hi)


def _larger_or_smaller(
    name: str, low: FloatArray, high: FloatArray, gap: Interval
) -> tuple[Bound, Bound]:
    """``max(a, b) = b + max(a - b, 0)`` and ``min(a, b) = a - max(a - b, 0)``."""
    offsets = kinked_offsets("relu", low, high, gap)
    if name == "maximum":
        return ([low, 1 - low], offsets.lo), ([high, 1 - high], offsets.hi)
    return ([1 - high, high], -offsets.hi), ([1 - low, low], -offsets.lo)


def _around_product(a: Interval, b: Interval) -> tuple[Bound, Bound]:
    """From ``(a - a_lo)(b - b_lo) >= 0`` and ``(a - a_hi)(b - b_lo) <= 0``."""
    corner = intervals.multiply(intervals.point(a.lo), intervals.point(b.lo))
    other = intervals.multiply(intervals.point(a.hi), intervals.point(b.lo))
    b_lo = np.broadcast_to(b.lo, corner.shape)
    lower = [b_lo, np.broadcast_to(a.lo, corner.shape)]
    return (lower, -corner.hi), ([b_lo, np.broadcast_to(a.hi, corner.shape)], -other.lo)


def _around_largest(x: Interval, result: Interval, axes: tuple[int, ...]) -> tuple[Bound, Bound]:
    """Use that a maximum is at least any of its arguments, and at most the largest upper end."""
    ahead = x.lo == x.lo.max(axis=axes, keepdims=True)
    order = np.arange(ahead.size).reshape(ahead.shape)
    first = np.where(ahead, order, ahead.size).min(axis=axes, keepdims=True)
    one = (order == first).astype(np.float64)
    rivals = np.where(one > 0, -np.inf, x.hi).max(axis=axes, keepdims=True)
    alone = rivals <= result.lo
    return ([one], np.zeros(result.shape)), ([one * alone], np.where(alone, 0.0, result.hi))
