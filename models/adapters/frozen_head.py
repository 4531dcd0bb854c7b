"""A linear head for models that have none: solved on frozen codes, and flagged as such (S8)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.adapters.adapters import untouched
from tellapart.models.subject import Encoder, Subject, SubjectError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["FrozenHead", "FrozenHeadFit", "head_and_fit"]

Fit = Callable[[Subject, DeterministicMDP, int], object]


class FrozenHead(nn.Module):
    """P(z) = W z + b, the least-squares reading of the labels from the codes as they are.

    It has no trainable weights: no gradient of the labels ever reaches the encoder.

    Parameters
    ----------
    label_dim
        Number of label coordinates; zero until :meth:`solve` is called.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, label_dim: int) -> None:
        super().__init__()
        self.label_dim = label_dim
        self.register_buffer("weight", torch.zeros((label_dim, 0), dtype=torch.float64))
        self.register_buffer("bias", torch.zeros(label_dim, dtype=torch.float64))

    def solve(self, encoder: Encoder, shown: Tensor, mdp: DeterministicMDP) -> None:
        """Fit W and b to the codes of all observations, the shortest solution where many fit.

        Codes that are not finite are left to the evaluation, which names them.
        """
        with untouched(encoder), torch.no_grad():
            answer = encoder(shown)
        if not isinstance(answer, Tensor) or answer.ndim != 2 or not torch.isfinite(answer).all():
            return
        codes = answer.double().cpu().numpy()
        centre, mean = codes.mean(axis=0), mdp.label_vectors.mean(axis=0)
        weight = np.linalg.lstsq(codes - centre, mdp.label_vectors - mean, rcond=None)[0].T
        self.weight = torch.tensor(weight, device=answer.device)
        self.bias = torch.tensor(mean - weight @ centre, device=answer.device)

    def forward(self, codes: Tensor) -> Tensor:
        """Return labels float64 ``[batch, label_dim]``."""
        if not self.weight.shape[1]:
            return self.bias.expand(len(codes), -1)
        return codes.to(self.weight) @ self.weight.T + self.bias


@dataclass(frozen=True)
class FrozenHeadFit:
    """Train by the user's own ``fit``, if there is one; then solve the head on frozen codes.

    Parameters
    ----------
    own
        ``fit(subject, mdp, seed)``; None takes encoder and predictor as they are.
    """

    own: Fit | None = None

    def __call__(self, subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
        """Train in place."""
        if self.own is not None:
            self.own(subject, mdp, seed)
        if isinstance(subject.head, FrozenHead):
            subject.head.solve(subject.encoder, subject.inputs(mdp.n_obs), mdp)


def head_and_fit(
    head: Any, fit: Any, encoder: Encoder, observations: Any, mdp: DeterministicMDP
) -> tuple[Any, Any]:
    """Return the head and the trainer of a model: given ones, or a head solved on frozen codes.

    Raises
    ------
    SubjectError
        When ``fit`` is no function.
    """
    if head is not None:
        return head, fit
    if fit is not None and not callable(fit):
        raise SubjectError(
            "fit", f"is of type {type(fit).__name__}; give a function fit(subject, mdp, seed)."
        )
    frozen = FrozenHead(mdp.label_vectors.shape[1])
    shell = Subject(encoder, _same, frozen, observations)
    try:
        frozen.solve(encoder, shell.inputs(mdp.n_obs), mdp)
    except SubjectError:
        raise
    except Exception as error:  # whatever the adapted object raises is reported as the part's
        raise SubjectError("encoder", f"raised {type(error).__name__}: {error}.") from error
    return frozen, FrozenHeadFit(fit)


def _same(codes: Tensor, actions: Tensor) -> Tensor:
    return codes
