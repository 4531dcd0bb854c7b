"""Subjects that look fine to some measure and must not pass, beyond those of the diagnostics.

See :mod:`tellapart.models.diagnostics.encoders` for encoders that fool a single diagnostic.
"""

from collections import deque
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.diagnostics.best_response import (
    HatPredictor,
    best_response_subject,
    on_grid,
)
from tellapart.models.first_order import Phase, Scaling, train_phase
from tellapart.models.fit import check_integer
from tellapart.models.networks import LinearHead, MLPPredictor, reference_subject
from tellapart.models.subject import Subject
from tellapart.models.zoo.training import seeded
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "ActionBlindPredictor",
    "action_blind_line_subject",
    "action_blind_subject",
    "batchnorm_subject",
    "dropout_subject",
    "expert_data",
    "expert_subject",
    "fresh_noise_subject",
]

IntArray = npt.NDArray[np.int64]

_SMALL = 2.0**-10
_WIDTH, _LATENT, _STEPS, _RATE = 16, 4, 400, 1e-2


def expert_data(mdp: DeterministicMDP) -> TransitionData:
    """Return the transitions of an expert: one shortest way to the rarest label, then the end.

    Parameters
    ----------
    mdp
        The system. The goal is every observation with the label that fewest observations carry
        (the first such label). Observations that cannot reach it act nowhere.

    Returns
    -------
    TransitionData
        With all labels. On the counting chain 8 of 18 transitions are left, and five codes do.

    Raises
    ------
    InvalidArgumentError
        When no observation without that label can reach one with it.

    Notes
    -----
    O(n |A|). Of several first actions of shortest ways the first is taken.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> expert_data(counting_chain(9)).n_transitions
    8
    """
    actions = _expert_actions(mdp)
    acting = np.flatnonzero(actions >= 0)
    if len(acting) == 0:
        raise InvalidArgumentError(
            f"An expert has nothing to do on {mdp!r}: no observation reaches the rarest label from "
            "elsewhere. Give a system with two labels at least and a way between them."
        )
    chosen = actions[acting]
    triples = np.stack([acting, chosen, mdp.successors[acting, chosen]], axis=1)
    labels = dict(enumerate(mdp.labels))
    return TransitionData(
        triples.astype(np.int64), labels, observations=mdp.observations, actions=mdp.actions
    )


def expert_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build an encoder with zero loss on :func:`expert_data` and the codes that those data need.

    The codes are the blocks of what the expert sees. One action for each observation is in the
    data, so the predictor answers with its successor whatever the action. Both losses are zero on
    the data; on the system pairs are merged that only actions which were never tried tell apart.
    """
    actions = _expert_actions(mdp)
    here = np.arange(mdp.n_obs)
    moved = np.where(actions >= 0, mdp.successors[here, np.maximum(actions, 0)], here)
    seen = DeterministicMDP(moved[:, None], mdp.labels)
    ids = bisimulation(seen).partition.ids.astype(np.float64)
    taught = best_response_subject(seen, ids[:, None], seed=seed)
    return _with_one_answer(taught, mdp.n_actions, "expert-only")


class ActionBlindPredictor(nn.Module):
    """T(z, a) = T(z): the answer of a predictor to the first action, whatever the action."""

    def __init__(self, predictor: nn.Module) -> None:
        super().__init__()
        self.predictor = predictor

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents ``[batch, d]``."""
        predicted: Tensor = self.predictor(codes, torch.zeros_like(actions))
        return predicted


def action_blind_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build the reference subject with a predictor that ignores actions; it trains jointly."""
    made = reference_subject(mdp, seed=seed)
    predictor = made.predictor
    if not isinstance(predictor, nn.Module):
        raise InternalError("The reference predictor is no module. This is a bug in tellapart.")
    blind = ActionBlindPredictor(predictor)
    return replace(made, predictor=blind, fit=_train_jointly, name="action-blind")


def action_blind_line_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build a predictor that ignores actions, on all blocks of B* in a row at a scale of 1/1024.

    It is the best there is of its kind: the mean successor over the actions. The codes are close,
    so the dynamics loss is about 1e-6; relative to the gaps (S13) it misses on every transition.
    """
    ids = bisimulation(mdp).partition.ids.astype(np.float64)
    aware = best_response_subject(mdp, on_grid(_SMALL * ids[:, None]), seed=seed)
    return _with_one_answer(aware, mdp.n_actions, "action-blind-line")


