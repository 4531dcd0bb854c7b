"""An encoder without predictor and head: what its codes alone say, which is never ``holds``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.subject import Encoder, Subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.losses.irreducible import IrreducibleLoss, irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import kernel
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE, Separation, separation
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Verdict

__all__ = ["CodesAudit", "EncoderOnly", "encoder_only"]

FloatArray = npt.NDArray[np.float64]


@register
@dataclass(frozen=True, repr=False)
class CodesAudit(Saved):
    """What codes alone say about the pairs that must be told apart (S4).

    Attributes
    ----------
    name
        Of the encoder.
    verdict
        ``collapsed`` when a pair that must be told apart shares a code, else ``vacuous``: without
        predictor and head there is no loss, so nothing guarantees what is measured.
    n_obs, n_codes
        Observations, and codes that differ by more than the threshold of ``separation`` (single
        linkage).
    separation
        Distances of all pairs that must be told apart.
    irreducible
        The smallest losses that any predictor and head reach on these codes (S11), codes closer
        than the threshold taken as one.
    """

    name: str
    verdict: Verdict
    n_obs: int
    n_codes: int
    separation: Separation
    irreducible: IrreducibleLoss

    def explain(self) -> str:
        """Say it in sentences."""
        found = self.separation
        lines = [
            f"{self.name}: {self.verdict.value}. {self.n_codes} codes for {self.n_obs} "
            f"observations; {found.n_merged} of {found.n_must_separate} pairs that must be told "
            "apart share a code."
        ]
        if found.merged:
            pair = found.merged[0]
            lines.append(
                f"Such as {pair.x!r} and {pair.y!r}, at distance {pair.distance:.3g} (threshold "
                f"{found.threshold:.3g}); they differ by a word of {pair.depth} actions."
            )
        elif found.smallest is not None:
            near = found.smallest
            lines.append(
                f"Closest are {near.x!r} and {near.y!r}, at {near.relative:.3g} of the rms "
                "distance. Without predictor and head nothing guarantees that: it may be luck."
            )
        return "\n".join([*lines, self.irreducible.explain()])

    def __repr__(self) -> str:
        return (
            f"CodesAudit({self.name!r}: {self.verdict.value}; {self.n_codes} codes, "
            f"{self.separation.n_merged} of {self.separation.n_must_separate} pairs merged)"
        )


@dataclass(frozen=True, eq=False, repr=False)
class EncoderOnly:
    """An encoder whose codes can be audited; made by :func:`encoder_only`.

    Attributes
    ----------
    encoder
        Floating ``[batch, *obs_shape]`` to ``[batch, d]``.
    observations
        What it is shown, floating ``[n_obs, *obs_shape]``; None: one-hot vectors.
    name
        Name in reports.
    """

    encoder: Encoder
    observations: Tensor | None = None
    name: str = "encoder"

    def __post_init__(self) -> None:
        Subject(self.encoder, _same, _nothing, self.observations)  # names what is unusable

    def codes(self, mdp: DeterministicMDP) -> FloatArray:
        """Encode every observation of a system; float64 ``[n_obs, d]``, read-only.

        Raises
        ------
        SubjectError
            When the encoder raises, answers in another shape, gives NaN, is not deterministic, or
            depends on its batch (:func:`tellapart.models.evaluation.evaluate`).
        InvalidArgumentError
            When ``mdp`` is no deterministic MDP.
        """
        return self._evaluate(mdp).codes

    def audit(
        self, mdp: DeterministicMDP, *, merge_tolerance: float = DEFAULT_MERGE_TOLERANCE
    ) -> CodesAudit:
        """Compare the codes with what must be told apart (S4).

        Parameters
        ----------
        mdp
            The system.
        merge_tolerance
            Codes closer than this share of the rms distance between blocks count as one.

        Returns
        -------
        CodesAudit
            Never ``holds``.

        Raises
        ------
        SubjectError, InvalidArgumentError
            As :meth:`codes`.
        """
        found = self._evaluate(mdp)
        apart = separation(bisimulation(mdp), found.codes, merge_tolerance, epsilon=found.epsilon)
        merged, n_codes = _merged(found.codes, apart.threshold)
        return CodesAudit(
            name=self.name,
            verdict=Verdict.COLLAPSED if apart.n_merged else Verdict.VACUOUS,
            n_obs=mdp.n_obs,
            n_codes=n_codes,
            separation=apart,
            irreducible=irreducible_loss(mdp, merged),
        )

    def irreducible_loss(
        self, mdp: DeterministicMDP, *, tolerance: float | None = None
    ) -> IrreducibleLoss:
        """Return the smallest losses that any predictor and head reach on the codes (S11).

        Parameters
        ----------
        mdp
            The system.
        tolerance
            None: codes share a group when they are equal bit for bit. A number: codes at most
            this far apart count as one (single linkage, see
            :func:`tellapart.theory.partition.kernel`), and the first of them stands for all.

        Raises
        ------
        SubjectError, InvalidArgumentError
            As :meth:`codes`, and for a negative tolerance.
        """
        codes = self.codes(mdp)
        return irreducible_loss(mdp, codes if tolerance is None else _merged(codes, tolerance)[0])

    def _evaluate(self, mdp: DeterministicMDP) -> Evaluation:
        if not isinstance(mdp, DeterministicMDP):
            raise InvalidArgumentError(
                f"mdp is of type {type(mdp).__name__}; an encoder is run on the observations of a "
                "DeterministicMDP. For other systems encode them yourself and call "
                "irreducible_loss(system, codes)."
            )
        # With a predictor and a head that do nothing, the checks of codes are those of subjects.
        head = _Zeros(mdp.label_vectors.shape[1])
        return evaluate(Subject(self.encoder, _same, head, self.observations), mdp)

    def __repr__(self) -> str:
        shown = "one-hot" if self.observations is None else str(list(self.observations.shape))
        return (
            f"EncoderOnly({self.name!r}: {type(self.encoder).__name__}; observations {shown}; no "
            "predictor, no head: codes only)"
        )


def encoder_only(
    encoder: Callable[[Tensor], Any], observations: Tensor | None = None, *, name: str = "encoder"
) -> EncoderOnly:
    """Adapt an encoder that has neither predictor nor head.

    Parameters
    ----------
    encoder
        Module or function, floating ``[batch, *obs_shape]`` to ``[batch, d]``; it is run in the
        mode in which it is.
    observations
        Floating ``[n_obs, *obs_shape]``, in the order of ``mdp.observations``; None: one-hot.
    name
        Name in reports.

    Returns
    -------
    EncoderOnly

    Raises
    ------
    SubjectError
        When the encoder cannot be called, or the observations are no floating tensor.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> alone = encoder_only(lambda shown: shown[:, :1])
    >>> alone.audit(counting_chain(3))
    CodesAudit('encoder': collapsed; 2 codes, 1 of 3 pairs merged)
    """
    return EncoderOnly(encoder, observations, name)


class _Zeros(nn.Module):
    """A head that reads 0, whatever the code."""

    def __init__(self, label_dim: int) -> None:
        super().__init__()
        self.label_dim = label_dim

    def forward(self, codes: Tensor) -> Tensor:
        return torch.zeros((len(codes), self.label_dim), dtype=torch.float64)


def _merged(codes: FloatArray, tolerance: float) -> tuple[FloatArray, int]:
    """Replace codes by the first of their group; also return the number of groups."""
    groups = kernel(codes, tolerance)
    return codes[groups.representatives[groups.ids]], groups.n_blocks


def _same(codes: Tensor, actions: Tensor) -> Tensor:
    return codes


def _nothing(codes: Tensor) -> Tensor:
    return codes[:, :1]
