"""A program while it is being written: values with operators, folded and pruned at the end."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.program import Operation, Program

__all__ = ["Scalar", "Tape", "Value"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Scalar = int | float

#: A cell is one number of one value: the place of the value on the tape, times this, plus the
#: position in the flattened value.
_SPAN = 1 << 40


@dataclass(frozen=True, eq=False)
class _Entry:
    name: str  # "input", "constant", or an operation of a program
    shape: tuple[int, ...]
    arguments: tuple[int, ...] = ()
    axes: tuple[int, ...] = ()
    indices: IntArray | None = None
    content: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Value:
    """The result of one step on a tape; arithmetic with it writes further steps.

    Attributes
    ----------
    tape
        Where it is written.
    place
        Its number there.
    shape
        Shape for one row.
    """

    tape: "Tape"
    place: int
    shape: tuple[int, ...]

    def _with(self, name: str, other: "Value | Scalar", swap: bool = False) -> "Value":
        value = self.tape.as_value(other)
        first, second = (value, self) if swap else (self, value)
        shape = np.broadcast_shapes(first.shape, second.shape)
        return self.tape.write(name, (first, second), shape)

    def __add__(self, other: "Value | Scalar") -> "Value":
        return self._with("add", other)

    def __radd__(self, other: "Value | Scalar") -> "Value":
        return self._with("add", other, swap=True)

    def __sub__(self, other: "Value | Scalar") -> "Value":
        return self._with("sub", other)

    def __rsub__(self, other: "Value | Scalar") -> "Value":
        return self._with("sub", other, swap=True)

    def __mul__(self, other: "Value | Scalar") -> "Value":
        return self._with("mul", other)

    def __rmul__(self, other: "Value | Scalar") -> "Value":
        return self._with("mul", other, swap=True)

    def __truediv__(self, other: "Value | Scalar") -> "Value":
        return self._with("div", other)

    def __rtruediv__(self, other: "Value | Scalar") -> "Value":
        return self._with("div", other, swap=True)

    def __neg__(self) -> "Value":
        return self.apply("neg")

    def __matmul__(self, other: "Value") -> "Value":
        """Matrix product of the last two axes; both have at least two."""
        front = np.broadcast_shapes(self.shape[:-2], other.shape[:-2])
        shape = (*front, self.shape[-2], other.shape[-1])
        return self.tape.write("matmul", (self, other), shape)

    def maximum(self, other: "Value | Scalar") -> "Value":
        """Return the larger one, entry by entry."""
        return self._with("maximum", other)

    def minimum(self, other: "Value | Scalar") -> "Value":
        """Return the smaller one, entry by entry."""
        return self._with("minimum", other)

    def apply(self, name: str) -> "Value":
        """Return an elementwise function of the value, by its name in programs."""
        return self.tape.write(name, (self,), self.shape)

    def reduce(self, name: str, axes: Iterable[int], keep: bool = False) -> "Value":
        """Return ``"sum"`` or ``"max"`` over axes; negative ones count from the end."""
        depth = len(self.shape)
        chosen = tuple(sorted({axis % depth for axis in axes})) if depth else ()
        if not chosen:
            return self
        kept = tuple(1 if i in chosen else size for i, size in enumerate(self.shape))
        result = self.tape.write(name, (self,), kept, axes=chosen)
        left = tuple(size for i, size in enumerate(self.shape) if i not in chosen)
        return result if keep else result.reshape(left)

    def take(self, indices: IntArray) -> "Value":
        """Return the flattened value, indexed: the shape is that of the indices."""
        return self.tape.gather(self.cells[indices])

    def reshape(self, shape: Sequence[int]) -> "Value":
        """Return the same numbers in another shape (all sizes given)."""
        return self.tape.gather(self.cells.reshape(tuple(shape)))

    def swap_last(self) -> "Value":
        """Return the value with its last two axes exchanged."""
        return self.tape.gather(np.swapaxes(self.cells.reshape(self.shape), -1, -2))

    @property
    def size(self) -> int:
        """Count of its numbers, for one row."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def cells(self) -> IntArray:
        """Name of each of its numbers, for :meth:`Tape.gather`; int64 ``[size]``.

        What only moves numbers is looked through: a cell names where a number was computed.
        """
        return self.tape.cells_of(self)


