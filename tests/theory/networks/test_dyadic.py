"""Exact evaluation is exact: random programs against fractions, one row at a time."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_programs import NUMBERS, TRAPS, floats, fractions_of, programs, reference

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks.dyadic import evaluate_exact, is_rational, not_rational, work
from tellapart.theory.networks.dyadic_numbers import Dyadic
from tellapart.theory.networks.program import Operation, Program


@given(programs(), st.integers(0, 3), st.data())
def test_every_row_has_the_value_that_fractions_give(program, n_rows, data):
    inputs = [data.draw(floats((n_rows, *shape))) for shape in program.inputs]
    assert is_rational(program)
    found = evaluate_exact(program, [Dyadic.of_floats(given) for given in inputs])
    assert found.shape == (n_rows, *program.shape_of(program.output))
    for row, values in enumerate(found.fractions()):
        expected = reference(program, [fractions_of(given[row]) for given in inputs])
        assert np.array_equal(values, expected)


@given(programs(closed=True))
def test_closed_programs_too(program):
    assert np.array_equal(evaluate_exact(program, ()).fractions(), reference(program, []))


@given(st.lists(NUMBERS | st.floats(allow_nan=False, allow_infinity=False)))
def test_floats_are_kept_exactly_and_enclosed_without_width(values):
    exact = Dyadic.of_floats(np.array(values, dtype=np.float64))
    assert exact.fractions().tolist() == [Fraction(value) for value in values]
    enclosed = exact.enclosed()
    assert np.array_equal(enclosed.lo, values)
    assert np.array_equal(enclosed.hi, values)


@given(
    st.lists(st.integers(-(2**80), 2**80) | st.integers(-(2**1100), 2**1100), max_size=5),
    st.integers(0, 1200),
)
def test_enclosures_are_the_two_floats_next_to_a_number(numerators, exponent):
    enclosed = Dyadic(np.array(numerators, dtype=object), exponent).enclosed()
    for numerator, lo, hi in zip(numerators, enclosed.lo, enclosed.hi, strict=True):
        value = Fraction(numerator, 2**exponent)
        assert lo == -np.inf or Fraction(float(lo)) <= value
        assert hi == np.inf or Fraction(float(hi)) >= value
        assert hi == lo or hi == math.nextafter(lo, math.inf)
        assert (lo == hi) == (np.isfinite(lo) and Fraction(float(lo)) == value)


def test_cancellation_leaves_the_last_bit():
    big = np.array([[[1e300, 1e-300, -1e300]]])
    program = Program(((1, 3),), (), (Operation("sum", (0,), (1, 1), (1,)),), 1)
    found = evaluate_exact(program, [Dyadic.of_floats(big)])
    assert found.fractions().item() == Fraction(1e-300)
    assert found.enclosed().lo.item() == found.enclosed().hi.item() == 1e-300


def test_differences_of_arrays_over_different_powers():
    difference = Dyadic.of_floats(np.array([0.125])).minus(Dyadic.of_floats(np.array([3.0])))
    assert difference.fractions().tolist() == [Fraction(-23, 8)]
    assert repr(difference) == "Dyadic(shape [1], integers of 5 bits over 2**3)"


def quotient(divisor, *between):
    """A program that divides its input by constants, perhaps moved around first."""
    operations, slot = [], 1
    for number, operation in enumerate(between):
        operations.append(operation)
        slot = 2 + number
    operations.append(Operation("div", (0, slot), (1, 2)))
    return Program(((1, 2),), (np.array(divisor),), tuple(operations), 1 + len(operations))


@pytest.mark.parametrize(
    ("program", "rational"),
    [
        (quotient(-4.0), True),
        (quotient([2.0**-60, 2.0**60]), True),
        (quotient([5e-324, 1.0]), True),
        (quotient([1.0, 2.0], Operation("neg", (1,), (2,))), True),
        (quotient([1.0, 2.0], Operation("take", (1,), (2,), indices=np.array([1, 1]))), True),
        (quotient(3.0), False),
        (quotient([2.0, 0.0]), False),
        (quotient([1.0, 2.0], Operation("add", (1, 1), (2,))), False),
    ],
)
def test_divisors_are_constant_powers_of_two(program, rational):
    assert is_rational(program) == rational
    row = np.array([[[3.0, -0.7]]])
    if rational:
        found = evaluate_exact(program, [Dyadic.of_floats(row)]).fractions()[0]
        assert np.array_equal(found, reference(program, [fractions_of(row[0])]))
    else:
        with pytest.raises(InvalidArgumentError, match=r"constant powers of two.*enclose"):
            evaluate_exact(program, [Dyadic.of_floats(row)])


def test_division_by_an_input_is_not_exact():
    program = Program(((1, 1),), (), (Operation("div", (0, 0), (1, 1)),), 1)
    assert not_rational(program).startswith("Operation 0 (div) divides by")


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "exp", "erf", "sqrt"])
def test_what_is_no_rational_function_is_named(name):
    program = Program(((1, 1),), (), (Operation(name, (0,), (1, 1)),), 1)
    assert not_rational(program) == f"Operation 0 ({name}) is not a rational function."


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_constants_that_are_no_numbers_are_refused(bad):
    constant = np.array([1.0, bad])
    program = Program(((1, 2),), (constant,), (Operation("add", (0, 1), (1, 2)),), 2)
    with pytest.raises(InvalidArgumentError, match="Constant 0 of the program has a NaN or inf"):
        evaluate_exact(program, [Dyadic.of_floats(np.zeros((1, 1, 2)))])


def test_inputs_of_another_shape_or_number_are_refused():
    program = Program(((1, 2),), (), (Operation("neg", (0,), (1, 2)),), 1)
    with pytest.raises(InvalidArgumentError, match=r"Input 0 has the shape \(2, 2\)"):
        evaluate_exact(program, [Dyadic.of_floats(np.zeros((2, 2)))])
    with pytest.raises(InvalidArgumentError, match="0 inputs were given"):
        evaluate_exact(program, [])


def test_work_counts_multiplications_of_each_row():
    weight, bias = np.ones((3, 5)), np.ones(5)
    steps = (
        Operation("neg", (2,), (5,)),
        Operation("matmul", (0, 1), (1, 5)),
        Operation("add", (4, 3), (1, 5)),
        Operation("take", (5,), (1, 1), indices=np.zeros((1, 1), dtype=np.int64)),
    )
    program = Program(((1, 3),), (weight, bias), steps, 6)
    assert work(program, 10) == 5 + 10 * (15 + 5)


def test_traps_are_there():
    assert 5e-324 in TRAPS
    assert 1e200 in TRAPS
