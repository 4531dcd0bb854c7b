"""Train any modules on one loss in three ways: alone, with weight decay, and pulled together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.counterexamples.descent import descend as solve
from tellapart.models.dropped.measure import Task
from tellapart.models.dropped.result import ReachWay
from tellapart.models.subject import Subject

__all__ = ["descend", "finish", "halve", "train"]

IntArray = npt.NDArray[np.int64]

#: Iterations between two looks at what was reached.
_CHUNK = 10
_MEMORY = 20
#: With decay: how often the matrices of the encoder are halved, and iterations after each time.
_HALVINGS, _BETWEEN = 16, 3
#: Weight of holding the size of the codes at what it was.
_ANCHOR = 0.3
#: Weight of pulling codes together, against the loss.
_PULL = 10.0
#: Residuals that are solved for at most, and steps of that.
_EQUATIONS, _SOLVE_STEPS = 400, 25
#: A loss, relative to the first codes, at which nothing but rounding is left.
_BOTTOM = 1e-26


@dataclass(frozen=True, eq=False)
class _Start:
    """Where a training began: unit of its residuals and size of its codes."""

    unit: float
    size: float


def train(
    subject: Subject, task: Task, way: ReachWay, max_steps: int, done: Callable[[], bool]
) -> int:
    """Train encoder and one other part on one loss, in place.

    Parameters
    ----------
    subject
        Fresh; the part that is not asked stays as built.
    task
        The system and the loss.
    way
        How: the loss alone; with the matrices of the encoder halved again and again, then the loss
        alone; or with the codes that may merge pulled together at constant size.
    max_steps
        Iterations of L-BFGS in all.
    done
        Whether more steps would change nothing that matters.

    Returns
    -------
    int
        Iterations made; 0 where no weight reaches the loss.

    Notes
    -----
    One pass over all observations and transitions, forward and backward, an iteration (about
    1.25 with the line search). Noise that parts draw from torch's global generator is the same in
    every pass.
    """
    weights = [w for own in subject.trainable_weights(("encoder", task.part)).values() for w in own]
    with torch.no_grad():
        first = task.run(subject).codes.double()
    start = _Start(task.unit(first.numpy()), float(first.square().sum(dim=1).mean().sqrt()) or 1.0)

    def loss() -> Tensor:
        out = task.run(subject)
        value = task.residuals(out, start.unit).square().sum()
        return value + _pulled(out.codes, task, start) if way is ReachWay.PULLED else value

    steps = 0
    if way is ReachWay.DECAY:
        for _ in range(min(_HALVINGS, max_steps // (2 * _BETWEEN))):
            halve(subject.encoder)
            steps += descend(loss, weights, _BETWEEN, lambda: False)
    return steps + descend(loss, weights, max_steps - steps, done)


def finish(subject: Subject, task: Task, groups: IntArray, unit: float) -> None:
    """Fit the part that answers on frozen codes, one observation of each group, in place.

    Codes that are merged leave few equations, which Levenberg-Marquardt solves to rounding where
    L-BFGS on everything would take many steps more. It is the same loss.

    Parameters
    ----------
    subject
        Trained.
    task
        The system and the loss.
    groups
        Indices of one observation of each group.
    unit
        Of the codes.
    """
    weights = subject.trainable_weights(("encoder", task.part))[task.part]
    residuals = task.distinct(subject, groups, unit)
    with torch.enable_grad():
        value = residuals()
    if weights and value.requires_grad and len(value) <= _EQUATIONS:
        frozen = [False] * len(weights)
        solve(residuals, weights, frozen, steps=_SOLVE_STEPS, done=lambda: False)


def _pulled(codes: Tensor, task: Task, start: _Start) -> Tensor:
    """Return what pulls codes of one class to their mean while their size stays."""
    means = codes.new_zeros((task.n_classes, codes.shape[1]))
    means = means.index_add(0, task.classes, codes) / task.class_sizes.to(codes)[:, None]
    apart = _PULL * (codes - means[task.classes]).square().sum(dim=1).mean() / start.unit**2
    size = codes.square().sum(dim=1).mean().clamp_min(1e-30).sqrt()
    return apart + (_ANCHOR * (size / start.size - 1)).square()


def halve(encoder: object) -> None:
    """Halve the trainable weights of an encoder that are matrices, or more."""
    if isinstance(encoder, nn.Module):
        with torch.no_grad():
            for weight in encoder.parameters():
                if weight.requires_grad and weight.ndim > 1:
                    weight.mul_(0.5)


def descend(
    loss: Callable[[], Tensor],
    weights: Sequence[nn.Parameter],
    steps: int,
    done: Callable[[], bool],
) -> int:
    """Minimise a loss over weights in place by L-BFGS with a line search.

    Parameters
    ----------
    loss
        Of the weights as they are; the same weights give the same number.
    weights
        What moves.
    steps
        Iterations at most.
    done
        Asked after every ten.

    Returns
    -------
    int
        Iterations made. A loss that becomes infinite ends it at the best weights before.
    """
    with torch.enable_grad():
        worth = loss()
    if not weights or not worth.requires_grad or steps < 1:
        return 0
    optimiser, made, best = _optimiser(weights, min(steps, _CHUNK)), 0, float(worth.detach())

    def closure() -> Tensor:
        optimiser.zero_grad(set_to_none=True)
        with torch.enable_grad():
            value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    while made < steps and not done():
        kept = [w.detach().clone() for w in weights]
        optimiser.param_groups[0]["max_iter"] = min(_CHUNK, steps - made)
        optimiser.step(closure)  # type: ignore[no-untyped-call]
        made += int(optimiser.param_groups[0]["max_iter"])
        with torch.no_grad():
            found = float(loss())
            if not found < best:
                for weight, value in zip(weights, kept, strict=True):
                    weight.copy_(value)
                break
        if found <= _BOTTOM:
            break
        best = found
    for weight in weights:
        weight.grad = None
    return made


def _optimiser(weights: Sequence[nn.Parameter], most: int) -> torch.optim.LBFGS:
    return torch.optim.LBFGS(
        list(weights), max_iter=most, history_size=_MEMORY, line_search_fn="strong_wolfe",
        tolerance_grad=0.0, tolerance_change=0.0,
    )  # fmt: skip
