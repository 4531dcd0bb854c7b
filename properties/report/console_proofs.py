"""What was proved, and what an attack reached, for people on a terminal."""

from fractions import Fraction
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from tellapart.properties.report.attack_rows import attack_rows
from tellapart.properties.report.wording import count, integer, name_text, number, word_text
from tellapart.theory.margins.margins import Margins, PairMargin

if TYPE_CHECKING:  # audits are printed without importing torch
    from tellapart.models.attack.table import AttackReport
    from tellapart.models.diagnostics.summary import Diagnostics
    from tellapart.properties.check_report import CheckReport

__all__ = [
    "form_text",
    "margin_text",
    "print_attack",
    "print_diagnostics",
    "print_margins",
    "proved_text",
]


def print_margins(out: Console, report: "CheckReport") -> None:
    """Print precision, margins with their threshold, and what the checker said."""
    out.print(Text(f"precision            {report.precision.explain()}"))
    margins = report.margins
    if margins is None and report.precision.reason is None:
        out.print(Text(f"margins              {report.no_margins}"))
    if margins is not None and margins.n_required:
        out.print(Text(f"margins              {proved_text(margins)}"))
        out.print(Text(f"                     {margins.threshold_sentence}"))
        if margins.smallest is not None:
            out.print(Text(f"smallest margin      {margin_text(margins.smallest)}"))
    answer = report.margin_check
    if answer is not None:
        out.print(
            Text(
                f"checker              accepted {count(answer.n_claims, 'claim')}, re-derived from "
                "the stored weights in integer arithmetic"
            )
        )
    out.print()


def proved_text(margins: Margins) -> str:
    """Say how many pairs are proved apart, and by which form."""
    forms = margins.certificate.forms
    listed = ", ".join(
        f"{integer(forms.count(form))} by {form}"
        for form in ("label", "step", "path")
        if form in forms
    )
    pairs = count(margins.n_required, "pair")
    return f"{integer(margins.n_certified)} of {pairs} proved apart (S10){listed and ': ' + listed}"


def margin_text(pair: PairMargin) -> str:
    """Write one margin with the distance that it bounds and the word that gives it."""
    return (
        f"{number(float(Fraction(pair.margin)))} at {name_text(pair.x)} | {name_text(pair.y)} "
        f"(measured {number(pair.measured)}, sup norm), {form_text(pair)}"
    )


def form_text(pair: PairMargin) -> str:
    """Say how a margin follows: by the labels of the pair itself, or along a word."""
    return f"by {pair.form} along {word_text(pair.word)}" if pair.word else "by its labels"


def print_diagnostics(out: Console, found: "Diagnostics") -> None:
    """Print what people watch, and where its rules of thumb contradict the exact answer."""
    defined = [row for row in found.readings if row.healthy is not None]
    shown = ", ".join(f"{row.name} {row.shown}" for row in defined if "loss" not in row.name)
    out.print(Text(f"diagnostics          {shown}  (shown, never decide)"))
    if found.wrong:
        says = "healthy" if found.exact.collapsed else "collapsed"
        out.print(
            Text(f"                     wrong here, they say {says}: {', '.join(found.wrong)}")
        )
    out.print()


def print_attack(out: Console, found: "AttackReport") -> None:
    """Print the table of attacked pairs beside the exact answer."""
    header, rows = attack_rows(found)
    out.print(Text("attack: pairs pulled together while the losses are trained", style="bold"))
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):  # not a rich table: that would fold cells where output is piped
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.print(Text("  ".join(cells).rstrip()))
    out.print(Text(found.summary()))
    out.print()
