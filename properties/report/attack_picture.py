"""Pictures of an attack: all pairs with their exact answer and result, and the floors in order.

Colours are variables of the page with a value for pictures that stand alone; what a colour says, a
shape says too.
"""

import math
from typing import TYPE_CHECKING

from markupsafe import Markup

from tellapart.properties.report.pictures import shortened
from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import count, name_text, number

if TYPE_CHECKING:  # pages are drawn without importing torch
    from tellapart.models.attack.row import AttackRow
    from tellapart.models.attack.table import AttackReport

__all__ = [
    "FLOORS_CAPTION",
    "MATRIX_CAPTION",
    "MOST_IN_MATRIX",
    "draw_attack_floors",
    "draw_attack_matrix",
]

#: What the two pictures show, as text to be set below them.
MATRIX_CAPTION = (
    "Blue: may share a code when the trained losses are zero; the others cannot. Disc: merged; "
    "cross: a loss remained; bar: not reached; no mark: not attacked. A red frame marks a pair "
    "where the attack and the exact answer disagree."
)
FLOORS_CAPTION = (
    "The loss that remained with the pair merged, relative to the spread of codes and labels, "
    "smallest first. Blue discs may share a code, diamonds cannot; at the bottom is zero loss."
)

#: Observations up to which every pair gets a cell.
MOST_IN_MATRIX = 40
_CELL, _SMALLEST, _MATRIX = 30.0, 14.0, 560.0
_NAME, _LETTER = 14, 6.3
_WIDTH, _HEIGHT = 640.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 20.0, 30.0, 46.0
_ZERO_BAND = 34.0

_ALLOWED, _FORBIDDEN = "var(--bar, #4a78b5)", "var(--panel, #f6f7f9)"
_INK, _RULE = "var(--ink, #1b1f24)", "var(--rule, #d3d9e0)"
_PAGE, _ALARM = "var(--page, #ffffff)", "var(--bad, #b3261e)"


def draw_attack_matrix(report: "AttackReport") -> Markup | None:
    """Draw a square of all pairs: the exact answer by colour, the result by mark.

    None above :data:`MOST_IN_MATRIX` observations: then the cells could not be read.
    """
    n = len(report.observations)
    if n > MOST_IN_MATRIX:
        return None
    cell = min(_CELL, max(_SMALLEST, _MATRIX / n))
    names = [name_text(name, _NAME) for name in
             shortened([name_text(name) for name in report.observations])]  # fmt: skip
    margin = 12 + _LETTER * max(len(name) for name in names)
    index = {name: o for o, name in enumerate(report.observations)}
    rows = {(index[row.x], index[row.y]): row for row in report.rows}
    parts = []
    for o, name in enumerate(names):
        at = margin + (o + 0.5) * cell
        parts.append(_text(name, margin - 6, at + 4, "end"))
        turned = f"translate({at + 4:.1f} {margin - 6:.1f}) rotate(-90)"
        parts.append(element("text", name, transform=turned, class_="tick"))
    for x in range(n):
        for y in range(n):
            if x != y:
                row = rows.get((min(x, y), max(x, y)))
                place = (margin + y * cell, margin + x * cell)
                parts.append(_cell(report, x, y, row, place, cell))
    label = f"Matrix of the pairs of {count(n, 'observation')}. {report.summary()}"
    return figure(margin + n * cell + 8, margin + n * cell + 8, label.replace("\n", ". "), *parts)


def _cell(
    report: "AttackReport",
    x: int,
    y: int,
    row: "AttackRow | None",
    place: tuple[float, float],
    cell: float,
) -> Markup:
    may_collapse = report.allowed.same_block(x, y)
    left, top = place
    style = f"fill: {_ALLOWED if may_collapse else _FORBIDDEN}; stroke: {_RULE}"
    square = element("rect", x=left, y=top, width=cell - 1.5, height=cell - 1.5, style=style)
    answer = "may collapse" if may_collapse else "cannot collapse"
    pair = " and ".join(name_text(report.observations[o], 40) for o in (x, y))
    told = f"{pair}: {answer}; {'not attacked' if row is None else row.result}"
    parts = [element("title", told), square]
    if row is not None:
        middle = (left + (cell - 1.5) / 2, top + (cell - 1.5) / 2)
        parts.append(_mark(row, middle, 0.24 * cell, on_blue=may_collapse))
        if not row.agrees:
            parts.append(
                element("rect", x=left, y=top, width=cell - 1.5, height=cell - 1.5,
                        style=f"fill: none; stroke: {_ALARM}; stroke-width: 3")
            )  # fmt: skip
    return element("g", *parts)


