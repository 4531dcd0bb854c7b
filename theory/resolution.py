"""The resolution ratio (S13): a scale-free premise that a trained network can meet.

A small raw loss decides nothing: scaling latents by s and the head by 1/s multiplies the dynamics
loss by s² and changes neither the encoder's kernel nor this ratio.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import register

__all__ = ["Resolution", "gaps", "label_gaps", "resolution"]

FloatArray = npt.NDArray[np.float64]

#: Floats held at once in one block of pairwise differences (32 MiB).
_CHUNK = 4_000_000


@register
@dataclass(frozen=True, slots=True)
class Resolution:
    """How far the residuals are from the gaps they must stay below (S13).

    Attributes
    ----------
    dynamics_ratio
        Largest ``||T(E(o), a) - E(o')|| / (g(o')/2)`` over the transitions.
    aux_ratio
        Largest ``||P(E(o)) - p(o)||`` over half the distance of p(o) to the nearest other label.
    n_dynamics_unresolved, n_aux_unresolved
        Transitions and observations whose own ratio is 1 or more.
    max_dynamics_residual, max_aux_residual
        Largest residuals themselves; they have the scale of the latents and of the labels.
    worst_transition, worst_label
        Indices ``(o, a)`` and ``o`` where the two ratios are reached.
    smallest_gap
        Smallest distance between codes of two observations that must be told apart; infinite
        when there is no such pair.
    """

    dynamics_ratio: float
    aux_ratio: float
    n_dynamics_unresolved: int
    n_aux_unresolved: int
    max_dynamics_residual: float
    max_aux_residual: float
    worst_transition: tuple[int, int]
    worst_label: int
    smallest_gap: float

    @property
    def ratio(self) -> float:
        """The resolution ratio: the larger of the two. Below 1 is resolved."""
        return max(self.dynamics_ratio, self.aux_ratio)

    @property
    def resolved(self) -> bool:
        """Tell whether every residual is strictly below half its gap."""
        return self.ratio < 1.0


def resolution(
    mdp: DeterministicMDP,
    partition: Partition,
    codes: FloatArray,
    predicted: FloatArray,
    read: FloatArray,
) -> Resolution:
    """Measure the resolution ratio of a model (S13).

    Parameters
    ----------
    mdp
        The system, total and fully labelled.
    partition
        B* of ``mdp``: pairs in different blocks must be told apart.
    codes
        E(o), float64 ``[n_obs, d]``, finite.
    predicted
        T(E(o), a), float64 ``[n_obs, n_actions, d]``, finite.
    read
        P(E(o)), float64 ``[n_obs, label_dim]``, finite.

    Returns
    -------
    Resolution

    Raises
    ------
    InvalidArgumentError
        When the shapes do not fit together.

    Notes
    -----
    O(n² d) time in blocks of bounded memory. A gap of zero (two codes that must be told apart
    are equal) gives an infinite ratio, even at zero residual.
    """
    _check_shapes(mdp, codes, predicted, read)
    gap = gaps(codes, partition)
    residual = np.linalg.norm(predicted - codes[mdp.successors], axis=2)
    dynamics = _ratios(residual, gap[mdp.successors] / 2)
    aux_residual = np.linalg.norm(read - mdp.label_vectors, axis=1)
    aux = _ratios(aux_residual, label_gaps(mdp) / 2)
    o, a = np.unravel_index(int(np.argmax(dynamics)), dynamics.shape)
    return Resolution(
        dynamics_ratio=float(dynamics.max()),
        aux_ratio=float(aux.max()),
        n_dynamics_unresolved=int((dynamics >= 1).sum()),
        n_aux_unresolved=int((aux >= 1).sum()),
        max_dynamics_residual=float(residual.max()),
        max_aux_residual=float(aux_residual.max()),
        worst_transition=(int(o), int(a)),
        worst_label=int(np.argmax(aux)),
        smallest_gap=float(gap.min()),
    )


def gaps(codes: FloatArray, partition: Partition) -> FloatArray:
    """Return g(o), the distance of each code to the nearest code of another block.

    Parameters
    ----------
    codes
        float64 ``[n, d]``.
    partition
        Of the same n observations.

    Returns
    -------
    float64 ``[n]``; infinite where there is no other block. Differences are taken directly (no
    Gram matrix), so that gaps far below the norm of the codes keep their digits.
    """
    n, d = codes.shape
    ids = partition.ids
    result = np.full(n, np.inf)
    if partition.n_blocks < 2:
        return result
    step = max(1, _CHUNK // max(1, n * d))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        squared = np.square(codes[rows, None, :] - codes[None, :, :]).sum(axis=2)
        squared[ids[rows, None] == ids[None, :]] = np.inf
        result[rows] = np.sqrt(squared.min(axis=1))
    return result


def label_gaps(mdp: DeterministicMDP) -> FloatArray:
    """Return the distance of each label vector to the nearest other label, float64 ``[n_obs]``."""
    first = np.unique(mdp.label_ids, return_index=True)[1]
    values = mdp.label_vectors[first]
    return gaps(values, Partition.identity(len(values)))[mdp.label_ids]


def _ratios(residual: FloatArray, half_gap: FloatArray) -> FloatArray:
    """Divide with the two conventions of S13: no gap to keep gives 0, a gap of zero infinity."""
    safe = np.where(half_gap > 0, half_gap, 1.0)
    return np.where(np.isinf(half_gap), 0.0, np.where(half_gap > 0, residual / safe, np.inf))


def _check_shapes(
    mdp: DeterministicMDP, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> None:
    if codes.ndim != 2 or len(codes) != mdp.n_obs:
        raise InvalidArgumentError(
            f"codes has shape {codes.shape}; it must be [n_obs, d] = [{mdp.n_obs}, d]."
        )
    expected = {
        "predicted": (predicted.shape, (mdp.n_obs, mdp.n_actions, codes.shape[1])),
        "read": (read.shape, mdp.label_vectors.shape),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            raise InvalidArgumentError(f"{name} has shape {found}; it must be {wanted}.")
