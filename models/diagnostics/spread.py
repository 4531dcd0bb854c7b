"""Spread of codes, dimension by dimension: standard deviations and the two terms of VICReg."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tellapart.models.diagnostics.border import as_codes
from tellapart.theory.serialise import Saved, register

__all__ = ["FLOOR", "Spread", "spread", "vicreg_covariance", "vicreg_variance"]

#: A dimension whose standard deviation is below this counts as dead.
FLOOR = 1e-2


@register
@dataclass(frozen=True, slots=True)
class Spread(Saved):
    """Standard deviations of the codes along each dimension.

    Attributes
    ----------
    smallest, mean
        Smallest and mean standard deviation.
    n_low
        Dimensions whose standard deviation is below ``floor``.
    d
        Number of dimensions.
    floor
        The floor used.
    """

    smallest: float
    mean: float
    n_low: int
    d: int
    floor: float

    def explain(self) -> str:
        """Return the numbers as a sentence."""
        return (
            f"Standard deviation by dimension: smallest {self.smallest:.3g}, mean {self.mean:.3g}; "
            f"{self.n_low} of {self.d} below {self.floor:g}."
        )


def spread(codes: Any, floor: float = FLOOR) -> Spread:
    """Measure the standard deviation of each dimension.

    Parameters
    ----------
    codes
        float64 ``[n, d]``; ``s_j² = Σ_i (z_ij - mean_j)² / n``.
    floor
        Below this a dimension counts as dead. It is absolute, as in practice, and so depends on
        the scale of the codes, which means nothing (S13).

    Returns
    -------
    Spread

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers.

    Notes
    -----
    Used as a sign of collapse by Chen and He, 2021, "Exploring simple Siamese representation
    learning", arXiv 2011.10566, figure 2.

    Examples
    --------
    >>> spread([[0, 1], [0, 3]]).explain()
    'Standard deviation by dimension: smallest 0, mean 0.5; 1 of 2 below 0.01.'
    """
    deviations = as_codes(codes).std(axis=0)
    return Spread(
        smallest=float(deviations.min()),
        mean=float(deviations.mean()),
        n_low=int((deviations < floor).sum()),
        d=len(deviations),
        floor=floor,
    )


def vicreg_variance(codes: Any, gamma: float = 1.0, epsilon: float = 1e-4) -> float | None:
    """Return the variance term of VICReg, ``1/d Σ_j max(0, γ - sqrt(Var(z_j) + ε))``.

    Parameters
    ----------
    codes
        float64 ``[n, d]``; variances divide by ``n - 1``.
    gamma, epsilon
        Constants of the definition, 1 and 1e-4 in the paper.

    Returns
    -------
    0 when every dimension has standard deviation γ or more; at most γ. None for a single code,
    which has no variance.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers.

    Notes
    -----
    Bardes, Ponce, LeCun, 2022, arXiv 2105.04906, equations 1 and 2.
    """
    rows = as_codes(codes)
    if len(rows) < 2:
        return None
    deviations = np.sqrt(rows.var(axis=0, ddof=1) + epsilon)
    return float(np.maximum(0.0, gamma - deviations).mean())


def vicreg_covariance(codes: Any) -> float | None:
    """Return the covariance term of VICReg, ``1/d Σ_{i≠j} C_ij²``.

    Parameters
    ----------
    codes
        float64 ``[n, d]``; C is their covariance, divided by ``n - 1``.

    Returns
    -------
    0 when no two dimensions are correlated. None for a single code.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers.

    Notes
    -----
    Bardes, Ponce, LeCun, 2022, arXiv 2105.04906, equations 3 and 4. O(n d²).
    """
    rows = as_codes(codes)
    if len(rows) < 2:
        return None
    centred = rows - rows.mean(axis=0)
    covariance = centred.T @ centred / (len(rows) - 1)
    np.fill_diagonal(covariance, 0.0)
    return float(np.square(covariance).sum() / rows.shape[1])
