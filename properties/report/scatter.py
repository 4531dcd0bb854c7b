"""Latents in the plane: principal components, blocks coloured, merged pairs ringed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from tellapart.properties.report.palette import block_colour
from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import name_text
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["MOST_POINTS", "Projection", "draw_latents", "project"]

FloatArray = npt.NDArray[np.float64]

#: More latents than this are sampled.
MOST_POINTS = 2000
_MOST_NAMED = 30
_WIDTH, _MARGIN, _INNER = 640.0, 56.0, 24.0
_FLATTEST, _TALLEST = 130.0, 330.0


@dataclass(frozen=True, slots=True)
class Projection:
    """Latents on their first two principal axes.

    Attributes
    ----------
    points
        float64 ``[n, 2]``.
    shares
        Share of the variance along each axis; zero where there is none.
    """

    points: FloatArray
    shares: tuple[float, float]


def project(codes: FloatArray) -> Projection:
    """Project codes ``[n, d]`` on their first two principal axes, signs fixed; O(n d min(n, d)).

    The sign of an axis is chosen so that its largest coordinate is positive: the same codes give
    the same picture.
    """
    centred = codes - codes.mean(axis=0)
    size = float(np.abs(codes).max(initial=0.0))
    centred[np.abs(centred) <= 1e-14 * size] = 0.0  # equal codes stay equal despite the mean
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    total = float(np.square(values).sum())
    points = np.zeros((len(codes), 2))
    shares = [0.0, 0.0]
    for axis in range(min(2, len(values)) if total > 0 else 0):
        column = left[:, axis] * values[axis]
        points[:, axis] = column * (-1.0 if column[np.abs(column).argmax()] < 0 else 1.0)
        shares[axis] = float(values[axis] ** 2) / total
    return Projection(points, (shares[0], shares[1]))


def draw_latents(
    mdp: DeterministicMDP,
    partition: Partition,
    projection: Projection,
    merged: Sequence[tuple[int, int]],
) -> Markup:
    """Draw the projected latents.

    Parameters
    ----------
    mdp, partition
        The system and B*.
    projection
        Of the codes of its observations.
    merged
        Pairs (indices) that must be told apart and share a code; drawn with a ring.
    """
    ringed = {o for pair in merged for o in pair}
    shown = _sample(mdp.n_obs, sorted(ringed))
    x, y, height = _scaled(projection.points)
    parts = [_frame(height), *_axis_names(projection.shares, height)]
    places: dict[tuple[int, int], list[int]] = {}
    for o in shown:
        places.setdefault((round(2 * float(x[o])), round(2 * float(y[o]))), []).append(o)
    for members in places.values():
        parts += _place(mdp, partition, members, ringed, x, y)
    if len(places) <= _MOST_NAMED:
        parts += [_tag(mdp, members, x, y) for members in places.values()]
    label = (
        f"Scatter plot of the latents of {len(shown)} observations on two principal axes, at "
        f"{len(places)} places, coloured by block."
    )
    return figure(_WIDTH, height, label, *parts)


def _sample(n: int, always: list[int]) -> list[int]:
    """Return every observation, or an even choice of them with those that must be seen."""
    if n <= MOST_POINTS:
        return list(range(n))
    even = np.linspace(0, n - 1, MOST_POINTS).round().astype(np.int64).tolist()
    return sorted({*even, *always})


def _scaled(points: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Map to pixels with one scale for both axes, so that distances can be compared.

    Returns x, y and the height of the picture.
    """
    centred = points - (points.max(axis=0) + points.min(axis=0)) / 2
    spans = np.ptp(points, axis=0)
    widths = np.array([_WIDTH - 2 * _MARGIN - 2 * _INNER, _TALLEST])
    scale = float((widths / np.maximum(spans, 1e-300)).min()) if spans.max() > 0 else 0.0
    inside = float(np.clip(spans[1] * scale, _FLATTEST, _TALLEST))
    height = inside + 2 * _INNER + 1.5 * _MARGIN
    x = _WIDTH / 2 + centred[:, 0] * scale
    y = _MARGIN / 2 + _INNER + inside / 2 - centred[:, 1] * scale
    return x, y, height


def _frame(height: float) -> Markup:
    return element(
        "rect", x=_MARGIN, y=_MARGIN / 2, width=_WIDTH - 2 * _MARGIN,
        height=height - 1.5 * _MARGIN, class_="frame",
    )  # fmt: skip


def _axis_names(shares: tuple[float, float], height: float) -> list[Markup]:
    texts = [f"component {k + 1} ({100 * share:.1f} % of variance)" for k, share in
             enumerate(shares)]  # fmt: skip
    below = element("text", texts[0], x=_WIDTH / 2, y=height - _MARGIN / 2 - 4,
                    text_anchor="middle", class_="tick")  # fmt: skip
    turned = f"translate({_MARGIN - 14:.0f} {(height - _MARGIN / 2) / 2:.0f}) rotate(-90)"
    beside = element("text", texts[1], transform=turned, text_anchor="middle", class_="tick")
    return [below, beside]


def _place(
    mdp: DeterministicMDP, partition: Partition, members: list[int], ringed: set[int],
    x: FloatArray, y: FloatArray,
) -> list[Markup]:  # fmt: skip
    """Draw the latents at one place: a dot of each block there, nested, and a ring if merged."""
    blocks = sorted({int(partition.ids[o]) for o in members})
    cx, cy = float(x[members[0]]), float(y[members[0]])
    radius = 5.5 if len(x) <= 200 else 4.0
    some = ", ".join(name_text(mdp.observations[o], 24) for o in members[:12])
    more = f" and {len(members) - 12} more" if len(members) > 12 else ""
    where = "block" if len(blocks) == 1 else "blocks"
    listed = ", ".join(f"b{b}" for b in blocks[:12]) + (", \u2026" if len(blocks) > 12 else "")
    parts = [element("title", f"{some}{more} \u2014 {where} {listed}")]
    if ringed.intersection(members):
        parts.append(element("circle", cx=cx, cy=cy, r=radius + 5, class_="halo"))
    nested = blocks[:4]
    for k, block in enumerate(nested):
        parts.append(
            element(
                "circle", cx=cx, cy=cy, r=radius * (1 - k / len(nested)), class_="dot",
                fill=block_colour(block, partition.n_blocks),
            )
        )  # fmt: skip
    return [element("g", *parts)]


def _tag(mdp: DeterministicMDP, members: list[int], x: FloatArray, y: FloatArray) -> Markup:
    """Write the names at one place, or how many there are."""
    names = ", ".join(name_text(mdp.observations[o], 10) for o in members[:3])
    text = names if len(members) <= 3 else f"{names}, \u2026 ({len(members)} observations)"
    at, up = float(x[members[0]]), float(y[members[0]])
    near_right = at > 0.75 * _WIDTH
    shift = -10.0 if near_right else 10.0
    anchor = "end" if near_right else "start"
    return element("text", text, x=at + shift, y=up - 7, text_anchor=anchor, class_="tick")
