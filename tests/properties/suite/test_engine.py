"""The engine: any order gives the same results, and no case is lost or counted twice."""

from collections import Counter
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from functools import partial

import pytest
from campaign_parts import answer, answer_or_die, job, plan
from campaign_runs import Memory, cases, engine, text
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.suite.events import CaseDone, CheckDone, Resumed
from tellapart.properties.suite.executors import InlineExecutor, WorkerLost, local_processes
from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.plan import Job
from tellapart.properties.suite.tally import Tally
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InternalError, InvalidArgumentError


class Chaos(Executor):
    """Runs cases when it is asked to wait, in a drawn order; its workers die when told to."""

    def __init__(self, draw, lethal=frozenset()):
        self.draw, self.lethal, self.flying, self.broken = draw, lethal, [], False

    def submit(self, fn, /, *args):
        if self.broken:
            raise BrokenExecutor("broken before")
        future = Future()
        if fn is int:  # is anybody there?
            future.set_result(0)
            return future
        self.flying.append((future, fn, args))
        while self.flying and (len(self.flying) == 3 or self.draw(st.booleans())):
            self.land(self.draw(st.integers(0, len(self.flying) - 1)))
        return future

    def land(self, place):
        future, fn, args = self.flying.pop(place)
        if args and args[0].id in self.lethal:
            self.broken = True
            for other in (future, *(one for one, _, _ in self.flying)):
                other.set_exception(BrokenExecutor("a worker died"))
            self.flying.clear()
        else:
            future.set_result(fn(*args))

    def settle(self, futures):
        while self.flying and not any(one.done() for one in futures):
            self.land(self.draw(st.integers(0, len(self.flying) - 1)))


JOBS = plan(10)
EXPECTED = text(engine(JOBS).run())


@given(st.permutations(JOBS))
def test_any_order_gives_the_same_results(jobs):
    assert text(engine(jobs).run()) == EXPECTED


@given(st.permutations(JOBS), st.integers(0, len(JOBS)))
def test_resumed_runs_give_the_same_results(jobs, known):
    ledger, events = Memory(answer(one) for one in jobs[:known]), []
    assert text(engine(jobs, ledger=ledger, consumers=[events.append]).run()) == EXPECTED
    assert set(ledger.given) == {one.id for one in jobs[known:]}
    told = [event for event in events if isinstance(event, CaseDone)]
    assert Counter(event.result.id for event in told) == Counter(one.id for one in JOBS)
    assert sum(event.known for event in told) == known
    assert [e.n_cases for e in events if isinstance(e, Resumed)] == [known] * (known > 0)


@given(st.data(), st.sets(st.sampled_from([one.id for one in JOBS]), max_size=3))
def test_dying_workers_lose_and_double_nothing(data, lethal):
    open_executors, ledger, events = [], Memory(), []

    def opened():
        open_executors.append(Chaos(data.draw, lethal))
        return open_executors[-1]

    def settled(futures, return_when):
        open_executors[-1].settle(futures)
        return {one for one in futures if one.done()}, set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tellapart.properties.suite.engine.wait", settled)
        made = engine(JOBS, opened, ledger=ledger, consumers=[events.append], width=3)
        found = cases(made.run())
    assert found.keys() == {one.id for one in JOBS} == set(ledger.given)
    assert set(ledger.given.values()) == {1}
    told = [event.result.id for event in events if isinstance(event, CaseDone)]
    assert sorted(told) == sorted(found)
    for one in JOBS:
        if one.id in lethal:
            assert found[one.id].verdict is SuiteVerdict.ERROR
            assert "died 2 times" in found[one.id].outcome.summary
        else:
            assert found[one.id] == answer(one)


def test_killed_processes_lose_and_double_nothing(tmp_path):
    names = ["a-0", "mortal", "a-1", "deadly", "a-2", "unsendable", "a-3"]
    jobs, ledger = tuple(job("fatal", name) for name in names), Memory()

    def submit(executor, one):
        return executor.submit(answer_or_die, one, str(tmp_path))

    made = engine(jobs, partial(local_processes, 2), ledger=ledger, width=4)
    made.submit = submit
    found = cases(made.run())
    assert found.keys() == {one.id for one in jobs}
    assert ledger.given == Counter(found.keys())  # each once
    assert (tmp_path / "mortal").exists()
    for one in jobs:
        expected = {"deadly": "died 2 times", "unsendable": "cannot be brought back"}
        if one.scenario in expected:
            assert found[one.id].verdict is SuiteVerdict.ERROR
            assert expected[one.scenario] in found[one.id].outcome.summary
        else:
            assert found[one.id] == answer(one)


class Broken(InlineExecutor):
    def submit(self, fn, /, *args, **kwargs):
        raise BrokenExecutor("terminated abruptly")


def test_workers_that_cannot_start_are_no_fault_of_the_cases():
    with pytest.raises(InvalidArgumentError, match=r"before they run anything.*__main__"):
        engine(JOBS, Broken).run()


