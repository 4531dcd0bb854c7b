"""Edges of the quotient by F(D), sorted by where they lead."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.classes import ForcedClasses

__all__ = ["EdgesIn", "edges_in"]


@dataclass(frozen=True, eq=False)
class EdgesIn:
    """The edges into class ``c`` are ``starts[c] .. starts[c + 1] - 1``, sorted by action.

    Attributes
    ----------
    starts
        int64 ``[n_classes + 1]``.
    actions, sources
        int32 ``[n_edges]``.
    """

    starts: npt.NDArray[np.int64]
    actions: npt.NDArray[np.int32]
    sources: npt.NDArray[np.int32]


def edges_in(classes: ForcedClasses) -> EdgesIn:
    """Sort the edges of the quotient by target and action; O(m log m)."""
    k = classes.n_classes
    sources = np.repeat(np.arange(k, dtype=np.int32), np.diff(classes.starts))
    order = np.lexsort((classes.edge_actions, classes.edge_targets))
    starts = np.searchsorted(classes.edge_targets[order], np.arange(k + 1)).astype(np.int64)
    return EdgesIn(starts, classes.edge_actions[order], sources[order])
