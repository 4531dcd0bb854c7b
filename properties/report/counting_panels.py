"""The charts of the counting figure: depth, noise, controls, and the error of a demanded colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tellapart.models.counting.readout import NOISE_LEVELS
from tellapart.properties.counting.statistics import Interval, t_interval
from tellapart.properties.counting.study import StudyRuns
from tellapart.properties.counting.wording import accuracy
from tellapart.properties.report.svg import element

__all__ = [
    "PANEL", "Axes", "Series", "control_panel", "depth_panel", "draw_chart", "forced_panel",
    "noise_panel",
]  # fmt: skip

#: Width and height of a panel.
PANEL = (520.0, 236.0)
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 108.0, 34.0, 38.0

Point = tuple[float, Interval]


@dataclass(frozen=True)
class Series:
    """A line of a chart: x and the interval there, with a mark and a dash of its own."""

    name: str
    style: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Axes:
    """Where numbers lie in a panel."""

    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point, cut at the edges."""
        (x0, x1), (y0, y1) = self.x, self.y
        across = (min(max(x, x0), x1) - x0) / (x1 - x0)
        up = (min(max(y, y0), y1) - y0) / (y1 - y0)
        width, height = PANEL[0] - _LEFT - _RIGHT, PANEL[1] - _TOP - _BOTTOM
        return _LEFT + across * width, PANEL[1] - _BOTTOM - up * height


def depth_panel(runs: StudyRuns) -> list[Markup]:
    """Draw the least separation of the pairs of each depth, on a logarithmic axis."""
    series = []
    for style, design in enumerate(("joint", "reward-only", "random-aux", "dynamics-only")):
        found = runs.of(design)
        rows = [
            (float(depth.depth), t_interval(_log(run.measures.depths[k].smallest) for run in found))
            for k, depth in enumerate(found[0].measures.depths if found else ())
        ]
        if rows:
            series.append(Series(design, style, tuple(rows)))
    low, high = _whole(series, 1)
    ticks = [(y, f"{10.0**y:g}") for y in range(low, high + 1)]
    axes = Axes((-0.2, 4.2), (low, high))
    labels = [(float(k), str(k)) for k in range(5)]
    return draw_chart(
        "Least separation of pairs by depth", "depth: length of the distinguishing word", series,
        axes, labels, ticks,
    )  # fmt: skip


def noise_panel(runs: StudyRuns) -> list[Markup]:
    """Draw held-out accuracy under noise."""
    levels = (0.0, *NOISE_LEVELS)
    series = [
        Series(design, style, tuple((float(k), accuracy(found, at)) for k, at in enumerate(levels)))
        for style, design in enumerate(("joint", "reward-only", "random-aux", "dynamics-only"))
        if (found := runs.of(design))
    ]
    labels = [(float(k), f"{100 * at:g} %") for k, at in enumerate(levels)]
    return draw_chart(
        "Held-out accuracy under noise", "noise, of the rms distance of latents from their mean",
        series, Axes((-0.2, 4.2), (0, 1)), labels, _SHARES,
    )  # fmt: skip


def control_panel(runs: StudyRuns) -> list[Markup]:
    """Draw joint beside reward-only for each control, without noise and with."""
    settings = (
        ("frames", "small-start", "frames,", "small start"),
        ("glyphs", "default-cnn", "glyphs,", "ordinary network"),
        ("frames", "default-cnn", "frames,", "ordinary network"),
    )
    found: dict[tuple[str, float], list[Point]] = {}
    for k, (control, network, *_) in enumerate(settings):
        for j, (design, level) in enumerate(_ARMS):
            arm = runs.of(design, control=control, architecture=network)
            if arm:
                place = k + (j - 1.5) * 0.17
                found.setdefault((design, level), []).append((place, accuracy(arm, level)))
    series = [
        Series(f"{design}, {100 * level:g} %", style, tuple(points))
        for style, (design, level) in enumerate(_ARMS)
        if (points := found.get((design, level)))
    ]
    axes = Axes((-0.5, 2.5), (0, 1))
    parts = draw_chart(
        "Controls: accuracy at 0 and 2 % noise", "", series, axes, [], _SHARES, False
    )
    for k, (_, _, *lines) in enumerate(settings):
        x, y = axes.at(k, 0)
        parts += [_text(line, x, y + 15 + 13 * n, "middle", "soft") for n, line in enumerate(lines)]
    return parts


