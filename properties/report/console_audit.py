"""An audit as text for people on a terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from tellapart.properties.report.console import (
    console,
    print_depths,
    print_hardest,
    print_saved,
    print_system,
    print_title,
)
from tellapart.properties.report.wording import count, integer, name_text
from tellapart.theory.audit import Audit
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.linear.capacity import Capacity
from tellapart.theory.partial.coverage import CoverageAdvice

if TYPE_CHECKING:
    from tellapart.properties.audit_report import AuditReport

__all__ = ["print_audit"]

#: Lines of a proof that are shown; --json and --html have more.
_MOST_STEPS = 30
_MOST_ADVICE = 5


def print_audit(report: "AuditReport", html: Path | None = None) -> None:
    """Print one audit with the answers to what was asked."""
    out = console()
    print_title(out, f"audit of {report.source}")
    if isinstance(report.audit, Audit):
        _print_complete(out, report.audit, report)
    else:
        _print_data(out, report.audit, report)
    for part in (report.horizon, report.comparison, report.sufficiency, report.suggestion):
        if part is not None:
            _print_answer(out, part.explain())
    for pair in report.pairs:
        _print_answer(out, pair.reason)
    print_saved(out, html)


def _print_complete(out: Console, findings: Audit, report: "AuditReport") -> None:
    print_system(out, findings)
    print_depths(out, findings, None)
    print_hardest(out, findings.hardest)
    out.print(
        f"must be told apart   {findings.n_must_separate} pairs; at least {findings.min_codes} "
        "codes"
    )
    out.print(f"may share a code     {findings.n_may_merge} pairs (inside a block of B*)")
    out.print(
        f"label alone          {findings.blocks_by_depth[0]} blocks; the dynamics loss adds "
        f"{findings.joint_gain}"
    )
    _print_size(out, report)
    if findings.hardest is None:
        out.print(
            "[yellow]Nothing must be told apart: along every action word all observations show "
            "the same labels. The theorem promises nothing for this label.[/yellow]"
        )
    out.print(f"certificate          {findings.certificate_confirmed.explain()}")


def _print_size(out: Console, report: "AuditReport") -> None:
    if report.capacity is not None:
        out.print(f"latent dimension     {_dimensions(report.capacity)}")
    if report.kernels is not None:
        out.print(f"possible kernels     {report.kernels.text}")


def _dimensions(found: Capacity) -> str:
    linear, affine = (_span(bounds) for bounds in (found.linear_bounds, found.affine_bounds))
    return f"{linear} for linear dynamics and head, {affine} for affine ones"


def _span(bounds: tuple[int, int]) -> str:
    low, high = bounds
    return str(low) if low == high else f"{low} to {high}"


def _print_data(out: Console, findings: DataAudit, report: "AuditReport") -> None:
    data = findings.data
    out.print(
        f"data                 {count(data.n_obs, 'observation')}, "
        f"{count(data.n_actions, 'action')}, {count(data.n_transitions, 'transition')} "
        f"from {count(data.n_rows, data.row_names.kind)}"
    )
    out.print(
        f"labels               {count(len(data.label_values), 'value')}; known for "
        f"{integer(data.n_labelled)} of {count(data.n_obs, 'observation')}"
    )
    shared = integer(data.n_obs * data.n_actions)
    out.print(
        f"coverage             {integer(data.n_pairs)} of {shared} pairs of observation and action"
        + ("" if data.is_functional else "; some lead to several successors")
    )
    forced = findings.forced
    out.print(
        f"forced merges        {count(findings.analysis.n_forced_pairs, 'pair')}; "
        f"{count(forced.n_blocks, 'class', 'classes')} of observations remain"
    )
    out.print()
    if findings.infeasibility is not None:
        out.print("[red]zero loss            impossible, for any encoder[/red]")
        out.print(Text(findings.infeasibility.explain(_MOST_STEPS)))
        _print_confirmed(out, findings)
        return
    _print_pairs(out, findings)
    out.print(Text(f"codes                {_sentence(findings.analysis.codes.explain())}"))
    if report.kernels is not None:
        out.print(f"possible kernels     {report.kernels.text}")
    _print_confirmed(out, findings)
    if findings.analysis.coverage is not None:
        _print_coverage(out, findings.analysis.coverage)


def _print_confirmed(out: Console, findings: DataAudit) -> None:
    out.print(Text(f"certificate          {findings.certificate_confirmed.explain()}"))


def _sentence(text: str) -> str:
    return text.replace("A zero-loss encoder", "a zero-loss encoder").rstrip(".")


def _print_pairs(out: Console, findings: DataAudit) -> None:
    out.print("zero loss            possible")
    relation = findings.analysis.relation
    if relation is None:
        out.print(Text(f"must be told apart   not listed: {findings.analysis.relation_note}"))
        return
    words, folds = sum(relation.n_by_word_length), relation.n_by_fold_only
    out.print(
        f"must be told apart   {count(relation.n_must_separate, 'pair')}: {integer(words)} by a "
        f"word, {integer(folds)} by merging and folding only"
    )
    if not relation.n_must_separate:
        out.print(
            "[yellow]  Nothing must be told apart: no two different labels are reached. One code "
            "for everything has zero loss.[/yellow]"
        )
    for length, pairs in enumerate(relation.n_by_word_length):
        out.print(f"  word length {length:<7}  {count(pairs, 'pair')}")
    out.print(f"may share a code     {count(relation.n_may_merge, 'pair')}")
    triple = relation.intransitive_triple
    if triple is not None:
        x, y, z = (name_text(name) for name in triple)
        out.print(
            Text(f"  not all at once: {x} with {y}, and {y} with {z}, but not {x} with {z} (S6)")
        )


def _print_coverage(out: Console, advice: CoverageAdvice) -> None:
    rows: Sequence[str] = advice.explain().splitlines()
    out.print()
    out.print(Text("\n".join(rows[: _MOST_ADVICE + 1])))
    if len(rows) > _MOST_ADVICE + 1:
        out.print(f"... and {len(rows) - _MOST_ADVICE - 1} lines more with --json or --html")


def _print_answer(out: Console, text: str) -> None:
    out.print()
    out.print(Text(text))
