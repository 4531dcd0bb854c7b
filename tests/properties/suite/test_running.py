"""The suite in one call, on designs with known verdicts."""

import pytest
import torch
from torch import nn

from tellapart.models.networks import reference_subject
from tellapart.models.subject import Subject
from tellapart.models.zoo.named import subject_named
from tellapart.properties.errors import SubjectSourceError, SuiteFailed
from tellapart.properties.suite.events import CaseDone, CheckDone, Started, Stopped, Warned
from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Scenario, all_checks, check, own_checks
from tellapart.properties.suite.results import Report
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain

EXACT = ["exact-counting", "exact-capacity"]


def run(subject="joint", **options):
    options = {"profile": "smoke", "only": EXACT, "on_fail": None, **options}
    return check_encoder(subject, **options)


def merged(mdp, seed):
    return subject_named("merged-ends")(mdp, seed)


def test_a_good_design_holds():
    report = run(only=[*EXACT, "contract", "random-chain"])
    assert report.ok
    assert report.exit_code == 0
    assert not report.inconclusive
    assert report.result("exact-counting").grades == (("certified", 1),)
    assert report.result("exact-counting").by_depth[-1].depth == 4


def test_a_collapse_is_told_with_its_witness_and_a_case():
    report = run(merged)
    found = report.result("exact-counting")
    assert (report.exit_code, found.verdict) == (1, SuiteVerdict.COLLAPSED)
    outcome = found.cases[0].outcome
    assert {outcome.witness.x, outcome.witness.y} == {0, 8}
    assert len(outcome.witness.word) == 4
    assert outcome.case is not None
    assert "Witness: 0 and 8 share a code" in report.explain()


def test_failures_are_raised_warned_of_or_returned():
    with pytest.raises(SuiteFailed, match="Witness: 0 and 8") as raised:
        run(merged, on_fail="raise")
    assert raised.value.report.exit_code == 1
    with pytest.warns(UserWarning, match="Witness: 0 and 8"):
        run(merged, on_fail="warn")
    run(merged, on_fail=None).result("exact-counting")
    assert run("joint", on_fail="raise").ok


def test_expected_failures_and_stale_ones():
    reason = "the ends are never seen"
    report = run(merged, expected_failed_checks={"exact-counting": reason})
    assert report.exit_code == 0
    assert report.result("exact-counting").verdict is SuiteVerdict.XFAIL
    stale = run("joint", expected_failed_checks={"exact-counting": reason})
    assert stale.exit_code == 0
    assert stale.warnings == (
        f"exact-counting was expected to fail ({reason}) and holds: remove the entry.",
    )


def test_the_same_call_gives_the_same_results_in_any_number_of_processes():
    options = {"only": ["exact-counting", "random-chain", "contract-shapes"], "seed": 3}
    one, two = (run("joint", jobs=jobs, **options) for jobs in (1, 2))
    strip = [[c.without_time() for c in sorted(r.cases, key=lambda c: c.id)] for r in one.results]
    other = [[c.without_time() for c in sorted(r.cases, key=lambda c: c.id)] for r in two.results]
    assert strip == other
    assert Report.from_json(one.to_json()) == one


def test_another_seed_trains_others():
    first, second = (run(seed=seed).result("exact-counting") for seed in (0, 1))
    assert first.cases[0].seed != second.cases[0].seed
    assert first.cases[0].outcome.losses != second.cases[0].outcome.losses


def test_global_random_state_neither_decides_nor_changes():
    def careless(mdp, seed):
        torch.manual_seed(torch.randint(10**6, ()).item())
        return reference_subject(mdp, seed=int(torch.randint(10**6, ())))

    before = torch.random.get_rng_state()
    first = run(careless, only=["exact-counting"])
    torch.rand(7)
    second = run(careless, only=["exact-counting"])
    strip = [r.results[0].cases[0].without_time() for r in (first, second)]
    assert strip[0] == strip[1]
    torch.random.set_rng_state(before)


def test_events_tell_everything_in_order():
    events = []
    report = run(merged, consumers=[events.append], only=["exact-counting", "contract-shapes"])
    assert isinstance(events[0], Started)
    assert events[0].n_cases == 2
    assert events[-1] == Stopped(report)
    assert [e.result.check for e in events if isinstance(e, CaseDone)] == [
        "contract-shapes", "exact-counting",
    ]  # fmt: skip
    assert {e.result.check for e in events if isinstance(e, CheckDone)} == {
        "contract-shapes", "exact-counting",
    }  # fmt: skip
    seen = []
    run(callback=seen.append)
    assert sorted(one.check for one in seen) == sorted(EXACT)
    events.clear()
    run(expected_failed_checks={"exact-capacity": "why"}, consumers=[events.append])
    assert any(isinstance(e, Warned) for e in events)


