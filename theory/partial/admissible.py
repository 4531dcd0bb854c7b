"""Is a partition admissible for data (D4)? Any coverage and any labels, with a witness if not."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import as_data
from tellapart.theory.partition import Partition
from tellapart.theory.stability import Stability

__all__ = ["is_admissible_for"]


def is_admissible_for(data: TransitionData | DeterministicMDP, partition: Partition) -> Stability:
    """Tell whether some zero-loss encoder of the data has this kernel (D4, S1).

    Raises
    ------
    InvalidArgumentError
        For data of another type, or a partition of another number of observations.

    Notes
    -----
    O(m log m).

    Examples
    --------
    >>> data = TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: "a"})
    >>> bool(is_admissible_for(data, Partition([0, 1, 1])))
    True
    >>> is_admissible_for(data, Partition([0, 1, 2])).explain()
    'The partition is not admissible: 0 and 0 share a block, but 0 leads to 1 and 2, which do not.'
    """
    checked = as_data(data)
    if not isinstance(partition, Partition) or len(partition) != checked.n_obs:
        raise InvalidArgumentError(
            f"partition is {partition!r}; it must be a Partition of the {checked.n_obs} "
            "observations of the data."
        )
    ids, names = partition.ids, checked.observations
    pair = _label_clash(checked, ids)
    if pair is not None:
        x, y = pair
        labels = (checked.label_of(x), checked.label_of(y))
        return Stability(False, "admissible", names[x], names[y], None, labels)
    keys = ids[checked.sources].astype(np.int64) * checked.n_actions + checked.action_ids
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    ends = ids[checked.targets[order]]
    broken = np.flatnonzero(same & (ends[1:] != ends[:-1]))
    if not broken.size:
        return Stability(True, "admissible")
    p, q = (int(order[broken[0] + k]) for k in (0, 1))
    one, other = (names[int(checked.sources[t])] for t in (p, q))
    reached = (names[int(checked.targets[p])], names[int(checked.targets[q])])
    action = checked.actions[int(checked.action_ids[p])]
    return Stability(False, "admissible", one, other, action, reached)


def _label_clash(data: TransitionData, ids: npt.NDArray[np.int32]) -> tuple[int, int] | None:
    """Return two labelled observations (indices) of one block and different labels, or None."""
    known = np.flatnonzero(data.label_ids >= 0)
    order = known[np.argsort(ids[known], kind="stable")]
    same = ids[order][1:] == ids[order][:-1]
    labels = data.label_ids[order]
    broken = np.flatnonzero(same & (labels[1:] != labels[:-1]))
    if not broken.size:
        return None
    return int(order[broken[0]]), int(order[broken[0] + 1])
