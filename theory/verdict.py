"""Verdicts: what the codes and residuals of a model say about the pairs to be told apart."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.errors import InternalError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.resolution import Resolution, resolution
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE, Separation, separation
from tellapart.theory.serialise import register
from tellapart.theory.witness_checker import replay_witness

__all__ = ["CollapseWitness", "Grade", "Judgement", "Proofs", "Verdict", "judge"]

FloatArray = npt.NDArray[np.float64]


class Verdict(StrEnum):
    """What a check concludes about an encoder."""

    HOLDS = "holds"
    COLLAPSED = "collapsed"
    VACUOUS = "vacuous"
    INFEASIBLE = "infeasible"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _VERDICT_MEANING[self]


class Grade(StrEnum):
    """How the premise (both losses zero) was established."""

    EXACT = "exact"
    CERTIFIED = "certified"
    RESOLVED = "resolved"
    UNMET = "unmet"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _GRADE_MEANING[self]

    @property
    def rank(self) -> int:
        """How much the grade proves: 3 for ``exact``, 0 for ``unmet``."""
        return len(_GRADE_MEANING) - 1 - list(_GRADE_MEANING).index(self)


_VERDICT_MEANING = {
    Verdict.HOLDS: "the premise is met and every pair that must be told apart is told apart",
    Verdict.COLLAPSED: "at least one pair that must be told apart shares a code",
    Verdict.VACUOUS: "all pairs are measured apart or none has to be, but nothing guarantees it: "
    "never a pass",
    Verdict.INFEASIBLE: "no training of this design can meet the premise: its shape rules it out",
}
_GRADE_MEANING = {
    Grade.EXACT: "both losses are zero in exact arithmetic, so S4 proves the separation",
    Grade.CERTIFIED: "the losses are not zero, but small enough: every pair that must be told "
    "apart has a positive margin (S10), confirmed by an independent checker in exact arithmetic",
    Grade.RESOLVED: "every residual is below half the gap it must stay below (S13): read by "
    "nearest code, the latent model is the quotient MDP",
    Grade.UNMET: "some residual is not below half its gap (S13), so the theorem says nothing here",
}


@register
@dataclass(frozen=True, slots=True)
class CollapseWitness:
    """A pair that must be told apart and is not, with the reason why it must be.

    Attributes
    ----------
    x, y
        Names of the observations.
    word
        Names of the actions of a shortest distinguishing word.
    x_trace, y_trace
        Labels seen along the word, start included; they differ at the end.
    distance, threshold
        Distance between the two codes, and the threshold at or below which they count as one.
    """

    x: Hashable
    y: Hashable
    word: tuple[Hashable, ...]
    x_trace: tuple[Hashable, ...]
    y_trace: tuple[Hashable, ...]
    distance: float
    threshold: float


@register
@dataclass(frozen=True, slots=True)
class Proofs:
    """What was proved about the real function of a model's weights, beside what was measured.

    Attributes
    ----------
    exact
        Both losses are zero in exact arithmetic (S1); never inferred from small floats.
    certified
        Every pair that must be told apart has a positive margin (S10), the independent checker
        accepted the certificate, and the model is not shown to be unresolved (S13).
    resolved
        Whether the model is resolved (S13), decided with rigorous bounds; None where it was only
        measured in floating point.
    infeasible
        Why no training of this design can meet the premise (S12); None when nothing rules it out.
    """

    exact: bool = False
    certified: bool = False
    resolved: bool | None = None
    infeasible: str | None = None


@register
@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its evidence.

    Attributes
    ----------
    verdict, grade
        The conclusion, and how far the premise was established.
    required
        The grade that was asked for; a lower one gives ``vacuous``. None: any will do.
    proofs
        What was proved rather than measured.
    resolution, separation
        The measurements both rest on.
    witness
        For ``collapsed``: the hardest merged pair, re-verified by replay; else None.
    reasons
        Sentences that say what decided.
    """

    verdict: Verdict
    grade: Grade
    required: Grade | None
    proofs: Proofs
    resolution: Resolution
    separation: Separation
    witness: CollapseWitness | None
    reasons: tuple[str, ...]


