"""Fresh frames and transitions of a counting run, with what they show."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.frames import render
from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.scenes import COLOURS, SHAPES, draw_scenes

__all__ = ["CountingSampler", "Shown", "Transitions", "hue_vectors"]

ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Shown:
    """Frames, and what each of them shows.

    Attributes
    ----------
    pictures
        uint8 ``[n, size, size, 3]``.
    counts, shapes, bits
        int64 ``[n]``.
    colours
        int64 ``[n, 3]``.
    places
        float64 ``[n, 2]``: mean centre of the objects in pixels of 64; NaN for an empty frame.
    """

    pictures: ByteArray
    counts: IntArray
    shapes: IntArray
    bits: IntArray
    colours: IntArray
    places: FloatArray

    @property
    def empty(self) -> npt.NDArray[np.bool_]:
        """Whether a frame has no objects, bool ``[n]``."""
        nothing: npt.NDArray[np.bool_] = np.isnan(self.places[:, 0])
        return nothing

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"Shown({len(self)} frames)"


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Transitions:
    """Frames before and after actions.

    Attributes
    ----------
    before, after
        Frames of the same shape and colour; all places are drawn anew.
    actions
        int64 ``[n]``: 0 takes one object away, 1 adds one.
    """

    before: Shown
    after: Shown
    actions: IntArray

    def __repr__(self) -> str:
        return f"Transitions({len(self.actions)})"


class CountingSampler:
    """Draws what a plan shows; everything random comes from the generators that are given.

    Parameters
    ----------
    plan
        Which control, counts, size and labels.

    Examples
    --------
    >>> sampler = CountingSampler(CountingPlan(size=16))
    >>> sampler.transitions(4, np.random.default_rng(0)).before.pictures.shape
    (4, 16, 16, 3)
    """

    def __init__(self, plan: CountingPlan) -> None:
        self.plan = plan
        self._glyphs = counting_glyphs(plan.seed) if plan.control == "glyphs" else None
        system = plan.system
        self._successors = np.zeros((9, 2), dtype=np.int64)
        self._successors[plan.counts[0] :] = system.successors + plan.counts[0]
        raw = system.label_vectors[:, 0]
        unit = float(np.ptp(raw)) or 1.0
        self.values = np.zeros(9)
        self.values[plan.counts[0] :] = raw / unit

    def shown(
        self,
        counts: IntArray,
        generator: np.random.Generator,
        *,
        shapes: IntArray | None = None,
        colours: IntArray | None = None,
        bits: IntArray | None = None,
    ) -> Shown:
        """Draw a frame for each count int64 ``[n]``; what is not given is drawn."""
        n = len(counts)
        if shapes is None:
            shapes = generator.integers(len(SHAPES), size=n)
        if colours is None:
            colours = generator.integers(COLOURS[0], COLOURS[1] + 1, size=(n, 3))
        if bits is None:
            grey = self.plan.control == "distractor"
            bits = generator.integers(2, size=n) if grey else np.zeros(n, dtype=np.int64)
        scenes = draw_scenes(
            counts, generator, shapes=shapes, colours=colours, bits=bits, glyphs=self._glyphs
        )
        lit = np.arange(scenes.centres.shape[1])[:, None] < scenes.lit
        total = np.where(lit, scenes.centres, 0).sum(axis=1).T.astype(np.float64)
        places = total / np.where(scenes.lit > 0, scenes.lit, np.nan)[:, None]
        pictures = render(scenes, self.plan.size)
        return Shown(pictures, counts, shapes, bits, colours.astype(np.int64), places)

    def after(self, before: Shown, actions: IntArray, generator: np.random.Generator) -> Shown:
        """Draw the frames that follow, in the shape and colour of the ones before."""
        flips = self.plan.control == "distractor"
        bits = 1 - before.bits if flips else before.bits
        return self.shown(
            self.step(before.counts, actions), generator, shapes=before.shapes,
            colours=before.colours, bits=bits,
        )  # fmt: skip

    def transitions(self, n: int, generator: np.random.Generator) -> Transitions:
        """Draw n transitions: counts and actions are uniform and independent."""
        counts = generator.integers(self.plan.counts[0], self.plan.counts[-1] + 1, size=n)
        actions = generator.integers(2, size=n)
        before = self.shown(counts, generator)
        return Transitions(before, self.after(before, actions, generator), actions)

    def step(self, counts: IntArray, actions: IntArray) -> IntArray:
        """Return the counts after the actions."""
        return self._successors[counts, actions]

    def labels(self, shown: Shown) -> FloatArray:
        """Return the labels of frames in units of their range, float64 ``[n, q]``.

        Notes
        -----
        q is 1, or 3 with the hue; NaN where a label is not asked.
        """
        values = self.values[shown.counts][:, None]
        if self.plan.labels != "hue":
            return values
        hues = hue_vectors(shown.colours)
        hues[shown.empty] = np.nan
        return np.concatenate([values, hues], axis=1)


def hue_vectors(colours: IntArray) -> FloatArray:
    """Return cosine and sine of the hue of colours ``[n, 3]``, float64 ``[n, 2]``; grey has red's.

    Examples
    --------
    >>> hue_vectors(np.array([[200, 30, 30], [30, 200, 200]])).round(3) + 0.0
    array([[ 1.,  0.],
           [-1.,  0.]])
    """
    red, green, blue = colours.astype(np.float64).T
    angle = np.arctan2(np.sqrt(3.0) * (green - blue), 2 * red - green - blue)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
