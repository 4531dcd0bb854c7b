"""The rules of the counting environment: dynamics, labels, and when an episode ends."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_choice, as_flag, as_integer, as_integers
from tellapart.models.counting.scenes import MOST
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["ACTIONS", "CONTROLS", "LABELINGS", "CountingRules", "count_labels"]

IntArray = npt.NDArray[np.int64]

#: Names of the two actions.
ACTIONS = ("-1", "+1")

#: What a picture may show instead of, or beside, coloured objects on black.
CONTROLS = (None, "glyphs", "distractor")

#: Names of the labelings p of a count.
LABELINGS = ("sparse", "dense", "mod3", "network")

_HIDDEN = 16


def count_labels(name: str, counts: Any, *, target: int = 4, seed: int = 0) -> tuple[Hashable, ...]:
    """Return the exact label p of each count.

    Parameters
    ----------
    name
        ``"sparse"``: 1 exactly at the target. ``"dense"``: ``1 - |c - target| / 8``, and 1 more at
        the target, as a fraction. ``"mod3"``: ``c mod 3``. ``"network"``: a random ReLU network of
        the count with one hidden layer of 16 and integer weights, so an integer.
    counts
        Integers ``[n]`` in 0..8.
    target
        The count in question, 0..8.
    seed
        Of the network's weights.

    Raises
    ------
    InvalidArgumentError
        For an unknown name, or numbers out of range.

    Notes
    -----
    Exact labels (D3): none of them is a rounded number, so equal means equal. A random network may
    give two counts one label.

    Examples
    --------
    >>> [str(label) for label in count_labels("dense", [3, 4, 5])]
    ['7/8', '2', '7/8']
    """
    as_choice("labels", name, LABELINGS)
    as_integer("target", target, 0, MOST)
    as_integer("seed", seed, 0)
    numbers: list[int] = as_integers("counts", counts, 0, MOST).tolist()
    match name:
        case "sparse":
            return tuple(int(c == target) for c in numbers)
        case "dense":
            return tuple(_number(1 - Fraction(abs(c - target), 8) + (c == target)) for c in numbers)
        case "mod3":
            return tuple(c % 3 for c in numbers)
    return tuple(_random_network(seed)[c] for c in numbers)


def _number(value: Fraction) -> Fraction | int:
    return int(value) if value.denominator == 1 else value


def _random_network(seed: int) -> list[int]:
    """Return the network's value at 0..8; the kinks of its units lie inside this range."""
    generator = np.random.default_rng(seed)
    kinks = generator.integers(0, MOST, size=_HIDDEN)
    slopes = generator.choice([-2, -1, 1, 2], size=_HIDDEN)
    read = generator.integers(-4, 5, size=_HIDDEN)
    hidden = np.maximum(slopes * (np.arange(MOST + 1)[:, None] - kinks), 0)
    values: list[int] = (hidden @ read).tolist()
    return values


@dataclass(frozen=True, slots=True)
class CountingRules:
    """Counts, label and episodes; the defaults are those of arXiv 2509.12249.

    Parameters
    ----------
    lowest, highest
        The counts are ``lowest .. highest``, within 0..8; actions are clipped at both ends.
    target
        The count that is wanted.
    labels
        The reward of a count, one of :data:`LABELINGS`.
    episode_length
        An episode is cut off after this many steps. None: never.
    terminate_on_success
        End the episode with the step that reaches the target. One that starts there goes on.
    seed
        Of the random network, where that is the label.

    Raises
    ------
    InvalidArgumentError
        For values outside of these ranges, or a target that is none of the counts.

    Examples
    --------
    >>> CountingRules(lowest=1).counts
    range(1, 9)
    """

    lowest: int = 0
    highest: int = 8
    target: int = 4
    labels: str = "sparse"
    episode_length: int | None = 4
    terminate_on_success: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        as_integer("lowest", self.lowest, 0, MOST)
        as_integer("highest", self.highest, self.lowest, MOST)
        as_integer("target", self.target, 0, MOST)
        if self.target not in self.counts:
            raise InvalidArgumentError(
                f"target is {self.target}, which is none of the counts {self.lowest}.."
                f"{self.highest}; choose one of them."
            )
        as_choice("labels", self.labels, LABELINGS)
        if self.episode_length is not None:
            as_integer("episode_length", self.episode_length, 1)
        as_flag("terminate_on_success", self.terminate_on_success)
        as_integer("seed", self.seed, 0)

    @property
    def counts(self) -> range:
        """All counts."""
        return range(self.lowest, self.highest + 1)

    def step(self, counts: IntArray, actions: IntArray) -> IntArray:
        """Return the counts after the actions (0: one less, 1: one more), clipped."""
        after: IntArray = np.clip(counts + 2 * actions - 1, self.lowest, self.highest)
        return after

    def label_of(self, counts: Sequence[int] | IntArray) -> tuple[Hashable, ...]:
        """Return the exact label of each count."""
        return count_labels(self.labels, counts, target=self.target, seed=self.seed)

    def explain(self) -> str:
        """Return the rules as text."""
        cut = "never cut off" if self.episode_length is None else (
            f"cut off after {self.episode_length} steps"
        )  # fmt: skip
        end = "end at the target" if self.terminate_on_success else "do not end at the target"
        return (
            f"Counts {self.lowest}..{self.highest}, actions -1 and +1, clipped; target "
            f"{self.target}, label {self.labels!r}. Episodes are {cut} and {end}."
        )
