"""The ablation matrix as text, as CSV and as LaTeX (booktabs)."""

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tellapart.properties.ablations_statistics import BANDS, INTERVAL, Rate, Summary, band_rate
from tellapart.properties.report.wording import aligned
from tellapart.theory.verdict import Verdict
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.properties.ablations import AblationReport

__all__ = ["csv_table", "decay_name", "design_rows", "family_rows", "latex_table", "text_table"]

_VERDICTS = (Verdict.HOLDS, Verdict.VACUOUS, Verdict.COLLAPSED)
_SPECIAL = {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "*": r"$^{*}$"}


def decay_name(decay: float) -> str:
    """Name a weight decay in a heading."""
    return f"weight decay {decay:g}" if decay else "no weight decay"


def band_names() -> list[str]:
    """Return the headings of the columns for depths."""
    return [
        f"depth {first}" if first == last else f"{first}+" if last is None else f"{first}-{last}"
        for first, last in BANDS
    ]


def design_rows(report: "AblationReport", decay: float) -> list[tuple[str, ...]]:
    """Return one row for each design: all families together, the heading first."""
    head = (
        "design", "runs", "apart", *band_names(), "own label", "premise",
        *(verdict.value for verdict in _VERDICTS), "size",
    )  # fmt: skip
    rows = [head]
    for design in report.designs:
        found = report.summary(design=design, decay=decay)
        cells = [c for c in report.cells if (c.design, c.weight_decay) == (design, decay)]
        runs = [run for cell in cells for run in cell.runs]
        bands = (_short(band_rate(runs, first, last)) for first, last in BANDS)
        rates = (found.premise, *map(found.verdict, _VERDICTS))
        rows.append(
            (
                design, str(found.runs), _long(found.apart), *bands, _short(found.own_apart),
                *map(_short, rates), f"{found.size:.2g}",
            )
        )  # fmt: skip
    return rows


def family_rows(report: "AblationReport", decay: float) -> list[tuple[str, ...]]:
    """Return one row for each design: fraction apart and verdicts in each family."""
    rows: list[tuple[str, ...]] = [("design", *report.families)]
    for design in report.designs:
        found = (report.summary(design=design, family=f, decay=decay) for f in report.families)
        rows.append((design, *(f"{_short(s.apart)} {_letters(s)}" for s in found)))
    return rows


def text_table(report: "AblationReport") -> str:
    """Return both tables for each weight decay, the legend and what the numbers say."""
    parts = [
        f"{count(len(report.designs), 'design')}, "
        f"{count(len(report.families), 'family', 'families')}, "
        f"{count(report.seeds, 'seed')} a cell, {count(report.steps, 'step')} a stage"
    ]
    for decay in report.decays:
        name = decay_name(decay)
        parts.append(f"By design, {name}\n{aligned(design_rows(report, decay))}")
        parts.append(f"By family, {name}\n{aligned(family_rows(report, decay))}")
    parts.append("\n".join(legend()))
    parts.append("\n".join(report.sentences))
    return "\n\n".join(parts)


def legend() -> list[str]:
    """Say what the columns are."""
    return [
        "apart      fraction of the pairs that must be told apart and were; mean over runs",
        f"           [{INTERVAL}]",
        "depth      the same for pairs whose shortest distinguishing word has that length",
        "own label  the same for the label that the auxiliary loss used",
        "premise    share of runs whose residuals are below half the gaps (S13), own label",
        "vacuous    all pairs are apart, but nothing guarantees it: never a pass",
        "size       median distance between codes, relative to the distance before training",
        "3h 2v 5c   of ten runs three hold, two are vacuous, five collapsed",
    ]


def csv_table(report: "AblationReport") -> str:
    """Return one line for each cell and depth, with counts, rates and intervals.

    Depth ``all`` sums up the cell; verdicts and premise are given there only.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        (
            "weight_decay", "family", "design", "depth", "runs", "apart", "low", "high",
            "own_apart", "premise", "premise_low", "premise_high",
            *(verdict.value for verdict in _VERDICTS), "size",
        )
    )  # fmt: skip
    for cell in report.cells:
        found = report.summary(design=cell.design, family=cell.family, decay=cell.weight_decay)
        key = (f"{cell.weight_decay:g}", cell.family, cell.design)
        own = "" if found.own_apart is None else f"{found.own_apart.mean:.6g}"
        verdicts = (f"{found.verdict(v).mean:.6g}" for v in _VERDICTS)
        writer.writerow(
            (
                *key, "all", str(found.runs), *_numbers(found.apart)[1:], own,
                *_numbers(found.premise)[1:], *verdicts, f"{found.size:.6g}",
            )
        )  # fmt: skip
        for depth, rate in found.by_depth:
            writer.writerow((*key, str(depth), *_numbers(rate), *("",) * 8))
    return out.getvalue()


def _numbers(rate: Rate | None) -> tuple[str, str, str, str]:
    if rate is None:
        return ("0", "", "", "")
    return (str(rate.runs), f"{rate.mean:.6g}", f"{rate.low:.6g}", f"{rate.high:.6g}")


def latex_table(report: "AblationReport") -> str:
    """Return a ``table*`` for ``booktabs``: designs in rows, one group for each weight decay."""
    head = list(design_rows(report, report.decays[0])[0])
    lines = [
        "% Needs \\usepackage{booktabs}. Written by: tellapart reproduce ablations",
        r"\begin{table*}", r"\centering\small", rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
        r"\toprule", _latex_row(head),
    ]  # fmt: skip
    for decay in report.decays:
        lines.append(r"\midrule")
        lines.append(rf"\multicolumn{{{len(head)}}}{{l}}{{\emph{{{decay_name(decay)}}}}} \\")
        lines += [_latex_row(row) for row in design_rows(report, decay)[1:]]
    lines += [r"\bottomrule", r"\end{tabular}", rf"\caption{{{_caption(report)}}}"]
    return "\n".join([*lines, r"\end{table*}", ""])


def _caption(report: "AblationReport") -> str:
    families = ", ".join(report.families)
    text = (
        f"Fraction of the pairs of observations that must be told apart and were, over "
        f"{count(len(report.families), 'family', 'families')} of systems ({families}) and "
        f"{count(report.seeds, 'seed')}: for the label of the task, by length of the shortest "
        f"distinguishing word, and for the label that was trained on; {INTERVAL}. Premise, holds, "
        "vacuous and collapsed are shares of runs. Size is the median distance between codes "
        "relative to the one before training."
    )
    return _escaped(text)


def _latex_row(row: Sequence[str]) -> str:
    return " & ".join(_escaped(entry) for entry in row) + r" \\"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _short(rate: Rate | None) -> str:
    """Write a rate with two digits; 1 and 0 only when they are exact."""
    if rate is None:
        return "-"
    if rate.mean in (0.0, 1.0):
        return f"{rate.mean:.0f}"
    return f"{min(max(rate.mean, 0.01), 0.99):.2f}"


def _long(rate: Rate | None) -> str:
    return "-" if rate is None else f"{_short(rate)} [{rate.low:.2f}, {rate.high:.2f}]"


def _letters(found: Summary) -> str:
    """Write the verdicts of a cell as counts with their first letters."""
    counts = [(round(found.verdict(v).mean * found.runs), v.value[0]) for v in _VERDICTS]
    return " ".join(f"{n}{letter}" for n, letter in counts if n)
