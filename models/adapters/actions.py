"""How actions reach a predictor: as indices, as vectors, or joined to the latent."""

from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["ActionForm", "ActionInput", "ActionVectors", "check_form"]

#: ``"index"``: int64 ``[batch]``; ``"onehot"``: vectors ``[batch, A]`` as second argument;
#: ``"concat"``: one argument ``[batch, d + A]``.
ActionForm = Literal["index", "onehot", "concat"]


class ActionVectors(nn.Module):
    """Turn action indices into what a model takes for actions.

    Parameters
    ----------
    n_actions
        Number of actions.
    form
        ``"index"`` keeps the indices; anything else gives vectors.
    vectors
        The vector of each action: floats ``[n_actions, A]``, or a module from int64 ``[batch]``
        to ``[batch, A]`` such as ``nn.Embedding``, which is trained with the predictor. None:
        one-hot vectors.

    Raises
    ------
    InvalidArgumentError
        For an unknown form, vectors of another shape, or vectors beside ``"index"``.

    Examples
    --------
    >>> ActionVectors(3)(torch.tensor([2]), torch.zeros(1))
    tensor([[0., 0., 1.]])
    """

    table: Tensor | None

    def __init__(
        self,
        n_actions: int,
        form: ActionForm = "onehot",
        vectors: Tensor | nn.Module | None = None,
    ) -> None:
        super().__init__()
        check_form(form)
        self.indices = form == "index"
        self.embedding = vectors if isinstance(vectors, nn.Module) else None
        if self.indices and vectors is not None:
            raise InvalidArgumentError(
                "vectors are given, but action='index' passes indices; write action='onehot' (a "
                "second argument) or action='concat' (joined to the latent)."
            )
        if self.embedding is None and not self.indices:
            vectors = torch.eye(n_actions) if vectors is None else _as_table(vectors, n_actions)
            self.register_buffer("table", vectors, persistent=False)

    def forward(self, actions: Tensor, like: Tensor) -> Tensor:
        """Return int64 ``[batch]``, or vectors ``[batch, A]`` of the type of ``like``."""
        if self.indices:
            return actions
        if self.embedding is not None:
            embedded: Tensor = self.embedding(actions)
            return embedded
        assert self.table is not None  # noqa: S101  (set above in this case)
        return self.table.to(like)[actions]


class ActionInput(nn.Module):
    """A predictor that takes actions in its own form, as T of D1.

    Parameters
    ----------
    predictor
        The module or function.
    actions
        Makes the actions.
    joined
        Whether latent and action are one argument ``[batch, d + A]``.
    time
        Whether it works on sequences: latents ``[batch, 1, d]``, actions ``[batch, 1]`` or
        ``[batch, 1, A]``, answers ``[batch, T, d]``, of which the last step counts.
    """

    def __init__(self, predictor: Any, actions: ActionVectors, joined: bool, time: bool) -> None:
        super().__init__()
        self.predictor, self.actions = predictor, actions
        self.joined, self.time = joined, time

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents ``[batch, d]``."""
        given = self.actions(actions, codes)
        if self.time:
            codes, given = codes.unsqueeze(1), given.unsqueeze(1)
        if self.joined:
            answer = self.predictor(torch.cat([codes, given.to(codes)], dim=-1))
        else:
            answer = self.predictor(codes, given)
        if self.time and isinstance(answer, Tensor) and answer.ndim == 3:
            return answer[:, -1]
        predicted: Tensor = answer
        return predicted


def check_form(form: str, forms: tuple[str, ...] = get_args(ActionForm)) -> None:
    """Refuse anything but the forms that an adapter knows.

    Raises
    ------
    InvalidArgumentError
        Naming them.
    """
    if form not in forms:
        raise InvalidArgumentError(f"action is {form!r}; choose one of {', '.join(forms)}.")


def _as_table(vectors: object, n_actions: int) -> Tensor:
    right = isinstance(vectors, Tensor) and vectors.is_floating_point() and vectors.ndim == 2
    if not isinstance(vectors, Tensor) or not right or len(vectors) != n_actions:
        came = f"shape {list(vectors.shape)}" if isinstance(vectors, Tensor) else "no tensor"
        raise InvalidArgumentError(
            f"vectors is of type {type(vectors).__name__} ({came}); give a floating tensor "
            f"[{n_actions}, A] with one row for each action, or a module such as "
            f"nn.Embedding({n_actions}, A)."
        )
    if not bool(torch.isfinite(vectors).all()):
        raise InvalidArgumentError("vectors holds NaN or infinity; give finite numbers.")
    return vectors.detach().clone()
