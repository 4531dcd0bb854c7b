"""Distances between codes, residuals, and Lipschitz constants, each bounded on the proved side.

A constant comes from the encoded points themselves (the largest ratio over pairs, exact on
finitely many points) or from the weights (norm of the difference quotients of the program), the
smaller of the two.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.margins.certificate import ConstantSource
from tellapart.theory.margins.rounding import DOWN, TINY, UP, raised
from tellapart.theory.margins.slopes import norm_bound
from tellapart.theory.margins.tables import Tables
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.evaluation import residual_bounds
from tellapart.theory.networks.points import Interval, ModelPoints
from tellapart.theory.networks.program import NetworkModel

__all__ = ["Constants", "Distances", "choose_constants", "distances", "residuals"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Bounds = tuple[FloatArray, FloatArray]

#: Pairs that are compared in rational arithmetic.
_FEW = 10_000
#: Floats held at once in one block of pairwise differences (16 MiB).
_CHUNK = 2_000_000


@dataclass(frozen=True, eq=False)
class Distances:
    """Bounds of the sup-norm distances between codes.

    Attributes
    ----------
    lower, upper
        float64 ``[n_obs, n_obs]``, symmetric.
    identical
        bool ``[n_obs, n_obs]``: the two codes are provably the same.
    """

    lower: FloatArray
    upper: FloatArray
    identical: BoolArray


@dataclass(frozen=True, eq=False)
class Constants:
    """Lipschitz constants as the certificate states them; infinite where there is none.

    Attributes
    ----------
    predictors
        float64 ``[n_actions]``, upper bounds of 26 binary digits.
    sources
        Where each comes from.
    head, head_source
        The same for the head.
    """

    predictors: FloatArray
    sources: tuple[ConstantSource, ...]
    head: float
    head_source: ConstantSource


def sup_distances(values: Interval) -> Bounds:
    """Bound ``|v_x - v_y|`` for all pairs of rows of ``[n, d]``; O(n² d).

    Returns
    -------
    Lower and upper bounds, float64 ``[n, n]``.
    """
    low, high = np.ascontiguousarray(values.lo.T), np.ascontiguousarray(values.hi.T)
    above, below = (1.0, 1.0) if _is_short(values) else (UP, DOWN)
    d, n = low.shape
    lower, upper = np.zeros((n, n)), np.zeros((n, n))
    step = max(1, _CHUNK // max(1, n * d))
    for start in range(0, n if d else 0, step):
        rows = slice(start, start + step)
        one = high[:, rows, None] - low[:, None, :]
        other = high[:, None, :] - low[:, rows, None]
        upper[rows] = np.maximum(one, other).max(axis=0) * above
        lower[rows] = np.maximum(-np.minimum(one, other, out=one).min(axis=0), 0.0) * below
    return lower, upper


def distances(points: ModelPoints) -> Distances:
    """Bound the distances between the codes of a model."""
    lower, upper = sup_distances(points.codes)
    if points.code_ids is not None:
        identical = points.code_ids[:, None] == points.code_ids[None, :]
    else:
        exact = (points.codes.lo == points.codes.hi).all(axis=1)
        identical = (upper == 0.0) & exact[:, None] & exact[None, :]
        np.fill_diagonal(identical, True)  # a code is itself, however wide its enclosure
    return Distances(lower, upper, np.asarray(identical))


def residuals(
    points: ModelPoints, system: DeterministicMDP | TransitionData
) -> tuple[FloatArray, FloatArray]:
    """Bound the residuals from above in the sup norm, with 26 binary digits.

    Returns
    -------
    float64 ``[n_transitions]`` and ``[n_obs]``; NaN where there is no label.
    """
    dynamics, aux = residual_bounds(points, system)
    return raised(dynamics), raised(aux)


def choose_constants(
    tables: Tables, model: NetworkModel, points: ModelPoints, apart: Distances
) -> Constants:
    """Take for each action, and for the head, the smaller of the two constants (S10).

    Notes
    -----
    O(n² d |A|) for the points; the norms cost one product of the network's matrices.
    """
    predictors, sources = np.empty(tables.n_actions), []
    norms: dict[int, float] = {}
    for action, program in enumerate(model.predictors):
        covered = np.unique(tables.sources[tables.actions == action])
        values = points.predicted[:, action]
        if id(program) not in norms:
            norms[id(program)] = norm_bound(program)
        on_points = point_bound(values, covered, apart, strict=program.is_closed)
        predictors[action], source = _smaller(on_points, norms[id(program)])
        sources.append(source)
    on_points = point_bound(
        points.read, np.flatnonzero(tables.labelled), apart, strict=model.head.is_closed
    )
    head, head_source = _smaller(on_points, norm_bound(model.head))
    return Constants(predictors, tuple(sources), head, head_source)


def point_bound(
    values: Interval, rows: npt.NDArray[np.int64], apart: Distances, *, strict: bool
) -> float:
    """Return the largest ratio ``|v_x - v_y| / |E(x) - E(y)|`` over pairs of rows, or infinity.

    Pairs with provably the same code are left out: a function has one value there. ``strict``: it
    is known only as a table, and must be seen to have one value.
    """
    if len(rows) < 2:
        return 0.0
    upper = sup_distances(values[rows])[1]
    whole = len(rows) == len(apart.lower)
    lower = apart.lower if whole else apart.lower[np.ix_(rows, rows)]
    same = apart.identical if whole else apart.identical[np.ix_(rows, rows)]
    if strict and (upper[same] > 0).any():
        return float("inf")
    if ((lower <= 0.0) & ~same).any():
        return float("inf")  # two enclosures overlap, and nothing says that the codes are equal
    ratios = np.divide(upper, lower, out=np.zeros_like(upper), where=~same)
    return _proved_maximum(ratios, upper, lower)


def _is_short(values: Interval) -> bool:
    """Tell whether all numbers are exact and have so few digits that differences are exact."""
    if not np.array_equal(values.lo, values.hi):
        return False
    largest = float(np.abs(values.lo).max(initial=0.0))
    scaled = np.ldexp(values.lo, 51 - math.frexp(largest)[1])
    return bool((scaled == np.floor(scaled)).all())


def _proved_maximum(ratios: FloatArray, upper: FloatArray, lower: FloatArray) -> float:
    """Round the largest ratio up to 26 binary digits, and not further where that is proved."""
    largest = ratios.max(initial=0.0)
    candidate = float(raised(largest))
    close = np.flatnonzero(ratios.reshape(-1) >= largest * (1 - 2.0**-40))[:_FEW]
    ends = zip(upper.reshape(-1)[close].tolist(), lower.reshape(-1)[close].tolist(), strict=True)
    if len(close) < _FEW and all(Fraction(candidate) * Fraction(b) >= Fraction(a) for a, b in ends):
        return candidate
    return float(raised(largest * UP + TINY))


def _smaller(on_points: float, norm: float) -> tuple[float, ConstantSource]:
    """Round both up and take the smaller; on the points where they are equal."""
    best, source = (norm, "norm") if norm < on_points else (on_points, "points")
    return float(raised(np.array(best))), source  # type: ignore[return-value]
