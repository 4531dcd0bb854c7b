from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.modular import (
    combine,
    primes_below,
    product_is,
    reconstruct,
    reconstruct_all,
)
from tellapart.theory.linear.modular_kernels import echelon_of, reduced_rows
from tellapart.theory.linear.rational import independent_columns, inverse

PRIME = 1073741789
SMALL = st.fractions(min_value=-20, max_value=20, max_denominator=20)


def test_primes_are_those_of_a_sieve():
    sieve = np.ones(20000, dtype=bool)
    sieve[:2] = False
    for k in range(2, 142):
        sieve[2 * k :: k] &= ~sieve[k]
    assert list(primes_below(20000)) == np.flatnonzero(sieve)[::-1].tolist()
    assert next(primes_below(1 << 30)) == PRIME


@given(SMALL)
def test_small_fractions_come_back(number):
    residue = number.numerator * pow(number.denominator, -1, PRIME) % PRIME
    assert reconstruct(residue, PRIME) == number


@given(st.fractions(max_denominator=10**9).filter(lambda x: abs(x.numerator) < 10**12))
def test_larger_fractions_come_back_from_several_primes(number):
    primes = [PRIME, 1073741783, 1073741741, 1073741723]
    residues, modulus = np.zeros(1, dtype=np.int64), 1
    for prime in primes:
        one = np.array([number.numerator * pow(number.denominator, -1, prime) % prime])
        residues = combine(residues, modulus, one, prime)
        modulus *= prime
    assert reconstruct_all(residues, modulus).tolist() == [number]


def test_most_residues_are_no_small_fractions():
    generator = np.random.default_rng(0)
    found = [reconstruct(int(x), PRIME) for x in generator.integers(1, PRIME, size=2000)]
    assert sum(x is not None for x in found) < 20


@given(st.data(), st.sampled_from([10, 2**40, 2**100]))
def test_products_are_compared_exactly(data, size):
    a, b, c = (data.draw(st.integers(1, 4)) for _ in range(3))
    entries = st.integers(-size, size)
    left, right = (
        np.array(data.draw(st.lists(entries, min_size=x * y, max_size=x * y)), dtype=object)
        .reshape(x, y)
        for x, y in ((a, b), (b, c))
    )  # fmt: skip
    target = left @ right
    assert product_is(target, left, right)
    # A multiple of the first primes is not seen by them; the bound makes the test go on.
    wrong = target.copy()
    wrong[0, 0] += data.draw(st.sampled_from([1, -1, 2097143, 2097143 * 2097133]))
    assert not product_is(wrong, left, right)


@given(st.data())
def test_elimination_modulo_a_prime_and_over_the_rationals(data):
    k, m = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    flat = data.draw(st.lists(st.integers(-3, 3), min_size=k * m, max_size=k * m))
    matrix = np.array(flat, dtype=object).reshape(k, m)
    echelon, pivots = echelon_of((matrix % PRIME).astype(np.uint32), PRIME)
    assert sorted(pivots.tolist()) == independent_columns(matrix).tolist()
    rows = reconstruct_all(reduced_rows(echelon, pivots, PRIME), PRIME)
    assert (rows[:, np.sort(pivots)] == np.eye(len(pivots), dtype=int)).all()
    # Every row of the matrix is the combination that its entries at the pivots say.
    assert (matrix[:, np.sort(pivots)] @ rows == matrix).all()


@given(st.data())
def test_inverse(data):
    d = data.draw(st.integers(1, 4))
    flat = data.draw(st.lists(SMALL, min_size=d * d, max_size=d * d))
    matrix = np.array(flat, dtype=object).reshape(d, d)
    if len(independent_columns(matrix)) == d:
        assert (inverse(matrix) @ matrix == np.eye(d, dtype=int)).all()
    else:
        with pytest.raises(InvalidArgumentError, match="singular"):
            inverse(matrix)


def test_inverse_of_a_known_matrix():
    assert inverse(np.array([[0, 2], [1, 0]], dtype=object)).tolist() == [
        [Fraction(0), Fraction(1)],
        [Fraction(1, 2), Fraction(0)],
    ]
