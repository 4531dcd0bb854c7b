"""Real numbers between two integers: the arithmetic of the checker of margins, with its own exp.

A number is enclosed by two integers ``lo <= hi`` that stand for ``lo / 2^bits`` and
``hi / 2^bits``. Every operation rounds outwards, so the enclosure is a proof; where no rounding is
needed it is the number itself. No float is used.
"""

import math
import re
from fractions import Fraction
from functools import lru_cache

__all__ = ["Bounds", "Fixed", "Refused", "rational"]

#: Lower and upper end, at the scale of some :class:`Fixed`.
Bounds = tuple[int, int]

_RATIONAL = re.compile(r"-?[0-9]+(/[0-9]+)?\Z", re.ASCII)
_LONGEST = 4000  # digits; Python itself refuses to read integers beyond 4300
_LARGEST_EXPONENT = 1 << 14
_GUARD = 40  # bits of the working precision of a series beyond those of its result
_HALVINGS = 10


class Refused(Exception):
    """A statement is false, or cannot be shown with what the certificate gives."""


def rational(text: str) -> Fraction | None:
    """Return the number written ``"p/q"`` or ``"p"``, or None for any other text.

    Examples
    --------
    >>> rational("-2/6"), rational("1e3"), rational("1/0")
    (Fraction(-1, 3), None, None)
    """
    if not _RATIONAL.match(text) or len(text) > _LONGEST:
        return None
    top, _, bottom = text.partition("/")
    return Fraction(int(top), int(bottom or 1)) if int(bottom or 1) else None