def judge(
    bisimulation: Bisimulation,
    codes: FloatArray,
    predicted: FloatArray,
    read: FloatArray,
    *,
    proofs: Proofs | None = None,
    require: Grade | None = None,
    epsilon: float = float(np.finfo(np.float64).eps),
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
) -> Judgement:
    """Decide the verdict of a model on a total, fully labelled MDP.

    Parameters
    ----------
    bisimulation
        Of the system.
    codes, predicted, read
        E(o) ``[n, d]``, T(E(o), a) ``[n, n_actions, d]`` and P(E(o)) ``[n, label_dim]``, float64.
    proofs
        What was proved about the model; default: nothing.
    require
        The least grade that may pass.
    epsilon, merge_tolerance
        See :func:`tellapart.theory.separation.separation`.

    Returns
    -------
    Judgement

    Raises
    ------
    InternalError
        When a merged pair meets an exactly met premise: that contradicts S4 and is a bug.

    Notes
    -----
    O(n² d). The verdicts are those of S4, S10 and S13; a raw loss takes no part. A merged pair
    gives ``collapsed`` whatever the premise, an unreachable premise ``infeasible`` otherwise.
    """
    mdp, proofs = bisimulation.mdp, proofs or Proofs()
    measured = resolution(mdp, bisimulation.partition, codes, predicted, read)
    apart = separation(bisimulation, codes, merge_tolerance, epsilon=epsilon, exact=proofs.exact)
    grade = _grade(proofs, measured)
    if proofs.exact and apart.n_merged:
        pair = apart.merged[0]
        raise InternalError(
            f"Observations {pair.x!r} and {pair.y!r} share a code although both losses are "
            "exactly zero. This contradicts S4, so it is a bug in tellapart."
        )
    verdict = _verdict(apart, grade, require, proofs)
    witness = _witness(bisimulation, apart, codes) if verdict is Verdict.COLLAPSED else None
    reasons = (*_reasons(mdp, measured, apart), *_reasons_of_proofs(proofs, grade, require))
    return Judgement(verdict, grade, require, proofs, measured, apart, witness, reasons)


def _grade(proofs: Proofs, measured: Resolution) -> Grade:
    if proofs.exact:
        return Grade.EXACT
    if proofs.certified:
        return Grade.CERTIFIED
    resolved = measured.resolved if proofs.resolved is None else proofs.resolved
    return Grade.RESOLVED if resolved else Grade.UNMET


def _verdict(apart: Separation, grade: Grade, require: Grade | None, proofs: Proofs) -> Verdict:
    if apart.n_must_separate == 0:
        return Verdict.VACUOUS
    if apart.n_merged:
        return Verdict.COLLAPSED
    if proofs.infeasible is not None:
        return Verdict.INFEASIBLE
    enough = grade is not Grade.UNMET and (require is None or grade.rank >= require.rank)
    return Verdict.HOLDS if enough else Verdict.VACUOUS


def _witness(bisim: Bisimulation, apart: Separation, codes: FloatArray) -> CollapseWitness:
    """Take the deepest merged pair, and let code that shares nothing with ours confirm it."""
    mdp, pair = bisim.mdp, apart.merged[0]
    i, j = mdp.observation_index(pair.x), mdp.observation_index(pair.y)
    word = bisim.word_of_indices(i, j)
    if word is None or not replay_witness(
        mdp.successors.tolist(), mdp.labels, codes.tolist(), i, j, word, apart.threshold
    ):
        raise InternalError(
            f"The merged pair ({pair.x!r}, {pair.y!r}) was not confirmed by replay: the word "
            f"{word!r} does not tell them apart, or their codes are not within the threshold. "
            "This is a bug in tellapart."
        )
    return CollapseWitness(
        x=pair.x,
        y=pair.y,
        word=tuple(mdp.actions[a] for a in word),
        x_trace=mdp.label_trace(i, word),
        y_trace=mdp.label_trace(j, word),
        distance=pair.distance,
        threshold=apart.threshold,
    )


def _reasons(mdp: DeterministicMDP, measured: Resolution, apart: Separation) -> tuple[str, ...]:
    reasons = []
    if apart.n_must_separate == 0:
        reasons.append(
            "No pair has to be told apart: along every action word all observations show the "
            "same labels, so the theorem promises nothing (hypothesis informative_label)."
        )
    if apart.n_merged:
        reasons.append(
            f"{apart.n_merged} of {apart.n_must_separate} pairs that must be told apart share a "
            f"code (distance at most {apart.threshold:.3g})."
        )
    if measured.max_dynamics_residual == 0 and measured.dynamics_ratio >= 1:
        reasons.append(
            "The dynamics loss is exactly zero, which proves nothing here: half of a gap that is "
            "zero leaves no room for any residual (S13)."
        )
    elif measured.dynamics_ratio >= 1:
        o, a = measured.worst_transition
        reasons.append(
            f"The dynamics premise is unmet (hypothesis dynamics_loss): "
            f"{measured.n_dynamics_unresolved} of {mdp.n_obs * mdp.n_actions} predicted latents "
            f"are not within half the gap of their target; worst at observation "
            f"{mdp.observations[o]!r}, action {mdp.actions[a]!r} "
            f"(ratio {measured.dynamics_ratio:.3g})."
        )
    if measured.aux_ratio >= 1:
        reasons.append(
            f"The auxiliary premise is unmet (hypothesis aux_loss): {measured.n_aux_unresolved} "
            f"of {mdp.n_obs} labels are not read within half the gap to the next label; worst at "
            f"observation {mdp.observations[measured.worst_label]!r} "
            f"(ratio {measured.aux_ratio:.3g})."
        )
    return tuple(reasons)


def _reasons_of_proofs(proofs: Proofs, grade: Grade, require: Grade | None) -> tuple[str, ...]:
    reasons = [] if proofs.infeasible is None else [proofs.infeasible]
    if require is not None and grade.rank < require.rank:
        reasons.append(
            f"The premise has the grade {grade.value}; the grade {require.value} was required."
        )
    return tuple(reasons)
