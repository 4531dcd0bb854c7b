"""Advice from what training did: its status, its steps, and whether its losses still fell."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from tellapart.properties.suite.advice_item import Advice, numbers_of
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.models.progress import FitResult
    from tellapart.properties.check_report import CheckReport

__all__ = ["from_training"]

History = Sequence[tuple[int, float, float]]

#: A loss still falls when its median over the last quarter is below this share of the one before.
FALLING = 0.9
#: Entries of a trace below which nothing is said of its direction.
MIN_ENTRIES = 8


def from_training(report: "CheckReport") -> Iterator[Advice]:
    """Advise on a run whose premise is unmet, from its :class:`FitResult` alone."""
    from tellapart.models.progress import FitStatus

    training = report.training
    if training is None or training.status is FitStatus.UNTRAINED:
        yield _untrained(report)
    elif training.status is FitStatus.DIVERGED or not _finite(training.history):
        yield _diverged(training)
    elif training.objective != "joint" and training.status is not FitStatus.OWN:
        yield _one_loss(report, training)
    elif training.status is FitStatus.STEP_LIMIT:
        yield from _stopped(report, training)


def _untrained(report: "CheckReport") -> Advice:
    measured = report.judgement.resolution
    return Advice(
        "untrained",
        f"Nothing was trained, and the subject as built is not resolved (ratio "
        f"{measured.ratio:.3g}).",
        "Give the parts trainable weights (nn.Module, requires_grad=True), or the subject a fit of "
        "its own; a constructed subject needs other tables.",
        "measured",
        numbers_of(dynamics_ratio=measured.dynamics_ratio, aux_ratio=measured.aux_ratio),
    )


def _finite(history: History) -> bool:
    return all(math.isfinite(dynamics + aux) for _, dynamics, aux in history)


def _diverged(training: "FitResult") -> Advice:
    sizes = [dynamics + aux for _, dynamics, aux in training.history]
    finite = [size for size in sizes if math.isfinite(size)]
    start = f", after {finite[-1]:.3g} when last finite" if finite else ""
    return Advice(
        "diverged",
        f"The loss became infinite or NaN within {count(training.steps, 'step')}{start}.",
        "Lower the learning rate (by a factor of ten to begin with), clip gradients, or scale "
        "observations and labels to about 1.",
        "measured",
        numbers_of(steps=training.steps, finite_entries=len(finite)),
    )


def _one_loss(report: "CheckReport", training: "FitResult") -> Advice:
    measured = report.judgement.resolution
    what = {
        "dynamics": "on the dynamics loss only, so nothing asks it to read the label",
        "aux": "on the auxiliary loss only, so nothing asks it to predict",
        "decoupled": "on the auxiliary loss only, and the predictor was fitted to frozen latents",
    }.get(training.objective, f"on the objective {training.objective!r} only")
    return Advice(
        "one-loss",
        f"The encoder was trained {what} (ratios: dynamics {measured.dynamics_ratio:.3g}, "
        f"auxiliary {measured.aux_ratio:.3g}; below 1 is met).",
        "Train both losses together (objective='joint'): hypothesis joint_training.",
        "measured",
        numbers_of(
            steps=training.steps,
            dynamics_ratio=measured.dynamics_ratio,
            aux_ratio=measured.aux_ratio,
        ),
    )


@dataclass(frozen=True)
class _Trend:
    """Medians of one loss over the second, third and last quarter of the last attempt."""

    name: str
    second: float
    third: float
    last: float

    @property
    def falling(self) -> bool:
        return self.last < FALLING * self.third

    @property
    def fell(self) -> bool:
        return self.third < FALLING * self.second


def _stopped(report: "CheckReport", training: "FitResult") -> Iterator[Advice]:
    """Look at the losses whose premise is unmet: one that still falls, or none that does."""
    measured, attempt = report.judgement.resolution, _last_attempt(training)
    # Codes that come together make the dynamics loss fall: no sign that more steps would help.
    merging = report.judgement.separation.n_merged > 0
    unmet = [("dynamics", 1)] * (measured.dynamics_ratio >= 1 and not merging)
    unmet += [("auxiliary", 2)] * (measured.aux_ratio >= 1)
    if len(attempt) >= MIN_ENTRIES:
        trends = [_trend(name, [entry[column] for entry in attempt]) for name, column in unmet]
        for trend in sorted(trends, key=lambda row: (not row.falling, not row.fell))[:1]:
            yield _from_trend(training, measured.ratio, trend)
    elif unmet:
        yield Advice(
            "stopped-early",
            f"Training stopped at its limit after {count(training.steps, 'step')} (ratio "
            f"{measured.ratio:.3g}; below 1 is met), too few to tell whether the loss was still "
            "falling, which it may have been.",
            f"Allow more steps: {_more_steps(training)}.",
            "possible",
            numbers_of(steps=training.steps, ratio=measured.ratio),
        )


def _from_trend(training: "FitResult", ratio: float, trend: _Trend) -> Advice:
    fades = training.method != "lm"  # the others let their learning rates fall to zero
    early = trend.falling or (fades and trend.fell)
    if trend.falling:
        how = f"while the {trend.name} loss was still falling"
    elif early:
        how = f"with the {trend.name} loss falling until the learning rate faded, so more may help"
    else:
        how = f"with the {trend.name} loss no longer falling"
    return Advice(
        "stopped-early" if early else "plateau",
        f"Training stopped after {count(training.steps, 'step')} {how}: {trend.second:.3g}, "
        f"{trend.third:.3g} and {trend.last:.3g} in the second, third and last quarter (ratio "
        f"{ratio:.3g}; below 1 is met).",
        f"Allow more steps: {_more_steps(training)}."
        if early
        else "More steps alone will hardly help: try another seed, a wider predictor, a larger "
        "latent dimension, or another learning rate.",
        "possible" if early and not trend.falling else "measured",
        numbers_of(
            steps=training.steps,
            ratio=ratio,
            second_quarter=trend.second,
            third_quarter=trend.third,
            last_quarter=trend.last,
        ),
    )


def _more_steps(training: "FitResult") -> str:
    """Name the argument, and the learning rate where the method has one."""
    attempts = training.restarts + 1
    steps = f"fit(..., max_steps={4 * max(1, math.ceil(training.steps / attempts))})"
    if training.method == "first-order":
        return f"{steps}, or a higher learning_rate"
    return f"{steps}, called by a fit of the subject's own"


def _last_attempt(training: "FitResult") -> History:
    """Return the entries after the last restart: the loss jumps up where fresh weights begin."""
    history = training.history
    for _ in range(training.restarts and 1):
        sizes = [math.log(max(dynamics + aux, 1e-300)) for _, dynamics, aux in history]
        jumps = [after - before for before, after in pairwise(sizes)]
        if jumps and max(jumps) > 0:
            history = history[jumps.index(max(jumps)) + 1 :]
    return history


def _trend(name: str, values: Sequence[float]) -> _Trend:
    n = len(values)
    cuts = (values[n // 4 : n // 2], values[n // 2 : 3 * n // 4], values[3 * n // 4 :])
    return _Trend(name, *map(median, cuts))
