"""Comparison with a baseline: what is new is told, chance is not, and known failures pass."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_designs import COLLAPSED, HOLDS, VACUOUS, a_case, a_result, a_run, many
from made_up_runs import a_report, reports

from tellapart.properties.suite.baseline import Baseline
from tellapart.properties.suite.drops import drop_tests, pair_cases
from tellapart.properties.suite.regression import compare_with_baseline
from tellapart.properties.suite.regression_result import Regression
from tellapart.properties.suite.verdicts import FAILING, SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError


def against(now, before, **options):
    return compare_with_baseline(now, Baseline.of(before), **options)


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_a_run_is_no_worse_than_itself(report):
    report = replace(report, interrupted=False)
    found = against(report, report)
    assert found.violations == found.drops == found.fixed == found.added == ()
    assert found.inconclusive == ()
    assert found.exit_code == (0 if found.n_run else 3)
    assert Regression.from_json(found.to_json()) == found
    assert found.n_other_system == 0


@settings(max_examples=25)  # a report is a large example
@given(reports(), reports())
def test_violations_are_the_checks_that_fail_now_and_did_not(before, now):
    before = replace(before, interrupted=False)
    known = {one.check: one.verdict for one in before.results}
    if not known.keys() & {one.check for one in now.results}:
        return
    found = against(now, before)
    new = [
        one.check
        for one in now.failed
        if known.get(one.check) not in (*FAILING, SuiteVerdict.XFAIL)
    ]
    assert [one.check for one in found.violations] == new
    assert (found.exit_code == 1) == bool(new or found.drops)


@given(st.permutations(range(8)), st.lists(st.booleans(), min_size=8, max_size=8))
def test_the_order_of_cases_does_not_matter(order, worse):
    before, now = many(8), [a_case(i, distance=0.2 if w else 0.6) for i, w in enumerate(worse)]
    straight = against(a_run(now), a_run(before))
    mixed = against(a_run([now[i] for i in order]), a_run([before[i] for i in order]))
    assert mixed == straight


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12))
def test_runs_that_are_exchanged_give_the_tests_the_other_way_round(distances):
    one = a_run([a_case(i, distance=d / 10) for i, (d, _) in enumerate(distances)])
    other = a_run([a_case(i, distance=d / 10) for i, (_, d) in enumerate(distances)])
    forth, back = against(other, one).tests, against(one, other).tests
    assert [(t.n_worse, t.n_better) for t in forth] == [(t.n_better, t.n_worse) for t in back]


@pytest.mark.parametrize("rate", [Fraction(1, 10), Fraction(1, 20), Fraction(1, 100)])
def test_exchanged_cases_give_false_alarms_at_most_at_the_rate(rate):
    """All 2 ** 8 ways to exchange the two runs case by case: none is more likely than another."""
    old = [a_case(i, distance=0.5, margin=0.2) for i in range(8)]
    new = [
        a_case(i, VACUOUS if i % 2 else HOLDS, distance=0.3, margin=0.1, merged=i % 3)
        for i in range(8)
    ]
    alarms = 0
    for swap in product((False, True), repeat=8):
        before = [new[i] if s else old[i] for i, s in enumerate(swap)]
        after = [old[i] if s else new[i] for i, s in enumerate(swap)]
        pair = pair_cases(*(Baseline.of(a_run(cases)).checks[0] for cases in (before, after)))
        alarms += any(one.significant for one in drop_tests([pair], rate))
    assert alarms <= rate * 2**8
    assert alarms or rate < Fraction(1, 20)  # not because nothing can be seen


@pytest.mark.parametrize(
    ("worse", "measure"),
    [
        ({"distance": 0.25}, "distance"),
        ({"margin": 0.05}, "margin"),
        ({"margin": None}, "margin"),
        ({"grade": "unmet"}, "premise met"),
        ({"merged": 3}, "pairs apart"),
    ],
)
def test_a_drop_in_every_case_is_seen(worse, measure):
    found = against(a_run(many(12, **worse)), a_run(many(12)))
    assert {one.measure for one in found.drops} == {measure}
    assert found.exit_code == 1
    (drop,) = [one for one in found.drops if one.depth is None]
    assert (drop.n, drop.n_worse, drop.n_better) == (12, 12, 0)
    assert measure in found.explain()


def test_a_drop_in_few_cases_is_not_told_from_chance_and_that_is_said():
    found = against(a_run(many(5, distance=0.1)), a_run(many(5)))
    assert found.drops == ()
    assert found.exit_code == 0
    assert "With 5 cases no drop can be told from chance." in found.explain()
    nine = against(a_run(many(9)), a_run(many(9)))
    assert "With 9 cases a drop in fewer than 8 cannot be told from chance." in nine.explain()


def test_what_the_power_statement_promises_is_kept():
    """As many cases as are said to be needed are enough, and one fewer is not."""
    before = many(20)
    (distance,) = [t for t in against(a_run(before), a_run(before)).tests
                   if t.measure == "distance"]  # fmt: skip
    for n, seen in ((distance.needed, True), (6, False)):
        now = [a_case(i, distance=0.1 if i < n else 0.5) for i in range(20)]
        assert bool(against(a_run(now), a_run(before)).drops) is seen


def test_a_change_below_one_in_a_hundred_is_no_change():
    found = against(a_run(many(30, distance=0.4999)), a_run(many(30)))
    assert all(one.n_worse == 0 for one in found.tests)


def test_a_known_failure_passes_and_a_fixed_one_is_stale():
    fails, holds = a_run(many(3, COLLAPSED, merged=1)), a_run(many(3))
    known = against(fails, fails)
    assert (known.exit_code, len(known.known)) == (0, 1)
    fixed = against(holds, fails)
    assert (fixed.exit_code, len(fixed.fixed)) == (0, 1)
    assert any(
        "random-mine is collapsed in the baseline and holds now" in w for w in fixed.warnings
    )
    new = against(fails, holds)
    assert (new.exit_code, len(new.violations)) == (1, 1)
    assert "random-mine: holds -> collapsed. random-mine/case-0: A summary." in new.explain()


def test_a_known_failure_that_gets_worse_is_a_drop():
    before = [a_case(i, COLLAPSED if i == 0 else HOLDS, merged=int(i == 0)) for i in range(12)]
    found = against(a_run(many(12, COLLAPSED, merged=1, grade="exact")), a_run(before))
    assert found.violations == ()
    assert {one.measure for one in found.drops} >= {"no violation", "pairs apart"}


def test_an_expected_failure_is_known_when_the_expectation_is_gone():
    cases = many(3, COLLAPSED, merged=1)
    expected = a_report([a_result(cases, expected="the window is short")])
    assert against(a_report([a_result(cases)]), expected).exit_code == 0


def test_what_shows_nothing_now_and_did_is_exit_code_3():
    holds, vacuous = a_run(many(3)), a_run(many(3, VACUOUS))
    assert against(vacuous, holds).exit_code == 3
    assert against(vacuous, vacuous).exit_code == 0
    skipped = a_run(many(3, SuiteVerdict.SKIPPED))
    found = against(skipped, holds)
    assert (found.exit_code, found.inconclusive[0].after) == (3, SuiteVerdict.SKIPPED)
    assert against(replace(holds, interrupted=True), holds).exit_code == 3


def test_advisory_checks_decide_nothing():
    holds = a_report([a_result(many(12), advisory=True)])
    fails = a_report([a_result(many(12, COLLAPSED, merged=4), advisory=True)])
    found = against(fails, holds)
    assert (found.exit_code, found.violations, found.tests) == (0, (), ())


def test_a_new_check_that_fails_is_a_violation():
    old = a_result(many(2), "random-old")
    found = against(a_report([old, a_result(many(2, COLLAPSED, merged=1))]), a_report([old]))
    assert found.added == ("random-mine",)
    assert [one.before for one in found.violations] == [None]
    assert found.exit_code == 1


def test_checks_and_cases_that_do_not_exist_any_more_are_stale():
    kept = a_result(many(2), "exact-counting")
    gone = a_result(many(2), "exact-gone")
    left_out = a_result(many(2), "exact-gallery")
    found = against(a_report([kept]), a_report([kept, gone, left_out]))
    assert (found.removed, found.not_run) == (("exact-gone",), ("exact-gallery",))
    assert any("exact-gone" in one for one in found.warnings)
    fewer = against(a_report([a_result(many(1), "exact-counting")]), a_report([kept]))
    assert any("exact-counting/case-1" in one for one in fewer.warnings)
    assert found.exit_code == fewer.exit_code == 0


def test_cases_on_other_systems_are_counted_and_their_premise_is_compared_as_a_whole():
    before = many(20)
    now = [a_case(i, distance=0.1, grade="unmet", system=f"{50 + i}" * 32) for i in range(20)]
    found = against(a_run(now), a_run(before))
    assert (found.n_same, found.n_other_system) == (0, 20)
    (test,) = found.tests
    assert (test.measure, test.before, test.after) == ("premise met", (0, 20), (20, 20))
    assert test.significant
    assert "not so in 0 of 20 cases before, in 20 of 20 other cases now" in test.explain()


def test_very_many_cases_are_compared_by_their_counts():
    before = many(600)
    now = [a_case(i, VACUOUS if i < 60 else HOLDS) for i in range(600)]
    found = against(a_run(now), a_run(before))
    (test,) = found.tests
    assert (test.before, test.after, test.significant) == ((0, 600), (60, 600), True)


def test_other_runs_are_compared_with_a_warning():
    other = replace(a_run(many(3)), seed=9, spec="2025.1", profile="ci", subject="yours",
                    versions=(("python", "3.12"),))  # fmt: skip
    found = against(other, a_run(many(3)))
    for word in ("subject", "profile", "seed", "spec", "python 3.11 -> 3.12"):
        assert any(word in one for one in found.warnings), word
    assert found.exit_code == 0
    assert "Warning: " in found.explain()
    assert "Warning: " not in found.explain(warnings=False)


def test_times_are_told_and_never_fail():
    found = against(a_run(many(9, seconds=50.0)), a_run(many(9, seconds=0.5)))
    assert found.times.median == pytest.approx(100)
    assert found.exit_code == 0
    assert "decides nothing" in found.explain()


def test_what_cannot_be_compared_is_refused():
    report = a_run(many(2))
    baseline = Baseline.of(report)
    with pytest.raises(InvalidArgumentError, match="no check in common"):
        against(a_run(many(2), "random-yours"), report)
    with pytest.raises(InvalidArgumentError, match="not a Report"):
        compare_with_baseline(baseline, baseline)
    with pytest.raises(InvalidArgumentError, match="load_baseline"):
        compare_with_baseline(report, report)
    for rate in (0, 1, True, "0.01", float("nan")):
        with pytest.raises(InvalidArgumentError, match="error_rate"):
            compare_with_baseline(report, baseline, error_rate=rate)
