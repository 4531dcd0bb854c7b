"""The figure of a comparison: separation by depth, certified margins, diagnostics.

It is made for paper: light, with marks and dashes that can be told apart in grey.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from tellapart.properties.report.suite_comparison_marks import STYLE, mark, stroke
from tellapart.properties.report.svg import element
from tellapart.properties.report.wording import integer, name_text, number
from tellapart.properties.suite.outcomes import DepthShare
from tellapart.properties.suite.tally import add_depths

if TYPE_CHECKING:
    from tellapart.properties.suite.comparison import CheckRow, Comparison, DesignColumn

__all__ = ["draw_comparison"]

_WIDTH, _LEFT, _RIGHT = 760.0, 14.0, 14.0
_COLUMNS, _MOST_PANELS = 4, 12
_PANEL, _HEAD, _FOOT, _INSET = 150.0, 24.0, 42.0, 36.0
_ROW, _STRIP_HEAD, _STRIP_FOOT = 17.0, 24.0, 38.0
_SHIFT = 3.0  # between curves, so that none hides another
_BESIDE = 130.0  # for names of designs left of a strip

Curve = Sequence[DepthShare]


def draw_comparison(found: "Comparison") -> Markup:
    """Draw a comparison; the same one gives the same text."""
    y, parts = 10.0, []
    for piece, height in _pieces(found):
        parts.append(element("g", *piece, transform=f"translate(0 {y:.0f})"))
        y += height
    names = ", ".join(name_text(one.name) for one in found.designs)
    label = (
        f"Comparison of {names}: share of pairs told apart by depth, certified margins of all "
        "cases, and diagnostics."
    )
    return element(
        "svg", element("style", Markup(STYLE)),
        element("rect", width=_WIDTH, height=y, class_="page"), *parts,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_WIDTH:.0f} {y:.0f}",
        width=f"{_WIDTH:.0f}", height=f"{y:.0f}", role="img", aria_label=label, class_="compared",
    )  # fmt: skip


def _pieces(found: "Comparison") -> Iterator[tuple[list[Markup], float]]:
    yield _legend(found.designs)
    panels = _panels(found)
    if panels:
        yield _title("Pairs told apart, by depth")
        yield _grid(panels, len(found.designs))
    if any(one.points for one in found.designs):
        yield _title("Certified margin of each case, relative to the rms distance between blocks")
        yield _margins(found.designs)
    if found.diagnostics:
        yield _title("Diagnostics of each case; hollow: a pair is merged")
        yield from _diagnostics(found)


def _title(text: str) -> tuple[list[Markup], float]:
    return [_text(text, _LEFT, 18, kind="title")], 26.0


def _legend(designs: Sequence["DesignColumn"]) -> tuple[list[Markup], float]:
    parts, x, y = [], _LEFT, 12.0
    for k, design in enumerate(designs):
        name = name_text(design.name, 34)
        width = 44 + 6.6 * len(name) + 14
        if x + width > _WIDTH - _RIGHT and x > _LEFT:
            x, y = _LEFT, y + 18
        parts += [stroke(k, f"M{x:.1f},{y:.1f}h36"), mark(k, x + 18, y)]
        parts.append(_text(name, x + 44, y + 4))
        x += width
    return parts, y + 18


def _panels(found: "Comparison") -> list[tuple[str, list[Curve]]]:
    """Return name and curves, one a design, of each panel: a check, or a tier where many are."""
    rows = [row for row in found.checks if any(c and c.by_depth for c in row.cells)]
    if len(rows) <= _MOST_PANELS:
        return [(row.check, _curves([row])) for row in rows]
    shared = [row for row in rows if row.is_shared]
    tiers = dict.fromkeys(row.tier for row in shared)
    panels = [(tier, _curves([row for row in shared if row.tier == tier])) for tier in tiers]
    return [("all shared checks", _curves(shared)), *panels] if len(panels) > 1 else panels


def _curves(rows: Sequence["CheckRow"]) -> list[Curve]:
    curves: list[Curve] = []
    for k in range(len(rows[0].cells)):
        depths: dict[int, DepthShare] = {}
        for row in rows:
            cell = row.cells[k]
            add_depths(depths, cell.by_depth if cell else ())
        curves.append([depths[depth] for depth in sorted(depths) if depths[depth].n_pairs])
    return curves


def _grid(panels: Sequence[tuple[str, list[Curve]]], n: int) -> tuple[list[Markup], float]:
    columns = min(_COLUMNS, len(panels))
    width = (_WIDTH - _LEFT - _RIGHT) / columns
    height = _HEAD + _PANEL * 0.72 + n * _SHIFT + _FOOT
    parts = []
    for k, (name, curves) in enumerate(panels):
        row, column = divmod(k, columns)
        place = f"translate({_LEFT + column * width:.0f} {row * height:.0f})"
        panel = _panel(name, curves, width - _INSET - 14, column == 0)
        parts.append(element("g", *panel, transform=place))
    return parts, height * math.ceil(len(panels) / columns)


def _panel(name: str, curves: Sequence[Curve], wide: float, first: bool) -> list[Markup]:
    tall, n = _PANEL * 0.72, len(curves)
    deepest = max((row.depth for curve in curves for row in curve), default=0)
    step = wide / max(deepest, 1)
    floor = _HEAD + tall + n * _SHIFT
    parts = [_text(name_text(name, max(int(wide // 6), 12)), _INSET, 14, kind="name")]
    for share in (0, 50, 100):
        y = floor - n * _SHIFT / 2 - tall * share / 100
        parts.append(element("path", d=f"M{_INSET},{y:.1f}h{wide:.1f}", class_="grid"))
        parts.append(_text(f"{share} %", _INSET - 5, y + 4, "end", "soft"))
    every = max(1, math.ceil(16 / step)) if deepest else 1
    parts += [
        _text(str(depth), _INSET + depth * step, floor + 15, "middle", "soft")
        for depth in range(0, deepest + 1, every)
    ]
    if first:
        parts.append(_text("depth", _INSET + wide / 2, floor + 29, "middle", "soft"))
    for k, curve in enumerate(curves):
        base = floor - k * _SHIFT
        points = [
            (_INSET + row.depth * step, base - tall * (1 - row.n_merged / row.n_pairs), row)
            for row in curve
        ]
        if points:
            parts.append(stroke(k, "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)))
        parts += [element("g", _told(row), mark(k, x, y)) for x, y, row in points]
    return parts


def _told(row: DepthShare) -> Markup:
    return element(
        "title", f"depth {row.depth}: {integer(row.n_merged)} of {integer(row.n_pairs)} merged"
    )


def _margins(designs: Sequence["DesignColumn"]) -> tuple[list[Markup], float]:
    rows = [[(one.margin, one.apart) for one in d.points if one.margin] for d in designs]
    beside = [f"{len(rows[k])} of {len(d.points)} certified" for k, d in enumerate(designs)]
    return _strip("margin (log scale)", designs, rows, _LEFT, _WIDTH - 130, True, True, beside)


def _diagnostics(found: "Comparison") -> Iterator[tuple[list[Markup], float]]:
    """Yield rows of two strips."""
    names = found.diagnostics
    middle = _LEFT + _BESIDE + (_WIDTH - _LEFT - _BESIDE) / 2
    for start in range(0, len(names), 2):
        pieces = []
        for k, name in enumerate(names[start : start + 2]):
            rows = [[(value, p.apart) for p in d.points for key, value in p.numbers if key == name]
                    for d in found.designs]  # fmt: skip
            left, right = (_LEFT, middle - 18) if k == 0 else (middle, _WIDTH - _RIGHT - 6)
            pieces.append(_strip(name, found.designs, rows, left, right, _is_wide(rows), k == 0))
        yield [part for parts, _ in pieces for part in parts], max(h for _, h in pieces)


def _is_wide(rows: Sequence[Sequence[tuple[float, bool]]]) -> bool:
    """Tell whether values need a logarithmic axis."""
    values = [value for row in rows for value, _ in row if math.isfinite(value)]
    return bool(values) and min(values) > 0 and max(values) > 100 * min(values)


def _strip(
    name: str,
    designs: Sequence["DesignColumn"],
    rows: Sequence[Sequence[tuple[float, bool]]],
    left: float,
    right: float,
    logarithmic: bool,
    named: bool,
    beside: Sequence[str] = (),
) -> tuple[list[Markup], float]:
    """Draw one row of marks a design over one axis."""
    start = left + _BESIDE if named else left
    floor = 6 + _ROW * len(designs)
    values = [value for row in rows for value, _ in row if math.isfinite(value)]
    parts = [element("path", d=f"M{start:.1f},{floor:.1f}H{right:.1f}", class_="axis")]
    shown = f"{name} (log scale)" if logarithmic and "log" not in name else name
    parts.append(_text(shown, (start + right) / 2, floor + 29, "middle", "soft"))
    low, high = _range(values, logarithmic)

    def place(value: float) -> float:
        scaled = math.log10(value) if logarithmic else value
        return start + 6 + (right - start - 12) * (scaled - low) / (high - low)

    if values:
        parts += _ticks(low, high, logarithmic, place, floor)
    for k, (design, row) in enumerate(zip(designs, rows, strict=True)):
        y = 6 + _ROW * (k + 0.5)
        parts.append(element("path", d=f"M{start:.1f},{y:.1f}H{right:.1f}", class_="grid"))
        if named:
            parts.append(_text(name_text(design.name, 19), start - 6, y + 4, "end"))
        seen = Counter((round(place(v), 1), apart) for v, apart in row if math.isfinite(v))
        for (x, apart), times in sorted(seen.items()):
            told = element("title", f"{name_text(design.name)}: {integer(times)} here")
            parts.append(element("g", told, mark(k, x, y, hollow=not apart)))
        if beside:
            parts.append(_text(beside[k], right + 8, y + 4, kind="soft"))
    return parts, floor + _STRIP_FOOT


def _range(values: Sequence[float], logarithmic: bool) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if logarithmic:
        low, high = math.floor(math.log10(low)), math.ceil(math.log10(high))
        return float(low), float(max(high, low + 1))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _ticks(
    low: float, high: float, logarithmic: bool, place: Callable[[float], float], floor: float
) -> list[Markup]:
    if logarithmic:
        every = max(1, math.ceil((high - low) / 5))
        at = [10.0**power for power in range(int(low), int(high) + 1, every)]
    else:
        at = [low + (high - low) * k / 2 for k in range(3)]
    return [_text(number(value), place(value), floor + 14, "middle", "soft") for value in at]


def _text(text: str, x: float, y: float, anchor: str = "start", kind: str | None = None) -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=kind)
