"""The table of statements on a terminal."""

import textwrap

from rich.console import Console
from rich.text import Text

from tellapart.properties.proofs.report import Evidence, Layer, Outcome, ProofReport, Status
from tellapart.properties.report.console import console
from tellapart.theory.wording import count

__all__ = ["print_proofs"]

_COLOUR = {
    Status.FAILED: "red", Status.PROVED: "green", Status.PART: "green", Status.NOT_RUN: "yellow",
}  # fmt: skip
_OUTCOMES = {Outcome.HOLDS: "green", Outcome.FAILED: "red"}


def print_proofs(report: ProofReport, details: bool = False) -> None:
    """Print two lines for each statement and one for each layer.

    Parameters
    ----------
    report
        What was found.
    details
        Print everything that is known of each statement in place of its lines.
    """
    out = console()
    if details:
        for row in report.rows:
            _print_wrapped(out, row.explain())
            out.print()
    else:
        _print_table(out, report)
    _print_layers(out, report)
    if not details:
        _print_unproved(out, report)


def _print_table(out: Console, report: ProofReport) -> None:
    wide = max(len(row.title) for row in report.rows)
    for row in report.rows:
        line = Text(f"{row.statement:<4} {row.title:<{wide}}  ", style="bold")
        out.print(line.append(row.status.value, style=_COLOUR.get(row.status, "not bold")))
        known = Text("     ")
        for each in row.evidence:
            style = "" if each.outcome is Outcome.HOLDS else _OUTCOMES.get(each.outcome, "yellow")
            known.append(_phrase(each), style=style).append("; ")
        seconds = f"{row.seconds:.1f} s; " if row.evidence else ""
        out.print(known.append(f"{seconds}docs/theory/{row.page}.md", style="dim"))
    out.print()


def _phrase(evidence: Evidence) -> str:
    """Write what a layer says in a few words."""
    layer, scope = evidence.layer.value, evidence.scope
    if evidence.outcome is not Outcome.HOLDS:
        return f"{layer} {evidence.outcome.value}"
    if evidence.layer is Layer.COQ:
        return f"{layer} {count(evidence.detail.count(',') + 1, 'theorem')}"
    if evidence.layer is Layer.SMT:
        return f"{layer} a part" if scope.startswith("all sizes") else f"{layer} models"
    if evidence.layer is Layer.SYMBOLIC:
        return f"{layer}: {scope.replace('; ', ', ')}"
    return scope if evidence.layer is Layer.EXAMPLES else f"{layer} {scope.split(',')[0]}"


def _print_layers(out: Console, report: ProofReport) -> None:
    for run in report.layers:
        line = Text(f"{run.layer.value:<10}")
        line.append(f"{run.outcome.value:<9}", style=_OUTCOMES.get(run.outcome, "yellow"))
        line.append(f"{run.seconds:6.1f} s  {run.layer.meaning} ({run.note})")
        out.print(line)
        if run.install:
            out.print(Text(f"{'':<10}install: {run.install}", style="yellow"))


def _print_unproved(out: Console, report: ProofReport) -> None:
    left = [row for row in report.rows if row.unproved]
    if left:
        out.print(Text("\nno proof covers", style="bold"))
        for row in left:
            out.print(Text(f"{row.statement:<4} {row.unproved}"))


def _print_wrapped(out: Console, text: str) -> None:
    """Print lines of at most 100 characters that keep their indentation."""
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        for part in textwrap.wrap(
            line.strip(), 100 - len(indent), break_on_hyphens=False, break_long_words=False
        ):
            out.print(Text(indent + part))