class Fixed:
    """Fixed-point numbers at scale ``2^-bits``, and bounds of functions of them.

    Attributes
    ----------
    bits
        Binary digits after the point.
    one
        The integer that stands for 1.

    Examples
    --------
    >>> Fixed(10).exp(Fixed(10).one)  # e = 2783.5 / 1024
    (2783, 2784)
    """

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.one = 1 << bits

    def enclose(self, number: Fraction) -> Bounds:
        """Return bounds of a rational number: equal ones when it has at most ``bits`` digits."""
        shifted = number.numerator << self.bits
        return shifted // number.denominator, -(-shifted // number.denominator)

    def exp(self, x: int) -> Bounds:
        """Return bounds of exp(x).

        Raises
        ------
        Refused
            For x above 16384: the result would have more than 23,000 binary digits.

        Notes
        -----
        With ``x = k ln 2 + r``, ``0 <= r`` small and ``u = r / 2^10``: ``exp(x) = 2^k
        exp(u)^(2^10)``. The series of ``exp(u)`` has positive terms, so cutting it off and
        rounding every term down gives a lower bound; the upper one adds what that can have lost.
        """
        if x > self.one * _LARGEST_EXPONENT:
            raise Refused("exp of a number above 16384 is not evaluated")
        if x < -(self.bits + 2) * self.one:  # exp(-b - 2) < 2^-b
            return 0, 1
        room = 2 * (x >> self.bits) + 3 if x > 0 else 0  # at least k
        work = self.bits + _GUARD + room
        scaled = x << (work - self.bits)
        ln2 = _ln2(work)
        k = scaled // ln2
        # 2^work ln 2 is in [ln2, ln2 + 2], which moves the true r by at most 2 |k|.
        r = scaled - k * ln2 - 2 * max(k, 0)
        lo, hi = _exp_of_small(r, r + 2 * abs(k), work)
        return _shifted(lo, k - work + self.bits), -_shifted(-hi, k - work + self.bits)

    def tanh(self, x: int) -> Bounds:
        """Return bounds of tanh(x), from ``(1 - e) / (1 + e)`` with ``e = exp(-2 |x|)``."""
        if not x:
            return 0, 0
        e_lo, e_hi = self.exp(-2 * abs(x))
        lo = max(0, ((self.one - e_hi) << self.bits) // (self.one + e_hi))
        hi = min(self.one, -(((e_lo - self.one) << self.bits) // (self.one + e_lo)))
        return (lo, hi) if x > 0 else (-hi, -lo)

    def sigmoid(self, x: int) -> Bounds:
        """Return bounds of ``1 / (1 + exp(-x))``."""
        e_lo, e_hi = self.exp(-abs(x))
        lo = (self.one << self.bits) // (self.one + e_hi)
        hi = -((-self.one << self.bits) // (self.one + e_lo))
        return (lo, hi) if x >= 0 else (self.one - hi, self.one - lo)

    def erf(self, x: int) -> Bounds:
        """Return bounds of erf(x).

        Notes
        -----
        ``2 / sqrt(pi) exp(-x^2) (x + 2 x^3 / 3 + 4 x^5 / (3 5) + ...)``: positive terms, each
        ``2 x^2 / (2n + 3)`` times the one before. Both ends are summed with their own rounding;
        once that ratio is at most 1/2 the terms left out sum to at most the last one.
        """
        if x < 0:
            lo, hi = self.erf(-x)
            return -hi, -lo
        whole = (x * x) >> (2 * self.bits)
        if whole > self.bits:  # 1 - erf(x) <= exp(-x^2) < 2^-bits
            return self.one - 1, self.one
        work = Fixed(self.bits + _GUARD + 2 * whole + 4)
        y = x << (work.bits - self.bits)
        lo, hi = _erf_series(y, work.bits)
        e_lo, e_hi = work.exp(-((y * y) >> work.bits) - 1)[0], work.exp(-((y * y) >> work.bits))[1]
        c_lo, c_hi = work.two_over_root_pi()
        down = 2 * work.bits + work.bits - self.bits
        return (lo * e_lo * c_lo) >> down, min(self.one, -((-hi * e_hi * c_hi) >> down))

    def sqrt(self, x: int) -> Bounds:
        """Return bounds of the square root of ``x >= 0``."""
        root = math.isqrt(x << self.bits)
        return root, root + (root * root != x << self.bits)

    def two_over_root_pi(self) -> Bounds:
        """Return bounds of ``2 / sqrt(pi)``, the largest slope of erf."""
        pi = _pi(self.bits)
        lo = (2 << (2 * self.bits)) // self.sqrt(pi + 2)[1]
        return lo, -((-2 << (2 * self.bits)) // self.sqrt(pi)[0])


def _shifted(number: int, places: int) -> int:
    """Return ``floor(number 2^places)``."""
    return number << places if places >= 0 else number >> -places


def _exp_of_small(r_lo: int, r_hi: int, work: int) -> Bounds:
    """Return bounds of exp on ``[r_lo, r_hi]``, a narrow interval within ``[-0.1, 0.8]``."""
    one = 1 << work
    # exp(u) at the lower end; a negative one is moved to 0 for the upper bound alone.
    start = max(r_lo, 0) >> _HALVINGS
    slack = ((r_hi - max(r_lo, 0)) >> _HALVINGS) + 2  # how far u reaches above start
    total, term, n = one, one, 0
    while term:
        n += 1
        term = ((term * start) >> work) // n
        total += term
    # Each of the n terms lost less than 2, the rest of the series less than 2 more; and
    # exp(u + s) <= exp(u) + 4 s for exp(u) < 2 and s < 1/2.
    lo, hi = total, total + 2 * n + 2 + 4 * slack
    if r_lo < 0:
        lo = one + (r_lo >> _HALVINGS)  # exp(u) >= 1 + u
    for _ in range(_HALVINGS):
        lo, hi = (lo * lo) >> work, -((-hi * hi) >> work)
    return lo, hi


def _erf_series(y: int, work: int) -> Bounds:
    square_lo, square_hi = (y * y) >> work, -((-y * y) >> work)
    lo = hi = term_lo = term_hi = y
    n = 0
    while term_hi > 1 or 4 * square_hi > (2 * n + 3) << work:
        divisor = (2 * n + 3) << work
        term_lo = 2 * term_lo * square_lo // divisor
        term_hi = -(-2 * term_hi * square_hi // divisor)
        lo, hi, n = lo + term_lo, hi + term_hi, n + 1
    return lo, hi + term_hi


@lru_cache(maxsize=64)
def _ln2(bits: int) -> int:
    """Return ``floor(2^bits ln 2)``, or that less 1."""
    # The terms 1 / (k 2^k), each rounded down, lose less than 2^bits.bit_length() + 1 in all.
    more = bits.bit_length() + 8
    scale = bits + more
    return sum((1 << (scale - k)) // k for k in range(1, scale + 1)) >> more


@lru_cache(maxsize=64)
def _pi(bits: int) -> int:
    """Return an integer p with ``p <= 2^bits pi <= p + 2``, by Machin's formula."""
    more = bits.bit_length() + 16
    scale = bits + more
    value = 16 * _arctan_of_inverse(5, scale) - 4 * _arctan_of_inverse(239, scale)
    # Each arctan is off by less than 2 scale: moved down by 40 scale, value is a lower bound, and
    # 80 scale < 2^more.
    return (value - 40 * scale) >> more


def _arctan_of_inverse(n: int, scale: int) -> int:
    total, power, k = 0, (1 << scale) // n, 0
    while power:
        total += (power // (2 * k + 1)) * (-1) ** k
        power, k = power // (n * n), k + 1
    return total
