"""One check on logged data: what they force, subject, codes, verdict; about the data alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from tellapart.models.certify import shape_infeasible
from tellapart.models.counterexamples.rows import stand_in
from tellapart.models.data_evaluation import evaluate_data, require_data, shown
from tellapart.models.data_fit import Trainer, fit_data
from tellapart.models.designs import ONE_SIDED_DECAY
from tellapart.models.fit import check_integer
from tellapart.models.progress import FitProgress, FitResult
from tellapart.models.subject import Subject
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.properties.check_extras import Progress
from tellapart.properties.check_report import EXIT_CODES
from tellapart.properties.subjects import Factory, SubjectSource, load_subject
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.data_system import forced_system
from tellapart.theory.data_verdict import DataJudgement, judge_data
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.foundation import Foundation
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Verdict

__all__ = ["DataCheckReport", "check_data"]

FloatArray = npt.NDArray[np.float64]

#: Seconds for the smallest number of codes: it is shown beside the verdict and does not decide it.
_CODES_SECONDS = 1.0
_OPTIONS = ("objective", "max_steps", "learning_rate", "weight_decay")


@register
@dataclass(frozen=True, eq=False)
class DataCheckReport(Saved):
    """The verdict on one encoder on logged data, with everything it rests on.

    Attributes
    ----------
    subject, source, seed
        What was checked, on what, and the seed of building and training.
    audit
        What the data force on every zero-loss encoder, with the data themselves.
    judgement
        Verdict, grade, measurements, witness or chain, reasons.
    training
        What the trainer did. None for a design that is constructed, and for infeasible data, which
        are not trained on: codes and residuals are then those of the untrained subject.
    codes
        E(o), float64 ``[n_obs, d]``.
    dynamics_residuals
        ``||T(E(o), a) - E(o')||`` for each transition of the data, float64 ``[n_transitions]``.
    aux_residuals
        ``||P(E(o)) - p(o)||`` for each observation with a known label, in their order, float64.
    dynamics_loss, aux_loss
        Mean squared residuals; shown, never used to decide.
    dtype
        Floating type the encoder computed in.
    """

    subject: str
    source: str
    seed: int
    audit: DataAudit
    judgement: DataJudgement
    training: FitResult | None
    codes: FloatArray
    dynamics_residuals: FloatArray
    aux_residuals: FloatArray
    dynamics_loss: float
    aux_loss: float
    dtype: str

    @property
    def verdict(self) -> Verdict:
        """The verdict: ``holds``, ``collapsed``, ``vacuous`` or ``infeasible``."""
        return self.judgement.verdict

    @property
    def exit_code(self) -> int:
        """Exit code of a command: 0 holds, 1 collapsed, 3 vacuous or infeasible."""
        return EXIT_CODES[self.verdict]

    @property
    def data(self) -> TransitionData:
        """The data."""
        return self.audit.data

    @property
    def foundation(self) -> Foundation:
        """What the verdict rests on: statements, checkers, measurements, assumptions."""
        from tellapart.properties.foundations import foundation_of_data_check

        return foundation_of_data_check(self)

    def explain(self) -> str:
        """Say in a few lines what was found and why."""
        lines = [
            f"{self.subject} on {self.source}, seed {self.seed}.",
            self.judgement.explain(),
        ]
        if self.training is not None:
            lines.append(self.training.explain())
        elif not self.audit.feasible:
            lines.append("Nothing was trained: no training changes what the data contradict.")
        lines.append(f"{self.foundation.summary} foundation.explain() says how.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"DataCheckReport({self.subject!r} on {self.source!r}: {self.verdict}, premise "
            f"{self.judgement.grade}, resolution ratio {self.judgement.ratio:.3g})"
        )


def check_data(
    subject: str | Factory | SubjectSource,
    data: TransitionData | DataAudit,
    *,
    inputs: Tensor | None = None,
    seed: int = 0,
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
    trainer: Trainer | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> DataCheckReport:
    """Build, train and judge one encoder on logged data of any coverage.

    The verdict is about the data: the pairs are those that every zero-loss encoder on *these* data
    tells apart (S3). An encoder that holds may merge what only a missing transition tells apart.

    Parameters
    ----------
    subject
        A design name, ``"file.py:factory"``, ``"package.module:factory"``, a factory
        ``(mdp, seed) -> Subject``, or what ``load_subject`` made of one of these. The ``mdp`` is a
        stand-in with the sizes, names and label vectors of the data
        (:func:`tellapart.models.counterexamples.rows.stand_in`).
    data
        Transition data, or their audit.
    inputs
        What the encoder is shown, floating ``[n_obs, *obs_shape]``; default the observations of
        the subject, and one-hot vectors without these.
    seed
        Of building and training: the same seed gives the same report.
    merge_tolerance
        Codes closer than this share of the rms distance between codes that must be told apart count
        as one.
    trainer
        Your own ``trainer(subject, data, seed)``; needed for subjects with a ``fit`` of their own.
    options
        Further arguments of :func:`tellapart.models.data_fit.fit_data`, such as
        ``{"max_steps": 1000}``: ``objective``, ``max_steps``, ``learning_rate``,
        ``weight_decay``.
    progress
        Called with ``(stage, done, total, note)`` while the work goes on.

    Returns
    -------
    DataCheckReport

    Raises
    ------
    SubjectSourceError
        When the subject does not name something that can be loaded.
    SubjectError
        When a part of the subject misbehaves, or its ``fit`` takes a complete system only.
    InvalidArgumentError
        For data of another type, or an option out of range.
    BudgetExceededError
        When the data have more classes than a full relation is computed for.

    Examples
    --------
    >>> from tellapart.models.zoo.data_sets import expert_coverage
    >>> report = check_data("constant", expert_coverage())
    >>> report.verdict, report.exit_code
    (<Verdict.COLLAPSED: 'collapsed'>, 1)
    """
    report = progress or _silent
    source = subject if isinstance(subject, SubjectSource) else load_subject(subject)
    chosen = _options(options)
    check_integer("seed", seed, 0)
    findings = _audited(data, report)
    made = source.build(stand_in(findings.data), seed)
    training = None
    if findings.feasible:
        training = _train(source, made, findings, inputs, seed, trainer, chosen, report)
    report("evaluate", 0, None, "codes and residuals")
    measured = evaluate_data(made, findings.data, inputs)
    judgement = judge_data(
        findings,
        measured.codes,
        measured.predicted,
        measured.read,
        infeasible=_shape(shown(made, inputs), findings),
        merge_tolerance=merge_tolerance,
        epsilon=measured.epsilon,
    )
    return DataCheckReport(
        subject=source.name,
        source=findings.source,
        seed=seed,
        audit=findings,
        judgement=judgement,
        training=training,
        codes=measured.codes,
        dynamics_residuals=measured.dynamics_residuals,
        aux_residuals=measured.aux_residuals,
        dynamics_loss=measured.dynamics_loss,
        aux_loss=measured.aux_loss,
        dtype=measured.dtype,
    )


def _options(options: Mapping[str, Any] | None) -> Mapping[str, Any]:
    for name in options or {}:
        if name not in _OPTIONS:
            raise InvalidArgumentError(
                f"There is no option {name!r} of training; options may hold {', '.join(_OPTIONS)}."
            )
    return options or {}


def _audited(data: TransitionData | DataAudit, report: Progress) -> DataAudit:
    report("audit", 0, None, "what must be told apart")
    if isinstance(data, DataAudit):
        return data
    require_data(data)
    parts = analyse(
        data, time_limit=_CODES_SECONDS, progress=lambda part: report("audit", 0, None, part)
    )
    return DataAudit(repr(data), parts)


def _train(
    source: SubjectSource,
    made: Subject,
    findings: DataAudit,
    inputs: Tensor | None,
    seed: int,
    trainer: Trainer | None,
    options: Mapping[str, Any],
    report: Progress,
) -> FitResult | None:
    def relay(step: FitProgress) -> None:
        ratio = "" if step.ratio is None else f"resolution ratio {step.ratio:.3g}"
        report("train", step.step, step.total, ratio)

    chosen: dict[str, Any] = {}
    if source.design is not None:
        if source.design.objective is None:
            return None
        chosen["objective"] = source.design.objective
        chosen["weight_decay"] = 0.0 if source.design.objective == "joint" else ONE_SIDED_DECAY
    report("train", 0, None, "")
    return fit_data(
        made, findings.data, inputs, seed=seed, audit=findings, trainer=trainer, progress=relay,
        **{**chosen, **options},
    )  # fmt: skip


def _shape(made: Subject, findings: DataAudit) -> str | None:
    """Say why the shape of the parts rules out zero loss (S12); None when it is not known to."""
    system = forced_system(findings)
    if system is None:
        return None
    try:
        return shape_infeasible(made, system)
    except NotExactlyEvaluable:
        return None


def _silent(stage: str, done: int, total: int | None, note: str) -> None:
    """Report nothing."""
