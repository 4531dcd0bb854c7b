"""The resolution ratio (S13) of enclosed points: bounds that decide, or say that they do not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.intervals import (
    down,
    point,
    rearranged,
    square,
    square_root,
    subtract,
    total,
    up,
)
from tellapart.theory.networks.points import Interval, ModelPoints
from tellapart.theory.networks.targets import label_targets, transitions_of
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import gaps, label_gaps
from tellapart.theory.serialise import Saved, register

__all__ = ["ResolutionBounds", "resolution_bounds"]

FloatArray = npt.NDArray[np.float64]

_U = 2.0**-53
#: Differences below it have squares that underflow; it is above the root of the smallest float.
_ROOT_TINY = 2.0**-536


@register
@dataclass(frozen=True)
class ResolutionBounds(Saved):
    """The resolution ratio of the real function of a subject's weights lies between two floats.

    Attributes
    ----------
    ratio_lower, ratio_upper
        Bounds of the ratio; infinite where two codes that must be told apart are, or may be, equal.
    """

    ratio_lower: float
    ratio_upper: float

    @property
    def resolved(self) -> bool | None:
        """Whether the ratio is below 1 (S13); None where the bounds do not decide."""
        if self.ratio_upper < 1:
            return True
        return False if self.ratio_lower >= 1 else None

    def explain(self) -> str:
        """Return what the bounds decide, as a sentence."""
        between = f"The resolution ratio lies between {self.ratio_lower!r} and {self.ratio_upper!r}"
        if self.resolved is None:
            return between + ": this does not decide whether the subject is resolved."
        answer = "below 1, so every residual is below half its gap: resolved"
        return f"{between}: {answer if self.resolved else 'not below 1, so not resolved'}."

    def __repr__(self) -> str:
        decided = {True: "resolved", False: "not resolved", None: "not decided"}[self.resolved]
        return f"ResolutionBounds({self.ratio_lower:.6g} to {self.ratio_upper:.6g}: {decided})"


def resolution_bounds(
    points: ModelPoints, partition: Partition, system: DeterministicMDP
) -> ResolutionBounds:
    """Bound the resolution ratio in the Euclidean norm (S13).

    Parameters
    ----------
    points
        Codes, predicted latents and labels read, enclosed, on ``system``.
    partition
        B* of ``system``: pairs in different blocks must be told apart.
    system
        A deterministic MDP.

    Returns
    -------
    ResolutionBounds

    Raises
    ------
    InvalidArgumentError
        For transition data, or a partition of other observations.

    Notes
    -----
    O(n² d). With k coordinates a computed distance is wrong by the factor ``1 ± (k + 8) u`` and by
    the radii of the two enclosures. With exact arithmetic equal codes and zero residuals are
    decided exactly; a ratio nearer to 1 than the enclosures are wide is not.

    Examples
    --------
    >>> from tellapart.theory.networks.points import Interval
    >>> mdp = DeterministicMDP([[0], [1]], labels=[0.0, 1.0])
    >>> at = lambda values: Interval(np.array(values), np.array(values))
    >>> points = ModelPoints(
    ...     at([[0.0], [4.0]]), at([[[1.0]], [[4.0]]]), at([[0.0], [1.0]]), "interval", False, None
    ... )
    >>> resolution_bounds(points, Partition([0, 1]), mdp)
    ResolutionBounds(0.5 to 0.5: resolved)
    """
    _check(points, partition, system)
    merged = _merged(points, partition)
    gap = _gaps(points.codes, partition, merged)
    sources, actions, successors = transitions_of(system)
    residual = _distance(points.predicted[sources, actions], points.codes[successors])
    aux_residual = _distance(points.read, point(label_targets(system)))
    if points.zero_loss:
        residual, aux_residual = (point(np.zeros(r.shape)) for r in (residual, aux_residual))
    positive = gap.lo > 0
    if merged is not None:
        positive |= ~merged
    lower, upper = _ratios(residual, gap[successors], positive[successors])
    between = label_gaps(system)
    slack = 1.0 + (label_targets(system).shape[1] + 8) * 2 * _U
    labels = Interval(down(between / slack), up(between * slack))
    labels.lo[np.isinf(between)] = np.inf
    aux_lower, aux_upper = _ratios(aux_residual, labels, labels.lo > 0)
    return ResolutionBounds(max(lower, aux_lower), max(upper, aux_upper))


def _merged(points: ModelPoints, partition: Partition) -> npt.NDArray[np.bool_] | None:
    """Tell which observations share their code with one of another block; None if not known."""
    if points.code_ids is None:
        return None
    n_codes = int(points.code_ids.max(initial=-1)) + 1
    least = np.full(n_codes, len(partition))
    most = np.full(n_codes, -1)
    np.minimum.at(least, points.code_ids, partition.ids)
    np.maximum.at(most, points.code_ids, partition.ids)
    result: npt.NDArray[np.bool_] = (least != most)[points.code_ids]
    return result


def _gaps(codes: Interval, partition: Partition, merged: npt.NDArray[np.bool_] | None) -> Interval:
    """Enclose g(o): the gaps between midpoints, wrong by the radii and by rounding."""
    d = codes.shape[1]
    middle = 0.5 * codes.lo + 0.5 * codes.hi
    radius = up(np.maximum(up(codes.hi - middle), up(middle - codes.lo)))
    size = square_root(total(square(point(radius)), (1,))).hi[:, 0]
    near = gaps(middle, partition)
    reach = up(up(size + size.max(initial=0.0)) + _ROOT_TINY * (d + 1))
    slack = 1.0 + (d + 8) * 2 * _U
    lo = np.maximum(down(down(near / slack) - reach), 0.0)
    hi = up(up(near * slack) + reach)
    lo[np.isinf(near)] = np.inf
    if merged is not None:
        lo[merged] = hi[merged] = 0.0
    return Interval(lo, hi)


def _distance(x: Interval, y: Interval) -> Interval:
    """Enclose the Euclidean distance of rows."""
    same = ((x.lo == y.hi) & (x.hi == y.lo)).all(axis=1)
    size = rearranged(square_root(total(square(subtract(x, y)), (1,))), lambda end: end[:, 0])
    return Interval(np.where(same, 0.0, size.lo), np.where(same, 0.0, size.hi))


def _ratios(
    residual: Interval, gap: Interval, positive: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    """Bound the largest of ``residual / (gap / 2)``: 0 without a gap, infinite for a gap of 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lower = np.maximum(down(2 * residual.lo / gap.hi), 0.0)
        upper = up(2 * residual.hi / gap.lo)
    lower = np.where(gap.hi == 0, np.inf, np.where(np.isinf(gap.hi), 0.0, lower))
    upper = np.where(gap.lo == 0, np.inf, np.where(np.isinf(gap.lo), 0.0, upper))
    upper = np.where((residual.hi == 0) & positive, 0.0, upper)
    return float(lower.max(initial=0.0)), float(upper.max(initial=0.0))


def _check(points: ModelPoints, partition: Partition, system: DeterministicMDP) -> None:
    if not isinstance(system, DeterministicMDP):
        raise InvalidArgumentError(
            f"resolution_bounds needs a DeterministicMDP, not a {type(system).__name__}: with "
            "missing transitions no partition says which codes must be told apart."
        )
    if not len(partition) == system.n_obs == points.codes.shape[0]:
        raise InvalidArgumentError(
            f"The system has {system.n_obs} observations, the partition {len(partition)} and the "
            f"points {points.codes.shape[0]}; they must be the same observations."
        )
