"""Matrix products of torch, and sums over indices, written as products of two axes."""

from typing import Any

import numpy as np
from torch import Tensor

from tellapart.models.translation.operations import Handler, add
from tellapart.models.translation.tape import Scalar, Value

__all__ = ["CONTRACTIONS"]


def _product(x: Value, y: Value) -> Value:
    return x @ y


def _plus_product(
    x: Value, first: Value, second: Value, beta: Scalar = 1, alpha: Scalar = 1
) -> Any:
    """Return beta x + alpha (first second)."""
    product = apply(first, second)
    start = x if beta == 1 else x * beta
    return product if beta == 0 else add(start, product, alpha)


def apply(x: Value, y: Value) -> Value:
    """Return the product of matrices or vectors, as ``torch.matmul`` shapes it."""
    left = x.reshape((1, *x.shape)) if len(x.shape) == 1 else x
    right = y.reshape((*y.shape, 1)) if len(y.shape) == 1 else y
    product = left @ right
    shape = list(product.shape)
    if len(y.shape) == 1:
        del shape[-1]
    if len(x.shape) == 1:
        del shape[-1 if len(y.shape) == 1 else -2]
    return product.reshape(shape)


def linear(x: Value, weight: Value, bias: Value | None = None) -> Value:
    """Return x Wᵀ + b."""
    product = apply(x, weight.swap_last())
    return product if bias is None else product + bias


def running_sum(x: Value, dim: int, dtype: Any = None) -> Value:
    """Return the sums of the first entries along an axis."""
    last = np.moveaxis(x.cells.reshape(x.shape), dim, -1)
    size = last.shape[-1]
    rows = x.tape.gather(last.reshape(-1, size)) @ x.tape.constant(np.triu(np.ones((size, size))))
    return x.tape.gather(np.moveaxis(rows.cells.reshape(last.shape), -1, dim))


def index_add(x: Value, dim: int, index: Tensor, source: Value, alpha: Scalar = 1) -> Any:
    """Return x with rows of the source added where the index says."""
    places = index.cpu().numpy().reshape(-1)
    chosen = np.zeros((len(places), x.shape[dim]))
    chosen[np.arange(len(places)), places] = alpha
    last = np.moveaxis(source.cells.reshape(source.shape), dim, -1)
    rows = x.tape.gather(last.reshape(-1, last.shape[-1])) @ x.tape.constant(chosen)
    moved = rows.cells.reshape(*last.shape[:-1], -1)
    summed = x.tape.gather(np.moveaxis(moved, -1, dim))
    content = x.tape.content(x)
    # Sums that start at a stored zero stay linear functions of what is summed.
    return summed if content is not None and not content.any() else x + summed


CONTRACTIONS: dict[str, Handler] = {
    "mm": _product, "bmm": _product, "mv": apply, "dot": apply, "vdot": apply, "matmul": apply,
    "linear": linear, "addmm": _plus_product, "baddbmm": _plus_product, "addmv": _plus_product,
    "index_add": index_add, "cumsum": running_sum,
}  # fmt: skip
