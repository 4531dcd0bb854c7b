"""The suite as tests of pytest: what ``check`` is in ``check(subject)``, and the list of tests."""

import glob
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tellapart.properties.cases.files import save_case
from tellapart.properties.errors import SuiteFailed
from tellapart.properties.pytest_session import Settings, SuiteItem, settings_of
from tellapart.properties.subjects import Factory, SubjectSource, load_subject
from tellapart.properties.suite.engine import GATES
from tellapart.properties.suite.plan import make_plan, selected_checks
from tellapart.properties.suite.profiles import SuiteProfile, suite_profile
from tellapart.properties.suite.pytest_way import Asked, is_later
from tellapart.properties.suite.registry import Check, Tier, check_named
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.spec import SPEC
from tellapart.properties.suite.verdicts import FAILING, INCONCLUSIVE, SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError, TellapartError

__all__ = ["Question", "parametrize", "suite_of"]

Given = str | Factory | SubjectSource

#: Tiers whose systems are the same for every seed: an expected failure that holds there is news.
_STRICT = (Tier.CONTRACT, Tier.EXACT)


@dataclass(frozen=True)
class _Run:
    """What all questions to one subject in one test function share.

    Attributes
    ----------
    options
        What to tell pytest to get profile and seed again.
    gates
        Selected gates of the contract, with the patterns of their cases: filled when the session
        knows which tests it runs. One that nobody asks must not skip the others unseen.
    """

    given: Given
    source: SubjectSource
    label: str
    profile: SuiteProfile
    seed: int
    expected: Mapping[str, str]
    settings: Settings
    options: tuple[str, ...]
    gates: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(repr=False)
class Question(SuiteItem):
    """The argument ``check`` of a test: one check, to be asked of a subject.

    Attributes
    ----------
    check
        What is asked.
    patterns
        Its cases.
    run
        How.
    """

    check: Check
    patterns: tuple[str, ...]
    run: _Run
    _again: str = ""
    _facts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Subject and check, as they stand in the id of the test."""
        return f"{self.run.label}-{self.check.id}"

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Subject, check, verdict, seed and case files, once it has been asked."""
        return self._facts

    def select(self, nodeid: str) -> None:
        """Hear that the test is going to be run."""
        run = self.run
        self._again = shlex.join(["pytest", nodeid, *run.options])
        if self.check.id in GATES:
            run.gates[self.check.id] = self.patterns

    def __call__(self, subject: Given) -> CheckResult:
        """Ask, and pass, skip or fail as pytest does.

        Parameters
        ----------
        subject
            The argument ``subject`` of the test, or something made of it.

        Returns
        -------
        CheckResult
            When nothing is wrong with it.
        """
        __tracebackhide__ = True
        run, id = self.run, self.check.id
        source = run.source if subject is run.given else load_subject(subject)
        self._facts = [("tellapart_subject", source.name), ("tellapart_check", id)]
        self._facts += [("tellapart_profile", run.profile.name), ("tellapart_seed", str(run.seed))]
        gates = () if id in GATES else [one for some in run.gates.values() for one in some]
        report = check_encoder(
            source, profile=run.profile, seed=run.seed, only=[*gates, *self.patterns],
            expected_failed_checks={id: run.expected[id]} if id in run.expected else None,
            on_fail=None, max_vacuous=run.settings.max_vacuous,
        )  # fmt: skip
        if report.interrupted:
            raise KeyboardInterrupt
        result = report.result(id)
        self._facts.append(("tellapart_verdict", result.verdict.value))
        self._judge(report, result)
        return result

    def _judge(self, report: Report, result: CheckResult) -> None:
        """Do what pytest knows for each verdict."""
        __tracebackhide__ = True
        verdict = result.verdict
        if verdict is SuiteVerdict.SKIPPED:
            pytest.skip(result.reason)
        if verdict is SuiteVerdict.XFAIL:
            pytest.xfail(result.reason)  # returns with --runxfail: then it counts as what it is
        if verdict is SuiteVerdict.XPASS:
            self._stale(result)
        elif result.advisory:
            print(result.explain())  # captured; shown by -rP and in JUnit
        elif result.measured in INCONCLUSIVE:
            self._fail(report, result, f"shows too little: inconclusive ({result.measured})")
        elif result.measured in FAILING:
            self._fail(report, result, "fails")

    def _stale(self, result: CheckResult) -> None:
        __tracebackhide__ = True
        told = f"was expected to fail ({result.reason}) and holds: remove the entry."
        self._facts.append(("tellapart_stale", told))
        if self.check.tier in _STRICT:
            pytest.fail(f"{self.run.source.name}: {result.check} {told}", pytrace=False)

    def _fail(self, report: Report, result: CheckResult, told: str) -> NoReturn:
        """Fail with the story alone: a traceback would be one of tellapart's own code."""
        __tracebackhide__ = True
        title = f"{report.subject} {told}: {result.check} (profile {report.profile}, seed "
        lines = [f"{title}{report.seed}).", "", result.explain(), "", f"Again: {self._again}"]
        self._facts.append(("tellapart_again", self._again))
        lines += self._save(result)
        pytest.fail("\n".join(lines), pytrace=False)

    def _save(self, result: CheckResult) -> list[str]:
        """Save the evidence of what fails, if there is a folder; return lines about it."""
        found = {
            one.outcome.case.digest: one.outcome.case
            for one in result.cases
            if one.verdict.fails and one.outcome.case is not None
        }
        self._facts += [("tellapart_digest", digest) for digest in found]
        folder = self.run.settings.cases
        if folder is None or not found:
            return []
        folder.mkdir(parents=True, exist_ok=True)
        files = [_from_here(save_case(case, folder)) for case in found.values()]
        commands = [shlex.join(["tellapart", "replay", file]) for file in files]
        self._facts += [("tellapart_case", file) for file in files]
        self._facts += [("tellapart_replay", command) for command in commands]
        return [f"Replay: {command}" for command in commands]

    def __repr__(self) -> str:
        return f"Question({self.check.id})"


