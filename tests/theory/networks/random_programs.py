"""Random programs, and their value in fractions: one row at a time, by NumPy's own broadcasting."""

import itertools
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from tellapart.theory.networks.program import Operation, Program

#: Numbers that rounding goes wrong on: cancellation, denormals, the ends of the range.
TRAPS = [0.0, -0.0, 1.0, -1.0, 0.1, 1 / 3, 1e16, 1.0 + 2**-52, 5e-324, -5e-324, 2.0**-1022, 1e-200,
         1e200, -1e300, 2.0**-30]  # fmt: skip
NUMBERS = st.sampled_from(TRAPS) | st.floats(-8, 8) | st.integers(-3, 3).map(float)
ROW_SHAPES = [(1, 2), (1, 3), (1, 2, 2)]
CONSTANT_SHAPES = [(), (1,), (2,), (3,), (2, 3), (3, 2), (1, 2, 2), (0,)]
RATIONAL = ("add", "sub", "mul", "maximum", "minimum", "neg", "abs", "relu", "sum", "max",
            "matmul", "concat", "take", "div")  # fmt: skip
AFFINE = ("add", "sub", "mul", "neg", "sum", "matmul", "concat", "take", "div")


def floats(shape, numbers=NUMBERS):
    size = int(np.prod(shape, dtype=int))
    lists = st.lists(numbers, min_size=size, max_size=size)
    return lists.map(lambda flat: np.array(flat, dtype=np.float64).reshape(shape))


@st.composite
def programs(draw, names=RATIONAL, max_operations=6, numbers=NUMBERS, closed=False):
    """A program of rational operations, with a few inputs and constants."""
    inputs = [] if closed else draw(st.lists(st.sampled_from(ROW_SHAPES), min_size=1, max_size=2))
    shapes = draw(st.lists(st.sampled_from(CONSTANT_SHAPES), min_size=1, max_size=3))
    constants = [draw(floats(shape, numbers)) for shape in shapes] + [np.array([0.25, -2.0])]
    shapes = [*inputs, *(c.shape for c in constants)]
    divisor = len(shapes) - 1
    operations = []
    for _ in range(draw(st.integers(0, max_operations))):
        operation = draw(_operation(shapes, names, divisor))
        if operation is not None:
            operations.append(operation)
            shapes.append(operation.shape)
    output = draw(st.integers(max(0, len(shapes) - 3), len(shapes) - 1))
    return Program(tuple(inputs), tuple(constants), tuple(operations), output)


@st.composite
def _operation(draw, shapes, names, divisor):
    name = draw(st.sampled_from(names))
    x, y = (draw(st.integers(0, len(shapes) - 1)) for _ in range(2))
    sizes = [int(np.prod(s, dtype=int)) for s in shapes]
    if name in ("neg", "abs", "relu"):
        return Operation(name, (x,), shapes[x])
    if name == "take":
        if sizes[x] == 0:
            return None
        shape = draw(st.sampled_from([(1, 2), (2, 3), (4,), (1,)]))
        places = st.integers(0, sizes[x] - 1)
        indices = draw(floats(shape, places)).astype(np.int64)
        return Operation(name, (x,), shape, indices=indices)
    if name == "concat":
        return Operation(name, (x, y), (sizes[x] + sizes[y],)) if sizes[x] + sizes[y] < 20 else None
    if name in ("sum", "max"):
        axes = draw(st.sets(st.integers(0, 2)))
        axes = tuple(sorted(axis for axis in axes if axis < len(shapes[x])))
        if name == "max" and sizes[x] == 0:
            return None
        shape = tuple(1 if i in axes else k for i, k in enumerate(shapes[x]))
        return Operation(name, (x,), shape, axes)
    y = divisor if name == "div" else y
    function = np.matmul if name == "matmul" else np.add
    try:
        shape = function(np.zeros(shapes[x]), np.zeros(shapes[y])).shape
    except ValueError:
        return None
    if name == "matmul" and min(len(shapes[x]), len(shapes[y])) < 2:
        return None
    return Operation(name, (x, y), shape) if np.prod(shape) < 40 else None


def fractions_of(array):
    result = np.empty(np.shape(array), dtype=object)
    for place in np.ndindex(result.shape):
        result[place] = Fraction(float(np.asarray(array)[place]))
    return result


def reference(program, row):
    """What a program computes for one row of fractions (or for none): an object array."""
    slots = [*row, *(fractions_of(c) for c in program.constants)]
    for operation in program.operations:
        arguments = [slots[slot] for slot in operation.arguments]
        slots.append(np.asarray(_apply(operation, *arguments), dtype=object))
    return slots[program.output]


def _apply(operation, x, *others):
    name, axes = operation.name, operation.axes
    if name == "take":
        return x.ravel()[operation.indices]
    if name == "concat":
        return np.array([v for a in (x, *others) for v in a.ravel()], dtype=object)
    if name == "matmul":
        return _matmul(x, others[0])
    if name in ("sum", "max"):
        return _folded(x, axes, sum if name == "sum" else max)
    function = {
        "neg": lambda a: -a, "abs": abs, "relu": lambda a: max(a, Fraction(0)),
        "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b, "maximum": max, "minimum": min,
    }[name]  # fmt: skip
    return np.frompyfunc(function, 1 + len(others), 1)(x, *others)


def _matmul(x, y):
    x_batch, y_batch = x.shape[:-2], y.shape[:-2]
    batch = np.broadcast_shapes(x_batch, y_batch)
    x, y = np.broadcast_to(x, batch + x.shape[-2:]), np.broadcast_to(y, batch + y.shape[-2:])
    result = np.empty((*batch, x.shape[-2], y.shape[-1]), dtype=object)
    for place in np.ndindex(result.shape):
        i, j = place[-2:]
        terms = [x[(*place[:-2], i, k)] * y[(*place[:-2], k, j)] for k in range(x.shape[-1])]
        result[place] = sum(terms, Fraction(0))
    return result


def _folded(x, axes, function):
    shape = tuple(1 if i in axes else k for i, k in enumerate(x.shape))
    result = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        ranges = [range(k) if i in axes else [place[i]] for i, k in enumerate(x.shape)]
        items = [x[index] for index in itertools.product(*ranges)]
        result[place] = function(items) if items else Fraction(0)
    return result


def contains(lo, hi, value):
    """Whether every fraction lies in its interval; infinite ends hold everything."""
    pairs = zip(np.ravel(lo), np.ravel(hi), np.ravel(value), strict=True)
    return all(
        (a == -np.inf or Fraction(float(a)) <= v) and (b == np.inf or v <= Fraction(float(b)))
        for a, b, v in pairs
    )
