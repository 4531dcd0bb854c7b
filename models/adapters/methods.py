"""Parts that are methods of one model: each owns the weights that its answer depends on."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from tellapart.models.adapters.adapters import untouched
from tellapart.models.subject import Subject, device_and_dtype
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["MethodPart", "claim", "claim_all"]

#: Observations looked at to find the weights of a part, at most.
_MOST = 1024


class MethodPart(nn.Module):
    """Base of parts that call a method of a model which other parts share.

    The whole model is inside, so that ``train()``, ``eval()`` and ``state_dict()`` mean what they
    say, but only the weights that :func:`claim` found are its parameters: otherwise the encoder
    would own the predictor's weights, and train them as an encoder's.

    Parameters
    ----------
    model
        The model; an object that is no ``nn.Module`` has no weights that tellapart could train.
    """

    model: Any
    own: frozenset[str]

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model, self.own = model, frozenset()
        if isinstance(model, nn.Module):  # says where the model lives where no weight is owned
            device, dtype = device_and_dtype(model)
            self.register_buffer("like", torch.zeros((), device=device, dtype=dtype), False)

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield the weights that this part owns."""
        start = len(prefix) + 1 if prefix else 0
        for name, weight in super().named_parameters(prefix, recurse, remove_duplicate):
            if name[start:] in self.own:
                yield name, weight


def claim(part: MethodPart, *inputs: Tensor) -> None:
    """Find the weights on which the part's answer depends, and let the part own them.

    Parameters
    ----------
    part
        The part; it owns nothing when it cannot be differentiated (``no_grad``, ``detach``).
    inputs
        What it is called with; tensors without gradients.

    Notes
    -----
    One forward and one backward pass. A weight that several parts use belongs to each of them;
    :meth:`~tellapart.models.subject.Subject.trainable_weights` counts it for the first.
    """
    named = [(n, p) for n, p in nn.Module.named_parameters(part) if p.requires_grad]
    if not named:
        return
    with untouched(part), torch.enable_grad():
        answer = part(*inputs)
        if not isinstance(answer, Tensor) or not answer.requires_grad:
            return
        gradients = torch.autograd.grad(answer.sum(), [p for _, p in named], allow_unused=True)
    part.own = frozenset(
        name for (name, _), found in zip(named, gradients, strict=True) if found is not None
    )


def claim_all(subject: Subject, mdp: DeterministicMDP) -> None:
    """Let every part of a subject that is a method own its weights.

    Parameters
    ----------
    subject
        Its parts work on the system; parts that are no :class:`MethodPart` are left alone.
    mdp
        All actions and up to 1024 observations are looked at, as a model may route them through
        different weights.
    """
    shown = subject.inputs(mdp.n_obs, torch.arange(min(mdp.n_obs, _MOST)))
    with untouched(*subject.modules), torch.no_grad():
        codes = subject.encoder(shown)
    actions = torch.arange(mdp.n_actions, device=codes.device).repeat(len(codes))
    moved = codes.repeat_interleave(mdp.n_actions, dim=0)
    for part, inputs in (
        (subject.encoder, (shown,)),
        (subject.predictor, (moved, actions)),
        (subject.head, (codes,)),
    ):
        if isinstance(part, MethodPart):
            claim(part, *inputs)
