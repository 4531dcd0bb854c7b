"""What an attempt reached, without any scale: distance of the pair, losses, resolution."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.models.attack.exact import ExactAnswers
from tellapart.models.evaluation import Evaluation
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition, kernel
from tellapart.theory.resolution import resolution

__all__ = ["Measured", "is_exactly_zero", "measure", "tied", "zero_tolerance"]

FloatArray = npt.NDArray[np.float64]

#: Relative losses up to this count as zero in float64.
_ZERO = 1e-6
#: In coarser types: this many units of rounding.
_UNITS = 64


@dataclass(frozen=True, slots=True)
class Measured:
    """One attempt in numbers that do not change when codes, labels and head are rescaled.

    Attributes
    ----------
    distance
        Of the two codes, over the rms distance of all pairs of codes.
    dynamics, aux
        Rms residual over rms spread, of codes and of labels. Of a loss that is not trained: the
        smallest that any T, or any P, can reach with these codes.
    loss
        Root of the sum of squares of those that are trained.
    irreducible
        The same for both losses at the best T and P for these codes, the pair made one (S11):
        positive when the kernel is not admissible.
    ratio
        Resolution ratio (S13) of everything but the pair: its two blocks count as one.
    """

    distance: float
    dynamics: float
    aux: float
    loss: float
    irreducible: float
    ratio: float


def measure(
    exact: ExactAnswers, evaluation: Evaluation, x: int, y: int, centred: bool = True
) -> Measured:
    """Measure an attempt on a pair of indices.

    Parameters
    ----------
    exact
        The system and the objective.
    evaluation
        What the trained subject answers.
    x, y
        The pair.
    centred
        Whether codes are compared with their spread around the mean, or (where all observations
        are meant to share one code) with their size.

    Notes
    -----
    O(n² d + n |A| d).
    """
    mdp, codes = exact.mdp, evaluation.codes
    scale = _rms(codes - codes.mean(axis=0)) if centred else _rms(codes)
    apart = float(np.linalg.norm(codes[x] - codes[y]))
    labels = mdp.label_vectors
    spread = _rms(labels - labels.mean(axis=0)) or 1.0
    tolerance = zero_tolerance(evaluation)
    best = irreducible_loss(mdp, tied(codes, x, y, tolerance * scale))
    parts = [math.sqrt(float(part or 0)) for part in
             (best.dynamics_relative, best.auxiliary_relative)]  # fmt: skip
    dynamics, aux = parts
    if exact.counts_dynamics:
        dynamics = _over(_rms(evaluation.dynamics_residuals[..., None]), scale)
    if exact.counts_aux:
        aux = _rms(evaluation.aux_residuals[..., None]) / spread
    joined = _joined(exact.bisimulation.partition, x, y)
    return Measured(
        distance=_over(apart, math.sqrt(2) * scale),
        dynamics=dynamics,
        aux=aux,
        loss=math.hypot(dynamics * exact.counts_dynamics, aux * exact.counts_aux),
        irreducible=math.hypot(*parts),
        ratio=resolution(mdp, joined, codes, evaluation.predicted, evaluation.read).ratio,
    )


def zero_tolerance(evaluation: Evaluation) -> float:
    """Return the relative loss up to which the type of the codes cannot tell it from zero."""
    return max(_ZERO, _UNITS * evaluation.epsilon)


def tied(codes: FloatArray, x: int, y: int, tolerance: float) -> FloatArray:
    """Return codes in which the pair, and all codes within ``tolerance``, are one.

    The result has the same shape; codes of one block (single linkage) become those of its first
    member, bit for bit.
    """
    near = kernel(codes, tolerance)
    joined = _joined(near, x, y)
    return codes[joined.representatives[joined.ids]]


def is_exactly_zero(mdp: DeterministicMDP, evaluation: Evaluation, x: int, y: int) -> bool:
    """Tell whether a pair is merged at a loss that is zero bit for bit: no rounding, no tolerance.

    Floats are rational numbers; equal bits are equal numbers.
    """
    codes = evaluation.codes
    return (
        bool(np.array_equal(codes[x], codes[y]))
        and bool(np.array_equal(evaluation.predicted, codes[mdp.successors]))
        and bool(np.array_equal(evaluation.read, mdp.label_vectors))
    )


def _joined(partition: Partition, x: int, y: int) -> Partition:
    """Return the partition with the blocks of two indices made one."""
    ids = partition.ids
    return Partition(np.where(ids == ids[y], ids[x], ids).astype(np.int64))


def _rms(vectors: FloatArray) -> float:
    """Return the root mean square norm over all but the last axis."""
    return float(np.sqrt(np.square(vectors).sum(axis=-1).mean()))


def _over(value: float, scale: float) -> float:
    """Divide; nothing over nothing is nothing."""
    return value / scale if scale > 0 else (math.inf if value > 0 else 0.0)
