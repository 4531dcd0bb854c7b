"""The verdict of a check from those of its cases, and the counts behind it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.suite.outcomes import CaseResult, DepthShare, Outcome
from tellapart.properties.suite.registry import check_named
from tellapart.properties.suite.results import CheckResult, Report, result_of
from tellapart.properties.suite.tally import MOST_KEPT, tally_of
from tellapart.properties.suite.verdicts import FAILING, INCONCLUSIVE, SuiteVerdict, worst

MEASURED = [*FAILING, *INCONCLUSIVE, SuiteVerdict.HOLDS, SuiteVerdict.SKIPPED]
VERDICTS = st.lists(st.sampled_from(MEASURED), max_size=12)
HOLDS, VACUOUS, SKIPPED = SuiteVerdict.HOLDS, SuiteVerdict.VACUOUS, SuiteVerdict.SKIPPED


def case(verdict, index=0, **fields):
    outcome = Outcome(verdict, f"case {index}.", **fields)
    return CaseResult("exact-counting", f"counting-9-{index}", "exact", index, outcome, 1.0)


def cases_of(verdicts):
    return [case(verdict, index) for index, verdict in enumerate(verdicts)]


@given(VERDICTS, st.sampled_from([0.0, 0.2, 0.5, 1.0]))
def test_a_vacuous_run_is_never_a_pass(verdicts, limit):
    found = worst(verdicts, limit)
    run = [verdict for verdict in verdicts if verdict is not SKIPPED]
    n_open = sum(verdict in INCONCLUSIVE for verdict in run)
    if any(verdict in FAILING for verdict in verdicts):
        assert found is next(verdict for verdict in FAILING if verdict in verdicts)
    elif not run:
        assert found is SKIPPED
    elif found is HOLDS:
        assert HOLDS in run
        assert n_open <= limit * len(run)
    else:
        assert found in INCONCLUSIVE
        assert n_open > limit * len(run) or n_open == len(run)


@given(VERDICTS, st.randoms(use_true_random=False))
def test_the_order_of_cases_does_not_matter(verdicts, random):
    shuffled = random.sample(verdicts, len(verdicts))
    assert worst(verdicts, 0.2) is worst(shuffled, 0.2)


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [("holds", "xpass"), ("collapsed", "xfail"), ("vacuous", "xfail"), ("skipped", "skipped")],
)
def test_what_is_expected_to_fail(measured, verdict):
    check = check_named("exact-counting")
    found = result_of(check, tally_of([case(SuiteVerdict(measured))]), 0.2, "a window of 3 frames")
    assert (found.measured.value, found.verdict.value) == (measured, verdict)
    assert found.reason == ("case 0." if measured == "skipped" else "a window of 3 frames")


def report_of(*verdicts, advisory=False):
    check = check_named("exact-counting")
    results = tuple(
        replace(result_of(check, tally_of([case(verdict)]), 0.2), advisory=advisory)
        for verdict in verdicts
    )
    return Report("mine", "ci", 0, "2026.1", (), results, 1.0)


@given(st.lists(st.sampled_from(MEASURED), max_size=5), st.booleans())
def test_exit_codes(verdicts, advisory):
    found = report_of(*verdicts, advisory=advisory).exit_code
    ran = any(verdict is not SKIPPED for verdict in verdicts)
    if not advisory and any(verdict in FAILING for verdict in verdicts):
        assert found == 1
    elif not ran or (not advisory and any(verdict in INCONCLUSIVE for verdict in verdicts)):
        assert found == 3
    else:
        assert found == 0


def test_an_interrupted_run_is_no_pass():
    assert replace(report_of(HOLDS), interrupted=True).exit_code == 3


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.floats(0, 2)), max_size=20))
def test_depths_are_added_over_cases(rows):
    found = tally_of(
        case(HOLDS, i, by_depth=(DepthShare(depth, 6, merged, relative),))
        for i, (depth, merged, relative) in enumerate(rows)
    ).depths
    for depth in {depth for depth, _, _ in rows}:
        same = [row for row in rows if row[0] == depth]
        assert found[depth].n_pairs == 6 * len(same)
        assert found[depth].n_merged == sum(merged for _, merged, _ in same)
        assert found[depth].relative == min(relative for _, _, relative in same)


def test_of_many_cases_those_that_hold_are_counted_and_let_go():
    many = [HOLDS] * MOST_KEPT + [VACUOUS, HOLDS, SuiteVerdict.COLLAPSED]
    tally = tally_of(cases_of(many))
    assert tally.n_cases == len(many)
    assert [one.verdict for one in tally.cases] == [VACUOUS, SuiteVerdict.COLLAPSED]
    few = tally_of(cases_of(many[3:]))
    assert few.n_cases == len(few.cases) == MOST_KEPT


def test_results_are_saved_and_told():
    made = report_of(HOLDS, SuiteVerdict.COLLAPSED, VACUOUS)
    assert Report.from_json(made.to_json()) == made
    assert CheckResult.from_json(made.results[1].to_json()) == made.results[1]
    told = made.explain()
    assert "exact-counting [exact]: collapsed" in told
    assert "100% of the cases show nothing; at most 20% may." in told
    assert told.endswith(made.summary())
    assert "1 collapsed, 1 vacuous, 1 holds" in made.summary()
