"""The ways to train, brought to one form: each takes a run and returns its result."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tellapart.models.evaluation import evaluate
from tellapart.models.first_order import Outputs, Scaling, forward, phases, train_phase
from tellapart.models.label_coordinates import LabelCoordinates
from tellapart.models.least_squares import CONVERGED, levenberg_marquardt
from tellapart.models.levenberg import Parameters, ReferenceProblem, System
from tellapart.models.module_levenberg import ModuleProblem
from tellapart.models.networks import LinearHead, MLPPredictor, TableEncoder, fresh_weights
from tellapart.models.progress import FitProgress, FitResult, FitStatus, Throttle
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.table_adam import Snapshot, train_table
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import resolution

__all__ = [
    "Run",
    "Trio",
    "reference_trio",
    "run_first_order",
    "run_levenberg",
    "run_module_levenberg",
    "run_own",
    "run_table",
]

Trio = tuple[TableEncoder, MLPPredictor, LinearHead]

#: First-order training of any modules stops at this resolution ratio.
TARGET_RATIO = 0.1
#: The table trainer stops here: twice as good as the premise needs.
TABLE_TARGET = 0.5
#: Levenberg-Marquardt on modules stops here; in float32 it cannot go far below.
MODULE_TARGET = 1e-3
#: Levenberg-Marquardt begins again from fresh weights only if it ends above this loss.
GOOD_ENOUGH = 1e-8
_MAX_HISTORY = 400


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
    """

    def __init__(
        self,
        subject: Subject,
        mdp: DeterministicMDP,
        partition: Partition,
        objective: str,
        seed: int,
        throttle: Throttle,
    ) -> None:
        self.subject, self.mdp, self.partition = subject, mdp, partition
        self.objective, self.seed, self.throttle = objective, seed, throttle
        self.history: list[tuple[int, float, float]] = []
        self.ratio: float | None = None

    def note(self, step: int, total: int, dynamics: float, aux: float) -> None:
        """Remember one step and report it."""
        self.history.append((step, dynamics, aux))
        self.throttle(FitProgress(step, total, dynamics, aux, self.ratio))

    def result(self, status: FitStatus, method: str, steps: int, restarts: int = 0) -> FitResult:
        """Evaluate the trained subject, unless its weights are lost, and sum up."""
        if status is FitStatus.DIVERGED:
            ratio, last = math.inf, (steps, math.inf, math.inf)
        else:
            measured = evaluate(self.subject, self.mdp)
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


def _system(mdp: DeterministicMDP) -> tuple[System, LabelCoordinates]:
    """Return the MDP as tensors, and the coordinates in which its labels are trained."""
    labels = LabelCoordinates.of(torch.tensor(mdp.label_vectors))
    return System(torch.from_numpy(mdp.successors.astype(np.int64)), labels.targets), labels


def run_levenberg(run: Run, trio: Trio, max_steps: int) -> FitResult:
    """Train by Levenberg-Marquardt, once more from fresh weights if the first attempt fails."""
    system, labels = _system(run.mdp)
    problem = ReferenceProblem(system)
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

            weights, loss, steps = levenberg_marquardt(
                problem, labels.start(Parameters.of(*trio)), max_steps, report
            )
            taken, attempts = taken + steps, attempts + 1
            if best is None or loss < best[0]:
                best = (loss, weights)
    loss, weights = best if best is not None else (math.inf, Parameters.of(*trio))
    labels.finish(weights).store(*trio)
    status = FitStatus.CONVERGED if loss <= CONVERGED else FitStatus.STEP_LIMIT
    return run.result(status, "lm", taken, attempts - 1)


