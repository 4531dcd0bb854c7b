"""World models with ``encode``, ``next`` and ``reward``, the shape of TD-MPC2."""

import inspect
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
from tellapart.models.adapters.methods import MethodPart, claim_all
from tellapart.models.adapters.rewards import TwoHot
from tellapart.models.subject import Part, Subject, SubjectError
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["from_world_model"]

_SHAPE = "world model"
_Fit = Callable[[Subject, DeterministicMDP, int], object]


class _Encode(MethodPart):
    """E(o) = encode(o, task)."""

    def __init__(self, model: Any, task: Any) -> None:
        super().__init__(model)
        self.task = _task_arguments(model.encode, 1, task)

    def forward(self, observations: Tensor) -> Any:
        return self.model.encode(observations, *self.task)


class _Next(MethodPart):
    """T(z, a) = next(z, a, task)."""

    def __init__(self, model: Any, task: Any, actions: ActionVectors) -> None:
        super().__init__(model)
        self.task, self.actions = _task_arguments(model.next, 2, task), actions

    def forward(self, codes: Tensor, actions: Tensor) -> Any:
        return self.model.next(codes, self.actions(actions, codes), *self.task)


class _Rewards(MethodPart):
    """P(z) = (reward(z, a) for every action a), ``[batch, n_actions]``."""

    def __init__(
        self, model: Any, task: Any, actions: ActionVectors, n_actions: int, decode: Any
    ) -> None:
        super().__init__(model)
        self.task = _task_arguments(model.reward, 2, task)
        self.actions, self.n_actions, self.decode = actions, n_actions, decode

    def raw(self, codes: Tensor) -> Any:
        """Return what the model says, ``[batch * n_actions, width]``, action by action."""
        each = torch.arange(self.n_actions, device=codes.device).repeat(len(codes))
        rows = codes.repeat_interleave(self.n_actions, dim=0)
        return self.model.reward(rows, self.actions(each, rows), *self.task)

    def forward(self, codes: Tensor) -> Tensor:
        answer: Tensor = self.decode(self.raw(codes))
        return answer.reshape(len(codes), -1)


def from_world_model(
    model: Any,
    mdp: DeterministicMDP,
    *,
    head: Any = None,
    decode: Callable[[Tensor], Tensor] | None = None,
    action: ActionForm = "onehot",
    vectors: Tensor | nn.Module | None = None,
    task: Any = None,
    observations: Tensor | None = None,
    fit: _Fit | None = None,
    name: str = "world model",
) -> AdaptedSubject:
    """Make a subject (D1) of an object with ``encode``, ``next`` and ``reward``.

    Parameters
    ----------
    model
        ``encode(obs, task)``, ``next(z, a, task)`` and ``reward(z, a, task)``, as TD-MPC2's world
        model has them, or the same without ``task``; a module is trained in place. Weights are
        shared out by use: the encoder's are those on which ``encode`` depends, and so on; policy
        and value heads belong to none.
    mdp
        The system. Its labels are the rewards of all actions, tuples of ``n_actions`` numbers
        (:func:`~tellapart.models.adapters.rewards.reward_labels` makes
        them), as ``reward`` depends on latent and action; not so with
        a ``head`` of your own.
    head
        A module on latents alone instead of ``reward``.
    decode
        Turns an answer of ``reward`` into a number, ``[batch, width]`` to ``[batch, 1]``, such as
        :class:`~tellapart.models.adapters.rewards.TwoHot`. None: taken from ``model.cfg``
        (``num_bins``, ``vmin``, ``vmax``) if it is there, else the answer has to be one number.
    action, vectors
        As in :func:`~tellapart.models.adapters.modules.from_modules`; ``"concat"`` is not possible.
    task
        Passed on where the methods take it.
    observations, fit, name
        As in :func:`~tellapart.models.adapters.modules.from_modules`.

    Returns
    -------
    AdaptedSubject

    Raises
    ------
    InvalidArgumentError
        When a method is missing, or an option is unknown.
    SubjectError
        When shapes do not fit, or the labels are not the rewards of all actions.

    Notes
    -----
    tellapart trains the triple with squared errors on decoded rewards and without stop-gradient.
    TD-MPC2 itself trains with cross-entropy and a stopped gradient at the target: give its loss as
    ``fit`` to test that.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from tellapart.models.adapters.rewards import reward_labels
    >>> from tellapart.theory.gallery import counting_chain
    >>> model = SimpleNamespace(
    ...     encode=lambda o: o, next=lambda z, a: z, reward=lambda z, a: z[:, :1] * a[:, :1]
    ... )
    >>> subject = from_world_model(model, reward_labels(counting_chain(3)))
    >>> subject.head(torch.eye(3)).tolist()
    [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    """
    mdp = as_system(mdp)
    check_form(action, ("index", "onehot"))
    nested = "Pass agent.model." if hasattr(getattr(model, "model", None), "encode") else ""
    names = ("encode", "next") if head is not None else ("encode", "next", "reward")
    for method in names:
        fix = nested or "Give the object that has encode, next and reward, or head= for reward."
        attribute(model, (method,), _SHAPE, fix)
    actions = ActionVectors(mdp.n_actions, action, vectors)
    encoder, predictor = _Encode(model, task), _Next(model, task, actions)
    reads: Any = head
    if head is None:
        reads = _Rewards(model, task, actions, mdp.n_actions, _unread)
    subject = AdaptedSubject(
        encoder, predictor, reads, observations=observations, fit=fit, name=name, shape=_SHAPE,
        origin=model,
    )  # fmt: skip
    if isinstance(reads, _Rewards):
        _check_labels(mdp)
        checked(AdaptedSubject(encoder, predictor, _Shape(mdp), observations), mdp, _HINTS)
        reads.decode = _decoder(subject, mdp, reads, decode)
    checked(subject, mdp, _HINTS)
    claim_all(subject, mdp)
    return subject


