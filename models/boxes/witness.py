"""How far apart the codes of two given inputs are: enclosed, so that it can be stated."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks import intervals
from tellapart.theory.networks.dyadic import Dyadic, evaluate_exact, is_rational
from tellapart.theory.networks.enclosing import enclose
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Program

__all__ = ["Distances", "enclosed_distances"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Distances:
    """Sup-norm distances of codes.

    Attributes
    ----------
    lo, hi
        float64 ``[k]``: each distance lies between them; 0 and 0 where the codes are equal.
    """

    lo: FloatArray
    hi: FloatArray


def enclosed_distances(program: Program, x: FloatArray, y: FloatArray) -> Distances:
    """Enclose ``|E(x) - E(y)|`` for k pairs of inputs.

    Parameters
    ----------
    program
        An encoder as a row program.
    x, y
        float64 ``[k, *obs_shape]``.

    Notes
    -----
    Intervals; pairs that they do not tell apart are evaluated in exact arithmetic where the
    program is rational. Equal inputs have equal codes.

    Examples
    --------
    >>> identity = Program(((1, 2),), (), (), 0)
    >>> found = enclosed_distances(identity, np.array([[0.0, 1.0]]), np.array([[0.0, 3.5]]))
    >>> found.lo.round(9).tolist(), found.hi.round(9).tolist()
    ([2.5], [2.5])
    """
    k = len(x)
    rows = (2 * k, *program.inputs[0])
    inputs = intervals.point(np.concatenate([x, y]).reshape(rows))
    codes = enclose(program, [inputs])
    flat = Interval(codes.lo.reshape(2 * k, -1), codes.hi.reshape(2 * k, -1))
    gap = intervals.absolute(intervals.subtract(flat[:k], flat[k:]))
    lo, hi = gap.lo.max(axis=1), gap.hi.max(axis=1)
    same = (x.reshape(k, -1) == y.reshape(k, -1)).all(axis=1)
    unclear = np.flatnonzero((lo == 0) & ~same)
    if len(unclear) and is_rational(program):
        chosen = np.concatenate([x[unclear], y[unclear]]).reshape(-1, *program.inputs[0])
        exact = evaluate_exact(program, [Dyadic.of_floats(chosen)])
        n = len(unclear)
        distance = exact[:n].minus(exact[n:]).enclosed()
        size = intervals.absolute(distance)
        lo[unclear] = size.lo.reshape(n, -1).max(axis=1)
        hi[unclear] = size.hi.reshape(n, -1).max(axis=1)
    lo[same] = hi[same] = 0.0
    return Distances(lo, hi)
