"""Enclosures of activations against the ball arithmetic of Arb (python-flint)."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.theory.networks import activations
from tellapart.theory.networks.points import Interval

flint = pytest.importorskip("flint")

pytestmark = pytest.mark.oracle

BALLS = {
    "exp": lambda x: x.exp(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "erf": lambda x: x.erf(),
}


def rational(ball):
    """The midpoint of a ball whose radius is far below the distance of two floats."""
    numerator, exponent = ball.mid().man_exp()
    return Fraction(int(numerator)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("name", list(BALLS))
@given(x=st.floats(-750, 709) | st.floats(-7, 7) | st.floats(-1e-3, 1e-3))
@settings(max_examples=400)
def test_arb_agrees(name, x):
    found = getattr(activations, name)(Interval(np.array([x]), np.array([x])))
    precision, flint.ctx.prec = flint.ctx.prec, 1200
    try:
        truth = rational(BALLS[name](flint.arb(x)))
    finally:
        flint.ctx.prec = precision
    assert Fraction(found.lo.item()) <= truth <= Fraction(found.hi.item())
