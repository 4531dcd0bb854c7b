"""One self-contained page for a counting study."""

from typing import TYPE_CHECKING

from tellapart.models.counting.designs import COUNTING_DESIGNS
from tellapart.properties.counting.bars import NO_BARS
from tellapart.properties.counting.statements import statement_for, theory_of_counting
from tellapart.properties.counting.statistics import METHOD
from tellapart.properties.counting.wording import HISTORY
from tellapart.properties.report.counting_figure import draw_counting
from tellapart.properties.report.counting_rows import LEGEND, setting_name, setting_rows
from tellapart.properties.report.page import environment, versions

if TYPE_CHECKING:
    from tellapart.properties.counting.report import CountingReport

__all__ = ["render_counting"]

#: What the colours of the style sheet stand for.
_CLASSES = {
    "shown": "holds", "the opposite": "collapsed", "not shown": "vacuous", "not measured": "open",
    "met": "holds", "missed": "collapsed",
}  # fmt: skip


def render_counting(report: "CountingReport") -> str:
    """Return the page: claims, bars, figure, runs, theory.

    Parameters
    ----------
    report
        A finished study.

    Returns
    -------
    str
        HTML. The same report gives the same text; only the versions named in it depend on the
        installation.
    """
    settings = report.find().settings()
    used = dict.fromkeys(run.plan.design for run in report.runs)
    context = {
        "title": "The counting environment",
        "report": report,
        "settings": len(settings),
        "figure": draw_counting(report),
        "classes": _CLASSES,
        "rows": setting_rows(report, intervals=True),
        "legend": LEGEND,
        "method": METHOD,
        "no_bars": NO_BARS,
        "history": HISTORY,
        "trial": report.trial,
        "theory": theory_of_counting(),
        "statements": [(setting_name(runs[0]), statement_for(runs)) for runs in settings],
        "designs": [COUNTING_DESIGNS[name] for name in used],
        "versions": versions(),
    }
    return environment().get_template("counting.html.jinja").render(context)
