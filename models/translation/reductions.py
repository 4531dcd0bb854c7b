"""Sums, means, extremes, norms and softmax of torch, written in the primitives of programs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tellapart.models.translation.errors import Inexpressible
from tellapart.models.translation.operations import Handler
from tellapart.models.translation.tape import Scalar, Value

__all__ = ["REDUCTIONS", "mean", "variance"]


def _axes(x: Value, dim: int | Sequence[int] | None) -> list[int]:
    if isinstance(dim, int):
        return [dim]
    return list(dim) if dim else list(range(len(x.shape)))


def _count(x: Value, axes: Sequence[int]) -> int:
    return int(np.prod([x.shape[axis] for axis in axes], dtype=np.int64)) if x.shape else 1


def total(
    x: Value, dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: Any = None
) -> Value:
    """Return the sum over axes."""
    return x.reduce("sum", _axes(x, dim), keepdim)


def mean(
    x: Value, dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: Any = None
) -> Value:
    """Return the mean over axes."""
    axes = _axes(x, dim)
    return x.reduce("sum", axes, keepdim) / _count(x, axes)


def variance(
    x: Value,
    dim: int | Sequence[int] | None = None,
    correction: Scalar | None = 1,
    keepdim: bool = False,
    unbiased: bool | None = None,
) -> Value:
    """Return the sum of squared distances from the mean, over the count less the correction."""
    if isinstance(correction, bool):
        unbiased = correction
    if unbiased is not None:
        correction = int(unbiased)
    axes = _axes(x, dim)
    centred = x - mean(x, axes, keepdim=True)
    divisor = _count(x, axes) - (1 if correction is None else correction)
    return (centred * centred).reduce("sum", axes, keepdim) / divisor


def _deviation(*args: Any, **named: Any) -> Value:
    return variance(*args, **named).apply("sqrt")


def _mean_too(spread: Handler) -> Handler:
    def both(x: Value, dim: Any = None, **named: Any) -> tuple[Value, Value]:
        return spread(x, dim, **named), mean(x, dim, named.get("keepdim", False))

    return both


def largest(x: Value, dim: Sequence[int] | int | None = None, keepdim: bool = False) -> Value:
    """Return the largest entry over axes."""
    return x.reduce("max", _axes(x, dim), keepdim)


def smallest(x: Value, dim: Sequence[int] | int | None = None, keepdim: bool = False) -> Value:
    """Return the smallest entry over axes."""
    return -largest(-x, dim, keepdim)


def both_extremes(x: Value, dim: int | None = None, keepdim: bool = False) -> tuple[Value, Value]:
    """Return the smallest and the largest entry."""
    return smallest(x, dim, keepdim), largest(x, dim, keepdim)


def _overloaded(extreme: Handler, pair: str) -> Handler:
    """Return torch's max or min: of two, of everything, or over an axis with its position."""

    def choose(x: Value, other: Value | int | None = None, keepdim: bool = False) -> Any:
        if isinstance(other, Value):
            return getattr(x, pair)(other)
        return extreme(x) if other is None else (extreme(x, other, keepdim), None)

    return choose


def norm(
    x: Value, order: Scalar | None = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Value:
    """Return the 1-, 2- or maximum norm over axes."""
    if order is None or order == 2:
        return total(x * x, dim, keepdim).apply("sqrt")
    if order == 1:
        return total(x.apply("abs"), dim, keepdim)
    if order == float("inf"):
        return largest(x.apply("abs"), dim, keepdim)
    raise Inexpressible("is only known for the orders 1, 2 and infinity.")


def softmax(x: Value, dim: int, half_to_float: bool = False) -> Value:
    """Return exp(x - m) over its sum, m the largest entry: no power overflows.

    Entries that are a stored -infinity have the power 0, and stand back for another one in m.
    """
    hidden = x.tape.equals(x, -np.inf)
    if hidden.any():
        if hidden.all(axis=dim).any():
            raise Inexpressible("hides every entry from a softmax; leave one to see.")
        cells = x.cells.reshape(x.shape)
        seen = np.expand_dims(hidden.argmin(axis=dim), dim)
        x = x.tape.gather(np.where(hidden, np.take_along_axis(cells, seen, dim), cells))
    powers = (x - x.reduce("max", [dim], keep=True)).apply("exp")
    if hidden.any():
        powers = powers * x.tape.constant(~hidden)
    return powers / powers.reduce("sum", [dim], keep=True)


def distances(x: Value, y: Value, order: float = 2.0, mode: int | None = None) -> Value:
    """Return the distance of every row of one matrix from every row of another."""
    rows, others = (*x.shape[:-1], 1, x.shape[-1]), (*y.shape[:-2], 1, *y.shape[-2:])
    return norm(x.reshape(rows) - y.reshape(others), order, [-1])


REDUCTIONS: dict[str, Handler] = {
    "sum": total, "mean": mean, "var": variance, "std": _deviation,
    "var_mean": _mean_too(variance), "std_mean": _mean_too(_deviation), "amax": largest,
    "amin": smallest, "max": _overloaded(largest, "maximum"),
    "min": _overloaded(smallest, "minimum"), "aminmax": both_extremes,
    "linalg_vector_norm": norm, "norm": norm, "_cdist_forward": distances, "_softmax": softmax,
    "_safe_softmax": lambda x, dim, dtype=None: softmax(x, dim),
}  # fmt: skip
