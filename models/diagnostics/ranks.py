"""Ranks of a set of codes: how many directions they use. None of them knows which codes are equal.

Scale never matters: singular values are taken relative to the largest.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.diagnostics.border import as_codes

__all__ = ["effective_rank", "entropy_rank", "numerical_rank", "participation_ratio", "rank_me"]

FloatArray = npt.NDArray[np.float64]


def rank_me(codes: Any, epsilon: float = 1e-7) -> float:
    """Return RankMe: ``exp(-Σ p_k log p_k)`` with ``p_k = σ_k / Σ_j σ_j + ε``.

    Parameters
    ----------
    codes
        Z, float64 ``[n, d]``, not centred; σ are its singular values.
    epsilon
        The ε of the definition.

    Returns
    -------
    Between 1 and ``min(n, d)`` up to ε; 0 when all codes are zero.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers.

    Notes
    -----
    Garrido, Balestriero, Najman, LeCun, 2023, arXiv 2210.02885, equations 1 and 2.
    O(n d min(n, d)).

    Examples
    --------
    >>> round(rank_me([[1, 0], [0, 1], [-1, 0], [0, -1]]), 3)
    2.0
    """
    return entropy_rank(_singular_values(as_codes(codes)), epsilon)


def effective_rank(codes: Any) -> float:
    """Return the effective rank ``exp(-Σ p_k log p_k)``, ``p_k = σ_k / Σ_j σ_j``, centred.

    Parameters
    ----------
    codes
        float64 ``[n, d]``; σ are the singular values of the codes less their mean, so that one
        code for everything has rank 0 wherever it lies.

    Returns
    -------
    Between 1 and ``min(n - 1, d)``; 0 when all codes are equal.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers.

    Notes
    -----
    Roy and Vetterli, 2007, "The effective rank: a measure of effective dimensionality", EUSIPCO.
    """
    return entropy_rank(_singular_values(_centred(as_codes(codes))), 0.0)


def participation_ratio(codes: Any) -> float:
    """Return ``(Σ λ)² / Σ λ²`` of the eigenvalues λ of the covariance of the codes.

    Parameters
    ----------
    codes
        float64 ``[n, d]``.

    Returns
    -------
    Between 1 and ``min(n - 1, d)``; 0 when all codes are equal.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers.

    Notes
    -----
    Gao, Trautmann, Yu, Santhanam, Ryu, Shenoy, Ganguli, 2017, bioRxiv 214262.
    """
    values = np.square(_singular_values(_centred(as_codes(codes))))
    total = float(values.sum())
    return total**2 / float(np.square(values).sum()) if total > 0 else 0.0


def numerical_rank(codes: Any) -> int:
    """Return the number of singular values of the centred codes above rounding.

    Parameters
    ----------
    codes
        float64 ``[n, d]``.

    Returns
    -------
    Singular values above ``max(n, d) ε σ_1`` with ε the unit of rounding of float64 and σ_1 the
    largest singular value of the codes themselves, whose digits centring loses.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers.

    Notes
    -----
    Golub and Van Loan, Matrix Computations, section 5.4; the rule of ``numpy.linalg.matrix_rank``,
    applied to the differences of codes.
    """
    rows = as_codes(codes)
    scale = float(np.abs(rows).max())
    if scale == 0:
        return 0
    values = np.linalg.svd(_centred(rows / scale), compute_uv=False)
    largest = np.linalg.svd(rows / scale, compute_uv=False)[0]
    bound = max(rows.shape) * float(np.finfo(np.float64).eps) * float(largest)
    return int((values > bound).sum())


def entropy_rank(values: FloatArray, epsilon: float) -> float:
    """Return ``exp`` of the entropy of non-negative values divided by their sum; 0 for none."""
    total = float(values.sum())
    if total <= 0:
        return 0.0
    p = values / total + epsilon
    p = p[p > 0]
    return float(np.exp(-(p * np.log(p)).sum()))


def _centred(codes: FloatArray) -> FloatArray:
    """Subtract the mean, from differences to the first code: equal codes give exact zeros."""
    shifted: FloatArray = codes - codes[0]
    centred: FloatArray = shifted - shifted.mean(axis=0)
    return centred


def _singular_values(matrix: FloatArray) -> FloatArray:
    """Return singular values relative to the largest; zeros for a zero matrix."""
    scale = float(np.abs(matrix).max())
    if scale == 0:
        return np.zeros(min(matrix.shape))
    values = np.linalg.svd(matrix / scale, compute_uv=False)
    result: FloatArray = values / values[0]
    return result
