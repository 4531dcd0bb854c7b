import itertools

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.linear.determinant import determinant_of, is_regular
from tellapart.theory.linear.minimality_check import _PRIMES

ENTRIES = st.one_of(st.integers(-3, 3), st.integers(-(2**70), 2**70))


@st.composite
def squares(draw, most=5, entries=ENTRIES):
    size = draw(st.integers(0, most))
    return [[draw(entries) for _ in range(size)] for _ in range(size)]


def by_permutations(rows):
    total = 0
    for order in itertools.permutations(range(len(rows))):
        swaps = sum(a > b for a, b in itertools.combinations(order, 2))
        term = -1 if swaps % 2 else 1
        for i, j in enumerate(order):
            term *= rows[i][j]
        total += term
    return total


@given(squares())
def test_the_determinant_is_the_sum_over_permutations(rows):
    kept = [list(row) for row in rows]
    assert determinant_of(rows) == by_permutations(rows)
    assert rows == kept


@given(squares(entries=st.integers(-2, 2)), st.sampled_from([2, 3, 5, 101]))
def test_small_primes_divide_it_or_not(rows, prime):
    assert is_regular(rows, prime) == bool(by_permutations(rows) % prime)


@given(squares(), st.sampled_from(_PRIMES))
def test_large_primes_divide_it_or_not(rows, prime):
    assert is_regular(rows, prime) == bool(by_permutations(rows) % prime)


@given(squares(most=4), st.data())
def test_a_row_that_depends_on_others_makes_it_zero(rows, data):
    weights = [data.draw(st.integers(-3, 3)) for _ in rows]
    size = len(rows)
    wide = [[*row, data.draw(ENTRIES)] for row in rows]
    last = [sum(w * row[j] for w, row in zip(weights, wide, strict=True)) for j in range(size + 1)]
    place = data.draw(st.integers(0, size))
    wide.insert(place, last)
    assert determinant_of(wide) == 0
    assert not any(is_regular(wide, prime) for prime in _PRIMES)


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([], 1),
        ([[0]], 0),
        ([[0, 1], [1, 0]], -1),
        ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], 1),
        ([[2**40, 1], [1, 2**40]], 2**80 - 1),
    ],
)
def test_known_determinants(rows, value):
    assert determinant_of(rows) == value


def test_sympy_agrees_on_a_larger_one():
    rows = [[(7 * i * i + 13 * j + 5 * i * j * j) % 17 - 8 for j in range(12)] for i in range(12)]
    assert determinant_of(rows) == sympy.Matrix(rows).det(method="berkowitz") != 0


def test_the_moduli_are_primes_whose_products_fit():
    assert all(sympy.isprime(prime) and prime < 2**31 for prime in _PRIMES)
    assert len(set(_PRIMES)) == len(_PRIMES)
