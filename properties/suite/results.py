"""What a run of the suite came to: one result for each check, and the report of all of them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tellapart.properties.suite.advice import Advice, merge_advice
from tellapart.properties.suite.outcomes import CaseResult, DepthShare
from tellapart.properties.suite.registry import Check, all_checks
from tellapart.properties.suite.tally import Tally
from tellapart.properties.suite.verdicts import FAILING, INCONCLUSIVE, SuiteVerdict, worst
from tellapart.theory.naming import row_named
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE
from tellapart.theory.serialise import Saved, loads, register
from tellapart.theory.wording import count

__all__ = ["CheckResult", "Report", "result_of"]

Counts = tuple[tuple[str, int], ...]

#: Cases and pieces of advice that a story tells of one check.
_MOST_SHOWN, _MOST_ADVICE = 2, 3


@register
@dataclass(frozen=True)
class CheckResult(Saved):
    """What all cases of one check came to.

    Attributes
    ----------
    check, tier, cost, title, why
        As in :class:`~tellapart.properties.suite.registry.Check`.
    verdict
        The conclusion: that of the cases, or ``xfail`` or ``xpass`` where a failure was expected.
    measured
        The conclusion from the cases alone.
    reason
        Why it was expected to fail, or why it was skipped; empty otherwise.
    advisory
        Whether it is shown, but never decides the exit code.
    most_vacuous
        Share of inconclusive cases above which the check is inconclusive.
    counts
        Verdicts of the cases, each with the number of cases.
    grades
        Grades of the premise, each with the number of cases.
    by_depth
        Separation by depth, over all cases.
    margin
        Smallest certified margin over all cases that have one.
    seconds
        Time of all cases together.
    advice
        What to change, from what was seen in all cases.
    notes
        What changes the meaning of the results, each once.
    cases
        The cases; of very many, those that do not hold.
    """

    check: str
    tier: str
    cost: str
    title: str
    why: str
    verdict: SuiteVerdict
    measured: SuiteVerdict
    reason: str
    advisory: bool
    most_vacuous: float
    counts: Counts
    grades: Counts
    by_depth: tuple[DepthShare, ...]
    margin: float | None
    seconds: float
    advice: tuple[Advice, ...]
    notes: tuple[str, ...]
    cases: tuple[CaseResult, ...]

    @property
    def name(self) -> str:
        """The id of the check."""
        return self.check

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return sum(number for _, number in self.counts)

    @property
    def n_run(self) -> int:
        """Number of cases that were not skipped."""
        return self.n_cases - self.n(SuiteVerdict.SKIPPED)

    def n(self, *verdicts: SuiteVerdict) -> int:
        """Return the number of cases with one of these verdicts."""
        return sum(number for verdict, number in self.counts if verdict in verdicts)

    @property
    def share_vacuous(self) -> float:
        """Share of inconclusive cases among those that were run."""
        return self.n(*INCONCLUSIVE) / self.n_run if self.n_run else 0.0

    def explain(self) -> str:
        """Say what was asked, what came of it, and what to do about it."""
        lines = [f"{self.check} [{self.tier}]: {self.verdict} ({self.verdict.meaning})."]
        lines.append(f"{self.title}. {self.why}")
        told = ", ".join(f"{number} {verdict}" for verdict, number in self.counts)
        lines.append(f"Cases: {told or 'none'}.")
        if self.reason:
            lines.append(f"Reason: {self.reason}")
        if self.verdict in INCONCLUSIVE:
            lines.append(
                f"{self.share_vacuous:.0%} of the cases show nothing; at most "
                f"{self.most_vacuous:.0%} may."
            )
        lines += [f"Note: {note}" for note in self.notes]
        lines += [f"Try: {one.text} {one.fix}" for one in self.advice[:_MOST_ADVICE]]
        shown = [one for one in self.cases if one.verdict.fails or one.verdict.is_inconclusive]
        shown.sort(key=lambda one: not one.verdict.fails)
        lines += [one.explain(advice=False) for one in shown[:_MOST_SHOWN]]
        more = len(shown) - _MOST_SHOWN
        if more > 0:
            lines.append(f"and {count(more, 'more case')}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"CheckResult({self.check}: {self.verdict}, {count(self.n_cases, 'case')})"


@register
@dataclass(frozen=True)
class Report(Saved):
    """What a run of the suite says about a design.

    Attributes
    ----------
    subject, profile, seed, spec
        What was run, and how.
    versions
        Pairs (package, version).
    results
        One for each check, in the order of tiers.
    seconds
        Time of the whole run.
    warnings
        What does not change a verdict, but should be known: stale expectations, for example.
    interrupted
        Whether it was stopped before its time; the results are those so far.
    merge_tolerance
        Codes closer than this share of the rms distance between blocks counted as one.
    """

    subject: str
    profile: str
    seed: int
    spec: str
    versions: tuple[tuple[str, str], ...]
    results: tuple[CheckResult, ...]
    seconds: float
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Load what :meth:`to_json` wrote.

        Raises
        ------
        InvalidArgumentError
            When the text is not a saved report.
        """
        all_checks()  # the evidence of a case is of a type that its check brings along
        return loads(text, cls)

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """The checks that fail; advisory ones are not among them."""
        return tuple(one for one in self.results if one.verdict in FAILING and not one.advisory)

    @property
    def inconclusive(self) -> tuple[CheckResult, ...]:
        """The checks that show nothing; advisory ones are not among them."""
        return tuple(
            one for one in self.results if one.verdict in INCONCLUSIVE and not one.advisory
        )

    @property
    def exit_code(self) -> int:
        """0: nothing fails. 1: a check fails. 3: none does, but one shows nothing, or none ran."""
        if self.failed:
            return 1
        ran = any(one.n_run for one in self.results)
        return 3 if self.inconclusive or self.interrupted or not ran else 0

    @property
    def ok(self) -> bool:
        """Whether the exit code is 0."""
        return self.exit_code == 0

    @property
    def n_cases(self) -> int:
        """Number of cases of all checks."""
        return sum(one.n_cases for one in self.results)

    @property
    def notes(self) -> tuple[str, ...]:
        """What changes the meaning of the results, each once."""
        return tuple(dict.fromkeys(note for one in self.results for note in one.notes))

    def result(self, check: str) -> CheckResult:
        """Return the result of a check by its id.

        Raises
        ------
        InvalidArgumentError
            When it was not run.
        """
        return row_named(self.results, check, "check")

    def counts(self) -> Counts:
        """Return the verdicts of the checks, each with the number of checks, the worst first."""
        found = Counter(one.verdict for one in self.results)
        return tuple((verdict.value, found[verdict]) for verdict in _ORDER if found[verdict])

    def summary(self) -> str:
        """Return one line."""
        told = ", ".join(f"{number} {verdict}" for verdict, number in self.counts())
        stopped = ", stopped early" if self.interrupted else ""
        return (
            f"{self.subject}: {count(len(self.results), 'check')}, {count(self.n_cases, 'case')}: "
            f"{told or 'nothing was run'} (profile {self.profile}, seed {self.seed}, "
            f"{self.seconds:.1f} s{stopped})."
        )

    def explain(self) -> str:
        """Say what fails and what shows nothing, in full, and the rest in one line."""
        shown = [one for one in self.results if one in self.failed or one in self.inconclusive]
        warned = [f"Warning: {text}" for text in self.warnings]
        noted = [f"Note: {text}" for text in self.notes]
        return "\n\n".join([*(one.explain() for one in shown), *noted, *warned, self.summary()])

    def raise_if_failed(self) -> None:
        """Raise :class:`~tellapart.properties.errors.SuiteFailed` unless the exit code is 0."""
        if not self.ok:
            from tellapart.properties.errors import SuiteFailed

            raise SuiteFailed(self)

    def to_html(self, path: str | Path) -> None:
        """Write one page that needs no network: summary, checks, cases."""
        from tellapart.properties.files import write_atomically
        from tellapart.properties.report.suite_page import render_suite

        write_atomically(Path(path), render_suite(self))

    def to_markdown(self) -> str:
        """Return the report as Markdown, for a pull request or a job summary."""
        from tellapart.properties.report.suite_markdown import suite_markdown

        return suite_markdown(self)

    def to_junit(self) -> str:
        """Return the report as JUnit XML, for CI."""
        from tellapart.properties.report.suite_junit import suite_junit

        return suite_junit(self)

    def __repr__(self) -> str:
        return f"Report({self.summary()})"


