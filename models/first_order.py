"""Adam for any subject made of ``nn.Module`` parts, on one loss or on both.

In joint training the dynamics loss is taken relative to the spread of the codes, because a raw loss
has no scale: an encoder may shrink its latents, and with them that loss, and learn nothing (S13).
Labels are read in units of half their gap, the precision that the premise asks for.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.resolution import label_gaps

__all__ = [
    "ENCODER_SPEED",
    "MAX_TRANSITIONS",
    "Batch",
    "Outputs",
    "Phase",
    "Scaling",
    "forward",
    "label_units",
    "last_linear",
    "loss_parts",
    "phases",
    "train_batches",
    "train_phase",
]

#: Transitions in one step at most; larger systems are trained on random batches of observations.
MAX_TRANSITIONS = 16_384
#: Learning rate of the encoder relative to the other parts in joint training. At 0.3 the codes of
#: large systems are pulled together before the predictor can tell them apart.
ENCODER_SPEED = 0.1
_WARMUP = 0.05


@dataclass(frozen=True)
class Outputs:
    """One forward pass on a batch of observations.

    Attributes
    ----------
    codes
        ``[b, d]``.
    predicted, reached
        T(E(o), a) and E(f(o, a)), ``[b, n_actions, d]``.
    read
        ``[b, label_dim]``, in the units of the labels.
    """

    codes: Tensor
    predicted: Tensor
    reached: Tensor
    read: Tensor


@dataclass(frozen=True)
class Batch:
    """A forward pass and what it is compared with.

    Attributes
    ----------
    out
        What the subject answered. ``codes`` and ``read`` may have other numbers of rows.
    labels
        ``[rows of out.read, label_dim]``.
    units
        The unit in which each of these labels has to be read, ``[rows of out.read]``.
    """

    out: Outputs
    labels: Tensor
    units: Tensor


@dataclass(frozen=True)
class Phase:
    """One stretch of training: which parts move, under which loss.

    Attributes
    ----------
    parts
        Names among ``encoder``, ``predictor``, ``head``.
    loss
        ``"joint"``, ``"dynamics"`` or ``"aux"``.
    frozen_codes
        True: the encoder is given no gradient.
    encoder_speed
        Learning rate of the encoder relative to the other parts.
    """

    parts: tuple[str, ...]
    loss: str
    frozen_codes: bool = False
    encoder_speed: float = 1.0


def phases(objective: str, encoder_speed: float = ENCODER_SPEED) -> tuple[Phase, ...]:
    """Return the phases of an objective.

    Joint training moves the encoder more slowly than the rest: otherwise it meets the dynamics
    loss early by pulling codes together, faster than the predictor learns to tell them apart.
    """
    aux = Phase(("encoder", "head"), "aux")
    everything = ("encoder", "predictor", "head")
    return {
        "joint": (Phase(everything, "joint", encoder_speed=encoder_speed),),
        "dynamics": (Phase(("encoder", "predictor"), "dynamics"),),
        "aux": (aux,),
        "decoupled": (aux, Phase(("predictor",), "dynamics", frozen_codes=True)),
    }[objective]


class Scaling:
    """Trains a head whose last layer is linear on standardised labels.

    Labels such as -100 would take thousands of small steps to reach. While the object is active
    the head's answer is multiplied by the spread of the labels and shifted by their mean;
    :meth:`fold` writes both into the last layer, so that the head itself reads labels.

    Parameters
    ----------
    head
        The subject's head. Heads that do not end in a linear layer with a bias are left alone.
    labels
        ``mdp.label_vectors`` as a tensor ``[n, label_dim]``.
    """

    def __init__(self, head: object, labels: Tensor) -> None:
        self.layer = last_linear(head, labels.shape[1])
        self.mean = labels.mean(dim=0)
        spread = labels.std(dim=0, correction=0)
        self.scale = torch.where(spread > 0, spread, torch.ones_like(spread))
        self.active = self.layer is not None

    def __call__(self, read: Tensor) -> Tensor:
        """Return the answer in the units of the labels."""
        if not self.active:
            return read
        return read * self.scale.to(read) + self.mean.to(read)

    def fold(self) -> None:
        """Write scale and shift into the layer; afterwards the object does nothing."""
        if not self.active or self.layer is None:
            return
        self.active = False
        with torch.no_grad():
            weight, bias = self.layer.get_parameter("weight"), self.layer.get_parameter("bias")
            scale, mean = self.scale.to(weight), self.mean.to(weight)
            outputs_first = isinstance(self.layer, nn.Linear)
            weight.mul_(scale.unsqueeze(1) if outputs_first else scale)
            bias.mul_(scale).add_(mean)


def last_linear(part: object, width: int) -> nn.Module | None:
    """Find the linear layer, with a trainable bias, whose output is the answer of a part."""
    from tellapart.models.networks import LinearHead

    while isinstance(part, nn.Sequential) and len(part):
        part = part[-1]
    if not isinstance(part, nn.Linear | LinearHead) or part.bias is None:
        return None
    return part if part.bias.shape == (width,) and part.bias.requires_grad else None


def forward(
    subject: Subject, mdp: DeterministicMDP, rows: Tensor, scaling: Scaling, frozen: bool = False
) -> Outputs:
    """Run the subject on some observations and on all their successors, with gradients."""
    successors = torch.from_numpy(mdp.successors[rows.numpy()].astype("int64"))
    b, n_actions = successors.shape
    everything = b == mdp.n_obs and bool((rows == torch.arange(b)).all())
    shown = rows if everything else torch.cat([rows, successors.reshape(-1)])
    encoded = subject.encoder(subject.inputs(mdp.n_obs, shown))
    if frozen:
        encoded = encoded.detach()
    codes = encoded[:b]
    reached = encoded[successors.to(encoded.device)] if everything else encoded[b:]
    actions = torch.arange(n_actions, device=codes.device).repeat(b)
    predicted = subject.predictor(codes.repeat_interleave(n_actions, dim=0), actions)
    return Outputs(
        codes=codes,
        predicted=predicted.view(b, n_actions, -1),
        reached=reached.reshape(b, n_actions, -1),
        read=scaling(subject.head(codes).reshape(b, -1)),
    )


def loss_parts(out: Outputs, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return dynamics and auxiliary loss: means of squared norms."""
    dynamics = (out.predicted - out.reached).square().sum(dim=2).mean()
    aux = (out.read - labels.to(out.read)).square().sum(dim=1).mean()
    return dynamics, aux


