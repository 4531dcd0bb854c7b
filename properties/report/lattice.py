"""Recognise systems that walk on a grid: each action moves one cell in its own direction."""

from collections import deque
from itertools import permutations

import numpy as np
import numpy.typing as npt

__all__ = ["lattice"]

FloatArray = npt.NDArray[np.float64]
Cell = tuple[int, int]

_DIRECTIONS: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 0), (0, -1))
#: Share of the moves that must go to the right cell; the others (a fall, a jump) are drawn bent.
_AGREEMENT = 0.85
#: Share of the cells around them that must be taken: a winding path is no grid.
_FILLED = 0.5


def lattice(successors: npt.NDArray[np.integer], links: npt.NDArray[np.bool_]) -> FloatArray | None:
    """Return the cells of a grid walk, or None when the system is not one.

    Parameters
    ----------
    successors
        Integer table ``[n_obs, n_actions]``.
    links
        Which moves count, bool ``[n_obs, n_obs]``: self-loops and falls back to a start do not.

    Returns
    -------
    float64 ``[n_obs, 2]`` of whole numbers from 0 up, or None: when there are fewer than two or
    more than four actions, parts are not connected, two observations would share a cell, the
    cells lie on one line or fill less than half of their rectangle, or more than 15 % of the
    moves lead elsewhere.

    Notes
    -----
    O(n) for each of at most 24 assignments of directions to actions.
    """
    n, n_actions = successors.shape
    if not 2 <= n_actions <= len(_DIRECTIONS) or n < 4:
        return None
    moves = [
        (o, a, s)
        for o, row in enumerate(successors.tolist())
        for a, s in enumerate(row)
        if links[o, s]
    ]
    best, best_score = None, _AGREEMENT
    for directions in permutations(_DIRECTIONS, n_actions):
        cells = _walk(n, moves, directions)
        if cells is None:
            continue
        agreeing = sum(_step(cells[o], directions[a]) == cells[s] for o, a, s in moves)
        if agreeing > best_score * len(moves):
            best, best_score = cells, agreeing / len(moves)
    return None if best is None else _upright(np.array(best, dtype=np.float64))


def _walk(
    n: int, moves: list[tuple[int, int, int]], directions: tuple[Cell, ...]
) -> list[Cell] | None:
    """Place every observation by breadth-first search from 0, along moves and against them."""
    beside: list[list[tuple[int, Cell]]] = [[] for _ in range(n)]
    for o, a, s in moves:
        dx, dy = directions[a]
        beside[o].append((s, (dx, dy)))
        beside[s].append((o, (-dx, -dy)))
    cells: dict[int, Cell] = {0: (0, 0)}
    waiting = deque([0])
    while waiting:
        here = waiting.popleft()
        for there, direction in beside[here]:
            if there not in cells:
                cells[there] = _step(cells[here], direction)
                waiting.append(there)
    if len(set(cells.values())) < n:
        return None
    width, height = (np.ptp(np.array(list(cells.values())), axis=0) + 1).tolist()
    is_grid = min(width, height) > 1 and n >= _FILLED * width * height
    return [cells[o] for o in range(n)] if is_grid else None


def _step(cell: Cell, direction: Cell) -> Cell:
    return cell[0] + direction[0], cell[1] + direction[1]


def _upright(cells: FloatArray) -> FloatArray:
    """Make the grid wide, with observation 0 at the top left and 1 beside rather than below it."""
    width, height = np.ptp(cells, axis=0)
    beside = np.abs(cells[1] - cells[0])
    if height > width or (height == width and beside[1] > beside[0]):
        cells = cells[:, ::-1]
    middle = (cells.max(axis=0) + cells.min(axis=0)) / 2
    cells = (cells - middle) * np.where(cells[0] > middle, -1.0, 1.0)
    return np.asarray(cells - cells.min(axis=0))