_ORDER = (
    *FAILING, *INCONCLUSIVE, SuiteVerdict.XPASS, SuiteVerdict.XFAIL, SuiteVerdict.HOLDS,
    SuiteVerdict.SKIPPED,
)  # fmt: skip


def result_of(
    check: Check,
    tally: Tally,
    most_vacuous: float,
    expected: str | None = None,
) -> CheckResult:
    """Conclude about a check from its cases.

    Parameters
    ----------
    check
        What was asked.
    tally
        What came of its cases.
    most_vacuous
        The limit of this run; that of the check goes before it.
    expected
        Why it is expected to fail; None: it is not.
    """
    limit = most_vacuous if check.most_vacuous is None else check.most_vacuous
    measured = worst(tally.verdicts.elements(), limit)
    skipped = measured is SuiteVerdict.SKIPPED
    verdict, reason = measured, ""
    if skipped:
        reason = tally.skipped_because
    elif expected is not None:
        verdict = SuiteVerdict.XPASS if measured is SuiteVerdict.HOLDS else SuiteVerdict.XFAIL
        reason = expected
    return CheckResult(
        check=check.id,
        tier=check.tier.value,
        cost=check.cost.value,
        title=check.title,
        why=check.why,
        verdict=verdict,
        measured=measured,
        reason=reason,
        advisory=check.advisory,
        most_vacuous=limit,
        counts=tuple((one.value, tally.verdicts[one]) for one in _ORDER if tally.verdicts[one]),
        grades=tuple(sorted(tally.grades.items())),
        by_depth=tuple(tally.depths[depth] for depth in sorted(tally.depths)),
        margin=tally.margin,
        seconds=tally.seconds,
        advice=merge_advice(tally.advice),
        notes=tuple(tally.notes),
        cases=tuple(tally.cases),
    )
