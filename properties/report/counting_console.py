"""A counting study as text: claims, bars, runs, theory."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.bars import NO_BARS
from tellapart.properties.counting.statements import statement_for, theory_of_counting
from tellapart.properties.counting.statistics import METHOD
from tellapart.properties.counting.wording import HISTORY
from tellapart.properties.report.counting_rows import LEGEND, setting_name, setting_rows
from tellapart.properties.report.wording import aligned
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.properties.counting.report import CountingReport

__all__ = ["print_counting", "text_report"]

_WIDTH = 100


def print_counting(report: "CountingReport", written: Sequence[Path] = ()) -> None:
    """Print the report, and which files were written."""
    click.echo(report.explain())
    if written:
        click.echo()
    for path in written:
        click.echo(f"written  {path}")


def text_report(report: "CountingReport") -> str:
    """Return claims with verdicts, bars, the table of runs and what theory says of each.

    Parameters
    ----------
    report
        A finished study.
    """
    settings = report.find().settings()
    trial = f"\nThis is {report.trial}: no claim and no bar is judged." if report.trial else ""
    parts = [
        f"Counting environment, profile {report.profile}: {count(len(report.runs), 'run')} of "
        f"{count(len(settings), 'setting')}, {report.cpu_seconds:,.0f} CPU seconds of training"
        f"{trial}",
        "Claims\n" + "\n".join(_claims(report)),
        _wrapped(HISTORY),
        "Bars, fixed before the runs\n" + "\n".join(bar.explain() for bar in report.bars),
        _wrapped(NO_BARS),
        f"Runs\n{aligned(setting_rows(report))}",
        "\n".join(f"{name:<10}  {text}" for name, text in LEGEND),
        "Theory\n" + theory_of_counting().explain(),
        "What explains the runs\n" + "\n".join(_statement(runs) for runs in settings),
        _wrapped(METHOD),
    ]
    if report.failures:
        failed = "\n".join(f"{failure.plan!r}: {failure.reason}" for failure in report.failures)
        parts.insert(1, f"Incomplete: {count(len(report.failures), 'run')} failed\n{failed}")
    return "\n\n".join(parts)


def _claims(report: "CountingReport") -> list[str]:
    lines = []
    for claim in report.claims:
        whose = "The paper" if claim.by == "paper" else "Theory"
        lines.append(_wrapped(f"{claim.verdict:<12}  {whose}: {claim.claim}", "    "))
        lines.append(_wrapped(f"    {claim.measured}", "    "))
    return lines


def _statement(runs: Sequence[CountingRun]) -> str:
    found = statement_for(runs)
    return _wrapped(f"{setting_name(runs[0])}: {found.text} ({found.numbers})", "    ")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
