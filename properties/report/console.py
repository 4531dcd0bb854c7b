"""Tables for people on a terminal; plain text when piped."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tellapart.properties.report.console_proofs import (
    print_attack,
    print_diagnostics,
    print_margins,
)
from tellapart.properties.report.rows import shown_depths
from tellapart.properties.report.wording import count, name_text, word_text
from tellapart.theory.audit import Audit, HardestPair
from tellapart.theory.gallery import gallery
from tellapart.theory.separation import Separation
from tellapart.theory.verdict import CollapseWitness, Judgement, Verdict

if TYPE_CHECKING:  # audits are printed without importing torch
    from tellapart.properties.check_report import CheckReport

__all__ = [
    "console",
    "gallery_json",
    "print_check",
    "print_depths",
    "print_gallery",
    "print_hardest",
    "print_saved",
    "print_system",
    "print_title",
]

_COLOUR = {
    Verdict.HOLDS: "green", Verdict.COLLAPSED: "red",
    Verdict.VACUOUS: "yellow", Verdict.INFEASIBLE: "yellow",
}  # fmt: skip
#: Merged pairs shown at most.
_MOST_MERGED = 12
#: Pairs of boxes shown at most.
_MOST_BOXES = 5
#: Longer label traces are cut to the step where they part.
_TRACE_WIDTH = 90


def print_check(
    report: "CheckReport", html: Path | None = None, certificate: Path | None = None
) -> None:
    """Print one check: the system, the separation by depth, the premise, the verdict."""
    out = console()
    print_title(out, f"{report.subject} on {report.source}, seed {report.seed}")
    print_system(out, report.audit)
    print_depths(out, report.audit, report.judgement.separation)
    print_hardest(out, report.audit.hardest)
    _print_premise(out, report)
    print_margins(out, report)
    print_diagnostics(out, report.diagnostics)
    _print_merged(out, report.judgement)
    if report.attack is not None:
        print_attack(out, report.attack)
    if report.boxes is not None:
        out.print(Text(report.boxes.explain(_MOST_BOXES)))
        out.print()
    _print_verdict(out, report.judgement)
    print_saved(out, html)
    if certificate is not None:
        out.print(Text(f"proof    {certificate}  (tellapart replay {certificate})"))


def print_gallery() -> None:
    """Print the named systems."""
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "pattern", "blocks", "depth", "what it is"):
        table.add_column(column, justify="right" if column in ("blocks", "depth") else "left")
    for entry in gallery():
        table.add_row(
            entry.name, entry.pattern, str(entry.n_blocks), str(entry.depth), escape(entry.summary)
        )
    out.print(table)
    out.print("\nTry: tellapart audit gallery:counting-9")


def gallery_json() -> str:
    """Return the named systems as JSON."""
    rows = [
        {
            "name": entry.name,
            "pattern": entry.pattern,
            "blocks": entry.n_blocks,
            "depth": entry.depth,
            "summary": entry.summary,
        }
        for entry in gallery()
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def console() -> Console:
    """Return a console that leaves long lines to the terminal: piped text is not cut at 80."""
    return Console(highlight=False, soft_wrap=True)


def print_title(out: Console, text: str) -> None:
    """Print what this is about."""
    out.print(Text(text, style="bold"))
    out.print()


def print_system(out: Console, findings: Audit) -> None:
    """Print the size of a complete system and of its largest bisimulation."""
    mdp = findings.mdp
    out.print(
        f"system               {count(mdp.n_obs, 'observation')}, "
        f"{count(mdp.n_actions, 'action')}, {count(len(mdp.label_values), 'label value')}"
    )
    out.print(f"largest bisimulation {findings.min_codes} blocks, depth {findings.depth}")
    out.print()


def print_depths(out: Console, findings: Audit, measured: Separation | None) -> None:
    """Print blocks and pairs by depth, with the closest pair where codes were measured."""
    out.print("pairs that must be told apart, by length of their shortest distinguishing word")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("depth", "blocks", "pairs"):
        table.add_column(column, justify="right")
    if measured is not None:
        for column in ("merged", "smallest distance", "relative"):
            table.add_column(column, justify="right")
        table.add_column("closest pair")
    rows = {row.depth: row for row in measured.by_depth} if measured is not None else {}
    for depth in shown_depths(len(findings.blocks_by_depth)):
        if depth is None:
            table.add_row("...")
            continue
        cells = [str(depth), str(findings.blocks_by_depth[depth])]
        cells.append(str(findings.pairs_by_depth[depth]))
        if depth in rows:
            row = rows[depth]
            cells += [str(row.n_merged), f"{row.distance:.3g}", f"{row.relative:.2g}"]
            cells.append(escape(f"{name_text(row.x)} | {name_text(row.y)}"))
        table.add_row(*cells)
    out.print(table)
    out.print()


def print_hardest(out: Console, pair: HardestPair | None) -> None:
    """Print the hardest pair with its word and label traces."""
    if pair is None:
        return
    out.print(Text(f"hardest pair         {name_text(pair.x)} | {name_text(pair.y)}"))
    _print_traces(out, pair)
    out.print()


def _print_premise(out: Console, report: "CheckReport") -> None:
    measured, mdp = report.judgement.resolution, report.mdp
    o, a = measured.worst_transition
    if report.training is None:
        out.print("training             none")
    else:
        steps = f", {report.training.steps} steps" if report.training.steps else ""
        out.print(
            Text(f"training             {report.training.method}{steps}: {report.training.status}")
        )
    out.print(
        Text(
            f"dynamics residual    max {measured.max_dynamics_residual:.3g}; worst ratio to half "
            f"gap {measured.dynamics_ratio:.3g} at {name_text(mdp.observations[o])}, action "
            f"{name_text(mdp.actions[a])}"
        )
    )
    out.print(
        Text(
            f"auxiliary residual   max {measured.max_aux_residual:.3g}; worst ratio to half gap "
            f"{measured.aux_ratio:.3g} at {name_text(mdp.observations[measured.worst_label])}"
        )
    )
    out.print(f"resolution ratio     {measured.ratio:.3g}  (below 1 is resolved, S13)")
    out.print(
        f"raw losses           dynamics {report.dynamics_loss:.3g}, auxiliary "
        f"{report.aux_loss:.3g}  (shown, never decide)"
    )
    apart = report.judgement.separation
    if apart.smallest is not None:
        out.print(
            f"smallest separation  {apart.smallest.distance:.3g} = {apart.smallest.relative:.2g} "
            f"of the rms distance between blocks ({apart.rms:.3g})"
        )
        out.print(f"merge threshold      {_threshold(apart)}")
    out.print()


def _threshold(apart: Separation) -> str:
    """Return the threshold with the distribution that it cuts."""
    counts = [f"<= {bound:g}: {count}" for bound, count in apart.histogram[:-1] if count]
    if apart.histogram[-1][1]:
        counts.append(f"> 1: {apart.histogram[-1][1]}")
    by_rounding = apart.threshold > apart.merge_tolerance * apart.rms
    cut = f"{apart.threshold:.3g}, rounding of the codes" if by_rounding else (
        f"{apart.merge_tolerance:g} relative"
    )  # fmt: skip
    return f"{cut}; pairs by relative distance  " + ", ".join(counts)


def _print_merged(out: Console, judgement: Judgement) -> None:
    apart = judgement.separation
    if not apart.n_merged:
        return
    out.print(
        f"[bold]merged pairs[/bold]         {apart.n_merged} of {apart.n_must_separate} that must "
        "be told apart, deepest first"
    )
    for pair in apart.merged[:_MOST_MERGED]:
        out.print(
            Text(
                f"  {name_text(pair.x)} | {name_text(pair.y)}   word length {pair.depth}, distance "
                f"{pair.distance:.3g}"
            )
        )
    if apart.n_merged > _MOST_MERGED:
        listed = len(apart.merged)
        which = "all" if listed == apart.n_merged else f"the first {listed}"
        out.print(f"  ... and {apart.n_merged - _MOST_MERGED} more; --json lists {which}")
    if judgement.witness is not None:
        w = judgement.witness
        out.print(
            Text(
                f"  witness            {name_text(w.x)} | {name_text(w.y)}, replayed independently"
            )
        )
        _print_traces(out, w)
    out.print()


def _print_verdict(out: Console, judgement: Judgement) -> None:
    for reason in judgement.reasons:
        out.print(Text(reason))
    if judgement.reasons:
        out.print()
    verdict, grade = judgement.verdict, judgement.grade
    out.print(Text.assemble(("verdict  ", "bold"), (verdict.value, f"bold {_COLOUR[verdict]}")))
    out.print(Text(f"  {verdict.meaning}"))
    out.print(Text(f"grade    {grade.value}"))
    out.print(Text(f"  {grade.meaning}"))


def print_saved(out: Console, html: Path | None) -> None:
    """Say where the page is."""
    if html is not None:
        out.print(Text(f"page     {html}"))


def _print_traces(out: Console, pair: "HardestPair | CollapseWitness") -> None:
    """Print word and label traces; long traces only where they part, at the end."""
    out.print(Text(f"  word               {word_text(pair.word)}"))
    first, second = (
        " -> ".join(name_text(label) for label in t) for t in (pair.x_trace, pair.y_trace)
    )
    if len(first) > _TRACE_WIDTH and pair.x_trace[:-1] == pair.y_trace[:-1]:
        first = f"equal for {len(pair.word)} labels, then {name_text(pair.x_trace[-1])}"
        second = f"{'':{len(str(len(pair.word))) + 24}}{name_text(pair.y_trace[-1])}"
    out.print(Text(f"  labels             {first}"))
    out.print(Text(f"                     {second}"))
