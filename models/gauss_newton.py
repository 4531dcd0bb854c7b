"""Levenberg-Marquardt without a matrix, for modules that are too large for a dense Jacobian.

Each step solves its linear system roughly by conjugate gradients; products with the Jacobian and
its transpose are derivatives along a direction and come from autograd. Beside the weights nothing
is stored but one graph of the residuals.
"""

import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tellapart.models.least_squares import DAMPING_DOWN, DAMPING_MAX, DAMPING_START, DAMPING_UP

__all__ = ["gauss_newton_cg"]

Vector = list[Tensor]


class _Linearised:
    """The residuals at one point, with products by J S and its transpose (S: the metric)."""

    def __init__(
        self, residuals: Callable[[], Tensor], weights: Sequence[Tensor], metric: Sequence[float]
    ) -> None:
        # A backward pass of the user's own may warn that it is differentiated; that is meant.
        with torch.enable_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.value = residuals()
            self.cotangent = torch.zeros_like(self.value, requires_grad=True)
            found = torch.autograd.grad(
                self.value, weights, self.cotangent, create_graph=True, allow_unused=True
            )
        self.used = [place for place, gradient in enumerate(found) if gradient is not None]
        self.weights = [weights[place] for place in self.used]
        self.metric = [metric[place] for place in self.used]
        self.pulled = [gradient for gradient in found if gradient is not None]

    def transposed(self, residual: Tensor) -> Vector:
        """Return S Jᵀ times a residual vector."""
        found = torch.autograd.grad(self.value, self.weights, residual, retain_graph=True)
        return [scale * part for scale, part in zip(self.metric, found, strict=True)]

    def times(self, direction: Vector) -> Tensor:
        """Return J S times a direction: Jᵀ u is linear in u, so its derivative by u is J."""
        scaled = [scale * part for scale, part in zip(self.metric, direction, strict=True)]
        (product,) = torch.autograd.grad(self.pulled, self.cotangent, scaled, retain_graph=True)
        return product


def gauss_newton_cg(
    residuals: Callable[[], Tensor],
    weights: Sequence[Tensor],
    metric: Sequence[float],
    *,
    steps: int,
    inner_steps: int,
    stop_below: float = 0.0,
) -> tuple[float, int]:
    """Minimise a sum of squared residuals over the weights of modules, in place.

    Parameters
    ----------
    residuals
        Returns the residuals ``[m]`` of the weights as they are, with their graph.
    weights
        What is trained.
    metric
        For each of the weights how far it moves where others move 1.
    steps, inner_steps
        Bounds on the steps and on the conjugate gradients of one step.
    stop_below
        Sum of squares that is small enough.

    Returns
    -------
    The sum of squares at the end, and the steps tried. The weights are those of the best point.

    Raises
    ------
    RuntimeError
        From torch, where an operation of the modules has no second derivative; the weights are
        then as they were.

    Notes
    -----
    A conjugate gradient costs about two backward passes; O(size of the graph) memory.
    """
    point = [weight.detach().clone() for weight in weights]
    with torch.no_grad():
        loss = float(residuals().square().sum())
    damping, taken = DAMPING_START, 0
    while taken < steps and loss > stop_below and damping < DAMPING_MAX:
        linear = _Linearised(residuals, weights, metric)
        damping, accepted = min(damping, loss), False
        while not accepted and taken < steps and damping < DAMPING_MAX:
            taken += 1
            direction = _solve(linear, damping, inner_steps, min(1e-2, loss))
            _write(weights, point)
            with torch.no_grad():
                moves = zip(linear.weights, direction, linear.metric, strict=True)
                for weight, part, scale in moves:
                    weight.add_(part, alpha=scale)
                new = float(residuals().square().sum())
            accepted = new < loss
            damping *= DAMPING_DOWN if accepted else DAMPING_UP
            if not accepted:
                _write(weights, point)
                linear = _Linearised(residuals, weights, metric)
        if accepted:
            loss, point = new, [weight.detach().clone() for weight in weights]
    return loss, taken


def _write(weights: Sequence[Tensor], point: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for weight, value in zip(weights, point, strict=True):
            weight.copy_(value)


def _solve(linear: _Linearised, damping: float, limit: int, tolerance: float) -> Vector:
    """Solve (S Jᵀ J S + damping) x = -S Jᵀ r by conjugate gradients, to a relative tolerance."""
    left = linear.transposed(-linear.value.detach())
    solution = [torch.zeros_like(part) for part in left]
    direction = [part.clone() for part in left]
    size = start = _dot(left, left)
    for _ in range(limit):
        if size <= tolerance * start:
            break
        image = linear.transposed(linear.times(direction))
        for part, along in zip(image, direction, strict=True):
            part.add_(along, alpha=damping)
        curvature = _dot(direction, image)
        if not curvature > 0:  # rounding
            break
        length = size / curvature
        for x, rest, along, part in zip(solution, left, direction, image, strict=True):
            x.add_(along, alpha=length)
            rest.sub_(part, alpha=length)
        new = _dot(left, left)
        for along, rest in zip(direction, left, strict=True):
            along.mul_(new / size).add_(rest)
        size = new
    return solution


def _dot(x: Vector, y: Vector) -> float:
    return float(sum(float((p * q).sum()) for p, q in zip(x, y, strict=True)))
