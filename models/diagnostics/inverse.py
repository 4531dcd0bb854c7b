"""Inverse dynamics on codes: how well the codes before and after an action tell which it was."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.diagnostics.border import as_codes
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = ["InverseDynamics", "inverse_dynamics"]

IntArray = npt.NDArray[np.int64]


@register
@dataclass(frozen=True, slots=True)
class InverseDynamics(Saved):
    """Smallest error rate of any function that guesses the action of a transition.

    Attributes
    ----------
    error
        Of functions of (E(o), E(f(o, a))), over all pairs of observation and action.
    floor
        Of functions of (o, f(o, a)): what no encoder can improve, because actions do the same.
    """

    error: float
    floor: float

    def explain(self) -> str:
        """Return the two errors as a sentence."""
        return (
            f"From the codes before and after it, {self.error:.1%} of the actions are guessed "
            f"wrongly at best; from the observations themselves {self.floor:.1%}."
        )


def inverse_dynamics(mdp: DeterministicMDP, codes: Any) -> InverseDynamics:
    """Measure the best possible inverse dynamics on codes.

    Parameters
    ----------
    mdp
        The system.
    codes
        E(o), float64 ``[n_obs, d]``; equal means equal.

    Returns
    -------
    InverseDynamics

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite numbers, or not one row for each observation.

    Notes
    -----
    Transitions are grouped by their pair of codes; in each group the commonest action is right.
    No network is fitted, so this is the error that the loss of Pathak et al., 2017, arXiv
    1705.05363, can reach at best. O(n |A| (d + log n)).

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> inverse_dynamics(counting_chain(9), np.arange(9.0) % 3)
    InverseDynamics(error=0.0, floor=0.0)
    """
    rows = as_codes(codes)
    if len(rows) != mdp.n_obs:
        raise InvalidArgumentError(
            f"codes has {len(rows)} rows and the system {mdp.n_obs} observations; give one row for "
            "each observation, in the order of mdp.observations."
        )
    ids = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return InverseDynamics(_error(mdp, ids), _error(mdp, np.arange(mdp.n_obs)))


def _error(mdp: DeterministicMDP, ids: IntArray) -> float:
    before = np.repeat(ids, mdp.n_actions)
    after = ids[mdp.successors].reshape(-1)
    actions = np.tile(np.arange(mdp.n_actions), mdp.n_obs)
    pairs = np.unique(before * mdp.n_obs + after, return_inverse=True)[1].reshape(-1)
    cells, counts = np.unique(pairs * mdp.n_actions + actions, return_counts=True)
    best = np.zeros(int(pairs.max()) + 1, dtype=np.int64)
    np.maximum.at(best, cells // mdp.n_actions, counts)
    return (len(pairs) - int(best.sum())) / len(pairs)
