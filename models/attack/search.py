"""One attempt: train a fresh subject on its losses while a pair is pulled together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from tellapart.models.attack.module_pull import ModulePull, descend
from tellapart.models.attack.pull import Pull, PulledReference
from tellapart.models.label_coordinates import LabelCoordinates
from tellapart.models.least_squares import Problem, levenberg_marquardt
from tellapart.models.levenberg import Parameters, System
from tellapart.models.module_levenberg import MAX_JACOBIAN, MAX_RESIDUALS, module_sizes
from tellapart.models.networks import dual_size
from tellapart.models.runs import Trio, reference_trio
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["PULLS", "Search", "pull_together"]

Point = TypeVar("Point")

#: Weights of the pull, one after the other. The last leaves a pair that resists at about a
#: millionth of the scale of the codes.
PULLS = (3.0, 1000.0)
#: Systems solved for each weight, at most.
_STEPS = 40
#: The same for Adam, which strong pulls would blind to everything else; steps for each weight.
_ADAM_PULLS = (1.0, 30.0)
_ADAM_STEPS, _ADAM_RATE = 600, 1e-2
#: Residuals of a reference subject up to which a step takes a tenth of a second.
_MAX_REFERENCE = 900
#: Stop when this many steps together gain less than a tenth of the sum of squares.
_WINDOW, _GAIN = 8, 0.9


@dataclass(frozen=True, slots=True)
class Search:
    """How an attempt was made.

    Attributes
    ----------
    method
        ``"lm"``, ``"module-lm"`` or ``"adam"``.
    steps
        Systems solved, or steps of Adam.
    """

    method: str
    steps: int


def pull_together(subject: Subject, mdp: DeterministicMDP, pull: Pull) -> Search:
    """Train a subject in place on the losses of ``pull``, its pair pulled ever more strongly.

    Parameters
    ----------
    subject
        Fresh; its parts are modules with something to train.
    mdp
        The system.
    pull
        The pair and what counts; its weight is replaced by each of :data:`PULLS` in turn.

    Notes
    -----
    Levenberg-Marquardt where the system solved is small: O(m³) a step for m residuals, m about
    n |A| d. Otherwise, or where an operation has no batched derivative, Adam.
    """
    trio = reference_trio(subject, mdp)
    if trio is not None and dual_size(mdp, trio[0].table.shape[1]) <= _MAX_REFERENCE:
        with torch.no_grad():
            return Search("lm", _reference(trio, mdp, pull))
    problem = ModulePull(subject, mdp, pull)
    search = _modules(problem, pull) if _is_small(subject, mdp) else None
    if search is None:
        pulls = [replace(pull, weight=weight) for weight in _ADAM_PULLS]
        search = Search("adam", descend(problem, pulls, _ADAM_STEPS, _ADAM_RATE))
    problem.scaling.fold()
    return search


def _reference(trio: Trio, mdp: DeterministicMDP, pull: Pull) -> int:
    successors = torch.from_numpy(mdp.successors.astype(np.int64))
    point, steps = Parameters.of(*trio), 0
    labels = LabelCoordinates.of(torch.tensor(mdp.label_vectors))
    if pull.aux:
        point, targets = labels.start(point), labels.targets
    else:
        targets = torch.zeros((mdp.n_obs, point.head_bias.shape[0]), dtype=torch.float64)
    for weight in PULLS:
        problem = PulledReference(System(successors, targets), replace(pull, weight=weight))
        point, taken = _solve(problem, point)
        steps += taken
    (labels.finish(point) if pull.aux else point).store(*trio)
    return steps


def _is_small(subject: Subject, mdp: DeterministicMDP) -> bool:
    sizes = module_sizes(subject, mdp)
    return sizes is not None and sizes[0] <= MAX_RESIDUALS and sizes[0] * sizes[1] <= MAX_JACOBIAN


def _modules(problem: ModulePull, pull: Pull) -> Search | None:
    """Solve by Levenberg-Marquardt; None, weights as before, without a batched derivative."""
    start, steps = problem.start(), 0
    point: Sequence[Tensor] = start
    try:
        for weight in PULLS:
            problem.pull = replace(pull, weight=weight)
            point, taken = _solve(problem, point)
            steps += taken
    except RuntimeError:  # torch names no narrower class for a missing batching rule
        problem.set(start)
        return None
    problem.set(point)
    return Search("module-lm", steps)


def _solve(problem: Problem[Point], start: Point) -> tuple[Point, int]:
    point, _, taken = levenberg_marquardt(problem, start, _STEPS, _stalled())
    return point, taken


def _stalled() -> Callable[[int, object, Tensor], bool]:
    history: list[float] = []

    def report(step: int, point: object, residuals: Tensor) -> bool:
        history.append(float(residuals.square().sum()))
        return len(history) > _WINDOW and history[-1] > _GAIN * history[-1 - _WINDOW]

    return report
