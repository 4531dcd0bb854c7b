"""The checker's own reading and evaluation of the programs of a model.

A program is read once: every slot, shape, axis and index is derived again and compared. It is then
run for one observation at a time, so that the shapes are those written in it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.margin_checker.arrays import Arithmetic, Enclosure
from tellapart.theory.margin_checker.numbers import Bounds, Fixed, Refused
from tellapart.theory.margin_checker.reading import LARGEST_ARRAY, Node

__all__ = ["Network", "Runner", "Step", "fraction_bits", "read_program"]

Shape = tuple[int, ...]

_BINARY = ("add", "sub", "mul", "div", "maximum", "minimum")
_UNARY = ("neg", "abs", "relu", "tanh", "sigmoid", "exp", "erf", "sqrt")
_REDUCING = ("sum", "max")
_NAMES = (*_BINARY, *_UNARY, *_REDUCING, "concat", "take", "matmul")
_NARROW = 1 << 20  # units in the last place


@dataclass(frozen=True)
class Step:
    """One operation: name, slots read, shape of the result, and what some operations need."""

    name: str
    arguments: tuple[int, ...]
    shape: Shape
    axes: tuple[int, ...]
    indices: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """A program that was found to be well formed.

    Attributes
    ----------
    inputs
        Shapes of the inputs: none for a closed program, else one.
    constants
        Shape and exact values of each constant.
    steps
        The operations.
    output
        Slot of the result.
    shapes
        Shape of every slot.
    dependent
        For each slot, whether it depends on the input.
    """

    inputs: list[Shape]
    constants: list[tuple[Shape, list[Fraction]]]
    steps: list[Step]
    output: int
    shapes: list[Shape]
    dependent: list[bool]

    @property
    def is_closed(self) -> bool:
        """Tell whether there is no input: the result is for all observations at once."""
        return not self.inputs

    @property
    def first(self) -> int:
        """Slot of the result of the first operation."""
        return len(self.inputs) + len(self.constants)


def read_program(node: Node) -> Network:
    """Read a saved ``Program``, deriving every shape from those before it."""
    ins, constants, operations, output = node.fields(
        "Program", "inputs", "constants", "operations", "output"
    )
    inputs = [item.shape() for item in ins.items()]
    if len(inputs) > 1:
        ins.fail(f"lists {len(inputs)} inputs; programs of a model have at most one")
    values = [item.floats() for item in constants.items()]
    shapes = [*inputs, *(shape for shape, _ in values)]
    dependent = [True] * len(inputs) + [False] * len(values)
    steps = []
    for item in operations.items():
        step = _read_step(item, shapes)
        steps.append(step)
        shapes.append(step.shape)
        dependent.append(any(dependent[slot] for slot in step.arguments))
    return Network(inputs, values, steps, output.integer(0, len(shapes)), shapes, dependent)


def _read_step(node: Node, shapes: list[Shape]) -> Step:
    name_, arguments_, shape_, axes_, indices_ = node.fields(
        "Operation", "name", "arguments", "shape", "axes", "indices"
    )
    name = name_.text(*_NAMES)
    arguments = tuple(item.integer(0, len(shapes)) for item in arguments_.items())
    wanted = 2 if name in (*_BINARY, "matmul") else 1
    if len(arguments) != wanted and not (name == "concat" and arguments):
        arguments_.fail(f"has {len(arguments)} slots; {name} takes {wanted}")
    operands = [shapes[slot] for slot in arguments]
    axes = tuple(item.integer(0, len(operands[0])) for item in axes_.items())
    if len(set(axes)) != len(axes) or bool(axes) != (name in _REDUCING):
        axes_.fail(f"is not a set of axes that {name} goes over")
    indices = np.zeros(0, dtype=np.int64)
    shape = shape_.shape()
    if name == "take":
        found, flat = indices_.integers(0, math.prod(operands[0]))
        indices = np.array(flat, dtype=np.int64).reshape(found)
        derived: Shape | None = found
    else:
        if indices_.value is not None:
            indices_.fail(f"is given, but {name} takes none")
        derived = _derived(name, operands, axes)
    if derived != shape or math.prod(shape) > LARGEST_ARRAY:
        shape_.fail(f"is {list(shape)}, which is not what {name} gives for {operands}")
    return Step(name, arguments, shape, axes, indices)


def _derived(name: str, operands: list[Shape], axes: tuple[int, ...]) -> Shape | None:
    """Return the shape that an operation gives, None where it gives none."""
    one, other = operands[0], operands[-1]
    if name in _UNARY:
        return one
    if name in _REDUCING:
        return tuple(1 if axis in axes else size for axis, size in enumerate(one))
    if name == "concat":
        return (sum(math.prod(shape) for shape in operands),)
    if name != "matmul":
        return _broadcast(one, other)
    if len(one) < 2 or len(other) < 2 or one[-1] != other[-2]:
        return None
    leading = _broadcast(one[:-2], other[:-2])
    return None if leading is None else (*leading, one[-2], other[-1])


def _broadcast(one: Shape, other: Shape) -> Shape | None:
    rank = max(len(one), len(other))
    padded = [(1,) * (rank - len(shape)) + shape for shape in (one, other)]
    sizes = list(zip(*padded, strict=True))
    if any(a != b and 1 not in (a, b) for a, b in sizes):
        return None
    return tuple(max(a, b) for a, b in sizes)


def fraction_bits(network: Network, entering: int) -> tuple[int, int]:
    """Return how many binary digits after the point suffice for exact values: anywhere, at the end.

    ``entering`` is what the input needs. Results of operations that leave the dyadic rationals are
    rounded whatever the scale, and count as 0.
    """
    bits = [entering] * len(network.inputs)
    for _, values in network.constants:
        bits.append(max(value.denominator.bit_length() - 1 for value in values))
    for step in network.steps:
        used = [bits[slot] for slot in step.arguments]
        if step.name in ("mul", "matmul"):
            bits.append(sum(used))
        elif step.name in ("div", "tanh", "sigmoid", "exp", "erf", "sqrt"):
            bits.append(0)
        else:
            bits.append(max(used))
    return max(bits), bits[network.output]


class Runner:
    """Runs one program in one arithmetic.

    Attributes
    ----------
    network, arithmetic
        What is run, and in which numbers.
    fixed_slots
        What each slot holds that does not depend on the input, None for the others.
    """

    def __init__(self, network: Network, arithmetic: Arithmetic) -> None:
        self.network = network
        self.arithmetic = arithmetic
        self._functions = _functions(arithmetic.fixed)
        slots: list[Enclosure | None] = [None] * len(network.inputs)
        slots += [arithmetic.constant(shape, values) for shape, values in network.constants]
        for step, dependent in zip(network.steps, network.dependent[network.first :], strict=True):
            known = [slots[slot] for slot in step.arguments]
            slots.append(None if dependent else self._apply(step, [k for k in known if k]))
        self.fixed_slots = slots

    def run(self, given: Enclosure | None) -> list[Enclosure]:
        """Return what every slot holds, for one input; None for a closed program."""
        network = self.network
        found: list[Enclosure] = [] if given is None else [given]
        found += [held for held in self.fixed_slots[len(found) : network.first] if held is not None]
        for number, step in enumerate(network.steps, network.first):
            held = self.fixed_slots[number]
            found.append(held or self._apply(step, [found[slot] for slot in step.arguments]))
        return found

    def output(self, given: Enclosure | None) -> Enclosure:
        """Return the result for one input; None for a closed program."""
        return self.run(given)[self.network.output]

    def _apply(self, step: Step, operands: list[Enclosure]) -> Enclosure:
        arithmetic, a = self.arithmetic, operands[0]
        match step.name:
            case "add":
                return a + operands[1]
            case "sub":
                return a - operands[1]
            case "mul":
                return arithmetic.mul(a, operands[1])
            case "div":
                return arithmetic.div(a, operands[1])
            case "matmul":
                return arithmetic.matmul(a, operands[1])
            case "maximum":
                b = operands[1]
                return Enclosure(np.maximum(a.lo, b.lo), np.maximum(a.hi, b.hi))
            case "minimum":
                b = operands[1]
                return Enclosure(np.minimum(a.lo, b.lo), np.minimum(a.hi, b.hi))
            case "neg":
                return -a
            case "sum":
                return a.each(lambda ends: _reduced(np.add, ends, step.axes))
            case "max":
                return a.each(lambda ends: _reduced(np.maximum, ends, step.axes))
            case "take":
                return a.each(lambda ends: ends.reshape(-1)[step.indices])
            case "concat":
                lo = np.concatenate([operand.lo.reshape(-1) for operand in operands])
                hi = np.concatenate([operand.hi.reshape(-1) for operand in operands])
                return Enclosure(lo, lo if all(o.lo is o.hi for o in operands) else hi)
        return arithmetic.elementwise(self._functions[step.name], a)


def _reduced(ufunc: np.ufunc, ends: npt.NDArray[np.object_], axes: tuple[int, ...]) -> object:
    for axis in axes:
        ends = ufunc.reduce(ends, axis=axis, keepdims=True)
    return ends


def _functions(fixed: Fixed) -> dict[str, Callable[[int, int], Bounds]]:
    """Return the function of one number as functions of the two ends of an interval."""

    def growing(at: Callable[[int], Bounds], steepest: int) -> Callable[[int, int], Bounds]:
        def on_interval(lo: int, hi: int) -> Bounds:
            low, high = at(lo)
            if hi - lo <= _NARROW:  # no steeper than that: one evaluation is enough
                return low, high + steepest * (hi - lo)
            return low, at(hi)[1]

        return on_interval

    def absolute(lo: int, hi: int) -> Bounds:
        return max(lo, -hi, 0), max(-lo, hi)

    def exponential(lo: int, hi: int) -> Bounds:
        return fixed.exp(lo)[0], fixed.exp(hi)[1]

    def root(lo: int, hi: int) -> Bounds:
        if lo < 0:
            raise Refused("the square root is taken of a number that may be negative")
        return fixed.sqrt(lo)[0], fixed.sqrt(hi)[1]

    return {
        "abs": absolute,
        "relu": lambda lo, hi: (max(lo, 0), max(hi, 0)),
        "tanh": growing(fixed.tanh, 1),
        "sigmoid": growing(fixed.sigmoid, 1),
        "erf": growing(fixed.erf, 2),
        "exp": exponential,
        "sqrt": root,
    }
