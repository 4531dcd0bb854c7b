"""One training run on logged data: what is trained, what it has seen, and how it ends."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.data_evaluation import evaluate_data
from tellapart.models.data_rows import DataRows
from tellapart.models.first_order import Scaling
from tellapart.models.progress import FitProgress, FitResult, FitStatus, Throttle
from tellapart.models.subject import Subject
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_resolution import data_resolution
from tellapart.theory.partial.relation import SeparationRelation

__all__ = ["DataRun"]

_MAX_HISTORY = 400


class DataRun:
    """One training run on data.

    Parameters
    ----------
    subject
        What is trained; its observations are what the encoder is shown.
    data, rows
        The data, and the same as tensors.
    relation
        The pairs that must be told apart (S3); None where there are none to compute.
    objective, seed
        As given to :func:`tellapart.models.data_fit.fit_data`.
    throttle
        Passes progress on.
    """

    def __init__(
        self,
        subject: Subject,
        data: TransitionData,
        rows: DataRows,
        relation: SeparationRelation | None,
        objective: str,
        seed: int,
        throttle: Throttle[FitProgress],
    ) -> None:
        self.subject, self.data, self.rows, self.relation = subject, data, rows, relation
        self.objective, self.seed, self.throttle = objective, seed, throttle
        self.history: list[tuple[int, float, float]] = []
        self.ratio: float | None = None

    @property
    def weights(self) -> list[nn.Parameter]:
        """All trainable weights, shared ones once."""
        return [w for own in self.subject.trainable_weights().values() for w in own]

    def weights_now(self) -> list[Tensor]:
        """Return a copy of the weights as they are."""
        return [w.detach().clone() for w in self.weights]

    def put_back(self, kept: list[Tensor]) -> None:
        """Write weights that were kept, and forget what was seen since."""
        with torch.no_grad():
            for weight, value in zip(self.weights, kept, strict=True):
                weight.copy_(value)
        self.ratio = None

    def measure(self, scaling: Scaling) -> float:
        """Measure the resolution ratio of the parts as they are, and keep it."""
        with torch.no_grad():
            out = self.rows.forward(self.subject, scaling)
        codes, predicted, known = (
            part.cpu().double().numpy() for part in (out.codes, out.predicted[:, 0], out.read)
        )
        if all(np.isfinite(part).all() for part in (codes, predicted, known)):
            read = np.zeros((self.data.n_obs, known.shape[1]))
            read[self.rows.known.numpy()] = known[: len(self.rows.known)]
            self.ratio = self._ratio(codes, predicted, read)
        else:
            self.ratio = math.inf
        return self.ratio

    def note(self, step: int, total: int, dynamics: float, aux: float) -> None:
        """Remember one step, not more than some hundred in all, and report it."""
        if step % max(1, total // _MAX_HISTORY) == 0:
            self.history.append((step, dynamics, aux))
        self.throttle(FitProgress(step, total, dynamics, aux, self.ratio))

    def result(self, status: FitStatus, method: str, steps: int) -> FitResult:
        """Evaluate the trained subject, unless its weights are lost, and sum up."""
        if status is FitStatus.DIVERGED:
            ratio, last = math.inf, (steps, math.inf, math.inf)
        else:
            found = evaluate_data(self.subject, self.data)
            ratio = self._ratio(found.codes, found.predicted, found.read)
            last = (steps, found.dynamics_loss, found.aux_loss)
        if status is FitStatus.RESOLVED and not ratio < 1:
            status = FitStatus.STEP_LIMIT
        self.throttle(FitProgress(steps, steps, *last[1:], ratio), force=True)
        earlier = tuple(entry for entry in self.history if entry[0] < steps)
        return FitResult(
            status=status,
            method=method,
            objective=self.objective,
            steps=steps,
            ratio=ratio,
            history=(*earlier, last),
            seed=self.seed,
        )

    def _ratio(
        self,
        codes: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
        predicted: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
        read: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> float:
        if self.relation is None:
            return math.inf
        return data_resolution(self.data, self.relation, codes, predicted, read).ratio
