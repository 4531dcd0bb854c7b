import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tellapart.models.diagnostics.gaussianity import NORMAL_MEAN, epps_pulley, sigreg
from tellapart.theory.errors import InvalidArgumentError

SAMPLES = hnp.arrays(
    np.float64, st.integers(1, 12), elements=st.integers(-20, 20).map(lambda k: k / 10)
)


def closed_form(x):
    """The integral over the whole line, term by term: no quadrature at all."""
    n = len(x)
    pairs = sum(math.exp(-((a - b) ** 2) / 2) for a in x for b in x) / n
    singles = sum(math.exp(-(a**2) / 4) for a in x)
    return (
        math.sqrt(2 * math.pi) * pairs
        - 2 * math.sqrt(math.pi) * singles
        + n * math.sqrt(2 * math.pi / 3)
    )


@given(SAMPLES)
def test_the_quadrature_agrees_with_the_closed_form(x):
    assert epps_pulley(x)[0] == pytest.approx(closed_form(x.tolist()), rel=2e-3, abs=2e-5 * len(x))


@given(SAMPLES, st.integers(0, 5))
def test_in_one_dimension_directions_only_flip_the_sign(x, seed):
    assert sigreg(x, seed=seed) == pytest.approx(epps_pulley(x)[0], rel=1e-9, abs=1e-12)


def test_mean_under_the_normal_law():
    generator = np.random.default_rng(1)
    found = epps_pulley(generator.standard_normal((40, 4000)))
    assert found.mean() == pytest.approx(NORMAL_MEAN, rel=0.05)
    assert pytest.approx(1.0594, abs=1e-4) == NORMAL_MEAN


def test_what_is_not_standard_normal_shows():
    sample = np.random.default_rng(2).standard_normal((400, 3))
    fine = sigreg(sample)
    assert fine < 2
    for other in (sample + 1, sample * 3, np.sign(sample), np.zeros((400, 3))):
        assert sigreg(other) > 5 * fine


def test_seeds():
    codes = np.random.default_rng(3).uniform(size=(30, 4))
    assert sigreg(codes, seed=4) == sigreg(codes, seed=4) != sigreg(codes, seed=5)


@pytest.mark.parametrize("options", [{"directions": 0}, {"seed": -1}, {"seed": True},
                                     {"directions": 2.0}])  # fmt: skip
def test_bad_options(options):
    with pytest.raises(InvalidArgumentError, match=next(iter(options))):
        sigreg(np.eye(2), **options)


def test_bad_codes():
    with pytest.raises(InvalidArgumentError, match="inf"):
        sigreg([[np.inf]])
