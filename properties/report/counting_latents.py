"""A row of the counting figure: latents in a plane, distances of counts, decoded pictures."""

from itertools import combinations, pairwise

import numpy as np
from markupsafe import Markup

from tellapart.models.counting.measures import CountingMeasures
from tellapart.models.counting.runs import CountingRun
from tellapart.properties.report.counting_colours import COUNT_COLOURS
from tellapart.properties.report.counting_paper import draw_reported
from tellapart.properties.report.counting_png import data_address
from tellapart.properties.report.counting_rows import setting_name
from tellapart.properties.report.palette import text_colour
from tellapart.properties.report.svg import element
from tellapart.properties.report.wording import count, name_text

__all__ = ["COLUMNS", "ROW", "counts_text", "draw_row"]

#: Height of a row and places of its parts.
ROW = 184.0
_PAPER, _MAP, _HEAT, _PICTURES = 154.0, 310.0, 530.0, 718.0
_MAP_WIDTH, _SIDE, _TOP = 190.0, 150.0, 10.0
_TILE, _NEAR = 38.0, 13.0

#: Width of a character of a label, and what must stay free between two labels.
_CHARACTER, _GAP = 8.5, 3.0

#: Headings of the columns, and where they begin.
COLUMNS = (
    ("In the paper", _PAPER), ("Latents by count", _MAP), ("Distances of counts", _HEAT),
    ("From a decoder", _PICTURES),
)  # fmt: skip


def draw_row(run: CountingRun) -> list[Markup]:
    """Draw one run.

    Parameters
    ----------
    run
        With or without decoded pictures.

    Returns
    -------
    Elements from (0, 0) to (1060, :data:`ROW`).
    """
    reported = [] if run.plan.encoder else draw_reported(run.plan.design, _PAPER, _TOP)
    return [
        *_caption(run), *reported, *_plane(run), *_distances(run.measures), *_pictures(run)
    ]  # fmt: skip


def _caption(run: CountingRun) -> list[Markup]:
    found, noisy = run.measures, run.measures.at_noise(0.02)
    lines = (
        f"seed {run.plan.seed}, {run.plan.steps} steps", f"held out {found.accuracy:.3f}",
        f"{count(found.groups, 'group')}; at 2 % noise {noisy.groups}",
        f"in sample {found.in_sample_accuracy:.3f}", f"scale {found.latent_rms:.2g}",
    )  # fmt: skip
    title = [_text(name_text(setting_name(run), 20), 0, _TOP + 16, kind="title")]
    return title + [_text(line, 0, _TOP + 38 + 18 * k, kind="soft") for k, line in enumerate(lines)]


def _plane(run: CountingRun) -> list[Markup]:
    """Draw the latents in the plane of their main directions, each stretched to the panel."""
    found = run.measures.map
    points = np.asarray(found.points, dtype=np.float64).reshape(-1, 2)
    counts = np.asarray(found.counts)
    half = np.array([_MAP_WIDTH / 2 - 8, _SIDE / 2 - 8])
    middle = np.array([_MAP + _MAP_WIDTH / 2, _TOP + _SIDE / 2])
    # Each axis at a scale of its own: the target count alone would press all others to a line.
    most = np.abs(points).max(axis=0, initial=0.0)
    scale = np.where(most > 0, half / np.where(most > 0, most, 1.0), 0.0)
    places = middle + points * scale * np.array([1.0, -1.0])
    parts = [_frame(_MAP, _TOP, _MAP_WIDTH, _SIDE)]
    for (x, y), shown in zip(places.tolist(), counts.tolist(), strict=True):
        parts.append(
            element("circle", cx=x, cy=y, r=2.6, fill=COUNT_COLOURS[shown], class_="latent")
        )  # fmt: skip
    centres = {int(k): places[counts == k].mean(axis=0) for k in np.unique(counts)}
    for (x, y), members in _labels(centres):
        parts.append(_text(counts_text(members), x, y - 6, "middle", "halo"))
    shares = found.shares
    words = f"variance: across {100 * shares[0]:.3g} %, up {100 * shares[1]:.2g} %"
    parts.append(_text(words, _MAP + _MAP_WIDTH / 2, _TOP + _SIDE + 14, "middle", "soft"))
    return parts


