"""Which answers carry gradients to which tensors."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tellapart.models.contract.bench import PARTS, named_tensors, perturb
from tellapart.models.subject import Subject

__all__ = ["gradients_of", "listed", "reaches", "weight_paths"]

Gradients = list[Tensor | None]

_NAMED = 6


def gradients_of(answer: Tensor, wanted: list[Tensor]) -> Gradients:
    """Return the gradients of a random direction of an answer; None: no path."""
    if not answer.requires_grad or not wanted:
        return [None] * len(wanted)
    generator = torch.Generator().manual_seed(7)
    direction = torch.randn(answer.shape, generator=generator, dtype=torch.float64).to(answer)
    return list(torch.autograd.grad(answer, wanted, direction, allow_unused=True))


def reaches(
    subject: Subject,
    ask: Callable[[], Tensor],
    wanted: list[Tensor] | list[nn.Parameter],
    noise_on: tuple[str, ...] = PARTS,
) -> bool:
    """Tell whether some gradient is not zero, at the start or close to it."""
    if _not_zero(gradients_of(ask(), list(wanted))):
        return True
    with perturb(subject, noise_on):
        return _not_zero(gradients_of(ask(), list(wanted)))


def _not_zero(gradients: Gradients) -> bool:
    return any(g is not None and bool((g != 0).any()) for g in gradients)


def weight_paths(subject: Subject, *parts: str) -> dict[str, nn.Parameter]:
    """Return the parameters of some parts by path; a shared one under its first path."""
    found: dict[str, nn.Parameter] = {}
    seen: set[int] = set()
    for path, tensor in named_tensors(subject).items():
        own = path.partition(".")[0] in parts and isinstance(tensor, nn.Parameter)
        if isinstance(tensor, nn.Parameter) and own and id(tensor) not in seen:
            seen.add(id(tensor))
            found[path] = tensor
    return found


def listed(paths: list[str]) -> str:
    """Return a few paths as text, and the number of the others."""
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {more} more" if more > 0 else "")
