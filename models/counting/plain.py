"""The renderer and the placement as anyone would write them: the oracles of the fast ones."""

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.scenes import (
    CLEARANCE,
    GREY,
    GRID,
    MOST,
    NOWHERE,
    RADIUS,
    SHAPES,
    Scenes,
)

__all__ = ["plain_place", "plain_render"]


def plain_render(scenes: Scenes, size: int = 64) -> npt.NDArray[np.uint8]:
    """Return uint8 ``[n, size, size, 3]``, pixel by pixel.

    Notes
    -----
    The scene is painted on 64 x 64 pixels. A pixel of a smaller frame is the mean of the pixels it
    covers, rounded half up. O(n 64²) steps of Python.

    Examples
    --------
    >>> from tellapart.models.counting.scenes import draw_scenes
    >>> plain_render(draw_scenes([2], 0)).shape
    (1, 64, 64, 3)
    """
    frames = [_mean(_paint(scenes, i), GRID // size) for i in range(len(scenes))]
    return np.array(frames, dtype=np.uint8).reshape(-1, size, size, 3)


def _paint(scenes: Scenes, i: int) -> list[list[list[int]]]:
    """Return the frame of scene ``i`` as rows of pixels of channels."""
    shape = SHAPES[scenes.shapes[i]]
    colour = [int(channel) for channel in scenes.colours[i]]
    rows = [[[GREY * int(scenes.bits[i])] * 3 for _ in range(GRID)] for _ in range(GRID)]
    for j in range(int(scenes.lit[i])):
        cx, cy = (int(centre) for centre in scenes.centres[:, j, i])
        for dy in range(-RADIUS, RADIUS + 1):
            for dx in range(-RADIUS, RADIUS + 1):
                if _inside(shape, dx, dy):
                    rows[cy + dy][cx + dx] = colour
    return rows


def _inside(shape: str, dx: int, dy: int) -> bool:
    """Tell whether a shape covers the pixel this far from its centre, within its box."""
    match shape:
        case "circle":
            return dx * dx + dy * dy <= RADIUS * RADIUS + 1
        case "triangle":
            return 2 * abs(dx) <= dy + RADIUS
        case "line":
            return abs(dx - dy) <= 1
    return True


def _mean(rows: list[list[list[int]]], factor: int) -> list[list[list[int]]]:
    """Average squares of ``factor`` by ``factor`` pixels, rounded half up."""
    area, steps = factor * factor, range(factor)
    side = range(0, len(rows), factor)
    return [
        [
            [
                (2 * sum(rows[y + v][x + u][c] for v in steps for u in steps) + area) // (2 * area)
                for c in range(3)
            ]
            for x in side
        ]
        for y in side
    ]


def plain_place(
    lit: npt.NDArray[np.int64], generator: np.random.Generator
) -> npt.NDArray[np.int16]:
    """Return what :func:`tellapart.models.counting.scenes.place` returns, frame by frame.

    Notes
    -----
    It reads the same proposals from the generator: one for each frame whose j-th object is not
    placed yet, all x before all y.
    """
    centres = np.full((2, MOST, len(lit)), NOWHERE, dtype=np.int16)
    for j in range(MOST):
        pending = [i for i in range(len(lit)) if lit[i] > j]
        while pending:
            tried = generator.integers(3, 61, size=(2, len(pending)), dtype=np.int16)
            clashing = []
            for (x, y), i in zip(tried.T.tolist(), pending, strict=True):
                earlier = centres[:, :j, i].T.tolist()
                if any(max(abs(x - a), abs(y - b)) < CLEARANCE for a, b in earlier):
                    clashing.append(i)
                else:
                    centres[:, j, i] = x, y
            pending = clashing
    return centres
