"""One check: source -> system -> what must be told apart -> subject -> codes -> verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tellapart.models.attack.table import AttackReport
from tellapart.models.boxes.report import BoxReport
from tellapart.models.certify import MAX_OBSERVATIONS, Precision, prove
from tellapart.models.diagnostics.summary import Diagnostics, diagnose
from tellapart.models.evaluation import evaluate
from tellapart.models.fit import FitProgress, FitResult, fit
from tellapart.models.subject import Subject
from tellapart.properties.sources import load_source
from tellapart.properties.subjects import Factory, SubjectSource, load_subject
from tellapart.theory.audit import Audit, audit
from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.margin_checker.checker import MarginCheck
from tellapart.theory.margins.margins import Margins
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Grade, Judgement, Verdict, judge

__all__ = ["EXIT_CODES", "CheckReport", "Progress", "check"]

FloatArray = npt.NDArray[np.float64]

#: Exit code of the command line for each verdict.
EXIT_CODES = {
    Verdict.HOLDS: 0, Verdict.COLLAPSED: 1, Verdict.VACUOUS: 3, Verdict.INFEASIBLE: 3,
}  # fmt: skip


class Progress(Protocol):
    """Called while a check works: ``(stage, done, total, note)``; total is None when unknown."""

    def __call__(self, stage: str, done: int, total: int | None, note: str) -> None:
        """Report one step."""


@register
@dataclass(frozen=True)
class CheckReport(Saved):
    """The verdict on one encoder on one system, with everything it rests on.

    Attributes
    ----------
    subject, source, seed
        What was checked, on what, and the seed of building and training.
    audit
        What must be told apart, with the system itself.
    judgement
        Verdict, grade, resolution, separation, witness, reasons.
    training
        What the trainer did, or None for a design that is constructed.
    precision
        How the numbers were computed, and what floating point costs.
    margins
        Margins (S10) with their certificate; None where the subject is not exactly evaluable or
        the system is too large.
    margin_check
        What the independent checker said of the certificate; None when it was not asked: only a
        certificate of all pairs can decide a verdict.
    diagnostics
        RankMe and its relatives on the same codes, beside the exact answer; they never decide.
    attack
        What adversarial merging reached, when it was asked for.
    boxes
        What is proved in boxes around the observations, when it was asked for.
    codes
        E(o), float64 ``[n_obs, d]``.
    dynamics_residuals
        ``||T(E(o), a) - E(f(o, a))||``, float64 ``[n_obs, n_actions]``.
    aux_residuals
        ``||P(E(o)) - p(o)||``, float64 ``[n_obs]``.
    dynamics_loss, aux_loss
        Mean squared residuals; shown, never used to decide.
    dtype
        Floating type the encoder computed in.
    """

    subject: str
    source: str
    seed: int
    audit: Audit
    judgement: Judgement
    training: FitResult | None
    precision: Precision
    margins: Margins | None
    margin_check: MarginCheck | None
    diagnostics: Diagnostics
    attack: AttackReport | None
    boxes: BoxReport | None
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
        """Exit code of the command line: 0 holds, 1 collapsed, 3 vacuous or infeasible."""
        return EXIT_CODES[self.verdict]

    @property
    def mdp(self) -> DeterministicMDP:
        """The system."""
        return self.audit.mdp

    @property
    def bisimulation(self) -> Bisimulation:
        """Bisimulation of the system."""
        return self.audit.bisimulation

    @property
    def no_margins(self) -> str:
        """Why there are no margins; empty when there are."""
        if self.margins is not None:
            return ""
        if self.precision.reason is not None:
            return self.precision.explain()
        return (
            f"a check computes no margins above {MAX_OBSERVATIONS:,} observations, and here are "
            f"{self.mdp.n_obs:,}; call tellapart.models.margin_certificate."
        )

    def explain(self) -> str:
        """Say in a few lines what was found and why."""
        judgement = self.judgement
        lines = [
            f"{self.subject} on {self.source}, seed {self.seed}: {self.verdict} "
            f"({self.verdict.meaning}).",
            f"Premise {judgement.grade}: {judgement.grade.meaning}.",
            *judgement.reasons,
            self.precision.explain(),
        ]
        if self.margins is not None:
            lines.append(self.margins.explain())
        if judgement.witness is not None:
            w = judgement.witness
            word = " ".join(map(str, w.word)) or "(empty word)"
            lines.append(
                f"Witness: {w.x!r} and {w.y!r} share a code (distance {w.distance:.3g}), but "
                f"along {word} their labels are {w.x_trace} and {w.y_trace}."
            )
        return "\n".join(lines)

    def to_html(self, path: str | Path) -> None:
        """Write one self-contained HTML page (no network access needed to read it)."""
        from tellapart.properties.files import write_atomically
        from tellapart.properties.report.html_check import render_check

        write_atomically(Path(path), render_check(self))

    def __repr__(self) -> str:
        return (
            f"CheckReport({self.subject!r} on {self.source!r}: {self.verdict}, premise "
            f"{self.judgement.grade}, resolution ratio {self.judgement.resolution.ratio:.3g})"
        )


def check(
    subject: str | Factory,
    on: str | DeterministicMDP,
    *,
    seed: int = 0,
    label: str | Callable[..., Any] = "reward",
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
    require: Grade | str | None = None,
    attack_pairs: int = 0,
    box_radius: float | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Build, train and judge one encoder on one system.

    Parameters
    ----------
    subject
        A design name, ``"file.py:factory"``, ``"package.module:factory"`` or a factory
        ``(mdp, seed) -> Subject``.
    on
        A SOURCE string, or the system itself.
    seed
        Of building and training, and of a ``random:`` source that names none: the same seed gives
        the same report.
    label
        For Gymnasium sources: ``"reward"`` or a callable.
    merge_tolerance
        Codes closer than this share of the rms distance between blocks count as one.
    require
        ``"exact"``, ``"certified"`` or ``"resolved"``: a premise of a lower grade gives
        ``vacuous``. Default: resolved.
    attack_pairs
        Pairs to attack at most: each is pulled together while the same losses are trained on a
        fresh subject (see :func:`tellapart.models.attack.attack.attack`). Default: no attack. The
        verdict does not depend on it.
    box_radius
        Also prove that codes stay apart in boxes of this radius around what the encoder is shown
        (see :func:`tellapart.models.boxes.boxes.certify_boxes`). The verdict does not depend on it.
    progress
        Called while the work goes on.

    Returns
    -------
    CheckReport

    Raises
    ------
    SubjectSourceError, SourceError
        When an argument does not name something that can be loaded.
    SubjectError
        When a part of the subject misbehaves: wrong shapes, NaN, not deterministic, or raising.
    InternalError
        When tellapart contradicts itself or the theorem.

    Examples
    --------
    >>> report = check("exact", on="gallery:counting-9")
    >>> report.verdict, report.judgement.grade
    (<Verdict.HOLDS: 'holds'>, <Grade.EXACT: 'exact'>)
    """
    report = progress or _silent
    least = _grade(require)
    source = load_subject(subject)
    mdp, title = _load_system(on, label, seed, report)
    report("audit", 0, None, "what must be told apart")
    findings = audit(mdp, source=title)
    made = source.build(mdp, seed)
    _check_boxes(made, mdp, box_radius)
    training = _train(source, made, mdp, seed, report)
    report("evaluate", 0, None, "codes and residuals")
    evaluation = evaluate(made, mdp)
    proven = prove(made, mdp, evaluation, findings.bisimulation.partition, progress=report)
    judgement = judge(
        findings.bisimulation,
        evaluation.codes,
        evaluation.predicted,
        evaluation.read,
        proofs=proven.proofs,
        require=least,
        epsilon=evaluation.epsilon,
        merge_tolerance=merge_tolerance,
    )
    return CheckReport(
        subject=source.name,
        source=title,
        seed=seed,
        audit=findings,
        judgement=judgement,
        training=training,
        precision=proven.precision,
        margins=proven.margins,
        margin_check=proven.check,
        diagnostics=diagnose(
            findings.bisimulation,
            evaluation.codes,
            dynamics_loss=evaluation.dynamics_loss,
            aux_loss=evaluation.aux_loss,
            merge_tolerance=merge_tolerance,
            epsilon=evaluation.epsilon,
        ),
        attack=_attack(source, mdp, attack_pairs, seed, report),
        boxes=_boxes(made, mdp, box_radius, seed, report),
        codes=evaluation.codes,
        dynamics_residuals=evaluation.dynamics_residuals,
        aux_residuals=evaluation.aux_residuals,
        dynamics_loss=evaluation.dynamics_loss,
        aux_loss=evaluation.aux_loss,
        dtype=evaluation.dtype,
    )


