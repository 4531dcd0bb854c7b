"""Counts seen in a few fixed views: a deterministic system with a picture of each observation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_choice, as_integer, as_integers, as_size
from tellapart.models.counting.frames import render
from tellapart.models.counting.glyphs import Glyphs, counting_glyphs
from tellapart.models.counting.rules import CONTROLS
from tellapart.models.counting.scenes import COLOURS, MOST, SHAPES, draw_scenes
from tellapart.models.counting.systems import counting_system, paired
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["ViewedCounting", "count_frames", "viewed_counting"]

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

#: More views would be more pictures than a test wants; it refuses a typing error.
MAX_VIEWS = 10_000


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class ViewedCounting:
    """Counts seen in a few fixed views: a deterministic system and the picture of each observation.

    Attributes
    ----------
    mdp
        Observations are named ``(count, view)``, or ``(count, bit, view)`` with a distractor. The
        view stays what it is.
    frames
        float32 ``[n_obs, 3, size, size]`` in [0, 1], in the order of the observations.
    counts, views, bits
        int64 ``[n_obs]``: what each picture shows; bits are 0 without a distractor.
    control
        None, ``"glyphs"`` or ``"distractor"``.
    """

    mdp: DeterministicMDP
    frames: FloatArray
    counts: IntArray
    views: IntArray
    bits: IntArray
    control: str | None

    @property
    def same_frames(self) -> tuple[tuple[int, ...], ...]:
        """Groups of observations (indices) with equal pictures, where an encoder has no choice."""
        groups: dict[bytes, list[int]] = {}
        for i, frame in enumerate(self.frames):
            groups.setdefault(frame.tobytes(), []).append(i)
        return tuple(tuple(group) for group in groups.values() if len(group) > 1)

    def explain(self) -> str:
        """Return what the pictures show, and which of them are equal."""
        side = self.frames.shape[-1]
        kinds = {None: "objects on black", "glyphs": "glyphs", "distractor": "objects, background "
                 "black and grey by turns"}  # fmt: skip
        lines = [
            f"Counts {self.counts.min()}..{self.counts.max()} in {int(self.views.max()) + 1} "
            f"views: {self.mdp.n_obs} pictures of {side} x {side} pixels ({kinds[self.control]})."
        ]
        for group in self.same_frames:
            names = ", ".join(repr(self.mdp.observations[i]) for i in group)
            lines.append(f"One picture: {names}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        shape = "x".join(map(str, self.frames.shape))
        return f"ViewedCounting({self.mdp!r}, frames {shape}, control={self.control!r})"


def viewed_counting(
    views: int = 3,
    size: int = 16,
    seed: int = 0,
    counts: Any = range(9),
    control: str | None = None,
    *,
    labels: str = "sparse",
    target: int = 4,
) -> ViewedCounting:
    """Return the deterministic system of pictures: the view is fixed within an episode.

    Parameters
    ----------
    views
        How many. A view is a shape, a colour, and one place for the objects of each count; views
        ``v`` and ``v + 4`` have the same shape.
    size
        Side of the pictures: 64, 32 or 16 pixels.
    seed
        Of shapes, colours, places, glyphs and the random network.
    counts
        The counts, ascending without gaps; ``range(1, 9)`` leaves the empty picture out.
    control
        ``"glyphs"``, ``"distractor"`` or None, as in
        :class:`~tellapart.models.counting.environment.CountingEnv`.
    labels, target
        As in :func:`~tellapart.models.counting.systems.counting_system`.

    Returns
    -------
    ViewedCounting

    Raises
    ------
    InvalidArgumentError
        For arguments outside of their ranges, or counts with gaps.

    Notes
    -----
    The label is one of the count, so B* (D3) has one block for each count that it tells apart,
    each with all views. Count 0 looks the same in all views: whatever codes an encoder gives, at
    zero dynamics loss it then merges all views of every count (forced merges, S2).

    Examples
    --------
    >>> seen = viewed_counting(views=2)
    >>> seen.mdp, seen.frames.shape, seen.same_frames
    (DeterministicMDP(n_obs=18, n_actions=2, n_labels=2), (18, 3, 16, 16), ((0, 1),))
    """
    as_integer("views", views, 1, MAX_VIEWS)
    as_integer("seed", seed, 0)
    as_choice("control", control, CONTROLS)
    low, high = _as_run(counts)
    chain = counting_system(
        labels, target=target, lowest=low, highest=high,
        distractor=control == "distractor", seed=seed,
    )  # fmt: skip
    mdp = paired(chain, tuple(range(views)))
    names = np.array(list(mdp.observations), dtype=np.int64)
    shown, seen = names[:, 0], names[:, -1]
    bits = names[:, 1] if control == "distractor" else np.zeros(len(names), dtype=np.int64)
    glyphs = counting_glyphs(seed) if control == "glyphs" else None
    pictures = _pictures(shown, seen, bits, as_size(size), seed, glyphs)
    for array in (pictures, shown, seen, bits):
        array.setflags(write=False)
    return ViewedCounting(mdp, pictures, shown, seen, bits, control)


def _as_run(counts: Any) -> tuple[int, int]:
    """Return the ends of counts that ascend without gaps."""
    given = list(counts[: MOST + 2]) if isinstance(counts, range) else counts
    run = as_integers("counts", given, 0, MOST)
    if not len(run) or (np.diff(run) != 1).any():
        raise InvalidArgumentError(
            f"counts is {counts!r}; give counts that ascend without gaps, such as range(1, 9)."
        )
    return int(run[0]), int(run[-1])


def count_frames(
    counts: Any, views: Any, size: int = 16, seed: int = 0, *, glyphs: Glyphs | None = None
) -> FloatArray:
    """Return the picture of each count in a view.

    Parameters
    ----------
    counts, views
        Integers ``[n]``: counts in 0..8, and views from 0 up.
    size
        Side of the pictures: 64, 32 or 16 pixels.
    seed
        Of the views. A picture depends on seed, view and count, and on nothing else.
    glyphs
        Show counts as glyphs.

    Returns
    -------
    float32 ``[n, 3, size, size]`` in [0, 1]

    Raises
    ------
    InvalidArgumentError
        For arguments outside of their ranges or of unlike lengths.

    Examples
    --------
    >>> pictures = count_frames([0, 3, 3], [0, 0, 1])
    >>> pictures.shape, pictures.dtype, float(pictures[0].max())
    ((3, 3, 16, 16), dtype('float32'), 0.0)
    """
    shown = as_integers("counts", counts, 0, MOST)
    seen = as_integers("views", views, 0, MAX_VIEWS - 1, len(shown))
    bits = np.zeros(len(shown), dtype=np.int64)
    return _pictures(shown, seen, bits, as_size(size), as_integer("seed", seed, 0), glyphs)


def _pictures(
    counts: IntArray, views: IntArray, bits: IntArray, size: int, seed: int, glyphs: Glyphs | None
) -> FloatArray:
    order = np.random.default_rng(seed).permutation(len(SHAPES))
    result = np.empty((len(counts), 3, size, size), dtype=np.float32)
    for i, (count, view, bit) in enumerate(
        zip(counts.tolist(), views.tolist(), bits.tolist(), strict=True)
    ):
        colour = np.random.default_rng([seed, view]).integers(COLOURS[0], COLOURS[1] + 1, (1, 3))
        scene = draw_scenes(
            [count], np.random.default_rng([seed, view, count]),
            shapes=[order[view % len(SHAPES)]], colours=colour, bits=[bit], glyphs=glyphs,
        )  # fmt: skip
        result[i] = render(scene, size)[0].transpose(2, 0, 1) / np.float32(255)
    return result
