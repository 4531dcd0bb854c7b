"""One self-contained HTML page for a counterexample."""

import shlex
from typing import TYPE_CHECKING, Any

from tellapart.properties.counterexamples.picture import caption, draw_specimen
from tellapart.properties.counterexamples.story import (
    codes_table,
    data_lines,
    loss_lines,
    runs_table,
    size_lines,
    world_table,
)
from tellapart.properties.report.graph import action_legend, is_drawable, ringed_label
from tellapart.properties.report.page import environment, versions
from tellapart.properties.report.wording import name_text
from tellapart.theory.counterexamples.specimen import Specimen

if TYPE_CHECKING:
    from tellapart.properties.counterexamples.counterexample import Counterexample

__all__ = ["render_counterexample"]

#: Further counterexamples of the same size that are drawn.
_MOST_DRAWN = 24


def render_counterexample(found: "Counterexample") -> str:
    """Return the page: the same counterexample gives the same text.

    Parameters
    ----------
    found
        What to show.
    """
    specimen = found.specimen
    others = found.specimens[1 : _MOST_DRAWN + 1]
    context = {
        "title": f"counterexample without {found.hypothesis}",
        "found": found,
        "specimen": specimen,
        "hypothesis": found.hypothesis,
        "tables": {
            "world": world_table(specimen),
            "codes": codes_table(specimen),
            "runs": runs_table(specimen),
        },
        "data": data_lines(specimen),
        "losses": "\n".join(line.removeprefix("  ") for line in loss_lines(specimen)),
        "size": size_lines(found),
        "picture": _picture(specimen),
        "legend": action_legend(specimen.world),
        "ring": _ring(specimen),
        "others": [_picture(one) for one in others],
        "n_hidden": len(found.specimens) - 1 - len(others),
        "trained": None if found.trained is None else found.trained.explain(),
        "command": f"tellapart counterexample --drop {shlex.quote(found.hypothesis.value)}",
        "versions": versions(),
    }
    return environment().get_template("counterexample.html.jinja").render(context)


def _picture(specimen: Specimen) -> dict[str, Any] | None:
    if not is_drawable(specimen.world):
        return None
    changed = " ".join(data_lines(specimen))
    pair = f"{name_text(specimen.x)} and {name_text(specimen.y)} share a code."
    return {
        "svg": draw_specimen(specimen),
        "caption": caption(specimen),
        "short": f"{pair} {changed}".strip(),
    }


def _ring(specimen: Specimen) -> str:
    """Say which label has a second ring in the picture."""
    ringed = ringed_label(specimen.world)
    return "" if ringed is None else name_text(specimen.world.label_values[ringed])
