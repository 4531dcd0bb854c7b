"""Every operation on intervals contains the operation on their points, in fractions."""

import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_programs import NUMBERS, contains, floats, fractions_of

from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.networks import intervals
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.products import matmul

ANY = NUMBERS | st.floats(allow_nan=False, allow_infinity=False)
BINARY = {
    intervals.add: operator.add,
    intervals.subtract: operator.sub,
    intervals.multiply: operator.mul,
    intervals.maximum: max,
    intervals.minimum: min,
}
UNARY = {
    intervals.negative: operator.neg,
    intervals.absolute: abs,
    intervals.relu: lambda x: max(x, Fraction(0)),
    intervals.square: lambda x: x * x,
}


def box(draw, shape):
    """An interval with three fractions from it in each place; sometimes marked as a point."""
    first = draw(floats(shape, ANY))
    if draw(st.booleans()):
        return Interval(first, first), [fractions_of(first)]
    second = draw(floats(shape, ANY))
    lo, hi = np.minimum(first, second), np.maximum(first, second)
    inside = (fractions_of(lo) + fractions_of(hi)) / 2
    return Interval(lo, hi), [fractions_of(lo), fractions_of(hi), inside]


@given(st.sampled_from(list(BINARY)), st.data())
def test_binary_operations(function, data):
    x, x_points = box(data.draw, (2, 3))
    y, y_points = box(data.draw, (3,))
    found = function(x, y)
    exact = np.frompyfunc(BINARY[function], 2, 1)
    for a in x_points:
        for b in y_points:
            assert contains(found.lo, found.hi, exact(a, b))


@given(st.sampled_from(list(UNARY)), st.data())
def test_unary_operations(function, data):
    x, points = box(data.draw, (4,))
    found = function(x)
    for a in points:
        assert contains(found.lo, found.hi, np.frompyfunc(UNARY[function], 1, 1)(a))


@given(st.data())
def test_quotients(data):
    x, x_points = box(data.draw, (3,))
    y, y_points = box(data.draw, (3,))
    if ((y.lo <= 0) & (y.hi >= 0)).any():
        with pytest.raises(InvalidArgumentError, match="a divisor may be zero"):
            intervals.divide(x, y)
        return
    found = intervals.divide(x, y)
    for a in x_points:
        for b in y_points:
            assert contains(found.lo, found.hi, a / b)


@given(st.integers(0, 9), st.sampled_from([(0,), (1,), (0, 1)]), st.data())
def test_sums(length, axes, data):
    x, points = box(data.draw, (2, length))
    found = intervals.total(x, axes)
    for a in points:
        value = a.sum(axis=axes, keepdims=True) + Fraction(0)
        assert found.shape == value.shape
        assert contains(found.lo, found.hi, value)


@given(st.integers(0, 5), st.data())
def test_matrix_products(length, data):
    x, x_points = box(data.draw, (2, length))
    y, y_points = box(data.draw, (length, 2))
    found = matmul(x, y)
    for a in x_points:
        for b in y_points:
            value = [[sum(a[i] * b[:, j], Fraction(0)) for j in range(2)] for i in range(2)]
            assert contains(found.lo, found.hi, np.array(value, dtype=object))


@given(st.integers(1, 60), st.integers(-500, 500), st.integers(0, 2**32 - 1))
def test_products_of_points_are_tight_and_right(length, power, seed):
    """Whatever the scale, the width is a few roundings of the sum of absolute values."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, length)) * 2.0**power
    y = rng.normal(size=(length, 2)) * 2.0 ** rng.integers(-20, 20)
    found = matmul(Interval(x, x), Interval(y, y))
    exact = fractions_of(x).dot(fractions_of(y))
    assert contains(found.lo, found.hi, exact)
    size = np.abs(x).max(axis=1, keepdims=True) * np.abs(y).max(axis=0) * length
    assert (found.hi - found.lo <= 8 * 2.0**-53 * size).all()


@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_products_that_cancel_are_enclosed(pairs, seed):
    """``(a, b) · (b, -a)`` is zero; what rounding leaves of it must be covered."""
    a, b = np.random.default_rng(seed).normal(size=(2, 20, pairs))
    x, y = np.concatenate([a, b], axis=1)[:, None], np.concatenate([b, -a], axis=1)[:, :, None]
    found = matmul(Interval(x, x), Interval(y, y))
    assert (found.lo <= 0).all()
    assert (found.hi >= 0).all()
    assert found.widest < 1e-17


def test_batches_of_products():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 3, 4))
    found = matmul(Interval(x, x), Interval(y, y))
    one = matmul(Interval(x[2], x[2]), Interval(y[2], y[2]))
    assert found.shape == (5, 2, 4)
    assert np.array_equal(found.lo[2], one.lo)
    left = matmul(Interval(y[0].T, y[0].T), Interval(np.swapaxes(x, 1, 2), np.swapaxes(x, 1, 2)))
    assert left.shape == (5, 4, 2)


def test_sums_are_tight():
    values = np.random.default_rng(3).normal(size=100_000)
    found = intervals.total(Interval(values, values), (0,))
    assert contains(found.lo, found.hi, [sum(map(Fraction, values.tolist()))])
    assert found.widest < 100 * 2.0**-53 * np.abs(values).sum()


def test_zero_times_an_unbounded_number_is_zero():
    zero, line = np.zeros(1), Interval(np.array([-np.inf]), np.array([np.inf]))
    found = intervals.multiply(Interval(zero, zero), line)
    assert (found.lo.item(), found.hi.item()) == (0, 0)
    product = matmul(Interval(np.ones((1, 1)), np.ones((1, 1))), line[None])
    assert (product.lo.item(), product.hi.item()) == (-np.inf, np.inf)


def test_sums_that_overflow_are_unbounded():
    big = np.full(4, 1.7e308)
    found = intervals.total(Interval(big, big), (0,))
    assert found.hi.item() == np.inf
    assert found.lo.item() == 0.0
    mixed = big * [1, 1, -1, -1]
    found = intervals.total(Interval(mixed, mixed), (0,))
    assert found.lo.item() <= 0 <= found.hi.item()


def test_the_maximum_of_no_numbers_is_an_error():
    empty = np.zeros((2, 0))
    with pytest.raises(InvalidArgumentError, match="maximum of no numbers"):
        intervals.largest(Interval(empty, empty), (1,))


def test_the_rounding_of_this_processor_is_accepted_and_another_is_not(monkeypatch):
    intervals.require_rounding()
    # With this constant 1 + u is not rounded back to 1, as when rounding upwards.
    monkeypatch.setattr(intervals, "_U", 2.0**-52)
    with pytest.raises(InternalError, match="does not round to nearest"):
        intervals.require_rounding()
