from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.exact_sums import exact_sums, lowest_unit

numbers = st.one_of(
    st.integers(-(2**20), 2**20).map(float),
    st.integers(-64, 64).map(lambda i: i * 2.0**-30),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, 1.0, 2.0**60, 0.1, 5e-324, 2.0**-600, 2.0**600]),
)


@st.composite
def products(draw):
    n, k, q = (draw(st.integers(1, 3)) for _ in range(3))

    def table(rows, columns):
        flat = draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns))
        return np.array(flat).reshape(rows, columns)

    return table(n, k), table(k, q), table(1, q)[0] if draw(st.booleans()) else np.zeros(q)


@given(products(), st.randoms(use_true_random=False))
def test_what_is_called_exact_does_not_round_in_any_order(case, random):
    left, right, offset = case
    if not exact_sums(left, right, offset):
        return
    for i, row in enumerate(left):
        for j, column in enumerate(right.T):
            terms = [float(a) * float(b) for a, b in zip(row, column, strict=True)]
            wanted = Fraction(float(offset[j])) + sum(
                Fraction(float(a)) * Fraction(float(b)) for a, b in zip(row, column, strict=True)
            )
            terms.append(float(offset[j]))
            random.shuffle(terms)
            total = 0.0
            for term in terms:
                total += term
            assert Fraction(total) == wanted, (i, j)


@given(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_the_unit_is_the_largest_power_of_two_that_divides(number):
    unit = lowest_unit(np.array([number, 0.0]))
    if number == 0:
        assert unit == float("inf")
        return
    ratio = Fraction(number) / Fraction(unit)
    assert ratio.denominator == 1
    assert ratio.numerator % 2 == 1


@pytest.mark.parametrize(
    ("left", "right", "exact"),
    [
        ([[3.0, 1.0]], [[0.5], [2.0]], True),
        ([[0.0, 1.0]], [[0.1], [0.3]], True),  # copies a row
        ([[2.0**40, 1.0]], [[2.0**20], [1.0]], False),
        ([[1.0, 1.0]], [[0.1], [0.7]], False),
        ([[0.0]], [[0.1]], True),
        ([[2.0**600]], [[2.0**600]], False),  # overflows
        ([[2.0**-600]], [[2.0**-600]], False),  # underflows
    ],
)
def test_known_answers(left, right, exact):
    assert exact_sums(np.array(left), np.array(right)) is exact


def test_an_offset_counts():
    assert exact_sums(np.array([[1.0]]), np.array([[2.0**30]]), 0.5)
    assert not exact_sums(np.array([[1.0]]), np.array([[2.0**30]]), 2.0**-40)
