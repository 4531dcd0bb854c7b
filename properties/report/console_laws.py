"""Laws on a terminal: the list of them, and what came of a run."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tellapart.properties.laws.law import Law
from tellapart.properties.laws.summary import LawResult, LawsReport, LawVerdict
from tellapart.properties.report.console import console

__all__ = ["laws_json", "print_laws", "print_laws_report"]

_COLOUR = {LawVerdict.HOLDS: "green", LawVerdict.BROKEN: "red", LawVerdict.VACUOUS: "yellow"}


def laws_json(laws: Iterable[Law]) -> str:
    """Return the laws as one JSON object, for machines."""
    listed = [
        {
            "id": law.id,
            "statement": law.statement,
            "title": law.title,
            "text": law.text,
            "cost": law.cost.value,
            "bad": list(law.bad),
        }
        for law in laws
    ]
    return json.dumps({"laws": listed}, ensure_ascii=False, indent=2)


def print_laws(laws: Sequence[Law]) -> None:
    """Print the laws by name: what an example costs, what holds, and which subjects break it."""
    out = console()
    wide = max(len(law.id) for law in laws)
    cost = max(len(law.cost.value) for law in laws)
    for law in laws:
        line = Text(f"{law.id:{wide}}  ", style="bold")
        out.print(line.append(f"{law.cost.value:{cost}}  {law.title}", style="not bold"))
        out.print(Text(f"{'':{wide + cost + 4}}broken by: {'; '.join(law.bad)}", style="dim"))
    out.print(Text(f"\n{len(laws)} laws. Try them with: tellapart laws run --profile smoke"))


def print_laws_report(report: LawsReport, files: Sequence[Path] = ()) -> None:
    """Print one line for each law, what breaks the broken ones, and the sum."""
    out = console()
    table = Table(box=None, header_style="bold")
    table.add_column("law")
    for column in ("examples", "vacuous", "discarded"):
        table.add_column(column, justify="right")
    table.add_column("depths")
    table.add_column("blocks")
    table.add_column("seconds", justify="right")
    table.add_column("result")
    for one in report.results:
        table.add_row(
            one.law,
            f"{one.n_examples:,}",
            f"{one.n_vacuous:,}",
            f"{one.n_discarded:,}",
            _span([value for value, _ in one.depths]),
            _span([value for value, _ in one.block_counts]),
            f"{one.seconds:.1f}",
            Text(one.verdict.value, style=_COLOUR[one.verdict]),
        )
    out.print(table)
    for one in report.results:
        if not one.holds:
            _print_failing(out, one)
    for file in files:
        out.print(Text(f"Saved {file}; see it again with: tellapart replay {file}"), soft_wrap=True)
    _print_sum(out, report)


def _print_failing(out: Console, one: LawResult) -> None:
    out.print(Text(f"\n{one.law} {one.verdict}", style=_COLOUR[one.verdict]), end="")
    out.print(Text(f": {one.title}"), soft_wrap=True)
    if one.message is not None:
        out.print(Text(f"  {one.message}"), soft_wrap=True)
    else:
        out.print(
            Text(
                f"  {one.n_vacuous} of {one.n_examples} examples said nothing; at most "
                f"{one.most_vacuous:.0%} may."
            ),
            soft_wrap=True,
        )
    for why, number in one.vacuous if one.message is None else ():
        out.print(Text(f"    {number}: {why}"), soft_wrap=True)
    if one.case is not None:
        out.print(Text(f"  smallest example: {one.case.content!r}"), soft_wrap=True)


def _print_sum(out: Console, report: LawsReport) -> None:
    counts = [
        f"{sum(one.verdict is verdict for one in report.results)} {verdict.value}"
        for verdict in LawVerdict
    ]
    examples = sum(one.n_examples for one in report.results)
    stopped = " (stopped early)" if report.interrupted else ""
    out.print(
        Text(
            f"\n{', '.join(counts)}: {examples:,} examples in {report.seconds:.1f} s{stopped}, "
            f"profile {report.profile}, {_seed_text(report.results)}."
        ),
        soft_wrap=True,
    )


def _seed_text(results: Sequence[LawResult]) -> str:
    first = min((one.first_seed for one in results), default=0)
    last = max((one.first_seed + one.n_rounds - 1 for one in results), default=0)
    return f"seed {first}" if first == last else f"seeds {first} to {last}"


def _span(values: Sequence[int]) -> str:
    if not values:
        return ""
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}-{high}"
