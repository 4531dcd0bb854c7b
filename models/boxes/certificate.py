"""The certificate of boxes: claims about codes inside boxes, with the slopes that prove them.

Nothing in it has to be believed: :mod:`tellapart.models.boxes.recheck` derives every bound again.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.program import Program
from tellapart.theory.serialise import Saved, register

__all__ = ["BoxCertificate"]

FloatArray = npt.NDArray[np.float64]
LongArray = npt.NDArray[np.int64]


@register
@dataclass(frozen=True, eq=False)
class BoxCertificate(Saved):
    """Claims ``|E(x') - E(y')| >= delta`` in the sup norm, for all x', y' in two boxes.

    Every float stands for the rational number that it is. E is the real function of the stored
    weights, not what a processor rounds it to.

    Attributes
    ----------
    encoder
        E, a row program of one input.
    names
        Names of the observations whose boxes these are.
    centres
        float64 ``[n, *obs_shape]``: what the encoder is shown for them.
    radius, clip
        The box of c: all arrays between ``c - radius`` and ``c + radius``, cut off at ``clip``.
    sloped
        Slots of the operations in whose place lines are put.
    slopes
        For each of them float64 ``[n, 2, *row shape]``: slopes of the line below and of the line
        above, for each box.
    refined
        Slots that are bounded backwards before lines are put around what reads them.
    directions
        float64 ``[m, d]``.
    bounded
        int64 ``[q, 2]``: a box and a direction u.
    lower
        float64 ``[q]``. Claim: ``<u, E(x')> >= lower`` for all x' in the box.
    pairs
        int64 ``[k, 2]``: two boxes.
    supports
        int64 ``[k, 2]``: rows of ``bounded``, of the first box with some u and of the second one
        with -u.
    deltas
        float64 ``[k]``, positive: the claims. They follow from
        ``<u, E(x') - E(y')> <= |u|_1 |E(x') - E(y')|``.
    """

    encoder: Program
    names: tuple[Hashable, ...]
    centres: FloatArray
    radius: float
    clip: tuple[float, float] | None
    sloped: tuple[int, ...]
    slopes: tuple[FloatArray, ...]
    refined: tuple[int, ...]
    directions: FloatArray
    bounded: LongArray
    lower: FloatArray
    pairs: LongArray
    supports: LongArray
    deltas: FloatArray

    def __repr__(self) -> str:
        return (
            f"BoxCertificate({len(self.pairs)} pairs of {len(self.centres)} boxes, "
            f"radius {self.radius:.3g})"
        )
