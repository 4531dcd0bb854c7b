"""The suite in one call: every check on one design."""

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from tellapart.properties.cases.case import package_versions
from tellapart.properties.laws.engine import check_positive
from tellapart.properties.subjects import Factory, SubjectSource, load_subject
from tellapart.properties.suite.engine import Engine, Ledger
from tellapart.properties.suite.events import CheckDone, Consumer, Event, Started, Stopped, Warned
from tellapart.properties.suite.executors import (
    InlineExecutor,
    dask_executors,
    local_processes,
)
from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.plan import Job, make_plan, selected_checks
from tellapart.properties.suite.profiles import SUITE_PROFILES, SuiteProfile, suite_profile
from tellapart.properties.suite.registry import SPEC, check_named
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.properties.suite.work import Portable, Task, portable, run_case, run_task
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

__all__ = ["OnFail", "check_encoder"]

OnFail = Literal["raise", "warn"] | None


def check_encoder(
    subject: str | Factory | SubjectSource,
    *,
    profile: SuiteProfile | str = "ci",
    seed: int = 0,
    only: Iterable[str] = (),
    exclude: Iterable[str] = (),
    expected_failed_checks: Mapping[str, str] | None = None,
    on_fail: OnFail = "raise",
    callback: Callable[[CheckResult], None] | None = None,
    consumers: Sequence[Consumer] = (),
    jobs: int = 1,
    scheduler: str | None = None,
    ledger: Ledger | None = None,
    budget: float | None = None,
    max_failures: int | None = None,
    max_vacuous: float | None = None,
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
) -> Report:
    """Run the suite on one design.

    Parameters
    ----------
    subject
        A factory ``(mdp, seed) -> Subject``, fresh and untrained; a design name,
        ``"file.py:factory"`` or ``"package.module:factory"``. A factory with a parameter
        ``observations`` is also asked about images and nuisances.
    profile
        ``"smoke"`` (seconds), ``"ci"`` (minutes), ``"nightly"`` or ``"campaign"``.
    seed
        Of the run; each case has its own, made of this one and its id.
    only, exclude
        Patterns: ids of checks, tiers, or cases ``check/scenario``, with ``*``.
    expected_failed_checks
        Checks that are known to fail, with the reason; they become ``xfail``. One that holds
        becomes ``xpass``, with a warning that the entry is stale.
    on_fail
        ``"raise"``: raise :class:`~tellapart.properties.errors.SuiteFailed` at the end, with the
        whole story, unless nothing fails and everything shows something. ``"warn"``: warn. None:
        just return.
    callback
        Called with the result of each check when it is done.
    consumers
        Called with every event (:mod:`tellapart.properties.suite.events`).
    jobs
        Processes. With more than one, the factory must be importable.
    scheduler
        Address of a Dask scheduler, in place of processes.
    ledger
        Where results are kept, and found again by the next run (:mod:`.store`).
    budget
        Seconds after which no case is begun; the rest is ``timeout``. The most telling cases come
        first.
    max_failures
        No case is begun after so many checks have failed.
    max_vacuous
        Share of inconclusive cases above which a check is inconclusive; default: the profile's.
    merge_tolerance
        Codes closer than this share of the rms distance between blocks count as one.

    Returns
    -------
    Report

    Raises
    ------
    SuiteFailed
        See ``on_fail``.
    SubjectSourceError
        When ``subject`` does not name something that can be loaded.
    InvalidArgumentError
        For arguments that cannot be used.
    InternalError
        When tellapart contradicts itself.

    Notes
    -----
    The same arguments give the same report but for the seconds, in any order of cases and with any
    number of processes, unless ``budget`` or ``max_failures`` cut it off.

    Examples
    --------
    >>> report = check_encoder("joint", profile="smoke", only=["exact-counting"])
    >>> report.ok, report.result("exact-counting").verdict
    (True, <SuiteVerdict.HOLDS: 'holds'>)
    """
    chosen = suite_profile(profile)
    _check_arguments(seed, on_fail, jobs, budget, max_failures, max_vacuous)
    source = load_subject(subject)
    checks = {one.id: one for one in selected_checks(only, exclude)}
    expected = _check_expected(expected_failed_checks)
    plan = make_plan(tuple(checks.values()), chosen, seed, only, exclude)
    run = _Run(subject, source, chosen, seed, jobs, scheduler, merge_tolerance)
    told = (*consumers, *(() if callback is None else (partial(_call_back, callback),)))
    started = time.monotonic()
    with ExitStack() as stack:
        engine = Engine(
            plan, checks, run.submitter(), run.opener(stack), told,
            chosen.most_vacuous if max_vacuous is None else max_vacuous, expected,
            width=1 if run.inline else 2 * jobs,
            ends=None if budget is None else started + budget,
            max_failures=max_failures, ledger=ledger,
        )  # fmt: skip
        _tell(told, run.begins(plan, len(checks)))
        results = engine.run()
    report = Report(
        source.name, chosen.name, seed, SPEC, package_versions(), results,
        time.monotonic() - started, _stale(results), engine.interrupted,
        merge_tolerance,
    )  # fmt: skip
    for message in report.warnings:
        _tell(told, Warned(message))
    _tell(told, Stopped(report))
    _react(report, on_fail)
    return report


