"""The Levenberg-Marquardt loop in its dual form, for any problem that can linearise itself."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import torch
from torch import Tensor

__all__ = [
    "CONVERGED",
    "DAMPING_DOWN",
    "DAMPING_MAX",
    "DAMPING_START",
    "DAMPING_UP",
    "FLOOR",
    "Problem",
    "levenberg_marquardt",
]

#: Sum of squared residuals at which nothing but rounding is left; steps that still help go on.
CONVERGED = 1e-26
#: No step is tried below this: what is left is the rounding of the last evaluation.
FLOOR = 1e-29
#: Damping of the first step, its factors after a step that helped and one that did not, its bound.
DAMPING_START, DAMPING_DOWN, DAMPING_UP, DAMPING_MAX = 1e-2, 0.2, 4.0, 1e12

Point = TypeVar("Point")


class Problem(Protocol[Point]):
    """A nonlinear least-squares problem; ``Point`` is whatever holds the weights."""

    def residuals(self, point: Point) -> Tensor:
        """Return the residuals at a point, float64 ``[m]``."""

    def linearise(self, point: Point) -> tuple[Tensor, Callable[[Tensor], Point]]:
        """Return J S² Jᵀ, float64 ``[m, m]``, and ``dual -> point - S² Jᵀ dual``.

        S is the metric in which a step is short: what it scales down moves less.
        """


def levenberg_marquardt(
    problem: Problem[Point],
    start: Point,
    max_steps: int,
    report: Callable[[int, Point, Tensor], bool],
) -> tuple[Point, float, int]:
    """Minimise the sum of squared residuals.

    Parameters
    ----------
    problem, start
        What to minimise, and where to begin.
    max_steps
        Bound on the number of systems solved.
    report
        Called after each accepted step with step, point and residuals; True stops.

    Returns
    -------
    The best point, its sum of squares (infinite or NaN if it never was finite) and the number of
    steps taken.

    Notes
    -----
    O(m³) a step beside the linearisation. The system has one row for each residual, which is
    the smaller side when there are more weights than residuals.
    """
    point, residuals = start, problem.residuals(start)
    loss, damping, taken = float(residuals.square().sum()), DAMPING_START, 0
    while taken < max_steps and loss > FLOOR and damping < DAMPING_MAX:
        product, move = problem.linearise(point)
        accepted, damping = False, min(damping, loss)  # quadratic convergence near a zero
        while not accepted and taken < max_steps and damping < DAMPING_MAX:
            taken += 1
            dual = _solve(product, damping, residuals)
            if dual is not None:
                trial = move(dual)
                new = problem.residuals(trial)
                new_loss = float(new.square().sum())
                accepted = new_loss < loss
            damping *= DAMPING_DOWN if accepted else DAMPING_UP
            if loss <= CONVERGED:
                break
        if not accepted:
            break
        point, residuals, loss = trial, new, new_loss
        if report(taken, point, residuals):
            break
    return point, loss, taken


def _solve(product: Tensor, damping: float, right: Tensor) -> Tensor | None:
    """Solve (J S² Jᵀ + damping) x = r by Cholesky; None when rounding made it indefinite."""
    system = product.clone()
    system.diagonal().add_(damping)
    factor, info = torch.linalg.cholesky_ex(system)
    if int(info) != 0:
        return None
    return torch.cholesky_solve(right.unsqueeze(1), factor).squeeze(1)