def _from_here(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def parametrize(metafunc: pytest.Metafunc, asked: Asked) -> None:
    """Make the tests of one function; the plugin calls it.

    Raises
    ------
    pytest.Collector.CollectError
        When what was asked for does not exist.
    """
    try:
        found = _questions(asked, settings_of(metafunc.config))
    except TellapartError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    metafunc.parametrize(
        ("subject", "check"),
        [
            pytest.param(
                one.run.given, one, id=one.id,
                marks=pytest.mark.tellapart(tier=one.check.tier.value, check=one.check.id),
            )
            for one in found
        ],
    )  # fmt: skip


def _questions(asked: Asked, settings: Settings) -> list[Question]:
    """Return one question for each subject and each check that has cases at the profile."""
    profile = suite_profile(settings.profile if asked.profile is None else asked.profile)
    seed = settings.seed if asked.seed is None else asked.seed
    sources = [load_subject(one) for one in asked.subjects]  # may register checks of their own
    checks = _of_spec(selected_checks(asked.only, asked.exclude), asked.spec)
    expected = {**settings.expected, **asked.expected}
    for id in expected:
        check_named(id)
    patterns = _patterns(checks, profile, seed, asked)
    labels = _labels([one.name for one in sources])
    options: tuple[str, ...] = ()
    if asked.profile is None:
        options += ("--tellapart-profile", profile.name)
    if asked.seed is None:
        options += ("--tellapart-seed", str(seed))
    runs = [
        _Run(given, source, label, profile, seed, expected, settings, options)
        for given, source, label in zip(asked.subjects, sources, labels, strict=True)
    ]
    return [
        Question(one, patterns[one.id], run) for run in runs for one in checks if one.id in patterns
    ]


def _of_spec(checks: Sequence[Check], spec: str) -> list[Check]:
    """Return the checks that a version of the set of checks has already."""
    found = [one for one in checks if not is_later(one.spec, spec)]
    if not found:
        raise InvalidArgumentError(
            f"None of the checks asked for was there in spec {spec}; give a later one (at most "
            f"{SPEC}), or leave it out."
        )
    return found


def _patterns(
    checks: Sequence[Check], profile: SuiteProfile, seed: int, asked: Asked
) -> dict[str, tuple[str, ...]]:
    """Return for each check with cases the patterns that match these cases and no others."""
    cases: dict[str, list[str]] = {}
    for job in make_plan(checks, profile, seed, asked.only, asked.exclude):
        cases.setdefault(job.check, []).append(job.id)
    return {
        one.id: (one.id,)
        if len(cases[one.id]) == len(one.scenarios(profile))
        else tuple(map(glob.escape, cases[one.id]))
        for one in checks
        if one.id in cases
    }


def _labels(names: Sequence[str]) -> list[str]:
    """Return names that can stand in ids of tests, no two of them equal."""
    found: dict[str, None] = {}
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-.") or "subject"
        unique, n = plain, 1
        while unique in found:
            n += 1
            unique = f"{plain}-{n}"
        found[unique] = None
    return list(found)


def suite_of(settings: Settings) -> Callable[..., Report]:
    """Return :func:`~tellapart.properties.suite.running.check_encoder` with defaults of a session.

    Parameters
    ----------
    settings
        Of the session.
    """

    def tellapart_suite(subject: Given, **options: Any) -> Report:
        __tracebackhide__ = True
        session = {
            "profile": settings.profile,
            "seed": settings.seed,
            "max_vacuous": settings.max_vacuous,
            "expected_failed_checks": settings.expected,
        }
        try:
            return check_encoder(subject, **{**session, **options})
        except SuiteFailed as error:
            raise error.with_traceback(None) from None  # the story, not our own code

    return tellapart_suite
