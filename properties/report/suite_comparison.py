"""Designs side by side as text, as LaTeX and as a page; all from the same tables."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tellapart.properties.report.page import environment, versions
from tellapart.properties.report.suite_comparison_figure import draw_comparison
from tellapart.properties.report.wording import count, name_text

if TYPE_CHECKING:
    from tellapart.properties.suite.comparison import CheckCell, Comparison, DesignColumn

__all__ = ["Table", "comparison_latex", "comparison_tables", "comparison_text", "render_comparison"]

_WIDTH = 100
_NAME, _GAP, _NARROWEST = 32, 2, 14
_NONE = "-"
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One table: rows of words, a column a design.

    Attributes
    ----------
    title
        What it shows.
    head
        Names of the columns.
    rows
        As long as ``head``.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def comparison_tables(found: "Comparison") -> list[Table]:
    """Return all tables of a comparison."""
    names = tuple(name_text(one.name) for one in found.designs)
    verdicts = [(row.check, *map(_verdict, row.cells)) for row in found.checks]
    tables = [Table("Verdicts (cases that hold / cases run)", ("check", *names), tuple(verdicts))]
    if found.depths:
        tables.append(Table("Pairs told apart by depth (of how many)", ("depth", *names),
                            tuple(_depth(found, depth) for depth in found.depths)))  # fmt: skip
    sums = Table("Over the shared checks", ("", *names), tuple(_sums(found)))
    tables.append(sums)
    if found.diagnostics:
        rows = tuple(
            (name, *(_number(design.median(name)) for design in found.designs))
            for name in found.diagnostics
        )
        tables.append(Table("Diagnostics, medians over cases; they decide nothing",
                            ("diagnostic", *names), rows))  # fmt: skip
    margins = [row for row in found.checks if any(c and c.margin is not None for c in row.cells)]
    if margins:
        rows = tuple((row.check, *(_number(c.margin if c else None) for c in row.cells))
                     for row in margins)  # fmt: skip
        tables.append(Table("Smallest certified margin by check", ("check", *names), rows))
    return tables


def _verdict(cell: "CheckCell | None") -> str:
    if cell is None:
        return _NONE
    return f"{cell.verdict.value} {cell.n_held}/{cell.n_run}" if cell.n_run else cell.verdict.value


def _depth(found: "Comparison", depth: int) -> tuple[str, ...]:
    cells = []
    for design in found.designs:
        row = next((one for one in design.by_depth if one.depth == depth), None)
        told = _NONE
        if row is not None and row.n_pairs:
            told = f"{_percent(row.n_pairs - row.n_merged, row.n_pairs)} ({row.n_pairs})"
        cells.append(told)
    return (str(depth), *cells)


def _percent(part: int, whole: int) -> str:
    """Write a share so that 100 % means all of them."""
    tenths = 1000 * part // whole  # rounded down
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"


def _sums(found: "Comparison") -> list[tuple[str, ...]]:
    rows: list[tuple[str, Callable[[DesignColumn], str]]] = [
        ("premise met", lambda d: f"{d.n_met}/{d.n_graded}" if d.n_graded else _NONE),
        ("cases with every pair apart",
         lambda d: f"{sum(p.apart for p in d.points)}/{len(d.points)}"),
        ("smallest relative distance", lambda d: _number(_least(d))),
        ("certified cases", lambda d: f"{len(d.margins)}/{len(d.points)}"),
        ("smallest certified margin", lambda d: _number(d.margins[0] if d.margins else None)),
        ("median certified margin",
         lambda d: _number(statistics.median(d.margins) if d.margins else None)),
        ("seed", lambda d: str(d.seed)),
        ("seconds", lambda d: f"{d.seconds:.0f}"),
    ]  # fmt: skip
    return [(name, *map(cell, found.designs)) for name, cell in rows]


def _least(design: "DesignColumn") -> float | None:
    return min((one.distance for one in design.points if one.distance is not None), default=None)


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return _NONE
    return f"{value:.3g}"


def comparison_text(found: "Comparison") -> str:
    """Return the tables for a terminal of 100 columns; many designs come in several groups."""
    lines = [_headline(found)]
    for table in comparison_tables(found):
        lines += ["", table.title]
        n_columns = len(table.head) - 1
        most = (_WIDTH - _NAME) // (_NARROWEST + _GAP)
        for start in range(0, n_columns, most):
            picked = [0, *range(1 + start, 1 + min(start + most, n_columns))]
            lines += _lines([[row[i] for i in picked] for row in (table.head, *table.rows)])
    return "\n".join(lines)


def _headline(found: "Comparison") -> str:
    told = (
        f"{count(len(found.designs), 'design')}, profile {found.profile}, spec {found.spec}: "
        f"{count(len(found.checks), 'check')}, {found.n_shared} shared by all."
    )
    uneven = sum(len({cell.n_run for cell in row.cells if cell}) > 1 for row in found.checks
                 if row.is_shared)  # fmt: skip
    if uneven:
        told += f"\nNot all designs ran the same cases of {count(uneven, 'shared check')}."
    return told


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    n = len(rows[0]) - 1
    most = (_WIDTH - _NAME) // n - _GAP
    widths = [min(max(len(row[i]) for row in rows), most if i else _NAME) for i in range(n + 1)]
    lines = []
    for row in rows:
        cells = [_cut(cell, width) for cell, width in zip(row, widths, strict=True)]
        first, *others = cells
        padded = [f"{first:<{widths[0]}}"]
        padded += [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        lines.append((" " * _GAP).join(padded).rstrip())
    return lines


def _cut(text: str, width: int) -> str:
    """Keep the end of a name that is too long: it is what tells designs apart."""
    return text if len(text) <= width else "~" + text[len(text) - width + 1 :]


def comparison_latex(found: "Comparison") -> str:
    """Return the tables as ``tabular`` environments for ``booktabs``."""
    parts = []
    for table in comparison_tables(found):
        rows = [" & ".join(map(_latex, row)) + r" \\" for row in table.rows]
        head = " & ".join(map(_latex, table.head)) + r" \\"
        columns = "l" + "r" * (len(table.head) - 1)
        parts += [
            f"% {_latex(table.title)}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head,
            r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", "",
        ]  # fmt: skip
    return "\n".join(parts)


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter if letter.isprintable() else " ") for letter in text)


def render_comparison(found: "Comparison") -> str:
    """Return the page: the figure and all tables. The same comparison gives the same text."""
    context = {
        "title": "Designs side by side",
        "headline": _headline(found),
        "names": [one.name for one in found.designs],
        "figure": draw_comparison(found),
        "tables": comparison_tables(found),
        "versions": versions(),
    }
    return environment().get_template("suite_comparison.html.jinja").render(context)
