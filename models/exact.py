"""Constructed subjects with exactly zero loss (S1), and their verification in exact arithmetic.

All numbers of a constructed subject except its labels are small integers, which float64 adds and
multiplies without rounding; the loss is zero bit for bit, not nearly.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.evaluation import Evaluation
from tellapart.models.networks import as_indices
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.stability import is_admissible

__all__ = [
    "ExactCheck",
    "ExactEncoder",
    "ExactHead",
    "ExactPredictor",
    "ExactTables",
    "Gauge",
    "exact_subject",
    "verify_exact",
]

IntArray = npt.NDArray[np.int64]
Gauge = Literal["onehot", "random"]


@dataclass(frozen=True, eq=False)
class ExactTables:
    """A zero-loss model as integer tables.

    Attributes
    ----------
    codes
        int64 ``[m, d]``: the code of each block, pairwise distinct.
    block_ids
        int64 ``[n]``: the block of each observation.
    successors
        int64 ``[m, n_actions]``: the block reached from each block.
    labels
        float64 ``[m, label_dim]``: the label of each block, exactly as in the MDP.
    """

    codes: IntArray
    block_ids: IntArray
    successors: IntArray
    labels: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        for array in (self.codes, self.block_ids, self.successors, self.labels):
            array.setflags(write=False)

    @property
    def n_blocks(self) -> int:
        """Number of codes m."""
        return len(self.codes)

    def __repr__(self) -> str:
        return (
            f"ExactTables({len(self.block_ids)} observations in {self.n_blocks} blocks, "
            f"{self.successors.shape[1]} actions, d={self.codes.shape[1]})"
        )


@register
@dataclass(frozen=True, slots=True)
class ExactCheck(Saved):
    """Whether a subject has zero loss (D1) in exact arithmetic.

    Attributes
    ----------
    holds
        True when every code, predicted latent and label read equals, as a rational number, what
        D1 demands, and the integer tables describe the same MDP.
    n_transitions, n_observations
        How many equations of each kind were compared.
    failure
        The first equation that fails, in words; None when all hold.
    """

    holds: bool
    n_transitions: int
    n_observations: int
    failure: str | None = None

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the result in a few lines of text."""
        counts = (
            f"{self.n_transitions} transitions and {self.n_observations} labels compared as "
            "rational numbers"
        )
        if self.holds:
            return f"Zero loss, exactly (D1): {counts}; every difference is 0."
        return f"Not exactly zero loss (D1): {self.failure}\n({counts})"


class ExactEncoder(nn.Module):
    """One-hot observations, or indices, to the integer code of their block.

    Parameters
    ----------
    tables
        The model; see :class:`ExactTables`.
    """

    codes: Tensor
    block_ids: Tensor

    def __init__(self, tables: ExactTables) -> None:
        super().__init__()
        self.register_buffer("codes", torch.tensor(tables.codes, dtype=torch.float64))
        self.register_buffer("block_ids", torch.tensor(tables.block_ids))

    def forward(self, observations: Tensor) -> Tensor:
        """Return codes float64 ``[batch, d]``."""
        return self.codes[self.block_ids[as_indices(observations)]]