@dataclass(frozen=True)
class _Run:
    """What was asked for, and how cases get to where they are run."""

    subject: Any
    source: SubjectSource
    profile: SuiteProfile
    seed: int
    jobs: int
    scheduler: str | None
    merge_tolerance: float

    @property
    def inline(self) -> bool:
        return self.jobs == 1 and self.scheduler is None

    def begins(self, plan: Sequence[Job], n_checks: int) -> Started:
        return Started(
            self.source.name, self.profile.name, self.seed, SPEC, n_checks, len(plan), self.jobs
        )

    def submitter(self) -> Callable[[Executor, Job], "Future[CaseResult]"]:
        if self.inline:
            return self._here
        if SUITE_PROFILES.get(self.profile.name) is not self.profile:
            raise InvalidArgumentError(
                f"{self.profile!r} is not one of SUITE_PROFILES, and other processes find it there "
                "by name; use jobs=1."
            )
        return partial(self._elsewhere, portable(self.subject, self.source))

    def _here(self, executor: Executor, job: Job) -> "Future[CaseResult]":
        check = check_named(job.check)
        return executor.submit(
            run_case, self.source, check, job, self.profile, self.merge_tolerance
        )

    def _elsewhere(self, subject: Portable, executor: Executor, job: Job) -> "Future[CaseResult]":
        task = Task(subject, job, self.profile, self.merge_tolerance)
        return executor.submit(run_task, task)

    def opener(self, stack: ExitStack) -> Callable[[], Executor]:
        if self.scheduler is not None:
            return stack.enter_context(dask_executors(self.scheduler))
        if self.inline:
            return InlineExecutor
        return partial(local_processes, self.jobs)


def _check_arguments(
    seed: int,
    on_fail: OnFail,
    jobs: int,
    budget: float | None,
    max_failures: int | None,
    max_vacuous: float | None,
) -> None:
    for name, value, least in (
        ("seed", seed, 0), ("jobs", jobs, 1), ("max_failures", max_failures, 1)
    ):  # fmt: skip
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
        if not whole and not (name == "max_failures" and value is None):
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")
    check_positive("budget", budget)
    if max_vacuous is not None:
        number = isinstance(max_vacuous, int | float) and not isinstance(max_vacuous, bool)
        if not number or not 0 <= max_vacuous <= 1:
            raise InvalidArgumentError(f"max_vacuous is {max_vacuous!r}; it must be in [0, 1].")
    if on_fail not in ("raise", "warn", None):
        raise InvalidArgumentError(f"on_fail is {on_fail!r}; use 'raise', 'warn' or None.")


def _check_expected(expected: Mapping[str, str] | None) -> Mapping[str, str]:
    """Refuse expectations about checks that do not exist, and those without a reason."""
    if expected is None:
        return {}
    if not isinstance(expected, Mapping):
        raise InvalidArgumentError(
            f"expected_failed_checks is a {type(expected).__name__}; give a dict of ids of checks "
            "and reasons: {'exact-counting': 'the window is 3 frames'}."
        )
    for id, reason in expected.items():
        check_named(id)
        if not isinstance(reason, str) or not reason.strip():
            raise InvalidArgumentError(
                f"The expected failure of {id!r} has the reason {reason!r}; say why in words."
            )
    return dict(expected)


def _stale(results: Sequence[CheckResult]) -> tuple[str, ...]:
    """Name expectations that did not come true."""
    return tuple(
        f"{one.check} was expected to fail ({one.reason}) and holds: remove the entry."
        for one in results
        if one.verdict is SuiteVerdict.XPASS
    )


def _react(report: Report, on_fail: OnFail) -> None:
    if on_fail == "raise":
        report.raise_if_failed()
    elif on_fail == "warn" and not report.ok:
        warnings.warn(report.explain(), stacklevel=3)


def _call_back(callback: Callable[[CheckResult], None], event: Event) -> None:
    if isinstance(event, CheckDone):
        callback(event.result)


def _tell(consumers: Iterable[Consumer], event: Event) -> None:
    for consumer in consumers:
        consumer(event)
