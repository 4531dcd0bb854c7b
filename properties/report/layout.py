"""Where to draw the observations of a small MDP: stress majorization, without any randomness.

Lines become rows and cycles circles, because each pair of observations is placed at its graph
distance as far as the plane allows. Walks on a grid are recognised and drawn as that grid.
"""

import numpy as np
import numpy.typing as npt

from tellapart.properties.report.lattice import lattice

__all__ = ["layout"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

#: Observations in one row of a long line before it turns round.
_ROW = 12
_ROUNDS = 300
_HUB = 8


def layout(successors: npt.NDArray[np.integer]) -> FloatArray:
    """Place observations in the plane; steps of the system are about one unit long.

    Parameters
    ----------
    successors
        Integer table ``[n_obs, n_actions]``.

    Returns
    -------
    float64 ``[n_obs, 2]``, the smallest coordinates zero; y grows downwards.

    Notes
    -----
    O(n³) for the start plus O(n²) for each of at most 300 rounds: meant for n up to a few
    hundred. Parts that are not connected are placed side by side.
    """
    links = _without_hubs(_links(successors))
    on_lattice = lattice(successors, links)
    if on_lattice is not None:
        return on_lattice
    linked = links | links.T
    parts = []
    for members in _components(linked):
        part = _place(linked[np.ix_(members, members)])
        parts.append((members, part - part.min(axis=0)))
    return _side_by_side(parts, len(successors))


def _links(successors: npt.NDArray[np.integer]) -> BoolArray:
    """Return who leads where, self-loops left out, bool ``[n, n]``."""
    n = len(successors)
    links = np.zeros((n, n), dtype=np.bool_)
    links[np.arange(n)[:, None], successors] = True
    np.fill_diagonal(links, False)
    return links


def _without_hubs(links: BoolArray) -> BoolArray:
    """Drop one-way links into hubs (a start, or a hole, that every mistake leads to).

    Such links say "start over", not "is near"; drawn as distances they would crumple the rest.
    Where all of them cannot be spared, one is kept; where that is not enough, all are.
    """
    n_parts = len(_components(links | links.T))
    for hub in np.flatnonzero(links.sum(axis=0) >= _HUB).tolist():
        one_way = np.flatnonzero(links[:, hub] & ~links[hub])
        for spared in (one_way, one_way[1:]):
            without = links.copy()
            without[spared, hub] = False
            if len(_components(without | without.T)) == n_parts:
                links = without
                break
    return links


def _components(linked: BoolArray) -> list[npt.NDArray[np.intp]]:
    """Return the connected parts, by smallest member."""
    found: list[npt.NDArray[np.intp]] = []
    seen = np.zeros(len(linked), dtype=np.bool_)
    for start in range(len(linked)):
        if not seen[start]:
            part = np.isfinite(_distances_from(linked, start))
            seen |= part
            found.append(np.flatnonzero(part))
    return found


def _distances_from(linked: BoolArray, start: int) -> FloatArray:
    distance = np.full(len(linked), np.inf)
    distance[start] = 0
    frontier = np.array([start])
    steps = 0
    while frontier.size:
        steps += 1
        reached = linked[frontier].any(axis=0) & np.isinf(distance)
        distance[reached] = steps
        frontier = np.flatnonzero(reached)
    return distance


def _place(linked: BoolArray) -> FloatArray:
    n = len(linked)
    degrees = linked.sum(axis=0)
    if n == 1:
        return np.zeros((1, 2))
    if degrees.max() <= 2 and degrees.min() == 1:
        return _line(linked, int(np.flatnonzero(degrees == 1)[0]))
    distances = np.stack([_distances_from(linked, o) for o in range(n)])
    return _turned(_majorize(distances, _start(distances)), linked)


def _line(linked: BoolArray, end: int) -> FloatArray:
    """Lay a line out in rows that turn round, so that a long one stays readable."""
    place = _distances_from(linked, end).astype(np.int64)
    row, column = place // _ROW, place % _ROW
    column = np.where(row % 2 == 1, _ROW - 1 - column, column)
    return np.stack([column, 1.2 * row], axis=1).astype(np.float64)


def _start(distances: FloatArray) -> FloatArray:
    """Classical scaling, with a small spiral added so that no two observations coincide."""
    n = len(distances)
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-centre @ np.square(distances) @ centre / 2)
    axes = vectors[:, -2:][:, ::-1]
    peaks = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    placed = axes * np.where(peaks < 0, -1.0, 1.0) * np.sqrt(np.maximum(values[-2:][::-1], 0))
    angle = np.arange(n) * 2.399963229728653
    radius = 0.1 * np.sqrt(np.arange(n) / n)
    return np.asarray(placed + np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None])


def _majorize(distances: FloatArray, placed: FloatArray) -> FloatArray:
    """Move every observation to lower the weighted stress (Gansner, Koren, North 2004)."""
    n = len(distances)
    weights = 1 / np.square(distances + np.eye(n)) * (1 - np.eye(n))
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.pinv(laplacian)
    for _ in range(_ROUNDS):
        apart = np.linalg.norm(placed[:, None] - placed[None], axis=2)
        pull = -weights * distances / np.maximum(apart, 1e-9)
        np.fill_diagonal(pull, 0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        moved = inverse @ (pull @ placed)
        shift = np.abs(moved - placed).max()
        placed = moved
        if shift < 1e-4:
            break
    return placed


def _turned(placed: FloatArray, linked: BoolArray) -> FloatArray:
    """Turn the picture so that steps run along the axes, it is wide, and 0 is top left."""
    here, there = np.nonzero(np.triu(linked))
    step = placed[there] - placed[here]
    angle = np.angle(((step[:, 0] + 1j * step[:, 1]) ** 4).sum()) / 4
    cos, sin = np.cos(angle), np.sin(angle)
    placed = placed @ np.array([[cos, -sin], [sin, cos]])
    width, height = np.ptp(placed, axis=0)
    beside = np.abs(placed[1] - placed[0])
    square = max(height, width) < 1.2 * min(height, width)
    if beside[1] > beside[0] if square else height > width:
        placed = placed[:, ::-1]
    middle = (placed.max(axis=0) + placed.min(axis=0)) / 2
    return np.asarray((placed - middle) * np.where(placed[0] > middle + 1e-6, -1.0, 1.0))


def _side_by_side(parts: list[tuple[npt.NDArray[np.intp], FloatArray]], n: int) -> FloatArray:
    """Put the parts in rows, the largest first, about as wide as high."""
    result = np.zeros((n, 2))
    sizes = [np.ptp(part, axis=0) + 1 for _, part in parts]
    area = sum(float(size.prod()) for size in sizes)
    width = max(float(np.sqrt(1.8 * area)), max(float(size[0]) for size in sizes))
    x = y = row_height = 0.0
    for index in sorted(range(len(parts)), key=lambda i: (-len(parts[i][0]), i)):
        members, part = parts[index]
        if x > 0 and x + sizes[index][0] > width:
            x, y, row_height = 0.0, y + row_height, 0.0
        result[members] = part + np.array([x, y])
        x += float(sizes[index][0])
        row_height = max(row_height, float(sizes[index][1]))
    return result
