"""Questions about one call of a torch operation: what it is given, and what it does with it."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from tellapart.models.translation.movement import MOVEMENT, named_arguments

__all__ = ["is_same", "keeps_all", "only_moves", "owner", "plain_kernels", "tensors", "written"]


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Let torch take operations apart that it has fused kernels for (attention)."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH), _uncompiled():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _uncompiled() -> AbstractContextManager[Any]:
    """Let compiled modules run as they were written; without loading torch's compiler for it."""
    stance = getattr(torch.compiler, "set_stance", None)
    if stance is None or "torch._dynamo" not in sys.modules:
        return nullcontext()
    return cast("AbstractContextManager[Any]", stance("force_eager"))


def tensors(tree: Any) -> Iterator[Tensor]:
    """Yield every tensor in arguments or results, in order."""
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, dict):
        for item in tree.values():
            yield from tensors(item)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from tensors(item)


def written(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """Return the arguments that an operation writes into."""
    declared = {argument.name: argument.alias_info for argument in func._schema.arguments}
    return [
        given
        for _, name, given in named_arguments(func, args, kwargs)
        if declared[name] is not None and declared[name].is_write
    ]


def owner(tensor: Tensor) -> int:
    """Return the address of the storage of a tensor."""
    return tensor.untyped_storage().data_ptr()


def only_moves(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Tell whether an operation moves numbers only; scattering may also add them up."""
    adds = any(x is True for x in args) or bool({"accumulate", "reduce"} & set(kwargs))
    return name in MOVEMENT and not (adds and name in ("index_put", "scatter"))


def keeps_all(name: str, args: tuple[Any, ...]) -> bool:
    """Tell whether an operation that may draw random numbers draws none (dropout not training)."""
    return name in ("dropout", "native_dropout") and args[2] is False


def is_same(tensor: Any, converted: Tensor | torch.dtype) -> bool:
    """Tell whether no number changes in a conversion between floating types."""
    target = converted if isinstance(converted, Tensor) else tensor.to(converted)
    if not target.is_floating_point():
        return True
    return torch.equal(tensor.detach().to(torch.float64), target.detach().to(torch.float64))
