"""The resolution ratio on partial data (S13): gaps to what the data require to be told apart (S3).

What :mod:`tellapart.theory.resolution` measures against a partition is measured here against a
relation that is in general no partition (S6).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.labels import LabelCoding
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.relation import SeparationRelation
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import gaps
from tellapart.theory.serialise import register

__all__ = [
    "DataResolution",
    "data_gaps",
    "data_resolution",
    "known_labels",
    "label_half_gaps",
    "row_blocks",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Floats held at once in one block of pairwise differences (32 MiB).
_CHUNK = 4_000_000


@register
@dataclass(frozen=True, slots=True)
class DataResolution:
    """How far the residuals on data are from the gaps they must stay below (S13).

    Attributes
    ----------
    dynamics_ratio
        Largest ``||T(E(o), a) - E(o')|| / (g(o')/2)`` over the transitions of the data.
    aux_ratio
        Largest ``||P(E(o)) - p(o)||`` over half the distance of p(o) to the nearest other label,
        over the labelled observations.
    n_dynamics_unresolved, n_aux_unresolved
        Transitions and observations whose own ratio is 1 or more.
    max_dynamics_residual, max_aux_residual
        Largest residuals themselves; they have the scale of the latents and of the labels.
    worst_transition
        Position (in the data) of the transition where the first ratio is reached.
    worst_label
        Index of the observation where the second one is; None when nothing is labelled.
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
    worst_transition: int
    worst_label: int | None
    smallest_gap: float

    @property
    def ratio(self) -> float:
        """The resolution ratio: the larger of the two. Below 1 is resolved."""
        return max(self.dynamics_ratio, self.aux_ratio)

    @property
    def resolved(self) -> bool:
        """Tell whether every residual is strictly below half its gap."""
        return self.ratio < 1.0


def known_labels(data: TransitionData) -> tuple[IntArray, FloatArray]:
    """Return the labelled observations (indices, int64 ``[l]``) and their labels as numbers.

    Labels become float64 ``[l, label_dim]`` as those of a
    :attr:`~tellapart.theory.mdp.DeterministicMDP.label_vectors`; ``label_dim`` is 1 where no label
    is known.

    Examples
    --------
    >>> known_labels(TransitionData([[0, 0, 1]], labels={1: 0.5}))
    (array([1]), array([[0.5]]))
    """
    known = np.flatnonzero(data.label_ids >= 0)
    if not known.size:
        return known, np.zeros((0, 1))
    used, first = np.unique(data.label_ids[known], return_index=True)
    order = np.argsort(first)
    place = np.zeros(len(data.label_values), dtype=np.int32)
    place[used[order]] = np.arange(len(used), dtype=np.int32)
    coding = LabelCoding(
        place[data.label_ids[known]], tuple(data.label_values[int(k)] for k in used[order])
    )
    alone = np.arange(len(known), dtype=np.int32)[:, None]
    return known, DeterministicMDP(alone, coding).label_vectors


def data_gaps(relation: SeparationRelation, codes: FloatArray) -> FloatArray:
    """Return g(o), the distance to the nearest code of what must be told apart from o (S13).

    Parameters
    ----------
    relation
        The pairs that must be told apart (S3), of n observations.
    codes
        E(o), float64 ``[n, d]``.

    Returns
    -------
    float64 ``[n]``; infinite where an observation must be told apart from none.

    Notes
    -----
    O(n² d) time in blocks of bounded memory. Differences are taken directly, so that gaps far
    below the norm of the codes keep their digits.
    """
    ids, separated = relation.forced.ids, relation.separated
    result = np.full(len(codes), np.inf)
    for rows in row_blocks(codes):
        squared = np.square(codes[rows, None, :] - codes[None, :, :]).sum(axis=2)
        squared[~separated[np.ix_(ids[rows], ids)]] = np.inf
        result[rows] = np.sqrt(squared.min(axis=1))
    return result


def label_half_gaps(labels: FloatArray) -> FloatArray:
    """Return half the distance of each label ``[l, q]`` to the nearest other one, float64 ``[l]``.

    Infinite where all labels are the same.
    """
    if not len(labels):
        return np.zeros(0)
    values, inverse = np.unique(labels, axis=0, return_inverse=True)
    result: FloatArray = gaps(values, Partition.identity(len(values)))[inverse.reshape(-1)] / 2
    return result


def data_resolution(
    data: TransitionData,
    relation: SeparationRelation,
    codes: FloatArray,
    predicted: FloatArray,
    read: FloatArray,
) -> DataResolution:
    """Measure the resolution ratio of a model on data (S13).

    Parameters
    ----------
    data
        Coverage D with at least one transition, and labels p.
    relation
        The pairs of ``data`` that must be told apart (S3).
    codes
        E(o), float64 ``[n_obs, d]``, finite.
    predicted
        T(E(o), a) for each transition of the data in its order, float64 ``[n_transitions, d]``.
    read
        P(E(o)), float64 ``[n_obs, label_dim]``; rows without a label do not count.

    Returns
    -------
    DataResolution

    Notes
    -----
    O(n² d). A gap of zero gives an infinite ratio, even at zero residual.

    Examples
    --------
    >>> from tellapart.theory.partial.relation import separation_relation
    >>> data = TransitionData([[0, 0, 1]], labels={0: 0, 1: 1})
    >>> codes = np.array([[0.0], [4.0]])
    >>> model = codes, np.array([[3.0]]), np.array([[0.0], [1.25]])
    >>> found = data_resolution(data, separation_relation(data), *model)
    >>> found.dynamics_ratio, found.aux_ratio
    (0.5, 0.5)
    """
    gap = data_gaps(relation, codes)
    residual = np.linalg.norm(predicted - codes[data.targets], axis=1)
    dynamics = _ratios(residual, gap[data.targets] / 2)
    known, labels = known_labels(data)
    missed = np.linalg.norm(read[known] - labels, axis=1) if len(known) else np.zeros(0)
    aux = _ratios(missed, label_half_gaps(labels))
    return DataResolution(
        dynamics_ratio=float(dynamics.max()),
        aux_ratio=float(aux.max(initial=0.0)),
        n_dynamics_unresolved=int((dynamics >= 1).sum()),
        n_aux_unresolved=int((aux >= 1).sum()),
        max_dynamics_residual=float(residual.max()),
        max_aux_residual=float(missed.max(initial=0.0)),
        worst_transition=int(np.argmax(dynamics)),
        worst_label=int(known[int(np.argmax(aux))]) if len(known) else None,
        smallest_gap=float(gap.min()),
    )


def row_blocks(codes: FloatArray) -> Iterator[slice]:
    """Yield slices of rows whose differences to all rows fit into bounded memory."""
    step = max(1, _CHUNK // max(1, codes.size))
    for start in range(0, len(codes), step):
        yield slice(start, min(start + step, len(codes)))


def _ratios(residual: FloatArray, half_gap: FloatArray) -> FloatArray:
    """Divide with the two conventions of S13: no gap to keep gives 0, a gap of zero infinity."""
    safe = np.where(half_gap > 0, half_gap, 1.0)
    return np.where(np.isinf(half_gap), 0.0, np.where(half_gap > 0, residual / safe, np.inf))
