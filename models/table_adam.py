"""Adam for reference subjects that are too large for Levenberg-Marquardt.

Same networks and same two losses; what makes it quick and reliable, all measured on Taxi (504
observations, 6 actions): the hidden layer's input is computed once for each observation and shared
by the actions; the weights train in float32; the labels, which are often rare events, are fitted
first (a few cheap steps of encoder and head); afterwards the encoder moves more slowly than the
predictor, so that the dynamics loss is not met by pulling codes together.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tellapart.models.levenberg import ANCHOR, Parameters, System

__all__ = ["MAX_BATCH", "Snapshot", "train_table"]

#: Transitions in one step at most.
MAX_BATCH = 8192
LABEL_STEPS = 300
LABEL_RATE, RATE = 0.03, 0.02
#: Speed of the encoder relative to the predictor: at the start, and from half of the steps on.
ENCODER_START, ENCODER_END = 0.15, 0.01
_WARM = 30


@dataclass(frozen=True)
class Snapshot:
    """Where training is.

    Attributes
    ----------
    step
        Steps taken.
    dynamics_loss, aux_loss
        Of the last batch; the auxiliary loss is of standardised labels.
    parameters
        A float64 copy of the weights.
    """

    step: int
    dynamics_loss: float
    aux_loss: float
    parameters: Callable[[], Parameters]


def train_table(
    start: Parameters,
    system: System,
    max_steps: int,
    seed: int,
    watch: Callable[[Snapshot], bool],
    *,
    anchor: float = ANCHOR,
    encoder_speed: float = ENCODER_START,
) -> tuple[Parameters, int]:
    """Minimise the anchored joint loss.

    Parameters
    ----------
    start, system
        Weights and data; labels are expected in standardised form.
    max_steps
        Step limit; the schedule of the learning rates is stretched to it.
    seed
        Of the batches, where the transitions do not fit into one.
    watch
        Called after every step; True stops.
    anchor
        Weight of the anchor on the size of the latents, as in Levenberg-Marquardt.
    encoder_speed
        Learning rate of the encoder relative to the predictor at the start; it fades.

    Returns
    -------
    The final weights, float64, and the number of steps taken.

    Notes
    -----
    O(b |A| h d) time and O(b |A| h) memory a step for a batch of b observations.
    """
    names = list(Parameters.__dataclass_fields__)
    weights = {k: getattr(start, k).float().requires_grad_() for k in names}
    current = Parameters(**weights)
    targets = system.targets.float()

    def copy() -> Parameters:
        return Parameters(*(w.detach().double() for w in weights.values()))

    _fit_labels(current, targets, anchor)
    optimiser = torch.optim.Adam(
        [
            {"params": [current.table], "lr": RATE},
            {"params": [w for k, w in weights.items() if k != "table"], "lr": RATE},
        ],
        betas=(0.9, 0.99),
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        [lambda k: _encoder_rate(k, max_steps, encoder_speed), lambda k: _rate(k, max_steps)],
    )
    generator = torch.Generator().manual_seed(seed)
    for step in range(1, max_steps + 1):
        dynamics, aux, spread_error = _loss_terms(current, system.successors, targets, generator)
        loss = dynamics + aux + anchor**2 * spread_error
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        shown = Snapshot(step, float(dynamics.detach()), float(aux.detach()), copy)
        if watch(shown) or not math.isfinite(float(loss.detach())):
            return copy(), step
    return copy(), max_steps


def _spread_error(table: Tensor) -> Tensor:
    return (table.square().mean(dim=0) - 1).square().sum()


def _aux_loss(p: Parameters, targets: Tensor) -> Tensor:
    return (p.table @ p.head_weight + p.head_bias - targets).square().sum(dim=1).mean()


def _fit_labels(p: Parameters, targets: Tensor, anchor: float) -> None:
    """Let encoder and head meet the auxiliary loss before the joint training."""
    optimiser = torch.optim.Adam([p.table, p.head_weight, p.head_bias], lr=LABEL_RATE)
    for _ in range(LABEL_STEPS):
        loss = _aux_loss(p, targets) + anchor**2 * _spread_error(p.table)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def _loss_terms(
    p: Parameters, successors: Tensor, targets: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    n, n_actions = successors.shape
    size = max(1, MAX_BATCH // n_actions)
    table = p.table
    if size < n:
        rows = torch.randperm(n, generator=generator)[:size]
        table, successors = table[rows], successors[rows]
    hidden = torch.tanh((table @ p.weight_in).unsqueeze(1) + p.action_bias).flatten(0, 1)
    difference = hidden @ p.weight_out + p.bias_out - p.table[successors.reshape(-1)]
    return difference.square().sum(dim=1).mean(), _aux_loss(p, targets), _spread_error(p.table)


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / _WARM) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))


def _encoder_rate(step: int, steps: int, start: float) -> float:
    early = max(0.0, 1 - 2 * step / steps) ** 2
    fade = min(1.0, 2 * (1 - min(1.0, step / steps)))
    end = start * ENCODER_END / ENCODER_START
    speed = end + (start - end) * early
    return min(1.0, (step + 1) / _WARM) * speed * fade
