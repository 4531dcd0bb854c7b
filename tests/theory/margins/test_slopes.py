"""Difference quotients, balls and rounding: enclosures of what they stand for, in rationals."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hand_models import KINKED, SMOOTH, linear, mlp, table
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tellapart.theory.margins.balls import Ball, add, inverse, matmul, multiply, total
from tellapart.theory.margins.quotients import between
from tellapart.theory.margins.rounding import TINY, cut, quotient, raised
from tellapart.theory.margins.slopes import norm_bound, quotients_of
from tellapart.theory.networks.enclosing import enclose
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation, Program

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.floats(1e-200, 1e200)
FUNCTIONS = {
    "relu": lambda x: max(x, 0.0),
    "abs": abs,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "exp": math.exp,
    "erf": math.erf,
    "sqrt": math.sqrt,
}


@given(SIZES, SIZES, SIZES)
def test_rounding_is_to_the_proved_side(value, cost, divisor):
    divisor = float(raised(np.array(divisor)))
    assert Fraction(divisor).numerator.bit_length() <= 26 or divisor >= 2**26
    low, high = float(cut(np.array(value))), float(raised(np.array(value)))
    assert value * (1 - 2**-24) <= low <= value <= high <= value * (1 + 2**-24)
    found = float(quotient(*(np.array([v]) for v in (value, cost, divisor)))[0])
    exact = (Fraction(value) - Fraction(cost)) / Fraction(divisor)
    assert Fraction(found) <= max(exact, 0)
    if 2 * cost < value and 2 * TINY < exact < 10**300:
        assert Fraction(found) >= exact * (1 - Fraction(1, 2**23))
    whole = float(quotient(*(np.array([v]) for v in (divisor, 0.0, divisor)))[0])
    assert whole == 1.0


@given(
    st.sampled_from(sorted(FUNCTIONS)),
    st.floats(-6, 6),
    st.one_of(st.floats(-6, 6), st.floats(-1e-9, 1e-9).map(lambda h: ("near", h))),
    st.sampled_from((0.0, 1e-12, 1e-3)),
)
def test_slopes_between_two_numbers(name, x, y, width):
    y = x + y[1] if isinstance(y, tuple) else y
    if name == "sqrt":
        x, y = abs(x) + 0.01, abs(y) + 0.01

    def box(centre):
        return Interval(np.array([centre - width]), np.array([centre + width]))

    def image(centre):
        ends = [FUNCTIONS[name](centre - width), FUNCTIONS[name](centre + width)]
        if abs(centre) <= width and name == "abs":
            ends.append(0.0)
        slack = 1e-14 * (1 + max(map(abs, ends))) if name not in ("relu", "abs") else 0.0
        return Interval(np.array([min(ends) - slack]), np.array([max(ends) + slack]))

    found = between(name, box(x), box(y), image(x), image(y))
    low, high = float(found.lo[0]), float(found.hi[0])
    if abs(x - y) > 1e-3:
        slope = (FUNCTIONS[name](x) - FUNCTIONS[name](y)) / (x - y)
    else:
        h = 1e-4
        slope = (FUNCTIONS[name](x + h) - FUNCTIONS[name](x - h)) / (2 * h)
        if name in ("relu", "abs") and abs(x) < 2e-3:
            return
    assert low - 1e-4 * (1 + abs(slope)) <= slope <= high + 1e-4 * (1 + abs(slope))
    if abs(x - y) > 1e-3 and width < 1e-3:
        assert high - low < 1e-6 * (1 + abs(slope))


def test_slopes_of_kinks_are_exact_by_cases():
    def points(*values):
        return Interval(np.array(values), np.array(values))

    x, y = points(1.0, -2.0, 3.0, 0.5), points(1.0, -2.0, -1.0, 0.25)
    relu = between("relu", x, y, points(1.0, 0.0, 3.0, 0.5), points(1.0, 0.0, 0.0, 0.25))
    assert np.allclose(relu.lo, [1, 0, 0.75, 1], atol=1e-12)
    assert np.allclose(relu.hi, [1, 0, 0.75, 1], atol=1e-12)
    size = between("abs", x, y, points(1.0, 2.0, 3.0, 0.5), points(1.0, 2.0, 1.0, 0.25))
    assert np.allclose(size.lo, [1, -1, 0.5, 1], atol=1e-12)
    assert np.allclose(size.hi, [1, -1, 0.5, 1], atol=1e-12)


FLOATS = st.floats(-1e6, 1e6)
MATRICES = hnp.arrays(np.float64, (2, 2, 3), elements=FLOATS)


@given(MATRICES, MATRICES, st.integers(-1, 1), st.integers(-1, 1))
def test_balls_contain_exact_results(one, other, side, turn):
    """Centre, radius: the exact result of any numbers in two balls lies in the ball of results."""
    a, b = Ball(one[0], np.abs(one[1])), Ball(other[0].T.copy(), np.abs(other[1]).T.copy())
    p = [[Fraction(m) + side * Fraction(r) for m, r in zip(*rows, strict=True)]
         for rows in zip(a.mid.tolist(), a.rad.tolist(), strict=True)]  # fmt: skip
    q = [[Fraction(m) + turn * Fraction(r) for m, r in zip(*rows, strict=True)]
         for rows in zip(b.mid.tolist(), b.rad.tolist(), strict=True)]  # fmt: skip
    product = matmul(a, b)
    for i in range(2):
        for j in range(2):
            _contains(product[i, j], sum(p[i][k] * q[k][j] for k in range(3)))
    turned = b.mid.T.copy(), b.rad.T.copy()
    for sign, result in ((1, add(a, Ball(*turned))), (-1, add(a, Ball(*turned), -1.0))):
        _contains(result[1, 2], p[1][2] + sign * q[2][1])
    _contains(multiply(a, Ball(*turned))[0, 1], p[0][1] * q[1][0])
    _contains(total(a, (1,))[1, 0], sum(p[1]))
    if q[0][0]:
        _contains(inverse(b)[0, 0], 1 / q[0][0])


def _contains(ball, exact):
    if np.isfinite(ball.rad):
        assert abs(exact - Fraction(float(ball.mid))) <= Fraction(float(ball.rad))


@given(SEEDS, st.sampled_from((*SMOOTH, *KINKED)))
def test_quotients_between_points_take_differences_to_differences(seed, activation):
    rng = np.random.default_rng(seed)
    layers = [rng.standard_normal(size) for size in ((3, 5), (5,), (5, 2), (2,))]
    program, codes = mlp(*layers, activation), rng.standard_normal((6, 3))
    codes[5] = codes[4] + 1e-9
    x, y = np.array([0, 1, 4, 3]), np.array([1, 2, 5, 3])
    prepared = quotients_of(program, Interval(codes, codes))
    matrix = prepared.matrix(x, y)
    outputs = enclose(program, (Interval(codes[:, None], codes[:, None]),))
    centre = (outputs.lo + outputs.hi)[:, 0] / 2
    change = ((codes[x] - codes[y])[:, None] @ matrix.mid)[:, 0]
    room = (np.abs(codes[x] - codes[y])[:, None] @ matrix.rad)[:, 0]
    assert (np.abs(centre[x] - centre[y] - change) <= room + 1e-11).all()
    assert (matrix.rad[:2] < 1e-6 * (1 + np.abs(matrix.mid[:2]))).all()
    assert not prepared.is_constant
    assert prepared.work > 30
    bound = norm_bound(program)
    if activation in ("tanh", "sigmoid", "erf", "relu", "abs"):
        ratio = np.abs(centre[x[:2]] - centre[y[:2]]).max(axis=1)
        assert (ratio <= bound * np.abs(codes[x[:2]] - codes[y[:2]]).max(axis=1) + 1e-11).all()
        slope = 2 / math.sqrt(math.pi) if activation == "erf" else 1.0
        assert bound <= slope * (np.abs(layers[0]) @ np.abs(layers[2])).sum(axis=0).max() * 1.01
    else:
        assert bound == np.inf


def test_affine_programs_have_one_matrix_through_every_operation():
    """(z + c) with columns moved, halved, summed and joined with a constant."""
    steps = (
        Operation("add", (1, 0), (1, 3)),  # 4: c + z
        Operation("take", (4,), (2, 2), indices=np.array([[2, 1], [0, 0]])),  # 5
        Operation("div", (5, 2), (2, 2)),  # 6: halves
        Operation("neg", (6,), (2, 2)),  # 7
        Operation("sum", (7,), (1, 2), axes=(0,)),  # 8: -(z2 + z0)/2, -(z1 + z0)/2
        Operation("concat", (8, 1), (5,)),  # 9: and three constants
        Operation("take", (9,), (1, 5), indices=np.arange(5)[None]),  # 10
        Operation("neg", (3,), (2, 1)),  # 11: of a constant
        Operation("matmul", (11, 10), (2, 5)),  # 12: constant on the left, rows times -1 and -3
        Operation("sub", (3, 12), (2, 5)),  # 13
        Operation("sum", (13,), (1, 5), axes=(0,)),  # 14
    )
    constants = (np.array([1.0, 2.0, 3.0]), np.array(2.0), np.array([[1.0], [3.0]]))
    program = Program(((1, 3),), constants, steps, 14)
    prepared = quotients_of(program)
    assert prepared.is_constant
    expected = np.zeros((3, 5))
    expected[:, 0], expected[:, 1] = [-2, 0, -2], [-2, -2, 0]
    matrix = prepared.matrix()
    assert np.allclose(matrix.mid[0], expected, atol=1e-12)
    assert (matrix.rad < 1e-12).all()
    assert 4 <= norm_bound(program) < 4 + 1e-9


def test_programs_without_quotients_are_told():
    assert quotients_of(table([[1.0]])) is None
    assert norm_bound(table([[1.0]])) == np.inf
    product = Program(((1, 2),), (), (Operation("mul", (0, 0), (1, 2)),), 1)
    assert norm_bound(product) == np.inf
    largest = Program(((1, 2),), (), (Operation("max", (0,), (1, 1), axes=(1,)),), 1)
    assert quotients_of(largest, Interval(np.zeros((1, 2)), np.zeros((1, 2)))) is None
    constant = Program(((1, 2),), (np.ones((1, 2)),), (), 1)
    assert norm_bound(constant) == 0
    clamp = Program(((1, 2),), (np.array(1.0),), (Operation("minimum", (0, 1), (1, 2)),), 2)
    assert norm_bound(clamp) == pytest.approx(1, abs=1e-9)
    assert norm_bound(linear(np.array([[1.0], [-2.0]]))) == pytest.approx(3, abs=1e-9)
