"""The smallest linear model in floating point: numerically zero loss, in well under a millisecond.

The labels read after words span a space that every action maps into itself (S12). An orthonormal
basis of it, taken as codes, makes the action matrices projections of permuted rows; nothing is
trained and nothing is exact. For zero loss bit for bit there are
:func:`~tellapart.models.linear.linear_subject` and
:func:`~tellapart.models.exact.exact_subject`.
"""

import math

import numpy as np
import numpy.typing as npt
import torch

from tellapart.models.linear import AffineHead, AffinePredictor, CodeTable
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["krylov_subject"]

FloatArray = npt.NDArray[np.float64]

#: A unit vector with less than this outside the space counts as inside.
_TOLERANCE = 1e-9
#: Where less than this is left of a unit vector, rounding has grown and it is projected once more.
_CANCELLED = 0.3
#: Mean squared residual that rounding may leave, for codes (and labels) of size 1.
_MAX_LOSS = 1e-24


def krylov_subject(mdp: DeterministicMDP, *, seed: int = 0) -> Subject:
    """Build the smallest linear subject in float64; its loss is numerically zero (S12).

    Parameters
    ----------
    mdp
        The system.
    seed
        Of the gauge: a random reflection of the latents and a random stretch of each by a half to
        two, so that no latent coordinate means anything.

    Returns
    -------
    Subject
        Without trainable parameters and without ``tables``. The latent dimension is the rank
        found in floating point: ``capacity(mdp).linear`` wherever rounding leaves no doubt, at
        least 1. Codes have about unit size.

    Raises
    ------
    InvalidArgumentError
        For something that is not a DeterministicMDP or a negative seed, and when rounding leaves
        a mean squared residual above 1e-24 (relative to the labels, where they are large).

    Notes
    -----
    O(n d² |A|) for latent dimension d. A numerically zero loss is not an exact one: it can meet a
    certified or resolved premise, never the grade ``exact``.

    Examples
    --------
    >>> from tellapart.models.evaluation import evaluate
    >>> from tellapart.theory.gallery import counting_chain
    >>> chain = counting_chain(9)
    >>> measured = evaluate(krylov_subject(chain), chain)
    >>> measured.latent_dim, measured.dynamics_loss < 1e-24
    (9, True)
    """
    _check(mdp, seed)
    labels, successors = mdp.label_vectors, mdp.successors
    n, n_actions = successors.shape
    basis = _invariant_basis(labels, successors)
    d = basis.shape[1]
    if d == 0:  # every label is zero: one latent that is always zero reads them all
        return _subject(
            np.zeros((n, 1)), np.zeros((n_actions, 1, 1)), np.zeros((1, labels.shape[1]))
        )
    reflection, stretch = _gauge(d, seed)
    projected = basis.T @ basis[successors.T]
    left, right = reflection / stretch, reflection * stretch
    codes = n**0.5 * (basis @ right)
    matrices = left.T @ projected @ right
    head = left.T @ (basis.T @ labels) / n**0.5
    _check_rounding(mdp, codes, matrices, head)
    return _subject(codes, matrices, head)


def _check(mdp: object, seed: object) -> None:
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"krylov_subject was given {type(mdp).__name__}; it needs a DeterministicMDP."
        )
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InvalidArgumentError(f"seed is {seed!r}; it must be an integer >= 0.")


def _invariant_basis(labels: FloatArray, successors: npt.NDArray[np.integer]) -> FloatArray:
    """Return an orthonormal basis ``[n, d]`` of the span of the labels read after all words."""
    n, n_actions = successors.shape
    basis = np.empty((n, n))
    d = 0
    by_action = [successors[:, a] for a in range(n_actions)]
    waiting = list(labels.T)
    while waiting and d < n:
        found = []
        for vector in waiting:
            size = math.sqrt(vector @ vector)
            if size == 0 or d == n:
                continue
            rest = vector / size
            known = basis[:, :d]
            rest = rest - known @ (known.T @ rest)
            left = math.sqrt(rest @ rest)
            if left < _CANCELLED:
                rest = rest - known @ (known.T @ rest)
                left = math.sqrt(rest @ rest)
            if left > _TOLERANCE:
                basis[:, d] = rest / left
                found.append(d)
                d += 1
        waiting = [basis[after, k] for k in found for after in by_action]
    return basis[:, :d].copy()


def _gauge(d: int, seed: int) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal(d)
    reflection = np.eye(d) - np.outer(normal, (2 / (normal @ normal)) * normal)
    return reflection, 2.0 ** rng.uniform(-1, 1, size=d)


def _check_rounding(
    mdp: DeterministicMDP, codes: FloatArray, matrices: FloatArray, head: FloatArray
) -> None:
    labels, n = mdp.label_vectors, len(codes)
    moved = codes @ matrices - codes[mdp.successors.T]
    read = codes @ head - labels
    with np.errstate(over="ignore", invalid="ignore"):
        size = max(1.0, float(np.vdot(labels, labels)) / n)
        dynamics = float(np.vdot(moved, moved)) / (n * len(matrices))
        aux = float(np.vdot(read, read)) / n
    if not (dynamics <= _MAX_LOSS and aux <= _MAX_LOSS * size):
        raise InvalidArgumentError(
            f"Rounding leaves a dynamics loss of {dynamics:.3g} and an auxiliary loss of {aux:.3g} "
            f"on {mdp!r}: the rank of its labels after words is unclear in float64. Use "
            "exact_subject(mdp), or linear_subject(mdp), which computes with rational numbers."
        )


def _subject(codes: FloatArray, matrices: FloatArray, head: FloatArray) -> Subject:
    n_actions, d, _ = matrices.shape
    return Subject(
        encoder=CodeTable(torch.from_numpy(codes)),
        predictor=AffinePredictor(
            torch.from_numpy(matrices), torch.zeros((n_actions, d), dtype=torch.float64)
        ),
        head=AffineHead(torch.from_numpy(head), torch.zeros(head.shape[1], dtype=torch.float64)),
        name="krylov",
    )
