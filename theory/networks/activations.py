"""exp, tanh, sigmoid and erf of intervals, with error bounds that are proved here.

The mathematical library of the system promises nothing about its last digits. These functions use
correctly rounded operations only: sums, products, quotients, and scaling by powers of two.

Notation: u = 2^-53; a computed value v of t > 0 has *relative error* ρ when ``|v - t| <= ρ t`` up
to a few of the smallest positive float (underflow). All bounds below are rounded up.

**Reduction.** n is an integer near x / ln 2 and ``r = x - n ln 2``, ``|r| <= 0.347``. ln 2 is split
into ``hi`` of 32 bits and ``lo``, so ``n hi`` is exact for ``|n| < 2^20``, and so is ``x - n hi``:
for n != 0 it is a multiple of 2^-54 (since ``|x| >= 1/4``) below 1/2. What is left is u/4 from the
last subtraction and 1e-6 u from ``n lo``. For n = 0 r is x.

**exp(r) - 1**, called m, as ``r + r² q(r)``, q of degree 12, Horner's rule. Cut off: 0.003 u |r|.
Rounding of q: ``27 u Σ |r|^(k-2)/k! <= 16 u``, hence ``17 u r² + u |m|`` in all, which is below
``5.9 u |r| + u |m|``; as ``|m| >= 0.845 |r|`` the relative error is 8 u. It is 2.5 u absolute, and
2.9 u with the error of r.

**exp(x)** as ``2^n (1 + m)``: absolute 4 u before scaling where ``1 + m >= 0.706``: 6 u.

**exp(x) - 1** for x >= 0 as ``2^n m + (2^n - 1)``: n = 0: 8 u. n = 1: ``2 * 2.9 u`` relative to
0.414, and u: 15 u. n >= 2: 8 u.

**tanh(x)** for x >= 0 as ``e / (e + 2)``, ``e = exp(2x) - 1``: the error of e enters by the factor
``2 / (e + 2)``, 0.83 for n = 1; two operations: 15 u. Above 20 it lies between tanh(20) and 1.

**sigmoid** by ``z = exp(-|x|)`` as ``1/(1+z)`` or ``z/(1+z)``: 8 u.

**erf(x)**, x >= 0, by its Taylor polynomial of degree 13 around the nearest c = j/8; ``h = x - c``
is exact, ``|h| <= 1/16``. Coefficients: Cauchy's estimate on a circle of radius R around c, where
``|exp(-z²)| <= exp(R²)``, gives ``|c_k| <= (2/√π) exp(R²) / (k R^(k-1))``; with R = 2 what is cut
off is below 1e-19. With R = 1 and ``c_1 <= 1.13`` Horner's rule errs by ``0.33 u`` in
``Σ_{k>=1} c_k h^k``, against ``erf >= 0.07`` where j >= 1; adding c_0: 7 u. For j = 0 (c_0 = 0) all
is relative to h: 5 u.
"""

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import factorial

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.intervals import down, up
from tellapart.theory.networks.points import Interval

__all__ = ["erf", "exp", "sigmoid", "tanh"]

FloatArray = npt.NDArray[np.float64]

_U, _TINY = 2.0**-53, 2.0**-1074
#: ln 2 = hi + lo up to 2^-86: the upper 32 bits, and the rest as a float.
_LN2_HI, _LN2_LO = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
#: Numbers treated at once: temporary arrays stay in the processor's cache.
_BLOCK = 1 << 15


def exp(x: Interval) -> Interval:
    """Enclose exp, relative width below 3e-15; infinite above the range of float64.

    Examples
    --------
    >>> exp(Interval(np.array([0.0]), np.array([0.0])))
    Interval(shape [1], widest 2.11e-15)
    """
    return _monotone(x, _exp, 8 * _U, 0.0, np.inf)


def tanh(x: Interval) -> Interval:
    """Enclose tanh, relative width below 6e-15, near zero too; within [-1, 1]."""
    return _monotone(x, _odd(_tanh), 20 * _U, -1.0, 1.0)


def sigmoid(x: Interval) -> Interval:
    """Enclose ``1 / (1 + exp(-x))``, relative width below 4e-15; within [0, 1]."""
    return _monotone(x, _sigmoid, 12 * _U, 0.0, 1.0)


def erf(x: Interval) -> Interval:
    """Enclose the error function, relative width below 4e-15, near zero too; within [-1, 1]."""
    return _monotone(x, _odd(_erf), 12 * _U, -1.0, 1.0)


