"""Diagnostics that need several codes for each class: LiDAR and nearest-centroid accuracies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.diagnostics.border import as_codes, as_groups
from tellapart.models.diagnostics.ranks import entropy_rank
from tellapart.theory.serialise import Saved, register

__all__ = ["ClusterAccuracy", "cluster_accuracy", "lidar"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@register
@dataclass(frozen=True, slots=True)
class ClusterAccuracy(Saved):
    """Share of codes that are nearest to the centroid of their own class.

    Attributes
    ----------
    in_sample
        With centroids of all codes, the code in question included.
    held_out
        With centroids of the first half of each class, on the second half.
    n_in_sample, n_held_out
        Codes that the shares are of.
    """

    in_sample: float
    held_out: float
    n_in_sample: int
    n_held_out: int

    def explain(self) -> str:
        """Return the two accuracies as a sentence."""
        return (
            f"Nearest centroid: {self.in_sample:.3f} of {self.n_in_sample} codes in sample, "
            f"{self.held_out:.3f} of {self.n_held_out} held out."
        )


def cluster_accuracy(codes: Any, classes: Any) -> ClusterAccuracy | None:
    """Measure how often the nearest class centroid is the right one.

    Parameters
    ----------
    codes
        float64 ``[n, d]``.
    classes
        Integers ``[n]``: the class of each code.

    Returns
    -------
    ClusterAccuracy, or None ("not defined") where no class has two codes (a code is then nearest
    to itself, whatever the encoder), or there is one class.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers, or classes that are not n integers.

    Notes
    -----
    The read-out of arXiv 2509.12249, in sample; held out, each class gives its first half, in
    order, to the centroid and the rest to the test. A tie between centroids counts as wrong.
    Classes with one code give a centroid and no held-out test. O(n d classes).

    Examples
    --------
    >>> cluster_accuracy([[0.0], [0.1], [1.0], [1.1]], [0, 0, 1, 1]).explain()
    'Nearest centroid: 1.000 of 4 codes in sample, 1.000 of 2 held out.'
    """
    rows = as_codes(codes)
    ids = as_groups(classes, len(rows))
    sizes = np.bincount(ids)
    if len(sizes) < 2 or (sizes < 2).all():
        return None
    place = _place_in_class(ids)
    first_half = place < (sizes[ids] + 1) // 2
    own = _is_own_nearest(rows, ids, _centroids(rows, ids))
    held = _is_own_nearest(
        rows[~first_half], ids[~first_half], _centroids(rows[first_half], ids[first_half])
    )
    return ClusterAccuracy(float(own.mean()), float(held.mean()), len(own), len(held))


def lidar(codes: Any, classes: Any, delta: float = 1e-4, epsilon: float = 1e-7) -> float | None:
    """Return LiDAR, the rank of the discriminant between classes of codes.

    ``exp(-Σ p_k log p_k)`` with ``p_k = λ_k / Σ_j λ_j + ε`` for the eigenvalues λ of
    ``Σ_w^{-1/2} Σ_b Σ_w^{-1/2}``: Σ_b is the covariance of the class means, Σ_w the mean
    covariance inside classes plus δ times the identity.

    Parameters
    ----------
    codes
        float64 ``[n, d]``.
    classes
        Integers ``[n]``: codes of one class are views of one thing.
    delta, epsilon
        Constants of the definition.

    Returns
    -------
    Between 1 and ``min(classes - 1, d)`` up to ε; 0 when all class means are equal. None ("not
    defined") where no class has two codes, or there is one class.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers, or classes that are not n integers.

    Notes
    -----
    Thilak et al., 2023, arXiv 2312.04000. O(n d² + d³).
    """
    rows = as_codes(codes)
    ids = as_groups(classes, len(rows))
    sizes = np.bincount(ids)
    if len(sizes) < 2 or (sizes < 2).all():
        return None
    means = _centroids(rows, ids)
    inner = rows - means[ids]
    within = inner.T @ inner / max(1, len(rows) - len(sizes)) + delta * np.eye(rows.shape[1])
    outer = means - means.mean(axis=0)
    outer[np.abs(outer) <= 1e-12 * np.abs(rows).max()] = 0.0  # rounding is no difference of means
    between = outer.T @ outer / (len(sizes) - 1)
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(np.maximum(values, delta))
    eigenvalues = np.linalg.eigvalsh(whiten.T @ between @ whiten)
    return entropy_rank(np.maximum(eigenvalues, 0.0), epsilon)


def _place_in_class(ids: IntArray) -> IntArray:
    """Return for each row how many earlier rows are of its class."""
    order = np.argsort(ids, kind="stable")
    starts = np.cumsum(np.bincount(ids)) - np.bincount(ids)
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids)) - starts[ids[order]]
    return place


def _centroids(rows: FloatArray, ids: IntArray) -> FloatArray:
    sums = np.zeros((int(ids.max()) + 1, rows.shape[1]))
    np.add.at(sums, ids, rows)
    result: FloatArray = sums / np.bincount(ids)[:, None]
    return result


def _is_own_nearest(rows: FloatArray, ids: IntArray, centroids: FloatArray) -> npt.NDArray[Any]:
    """Tell for each row whether its own centroid is strictly nearer than every other."""
    distance = np.stack([np.linalg.norm(rows - centre, axis=1) for centre in centroids], axis=1)
    own = distance[np.arange(len(rows)), ids].copy()
    distance[np.arange(len(rows)), ids] = np.inf
    nearest_other = distance.min(axis=1)
    # Rounding decides no tie: centroids of equal codes are sums in different orders.
    return np.asarray(own < nearest_other - 1e-12 * np.abs(rows).max(initial=0.0))
