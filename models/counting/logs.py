"""Logged episodes of the counting environment: frames as an array, and what the data say."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_choice, as_integer, as_size
from tellapart.models.counting.frames import MAX_BYTES, frames
from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.rules import ACTIONS, CONTROLS, CountingRules
from tellapart.models.counting.scenes import COLOURS, SHAPES
from tellapart.models.counting.walks import (
    MAX_EPISODES,
    CountingWalks,
    as_bounded_rules,
    counting_walks,
)
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError, InvalidArgumentError

__all__ = ["LoggedCounting", "logged_counting"]

ByteArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class LoggedCounting:
    """Episodes as a logger sees them: equal frames are one observation.

    Attributes
    ----------
    data
        The transitions and the label of every observation; observation ``i`` is ``frames[i]``.
    frames
        uint8 ``[n_obs, size, size, 3]``: the distinct frames, in the order in which they are seen.
    counts, shapes, bits
        int64 ``[n_obs]``: what each frame shows. The shape is that of the first episode in which
        the frame was seen (the empty frame shows none).
    episodes
        int64 ``[n_obs]``: that episode.
    """

    data: TransitionData
    frames: ByteArray
    counts: IntArray
    shapes: IntArray
    bits: IntArray
    episodes: IntArray

    @property
    def shows_an_empty_frame(self) -> bool:
        """Tell whether some frame has no objects, and so shows neither shape nor colour."""
        alike: npt.NDArray[np.bool_] = (self.frames == self.frames[:, :1, :1]).all(axis=(1, 2, 3))
        return bool(alike.any())

    def explain(self) -> str:
        """Return what was logged, as text."""
        unlike = ""
        if not self.data.is_functional:
            unlike = " Some frame was followed by different frames after one action: "
            unlike += "places are drawn anew" + (
                ", and the empty frame does not show the shape and colour to come."
                if self.shows_an_empty_frame
                else "."
            )
        return (
            f"{self.data.n_rows} steps with {self.data.n_obs} distinct frames of counts "
            f"{self.counts.min()}..{self.counts.max()}.{unlike}"
        )

    def __repr__(self) -> str:
        shape = "x".join(map(str, self.frames.shape))
        return f"LoggedCounting({self.data!r}, frames {shape})"


def logged_counting(
    episodes: int = 200,
    seed: int = 0,
    *,
    rules: CountingRules | None = None,
    size: int = 64,
    control: str | None = None,
    hold: int = 1,
) -> LoggedCounting:
    """Log episodes of random actions as transition data over frames.

    Parameters
    ----------
    episodes, rules, hold
        As in :func:`~tellapart.models.counting.walks.counting_walks`.
    seed
        Of everything, the order of the glyphs included.
    size
        Side of the frames: 64, 32 or 16 pixels.
    control
        ``"glyphs"``, ``"distractor"`` or None, as in
        :class:`~tellapart.models.counting.environment.CountingEnv`.

    Returns
    -------
    LoggedCounting
        Rows of the data are named by step and episode.

    Raises
    ------
    InvalidArgumentError
        For arguments outside of their ranges, or more than 4 GiB of frames.

    Notes
    -----
    Such data are partial (S6): hardly any frame is seen twice, so hardly any pair (frame, action)
    has its other successor. The empty frame is the exception: it is one observation with
    successors of every shape and colour, which forces merges (S2).

    Examples
    --------
    >>> log = logged_counting(episodes=20, size=16)
    >>> log.data.is_functional, log.frames.shape[1:]
    (False, (16, 16, 3))
    """
    as_integer("seed", seed, 0)
    as_choice("control", control, CONTROLS)
    source, side, chosen = np.random.default_rng(seed), as_size(size), as_bounded_rules(rules)
    n = as_integer("episodes", episodes, 1, MAX_EPISODES)
    if n * (chosen.episode_length or 0) * side * side * 3 > MAX_BYTES:
        raise InvalidArgumentError(
            f"{n} episodes of {chosen.episode_length} steps may show more than {MAX_BYTES} bytes "
            "of frames. Log fewer, or smaller frames."
        )
    walks = counting_walks(n, source, rules=chosen, hold=hold)
    shapes = source.integers(len(SHAPES), size=n)
    colours = source.integers(COLOURS[0], COLOURS[1] + 1, size=(n, 3))
    starts = source.integers(2, size=n) if control == "distractor" else None
    episode, step = np.nonzero(walks.counts >= 0)
    counts = walks.counts[episode, step]
    bits = np.zeros_like(counts) if starts is None else (starts[episode] + step) % 2
    glyphs = counting_glyphs(seed) if control == "glyphs" else None
    pictures = frames(
        counts, source, size=side, shapes=shapes[episode], colours=colours[episode], bits=bits,
        glyphs=glyphs,
    )  # fmt: skip
    ids, first = _distinct(pictures)
    data = _transitions(walks, ids, counts, first, chosen)
    shown = counts[first], shapes[episode[first]], bits[first], episode[first]
    return LoggedCounting(data, pictures[first], *shown)


def _distinct(pictures: ByteArray) -> tuple[IntArray, IntArray]:
    """Return a number for each frame, equal for equal ones, and where each was first seen."""
    known: dict[bytes, int] = {}
    ids = np.array([known.setdefault(picture.tobytes(), len(known)) for picture in pictures])
    _, first = np.unique(ids, return_index=True)
    return ids, first


def _transitions(
    walks: CountingWalks, ids: IntArray, counts: IntArray, first: IntArray, rules: CountingRules
) -> TransitionData:
    if (counts[first][ids] != counts).any():
        raise InternalError("Two counts were drawn as one frame; frames must show their count.")
    lengths = walks.lengths
    ends = np.cumsum(lengths + 1)
    episodes: list[dict[str, Any]] = [
        {
            "observations": ids[end - length - 1 : end],
            "actions": [ACTIONS[a] for a in moves[:length].tolist()],
        }
        for end, length, moves in zip(ends.tolist(), lengths.tolist(), walks.actions, strict=True)
    ]
    data = TransitionData.from_episodes(episodes, action_names=ACTIONS)
    return data.with_labels(rules.label_of(counts[first]))