def _task_arguments(method: Any, n_others: int, task: Any) -> tuple[Any, ...]:
    """Return what is passed after the other arguments: the task, where the method takes one."""
    try:
        inspect.signature(method).bind(*range(n_others), task)
    except TypeError:
        return ()
    except ValueError:  # some callables have no signature
        return (task,)
    return (task,)


class _Shape(nn.Module):
    """A head of the right shape, for a look at the other parts."""

    def __init__(self, mdp: DeterministicMDP) -> None:
        super().__init__()
        self.width = mdp.label_vectors.shape[1]

    def forward(self, codes: Tensor) -> Tensor:
        return codes.new_zeros((len(codes), self.width))


def _check_labels(mdp: DeterministicMDP) -> None:
    width = mdp.label_vectors.shape[1]
    if width != mdp.n_actions:
        raise SubjectError(
            "head",
            f"is reward(z, a), {mdp.n_actions} numbers for {mdp.n_actions} actions, but a label of "
            f"this system has {width} coordinates. Check it on reward_labels(mdp), or give a head= "
            "that reads the labels from latents alone.",
        )


def _decoder(
    subject: Subject, mdp: DeterministicMDP, rewards: _Rewards, decode: Any
) -> Callable[[Tensor], Tensor]:
    """Return what turns answers of ``reward`` into numbers."""
    if decode is not None:
        if not callable(decode):
            raise InvalidArgumentError(
                f"decode is of type {type(decode).__name__}; give a function or TwoHot(...)."
            )
        chosen: Callable[[Tensor], Tensor] = decode
        return chosen
    config = getattr(rewards.model, "cfg", None)
    bins = getattr(config, "num_bins", None)
    low, high = getattr(config, "vmin", None), getattr(config, "vmax", None)
    if isinstance(bins, int) and bins >= 1 and low is not None and high is not None:
        return TwoHot(bins, low, high)
    with untouched(*subject.modules), torch.no_grad():
        answer = rewards.raw(subject.encoder(subject.inputs(mdp.n_obs)[:1]))
    if isinstance(answer, Tensor) and answer.numel() == mdp.n_actions:
        return _unread
    width = answer.shape[-1] if isinstance(answer, Tensor) and answer.ndim else "?"
    raise SubjectError(
        "head",
        f"(reward) returns {width} numbers for one latent and action, which is not one reward. For "
        f"two-hot logits write decode=TwoHot({width}, low, high).",
    )


def _unread(answer: Tensor) -> Tensor:
    return answer


_HINTS: dict[Part, Hint] = {
    "encoder": hint("encode(obs, task) has to return [batch, d]; give observations= it takes."),
    "predictor": hint(
        "next(z, a, task) is given one-hot actions [batch, n_actions]; write action='index' if it "
        "takes indices, or vectors= with one row [A] for each action."
    ),
    "head": hint("Its answer has to be [batch, label_dim]; see decode= and reward_labels(mdp)."),
}
