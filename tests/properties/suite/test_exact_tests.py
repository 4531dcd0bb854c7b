"""Exact tests: against enumeration, false alarms never above the rate, power where it is said."""

import math
from fractions import Fraction
from itertools import combinations, product
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.suite.exact_tests import (
    decide,
    fisher_test,
    median_interval,
    needed_pairs,
    needed_unmet,
    sign_test,
)

RATES = st.sampled_from([Fraction(1, 100), Fraction(1, 20), Fraction(1, 5)])
small = st.integers(0, 6)


def coins(n):
    """Return all sign patterns of n pairs, each as likely when nothing has changed."""
    return list(product((-1, 1), repeat=n))


@given(st.integers(0, 9), st.integers(0, 9))
def test_the_sign_test_counts_patterns_of_coins(worse, better):
    n = min(worse + better, 9)
    worse = min(worse, n)
    patterns = coins(n)
    as_many = sum(sum(s < 0 for s in signs) >= worse for signs in patterns)
    assert sign_test(worse, n - worse).p == Fraction(as_many, len(patterns))
    assert sign_test(worse, n - worse).least == Fraction(1, len(patterns))


@given(st.data())
def test_fishers_test_counts_samples(data):
    n, m = data.draw(small), data.draw(small)
    bad, bad_now = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    unmet = bad + bad_now
    drawn = [sum(i < unmet for i in chosen) for chosen in combinations(range(n + m), m)]
    found = fisher_test((bad, n), (bad_now, m))
    assert found.p == Fraction(sum(k >= bad_now for k in drawn), len(drawn))
    assert found.least == Fraction(drawn.count(max(drawn)), len(drawn))


@given(st.data())
def test_fishers_test_of_many_cases_is_the_hypergeometric_tail(data):
    n, m = data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300))
    bad, bad_now = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    unmet = bad + bad_now
    tail = sum(
        math.comb(unmet, k) * math.comb(n + m - unmet, m - k)
        for k in range(bad_now, min(m, unmet) + 1)
    )
    assert fisher_test((bad, n), (bad_now, m)).p == Fraction(tail, math.comb(n + m, m))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=3).filter(lambda sizes: sum(sizes) <= 10),
       RATES)  # fmt: skip
def test_false_alarms_of_all_tests_together_are_at_most_the_rate(sizes, rate):
    alarms, total = 0, 2 ** sum(sizes)
    for signs in coins(sum(sizes)):
        tests, start = [], 0
        for size in sizes:
            worse = sum(s < 0 for s in signs[start : start + size])
            tests.append(sign_test(worse, size - worse))
            start += size
        alarms += any(decide(tests, rate).significant)
    assert Fraction(alarms, total) <= rate


@given(st.integers(1, 8), st.integers(1, 4), RATES)
def test_false_alarms_of_tests_on_the_same_cases_are_at_most_the_rate(n, copies, rate):
    """The most dependent tests there are: the same one several times, and one on half of it."""
    alarms = 0
    for signs in coins(n):
        worse, half = (sum(s < 0 for s in part) for part in (signs, signs[: n // 2]))
        tests = [sign_test(worse, n - worse)] * copies + [sign_test(half, n // 2 - half)]
        alarms += any(decide(tests, rate).significant)
    assert Fraction(alarms, 2**n) <= rate


@given(st.integers(1, 5), st.integers(1, 5), st.data(), RATES)
def test_false_alarms_of_fishers_test_are_at_most_the_rate(n, m, data, rate):
    unmet = data.draw(st.integers(0, n + m))
    samples = list(combinations(range(n + m), m))
    alarms = 0
    for chosen in samples:
        now = sum(i < unmet for i in chosen)
        alarms += decide([fisher_test((unmet - now, n), (now, m))], rate).significant[0]
    assert Fraction(alarms, len(samples)) <= rate


@given(st.lists(st.tuples(small, small), min_size=1, max_size=6), RATES, st.randoms())
def test_the_order_of_tests_does_not_matter(counts, rate, random):
    order = list(range(len(counts)))
    random.shuffle(order)
    straight = decide([sign_test(*one) for one in counts], rate)
    mixed = decide([sign_test(*counts[i]) for i in order], rate)
    assert mixed.significant == tuple(straight.significant[i] for i in order)
    assert mixed.n_able == straight.n_able


@given(st.lists(st.tuples(small, small), max_size=6), RATES)
def test_a_further_test_is_seen_at_the_level_that_is_stated(counts, rate):
    """What a power statement promises: whatever the others say, so many cases are enough."""
    tests = [sign_test(*one) for one in counts]
    unable = sign_test(0, 0)
    level = decide([*tests, unable], rate).levels[-1]
    enough = sign_test(needed_pairs(level), 0)
    assert decide([*tests, enough], rate).significant[-1]


@given(RATES)
def test_one_pair_fewer_than_needed_is_not_seen(rate):
    needed = needed_pairs(rate)
    assert sign_test(needed, 0).p <= rate < sign_test(needed - 1, 0).p


@given(st.integers(0, 40), st.integers(0, 40), st.data(), RATES)
def test_the_needed_unmet_cases_are_the_fewest(n, m, data, rate):
    before = (data.draw(st.integers(0, n)), n)
    seen = [k for k in range(m + 1) if m and fisher_test(before, (k, m)).p <= rate]
    assert needed_unmet(before, m, rate) == (seen[0] if seen else None)


@given(st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=60))
def test_the_interval_of_the_median_is_as_sure_as_it_says(values):
    found, n = median_interval(values), len(values)
    assert found.median == median(values)
    assert found.low <= found.median <= found.high
    j = 1 + max(i for i, v in enumerate(sorted(values)) if v == found.low and i < (n + 1) // 2)
    assert found.coverage >= 0.95 or (
        n < 6 and (found.low, found.high) == (min(values), max(values))
    )
    missed = Fraction(2 * sum(math.comb(n, k) for k in range(j)), 2**n)
    assert found.coverage >= float(max(Fraction(0), 1 - missed)) - 1e-12


def test_known_values():
    assert fisher_test((1, 4), (3, 4)).p == Fraction(17, 70)  # the lady tasting tea
    assert fisher_test((2, 15), (10, 12)).p == Fraction(math.comb(12, 10) * math.comb(15, 2)
        + math.comb(12, 11) * math.comb(15, 1) + math.comb(12, 12), math.comb(27, 12))  # fmt: skip
    assert sign_test(8, 1).p == Fraction(10, 512)
    assert [needed_pairs(Fraction(1, n)) for n in (2, 20, 100, 128, 129)] == [1, 5, 7, 7, 8]


def test_a_campaign_of_many_cases_is_tested():
    n = 100_000
    found = fisher_test((120, n), (300, n))
    assert 0 < found.p < Fraction(1, 10**15)
    assert 120 < needed_unmet((120, n), n, Fraction(1, 100)) < 200
