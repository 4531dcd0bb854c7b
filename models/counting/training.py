"""Train one counting run: fresh frames in every step, and a checkpoint now and then."""

import copy
import json
import math
import operator
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from tellapart.models.counting.border import as_integer
from tellapart.models.counting.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from tellapart.models.counting.designs import AVERAGE_DECAY, counting_design
from tellapart.models.counting.emergence import Emergence, Look, Watcher
from tellapart.models.counting.losses import LossPoint, StepLosses, as_input
from tellapart.models.counting.networks import (
    CountingNetworks,
    RandomTarget,
    architecture,
    build_networks,
)
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.samples import CountingSampler
from tellapart.models.subject import SubjectError
from tellapart.models.threads import one_thread
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["TrainedCounting", "train_counting"]

EncoderFactory = Callable[[int], nn.Module]
Progress = Callable[[int, int, LossPoint], None]

_WARMUP, _FLOOR = 50, 0.02
#: Points that are kept of the history of the losses.
_POINTS = 100
# Streams of random numbers of one seed.
_FRAMES, _TARGET = 1, 2


@dataclass(frozen=True, eq=False, repr=False)
class TrainedCounting:
    """Networks after training.

    Attributes
    ----------
    plan
        What was trained.
    networks
        In evaluation mode.
    losses
        About a hundred points of the history, the last step included.
    emergence
        Which counts were told apart in the course of the training.
    cpu_seconds
        Of this process for training, those before an interruption included.
    """

    plan: CountingPlan
    networks: CountingNetworks
    losses: tuple[LossPoint, ...]
    emergence: Emergence
    cpu_seconds: float

    def __repr__(self) -> str:
        return f"TrainedCounting({self.plan!r}, {self.cpu_seconds:.1f} CPU seconds)"


def train_counting(
    plan: CountingPlan,
    *,
    encoder_factory: EncoderFactory | None = None,
    checkpoint: str | Path | None = None,
    every: int = 250,
    progress: Progress | None = None,
) -> TrainedCounting:
    """Train the networks of a plan.

    Parameters
    ----------
    plan
        What to train.
    encoder_factory
        ``seed -> nn.Module``, an encoder of pictures float32 ``[batch, 3, size, size]`` in [0, 1]
        to ``[batch, d]``. Default: the encoder of the plan's architecture.
    checkpoint
        A file to continue from, if it exists, and to save to.
    every
        Steps between two checkpoints.
    progress
        Called with step, number of steps and losses at each point of the history.

    Returns
    -------
    TrainedCounting

    Raises
    ------
    InvalidArgumentError
        For an encoder that is not of this form, or (``CheckpointError``) a file that is no
        checkpoint of this run.
    CheckpointWriteError
        When the checkpoint cannot be written.
    SubjectError
        When the losses become infinite or NaN.

    Notes
    -----
    Loss: ``mean (T(E(o), a) - E(o'))² + 10 mean (P(E(o)) - p(o))²`` over the coordinates, the
    second on both frames; designs leave out the gradients that they say. Adam, a linear warm-up,
    then half a cosine down to 2 %. On one torch thread the same plan gives the same bytes,
    interrupted or not.

    Examples
    --------
    >>> trained = train_counting(CountingPlan(steps=2, size=16, batch=4))
    >>> trained.losses[-1].step
    2
    """
    as_integer("every", every, 1)
    if (encoder_factory is None) != (plan.encoder is None):
        raise InvalidArgumentError(
            f"plan.encoder is {plan.encoder!r} and encoder_factory is "
            f"{'not ' if encoder_factory is None else ''}given; name a user's encoder in the plan "
            "and give its factory, or neither."
        )
    path = None if checkpoint is None else Path(checkpoint)
    with one_thread(), torch.random.fork_rng(devices=[]):
        run = _Run(plan, encoder_factory)
        saved = None if path is None else load_checkpoint(path, plan)
        if saved is not None:
            run.restore(saved)
        began = time.process_time() - run.seconds
        while run.step < plan.steps:
            point = run.advance()
            run.seconds = time.process_time() - began
            if path is not None and (run.step % every == 0 or run.step == plan.steps):
                save_checkpoint(path, plan, run.state())
            if point is not None and progress is not None:
                progress(run.step, plan.steps, point)
        run.networks.eval()
        return TrainedCounting(
            plan, run.networks, tuple(run.losses), run.watcher.found(), run.seconds
        )


