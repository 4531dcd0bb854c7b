"""Where a transition came from: numbers of rows, edges or episode steps to look up."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["RowNames", "Sighting"]


@dataclass(frozen=True)
class RowNames:
    """How to name the rows of a data set in messages and witnesses.

    Attributes
    ----------
    kind
        What one row is: ``"row"`` of a table, ``"edge"`` of a graph, ``"step"`` of an episode.
    episode_starts
        For data in several pieces (episodes, files): int64 ``[n_pieces]``, the number of the first
        row of each piece when all rows are counted through; else None.
    pieces
        What the pieces are called; None: ``episode 0``, ``episode 1`` ...

    Examples
    --------
    >>> RowNames().text(17)
    'row 17'
    >>> RowNames("step", (0, 10)).text(12)
    'step 2 of episode 1'
    >>> RowNames("row", (0, 10), ("monday.csv", "tuesday.csv")).text(12)
    'row 2 of tuesday.csv'
    """

    kind: str = "row"
    episode_starts: tuple[int, ...] | None = None
    pieces: tuple[str, ...] | None = None

    def text(self, row: int) -> str:
        """Return the name of one row; rows, steps and episodes are counted from 0."""
        if self.episode_starts is None:
            return f"{self.kind} {row}"
        starts: npt.NDArray[np.int64] = np.asarray(self.episode_starts, dtype=np.int64)
        piece = int(np.searchsorted(starts, row, side="right")) - 1
        name = f"episode {piece}" if self.pieces is None else self.pieces[piece]
        return f"{self.kind} {row - int(starts[piece])} of {name}"


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first row in which an observation stands.

    Attributes
    ----------
    row
        The number of the row.
    as_successor
        Whether it stands there only as the successor.
    text
        The row by its name, for people.
    """

    row: int
    as_successor: bool
    text: str

    def __repr__(self) -> str:
        return self.text + (", as the successor" if self.as_successor else "")
