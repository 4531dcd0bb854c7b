"""One self-contained page for the ablation matrix."""

from typing import TYPE_CHECKING

from tellapart.models.ablations.designs import ABLATIONS
from tellapart.models.ablations.families import FAMILIES
from tellapart.properties.report.ablation_figure import draw_ablations
from tellapart.properties.report.ablation_table import decay_name, design_rows, family_rows, legend
from tellapart.properties.report.page import environment, versions

if TYPE_CHECKING:
    from tellapart.properties.ablations import AblationReport

__all__ = ["render_ablations"]


def render_ablations(report: "AblationReport") -> str:
    """Return the page: what the numbers say, the figure, the tables, designs and families.

    The same report gives the same text; only the versions named in it depend on the installation.
    """
    context = {
        "title": "Ablation matrix",
        "report": report,
        "figure": draw_ablations(report),
        "figure_decay": decay_name(report.decays[0]),
        "groups": [
            (decay_name(decay), design_rows(report, decay), family_rows(report, decay))
            for decay in report.decays
        ],
        "legend": "\n".join(legend()),
        "designs": [ABLATIONS[name] for name in report.designs],
        "families": [FAMILIES[name] for name in report.families],
        "versions": versions(),
    }
    return environment().get_template("ablations.html.jinja").render(context)
