"""What is drawn at random in a frame: shape, colour and places of the objects."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_generator, as_integers
from tellapart.models.counting.glyphs import OBJECTS, SIDE, Glyphs
from tellapart.theory.errors import InvalidArgumentError

__all__ = [
    "CLEARANCE", "COLOURS", "GREY", "GRID", "MOST", "NOWHERE", "RADIUS", "SHAPES", "Scenes",
    "draw_scenes", "place",
]  # fmt: skip

IntArray = npt.NDArray[np.int64]
PlaceArray = npt.NDArray[np.int16]

#: The four shapes, by number.
SHAPES = ("circle", "square", "triangle", "line")

#: Scenes live on a grid of this side; an object fills a box of ``2 * RADIUS + 1``.
GRID, RADIUS = 64, 3

#: The largest count.
MOST = 8

#: Each colour channel is uniform on these, both included.
COLOURS = (30, 225)

#: The background of a frame whose bit is 1; it is black otherwise.
GREY = 16

#: Centres differ by at least this in x or in y: a dark pixel lies between any two boxes.
CLEARANCE = 2 * RADIUS + 2

#: The centre of an object that is not there; far from every place.
NOWHERE = -100


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Scenes:
    """The random part of n frames; the two renderers turn equal scenes into equal bytes.

    Attributes
    ----------
    shapes
        int64 ``[n]``: numbers into :data:`SHAPES`.
    colours
        uint8 ``[n, 3]``: the colour of all objects of a frame.
    lit
        int64 ``[n]``: how many objects are drawn.
    centres
        int16 ``[2, 8, n]``: x and y of the objects on the grid of 64, the first ``lit`` of them;
        :data:`NOWHERE` for the others.
    bits
        int64 ``[n]``: 1 where the background is grey instead of black.
    """

    shapes: IntArray
    colours: npt.NDArray[np.uint8]
    lit: IntArray
    centres: PlaceArray
    bits: IntArray

    def __len__(self) -> int:
        return len(self.lit)

    def __repr__(self) -> str:
        return f"Scenes({len(self)} frames, {int(self.lit.sum())} objects)"


def draw_scenes(
    counts: Any,
    generator: np.random.Generator | int,
    *,
    shapes: Any = None,
    colours: Any = None,
    bits: Any = None,
    glyphs: Glyphs | None = None,
) -> Scenes:
    """Draw the scenes of n frames.

    Parameters
    ----------
    counts
        Integers ``[n]`` in 0..8: the number of objects, or of the glyph.
    generator
        A NumPy generator, which moves on, or a seed.
    shapes
        Integers ``[n]`` in 0..3, such as those of the frames' episodes. Default: uniform.
    colours
        Integers ``[n, 3]`` in 30..225. Default: each channel uniform.
    bits
        Integers ``[n]`` in 0..1: the background. Default: black everywhere.
    glyphs
        Show count ``k`` as a glyph of six objects, at a random place, instead of as ``k`` objects.

    Raises
    ------
    InvalidArgumentError
        For values outside of these ranges, or of other lengths.

    Notes
    -----
    Each object is uniform on the places that the earlier ones leave free (by rejection), with a
    dark pixel between any two boxes. Eight boxes leave more than half of the grid free, so this
    always ends. O(n) rounds of arrays.

    Examples
    --------
    >>> draw_scenes([0, 3, 8], 0)
    Scenes(3 frames, 11 objects)
    """
    numbers = as_integers("counts", counts, 0, MOST)
    source, n = as_generator(generator), len(numbers)
    if shapes is None:
        shapes = source.integers(len(SHAPES), size=n)
    if colours is None:
        colours = source.integers(COLOURS[0], COLOURS[1] + 1, size=(n, 3))
    kinds = as_integers("shapes", shapes, 0, len(SHAPES) - 1, n)
    grey = np.zeros(n, dtype=np.int64) if bits is None else as_integers("bits", bits, 0, 1, n)
    paint = _as_colours(colours, n)
    if glyphs is None:
        return Scenes(kinds, paint, numbers, place(numbers, source), grey)
    lit = np.full(n, OBJECTS, dtype=np.int64)
    return Scenes(kinds, paint, lit, _place_glyphs(numbers, glyphs, source), grey)


def place(lit: IntArray, generator: np.random.Generator) -> PlaceArray:
    """Return places of ``lit[i]`` objects in frame ``i``; see :func:`draw_scenes`.

    The j-th objects of all frames are tried at once, again where they clash.
    """
    centres = np.full((2, MOST, len(lit)), NOWHERE, dtype=np.int16)
    for j in range(lit.max(initial=0)):
        pending = np.flatnonzero(lit > j)
        while pending.size:
            tried = generator.integers(
                RADIUS, GRID - RADIUS, size=(2, len(pending)), dtype=np.int16
            )
            near = np.abs(centres[:, :j, pending] - tried[:, None]) < CLEARANCE
            free = ~(near[0] & near[1]).any(axis=0)
            centres[:, j, pending[free]] = tried[:, free]
            pending = pending[~free]
    return centres


def _place_glyphs(counts: IntArray, glyphs: Glyphs, generator: np.random.Generator) -> PlaceArray:
    """Return the objects of each frame's glyph, the whole glyph at a uniform place."""
    span = (SIDE - 1) * CLEARANCE
    corner = generator.integers(RADIUS, GRID - RADIUS - span, size=(2, 1, len(counts)))
    table = np.array([glyphs.pattern_of(count) for count in range(MOST + 1)])
    centres = np.full((2, MOST, len(counts)), NOWHERE, dtype=np.int16)
    centres[:, :OBJECTS] = corner + CLEARANCE * table[counts].transpose(2, 1, 0)
    return centres


def _as_colours(colours: Any, n: int) -> npt.NDArray[np.uint8]:
    try:
        array = np.asarray(colours)
    except (ValueError, TypeError, OverflowError):
        array = np.zeros(0)
    low, high = COLOURS
    inside = array.dtype.kind in "iu" and bool(((array >= low) & (array <= high)).all())
    if array.shape != (n, 3) or not inside:
        raise InvalidArgumentError(
            f"colours has shape {array.shape} and dtype {array.dtype}; give integers [{n}, 3] in "
            f"{low}..{high}, one red, green and blue for each frame."
        )
    return array.astype(np.uint8)
