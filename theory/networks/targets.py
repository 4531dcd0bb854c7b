"""What a model should answer on a system: labels as numbers, and transitions in one order."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.labels import LabelCoding
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["System", "label_targets", "transitions_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
System = DeterministicMDP | TransitionData


def label_targets(system: System) -> FloatArray:
    """Return labels as regression targets, float64 ``[n_obs, label_dim]``; NaN where unknown.

    The rule is that of :attr:`~tellapart.theory.mdp.DeterministicMDP.label_vectors`.
    """
    if isinstance(system, DeterministicMDP):
        return system.label_vectors
    values = system.label_values
    if not values:
        return np.full((system.n_obs, 1), np.nan)
    ids = np.arange(len(values), dtype=np.int32)
    one_each = DeterministicMDP(ids[:, None], LabelCoding(ids, values)).label_vectors
    targets = one_each[system.label_ids]
    targets[system.label_ids < 0] = np.nan
    return targets


def transitions_of(system: System) -> tuple[IntArray, IntArray, IntArray]:
    """Return sources, actions and successors (int64), numbered as in a certificate of margins.

    Observation by observation and action by action for a ``DeterministicMDP``, in the order of
    ``triples`` for ``TransitionData``.
    """
    if isinstance(system, DeterministicMDP):
        n, m = system.successors.shape
        sources, actions = np.divmod(np.arange(n * m, dtype=np.int64), m)
        return sources, actions, system.successors.reshape(-1).astype(np.int64)
    return (
        system.sources.astype(np.int64),
        system.action_ids.astype(np.int64),
        system.targets.astype(np.int64),
    )
