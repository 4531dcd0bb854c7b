"""The reference subject as a least-squares problem: table encoder, tanh predictor, linear head.

Small systems reach residuals at the level of rounding in about ten steps where first-order
methods need thousands. Three things make it reliable, beside the dual form of the solver: a
Jacobian product that uses the structure of the network, an *anchor* that keeps the scale of the
latents, and an encoder that moves in a scaled metric so that it does not run into nearly merged
valleys.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self

import torch
from torch import Tensor

from tellapart.models.networks import LinearHead, MLPPredictor, TableEncoder

__all__ = [
    "ANCHOR",
    "ENCODER_SCALE",
    "Parameters",
    "ReferenceProblem",
    "System",
    "jacobian_product",
    "residuals",
]

#: Weight of the anchor (mean_o z_j² - 1) for each latent coordinate; it can be met exactly.
ANCHOR = 0.3
#: The encoder moves this much of the length that predictor and head move.
ENCODER_SCALE = 0.1


@dataclass(frozen=True)
class Parameters:
    """All weights, float64.

    Attributes
    ----------
    table
        Latents ``[n, d]``.
    weight_in, action_bias, weight_out, bias_out
        Predictor ``[d, h]``, ``[n_actions, h]``, ``[h, d]``, ``[d]``.
    head_weight, head_bias
        Head ``[d, q]``, ``[q]``.
    """

    table: Tensor
    weight_in: Tensor
    action_bias: Tensor
    weight_out: Tensor
    bias_out: Tensor
    head_weight: Tensor
    head_bias: Tensor

    @classmethod
    def of(cls, encoder: TableEncoder, predictor: MLPPredictor, head: LinearHead) -> Self:
        """Copy the weights of the three modules."""
        weights = (
            encoder.table, predictor.weight_in, predictor.action_bias, predictor.weight_out,
            predictor.bias_out, head.weight, head.bias,
        )  # fmt: skip
        return cls(*(weight.detach().clone() for weight in weights))

    def store(self, encoder: TableEncoder, predictor: MLPPredictor, head: LinearHead) -> None:
        """Write the weights into the three modules, in place."""
        targets = Parameters(
            encoder.table, predictor.weight_in, predictor.action_bias, predictor.weight_out,
            predictor.bias_out, head.weight, head.bias,
        )  # fmt: skip
        with torch.no_grad():
            for field in fields(self):
                getattr(targets, field.name).copy_(getattr(self, field.name))

    def plus(self, step: "Parameters") -> "Parameters":
        """Return the sum, weight by weight."""
        names = [field.name for field in fields(self)]
        return Parameters(*(getattr(self, name) + getattr(step, name) for name in names))


@dataclass(frozen=True)
class System:
    """The MDP as tensors: transitions in the order (o, a), standardised label targets.

    Attributes
    ----------
    successors
        int64 ``[n, n_actions]``.
    targets
        float64 ``[n, q]``.
    """

    successors: Tensor
    targets: Tensor


@dataclass(frozen=True)
class _Forward:
    """One forward pass: residuals and what their Jacobian is made of."""

    hidden: Tensor  # [n A, h]
    dynamics: Tensor  # [n A, d], weighted
    aux: Tensor  # [n, q], weighted
    anchor: Tensor  # [d]

    @property
    def flat(self) -> Tensor:
        return torch.cat([self.dynamics.reshape(-1), self.aux.reshape(-1), self.anchor])


def _weights(system: System) -> tuple[float, float]:
    """Return the square roots of 1/(n A) and 1/n: squared residuals sum to the mean losses."""
    n, n_actions = system.successors.shape
    return float((n * n_actions) ** -0.5), float(n**-0.5)


def residuals(p: Parameters, system: System, anchor: float = ANCHOR) -> _Forward:
    """Return weighted residuals; the sum of their squares is the loss with the anchor."""
    dynamics_weight, aux_weight = _weights(system)
    hidden = torch.tanh((p.table @ p.weight_in).unsqueeze(1) + p.action_bias).flatten(0, 1)
    targets = p.table[system.successors.reshape(-1)]
    return _Forward(
        hidden=hidden,
        dynamics=dynamics_weight * (hidden @ p.weight_out + p.bias_out - targets),
        aux=aux_weight * (p.table @ p.head_weight + p.head_bias - system.targets),
        anchor=anchor * (p.table.square().mean(dim=0) - 1),
    )


@dataclass(frozen=True)
class _Jacobian:
    """The Jacobian in factors: slopes of the hidden layer, and the dense encoder columns."""

    slopes: Tensor  # [n A, d, h]: derivative of each dynamics output by each pre-activation
    encoder: Tensor  # [m, n d]
    hidden: Tensor  # [n A, h]


def _jacobian(
    p: Parameters, system: System, forward: _Forward, anchor: float = ANCHOR
) -> _Jacobian:
    (n, n_actions), d = system.successors.shape, p.table.shape[1]
    dynamics_weight, aux_weight = _weights(system)
    slopes = (1 - forward.hidden.square()).unsqueeze(1) * p.weight_out.T
    n_dynamics, q = n * n_actions * d, system.targets.shape[1]
    encoder = torch.zeros((n_dynamics + n * q + d, n, d), dtype=p.table.dtype)
    rows = encoder[:n_dynamics].view(n * n_actions, d, n, d)
    by_latent = (slopes @ p.weight_in.T).view(n, n_actions, d, d)
    rows.view(n, n_actions, d, n, d).diagonal(dim1=0, dim2=3).copy_(by_latent.permute(1, 2, 3, 0))
    pairs, coordinates = torch.arange(n * n_actions), torch.arange(d)
    rows[pairs[:, None], coordinates, system.successors.reshape(-1, 1), coordinates] -= 1
    rows *= dynamics_weight
    heads = encoder[n_dynamics : n_dynamics + n * q].view(n, q, n, d).diagonal(dim1=0, dim2=2)
    heads.copy_((aux_weight * p.head_weight.T).unsqueeze(2).expand(-1, -1, n))
    anchors = encoder[n_dynamics + n * q :].diagonal(dim1=0, dim2=2)
    anchors.copy_((2 * anchor / n) * p.table)
    return _Jacobian(slopes, encoder.flatten(1), forward.hidden)


def jacobian_product(
    p: Parameters, system: System, jac: _Jacobian, encoder_scale: float = ENCODER_SCALE
) -> Tensor:
    """Return J S² Jᵀ, float64 ``[m, m]``, S the metric that scales the encoder.

    Weights enter through Kronecker-like products, so the wide Jacobian of the predictor is never
    formed: O(m² h) instead of O(m² d h).
    """
    (n, n_actions), (d, q) = system.successors.shape, p.head_weight.shape
    dynamics_weight, aux_weight = _weights(system)
    n_pairs, split = n * n_actions, n * n_actions * d
    scaled = encoder_scale * jac.encoder
    product = scaled @ scaled.T
    gram = p.table @ p.table.T
    flat = jac.slopes.reshape(split, -1)
    inner = (flat @ flat.T).view(n, n_actions, d, n, n_actions, d)
    same_action = torch.eye(n_actions, dtype=gram.dtype)
    inputs = gram[:, None, :, None] + same_action[None, :, None, :]
    inner *= inputs[:, :, None, :, :, None]
    outer = jac.hidden @ jac.hidden.T + 1
    dynamics = inner.view(n_pairs, d, n_pairs, d)
    dynamics.diagonal(dim1=1, dim2=3).add_(outer.unsqueeze(2))
    product[:split, :split] += dynamics_weight**2 * dynamics.view(split, split)
    aux = (gram + 1).mul_(aux_weight**2)
    for k in range(q):
        product[split + k : split + n * q : q, split + k : split + n * q : q] += aux
    return product


def _step(
    p: Parameters,
    system: System,
    jac: _Jacobian,
    dual: Tensor,
    encoder_scale: float = ENCODER_SCALE,
) -> Parameters:
    """Return -S² Jᵀ dual as a step in the weights."""
    (n, n_actions), (d, q) = system.successors.shape, p.head_weight.shape
    dynamics_weight, aux_weight = _weights(system)
    split = n * n_actions * d
    by_pair = -dynamics_weight * dual[:split].view(n * n_actions, d)
    by_observation = -aux_weight * dual[split : split + n * q].view(n, q)
    before = torch.bmm(by_pair.unsqueeze(1), jac.slopes).view(n, n_actions, -1)
    return Parameters(
        table=-(encoder_scale**2) * (jac.encoder.T @ dual).view(n, d),
        weight_in=p.table.T @ before.sum(dim=1),
        action_bias=before.sum(dim=0),
        weight_out=jac.hidden.T @ by_pair,
        bias_out=by_pair.sum(dim=0),
        head_weight=p.table.T @ by_observation,
        head_bias=by_observation.sum(dim=0),
    )


class ReferenceProblem:
    """The anchored joint loss of a reference subject; points are :class:`Parameters`.

    Parameters
    ----------
    system
        The data.
    anchor
        Weight of (mean_o z_j² - 1) for each latent coordinate j; 0: no anchor.
    encoder_scale
        How far the encoder moves in a step, where predictor and head move 1.

    Notes
    -----
    O(m² h) to linearise, O(m²) memory, m = n |A| d + n label_dim + d.
    """

    def __init__(
        self, system: System, anchor: float = ANCHOR, encoder_scale: float = ENCODER_SCALE
    ) -> None:
        self.system, self.anchor, self.encoder_scale = system, anchor, encoder_scale

    def residuals(self, point: Parameters) -> Tensor:
        """Return dynamics, auxiliary and anchor residuals, weighted, in one vector."""
        return residuals(point, self.system, self.anchor).flat

    def linearise(self, point: Parameters) -> tuple[Tensor, Callable[[Tensor], Parameters]]:
        """Return J S² Jᵀ and the step that a dual vector stands for."""
        forward = residuals(point, self.system, self.anchor)
        jac = _jacobian(point, self.system, forward, self.anchor)
        scale = self.encoder_scale
        product = jacobian_product(point, self.system, jac, scale)
        return product, lambda dual: point.plus(_step(point, self.system, jac, dual, scale))

    def losses(self, flat: Tensor, d: int) -> tuple[float, float]:
        """Split residuals of a model with d latent dimensions into the two losses."""
        split = self.system.successors.numel() * d
        dynamics, aux = flat[:split], flat[split : len(flat) - d]
        return float(dynamics.square().sum()), float(aux.square().sum())
