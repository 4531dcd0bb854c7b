"""Where a transition came from: numbers of rows, edges or episode steps to look up."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["RowNames"]


@dataclass(frozen=True)
class RowNames:
    """How to name the rows of a data set in messages and witnesses.

    Attributes
    ----------
    kind
        What one row is: ``"row"`` of a table, ``"edge"`` of a graph, ``"step"`` of an episode.
    episode_starts
        For steps: int64 ``[n_episodes]``, the number of the first step of each episode when all
        are counted through; else None.

    Examples
    --------
    >>> RowNames().text(17)
    'row 17'
    >>> RowNames("step", (0, 10)).text(12)
    'step 2 of episode 1'
    """

    kind: str = "row"
    episode_starts: tuple[int, ...] | None = None

    def text(self, row: int) -> str:
        """Return the name of one row; rows, steps and episodes are counted from 0."""
        if self.episode_starts is None:
            return f"{self.kind} {row}"
        starts: npt.NDArray[np.int64] = np.asarray(self.episode_starts, dtype=np.int64)
        episode = int(np.searchsorted(starts, row, side="right")) - 1
        return f"{self.kind} {row - int(starts[episode])} of episode {episode}"
