"""Find the claims about boxes that look provable, and write them as a certificate to recheck."""

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes.certificate import BoxCertificate
from tellapart.models.boxes.crown import BackwardBounds
from tellapart.models.boxes.form import distance_from
from tellapart.models.boxes.recheck import derived_bounds
from tellapart.models.boxes.region import Region
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Program
from tellapart.theory.networks.running import run

__all__ = ["METHODS", "propose", "prove"]

FloatArray = npt.NDArray[np.float64]
LongArray = npt.NDArray[np.int64]

METHODS = ("auto", "crown", "crown-ibp", "ibp")
#: Boxes that are bounded together, and numbers in one array of a batch.
_BOXES, _NUMBERS = 64, 4_000_000


def propose(
    program: Program,
    region: Region,
    names: tuple[Hashable, ...],
    pairs: LongArray,
    delta: float,
    method: str,
) -> BoxCertificate:
    """Return claims that floats find plausible, those with a positive distance.

    Parameters
    ----------
    program, region, names
        The encoder, the boxes of all observations, and their names.
    pairs
        int64 ``[k, 2]``.
    delta
        Distance that is hoped for: pairs below it are tried in one more direction.
    method
        ``"crown"``, ``"crown-ibp"`` or ``"ibp"``.

    Notes
    -----
    First the signed coordinates, 2d directions for each box, shared by all pairs. A pair that they
    leave open is tried along the difference of its two codes.
    """
    used, local = np.unique(pairs, return_inverse=True)
    pairs = local.reshape(-1, 2)
    bounds = _Bounds(program, region, used, method)
    d = int(np.prod(program.shape_of(program.output), dtype=np.int64))
    axes = np.concatenate([np.eye(d), -np.eye(d)])
    lower = bounds.lower(np.broadcast_to(axes, (len(used), 2 * d, d)))
    opposite = np.r_[d : 2 * d, 0:d]
    found = lower[pairs[:, 0]] + lower[pairs[:, 1]][:, opposite]
    chosen = found.argmax(axis=1)
    margins = found.max(axis=1)
    sides = np.stack([chosen, opposite[chosen]], axis=1)
    left = np.flatnonzero(~((margins > 0) & (margins >= delta)))
    along = _differences(program, region.centres[used], pairs[left])
    if len(left):
        better = bounds.lower_rows(pairs[left].T.reshape(-1), along).reshape(2, -1).sum(axis=0)
        take = np.flatnonzero(better > np.maximum(margins[left], 0.0))
        margins[left[take]] = better[take]
        sides[left[take]] = 2 * d + np.stack([take, take + len(left)], axis=1)
    kept = np.flatnonzero(margins > 0)
    rows = np.stack([pairs[kept], sides[kept]], axis=2).reshape(-1, 2)
    bounded, supports = np.unique(rows, axis=0, return_inverse=True)
    return BoxCertificate(
        encoder=program,
        names=tuple(names[o] for o in used.tolist()),
        centres=region.centres[used],
        radius=region.radius,
        clip=region.clip,
        sloped=bounds.sloped,
        slopes=bounds.slopes,
        refined=bounds.refined,
        directions=np.concatenate([axes, along]),
        bounded=bounded.astype(np.int64),
        lower=np.zeros(len(bounded)),  # the recheck says what follows
        pairs=pairs[kept].astype(np.int64),
        supports=supports.reshape(-1, 2).astype(np.int64),
        deltas=margins[kept],
    )


def _differences(program: Program, centres: FloatArray, pairs: LongArray) -> FloatArray:
    """Return ``(z_x - z_y) / |z_x - z_y|_1`` for each pair, and then the opposite of all."""
    codes = run(program, [centres.reshape(-1, *program.inputs[0])]).reshape(len(centres), -1)
    gaps = codes[pairs[:, 0]] - codes[pairs[:, 1]]
    lengths = np.abs(gaps).sum(axis=1, keepdims=True)
    along = gaps / np.where(lengths > 0, lengths, 1.0)
    return np.concatenate([along, -along])


def prove(certificate: BoxCertificate, max_work: int) -> tuple[BoxCertificate, str]:
    """Replace all proposed bounds by those that the recheck derives; drop what is left of claims.

    Returns
    -------
    The certificate, with positive distances only, and the arithmetic of the recheck.
    """
    lower, arithmetic = derived_bounds(certificate, max_work)
    lower = np.where(np.isnan(lower), -np.inf, lower)
    deltas = np.array(
        [
            distance_from(lower[first], lower[second], certificate.directions[u])
            for (first, second), u in zip(
                certificate.supports.tolist(),
                certificate.bounded[certificate.supports[:, 0], 1].tolist(),
                strict=True,
            )
        ]
    ).reshape(-1)
    keep = np.flatnonzero(deltas > 0)
    rows, supports = np.unique(certificate.supports[keep], return_inverse=True)
    directions, chosen = np.unique(certificate.bounded[rows, 1], return_inverse=True)
    bounded = np.stack([certificate.bounded[rows, 0], chosen.reshape(-1)], axis=1)
    kept = replace(
        certificate,
        directions=certificate.directions[directions],
        bounded=bounded.astype(np.int64),
        lower=lower[rows],
        pairs=certificate.pairs[keep],
        supports=supports.reshape(-1, 2).astype(np.int64),
        deltas=deltas[keep],
    )
    return kept, arithmetic


class _Bounds:
    """Bounds and slopes of all boxes, found in batches."""

    def __init__(self, program: Program, region: Region, used: LongArray, method: str) -> None:
        sizes = [int(np.prod(op.shape, dtype=np.int64)) for op in program.operations]
        self._step = max(1, min(_BOXES, _NUMBERS // max([1, *sizes])))
        self._n = len(used)
        refine, lines = method == "crown", method != "ibp"
        chunks = (used[first : first + self._step] for first in range(0, self._n, self._step))
        boxes = (Interval(region.outer_lo[part], region.outer_hi[part]) for part in chunks)
        self._parts = [BackwardBounds(program, box, refine, lines) for box in boxes]
        every = [part.slopes for part in self._parts]
        self.sloped = tuple(sorted(every[0]))
        self.slopes = tuple(np.concatenate([part[s] for part in every]) for s in self.sloped)
        self.refined = self._parts[0].refined

    def lower(self, directions: FloatArray) -> FloatArray:
        """Return lower bounds along ``[n, T, d]`` directions, ``[n, T]``."""
        starts = range(0, self._n, self._step)
        pieces = zip(self._parts, starts, strict=True)
        return np.concatenate(
            [part.lower(directions[first : first + self._step]) for part, first in pieces]
        )

    def lower_rows(self, boxes: LongArray, directions: FloatArray) -> FloatArray:
        """Return lower bounds along some directions, ``[q, d]``, of a box each."""
        order = np.argsort(boxes, kind="stable")
        counts = np.bincount(boxes, minlength=self._n)
        place = np.empty(len(boxes), dtype=np.int64)
        place[order] = np.arange(len(boxes)) - np.repeat(np.cumsum(counts) - counts, counts)
        padded = np.zeros((self._n, int(counts.max()), directions.shape[1]))
        padded[boxes, place] = directions
        result: FloatArray = self.lower(padded)[boxes, place]
        return result
