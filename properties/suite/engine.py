"""Run a plan: cases go to an executor, results come back in any order, events tell of them."""

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field
from typing import Protocol

from tellapart.properties.suite.events import CaseDone, CheckDone, Consumer, Event, Resumed
from tellapart.properties.suite.executors import WorkerLost
from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.plan import Job
from tellapart.properties.suite.registry import Check, Tier
from tellapart.properties.suite.results import CheckResult, result_of
from tellapart.properties.suite.tally import Recalled, Tally
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.properties.suite.work import plain_result
from tellapart.theory.errors import InvalidArgumentError, TellapartError

__all__ = ["GATES", "Engine", "Ledger", "Submit"]

#: Rules of the contract without which no answer of a subject can be judged.
GATES = (
    "contract-device", "contract-shapes", "contract-dtypes", "contract-finite",
    "contract-determinism",
)  # fmt: skip
#: A case is given up when this many workers died while they ran it and nothing else.
_MOST_DEATHS = 2

Submit = Callable[[Executor, Job], "Future[CaseResult]"]


class Ledger(Protocol):
    """Where results are kept beyond this process."""

    def recall(self, ids: Collection[str]) -> Recalled:
        """Return what is there already of the cases with these ids; called once, at the start."""
        ...

    def add(self, result: CaseResult) -> None:
        """Keep one more; a case that is there already is not counted again.

        Raises
        ------
        InvalidArgumentError
            When the result cannot be saved.
        """
        ...


