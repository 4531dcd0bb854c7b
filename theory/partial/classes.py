"""The quotient of data by F(D): functional, and what every question below is asked of (S2, S3)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import as_data
from tellapart.theory.partial.closure import Closure, close
from tellapart.theory.partition import Partition

__all__ = ["ForcedClasses", "forced_classes", "refuse_infeasible"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ForcedClasses:
    """Classes of ``F(D)`` with one successor for each covered pair (class, action).

    Attributes
    ----------
    data
        The data.
    closure
        ``F(D)`` with its proof.
    starts
        int64 ``[n_classes + 1]``: the edges of class ``c`` are ``starts[c] .. starts[c + 1] - 1``.
    edge_actions, edge_targets
        int32 ``[n_edges]``: action and successor class of each edge; by class, then by action.
    edge_transitions
        int64 ``[n_edges]``: a transition of the data for each edge.
    labels
        int32 ``[n_classes]``: label id, -1 where no member is labelled; of infeasible data, the
        label of one member.
    labelled
        int64 ``[n_classes]``: a labelled member of each class, -1 where there is none.
    """

    data: TransitionData
    closure: Closure
    starts: LongArray
    edge_actions: IntArray
    edge_targets: IntArray
    edge_transitions: LongArray
    labels: IntArray
    labelled: LongArray

    @property
    def partition(self) -> Partition:
        """``F(D)``."""
        return self.closure.partition

    @property
    def n_classes(self) -> int:
        """Number of classes of ``F(D)``."""
        return len(self.labels)

    @property
    def feasible(self) -> bool:
        """Tell whether some encoder reaches zero loss on the data (S2)."""
        return self.closure.clash_round == 0

    @cached_property
    def sizes(self) -> LongArray:
        """int64 ``[n_classes]``: number of observations in each class."""
        return self.partition.sizes.astype(np.int64)

    def rows_of(self, c: int) -> dict[int, int]:
        """Return the edges of a class: ``{action: edge}``."""
        low, high = int(self.starts[c]), int(self.starts[c + 1])
        return dict(zip(self.edge_actions[low:high].tolist(), range(low, high), strict=True))


def forced_classes(
    data: TransitionData | DeterministicMDP, *, method: str = "auto"
) -> ForcedClasses:
    """Compute ``F(D)`` and the quotient by it, to be shared by several questions.

    Parameters
    ----------
    data
        Any coverage and any labels.
    method
        As in :func:`~tellapart.theory.partial.forced.forced_merges`.

    Raises
    ------
    InvalidArgumentError
        For data of another type, or an unknown method.

    Notes
    -----
    O(m log m), and O(m) for functional data.

    Examples
    --------
    >>> found = forced_classes(TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 0]]))
    >>> found.n_classes, found.edge_targets.tolist(), found.feasible
    (2, [1, 0], True)
    """
    checked = as_data(data)
    closure = close(checked, method=method)
    ids = closure.partition.ids
    if checked.is_functional:
        chosen = np.arange(checked.n_transitions, dtype=np.int64)
    else:
        keys = ids[checked.sources].astype(np.int64) * checked.n_actions + checked.action_ids
        _, first = np.unique(keys, return_index=True)
        chosen = first.astype(np.int64)
    sources = ids[checked.sources[chosen]]
    n = closure.partition.n_blocks
    known = np.flatnonzero(checked.label_ids >= 0)[::-1]
    labels, labelled = np.full(n, -1, dtype=np.int32), np.full(n, -1, dtype=np.int64)
    labels[ids[known]] = checked.label_ids[known]
    labelled[ids[known]] = known
    return ForcedClasses(
        data=checked,
        closure=closure,
        starts=np.searchsorted(sources, np.arange(n + 1)).astype(np.int64),
        edge_actions=np.ascontiguousarray(checked.action_ids[chosen]),
        edge_targets=np.ascontiguousarray(ids[checked.targets[chosen]]),
        edge_transitions=chosen,
        labels=labels,
        labelled=labelled,
    )


def refuse_infeasible(classes: ForcedClasses) -> None:
    """Raise when no encoder reaches zero loss: then nothing can be said of those that do."""
    if not classes.feasible:
        raise InvalidArgumentError(
            "These data are infeasible: their transitions force observations of different labels "
            "to share a code, so no encoder reaches zero loss. See infeasibility(data).explain() "
            "for the rows, and repair them first."
        )
