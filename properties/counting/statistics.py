"""Intervals over seeds: Student's t for means, Clopper and Pearson for how many seeds did it."""

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["METHOD", "Interval", "exact_binomial", "student_quantile", "t_interval"]

#: What the intervals are, for captions.
METHOD = (
    "Intervals in brackets are 95 % t intervals of the mean over n seeds, cut where a measure "
    "ends; of one seed there is none, and of n equal numbers neither. Shares of seeds have exact "
    "(Clopper-Pearson) 95 % intervals."
)

_OUTSIDE = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds.

    Attributes
    ----------
    values
        One number of each seed.
    mean
        Their mean.
    low, high
        Of the 95 % t interval; None for one seed, for equal numbers, and where one is not finite.
    """

    values: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None

    @property
    def n(self) -> int:
        """How many seeds."""
        return len(self.values)

    @property
    def lower(self) -> float:
        """The lower end; the smallest number where there is no interval."""
        return min(self.values) if self.low is None else self.low

    @property
    def upper(self) -> float:
        """The upper end; the largest number where there is no interval."""
        return max(self.values) if self.high is None else self.high

    def text(self, digits: int = 3) -> str:
        """Return the mean with its interval, or why there is none."""
        mean = f"{self.mean:.{digits}f}"
        if self.n == 1:
            return f"{mean} (one seed, no interval)"
        if self.low is None or self.high is None:
            return f"{mean} (n = {self.n}, no interval)"
        return f"{mean} [{self.low:.{digits}f}, {self.high:.{digits}f}] (n = {self.n})"


def t_interval(
    values: Iterable[float], lowest: float = -math.inf, highest: float = math.inf
) -> Interval:
    """Return the mean of some numbers and its 95 % t interval.

    Parameters
    ----------
    values
        One of each seed.
    lowest, highest
        Where the measure ends; the interval is cut there.

    Raises
    ------
    InvalidArgumentError
        When there is no number, or one that is NaN.

    Examples
    --------
    >>> t_interval([1.0, 2.0, 3.0]).text(2)
    '2.00 [-0.48, 4.48] (n = 3)'
    """
    known = tuple(float(value) for value in values)
    if not known or any(math.isnan(value) for value in known):
        raise InvalidArgumentError(f"values are {known}; a mean needs at least one, and no NaN.")
    if not all(map(math.isfinite, known)):
        return Interval(known, sorted(known)[len(known) // 2], None, None)
    mean, n = statistics.fmean(known), len(known)
    if n == 1 or len(set(known)) == 1:
        return Interval(known, mean, None, None)
    half = student_quantile(n - 1) * statistics.stdev(known) / math.sqrt(n)
    return Interval(known, mean, max(lowest, mean - half), min(highest, mean + half))


def student_quantile(freedom: int) -> float:
    """Return t with P(-t <= T <= t) = 0.95 for this many degrees of freedom.

    Notes
    -----
    Bisection on the finite trigonometric series of the distribution (Abramowitz and Stegun, 26.7.3
    and 26.7.4). O(freedom).

    Examples
    --------
    >>> round(student_quantile(2), 3)
    4.303
    """
    return _root(lambda t: _inside(t, freedom) - (1 - _OUTSIDE), 0.0, 20.0)


def _inside(t: float, freedom: int) -> float:
    """Return P(|T| <= t)."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, odd = math.cos(angle), freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= k / (k + 1) * cosine**2
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total


def exact_binomial(hits: int, n: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share of seeds.

    Parameters
    ----------
    hits, n
        How many of how many.

    Raises
    ------
    InvalidArgumentError
        When there is no seed, or hits are outside 0..n.

    Examples
    --------
    >>> [round(end, 2) for end in exact_binomial(3, 3)]
    [0.29, 1.0]
    """
    if n < 1 or not 0 <= hits <= n:
        raise InvalidArgumentError(f"hits is {hits!r} of {n!r}; give 0..n of at least one.")

    def at_least(k: int, p: float) -> float:
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))

    side = _OUTSIDE / 2
    low = 0.0 if hits == 0 else _root(lambda p: at_least(hits, p) - side, 0.0, 1.0)
    high = 1.0 if hits == n else _root(lambda p: at_least(hits + 1, p) - 1 + side, 0.0, 1.0)
    return low, high


def _root(rises: Callable[[float], float], low: float, high: float) -> float:
    """Return where an increasing function crosses 0."""
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2
