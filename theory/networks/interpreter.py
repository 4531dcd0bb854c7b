"""Running a program, in whatever arithmetic: slots, batches, shapes.

What a number is, the arithmetic says; where it stands, this module. Intervals and exact numbers run
through the same steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks.program import BINARY, REDUCING, Operation, Program

__all__ = ["Arithmetic", "Prepared", "numbers_held", "prepare", "run"]

V = TypeVar("V")
Rearrangement = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]


class Arithmetic(Protocol[V]):
    """What the interpreter needs to know about a kind of number."""

    def constant(self, values: npt.NDArray[np.float64]) -> V:
        """Return floats as numbers of this kind."""

    def shape(self, value: V) -> tuple[int, ...]:
        """Return the shape of an array of numbers."""

    def rearranged(self, value: V, change: Rearrangement) -> V:
        """Apply a function that moves or repeats numbers."""

    def joined(self, parts: Sequence[V]) -> V:
        """Join arrays along the last axis."""

    def apply(self, name: str, arguments: Sequence[V]) -> V:
        """Compute an elementwise operation, ``"square"`` or ``"matmul"``."""

    def reduced(self, name: str, value: V, axes: tuple[int, ...]) -> V:
        """Compute a ``"sum"`` or ``"max"`` over axes, which stay with length 1."""


@dataclass(frozen=True, eq=False)
class Prepared(Generic[V]):
    """A program with everything that no input enters computed already.

    Attributes
    ----------
    program, arithmetic
        What runs, and in which numbers.
    fixed
        Values of the slots that do not depend on an input and are read later.
    steps
        Positions of the operations that are left.
    """

    program: Program
    arithmetic: Arithmetic[V]
    fixed: dict[int, V]
    steps: tuple[int, ...]


def prepare(program: Program, arithmetic: Arithmetic[V]) -> Prepared[V]:
    """Compute, once, what does not depend on an input.

    Raises
    ------
    InvalidArgumentError
        For a constant that is not finite, or an operation whose shape is not what it says.
    """
    values: dict[int, V] = {}
    for slot, constant in enumerate(program.constants, start=len(program.inputs)):
        if not bool(np.isfinite(constant).all()):
            raise InvalidArgumentError(
                f"Constant {slot - len(program.inputs)} of the program has a NaN or infinite "
                "entry; a network is a function of real numbers only when all its weights are."
            )
        values[slot] = arithmetic.constant(np.asarray(constant, dtype=np.float64))
    dependent = program.dependent
    first = program.first_result
    free = [k for k in range(len(program.operations)) if not dependent[first + k]]
    steps = tuple(k for k in range(len(program.operations)) if dependent[first + k])
    needed = {program.output, *(s for k in steps for s in program.operations[k].arguments)}
    _advance(program, arithmetic, values, free, needed, None)
    return Prepared(program, arithmetic, values, steps)


def run(prepared: Prepared[V], inputs: Sequence[V], n_rows: int) -> V:
    """Run what :func:`prepare` left, on ``n_rows`` rows; of a closed program return the result.

    Parameters
    ----------
    prepared
        From :func:`prepare`.
    inputs
        One array ``[n_rows, *row shape]`` for each input.
    n_rows
        Number of rows; not used where the program is closed.

    Returns
    -------
    ``[n_rows, *row shape of the output]``; ``(n, d)`` of a closed program.
    """
    program, arithmetic = prepared.program, prepared.arithmetic
    values = dict(prepared.fixed) | dict(enumerate(inputs))
    _advance(program, arithmetic, values, prepared.steps, {program.output}, n_rows)
    result = values[program.output]
    if program.is_closed or program.dependent[program.output]:
        return result
    shape = (n_rows, *program.shape_of(program.output))
    return arithmetic.rearranged(result, lambda array: np.broadcast_to(array, shape))


def numbers_held(program: Program) -> int:
    """Bound the numbers of one row that are in memory at once: operands broadcast included."""
    dependent = program.dependent
    sizes = [
        int(np.prod(program.shape_of(slot), dtype=np.int64)) if dependent[slot] else 0
        for slot in range(len(dependent))
    ]
    return max(1, sum(sizes) + 8 * max(sizes, default=0))


def _advance(
    program: Program,
    arithmetic: Arithmetic[V],
    values: dict[int, V],
    steps: Sequence[int],
    keep: set[int],
    n_rows: int | None,
) -> None:
    """Compute operations in order into ``values``, and forget what no later one reads."""
    last_read = {slot: k for k in steps for slot in program.operations[k].arguments}
    batched = program.dependent
    for k in steps:
        operation = program.operations[k]
        slot = program.first_result + k
        try:
            values[slot] = _step(arithmetic, operation, values, batched)
        except (InvalidArgumentError, ValueError, IndexError) as error:
            raise InvalidArgumentError(f"Operation {k} ({operation.name}): {error}") from error
        wanted = (n_rows, *operation.shape) if batched[slot] else tuple(operation.shape)
        found = arithmetic.shape(values[slot])
        if found != wanted:
            raise InvalidArgumentError(
                f"Operation {k} ({operation.name}) gives the shape {found}, and says that it is "
                f"{wanted} (rows first, where it has rows). Correct the program."
            )
        for argument in set(operation.arguments) - keep:
            if last_read[argument] == k:
                del values[argument]


def _step(
    arithmetic: Arithmetic[V], operation: Operation, values: dict[int, V], batched: Sequence[bool]
) -> V:
    name, slots = operation.name, operation.arguments
    arguments = [values[slot] for slot in slots]
    rows = [batched[slot] for slot in slots]
    if name == "take":
        return _take(arithmetic, operation, arguments[0], rows[0])
    if name == "concat":
        return _concat(arithmetic, arguments, rows)
    if name in REDUCING:
        axes = tuple(axis + rows[0] for axis in operation.axes)
        return arithmetic.reduced(name, arguments[0], axes)
    if name == "mul" and slots[0] == slots[1]:  # a square is never negative
        return arithmetic.apply("square", arguments[:1])
    if name in BINARY or name == "matmul":
        arguments = _aligned(arithmetic, arguments, rows)
    return arithmetic.apply(name, arguments)


def _aligned(arithmetic: Arithmetic[V], arguments: list[V], rows: list[bool]) -> list[V]:
    """Give rows of lower rank the axes of length 1, between batch and shape, that align them."""
    ranks = [len(arithmetic.shape(v)) - r for v, r in zip(arguments, rows, strict=True)]

    def widen(value: V, rank: int) -> V:
        missing = (1,) * (max(ranks) - rank)
        return arithmetic.rearranged(
            value, lambda array: array.reshape(array.shape[0], *missing, *array.shape[1:])
        )

    return [
        widen(value, rank) if has_rows and rank < max(ranks) else value
        for value, rank, has_rows in zip(arguments, ranks, rows, strict=True)
    ]


def _take(arithmetic: Arithmetic[V], operation: Operation, argument: V, rows: bool) -> V:
    indices = operation.indices
    if not rows:
        return arithmetic.rearranged(argument, lambda array: array.reshape(-1)[indices])
    return arithmetic.rearranged(argument, lambda array: _flat(array)[:, indices])


def _concat(arithmetic: Arithmetic[V], arguments: list[V], rows: list[bool]) -> V:
    if not any(rows):
        flat = [arithmetic.rearranged(v, lambda array: array.reshape(-1)) for v in arguments]
        return arithmetic.joined(flat)
    n_rows = next(arithmetic.shape(v)[0] for v, r in zip(arguments, rows, strict=True) if r)

    def spread(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.broadcast_to(array.reshape(-1), (n_rows, array.size))

    parts = zip(arguments, rows, strict=True)
    return arithmetic.joined([arithmetic.rearranged(v, _flat if r else spread) for v, r in parts])


def _flat(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Flatten each row; -1 cannot stand for the length when there are no rows."""
    length = int(np.prod(array.shape[1:], dtype=np.int64))
    return array.reshape(array.shape[0], length)