class Tape:
    """The steps of one program, in the order in which they are written."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._constants: dict[tuple[tuple[int, ...], bytes], Value] = {}
        self._gathered: dict[tuple[tuple[int, ...], bytes], Value] = {}

    def _append(self, entry: _Entry) -> Value:
        self._entries.append(entry)
        return Value(self, len(self._entries) - 1, entry.shape)

    def input(self, shape: Sequence[int]) -> Value:
        """Return a new input."""
        return self._append(_Entry("input", tuple(shape)))

    def constant(self, content: npt.ArrayLike) -> Value:
        """Return a constant; its numbers are copied, and equal constants are one."""
        array = np.array(content, dtype=np.float64, order="C")
        key = (array.shape, _digest(array))
        if key not in self._constants:
            self._constants[key] = self._append(_Entry("constant", array.shape, content=array))
        return self._constants[key]

    @property
    def has_inputs(self) -> bool:
        """Tell whether the program has inputs."""
        return any(entry.name == "input" for entry in self._entries)

    def as_value(self, given: Value | Scalar) -> Value:
        """Return a value as it is, and a Python number as a constant without axes."""
        if isinstance(given, Value):
            return given
        return self.constant(float(given))

    def write(
        self,
        name: str,
        arguments: Sequence[Value],
        shape: Sequence[int],
        axes: tuple[int, ...] = (),
    ) -> Value:
        """Append an operation and return its result."""
        places = tuple(argument.place for argument in arguments)
        return self._append(_Entry(name, tuple(int(size) for size in shape), places, axes))

    def gather(self, cells: IntArray) -> Value:
        """Return the value made of the cells named, in the shape of ``cells``.

        Numbers of one value cost one ``take``, or nothing when they are the whole value in
        order; numbers of several, one ``concat`` more. Constants alone make a constant.
        """
        flat = np.asarray(cells, dtype=np.int64, order="C")
        key = (flat.shape, _digest(flat))
        if key not in self._gathered:
            self._gathered[key] = self._gather(flat.reshape(-1), flat.shape)
        return self._gathered[key]

    def _gather(self, flat: IntArray, shape: tuple[int, ...]) -> Value:
        owners = flat // _SPAN
        places = np.unique(owners).tolist()
        parts, indices = [], np.zeros(len(flat), dtype=np.int64)
        total = 0
        for place in places:
            here = owners == place
            part, positions = self._value(place), flat[here] % _SPAN
            content = self._entries[place].content
            if content is not None and len(places) > 1:
                # Of a constant, only what is used: the rest may be memory that was never set.
                used, positions = np.unique(positions, return_inverse=True)
                part = self.constant(content.reshape(-1)[used])
            indices[here] = positions + total
            parts.append(part)
            total += part.size
        indices = indices.reshape(shape)
        if len(parts) == 1 and parts[0].shape == shape and _in_order(indices):
            return parts[0]
        contents = [self._entries[part.place].content for part in parts]
        if all(content is not None for content in contents):
            pool = [np.ravel(content) for content in contents if content is not None]
            return self.constant(np.concatenate([np.zeros(0), *pool])[indices])
        source = parts[0] if len(parts) == 1 else self.write("concat", parts, (total,))
        return self._append(_Entry("take", shape, (source.place,), indices=indices))

    def cells_of(self, value: Value) -> IntArray:
        """Return the cells of a value; see :attr:`Value.cells`."""
        entry = self._entries[value.place]
        arguments = [self._value(place) for place in entry.arguments]
        if entry.name == "concat":
            return np.concatenate([argument.cells for argument in arguments])
        if entry.name == "take" and entry.indices is not None:
            return np.ravel(arguments[0].cells[entry.indices])
        return value.place * _SPAN + np.arange(value.size, dtype=np.int64)

    def content(self, value: Value) -> FloatArray | None:
        """Return the numbers of a constant, None for anything that is computed."""
        return self._entries[value.place].content

    def equals(self, value: Value, number: float) -> npt.NDArray[np.bool_]:
        """Return which entries of a value are a given constant, in its shape."""
        cells = value.cells
        found = np.zeros(cells.shape, dtype=bool)
        for place in np.unique(cells // _SPAN).tolist():
            content = self._entries[place].content
            if content is not None:
                mine = cells // _SPAN == place
                found[mine] = content.reshape(-1)[cells[mine] % _SPAN] == number
        return found.reshape(value.shape)

    def _value(self, place: int) -> Value:
        return Value(self, place, self._entries[place].shape)

    def finish(self, output: Value) -> Program:
        """Return the program of what the output needs, and of all inputs."""
        needed = {output.place}
        for place in range(output.place, -1, -1):
            if place in needed:
                needed.update(self._entries[place].arguments)
        every = list(enumerate(self._entries))
        inputs = [p for p, e in every if e.name == "input"]
        constants = [p for p, e in every if e.name == "constant" and p in needed]
        steps = [p for p, e in every if e.name not in ("input", "constant") and p in needed]
        slots = {place: slot for slot, place in enumerate((*inputs, *constants, *steps))}
        operations = []
        for place in steps:
            e = self._entries[place]
            arguments = tuple(slots[argument] for argument in e.arguments)
            operations.append(Operation(e.name, arguments, e.shape, e.axes, e.indices))
        contents = (self._entries[place].content for place in constants)
        return Program(
            tuple(self._entries[place].shape for place in inputs),
            tuple(content for content in contents if content is not None),
            tuple(operations),
            slots[output.place],
        )


def _digest(array: npt.NDArray[Any]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=16).digest()


def _in_order(indices: IntArray) -> bool:
    return bool((indices.reshape(-1) == np.arange(indices.size)).all())
