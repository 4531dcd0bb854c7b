"""The picture of margins: each pair's certified margin under its measured distance, by depth."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import count, integer, name_text, number
from tellapart.theory.margins.certificate import MarginCertificate

__all__ = ["MarginPoint", "draw_margins", "margin_points"]

FloatArray = npt.NDArray[np.float64]

_SIZE, _LEFT, _RIGHT, _TOP, _BOTTOM = 420.0, 66.0, 20.0, 26.0, 52.0
#: Pairs drawn at most; beyond that an even choice.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class MarginPoint:
    """One certified pair: names, the form of its margin, the margin and the measured distance."""

    x: str
    y: str
    form: str
    margin: float
    distance: float


def margin_points(certificate: MarginCertificate, codes: FloatArray) -> list[MarginPoint]:
    """Return the certified pairs with their measured sup norm distance, an even choice of many."""
    total = len(certificate.pairs)
    chosen = np.unique(np.linspace(0, max(total - 1, 0), min(total, _MOST)).round().astype(int))
    names = certificate.system.observations
    points = []
    for k in chosen.tolist():
        x, y = certificate.pairs[k].tolist()
        distance = float(np.abs(codes[x] - codes[y]).max())
        margin = float(Fraction(certificate.margins[k]))
        shown = name_text(names[x], 30), name_text(names[y], 30)
        points.append(MarginPoint(*shown, certificate.forms[k], margin, distance))
    return points


def draw_margins(certificate: MarginCertificate, codes: FloatArray) -> Markup | None:
    """Draw margin against distance on logarithmic axes; None when no pair is certified."""
    points = [p for p in margin_points(certificate, codes) if p.margin > 0 and p.distance > 0]
    if not points:
        return None
    values = [value for p in points for value in (p.margin, p.distance)]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    floor, right = _SIZE - _BOTTOM, _SIZE - _RIGHT

    def place(value: float, start: float, stop: float) -> float:
        return start + (stop - start) * (math.log10(value) - low) / (high - low)

    parts = _frame(low, high, floor, right)
    for p in points:
        title = element(
            "title", f"{p.x} | {p.y}: certified {number(p.margin)} by {p.form}, measured "
            f"{number(p.distance)}",
        )  # fmt: skip
        parts.append(
            element(
                "circle", title, cx=place(p.distance, _LEFT, right),
                cy=place(p.margin, floor, _TOP), r=3.2, class_=f"margin {p.form}",
            )
        )  # fmt: skip
    smallest = min(points, key=lambda p: p.margin)
    label = (
        f"Certified margins of {count(len(points), 'pair')} against measured distances, all below "
        f"the diagonal; the smallest margin is {number(smallest.margin)}, of {smallest.x} and "
        f"{smallest.y}."
    )
    drawn = len(certificate.pairs)
    if drawn > len(points):
        label += f" {integer(len(points))} of {integer(drawn)} are drawn."
    return figure(_SIZE, _SIZE, label, *parts)


def _frame(low: int, high: int, floor: float, right: float) -> list[Markup]:
    """Return grid, ticks, the diagonal and the names of the axes."""
    parts = []
    every = max(1, math.ceil((high - low) / 6))
    for power in range(low, high + 1, every):
        share = (power - low) / (high - low)
        x, y = _LEFT + (right - _LEFT) * share, floor + (_TOP - floor) * share
        parts.append(element("path", d=f"M{_LEFT},{y:.1f}H{right}", class_="grid"))
        parts.append(element("path", d=f"M{x:.1f},{_TOP}V{floor}", class_="grid"))
        parts.append(_text(f"1e{power}", _LEFT - 6, y + 4, "end"))
        parts.append(_text(f"1e{power}", x, floor + 16))
    parts.append(element("path", d=f"M{_LEFT},{floor}L{right},{_TOP}", class_="cut"))
    parts.append(_text("measured distance (sup norm)", (_LEFT + right) / 2, floor + 38))
    parts.append(_text("certified margin", 4, _TOP - 12, "start"))
    parts.append(_text("margin = distance", right - 6, _TOP - 8, "end", "cut-text"))
    return parts


def _text(text: str, x: float, y: float, anchor: str = "middle", kind: str = "tick") -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=kind)
