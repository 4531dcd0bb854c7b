"""One self-contained HTML page for a check: no scripts, no network, same bytes."""

import shlex
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tellapart.properties.report.attack_picture import (
    FLOORS_CAPTION,
    MATRIX_CAPTION,
    draw_attack_floors,
    draw_attack_matrix,
)
from tellapart.properties.report.attack_rows import attack_rows
from tellapart.properties.report.charts import distance_histogram, loss_curve
from tellapart.properties.report.console_proofs import form_text, proved_text
from tellapart.properties.report.foundation_section import foundation_section
from tellapart.properties.report.margin_picture import draw_margins
from tellapart.properties.report.page import environment, pair_parts, system_parts
from tellapart.properties.report.residuals import label_residuals, transition_residuals
from tellapart.properties.report.rows import depth_rows
from tellapart.properties.report.scatter import MOST_POINTS, draw_latents, project
from tellapart.properties.report.wording import (
    count,
    integer,
    name_text,
    number,
)
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

if TYPE_CHECKING:
    from tellapart.properties.check_report import CheckReport

__all__ = ["render_check"]

_MOST_MERGED = 50
#: Arguments of check() that the command line names otherwise.
_PYTHON = {"boxes": "box_radius"}


def render_check(report: "CheckReport") -> str:
    """Return the page of one check.

    Parameters
    ----------
    report
        What to show; its system is refined again when the report was loaded from a file.

    Returns
    -------
    str
        HTML with its style and pictures inside. The same report gives the same text: no dates,
        no randomness; only the versions named in it depend on the installation.
    """
    bisim, judgement = report.bisimulation, report.judgement
    witness = judgement.witness
    context = {
        **system_parts(report.audit, bisim, witness),
        **foundation_section(report.foundation),
        "title": f"{report.subject} on {report.source}",
        "report": report,
        "judgement": judgement,
        "apart": judgement.separation,
        "lead": _lead(report),
        "command": _check_command(report),
        "witness": pair_parts(bisim, witness),
        "depths": depth_rows(bisim, report),
        "histogram": distance_histogram(judgement.separation),
        "merged": judgement.separation.merged[:_MOST_MERGED],
        "margins": _margins(report),
        "attack": _attack(report),
        "latents": _latents(report),
        "curve": None if report.training is None else loss_curve(report.training.history),
        "transitions": transition_residuals(report),
        "labels": label_residuals(report),
    }
    return environment().get_template("check.html.jinja").render(context)


def _margins(report: "CheckReport") -> dict[str, Any] | None:
    """Return what the section on proofs shows of the margins, by depth."""
    found = report.margins
    if found is None or not found.n_required:
        return None
    rows = []
    for row in found.by_depth:
        pair = row.smallest
        shown = ("", "", "", "") if pair is None else (
            f"{name_text(pair.x)} | {name_text(pair.y)}",
            number(float(Fraction(pair.margin))), number(pair.measured),
            form_text(pair),
        )  # fmt: skip
        rows.append((row.depth, row.pairs, row.certified, *shown))
    return {
        "rows": rows,
        "proved": proved_text(found),
        "threshold": found.threshold_sentence,
        "picture": draw_margins(found.certificate, report.codes),
        "check": report.margin_check,
    }


def _attack(report: "CheckReport") -> dict[str, Any] | None:
    found = report.attack
    if found is None:
        return None
    header, rows = attack_rows(found)
    return {
        "header": header, "rows": rows, "summary": found.summary().split("\n"),
        "matrix": draw_attack_matrix(found), "floors": draw_attack_floors(found),
        "captions": (MATRIX_CAPTION, FLOORS_CAPTION),
    }  # fmt: skip


def _lead(report: "CheckReport") -> str:
    """Say in one or two sentences what was found."""
    apart = report.judgement.separation
    pairs = count(apart.n_must_separate, "pair")
    if apart.n_must_separate == 0:
        return "No two observations have to be told apart, so there was nothing to find out."
    if apart.n_merged:
        return (
            f"Of the {pairs} of observations that every zero-loss encoder tells apart, this "
            f"encoder merges {integer(apart.n_merged)}."
        )
    closest = apart.smallest
    assert closest is not None  # noqa: S101 - there are pairs
    return (
        f"All {pairs} of observations that every zero-loss encoder tells apart have different "
        f"codes here. The closest two, {name_text(closest.x)} and {name_text(closest.y)}, are "
        f"{number(closest.relative)} of the rms distance between blocks apart."
    )


def _check_command(report: "CheckReport") -> str:
    """Return what to type to see the same again: a command, or Python for Python objects."""
    from tellapart.models.designs import DESIGNS

    tolerance = report.judgement.separation.merge_tolerance
    options: list[tuple[str, object]] = []
    if tolerance != DEFAULT_MERGE_TOLERANCE:
        options.append(("merge_tolerance", tolerance))
    if report.judgement.required is not None:
        options.append(("require", report.judgement.required.value))
    if report.attack is not None:
        options.append(("attack_pairs", len(report.attack.rows)))
    if report.boxes is not None:
        options.append(("boxes", report.boxes.radius))
    named = report.subject in DESIGNS or ":" in report.subject
    if not named or report.source.startswith("DeterministicMDP("):
        from_text = not report.source.startswith("DeterministicMDP(")
        subject = repr(report.subject) if named else name_text(report.subject)
        source = repr(name_text(report.source, 400)) if from_text else "mdp"
        extra = "".join(f", {_PYTHON.get(name, name)}={value!r}" for name, value in options)
        return f"check({subject}, on={source}, seed={report.seed}{extra})  # in Python"
    subject, source = (
        shlex.quote(name_text(part, 400)) for part in (report.subject, report.source)
    )
    extra = "".join(f" --{name.replace('_', '-')} {value}" for name, value in options)
    attacked = " --attack" if report.attack is not None else ""
    return f"tellapart check {subject} --on {source} --seed {report.seed}{attacked}{extra}"


def _latents(report: "CheckReport") -> dict[str, Any]:
    projection = project(report.codes)
    mdp, apart = report.mdp, report.judgement.separation
    index = mdp.observation_index
    merged = [(index(pair.x), index(pair.y)) for pair in apart.merged]
    return {
        "svg": draw_latents(mdp, report.audit.partition, projection, merged),
        "share": f"{100 * sum(projection.shares):.1f}",
        "constant": sum(projection.shares) == 0,
        "sampled": mdp.n_obs > MOST_POINTS,
        "unlisted": apart.n_merged > len(apart.merged),
        "most": MOST_POINTS,
    }
