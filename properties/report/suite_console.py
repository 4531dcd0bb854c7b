"""The suite on a terminal: one live line while it runs, then the table, the stories and the sum."""

import json
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from tellapart.properties.report.console import console
from tellapart.properties.report.suite_rows import (
    HEADINGS,
    cells,
    next_steps,
    skipped_lines,
    story,
    tiers,
    what_it_says,
)
from tellapart.properties.report.wording import name_text
from tellapart.properties.suite.events import CaseDone, CheckDone, Consumer, Event, Resumed, Started
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Check, check_named
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.verdicts import FAILING, INCONCLUSIVE, SuiteVerdict
from tellapart.theory.wording import count

__all__ = ["checks_json", "live_suite", "print_checks", "print_suite"]

#: Text is filled up to this width, on a terminal that is wide enough.
WIDTH = 100
#: Checks whose story is told; of more, the rest is named.
_MOST_STORIES = 8

#: A longer line is cut; control characters are never printed.
_MOST_CHARACTERS = 2000

_WIDTHS = (6, 8, 10, 8, 8)


def _colour(verdict: SuiteVerdict) -> str:
    if verdict.fails:
        return "red"
    if verdict.is_inconclusive or verdict is SuiteVerdict.XPASS:
        return "yellow"
    return "green" if verdict is SuiteVerdict.HOLDS else "dim"


@contextmanager
def live_suite(expected: Collection[str] = (), out: Console | None = None) -> Iterator[Consumer]:
    """Yield a consumer of events that shows one live line; failures stay above it.

    Parameters
    ----------
    expected
        Checks that are expected to fail; they are counted, not told.
    out
        Where to; default: standard error.
    """
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[sums]}"),
    )
    shown = Console(stderr=True) if out is None else out
    with Progress(*columns, console=shown, transient=True) as progress:
        task = progress.add_task("start", total=None, done="", sums="")
        yield _Live(progress, task, frozenset(expected))


class _Live:
    """Keeps the line up to date, and tells of each check that fails once."""

    def __init__(self, progress: Progress, task: TaskID, expected: frozenset[str]) -> None:
        self.progress, self.task, self.expected = progress, task, expected
        self.n_cases = self.n_known = self.n_new = 0
        self.seen: Counter[SuiteVerdict] = Counter()
        self.told: set[str] = set()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self.n_cases = event.n_cases
            self.progress.update(self.task, total=event.n_cases)
        elif isinstance(event, Resumed):
            self.n_known = event.n_cases
        elif isinstance(event, CaseDone):
            result = event.result
            self.n_new += not event.known  # those that are known were counted by Resumed
            self.seen[result.verdict] += 1
            self._show(result.check)
            if result.verdict.fails and self._decides(result.check):
                self._tell(result.check, result.id, result.verdict, result.outcome.summary)
        elif isinstance(event, CheckDone):
            one = event.result
            if one.verdict.is_inconclusive and self._decides(one.check):
                share = f"{one.share_vacuous:.0%} of {count(one.n_run, 'case')} show nothing"
                self._tell(one.check, one.check, one.verdict, share)

    def _decides(self, check: str) -> bool:
        return not (check in self.told or check in self.expected or check_named(check).advisory)

    def _tell(self, check: str, place: str, verdict: SuiteVerdict, text: str) -> None:
        self.told.add(check)
        out = self.progress.console
        line = Text.assemble((f"{verdict}  ", _colour(verdict)), f"{place}: {name_text(text, 200)}")
        line.truncate(out.width, overflow="ellipsis")
        out.print(line)

    def _show(self, check: str) -> None:
        done, fail = self.n_known + self.n_new, sum(self.seen[one] for one in FAILING)
        nothing = sum(self.seen[one] for one in INCONCLUSIVE)
        self.progress.update(
            self.task, description=check, completed=done, done=f"{done}/{self.n_cases}",
            sums=f"{self.seen[SuiteVerdict.HOLDS]} hold, {fail} fail, {nothing} show nothing",
        )  # fmt: skip


def print_suite(report: Report, html: bool = False) -> None:
    """Print a run: the checks by tier, why some fail or show nothing, the sum, what to do next.

    Parameters
    ----------
    report
        What came of the run.
    html
        Whether a page is written too, so that it need not be advised.
    """
    out = console()
    width = min(out.width, WIDTH) if out.is_terminal else WIDTH
    what = f"profile {report.profile}, seed {report.seed}, spec {report.spec}"
    out.print(Text(f"{name_text(report.subject)}, {what}", style="bold"))
    _print_table(out, report)
    stories = (*report.failed, *report.inconclusive)
    for one in stories[:_MOST_STORIES]:
        _print_story(out, report, one, width)
    _print_rest(out, stories[_MOST_STORIES:], width)
    _print_remarks(out, report, width)
    out.print()
    _print_filled(out, report.summary(), width, 0, 2)
    out.print(Text.assemble(_in_words(report)))
    for step in next_steps(report, html):
        _print_filled(out, f"next: {step}", width, 0, 6)


