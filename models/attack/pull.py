"""Zero loss while a pair is pulled together, as a least-squares problem of the reference subject.

The residuals of the losses under attack, an anchor that keeps every latent coordinate at variance
one, and the difference of the two codes times a weight. The weight decides how much the pair is
forced; that of a pair that may share a code costs nothing, so every residual can vanish.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tellapart.models.levenberg import ANCHOR, ENCODER_SCALE, Parameters, ReferenceProblem, System

__all__ = ["Pull", "PulledReference"]


@dataclass(frozen=True)
class Pull:
    """What is forced on which pair.

    Attributes
    ----------
    x, y
        Indices of the two observations.
    weight
        Of the difference of their codes; 0 trains as if nothing was pulled.
    centred
        True: the anchor holds the variance of each latent coordinate, so that codes cannot hide
        behind a constant. False: the mean square, where all observations have to share one code.
    dynamics, aux
        Which losses count.
    also
        More pairs, pulled with the same weight: what has to follow once ``x`` and ``y`` are one.
    """

    x: int
    y: int
    weight: float
    centred: bool = True
    dynamics: bool = True
    aux: bool = True
    also: tuple[tuple[int, int], ...] = ()

    def moments(self, codes: Tensor) -> Tensor:
        """Return the second moment of each latent coordinate that the anchor holds, ``[d]``."""
        return self._shifted(codes).square().mean(dim=0)

    def _shifted(self, codes: Tensor) -> Tensor:
        return codes - codes.mean(dim=0) if self.centred else codes

    def rows(self, codes: Tensor) -> Tensor:
        """Return the derivative of anchor and pull by the codes, ``[d + pairs d, n, d]``."""
        n, d = codes.shape
        each, pairs = torch.arange(d), ((self.x, self.y), *self.also)
        anchor = codes.new_zeros((d, n, d))
        anchor[each, :, each] = (2 * ANCHOR / n) * self._shifted(codes).T
        pull = codes.new_zeros((len(pairs), d, n, d))
        for k, (x, y) in enumerate(pairs):
            pull[k, each, x, each] = self.weight
            pull[k, each, y, each] = -self.weight
        return torch.cat([anchor, pull.flatten(0, 1)])

    def apart(self, codes: Tensor) -> Tensor:
        """Return the weighted differences of the codes of all pairs pulled, ``[pairs d]``."""
        first, second = zip((self.x, self.y), *self.also, strict=True)
        return self.weight * (codes[list(first)] - codes[list(second)]).reshape(-1)

    def extra(self, codes: Tensor) -> Tensor:
        """Return anchor and pull for codes whose moments ought to be 1, ``[d + pairs d]``."""
        return torch.cat([ANCHOR * (self.moments(codes) - 1), self.apart(codes)])


class PulledReference:
    """The losses of a reference subject with a pair pulled together; points are parameters.

    Parameters
    ----------
    system
        The data, labels in coordinates of variance one.
    pull
        The pair, and what else counts.

    Notes
    -----
    The residuals of :class:`~tellapart.models.levenberg.ReferenceProblem` with another anchor and
    ``d`` rows more for each pair pulled: O(m d) a pair beside its own work.
    """

    def __init__(self, system: System, pull: Pull) -> None:
        self.system, self.pull = system, pull
        self.base = ReferenceProblem(system)

    def residuals(self, point: Parameters) -> Tensor:
        """Return the residuals of the losses that count, then anchor and pull."""
        flat = self.base.residuals(point)
        return torch.cat([flat[self._kept(point)], self.pull.extra(point.table)])

    def linearise(self, point: Parameters) -> tuple[Tensor, Callable[[Tensor], Parameters]]:
        """Return J S² Jᵀ, bordered by anchor and pull, and the step that a dual vector means."""
        inner, move = self.base.linearise(point)
        kept, rows = self._kept(point), self.pull.rows(point.table)
        metric = ENCODER_SCALE**2
        cross = metric * self._along(point, rows)[:, kept]
        corner = metric * rows.flatten(1) @ rows.flatten(1).T
        upper = torch.cat([inner[kept, kept], cross.T], dim=1)
        product = torch.cat([upper, torch.cat([cross, corner], dim=1)])
        n_inner, n_kept = len(inner), cross.shape[1]

        def step(dual: Tensor) -> Parameters:
            whole = dual.new_zeros(n_inner)
            whole[kept] = dual[:n_kept]
            moved = move(whole)
            shift = metric * torch.tensordot(dual[n_kept:], rows, dims=1)
            return replace(moved, table=moved.table - shift)

        return product, step

    def _kept(self, point: Parameters) -> slice:
        """Return which residuals of the base count: its own anchor, the last ``d``, never does."""
        d = point.table.shape[1]
        split = self.system.successors.numel() * d
        return slice(
            0 if self.pull.dynamics else split,
            split + self.system.targets.numel() if self.pull.aux else split,
        )

    def _along(self, p: Parameters, rows: Tensor) -> Tensor:
        """Return the derivative of dynamics and auxiliary residuals along moves of the table.

        ``rows`` is ``[r, n, d]``, one move each; the result ``[r, m]``.
        """
        n, n_actions = self.system.successors.shape
        hidden = torch.tanh((p.table @ p.weight_in).unsqueeze(1) + p.action_bias)
        inner = (1 - hidden.square()) * (rows @ p.weight_in).unsqueeze(2)
        dynamics = inner @ p.weight_out - rows[:, self.system.successors]
        aux = rows @ p.head_weight
        scaled = [dynamics.flatten(1) * (n * n_actions) ** -0.5, aux.flatten(1) * n**-0.5]
        anchor = rows.new_zeros((len(rows), p.table.shape[1]))
        return torch.cat([*scaled, anchor], dim=1)
