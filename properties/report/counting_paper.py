"""What the figure of arXiv 2509.12249 shows in each row: a schematic from its description."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from markupsafe import Markup

from tellapart.properties.report.counting_colours import COUNT_COLOURS
from tellapart.properties.report.svg import element

__all__ = ["REPORTED", "SCHEMATIC", "draw_reported"]

#: Width and height of a schematic.
SCHEMATIC = (130.0, 110.0)

_DOTS, _SPREAD = 14, 3.2


@dataclass(frozen=True)
class _Reported:
    """What the paper reports of a design.

    Attributes
    ----------
    groups
        The counts that are drawn as one cloud.
    wide
        Whether a cloud fills the panel.
    lines
        In words.
    """

    groups: tuple[tuple[int, ...], ...]
    wide: bool
    lines: tuple[str, ...]


#: By design.
REPORTED: Mapping[str, _Reported] = MappingProxyType(
    {
        "joint": _Reported(
            tuple((k,) for k in range(9)), False,
            ("nine clusters, one a", "count; no shape, colour", "or place from a decoder"),
        ),
        "random-aux": _Reported(
            (tuple(range(9)),), True,
            ("no clusters of counts;", "a decoder shows place,", "and shape in part"),
        ),
        "reward-only": _Reported(
            ((0, 1, 2), (3, 4, 5), (6, 7, 8)), False, ("about three groups:", "0-2, 3-5 and 6-8"),
        ),
        "dynamics-only": _Reported((tuple(range(9)),), False, ("one cluster",)),
    }
)  # fmt: skip


def draw_reported(design: str, x: float, y: float) -> list[Markup]:
    """Draw what the paper reports of a design; nothing for one that it does not have.

    Parameters
    ----------
    design
        The design of a row.
    x, y
        The upper left corner.
    """
    if design not in REPORTED:
        return [_text("not in the paper", x, y + 60)]
    found = REPORTED[design]
    width, height = SCHEMATIC
    parts = [element("rect", x=x, y=y, width=width, height=height, class_="frame schematic")]
    source = np.random.default_rng(0)
    for counts, (across, down) in zip(found.groups, _places(len(found.groups)), strict=True):
        spread = 0.2 * min(width, height) if found.wide else _SPREAD * len(counts) ** 0.5
        for count in counts:
            for dx, dy in source.normal(0, spread, (_DOTS // len(counts) + 1, 2)).tolist():
                cx = min(max(x + across * width + dx, x + 4), x + width - 4)
                cy = min(max(y + down * height + dy, y + 4), y + height - 4)
                parts.append(
                    element("circle", cx=cx, cy=cy, r=2.2, fill=COUNT_COLOURS[count],
                            class_="latent")
                )  # fmt: skip
    return parts + [_text(line, x, y + height + 14 + 14 * k) for k, line in enumerate(found.lines)]


def _places(groups: int) -> Sequence[tuple[float, float]]:
    """Return the middle of each cloud, as shares of the panel."""
    if groups == 1:
        return [(0.5, 0.5)]
    if groups == 3:
        return [(0.2, 0.7), (0.5, 0.3), (0.8, 0.7)]
    return [(0.18 + 0.32 * (k % 3), 0.2 + 0.3 * (k // 3)) for k in range(groups)]


def _text(text: str, x: float, y: float) -> Markup:
    return element("text", text, x=x, y=y, class_="soft")