@dataclass
class Engine:
    """One run of a plan.

    Attributes
    ----------
    plan
        The cases, in the order in which they are begun; those of the contract come first.
    checks
        By id.
    submit
        Gives a case to an executor.
    open_executor
        Makes an executor; called again when its workers have died.
    consumers
        Are told of every event.
    most_vacuous, expected
        As for :func:`~tellapart.properties.suite.results.result_of`; ``expected`` by id.
    width
        Cases given to the executor at a time; more where the executor asks for it.
    ends
        ``time.monotonic()`` after which no case is begun; None: no limit.
    max_failures
        No case is begun after so many checks have failed; None: no limit.
    ledger
        Where results are kept; None: nowhere.
    """

    plan: Sequence[Job]
    checks: Mapping[str, Check]
    submit: Submit
    open_executor: Callable[[], Executor]
    consumers: Sequence[Consumer]
    most_vacuous: float
    expected: Mapping[str, str]
    width: int = 1
    ends: float | None = None
    max_failures: int | None = None
    ledger: Ledger | None = None
    interrupted: bool = False
    _tallies: dict[str, Tally] = field(default_factory=dict)
    _open: dict[str, int] = field(default_factory=dict)
    _results: dict[str, CheckResult] = field(default_factory=dict)
    _deaths: dict[str, int] = field(default_factory=dict)

    def run(self) -> tuple[CheckResult, ...]:
        """Run everything and return one result for each check, in the order of the checks.

        Raises
        ------
        InternalError
            When tellapart contradicts itself.
        InvalidArgumentError
            When cases cannot be run at all: no worker stays alive, or the scheduler is gone. What
            was done until then is in the ledger.
        """
        jobs = {job.id: job for job in self.plan}
        for job in jobs.values():
            self._tallies.setdefault(job.check, Tally())
            self._open[job.check] = self._open.get(job.check, 0) + 1
        try:
            self._recall(jobs)
            contract = Tier.CONTRACT.value
            first = deque(job for job in jobs.values() if job.tier == contract)
            rest = deque(job for job in jobs.values() if job.tier != contract)
            self._work((first, rest))
        except KeyboardInterrupt:
            self.interrupted = True
        for check, tally in self._tallies.items():  # those that were interrupted
            if check not in self._results and tally.n_cases:
                self._conclude(check)
        return tuple(self._results[check] for check in self.checks if check in self._results)

    def _recall(self, jobs: dict[str, Job]) -> None:
        """Take what the ledger knows, and leave the other cases."""
        if self.ledger is None:
            return
        found = self.ledger.recall(jobs.keys())
        if not found.ids:
            return
        self._tell(Resumed(len(found.ids)))
        for id in found.ids:
            del jobs[id]
        for check in list(self._tallies):
            if check in found.tallies:
                tally = found.tallies[check]
                self._tallies[check] = tally
                self._open[check] -= tally.n_cases
                for case in tally.cases:
                    self._tell(CaseDone(case, known=True))
                if self._open[check] == 0:
                    self._conclude(check)

    def _work(self, phases: Sequence[deque[Job]]) -> None:
        """Run the cases of one phase after the other; when workers die, with new ones."""
        broken = False
        while any(phases):
            executor = self.open_executor()
            try:
                if broken:
                    _check_alive(executor)
                for waiting in phases:
                    self._drain(executor, waiting)
            except BrokenExecutor:
                broken = True
            except BaseException:
                _kill(executor)
                raise
            finally:
                executor.shutdown(wait=True, cancel_futures=True)

    def _drain(self, executor: Executor, waiting: deque[Job]) -> None:
        """Keep the executor busy until nothing is left, or its workers have died."""
        flying: dict[Future[CaseResult], Job] = {}
        try:
            while waiting or flying:
                self._begin(executor, waiting, flying)
                if not flying:
                    continue
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda one: flying[one].id):
                    self._land(future, flying, waiting)
        except BrokenExecutor:
            self._mourn(flying, waiting)
            raise

    def _begin(
        self, executor: Executor, waiting: deque[Job], flying: dict["Future[CaseResult]", Job]
    ) -> None:
        """Give cases to the executor, as many as it takes."""
        width = max(self.width, getattr(executor, "width", 0))
        while waiting and self._may_fly(waiting[0], flying.values(), width):
            job = waiting.popleft()
            if self._refuse(job):
                continue
            try:
                flying[self.submit(executor, job)] = job
            except BrokenExecutor:
                waiting.appendleft(job)
                raise

    def _may_fly(self, job: Job, flying: Collection[Job], width: int) -> bool:
        """Tell whether a case may be begun; one that may have killed its worker flies alone."""
        if self._deaths and any(one.id in self._deaths for one in (job, *flying)):
            return not flying
        return len(flying) < width

    def _land(
        self,
        future: "Future[CaseResult]",
        flying: dict["Future[CaseResult]", Job],
        waiting: deque[Job],
    ) -> None:
        """Record what came of a case; one bad case is never the end of the others."""
        job, alone = flying[future], len(flying) == 1
        try:
            result = future.result()
        except WorkerLost:
            del flying[future]
            self._blame(job, alone, waiting)
            return
        except (BrokenExecutor, TellapartError):
            raise
        except (CancelledError, OSError, ImportError) as error:
            raise InvalidArgumentError(
                f"{job.id} cannot be run where it was sent ({type(error).__name__}: {error}). Make "
                "sure that the workers are up and can import what this process imports, and start "
                "again: with a store, what is done stays done."
            ) from error
        except Exception as error:
            told = f"its result cannot be brought back: {type(error).__name__}: {error}."
            result = plain_result(job, SuiteVerdict.ERROR, told)
        del flying[future]
        self._record(result)

    def _mourn(self, flying: dict["Future[CaseResult]", Job], waiting: deque[Job]) -> None:
        """Record what was done, and put back what was not: any of it may be what killed a worker.

        From now on they are run one at a time.
        """
        alone = len(flying) == 1
        for future, job in sorted(flying.items(), key=lambda item: item[1].id, reverse=True):
            if future.done() and not isinstance(_exception(future), BrokenExecutor):
                self._land(future, flying, waiting)
            else:
                del flying[future]
                self._blame(job, alone, waiting)

    def _blame(self, job: Job, alone: bool, waiting: deque[Job]) -> None:
        """Put a case back whose worker died, or give it up: another one may be what killed it."""
        self._deaths[job.id] = self._deaths.get(job.id, 0) + alone
        if self._deaths[job.id] < _MOST_DEATHS:
            waiting.appendleft(job)
            return
        told = (
            f"the process that ran it, and nothing else, died {_MOST_DEATHS} times (killed, out of "
            "memory, or a crash in compiled code)."
        )
        self._record(plain_result(job, SuiteVerdict.ERROR, told))

    def _refuse(self, job: Job) -> bool:
        """Record a case that is not to be run; tell whether it was one.

        What was refused for want of time, or after failures, is not kept in the ledger: the next
        run begins it.
        """
        if self.ends is not None and time.monotonic() >= self.ends:
            verdict, told = SuiteVerdict.TIMEOUT, "the time was over before it was run."
        elif self.max_failures is not None and self._n_failed() >= self.max_failures:
            verdict, told = SuiteVerdict.SKIPPED, f"not run: {self.max_failures} failed before."
        else:
            gate = None if job.tier == Tier.CONTRACT.value else self._broken_gate()
            if gate is None:
                return False
            told = f"not run: the subject breaks {gate}, so its answers cannot be judged."
            self._record(plain_result(job, SuiteVerdict.SKIPPED, told))
            return True
        self._record(plain_result(job, verdict, told), kept=False)
        return True

    def _broken_gate(self) -> str | None:
        """Name a rule that the subject breaks and without which it cannot be judged."""
        for gate in GATES:
            if gate in self._tallies and self._tallies[gate].verdicts[SuiteVerdict.BROKEN]:
                return gate
        return None

    def _n_failed(self) -> int:
        return sum(
            any(tally.verdicts[verdict] for verdict in SuiteVerdict if verdict.fails)
            and check not in self.expected
            and not self.checks[check].advisory
            for check, tally in self._tallies.items()
        )

    def _record(self, result: CaseResult, kept: bool = True) -> None:
        """Keep, count and tell a result."""
        if self.ledger is not None and kept:
            result = _saved(self.ledger, result)
        self._tallies[result.check].add(result)
        self._tell(CaseDone(result))
        self._open[result.check] -= 1
        if self._open[result.check] == 0:
            self._conclude(result.check)

    def _conclude(self, check: str) -> None:
        found = result_of(
            self.checks[check], self._tallies[check], self.most_vacuous, self.expected.get(check)
        )
        self._results[check] = found
        self._tell(CheckDone(found))

    def _tell(self, event: Event) -> None:
        for consumer in self.consumers:
            consumer(event)


def _saved(ledger: Ledger, result: CaseResult) -> CaseResult:
    """Save a result and return it; in place of one that cannot be saved, an error that says so."""
    try:
        ledger.add(result)
    except InvalidArgumentError as error:
        job = Job(result.check, "", result.scenario, result.seed, result.tier)
        result = plain_result(job, SuiteVerdict.ERROR, f"its result cannot be saved: {error}")
        ledger.add(result)
    return result


def _exception(future: "Future[CaseResult]") -> BaseException | None:
    return CancelledError() if future.cancelled() else future.exception()


def _check_alive(executor: Executor) -> None:
    """Make sure that fresh workers live long enough to do nothing: else no case is to blame."""
    try:
        executor.submit(int).result()
    except BrokenExecutor as error:
        raise InvalidArgumentError(
            f"New processes die before they run anything ({error}). In a script, start the suite "
            "below `if __name__ == '__main__':`; or run it in this process, with one job."
        ) from error


def _kill(executor: Executor) -> None:
    """End the workers at once, where the executor can do that."""
    kill = getattr(executor, "kill_workers", None)
    if kill is not None:
        kill()
