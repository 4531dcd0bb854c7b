"""Programs in torch: many rows at once in float64, with gradients; what searches run on."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tellapart.theory.networks.program import Operation, Program

__all__ = ["run_rows"]

_ELEMENTWISE: dict[str, Callable[..., Tensor]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "neg": torch.neg,
    "abs": torch.abs,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "exp": torch.exp,
    "erf": torch.erf,
    "sqrt": torch.sqrt,
    "matmul": torch.matmul,
}


def run_rows(program: Program, inputs: Tensor) -> Tensor:
    """Run a program with one input on many rows, in float64 as torch rounds it.

    Parameters
    ----------
    program
        A row program of one input.
    inputs
        float64 ``[B, *obs_shape]``: one row each.

    Returns
    -------
    float64 ``[B, d]``; gradients flow to ``inputs``.

    Examples
    --------
    >>> import numpy as np
    >>> double = Program(((1, 2),), (np.array(2.0),), (Operation("mul", (0, 1), (1, 2)),), 2)
    >>> run_rows(double, torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)).tolist()
    [[2.0, 4.0], [6.0, 8.0]]
    """
    rows = len(inputs)
    values = [inputs.reshape(rows, *program.inputs[0])]
    values += [torch.tensor(constant) for constant in program.constants]
    dependent = program.dependent
    for place, operation in enumerate(program.operations):
        at = [(values[s], dependent[s]) for s in operation.arguments]
        batched = dependent[program.first_result + place]
        values.append(_apply(operation, at, rows if batched else None))
    result = values[program.output]
    if not dependent[program.output]:
        result = result.expand(rows, *result.shape)
    return result.reshape(rows, -1)


def _apply(operation: Operation, at: Sequence[tuple[Tensor, bool]], rows: int | None) -> Tensor:
    """Apply one operation; ``rows`` is the length of the batch axis, None without one."""
    name, first = operation.name, at[0][0]
    if name == "take":
        flat = first.reshape(-1) if rows is None else first.reshape(rows, -1)
        indices = torch.tensor(operation.indices)
        return flat[..., indices.reshape(-1)].reshape(*flat.shape[:-1], *operation.shape)
    if name == "concat":
        return torch.cat([_flat(value, batched, rows) for value, batched in at], dim=-1)
    if name in ("sum", "max"):
        axes = [axis + (rows is not None) for axis in operation.axes]
        if not axes:
            return first
        return first.sum(dim=axes, keepdim=True) if name == "sum" else first.amax(axes, True)
    rank = max(value.ndim - batched for value, batched in at)
    aligned = [_aligned(value, batched, rank) for value, batched in at]
    return _ELEMENTWISE[name](*aligned)


def _flat(value: Tensor, batched: bool, rows: int | None) -> Tensor:
    if rows is None:
        return value.reshape(-1)
    return value.reshape(rows, -1) if batched else value.reshape(1, -1).expand(rows, -1)


def _aligned(value: Tensor, batched: bool, rank: int) -> Tensor:
    """Put axes of length 1 between the batch axis and the row, so that rows broadcast."""
    if not batched:
        return value
    missing = rank - (value.ndim - 1)
    return value.reshape(len(value), *([1] * missing), *value.shape[1:])