def _load_system(
    on: str | DeterministicMDP, label: Any, seed: int, report: Progress
) -> tuple[DeterministicMDP, str]:
    if isinstance(on, DeterministicMDP):
        return on, repr(on)
    source = load_source(
        on,
        label=label,
        seed=seed,
        progress=lambda found, expanded: report("enumerate", expanded, found, "observations"),
    )
    return source.mdp, source.title


def _train(
    source: SubjectSource, made: Subject, mdp: DeterministicMDP, seed: int, report: Progress
) -> FitResult | None:
    def relay(step: FitProgress) -> None:
        ratio = "" if step.ratio is None else f"resolution ratio {step.ratio:.3g}"
        report("train", step.step, step.total, ratio)

    report("train", 0, None, "" if made.fit is None else "the subject's own fit")
    if source.design is not None:
        return source.design.train(made, mdp, seed, relay)
    return fit(made, mdp, seed=seed, progress=relay)


def _check_boxes(made: Subject, mdp: DeterministicMDP, radius: float | None) -> None:
    """Refuse, before anything is trained, what boxes cannot be put around."""
    if radius is not None:
        from tellapart.models.boxes.boxes import encoder_program
        from tellapart.models.boxes.region import region_around

        region_around(encoder_program(made, mdp)[1], radius, None)


def _boxes(
    made: Subject, mdp: DeterministicMDP, radius: float | None, seed: int, report: Progress
) -> BoxReport | None:
    if radius is None:
        return None
    from tellapart.models.boxes.boxes import certify_boxes

    def relay(stage: str, pairs: int) -> None:
        report("boxes", 0, None, f"{stage}, {pairs} pairs")

    return certify_boxes(made, mdp, radius, seed=seed, progress=relay)


def _attack(
    source: SubjectSource, mdp: DeterministicMDP, pairs: int, seed: int, report: Progress
) -> AttackReport | None:
    if not pairs:
        return None
    from tellapart.models.attack.attack import AttackProgress, attack

    def relay(step: AttackProgress) -> None:
        report("attack", step.done, step.total, step.row.result)

    objective = (source.design and source.design.objective) or "joint"
    return attack(
        source.build, mdp, max_pairs=pairs, seed=seed, objective=objective, progress=relay
    )


def _grade(require: Grade | str | None) -> Grade | None:
    if require is None:
        return None
    choices = [grade for grade in Grade if grade is not Grade.UNMET]
    if require not in choices:
        names = ", ".join(repr(grade.value) for grade in choices)
        raise InvalidArgumentError(f"require is {require!r}; choose one of {names}, or None.")
    return Grade(require)


def _silent(stage: str, done: int, total: int | None, note: str) -> None:
    """Report nothing."""
