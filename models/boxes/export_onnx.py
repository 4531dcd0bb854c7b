"""A query about two boxes as an ONNX file: the difference of the codes of two inputs."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes import onnx_messages as messages
from tellapart.theory.networks.program import Operation, Program

__all__ = ["twin_onnx"]

FloatArray = npt.NDArray[np.float64]

#: Relu takes float64 since operator set 14; ReduceMax has its axes as an attribute up to 17.
_OPERATORS, _VERSION = 17, 8

#: Numbers in a matrix of zeros and ones that stands for a lookup.
_SELECTION = 2_000_000

_KINDS = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "maximum": "Max", "minimum": "Min",
    "neg": "Neg", "abs": "Abs", "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid",
    "exp": "Exp", "erf": "Erf", "sqrt": "Sqrt", "matmul": "MatMul",
}  # fmt: skip


def twin_onnx(program: Program, dtype: str) -> bytes:
    """Return an ONNX model that computes ``E(x) - E(y)``.

    Parameters
    ----------
    program
        An encoder as a row program of one input.
    dtype
        ``"float32"`` or ``"float64"``: type of all numbers; weights are rounded to it.

    Returns
    -------
    Content of a file. Input ``X`` of shape ``[1, 2 N]``: the numbers of x, then those of y. Output
    ``Y`` of shape ``[1, d]``.

    Notes
    -----
    Both copies read the same constants. Constants that are only moved are moved here; what is
    computed from constants stays a part of the graph. Lookups of computed numbers are products
    with a matrix of zeros and ones where that is small, since verifiers know products.
    """
    size = int(np.prod(program.inputs[0], dtype=np.int64))
    d = int(np.prod(program.shape_of(program.output), dtype=np.int64))
    writer = _Writer(program, dtype)
    halves = ["x_flat", "y_flat"]
    writer.split(size, halves)
    ends = [writer.copy(half) for half in halves]
    writer.subtract(ends, d)
    content = messages.graph(
        "difference_of_codes",
        writer.nodes,
        writer.constants,
        [messages.value("X", dtype, (1, 2 * size))],
        [messages.value("Y", dtype, (1, d))],
    )
    return messages.model(content, "tellapart", _OPERATORS, _VERSION)


class _Writer:
    """Collects the nodes and constants of two copies of a program."""

    def __init__(self, program: Program, dtype: str) -> None:
        self._program = program
        self._dtype = dtype
        self.nodes: list[bytes] = []
        self.constants: list[bytes] = []
        self._names: dict[int, str] = {}
        self._shapes: dict[str, str] = {}
        moved = _moved_constants(program)
        operations = enumerate(program.operations, start=program.first_result)
        read = {s for slot, op in operations if slot not in moved for s in op.arguments}
        for slot in sorted((read | {program.output}) & moved.keys()):
            self._names[slot] = self._constant(f"w{slot}", moved[slot])
        self._done = set(moved)

    def split(self, size: int, halves: Sequence[str]) -> None:
        """Write what cuts X in two: products too, where they are small."""
        if 2 * size * size > _SELECTION:
            self.nodes.append(messages.node("Split", ["X"], halves, axis=1))
            return
        for half, columns in zip(halves, np.split(np.eye(2 * size), 2, axis=1), strict=True):
            self._add("MatMul", ["X", self._constant(f"{half}_chosen", columns)], half)

    def subtract(self, codes: Sequence[str], d: int) -> None:
        """Write the difference as a product: some verifiers subtract constants only."""
        joined = self._add("Concat", codes, "codes", axis=1)
        signs = self._constant("difference", np.concatenate([np.eye(d), -np.eye(d)]))
        self._add("MatMul", [joined, signs], "Y")

    def copy(self, half: str) -> str:
        """Write one copy of the program on one half of X; return the name of its code."""
        program, mark = self._program, half[0]
        names = dict(self._names)
        names[0] = self._reshaped(half, program.inputs[0], f"{mark}_input")
        for place, operation in enumerate(program.operations):
            slot = program.first_result + place
            if program.dependent[slot]:
                names[slot] = self._operation(operation, names, f"{mark}{slot}")
            elif slot not in self._done:
                self._names[slot] = self._operation(operation, names, f"c{slot}")
                self._done.add(slot)
                names[slot] = self._names[slot]
        return self._reshaped(names[program.output], (1, -1), f"{mark}_code")

    def _operation(self, operation: Operation, names: dict[int, str], name: str) -> str:
        given = [names[s] for s in operation.arguments]
        match operation.name:
            case "take":
                return self._lookup(operation, given[0], name)
            case "concat":
                parts = [self._reshaped(part, (-1,), f"{name}_{k}") for k, part in enumerate(given)]
                return self._add("Concat", parts, name, axis=0)
            case "sum" if operation.axes:
                axes = self._integers(f"{name}_axes", np.array(operation.axes))
                return self._add("ReduceSum", [given[0], axes], name, keepdims=1)
            case "max" if operation.axes:
                return self._add("ReduceMax", given, name, axes=operation.axes, keepdims=1)
            case "sum" | "max":
                return given[0]
        return self._add(_KINDS[operation.name], given, name)

    def _lookup(self, operation: Operation, given: str, name: str) -> str:
        indices = operation.indices
        assert indices is not None  # noqa: S101 - Program checks it
        shape = self._program.shape_of(operation.arguments[0])
        size, flat = int(np.prod(shape, dtype=np.int64)), indices.reshape(-1)
        if np.array_equal(flat, np.arange(size)):
            return self._reshaped(given, operation.shape, name)
        if size * len(flat) > _SELECTION:
            line = self._reshaped(given, (-1,), f"{name}_flat")
            return self._add("Gather", [line, self._integers(f"{name}_at", indices)], name, axis=0)
        chosen = self._constant(f"{name}_chosen", np.eye(size)[:, flat])
        row = self._reshaped(given, (1, size), f"{name}_row")
        product = self._add("MatMul", [row, chosen], f"{name}_product")
        return self._reshaped(product, operation.shape, name)

    def _add(
        self, kind: str, given: Sequence[str], name: str, **attributes: int | Sequence[int]
    ) -> str:
        self.nodes.append(messages.node(kind, given, [name], **attributes))
        return name

    def _reshaped(self, given: str, shape: Sequence[int], name: str) -> str:
        key = "shape_" + "_".join(str(size).replace("-", "m") for size in shape)
        if key not in self._shapes:
            self._shapes[key] = self._integers(key, np.array(shape))
        return self._add("Reshape", [given, self._shapes[key]], name)

    def _constant(self, name: str, array: npt.NDArray[np.float64]) -> str:
        self.constants.append(messages.tensor(name, array.astype(self._dtype)))
        return name

    def _integers(self, name: str, array: npt.NDArray[np.int64]) -> str:
        self.constants.append(messages.tensor(name, array.astype(np.int64)))
        return name


def _moved_constants(program: Program) -> dict[int, FloatArray]:
    """Return the constants by slot, and what is only moved ones."""
    values = {len(program.inputs) + k: c for k, c in enumerate(program.constants)}
    for slot, operation in enumerate(program.operations, start=program.first_result):
        given = [values[s].reshape(-1) for s in operation.arguments if s in values]
        if len(given) == len(operation.arguments) and operation.name in ("take", "concat"):
            joined, indices = np.concatenate(given), operation.indices
            values[slot] = joined if indices is None else joined[indices]
    return values
