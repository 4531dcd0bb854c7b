"""Exact evaluation: every float is an integer over a power of two, and stays one.

Sums, products and maxima of such numbers are such numbers, so no fraction is ever reduced: an array
is one array of Python integers and one exponent. (A library of rationals would spend its time on
greatest common divisors that are not needed here.)
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks.dyadic_numbers import Dyadic, ObjectArray, as_objects
from tellapart.theory.networks.interpreter import Rearrangement, prepare, run
from tellapart.theory.networks.program import Program

__all__ = ["Dyadic", "DyadicArithmetic", "evaluate_exact", "is_rational", "not_rational", "work"]

FloatArray = npt.NDArray[np.float64]

_EXACT = {
    "add", "sub", "mul", "neg", "abs", "relu", "maximum", "minimum", "sum", "max", "matmul",
    "concat", "take",
}  # fmt: skip


class DyadicArithmetic:
    """Integers over powers of two as the numbers of a program."""

    def constant(self, values: FloatArray) -> Dyadic:
        """Return floats exactly."""
        return Dyadic.of_floats(values)

    def shape(self, value: Dyadic) -> tuple[int, ...]:
        """Return the shape of an array."""
        return value.shape

    def rearranged(self, value: Dyadic, change: Rearrangement) -> Dyadic:
        """Apply a function that moves or repeats numbers."""
        return Dyadic(as_objects(change(value.numerators)), value.exponent)

    def joined(self, parts: Sequence[Dyadic]) -> Dyadic:
        """Join arrays along the last axis."""
        exponent = max(part.exponent for part in parts)
        return Dyadic(np.concatenate([part.over(exponent) for part in parts], axis=-1), exponent)

    def apply(self, name: str, arguments: Sequence[Dyadic]) -> Dyadic:
        """Compute one operation exactly."""
        x, y = arguments[0], arguments[-1]
        match name:
            case "neg":
                return Dyadic(as_objects(-x.numerators), x.exponent)
            case "abs":
                return Dyadic(as_objects(abs(x.numerators)), x.exponent)
            case "relu":
                return Dyadic(as_objects(np.maximum(x.numerators, 0)), x.exponent)
            case "div":
                y = _reciprocal(y)
        match name:
            case "mul" | "square" | "div":
                product = x.numerators * y.numerators
            case "matmul":
                product = _matmul(x.numerators, y.numerators)
            case _:
                exponent = max(x.exponent, y.exponent)
                function = _LINEAR[name]
                return Dyadic(as_objects(function(x.over(exponent), y.over(exponent))), exponent)
        return Dyadic(as_objects(product), x.exponent + y.exponent)

    def reduced(self, name: str, value: Dyadic, axes: tuple[int, ...]) -> Dyadic:
        """Compute a sum or a maximum over axes."""
        function = np.add.reduce if name == "sum" else np.maximum.reduce
        return Dyadic(
            as_objects(function(value.numerators, axis=axes, keepdims=True)), value.exponent
        )


_LINEAR = {"add": np.add, "sub": np.subtract, "maximum": np.maximum, "minimum": np.minimum}


def evaluate_exact(program: Program, inputs: Sequence[Dyadic]) -> Dyadic:
    """Evaluate a program in exact arithmetic.

    Parameters
    ----------
    program
        One for which :func:`is_rational` holds.
    inputs
        ``[B, *row shape]`` for each input; empty for a closed program.

    Returns
    -------
    Dyadic ``[B, *row shape of the output]``, or ``(n, d)`` of a closed program.

    Raises
    ------
    InvalidArgumentError
        When the program is not rational, naming the operation; for inputs of another shape.

    Notes
    -----
    :func:`work` multiplications and additions of integers, about 0.1 µs each. The integers grow
    by about 53 bits with each product by float64 weights, 24 by float32 ones.
    """
    reason = not_rational(program)
    if reason:
        raise InvalidArgumentError(f"{reason} Use enclose() instead.")
    if len(inputs) != len(program.inputs):
        raise InvalidArgumentError(
            f"{len(inputs)} inputs were given to a program with {len(program.inputs)}; give one "
            "array for each."
        )
    n_rows = inputs[0].shape[0] if inputs and inputs[0].shape else 0
    for number, (given, shape) in enumerate(zip(inputs, program.inputs, strict=True)):
        if given.shape != (n_rows, *shape):
            raise InvalidArgumentError(
                f"Input {number} has the shape {given.shape}; it must have {('B', *shape)}, with "
                "one B for all inputs."
            )
    return run(prepare(program, DyadicArithmetic()), inputs, n_rows)


def is_rational(program: Program) -> bool:
    """Tell whether the program has only operations that keep integers over powers of two."""
    return not not_rational(program)


def not_rational(program: Program) -> str:
    """Say which operation leaves the integers over powers of two, as a sentence; "" if none."""
    for place, operation in enumerate(program.operations):
        if operation.name in _EXACT:
            continue
        where = f"Operation {place} ({operation.name})"
        if operation.name != "div":
            return f"{where} is not a rational function."
        divisor = _constant_behind(program, operation.arguments[1])
        if divisor is None or not _are_powers_of_two(divisor):
            return f"{where} divides by something else than constant powers of two."
    return ""


def work(program: Program, n_rows: int) -> int:
    """Count the multiplications and additions of a program on a number of rows."""
    dependent = program.dependent
    count = 0
    for place, operation in enumerate(program.operations):
        slot = program.first_result + place
        arguments = [program.shape_of(argument) for argument in operation.arguments]
        size = max(int(np.prod(s, dtype=np.int64)) for s in (operation.shape, *arguments))
        if operation.name == "matmul":
            size = int(np.prod(operation.shape, dtype=np.int64)) * arguments[0][-1]
        if operation.name not in ("take", "concat"):
            count += size * (n_rows if dependent[slot] else 1)
    return count


def _constant_behind(program: Program, slot: int) -> FloatArray | None:
    """Return the numbers of a slot that only moves constants or changes their signs, or None."""
    if slot < len(program.inputs):
        return None
    if slot < program.first_result:
        return program.constants[slot - len(program.inputs)]
    operation = program.operations[slot - program.first_result]
    parts = [_constant_behind(program, argument) for argument in operation.arguments]
    if operation.name not in ("take", "concat", "neg", "abs") or any(p is None for p in parts):
        return None
    return np.concatenate([part.reshape(-1) for part in parts if part is not None])


def _are_powers_of_two(values: FloatArray) -> bool:
    return bool((np.abs(np.frexp(values)[0]) == 0.5).all())


def _reciprocal(y: Dyadic) -> Dyadic:
    if any(abs(n).bit_count() != 1 for n in y.numerators.reshape(-1).tolist()):
        raise InvalidArgumentError("a divisor is not a power of two.")
    # 1 / (± 2^a / 2^e) = ± 2^(e - a)
    places = np.array([abs(n).bit_length() - 1 for n in y.numerators.reshape(-1)], dtype=object)
    most = int(max(places, default=0))
    signs = np.where(y.numerators > 0, 1, -1).astype(object)
    shifted = signs << (most - places + y.exponent).reshape(y.shape)
    return Dyadic(as_objects(shifted), most)


def _matmul(x: ObjectArray, y: ObjectArray) -> ObjectArray:
    if x.shape[-1] == 0:
        shape = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        return np.zeros((*shape, x.shape[-2], y.shape[-1]), dtype=object)
    return as_objects(np.matmul(x, y))
