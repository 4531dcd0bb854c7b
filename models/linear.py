"""The smallest linear or affine model as a subject whose loss is zero bit for bit (S12)."""

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.exact import ExactTables
from tellapart.models.networks import as_indices
from tellapart.models.subject import Subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.linear.realisation import LinearRealisation, realise
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["AffineHead", "AffinePredictor", "CodeTable", "linear_subject"]

FloatArray = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]

_ADVICE = (
    "The model itself is exact: realise(mdp).verify(mdp) checks it over the rationals. As a "
    "subject use exact_subject(mdp), or labels that are small integers."
)


class CodeTable(nn.Module):
    """One-hot observations, or indices, to their codes; without trainable parameters.

    Parameters
    ----------
    codes
        Floating ``[n_obs, d]``.
    """

    codes: Tensor

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes)

    def forward(self, observations: Tensor) -> Tensor:
        """Return codes ``[batch, d]``."""
        return self.codes[as_indices(observations)]


class AffinePredictor(nn.Module):
    """T(z, a) = z T_a + b_a with fixed matrices.

    Parameters
    ----------
    matrices
        Floating ``[n_actions, d, d]``.
    offsets
        Floating ``[n_actions, d]``.
    """

    matrices: Tensor
    offsets: Tensor

    def __init__(self, matrices: Tensor, offsets: Tensor) -> None:
        super().__init__()
        self.register_buffer("matrices", matrices)
        self.register_buffer("offsets", offsets)

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents ``[batch, d]``."""
        moved = torch.empty_like(codes)
        for action in torch.unique(actions).tolist():
            rows = (actions == action).nonzero().squeeze(1)
            moved[rows] = codes[rows] @ self.matrices[action] + self.offsets[action]
        return moved


class AffineHead(nn.Module):
    """P(z) = z P + c with a fixed matrix.

    Parameters
    ----------
    weight
        Floating ``[d, label_dim]``.
    offset
        Floating ``[label_dim]``.
    """

    weight: Tensor
    offset: Tensor

    def __init__(self, weight: Tensor, offset: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("offset", offset)

    def forward(self, codes: Tensor) -> Tensor:
        """Return labels ``[batch, label_dim]``."""
        return codes @ self.weight + self.offset


def linear_subject(
    mdp: DeterministicMDP, affine: bool = False, *, dtype: torch.dtype = torch.float64
) -> Subject:
    """Build the smallest linear (or affine) subject; its loss is zero bit for bit (S12).

    Parameters
    ----------
    mdp
        The system.
    affine
        Whether T(·, a) and P have offsets; this saves at most one dimension.
    dtype
        ``torch.float64`` or ``torch.float32``.

    Returns
    -------
    Subject
        Without trainable parameters, with the latent dimension ``capacity(mdp).linear`` (or
        ``.affine``; at least 1), and, where the codes fit into 64 bits, with integer ``tables``
        for :func:`~tellapart.models.exact.verify_exact`.

    Raises
    ------
    InvalidArgumentError
        When a number of the model, or a sum that the subject takes, is not exact in ``dtype``:
        then its loss would be rounding, not zero. Also for another dtype.
    InvalidLabelError
        When the labels themselves are not exact in float64, in which losses are computed.
    BudgetExceededError
        As :func:`~tellapart.theory.linear.realisation.realise`.

    Notes
    -----
    All products and partial sums are integers (times one power of two) below 2^52 (float32: 2^23),
    or a single product; so no order of summation rounds.

    Examples
    --------
    >>> from tellapart.models.evaluation import evaluate
    >>> from tellapart.theory.gallery import counting_chain
    >>> chain = counting_chain(9)
    >>> evaluate(linear_subject(chain, affine=True), chain)
    Evaluation(9 observations, 2 actions, d=8, float64; dynamics loss 0, auxiliary loss 0)
    """
    if dtype not in (torch.float32, torch.float64):
        raise InvalidArgumentError(f"dtype is {dtype}; choose torch.float64 or torch.float32.")
    model = realise(mdp, affine)
    _check_labels(mdp)
    parts = _padded(model)
    codes, matrices, offsets, head, head_offset = (
        _floats(name, part, dtype) for name, part in parts.items()
    )
    for action, name in enumerate(mdp.actions):
        _check_sums(codes, matrices[action], offsets[action], dtype, f"T_a for action {name!r}")
    _check_sums(codes, head, head_offset, dtype, "P")
    return Subject(
        encoder=CodeTable(torch.tensor(codes, dtype=dtype)),
        predictor=AffinePredictor(
            torch.tensor(matrices, dtype=dtype), torch.tensor(offsets, dtype=dtype)
        ),
        head=AffineHead(torch.tensor(head, dtype=dtype), torch.tensor(head_offset, dtype=dtype)),
        name="affine" if affine else "linear",
        tables=_tables(mdp, codes),
    )


def _padded(model: LinearRealisation) -> dict[str, Objects]:
    """Return E, T, b, P, c; a model without dimensions gets one that is always 0."""
    parts = {
        "E": model.codes,
        "T": model.matrices,
        "b": model.offsets,
        "P": model.head,
        "c": model.head_offset,
    }
    if model.dimension:
        return parts
    n, n_actions, width = len(model.codes), len(model.matrices), len(model.head_offset)
    shapes = {"E": (n, 1), "T": (n_actions, 1, 1), "b": (n_actions, 1), "P": (1, width)}
    return parts | {name: np.full(shape, 0, dtype=object) for name, shape in shapes.items()}


def _check_labels(mdp: DeterministicMDP) -> None:
    labels, shown = exact_labels(mdp.label_values), mdp.label_vectors
    first = np.unique(mdp.label_ids, return_index=True)[1]
    for label, o in enumerate(first.tolist()):
        if [Fraction(x) for x in shown[o].tolist()] != list(labels.vector(label)):
            raise InvalidLabelError(
                f"The label {mdp.label_values[label]!r} of observation {mdp.observations[o]!r} is "
                f"not exact in float64, in which losses are computed. {_ADVICE}"
            )


def _floats(name: str, part: Objects, dtype: torch.dtype) -> FloatArray:
    """Convert to floats, or refuse the first number that the type cannot hold."""
    known: dict[int | Fraction, float] = {}  # few numbers are distinct
    flat = np.zeros(part.size)
    for place, entry in enumerate(part.reshape(-1).tolist()):
        if entry not in known:
            known[entry] = _float(name, entry, dtype)
        flat[place] = known[entry]
    return flat.reshape(part.shape)


def _float(name: str, entry: int | Fraction, dtype: torch.dtype) -> float:
    try:
        found = float(torch.tensor(float(entry), dtype=dtype))
    except OverflowError:
        found = math.inf
    if math.isinf(found) or Fraction(found) != entry:
        shown = "too large" if math.isinf(found) else f"about {found:.6g}"
        raise InvalidArgumentError(
            f"The smallest model has an entry of {name} ({shown}) that is not exact in {dtype}; "
            f"its loss would not be exactly zero. {_ADVICE}"
        )
    return found


def _check_sums(
    codes: FloatArray, weight: FloatArray, offset: FloatArray, dtype: torch.dtype, name: str
) -> None:
    """Refuse sums of several products that could round in some order of summation."""
    limit = 1 / torch.finfo(dtype).eps
    unit = _unit(codes) * _unit(weight)
    if offset.any():
        unit = min(unit, _unit(offset))
    with np.errstate(over="ignore"):
        size = (np.abs(codes) @ np.abs(weight) + np.abs(offset)) / unit
    # One product and nothing to add: the result is an entry of E or a label, so it is exact.
    single = ((codes != 0).astype(float) @ (weight != 0).astype(float) <= 1) & (offset == 0)
    if bool(((size > limit) & ~single).any()):
        raise InvalidArgumentError(
            f"Sums of the smallest model in {name} need more digits than {dtype} has; its loss "
            f"would not be exactly zero. {_ADVICE}"
        )


def _unit(matrix: FloatArray) -> float:
    """Return the largest power of two that divides every entry; 1 when all are 0."""
    entries = np.unique(np.abs(matrix[matrix != 0]))
    units = [np.ldexp(1.0, _trailing(float(entry))) for entry in entries]
    return float(min(units, default=1.0))


def _trailing(entry: float) -> int:
    """Return the largest k for which 2^k divides a positive float."""
    top, bottom = entry.as_integer_ratio()
    return (top & -top).bit_length() - 1 if bottom == 1 else 1 - bottom.bit_length()


def _tables(mdp: DeterministicMDP, codes: FloatArray) -> ExactTables | None:
    """Return integer tables of the codes, or None for integers beyond 64 bits."""
    if np.abs(codes).max(initial=0.0) >= 2.0**63:
        return None
    partition = bisimulation(mdp).partition
    first = partition.representatives
    return ExactTables(
        codes=codes[first].astype(np.int64),
        block_ids=partition.ids.astype(np.int64),
        successors=partition.ids[mdp.successors[first]].astype(np.int64),
        labels=mdp.label_vectors[first],
    )
