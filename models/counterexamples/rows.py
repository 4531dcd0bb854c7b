"""The rows that a specimen is trained on, as tensors, and an MDP of their size for factories."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.subject import Subject
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Outputs", "Rows", "rows_of", "stand_in"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a subject answers on its rows, with gradients.

    Attributes
    ----------
    codes
        E(o) for every observation of the data, ``[n, d]``.
    predicted
        T(E(o), a) for every transition, ``[m, d]``.
    read
        P(E(o)) for every observation, ``[n, label_dim]``.
    """

    codes: Tensor
    predicted: Tensor
    read: Tensor

    def double(self) -> "Outputs":
        """Return the same numbers in float64, so that losses are summed in it."""
        return Outputs(self.codes.double(), self.predicted.double(), self.read.double())


@dataclass(frozen=True, eq=False)
class Rows:
    """Transitions and labels as tensors.

    Attributes
    ----------
    mdp
        Total system of the same size; see :func:`stand_in`.
    shown
        int64 ``[n]``: for each observation of the data the one that the encoder is given; others
        than itself where states look alike.
    sources, actions, targets
        int64 ``[m]``: the transitions.
    known
        int64 ``[l]``: observations with a label.
    labels
        float64 ``[l, label_dim]``: their labels.
    label_unit
        Rms deviation of the labels from their mean, 1 where there is none: losses of labels are
        taken in this unit while training.
    """

    mdp: DeterministicMDP
    shown: Tensor
    sources: Tensor
    actions: Tensor
    targets: Tensor
    known: Tensor
    labels: Tensor
    label_unit: float

    def encode(self, subject: Subject) -> Tensor:
        """Return the code of every observation of the data, ``[n, d]``."""
        codes: Tensor = subject.encoder(subject.inputs(self.mdp.n_obs, self.shown))
        return codes

    def run(self, subject: Subject) -> Outputs:
        """Run all three parts on everything."""
        codes = self.encode(subject)
        predicted = subject.predictor(codes[self.sources], self.actions)
        read = subject.head(codes)
        return Outputs(codes, predicted, read.reshape(len(codes), -1))

    def dynamics(self, out: Outputs) -> Tensor:
        """Return residuals ``[m * d]``; their squares sum to the dynamics loss."""
        gap = out.predicted - out.codes[self.targets]
        scaled: Tensor = gap.reshape(-1) / max(1, len(self.sources)) ** 0.5
        return scaled

    def auxiliary(self, out: Outputs) -> Tensor:
        """Return residuals ``[l * label_dim]``; squares sum to the auxiliary loss in its unit."""
        gap = out.read[self.known] - self.labels.to(out.read.dtype)
        scaled: Tensor = gap.reshape(-1) / (max(1, len(self.known)) ** 0.5 * self.label_unit)
        return scaled


def rows_of(specimen: Specimen) -> Rows:
    """Return the distinct transitions and known labels of the data, in their order."""
    data = specimen.data
    mdp = stand_in(data)
    # Where the data name the states themselves, the encoder is shown what a state looks like.
    by_state = data.n_obs == specimen.world.n_obs
    shown = specimen.shows if by_state else range(data.n_obs)
    known = np.flatnonzero(data.label_ids >= 0)
    labels = mdp.label_vectors[known]
    spread = float(np.sqrt(np.square(labels - labels.mean(axis=0)).sum(axis=1).mean()))
    return Rows(
        mdp=mdp,
        shown=torch.tensor(list(shown)),
        sources=torch.tensor(data.sources.astype(np.int64)),
        actions=torch.tensor(data.action_ids.astype(np.int64)),
        targets=torch.tensor(data.targets.astype(np.int64)),
        known=torch.tensor(known.astype(np.int64)),
        labels=torch.tensor(labels),
        label_unit=spread if spread > 0 else 1.0,
    )


def stand_in(data: TransitionData) -> DeterministicMDP:
    """Return a total system with the observations, actions and label values of the data.

    Factories take a deterministic MDP and read its sizes. Missing pairs stay where they are, of
    several successors one stands, and an observation without a label gets the first label: nothing
    of that is trained on.

    Examples
    --------
    >>> stand_in(TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: "a", 2: "b"}))
    DeterministicMDP(n_obs=3, n_actions=1, n_labels=2)
    """
    table = data.table()
    stay = np.broadcast_to(np.arange(data.n_obs, dtype=np.int32)[:, None], table.shape)
    values = data.label_values or (0,)
    labels = [values[max(0, i)] for i in data.label_ids.tolist()]
    return DeterministicMDP(
        np.where(table < 0, stay, table), labels, data.observations, data.actions
    )
