"""Latents in the plane of their two main directions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.serialise import register

__all__ = ["LatentMap", "latent_map"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Latents of each count in the map.
MAP_EACH = 50


@register
@dataclass(frozen=True, slots=True)
class LatentMap:
    """Latents in the plane of their two main directions.

    Attributes
    ----------
    points
        float64 ``(x, y)`` of each latent, less their mean.
    counts
        The count of each.
    shares
        Shares of the variance along x and y.
    """

    points: tuple[tuple[float, float], ...]
    counts: tuple[int, ...]
    shares: tuple[float, float]


def latent_map(codes: FloatArray, counts: IntArray, each: int = MAP_EACH) -> LatentMap:
    """Project latents on the plane of their two main directions.

    Parameters
    ----------
    codes, counts
        float64 ``[n, d]`` and int64 ``[n]``; at most ``each`` of every count are kept, evenly.

    Examples
    --------
    >>> latent_map(np.array([[0.0], [2.0]]), np.array([0, 1])).points
    ((-1.0, 0.0), (1.0, 0.0))
    """
    centred = codes - codes.mean(axis=0)
    values, axes = np.linalg.svd(centred, full_matrices=False)[1:]
    plane = np.zeros((2, codes.shape[1]))
    plane[: len(axes)] = axes[:2]
    largest = np.abs(plane).argmax(axis=1)
    plane *= np.where(plane[[0, 1], largest] < 0, -1.0, 1.0)[:, None]  # a sign is a convention
    kept = [_evenly(np.flatnonzero(counts == count), each) for count in np.unique(counts)]
    rows = np.concatenate(kept)
    total = float(np.square(values).sum())
    shares = np.zeros(2)
    shares[: len(values)] = np.square(values[:2]) / total if total > 0 else 0.0
    return LatentMap(
        tuple((x, y) for x, y in (centred[rows] @ plane.T).tolist()),
        tuple(counts[rows].tolist()),
        (float(shares[0]), float(shares[1])),
    )


def _evenly(rows: IntArray, most: int) -> IntArray:
    """Keep at most ``most`` rows, spread over all: neighbours share an action."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
