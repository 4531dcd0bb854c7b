"""Train a subject on logged transitions and known labels, where there is no complete system."""

import math
from collections.abc import Callable
from typing import get_args

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.counterexamples.descent import descend
from tellapart.models.data_evaluation import evaluate_data, require_data, shown
from tellapart.models.data_rows import DataRows
from tellapart.models.data_run import DataRun
from tellapart.models.first_order import (
    ENCODER_SPEED,
    MAX_TRANSITIONS,
    Scaling,
    loss_parts,
    phases,
    train_batches,
)
from tellapart.models.fit import Objective, check_integer
from tellapart.models.gauss_newton import gauss_newton_cg
from tellapart.models.joint_modules import standardise_codes
from tellapart.models.levenberg import ANCHOR
from tellapart.models.progress import FitProgress, FitResult, FitStatus, Throttle
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.threads import one_thread
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.analysis import analyse

__all__ = ["MAX_STEPS", "Trainer", "fit_data"]

#: ``trainer(subject, data, seed)`` trains in place.
Trainer = Callable[[Subject, TransitionData, int], object]

#: Steps of AdamW at most, unless asked otherwise.
MAX_STEPS = 4000
#: Training stops at this resolution ratio (S13).
_TARGET = 0.1
#: Residuals up to which Levenberg-Marquardt is tried first, and entries of its Jacobian.
_DENSE, _JACOBIAN, _DENSE_STEPS = 300, 2_000_000, 40
_BOTTOM = 1e-26
_LABEL_STEPS, _LABEL_INNER, _LABEL_LOSS = 20, 50, 1e-8
_FINISH_STEPS, _FINISH_INNER, _FINISH_SCALE = 30, 100, 0.1


def fit_data(
    subject: Subject,
    data: TransitionData,
    inputs: Tensor | None = None,
    *,
    objective: Objective = "joint",
    seed: int = 0,
    max_steps: int = MAX_STEPS,
    learning_rate: float = 1e-2,
    weight_decay: float = 0.0,
    audit: DataAudit | None = None,
    trainer: Trainer | None = None,
    progress: Callable[[FitProgress], None] | None = None,
) -> FitResult:
    """Train a subject in place on logged triples (o, a, o') and on the labels that are known.

    The losses are those of :func:`tellapart.models.fit.fit`, taken over the distinct transitions
    of the data and over the labelled observations. Missing transitions and labels ask for nothing.
    Where one pair has several successors the dynamics loss asks to merge them.

    Parameters
    ----------
    subject
        What to train: every part that is an ``nn.Module``, in the mode in which you left it.
    data
        Any coverage and any labels.
    inputs
        What the encoder is shown, floating ``[n_obs, *obs_shape]``; default
        ``subject.observations``, and one-hot vectors without these.
    objective
        ``"joint"``, ``"dynamics"``, ``"aux"`` or ``"decoupled"``, as of ``fit``.
    seed
        Of batches and of torch's global generator on the CPU, which is put back afterwards.
    max_steps
        Step limit of AdamW.
    learning_rate, weight_decay
        Of AdamW; the decay acts on the encoder only.
    audit
        Of the data, if you have it already.
    trainer
        Your own ``trainer(subject, data, seed)``, which trains in place and replaces ours; the
        observations of the subject that it is given are the inputs. Steps, rates and the objective
        are then not used.
    progress
        Called at most about ten times a second, and at the end.

    Returns
    -------
    FitResult
        Its ``ratio`` is the resolution ratio on the data (S13): infinite for data that no encoder
        can fit (S2), and where the pairs to tell apart were not computed.

    Raises
    ------
    SubjectError
        When a part is unusable, when your trainer raises, or when the subject has a ``fit`` of its
        own and no trainer is given: a ``fit`` takes a complete system, which logged data are not.
    InvalidArgumentError
        For an option out of range, or data that are none.

    Notes
    -----
    Small problems are tried by dense Levenberg-Marquardt; what that does not resolve, and any other
    objective, is trained by AdamW with a falling rate. Joint training stops at a resolution ratio
    of 0.1. One torch thread: on the CPU the same call gives the same bytes. Nothing here decides a
    verdict.

    Examples
    --------
    >>> from tellapart.models.counterexamples.networks import small_subject
    >>> from tellapart.models.counterexamples.rows import stand_in
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3], [1, 0, 4]], labels={2: 0.0, 3: 1.0})
    >>> fit_data(small_subject(stand_in(data)), data).resolved
    True
    """
    require_data(data)
    _check_options(objective, seed, max_steps, learning_rate, weight_decay)
    _check_trainer(subject, trainer)
    audit = _audit_of(data, audit)
    ready = shown(subject, inputs)
    run = DataRun(
        ready, data, DataRows.of(data), audit.analysis.relation, objective, seed, Throttle(progress)
    )
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if trainer is not None:
            return _by_trainer(run, trainer)
        if subject.n_parameters == 0:
            return run.result(FitStatus.UNTRAINED, "none", 0)
        evaluate_data(ready, data)  # an unusable part is named now, not after minutes of training
        if objective == "joint" and weight_decay == 0 and _is_small(run):
            solved = _by_levenberg(run)
            if solved is not None:
                return solved
        return _by_adam(run, max_steps, learning_rate, weight_decay)