def run_table(run: Run, trio: Trio, max_steps: int) -> FitResult:
    """Train a large reference subject by :func:`tellapart.models.table_adam.train_table`."""
    system, labels = _system(run.mdp)
    unit = float(labels.mixing.square().sum() / len(labels.mixing))
    cadence = max(20, max_steps // 20)

    def watch(now: Snapshot) -> bool:
        if now.step % cadence == 0:
            labels.finish(now.parameters()).store(*trio)
            run.ratio = _quick_ratio(run)
        run.note(now.step, max_steps, now.dynamics_loss, now.aux_loss * unit)
        return run.ratio is not None and run.ratio <= TABLE_TARGET

    weights, steps = train_table(
        labels.start(Parameters.of(*trio)), system, max_steps, run.seed, watch
    )
    labels.finish(weights).store(*trio)
    finite = all(bool(torch.isfinite(w).all()) for part in trio for w in part.parameters())
    status = FitStatus.RESOLVED if finite else FitStatus.DIVERGED
    return run.result(status, "table-adam", steps)


def _quick_ratio(run: Run) -> float:
    """Measure the resolution ratio of the subject as it is."""
    scaling = Scaling(None, torch.tensor(run.mdp.label_vectors))
    with torch.no_grad():
        return _ratio_of(run, forward(run.subject, run.mdp, torch.arange(run.mdp.n_obs), scaling))


def _ratio_of(run: Run, out: Outputs) -> float:
    arrays = [t.detach().cpu().double().numpy() for t in (out.codes, out.predicted, out.read)]
    if not all(np.isfinite(array).all() for array in arrays):
        return math.inf
    return resolution(run.mdp, run.partition, *arrays).ratio


def run_module_levenberg(run: Run, max_steps: int, keep: bool) -> FitResult | None:
    """Train small modules by Levenberg-Marquardt; None, with the weights as before, if it fails.

    It fails when some operation of the modules has no batched derivative or, unless its result
    is to be kept whatever it is, when the residuals are not resolved at the end.
    """
    problem = ModuleProblem(run.subject, run.mdp)
    start = problem.start()

    def report(step: int, _: Sequence[Tensor], flat: Tensor) -> bool:
        out = problem.outputs()
        run.ratio = _ratio_of(run, out)
        dynamics, aux = problem.losses(out)
        run.note(step, max_steps, dynamics, aux)
        return run.ratio <= MODULE_TARGET

    try:
        weights, _, taken = levenberg_marquardt(problem, start, max_steps, report)
    except RuntimeError:  # torch names no narrower class for a missing batching rule
        weights, taken, run.ratio = start, 0, None
    if run.ratio is None or (run.ratio >= 1 and not keep):
        problem.set(start)
        run.history, run.ratio = [], None
        return None
    problem.set(weights)
    problem.scaling.fold()
    return run.result(FitStatus.RESOLVED, "lm", taken)


def run_first_order(
    run: Run, max_steps: int, learning_rate: float, weight_decay: float
) -> FitResult:
    """Train any modules by AdamW; the joint objective stops once it is well resolved."""
    scaling = Scaling(run.subject.head, torch.tensor(run.mdp.label_vectors))
    todo = phases(run.objective)
    total, taken, finite = max_steps * len(todo), 0, True
    cadence = max(25, max_steps // (80 if run.mdp.n_obs <= 2000 else 10))

    def watch(step: int, dynamics: float, aux: float) -> bool:
        nonlocal finite
        finite = math.isfinite(dynamics + aux)
        if run.objective == "joint" and finite and step and step % cadence == 0:
            with torch.no_grad():
                rows = torch.arange(run.mdp.n_obs)
                run.ratio = _ratio_of(run, forward(run.subject, run.mdp, rows, scaling))
        if finite:
            run.note(taken + step, total, dynamics, aux)
        return run.ratio is not None and run.ratio <= TARGET_RATIO

    for phase in todo:
        taken += train_phase(
            run.subject,
            run.mdp,
            phase,
            scaling,
            steps=max_steps,
            seed=run.seed,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            watch=watch,
        )
        if not finite or (run.ratio is not None and run.ratio <= TARGET_RATIO):
            break
    if any(name == "head" for phase in todo for name in phase.parts):
        scaling.fold()
    if not finite:
        status = FitStatus.DIVERGED
    else:
        status = FitStatus.RESOLVED if run.objective == "joint" else FitStatus.MINIMISED
    return run.result(status, "first-order", taken)
