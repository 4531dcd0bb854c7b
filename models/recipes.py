"""Recipes of constructed subjects: plain data that say how to build one, to save and to replay."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.exact import ExactHead, ExactTables, Gauge, exact_subject
from tellapart.models.gauges import gauged_linear_subject
from tellapart.models.piecewise import (
    PiecewiseHead,
    PiecewisePredictor,
    piecewise_subject,
    targets,
)
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = ["KINDS", "PERTURBED_KINDS", "SubjectRecipe", "TablePredictor"]

FloatArray = npt.NDArray[np.float64]

#: The constructions of subjects with zero loss.
KINDS = ("quotient", "table", "krylov", "piecewise")
#: Those whose residuals can be set one by one.
PERTURBED_KINDS = ("quotient", "table", "piecewise")

#: Residuals are multiples of epsilon by one of these, which round nothing.
_SHARES = np.array([0.0, 0.25, 0.5, 1.0])
#: Smaller residuals would be rounded where they are added to codes.
_SMALLEST = 2.0**-30


class TablePredictor(nn.Module):
    """T(z, a) = z G⁻¹ V_a: linear in z, with any value V_a[b] at the code of block b.

    Parameters
    ----------
    inverse
        Floating ``[m, m]``, the inverse of the codes; None when the codes are one-hot.
    values
        Floating ``[n_actions, m, d]``.
    """

    inverse: Tensor | None
    values: Tensor

    def __init__(self, inverse: Tensor | None, values: Tensor) -> None:
        super().__init__()
        self.register_buffer("inverse", inverse)
        self.register_buffer("values", values)

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents ``[batch, d]``."""
        flat = codes if self.inverse is None else codes @ self.inverse
        return torch.bmm(flat.unsqueeze(1), self.values[actions]).squeeze(1)


@register
@dataclass(frozen=True, slots=True)
class SubjectRecipe(Saved):
    """How to build one constructed subject; equal recipes build equal subjects, bit for bit.

    Attributes
    ----------
    mdp
        The system.
    partition
        The kernel of the subject: admissible (D4).
    construction
        ``"quotient"``: one unit vector for each block of B*; ``"table"``: the same for any
        partition. ``"krylov"``: the smallest linear model (S12), on B*. ``"piecewise"``: a ReLU
        network with one latent, for any partition.
    seed
        Of the coordinates: 0 leaves them plain (unit vectors, integers in order), any other draws
        a unimodular integer gauge, or integers in any order with gaps.
    epsilon
        0: the loss is exactly zero. Otherwise the largest residual (D1), of the dynamics and of
        the labels, which is exactly this number where labels are integers.

    Raises
    ------
    InvalidArgumentError
        For an unknown construction, a negative seed, an epsilon that is negative or below 2^-30,
        or for residuals of ``"krylov"``, which a linear map of fewer dimensions cannot set one by
        one.

    Examples
    --------
    >>> from tellapart.models.evaluation import evaluate
    >>> lamp = DeterministicMDP([[1], [0]], labels=[0, 1])
    >>> recipe = SubjectRecipe(lamp, Partition([0, 1]), "piecewise", seed=3, epsilon=0.125)
    >>> found = evaluate(recipe.build(), lamp)
    >>> float(found.dynamics_residuals.max()), float(found.aux_residuals.max())
    (0.125, 0.125)
    """

    mdp: DeterministicMDP
    partition: Partition
    construction: str
    seed: int = 0
    epsilon: float = 0.0

    def __post_init__(self) -> None:
        known = PERTURBED_KINDS if self.epsilon else KINDS
        if self.construction not in known:
            raise InvalidArgumentError(
                f"construction is {self.construction!r} with epsilon {self.epsilon!r}; choose one "
                f"of {', '.join(known)}."
            )
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise InvalidArgumentError(f"seed is {self.seed!r}; it must be an integer >= 0.")
        if self.epsilon and not _SMALLEST <= self.epsilon < float("inf"):
            raise InvalidArgumentError(
                f"epsilon is {self.epsilon!r}; it must be 0 or a number of at least 2^-30, so that "
                "it is not lost where it is added to codes."
            )

    def build(self) -> Subject:
        """Return the subject; it has integer ``tables`` when its loss is zero.

        Raises
        ------
        InvalidArgumentError
            When the partition is not admissible, or not B* for ``"quotient"`` or ``"krylov"``.
        InvalidLabelError
            For labels that are not exact in float64 (``"krylov"`` and ``"piecewise"``).
        """
        if self.construction == "krylov":
            subject = gauged_linear_subject(self.mdp, seed=self.seed)
        elif self.construction == "piecewise":
            subject = piecewise_subject(self.mdp, self.partition, seed=self.seed)
        else:
            gauge: Gauge = "random" if self.seed else "onehot"
            subject = exact_subject(self.mdp, self.partition, gauge=gauge, seed=self.seed)
        if self.construction in ("krylov", "quotient"):
            self._insist_on_largest()
        name = f"{'perturbed ' if self.epsilon else ''}{self.construction}"
        return replace(self._perturbed(subject) if self.epsilon else subject, name=name)

    def _insist_on_largest(self) -> None:
        from tellapart.theory.bisimulation import bisimulation

        if self.partition != bisimulation(self.mdp).partition:
            raise InvalidArgumentError(
                f"construction {self.construction!r} builds the kernel B*, and the partition is "
                "another one; use bisimulation(mdp).partition, or 'table' or 'piecewise'."
            )

    def _perturbed(self, subject: Subject) -> Subject:
        tables = cast("ExactTables", subject.tables)
        rng = np.random.default_rng(self.seed)
        values = targets(tables)
        values = values + _noise(values.shape, self.epsilon, rng)
        labels = tables.labels + _noise(tables.labels.shape, self.epsilon, rng)
        predictor: nn.Module
        head: nn.Module
        if self.construction == "piecewise":
            points = tables.codes[:, 0]
            predictor, head = PiecewisePredictor(points, values), PiecewiseHead(points, labels)
        else:
            inverse = cast("ExactHead", subject.head).inverse
            predictor = TablePredictor(inverse, torch.tensor(values))
            whole = None if inverse is None else inverse.numpy().astype(np.int64)
            head = ExactHead(replace(tables, labels=labels), whole)
        return replace(subject, predictor=predictor, head=head, tables=None)

    def __repr__(self) -> str:
        more = f", epsilon={self.epsilon!r}" if self.epsilon else ""
        return (
            f"SubjectRecipe({self.construction!r} on {self.mdp!r}, "
            f"{self.partition.n_blocks} codes, seed {self.seed}{more})"
        )


def _noise(shape: tuple[int, ...], epsilon: float, rng: np.random.Generator) -> FloatArray:
    """Return vectors ``[..., d]`` along one axis each, of a share of epsilon; the first of all."""
    noise = np.zeros((int(np.prod(shape[:-1])), shape[-1]))
    rows = np.arange(len(noise))
    share = rng.choice(_SHARES, size=len(rows))
    share[0] = 1.0
    sign = rng.choice(np.array([-1.0, 1.0]), size=len(rows))
    noise[rows, rng.integers(shape[-1], size=len(rows))] = sign * share * epsilon
    return noise.reshape(shape)
