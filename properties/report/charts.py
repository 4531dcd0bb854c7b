"""Charts of a page: distances with their threshold, loss curve, blocks by depth, block sizes."""

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import integer, number
from tellapart.theory.separation import Separation

__all__ = ["count_bars", "distance_histogram", "loss_curve"]

_WIDTH, _HEIGHT = 640.0, 240.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 20.0, 34.0, 48.0
_MOST_POINTS = 400
_WIDEST_BAR = 72.0

History = Sequence[tuple[int, float, float]]


def distance_histogram(apart: Separation) -> Markup:
    """Draw how many pairs lie at which relative distance, cut by the merge threshold."""
    uppers = [upper for upper, _ in apart.histogram]
    counts = [count for _, count in apart.histogram]
    step = (_WIDTH - _LEFT - _RIGHT) / len(counts)
    floor, tallest = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    threshold = apart.threshold / apart.rms if apart.rms > 0 else 0.0
    parts = [_axis(_LEFT, floor, _WIDTH - _RIGHT, floor)]
    for k, (upper, count) in enumerate(zip(uppers, counts, strict=True)):
        height = tallest * count / max(max(counts), 1)
        height = max(height, 2.5) if count else 0.0
        x = _LEFT + k * step
        kind = "bar merged" if upper <= threshold else "bar"
        title = element("title", f"{_bin_title(uppers, k)}: {integer(count)} pairs")
        bar = element("rect", title, x=x + 3, y=floor - height, width=step - 6, height=height,
                      class_=kind)  # fmt: skip
        parts.append(bar)
        if count:
            parts.append(_label(integer(count), x + step / 2, floor - height - 5))
        parts.append(_label(_bin_name(uppers, k), x + step / 2, floor + 16))
    parts.append(_label("distance between codes / rms distance between blocks",
                        (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8))  # fmt: skip
    cut = _LEFT + step * _bin_position(uppers, threshold)
    parts.append(element("path", d=f"M{cut:.1f},{_TOP - 14}V{floor}", class_="cut"))
    anchor, shift = ("start", 5) if cut < _WIDTH / 2 else ("end", -5)
    text = f"merged at or below {number(threshold)}"
    parts.append(_label(text, cut + shift, _TOP - 8, anchor, "cut-text"))
    label = f"Histogram of relative distances of {integer(sum(counts))} pairs; {text}."
    return figure(_WIDTH, _HEIGHT, label, *parts)


def _bin_name(uppers: Sequence[float], k: int) -> str:
    if k == 0:
        return "0"
    name = f"> {uppers[k - 1]:g}" if math.isinf(uppers[k]) else f"\u2264 {uppers[k]:g}"
    return name.replace("e-0", "e-")


def _bin_title(uppers: Sequence[float], k: int) -> str:
    if k == 0:
        return "relative distance 0"
    above = f"relative distance above {uppers[k - 1]:g}"
    return above if math.isinf(uppers[k]) else f"{above}, at most {uppers[k]:g}"


def _bin_position(uppers: Sequence[float], value: float) -> float:
    """Return where a value falls, in bins from the left; logarithmic inside a bin."""
    k = next(i for i, upper in enumerate(uppers) if value <= upper)
    if k == 0 or math.isinf(uppers[k]):
        return k + 1.0 if k == 0 else k + 0.5
    low = max(uppers[k - 1], uppers[k] * 1e-3)
    share = (math.log(value) - math.log(low)) / (math.log(uppers[k]) - math.log(low))
    return k + min(max(share, 0.05), 1.0)


def loss_curve(history: History) -> Markup | None:
    """Draw both losses on a logarithmic axis; None when there is nothing to draw."""
    rows = [row for row in _thinned(history) if math.isfinite(row[1]) and math.isfinite(row[2])]
    positive = [loss for _, *both in rows for loss in both if loss > 0]
    if len(rows) < 2 or not positive:
        return None
    has_zero = any(loss <= 0 for _, *both in rows for loss in both)
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    low, high = (low - 1 if has_zero else low), max(high, low + 1)
    first, last = rows[0][0], max(rows[-1][0], rows[0][0] + 1)
    floor = _HEIGHT - _BOTTOM
    right = _WIDTH - 110.0

    def x_of(at: float) -> float:
        return _LEFT + (right - _LEFT) * (at - first) / (last - first)

    def y_of(loss: float) -> float:
        place = low if loss <= 0 else math.log10(loss)
        return floor - (floor - _TOP) * (place - low) / (high - low)

    parts = _decades(low, high, right, y_of(10.0**low), y_of(10.0**high), has_zero)
    parts += [_label(str(at), x_of(at), floor + 16) for at in _ticks(first, rows[-1][0])]
    parts.append(_label("step", (_LEFT + right) / 2, _HEIGHT - 8))
    parts.append(_label("loss (log scale)", 4, _TOP - 14, "start"))
    ends = [y_of(rows[-1][1]), y_of(rows[-1][2])]
    if abs(ends[0] - ends[1]) < 14:  # keep the two names apart
        ends = [ends[0] - 7, ends[1] + 7] if ends[0] <= ends[1] else [ends[0] + 7, ends[1] - 7]
    for column, name in ((1, "dynamics"), (2, "auxiliary")):
        line = "L".join(f"{x_of(row[0]):.1f},{y_of(row[column]):.1f}" for row in rows)
        title = element("title", f"{name} loss, at the end {number(rows[-1][column])}")
        parts.append(element("path", title, d="M" + line, class_=f"curve {name}"))
        parts.append(_label(name, right + 8, ends[column - 1] + 4, "start", f"tick {name}"))
    label = (
        f"Loss curve over {rows[-1][0]} steps: dynamics loss ends at {number(rows[-1][1])}, "
        f"auxiliary loss at {number(rows[-1][2])}."
    )
    return figure(_WIDTH, _HEIGHT, label, *parts)


def _decades(
    low: int, high: int, right: float, bottom: float, top: float, has_zero: bool
) -> list[Markup]:
    parts = []
    every = max(1, math.ceil((high - low) / 6))
    for power in range(low, high + 1, every):
        y = bottom + (top - bottom) * (power - low) / (high - low)
        parts.append(element("path", d=f"M{_LEFT},{y:.1f}H{right}", class_="grid"))
        zero = has_zero and power == low
        parts.append(_label("0" if zero else f"1e{power}", _LEFT - 6, y + 4, "end"))
    return parts


def _thinned(history: History) -> list[tuple[int, float, float]]:
    """Keep at most 400 steps, evenly chosen, the first and the last among them."""
    if len(history) <= _MOST_POINTS:
        return list(history)
    picked = np.linspace(0, len(history) - 1, _MOST_POINTS).round().astype(np.int64)
    return [history[i] for i in picked.tolist()]


def _ticks(first: int, last: int) -> list[int]:
    return sorted({round(first + (last - first) * share / 4) for share in range(5)})


def count_bars(counts: Sequence[int], names: Sequence[str], axis: str, label: str) -> Markup:
    """Draw one bar for each count; with many bars they touch and only some are named."""
    floor, tallest = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    step = min((_WIDTH - _LEFT - _RIGHT) / len(counts), _WIDEST_BAR)
    gap = 3.0 if step > 12 else 0.0
    most = max(*counts, 1)
    every = 1 if len(counts) <= 24 else math.ceil(len(counts) / 12)
    right = _LEFT + step * len(counts)
    parts = [_axis(_LEFT, floor, right, floor)]
    for k, count in enumerate(counts):
        height = max(tallest * count / most, 1.0 if count else 0.0)
        x = _LEFT + k * step
        title = element("title", f"{axis} {names[k]}: {integer(count)}")
        bar = element("rect", title, x=x + gap / 2, y=floor - height, width=max(step - gap, 0.5),
                      height=height, class_="bar")  # fmt: skip
        parts.append(bar)
        if k % every == 0:
            parts.append(_label(names[k], x + step / 2, floor + 16))
            if len(counts) <= 24:
                parts.append(_label(integer(count), x + step / 2, floor - height - 5))
    if len(counts) > 24:
        parts.append(_label(integer(max(counts)), _LEFT - 6, _TOP + 4, "end"))
    middle, half = (_LEFT + right) / 2, 3.5 * len(axis)  # of the name below, about
    parts.append(_label(axis, max(middle, half), _HEIGHT - 8))
    return figure(max(right, middle + half) + _RIGHT, _HEIGHT, label, *parts)


def _axis(x1: float, y1: float, x2: float, y2: float) -> Markup:
    return element("path", d=f"M{x1},{y1}L{x2},{y2}", class_="axis")


def _label(text: str, x: float, y: float, anchor: str = "middle", kind: str = "tick") -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=kind)
