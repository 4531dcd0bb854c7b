"""Programs on intervals: an enclosure of the real function's value, for every row."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks import activations, intervals, products
from tellapart.theory.networks.interpreter import Rearrangement, numbers_held, prepare, run
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Program

__all__ = ["IntervalArithmetic", "enclose"]

#: Bytes that the rows of one chunk may take.
_MEMORY = 256 * 2**20

_FUNCTIONS: dict[str, Callable[..., Interval]] = {
    "add": intervals.add,
    "sub": intervals.subtract,
    "mul": intervals.multiply,
    "square": intervals.square,
    "div": intervals.divide,
    "maximum": intervals.maximum,
    "minimum": intervals.minimum,
    "neg": intervals.negative,
    "abs": intervals.absolute,
    "relu": intervals.relu,
    "sqrt": intervals.square_root,
    "matmul": products.matmul,
    "tanh": activations.tanh,
    "sigmoid": activations.sigmoid,
    "exp": activations.exp,
    "erf": activations.erf,
}


class IntervalArithmetic:
    """Intervals of float64 as the numbers of a program."""

    def constant(self, values: npt.NDArray[np.float64]) -> Interval:
        """Return floats as intervals of width zero."""
        return intervals.point(values)

    def shape(self, value: Interval) -> tuple[int, ...]:
        """Return the shape of an array of intervals."""
        return value.shape

    def rearranged(self, value: Interval, change: Rearrangement) -> Interval:
        """Apply a function that moves or repeats numbers to both ends."""
        return intervals.rearranged(value, change)

    def joined(self, parts: Sequence[Interval]) -> Interval:
        """Join arrays along the last axis."""
        lo = np.concatenate([part.lo for part in parts], axis=-1)
        if all(part.lo is part.hi for part in parts):
            return intervals.point(lo)
        return Interval(lo, np.concatenate([part.hi for part in parts], axis=-1))

    def apply(self, name: str, arguments: Sequence[Interval]) -> Interval:
        """Compute one operation, rounded outwards."""
        return _FUNCTIONS[name](*arguments)

    def reduced(self, name: str, value: Interval, axes: tuple[int, ...]) -> Interval:
        """Compute a sum or a maximum over axes."""
        return (intervals.total if name == "sum" else intervals.largest)(value, axes)


def enclose(program: Program, inputs: Sequence[Interval]) -> Interval:
    """Enclose what a program computes for all inputs that lie in the given intervals.

    Parameters
    ----------
    program
        A row program, or a closed one.
    inputs
        For a row program one array of intervals ``[B, *row shape]`` for each input, points or
        boxes; empty for a closed program.

    Returns
    -------
    Interval ``[B, *row shape of the output]``, or ``(n, d)`` of a closed program. Bounds are
    infinite where a value leaves the range of float64.

    Raises
    ------
    InvalidArgumentError
        For inputs of another number or shape, NaN, or ends in the wrong order; for a constant
        that is not finite; and where a value is not defined as far as the enclosures tell (a
        divisor that may be zero, the square root of what may be negative).
    InternalError
        Where the processor does not round as IEEE 754 says.

    Notes
    -----
    The float operations of the program, about ten times over; rows are done in chunks of about
    256 MB. Enclosures forget that a value is used twice (``x - x`` is not 0), so boxes grow with
    depth; points stay as wide as rounding errors are.

    Examples
    --------
    >>> from tellapart.theory.networks.program import Operation
    >>> half = Program(((1, 1),), (np.array(0.5),), (Operation("mul", (0, 1), (1, 1)),), 2)
    >>> box = Interval(np.array([[[1.0]]]), np.array([[[3.0]]]))
    >>> result = enclose(half, [box])
    >>> bool(result.lo < 0.5 and 1.5 < result.hi), result.shape
    (True, (1, 1, 1))
    """
    n_rows = _check_inputs(program, inputs)
    intervals.require_rounding()
    prepared = prepare(program, IntervalArithmetic())
    if program.is_closed:
        return run(prepared, (), 0)
    step = max(1, _MEMORY // (16 * numbers_held(program)))
    chunks = [
        run(prepared, [_rows(given, start, step) for given in inputs], min(step, n_rows - start))
        for start in range(0, max(n_rows, 1), step)
    ]
    if len(chunks) == 1:
        return chunks[0]
    return Interval(
        np.concatenate([chunk.lo for chunk in chunks]),
        np.concatenate([chunk.hi for chunk in chunks]),
    )


def _rows(given: Interval, start: int, step: int) -> Interval:
    return intervals.rearranged(given, lambda end: end[start : start + step])


def _check_inputs(program: Program, inputs: Sequence[Interval]) -> int:
    """Return the number of rows, or raise."""
    if len(inputs) != len(program.inputs):
        raise InvalidArgumentError(
            f"{len(inputs)} inputs were given to a program with {len(program.inputs)}; give one "
            "array of intervals for each."
        )
    n_rows = inputs[0].shape[0] if inputs and inputs[0].shape else 0
    for number, (given, shape) in enumerate(zip(inputs, program.inputs, strict=True)):
        if given.lo.shape != given.hi.shape or given.shape != (n_rows, *shape):
            raise InvalidArgumentError(
                f"Input {number} has the shapes {given.lo.shape} and {given.hi.shape}; both ends "
                f"must have {('B', *shape)}, with one B for all inputs."
            )
        if not bool((given.lo <= given.hi).all()):
            row = int(np.argwhere(~(given.lo <= given.hi))[0][0])
            raise InvalidArgumentError(
                f"Row {row} of input {number} has a NaN, or a lower end above the upper one; an "
                "interval needs two numbers in order."
            )
    return n_rows
