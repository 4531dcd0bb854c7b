"""Tests of a drop in integers, and decisions about many of them with one error rate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "Decisions",
    "ExactTest",
    "MedianInterval",
    "decide",
    "fisher_test",
    "median_interval",
    "needed_pairs",
    "needed_unmet",
    "sign_test",
]


@dataclass(frozen=True)
class ExactTest:
    """How surprising a drop is when nothing has changed.

    Attributes
    ----------
    p
        Chance of a drop at least as large.
    least
        The smallest ``p`` that these data could have given in the worst case: above the error
        rate, nothing could have been seen.
    """

    p: Fraction
    least: Fraction


@dataclass(frozen=True)
class Decisions:
    """What many tests together say.

    Attributes
    ----------
    significant
        For each test, in the order given.
    adjusted
        Holm's p for each; 1 for those that could not have seen anything.
    levels
        With a ``p`` up to this a test would have been significant, whatever the others say.
    n_able
        How many could have seen something.
    """

    significant: tuple[bool, ...]
    adjusted: tuple[Fraction, ...]
    levels: tuple[Fraction, ...]
    n_able: int


@dataclass(frozen=True)
class MedianInterval:
    """A median of independent values with its interval.

    Attributes
    ----------
    median, low, high
        Values.
    coverage
        How surely the interval holds the true median, whatever the distribution.
    """

    median: float
    low: float
    high: float
    coverage: float


def sign_test(n_worse: int, n_better: int) -> ExactTest:
    """Test whether more pairs became worse than better (for yes and no: McNemar's exact test).

    Parameters
    ----------
    n_worse, n_better
        Pairs in which the later one is worse, or better. Ties say nothing and are left out.

    Notes
    -----
    When the two members of each pair could be exchanged, each pair that differs became worse with
    probability one half, whatever is measured: the test is exact for every sample size and every
    distribution. O(n) operations on integers of n bits.

    Examples
    --------
    >>> sign_test(6, 1).p, sign_test(6, 1).least
    (Fraction(1, 16), Fraction(1, 128))
    """
    n = n_worse + n_better
    tail, term = 0, math.comb(n, n_worse)
    for k in range(n_worse, n + 1):
        tail += term
        term = term * (n - k) // (k + 1)
    return ExactTest(Fraction(tail, 2**n), Fraction(1, 2**n))


def fisher_test(before: tuple[int, int], after: tuple[int, int]) -> ExactTest:
    """Test whether cases that are unmet became more frequent (Fisher's exact test, one-sided).

    Parameters
    ----------
    before, after
        Pairs (unmet cases, all cases) of two independent samples.

    Notes
    -----
    Given how many are unmet in both together, their number in one sample is hypergeometric. With U
    unmet (or met, if those are fewer) it takes O(U) operations on integers of O(U log n) bits.

    Examples
    --------
    >>> fisher_test((1, 4), (3, 4)).p  # the lady tasting tea
    Fraction(17, 70)
    """
    (unmet_before, n_before), (unmet_after, n_after) = before, after
    marked, total = unmet_before + unmet_after, n_before + n_after
    if 2 * marked <= total:
        weights = _weights(marked, total, n_after)
        first = max(0, marked - n_before)
        tail = weights[unmet_after - first :]
        least = weights[-1]
    else:  # count the met ones: few of them are as surprising as many of the others
        marked = total - marked
        weights = _weights(marked, total, n_after)
        first = max(0, marked - n_before)
        tail = weights[: n_after - unmet_after - first + 1]
        least = weights[0]
    whole = sum(weights)
    return ExactTest(Fraction(sum(tail), whole), Fraction(least, whole))


def _weights(marked: int, total: int, drawn: int) -> list[int]:
    """Return how often each possible number of marked ones is drawn, up to a common factor.

    The number of orders in which the marked ones take places: ``C(marked, k)`` of them in the
    sample, at ``drawn (drawn - 1) ...`` places, the others outside. Small when few are marked.
    """
    first, last = max(0, marked - (total - drawn)), min(marked, drawn)
    weight = math.comb(marked, first) * math.perm(drawn, first)
    weight *= math.perm(total - drawn, marked - first)
    weights = [weight]
    for k in range(first, last):
        weight = weight * (marked - k) * (drawn - k)
        weight //= (k + 1) * (total - drawn - marked + k + 1)
        weights.append(weight)
    return weights


def decide(tests: Sequence[ExactTest], error_rate: Fraction) -> Decisions:
    """Decide about many tests: with no change at all, one is significant at most this often.

    Parameters
    ----------
    tests
        All tests that were made, dependent or not.
    error_rate
        Chance of any false alarm, in (0, 1).

    Notes
    -----
    Tests that could not be significant whatever had come out take no part (Tarone 1990): which
    those are depends only on how many cases differ, not on the direction, so leaving them out is
    no choice by result. The others are judged by Holm's method, which needs no independence.

    Examples
    --------
    >>> found = decide([sign_test(8, 0), sign_test(2, 0), sign_test(9, 6)], Fraction(1, 100))
    >>> found.significant, found.n_able, found.adjusted[0]
    ((True, False, False), 2, Fraction(1, 128))
    """
    factor = 1
    while sum(one.least * factor <= error_rate for one in tests) > factor:
        factor += 1
    able = [i for i, one in enumerate(tests) if one.least * factor <= error_rate]
    adjusted = [Fraction(1)] * len(tests)
    levels = [error_rate / (factor + 1)] * len(tests)  # one more that is able: factor + 1 or less
    reached = Fraction(0)
    for place, i in enumerate(sorted(able, key=lambda i: tests[i].p)):
        reached = max(reached, min(Fraction(1), tests[i].p * (len(able) - place)))
        adjusted[i], levels[i] = reached, error_rate / len(able)
    significant = tuple(p <= error_rate for p in adjusted)
    return Decisions(significant, tuple(adjusted), tuple(levels), len(able))


def needed_pairs(level: Fraction) -> int:
    """Return how many pairs must differ, all for the worse, to be seen at a level.

    Examples
    --------
    >>> needed_pairs(Fraction(1, 100))
    7
    """
    return ((1 / level).__ceil__() - 1).bit_length()


def needed_unmet(before: tuple[int, int], n_after: int, level: Fraction) -> int | None:
    """Return how many of ``n_after`` cases must be unmet to be seen at a level; None: not even all.

    Examples
    --------
    >>> needed_unmet((0, 9), 9, Fraction(1, 100)), needed_unmet((0, 3), 3, Fraction(1, 100))
    (6, None)
    """
    low, high = -1, min(1, n_after)  # low is not seen; high grows until it is: counts stay small
    while fisher_test(before, (high, n_after)).p > level:
        if high == n_after:
            return None
        low, high = high, min(2 * high, n_after)
    while high - low > 1:
        middle = (low + high) // 2
        if fisher_test(before, (middle, n_after)).p > level:
            low = middle
        else:
            high = middle
    return high


def median_interval(values: Sequence[float], least_coverage: float = 0.95) -> MedianInterval:
    """Return the median with the narrowest interval between two values that is sure enough.

    Parameters
    ----------
    values
        Independent, at least one.
    least_coverage
        Wanted; with fewer than six values the widest interval is less sure than 0.95.

    Notes
    -----
    The j-th smallest and the j-th largest of n values hold the median unless fewer than j of n fair
    coins show heads, or fewer than j tails: no distribution is assumed.

    Examples
    --------
    >>> median_interval([1.0, 1.1, 0.9, 1.3, 1.2, 1.4])
    MedianInterval(median=1.15, low=0.9, high=1.4, coverage=0.96875)
    """
    ordered, n = sorted(values), len(values)
    missed, j = 2, 1  # of 2 ** n
    while j + 1 <= n // 2:
        more = missed + 2 * math.comb(n, j)
        if more > (1 - least_coverage) * 2**n:
            break
        missed, j = more, j + 1
    median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    coverage = float(max(Fraction(0), 1 - Fraction(missed, 2**n)))
    return MedianInterval(median, ordered[j - 1], ordered[n - j], coverage)
