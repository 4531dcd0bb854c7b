"""Tables of one size under one labelling, where there is a pair that codes could merge.

Inside of :mod:`.search`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.counterexamples.relations import Ids, pair_depths
from tellapart.theory.counterexamples.tables import Dynamics

__all__ = ["Labels", "Place", "place_of"]

Labels = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Place:
    """Tables of one size with one labelling: those with a pair that needs a word long enough.

    Attributes
    ----------
    labels
        Group numbers of the observations.
    index
        Which tables of the size these are.
    tables, depths
        int8 ``[k, n, m]``, and the depths of all pairs, int8 ``[k, n, n]``.
    n_all
        Tables of the size: what one decision of all of them counts.
    min_depth
        The merged pair needs words at least this long.
    """

    labels: Labels
    index: npt.NDArray[np.intp]
    tables: Ids
    depths: Ids
    n_all: int
    min_depth: int

    @property
    def n(self) -> int:
        """Observations."""
        return int(self.tables.shape[1])

    @property
    def m(self) -> int:
        """Actions."""
        return int(self.tables.shape[2])

    def __len__(self) -> int:
        return len(self.index)


def place_of(dynamics: Dynamics, labels: Labels, min_depth: int) -> Place:
    """Return the tables on which labels leave a pair to merge; no other has a counterexample."""
    depths = pair_depths(dynamics.tables, labels)
    index = np.flatnonzero(depths.max(axis=(1, 2)) >= min_depth)
    count = len(dynamics.tables)
    return Place(labels, index, dynamics.tables[index], depths[index], count, min_depth)
