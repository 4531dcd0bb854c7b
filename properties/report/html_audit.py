"""One self-contained HTML page for an audit: no scripts, no network, same bytes."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tellapart.properties.report.charts import count_bars
from tellapart.properties.report.data_pictures import data_pictures
from tellapart.properties.report.foundation_section import foundation_section
from tellapart.properties.report.hasse import draw_hasse
from tellapart.properties.report.page import environment, system_parts, versions
from tellapart.properties.report.rows import depth_rows
from tellapart.properties.report.wording import count, integer, name_text
from tellapart.theory.audit import Audit
from tellapart.theory.data_audit import DataAudit

if TYPE_CHECKING:
    from tellapart.properties.audit_report import AuditReport

__all__ = ["render_audit"]

_MOST_BARS = 400
_MOST_STEPS = 200


def render_audit(report: "AuditReport") -> str:
    """Return the page of one audit.

    Parameters
    ----------
    report
        What to show: an audit of a complete system or of partial data, and the answers to
        everything that was asked of it.

    Returns
    -------
    str
        HTML with its style and pictures inside; the same report gives the same text.
    """
    found = report.audit
    own = _complete(found) if isinstance(found, Audit) else _partial(found)
    context = {
        **own,
        **foundation_section(report.foundation),
        "title": f"audit of {report.source}",
        "command": _command(report),
        "report": report,
        "hasse": _hasse(report),
        "answers": _answers(report),
    }
    name = "audit_complete" if isinstance(found, Audit) else "audit_data"
    return environment().get_template(f"{name}.html.jinja").render(context)


def _complete(findings: Audit) -> dict[str, Any]:
    bisim = findings.bisimulation
    return {
        **system_parts(findings, bisim, None),
        "depths": depth_rows(bisim),
        "lengths": _length_bars(findings.pairs_by_depth),
    }


def _partial(findings: DataAudit) -> dict[str, Any]:
    relation, chain = findings.analysis.relation, findings.infeasibility
    index = findings.data.observation_index
    marked: tuple[int, ...] = ()
    words = ""
    if chain is not None:
        marked = (index(chain.clash.x), index(chain.clash.y))
        words = "two observations that must share a code and have different labels"
    return {
        "findings": findings,
        "data": findings.data,
        "versions": versions(),
        "pictures": data_pictures(findings.data, findings.forced, marked, words),
        "lengths": None if relation is None else _length_bars(relation.n_by_word_length),
        "chain": None if chain is None else chain.explain(_MOST_STEPS).splitlines(),
        "relation": relation,
        "advice": findings.analysis.coverage,
    }


def _length_bars(pairs: Sequence[int]) -> Markup | None:
    """Draw how many pairs need a shortest distinguishing word of which length (S7)."""
    if not pairs or len(pairs) > _MOST_BARS:
        return None
    names = [str(length) for length in range(len(pairs))]
    label = (
        f"Pairs by length of their shortest distinguishing word: {count(sum(pairs), 'pair')}, "
        f"words up to {count(len(pairs) - 1, 'action')}."
    )
    return count_bars(list(pairs), names, "word length", label)


def _hasse(report: "AuditReport") -> Markup | None:
    """Draw the kernels that zero loss allows, where there are several and few."""
    if report.lattice is None or len(report.lattice) < 2:
        return None
    names = [name_text(name) for name in report.system.observations]
    label = f"Hasse diagram of the {integer(len(report.lattice))} kernels that zero loss allows."
    return draw_hasse(report.lattice, names, label)


def _answers(report: "AuditReport") -> list[dict[str, Any]]:
    """List what was asked, with tables where the answer is one."""
    found: list[dict[str, Any]] = []
    if report.comparison is not None:
        found.append({
            "heading": "Labels side by side",
            "table": report.comparison.table(),
            "text": "\n".join(report.comparison.remarks()),
        })  # fmt: skip
    asked: list[tuple[str, Any]] = [
        ("The target", report.sufficiency),
        ("A label that suffices", report.suggestion),
        ("The training horizon", report.horizon),
    ]
    found += [
        {"heading": heading, "table": None, "text": answer.explain()}
        for heading, answer in asked
        if answer is not None
    ]
    found += [
        {"heading": f"{name_text(p.x)} and {name_text(p.y)}", "table": None, "text": p.reason}
        for p in report.pairs
    ]
    return found


def _command(report: "AuditReport") -> str:
    """Return what to type for the audit itself; the questions are named by their answers."""
    if report.source.startswith(("DeterministicMDP(", "TransitionData(")):
        return "audit_report(system)  # in Python"
    return f"tellapart audit {shlex.quote(name_text(report.source, 400))}"
