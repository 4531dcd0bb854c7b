"""The figure of the ablation matrix: one panel a family, designs in rows, depths in columns.

It carries its own style, light and dark, so that the same text is a file of its own and part of a
page; on paper it is always light.
"""

from typing import TYPE_CHECKING

from markupsafe import Markup

from tellapart.properties.ablations_statistics import INTERVAL, Rate, Summary
from tellapart.properties.report.ablation_table import decay_name
from tellapart.properties.report.svg import element
from tellapart.theory.verdict import Verdict
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.properties.ablations import AblationReport

__all__ = ["draw_ablations"]

_NAMES, _CELL, _ROW, _BAR = 96.0, 29.0, 22.0, 72.0
_GAP, _HEAD, _FOOT, _TOP = 12.0, 40.0, 24.0, 58.0
_COLUMNS = 2
_VERDICTS = (Verdict.HOLDS, Verdict.VACUOUS, Verdict.COLLAPSED)

_STYLE = """
.ablations { --ink: #1b1f24; --soft: #57606a; --rule: #ffffff; --full: #cfe3f5; --none: #d1495b;
  --holds: #2f7d4f; --vacuous: #e0b040; --collapsed: #b3261e; --page: #ffffff; }
@media screen and (prefers-color-scheme: dark) {
  .ablations { --ink: #e6e9ed; --soft: #a3acb7; --rule: #14171b; --full: #24425f; --none: #b8475a;
    --holds: #57b985; --vacuous: #c9972f; --collapsed: #e0685e; --page: #14171b; }
}
.ablations text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-size: 11px; fill: var(--ink); }
.ablations .page { fill: var(--page); }
.ablations .soft { fill: var(--soft); }
.ablations .title { font-size: 13px; font-weight: 600; }
.ablations .full { fill: var(--full); }
.ablations .none { fill: var(--none); }
.ablations .edge { fill: none; stroke: var(--rule); stroke-width: 1.5; }
.ablations .interval { stroke: var(--ink); stroke-width: 1.3; }
.ablations .mean { fill: var(--ink); }
.ablations .holds { fill: var(--holds); }
.ablations .vacuous { fill: var(--vacuous); }
.ablations .collapsed { fill: var(--collapsed); }
"""


def draw_ablations(report: "AblationReport") -> Markup:
    """Draw the matrix under the first weight decay of the report.

    Returns
    -------
    Markup
        One ``<svg>``; the same report gives the same text.
    """
    decay = report.decays[0]
    panels = [
        [(design, report.summary(design=design, family=name, decay=decay))
         for design in report.designs]
        for name in report.families
    ]  # fmt: skip
    depths = [1 + max((d for _, s in rows for d, _ in s.by_depth), default=0) for rows in panels]
    width = _NAMES + max(depths) * _CELL + _GAP + _BAR
    height = _HEAD + len(report.designs) * _ROW + _FOOT
    columns = min(_COLUMNS, len(panels))
    total_width = columns * width + (columns + 1) * 2 * _GAP
    total_height = _TOP + -(-len(panels) // columns) * height + _GAP
    parts = [
        element("style", Markup(_STYLE)),
        element("rect", width=total_width, height=total_height, class_="page"),
        *_legend(),
    ]
    for k, (name, rows, n) in enumerate(zip(report.families, panels, depths, strict=True)):
        row, column = divmod(k, columns)
        x, y = 2 * _GAP + column * (width + 2 * _GAP), _TOP + row * height
        panel = _panel(name, rows, n, max(depths))
        parts.append(element("g", *panel, transform=f"translate({x:.0f} {y:.0f})"))
    label = (
        f"Ablation matrix, {decay_name(decay)}: {count(len(report.designs), 'design')} on "
        f"{count(len(report.families), 'family', 'families')}, {count(report.seeds, 'seed')} each. "
        f"Fractions of pairs told apart by depth, with {INTERVAL}; and the verdicts."
    )
    return element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {total_width:.0f} {total_height:.0f}", width=f"{total_width:.0f}",
        height=f"{total_height:.0f}", role="img", aria_label=label, class_="ablations",
    )  # fmt: skip


