"""Training of any modules, brought to the form of a run: Levenberg-Marquardt, or AdamW."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from tellapart.models.first_order import (
    ENCODER_SPEED,
    Outputs,
    Scaling,
    forward,
    loss_parts,
    phases,
    train_phase,
)
from tellapart.models.joint_modules import (
    fit_labels,
    polish,
    standardise_codes,
    trains_by_newton,
)
from tellapart.models.least_squares import levenberg_marquardt
from tellapart.models.levenberg import ANCHOR
from tellapart.models.module_levenberg import ENCODER_SCALE, ModuleProblem
from tellapart.models.progress import FitResult, FitStatus
from tellapart.models.runs import Run, or_default, ratio_of

__all__ = ["run_first_order", "run_module_levenberg"]

#: First-order training of any modules stops at this resolution ratio.
TARGET_RATIO = 0.1
#: Levenberg-Marquardt on modules stops here: near what the rounding of the weights' type leaves.
MODULE_TARGET = {torch.float32: 1e-5, torch.float64: 1e-13}
#: Rounds of Gauss-Newton steps after Adam at most; one for each hundred steps allowed.
POLISH_ROUNDS = 8


def run_module_levenberg(run: Run, max_steps: int, keep: bool) -> FitResult | None:
    """Train small modules by Levenberg-Marquardt; None, with the weights of the start, if it fails.

    It fails when some operation of the modules has no batched derivative or, unless its result
    is to be kept whatever it is, when the residuals are not resolved at the end.
    """
    options = run.options
    standardise_codes(run.subject, run.mdp)
    problem = ModuleProblem(
        run.subject,
        run.mdp,
        or_default(options.anchor, ANCHOR),
        or_default(options.encoder_scale, ENCODER_SCALE),
    )
    start = problem.start()
    coarse = any(weight.dtype == torch.float32 for weight in start)
    target = or_default(options.target, MODULE_TARGET[torch.float32 if coarse else torch.float64])

    def report(step: int, _: Sequence[Tensor], flat: Tensor) -> bool:
        out = problem.outputs()
        run.ratio = ratio_of(run, out)
        dynamics, aux = problem.losses(out)
        run.note(step, max_steps, dynamics, aux)
        return run.ratio <= target

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
    joint, target = run.objective == "joint", or_default(run.options.target, TARGET_RATIO)
    speed = or_default(run.options.encoder_scale, ENCODER_SPEED)
    todo = phases(run.objective, speed)
    total, taken, finite = max_steps * len(todo), 0, True
    cadence = max(25, max_steps // (80 if run.mdp.n_obs <= 2000 else 10))
    if joint:
        standardise_codes(run.subject, run.mdp)
        fit_labels(run.subject, run.mdp, scaling, run.seed)

    def watch(step: int, dynamics: float, aux: float) -> bool:
        nonlocal finite
        finite = math.isfinite(dynamics + aux)
        if joint and finite and step and step % cadence == 0:
            _measure(run, scaling)
        if finite:
            run.note(taken + step, total, dynamics, aux)
        return run.ratio is not None and run.ratio <= target

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
        if not finite or (run.ratio is not None and run.ratio <= target):
            break
    if joint and finite and weight_decay == 0:
        taken += _polish(run, scaling, taken, min(POLISH_ROUNDS, max_steps // 100))
    if any(name == "head" for phase in todo for name in phase.parts):
        scaling.fold()
    if not finite:
        status = FitStatus.DIVERGED
    else:
        status = FitStatus.RESOLVED if joint else FitStatus.MINIMISED
    return run.result(status, "first-order", taken)


def _measure(run: Run, scaling: Scaling) -> Outputs:
    """Measure the resolution ratio of the modules as they are."""
    with torch.no_grad():
        out = forward(run.subject, run.mdp, torch.arange(run.mdp.n_obs), scaling)
    run.ratio = ratio_of(run, out)
    return out


def _polish(run: Run, scaling: Scaling, before: int, rounds: int) -> int:
    """Finish by Gauss-Newton steps until nothing is gained; return the steps taken."""
    _measure(run, scaling)
    taken, labels = 0, torch.tensor(run.mdp.label_vectors)
    target = or_default(run.options.target, TARGET_RATIO)
    speed = or_default(run.options.encoder_scale, ENCODER_SPEED)
    for _ in range(rounds if trains_by_newton(run.subject, run.mdp) else 0):
        if run.ratio is None or run.ratio <= target or not math.isfinite(run.ratio):
            break
        kept, ratio = [w.detach().clone() for w in _trainable(run)], run.ratio
        try:
            taken += polish(run.subject, run.mdp, run.partition, scaling, speed)
        except RuntimeError:  # some operation has no second derivative: Adam's result stands
            break
        out = _measure(run, scaling)
        if run.ratio > ratio:
            with torch.no_grad():
                for weight, value in zip(_trainable(run), kept, strict=True):
                    weight.copy_(value)
            run.ratio = ratio
            break
        dynamics, aux = loss_parts(out, labels)
        run.note(before + taken, before + taken, float(dynamics), float(aux))
    return taken


def _trainable(run: Run) -> list[torch.nn.Parameter]:
    return [w for own in run.subject.trainable_weights().values() for w in own]