def _by_trainer(run: DataRun, trainer: Trainer) -> FitResult:
    """Let the user's own trainer do it."""
    try:
        trainer(run.subject, run.data, run.seed)
    except SubjectError:
        raise
    except Exception as error:  # whatever a user's trainer raises is reported as the trainer's
        raise SubjectError("fit", f"raised {type(error).__name__}: {error}") from error
    return run.result(FitStatus.OWN, "own", 0)


def _by_levenberg(run: DataRun) -> FitResult | None:
    """Train by dense Levenberg-Marquardt; None, with the weights of the start, if it fails."""
    start = run.weights_now()
    standardise_codes(run.subject, run.rows.mdp)
    scaling = Scaling(run.subject.head, run.rows.labels)
    residuals = _joint_residuals(run, scaling)
    taken = 0

    def done() -> bool:
        nonlocal taken
        taken += 1
        with torch.no_grad():
            out = run.rows.forward(run.subject, scaling)
            loss = float(residuals().square().sum())
        run.note(taken, _DENSE_STEPS, *(float(part) for part in loss_parts(out, run.rows.labels)))
        return loss <= _BOTTOM

    flags = [False] * len(run.weights)
    descend(residuals, run.weights, flags, steps=_DENSE_STEPS, done=done)
    run.measure(scaling)
    if run.ratio is None or not run.ratio < 1:
        run.put_back(start)
        run.history = []
        return None
    scaling.fold()
    return run.result(FitStatus.RESOLVED, "lm", taken)


