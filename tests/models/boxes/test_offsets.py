"""Offsets are valid for every slope: compared with high-precision values on a fine grid."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.boxes.offsets import kinked_offsets, s_shaped_offsets
from tellapart.theory.networks.points import Interval

SLOPES = st.floats(-2.0, 2.0)
ENDS = st.tuples(st.floats(-6.0, 6.0), st.floats(-6.0, 6.0)).map(sorted)


def exact(name, x):
    """The function at a float, with 40 digits."""
    with localcontext() as context:
        context.prec = 40
        at = Decimal(x)
        if name == "relu":
            return max(at, Decimal(0))
        if name == "abs":
            return abs(at)
        if name == "sigmoid":
            return 1 / (1 + (-at).exp())
        if name == "tanh":
            return 1 - 2 / ((2 * at).exp() + 1)
        term, total, k = at, at, 0
        while abs(term) > Decimal(10) ** -36:
            k += 1
            term = -term * at * at / k
            total += term / (2 * k + 1)
        return total * 2 / Decimal("3.14159265358979323846264338327950288419716939937510582").sqrt()


@pytest.mark.parametrize("name", ["relu", "abs", "tanh", "sigmoid", "erf"])
@given(ends=ENDS, low=SLOPES, high=SLOPES)
def test_lines_of_any_slope_are_below_and_above(name, ends, low, high):
    lo, hi = ends
    x = Interval(np.array([lo]), np.array([hi]))
    function = kinked_offsets if name in ("relu", "abs") else s_shaped_offsets
    offsets = function(name, np.array([low]), np.array([high]), x)
    below, above = Decimal(offsets.lo[0].item()), Decimal(offsets.hi[0].item())
    grid = sorted({lo, hi, min(max(0.0, lo), hi), *np.linspace(lo, hi, 41).clip(lo, hi).tolist()})
    values = [(Decimal(p), exact(name, p)) for p in grid]
    assert all(Decimal(low) * p + below <= v + Decimal("1e-30") for p, v in values)
    assert all(Decimal(high) * p + above >= v - Decimal("1e-30") for p, v in values)
    # and not needlessly far away: the grid comes as near as its step allows
    slack = Decimal(0.2 + 2e-9) * Decimal((hi - lo) / 40 * 4 + 1e-6)
    assert min(v - Decimal(low) * p for p, v in values) - below <= slack
    assert above - max(v - Decimal(high) * p for p, v in values) <= slack


def test_offsets_of_stable_units_are_exact():
    x = Interval(np.array([0.1, -3.0]), np.array([2.0, -0.1]))
    slopes = np.array([1.0, 0.0])
    offsets = kinked_offsets("relu", slopes, slopes, x)
    assert (offsets.lo == 0).all()
    assert (offsets.hi == 0).all()
