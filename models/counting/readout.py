"""Which counts latents tell apart: nearest centroids, noise, groups, and separation by pair."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import register

__all__ = [
    "NOISE_LEVELS", "Centroids", "DepthSeparation", "NoisePoint", "by_depth", "centroids_of",
    "group_of", "noise_curve", "noise_point", "separations",
]  # fmt: skip

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Noise in every direction, as a share of the rms distance of the latents from their mean.
NOISE_LEVELS = (0.005, 0.01, 0.02, 0.05)

#: Two counts are one group when more than this share of either is not nearer to its own centroid.
CONFUSED = 0.05

#: Differences of distances below this share of the largest coordinate are rounding of float32.
_ROUNDING = 8 * float(np.finfo(np.float32).eps)

_REPEATS = 4


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Centroids:
    """Mean latent of each count.

    Attributes
    ----------
    counts
        int64 ``[k]``, ascending.
    points
        float64 ``[k, d]``.
    radii
        float64 ``[k]``: rms distance of the latents of a count from its centroid.
    rms
        Rms distance of all latents from their mean.
    rounding
        Differences of distances up to this are none.
    """

    counts: IntArray
    points: FloatArray
    radii: FloatArray
    rms: float
    rounding: float

    def distances(self, codes: FloatArray) -> FloatArray:
        """Return the distance of latents ``[n, d]`` to each centroid, float64 ``[n, k]``."""
        columns = [np.linalg.norm(codes - point, axis=1) for point in self.points]
        return np.stack(columns, axis=1)

    def accuracy(self, codes: FloatArray, counts: IntArray) -> float:
        """Return the share of latents strictly nearest to the centroid of their count."""
        distance = self.distances(codes)
        own = self._own(distance, counts)
        distance[np.arange(len(codes)), np.searchsorted(self.counts, counts)] = np.inf
        others = distance.min(axis=1, initial=np.inf)
        return float((own < others - self.rounding).mean())

    def merged(self, codes: FloatArray, counts: IntArray) -> tuple[tuple[int, int], ...]:
        """Return the pairs of counts of which one is not told from the other (above 5 %)."""
        distance = self.distances(codes)
        own = self._own(distance, counts)
        missed = own[:, None] >= distance - self.rounding
        share = np.array([missed[counts == count].mean(axis=0) for count in self.counts])
        either = np.maximum(share, share.T) > CONFUSED
        first, second = np.nonzero(np.triu(either, 1))
        pairs = zip(self.counts[first].tolist(), self.counts[second].tolist(), strict=True)
        return tuple(pairs)

    def _own(self, distance: FloatArray, counts: IntArray) -> FloatArray:
        return distance[np.arange(len(counts)), np.searchsorted(self.counts, counts)].copy()


@register
@dataclass(frozen=True, slots=True)
class NoisePoint:
    """What is left under noise.

    Attributes
    ----------
    level
        Standard deviation of the noise in every direction, as a share of the latent rms.
    accuracy
        Share of latents nearest to the centroid of their count.
    groups
        Counts that are not told apart, however indirectly, are one group.
    merged
        Pairs of counts not told apart: more than 5 % of either lie no nearer to their own
        centroid than to the other's.
    """

    level: float
    accuracy: float
    groups: int
    merged: tuple[tuple[int, int], ...]


@register
@dataclass(frozen=True, slots=True)
class DepthSeparation:
    """Pairs of counts whose shortest distinguishing word has one length (S7).

    Attributes
    ----------
    depth
        That length.
    pairs
        How many there are.
    merged
        Those not told apart, without noise.
    smallest, smallest_pair
        The least separation, and where.
    """

    depth: int
    pairs: int
    merged: tuple[tuple[int, int], ...]
    smallest: float
    smallest_pair: tuple[int, int]


def centroids_of(codes: FloatArray, counts: IntArray) -> Centroids:
    """Compute the centroid and radius of each count.

    Parameters
    ----------
    codes, counts
        float64 ``[n, d]`` and int64 ``[n]``.
    """
    present = np.unique(counts)
    points = np.stack([codes[counts == count].mean(axis=0) for count in present])
    radii = [
        _rms(codes[counts == count] - point)
        for count, point in zip(present, points, strict=True)
    ]  # fmt: skip
    rounding = _ROUNDING * float(np.abs(codes).max(initial=0.0))
    return Centroids(present, points, np.array(radii), _rms(codes - codes.mean(axis=0)), rounding)


def noise_point(
    centroids: Centroids, codes: FloatArray, counts: IntArray, level: float, seed: int
) -> NoisePoint:
    """Add normal noise to latents, and read them by nearest centroid.

    Parameters
    ----------
    centroids
        Of other latents, without noise.
    codes, counts
        float64 ``[n, d]`` and int64 ``[n]``.
    level
        Standard deviation of each coordinate over the latent rms; 0 for none.
    seed
        Of the noise.

    Notes
    -----
    Noise of this size in every direction: whether two centroids can be told apart then depends on
    their distance alone, not on how many coordinates an encoder has.
    """
    repeats = 1 if level == 0 else _REPEATS
    rows, known = np.tile(codes, (repeats, 1)), np.tile(counts, repeats)
    if level:
        drawn = np.random.default_rng(seed).standard_normal(rows.shape)
        rows = rows + level * centroids.rms * drawn
    merged = centroids.merged(rows, known)
    return NoisePoint(
        level, centroids.accuracy(rows, known), _groups(centroids.counts, merged), merged
    )


def noise_curve(
    centroids: Centroids, codes: FloatArray, counts: IntArray, seed: int
) -> tuple[NoisePoint, ...]:
    """Return the points of :data:`NOISE_LEVELS`, with the same draws up to their size."""
    return tuple(noise_point(centroids, codes, counts, level, seed) for level in NOISE_LEVELS)


def separations(centroids: Centroids) -> FloatArray:
    """Return distances of centroids over the sum of radii, float64 ``[k, k]``.

    Notes
    -----
    Two points without spread are infinitely separated if they differ, and 0 if not.
    """
    points, radii = centroids.points, centroids.radii
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    reach = radii[:, None] + radii[None]
    small = centroids.rounding
    exact = np.where(distance > small, np.inf, 0.0)
    result = np.where(reach > small, distance / np.where(reach > small, reach, 1.0), exact)
    np.fill_diagonal(result, 0.0)
    return result


def by_depth(
    system: DeterministicMDP, table: FloatArray, merged: Sequence[tuple[int, int]]
) -> tuple[DepthSeparation, ...]:
    """Sort the pairs that must be told apart by depth.

    Parameters
    ----------
    system
        Of counts.
    table
        Separations in the order of its observations.
    merged
        Pairs of counts that are not told apart.
    """
    found = bisimulation(system)
    names = [int(name) for name in system.observations]  # type: ignore[call-overload]
    pairs: dict[int, list[tuple[float, tuple[int, int]]]] = {}
    for i, x in enumerate(names):
        for j, y in enumerate(names[:i]):
            word = found.distinguishing_word(x, y)
            if word is not None:
                pairs.setdefault(len(word), []).append((float(table[i, j]), (y, x)))
    return tuple(
        DepthSeparation(
            depth, len(rows), tuple(sorted(pair for _, pair in rows if pair in merged)), *min(rows)
        )
        for depth, rows in sorted(pairs.items())
    )


def _groups(counts: IntArray, merged: Sequence[tuple[int, int]]) -> int:
    return len(set(group_of(counts, merged)))


def group_of(counts: IntArray, merged: Sequence[tuple[int, int]]) -> list[int]:
    """Return the smallest count of each count's group."""
    group = {count: count for count in counts.tolist()}
    for x, y in merged:
        one, other = sorted((group[x], group[y]))
        group = {count: one if own == other else own for count, own in group.items()}
    return list(group.values())


def _rms(differences: FloatArray) -> float:
    return float(np.sqrt(np.square(differences).sum(axis=1).mean()))
