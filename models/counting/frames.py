"""Frames of objects to count: many at once, and fast."""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_integers, as_size
from tellapart.models.counting.glyphs import Glyphs
from tellapart.models.counting.scenes import GREY, GRID, MOST, RADIUS, SHAPES, Scenes, draw_scenes
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["frames", "render"]

ByteArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]

#: Larger results are refused by name, so that a typing error does not fill the memory.
MAX_BYTES = 2**32

#: Frames that are rendered at once: few enough to stay in a processor's cache.
CHUNK = 512

_BITMAPS = """
..###.. ####### ...#... ##.....
.#####. ####### ...#... ###....
####### ####### ..###.. .###...
####### ####### ..###.. ..###..
####### ####### .#####. ...###.
.#####. ####### .#####. ....###
..###.. ####### ####### .....##
"""


def frames(
    counts: Any,
    generator: np.random.Generator | int,
    *,
    size: int = 64,
    shapes: Any = None,
    colours: Any = None,
    bits: Any = None,
    glyphs: Glyphs | None = None,
) -> ByteArray:
    """Draw frames that show ``counts`` objects at random places.

    Parameters
    ----------
    counts
        Integers ``[n]`` in 0..8.
    generator
        A NumPy generator, which moves on, or a seed.
    size
        Side of a frame: 64, or 32 or 16, for which squares of pixels are averaged.
    shapes
        Integers ``[n]`` into circle, square, triangle, line; default: one at random a frame.
    colours
        Integers ``[n, 3]`` in 30..225; default: at random for each frame.
    bits
        Integers ``[n]``: 1 makes the background grey (a distractor); default: black.
    glyphs
        Show counts as glyphs (:func:`tellapart.models.counting.glyphs.counting_glyphs`).

    Returns
    -------
    uint8 ``[n, size, size, 3]``

    Raises
    ------
    InvalidArgumentError
        For counts, shapes, colours or bits outside of their ranges or of unlike lengths, another
        size, or more than 4 GiB of frames.

    Notes
    -----
    Environment of arXiv 2509.12249. Boxes of 7 x 7 pixels never touch, so the count is a function
    of the frame (at 64 pixels, the number of connected parts). O(n size²). Same bytes as
    :func:`tellapart.models.counting.plain.plain_render`.

    Examples
    --------
    >>> pictures = frames([0, 3, 8], 0, size=32)
    >>> pictures.shape, pictures.dtype, int(pictures[0].max())
    ((3, 32, 32, 3), dtype('uint8'), 0)
    """
    side = as_size(size)
    numbers = as_integers("counts", counts, 0, MOST)
    n = len(numbers)
    if n * side * side * 3 > MAX_BYTES:
        raise InvalidArgumentError(
            f"{n} frames of {side} x {side} pixels are more than {MAX_BYTES} bytes. Draw them in "
            "batches."
        )
    scenes = draw_scenes(
        numbers, generator, shapes=shapes, colours=colours, bits=bits, glyphs=glyphs
    )
    return render(scenes, side)


def render(scenes: Scenes, size: int = 64) -> ByteArray:
    """Turn scenes into frames, uint8 ``[n, size, size, 3]``; nothing here is random.

    Notes
    -----
    Only pixels under an object are computed: how much of them is covered by one or several
    objects, and then the colour of that share.

    Examples
    --------
    >>> from tellapart.models.counting.scenes import draw_scenes
    >>> render(draw_scenes([2], 0)).shape
    (1, 64, 64, 3)
    """
    side = as_size(size)
    out = np.empty((len(scenes), side, side, 3), dtype=np.uint8)
    for start in range(0, len(scenes), CHUNK):
        here = slice(start, start + CHUNK)
        part = Scenes(
            scenes.shapes[here], scenes.colours[here], scenes.lit[here],
            scenes.centres[:, :, here], scenes.bits[here],
        )  # fmt: skip
        out[here] = _render_chunk(part, side)
    return out


def _render_chunk(scenes: Scenes, side: int) -> ByteArray:
    n, factor = len(scenes), GRID // side
    stamps, width = _stamps(factor)
    # A stamp at the border may hang over it by empty cells; they get a row and column of their own.
    pitch = max(side, (GRID - 2 * RADIUS - 1) // factor + width)
    window = (pitch * np.arange(width)[:, None] + np.arange(width)).reshape(-1)
    cover = np.zeros(n * pitch * pitch, dtype=np.uint8)
    touched = []
    for j in range(scenes.lit.max(initial=0)):
        rows = np.flatnonzero(scenes.lit > j)
        (x, y), (u, v) = np.divmod(scenes.centres[:, j, rows].astype(np.int64) - RADIUS, factor)
        cells = ((rows * pitch + y) * pitch + x)[:, None] + window
        cover[cells] += stamps[scenes.shapes[rows], v, u]
        touched.append((rows, cells))
    shades = _shades(scenes, factor * factor)
    canvas = np.empty((n, pitch * pitch, 3), dtype=np.uint8)
    canvas[:] = GREY * scenes.bits[:, None, None]
    flat = canvas.reshape(-1, 3)
    for rows, cells in touched:
        flat[cells] = shades[rows[:, None], cover[cells]]
    return canvas.reshape(n, pitch, pitch, 3)[:, :side, :side]


def _shades(scenes: Scenes, area: int) -> ByteArray:
    """Return uint8 ``[n, area + 1, 3]``: the colour of a pixel covered by k parts of ``area``."""
    k = np.arange(area + 1)[None, :, None]
    mixed = k * scenes.colours[:, None].astype(np.int64)
    mixed += (area - k) * GREY * scenes.bits[:, None, None] + area // 2
    return (mixed // area).astype(np.uint8)


@cache
def _stamps(factor: int) -> tuple[ByteArray, int]:
    """Return how much of each cell a shape covers, uint8 ``[4, factor, factor, w * w]``, and w.

    ``stamps[shape, v, u]`` is for a box whose corner lies ``v`` rows and ``u`` columns inside its
    first cell of ``factor`` by ``factor`` pixels.
    """
    bitmaps = [[row.split()[s] for row in _BITMAPS.split("\n")[1:-1]] for s in range(len(SHAPES))]
    lit = np.array([[[c == "#" for c in row] for row in bitmap] for bitmap in bitmaps])
    box = lit.shape[1]
    width = -(-(box + factor - 1) // factor)
    stamps = np.zeros((len(SHAPES), factor, factor, width, width), dtype=np.uint8)
    for v in range(factor):
        for u in range(factor):
            grid = np.zeros((len(SHAPES), width * factor, width * factor), dtype=np.uint8)
            grid[:, v : v + box, u : u + box] = lit
            parts = grid.reshape(len(SHAPES), width, factor, width, factor)
            stamps[:, v, u] = parts.sum(axis=(2, 4))
    return stamps.reshape(len(SHAPES), factor, factor, -1), width
