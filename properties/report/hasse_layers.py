"""Rows of a layered picture in an order with few crossings: barycentre sweeps, nothing random."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

__all__ = ["Layers", "crossings", "layered"]

_SWEEPS = 24

Rows = list[list[int]]
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layers:
    """Rows from top to bottom, each from left to right.

    Attributes
    ----------
    rows
        Items: nodes ``0 .. n-1``, and from ``n`` up the points at which a long edge passes a row.
    paths
        For each edge, in the order given, the items it goes through from its lower end up.
    """

    rows: tuple[Path, ...]
    paths: tuple[Path, ...]


def layered(ranks: Sequence[int], edges: Sequence[tuple[int, int]]) -> Layers:
    """Order the nodes of each rank.

    Parameters
    ----------
    ranks
        The rank of each node; the smallest is drawn at the top, ranks without nodes take no room.
    edges
        ``(lower node, upper node)``: the rank of the second is smaller.

    Notes
    -----
    Rows are sorted by the mean position of neighbours in the row before, downwards and upwards in
    turn; the order with the fewest crossings is kept. O(sweeps e²) for e edge pieces.

    Examples
    --------
    >>> layered([2, 2, 1, 1], [(0, 3), (1, 2)]).rows
    ((2, 3), (1, 0))
    """
    levels = sorted(set(ranks))
    row_of = [levels.index(rank) for rank in ranks]
    rows: Rows = [[k for k, row in enumerate(row_of) if row == r] for r in range(len(levels))]
    paths = []
    fresh = len(ranks)
    for lower, upper in edges:
        between = range(row_of[lower] - 1, row_of[upper], -1)
        for item, row in enumerate(between, fresh):
            rows[row].append(item)
        paths.append((lower, *range(fresh, fresh + len(between)), upper))
        fresh += len(between)
    pieces: list[list[tuple[int, int]]] = [[] for _ in levels]
    for path in paths:
        for below, above in pairwise(path):
            pieces[_row(path, below, row_of)].append((below, above))
    best = _swept(rows, pieces)
    return Layers(tuple(map(tuple, best)), tuple(paths))


def _row(path: Path, item: int, row_of: Sequence[int]) -> int:
    return row_of[path[0]] - path.index(item)


def _swept(rows: Rows, pieces: list[list[tuple[int, int]]]) -> Rows:
    """Return the rows in the best order that the sweeps come by; ``pieces[r]`` end in row r."""
    best, fewest = rows, crossings(rows, pieces)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        rows = [list(row) for row in rows]
        down = sweep % 2 == 0
        order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for r in order:
            links = [(b, a) if down else (a, b) for b, a in pieces[r if down else r + 1]]
            rows[r] = _sorted_by_mean(rows[r], rows[r - 1 if down else r + 1], links)
        found = crossings(rows, pieces)
        if found < fewest:
            best, fewest = rows, found
    return best


def _sorted_by_mean(
    row: Sequence[int], fixed: Sequence[int], links: Sequence[tuple[int, int]]
) -> list[int]:
    """Sort a row by the mean place of the linked items of a fixed row; others keep their share."""
    place = {item: (k + 0.5) / len(fixed) for k, item in enumerate(fixed)}
    near: dict[int, list[float]] = {item: [] for item in row}
    for own, other in links:
        near[own].append(place[other])
    mean = {
        item: sum(near[item]) / len(near[item]) if near[item] else (k + 0.5) / len(row)
        for k, item in enumerate(row)
    }
    return sorted(row, key=lambda item: mean[item])


def crossings(rows: Sequence[Sequence[int]], pieces: Sequence[Sequence[tuple[int, int]]]) -> int:
    """Count pairs of edge pieces between neighbouring rows that cross."""
    place = {item: k for row in rows for k, item in enumerate(row)}
    total = 0
    for links in pieces:
        if links:
            ends = np.array([(place[below], place[above]) for below, above in links])
            apart = np.sign(ends[:, None] - ends[None])
            total += int((apart[..., 0] * apart[..., 1] < 0).sum()) // 2
    return total
