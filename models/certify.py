"""What can be proved about a subject as its weights stand: exact values, margins, feasibility."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tellapart.models.evaluation import Evaluation
from tellapart.models.exact import verify_exact
from tellapart.models.subject import Subject
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.models.translation.subject import translate
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.margin_checker.checker import MarginCheck, check_margins
from tellapart.theory.margins.maker import certify_margins
from tellapart.theory.margins.margins import Margins
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.evaluation import enclose_points, resolution_bounds
from tellapart.theory.networks.points import Interval, ModelPoints
from tellapart.theory.networks.program import NetworkModel
from tellapart.theory.networks.structure import affinity
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Proofs

__all__ = [
    "MAX_OBSERVATIONS",
    "Precision",
    "Proven",
    "margin_certificate",
    "prove",
    "shape_infeasible",
]

Report = Callable[[str, int, int | None, str], None]

#: Observations up to which margins are computed (the work grows with their square).
MAX_OBSERVATIONS = 1000


@register
@dataclass(frozen=True, slots=True)
class Precision(Saved):
    """How the numbers that a verdict rests on were computed.

    Attributes
    ----------
    arithmetic
        ``"exact"``: rational arithmetic on the stored weights. ``"interval"``: enclosures of the
        real function of the stored weights. ``"float"``: the answers of the subject only.
    dtype
        Type the subject computes in.
    widest
        Widest enclosure of a code, predicted latent or label read; 0 for exact and float.
    deviation
        Largest distance between a code, predicted latent or label that the subject returned and
        the exact one: what its floating-point arithmetic costs. None for float.
    reason
        Why the subject could not be evaluated exactly; None when it could.
    """

    arithmetic: Literal["exact", "interval", "float"]
    dtype: str
    widest: float
    deviation: float | None
    reason: str | None

    def explain(self) -> str:
        """Say in a sentence or two what the precision allows."""
        if self.arithmetic == "float" or self.deviation is None:
            return f"Measured in {self.dtype} only, nothing proved: {self.reason}"
        how = (
            "Evaluated in rational arithmetic from the stored weights"
            if self.arithmetic == "exact"
            else f"Enclosed from the stored weights, at most {self.widest:.2g} wide"
        )
        if not self.deviation:
            return f"{how}; the {self.dtype} answers of the subject are the exact ones."
        return (
            f"{how}; the {self.dtype} answers of the subject are within {self.deviation:.2g} of "
            f"the exact ones, so distances above {2 * self.deviation:.2g} are not rounding."
        )


@dataclass(frozen=True)
class Proven:
    """Everything that was proved about a subject.

    Attributes
    ----------
    proofs
        For :func:`tellapart.theory.verdict.judge`.
    precision
        How the numbers were computed.
    margins
        The margins with their certificate, or None where the subject is not exactly evaluable or
        the system is too large.
    check
        What the independent checker said of a certificate for all pairs; None when it was not
        asked.
    """

    proofs: Proofs
    precision: Precision
    margins: Margins | None
    check: MarginCheck | None


def margin_certificate(
    system: DeterministicMDP | TransitionData,
    subject: Subject,
    *,
    progress: Report | None = None,
) -> Margins:
    """Bound the distance between codes from below, for every pair that must be told apart (S10).

    Parameters
    ----------
    system
        Complete, or partial data: then pairs are those of S3, and words those that are covered.
    subject
        Trained or not: the bounds hold for every model.
    progress
        Called with stage, done, total and a note.

    Returns
    -------
    Margins
        With a certificate that
        :func:`~tellapart.theory.margin_checker.checker.check_margins` checks on its own.

    Raises
    ------
    NotExactlyEvaluable
        When a part of the subject cannot be written as a program; the message names the operation.
    InternalError
        When a margin exceeds the distance it bounds: a bug in tellapart.

    Notes
    -----
    O(n² (|A| + d)) a sweep for n observations; see
    :func:`~tellapart.theory.margins.maker.certify_margins`.
    """
    return certify_margins(system, translate(subject, system), progress=progress)


def prove(
    subject: Subject,
    mdp: DeterministicMDP,
    evaluation: Evaluation,
    partition: Partition,
    *,
    progress: Report | None = None,
) -> Proven:
    """Prove what can be proved about a subject on a complete system.

    Parameters
    ----------
    subject, mdp
        What was evaluated, on what.
    evaluation
        The float answers, to be compared with the exact ones.
    partition
        B* of ``mdp``.
    progress
        Called with stage, done, total and a note.

    Returns
    -------
    Proven
        Never raises for a subject that is not exactly evaluable: its reason is in ``precision``.
    """
    report = progress or _silent
    report("prove", 0, None, "exact evaluation")
    built = subject.tables is not None and bool(verify_exact(mdp, subject.tables, evaluation))
    try:
        model = translate(subject, mdp)
        points = enclose_points(model, mdp)
    except (NotExactlyEvaluable, InvalidArgumentError) as error:  # the latter: outside of a domain
        precision = Precision("float", evaluation.dtype, 0.0, None, str(error))
        return Proven(Proofs(exact=built), precision, None, None)
    exact = built or points.zero_loss
    margins = check = None
    if mdp.n_obs <= MAX_OBSERVATIONS:
        report("prove", 0, None, "margins")
        margins = certify_margins(mdp, model, points, progress=progress)
    if margins is not None and margins.certified and not exact:
        report("prove", 0, None, "independent checker")
        check = check_margins(margins.certificate, progress=report)
        _insist(check)
    resolved = resolution_bounds(points, partition, mdp).resolved
    # Pairs can be proved apart by a hair while predictions are read wrongly, whether residuals
    # cancel or not: no premise is met by that.
    proofs = Proofs(
        exact=exact,
        certified=resolved is not False and check is not None and check.holds and check.covers_all,
        resolved=resolved,
        infeasible=_infeasible(model, mdp),
    )
    return Proven(proofs, _precision(points, evaluation), margins, check)


def _insist(check: MarginCheck) -> None:
    if not (check.holds and check.covers_all):
        raise InternalError(
            f"The independent checker rejected a margin certificate: {check.failure}. This is a "
            "bug in tellapart."
        )


def _precision(points: ModelPoints, evaluation: Evaluation) -> Precision:
    pairs: tuple[tuple[Interval, np.ndarray], ...] = (
        (points.codes, evaluation.codes),
        (points.predicted, evaluation.predicted),
        (points.read, evaluation.read),
    )
    widest = max(interval.widest for interval, _ in pairs)
    deviation = max(
        float(np.maximum(found - interval.lo, interval.hi - found).max(initial=0.0))
        for interval, found in pairs
    )
    exact = points.arithmetic == "exact"
    return Precision(points.arithmetic, evaluation.dtype, 0.0 if exact else widest, deviation, None)


def shape_infeasible(subject: Subject, mdp: DeterministicMDP) -> str | None:
    """Say why these parts cannot meet the premise, however trained (S12); None if they can.

    Parameters
    ----------
    subject, mdp
        Trained or not: only the shapes of affine parts count.

    Raises
    ------
    NotExactlyEvaluable
        When a part cannot be written as a program; the message names the operation.
    """
    return _infeasible(translate(subject, mdp), mdp)


def _infeasible(model: NetworkModel, mdp: DeterministicMDP) -> str | None:
    """Say why linear parts cannot reach zero loss in this dimension (S12); None if they can."""
    kinds = {affinity(program) for program in (*model.predictors, model.head)}
    if None in kinds:
        return None
    from tellapart.theory.linear.capacity import capacity

    affine = "affine" in kinds
    found = capacity(mdp)
    if found.allows(model.latent_dim, affine=affine) is not False:
        return None
    needed = (found.affine_bounds if affine else found.linear_bounds)[0]
    kind = "affine" if affine else "linear"
    return (
        f"The premise cannot be met (S12): with {kind} dynamics and head the latent dimension "
        f"must be at least {needed}, the rank of the observability matrix"
        f"{' with a constant column, less 1' if affine else ''}; it is {model.latent_dim}. Raise "
        "the latent dimension, or use a predictor that is not linear."
    )


def _silent(stage: str, done: int, total: int | None, note: str) -> None:
    """Report nothing."""
