"""Run a subject on logged data: every output checked, residuals on the transitions of the data."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.counterexamples.rows import stand_in
from tellapart.models.evaluation import evaluate
from tellapart.models.subject import Subject
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_resolution import known_labels
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register

__all__ = ["DataEvaluation", "evaluate_data", "require_data", "shown"]

FloatArray = npt.NDArray[np.float64]


@register
@dataclass(frozen=True, eq=False)
class DataEvaluation(Saved):
    """Everything a subject answers on data.

    Attributes
    ----------
    codes
        E(o), float64 ``[n_obs, d]``.
    predicted
        T(E(o), a) for each transition of the data, float64 ``[n_transitions, d]``.
    read
        P(E(o)), float64 ``[n_obs, label_dim]``.
    dynamics_residuals
        ``||T(E(o), a) - E(o')||`` for each transition, float64 ``[n_transitions]``.
    aux_residuals
        ``||P(E(o)) - p(o)||`` for each observation with a known label, in their order, float64.
    dynamics_loss, aux_loss
        Means of the squared residuals; 0 without a known label. They have no scale (S13): never
        decide by them.
    dtype
        Type the encoder computes in, such as ``"float32"``.
    """

    codes: FloatArray
    predicted: FloatArray
    read: FloatArray
    dynamics_residuals: FloatArray
    aux_residuals: FloatArray
    dynamics_loss: float
    aux_loss: float
    dtype: str

    @property
    def epsilon(self) -> float:
        """Unit of rounding of the type the encoder computes in."""
        return float(torch.finfo(getattr(torch, self.dtype)).eps)

    def __repr__(self) -> str:
        (n, d), m = self.codes.shape, len(self.predicted)
        return (
            f"DataEvaluation({n} observations, {m} transitions, d={d}, {self.dtype}; "
            f"dynamics loss {self.dynamics_loss:.3g}, auxiliary loss {self.aux_loss:.3g})"
        )


def evaluate_data(
    subject: Subject, data: TransitionData, inputs: Tensor | None = None
) -> DataEvaluation:
    """Encode every observation, predict every transition of the data, read every label.

    Parameters
    ----------
    subject
        What to run, in the mode in which its parts are.
    data
        Any coverage and any labels.
    inputs
        What the encoder is shown, floating ``[n_obs, *obs_shape]``; default
        ``subject.observations``, and one-hot vectors without these.

    Returns
    -------
    DataEvaluation

    Raises
    ------
    SubjectError
        As :func:`tellapart.models.evaluation.evaluate`.
    InvalidArgumentError
        When ``data`` are no transition data.

    Notes
    -----
    All pairs of observation and action are run, twice; those that the data miss only have to be
    answered with finite numbers.
    """
    require_data(data)
    whole = evaluate(shown(subject, inputs), stand_in(data))
    predicted = whole.predicted[data.sources, data.action_ids]
    known, labels = known_labels(data)
    dynamics = np.linalg.norm(predicted - whole.codes[data.targets], axis=1)
    missed = np.linalg.norm(whole.read[known] - labels, axis=1) if len(known) else np.zeros(0)
    for array in (predicted, dynamics, missed):
        array.setflags(write=False)
    return DataEvaluation(
        codes=whole.codes,
        predicted=predicted,
        read=whole.read,
        dynamics_residuals=dynamics,
        aux_residuals=missed,
        dynamics_loss=float(np.mean(dynamics**2)),
        aux_loss=float(np.mean(missed**2)) if len(missed) else 0.0,
        dtype=whole.dtype,
    )


def shown(subject: Subject, inputs: Tensor | None) -> Subject:
    """Return the subject with these inputs in place of its observations; its own without any.

    Raises
    ------
    SubjectError
        When the inputs are not a floating tensor.
    """
    return subject if inputs is None else replace(subject, observations=inputs)


def require_data(data: object) -> None:
    """Refuse anything that is not transition data.

    Raises
    ------
    InvalidArgumentError
        Saying what came, and how to build data.
    """
    if not isinstance(data, TransitionData):
        raise InvalidArgumentError(
            f"data is a {type(data).__name__}; it must be TransitionData. Build one with "
            "TransitionData(triples, labels); for a DeterministicMDP use fit, evaluate and check."
        )
