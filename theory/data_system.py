"""The system that data describe once their forced merges are made, where they describe one."""

import numpy as np

from tellapart.theory.data_audit import DataAudit
from tellapart.theory.labels import LabelCoding
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["forced_system"]


def forced_system(audit: DataAudit) -> DeterministicMDP | None:
    """Return a total system on the observations of the data that every zero-loss model fits.

    Every zero-loss encoder gives the classes of F(D) one code each (S2). So it also has zero loss
    on the system in which each pair leads to the first member of the class that some member's row
    leads to, and each observation has the label of its class. What no encoder reaches on that
    system (S12), none reaches on the data.

    Parameters
    ----------
    audit
        Of the data.

    Returns
    -------
    DeterministicMDP or None
        None for infeasible data, and where a class lacks an action or a label.

    Notes
    -----
    O(m + n |A|).

    Examples
    --------
    >>> from tellapart.theory.data.transitions import TransitionData
    >>> from tellapart.theory.partial.analysis import analyse
    >>> rows = [[0, 0, 1], [0, 0, 2], [1, 0, 0]]
    >>> fork = TransitionData(rows, labels={0: "a", 2: "b"})
    >>> forced_system(DataAudit("fork", analyse(fork))).successors.tolist()
    [[1], [0], [0]]
    """
    if not audit.feasible:
        return None
    data, ids = audit.data, audit.forced.ids
    table = np.full((audit.forced.n_blocks, data.n_actions), -1, dtype=np.int64)
    table[ids[data.sources], data.action_ids] = audit.forced.representatives[ids[data.targets]]
    labels = np.full(audit.forced.n_blocks, -1, dtype=np.int32)
    known = np.flatnonzero(data.label_ids >= 0)
    labels[ids[known]] = data.label_ids[known]
    if (table < 0).any() or (labels < 0).any():
        return None
    coding = LabelCoding(labels[ids], data.label_values)
    return DeterministicMDP(table[ids], coding, data.observations, data.actions)
