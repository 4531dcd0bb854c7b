"""Other coordinates for linear subjects: integer matrices of determinant ±1, exactly inverted.

In the coordinates z G of a unimodular G nothing is divided: integers stay integers, and a model
whose loss is zero bit for bit keeps it.
"""

from dataclasses import replace
from typing import cast

import numpy as np
import numpy.typing as npt
import torch

from tellapart.models.exact import ExactTables, exact_subject
from tellapart.models.exact_sums import exact_sums
from tellapart.models.linear import AffineHead, AffinePredictor, CodeTable, linear_subject
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["gauged_linear_subject", "integer_gauge"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Parts = tuple[FloatArray, FloatArray, FloatArray]  # E [n, d], T [n_actions, d, d], P [d, q]

#: Shears that would make an entry of the gauge or of its inverse larger than this are left out.
_LARGEST_ENTRY = 8


def integer_gauge(d: int, seed: int, shears: int | None = None) -> tuple[IntArray, IntArray]:
    """Draw an integer matrix of determinant ±1 with small entries, and its inverse.

    Parameters
    ----------
    d
        Size, at least 1.
    seed
        Everything follows from it.
    shears
        How many elementary shears to try (adding or subtracting one row from another); default
        2d. With 0 the matrix is a signed permutation.

    Returns
    -------
    int64 ``[d, d]`` twice; their product is the identity.

    Raises
    ------
    InvalidArgumentError
        For a size below 1.

    Notes
    -----
    O(d²): each shear is undone in the inverse by one shear of columns.

    Examples
    --------
    >>> matrix, inverse = integer_gauge(4, seed=0)
    >>> np.array_equal(matrix @ inverse, np.eye(4))
    True
    """
    if isinstance(d, bool) or not isinstance(d, int | np.integer) or d < 1:
        raise InvalidArgumentError(f"d is {d!r}; a gauge needs an integer >= 1.")
    rng = np.random.default_rng(seed)
    matrix = np.zeros((d, d), dtype=np.int64)
    matrix[np.arange(d), rng.permutation(d)] = rng.choice(np.array([-1, 1]), size=d)
    inverse = matrix.T.copy()
    for _ in range((2 * d if shears is None else shears) if d > 1 else 0):
        i, j = rng.choice(d, size=2, replace=False).tolist()
        sign = int(rng.choice(np.array([-1, 1])))
        row, column = matrix[i] + sign * matrix[j], inverse[:, j] - sign * inverse[:, i]
        if max(np.abs(row).max(), np.abs(column).max()) <= _LARGEST_ENTRY:
            matrix[i], inverse[:, j] = row, column
    return matrix, inverse


def gauged_linear_subject(mdp: DeterministicMDP, *, seed: int = 0) -> Subject:
    """Build the smallest linear subject in a random integer gauge; its loss is exactly zero (S12).

    Parameters
    ----------
    mdp
        The system.
    seed
        Of the gauge; 0: none, the model as
        :func:`~tellapart.models.linear.linear_subject` gives it.

    Returns
    -------
    Subject
        Float64, without trainable parameters, with integer ``tables`` where codes fit into 64
        bits. The latent dimension is ``capacity(mdp).linear``; where the smallest model has
        fractions that float64 rounds (thirds), it is the number of blocks instead, with one-hot
        codes before the gauge.

    Raises
    ------
    InvalidLabelError
        When a label is not exact in float64, in which losses are computed.
    BudgetExceededError
        As :func:`~tellapart.theory.linear.realisation.realise`.

    Notes
    -----
    A gauge in which a sum could round is thinned, to a signed permutation at last: that moves
    numbers and rounds nothing. O(|A| d³) for each try.

    Examples
    --------
    >>> from tellapart.models.evaluation import evaluate
    >>> from tellapart.theory.gallery import counting_chain
    >>> chain = counting_chain(9)
    >>> evaluate(gauged_linear_subject(chain, seed=1), chain)
    Evaluation(9 observations, 2 actions, d=9, float64; dynamics loss 0, auxiliary loss 0)
    """
    parts, tables = _smallest(mdp)
    d = parts[0].shape[1]
    shears = 0 if seed == 0 else 2 * d
    while seed:
        moved = _moved(parts, *integer_gauge(d, seed, shears))
        if moved is not None:
            parts = moved
            break
        shears //= 2
    codes, matrices, head = (torch.tensor(part, dtype=torch.float64) for part in parts)
    if tables is not None:
        representatives = np.unique(tables.block_ids, return_index=True)[1]
        tables = replace(tables, codes=parts[0][representatives].astype(np.int64))
    return Subject(
        encoder=CodeTable(codes),
        predictor=AffinePredictor(matrices, torch.zeros(matrices.shape[:2], dtype=torch.float64)),
        head=AffineHead(head, torch.zeros(head.shape[1], dtype=torch.float64)),
        name="gauged-linear",
        tables=tables,
    )


def _smallest(mdp: DeterministicMDP) -> tuple[Parts, ExactTables | None]:
    """Return the smallest linear model that float64 holds exactly."""
    try:
        subject = linear_subject(mdp)
    except InvalidArgumentError:  # thirds and the like
        tables = cast("ExactTables", exact_subject(mdp).tables)
        onehot = np.eye(tables.n_blocks)
        return (onehot[tables.block_ids], onehot[tables.successors.T], tables.labels), tables
    encoder = cast("CodeTable", subject.encoder)
    predictor, head = cast("AffinePredictor", subject.predictor), cast("AffineHead", subject.head)
    parts = (encoder.codes.numpy(), predictor.matrices.numpy(), head.weight.numpy())
    return parts, subject.tables


def _moved(parts: Parts, gauge: IntArray, inverse: IntArray) -> Parts | None:
    """Return E G, G⁻¹ T G, G⁻¹ P; None where these, or what the subject computes, could round."""
    forward, backward = gauge.astype(np.float64), inverse.astype(np.float64)
    codes = _product(parts[0], forward)
    head = _product(backward, parts[2])
    matrices = [_product(_product(backward, matrix), forward) for matrix in parts[1]]
    if codes is None or head is None or any(matrix is None for matrix in matrices):
        return None
    found = cast("list[FloatArray]", matrices)
    if not all(exact_sums(codes, weight) for weight in (head, *found)):
        return None
    return codes, np.stack(found), head


def _product(left: FloatArray | None, right: FloatArray) -> FloatArray | None:
    return left @ right if left is not None and exact_sums(left, right) else None
