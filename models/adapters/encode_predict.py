"""Latent models with ``encode`` and ``predict``, the shape of LeWM and stable-worldmodel."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from tellapart.models.adapters.actions import ActionForm, ActionVectors, check_form
from tellapart.models.adapters.adapters import (
    AdaptedSubject,
    Hint,
    as_system,
    attribute,
    checked,
    hint,
)
from tellapart.models.adapters.frozen_head import head_and_fit
from tellapart.models.adapters.methods import MethodPart, claim_all
from tellapart.models.subject import Part, Subject, SubjectError
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["from_encode_predict"]

_SHAPE = "model with encode and predict"


class _Encode(MethodPart):
    """``encode`` of one frame, given as a tensor or in a dictionary."""

    def __init__(self, model: Any, key: str | None, answer: str) -> None:
        super().__init__(model)
        self.key, self.answer = key, answer

    def forward(self, observations: Tensor) -> Any:
        if self.key is None:
            found = self.model.encode(observations)
        else:
            found = self.model.encode({self.key: observations.unsqueeze(1)})
        if isinstance(found, dict):
            if self.answer not in found:
                raise SubjectError(
                    "encoder",
                    f"(encode) returned a dictionary with the keys {sorted(map(str, found))}, and "
                    f"none is {self.answer!r}; write latent= with the key of the latents.",
                )
            found = found[self.answer]
        return found[:, -1] if isinstance(found, Tensor) and found.ndim == 3 else found


class _Predict(MethodPart):
    """``predict`` with a history of one step, actions through the model's own action encoder."""

    def __init__(self, model: Any, actions: ActionVectors, time: bool) -> None:
        super().__init__(model)
        self.actions, self.time = actions, time

    def forward(self, codes: Tensor, actions: Tensor) -> Any:
        given = self.actions(actions, codes)
        if self.time:
            codes, given = codes.unsqueeze(1), given.unsqueeze(1)
        embed = getattr(self.model, "action_encoder", None)
        if embed is not None:
            given = embed(given)
        answer = self.model.predict(codes, given)
        if self.time and isinstance(answer, Tensor) and answer.ndim == 3:
            return answer[:, -1]
        return answer


def from_encode_predict(
    model: Any,
    mdp: DeterministicMDP,
    *,
    head: Any = None,
    key: str | None = "pixels",
    latent: str = "emb",
    time: bool = True,
    action: ActionForm = "onehot",
    vectors: Tensor | nn.Module | None = None,
    observations: Tensor | None = None,
    fit: Callable[[Subject, DeterministicMDP, int], object] | None = None,
    name: str = "latent model",
) -> AdaptedSubject:
    """Make a subject (D1) of an object with ``encode`` and ``predict``.

    Parameters
    ----------
    model
        ``encode({key: [B, T, *obs_shape]})`` returns a dictionary with ``latent`` ``[B, T, d]``, or
        the latents themselves; ``predict(z, a)`` maps ``[B, T, d]`` and actions ``[B, T, A]`` to
        ``[B, T, d]``. Actions go through ``action_encoder`` where the model has one.
    mdp
        The system.
    head
        Latents ``[batch, d]`` to labels, trained together with the encoder. None: the model has
        none, as published; a linear one is solved on frozen codes after your ``fit``, and
        ``joint_training`` counts as dropped.
    key
        Key of the observations in the dictionary; None: ``encode`` takes the tensor ``[B,
        *obs_shape]`` itself.
    latent
        Key of the latents in the answer of ``encode``.
    time
        Whether ``predict`` works on sequences ``[B, T, d]``; it is given one step. A model that
        needs more than one step of history is no function of (z, a), and no T of the theorem.
    action, vectors
        ``"onehot"`` (or ``vectors``): floats ``[B, 1, A]``; ``"index"``: int64 ``[B, 1]``.
    observations, fit, name
        As in :func:`~tellapart.models.adapters.modules.from_modules`. Without ``fit`` and
        ``head`` nothing is trained: the model is measured as it is.

    Returns
    -------
    AdaptedSubject

    Raises
    ------
    InvalidArgumentError
        When the object has no encode or predict.
    SubjectError
        When shapes do not fit.

    Examples
    --------
    >>> import torch
    >>> from types import SimpleNamespace
    >>> from tellapart.theory.gallery import counting_chain
    >>> model = SimpleNamespace(encode=lambda o: 2 * o, predict=lambda z, a: z + a.unsqueeze(1))
    >>> subject = from_encode_predict(
    ...     model, counting_chain(3), key=None, time=False, action="index"
    ... )
    >>> subject.predictor(torch.zeros(1, 3), torch.tensor([1]))
    tensor([[1., 1., 1.]])
    """
    mdp = as_system(mdp)
    check_form(action, ("index", "onehot"))
    _check_names(key, latent)
    fix = "For separate modules use from_modules; for encode, next and reward from_world_model."
    for method in ("encode", "predict"):
        attribute(model, (method,), _SHAPE, fix)
    encoder = _Encode(model, key, latent)
    predictor = _Predict(model, ActionVectors(mdp.n_actions, action, vectors), time)
    reads, trains = head_and_fit(head, fit, encoder, observations, mdp)
    subject = AdaptedSubject(
        encoder,
        predictor,
        reads,
        observations=observations,
        fit=trains,
        name=name,
        shape=_SHAPE,
        origin=model,
        dropped=() if head is not None else (Hypothesis.JOINT_TRAINING,),
    )
    checked(subject, mdp, _HINTS)
    claim_all(subject, mdp)
    return subject


def _check_names(key: object, latent: object) -> None:
    if not (key is None or isinstance(key, str)) or not isinstance(latent, str):
        raise InvalidArgumentError(
            f"key is {key!r} and latent {latent!r}; both name entries of dictionaries (key=None: "
            "encode takes the tensor itself)."
        )


_HINTS: dict[Part, Hint] = {
    "encoder": hint(
        "encode is given {key: [B, 1, *obs_shape]} (key=None: the tensor [B, *obs_shape]) and has "
        "to return latents [B, 1, d] or [B, d]; write key= and observations= as it takes them."
    ),
    "predictor": hint(
        "predict is given [B, 1, d] and actions [B, 1, A] through action_encoder; write time=False "
        "if it works on [B, d], action='index' if actions are indices, or give vectors= with one "
        "row [A] for each action."
    ),
    "head": hint("head= is given latents [B, d] and has to return [B, label_dim]."),
}
