"""Intervals: against the definition of the distributions, and where they must not exist."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.properties.counting.statistics import (
    exact_binomial,
    student_quantile,
    t_interval,
)
from tellapart.theory.errors import InvalidArgumentError

NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=8)


@given(NUMBERS, st.floats(-100, 100))
def test_the_interval_holds_the_mean_and_moves_with_the_numbers(values, shift):
    found = t_interval(values)
    assert found.n == len(values)
    assert found.lower - 1e-9 <= found.mean <= found.upper + 1e-9
    moved = t_interval([value + shift for value in values])
    assert moved.mean == pytest.approx(found.mean + shift, abs=1e-6)
    if found.low is not None and moved.low is not None:
        assert moved.upper - moved.lower == pytest.approx(found.upper - found.lower, abs=1e-6)


@given(NUMBERS)
def test_an_interval_is_cut_where_the_measure_ends(values):
    shares = [(value + 1e3) / 2e3 for value in values]
    found = t_interval(shares, 0.0, 1.0)
    assert 0 <= found.lower <= found.upper <= 1


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8, 13, 29])
def test_the_quantile_encloses_95_percent_of_the_density(freedom):
    end = student_quantile(freedom)
    grid = np.linspace(0, end, 200_001)
    norm = math.gamma((freedom + 1) / 2) / math.gamma(freedom / 2) / math.sqrt(freedom * math.pi)
    density = norm * (1 + grid**2 / freedom) ** (-(freedom + 1) / 2)
    assert 2 * np.trapezoid(density, grid) == pytest.approx(0.95, abs=1e-7)


def test_t_intervals_cover_as_often_as_they_say():
    source = np.random.default_rng(0)
    samples = source.standard_normal((2000, 3))
    hits = sum(found.lower <= 0 <= found.upper for found in map(t_interval, samples))
    assert 0.93 < hits / 2000 < 0.97


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=30)
def test_the_exact_interval_ends_where_the_tails_are_a_fortieth(sample):
    hits, n = sample
    low, high = exact_binomial(hits, n)

    def tail(p, wanted):
        return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in wanted)

    assert 0 <= low <= hits / n <= high <= 1
    assert hits == 0 or tail(low, range(hits, n + 1)) == pytest.approx(0.025)
    assert hits == n or tail(high, range(hits + 1)) == pytest.approx(0.025)


def test_there_is_no_interval_of_one_seed_nor_of_equal_numbers():
    alone = t_interval([0.5])
    assert (alone.low, alone.high, alone.text(1)) == (None, None, "0.5 (one seed, no interval)")
    assert t_interval([0.5, 0.5]).text(1) == "0.5 (n = 2, no interval)"
    endless = t_interval([1.0, math.inf, 2.0])
    assert (endless.low, endless.mean, endless.upper) == (None, 2.0, math.inf)


@pytest.mark.parametrize("values", [[], [math.nan], [1.0, math.nan]])
def test_no_mean_of_nothing(values):
    with pytest.raises(InvalidArgumentError, match="at least one"):
        t_interval(values)


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_no_share_of_nothing(hits, n):
    with pytest.raises(InvalidArgumentError):
        exact_binomial(hits, n)
