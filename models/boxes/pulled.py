"""Transposes of linear operations on floats: coefficients of a result become those of arguments."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.program import Operation

__all__ = ["is_linear", "pull_linear", "unbroadcast"]

FloatArray = npt.NDArray[np.float64]


def is_linear(operation: Operation, constants: dict[int, FloatArray]) -> bool:
    """Tell whether an operation is linear in its arguments that are not constant."""
    fixed = [s in constants for s in operation.arguments]
    if operation.name in ("mul", "matmul"):
        return any(fixed)
    if operation.name == "div":
        return fixed[1]
    return operation.name in ("add", "sub", "neg", "sum", "concat", "take")


def pull_linear(
    operation: Operation,
    weights: FloatArray,
    shapes: list[tuple[int, ...]],
    fixed: list[FloatArray | None],
) -> list[FloatArray | None]:
    """Return coefficients ``[B, T, *shape]`` of each argument; None for one that only scales."""
    name = operation.name
    if name in ("mul", "div", "matmul"):
        place = 1 if fixed[1] is not None else 0
        scale = fixed[place]
        assert scale is not None  # noqa: S101 - is_linear() said so
        if name == "matmul":
            pulled = _pull_matmul(weights, scale, place)
        else:
            pulled = weights * scale if name == "mul" else weights / scale
        both: list[FloatArray | None] = [None, None]
        both[1 - place] = unbroadcast(pulled, shapes[1 - place])
        return both
    if name in ("add", "sub"):
        other = weights if name == "add" else -weights
        return [unbroadcast(weights, shapes[0]), unbroadcast(other, shapes[1])]
    if name == "concat":
        ends = np.cumsum([int(np.prod(shape, dtype=np.int64)) for shape in shapes])
        parts = np.split(weights.reshape(*weights.shape[:2], -1), ends[:-1], axis=2)
        return [
            part.reshape(*part.shape[:2], *shape) for part, shape in zip(parts, shapes, strict=True)
        ]
    if name == "take":
        return [_scatter(weights, operation, shapes[0])]
    if name == "sum":
        return [np.broadcast_to(weights, (*weights.shape[:2], *shapes[0]))]
    return [-weights]


def _pull_matmul(weights: FloatArray, matrix: FloatArray, place: int) -> FloatArray:
    turned = np.swapaxes(matrix, -1, -2)
    if place == 0:
        return np.asarray(np.matmul(turned, weights))
    if matrix.ndim == 2:  # one large product instead of many small ones
        flat = weights.reshape(-1, weights.shape[-1]) @ turned
        return np.asarray(flat.reshape(*weights.shape[:-1], turned.shape[1]))
    return np.asarray(np.matmul(weights, turned))


def _scatter(weights: FloatArray, operation: Operation, shape: tuple[int, ...]) -> FloatArray:
    """Add up, for each entry of the argument, the coefficients of its copies."""
    assert operation.indices is not None  # noqa: S101 - Program checks it
    indices = operation.indices.reshape(-1)
    lead = weights.shape[:2]
    result = np.zeros((*lead, int(np.prod(shape, dtype=np.int64))))
    if indices.size:
        order = np.argsort(indices, kind="stable")
        present, starts = np.unique(indices[order], return_index=True)
        flat = weights.reshape(*lead, -1)[..., order]
        result[..., present] = np.add.reduceat(flat, starts, axis=2)
    return result.reshape(*lead, *shape)


def unbroadcast(weights: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Sum coefficients of one entry that was repeated by broadcasting."""
    extra = weights.ndim - 2 - len(shape)
    if extra:
        weights = weights.sum(axis=tuple(range(2, 2 + extra)))
    axes = tuple(k + 2 for k, n in enumerate(shape) if n == 1 and weights.shape[k + 2] != 1)
    return weights.sum(axis=axes, keepdims=True) if axes else weights
