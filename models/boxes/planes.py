"""Two planes around a non-linear operation, as tight as floats find them; proved by nobody here.

On a box of arguments an operation lies between a lower and an upper plane. Whatever slopes are
chosen, some offset makes a plane valid: :mod:`tellapart.models.boxes.recheck` takes the slopes from
here and finds the offsets anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.points import Interval

__all__ = ["SLOPED", "Planes", "planes_around"]

FloatArray = npt.NDArray[np.float64]

#: Operations whose slopes are a choice; a certificate holds them.
SLOPED = ("relu", "abs", "tanh", "sigmoid", "erf", "maximum", "minimum")
_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Planes:
    """``Σ lower[k] * argument k + lower_offset <= f(arguments) <= Σ upper[k] * ... ``.

    Attributes
    ----------
    lower, upper
        For each argument its slopes, float64 ``[B, *row shape]`` (broadcast with the result).
        Empty: a constant.
    lower_offset, upper_offset
        float64 ``[B, *row shape]`` of the result.
    slopes
        For :data:`SLOPED` operations float64 ``[B, 2, *row shape]``: the lower and upper slope
        that were chosen, in the argument, or in ``a - b`` for ``maximum(a, b)``; else None.
    """

    lower: tuple[FloatArray, ...]
    upper: tuple[FloatArray, ...]
    lower_offset: FloatArray
    upper_offset: FloatArray
    slopes: FloatArray | None = None


def planes_around(
    name: str, at: Sequence[Interval], result: Interval, axes: tuple[int, ...] = ()
) -> Planes:
    """Return planes around one operation.

    Parameters
    ----------
    name
        Name of the operation.
    at
        Where each argument lies, ``[B, *row shape]``, broadcast with each other.
    result
        Where the result lies: the constant planes of operations that have no others.
    axes
        For ``max``: its axes in ``[B, *row shape]``.

    Notes
    -----
    Planes for abs, relu, maximum and minimum: chord above (or below), and of the two lines through
    the kink the one with less area between it and the chord. For s-shaped functions: chord, or
    tangent where the chord cuts the graph. For products the planes of McCormick. ``max``: its
    argument with the largest lower bound. All others: constants.
    """
    if name in ("maximum", "minimum"):
        return _largest_of_two(name, at[0], at[1])
    if name == "mul":
        return _product(at[0], at[1])
    if name == "max":
        return _largest(at[0], result, axes)
    if name in SLOPED:
        lines = _kinked(name, at[0]) if name in ("relu", "abs") else _s_shaped(name, at[0])
        (lower, low), (upper, high) = lines
        return Planes((lower,), (upper,), low, high, np.stack([lower, upper], axis=1))
    return Planes((), (), result.lo, result.hi)


Line = tuple[FloatArray, FloatArray]  # slopes, offsets


def _kinked(name: str, x: Interval) -> tuple[Line, Line]:
    """Return lines around ``max(x, 0)`` or ``|x|``, whose kink is at 0."""
    left = 0.0 if name == "relu" else -1.0
    low, high = np.maximum(left * x.lo, x.lo), np.maximum(left * x.hi, x.hi)
    chord = _ratio(high - low, x.hi - x.lo, np.where(x.lo >= 0, 1.0, left))
    upper = np.where(x.lo >= 0, 1.0, np.where(x.hi <= 0, left, chord))
    lower = np.where(x.hi > -x.lo, 1.0, left)
    return (lower, np.zeros_like(lower)), (upper, high - upper * x.hi)


def _largest_of_two(name: str, a: Interval, b: Interval) -> Planes:
    """``max(a, b) = b + max(a - b, 0)``, and ``min(a, b) = a - max(a - b, 0)``."""
    (low, low_at), (high, high_at) = _kinked("relu", Interval(a.lo - b.hi, a.hi - b.lo))
    slopes = np.stack([low, high], axis=1)
    if name == "maximum":
        return Planes((low, 1 - low), (high, 1 - high), low_at, high_at, slopes)
    return Planes((1 - high, high), (1 - low, low), -high_at, -low_at, slopes)


def _product(a: Interval, b: Interval) -> Planes:
    shape = np.broadcast_shapes(a.shape, b.shape)
    alo, ahi, blo = (np.broadcast_to(edge, shape) for edge in (a.lo, a.hi, b.lo))
    return Planes((blo, alo), (blo, ahi), -alo * blo, -ahi * blo)


def _largest(x: Interval, result: Interval, axes: tuple[int, ...]) -> Planes:
    """Below: the entry with the largest lower bound. Above: the same if no other can be larger."""
    moved = np.moveaxis(x.lo, axes, range(-len(axes), 0))
    flat = moved.reshape(*moved.shape[: moved.ndim - len(axes)], -1)
    chosen = np.zeros(flat.shape)
    np.put_along_axis(chosen, flat.argmax(axis=-1)[..., None], 1.0, axis=-1)
    lower = np.moveaxis(chosen.reshape(moved.shape), range(-len(axes), 0), axes)
    others = np.where(lower > 0, -np.inf, x.hi).max(axis=axes, keepdims=True)
    alone = others <= result.lo
    upper = lower * alone
    return Planes((lower,), (upper,), np.zeros_like(result.lo), np.where(alone, 0.0, result.hi))


def _s_shaped(name: str, x: Interval) -> tuple[Line, Line]:
    value, slope = _S_SHAPES[name]
    lower = _line_below(value, slope, x.lo, x.hi)
    # f(x) - f(0) is odd, so a line above f over [l, u] is a line below over [-u, -l], turned round.
    turned, offset = _line_below(value, slope, -x.hi, -x.lo)
    return lower, (turned, 2 * value(np.zeros(1)) - offset)


def _line_below(
    value: Callable[[FloatArray], FloatArray],
    slope: Callable[[FloatArray], FloatArray],
    lo: FloatArray,
    hi: FloatArray,
) -> Line:
    """Return a line below a function that is convex up to 0 and concave from there."""
    at_lo, at_hi = value(lo), value(hi)
    chord = _ratio(at_hi - at_lo, hi - lo, slope(lo))
    # The tangent at p <= 0 that ends in (hi, f(hi)); its height there grows with p.
    left, right = lo.copy(), np.minimum(hi, 0.0)
    for _ in range(_HALVINGS):
        middle = (left + right) / 2
        above = value(middle) + slope(middle) * (hi - middle) > at_hi
        left, right = np.where(above, left, middle), np.where(above, middle, right)
    point = np.where(hi <= 0, (lo + hi) / 2, left)
    chorded = (lo >= 0) | ((hi > 0) & (at_lo + slope(lo) * (hi - lo) >= at_hi))
    slopes = np.where(chorded, chord, slope(point))
    anchor = np.where(chorded, lo, point)
    return slopes, value(anchor) - slopes * anchor


def _ratio(above: FloatArray, below: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Divide, with another answer where the denominator is not a normal positive number."""
    usable = below > np.finfo(np.float64).tiny
    return np.where(usable, above / np.where(usable, below, 1.0), otherwise)


def _sigmoid(x: FloatArray) -> FloatArray:
    half: FloatArray = 0.5 * (1.0 + np.tanh(0.5 * x))
    return half


def _erf(x: FloatArray) -> FloatArray:
    import torch

    result: FloatArray = torch.erf(torch.tensor(x)).numpy()
    return result


_S_SHAPES: dict[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]]
_S_SHAPES = {
    "tanh": (np.tanh, lambda x: 1.0 - np.tanh(x) ** 2),
    "sigmoid": (_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
    "erf": (_erf, lambda x: 2.0 / np.sqrt(np.pi) * np.exp(-np.square(x))),
}
