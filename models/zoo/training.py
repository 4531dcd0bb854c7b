"""How the world models of the zoo train: Adam on a loss, and a head fitted on frozen codes."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.subject import Subject
from tellapart.models.threads import one_thread
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Transitions", "codes_of", "fit_head", "minimise", "seeded"]

_CLIP = 20.0


@dataclass(frozen=True)
class Transitions:
    """A system as tensors.

    Attributes
    ----------
    successors
        int64 ``[n, n_actions]``.
    labels
        ``[n, label_dim]``, float32.
    """

    successors: Tensor
    labels: Tensor

    @classmethod
    def of(cls, mdp: DeterministicMDP) -> Self:
        """Return the tensors of a system."""
        return cls(
            torch.from_numpy(mdp.successors.astype(np.int64)),
            torch.tensor(mdp.label_vectors, dtype=torch.float32),
        )

    def pairs(self) -> tuple[Tensor, Tensor]:
        """Return observation and action of all pairs, int64 ``[n * n_actions]`` each."""
        n, n_actions = self.successors.shape
        return torch.arange(n).repeat_interleave(n_actions), torch.arange(n_actions).repeat(n)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from torch's global generator with a seed, on one thread; both are put back."""
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def codes_of(subject: Subject, mdp: DeterministicMDP) -> Tensor:
    """Return the codes of all observations, ``[n, d]``, with gradients."""
    codes = subject.encoder(subject.inputs(mdp.n_obs))
    return codes


def minimise(
    weights: Iterable[nn.Parameter],
    loss: Callable[[], Tensor],
    *,
    steps: int,
    learning_rate: float,
) -> None:
    """Take Adam steps on a loss, in place.

    Parameters
    ----------
    weights
        What moves.
    loss
        Called once a step.
    steps, learning_rate
        The rate falls to zero along a half cosine. Gradients are clipped to length 20.
    """
    moved = list(weights)
    optimiser = torch.optim.Adam(moved, lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad(set_to_none=True)
        loss().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(moved, _CLIP)
        optimiser.step()
        schedule.step()


def fit_head(
    subject: Subject, mdp: DeterministicMDP, *, steps: int = 300, learning_rate: float = 1e-2
) -> None:
    """Fit the head to the labels on the codes as they are; the encoder gets no gradient.

    This drops the hypothesis ``joint_training``: where the codes of two labels are equal, no head
    can read them apart, and nothing moves the codes (S8).
    """
    labels = torch.tensor(mdp.label_vectors, dtype=torch.float32)
    with torch.no_grad():
        codes = codes_of(subject, mdp)

    def loss() -> Tensor:
        return (subject.head(codes) - labels).square().sum(dim=1).mean()

    weights = subject.trainable_weights(("head",))["head"]
    minimise(weights, loss, steps=steps, learning_rate=learning_rate)
