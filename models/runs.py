"""The ways to train, brought to one form: each takes a run and returns its result."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.first_order import Outputs, Scaling, forward
from tellapart.models.label_coordinates import LabelCoordinates
from tellapart.models.least_squares import CONVERGED, levenberg_marquardt
from tellapart.models.levenberg import (
    ANCHOR,
    ENCODER_SCALE,
    Parameters,
    ReferenceProblem,
    System,
)
from tellapart.models.networks import LinearHead, MLPPredictor, TableEncoder, fresh_weights
from tellapart.models.progress import FitProgress, FitResult, FitStatus, Throttle
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.table_adam import ENCODER_START, Snapshot, train_table
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import resolution

__all__ = [
    "GOOD_ENOUGH",
    "Options",
    "Run",
    "Trio",
    "or_default",
    "ratio_of",
    "reference_system",
    "reference_trio",
    "run_levenberg",
    "run_own",
    "run_table",
]

Trio = tuple[TableEncoder, MLPPredictor, LinearHead]

#: The table trainer stops here: twice as good as the premise needs.
TABLE_TARGET = 0.5
#: Levenberg-Marquardt begins again from fresh weights only if it ends above this loss.
GOOD_ENOUGH = 1e-8
_MAX_HISTORY = 400


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may set about a run; None: the method's own default.

    Attributes
    ----------
    encoder_scale
        How far the encoder moves where predictor and head move 1.
    anchor
        Weight of the anchor on the size of the latents; 0: no anchor.
    target
        Resolution ratio at which training stops.
    """

    encoder_scale: float | None = None
    anchor: float | None = None
    target: float | None = None


class Run:
    """One training run: what is trained, and what it has seen so far.

    Parameters
    ----------
    subject, mdp
        What is trained, on what.
    partition
        B* of ``mdp``.
    objective, seed
        As given to :func:`tellapart.models.fit.fit`.
    throttle
        Passes progress on.
    options
        See :class:`Options`.
    """

    def __init__(
        self,
        subject: Subject,
        mdp: DeterministicMDP,
        partition: Partition,
        objective: str,
        seed: int,
        throttle: Throttle[FitProgress],
        options: Options = Options(),
    ) -> None:
        self.subject, self.mdp, self.partition = subject, mdp, partition
        self.objective, self.seed, self.throttle = objective, seed, throttle
        self.options = options
        self.history: list[tuple[int, float, float]] = []
        self.ratio: float | None = None

    def note(self, step: int, total: int, dynamics: float, aux: float) -> None:
        """Remember one step and report it."""
        self.history.append((step, dynamics, aux))
        self.throttle(FitProgress(step, total, dynamics, aux, self.ratio))

    def result(
        self,
        status: FitStatus,
        method: str,
        steps: int,
        restarts: int = 0,
        measured: Evaluation | None = None,
    ) -> FitResult:
        """Evaluate the trained subject, unless that is done or its weights are lost; sum up."""
        if status is FitStatus.DIVERGED:
            ratio, last = math.inf, (steps, math.inf, math.inf)
        else:
            measured = evaluate(self.subject, self.mdp) if measured is None else measured
            ratio = measured.resolution(self.mdp, self.partition).ratio
            last = (steps, measured.dynamics_loss, measured.aux_loss)
        if status in (FitStatus.RESOLVED, FitStatus.STEP_LIMIT):
            status = FitStatus.RESOLVED if ratio < 1 else FitStatus.STEP_LIMIT
        self.throttle(FitProgress(steps, steps, *last[1:], ratio), force=True)
        earlier = [entry for entry in self.history if entry[0] < steps]
        return FitResult(
            status=status,
            method=method,
            objective=self.objective,
            steps=steps,
            ratio=ratio,
            history=(*_thinned(earlier), last),
            seed=self.seed,
            restarts=restarts,
        )


def _thinned(
    history: Sequence[tuple[int, float, float]],
) -> Sequence[tuple[int, float, float]]:
    """Keep evenly spaced entries of a long history."""
    stride = max(1, math.ceil(len(history) / _MAX_HISTORY))
    return history[::stride]


def reference_trio(subject: Subject, mdp: DeterministicMDP) -> Trio | None:
    """Return the three modules if they are the reference networks, fit together and can train."""
    encoder, predictor, head = subject.encoder, subject.predictor, subject.head
    # Exact types: a subclass may compute something else.
    if type(encoder) is not TableEncoder or type(predictor) is not MLPPredictor:
        return None
    if type(head) is not LinearHead or subject.observations is not None:
        return None
    d, q = encoder.table.shape[1], mdp.label_vectors.shape[1]
    fits = (
        encoder.table.shape[0] == mdp.n_obs
        and predictor.weight_in.shape[0] == d
        and predictor.action_bias.shape[0] == mdp.n_actions
        and head.weight.shape == (d, q)
    )
    weights = [p for part in (encoder, predictor, head) for p in part.parameters()]
    plain = all(p.requires_grad and p.device.type == "cpu" for p in weights)
    plain = plain and all(p.dtype == torch.float64 for p in weights)
    return (encoder, predictor, head) if fits and plain else None


