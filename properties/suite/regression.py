"""What changed since a baseline: new violations, fixed ones, and drops that are not chance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from tellapart.properties.suite.baseline import Baseline, KnownCheck, known_run
from tellapart.properties.suite.drops import CheckPair, drop_tests, pair_cases
from tellapart.properties.suite.exact_tests import median_interval
from tellapart.properties.suite.regression_result import Change, Regression, TimeRatio, some_of
from tellapart.properties.suite.results import Report
from tellapart.properties.suite.verdicts import FAILING, INCONCLUSIVE, SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.suite.registry import Check

__all__ = ["Change", "Regression", "TimeRatio", "compare_with_baseline"]

_KNOWN_TO_FAIL = (*FAILING, SuiteVerdict.XFAIL)


def compare_with_baseline(
    report: Report, baseline: Baseline, *, error_rate: float = 0.01
) -> Regression:
    """Compare a run with a baseline.

    Parameters
    ----------
    report
        Of the run.
    baseline
        Of an earlier run. Its profile, seed or spec may be others: then checks and cases of the
        same name are compared, and a warning says so.
    error_rate
        Chance of any significant drop when nothing has changed, in (0, 1).

    Raises
    ------
    InvalidArgumentError
        For arguments of other kinds, and when the two have no check in common.

    Notes
    -----
    A check that fails and did not is a violation, whatever its numbers. Everything else is judged
    by exact tests (:mod:`.drops`), all of them at one error rate.
    """
    rate = _check_arguments(report, baseline, error_rate)
    now, known = known_run(report), {one.check: one for one in baseline.checks}
    ids = [one.check for one in now.checks if one.check in known]
    if known and not ids:
        raise InvalidArgumentError(
            f"The report of {report.subject} and the baseline of {baseline.subject} have no check "
            "in common; compare runs of the same checks, or write the baseline anew."
        )
    pairs = [pair_cases(known[one.check], one) for one in now.checks if one.check in known]
    changes = _Changes(report, known)
    missing = [id for id in known if id not in {one.check for one in now.checks}]
    here = _registered()
    removed = tuple(id for id in missing if id not in here)
    return Regression(
        subject=report.subject,
        error_rate=float(rate),
        violations=changes.violations(),
        fixed=changes.fixed(),
        inconclusive=changes.inconclusive(),
        known=changes.known_ones(),
        added=tuple(one.check for one in now.checks if one.check not in known),
        removed=removed,
        not_run=tuple(id for id in missing if id in here),
        n_same=sum(len(one.pairs) for one in pairs),
        n_other_system=sum(map(_n_other, pairs)),
        tests=drop_tests([one for one in pairs if not one.after.advisory], rate),
        times=_times(pairs),
        n_run=sum(one.n_run for one in report.results),
        interrupted=report.interrupted,
        warnings=(
            *_differences(now, baseline), *_stale(changes.fixed(), removed),
            *_stale_cases(report, pairs, here),
        ),
    )  # fmt: skip


def _check_arguments(report: Report, baseline: Baseline, error_rate: float) -> Fraction:
    for name, value, kind, fix in (
        ("report", report, Report, "what check_encoder() returned"),
        ("baseline", baseline, Baseline, "what load_baseline() returned"),
    ):
        if not isinstance(value, kind):
            raise InvalidArgumentError(
                f"{name} is a {type(value).__name__}, not a {kind.__name__}; give {fix}."
            )
    number = isinstance(error_rate, int | float | Fraction) and not isinstance(error_rate, bool)
    if not number or not 0 < error_rate < 1:
        raise InvalidArgumentError(
            f"error_rate is {error_rate!r}; it must lie between 0 and 1, such as 0.01."
        )
    return Fraction(str(error_rate)) if isinstance(error_rate, float) else Fraction(error_rate)


@dataclass(frozen=True)
class _Changes:
    """The verdicts of a run beside those that are known."""

    report: Report
    known: dict[str, KnownCheck]

    def _where(
        self,
        after: Sequence[SuiteVerdict],
        before: Sequence[SuiteVerdict],
        instead: bool = False,
    ) -> tuple[Change, ...]:
        """Return checks with one verdict now and one before (or, instead, none of those)."""
        found = []
        for one in self.report.results:
            old = self.known.get(one.check)
            was = None if old is None else old.verdict
            if one.verdict in after and not one.advisory and (was in before) is not instead:
                found.append(Change(one.check, was, one.verdict, self._told(one.check)))
        return tuple(found)

    def _told(self, check: str) -> str:
        cases = self.report.result(check).cases
        open_cases = [one for one in cases if one.verdict.fails or one.verdict.is_inconclusive]
        open_cases.sort(key=lambda one: not one.verdict.fails)
        return f"{open_cases[0].id}: {open_cases[0].outcome.summary}" if open_cases else ""

    def violations(self) -> tuple[Change, ...]:
        return self._where(FAILING, _KNOWN_TO_FAIL, instead=True)

    def fixed(self) -> tuple[Change, ...]:
        return self._where((SuiteVerdict.HOLDS, SuiteVerdict.XPASS), _KNOWN_TO_FAIL)

    def inconclusive(self) -> tuple[Change, ...]:
        nothing = self._where(INCONCLUSIVE, INCONCLUSIVE, instead=True)
        asked = (*FAILING, SuiteVerdict.HOLDS, *INCONCLUSIVE)
        return nothing + self._where((SuiteVerdict.SKIPPED,), asked)

    def known_ones(self) -> tuple[Change, ...]:
        failing = self._where((*FAILING, SuiteVerdict.XFAIL), _KNOWN_TO_FAIL)
        return failing + self._where(INCONCLUSIVE, INCONCLUSIVE)


def _registered() -> "dict[str, Check]":
    from tellapart.properties.suite.registry import all_checks

    return dict(all_checks())


def _n_other(pair: CheckPair) -> int:
    names = {one.scenario for one in pair.alone_before}
    return sum(one.scenario in names for one in pair.alone_after)


def _times(pairs: Sequence[CheckPair]) -> TimeRatio | None:
    """Compare seconds a case, where both took enough to be measured."""
    ratios = []
    for one in pairs:
        if one.before.n_run and one.after.n_run and min(one.before.seconds, one.after.seconds) > 0:
            now, then = one.after.seconds / one.after.n_run, one.before.seconds / one.before.n_run
            ratios.append(now / then)
    if not ratios:
        return None
    found = median_interval(ratios)
    return TimeRatio(found.median, found.low, found.high, found.coverage, len(ratios))


def _differences(now: Baseline, baseline: Baseline) -> Iterable[str]:
    """Say how the two runs differ: what is compared is then less than everything."""
    told = {
        "subject": "is it the same design?",
        "profile": "only cases that both have are compared one by one.",
        "seed": "drawn systems are others, so only named ones are compared one by one.",
        "spec": "checks may have changed under the same name.",
        "merge_tolerance": "what counts as merged is not the same.",
    }
    for field, meaning in told.items():
        here, there = getattr(now, field), getattr(baseline, field)
        if here != there:
            name = field.replace("_", " ")
            yield f"The {name} is {here!r} here and {there!r} in the baseline: {meaning}"
    if now.versions != baseline.versions:
        then = dict(baseline.versions)
        named = [
            f"{name} {then.get(name, 'none')} -> {version}"
            for name, version in now.versions
            if then.get(name) != version
        ]
        if named:
            yield f"Versions differ: {', '.join(named)}."


def _stale(fixed: Sequence[Change], removed: Sequence[str]) -> Iterable[str]:
    for one in fixed:
        yield f"{one.check} is {one.before} in the baseline and {one.after} now: update it."
    if removed:
        yield f"The baseline has checks that do not exist any more: {some_of(removed)}; update it."


def _stale_cases(
    report: Report, pairs: Sequence[CheckPair], here: "dict[str, Check]"
) -> Iterable[str]:
    """Name cases of the baseline that its checks do not have any more."""
    from tellapart.properties.suite.profiles import SUITE_PROFILES

    profile = SUITE_PROFILES.get(report.profile)
    gone, fixed = [], []
    for one in pairs:
        check = here.get(one.after.check)
        if profile is not None and check is not None and one.alone_before:
            names = {scenario.name for scenario in check.scenarios(profile)}
            gone += [
                f"{one.after.check}/{case.scenario}"
                for case in one.alone_before
                if case.scenario not in names
            ]
        if one.after.verdict in FAILING:
            fixed += [
                f"{one.after.check}/{new.scenario}"
                for old, new in one.pairs
                if old.verdict.fails and new.verdict is SuiteVerdict.HOLDS
            ]
    if gone:
        yield f"The baseline has cases that do not exist at this profile: {some_of(gone)}."
    if fixed:
        yield f"Cases that fail in the baseline hold now: {some_of(fixed)}; update it."
