"""One check: source -> system -> what must be told apart -> subject -> codes -> verdict."""

from collections.abc import Callable
from typing import Any

from tellapart.models.certify import Proven, prove
from tellapart.models.diagnostics.summary import Diagnostics, diagnose
from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.fit import FitProgress, FitResult, fit
from tellapart.models.subject import Subject
from tellapart.properties.check_extras import Progress, attacked, check_boxes, proved_boxes
from tellapart.properties.check_report import EXIT_CODES, CheckReport
from tellapart.properties.sources import load_source
from tellapart.properties.subjects import Factory, SubjectSource, load_subject
from tellapart.theory.audit import Audit, audit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE
from tellapart.theory.verdict import Grade, Judgement, judge

__all__ = ["EXIT_CODES", "CheckReport", "Progress", "check"]


def check(
    subject: str | Factory | SubjectSource,
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
        ``(mdp, seed) -> Subject``; or one of these as :func:`.subjects.load_subject` returns it.
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
    check_boxes(made, mdp, box_radius)
    training = _train(source, made, mdp, seed, report)
    report("evaluate", 0, None, "codes and residuals")
    evaluation = evaluate(made, mdp)
    proven = prove(made, mdp, evaluation, findings.bisimulation.partition, progress=report)
    judgement, diagnostics = _judged(findings, evaluation, proven, least, merge_tolerance)
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
        diagnostics=diagnostics,
        attack=attacked(source, mdp, attack_pairs, seed, report),
        boxes=proved_boxes(made, mdp, box_radius, seed, report),
        codes=evaluation.codes,
        dynamics_residuals=evaluation.dynamics_residuals,
        aux_residuals=evaluation.aux_residuals,
        dynamics_loss=evaluation.dynamics_loss,
        aux_loss=evaluation.aux_loss,
        dtype=evaluation.dtype,
    )


def _judged(
    findings: Audit,
    evaluation: Evaluation,
    proven: Proven,
    require: Grade | None,
    merge_tolerance: float,
) -> tuple[Judgement, Diagnostics]:
    """Return the verdict, and the diagnostics that are shown beside it."""
    judgement = judge(
        findings.bisimulation,
        evaluation.codes,
        evaluation.predicted,
        evaluation.read,
        proofs=proven.proofs,
        require=require,
        epsilon=evaluation.epsilon,
        merge_tolerance=merge_tolerance,
    )
    diagnostics = diagnose(
        findings.bisimulation,
        evaluation.codes,
        dynamics_loss=evaluation.dynamics_loss,
        aux_loss=evaluation.aux_loss,
        epsilon=evaluation.epsilon,
        merge_tolerance=merge_tolerance,
    )
    return judgement, diagnostics


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
