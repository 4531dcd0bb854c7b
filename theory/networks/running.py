"""Run a program in plain float64, rounding as NumPy rounds: a measurement, never a proof."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks.program import BINARY, Operation, Program

__all__ = ["results", "run"]

FloatArray = npt.NDArray[np.float64]


def _sigmoid(x: FloatArray) -> Any:
    return np.exp(-np.logaddexp(0.0, -x))


def _relu(x: FloatArray) -> Any:
    return np.maximum(x, 0.0)


def _erf(x: FloatArray) -> Any:
    values = [math.erf(number) for number in x.reshape(-1).tolist()]
    return np.array(values, dtype=np.float64).reshape(x.shape)


#: Names that NumPy has, the same function under the same name where it is not listed here.
_UNARY: dict[str, Callable[[FloatArray], Any]] = {
    "neg": np.negative, "abs": np.abs, "relu": _relu, "tanh": np.tanh, "sigmoid": _sigmoid,
    "exp": np.exp, "erf": _erf, "sqrt": np.sqrt,
}  # fmt: skip
_BINARY: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
    "maximum": np.maximum, "minimum": np.minimum, "matmul": np.matmul,
}  # fmt: skip


def run(program: Program, inputs: Sequence[npt.ArrayLike] = ()) -> FloatArray:
    """Return what a program answers, in float64.

    Parameters
    ----------
    program
        What to run.
    inputs
        One array ``[B, *shape]`` for each input of the program, rows in front.

    Returns
    -------
    numpy.ndarray
        float64 ``[B, *shape]``; for a closed program its result, ``(n, d)``.

    Raises
    ------
    InvalidArgumentError
        When the inputs are not those of the program, or differ in their number of rows.

    Notes
    -----
    Every operation rounds, sums in NumPy's order; use enclosures for what must be proved.

    Examples
    --------
    >>> from tellapart.theory.networks.program import Operation, Program
    >>> double = Program(((1, 2),), (np.array(2.0),), (Operation("mul", (0, 1), (1, 2)),), 2)
    >>> run(double, [[[[1.0, 2.0]], [[3.0, 4.0]]]]).tolist()
    [[[2.0, 4.0]], [[6.0, 8.0]]]
    """
    return results(program, inputs)[program.output]


def results(program: Program, inputs: Sequence[npt.ArrayLike] = ()) -> list[FloatArray]:
    """Return what every slot of a program holds, as :func:`run` computes it.

    Slots that depend on an input, and the output of a program with inputs, have the axis of rows
    in front.
    """
    rows = _checked(program, inputs)
    count = len(rows[0]) if rows else 1
    known: list[FloatArray] = [*rows, *program.constants]
    dependent = list(program.dependent)
    with np.errstate(all="ignore"):
        for place, operation in enumerate(program.operations):
            moves = dependent[program.first_result + place]
            arguments = [known[slot] for slot in operation.arguments]
            batched = [dependent[slot] for slot in operation.arguments]
            known.append(_step(operation, arguments, batched, count if moves else None))
    if rows and not dependent[program.output]:
        answer = known[program.output]
        known[program.output] = np.broadcast_to(answer, (count, *answer.shape))
    return known


def _checked(program: Program, inputs: Sequence[npt.ArrayLike]) -> list[FloatArray]:
    rows = [np.asarray(given, dtype=np.float64) for given in inputs]
    if len(rows) != len(program.inputs):
        raise InvalidArgumentError(
            f"The program has {len(program.inputs)} inputs, but {len(rows)} arrays were given; "
            "give one [B, *shape] for each."
        )
    for place, (given, shape) in enumerate(zip(rows, program.inputs, strict=True)):
        if given.shape[1:] != tuple(shape) or len(given) != len(rows[0]):
            raise InvalidArgumentError(
                f"Input {place} has shape {list(given.shape)}; the program takes rows of shape "
                f"{list(shape)}, as many for every input: [B, {', '.join(map(str, shape))}]."
            )
    return rows


def _step(
    operation: Operation,
    arguments: list[FloatArray],
    batched: list[bool],
    count: int | None,
) -> FloatArray:
    """Carry out one operation; ``count`` rows in front where it depends on an input."""
    name, front = operation.name, () if count is None else (count,)
    if name in BINARY or name == "matmul":
        depth = len(operation.shape)
        aligned = (_aligned(x, depth, b) for x, b in zip(arguments, batched, strict=True))
        return np.asarray(_BINARY[name](*aligned))
    if name in ("sum", "max"):
        axes = tuple(axis + len(front) for axis in operation.axes)
        return np.asarray(getattr(arguments[0], name)(axis=axes, keepdims=True))
    if name == "concat":
        flat = [
            x.reshape(*front, -1) if b else np.broadcast_to(x.reshape(-1), (*front, x.size))
            for x, b in zip(arguments, batched, strict=True)
        ]
        return np.concatenate(flat, axis=-1)
    if name == "take":
        return np.asarray(arguments[0].reshape(*front, -1)[..., operation.indices])
    return np.asarray(_UNARY[name](arguments[0]))


def _aligned(argument: FloatArray, depth: int, batched: bool) -> FloatArray:
    """Put axes of length 1 between the rows and an argument of lower rank than the result."""
    if not batched:
        return argument
    count, *shape = argument.shape
    return argument.reshape(count, *[1] * (depth - len(shape)), *shape)
