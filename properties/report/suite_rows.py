"""What the console and Markdown show of a run of the suite, as plain text."""

from collections.abc import Sequence

from tellapart.properties.report.suite_case_commands import case_command
from tellapart.properties.report.wording import name_text
from tellapart.properties.suite.outcomes import CaseResult, Outcome, witness_text
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.verdict import Grade
from tellapart.theory.wording import count

__all__ = [
    "HEADINGS",
    "cells",
    "next_steps",
    "open_cases",
    "replay_command",
    "skipped_lines",
    "story",
    "tiers",
    "what_it_says",
]

#: Columns of the table of checks, after the name of the check.
HEADINGS = ("cases", "vacuous", "grade", "margin", "seconds")

#: Lines of a case, pieces of advice and characters of a line that a short story tells.
_MOST_LINES, _MOST_ADVICE, _MOST_CHARACTERS = 5, 2, 400
#: Checks that share a reason and are named.
_MOST_NAMED = 6


def tiers(report: Report) -> dict[str, list[CheckResult]]:
    """Return the checks by tier, in their order."""
    found: dict[str, list[CheckResult]] = {}
    for one in report.results:
        found.setdefault(one.tier, []).append(one)
    return found


def cells(one: CheckResult) -> tuple[str, ...]:
    """Return a check as a row below :data:`HEADINGS`; what was not measured is empty."""
    return (
        f"{one.n_cases:,}",
        f"{one.share_vacuous:.0%}" if one.n_run else "",
        _weakest_grade(one),
        "" if one.margin is None else f"{one.margin:.2g}",
        f"{one.seconds:.1f}",
    )


def _weakest_grade(one: CheckResult) -> str:
    found = dict(one.grades)
    return next((grade.value for grade in reversed(Grade) if found.get(grade.value)), "")


def what_it_says(one: CheckResult) -> str:
    """Return the verdict of a check in a word or two."""
    return f"{one.verdict} (advisory)" if one.advisory else one.verdict.value


def open_cases(one: CheckResult) -> tuple[CaseResult, ...]:
    """Return the cases that say something against the subject, or nothing, failures first."""
    failing = [case for case in one.cases if case.verdict.fails]
    return (*failing, *(case for case in one.cases if case.verdict.is_inconclusive))


def story(report: Report, one: CheckResult) -> list[str]:
    """Tell why a check fails or shows nothing: one case in full, what to try, how to repeat it.

    Returns
    -------
    list of str
        Lines without indentation; those of the case begin with two spaces.
    """
    lines = [f"{one.title}. {one.why}"]
    cases = open_cases(one)
    if one.verdict.is_inconclusive:
        lines.append(
            f"{one.share_vacuous:.0%} of the cases show nothing; at most "
            f"{one.most_vacuous:.0%} may."
        )
    if cases:
        lines += _case_lines(cases[0], len(cases))
    lines += [f"Try: {advice.headline} {advice.fix}" for advice in one.advice[:_MOST_ADVICE]]
    if cases:
        lines.append(f"Again: {replay_command(report, cases[0])}")
    return lines


def _case_lines(case: CaseResult, n_cases: int) -> list[str]:
    outcome = case.outcome
    more = f" (and {count(n_cases - 1, 'more case')})" if n_cases > 1 else ""
    told = [f"{case.scenario}: {case.verdict}. {outcome.summary}{more}"]
    told += [f"  {line}" for line in _short(outcome)]
    return [name_text(line.rstrip(), _MOST_CHARACTERS) for line in told]


def _short(outcome: Outcome) -> list[str]:
    """Return the first lines of a story, and in any case those of the witness."""
    lines = [line for line in outcome.story.splitlines() if line.strip()]
    if len(lines) <= _MOST_LINES:
        return lines
    proof = [] if outcome.witness is None else witness_text(outcome.witness).splitlines()
    others = [line for line in lines if line not in proof]
    kept = others[: _MOST_LINES - len(proof)]
    left = len(others) - len(kept)
    return [*kept, *proof, f"... and {count(left, 'more line')} in --json and --html"]


def replay_command(report: Report, case: CaseResult) -> str:
    """Return what runs one case again: a command, or a call for a factory given in Python."""
    command = case_command(report, case)
    if command is not None:
        return command
    return (
        f"check_encoder({report.subject}, profile={report.profile!r}, seed={report.seed}, "
        f"only=[{case.id!r}])"
    )


def skipped_lines(results: Sequence[CheckResult]) -> list[str]:
    """Return the reasons why checks were skipped, each with the checks that share it."""
    reasons: dict[str, list[str]] = {}
    for one in results:
        if one.verdict is SuiteVerdict.SKIPPED:
            reasons.setdefault(one.reason, []).append(one.check)
    return [f"{_named(checks)}: {reason}" for reason, checks in reasons.items()]


def _named(checks: Sequence[str]) -> str:
    shown = ", ".join(checks[:_MOST_NAMED])
    more = len(checks) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def next_steps(report: Report, html: bool) -> list[str]:
    """Say what to do now; nothing when all is well.

    Parameters
    ----------
    report
        What came of the run.
    html
        Whether a page is written already.
    """
    cases = [case for one in report.failed for case in open_cases(one)]
    steps = []
    if any(case.outcome.case is not None for case in cases):
        steps.append(
            "--cases FOLDER saves what fails; tellapart replay FOLDER shows it again on any version"
        )
    if not report.ok and not html:
        steps.append("--html FILE writes one page with every case, its drawing and its losses")
    if report.failed:
        steps.append(
            "--expected CHECK=REASON lets a known failure pass; --baseline FILE all known ones"
        )
    return steps