def _monotone(
    x: Interval,
    near: Callable[[FloatArray], FloatArray],
    error: float,
    least: float,
    most: float,
) -> Interval:
    """Enclose an increasing function that is computed with a relative error."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        value = _blockwise(near, x.lo)
        lo = np.clip(down(value - (error * np.abs(value) + 8 * _TINY)), least, most)
        value = value if x.lo is x.hi else _blockwise(near, x.hi)
        hi = np.clip(up(value + (error * np.abs(value) + 8 * _TINY)), least, most)
    # inf - inf is no number; a value that overflows may be truly below the largest float.
    lo = np.where(np.isnan(lo), np.finfo(np.float64).max * (1 - 2 * error), lo)
    if least < 0:  # odd functions keep zero
        lo, hi = np.where(x.lo == 0, 0.0, lo), np.where(x.hi == 0, 0.0, hi)
    return Interval(lo, hi)


def _blockwise(function: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    flat = x.reshape(-1)
    result = np.empty_like(flat)
    for start in range(0, len(flat), _BLOCK):
        part = slice(start, start + _BLOCK)
        result[part] = function(flat[part])
    return result.reshape(x.shape)


def _odd(function: Callable[[FloatArray], FloatArray]) -> Callable[[FloatArray], FloatArray]:
    return lambda x: np.copysign(function(np.abs(x)), x)


def _reduced(x: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return exp(r) - 1 and n with ``x = n ln 2 + r``."""
    n = np.rint(x * 1.4426950408889634)
    r = (x - n * _LN2_HI) - n * _LN2_LO
    q = np.full_like(r, 1 / factorial(14))
    for k in range(13, 1, -1):
        q *= r
        q += 1 / factorial(k)
    return r + (r * r) * q, n.astype(np.int64)


def _power_of_two(n: npt.NDArray[np.int64]) -> FloatArray:
    """2^n for ``|n| < 1022``, from its bits."""
    return ((n + 1023) << 52).view(np.float64)


def _exp(x: FloatArray) -> FloatArray:
    small, n = _reduced(np.clip(x, -746.0, 711.0))
    half = n >> 1  # 2^n itself may be out of range; the second product rounds once
    result: FloatArray = (1.0 + small) * _power_of_two(half) * _power_of_two(n - half)
    return result


def _tanh(x: FloatArray) -> FloatArray:
    small, n = _reduced(2.0 * np.minimum(x, 20.0))
    scale = _power_of_two(n)
    e: FloatArray = scale * small + (scale - 1.0)
    return e / (e + 2.0)


def _sigmoid(x: FloatArray) -> FloatArray:
    z = _exp(-np.abs(x))
    result: FloatArray = np.where(x >= 0, 1.0, z) / (1.0 + z)
    return result


def _erf(x: FloatArray) -> FloatArray:
    x = np.minimum(x, 6.0)
    cell = np.rint(x * 8.0)
    h, row = x - cell / 8.0, cell.astype(np.int64)
    coefficients = _erf_coefficients()
    result: FloatArray = coefficients[-1][row]
    for column in coefficients[-2::-1]:
        result *= h
        result += column[row]
    return result


@lru_cache(maxsize=1)
def _erf_coefficients() -> FloatArray:
    """Taylor coefficients 0..13 of erf at j/8, correctly rounded, float64 ``[14, 49]``.

    ``c_k = (2/√π) exp(-c²) (-1)^(k-1) H_{k-1}(c) / k!`` with Hermite's polynomials, and
    ``erf(c) = (2/√π) exp(-c²) Σ 2^i c^(2i+1) / (1·3···(2i+1))``, all terms positive.
    """
    table = np.zeros((14, 49))
    with localcontext() as context:
        context.prec = 70
        front = 2 / _PI.sqrt()
        for j in range(49):
            c, at = Decimal(j) / 8, Fraction(j, 8)
            slope = front * (-c * c).exp()
            term, series, i = c, Decimal(0), 0
            while term > series.scaleb(-60):
                series, i = series + term, i + 1
                term = term * 2 * c * c / (2 * i + 1)
            table[0, j] = float(slope * series)
            hermite = [Fraction(1), 2 * at]
            for k in range(1, 14):
                value = hermite[k - 1] * (-1) ** (k - 1) / factorial(k)
                table[k, j] = float(slope * value.numerator / value.denominator)
                hermite.append(2 * at * hermite[k] - 2 * k * hermite[k - 1])
    return table
