"""Which pairs that data require to be told apart share a code, and how far the others are (S3)."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tellapart.theory.data_resolution import row_blocks
from tellapart.theory.partial.relation import SeparationRelation
from tellapart.theory.partition import Partition
from tellapart.theory.separation import MergedPair, PairDistance, Separation

__all__ = ["BY_FOLD_ONLY", "data_separation", "forced_distance"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Depth of a pair that merging and folding tells apart and no covered word does.
BY_FOLD_ONLY = -1
#: Codes closer than this many units of rounding of the largest code differ by rounding only.
_ROUNDING_UNITS = 16
_BINS = (0.0, 1e-12, 1e-9, 1e-6, 1e-3, 1e-2, 1e-1, 1.0, float("inf"))


def data_separation(
    relation: SeparationRelation,
    codes: FloatArray,
    merge_tolerance: float,
    *,
    epsilon: float,
    max_listed: int = 1000,
) -> Separation:
    """Measure every pair that must be told apart on data.

    Parameters
    ----------
    relation
        The pairs (S3).
    codes
        E(o), float64 ``[n_obs, d]``, finite.
    merge_tolerance, epsilon, max_listed
        As of :func:`tellapart.theory.separation.separation`; the rms distance is that of all pairs
        that must be told apart.

    Returns
    -------
    Separation
        Its ``depth`` is the length of a shortest covered distinguishing word, and
        :data:`BY_FOLD_ONLY` for pairs that no covered word tells apart; these come last in
        ``by_depth`` and first in ``merged``.

    Notes
    -----
    O(n² d) in blocks of bounded memory, beside the merged pairs.
    """
    total, n_pairs = 0.0, 0
    for *_, distance in _pairs(relation, codes):
        total, n_pairs = total + float(np.square(distance).sum()), n_pairs + len(distance)
    rms = float(np.sqrt(total / n_pairs)) if n_pairs else 0.0
    rounding = _ROUNDING_UNITS * epsilon * float(np.abs(codes).max(initial=0.0))
    threshold = max(merge_tolerance * rms, rounding)
    closest: dict[int, PairDistance] = {}
    merged: list[tuple[float, int, int, int, float]] = []
    histogram = np.zeros(len(_BINS), dtype=np.int64)
    for x, y, how, distance in _pairs(relation, codes):
        relative = distance / rms if rms > 0 else np.zeros_like(distance)
        histogram += np.bincount(np.searchsorted(_BINS, relative), minlength=len(_BINS))
        together = distance <= threshold
        for depth in np.unique(how).tolist():
            here = np.flatnonzero(how == depth)
            k = int(here[np.argmin(distance[here])])
            names = (relation.observations[int(x[k])], relation.observations[int(y[k])])
            found = PairDistance(
                depth, len(here), int(together[here].sum()), *names, float(distance[k]),
                float(relative[k]),
            )  # fmt: skip
            closest[depth] = _joined(closest.get(depth), found)
        rows = zip(*(part[together].tolist() for part in (x, y, how, distance)), strict=True)
        merged = sorted([*merged, *((_order(h), i, j, h, far) for i, j, h, far in rows)])
        merged = merged[:max_listed]
    names_of = relation.observations
    return Separation(
        rms=rms,
        threshold=threshold,
        merge_tolerance=merge_tolerance,
        by_depth=tuple(closest[depth] for depth in sorted(closest, key=lambda k: -_order(k))),
        merged=tuple(MergedPair(names_of[i], names_of[j], h, far) for _, i, j, h, far in merged),
        n_merged=sum(row.n_merged for row in closest.values()),
        n_must_separate=n_pairs,
        histogram=tuple(zip(_BINS, histogram.tolist(), strict=True)),
    )


def forced_distance(forced: Partition, codes: FloatArray) -> float:
    """Return the largest distance between codes of two observations that F(D) merges (S2).

    Every zero-loss encoder has 0 here; 0 also where nothing is forced. O(sum of squared sizes).
    """
    largest = 0.0
    for block in forced.blocks:
        inside = codes[list(block)]
        for rows in row_blocks(inside) if len(inside) > 1 else ():
            squared = np.square(inside[rows, None, :] - inside[None, :, :]).sum(axis=2)
            largest = max(largest, float(np.sqrt(squared.max())))
    return largest


def _order(depth: int) -> float:
    """Sort key: what takes a fold first, then long words before short ones."""
    return -np.inf if depth == BY_FOLD_ONLY else -float(depth)


def _joined(one: PairDistance | None, other: PairDistance) -> PairDistance:
    """Add the counts of two sets of pairs of one depth; the closer pair stands, else the first."""
    if one is None:
        return other
    near = other if other.distance < one.distance else one
    return PairDistance(
        near.depth, one.n_pairs + other.n_pairs, one.n_merged + other.n_merged, near.x, near.y,
        near.distance, near.relative,
    )  # fmt: skip


def _pairs(
    relation: SeparationRelation, codes: FloatArray
) -> Iterator[tuple[IntArray, IntArray, npt.NDArray[np.int32], FloatArray]]:
    """Yield pairs x < y that must be told apart in blocks: x, y, how, distance."""
    ids, separated = relation.forced.ids, relation.separated
    for rows in row_blocks(codes):
        x, y = np.nonzero(separated[np.ix_(ids[rows], ids)])
        x = x + rows.start
        x, y = x[y > x], y[y > x]
        distance = np.sqrt(np.square(codes[x] - codes[y]).sum(axis=1))
        yield x, y, relation.how[ids[x], ids[y]], distance
