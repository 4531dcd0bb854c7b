"""Any small triple of modules as a least-squares problem, with the Jacobian of autograd.

The loss has no scale of its own: dynamics residuals are taken relative to the size of the codes at
the start, label residuals relative to the spread of the labels, and an anchor keeps each latent
coordinate at the size it began with. Codes move little (see ``ENCODER_SCALE``), so separation is
partly inherited from the initialisation; the verdict rests on the residuals, whatever their past.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tellapart.models.first_order import Outputs, Scaling, forward, loss_parts
from tellapart.models.levenberg import ANCHOR
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["ENCODER_SCALE", "MAX_JACOBIAN", "MAX_RESIDUALS", "ModuleProblem", "module_sizes"]

#: The encoder moves this much of the length that predictor and head move.
ENCODER_SCALE = 0.01
#: Residuals at most: an attempt of 60 steps stays below about ten seconds.
MAX_RESIDUALS = 1200
#: Entries of the Jacobian at most (160 MB in float64).
MAX_JACOBIAN = 20_000_000


class ModuleProblem:
    """The anchored joint loss of a subject made of modules; points are lists of weights.

    The weights of the modules follow the last point that was looked at.

    Parameters
    ----------
    subject, mdp
        What is trained, on what; everything on the CPU.
    anchor, encoder_scale
        As of :class:`~tellapart.models.levenberg.ReferenceProblem`.
    """

    def __init__(
        self,
        subject: Subject,
        mdp: DeterministicMDP,
        anchor: float = ANCHOR,
        encoder_scale: float = ENCODER_SCALE,
    ) -> None:
        self.subject, self.mdp, self.anchor = subject, mdp, anchor
        self.labels = torch.tensor(mdp.label_vectors)
        self.scaling = Scaling(subject.head, self.labels)
        self.weights, self.metric = _weights(subject, encoder_scale)
        self.rows = torch.arange(mdp.n_obs)
        spread = float((self.labels - self.scaling.mean).square().sum(dim=1).mean() ** 0.5)
        self.spread = spread if spread > 0 else 1.0
        size = self.outputs().codes.square().mean(dim=0)
        self.size = size + torch.finfo(size.dtype).tiny ** 0.5

    def start(self) -> list[Tensor]:
        """Return a copy of the weights as they are."""
        return [weight.detach().clone() for weight in self.weights]

    def set(self, point: Sequence[Tensor]) -> None:
        """Write a point into the modules."""
        with torch.no_grad():
            for weight, value in zip(self.weights, point, strict=True):
                weight.copy_(value)

    def outputs(self) -> Outputs:
        """Return what the modules answer as they are, without gradients."""
        with torch.no_grad():
            return forward(self.subject, self.mdp, self.rows, self.scaling)

    def losses(self, out: Outputs) -> tuple[float, float]:
        """Return the raw dynamics and auxiliary loss."""
        dynamics, aux = loss_parts(out, self.labels)
        return float(dynamics), float(aux)

    def residuals(self, point: Sequence[Tensor]) -> Tensor:
        """Return dynamics, auxiliary and anchor residuals, float64 ``[m]``."""
        self.set(point)
        return self._flat(self.outputs()).double()

    def linearise(self, point: Sequence[Tensor]) -> tuple[Tensor, Callable[[Tensor], list[Tensor]]]:
        """Return J S² Jᵀ and the step that a dual vector stands for; O(m) backward passes."""
        self.set(point)
        with torch.enable_grad():
            flat = self._flat(forward(self.subject, self.mdp, self.rows, self.scaling))
            rows = torch.eye(len(flat), dtype=flat.dtype)
            gradients = torch.autograd.grad(
                flat, self.weights, grad_outputs=rows, is_grads_batched=True, allow_unused=True
            )
        scaled = [
            torch.zeros((len(flat), weight.numel()), dtype=torch.float64)
            if gradient is None
            else scale * gradient.reshape(len(flat), -1).double()
            for gradient, weight, scale in zip(gradients, self.weights, self.metric, strict=True)
        ]
        product = torch.zeros((len(flat), len(flat)), dtype=torch.float64)
        for part in scaled:
            product += part @ part.T

        def move(dual: Tensor) -> list[Tensor]:
            steps = (
                scale * (part.T @ dual) for part, scale in zip(scaled, self.metric, strict=True)
            )
            return [
                (value.double() - step.view_as(value)).to(value.dtype)
                for value, step in zip(point, steps, strict=True)
            ]

        return product, move

    def _flat(self, out: Outputs) -> Tensor:
        """Return weighted residuals in one vector, in the type of the codes."""
        n, n_actions, _ = out.predicted.shape
        dynamics = (out.predicted - out.reached) / (self.size.sqrt() * (n * n_actions) ** 0.5)
        aux = (out.read - self.labels.to(out.read)) / (self.spread * n**0.5)
        anchor = self.anchor * (out.codes.square().mean(dim=0) / self.size - 1)
        return torch.cat([dynamics.reshape(-1), aux.reshape(-1), anchor])


def module_sizes(subject: Subject, mdp: DeterministicMDP) -> tuple[int, int] | None:
    """Return (residuals, weights) of the problem, or None when it cannot be posed.

    It cannot when a weight is not on the CPU, or of half precision.
    """
    weights, _ = _weights(subject, ENCODER_SCALE)
    plain = (torch.float32, torch.float64)
    if not weights or any(w.device.type != "cpu" or w.dtype not in plain for w in weights):
        return None
    with torch.no_grad():
        d = subject.encoder(subject.inputs(mdp.n_obs, torch.zeros(1, dtype=torch.int64))).shape[1]
    residuals = mdp.n_obs * (mdp.n_actions * d + mdp.label_vectors.shape[1]) + d
    return residuals, sum(weight.numel() for weight in weights)


def _weights(subject: Subject, encoder_scale: float) -> tuple[list[Tensor], list[float]]:
    """Collect the trainable weights, shared ones once, and how far each may move."""
    found = subject.trainable_weights().items()
    weights: list[Tensor] = [weight for _, own in found for weight in own]
    metric = [encoder_scale if name == "encoder" else 1.0 for name, own in found for _ in own]
    return weights, metric
