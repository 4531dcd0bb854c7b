"""Fixed-point bounds of functions against many digits of mpmath."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import MPContext

from tellapart.theory.margin_checker.numbers import Fixed, Refused, rational

mp = MPContext()
mp.prec = 3000
FUNCTIONS = {
    "exp": mp.exp,
    "tanh": mp.tanh,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "erf": mp.erf,
    "sqrt": mp.sqrt,
}
BITS = st.sampled_from([8, 53, 160, 300])
NUMBERS = st.one_of(
    st.fractions(-2, 2, max_denominator=10**12),
    st.fractions(-40, 40, max_denominator=100),
    st.integers(-900, 900).map(Fraction),
    st.integers(-3, 3).map(lambda k: Fraction(k, 10**30)),
)


@pytest.mark.parametrize("name", FUNCTIONS)
@given(bits=BITS, number=NUMBERS)
def test_bounds_contain_the_value_and_are_close(name, bits, number):
    fixed = Fixed(bits)
    x = fixed.enclose(abs(number) if name == "sqrt" else number)[0]
    lo, hi = getattr(fixed, name)(x)
    true = FUNCTIONS[name](mp.mpf(x) / 2**bits) * 2**bits
    assert lo <= true <= hi
    assert hi - lo <= 4 + (hi >> (bits + 30))


@given(BITS, st.fractions())
def test_rationals_are_enclosed_and_dyadic_ones_exactly(bits, number):
    lo, hi = Fixed(bits).enclose(number)
    assert Fraction(lo, 2**bits) <= number <= Fraction(hi, 2**bits)
    assert (lo == hi) == ((number * 2**bits).denominator == 1)
    assert hi - lo <= 1


@given(st.fractions())
def test_rationals_are_read_as_they_are_written(number):
    assert rational(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "1.5", "1/0", "1e3", " 1", "1/-2", "+1", "٣", "1\n", "9" * 5000]
)
def test_other_texts_are_no_rationals(text):
    assert rational(text) is None


def test_exp_of_huge_numbers_is_refused_and_of_very_negative_ones_is_nearly_zero():
    fixed = Fixed(20)
    with pytest.raises(Refused, match="16384"):
        fixed.exp(20000 << 20)
    assert fixed.exp(-(20000 << 20)) == (0, 1)


@given(BITS)
def test_the_largest_slope_of_erf(bits):
    lo, hi = Fixed(bits).two_over_root_pi()
    assert lo <= 2 / mp.sqrt(mp.pi) * 2**bits <= hi <= lo + 4