def raising(error, once=False):
    """Return an executor whose first case, or whose every case, ends with an error."""
    left = [1]

    class Raising(InlineExecutor):
        killed = 0

        def submit(self, fn, /, *args, **kwargs):
            if once and not left:
                return super().submit(fn, *args, **kwargs)
            left.clear()
            future = Future()
            future.set_exception(error)
            return future

        def kill_workers(self):
            Raising.killed += 1

    return Raising


@pytest.mark.parametrize("error", [CancelledError(), ConnectionError("gone"), ImportError("no")])
def test_a_lost_scheduler_is_told_and_is_no_result(error):
    ledger = Memory()
    with pytest.raises(InvalidArgumentError, match="workers are up"):
        engine(JOBS, raising(error), ledger=ledger).run()
    assert not ledger.given


def test_tellaparts_own_contradictions_end_the_run_and_its_workers():
    executor = raising(InternalError("a contradiction"))
    with pytest.raises(InternalError, match="a contradiction"):
        engine(JOBS, executor).run()
    assert executor.killed == 1


def test_a_lost_worker_is_suspected_once_and_given_up_the_second_time():
    assert text(engine(JOBS, raising(WorkerLost("x"), once=True)).run()) == EXPECTED
    found = cases(engine(JOBS, raising(WorkerLost("x"))).run())
    assert {one.verdict for one in found.values()} == {SuiteVerdict.ERROR}
    assert len(found) == len(JOBS)


@given(st.permutations(JOBS), st.integers(0, len(JOBS) - 1))
def test_ctrl_c_keeps_what_is_done(jobs, done):
    ledger, n = Memory(), [0]

    def work(one: Job) -> CaseResult:
        if n[0] == done:
            raise KeyboardInterrupt
        n[0] += 1
        return answer(one)

    made = engine(jobs, work=work, ledger=ledger)
    found = cases(made.run())
    assert made.interrupted
    assert set(found) == set(ledger.given) == {one.id for one in jobs[:done]}
    assert text(engine(jobs, ledger=ledger).run()) == EXPECTED


def test_ctrl_c_kills_the_workers():
    executor = raising(None)
    made = engine(JOBS, executor)

    def submit(executor, one):
        raise KeyboardInterrupt

    made.submit = submit
    assert made.run() == ()
    assert made.interrupted
    assert executor.killed == 1


def test_what_cannot_be_saved_is_an_error_of_its_case():
    class Picky(Memory):
        def add(self, result):
            if result.outcome.verdict is not SuiteVerdict.ERROR and "case-3" in result.id:
                raise InvalidArgumentError("this cannot be saved")
            super().add(result)

    found = cases(engine(JOBS, ledger=Picky()).run())
    bad = {id for id, one in found.items() if one.verdict is SuiteVerdict.ERROR}
    assert bad == {"check-a/case-3", "check-b/case-3"}
    assert "this cannot be saved" in found["check-a/case-3"].outcome.summary


def test_a_broken_gate_is_kept_and_a_lack_of_time_is_not():
    def work(one):
        verdict = SuiteVerdict.BROKEN if one.tier == "contract" else SuiteVerdict.HOLDS
        made = answer(one)
        return CaseResult(
            one.check, one.scenario, one.tier, one.seed, type(made.outcome)(verdict, ""), 0.0
        )

    gate = job("contract-finite", "case-0", "contract")
    ledger = Memory()
    found = cases(engine((*JOBS, gate), work=work, ledger=ledger).run())
    refused = [one for one in found.values() if one.verdict is SuiteVerdict.SKIPPED]
    assert len(refused) == len(JOBS)
    assert all("breaks contract-finite" in one.outcome.summary for one in refused)
    assert set(ledger.given) == set(found)

    ledger = Memory()
    late = cases(engine(JOBS, ledger=ledger, ends=0.0).run())
    assert {one.verdict for one in late.values()} == {SuiteVerdict.TIMEOUT}
    assert not ledger.given
    few = cases(engine(JOBS, ledger=ledger, max_failures=1).run())
    assert set(ledger.given) == {
        one.id for one in few.values() if "failed before" not in one.outcome.summary
    }
    assert len(ledger.given) < len(JOBS) == len(few)


def test_every_check_is_concluded_once():
    events = []
    engine(JOBS, consumers=[events.append]).run()
    done = [event.result.check for event in events if isinstance(event, CheckDone)]
    assert sorted(done) == ["check-a", "check-b"]


@given(st.permutations(plan(30, ("check-a",))), st.integers(1, 40))
def test_a_tally_keeps_the_same_cases_in_any_order(jobs, most):
    tally = Tally(most)
    for one in jobs:
        tally.add(answer(one))
    kept = [case.id for case in tally.cases]
    every = [answer(one) for one in plan(30, ("check-a",))]
    if most >= 30:
        assert kept == [one.id for one in every]
    else:
        rank = {SuiteVerdict.VACUOUS: 1, SuiteVerdict.COLLAPSED: 0, SuiteVerdict.BROKEN: 0}
        telling = [one for one in every if one.verdict in rank]
        first = sorted(telling, key=lambda one: rank[one.verdict])[:most]
        assert set(kept) == {one.id for one in first}
        assert kept == [one.id for one in every if one.id in set(kept)]