class ExactPredictor(nn.Module):
    """T(z, a) = z G⁻¹ S_a G with the 0/1 matrix S_a of the action on blocks; linear in z.

    Parameters
    ----------
    tables
        The model; ``tables.codes`` is the gauge G.
    inverse
        int64 ``[m, m]``, the inverse of G; ``None`` when G is the identity.
    """

    successors: Tensor
    gauge: Tensor | None
    inverse: Tensor | None

    def __init__(self, tables: ExactTables, inverse: IntArray | None) -> None:
        super().__init__()
        self.register_buffer("successors", torch.tensor(tables.successors.T.copy()))
        self.register_buffer("gauge", None if inverse is None else _float(tables.codes))
        self.register_buffer("inverse", None if inverse is None else _float(inverse))

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents float64 ``[batch, d]``."""
        flat = codes if self.inverse is None else codes @ self.inverse
        moved = torch.zeros_like(flat)
        for action in torch.unique(actions).tolist():
            rows = (actions == action).nonzero().squeeze(1)
            part = flat[rows]
            moved[rows] = torch.zeros_like(part).index_add(1, self.successors[action], part)
        return moved if self.gauge is None else moved @ self.gauge


class ExactHead(nn.Module):
    """P(z) = z G⁻¹ Y with the labels Y of the blocks; linear in z.

    Parameters
    ----------
    tables
        The model.
    inverse
        As for :class:`ExactPredictor`.
    """

    labels: Tensor
    inverse: Tensor | None

    def __init__(self, tables: ExactTables, inverse: IntArray | None) -> None:
        super().__init__()
        self.register_buffer("labels", torch.tensor(tables.labels))
        self.register_buffer("inverse", None if inverse is None else _float(inverse))

    def forward(self, codes: Tensor) -> Tensor:
        """Return labels float64 ``[batch, label_dim]``."""
        flat = codes if self.inverse is None else codes @ self.inverse
        return flat @ self.labels


def _float(table: IntArray) -> Tensor:
    return torch.tensor(table, dtype=torch.float64)


def exact_subject(
    mdp: DeterministicMDP,
    partition: Partition | None = None,
    *,
    gauge: Gauge = "onehot",
    seed: int = 0,
) -> Subject:
    """Build a subject whose loss is zero bit for bit and whose kernel is ``partition`` (S1).

    Parameters
    ----------
    mdp
        The system.
    partition
        Any admissible partition (D4); default: the largest bisimulation, the fewest codes.
    gauge
        ``"onehot"``: block ``b`` has the code e_b. ``"random"``: the codes are the rows of a
        seeded integer matrix of determinant ±1, so that no latent coordinate means anything.
    seed
        Of the random gauge.

    Returns
    -------
    Subject
        Float64, without trainable parameters, with its integer ``tables``.

    Raises
    ------
    InvalidArgumentError
        When the partition is not admissible: no encoder with this kernel has zero loss, and the
        message names a pair of observations that shows it; or for an unknown gauge.

    Notes
    -----
    Memory O(m²) for m blocks; evaluation O(n |A| m), times m for the random gauge.

    Examples
    --------
    >>> mdp = DeterministicMDP([[1], [0], [1]], labels=[0, 1, 0])
    >>> exact_subject(mdp).tables
    ExactTables(3 observations in 2 blocks, 1 actions, d=2)
    """
    if gauge not in ("onehot", "random"):
        raise InvalidArgumentError(f"gauge is {gauge!r}; choose 'onehot' or 'random'.")
    if partition is None:
        from tellapart.theory.bisimulation import bisimulation

        partition = bisimulation(mdp).partition
    admissible = is_admissible(mdp, partition)
    if not admissible:
        raise InvalidArgumentError(
            f"{admissible.explain()} No encoder with this kernel has zero loss (S1); separate "
            "the two, or use bisimulation(mdp).partition or a refinement of it that is admissible."
        )
    first, m = partition.representatives, partition.n_blocks
    matrix, inverse = (np.eye(m, dtype=np.int64), None)
    if gauge == "random":
        matrix, inverse = _unimodular(m, seed)
    tables = ExactTables(
        codes=matrix,
        block_ids=partition.ids.astype(np.int64),
        successors=partition.ids[mdp.successors[first]].astype(np.int64),
        labels=mdp.label_vectors[first],
    )
    return Subject(
        encoder=ExactEncoder(tables),
        predictor=ExactPredictor(tables, inverse),
        head=ExactHead(tables, inverse),
        name="exact",
        tables=tables,
    )


def _unimodular(m: int, seed: int) -> tuple[IntArray, IntArray]:
    """Draw an integer matrix of determinant ±1 with small entries, and its integer inverse.

    A signed permutation times two block shears [[I, 0], [B, I]] and [[I, C], [0, I]]; each has
    an inverse of the same kind, so nothing is ever divided.
    """
    rng = np.random.default_rng(seed)
    half = m // 2
    lower, upper = np.eye(m, dtype=np.int64), np.eye(m, dtype=np.int64)
    density = min(1.0, 4 / max(half, 1))  # about four terms a row keeps entries small
    shears = []
    for shape in ((m - half, half), (half, m - half)):
        keep = rng.random(shape) < density
        shears.append(np.where(keep, rng.choice(np.array([-2, -1, 1, 2]), size=shape), 0))
    lower[half:, :half], upper[:half, half:] = shears
    twice = 2 * np.eye(m, dtype=np.int64)
    lower_inverse, upper_inverse = twice - lower, twice - upper
    order, signs = rng.permutation(m), rng.choice(np.array([-1, 1]), size=m)
    matrix = (signs[:, None] * (lower @ upper))[order]
    inverse = ((upper_inverse @ lower_inverse) * signs)[:, order]
    return matrix, inverse


def verify_exact(mdp: DeterministicMDP, tables: ExactTables, evaluation: Evaluation) -> ExactCheck:
    """Decide zero loss (D1) in exact arithmetic.

    Every float that the subject returned is read as the rational number it stands for; the
    integer tables are checked against the MDP on their own.

    Parameters
    ----------
    mdp
        The system.
    tables
        The integer tables of the subject.
    evaluation
        What the subject returned on ``mdp``.

    Returns
    -------
    ExactCheck

    Notes
    -----
    O(K log K) for K = n |A| d numbers, with one ``Fraction`` for each distinct float.
    """
    failure = _tables_failure(mdp, tables) or _outputs_failure(mdp, tables, evaluation)
    return ExactCheck(failure is None, mdp.n_obs * mdp.n_actions, mdp.n_obs, failure)


def _tables_failure(mdp: DeterministicMDP, tables: ExactTables) -> str | None:
    m, n_actions = tables.n_blocks, mdp.n_actions
    shapes = (tables.block_ids.shape, tables.successors.shape, len(tables.labels))
    if shapes != ((mdp.n_obs,), (m, n_actions), m):
        return f"the tables {tables!r} are not of the size of {mdp!r}."
    if len(np.unique(tables.codes, axis=0)) != m:
        return "two blocks of the tables have the same code."
    if min(tables.block_ids.min(), tables.successors.min()) < 0 or m <= max(
        tables.block_ids.max(), tables.successors.max()
    ):
        return f"the tables name a block outside 0..{m - 1}."
    reached = tables.block_ids[mdp.successors]
    wrong = np.argwhere(tables.successors[tables.block_ids] != reached)
    if wrong.size:
        return f"the tables contradict the MDP at {_pair(mdp, *wrong[0].tolist())}."
    unread = np.argwhere(tables.labels[tables.block_ids] != mdp.label_vectors)
    if unread.size:
        return f"the tables give {mdp.observations[unread[0, 0]]!r} another label than the MDP."
    return None


def _outputs_failure(
    mdp: DeterministicMDP, tables: ExactTables, evaluation: Evaluation
) -> str | None:
    codes = tables.codes[tables.block_ids]
    expected: tuple[tuple[str, npt.NDArray[Any], npt.NDArray[Any]], ...] = (
        ("code", evaluation.codes, codes),
        ("predicted latent", evaluation.predicted, codes[mdp.successors]),
        ("label read", evaluation.read, mdp.label_vectors),
    )
    for what, got, wanted in expected:
        if got.shape != wanted.shape:
            return f"the {what}s have shape {list(got.shape)}, the tables {list(wanted.shape)}."
        numbers: dict[Fraction, int] = {}
        wrong = np.argwhere(_rational_ids(got, numbers) != _rational_ids(wanted, numbers))
        if wrong.size:
            where = tuple(wrong[0].tolist())
            name = (
                _pair(mdp, where[0], where[1])
                if got.ndim == 3
                else f"observation {mdp.observations[where[0]]!r}"
            )
            return (
                f"the {what} of {name} has coordinate {where[-1]} equal to {got[where].item()!r}, "
                f"not {wanted[where].item()!r}."
            )
    return None


def _rational_ids(array: npt.NDArray[Any], numbers: dict[Fraction, int]) -> npt.NDArray[np.int64]:
    """Replace numbers by ids: equal rationals, and only those, get equal ids."""
    values, inverse = np.unique(array, return_inverse=True)
    ids = [numbers.setdefault(Fraction(value), len(numbers)) for value in values.tolist()]
    return np.array(ids, dtype=np.int64)[inverse.reshape(array.shape)]


def _pair(mdp: DeterministicMDP, o: int, a: int) -> str:
    return f"observation {mdp.observations[o]!r} and action {mdp.actions[a]!r}"