def label_units(mdp: DeterministicMDP) -> Tensor:
    """Return the unit in which each label has to be read: half its gap (S13), float64 ``[n]``."""
    units = torch.tensor(label_gaps(mdp)) / 2
    return torch.where(torch.isfinite(units), units, torch.ones_like(units))


def _objective(loss: str, out: Outputs, labels: Tensor, spread: Tensor, units: Tensor) -> Tensor:
    dynamics, aux = loss_parts(out, labels)
    if loss == "dynamics":
        return dynamics
    if loss == "aux":
        return aux / spread.to(aux)
    errors = (out.read - labels.to(out.read)).square().sum(dim=1)
    relative_aux = (errors / units.to(errors).square()).mean()
    # Coordinate by coordinate, so that no direction of the latents fades for another; the tiny
    # constant keeps a collapsed coordinate from dividing by zero.
    spread_of_codes = (out.codes - out.codes.mean(dim=0)).square().mean(dim=0)
    floor = torch.finfo(spread_of_codes.dtype).tiny ** 0.5
    squared = (out.predicted - out.reached).square().mean(dim=(0, 1))
    relative: Tensor = (squared / (spread_of_codes + floor)).sum()
    return relative + relative_aux


def _rows(n_obs: int, n_actions: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield batches of observations for ever: all of them, or a fresh random sample each."""
    size = min(n_obs, max(64, MAX_TRANSITIONS // n_actions))
    while True:
        if size == n_obs:
            yield torch.arange(n_obs)
        else:
            yield torch.randperm(n_obs, generator=generator)[:size]


def train_phase(
    subject: Subject,
    mdp: DeterministicMDP,
    phase: Phase,
    scaling: Scaling,
    *,
    steps: int,
    seed: int,
    learning_rate: float,
    weight_decay: float,
    watch: Callable[[int, float, float], bool],
) -> int:
    """Train some parts under one loss, in place.

    Parameters
    ----------
    subject, mdp, phase, scaling
        What is trained, and how.
    steps
        Step limit; the learning rate warms up and then falls to zero along a half cosine.
    seed
        Of the batches, where not everything fits into one.
    learning_rate, weight_decay
        Of AdamW; the decay acts on the encoder only.
    watch
        Called with step, dynamics and auxiliary loss before each step; True stops.

    Returns
    -------
    Steps taken; fewer than ``steps`` when ``watch`` stopped or the loss was not finite.
    """
    labels = torch.tensor(mdp.label_vectors)
    spread = (scaling.mean - labels).square().sum(dim=1).mean()
    units = label_units(mdp)
    rows_of_step = _rows(mdp.n_obs, mdp.n_actions, torch.Generator().manual_seed(seed))

    def draw() -> Batch:
        rows = next(rows_of_step)
        out = forward(subject, mdp, rows, scaling, phase.frozen_codes)
        return Batch(out, labels[rows], units[rows])

    return train_batches(
        subject, phase, draw, spread, steps=steps, learning_rate=learning_rate,
        weight_decay=weight_decay, watch=watch,
    )  # fmt: skip


def train_batches(
    subject: Subject,
    phase: Phase,
    draw: Callable[[], Batch],
    spread: Tensor,
    *,
    steps: int,
    learning_rate: float,
    weight_decay: float,
    watch: Callable[[int, float, float], bool],
) -> int:
    """Train some parts under one loss on batches of any kind, in place.

    Parameters
    ----------
    subject, phase
        What is trained, and how.
    draw
        Runs the subject on the next batch.
    spread
        Mean squared distance of the labels from their mean, the unit of the loss ``"aux"``; 0
        counts as 1.
    steps, learning_rate, weight_decay, watch
        As of :func:`train_phase`.

    Returns
    -------
    As :func:`train_phase`.
    """
    groups = _parameter_groups(subject, phase, learning_rate, weight_decay)
    if not groups:
        return 0
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda k: _rate(k, steps))
    spread = spread if float(spread) > 0 else torch.ones_like(spread)
    for step in range(steps):
        batch = draw()
        with torch.no_grad():
            dynamics, aux = (float(part) for part in loss_parts(batch.out, batch.labels))
        if watch(step, dynamics, aux) or not math.isfinite(dynamics + aux):
            return step
        loss = _objective(phase.loss, batch.out, batch.labels, spread, batch.units)
        if not loss.requires_grad:  # a constant head, or parts cut off: there is nothing to move
            return step
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return steps


def _rate(step: int, steps: int) -> float:
    warm = max(1, int(_WARMUP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _parameter_groups(
    subject: Subject, phase: Phase, learning_rate: float, weight_decay: float
) -> list[dict[str, object]]:
    """Collect the trainable weights of the phase; shared ones once, only the encoder decays."""
    groups: list[dict[str, object]] = []
    for name, weights in subject.trainable_weights(phase.parts).items():
        if weights:
            own = name == "encoder"
            rate = learning_rate * (phase.encoder_speed if own else 1.0)
            decay = weight_decay if own else 0.0
            groups.append({"params": weights, "lr": rate, "weight_decay": decay})
    return groups