class FreshNoiseEncoder(nn.Module):
    """E(o) = one code for everything, plus new full-rank normal noise in each call."""

    code: Tensor

    def __init__(self, d: int, seed: int) -> None:
        super().__init__()
        self.register_buffer("code", torch.zeros(d, dtype=torch.float64))
        self.generator = torch.Generator().manual_seed(seed)

    def forward(self, observations: Tensor) -> Tensor:
        """Return codes float64 ``[batch, d]``; other ones in the next call."""
        size = (len(observations), len(self.code))
        return self.code + torch.randn(size, generator=self.generator, dtype=torch.float64)


def fresh_noise_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build a collapsed encoder with Gaussian noise of full rank, drawn anew in each call.

    Rank, variance and normality of a batch of its codes are those of a healthy encoder. It is no
    function of the observation: encoding twice shows it.
    """
    check_integer("seed", seed, 0)
    generator = torch.Generator().manual_seed(seed)
    return Subject(
        FreshNoiseEncoder(_LATENT, seed),
        MLPPredictor(_LATENT, mdp.n_actions, _WIDTH, generator),
        LinearHead(_LATENT, mdp.label_vectors.shape[1], generator),
        fit=_leave_alone,
        name="fresh-noise",
    )


def batchnorm_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build a subject that trains jointly and leaves its BatchNorm in train mode.

    A code then depends on the batch that it is computed in, so E is no function.
    """
    return _left_in_train_mode(mdp, seed, nn.BatchNorm1d(_WIDTH), "batchnorm-in-train-mode")


def dropout_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build a subject that trains jointly and leaves its dropout in train mode."""
    return _left_in_train_mode(mdp, seed, nn.Dropout(0.2), "dropout-in-train-mode")


def _expert_actions(mdp: DeterministicMDP) -> IntArray:
    """Return the expert's action at each observation, int64 ``[n]``; -1 where it has none."""
    counts = np.bincount(mdp.label_ids)
    goal = np.flatnonzero(mdp.label_ids == counts.argmin())
    distance = np.full(mdp.n_obs, -1, dtype=np.int64)
    distance[goal] = 0
    sources: list[list[int]] = [[] for _ in range(mdp.n_obs)]
    for source, row in enumerate(mdp.successors.tolist()):
        for target in row:
            sources[target].append(source)
    queue = deque(goal.tolist())
    while queue:
        target = queue.popleft()
        for source in sources[target]:
            if distance[source] < 0:
                distance[source] = distance[target] + 1
                queue.append(source)
    nearer = (distance[mdp.successors] == distance[:, None] - 1) & (distance[:, None] > 0)
    return np.where(nearer.any(axis=1), nearer.argmax(axis=1), -1)


def _with_one_answer(subject: Subject, n_actions: int, name: str) -> Subject:
    """Replace the predictor by its mean over the actions, whatever the action."""
    predictor = subject.predictor
    if not isinstance(predictor, HatPredictor):
        raise InternalError("A best response has a HatPredictor. This is a bug in tellapart.")
    mean = predictor.values.mean(dim=0, keepdim=True)
    blind = HatPredictor(predictor.hats, mean.repeat(n_actions, 1, 1).numpy())
    return Subject(subject.encoder, blind, subject.head, name=name)


def _left_in_train_mode(mdp: DeterministicMDP, seed: int, layer: nn.Module, name: str) -> Subject:
    check_integer("seed", seed, 0)
    with seeded(seed):
        encoder = nn.Sequential(
            nn.Linear(mdp.n_obs, _WIDTH), layer, nn.Tanh(), nn.Linear(_WIDTH, _LATENT)
        )
        predictor = nn.Linear(_LATENT, mdp.n_actions * _LATENT)
        head = nn.Linear(_LATENT, mdp.label_vectors.shape[1])
    return Subject(
        encoder, _LinearByAction(predictor, mdp.n_actions), head, fit=_train_jointly, name=name
    )


class _LinearByAction(nn.Module):
    """T(z, a): one affine map for each action, all in one layer."""

    def __init__(self, layer: nn.Linear, n_actions: int) -> None:
        super().__init__()
        self.layer, self.n_actions = layer, n_actions

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        answers = self.layer(codes).reshape(len(codes), self.n_actions, -1)
        chosen: Tensor = answers[torch.arange(len(codes)), actions]
        return chosen


def _train_jointly(subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
    """Train all parts on both losses; they stay in the mode in which they are."""
    scaling = Scaling(subject.head, torch.tensor(mdp.label_vectors))
    with seeded(seed):
        train_phase(
            subject, mdp, Phase(("encoder", "predictor", "head"), "joint"), scaling,
            steps=_STEPS, seed=seed, learning_rate=_RATE, weight_decay=0.0,
            watch=lambda *_: False,
        )  # fmt: skip
    scaling.fold()


def _leave_alone(subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
    """Train nothing: no training could change what the encoder is."""
