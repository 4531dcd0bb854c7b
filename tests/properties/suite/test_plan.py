"""Which cases are run, in which order, with which seeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.suite.plan import make_plan, seed_of, selected_checks
from tellapart.properties.suite.profiles import SUITE_PROFILES, suite_profile
from tellapart.properties.suite.registry import all_checks
from tellapart.theory.errors import InvalidArgumentError

CI = suite_profile("ci")
ALL = tuple(all_checks().values())


def ids(plan):
    return [job.id for job in plan]


def test_every_case_is_there_once():
    plan = make_plan(ALL, CI, 0)
    wanted = {f"{one.id}/{case.name}" for one in ALL for case in one.scenarios(CI)}
    assert sorted(ids(plan)) == sorted(wanted)


def test_the_contract_comes_first_and_then_every_check_in_turn():
    plan = make_plan(ALL, CI, 0)
    tiers = [job.tier == "contract" for job in plan]
    n_contract = sum(tiers)
    assert all(tiers[:n_contract])
    rest = [one.id for one in ALL if one.tier.value != "contract"]
    assert [job.check for job in plan[n_contract:]][: len(rest)] == rest


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_seeds_depend_on_the_case_and_the_run_alone(first, second):
    one, two = make_plan(ALL, CI, first), make_plan(ALL, CI, second)
    assert ids(one) == ids(two)
    part = make_plan(selected_checks(["exact"]), CI, first, ["exact"])
    by_id = {job.id: job.seed for job in one}
    assert all(by_id[job.id] == job.seed for job in part)
    trained = [job.seed for job in one if job.tier != "contract"]
    assert len(set(trained)) == len(trained)
    assert len({job.seed for job in one if job.tier == "contract"}) == 2  # one for each system
    if first != second:
        assert [job.seed for job in one] != [job.seed for job in two]


def test_seeds_are_pinned():
    assert seed_of("exact-counting/counting-9", 0) == 1521494521


def test_larger_profiles_hold_the_smaller_ones():
    plans = [set(ids(make_plan(ALL, SUITE_PROFILES[name], 0))) for name in ("smoke", "ci")]
    assert plans[0] < plans[1]


@pytest.mark.parametrize(
    ("only", "exclude", "wanted"),
    [
        (["exact-counting"], [], {"exact-counting"}),
        (["exact"], ["exact-c*"], {"exact-gallery", "exact-deep-words", "exact-healthy-merges"}),
        (["random-chain/deep-0"], [], {"random-chain"}),
        (["*-toy-text"], [], {"environments-toy-text"}),
    ],
)
def test_patterns(only, exclude, wanted):
    checks = selected_checks(only, exclude)
    assert {one.id for one in checks} == wanted
    plan = make_plan(checks, CI, 0, only, exclude)
    assert {job.check for job in plan} == wanted
    if "/" in only[0]:
        assert ids(plan) == only


def test_a_case_can_be_left_out():
    plan = make_plan(selected_checks(["random-chain"]), CI, 0, (), ["random-chain/deep-*"])
    assert {job.scenario.split("-")[0] for job in plan} == {"shallow", "middle"}


@pytest.mark.parametrize(
    ("only", "exclude", "words"),
    [
        (["exakt"], [], "No check matches 'exakt'"),
        ([], ["nothing-*"], "No check matches 'nothing-"),
        (["exact"], ["exact"], "No check is left to run"),
    ],
)
def test_patterns_that_fit_nothing_are_refused(only, exclude, words):
    with pytest.raises(InvalidArgumentError, match=words):
        selected_checks(only, exclude)


def test_a_plan_without_cases_is_refused():
    with pytest.raises(InvalidArgumentError, match="No case is left"):
        make_plan(selected_checks(["exact-counting"]), CI, 0, ["exact-counting/no-such"])