def _labels(
    centres: dict[int, np.ndarray],
) -> list[tuple[tuple[float, float], list[int]]]:
    """Join the labels of counts that would be printed one on the other."""
    found = [(centre, [shown]) for shown, centre in sorted(centres.items())]
    # A joined label is wider than its parts, so it may meet a third: until none meet.
    while pair := next((p for p in combinations(found, 2) if _meet(*p)), None):
        one, other = pair
        found = [entry for entry in found if entry is not other]
        one[1][:] = sorted([*one[1], *other[1]])
    return [((float(place[0]), float(place[1])), members) for place, members in found]


def _meet(one: tuple[np.ndarray, list[int]], other: tuple[np.ndarray, list[int]]) -> bool:
    """Tell whether the labels at two places overlap or touch."""
    across, up = np.abs(one[0] - other[0]).tolist()
    width = sum(_CHARACTER * len(counts_text(members)) for _, members in (one, other)) / 2
    return bool(up < _NEAR and across < max(_NEAR, width + _GAP))


def counts_text(counts: list[int]) -> str:
    """Write ascending counts, runs of them as a range.

    Examples
    --------
    >>> counts_text([0, 1, 2, 4])
    '0-2 4'
    """
    breaks = [k + 1 for k, (x, y) in enumerate(pairwise(counts)) if y != x + 1]
    edges = [0, *breaks, len(counts)]
    runs = [counts[a:b] for a, b in pairwise(edges)]
    return " ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _distances(found: CountingMeasures) -> list[Markup]:
    """Draw square roots of distances of centroids; a cross where counts are not told apart."""
    table = np.asarray(found.distances, dtype=np.float64)
    largest = float(table.max(initial=0.0)) or 1.0
    cell = _SIDE / len(found.counts)
    merged = set(found.without_noise.merged)
    parts = []
    for i, one in enumerate(found.counts):
        for j, other in enumerate(found.counts):
            shade = 245 - round(210 * float(np.sqrt(table[i, j] / largest)))
            fill = f"#{shade:02x}{shade:02x}{shade:02x}"
            x, y = _HEAT + j * cell, _TOP + i * cell
            title = element("title", f"{one} and {other}: distance {table[i, j]:.3g}")
            parts.append(element("rect", title, x=x, y=y, width=cell, height=cell, fill=fill))
            if (min(one, other), max(one, other)) in merged:
                a, b = cell * 0.3, cell * 0.7
                path = f"M{x + a:.1f},{y + a:.1f}L{x + b:.1f},{y + b:.1f}"
                path += f"M{x + b:.1f},{y + a:.1f}L{x + a:.1f},{y + b:.1f}"
                parts.append(element("path", d=path, stroke=text_colour(fill), class_="cross"))
        parts.append(_text(str(one), _HEAT - 5, _TOP + (i + 0.5) * cell + 4, "end", "soft"))
        parts.append(_text(str(one), _HEAT + (i + 0.5) * cell, _TOP + _SIDE + 14, "middle", "soft"))
    return [*parts, _frame(_HEAT, _TOP, _SIDE, _SIDE)]


def _pictures(run: CountingRun) -> list[Markup]:
    made = run.reconstructions
    if made is None:
        return [_text("no decoder was trained", _PICTURES, _TOP + 70, kind="soft")]
    parts = []
    width = _TILE * len(made.counts)
    for row, which in enumerate(("original", "decoded")):
        strip = np.concatenate(list(made.pictures(which)), axis=1)
        y = _TOP + 14 + row * (_TILE + 20)
        parts.append(_text(which, _PICTURES, y - 3, kind="soft"))
        image = element(
            "image", href=data_address(strip), x=_PICTURES, y=y, width=width, height=_TILE,
            preserveAspectRatio="none", class_="pixels",
        )  # fmt: skip
        parts += [image, _frame(_PICTURES, y, width, _TILE)]
    below = _TOP + 14 + 2 * (_TILE + 20)
    lines = (
        f"mean squared error {made.error:.4f} after {count(made.steps, 'step')};",
        f"mean picture of the count {made.mean_error:.4f}, black {made.black_error:.4f}",
    )
    return parts + [
        _text(line, _PICTURES, below + 16 * k, kind="soft") for k, line in enumerate(lines)
    ]


def _frame(x: float, y: float, width: float, height: float) -> Markup:
    return element("rect", x=x, y=y, width=width, height=height, class_="frame")


def _text(text: str, x: float, y: float, anchor: str = "start", kind: str | None = None) -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=kind)