def _print_table(out: Console, report: Report) -> None:
    wide = max((len(one.check) for one in report.results), default=0) + 4
    for tier, results in tiers(report).items():
        out.print()
        names = "".join(f"{name:>{w}}" for name, w in zip(HEADINGS, _WIDTHS, strict=True))
        out.print(Text(f"{tier:{wide}}{names}  verdict", style="bold"))
        for one in results:
            row = "".join(f"{cell:>{w}}" for cell, w in zip(cells(one), _WIDTHS, strict=True))
            line = Text(f"  {one.check:{wide - 2}}{row}  ")
            out.print(line.append(what_it_says(one), style=_colour(one.verdict)))


def _print_story(out: Console, report: Report, one: CheckResult, width: int) -> None:
    out.print()
    head = Text(f"{one.check}  ", style="bold").append(one.verdict.value, _colour(one.verdict))
    out.print(head.append(f": {one.verdict.meaning}", style="not bold"), soft_wrap=True)
    for line in story(report, one):
        if line.startswith("Again: "):
            text = name_text(line, _MOST_CHARACTERS)
            out.print(Text(f"  {text}"), soft_wrap=True)  # to be copied in one piece
        else:
            inner = len(line) - len(line.lstrip())
            _print_filled(out, line.strip(), width, 2 + inner, 4 + inner)


def _print_rest(out: Console, results: Sequence[CheckResult], width: int) -> None:
    if results:
        named = ", ".join(f"{one.check} ({one.verdict})" for one in results)
        out.print()
        _print_filled(out, f"and {count(len(results), 'more check')}: {named}", width, 0, 2)


def _print_remarks(out: Console, report: Report, width: int) -> None:
    """Print what is expected, skipped, noted and warned of."""
    expected = [one for one in report.results if one.verdict is SuiteVerdict.XFAIL]
    lines = [f"expected: {one.check} is {one.measured}: {one.reason}" for one in expected]
    lines += [f"skipped: {line}" for line in skipped_lines(report.results)]
    lines += [f"note: {line}" for line in report.notes]
    lines += [f"warning: {line}" for line in report.warnings]
    if lines:
        out.print()
    for line in lines:
        _print_filled(out, line, width, 0, 2)


def _in_words(report: Report) -> tuple[str, str]:
    if report.failed:
        return (
            f"Failing: {len(report.failed)} of {count(len(report.results), 'check')}.",
            "bold red",
        )
    if report.inconclusive:
        number = count(len(report.inconclusive), "check")
        text = f"Nothing fails, but too little is shown by {number}: this is no pass."
        return text, "bold yellow"
    if not report.ok:
        return "Nothing fails, but not everything was run: this is no pass.", "bold yellow"
    return "Everything that was asked holds.", "bold green"


def _print_filled(out: Console, text: str, width: int, first: int, rest: int) -> None:
    cleaned = name_text(text, _MOST_CHARACTERS)
    filled = textwrap.fill(
        cleaned, width, initial_indent=" " * first, subsequent_indent=" " * rest,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    out.print(Text(filled), soft_wrap=True)


def print_checks(checks: Iterable[Check], profile: SuiteProfile | None) -> None:
    """Print the checks by tier, with their cases when a profile is given."""
    out, listed = console(), tuple(checks)
    wide = max(len(one.id) for one in listed) + 2
    tier = ""
    for one in listed:
        if one.tier.value != tier:
            tier = one.tier.value
            out.print(Text(tier, style="bold"))
        advisory = " (advisory)" if one.advisory else ""
        out.print(Text(f"  {one.id:{wide}}{one.cost.value:9}{one.title}{advisory}"))
        for scenario in () if profile is None else one.scenarios(profile):
            out.print(Text(f"    {one.id}/{scenario.name}", style="dim"))
    total = count(len(listed), "check")
    if profile is not None:
        number = sum(len(one.scenarios(profile)) for one in listed)
        total += f", {count(number, 'case')} at profile {profile.name}"
    out.print(Text(f"\n{total}."))


def checks_json(checks: Iterable[Check], profile: SuiteProfile | None) -> str:
    """Return the checks as one JSON object, for machines."""
    listed = [
        {
            "id": one.id,
            "tier": one.tier.value,
            "cost": one.cost.value,
            "title": one.title,
            "why": one.why,
            "requires": sorted(need.value for need in one.requires),
            "assumes": [hypothesis.value for hypothesis in one.assumes],
            "advisory": one.advisory,
            "passes": list(one.passes),
            "fails": list(one.fails),
            **({} if profile is None else {"cases": [s.name for s in one.scenarios(profile)]}),
        }
        for one in checks
    ]
    return json.dumps({"checks": listed}, ensure_ascii=False, indent=2)
