"""exp, tanh, sigmoid and erf contain the truth: decimal arithmetic of 120 digits is the oracle."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tellapart.theory.networks import activations
from tellapart.theory.networks.points import Interval

DIGITS = 120
#: Where a method changes: reductions, cells of erf, saturation, the ends of the range.
EDGES = [0.0, -0.0, 0.34657359027997264, 0.17328679513998632, 1 / 16, 3 / 16, 1.0, 5.9375, 6.0,
         19.99, 20.0, 37.5, 700.0, -700.0, 709.78, -745.13, 1e-30, -1e-30]  # fmt: skip
ARGUMENTS = (
    st.sampled_from(EDGES)
    | st.floats(-8, 8).filter(lambda x: x == 0 or abs(x) > 1e-40)
    | st.floats(-700, 700).filter(lambda x: x == 0 or abs(x) > 1e-40)
)
NAMES = ("exp", "tanh", "sigmoid", "erf")


def _tanh(x):
    e = (2 * x).exp()
    return (e - 1) / (e + 1)


def _erf(x):
    """Maclaurin's alternating series: terms below e^49, so 22 of the digits are lost."""
    if abs(x) > 7:
        return Decimal(1 if x > 0 else -1) * (1 - Decimal("1e-23"))
    total, power, k = Decimal(0), x, 0
    while abs(power) > Decimal(10) ** -DIGITS * abs(x):
        total += power / (2 * k + 1)
        k += 1
        power *= -x * x / k
    return 2 / _pi().sqrt() * total


def _pi():
    def arctangent(inverse):
        term, total, k = Decimal(1) / inverse, Decimal(0), 0
        while abs(term) > Decimal(10) ** -(DIGITS + 3):
            total += term / (2 * k + 1) * (-1) ** k
            term /= inverse * inverse
            k += 1
        return total

    return 16 * arctangent(5) - 4 * arctangent(239)


ORACLES = {
    "exp": lambda x: x.exp(),
    "tanh": _tanh,
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "erf": _erf,
}


def enclosed(name, *values):
    array = np.array(values)
    return getattr(activations, name)(Interval(array, array))


@pytest.mark.parametrize("name", NAMES)
@given(x=ARGUMENTS)
@example(x=709.7)
@example(x=-36.9)
@example(x=0.0625)
def test_the_truth_is_enclosed_tightly(name, x):
    found = enclosed(name, x)
    lo, hi = found.lo.item(), found.hi.item()
    with localcontext() as context:
        context.prec, context.Emin, context.Emax = DIGITS, -10000, 10000
        value = ORACLES[name](Decimal(x))
        assert Decimal(lo) <= value <= (Decimal(hi) if hi < np.inf else value)
    if hi < np.inf and abs(lo) > 1e-290:
        assert hi - lo <= 1e-14 * abs(lo)


@pytest.mark.parametrize("name", ["tanh", "erf"])
@given(x=st.floats(0, 1e-8) | st.sampled_from([5e-324, 2.0**-1022, 1e-300, 1e-160]))
def test_odd_functions_are_tight_near_zero(name, x):
    """There ``x - x³/3 < tanh x < x`` and ``2x/√π (1 - x²/3) < erf x < 2x/√π``."""
    found = enclosed(name, x, -x)
    with localcontext() as context:
        context.prec, context.Emin = 60, -10000
        slope = Decimal(1) if name == "tanh" else 2 / _pi().sqrt()
        least = slope * Decimal(x) * (1 - Decimal(x) ** 2 / 3)
        assert Decimal(found.lo[0]) <= least
        assert slope * Decimal(x) <= Decimal(found.hi[0])
    assert found.hi[0] - found.lo[0] <= 1e-14 * x + 2.0**-1068
    assert found.lo[1] == -found.hi[0]
    assert found.hi[1] == -found.lo[0]


@pytest.mark.parametrize("name", NAMES)
@given(ends=st.tuples(st.floats(-750, 750), st.floats(-750, 750)), part=st.floats(0, 1))
def test_functions_of_an_interval_contain_those_of_its_points(name, ends, part):
    lo, hi = min(ends), max(ends)
    box = getattr(activations, name)(Interval(np.array([lo]), np.array([hi])))
    inside = enclosed(name, min(max(lo + part * (hi - lo), lo), hi))
    assert box.lo[0] <= inside.hi[0]
    assert inside.lo[0] <= box.hi[0]
    assert box.lo[0] <= enclosed(name, lo).lo[0]
    assert enclosed(name, hi).hi[0] <= box.hi[0]


@pytest.mark.parametrize(("name", "least"), [("tanh", -1), ("erf", -1), ("sigmoid", 0)])
@given(x=st.floats(allow_nan=False))
def test_values_stay_within_their_range(name, least, x):
    found = enclosed(name, x)
    assert least <= found.lo[0] <= found.hi[0] <= 1
    assert not np.isnan(found.lo[0])


def test_infinite_ends_and_the_ends_of_the_range():
    found = enclosed("exp", -np.inf, np.inf, 710.0, -746.0)
    assert (found.lo[0], found.hi[0] < 1e-300) == (0.0, True)
    assert 1.79e308 < found.lo[1] < found.hi[1] == np.inf
    assert found.hi[2] == np.inf
    assert 0 == found.lo[3] < found.hi[3] < 1e-320
    for name, least in (("tanh", -1.0), ("erf", -1.0), ("sigmoid", 0.0)):
        found = enclosed(name, -np.inf, np.inf)
        assert found.lo[0] == least
        assert found.hi[1] == 1.0
        assert found.hi[0] < least + 5e-15
        assert found.lo[1] > 1 - 5e-15


def test_the_largest_exponential_that_is_a_float_is_not_excluded():
    edge = 709.782712893384  # ln of the largest float, rounded
    with localcontext() as context:
        context.prec = 50
        for x in (np.nextafter(edge, 0), edge, np.nextafter(edge, 1000)):
            found, value = enclosed("exp", x), Decimal(float(x)).exp()
            assert Decimal(found.lo.item()) <= value
            assert found.hi.item() == np.inf or value <= Decimal(found.hi.item())


def test_zero_stays_zero_and_arrays_keep_their_shape():
    found = activations.tanh(Interval(np.zeros((2, 3)), np.zeros((2, 3))))
    assert found.shape == (2, 3)
    assert not found.lo.any()
    assert not found.hi.any()
    empty = np.zeros((0, 4))
    assert activations.erf(Interval(empty, empty)).shape == (0, 4)


def test_more_numbers_than_one_block_have_the_same_bounds_as_each_alone():
    values = np.linspace(-30, 30, 70_000)
    found = activations.sigmoid(Interval(values, values))
    picked = np.array([0, 32767, 32768, 69_999])
    alone = enclosed("sigmoid", *values[picked])
    assert np.array_equal(found.lo[picked], alone.lo)
    assert np.array_equal(found.hi[picked], alone.hi)