def _mark(row: "AttackRow", middle: tuple[float, float], r: float, *, on_blue: bool) -> Markup:
    """Draw a disc (merged), a cross (a loss remained) or a bar (not reached)."""
    (x, y), ink = middle, _PAGE if on_blue else _INK
    if row.merged or row.outcome == "floor below tolerance":
        return element("circle", cx=x, cy=y, r=r, style=f"fill: {ink}; stroke: {ink}")
    path = f"M{x - r:.1f},{y:.1f}H{x + r:.1f}"
    if row.outcome == "floor":
        side = f"{2 * r:.1f}"
        path = f"M{x - r:.1f},{y - r:.1f}l{side},{side}m0,-{side}l-{side},{side}"
    return element("path", d=path, style=f"fill: none; stroke: {ink}; stroke-width: 1.8")


def draw_attack_floors(report: "AttackReport") -> Markup:
    """Draw the loss that remained for each attacked pair, in order, on a logarithmic axis."""
    # Losses at the level of rounding are all alike: their order would depend on the machine.
    rows = sorted(report.rows, key=lambda row: max(row.loss, report.zero_tolerance))
    left = [row.loss for row in rows if report.zero_tolerance < row.loss < math.inf]
    low = math.floor(math.log10(min(left))) if left else -1
    high = max(math.ceil(math.log10(max(left))) if left else 0, low + 1)
    base, floor = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _ZERO_BAND

    def y_of(loss: float) -> float:
        if loss <= report.zero_tolerance:
            return base - _ZERO_BAND / 3
        place = high if math.isinf(loss) else math.log10(loss)
        return floor - (floor - _TOP) * (place - low) / (high - low)

    parts = [element("path", d=f"M{_LEFT},{base}H{_WIDTH - _RIGHT}", class_="axis"),
             _text("zero", _LEFT - 6, y_of(0.0) + 4, "end"),
             _text("loss that remained (log scale)", 4, _TOP - 14, "start")]  # fmt: skip
    for power in range(low, high + 1, max(1, math.ceil((high - low) / 6))):
        y = y_of(10.0**power)
        parts.append(element("path", d=f"M{_LEFT},{y:.1f}H{_WIDTH - _RIGHT}", class_="grid"))
        parts.append(_text(f"1e{power}", _LEFT - 6, y + 4, "end"))
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(rows), 1)
    parts += [_dot(row, _LEFT + (k + 0.5) * step, y_of(row.loss)) for k, row in enumerate(rows)]
    parts.append(_text(f"{count(len(rows), 'pair')}, smallest loss first",
                       (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, "middle"))  # fmt: skip
    label = f"Losses that remained for {count(len(rows), 'pair')}. {report.summary()}"
    return figure(_WIDTH, _HEIGHT, label.replace("\n", ". "), *parts)


def _dot(row: "AttackRow", x: float, y: float) -> Markup:
    colour = _ALLOWED if row.may_collapse else _FORBIDDEN
    edge = _INK if row.agrees else _ALARM
    style = f"fill: {colour}; stroke: {edge}; stroke-width: {1 if row.agrees else 3}"
    pair = f"{name_text(row.x, 40)} and {name_text(row.y, 40)}"
    title = element("title", f"{pair}: {row.answer}, {row.result} ({number(row.loss)})")
    if row.may_collapse:
        return element("g", title, element("circle", cx=x, cy=y, r=5.0, style=style))
    diamond = f"M{x:.1f},{y - 5.5:.1f}l5.5,5.5l-5.5,5.5l-5.5,-5.5Z"
    return element("g", title, element("path", d=diamond, style=style))


def _text(text: str, x: float, y: float, anchor: str) -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_="tick")
