"""Difference quotients of programs: matrices M with ``T(x) - T(y) = (x - y) M``.

A program of affine operations and elementwise activations has such a matrix for any two inputs,
the product of its weights and of the difference quotients of its activations. For all inputs at
once the quotients lie in the range of the derivative; for two enclosed inputs they are known much
better, and products of two parts that both depend on the input have one too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.margins.balls import (
    Ball,
    inverse,
    lift,
    matmul,
    multiply,
    of_interval,
    plus,
    point,
    total,
)
from tellapart.theory.margins.curves import CURVED, curved
from tellapart.theory.margins.quotients import GLOBAL
from tellapart.theory.networks.enclosing import enclose
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation, Program

__all__ = ["Quotients", "norm_bound", "quotients_of"]

LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Quotients:
    """A program prepared for its difference quotients.

    Attributes
    ----------
    program
        A row program, ``(1, d)`` to ``(1, width)``.
    fixed
        For each slot that does not depend on the input, its value.
    seen
        For each operation that is not affine (place among the operations) its arguments, and then
        its result, on the encoded points, ``[n_obs, *shape]``; constants ``[1, *shape]``. Empty
        when only bounds for all inputs are wanted.
    """

    program: Program
    fixed: Mapping[int, Ball]
    seen: Mapping[int, tuple[Interval, ...]]

    @property
    def is_constant(self) -> bool:
        """Tell whether the matrix is the same for all inputs: the program is affine."""
        return not any(_is_curved(operation, self.fixed) for operation in self.program.operations)

    @property
    def work(self) -> int:
        """Multiply-adds for one pair of inputs, roughly."""
        d = self.program.inputs[0][-1]
        counted = 0
        for operation in self.program.operations:
            size = d * int(np.prod(operation.shape, dtype=np.int64))
            if operation.name == "matmul":
                size *= self.program.shape_of(operation.arguments[0])[-1]
            counted += 3 * size
        return max(1, counted)

    @property
    def numbers(self) -> int:
        """Numbers of the largest array that one pair of inputs takes."""
        sizes = [int(np.prod(op.shape, dtype=np.int64)) for op in self.program.operations]
        return self.program.inputs[0][-1] * max([1, *sizes])

    def matrix(self, x: LongArray | None = None, y: LongArray | None = None) -> Ball:
        """Return ``[len(x), d, width]``: quotients between the encoded points x and y.

        Without points: ``[1, d, width]``, which contains the quotient between any two inputs.
        """
        program = self.program
        d = program.inputs[0][-1]
        found: dict[int, Ball] = {0: point(np.eye(d)).reshape(1, d, *program.inputs[0])}
        for place, operation in enumerate(program.operations):
            slot = program.first_result + place
            if slot in self.fixed:
                continue
            if not _is_curved(operation, self.fixed):
                result = _affine(program, operation, self.fixed, found)
            elif x is None or y is None:
                inner = found[_moving(operation, self.fixed)[0]]
                low, high = (np.array(end) for end in GLOBAL[operation.name])
                result = multiply(inner, of_interval(Interval(low, high)))
            else:
                at_x, at_y = ([_chosen(v, k) for v in self.seen[place]] for k in (x, y))
                parts = [found.get(k) for k in operation.arguments]
                result = curved(operation, parts, at_x, at_y)
            found[slot] = _spread(result, operation.shape)
        last = found.get(program.output)
        if last is None:  # the output does not depend on the input
            width = program.shape_of(program.output)[-1]
            return point(np.zeros((1, d, width)))
        return last.reshape(last.shape[0], d, -1)


def quotients_of(program: Program, codes: Interval | None = None) -> Quotients | None:
    """Prepare a program, or return None where it has no difference quotients that we know.

    Parameters
    ----------
    program
        A program with one input ``(1, d)``.
    codes
        The encoded points ``[n_obs, d]``, for quotients between them.
    """
    if program.is_closed or len(program.inputs) != 1 or len(program.inputs[0]) != 2:
        return None
    fixed = _fixed_slots(program)
    places = []
    for place, operation in enumerate(program.operations):
        if program.first_result + place in fixed or not _is_curved(operation, fixed):
            continue
        moving = [program.shape_of(slot) for slot in _moving(operation, fixed)]
        everywhere = operation.name in GLOBAL and moving == [operation.shape]
        if not (everywhere if codes is None else operation.name in CURVED):
            return None
        places.append(place)
    seen = {}
    if codes is not None:
        rows = Interval(codes.lo[:, None, :], codes.hi[:, None, :])
        for place in places:
            slots = (*program.operations[place].arguments, program.first_result + place)
            seen[place] = tuple(_held(program, slot, fixed, rows) for slot in slots)
    return Quotients(program, fixed, seen)


def norm_bound(program: Program) -> float:
    """Return a Lipschitz constant in the sup norm for all inputs, or infinity.

    The largest column sum of absolute values of a matrix that contains every difference quotient.
    """
    quotients = quotients_of(program)
    if quotients is None:
        return float("inf")
    sizes = quotients.matrix().magnitude[0]
    slack = 1 + (len(sizes) + 4) * 2.0**-50
    bound = float(sizes.sum(axis=0).max(initial=0.0) * slack)
    return bound if np.isfinite(bound) else float("inf")


def _is_curved(operation: Operation, fixed: Mapping[int, Ball]) -> bool:
    """Tell whether an operation is not affine in what depends on the input."""
    moving = [slot not in fixed for slot in operation.arguments]
    if operation.name in ("mul", "matmul"):
        return all(moving)
    if operation.name == "div":
        return moving[1]
    linear = operation.name in ("add", "sub", "neg", "sum", "concat", "take")
    return any(moving) and not linear


def _moving(operation: Operation, fixed: Mapping[int, Ball]) -> list[int]:
    return [slot for slot in operation.arguments if slot not in fixed]


def _chosen(values: Interval, rows: LongArray) -> Interval:
    """Take the values of some points; constants have one row for all."""
    return values[rows] if values.shape[0] > 1 else values


def _affine(
    program: Program, operation: Operation, fixed: Mapping[int, Ball], found: Mapping[int, Ball]
) -> Ball:
    """Carry the matrices of the arguments through one affine operation."""
    rank = len(operation.shape)
    if operation.name == "concat":
        return _concat(program, operation, found)
    parts = [found.get(slot) for slot in operation.arguments]
    if operation.name in ("add", "sub"):
        sign = 1.0 if operation.name == "add" else -1.0
        lifted = [part and lift(part, rank) for part in parts]
        return plus(lifted[0], lifted[1], sign)
    inner = found[_moving(operation, fixed)[0]]
    if operation.name == "neg":
        return Ball(-inner.mid, inner.rad)
    if operation.name == "sum":
        return total(inner, tuple(axis + 2 for axis in operation.axes))
    if operation.name == "take":
        flat = inner.reshape(*inner.shape[:2], -1)
        return flat[:, :, operation.indices]
    (constant,) = (fixed[slot] for slot in operation.arguments if slot in fixed)
    if operation.name == "matmul":
        inner = lift(inner, rank)
        return matmul(inner, constant) if parts[0] is not None else matmul(constant, inner)
    factor = inverse(constant) if operation.name == "div" else constant
    return multiply(lift(inner, rank), factor)


def _concat(program: Program, operation: Operation, found: Mapping[int, Ball]) -> Ball:
    present = [found[slot] for slot in operation.arguments if slot in found]
    batch, d = max(part.shape[0] for part in present), present[0].shape[1]
    mids, rads = [], []
    for slot in operation.arguments:
        size = int(np.prod(program.shape_of(slot), dtype=np.int64))
        part = found.get(slot) or point(np.zeros((1, d, size)))
        shape = (batch, d, size)
        mids.append(np.broadcast_to(part.mid.reshape(-1, d, size), shape))
        rads.append(np.broadcast_to(part.rad.reshape(-1, d, size), shape))
    return Ball(np.concatenate(mids, axis=2), np.concatenate(rads, axis=2))


def _spread(ball: Ball, shape: tuple[int, ...]) -> Ball:
    wanted = (*ball.shape[:2], *shape)
    if ball.shape == wanted:
        return ball
    return Ball(np.broadcast_to(ball.mid, wanted), np.broadcast_to(ball.rad, wanted))


def _fixed_slots(program: Program) -> dict[int, Ball]:
    """Enclose everything that does not depend on an input."""
    inputs = len(program.inputs)
    dependent = program.dependent
    fixed = {inputs + k: point(np.asarray(c)) for k, c in enumerate(program.constants)}
    place_of = {inputs + k: k for k in range(len(program.constants))}
    steps: list[Operation] = []
    for place, operation in enumerate(program.operations):
        slot = program.first_result + place
        if dependent[slot]:
            continue
        place_of[slot] = len(program.constants) + len(steps)
        arguments = tuple(place_of[k] for k in operation.arguments)
        fields: dict[str, Any] = {"axes": operation.axes, "indices": operation.indices}
        steps.append(Operation(operation.name, arguments, operation.shape, **fields))
        closed = Program((), program.constants, tuple(steps), place_of[slot])
        fixed[slot] = of_interval(enclose(closed, ()))
    return fixed


def _held(program: Program, slot: int, fixed: Mapping[int, Ball], rows: Interval) -> Interval:
    """Enclose what a slot holds on the encoded points, ``[n_obs, *shape]`` or ``[1, *shape]``."""
    if slot in fixed:
        ball = fixed[slot]
        low, high = (
            np.nextafter(ball.mid - ball.rad, -np.inf),
            np.nextafter(ball.mid + ball.rad, np.inf),
        )
        return Interval(
            np.where(ball.rad > 0, low, ball.mid)[None],
            np.where(ball.rad > 0, high, ball.mid)[None],
        )
    operations = program.operations[: max(0, slot - program.first_result + 1)]
    part = Program(program.inputs, program.constants, operations, slot)
    return enclose(part, (rows,))
