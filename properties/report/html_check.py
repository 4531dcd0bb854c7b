"""One self-contained HTML page for a check: no scripts, no network, same bytes."""

import shlex
from typing import TYPE_CHECKING, Any

from tellapart.properties.report.charts import distance_histogram, loss_curve
from tellapart.properties.report.page import environment, pair_parts, system_parts
from tellapart.properties.report.residuals import label_residuals, transition_residuals
from tellapart.properties.report.rows import depth_rows
from tellapart.properties.report.scatter import MOST_POINTS, draw_latents, project
from tellapart.properties.report.wording import count, integer, name_text, number
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

if TYPE_CHECKING:
    from tellapart.properties.check import CheckReport

__all__ = ["render_check"]

_MOST_MERGED = 50


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
        "latents": _latents(report),
        "curve": None if report.training is None else loss_curve(report.training.history),
        "transitions": transition_residuals(report),
        "labels": label_residuals(report),
    }
    return environment().get_template("check.html.jinja").render(context)


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
    is_default = tolerance == DEFAULT_MERGE_TOLERANCE
    named = report.subject in DESIGNS or ":" in report.subject
    if not named or report.source.startswith("DeterministicMDP("):
        extra = "" if is_default else f", merge_tolerance={tolerance!r}"
        subject = repr(report.subject) if named else name_text(report.subject)
        from_text = not report.source.startswith("DeterministicMDP(")
        source = repr(name_text(report.source, 400)) if from_text else "mdp"
        return f"check({subject}, on={source}, seed={report.seed}{extra})  # in Python"
    subject, source = (
        shlex.quote(name_text(part, 400)) for part in (report.subject, report.source)
    )
    extra = "" if is_default else f" --merge-tolerance {tolerance!r}"
    return f"tellapart check {subject} --on {source} --seed {report.seed}{extra}"


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