def _by_adam(run: DataRun, max_steps: int, learning_rate: float, weight_decay: float) -> FitResult:
    """Train by AdamW; the joint objective stops once it is well resolved."""
    scaling = Scaling(run.subject.head, run.rows.labels)
    joint, todo = run.objective == "joint", phases(run.objective, ENCODER_SPEED)
    total, taken, finite = max_steps * len(todo), 0, True
    cadence = max(25, max_steps // (80 if run.data.n_obs <= 2000 else 10))
    if joint:
        standardise_codes(run.subject, run.rows.mdp)
        _fit_labels(run, scaling)

    def watch(step: int, dynamics: float, aux: float) -> bool:
        nonlocal finite
        finite = math.isfinite(dynamics + aux)
        if joint and finite and step and step % cadence == 0:
            run.measure(scaling)
        if finite:
            run.note(taken + step, total, dynamics, aux)
        return joint and run.ratio is not None and run.ratio <= _TARGET

    for phase in todo:
        taken += train_batches(
            run.subject,
            phase,
            run.rows.draw(run.subject, scaling, run.seed, phase.frozen_codes),
            run.rows.label_spread,
            steps=max_steps,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            watch=watch,
        )
        if not finite:
            break
    if joint and finite and weight_decay == 0:
        taken += _finish(run, scaling)
    if any("head" in phase.parts for phase in todo):
        scaling.fold()
    if not finite:
        return run.result(FitStatus.DIVERGED, "first-order", taken)
    status = FitStatus.RESOLVED if joint else FitStatus.MINIMISED
    return run.result(status, "first-order", taken)


def _fit_labels(run: DataRun, scaling: Scaling) -> None:
    """Let encoder and head meet the auxiliary loss before the joint training, in place.

    Rare labels lie many spreads out; the slow encoder would take long to get there.
    """
    weights = [
        w for own in run.subject.trainable_weights(("encoder", "head")).values() for w in own
    ]
    if not weights or not len(run.rows.known) or not _is_affordable(run):
        return

    def residuals() -> Tensor:
        read = run.rows.forward(run.subject, scaling).read
        errors = (read - run.rows.labels.to(read)) / scaling.scale.to(read)
        return errors.reshape(-1) / math.sqrt(len(errors))

    try:
        gauss_newton_cg(
            residuals, weights, [1.0] * len(weights),
            steps=_LABEL_STEPS, inner_steps=_LABEL_INNER, stop_below=_LABEL_LOSS,
        )  # fmt: skip
    except RuntimeError:  # torch names no narrower class for a missing second derivative
        return


def _finish(run: DataRun, scaling: Scaling) -> int:
    """Gain what Gauss-Newton steps can after Adam; what they spoil is put back."""
    run.measure(scaling)
    hopeless = run.relation is None  # no ratio to improve
    if hopeless or run.ratio is None or run.ratio <= _TARGET or not _is_affordable(run):
        return 0
    kept, ratio = run.weights_now(), run.ratio
    metric = [
        _FINISH_SCALE if name == "encoder" else 1.0
        for name, own in run.subject.trainable_weights().items()
        for _ in own
    ]
    try:
        taken = gauss_newton_cg(
            _joint_residuals(run, scaling), run.weights, metric,
            steps=_FINISH_STEPS, inner_steps=_FINISH_INNER, stop_below=_BOTTOM,
        )[1]  # fmt: skip
    except RuntimeError:  # some operation has no second derivative: Adam's result stands
        return 0
    run.measure(scaling)
    if run.ratio > ratio:
        run.put_back(kept)
        run.ratio = ratio
    return taken


def _joint_residuals(run: DataRun, scaling: Scaling) -> Callable[[], Tensor]:
    """Return the residuals of both losses, anchored at the size that the codes have now."""
    with torch.no_grad():
        size = run.rows.forward(run.subject, scaling).codes.square().mean(dim=0)
    size = size + torch.finfo(size.dtype).tiny ** 0.5

    def residuals() -> Tensor:
        return run.rows.residuals(run.rows.forward(run.subject, scaling), size, ANCHOR)

    return residuals


def _is_affordable(run: DataRun) -> bool:
    """Tell whether steps on all transitions at once fit into memory."""
    plain = all(w.dtype in (torch.float32, torch.float64) for w in run.weights)
    return plain and max(run.rows.n_transitions, run.data.n_obs) <= MAX_TRANSITIONS


def _is_small(run: DataRun) -> bool:
    weights: list[nn.Parameter] = run.weights
    if run.relation is None or any(w.device.type != "cpu" for w in weights):
        return False
    with torch.no_grad():
        first = run.subject.encoder(
            run.subject.inputs(run.data.n_obs, torch.zeros(1, dtype=torch.int64))
        )
    d, labels = first.shape[1], run.rows.labels
    residuals = run.rows.n_transitions * d + labels.numel() + d
    size = residuals * sum(w.numel() for w in weights)
    return _is_affordable(run) and residuals <= _DENSE and size <= _JACOBIAN


def _audit_of(data: TransitionData, audit: object) -> DataAudit:
    if audit is None:
        return DataAudit("data", analyse(data))
    if not isinstance(audit, DataAudit):
        raise InvalidArgumentError(
            f"audit is a {type(audit).__name__}; give a DataAudit of the data, or None."
        )
    if audit.data != data:
        raise InvalidArgumentError(
            f"audit is of other data ({audit.data!r}) than what is trained on ({data!r}); give the "
            "audit of these data, or None."
        )
    return audit


def _check_trainer(subject: Subject, trainer: object) -> None:
    if trainer is not None and not callable(trainer):
        raise InvalidArgumentError(
            f"trainer is a {type(trainer).__name__}; it must be a function (subject, data, seed) "
            "that trains in place, or None."
        )
    if subject.fit is not None and trainer is None:
        raise SubjectError(
            "fit",
            "takes a complete system (subject, mdp, seed) and cannot be given logged data. Pass "
            "trainer=, a function (subject, data, seed), or build the subject without fit=.",
        )


def _check_options(
    objective: object, seed: object, max_steps: object, rate: object, decay: object
) -> None:
    if objective not in get_args(Objective):
        raise InvalidArgumentError(
            f"objective is {objective!r}; choose one of {', '.join(get_args(Objective))}."
        )
    check_integer("seed", seed, 0)
    check_integer("max_steps", max_steps, 1)
    for name, value, least in (("learning_rate", rate, False), ("weight_decay", decay, True)):
        number = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
        inside = number and 0 <= value < math.inf  # type: ignore[operator]
        if not inside or (value == 0 and not least):
            interval = "[0, inf)" if least else "(0, inf)"
            raise InvalidArgumentError(f"{name} is {value!r}; it must be a number in {interval}.")
