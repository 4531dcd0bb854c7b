"""Charts of a run of the suite: separation by depth, and shares of verdicts and of grades."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import integer
from tellapart.properties.suite.outcomes import DepthShare

__all__ = ["depth_chart", "strip"]

_WIDTH, _HEIGHT = 640.0, 250.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 16.0, 34.0, 58.0
_MOST_BARS = 24
_WIDEST_BAR = 64.0
_LETTER = 7.0
_STRIP_HEIGHT = 18.0


def depth_chart(rows: Sequence[DepthShare]) -> Markup:
    """Draw, for each depth, the share of pairs that are told apart; merged ones hang from the top.

    Parameters
    ----------
    rows
        By depth, in ascending order, at least one, each with pairs. More than 24 are put together
        in equal ranges.
    """
    bars = _bars(rows)
    floor, tall = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    step = min((_WIDTH - _LEFT - _RIGHT) / len(bars), _WIDEST_BAR)
    right = _LEFT + step * len(bars)
    parts = []
    for share in (0, 50, 100):
        y = floor - tall * share / 100
        parts.append(element("path", d=f"M{_LEFT},{y:.1f}H{right:.1f}", class_="grid"))
        parts.append(_tick(f"{share} %", _LEFT - 6, y + 4, "end"))
    parts.append(_tick("pairs told apart", 4, _TOP - 16, "start"))
    widest = max(_LETTER * max(len(name), len(_short(n))) + 6 for name, n, _ in bars)
    every = math.ceil(widest / step)  # labels that would run into each other are left out
    for k, (name, n_pairs, n_merged) in enumerate(bars):
        x = _LEFT + k * step
        parts.append(_bar(name, n_pairs, n_merged, x, step, floor, tall))
        if k % every == 0:
            parts.append(_tick(name, x + step / 2, floor + 16))
            parts.append(_tick(_short(n_pairs), x + step / 2, floor + 31))
    middle = (_LEFT + right) / 2
    parts.append(_tick("depth (pairs below)", max(middle, 120.0), _HEIGHT - 8, "middle"))
    n_pairs, n_merged = sum(row.n_pairs for row in rows), sum(row.n_merged for row in rows)
    label = (
        f"Separation by depth: {integer(n_merged)} of {integer(n_pairs)} pairs share a code, at "
        f"depths {bars[0][0]} to {bars[-1][0]}."
    )
    return figure(_WIDTH, _HEIGHT, label, *parts)


def _bars(rows: Sequence[DepthShare]) -> list[tuple[str, int, int]]:
    """Return name, pairs and merged pairs of each bar."""
    size = math.ceil(len(rows) / _MOST_BARS)
    found = []
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        first, last = some[0].depth, some[-1].depth
        name = str(first) if first == last else f"{first}\u2013{last}"
        found.append((name, sum(row.n_pairs for row in some), sum(row.n_merged for row in some)))
    return found


def _bar(
    name: str, n_pairs: int, n_merged: int, x: float, step: float, floor: float, tall: float
) -> Markup:
    lost = tall * n_merged / n_pairs
    lost = min(max(lost, 3.0), tall) if n_merged else 0.0
    gap = 8.0 if step > 20 else 2.0
    told = f"depth {name}: {integer(n_merged)} of {integer(n_pairs)} pairs share a code"
    pieces = (("bar", floor - tall + lost, tall - lost), ("bar merged", floor - tall, lost))
    bars = [
        element("rect", x=x + gap / 2, y=y, width=step - gap, height=height, class_=kind)
        for kind, y, height in pieces
        if height
    ]
    return element("g", element("title", told), *bars)


def _short(value: int) -> str:
    """Write a count in few letters: 1234567 is 1.2M."""
    for size, mark in ((1_000_000, "M"), (1000, "k")):
        if value >= 10 * size:
            return f"{value // size}{mark}"
        if value >= size:
            return f"{math.floor(10 * value / size) / 10:g}{mark}"
    return str(value)


def strip(counts: Sequence[tuple[str, int]], label: str) -> Markup:
    """Draw counts as one bar in pieces; the class of a piece is ``v-`` and its name.

    Parameters
    ----------
    counts
        Pairs (name, count) in the order drawn; counts of at least 1.
    label
        What it shows, for screen readers.
    """
    total = sum(number for _, number in counts)
    least = 6.0
    room = _WIDTH - least * len(counts)
    x, parts = 0.0, []
    for name, number in counts:
        width = least + room * number / max(total, 1)
        title = element("title", f"{name}: {integer(number)} of {integer(total)}")
        parts.append(element("rect", title, x=x, y=0, width=max(width - 2, 1.0),
                             height=_STRIP_HEIGHT, class_=f"piece v-{name}"))  # fmt: skip
        x += width
    return element(
        "svg", *parts, viewBox=f"0 0 {_WIDTH:.0f} {_STRIP_HEIGHT:.0f}", preserveAspectRatio="none",
        role="img", aria_label=label,
    )  # fmt: skip


def _tick(text: str, x: float, y: float, anchor: str = "middle") -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_="tick")
