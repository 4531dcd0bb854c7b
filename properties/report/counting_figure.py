"""The figure of the counting study: the paper's rows, and what they leave open.

It carries its own style, light and dark, so that the same text is a file of its own and part of a
page; on paper it is always light.
"""

from typing import TYPE_CHECKING

from markupsafe import Markup

from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.study import StudyRuns
from tellapart.properties.report.counting_colours import COUNT_COLOURS
from tellapart.properties.report.counting_course import emergence_panel, groups_panel
from tellapart.properties.report.counting_latents import COLUMNS, ROW, draw_row
from tellapart.properties.report.counting_panels import (
    PANEL,
    control_panel,
    depth_panel,
    forced_panel,
    noise_panel,
)
from tellapart.properties.report.svg import element
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.properties.counting.report import CountingReport

__all__ = ["FIGURE_DESIGNS", "draw_counting", "figure_runs"]

#: Rows: those of the paper's figure, and the collapse that it describes.
FIGURE_DESIGNS = ("joint", "random-aux", "reward-only", "dynamics-only")

_MARGIN, _HEAD = 24.0, 52.0
_WIDTH = 2 * _MARGIN + 2 * PANEL[0] + 20

_STYLE = """
.counting { --ink: #1b1f24; --soft: #57606a; --rule: #d3d9e0; --page: #ffffff; --s0: #1f5fa8;
  --s1: #c4501b; --s2: #13795b; --s3: #8a3ba8; }
@media screen and (prefers-color-scheme: dark) {
  .counting { --ink: #e6e9ed; --soft: #a3acb7; --rule: #39414b; --page: #14171b; --s0: #7fb5f5;
    --s1: #ffa070; --s2: #63d3a8; --s3: #d69bf0; }
}
.counting text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-size: 11.5px; fill: var(--ink); }
.counting .page { fill: var(--page); }
.counting .soft { fill: var(--soft); }
.counting .title { font-size: 13.5px; font-weight: 600; }
.counting .frame { fill: none; stroke: var(--rule); }
.counting .schematic { stroke-dasharray: 4 3; }
.counting .grid { fill: none; stroke: var(--rule); stroke-width: .8; }
.counting .latent { stroke: var(--soft); stroke-width: .4; }
.counting .halo { font-weight: 700; font-size: 12.5px; paint-order: stroke; stroke: var(--page);
  stroke-width: 3.5px; stroke-linejoin: round; }
.counting .cross { stroke-width: 1.3; }
.counting .pixels { image-rendering: pixelated; }
.counting .series { fill: none; stroke-width: 1.8; }
.counting .bar { fill: none; stroke-width: 1.3; }
.counting .mark { stroke-width: 1.6; }
.counting .s0 { stroke: var(--s0); }
.counting .s1 { stroke: var(--s1); }
.counting .s2 { stroke: var(--s2); }
.counting .s3 { stroke: var(--s3); }
.counting .mark.s0 { fill: var(--s0); }
.counting .mark.s2 { fill: var(--s2); }
.counting .mark.open { fill: var(--page); }
.counting .series.s1 { stroke-dasharray: 7 3; }
.counting .series.s2 { stroke-dasharray: 2 3; }
.counting .series.s3 { stroke-dasharray: 9 3 2 3; }
"""


def figure_runs(runs: StudyRuns) -> tuple[CountingRun, ...]:
    """Return the run of each row: the first seed of each design, then of a user's encoder."""
    users = list(dict.fromkeys(run.plan.encoder for run in runs.all if run.plan.encoder))
    rows = [runs.of(design) for design in FIGURE_DESIGNS]
    rows += [runs.of("joint", encoder=name) for name in users]
    return tuple(found[0] for found in rows if found)


def draw_counting(report: "CountingReport") -> Markup:
    """Draw the figure.

    Parameters
    ----------
    report
        A finished study.

    Returns
    -------
    Markup
        One ``<svg>``; the same report gives the same text.
    """
    runs = report.find()
    rows = figure_runs(runs)
    height = _HEAD + len(rows) * ROW + 3 * (PANEL[1] + 24) + _MARGIN
    parts = [
        element("style", Markup(_STYLE)),
        element("rect", width=_WIDTH, height=height, class_="page"),
        *_legend(),
    ]
    for k, run in enumerate(rows):
        parts.append(_at(_MARGIN, _HEAD + k * ROW, draw_row(run)))
    below = _HEAD + len(rows) * ROW + 16
    panels = (
        depth_panel, noise_panel, emergence_panel, groups_panel, control_panel, forced_panel
    )  # fmt: skip
    for k, panel in enumerate(panels):
        x = _MARGIN + (k % 2) * (PANEL[0] + 20)
        parts.append(_at(x, below + k // 2 * (PANEL[1] + 24), panel(runs)))
    label = (
        f"Counting environment, profile {report.profile}: {count(len(report.runs), 'run')}. "
        "What the paper reports, latents, distances of counts and decoded pictures by design; "
        "separation by depth, accuracy under noise, what comes apart during training, controls, "
        "and errors where a colour is demanded."
    )
    return element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}", width=f"{_WIDTH:.0f}", height=f"{height:.0f}",
        role="img", aria_label=label, class_="counting",
    )  # fmt: skip


def _legend() -> list[Markup]:
    """Return the headings of the columns, and the colours of the counts."""
    parts = [element("text", text, x=_MARGIN + x, y=42, class_="title") for text, x in COLUMNS]
    for k, fill in enumerate(COUNT_COLOURS):
        x = _MARGIN + 180 + 30 * k
        parts.append(element("circle", cx=x, cy=18, r=5.0, fill=fill, class_="latent"))
        parts.append(element("text", str(k), x=x + 9, y=22))
    words = "count; darker cells are farther apart (square root), a cross: not told apart"
    parts.append(element("text", words, x=_MARGIN + 460, y=22, class_="soft"))
    return parts


def _at(x: float, y: float, parts: list[Markup]) -> Markup:
    return element("g", *parts, transform=f"translate({x:.0f} {y:.0f})")