def forced_panel(runs: StudyRuns) -> list[Markup]:
    """Draw the dynamics error of +1 by count, where the colour is demanded and where not."""
    arms = (
        ("colour, with 0", runs.of("joint", labels="hue", architecture="default-cnn")),
        (
            "colour, 1 to 8",
            runs.of("joint", control="no-zero", labels="hue", architecture="default-cnn"),
        ),
        ("reward, with 0", runs.of("joint", architecture="default-cnn")),
    )
    series = []
    for style, (name, found) in enumerate(arms):
        counts = [c for c in found[0].measures.counts if c < 8] if found else []
        points = tuple(
            (float(c), t_interval((run.measures.error_of(c, "+1") for run in found), 0.0))
            for c in counts
        )
        if points:
            series.append(Series(name, style, points))
    most = max((i.mean for s in series for _, i in s.points if math.isfinite(i.mean)), default=1.0)
    step = 10.0 ** math.floor(math.log10(most)) if most > 0 else 1.0
    top = step * math.ceil(1.15 * most / step) if most > 0 else 1.0
    ticks = [(top * k / 4, f"{top * k / 4:.2g}") for k in range(5)]
    return draw_chart(
        "Dynamics error of +1 from each count", "count", series, Axes((-0.3, 7.3), (0, top)),
        [(float(c), str(c)) for c in range(8)], ticks,
    )  # fmt: skip


_SHARES = [(k / 4, f"{k / 4:g}") for k in range(5)]
_ARMS = (("joint", 0.0), ("reward-only", 0.0), ("joint", 0.02), ("reward-only", 0.02))


def _log(value: float) -> float:
    return math.log10(min(max(value, 1e-3), 1e6))


def _whole(series: Sequence[Series], least: int) -> tuple[int, int]:
    """Return the decades that hold all means."""
    means = [interval.mean for one in series for _, interval in one.points] or [0.0]
    low, high = math.floor(min(means)), math.ceil(max(means))
    return low, max(high, low + least)


def draw_chart(
    title: str,
    below: str,
    series: Sequence[Series],
    axes: Axes,
    across: Sequence[tuple[float, str]],
    up: Sequence[tuple[float, str]],
    joined: bool = True,
) -> list[Markup]:
    """Draw axes and series, or say that nothing was run."""
    parts = [_text(title, 0, 16, kind="title")]
    left, right = _LEFT, PANEL[0] - _RIGHT
    if not series:
        return [*parts, _text("not measured in this profile", left, 70, kind="soft")]
    for y, name in up:
        height = axes.at(0, y)[1]
        parts.append(element("path", d=f"M{left},{height:.1f}H{right}", class_="grid"))
        parts.append(_text(name, left - 6, height + 4, "end", "soft"))
    floor = PANEL[1] - _BOTTOM
    parts += [_text(name, axes.at(x, 0)[0], floor + 15, "middle", "soft") for x, name in across]
    parts.append(_text(below, (left + right) / 2, PANEL[1] - 6, "middle", "soft"))
    for k, one in enumerate(series):
        parts += _line(one, axes, joined)
        y = _TOP + 8 + 18 * k
        parts.append(_mark(one.style, right + 14, y))
        parts.append(_text(one.name, right + 23, y + 4))
    return parts


def _line(one: Series, axes: Axes, joined: bool) -> list[Markup]:
    aside = (one.style - 1.5) * 0.05 if joined else 0.0  # so that intervals do not hide each other
    places = [
        (axes.at(x + aside, interval.mean), x + aside, interval) for x, interval in one.points
    ]
    parts = []
    if joined and len(places) > 1:
        path = "L".join(f"{x:.1f},{y:.1f}" for (x, y), _, _ in places)
        parts.append(element("path", d="M" + path, class_=f"series s{one.style}"))
    for (x, y), at, interval in places:
        title = element("title", f"{one.name}: {interval.text()}")
        if interval.low is not None and interval.high is not None:
            ends = (axes.at(at, end)[1] for end in (interval.low, interval.high))
            bar = "M{x:.1f},{0:.1f}V{1:.1f}".format(*ends, x=x)
            parts.append(element("path", title, d=bar, class_=f"bar s{one.style}"))
        parts.append(element("g", title, _mark(one.style, x, y)))
    return parts


def _mark(style: int, x: float, y: float) -> Markup:
    """Draw a mark whose shape tells the series, colour or not."""
    kind = f"mark s{style}"
    if style == 0:
        return element("circle", cx=x, cy=y, r=4.0, class_=kind)
    if style == 1:
        return element("rect", x=x - 3.6, y=y - 3.6, width=7.2, height=7.2, class_=f"{kind} open")
    if style == 2:
        path = f"M{x:.1f},{y - 4.8:.1f}L{x + 4.4:.1f},{y + 3.4:.1f}H{x - 4.4:.1f}Z"
    else:
        path = f"M{x:.1f},{y - 5:.1f}L{x + 5:.1f},{y:.1f}L{x:.1f},{y + 5:.1f}L{x - 5:.1f},{y:.1f}Z"
    return element("path", d=path, class_=f"{kind} open" if style == 3 else kind)


def _text(text: str, x: float, y: float, anchor: str = "start", kind: str | None = None) -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=kind)