class _Run:
    """Everything that moves during training."""

    def __init__(self, plan: CountingPlan, encoder_factory: EncoderFactory | None) -> None:
        self.plan, self.design = plan, counting_design(plan.design)
        chosen = architecture(plan.architecture)
        random = self.design.aux == "random"
        self.networks = build_networks(
            chosen, plan.seed, plan.size, labels=3 if plan.labels == "hue" else 1, random=random,
            encoder_factory=encoder_factory,
        )  # fmt: skip
        self.networks.train()
        self.average: nn.Module | None = None
        if self.design.reached == "average":
            self.average = copy.deepcopy(self.networks.encoder).requires_grad_(False)
        self.sampler = CountingSampler(plan)
        self.source = np.random.default_rng([plan.seed, _FRAMES])
        torch.manual_seed(plan.seed)  # dropout of a user's encoder, and directions of SIGReg
        target = self._random_target() if random else None
        rate = chosen.learning_rate
        encoder = list(self.networks.encoder.parameters())
        theirs = {id(weight) for weight in encoder}
        others = [w for w in self.networks.parameters() if id(w) not in theirs]
        groups = [{"params": others, "lr": rate}]
        if encoder:
            groups.append({"params": encoder, "lr": rate * chosen.encoder_speed})
        self.optimiser = torch.optim.Adam(groups)
        self.rates = [float(group["lr"]) for group in self.optimiser.param_groups]
        self.loss = StepLosses(self.design, self.networks, self.average, self.sampler, target)
        self.step, self.seconds = 0, 0.0
        self.losses: list[LossPoint] = []
        self.watcher = Watcher(plan)

    def _random_target(self) -> RandomTarget:
        source = np.random.default_rng([self.plan.seed, _TARGET])
        sample = self.sampler.transitions(256, source).before
        return RandomTarget(as_input(sample.pictures), int(source.integers(2**62)))

    def advance(self) -> LossPoint | None:
        """Do one step; return its losses where they are kept."""
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * _speed(self.step, self.plan.steps)
        batch = self.sampler.transitions(self.plan.batch, self.source)
        loss, point = self.loss(batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        if self.average is not None:
            _follow(self.average, self.networks.encoder)
        self.step += 1
        if self.watcher.due(self.step, self.plan.steps):
            self.watcher.look(self.networks.encoder, self.step)
        if self.step % max(1, self.plan.steps // _POINTS) and self.step != self.plan.steps:
            return None
        found = LossPoint(self.step, *(float(part.detach()) for part in point))
        if not math.isfinite(found.dynamics + found.label + found.other):
            raise SubjectError(
                "fit", f"of {self.plan!r} has diverged: {found!r}. Check the encoder, or scale its "
                "last layer down.",
            )  # fmt: skip
        self.losses.append(found)
        return found

    def state(self) -> dict[str, Any]:
        """Return everything that moves, for a checkpoint."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "networks": self.networks.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "frames": json.dumps(self.source.bit_generator.state),
            "torch": torch.get_rng_state(),
            "losses": [asdict(point) for point in self.losses],
            "looks": [asdict(look) for look in self.watcher.looks],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from what :meth:`state` gave."""
        try:
            self.networks.load_state_dict(state["networks"])
            if self.average is not None:
                self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
        except (RuntimeError, ValueError) as error:
            raise CheckpointError(
                f"The checkpoint belongs to other networks than this encoder: {error}"
            ) from error
        except (LookupError, TypeError, AttributeError) as error:
            raise _wrong_content(error) from error
        try:
            self.source.bit_generator.state = json.loads(state["frames"])
            torch.set_rng_state(state["torch"])
            self.step, self.seconds = operator.index(state["step"]), float(state["seconds"])
            self.losses = [LossPoint(**point) for point in state["losses"]]
            self.watcher.looks = [Look(**look) for look in state["looks"]]
        except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            raise _wrong_content(error) from error


def _wrong_content(error: Exception) -> CheckpointError:
    return CheckpointError(
        f"The checkpoint does not hold the state of a run ({type(error).__name__}: {error}). "
        "Delete it, or name another file."
    )


def _follow(average: nn.Module, encoder: nn.Module) -> None:
    """Move the average of the encoder a little towards it."""
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), encoder.parameters(), strict=True):
            slow.lerp_(fast, 1 - AVERAGE_DECAY)
        for old, new in zip(average.buffers(), encoder.buffers(), strict=True):
            old.copy_(new)


def _speed(step: int, steps: int) -> float:
    """Return the learning rate of a step relative to the highest."""
    warm = min(_WARMUP, max(1, steps // 10))
    if step < warm:
        return (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * done))