def test_nothing_is_judged_when_answers_cannot_be():
    report = run(subject_named("breaks-shapes"), only=["contract", "exact"])
    assert report.exit_code == 1
    assert [one.check for one in report.failed] == ["contract-shapes"]
    told = report.result("exact-counting")
    assert told.verdict is SuiteVerdict.SKIPPED
    assert "breaks contract-shapes" in told.reason


def test_a_spent_budget_is_a_timeout_and_no_pass():
    report = run(budget=1e-9)
    assert {one.verdict for one in report.results} == {SuiteVerdict.TIMEOUT}
    assert report.exit_code == 3


def test_it_stops_after_enough_failures():
    report = run(merged, only=["exact"], max_failures=1)
    assert len(report.failed) == 1
    assert any(one.reason == "not run: 1 failed before." for one in report.results)


def test_what_a_subject_raises_is_told_with_the_place():
    def raising(mdp, seed):
        raise ZeroDivisionError("no layers")

    class Bad(nn.Module):
        def forward(self, observations):
            raise KeyError("weight")

    def broken(mdp, seed):
        subject = reference_subject(mdp, seed=seed)
        return Subject(Bad(), subject.predictor, subject.head)

    told = run(raising, only=["exact-counting"])
    assert told.result("exact-counting").verdict is SuiteVerdict.ERROR
    assert "raised ZeroDivisionError: no layers" in told.explain()
    assert told.exit_code == 1
    assert "KeyError" in run(broken, only=["exact-counting"]).explain()


def own(trial):
    return Outcome(SuiteVerdict.VACUOUS, "nothing was looked at.")


def test_a_check_of_ones_own_takes_part():
    with own_checks():
        check(
            id="exact-own", tier="exact", cost="instant", title="Small", why="Why not.",
            scenarios=lambda profile: [Scenario("five", lambda seed: counting_chain(5))],
            passes=["joint"], fails=["constant"],
        )(own)  # fmt: skip
        assert run(only=["exact-own"]).exit_code == 3
        assert run(only=["exact-own"], max_vacuous=1.0).exit_code == 3  # all of it showed nothing
    assert "exact-own" not in all_checks()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id": "Exact own"}, "small letters"),
        ({"id": "exact-counting"}, "is registered by"),
        ({"fails": []}, "no subject that it must fail"),
        ({"passes": []}, "no subject that it must pass"),
    ],
)
def test_checks_that_cannot_be_registered(fields, words):
    usual = {
        "id": "exact-own", "tier": "exact", "cost": "instant", "title": "Small", "why": "Why.",
        "scenarios": lambda profile: [], "passes": ["joint"], "fails": ["constant"],
    }  # fmt: skip
    with pytest.raises(InvalidArgumentError, match=words):
        check(**usual | fields)(own)
    assert "exact-own" not in all_checks()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"profile": "fast"}, InvalidArgumentError, "no profile named 'fast'"),
        ({"seed": -1}, InvalidArgumentError, "seed is -1"),
        ({"seed": True}, InvalidArgumentError, "seed is True"),
        ({"jobs": 0}, InvalidArgumentError, "jobs is 0"),
        ({"jobs": 2, "profile": SuiteProfile("own", "", 1, 1, 0)}, InvalidArgumentError, "jobs=1"),
        ({"budget": float("nan")}, InvalidArgumentError, "budget is nan"),
        ({"max_failures": 0}, InvalidArgumentError, "max_failures is 0"),
        ({"max_vacuous": 2}, InvalidArgumentError, "max_vacuous is 2"),
        ({"on_fail": "ignore"}, InvalidArgumentError, "on_fail is 'ignore'"),
        ({"only": ["exact-none"]}, InvalidArgumentError, "No check matches"),
        ({"expected_failed_checks": ["a"]}, InvalidArgumentError, "give a dict"),
        ({"expected_failed_checks": {"nope": "x"}}, InvalidArgumentError, "no check named 'nope'"),
        ({"expected_failed_checks": {"exact-counting": " "}}, InvalidArgumentError, "in words"),
        ({"subject": "no-such-design"}, SubjectSourceError, "no design named"),
        ({"subject": 3}, SubjectSourceError, "not int"),
        ({"subject": lambda mdp, seed: None, "jobs": 2}, InvalidArgumentError, "Use jobs=1"),
    ],
)
def test_bad_arguments_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        run(**options)
