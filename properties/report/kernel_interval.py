"""Which kernels zero loss allows, among all partitions of a small system: the interval of S5."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import count
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.lattice.admissible import admissible_lattice
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope.counting import all_partitions

__all__ = ["MOST_OBSERVATIONS", "draw_interval", "interval_counts"]

#: Five observations have 52 partitions, which is more than a picture can show.
MOST_OBSERVATIONS = 4

#: Pictures stand in pages with a light or a dark ground, so boxes are filled and lines have the
#: colour of the text. Each kind also has a border of its own, for readers who see no colours.
_KERNEL, _INSIDE, _OUTSIDE, _INK = "#88ccee", "#ffffff", "#bbbbbb", "#000000"
_FONT, _LETTER, _HEIGHT = 12.0, 7.0, 22.0
_GAP, _PAD, _LINE, _ROW, _HEAD = 8.0, 12.0, 30.0, 30.0, 40.0
_PER_LINE = 3
_KEY = (
    ("kernel", "kernel of a zero-loss encoder"),
    ("inside", "inside B*, but dynamics loss above 0"),
    ("outside", "merges across B*: a loss above 0"),
)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A partition, its kind, what is written in it, and the middle of its box."""

    partition: Partition
    kind: str
    text: str
    x: float
    y: float
    width: float


def interval_counts(mdp: DeterministicMDP) -> tuple[int, int, int]:
    """Return how many partitions are kernels, lie inside B*, and exist at all.

    Raises
    ------
    InvalidArgumentError
        For more than :data:`MOST_OBSERVATIONS` observations.

    Examples
    --------
    Two pairs of alike observations; the first pair moves to the second.

    >>> interval_counts(DeterministicMDP([[2], [3], [2], [3]], [0, 0, 1, 1]))
    (3, 4, 15)
    """
    kinds = [kind for _, kind in _kinds(mdp)]
    return kinds.count("kernel"), len(kinds) - kinds.count("outside"), len(kinds)


def draw_interval(mdp: DeterministicMDP, names: Sequence[str], label: str) -> Markup:
    """Draw all partitions: those between the identity and B* on the left, the others outside (S5).

    Parameters
    ----------
    mdp
        Of at most :data:`MOST_OBSERVATIONS` observations.
    names
        What to call each observation, in a letter.
    label
        What the picture shows, for screen readers.

    Returns
    -------
    Markup
        An ``<svg>`` element; the same arguments give the same text. Fewer blocks are higher up;
        thick lines lead from a kernel to the next coarser ones.

    Raises
    ------
    InvalidArgumentError
        For more observations.
    """
    found = _kinds(mdp)
    texts = {p: "|".join("".join(names[o] for o in block) for block in p.blocks) for p, _ in found}
    wide = _LETTER * max(map(len, texts.values())) + 12.0
    left = max(_lines(found, blocks, True)[1] for blocks in range(1, mdp.n_obs + 1))
    right = max(_lines(found, blocks, False)[1] for blocks in range(1, mdp.n_obs + 1))
    middle = 2 * _PAD + left * (wide + _GAP) - _GAP + _PAD / 2
    cells, bottom = _placed(found, texts, wide, middle, (left, right))
    width = max(middle + _PAD + right * (wide + _GAP), 330.0)
    parts = [
        element("rect", x=4.0, y=_HEAD - 26, width=middle - 6, height=bottom - _HEAD + 22, rx=10,
                fill=_KERNEL, fill_opacity="0.18", stroke="currentColor", stroke_opacity="0.5"),
        _text("from identity to B*", middle / 2 + 1, _HEAD - 10),
        _text("outside", (middle + width) / 2, _HEAD - 10) if right else "",
        *_edges(mdp, cells), *(_box(cell, names) for cell in cells), *_key(bottom + 14),
    ]  # fmt: skip
    return figure(width, bottom + 14 + len(_KEY) * 22, label, *parts)


def _kinds(mdp: DeterministicMDP) -> list[tuple[Partition, str]]:
    if mdp.n_obs > MOST_OBSERVATIONS:
        raise InvalidArgumentError(
            f"The system has {mdp.n_obs} observations; all partitions are drawn for at most "
            f"{MOST_OBSERVATIONS}. Draw its kernels only, with draw_hasse."
        )
    top, kernels = bisimulation(mdp).partition, admissible_lattice(mdp)
    kinds = []
    for ids in all_partitions(mdp.n_obs):
        p = Partition(ids)
        kinds.append((p, "kernel" if p in kernels else "inside" if p.refines(top) else "outside"))
    return kinds


