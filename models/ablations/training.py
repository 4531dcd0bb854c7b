"""Train one design on many systems of one shape at once, each from its own seed.

The networks and the first-order losses are those of :mod:`tellapart.models.first_order` with a
leading dimension for the seeds. On systems of a dozen observations a step costs the starting of
operations, not arithmetic, so ten seeds together take hardly longer than one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.ablations.designs import AVERAGE_DECAY, AblationDesign, Stage
from tellapart.models.first_order import label_units
from tellapart.models.networks import (
    LinearHead,
    MLPPredictor,
    TableEncoder,
    reference_sizes,
    reference_subject,
)
from tellapart.models.threads import one_thread
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Outcome", "train_batch"]

FloatArray = npt.NDArray[np.float64]
Weights = dict[str, Tensor]

LEARNING_RATE = 1e-2
_WARMUP = 0.05


@dataclass(frozen=True)
class Outcome:
    """What one trained subject answers, and the codes it began with.

    Attributes
    ----------
    codes, first_codes
        E(o) after and before training, float64 ``[n, d]``.
    predicted
        T(E(o), a), float64 ``[n, n_actions, d]``.
    read
        P(E(o)) in the units of the label that was trained on, float64 ``[n, label_dim]``.
    """

    codes: FloatArray
    first_codes: FloatArray
    predicted: FloatArray
    read: FloatArray


class _Batch:
    """Data of the systems, stacked; and the losses of stacked weights, one number a system."""

    def __init__(self, systems: Sequence[DeterministicMDP]) -> None:
        self.successors = torch.stack(
            [torch.from_numpy(m.successors.astype(np.int64)) for m in systems]
        )
        self.labels = torch.stack([torch.tensor(m.label_vectors) for m in systems])
        self.units = torch.stack([label_units(m) for m in systems])
        self.mean = self.labels.mean(dim=1, keepdim=True)
        spread = self.labels.std(dim=1, keepdim=True, correction=0)
        self.scale = torch.where(spread > 0, spread, torch.ones_like(spread))
        variance = (self.labels - self.mean).square().sum(dim=2).mean(dim=1)
        self.variance = torch.where(variance > 0, variance, torch.ones_like(variance))

    def predicted(self, p: Weights) -> Tensor:
        """Return T(E(o), a) as ``[seeds, n * n_actions, d]``."""
        before = (p["table"] @ p["weight_in"]).unsqueeze(2) + p["action_bias"].unsqueeze(1)
        hidden = torch.tanh(before).flatten(1, 2)
        return torch.baddbmm(p["bias_out"].unsqueeze(1), hidden, p["weight_out"])

    def reached(self, codes: Tensor) -> Tensor:
        """Return E(f(o, a)) in the same layout."""
        index = self.successors.flatten(1).unsqueeze(2).expand(-1, -1, codes.shape[2])
        return codes.gather(1, index)

    def read(self, p: Weights) -> Tensor:
        """Return the answers of the heads; heads learn standardised labels."""
        raw = torch.baddbmm(p["head_bias"].unsqueeze(1), p["table"], p["head_weight"])
        return raw * self.scale + self.mean

    def loss(self, stage: Stage, p: Weights, average: Tensor) -> Tensor:
        """Return the loss of a stage, ``[seeds]``."""
        loss = torch.zeros(len(self.labels), dtype=self.labels.dtype)
        if stage.dynamics != "none":
            loss = loss + self._dynamics(stage, p, average)
        if stage.aux != "none":
            errors = (self.read(p) - self.labels).square().sum(dim=2)
            in_gaps = stage.aux == "gap"
            loss = loss + (
                (errors / self.units.square()).mean(dim=1)
                if in_gaps
                else errors.mean(dim=1) / self.variance
            )
        return loss

    def _dynamics(self, stage: Stage, p: Weights, average: Tensor) -> Tensor:
        codes = {"live": p["table"], "stopped": p["table"].detach(), "average": average}
        target = codes[stage.reached]
        squared = (self.predicted(p) - self.reached(target)).square().mean(dim=1)
        if stage.dynamics == "raw":
            return squared.sum(dim=1)
        # As in joint training elsewhere: coordinate by coordinate, because a raw loss has no scale.
        spread = (target - target.mean(dim=1, keepdim=True)).square().mean(dim=1)
        floor = torch.finfo(spread.dtype).tiny ** 0.5
        relative: Tensor = (squared / (spread + floor)).sum(dim=1)
        return relative


def train_batch(
    design: AblationDesign,
    tasks: Sequence[DeterministicMDP],
    systems: Sequence[DeterministicMDP],
    *,
    seeds: Sequence[int],
    steps: int,
    weight_decay: float,
) -> list[Outcome]:
    """Train fresh subjects of one design, one for each system and seed.

    Parameters
    ----------
    design
        What is trained under which loss.
    tasks
        Systems of one shape. They fix the sizes of the networks, so that all designs begin with
        the same encoder and predictor.
    systems
        The same systems with the labels of the design's auxiliary loss.
    seeds
        Of the weights, as of :func:`~tellapart.models.networks.reference_subject`.
    steps
        Of AdamW in each stage; the learning rate warms up and then falls along a half cosine.
    weight_decay
        Of the encoder; the other parts have none.

    Returns
    -------
    One outcome for each system.

    Notes
    -----
    O(seeds n |A| h d) time a step. On one torch thread: the same call gives the same bytes.
    """
    with one_thread():
        batch, weights = _Batch(systems), _start(tasks, systems, seeds)
        first = weights["table"].clone()
        for stage in design.stages:
            _train_stage(batch, weights, stage, steps, weight_decay)
        with torch.no_grad():
            shape = (*batch.successors.shape, first.shape[2])
            outputs = weights["table"], first, batch.predicted(weights), batch.read(weights)
            codes, before, predicted, read = (part.detach().numpy() for part in outputs)
            parts = zip(codes, before, predicted.reshape(shape), read, strict=True)
            return [Outcome(*part) for part in parts]


def _start(
    tasks: Sequence[DeterministicMDP], systems: Sequence[DeterministicMDP], seeds: Sequence[int]
) -> Weights:
    """Stack the weights of untrained reference subjects."""
    rows: list[dict[str, Tensor]] = []
    for task, system, seed in zip(tasks, systems, seeds, strict=True):
        d, hidden = reference_sizes(task)
        subject = reference_subject(system, seed=seed, latent_dim=d, hidden=hidden)
        encoder, predictor, head = subject.encoder, subject.predictor, subject.head
        assert isinstance(encoder, TableEncoder)  # noqa: S101 - what reference_subject builds
        assert isinstance(predictor, MLPPredictor)  # noqa: S101
        assert isinstance(head, LinearHead)  # noqa: S101
        rows.append(
            {
                "table": encoder.table, "weight_in": predictor.weight_in,
                "action_bias": predictor.action_bias, "weight_out": predictor.weight_out,
                "bias_out": predictor.bias_out, "head_weight": head.weight, "head_bias": head.bias,
            }
        )  # fmt: skip
    return {name: torch.stack([row[name].detach() for row in rows]) for name in rows[0]}


def _train_stage(
    batch: _Batch, weights: Weights, stage: Stage, steps: int, weight_decay: float
) -> None:
    """Move the weights of a stage, in place."""
    for name, weight in weights.items():
        weight.requires_grad_(name in stage.weights)
    average = weights["table"].detach().clone()
    others = [weights[name] for name in stage.weights if name != "table"]
    groups = [{"params": others, "lr": LEARNING_RATE, "weight_decay": 0.0}]
    if "table" in stage.weights:
        rate = LEARNING_RATE * stage.encoder_speed
        table = {"params": [weights["table"]], "lr": rate, "weight_decay": weight_decay}
        groups.append(table)
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda k: _rate(k, steps))
    for _ in range(steps):
        # The losses of the seeds share no weight, so their sum trains each as if it were alone.
        loss = batch.loss(stage, weights, average).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if stage.reached == "average":
            average.lerp_(weights["table"].detach(), 1 - AVERAGE_DECAY)


def _rate(step: int, steps: int) -> float:
    warm = max(1, int(_WARMUP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
