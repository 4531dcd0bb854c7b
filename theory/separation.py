"""Which pairs that must be told apart share a code, and how far apart the others are."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import register

__all__ = ["DEFAULT_MERGE_TOLERANCE", "MergedPair", "PairDistance", "Separation", "separation"]

FloatArray = npt.NDArray[np.float64]

#: Closer than this share of the rms distance between blocks counts as one code.
DEFAULT_MERGE_TOLERANCE = 1e-3
#: Codes closer than this many units of rounding of the largest code differ by rounding only.
_ROUNDING_UNITS = 16
_CHUNK = 4_000_000
_BINS = (0.0, 1e-12, 1e-9, 1e-6, 1e-3, 1e-2, 1e-1, 1.0, float("inf"))


@register
@dataclass(frozen=True, slots=True)
class PairDistance:
    """The closest pair among those first separated at one depth.

    Attributes
    ----------
    depth
        Length of the shortest distinguishing words of these pairs.
    n_pairs, n_merged
        Unordered pairs at this depth, and how many of them share a code.
    x, y
        Names of the closest such pair.
    distance, relative
        Their distance, and that distance divided by the rms distance between blocks.
    """

    depth: int
    n_pairs: int
    n_merged: int
    x: Hashable
    y: Hashable
    distance: float
    relative: float


@register
@dataclass(frozen=True, slots=True)
class MergedPair:
    """Two observations that must be told apart and share a code.

    Attributes
    ----------
    x, y
        Names of the observations.
    depth
        Length of their shortest distinguishing words.
    distance
        Between their codes: zero, or below the merge threshold.
    """

    x: Hashable
    y: Hashable
    depth: int
    distance: float


@register
@dataclass(frozen=True, slots=True)
class Separation:
    """Distances between codes that must be told apart, over all unordered pairs.

    Attributes
    ----------
    rms
        Root mean square distance between codes of different blocks.
    threshold
        Pairs at or below this distance are merged: ``merge_tolerance * rms``, or the
        rounding of the codes where that is larger; zero for exact codes.
    merge_tolerance
        The tolerance used, relative to ``rms``.
    by_depth
        The closest pair for each depth that occurs.
    merged
        Merged pairs, deepest first, at most ``max_listed`` of them.
    n_merged, n_must_separate
        Counts over all unordered pairs.
    histogram
        ``(upper bound, count)`` of relative distances: the distribution that the threshold cuts.
    """

    rms: float
    threshold: float
    merge_tolerance: float
    by_depth: tuple[PairDistance, ...]
    merged: tuple[MergedPair, ...]
    n_merged: int
    n_must_separate: int
    histogram: tuple[tuple[float, int], ...]

    @property
    def smallest(self) -> PairDistance | None:
        """The closest pair over all depths, or None when nothing must be told apart."""
        return min(self.by_depth, key=lambda row: row.distance, default=None)


def separation(
    bisimulation: Bisimulation,
    codes: FloatArray,
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
    *,
    epsilon: float = float(np.finfo(np.float64).eps),
    exact: bool = False,
    max_listed: int = 1000,
) -> Separation:
    """Measure every pair that must be told apart.

    Parameters
    ----------
    bisimulation
        Of the system; pairs in different blocks of B* must be told apart (S4).
    codes
        E(o), float64 ``[n_obs, d]``, finite.
    merge_tolerance
        Share of the rms distance between blocks below which two codes count as one.
    epsilon
        Unit of rounding of the type the codes were computed in; default: float64.
    exact
        The codes are exact rather than rounded: only equal codes are merged.
    max_listed
        Bound on the merged pairs that are listed; all are counted.

    Returns
    -------
    Separation

    Raises
    ------
    InvalidArgumentError
        When the tolerance is not in ``[0, 1)`` or the codes do not fit.

    Notes
    -----
    O(n² (d + log depth)) time, bounded memory beyond ``depth * n`` integers.
    """
    if not 0 <= merge_tolerance < 1:
        raise InvalidArgumentError(
            f"merge_tolerance is {merge_tolerance!r}; it is a share of the rms distance between "
            "blocks and must be in [0, 1)."
        )
    if codes.ndim != 2 or len(codes) != bisimulation.mdp.n_obs:
        raise InvalidArgumentError(
            f"codes has shape {codes.shape}; it must be [{bisimulation.mdp.n_obs}, d]."
        )
    rms = _rms_between_blocks(codes, bisimulation.partition.ids)
    rounding = _ROUNDING_UNITS * epsilon * float(np.abs(codes).max(initial=0.0))
    threshold = 0.0 if exact else max(merge_tolerance * rms, rounding)
    scan = _Scan(bisimulation, codes, threshold, rms, max_listed)
    step = max(1, _CHUNK // max(1, codes.size))
    for start in range(0, len(codes), step):
        scan.add_rows(start, min(start + step, len(codes)))
    return scan.result(merge_tolerance)


def _rms_between_blocks(codes: FloatArray, ids: npt.NDArray[np.int32]) -> float:
    """Sum over all pairs less the pairs inside blocks, in closed form; O(n d)."""
    centred = codes - codes.mean(axis=0)
    n_blocks = int(ids.max()) + 1
    counts = np.bincount(ids, minlength=n_blocks).astype(np.float64)
    sums = np.zeros((n_blocks, codes.shape[1]))
    np.add.at(sums, ids, centred)
    total = len(codes) * np.square(centred).sum() - np.square(centred.sum(axis=0)).sum()
    squares = np.bincount(ids, weights=np.square(centred).sum(axis=1), minlength=n_blocks)
    inside = (counts * squares - np.square(sums).sum(axis=1)).sum()
    pairs = (len(codes) ** 2 - np.square(counts).sum()) / 2
    return float(np.sqrt(max(total - inside, 0.0) / pairs)) if pairs else 0.0


class _Scan:
    """Accumulates pair statistics over blocks of rows."""

    def __init__(
        self, bisim: Bisimulation, codes: FloatArray, threshold: float, rms: float, max_listed: int
    ) -> None:
        self.names = bisim.mdp.observations
        self.ids = bisim.partition.ids
        self.history = np.stack([p.ids for p in bisim.history])
        self.codes, self.threshold, self.rms, self.max_listed = codes, threshold, rms, max_listed
        depths = len(self.history)
        self.n_pairs = np.zeros(depths, dtype=np.int64)
        self.n_merged = np.zeros(depths, dtype=np.int64)
        self.closest = np.full(depths, np.inf)
        self.pair = np.zeros((depths, 2), dtype=np.int64)
        self.histogram = np.zeros(len(_BINS), dtype=np.int64)
        self.listed: list[tuple[int, int, int, float]] = []  # (-depth, x, y, distance)

    def add_rows(self, start: int, stop: int) -> None:
        """Add the pairs (x, y) with x in ``start..stop`` and y > x."""
        x, y = np.nonzero(self.ids[start:stop, None] != self.ids[None, :])
        x += start
        x, y = x[y > x], y[y > x]
        distance = np.sqrt(np.square(self.codes[x] - self.codes[y]).sum(axis=1))
        depth = self._depths(x, y)
        merged = distance <= self.threshold
        self.n_pairs += np.bincount(depth, minlength=len(self.n_pairs))
        self.n_merged += np.bincount(depth[merged], minlength=len(self.n_pairs))
        relative = distance / self.rms if self.rms > 0 else np.zeros_like(distance)
        self.histogram += np.bincount(np.searchsorted(_BINS, relative), minlength=len(_BINS))
        order = np.lexsort((y, x, distance, depth))
        firsts = order[np.unique(depth[order], return_index=True)[1]] if len(order) else order
        for k in firsts.tolist():
            if distance[k] < self.closest[depth[k]]:
                self.closest[depth[k]] = distance[k]
                self.pair[depth[k]] = (x[k], y[k])
        self._list(x[merged], y[merged], depth[merged], distance[merged])

    def _list(
        self,
        x: npt.NDArray[np.intp],
        y: npt.NDArray[np.intp],
        depth: npt.NDArray[np.int64],
        distance: FloatArray,
    ) -> None:
        """Keep the deepest merged pairs, without ever holding millions as Python objects."""
        top = np.lexsort((y, x, -depth))[: self.max_listed]
        found = zip(
            (-depth[top]).tolist(), x[top].tolist(), y[top].tolist(), distance[top].tolist(),
            strict=True,
        )  # fmt: skip
        self.listed = sorted([*self.listed, *found])[: self.max_listed]

    def _depths(self, x: npt.NDArray[np.intp], y: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """Binary search for the first B_k that separates each pair (partitions only refine)."""
        low = np.zeros(len(x), dtype=np.int64)
        high = np.full(len(x), len(self.history) - 1, dtype=np.int64)
        while (low < high).any():
            middle = (low + high) // 2
            apart = self.history[middle, x] != self.history[middle, y]
            high = np.where(apart, middle, high)
            low = np.where(apart, low, np.minimum(middle + 1, high))
        return low

    def result(self, merge_tolerance: float) -> Separation:
        """Freeze what was accumulated."""
        rows = [
            PairDistance(
                depth=k,
                n_pairs=int(self.n_pairs[k]),
                n_merged=int(self.n_merged[k]),
                x=self.names[int(self.pair[k, 0])],
                y=self.names[int(self.pair[k, 1])],
                distance=float(self.closest[k]),
                relative=float(self.closest[k] / self.rms) if self.rms > 0 else 0.0,
            )
            for k in np.flatnonzero(self.n_pairs).tolist()
        ]
        return Separation(
            rms=self.rms,
            threshold=self.threshold,
            merge_tolerance=merge_tolerance,
            by_depth=tuple(rows),
            merged=tuple(
                MergedPair(self.names[x], self.names[y], -depth, distance)
                for depth, x, y, distance in self.listed
            ),
            n_merged=int(self.n_merged.sum()),
            n_must_separate=int(self.n_pairs.sum()),
            histogram=tuple(zip(_BINS, self.histogram.tolist(), strict=True)),
        )