def run_own(run: Run) -> FitResult:
    """Let the subject train itself."""
    train = run.subject.fit
    if train is not None:
        try:
            train(run.subject, run.mdp, run.seed)
        except SubjectError:
            raise
        except Exception as error:  # whatever a user's fit raises is reported as the fit's
            raise SubjectError("fit", f"raised {type(error).__name__}: {error}") from error
    return run.result(FitStatus.OWN, "own", 0)


def or_default(value: float | None, default: float) -> float:
    """Return what the user set, or the default."""
    return default if value is None else value


def reference_system(mdp: DeterministicMDP) -> tuple[System, LabelCoordinates]:
    """Return the MDP as tensors, and the coordinates in which its labels are trained."""
    labels = LabelCoordinates.of(torch.tensor(mdp.label_vectors))
    return System(torch.from_numpy(mdp.successors.astype(np.int64)), labels.targets), labels


def run_levenberg(run: Run, trio: Trio, max_steps: int) -> FitResult:
    """Train by Levenberg-Marquardt, once more from fresh weights if the first attempt fails."""
    system, labels = reference_system(run.mdp)
    options = run.options
    problem = ReferenceProblem(
        system, or_default(options.anchor, ANCHOR), or_default(options.encoder_scale, ENCODER_SCALE)
    )
    unit = float(labels.mixing.square().sum() / len(labels.mixing))
    best: tuple[float, Parameters] | None = None
    taken = attempts = 0
    with torch.no_grad():
        while attempts < 2 and (best is None or best[0] > GOOD_ENOUGH):
            if attempts:
                fresh_weights(*trio, seed=run.seed + 1)
            before = taken

            def report(step: int, p: Parameters, flat: Tensor, before: int = before) -> bool:
                dynamics, aux = problem.losses(flat, p.table.shape[1])
                run.note(before + step, 2 * max_steps, dynamics, aux * unit)
                return False

            begin = labels.start(Parameters.of(*trio))
            with torch.inference_mode():  # a seventh quicker on small systems
                weights, loss, steps = levenberg_marquardt(problem, begin, max_steps, report)
            taken, attempts = taken + steps, attempts + 1
            if best is None or loss < best[0]:
                best = (loss, weights)
    loss, weights = best if best is not None else (math.inf, Parameters.of(*trio))
    labels.finish(weights).store(*trio)
    status = FitStatus.CONVERGED if loss <= CONVERGED else FitStatus.STEP_LIMIT
    return run.result(status, "lm", taken, attempts - 1)


def run_table(run: Run, trio: Trio, max_steps: int) -> FitResult:
    """Train a large reference subject by :func:`tellapart.models.table_adam.train_table`."""
    system, labels = reference_system(run.mdp)
    unit = float(labels.mixing.square().sum() / len(labels.mixing))
    cadence, target = max(20, max_steps // 20), or_default(run.options.target, TABLE_TARGET)

    def watch(now: Snapshot) -> bool:
        if now.step % cadence == 0:
            labels.finish(now.parameters()).store(*trio)
            run.ratio = _quick_ratio(run)
        run.note(now.step, max_steps, now.dynamics_loss, now.aux_loss * unit)
        return run.ratio is not None and run.ratio <= target

    weights, steps = train_table(
        labels.start(Parameters.of(*trio)),
        system,
        max_steps,
        run.seed,
        watch,
        anchor=or_default(run.options.anchor, ANCHOR),
        encoder_speed=or_default(run.options.encoder_scale, ENCODER_START),
    )
    labels.finish(weights).store(*trio)
    finite = all(bool(torch.isfinite(w).all()) for part in trio for w in part.parameters())
    status = FitStatus.RESOLVED if finite else FitStatus.DIVERGED
    return run.result(status, "table-adam", steps)


def _quick_ratio(run: Run) -> float:
    """Measure the resolution ratio of the subject as it is."""
    scaling = Scaling(None, torch.tensor(run.mdp.label_vectors))
    with torch.no_grad():
        return ratio_of(run, forward(run.subject, run.mdp, torch.arange(run.mdp.n_obs), scaling))


def ratio_of(run: Run, out: Outputs) -> float:
    """Return the resolution ratio of outputs; infinite when they are not finite."""
    arrays = [t.detach().cpu().double().numpy() for t in (out.codes, out.predicted, out.read)]
    if not all(np.isfinite(array).all() for array in arrays):
        return math.inf
    return resolution(run.mdp, run.partition, *arrays).ratio
