"""Levenberg-Marquardt on many reference subjects of one shape at once.

The same steps as :mod:`tellapart.models.levenberg` with a leading batch dimension; every item has
its own damping, and items that are done leave the batch. On systems of eight observations the time
of a step lies in starting operations, not in arithmetic, so that a batch is several times faster.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields

import torch
from torch import Tensor

from tellapart.models.least_squares import (
    CONVERGED,
    DAMPING_DOWN,
    DAMPING_MAX,
    DAMPING_START,
    DAMPING_UP,
    FLOOR,
)
from tellapart.models.levenberg import Parameters, System

__all__ = [
    "PARAMETER_NAMES",
    "BatchReport",
    "batched_levenberg_marquardt",
    "stack_parameters",
    "stack_systems",
]

#: The fields of :class:`~tellapart.models.levenberg.Parameters`, in order.
PARAMETER_NAMES = tuple(field.name for field in fields(Parameters))

#: Receives the step, the places of the items that moved, and their two losses.
BatchReport = Callable[[int, Tensor, Tensor, Tensor], None]


def stack_parameters(items: Sequence[Parameters]) -> Parameters:
    """Stack weights of one shape along a new first dimension."""
    return Parameters(*(torch.stack([getattr(p, k) for p in items]) for k in PARAMETER_NAMES))


def stack_systems(items: Sequence[System]) -> System:
    """Stack systems of one shape along a new first dimension."""
    return System(
        torch.stack([s.successors for s in items]), torch.stack([s.targets for s in items])
    )


def _take(p: Parameters, rows: Tensor) -> Parameters:
    return Parameters(*(getattr(p, k)[rows] for k in PARAMETER_NAMES))


class _Batch:
    """The problem of some items: residuals, linear system and step, for all of them at once."""

    def __init__(self, system: System, d: int, anchor: float, encoder_scale: float) -> None:
        self.system, self.d = system, d
        self.anchor, self.encoder_scale = anchor, encoder_scale
        self.size, self.n, self.n_actions = system.successors.shape
        self.q = system.targets.shape[2]
        self.n_pairs = self.n * self.n_actions
        self.split = self.n_pairs * d
        self.dynamics_weight = float(self.n_pairs**-0.5)
        self.aux_weight = float(self.n**-0.5)
        self.flat_successors = system.successors.reshape(self.size, self.n_pairs)

    def forward(self, p: Parameters) -> tuple[Tensor, Tensor]:
        """Return the hidden layer ``[b, n |A|, h]`` and all weighted residuals ``[b, m]``."""
        before = (p.table @ p.weight_in).unsqueeze(2) + p.action_bias.unsqueeze(1)
        hidden = before.tanh_().flatten(1, 2)
        predicted = torch.baddbmm(p.bias_out.unsqueeze(1), hidden, p.weight_out)
        reached = p.table.gather(1, self.flat_successors.unsqueeze(2).expand(-1, -1, self.d))
        aux = torch.baddbmm(p.head_bias.unsqueeze(1), p.table, p.head_weight) - self.system.targets
        flat = [
            self.dynamics_weight * (predicted - reached).flatten(1),
            self.aux_weight * aux.flatten(1),
            self.anchor * (p.table.square().mean(dim=1) - 1),
        ]
        return hidden, torch.cat(flat, dim=1)

    def losses(self, flat: Tensor) -> tuple[Tensor, Tensor]:
        """Return the dynamics and the auxiliary loss of each item."""
        end = self.split + self.n * self.q
        squared = flat.square()
        return squared[:, : self.split].sum(dim=1), squared[:, self.split : end].sum(dim=1)

    def linearise(
        self, p: Parameters, hidden: Tensor, m: int
    ) -> tuple[Tensor, Callable[[Tensor], Parameters]]:
        """Return J S² Jᵀ ``[b, m, m]`` and the step that dual vectors ``[b, m]`` stand for."""
        slopes = (1 - hidden.square()).unsqueeze(2) * p.weight_out.mT.unsqueeze(1)
        encoder = self._encoder_columns(p, slopes, m)
        product = torch.bmm(encoder, encoder.mT).mul_(self.encoder_scale**2)
        self._add_dynamics(product, p, slopes, hidden)
        self._add_aux(product, p)
        return product, lambda dual: self._moved(p, dual, slopes, encoder, hidden)

    def _encoder_columns(self, p: Parameters, slopes: Tensor, m: int) -> Tensor:
        b, n, d, q, n_actions = self.size, self.n, self.d, self.q, self.n_actions
        encoder = torch.zeros((b, m, n, d), dtype=slopes.dtype)
        rows = encoder[:, : self.split].view(b, n, n_actions, d, n, d)
        by_latent = (slopes.flatten(1, 2) @ p.weight_in.mT).view(b, n, n_actions, d, d)
        rows.diagonal(dim1=1, dim2=4).copy_(by_latent.permute(0, 2, 3, 4, 1))
        items, pairs = torch.arange(b)[:, None, None], torch.arange(self.n_pairs)[:, None]
        coordinates = torch.arange(d)
        rows.view(b, self.n_pairs, d, n, d)[
            items, pairs, coordinates, self.flat_successors.unsqueeze(2), coordinates
        ] -= 1
        rows *= self.dynamics_weight
        heads = encoder[:, self.split : self.split + n * q].view(b, n, q, n, d)
        weight = (self.aux_weight * p.head_weight.mT).unsqueeze(3).expand(-1, -1, -1, n)
        heads.diagonal(dim1=1, dim2=3).copy_(weight)
        anchors = encoder[:, self.split + n * q :].diagonal(dim1=1, dim2=3)
        anchors.copy_((2 * self.anchor / n) * p.table)
        return encoder.flatten(2)

    def _add_dynamics(self, product: Tensor, p: Parameters, slopes: Tensor, hidden: Tensor) -> None:
        b, n, d, n_actions = self.size, self.n, self.d, self.n_actions
        flat = slopes.flatten(1, 2)
        inner = torch.bmm(flat, flat.mT).view(b, n, n_actions, d, n, n_actions, d)
        gram = torch.bmm(p.table, p.table.mT)
        same_action = torch.eye(n_actions, dtype=gram.dtype)
        inputs = gram[:, :, None, :, None] + same_action[:, None, :]
        inner *= inputs[:, :, :, None, :, :, None]
        outer = torch.bmm(hidden, hidden.mT).add_(1)
        dynamics = inner.view(b, self.n_pairs, d, self.n_pairs, d)
        dynamics.diagonal(dim1=2, dim2=4).add_(outer.unsqueeze(3))
        product[:, : self.split, : self.split].add_(
            inner.view(b, self.split, self.split), alpha=self.dynamics_weight**2
        )

    def _add_aux(self, product: Tensor, p: Parameters) -> None:
        q, end = self.q, self.split + self.n * self.q
        gram = torch.bmm(p.table, p.table.mT).add_(1).mul_(self.aux_weight**2)
        for k in range(q):
            product[:, self.split + k : end : q, self.split + k : end : q].add_(gram)

    def _moved(
        self, p: Parameters, dual: Tensor, slopes: Tensor, encoder: Tensor, hidden: Tensor
    ) -> Parameters:
        b, n, d, q = self.size, self.n, self.d, self.q
        by_pair = dual[:, : self.split].view(b, self.n_pairs, d) * self.dynamics_weight
        by_observation = dual[:, self.split : self.split + n * q].view(b, n, q) * self.aux_weight
        before = torch.einsum("bpd,bpdh->bph", by_pair, slopes).view(b, n, self.n_actions, -1)
        table = torch.bmm(encoder.mT, dual.unsqueeze(2)).view(b, n, d)
        return Parameters(
            table=p.table - self.encoder_scale**2 * table,
            weight_in=p.weight_in - p.table.mT @ before.sum(dim=2),
            action_bias=p.action_bias - before.sum(dim=1),
            weight_out=p.weight_out - hidden.mT @ by_pair,
            bias_out=p.bias_out - by_pair.sum(dim=1),
            head_weight=p.head_weight - p.table.mT @ by_observation,
            head_bias=p.head_bias - by_observation.sum(dim=1),
        )


def batched_levenberg_marquardt(
    start: Parameters,
    system: System,
    max_steps: int,
    *,
    anchor: float,
    encoder_scale: float,
    report: BatchReport | None = None,
) -> tuple[Parameters, Tensor, Tensor]:
    """Minimise the anchored joint loss of many reference subjects of one shape.

    Parameters
    ----------
    start, system
        Weights and systems with a leading batch dimension b.
    max_steps
        Bound on the number of systems solved for one item.
    anchor, encoder_scale
        As of :class:`~tellapart.models.levenberg.ReferenceProblem`.
    report
        Called after each step with the items that moved.

    Returns
    -------
    The best weights ``[b, ...]``, their sums of squares ``[b]`` and the steps taken, int64
    ``[b]``.

    Notes
    -----
    O(b m² (h + m)) time a step and O(b m²) memory, m = n |A| d + n label_dim + d.
    """
    best = Parameters(*(getattr(start, k).clone() for k in PARAMETER_NAMES))
    places, p = torch.arange(len(start.table)), start
    batch = _Batch(system, start.table.shape[2], anchor, encoder_scale)
    hidden, flat = batch.forward(p)
    loss, steps = flat.square().sum(dim=1), torch.zeros_like(places)
    losses = loss.clone()
    damping, stuck = loss.clamp(max=DAMPING_START), torch.isnan(loss)
    for step in range(1, max_steps + 1):
        going = (loss > FLOOR) & (damping < DAMPING_MAX) & ~stuck
        if not bool(going.all()):
            rows = going.nonzero().squeeze(1)
            if not len(rows):
                break
            places, p, hidden = places[rows], _take(p, rows), hidden[rows]
            flat, loss, damping = flat[rows], loss[rows], damping[rows]
            chosen = System(batch.system.successors[rows], batch.system.targets[rows])
            batch = _Batch(chosen, batch.d, anchor, encoder_scale)
        product, move = batch.linearise(p, hidden, flat.shape[1])
        dual, solved = _solve(product, damping, flat)
        trial = move(dual)
        new_hidden, new_flat = batch.forward(trial)
        new_loss = new_flat.square().sum(dim=1)
        accepted = solved & (new_loss < loss)
        p, hidden, flat, loss = _accept(
            accepted, (trial, new_hidden, new_flat, new_loss), (p, hidden, flat, loss)
        )
        damping = torch.where(
            accepted, (damping * DAMPING_DOWN).minimum(loss), damping * DAMPING_UP
        )
        stuck = ~accepted & (loss <= CONVERGED)
        steps[places] = step
        moved = places[accepted]
        losses[moved] = loss[accepted]
        for k in PARAMETER_NAMES:
            getattr(best, k)[moved] = getattr(p, k)[accepted]
        if report is not None:
            dynamics, aux = batch.losses(flat[accepted])
            report(step, moved, dynamics, aux)
    return best, losses, steps


_State = tuple[Parameters, Tensor, Tensor, Tensor]


def _accept(accepted: Tensor, new: _State, old: _State) -> _State:
    """Take the new point where it is better."""
    if bool(accepted.all()):
        return new

    def choose(x: Tensor, y: Tensor) -> Tensor:
        return torch.where(accepted.view(-1, *[1] * (x.ndim - 1)), x, y)

    weights = Parameters(*(choose(getattr(new[0], k), getattr(old[0], k)) for k in PARAMETER_NAMES))
    return (weights, choose(new[1], old[1]), choose(new[2], old[2]), choose(new[3], old[3]))


def _solve(product: Tensor, damping: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Solve (J S² Jᵀ + damping) x = r by Cholesky; False where rounding made it indefinite."""
    product.diagonal(dim1=1, dim2=2).add_(damping.unsqueeze(1))
    factor, info = torch.linalg.cholesky_ex(product)
    solved = info == 0
    if not bool(solved.all()):
        factor[~solved] = torch.eye(factor.shape[1], dtype=factor.dtype)
    return torch.cholesky_solve(right.unsqueeze(2), factor).squeeze(2), solved
