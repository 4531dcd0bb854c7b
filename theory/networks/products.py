"""Matrix products of intervals: as tight as one rounding, in whatever order BLAS adds."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.intervals import down, up
from tellapart.theory.networks.points import Interval

__all__ = ["matmul"]

FloatArray = npt.NDArray[np.float64]

_U, _TINY = 2.0**-53, 2.0**-1074

_quiet = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")


@_quiet
def matmul(x: Interval, y: Interval) -> Interval:
    """Return matrix products over the last two axes; infinite bounds where they overflow.

    Notes
    -----
    In midpoint and radius form (Rump 1999, BIT 39): ``|x y - mx my| <= |mx| ry + rx (|my| + ry)``.

    The error bound of a plain product mx my of k terms, ``k u |mx||my|`` in any order of adding
    (Jeannerod and Rump 2013, SIAM J. Matrix Anal. Appl. 34), is far above the truth for long sums.
    So each factor is split (Ozaki et al. 2012, Numer. Algorithms 59): ``x = xh + xl``, where xh has
    β bits below the power of two above its row, y alike by column, ``2 β + log2 k <= 53``. All
    partial sums of ``xh yh`` are then integers of at most 53 bits times one unit, so that product
    is exact in any order; only ``xh yl + xl y`` is rounded, which is smaller by 2^β, 2^21 for
    k = 1,000. Underflow adds at most half the smallest float for each of the 3 k products.

    Radii are sums of positive products, wrong by the same relative bound; the factor
    ``1 + (4 k + 16) u`` covers it.
    """
    k = x.shape[-1]
    middle_x, radius_x = _centred(x)
    middle_y, radius_y = _centred(y)
    middle, error = _accurate(middle_x, middle_y)
    radius: FloatArray | None = None
    if radius_x is not None:
        size_y = np.abs(middle_y)
        radius = _product(radius_x, size_y if radius_y is None else up(size_y + radius_y))
    if radius_y is not None:
        wide = _product(np.abs(middle_x), radius_y)
        radius = wide if radius is None else radius + wide
    if radius is not None:
        error = error + up(up(radius * (1.0 + (4 * k + 16) * _U)) + 4 * k * _TINY)
    error = up(error)
    known = np.isfinite(middle) & np.isfinite(error)
    lo = np.where(known, down(middle - error), -np.inf)
    return Interval(lo, np.where(known, up(middle + error), np.inf))


def _accurate(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a product of floats, and a bound of its error."""
    k = x.shape[-1]
    bits = (53 - max(k, 1).bit_length()) // 2
    x_high, x_low, x_rest = _split(x, -1, bits)
    y_high, y_low, y_rest = _split(y, -2, bits)
    middle = _product(x_high, y_high) + (_product(x_high, y_low) + _product(x_low, y))
    # |xl| <= x_rest in its row and |yl| <= y_rest in its column: products of sums bound the rest.
    rest = np.abs(x_high).sum(axis=-1, keepdims=True) * y_rest
    rest = rest + x_rest * np.abs(y).sum(axis=-2, keepdims=True)
    # k u for each product, u for their sum, and what was rounded in computing this bound.
    error = rest * ((2 * k + 16) * _U) + np.abs(middle) * (1.0625 * _U)
    return middle, up(up(error) + (8 * k + 16) * _TINY)


def _split(values: FloatArray, axis: int, bits: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Split into ``high + low``, exactly, and bound ``|low|`` along the axis.

    Adding and subtracting ``1.5 * 2^(53 - bits)`` times a power of two ``P > max |values|`` rounds
    to multiples of ``2 ^ (1 - bits) P``, of which those below P have at most ``bits`` bits.
    """
    most = np.abs(values).max(axis=axis, keepdims=True, initial=0.0)
    power = np.ldexp(1.0, np.frexp(most)[1])
    shift = 1.5 * 2.0 ** (53 - bits) * power
    in_range = np.isfinite(shift)
    high = np.where(in_range, (values + shift) - shift, 0.0)
    rest = np.where(in_range, np.ldexp(power, -bits), most)
    return high, values - high, rest


def _centred(x: Interval) -> tuple[FloatArray, FloatArray | None]:
    """Return midpoints and radii that cover the intervals; no radii for points."""
    if x.lo is x.hi:
        return x.lo, None
    middle = 0.5 * x.lo + 0.5 * x.hi  # any float will do: the radius is measured from it
    radius = np.maximum(x.hi - middle, middle - x.lo)
    return middle, np.where(radius > 0, up(radius), radius)


def _product(x: FloatArray, y: FloatArray) -> FloatArray:
    """``x @ y``; many rows times one matrix as one product, which BLAS does far faster."""
    if y.ndim > 2 or x.ndim == 2:
        result: FloatArray = x @ y
        return result
    rows = int(np.prod(x.shape[:-1], dtype=np.int64))
    flat = x.reshape(rows, x.shape[-1]) @ y
    return flat.reshape(*x.shape[:-1], y.shape[1])
