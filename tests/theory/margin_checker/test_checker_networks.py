"""The checker's programs and difference quotients, against plain float evaluation."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.margin_checker.arrays import Arithmetic, Enclosure
from tellapart.theory.margin_checker.networks import Runner, fraction_bits, read_program
from tellapart.theory.margin_checker.numbers import Refused
from tellapart.theory.margin_checker.reading import Node
from tellapart.theory.margin_checker.slopes import Quotients
from tellapart.theory.networks.program import Operation, Program
from tellapart.theory.serialise import dumps

BITS = 80
UNARY = {
    "neg": np.negative,
    "abs": np.abs,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "exp": np.exp,
    "erf": np.vectorize(math.erf),
    "sqrt": np.sqrt,
}
BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "matmul": np.matmul,
}
EVERYWHERE = ("neg", "abs", "relu", "tanh", "sigmoid", "erf")


def plain(program, given):
    """Run a program on one row in floats."""
    slots = [np.asarray(given, float).reshape(program.inputs[0]), *program.constants]
    for step in program.operations:
        read = [slots[slot] for slot in step.arguments]
        if step.name == "take":
            slots.append(read[0].reshape(-1)[step.indices])
        elif step.name == "concat":
            slots.append(np.concatenate([part.reshape(-1) for part in read]))
        elif step.name in ("sum", "max"):
            slots.append(getattr(np, step.name)(read[0], axis=step.axes, keepdims=True))
        else:
            slots.append((UNARY | BINARY)[step.name](*read))
    return slots[program.output]


def build(d, constants, steps):
    """Return a program; each step is (name, slots, options), its shape is worked out in floats."""
    slots = [np.ones((1, d)), *constants]
    operations = []
    for name, arguments, options in steps:
        program = Program(
            ((1, d),), constants,
            (*operations, Operation(name, arguments, (), **options)),
            len(slots),
        ) if name != "take" else None  # fmt: skip
        shape = options["indices"].shape if program is None else plain(program, np.ones(d)).shape
        operations.append(Operation(name, arguments, shape, **options))
        slots.append(None)
    return Program(((1, d),), constants, tuple(operations), len(slots) - 1)


def read(program):
    return read_program(Node(json.loads(dumps(program)), "program"))


def row(arithmetic, values):
    return arithmetic.constant((1, len(values)), [Fraction(value) for value in values])


@st.composite
def programs(draw, everywhere=False):
    """Programs with one input (1, d): layers, activations, and operations between slots."""
    d = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    h = draw(st.integers(1, 4))
    constants = (rng.normal(size=(d, h)), rng.normal(size=(1, h)), np.array(rng.normal() + 3.0),
                 rng.normal(size=(h, h)))  # fmt: skip
    steps = [("matmul", (0, 1), {}), ("add", (5, 2), {})]
    names = list(EVERYWHERE)
    names += ["scale", "shift", "layer", "take", "concat", "sum", "minimum", "maximum"]
    if not everywhere:
        names += ["exp", "square", "both", "max", "softplus", "root", "product"]
    for name in draw(st.lists(st.sampled_from(names), max_size=4)):
        last = 4 + len(steps)
        order = draw(st.permutations(range(h)))
        match name:
            case "scale":
                steps += [("mul", (3, last), {}), ("div", (last + 1, 3), {})]
            case "shift":
                steps += [("sub", (2, last), {})]
            case "layer":
                steps += [("matmul", (last, 4), {})]
            case "take":
                steps += [("take", (last,), {"indices": np.array([order])})]
            case "concat":
                window = {"indices": np.arange(h, 2 * h)[None] - order[0]}
                steps += [("concat", (last, 2), {}), ("take", (last + 1,), window)]
            case "sum":
                steps += [("sum", (last,), {"axes": (1,)}), ("add", (last + 1, 2), {})]
            case "minimum" | "maximum":
                steps += [(name, (last, 2) if order[0] else (2, last), {})]
            case "square":
                steps += [("tanh", (last,), {}), ("mul", (last + 1, last + 1), {})]
            case "both":
                kind = draw(st.sampled_from(["maximum", "minimum"]))
                steps += [("tanh", (last,), {}), (kind, (last, last + 1), {})]
            case "max":
                steps += [("max", (last,), {"axes": (1,)}), ("sub", (last, last + 1), {})]
            case "exp":
                steps += [("tanh", (last,), {}), ("exp", (last + 1,), {})]
            case "softplus":  # a quotient of two things that depend on the input
                steps += [("tanh", (last,), {}), ("sigmoid", (last + 1,), {})]
                steps += [("div", (last, last + 2), {})]
            case "root":
                steps += [("tanh", (last,), {}), ("sigmoid", (last + 1,), {})]
                steps += [("sqrt", (last + 2,), {})]
            case "product":  # a matrix product of two things that depend on the input
                turned = {"indices": np.arange(h)[:, None]}
                steps += [("take", (last,), turned), ("tanh", (last,), {})]
                steps += [("matmul", (last + 1, last + 2), {}), ("matmul", (2, last + 3), {})]
            case _:
                steps += [(name, (last,), {})]
    return build(d, constants, steps)


def inputs(draw, program, count):
    one = st.floats(-2, 2, width=32)
    return [draw(st.lists(one, min_size=(d := program.inputs[0][1]), max_size=d))
            for _ in range(count)]  # fmt: skip


@given(programs(), st.data())
def test_programs_enclose_what_floats_give(program, data):
    runner = Runner(read(program), Arithmetic(BITS))
    (x,) = inputs(data.draw, program, 1)
    held = runner.output(row(runner.arithmetic, x))
    wanted = plain(program, x)
    assert held.shape == wanted.shape
    for lo, hi, value in zip(held.lo.flat, held.hi.flat, wanted.flat, strict=True):
        assert lo <= hi
        slack = 1e-9 * (1 + abs(value))
        assert lo / 2**BITS - slack <= value <= hi / 2**BITS + slack
        assert (hi - lo) / 2**BITS < 1e-9 * (1 + abs(value))


def _consistent(matrix, runner, x, y):
    """Whether (x - y) M meets the enclosure of T(x) - T(y)."""
    rows = [row(runner.arithmetic, point) for point in (x, y)]
    change = runner.output(rows[0]) - runner.output(rows[1])
    moved = runner.arithmetic.matmul(rows[0] - rows[1], matrix)
    lo, hi = change.lo.reshape(-1), change.hi.reshape(-1)
    assert matrix.shape == (len(x), len(lo))
    return np.all(moved.lo[0] <= hi) and np.all(moved.hi[0] >= lo)


@given(programs(), st.data())
def test_quotients_between_two_points_carry_their_difference(program, data):
    runner = Runner(read(program), Arithmetic(BITS))
    x, y = inputs(data.draw, program, 2)
    if data.draw(st.booleans()):
        y = [a + 2.0**-40 for a in x]
    quotients = Quotients(runner)
    traces = [quotients.trace(row(runner.arithmetic, point)) for point in (x, y)]
    matrix = quotients.between(*traces)
    assert _consistent(matrix, runner, x, y)
    assert _consistent(quotients.between(traces[0], traces[0]), runner, x, x)


@given(programs(everywhere=True), st.data())
def test_quotients_that_hold_everywhere_do(program, data):
    runner = Runner(read(program), Arithmetic(BITS))
    quotients = Quotients(runner)
    matrix = quotients.anywhere()
    x, y = inputs(data.draw, program, 2)
    assert _consistent(matrix, runner, x, y)
    traces = [quotients.trace(row(runner.arithmetic, point)) for point in (x, y)]
    assume(not quotients.is_affine)
    between = quotients.between(*traces)
    assert np.all(between.largest_size() <= matrix.largest_size() + 2**30)


@pytest.mark.parametrize("name", ["exp", "sqrt", "mul", "div", "max"])
def test_what_has_no_slope_everywhere_is_refused(name):
    options = {"axes": (1,)} if name == "max" else {}
    arguments = (0, 0) if name in ("mul", "div") else (0,)
    quotients = Quotients(Runner(read(build(2, (), [(name, arguments, options)])), Arithmetic(60)))
    with pytest.raises(Refused, match=f"{name} has no slope"):
        quotients.anywhere()


def test_a_closed_program_has_no_slopes():
    closed = Program((), (np.zeros((2, 1)),), (), 0)
    with pytest.raises(Refused, match="closed"):
        Quotients(Runner(read(closed), Arithmetic(60)))


def test_what_is_not_defined_is_refused():
    arithmetic = Arithmetic(60)
    for name, given_, message in [("sqrt", -1.0, "square root"), ("div", 0.0, "divided by one")]:
        arguments = (1, 0) if name == "div" else (0,)
        program = build(1, (np.array([[1.0]]),) if name == "div" else (), [(name, arguments, {})])
        with pytest.raises(Refused, match=message):
            Runner(read(program), arithmetic).output(row(arithmetic, [given_]))


@given(st.lists(st.floats(-10, 10, width=32), min_size=2, max_size=2))
def test_dyadic_programs_are_exact_at_the_scale_they_ask_for(x):
    weight = np.array([[0.5, 3.25], [0.1, -7.0]])
    program = read(build(2, (weight,), [("matmul", (0, 1), {}), ("relu", (2,), {})]))
    entering = max((Fraction(v).denominator.bit_length() - 1 for v in x), default=0)
    bits, _ = fraction_bits(program, entering)
    held = Runner(program, Arithmetic(bits)).output(row(Arithmetic(bits), x))
    wanted = [max(sum(Fraction(a) * Fraction(w) for a, w in zip(x, column, strict=True)), 0)
              for column in weight.T.tolist()]  # fmt: skip
    assert held.is_exact
    assert [Fraction(value, 2**bits) for value in held.lo.flat] == wanted


@given(st.data())
def test_products_of_enclosures_contain_products_of_what_they_enclose(data):
    arithmetic = Arithmetic(10)
    shapes = [(2, 3), (3, 2)]
    ends = st.tuples(st.integers(-5000, 5000), st.integers(0, 3000))
    boxes, points = [], []
    for shape in shapes:
        exact = data.draw(st.booleans())
        drawn = data.draw(st.lists(ends, min_size=6, max_size=6))
        lo = np.array([a for a, _ in drawn], dtype=object).reshape(shape)
        hi = lo if exact else lo + np.array([w for _, w in drawn], dtype=object).reshape(shape)
        boxes.append(Enclosure(lo, hi))
        inside = [data.draw(st.integers(a, b)) for a, b in zip(lo.flat, hi.flat, strict=True)]
        points.append(np.array([Fraction(v, 1024) for v in inside], dtype=object).reshape(shape))
    found = arithmetic.matmul(*boxes)
    wanted = points[0] @ points[1] * 1024
    assert np.all(found.lo <= wanted)
    assert np.all(found.hi >= wanted)
    turned = Enclosure(boxes[1].lo.T, boxes[1].hi.T)
    elementwise = arithmetic.mul(boxes[0], turned)
    wanted = points[0] * points[1].T * 1024
    assert np.all(elementwise.lo <= wanted)
    assert np.all(elementwise.hi >= wanted)


GOOD = build(2, (np.eye(2),), [("matmul", (0, 1), {}), ("sum", (2,), {"axes": (1,)})])


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("output",), 4, "output is 4, not an integer in 0..3"),
        (("output",), True, "is True"),
        (("inputs", "tuple", 0, "tuple", 1), 0, "is 0, not an integer in 1"),
        (("inputs", "tuple", 0, "tuple", 1), 10**12, "not an integer in 1"),
        (("inputs", "tuple", 0, "tuple", 1), 3, "is not what matmul gives"),
        (("inputs",), {"tuple": [{"tuple": [1, 2]}, {"tuple": [1]}]}, "at most one"),
        (("constants", "tuple", 0, "array", 1), {"float": "nan"}, "not a finite float"),
        (("constants", "tuple", 0, "array", 1), 1, "is 1, not a finite float"),
        (("constants", "tuple", 0, "array", 1), 1e999, "is inf, not a finite float"),
        (("constants", "tuple", 0, "shape"), [4, 2], "does not hold the numbers"),
        (("constants", "tuple", 0, "shape"), [-2, -2], "not an integer"),
        (("constants", "tuple", 0, "dtype"), "float32", "dtype 'float32', not float64"),
        (("constants", "tuple", 0), [1.0], "is not an array"),
        (("operations", "tuple", 0, "name"), "mutmul", "'mutmul', not a string of"),
        (("operations", "tuple", 0, "arguments", "tuple", 1), 2, "is 2, not an integer in 0..1"),
        (("operations", "tuple", 0, "arguments", "tuple", 1), -1, "is -1"),
        (("operations", "tuple", 0, "arguments", "tuple"), [0], "1 slots; matmul takes 2"),
        (("operations", "tuple", 0, "shape", "tuple", 0), 2, "is not what matmul gives"),
        (("operations", "tuple", 0, "indices"), {}, "is given, but matmul takes none"),
        (("operations", "tuple", 0, "axes"), {"tuple": [0]}, "not a set of axes"),
        (("operations", "tuple", 1, "axes"), {"tuple": []}, "not a set of axes"),
        (("operations", "tuple", 1, "axes"), {"tuple": [1, 1]}, "not a set of axes"),
        (("operations", "tuple", 1, "axes"), {"tuple": [2]}, "is 2, not an integer in 0..1"),
        (("operations", "tuple", 1, "extra"), 1, "has the key 'extra'"),
        (("operations", "tuple", 1, "kind"), "Program", "is no saved Operation"),
    ],
)
def test_malformed_programs_are_an_error_that_names_the_place(place, value, message):
    data = json.loads(dumps(GOOD))
    here = data
    for key in place[:-1]:
        here = here[key]
    here[place[-1]] = value
    with pytest.raises(InvalidArgumentError, match=message):
        read_program(Node(data, "program"))


def test_indices_of_a_take_are_checked():
    program = build(2, (), [("take", (0,), {"indices": np.array([[1, 0, 1]])})])
    data = json.loads(dumps(program))
    data["operations"]["tuple"][0]["indices"]["array"][0] = 2
    with pytest.raises(InvalidArgumentError, match=r"indices\[0\] is 2, not an integer in 0..1"):
        read_program(Node(data, "program"))
