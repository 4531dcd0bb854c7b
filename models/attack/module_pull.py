"""The same attack on any modules: residuals and their derivatives by autograd.

Nothing has a scale of its own: dynamics residuals, anchor and pull are taken relative to the size
of the codes at the start, label residuals relative to the spread of the labels.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tellapart.models.attack.pull import Pull
from tellapart.models.first_order import Outputs, Scaling, forward
from tellapart.models.levenberg import ANCHOR
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["ENCODER_SCALE", "ModulePull", "descend"]

#: The encoder moves this much of the length that predictor and head move: it has to bring the pair
#: together, so it is held less than in training without a pull.
ENCODER_SCALE = 0.1
_CLIP = 1.0


class ModulePull:
    """The losses of a subject made of modules with a pair pulled together; points are weights.

    The weights of the modules follow the last point that was looked at.

    Parameters
    ----------
    subject, mdp
        What is trained, on what.
    pull
        The pair, and what else counts. It may be replaced at any time.

    Notes
    -----
    O(m) backward passes to linearise, m about n |A| d.
    """

    def __init__(self, subject: Subject, mdp: DeterministicMDP, pull: Pull) -> None:
        self.subject, self.mdp, self.pull = subject, mdp, pull
        self.labels = torch.tensor(mdp.label_vectors)
        self.scaling = Scaling(subject.head, self.labels)
        spread = float((self.labels - self.scaling.mean).square().sum(dim=1).mean() ** 0.5)
        self.spread = spread if spread > 0 else 1.0
        found = subject.trainable_weights()
        self.weights = [weight for own in found.values() for weight in own]
        self.metric = [
            ENCODER_SCALE if name == "encoder" else 1.0 for name, own in found.items() for _ in own
        ]
        self.rows = torch.arange(mdp.n_obs)
        with torch.no_grad():
            self.target = pull.moments(self._forward().codes)
        size = float(self.target.mean())
        self.size = size if size > 0 else 1.0

    def start(self) -> list[Tensor]:
        """Return a copy of the weights as they are."""
        return [weight.detach().clone() for weight in self.weights]

    def set(self, point: Sequence[Tensor]) -> None:
        """Write a point into the modules."""
        with torch.no_grad():
            for weight, value in zip(self.weights, point, strict=True):
                weight.copy_(value)

    def residuals(self, point: Sequence[Tensor]) -> Tensor:
        """Return the residuals of the losses that count, then anchor and pull, float64 ``[m]``."""
        self.set(point)
        with torch.no_grad():
            return self.flat().double()

    def linearise(self, point: Sequence[Tensor]) -> tuple[Tensor, Callable[[Tensor], list[Tensor]]]:
        """Return J S² Jᵀ and the step that a dual vector stands for."""
        self.set(point)
        with torch.enable_grad():
            flat = self.flat()
            rows = torch.eye(len(flat), dtype=flat.dtype)
            gradients = torch.autograd.grad(
                flat, self.weights, grad_outputs=rows, is_grads_batched=True, allow_unused=True
            )
        parts = [
            scale * gradient.reshape(len(flat), -1).double()
            if gradient is not None
            else torch.zeros((len(flat), weight.numel()), dtype=torch.float64)
            for gradient, weight, scale in zip(gradients, self.weights, self.metric, strict=True)
        ]
        product = sum((part @ part.T for part in parts), torch.zeros(()).double())

        def move(dual: Tensor) -> list[Tensor]:
            return [
                (value.double() - scale * (part.T @ dual).view_as(value)).to(value.dtype)
                for value, part, scale in zip(point, parts, self.metric, strict=True)
            ]

        return product, move

    def flat(self) -> Tensor:
        """Return the residuals of the modules as they are, in the type of the codes."""
        out = self._forward()
        n, n_actions, _ = out.predicted.shape
        unit, target = self.size**0.5, self.target.to(out.codes)
        parts = []
        if self.pull.dynamics:
            gap = out.predicted - out.reached
            parts.append(gap.reshape(-1) / (unit * (n * n_actions) ** 0.5))
        if self.pull.aux:
            miss = out.read - self.labels.to(out.read)
            parts.append(miss.reshape(-1) / (self.spread * n**0.5))
        parts.append(ANCHOR * (self.pull.moments(out.codes) - target) / self.size)
        parts.append(self.pull.apart(out.codes) / unit)
        return torch.cat(parts)

    def _forward(self) -> Outputs:
        return forward(self.subject, self.mdp, self.rows, self.scaling)


def descend(problem: ModulePull, pulls: Sequence[Pull], steps: int, learning_rate: float) -> int:
    """Minimise by Adam where there is no Jacobian to solve with; in place.

    Parameters
    ----------
    problem
        What is minimised.
    pulls
        One after the other, each for ``steps`` steps.
    steps, learning_rate
        Of each stretch; the rate falls to zero along a half cosine over all of them.

    Returns
    -------
    Steps taken: fewer than all where the loss was not finite; then the weights are those with
    which the stretch began.
    """
    optimiser = torch.optim.Adam(problem.weights, lr=learning_rate, betas=(0.9, 0.99))
    total, taken = steps * len(pulls), 0
    for problem.pull in pulls:
        good = problem.start()
        for _ in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = 0.5 * learning_rate * (1 + math.cos(math.pi * taken / total))
            loss = problem.flat().square().sum()
            if not bool(torch.isfinite(loss)):
                problem.set(good)
                return taken
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(problem.weights, _CLIP)
            optimiser.step()
            taken += 1
    return taken
