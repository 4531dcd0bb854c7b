"""Difference quotients of activations between two enclosed numbers.

``(f(x) - f(y)) / (x - y)`` is enclosed twice: by the quotient of the enclosures where x and y are
provably apart, and by the range of the derivative between them (mean value theorem; for relu and
abs by cases). Both are right, so their intersection is.
"""

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.points import Interval

__all__ = ["GLOBAL", "between"]

FloatArray = npt.NDArray[np.float64]

#: Slopes over all numbers; of maximum and minimum with a constant.
GLOBAL = {
    "relu": (0.0, 1.0),
    "tanh": (0.0, 1.0),
    "sigmoid": (0.0, 0.25),
    "erf": (0.0, 1.1283791671),  # 2/sqrt(pi) = 1.12837916709...
    "abs": (-1.0, 1.0),
    "maximum": (0.0, 1.0),
    "minimum": (0.0, 1.0),
}
#: More than the relative error of the few operations in which each bound is computed.
_SLACK = 2.0**-48


def between(
    name: str,
    x: Interval,
    y: Interval,
    at_x: Interval,
    at_y: Interval,
) -> Interval:
    """Enclose the difference quotients of an activation.

    Parameters
    ----------
    name
        A function of one number.
    x, y
        Enclosures of the arguments, of one shape.
    at_x, at_y
        Enclosures of the results.
    """
    low, high = _derivative(name, x, y, at_x, at_y)
    apart = (x.lo > y.hi) | (x.hi < y.lo)
    under_low, under_high = _outward(x.lo - y.hi, x.hi - y.lo)
    over_low, over_high = _outward(at_x.lo - at_y.hi, at_x.hi - at_y.lo)
    under_low, under_high = np.where(apart, under_low, 1.0), np.where(apart, under_high, 1.0)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        corners = [a / b for a in (over_low, over_high) for b in (under_low, under_high)]
        quotient_low, quotient_high = _outward(
            np.minimum.reduce(corners), np.maximum.reduce(corners)
        )
    usable = apart & (under_low * under_high > 0)
    usable &= np.isfinite(quotient_low) & np.isfinite(quotient_high)
    low = np.where(usable, np.maximum(low, quotient_low), low)
    high = np.where(usable, np.minimum(high, quotient_high), high)
    return Interval(low, np.maximum(low, high))


def _derivative(
    name: str, x: Interval, y: Interval, at_x: Interval, at_y: Interval
) -> tuple[FloatArray, FloatArray]:
    """Range of the derivative between the two, or of the slopes of a function with a kink."""
    least, most = np.minimum(x.lo, y.lo), np.maximum(x.hi, y.hi)
    low, high = (np.full(x.shape, bound) for bound in GLOBAL.get(name, (0.0, np.inf)))
    if name in ("tanh", "sigmoid"):
        # tanh' = 1 - tanh², sigmoid' = 1/4 - (sigmoid - 1/2)²: by the results alone.
        centre, top = (0.0, 1.0) if name == "tanh" else (0.5, 0.25)
        below = np.minimum(at_x.lo, at_y.lo) - centre
        above = np.maximum(at_x.hi, at_y.hi) - centre
        far = np.maximum(np.abs(below), np.abs(above))
        near = np.where((below <= 0) & (above >= 0), 0.0, np.minimum(np.abs(below), np.abs(above)))
        low = np.maximum(low, top - far * far - _SLACK)
        high = np.minimum(high, top - near * near + _SLACK)
        return low, np.maximum(high, 0.0)
    if name in ("relu", "abs"):
        return np.where(least >= 0, 1.0, low), np.where(most <= 0, GLOBAL[name][0], high)
    if name in ("exp", "sqrt"):  # exp' = exp, sqrt' = 1/(2 sqrt)
        below, above = np.minimum(at_x.lo, at_y.lo), np.maximum(at_x.hi, at_y.hi)
        if name == "exp":
            return below, above
        positive = below > 0
        steep = 0.5 / np.where(positive, below, 1.0) * (1 + _SLACK)
        return 0.5 / above * (1 - _SLACK), np.where(positive, steep, np.inf)
    return low, high


def _outward(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
