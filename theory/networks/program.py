"""A network as a straight-line program over real numbers, without the library that trained it.

Stored floating-point weights are rational numbers, and a network is a function of *real* numbers
given by them; a program says which, in a dozen primitives. It is what exact evaluation, interval
evaluation and the independent checker run: each in its own arithmetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register

__all__ = ["BINARY", "REDUCING", "UNARY", "NetworkModel", "Operation", "Program"]

FloatArray = npt.NDArray[np.float64]

#: Elementwise in two arguments, broadcast as NumPy does.
BINARY = ("add", "sub", "mul", "div", "maximum", "minimum")
#: Elementwise in one argument; ``sigmoid(x) = 1/(1+exp(-x))``, ``relu(x) = max(x, 0)``.
UNARY = ("neg", "abs", "relu", "tanh", "sigmoid", "exp", "erf", "sqrt")
#: Over the axes named in the operation, which stay with length 1.
REDUCING = ("sum", "max")
_MOVING = ("concat", "take")
_NAMES = (*BINARY, *UNARY, *REDUCING, *_MOVING, "matmul")


@register
@dataclass(frozen=True, eq=False)
class Operation:
    """One step of a program.

    Attributes
    ----------
    name
        One of :data:`BINARY`, :data:`UNARY`, :data:`REDUCING`, or

        ``matmul``
            Matrix product of the last two axes, the others broadcast; both arguments have at
            least two axes.
        ``concat``
            All arguments flattened and joined: shape ``(total,)``.
        ``take``
            The argument flattened, then indexed: the result has the shape of ``indices``. Every
            reshaping, transposition, slice, lookup and padding is one of these.
    arguments
        Slots of the arguments (see :class:`Program`).
    shape
        Shape of the result for one row, as :class:`Program` explains.
    axes
        For :data:`REDUCING`: non-negative axes of the argument's shape.
    indices
        For ``take``: int64, of shape ``shape``.
    """

    name: str
    arguments: tuple[int, ...]
    shape: tuple[int, ...]
    axes: tuple[int, ...] = ()
    indices: npt.NDArray[np.int64] | None = None


@register
@dataclass(frozen=True, eq=False)
class Program(Saved):
    """A straight-line program over real numbers.

    Slots are numbered: first the inputs, then the constants, then the result of each operation.
    An operation reads earlier slots only.

    Shapes are those of *one row*: a batch of one, leading axis of length 1 included, as in
    ``(1, d)`` for one latent. Whoever runs a program on B rows keeps one more axis in front of
    everything that depends on an input, ``[B, 1, d]``; operands of lower rank get axes of length 1
    between the two before they are combined. A program without inputs is *closed*: its output
    is the answer for all observations at once, ``(n, d)``.

    Attributes
    ----------
    inputs
        Shape of each input, for one row.
    constants
        float64 arrays: the exact values of stored weights (of float32 weights too).
    operations
        In order.
    output
        Slot of the result.

    Raises
    ------
    InvalidArgumentError
        When an operation is unknown, reads a slot that does not exist yet, or an index of a
        ``take`` is out of range.

    Examples
    --------
    >>> double = Program(((1, 2),), (np.array(2.0),), (Operation("mul", (0, 1), (1, 2)),), 2)
    >>> double
    Program(1 input, 1 constant with 1 number, 1 operation: mul)
    """

    inputs: tuple[tuple[int, ...], ...]
    constants: tuple[FloatArray, ...]
    operations: tuple[Operation, ...]
    output: int

    def __post_init__(self) -> None:
        shapes: list[tuple[int, ...]] = [*self.inputs, *(c.shape for c in self.constants)]
        for place, operation in enumerate(self.operations):
            _check(place, operation, shapes)
            shapes.append(operation.shape)
        if not 0 <= self.output < len(shapes):
            raise InvalidArgumentError(
                f"The output of the program is slot {self.output}; it has slots 0 to "
                f"{len(shapes) - 1}."
            )
        for constant in self.constants:
            constant.setflags(write=False)

    @property
    def is_closed(self) -> bool:
        """Tell whether the program has no inputs."""
        return not self.inputs

    @property
    def first_result(self) -> int:
        """Slot of the result of the first operation."""
        return len(self.inputs) + len(self.constants)

    def shape_of(self, slot: int) -> tuple[int, ...]:
        """Return the shape, for one row, of what a slot holds."""
        if slot < len(self.inputs):
            return self.inputs[slot]
        if slot < self.first_result:
            return self.constants[slot - len(self.inputs)].shape
        return self.operations[slot - self.first_result].shape

    @property
    def dependent(self) -> tuple[bool, ...]:
        """For each slot, whether it depends on an input."""
        known = [True] * len(self.inputs) + [False] * len(self.constants)
        for operation in self.operations:
            known.append(any(known[slot] for slot in operation.arguments))
        return tuple(known)

    def __repr__(self) -> str:
        numbers = sum(constant.size for constant in self.constants)
        steps: dict[str, int] = {}
        for operation in self.operations:
            steps[operation.name] = steps.get(operation.name, 0) + 1
        listed = ", ".join(n if k == 1 else f"{k} {n}" for n, k in steps.items()) or "none"
        return (
            f"Program({_count(len(self.inputs), 'input')}, "
            f"{_count(len(self.constants), 'constant')} with {_count(numbers, 'number')}, "
            f"{_count(len(self.operations), 'operation')}: {listed})"
        )


@register
@dataclass(frozen=True, eq=False)
class NetworkModel(Saved):
    """The triple (E, T, P) of D1 as programs, on the observations of one system.

    Attributes
    ----------
    encoder
        One input, an observation ``(1, *obs_shape)``, to ``(1, d)``; or closed, ``(n_obs, d)``.
    predictors
        One program for each action, ``(1, d)`` to ``(1, d)``; or closed, ``(n_obs, d)``: the
        predicted latent of each observation, where a predictor can only be evaluated there.
    head
        ``(1, d)`` to ``(1, label_dim)``; or closed, ``(n_obs, label_dim)``.
    observations
        float64 ``[n_obs, *obs_shape]``, what the encoder is shown; None for a closed encoder.
    dtype
        Type the subject computes in, such as ``"float32"``: programs hold its exact weights.
    """

    encoder: Program
    predictors: tuple[Program, ...]
    head: Program
    observations: FloatArray | None
    dtype: str

    @property
    def latent_dim(self) -> int:
        """Dimension d of the latents."""
        return self.encoder.shape_of(self.encoder.output)[-1]


def _check(place: int, operation: Operation, shapes: Sequence[tuple[int, ...]]) -> None:
    where = f"Operation {place} ({operation.name})"
    if operation.name not in _NAMES:
        raise InvalidArgumentError(f"{where} is unknown; use one of {', '.join(_NAMES)}.")
    wanted: Any = {"concat": None, "matmul": 2} | dict.fromkeys(BINARY, 2)
    arity = wanted.get(operation.name, 1)
    if arity is not None and len(operation.arguments) != arity:
        raise InvalidArgumentError(
            f"{where} has {len(operation.arguments)} arguments; it takes {arity}."
        )
    if not all(0 <= slot < len(shapes) for slot in operation.arguments):
        raise InvalidArgumentError(
            f"{where} reads slots {operation.arguments}; only 0 to {len(shapes) - 1} exist by then."
        )
    if operation.name == "take":
        size = int(np.prod(shapes[operation.arguments[0]], dtype=np.int64))
        indices = operation.indices
        if indices is None or indices.shape != tuple(operation.shape):
            raise InvalidArgumentError(f"{where} needs indices of its shape {operation.shape}.")
        if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < size:
            raise InvalidArgumentError(f"{where} reads beyond its argument of {size} numbers.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
