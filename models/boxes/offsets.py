"""The offset that makes a line of given slope valid, whatever the slope; rounded outwards.

Part of the recheck: a slope is only a proposal, and nothing about it is believed.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks import activations, intervals
from tellapart.theory.networks.points import Interval

__all__ = ["kinked_offsets", "s_shaped_offsets"]

FloatArray = npt.NDArray[np.float64]
Function = Callable[[Interval], Interval]

#: 2/sqrt(pi) = 1.12837916709551257389... lies between two neighbours.
_TWO_OVER_ROOT_PI = Interval(np.array(1.1283791670955125), np.array(1.1283791670955128))


def kinked_offsets(name: str, low: FloatArray, high: FloatArray, x: Interval) -> Interval:
    """Return offsets of lines below and above ``max(x, 0)`` or ``|x|`` on an interval.

    Parameters
    ----------
    name
        ``"relu"`` or ``"abs"``.
    low, high
        Slopes of the lines below and above.
    x
        Where the argument lies.

    Returns
    -------
    ``lo``: an offset t with ``f(x) >= low x + t``; ``hi``: one with ``f(x) <= high x + t``.

    Notes
    -----
    ``f(x) - s x`` is linear on both sides of 0, so its extremes are at the ends or at 0.

    Examples
    --------
    >>> x = Interval(np.array([-1.0]), np.array([3.0]))
    >>> offsets = kinked_offsets("relu", np.array([0.0]), np.array([0.75]), x)
    >>> offsets.lo.tolist(), offsets.hi.round(9).tolist()
    ([0.0], [0.75])
    """
    ends = (x.lo, x.hi, np.clip(0.0, x.lo, x.hi))
    below = [_kinked_rest(name, end, low).lo for end in ends]
    above = [_kinked_rest(name, end, high).hi for end in ends]
    return Interval(np.minimum.reduce(below), np.maximum.reduce(above))


def _kinked_rest(name: str, x: FloatArray, slope: FloatArray) -> Interval:
    """Enclose ``f(x) - slope x``; exactly where the slope is 0, 1 or -1."""
    value = np.maximum(x, 0.0) if name == "relu" else np.abs(x)
    product = intervals.multiply(intervals.point(slope), intervals.point(x))
    rest = intervals.subtract(intervals.point(value), product)
    # Then the difference is 0, x, -x, 2x or -2x, which floats hold.
    with np.errstate(over="ignore"):
        exact = value - slope * x
    plain = ((slope == 0.0) | (np.abs(slope) == 1.0)) & np.isfinite(exact)
    return Interval(np.where(plain, exact, rest.lo), np.where(plain, exact, rest.hi))


def s_shaped_offsets(name: str, low: FloatArray, high: FloatArray, x: Interval) -> Interval:
    """Return offsets of lines below and above tanh, sigmoid or erf on an interval.

    Parameters
    ----------
    name
        ``"tanh"``, ``"sigmoid"`` or ``"erf"``.
    low, high, x
        As for :func:`kinked_offsets`.

    Notes
    -----
    These functions are convex up to 0, concave from there, and odd after f(0) is subtracted.
    ``f(x) - s x`` is least on the concave part at an end of it. On the convex part it lies above
    its tangent at any point; a good point is one where f has the slope s, and a float near it is
    as good. Lines above are lines below the function turned round.

    Examples
    --------
    >>> x = Interval(np.array([-1.0]), np.array([1.0]))
    >>> offsets = s_shaped_offsets("tanh", np.array([0.5]), np.array([0.5]), x)
    >>> offsets.lo.round(4).tolist(), offsets.hi.round(4).tolist()
    ([-0.2664], [0.2664])
    """
    function, slope_of, place_of = _FUNCTIONS[name]
    centre = 0.5 if name == "sigmoid" else 0.0

    def below(slope: FloatArray, part: Interval) -> FloatArray:
        rest = _least_rest(function, slope_of, place_of, slope, part)
        return np.where(np.isnan(rest), -np.inf, rest)

    turned = below(high, Interval(-x.hi, -x.lo))
    return Interval(below(low, x), intervals.up(2 * centre - turned))


def _least_rest(
    function: Function,
    slope_of: Function,
    place_of: Callable[[FloatArray], FloatArray],
    slope: FloatArray,
    x: Interval,
) -> FloatArray:
    """Return a lower bound of ``f(x) - slope x`` on an interval."""
    line = intervals.point(slope)

    def rest(at: FloatArray) -> Interval:
        place = intervals.point(at)
        return intervals.subtract(function(place), intervals.multiply(line, place))

    concave = np.minimum(rest(np.maximum(x.lo, 0.0)).lo, rest(x.hi).lo)
    end = np.minimum(x.hi, 0.0)
    # Where no point has the slope, f(x) - s x grows or falls throughout: touch at that end.
    place = np.where(slope > 0, np.nan_to_num(place_of(slope), nan=0.0), -np.inf)
    touched = np.clip(place, x.lo, np.maximum(end, x.lo))
    steeper = intervals.subtract(slope_of(intervals.point(touched)), line)
    reach = intervals.subtract(
        Interval(x.lo, np.maximum(end, x.lo)), intervals.point(touched)
    )  # of x - touched
    convex = intervals.add(rest(touched), intervals.multiply(steeper, reach)).lo
    least = np.minimum(np.where(x.hi > 0, concave, np.inf), np.where(x.lo < 0, convex, np.inf))
    return np.where(np.isinf(least) & (least > 0), rest(x.lo).lo, least)  # the interval {0}


def _tanh_slope(x: Interval) -> Interval:
    one = intervals.point(np.ones_like(x.lo))
    return intervals.subtract(one, intervals.square(activations.tanh(x)))


def _sigmoid_slope(x: Interval) -> Interval:
    return intervals.multiply(activations.sigmoid(x), activations.sigmoid(intervals.negative(x)))


def _erf_slope(x: Interval) -> Interval:
    bell = activations.exp(intervals.negative(intervals.square(x)))
    return intervals.multiply(_TWO_OVER_ROOT_PI, bell)


def _tanh_place(slope: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.asarray(-np.arctanh(np.sqrt(1.0 - slope)))


def _sigmoid_place(slope: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.asarray(2.0 * -np.arctanh(np.sqrt(1.0 - 4.0 * slope)))


def _erf_place(slope: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.asarray(-np.sqrt(-np.log(slope * (np.sqrt(np.pi) / 2.0))))


#: The function, its derivative, and a negative place where the derivative is about a given number.
_FUNCTIONS: dict[str, tuple[Function, Function, Callable[[FloatArray], FloatArray]]] = {
    "tanh": (activations.tanh, _tanh_slope, _tanh_place),
    "sigmoid": (activations.sigmoid, _sigmoid_slope, _sigmoid_place),
    "erf": (activations.erf, _erf_slope, _erf_place),
}
