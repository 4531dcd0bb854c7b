"""Enclosures contain the truth: random programs, boxes, chunks, and numbers that round badly."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_programs import NUMBERS, contains, floats, fractions_of, programs, reference

from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.networks import enclosing
from tellapart.theory.networks.enclosing import enclose
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation, Program

ANY_DIVISOR = st.sampled_from([0.1, -3.0, 7.0, 1e-200, -1e200])


def at(values):
    return Interval(values, values)


@given(programs(), st.integers(0, 3), st.booleans(), st.data())
def test_points_are_enclosed(program, n_rows, marked, data):
    inputs = [data.draw(floats((n_rows, *shape))) for shape in program.inputs]
    # Points may come as one array or as two equal ones, which the arithmetic treats as wide.
    found = enclose(program, [Interval(x, x if marked else x.copy()) for x in inputs])
    assert found.shape == (n_rows, *program.shape_of(program.output))
    assert not np.isnan(found.lo).any()
    assert not np.isnan(found.hi).any()
    for row in range(n_rows):
        expected = reference(program, [fractions_of(x[row]) for x in inputs])
        assert contains(found.lo[row], found.hi[row], expected)


@given(programs(numbers=st.floats(-4, 4)), st.data())
def test_boxes_enclose_their_points(program, data):
    small = st.floats(-4, 4)
    ends = [np.sort(data.draw(floats((2, *s), small)), axis=0) for s in program.inputs]
    found = enclose(program, [Interval(lo[None], hi[None]) for lo, hi in ends])
    for _ in range(3):
        row = []
        for lo, hi in ends:
            part = data.draw(floats(lo.shape, st.sampled_from([0.0, 0.3, 1.0])))
            row.append(fractions_of(np.clip(lo + part * (hi - lo), lo, hi)))
        assert contains(found.lo[0], found.hi[0], reference(program, row))


@given(programs(closed=True))
def test_closed_programs_are_enclosed(program):
    found = enclose(program, ())
    assert contains(found.lo, found.hi, reference(program, []))


@given(floats((2, 1, 2)), floats((2,), ANY_DIVISOR))
def test_quotients_are_enclosed(rows, divisor):
    program = Program(((1, 2),), (divisor,), (Operation("div", (0, 1), (1, 2)),), 2)
    found = enclose(program, [at(rows)])
    expected = np.stack([reference(program, [fractions_of(row)]) for row in rows])
    assert contains(found.lo, found.hi, expected)


@given(floats((3, 1, 2), NUMBERS.map(abs)))
def test_roots_are_enclosed(rows):
    program = Program(((1, 2),), (), (Operation("sqrt", (0,), (1, 2)),), 1)
    found = enclose(program, [at(rows)])
    for lo, hi, value in zip(found.lo.flat, found.hi.flat, rows.flat, strict=True):
        assert Fraction(float(lo)) ** 2 <= Fraction(float(value)) <= Fraction(float(hi)) ** 2


def test_a_square_is_never_negative_and_a_product_with_itself_is_one():
    program = Program(((1, 1),), (), (Operation("mul", (0, 0), (1, 1)),), 1)
    found = enclose(program, [Interval(np.array([[[-1.0]]]), np.array([[[2.0]]]))])
    assert found.lo.item() == 0
    assert 4 < found.hi.item() < 4.001


def test_the_root_of_a_sum_of_squares_that_is_zero():
    steps = (
        Operation("mul", (0, 0), (1, 3)),
        Operation("sum", (1,), (1, 1), (1,)),
        Operation("sqrt", (2,), (1, 1)),
    )
    found = enclose(Program(((1, 3),), (), steps, 3), [at(np.zeros((1, 1, 3)))])
    assert 0 == found.lo.item() <= found.hi.item() < 1e-150


def network(width, rng):
    weight, bias = rng.normal(size=(width, 8)), rng.normal(size=8)
    steps = (Operation("matmul", (0, 1), (1, 8)), Operation("add", (3, 2), (1, 8)))
    return Program(((1, width),), (weight, bias), steps, 4)


def test_long_products_are_as_tight_as_a_few_roundings():
    rng = np.random.default_rng(0)
    program = network(1000, rng)
    rows = rng.normal(size=(4, 1, 1000))
    found = enclose(program, [at(rows)])
    size = np.abs(rows) @ np.abs(program.constants[0]) + np.abs(program.constants[1])
    assert (found.hi - found.lo <= 8 * 2.0**-53 * size).all()
    expected = np.stack([reference(program, [fractions_of(row)]) for row in rows[:1]])
    assert contains(found.lo[:1], found.hi[:1], expected)


def test_rows_in_chunks_are_enclosed_as_well(monkeypatch):
    rng = np.random.default_rng(1)
    program = network(5, rng)
    rows = rng.normal(size=(7, 1, 5))
    monkeypatch.setattr(enclosing, "_MEMORY", 16 * 200)
    found = enclose(program, [at(rows)])
    assert found.shape == (7, 1, 8)
    expected = np.stack([reference(program, [fractions_of(row)]) for row in rows])
    assert contains(found.lo, found.hi, expected)


def test_what_no_input_enters_is_repeated_for_each_row():
    program = Program(((1, 2),), (np.array([[3.0, 4.0]]),), (), 1)
    found = enclose(program, [at(np.zeros((5, 1, 2)))])
    assert np.array_equal(found.lo, np.tile([3.0, 4.0], (5, 1, 1)))


def test_overflow_gives_infinite_bounds_and_no_nan():
    steps = (
        Operation("mul", (0, 1), (1, 1)),
        Operation("sub", (2, 2), (1, 1)),
        Operation("matmul", (3, 3), (1, 1)),
        Operation("tanh", (4,), (1, 1)),
    )
    row = [at(np.array([[[1e300]]]))]
    found = enclose(Program(((1, 1),), (np.array(1e300),), steps[:3], 4), row)
    assert (found.lo.item(), found.hi.item()) == (-np.inf, np.inf)
    found = enclose(Program(((1, 1),), (np.array(1e300),), steps, 5), row)
    assert (found.lo.item(), found.hi.item()) == (-1, 1)
    exponential = Program(((1, 1),), (), (Operation("exp", (0,), (1, 1)),), 1)
    found = enclose(exponential, row)
    assert found.hi.item() == np.inf
    assert 1e308 < found.lo.item() < np.inf


def test_softmax_lies_in_the_simplex():
    steps = (
        Operation("max", (0,), (1, 1), (1,)),
        Operation("sub", (0, 1), (1, 3)),
        Operation("exp", (2,), (1, 3)),
        Operation("sum", (3,), (1, 1), (1,)),
        Operation("div", (3, 4), (1, 3)),
    )
    rows = np.random.default_rng(2).normal(size=(10, 1, 3)) * 20
    found = enclose(Program(((1, 3),), (), steps, 5), [at(rows)])
    shifted = np.exp(rows - rows.max(axis=2, keepdims=True))
    near = shifted / shifted.sum(axis=2, keepdims=True)
    assert (found.lo <= near * (1 + 1e-12)).all()
    assert (near * (1 - 1e-12) <= found.hi).all()
    assert (found.hi - found.lo <= 1e-13).all()


def single(name, constant, shape=(1, 1)):
    return Program(((1, 1),), (np.array(constant),), (Operation(name, (0, 1), shape),), 2)


@pytest.mark.parametrize(
    ("program", "row", "message"),
    [
        (single("add", [np.nan]), 1.0, "Constant 0 of the program has a NaN"),
        (single("add", [np.inf]), 1.0, "Constant 0 of the program has a NaN or infinite"),
        (single("div", [0.0]), 1.0, r"Operation 0 \(div\): a divisor may be zero"),
        (single("add", [1.0, 2.0]), 1.0, r"gives the shape \(1, 1, 2\), and says"),
        (single("matmul", [1.0]), 1.0, r"Operation 0 \(matmul\)"),
        (single("add", [1.0]), np.nan, "Row 0 of input 0 has a NaN"),
    ],
)
def test_what_has_no_value_is_an_error(program, row, message):
    with pytest.raises(InvalidArgumentError, match=message):
        enclose(program, [at(np.array([[[row]]]))])


def test_roots_of_negative_numbers_are_an_error():
    program = Program(((1, 1),), (), (Operation("sqrt", (0,), (1, 1)),), 1)
    with pytest.raises(InvalidArgumentError, match=r"Operation 0 \(sqrt\): the argument"):
        enclose(program, [at(np.array([[[-1e-300]]]))])


def test_inputs_that_do_not_fit_are_an_error():
    program = Program(((1, 1), (1, 1)), (), (Operation("add", (0, 1), (1, 1)),), 2)
    one, two = at(np.zeros((1, 1, 1))), at(np.zeros((2, 1, 1)))
    with pytest.raises(InvalidArgumentError, match="1 inputs were given to a program with 2"):
        enclose(program, [one])
    with pytest.raises(InvalidArgumentError, match="Input 1 has the shapes"):
        enclose(program, [one, two])
    with pytest.raises(InvalidArgumentError, match="lower end above the upper one"):
        enclose(program, [one, Interval(np.ones((1, 1, 1)), np.zeros((1, 1, 1)))])


def test_a_processor_that_flushes_denormals_is_refused():
    program = Program(((1, 1),), (), (Operation("neg", (0,), (1, 1)),), 1)
    if not torch.set_flush_denormal(True):
        return  # this processor cannot flush them
    try:
        with pytest.raises(InternalError, match="flushes denormal numbers"):
            enclose(program, [at(np.ones((1, 1, 1)))])
    finally:
        torch.set_flush_denormal(False)
    assert enclose(program, [at(np.ones((1, 1, 1)))]).lo.item() == -1