def _legend() -> list[Markup]:
    """Return two lines: what a cell is, and what a bar is."""
    x, y = 2 * _GAP, 18.0
    parts = [
        *_cell(Rate(0.6, 0.35, 0.81, 10), x, y - 13),
        _text("60 % of the pairs of this depth told apart: filled from the left.  Dot and line:"
              " mean over runs, 95 % interval", x + _CELL + 8, y + 2),
    ]  # fmt: skip
    y, place = y + 24, x
    for verdict, width in zip(_VERDICTS, (58.0, 70.0, 80.0), strict=True):
        parts.append(
            element("rect", x=place, y=y - 9, width=11, height=11, class_=verdict.value)
        )  # fmt: skip
        parts.append(_text(verdict.value, place + 16, y))
        place += width + 16
    parts.append(_text("share of runs; vacuous: apart, but nothing guarantees it", place, y))
    return parts


def _panel(name: str, rows: list[tuple[str, Summary]], depths: int, columns: int) -> list[Markup]:
    bars = _NAMES + columns * _CELL + _GAP
    parts = [
        _text(name, 0, 14, kind="title"),
        _text("depth", _NAMES - 8, _HEAD - 7, "end", "soft"),
        _text("verdicts", bars, _HEAD - 7, kind="soft"),
    ]
    parts += [
        _text(str(depth), _NAMES + (depth + 0.5) * _CELL, _HEAD - 7, "middle", "soft")
        for depth in range(depths)
    ]
    for k, (design, found) in enumerate(rows):
        y = _HEAD + k * _ROW
        parts.append(_text(design, _NAMES - 8, y + _ROW / 2 + 4, "end"))
        for depth, rate in found.by_depth:
            title = (
                f"{design} on {name}, depth {depth}: {rate.mean:.3g} told apart "
                f"[{rate.low:.2f}, {rate.high:.2f}], {count(rate.runs, 'run')}"
            )
            cell = _cell(rate, _NAMES + depth * _CELL, y)
            parts.append(element("g", element("title", title), *cell))
        parts += _verdicts(found, bars, y)
    return parts


def _cell(rate: Rate, x: float, y: float) -> list[Markup]:
    """Fill a cell from the left to the mean; dot and line show mean and interval on its width."""
    inset, width = 3.0, _CELL - 6.0

    def place(value: float) -> float:
        return x + inset + width * value

    middle = y + _ROW / 2
    return [
        element("rect", x=x, y=y, width=_CELL, height=_ROW, class_="none"),
        element("rect", x=x, y=y, width=_CELL * rate.mean, height=_ROW, class_="full"),
        element("rect", x=x, y=y, width=_CELL, height=_ROW, class_="edge"),
        element("path", d=f"M{place(rate.low):.1f},{middle:.1f}H{place(rate.high):.1f}",
                class_="interval"),
        element("circle", cx=place(rate.mean), cy=middle, r=2.2, class_="mean"),
    ]  # fmt: skip


def _verdicts(found: Summary, x: float, y: float) -> list[Markup]:
    """Stack the shares of the verdicts."""
    parts, start = [], x
    for verdict in _VERDICTS:
        rate = found.verdict(verdict)
        if rate.mean > 0:
            title = (
                f"{verdict.value}: {rate.mean:.3g} of {count(rate.runs, 'run')} "
                f"[{rate.low:.2f}, {rate.high:.2f}]"
            )
            parts.append(
                element(
                    "rect", element("title", title), x=start, y=y + 4, width=_BAR * rate.mean,
                    height=_ROW - 8, class_=verdict.value,
                )
            )  # fmt: skip
        start += _BAR * rate.mean
    return parts


def _text(text: str, x: float, y: float, anchor: str = "start", kind: str | None = None) -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=kind)