def _lines(
    found: Sequence[tuple[Partition, str]], blocks: int, inside: bool
) -> tuple[list[list[tuple[Partition, str]]], int]:
    """Return the partitions of one size on one side, line by line, and the longest line."""
    here = [
        each for each in found if each[0].n_blocks == blocks and (each[1] != "outside") is inside
    ]
    lines = [here[k : k + _PER_LINE] for k in range(0, len(here), _PER_LINE)]
    return lines, max(map(len, lines), default=0)


def _placed(
    found: Sequence[tuple[Partition, str]], texts: dict[Partition, str], wide: float,
    middle: float, most: tuple[int, int],
) -> tuple[list[_Cell], float]:  # fmt: skip
    """Place every partition; return the cells and the lower end of the last row."""
    cells, y = [], _HEAD + _HEIGHT / 2
    for blocks in range(1, len(found[0][0]) + 1):
        tall = 1
        for inside, start, room in ((True, 2 * _PAD - _GAP, most[0]), (False, middle, most[1])):
            lines, _ = _lines(found, blocks, inside)
            tall = max(tall, len(lines))
            for k, line in enumerate(lines):
                first = start + _GAP + (room - len(line)) * (wide + _GAP) / 2 + wide / 2
                cells += [
                    _Cell(p, kind, texts[p], first + i * (wide + _GAP), y + k * _LINE, wide)
                    for i, (p, kind) in enumerate(line)
                ]
        y += (tall - 1) * _LINE + _HEIGHT + _ROW
    return cells, y - _ROW - _HEIGHT / 2 + 4


def _edges(mdp: DeterministicMDP, cells: Sequence[_Cell]) -> list[Markup]:
    """Draw the order of all partitions faintly, and that of the kernels on top of it."""
    at = {cell.partition: cell for cell in cells}
    lattice = admissible_lattice(mdp)
    strong = [(lattice.partitions[fine], lattice.partitions[coarse])
              for fine, coarse in lattice.covers]  # fmt: skip
    weak = [
        (p, q) for p in at for q in at
        if p.n_blocks == q.n_blocks + 1 and p.refines(q) and (p, q) not in strong
    ]  # fmt: skip
    return [
        element("line", x1=at[p].x, y1=at[p].y, x2=at[q].x, y2=at[q].y, stroke="currentColor",
                stroke_width=thick, stroke_opacity=opacity)
        for pairs, thick, opacity in ((weak, 1, "0.22"), (strong, 3, "0.9"))
        for p, q in pairs
    ]  # fmt: skip


def _box(cell: _Cell, names: Sequence[str]) -> Markup:
    blocks = " ".join(
        "{" + ", ".join(names[o] for o in block) + "}" for block in cell.partition.blocks
    )
    says = dict(_KEY)[cell.kind]
    title = element("title", f"{count(cell.partition.n_blocks, 'code')}: {blocks} \u2014 {says}")
    left, top = cell.x - cell.width / 2, cell.y - _HEIGHT / 2
    return element(
        "g", title, _rect(cell.kind, left, top, cell.width),
        _text(cell.text, cell.x, cell.y + 4.2, ink=_INK), class_=cell.kind,
    )  # fmt: skip


def _key(top: float) -> list[Markup]:
    parts = []
    for k, (kind, says) in enumerate(_KEY):
        y = top + 22 * k
        parts += [_rect(kind, 8.0, y, 32.0, 17.0), _text(says, 48.0, y + 13, anchor="start")]
    return parts


def _rect(kind: str, x: float, y: float, width: float, height: float = _HEIGHT) -> Markup:
    fill = {"kernel": _KERNEL, "inside": _INSIDE, "outside": _OUTSIDE}[kind]
    border = {"kernel": 2.5, "inside": 1.5, "outside": 0}[kind]
    return element(
        "rect", x=x, y=y, width=width, height=height, rx=5, fill=fill, stroke="#444444",
        stroke_width=border, stroke_dasharray="4 3" if kind == "inside" else None,
    )  # fmt: skip


def _text(
    text: str, x: float, y: float, *, anchor: str = "middle", ink: str = "currentColor"
) -> Markup:
    return element("text", text, x=x, y=y, font_size=_FONT, fill=ink, text_anchor=anchor)
