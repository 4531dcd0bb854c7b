"""The SIGReg statistic: how far the codes are from a sample of a standard normal distribution."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.diagnostics.border import as_codes
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["NORMAL_MEAN", "epps_pulley", "sigreg"]

FloatArray = npt.NDArray[np.float64]

#: Mean of the statistic over independent standard normal samples of any size:
#: ``∫ (1 - exp(-t²)) exp(-t²/2) dt = sqrt(2π) (1 - 1/sqrt(3))``.
NORMAL_MEAN = float(np.sqrt(2 * np.pi) * (1 - 1 / np.sqrt(3)))

#: Quadrature of the paper: 17 points in [-5, 5], of which symmetry leaves nine.
_LIMIT, _POINTS = 5.0, 9


def epps_pulley(values: Any) -> FloatArray:
    """Return the Epps-Pulley statistic of each column against the standard normal law.

    ``n ∫ |φ_n(t) - exp(-t²/2)|² exp(-t²/2) dt`` with the empirical characteristic function
    ``φ_n(t) = 1/n Σ_i exp(i t x_i)``, by the trapezoidal rule on 17 points in [-5, 5].

    Parameters
    ----------
    values
        float64 ``[n, k]``: k samples of size n, one in each column.

    Returns
    -------
    float64 ``[k]``, zero or more; :data:`NORMAL_MEAN` on average for normal samples.

    Raises
    ------
    InvalidArgumentError
        For values that are no finite ``[n, k]`` numbers.

    Notes
    -----
    Epps and Pulley, 1983, Biometrika 70(3), 723-726; location and scale are given, not estimated.
    The quadrature is the one of LeJEPA (see :func:`sigreg`). O(n k).
    """
    rows = as_codes(values)
    step = _LIMIT / (_POINTS - 1)
    total = np.zeros(rows.shape[1])
    for index in range(_POINTS):
        t = index * step
        normal = np.exp(-(t**2) / 2)
        real = np.cos(t * rows).mean(axis=0) - normal
        imaginary = np.sin(t * rows).mean(axis=0)
        # Both signs of t give the same; t = 0 counts once, the ends of the interval half.
        share = 1.0 if index in (0, _POINTS - 1) else 2.0
        total += share * step * normal * (real**2 + imaginary**2)
    result: FloatArray = len(rows) * total
    return result


def sigreg(codes: Any, *, directions: int = 256, seed: int = 0) -> float:
    """Return the SIGReg statistic: Epps-Pulley, averaged over random directions.

    Parameters
    ----------
    codes
        float64 ``[n, d]``, as they are: neither centred nor scaled.
    directions
        Number of directions, uniform on the unit sphere.
    seed
        Of the directions.

    Returns
    -------
    Zero or more. Independent standard normal codes give :data:`NORMAL_MEAN`, 1.06, on average;
    any other law gives a value that grows with n.

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite ``[n, d]`` numbers, fewer than one direction or a negative
        seed.

    Notes
    -----
    Balestriero and LeCun, 2025, LeJEPA, arXiv 2511.08544. O(n directions (d + 9)).

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> sample = generator.standard_normal((500, 4))
    >>> sigreg(sample) < 2 < 100 < sigreg(sample + 2)
    True
    """
    rows = as_codes(codes)
    for name, value, least in (("directions", directions, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")
    normals = np.random.default_rng(seed).standard_normal((rows.shape[1], directions))
    normals /= np.linalg.norm(normals, axis=0)
    return float(epps_pulley(rows @ normals).mean())
