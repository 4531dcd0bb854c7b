"""The Hasse diagram of the admissible partitions: finest at the bottom, a row for each count."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tellapart.properties.report.charts import count_bars
from tellapart.properties.report.hasse_layers import Layers, layered
from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import count, integer
from tellapart.theory.lattice.admissible import AdmissibleLattice
from tellapart.theory.partition import Partition

__all__ = ["MOST_DRAWN", "draw_hasse"]

#: More partitions are shown as counts by number of blocks.
MOST_DRAWN = 60

_FINEST, _COARSEST, _BETWEEN, _INK = "#88ccee", "#ddcc77", "#eef1f5", "#000000"
_LEFT, _MARGIN, _GAP = 76.0, 12.0, 10.0
_HEIGHT, _LINE, _FONT, _LETTER = 22.0, 30.0, 11.0, 7.0
#: Rows wider than this are set in several lines.
_WIDEST = 860.0
_MOST_TEXT, _MOST_SIZES = 22, 5


def draw_hasse(lattice: AdmissibleLattice, names: Sequence[str], label: str) -> Markup:
    """Draw the order of the admissible partitions, or count them where they are many (S5, S6).

    Parameters
    ----------
    lattice
        The partitions.
    names
        What to call each observation.
    label
        What the picture shows, for screen readers.

    Returns
    -------
    Markup
        An ``<svg>`` element; the same arguments give the same text. Blue is the finest
        partition, yellow are the maximal ones. Where names are long, ``#7: 3+2`` is the
        partition at position 7 of the lattice, with merged blocks of 3 and 2 observations. Above
        :data:`MOST_DRAWN` partitions, a bar chart of how many have how many blocks.
    """
    if not lattice.feasible:
        text = element("text", "no partition is admissible", x=12.0, y=22.0, class_="tick")
        return figure(220, 34, label, text)
    rows = lattice.counts_by_blocks
    if len(lattice) > MOST_DRAWN:
        many = [found for _, found in rows]
        return count_bars(many, [integer(blocks) for blocks, _ in rows], "blocks", label)
    texts = _texts(lattice, names)
    layers = layered([partition.n_blocks for partition in lattice], lattice.covers)
    placed = _places(layers, [max(24.0, _LETTER * len(text) + 12.0) for text in texts])
    drawn = [
        _edge(path, placed, f"{texts[path[0]]} \u2192 {texts[path[-1]]}") for path in layers.paths
    ]
    for (blocks, _), y in zip(reversed(rows), placed.row_ys, strict=True):
        name = count(blocks, "block")
        drawn.append(element("text", name, x=_MARGIN, y=y + 4, class_="tick"))
    tops = set(lattice.tops)
    for k, partition in enumerate(lattice):
        fill = _COARSEST if partition in tops else _BETWEEN if k else _FINEST
        drawn.append(_node(texts[k], _title(partition, names), placed, k, fill))
    return figure(placed.width, placed.height, label, *drawn)


@dataclass(frozen=True, slots=True)
class _Places:
    """Centres and widths of all items, middles of the rows, and the size of the picture."""

    x: dict[int, float]
    y: dict[int, float]
    widths: Sequence[float]
    row_ys: list[float]
    width: float
    height: float


def _texts(lattice: AdmissibleLattice, names: Sequence[str]) -> list[str]:
    """Write all blocks, as in ``01|2|3``, where that is short, else merged names: ``a=b``.

    Where even these are long, the position in the lattice and the sizes of merged blocks.
    """
    glue = "" if all(len(name) == 1 for name in names) else ","
    full = ["|".join(_block_texts(partition, names, glue)) for partition in lattice]
    if max(map(len, full)) <= _MOST_TEXT:
        return full
    texts = []
    for k, partition in enumerate(lattice):
        wide = [block for block in partition.blocks if len(block) > 1]
        text = " ".join("=".join(names[o] for o in block) for block in wide) or "all apart"
        if len(text) > _MOST_TEXT:
            sizes = [str(len(block)) for block in wide]
            shown = sizes if len(sizes) <= _MOST_SIZES else [*sizes[:_MOST_SIZES], "\u2026"]
            text = f"#{k}: " + "+".join(shown)
        texts.append(text)
    return texts


def _block_texts(partition: Partition, names: Sequence[str], glue: str) -> list[str]:
    return [glue.join(names[o] for o in block) for block in partition.blocks]


def _title(partition: Partition, names: Sequence[str]) -> str:
    blocks = " ".join("{" + text + "}" for text in _block_texts(partition, names, ", "))
    return f"{count(partition.n_blocks, 'block')}: {blocks}"


def _places(layers: Layers, widths: Sequence[float]) -> _Places:
    lines = [_n_lines(row, widths) for row in layers.rows]
    tracks = [_track(row, widths, n) for row, n in zip(layers.rows, lines, strict=True)]
    width = max(end for _, end in tracks)
    x: dict[int, float] = {}
    y: dict[int, float] = {}
    row_ys = []
    top = _MARGIN
    between = min(40.0 + 0.07 * width, 110.0)  # wide rows need room for slanting edges
    for row, n, (centres, end) in zip(layers.rows, lines, tracks, strict=True):
        depth = _HEIGHT + (n - 1) * _LINE
        for k, item in enumerate(row):
            x[item] = _LEFT + centres[k] + (width - end) / 2
            passing = item >= len(widths)
            y[item] = top + (depth / 2 if passing else _HEIGHT / 2 + (k % n) * _LINE)
        row_ys.append(top + depth / 2)
        top += depth + between
    return _Places(x, y, widths, row_ys, _LEFT + width + _MARGIN, top - between + _MARGIN)


def _n_lines(row: Sequence[int], widths: Sequence[float]) -> int:
    total = sum(_width(item, widths) + _GAP for item in row)
    return math.ceil(total / _WIDEST)


def _width(item: int, widths: Sequence[float]) -> float:
    return widths[item] if item < len(widths) else 4.0  # an edge that passes


def _track(row: Sequence[int], widths: Sequence[float], lines: int) -> tuple[list[float], float]:
    """Return centres along a row from 0, and its end; neighbours go to different lines."""
    ends = [-_GAP] * lines
    centres: list[float] = []
    for k, item in enumerate(row):
        own = _width(item, widths)
        step = centres[-1] + (own + _GAP) / lines if centres else 0.0
        centres.append(max(step, ends[k % lines] + _GAP + own / 2))
        ends[k % lines] = centres[-1] + own / 2
    return centres, max(ends)


def _edge(path: Sequence[int], placed: _Places, title: str) -> Markup:
    points = [(placed.x[item], placed.y[item]) for item in path]
    line = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element(
        "g", element("title", title), element("path", d=line, class_="line joined"), class_="edge"
    )


def _node(text: str, title: str, placed: _Places, k: int, fill: str) -> Markup:
    x, y, width = placed.x[k], placed.y[k], placed.widths[k]
    box = element(
        "rect", x=x - width / 2, y=y - _HEIGHT / 2, width=width, height=_HEIGHT, rx=5,
        fill=fill, class_="node",
    )  # fmt: skip
    written = element(
        "text", text, x=x, y=y + 0.35 * _FONT, font_size=_FONT, fill=_INK, text_anchor="middle"
    )
    return element("g", element("title", title), box, written)
