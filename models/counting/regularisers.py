"""Losses of the codes alone, for training: VICReg's two terms and SIGReg, on tensors."""

import torch
from torch import Tensor

__all__ = ["sigreg_loss", "vicreg_loss"]

#: Quadrature of LeJEPA: 17 points in [-5, 5], of which symmetry leaves nine.
_LIMIT, _POINTS = 5.0, 9


def vicreg_loss(codes: Tensor) -> tuple[Tensor, Tensor]:
    """Return the variance and the covariance term of VICReg.

    Parameters
    ----------
    codes
        ``[n, d]``, n >= 2.

    Notes
    -----
    Bardes, Ponce, LeCun, 2022, arXiv 2105.04906, equations 1 to 4, γ = 1 and ε = 1e-4; equal to
    :func:`~tellapart.models.diagnostics.spread.vicreg_variance` and
    :func:`~tellapart.models.diagnostics.spread.vicreg_covariance`, with gradients.

    Examples
    --------
    >>> variance, covariance = vicreg_loss(torch.tensor([[2.0, 0.0], [-2.0, 0.0]]))
    >>> round(float(variance), 3), float(covariance)
    (0.495, 0.0)
    """
    deviation = (codes.var(dim=0) + 1e-4).sqrt()
    variance = (1 - deviation).clamp(min=0).mean()
    centred = codes - codes.mean(dim=0)
    covariance = centred.T @ centred / (len(codes) - 1)
    off = covariance - covariance.diagonal().diag()
    return variance, off.square().sum() / codes.shape[1]


def sigreg_loss(codes: Tensor, directions: Tensor) -> Tensor:
    """Return SIGReg: the Epps-Pulley statistic along directions, averaged.

    Parameters
    ----------
    codes
        ``[n, d]``, as they are.
    directions
        ``[d, k]``; each column is scaled to length one.

    Notes
    -----
    Balestriero and LeCun, 2025, LeJEPA, arXiv 2511.08544; equal to
    :func:`~tellapart.models.diagnostics.gaussianity.sigreg` on the same directions, with gradients.

    Examples
    --------
    >>> round(float(sigreg_loss(torch.zeros(4, 1), torch.ones(1, 1))), 2)
    1.64
    """
    along = codes @ (directions / directions.norm(dim=0))
    step = _LIMIT / (_POINTS - 1)
    t = torch.arange(_POINTS, dtype=codes.dtype) * step
    normal = (-t.square() / 2).exp()
    share = torch.full_like(t, 2.0)
    share[0] = share[-1] = 1.0  # t = 0 counts once, the ends of the interval half
    angles = along.unsqueeze(0) * t[:, None, None]
    real = angles.cos().mean(dim=1) - normal[:, None]
    imaginary = angles.sin().mean(dim=1)
    weights = (share * step * normal)[:, None]
    statistic: Tensor = (weights * (real.square() + imaginary.square())).sum(dim=0)
    return len(codes) * statistic.mean()
