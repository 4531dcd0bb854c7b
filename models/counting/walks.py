"""Random walks of counts under the rules of episodes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_generator, as_integer
from tellapart.models.counting.rules import CountingRules
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["MAX_EPISODES", "CountingWalks", "as_bounded_rules", "counting_walks"]

IntArray = npt.NDArray[np.int64]

#: More are refused by name, so that a typing error does not fill the memory.
MAX_EPISODES = 1_000_000


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class CountingWalks:
    """Random walks of counts under the rules of episodes.

    Attributes
    ----------
    counts
        int64 ``[n_episodes, length + 1]``; -1 after the end of an episode.
    actions
        int64 ``[n_episodes, length]``; -1 where no action was taken.
    """

    counts: IntArray
    actions: IntArray

    @property
    def lengths(self) -> IntArray:
        """Number of steps of each episode, int64 ``[n_episodes]``."""
        steps: IntArray = (self.actions >= 0).sum(axis=1)
        return steps

    def __repr__(self) -> str:
        return f"CountingWalks({len(self.counts)} episodes, {int(self.lengths.sum())} steps)"


def counting_walks(
    episodes: int,
    generator: np.random.Generator | int = 0,
    *,
    rules: CountingRules | None = None,
    hold: int = 1,
) -> CountingWalks:
    """Walk at random from uniform starts.

    Parameters
    ----------
    episodes
        How many.
    generator
        A NumPy generator, which moves on, or a seed.
    rules
        Default: those of arXiv 2509.12249. They must have an ``episode_length``.
    hold
        Repeat each drawn action for this many steps, also into the next episode (the authors'
        code uses 5); default: a new action at every step.

    Raises
    ------
    InvalidArgumentError
        For arguments outside of their ranges, or episodes without end.

    Examples
    --------
    >>> counting_walks(3, 0).counts.shape
    (3, 5)
    """
    chosen = as_bounded_rules(rules)
    n = as_integer("episodes", episodes, 1, MAX_EPISODES)
    as_integer("hold", hold, 1)
    length = chosen.episode_length or 0
    source = as_generator(generator)
    counts = np.full((n, length + 1), -1, dtype=np.int64)
    actions = np.full((n, length), -1, dtype=np.int64)
    counts[:, 0] = source.integers(chosen.lowest, chosen.highest + 1, size=n)
    if hold > 1:
        _walk_in_order(counts, actions, chosen, source, hold)
        return CountingWalks(counts, actions)
    drawn = source.integers(2, size=(n, length))
    alive = np.ones(n, dtype=bool)
    for t in range(length):
        actions[alive, t] = drawn[alive, t]
        counts[alive, t + 1] = chosen.step(counts[alive, t], drawn[alive, t])
        if chosen.terminate_on_success:
            alive &= counts[:, t + 1] != chosen.target
    return CountingWalks(counts, actions)


def _walk_in_order(
    counts: IntArray,
    actions: IntArray,
    rules: CountingRules,
    source: np.random.Generator,
    hold: int,
) -> None:
    """Walk one episode after the other: a held action goes on into the next."""
    drawn = iter(np.repeat(source.integers(2, size=-(-actions.size // hold)), hold))
    for row, moves in zip(counts, actions, strict=True):
        for t in range(len(moves)):
            moves[t] = next(drawn)
            row[t + 1] = rules.step(row[t], moves[t])
            if rules.terminate_on_success and row[t + 1] == rules.target:
                break


def as_bounded_rules(rules: CountingRules | None) -> CountingRules:
    """Return rules whose episodes end, the default ones for None.

    Raises
    ------
    InvalidArgumentError
        For anything else.

    Examples
    --------
    >>> as_bounded_rules(None).episode_length
    4
    """
    chosen = CountingRules() if rules is None else rules
    if not isinstance(chosen, CountingRules):
        raise InvalidArgumentError(
            f"rules is a {type(chosen).__name__}; give CountingRules(...), or None."
        )
    if chosen.episode_length is None:
        raise InvalidArgumentError(
            "rules.episode_length is None, so episodes may never end; give a number of steps."
        )
    return chosen
