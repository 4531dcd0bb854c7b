"""The best affine map of codes: what a linear head or predictor could reach on them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["NEAR_ONE", "AffineFit", "affine_fit"]

FloatArray = npt.NDArray[np.float64]

_STEPS = 60
#: Rows times columns squared, over all steps at most: some seconds for large systems.
_WORK = 200_000_000
#: A lower bound on the ratio from here on says that no affine map is resolved, or all but none:
#: steps approach a least ratio of 1 from below, and 1 is not resolved.
NEAR_ONE = 0.99


@dataclass(frozen=True)
class AffineFit:
    """What affine maps can reach, residuals measured in what they must stay below (S13).

    Attributes
    ----------
    ratio
        Largest residual of the best map found; below 1 it would be resolved.
    least
        No affine map has a largest residual below this.
    """

    ratio: float
    least: float


def affine_fit(codes: FloatArray, targets: FloatArray, half_gaps: FloatArray) -> AffineFit | None:
    """Bound the largest residual of the best affine map of the codes from both sides.

    Parameters
    ----------
    codes, targets
        float64 ``[n, d]`` and ``[n, k]``.
    half_gaps
        float64 ``[n]``, what each residual must stay below; infinite: nothing is asked.

    Returns
    -------
    AffineFit, or None where some half gap is zero: no residual is below it.

    Notes
    -----
    Lawson's algorithm, O(n d (d + k)) for each of at most 60 steps, fewer for large systems. Least
    squares with weights that sum to 1 has the smallest weighted mean of squared ratios, and the
    largest ratio of any map is at least the root of that; weights then grow where the ratio is
    large. It stops once a resolved map is found, or shown not to exist.

    Examples
    --------
    >>> line, tent = np.arange(3.0)[:, None], np.array([[0.0], [6.0], [0.0]])
    >>> found = affine_fit(line, tent, np.ones(3))
    >>> round(found.ratio, 6), round(found.least, 6)
    (4.0, 2.828427)
    """
    asked = np.isfinite(half_gaps)
    if not half_gaps.all():
        return None
    if not asked.any():
        return AffineFit(0.0, 0.0)
    centred = codes[asked] - codes[asked].mean(axis=0)
    size = np.abs(centred).max() or 1.0  # so that the rank does not depend on the scale of codes
    unit = half_gaps[asked, None]
    design = np.hstack([centred / size, np.ones((len(centred), 1))]) / unit
    goal = targets[asked] / unit
    share = np.full(len(goal), 1 / len(goal))
    ratio, least = np.inf, 0.0
    for _ in range(max(1, min(_STEPS, _WORK // design.shape[0] // design.shape[1] ** 2))):
        root = np.sqrt(share)[:, None]
        solution = np.linalg.lstsq(design * root, goal * root, rcond=None)[0]
        ratios = np.linalg.norm(design @ solution - goal, axis=1)
        ratio = min(ratio, float(ratios.max()))
        least = max(least, float(np.sqrt(share @ ratios**2)))
        share = share * ratios
        if ratio < 1 or least >= 1 or not share.sum() > 0:
            break
        share /= share.sum()
    return AffineFit(ratio, min(least, ratio))
