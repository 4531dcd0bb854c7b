"""Arrows between placed observations: bent where they would cover each other or an observation."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Arrow", "Link", "loops", "routes"]

FloatArray = npt.NDArray[np.float64]

_HEAD = 6.5
_SAMPLES = np.linspace(0.0, 1.0, 17)[:, None]
_BENDS = (0.0, 30.0, 60.0, 90.0, 130.0, 180.0, 240.0, 320.0)
_CLEAR = 6.0


@dataclass(frozen=True, slots=True)
class Link:
    """One arrow to draw: from, to, and the indices of the actions it stands for."""

    source: int
    target: int
    actions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A drawn arrow: the SVG path of its line and of its head, and points for its extent."""

    link: Link
    line: str
    head: str
    extent: FloatArray


def routes(links: list[Link], place: FloatArray, radius: float) -> list[Arrow]:
    """Route links between different observations.

    Parameters
    ----------
    links
        Links whose two ends differ.
    place
        Centres in pixels, float64 ``[n, 2]``.
    radius
        Of the drawn observations.

    Notes
    -----
    Opposite and parallel links bend to their own left; a link that would run over a third
    observation bends further. O(len(links) n) with a small constant.
    """
    together: dict[tuple[int, int], list[Link]] = defaultdict(list)
    for link in links:
        together[min(link.source, link.target), max(link.source, link.target)].append(link)
    arrows = []
    for group in together.values():
        slots: dict[int, int] = defaultdict(int)
        for link in group:
            base = 0.0 if len(group) == 1 else 14.0 + 13.0 * slots[link.source]
            slots[link.source] += 1
            arrows.append(_bent(link, place, radius, base))
    return arrows


def loops(links: list[Link], place: FloatArray, others: list[Link], radius: float) -> list[Arrow]:
    """Route self-loops into the widest free angle at their observation, one inside the other."""
    towards: dict[int, list[float]] = defaultdict(list)
    for link in others:
        x, y = (place[link.target] - place[link.source]).tolist()
        towards[link.source].append(float(np.arctan2(y, x)))
        towards[link.target].append(float(np.arctan2(-y, -x)))
    slots: dict[int, int] = defaultdict(int)
    arrows = []
    for link in links:
        angle = _free_angle(towards[link.source])
        arrows.append(_loop(link, place[link.source], radius, angle, slots[link.source]))
        slots[link.source] += 1
    return arrows


def _bent(link: Link, place: FloatArray, radius: float, base: float) -> Arrow:
    start, end = place[link.source], place[link.target]
    along = end - start
    left = np.array([along[1], -along[0]]) / max(float(np.hypot(*along)), 1e-9)
    signs = (1.0,) if base else (1.0, -1.0)
    others = np.delete(place, [link.source, link.target], axis=0)
    best, best_clearance = (start + end) / 2, -np.inf
    for bend in _BENDS:
        for sign in signs:
            control = (start + end) / 2 + left * sign * (base + bend)
            clearance = _clearance(start, control, end, others)
            if clearance > best_clearance + 1e-6:
                best, best_clearance = control, clearance
            if best_clearance >= radius + _CLEAR:
                return _curve(link, start, best, end, radius)
    return _curve(link, start, best, end, radius)


def _clearance(
    start: FloatArray, control: FloatArray, end: FloatArray, others: FloatArray
) -> float:
    """Return how close a curve comes to the centre of a third observation."""
    if not len(others):
        return np.inf
    points = _points(start, control, end)
    return float(np.linalg.norm(points[:, None] - others[None], axis=2).min())


def _points(start: FloatArray, control: FloatArray, end: FloatArray) -> FloatArray:
    t = _SAMPLES
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)


def _curve(
    link: Link, start: FloatArray, control: FloatArray, end: FloatArray, radius: float
) -> Arrow:
    leave = start + _unit(control - start) * radius
    arrive = _unit(end - control)
    tip = end - arrive * (radius + 1)
    stop = tip - arrive * (_HEAD - 1)
    line = f"M{_xy(leave)}Q{_xy(control)} {_xy(stop)}"
    return Arrow(link, line, _head(tip, arrive), _points(leave, control, stop))


def _loop(link: Link, centre: FloatArray, radius: float, angle: float, slot: int) -> Arrow:
    spread = 0.42 + 0.1 * slot
    reach = radius + 24.0 + 8.0 * slot
    out, back = _direction(angle - spread), _direction(angle + spread)
    first = centre + out * radius
    one = centre + _direction(angle - spread * 1.25) * reach
    two = centre + _direction(angle + spread * 1.25) * reach
    tip = centre + back * (radius + 1)
    arrive = _unit(tip - two)
    stop = tip - arrive * (_HEAD - 1)
    line = f"M{_xy(first)}C{_xy(one)} {_xy(two)} {_xy(stop)}"
    return Arrow(link, line, _head(tip, arrive), np.stack([first, one, two, stop]))


def _free_angle(taken: list[float]) -> float:
    """Return the middle of the widest gap between directions; straight up when all are free."""
    if not taken:
        return -np.pi / 2
    angles = np.sort(np.array(taken))
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    widest = np.flatnonzero(gaps > gaps.max() - 1e-6)
    middles = angles[widest] + gaps[widest] / 2
    return float(
        middles[np.argmin(np.round(np.sin(middles), 6))]
    )  # upwards where there is a choice


def _head(tip: FloatArray, arrive: FloatArray) -> str:
    side = np.array([-arrive[1], arrive[0]]) * _HEAD * 0.45
    back = tip - arrive * _HEAD
    return f"M{_xy(tip)}L{_xy(back + side)}L{_xy(back - side)}Z"


def _direction(angle: float) -> FloatArray:
    return np.array([np.cos(angle), np.sin(angle)])


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / max(float(np.hypot(*vector)), 1e-9))


def _xy(point: FloatArray) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"
