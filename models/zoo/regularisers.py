"""Regularisers that keep codes from collapsing without a label: VICReg's two terms, and SIGReg."""

import torch
from torch import Tensor

__all__ = ["sketched_normality", "vicreg_covariance", "vicreg_variance"]

#: Quadrature of the Epps-Pulley statistic, as in
#: :func:`tellapart.models.diagnostics.gaussianity.epps_pulley`.
_LIMIT, _POINTS = 5.0, 17
_VARIANCE_FLOOR = 1e-4


def vicreg_variance(codes: Tensor) -> Tensor:
    """Return how far coordinates fall short of a standard deviation of 1, on average.

    Parameters
    ----------
    codes
        ``[n, d]``; one code alone has variance and covariance zero.

    Notes
    -----
    ``mean_j max(0, 1 - sqrt(var_j + 1e-4))`` with the unbiased variance: Bardes, Ponce and LeCun,
    2022, VICReg, arXiv 2105.04906.

    Examples
    --------
    >>> round(float(vicreg_variance(torch.zeros(4, 2))), 2)
    0.99
    """
    deviation = torch.sqrt(codes.var(dim=0, correction=min(1, len(codes) - 1)) + _VARIANCE_FLOOR)
    return torch.relu(1 - deviation).mean()


def vicreg_covariance(codes: Tensor) -> Tensor:
    """Return the sum of the squared covariances of different coordinates, divided by d.

    Parameters
    ----------
    codes
        ``[n, d]``; one code alone has variance and covariance zero.
    """
    n, d = codes.shape
    centred = codes - codes.mean(dim=0)
    covariance = centred.T @ centred / max(1, n - 1)
    across = covariance - torch.diag(torch.diagonal(covariance))
    return across.square().sum() / d


def sketched_normality(codes: Tensor, directions: Tensor) -> Tensor:
    """Return the SIGReg statistic with gradients: Epps-Pulley, averaged over directions.

    Parameters
    ----------
    codes
        ``[n, d]``, as they are: neither centred nor scaled.
    directions
        ``[d, k]``, columns of length 1.

    Returns
    -------
    Zero or more; 1.06 on average for standard normal codes, up to ``0.4 n`` for collapsed ones.

    Notes
    -----
    Balestriero and LeCun, 2025, LeJEPA, arXiv 2511.08544: how far the characteristic functions of
    projections are from that of the normal law. The numpy function
    :func:`tellapart.models.diagnostics.gaussianity.epps_pulley` is its oracle. O(n k (d + 17)).
    """
    t = torch.linspace(-_LIMIT, _LIMIT, _POINTS, dtype=codes.dtype)
    normal = torch.exp(-t.square() / 2)
    angles = (codes @ directions).unsqueeze(2) * t
    real, imaginary = torch.cos(angles).mean(dim=0) - normal, torch.sin(angles).mean(dim=0)
    distance = (real.square() + imaginary.square()) * normal
    return len(codes) * torch.trapezoid(distance, t, dim=1).mean()
