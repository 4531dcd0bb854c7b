"""Joint-embedding predictive models with ``encoder`` and ``predictor``, the shape of eb_jepa."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tellapart.models.adapters.actions import ActionForm, ActionVectors, check_form
from tellapart.models.adapters.adapters import (
    AdaptedSubject,
    Hint,
    as_system,
    attribute,
    checked,
    hint,
    untouched,
)
from tellapart.models.adapters.frozen_head import head_and_fit
from tellapart.models.subject import Part, Subject, SubjectError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["from_jepa"]

_SHAPE = "joint-embedding predictive model"
_FIX = "Its parts may have other names: then use from_modules(encoder, predictor, head, mdp)."


class _VideoEncoder(nn.Module):
    """E of a video encoder ``[B, C, T, H, W]`` to ``[B, D, T, H', W']``: one frame, flattened."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def state(self, observations: Tensor) -> Any:
        """Return the encoder's own answer to clips of one frame."""
        return self.encoder(_as_clip(observations))

    def forward(self, observations: Tensor) -> Any:
        answer = self.state(observations)
        if isinstance(answer, Tensor) and answer.ndim >= 3:
            return answer[:, :, -1].flatten(1)
        return answer


class _VideoPredictor(nn.Module):
    """T of a video predictor: state ``[B, D, 1, H', W']``, action ``[B, A, 1]``."""

    def __init__(
        self, predictor: Any, embed: Any, actions: ActionVectors, grid: tuple[int, ...] | None
    ) -> None:
        super().__init__()
        self.predictor, self.embed, self.actions, self.grid = predictor, embed, actions, grid

    def forward(self, codes: Tensor, actions: Tensor) -> Any:
        given = self.actions(actions, codes)
        if self.grid is not None:
            given = given.unsqueeze(-1)
        if self.embed is not None:
            given = self.embed(given)
        if self.grid is None:
            return self.predictor(codes, given)
        answer = self.predictor(codes.reshape(len(codes), *self.grid), given)
        if isinstance(answer, Tensor) and answer.ndim >= 3:
            return answer[:, :, -1].flatten(1)
        return answer


def from_jepa(
    model: Any,
    mdp: DeterministicMDP,
    *,
    head: Any = None,
    action: ActionForm = "onehot",
    vectors: Tensor | nn.Module | None = None,
    observations: Tensor | None = None,
    fit: Callable[[Subject, DeterministicMDP, int], object] | None = None,
    name: str = "jepa",
) -> AdaptedSubject:
    """Make a subject (D1) of an object with ``encoder``, ``predictor`` and maybe ``regularizer``.

    Parameters
    ----------
    model
        Has ``encoder``, clips ``[B, C, T, H, W]`` to states ``[B, D, T, H', W']`` (or ``[B, D,
        T]`` or ``[B, D]``), and ``predictor(state, action)`` of states; maybe ``action_encoder``
        (or ``aencoder``), ``[B, A, T]`` to ``[B, A', T]``. A ``regularizer`` is no part of the
        triple: your ``fit`` finds it as ``subject.origin.regularizer``.
    mdp
        The system.
    head
        Latents ``[batch, d]`` to labels; it is then trained together with the encoder, which is
        what the theorem is about. None: the model has no head, as published; a linear one is
        solved on frozen codes after your ``fit``, and ``joint_training`` counts as dropped.
    action, vectors
        ``"onehot"`` (or ``vectors``): floats ``[B, A, 1]``; ``"index"``: int64 ``[B, 1]``.
    observations
        Floating ``[n_obs, C, H, W]`` (one frame each), ``[n_obs, C, T, H, W]`` or ``[n_obs, C]``.
        None: one-hot vectors as channels, ``[B, n_obs, 1, 1, 1]``.
    fit, name
        As in :func:`~tellapart.models.adapters.modules.from_modules`. Without ``fit`` and
        ``head`` nothing is trained: the model is measured as it is.

    Returns
    -------
    AdaptedSubject
        Its latent is the state of the last frame, flattened.

    Raises
    ------
    InvalidArgumentError
        When the object has no encoder or predictor.
    SubjectError
        When shapes do not fit.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from tellapart.theory.gallery import counting_chain
    >>> model = SimpleNamespace(encoder=nn.Flatten(), predictor=lambda z, a: z)
    >>> from_jepa(model, counting_chain(3)).dropped
    (<Hypothesis.JOINT_TRAINING: 'joint_training'>,)
    """
    mdp = as_system(mdp)
    check_form(action, ("index", "onehot"))
    encoder = attribute(model, ("encoder",), _SHAPE, _FIX)
    predictor = attribute(model, ("predictor",), _SHAPE, _FIX)
    embed = getattr(model, "action_encoder", None)
    embed = getattr(model, "aencoder", None) if embed is None else embed
    actions = ActionVectors(mdp.n_actions, action, vectors)
    seen = _VideoEncoder(encoder)
    grid = _grid(Subject(seen, _nothing, _nothing, observations), seen, mdp)
    reads, trains = head_and_fit(head, fit, seen, observations, mdp)
    subject = AdaptedSubject(
        seen,
        _VideoPredictor(predictor, embed, actions, grid),
        reads,
        observations=observations,
        fit=trains,
        name=name,
        shape=_SHAPE,
        origin=model,
        dropped=() if head is not None else (Hypothesis.JOINT_TRAINING,),
    )
    return checked(subject, mdp, _HINTS)


def _as_clip(observations: Tensor) -> Tensor:
    """Return ``[B, C, T, H, W]``, with one frame where there is no time axis."""
    if observations.ndim == 2:
        return observations[:, :, None, None, None]
    return observations.unsqueeze(2) if observations.ndim == 4 else observations


def _grid(
    subject: Subject, encoder: _VideoEncoder, mdp: DeterministicMDP
) -> tuple[int, ...] | None:
    """Return the shape of one state with one frame, or None when states are plain vectors."""
    shown = subject.inputs(mdp.n_obs, torch.tensor([0, mdp.n_obs - 1]))
    try:
        with untouched(encoder), torch.no_grad():
            state = encoder.state(shown)
    except Exception as error:  # whatever the adapted object raises is reported as the part's
        raise SubjectError(
            "encoder",
            f"raised {type(error).__name__}, given {list(_as_clip(shown).shape)}: {error}. "
            f"{_HINTS['encoder'](shown)}",
        ) from error
    if not isinstance(state, Tensor) or state.ndim < 3:
        return None
    return (state.shape[1], 1, *state.shape[3:])


def _nothing(*given: Tensor) -> Tensor:
    return given[0]


_HINTS: dict[Part, Hint] = {
    "encoder": hint(
        "It is given clips [B, C, 1, H, W] and has to return [B, D, 1, H', W'], [B, D, 1] or "
        "[B, D]; give observations= with the channels that it takes."
    ),
    "predictor": hint(
        "It is given the encoder's state for one frame and actions [B, A, 1] through "
        "action_encoder, and has to return a state; write action='index' if actions are indices, "
        "or give vectors= with one row [A] for each action."
    ),
    "head": hint(
        "head= is given latents [B, d] (flattened states) and has to return [B, label_dim]."
    ),
}
