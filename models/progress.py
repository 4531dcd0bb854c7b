"""What a training run tells: progress while it runs, and a result when it is over."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from tellapart.theory.serialise import Saved, register

__all__ = ["FitProgress", "FitResult", "FitStatus", "Throttle"]


Report = TypeVar("Report")


class FitStatus(StrEnum):
    """How a training run ended; the value is the message for the user."""

    CONVERGED = "converged: the residuals are at the level of rounding"
    RESOLVED = "resolved: every residual is below half of its gap (S13)"
    STEP_LIMIT = "stopped at the step limit before the residuals were resolved"
    DIVERGED = "diverged: the loss became infinite or NaN"
    MINIMISED = "trained on a part of the loss; the rest of the premise is not aimed at"
    OWN = "trained by the subject's own fit"
    UNTRAINED = "nothing to train"


@dataclass(frozen=True, slots=True)
class FitProgress:
    """A moment of a training run.

    Attributes
    ----------
    step, total
        Steps taken, and the step limit.
    dynamics_loss, aux_loss
        Means of squared residuals.
    ratio
        Resolution ratio when last measured; None before that.
    """

    step: int
    total: int
    dynamics_loss: float
    aux_loss: float
    ratio: float | None


@register
@dataclass(frozen=True, slots=True)
class FitResult(Saved):
    """What training did.

    Attributes
    ----------
    status
        How it ended.
    method
        ``"lm"``, ``"table-adam"``, ``"first-order"``, ``"own"`` or ``"none"``.
    objective
        The loss: ``"joint"``, ``"dynamics"``, ``"aux"`` or ``"decoupled"``.
    steps
        Steps taken, over all restarts.
    ratio
        Resolution ratio (S13) of the trained subject: below 1 the premise is met.
    history
        ``(step, dynamics loss, auxiliary loss)``, first to last.
    seed
        The seed given.
    restarts
        How often training began again from fresh weights.
    """

    status: FitStatus
    method: str
    objective: str
    steps: int
    ratio: float
    history: tuple[tuple[int, float, float], ...]
    seed: int
    restarts: int = 0

    @property
    def resolved(self) -> bool:
        """Tell whether the trained subject meets the premise of S13."""
        return self.ratio < 1.0

    def explain(self) -> str:
        """Return the result in a few lines of text."""
        lines = [
            f"Training ({self.objective} objective, {self.method}): {self.status.value}.",
            f"  {self.steps} steps, {self.restarts} restarts, seed {self.seed}",
            f"  resolution ratio {self.ratio:.3g} (below 1 is resolved)",
        ]
        if self.history:
            _, dynamics, aux = self.history[-1]
            lines.append(f"  dynamics loss {dynamics:.3g}, auxiliary loss {aux:.3g} (no scale)")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"FitResult({self.status.name}, {self.method}, {self.steps} steps, "
            f"resolution ratio {self.ratio:.3g})"
        )


class Throttle(Generic[Report]):
    """Pass progress on, at most about ten times a second; the last report always gets through.

    Parameters
    ----------
    callback
        Receives a :class:`FitProgress`, or what else is reported; None: nobody listens.
    """

    def __init__(self, callback: Callable[[Report], None] | None) -> None:
        self._callback = callback
        self._next = 0.0

    def __call__(self, progress: Report, *, force: bool = False) -> None:
        """Report ``progress`` if it is time, or if ``force``."""
        if self._callback is None:
            return
        now = time.monotonic()
        if force or now >= self._next:
            self._next = now + 0.1
            self._callback(progress)
