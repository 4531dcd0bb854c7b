import numpy as np
import pytest
from box_programs import answers, drawn_program, mlp, sampled
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.boxes.crown import BackwardBounds
from tellapart.models.boxes.region import region_around
from tellapart.theory.networks.points import Interval

SEEDS = st.integers(0, 2**32 - 1)
ROUNDING = 1e-9


def bounded(program, region, **options):
    d = program.shape_of(program.output)[-1]
    directions = np.concatenate([np.eye(d), -np.eye(d), np.full((1, d), 1 / d)])
    box = Interval(region.outer_lo, region.outer_hi)
    bounds = BackwardBounds(program, box, **options)
    n = len(region.centres)
    return directions, bounds, bounds.lower(np.broadcast_to(directions, (n, *directions.shape)))


@given(SEEDS, st.sampled_from([0.0, 1e-3, 0.05, 0.5]), st.booleans(), st.booleans())
@settings(max_examples=40)
def test_bounds_are_below_every_sampled_point(seed, radius, refine, lines):
    rng = np.random.default_rng(seed)
    program = drawn_program(seed)
    region = region_around(rng.normal(size=(2, 4)), radius)
    directions, _, lower = bounded(program, region, refine=refine, lines=lines)
    values = answers(program, sampled(region, rng, 40)) @ directions.T
    scale = 1 + np.abs(values).max()
    assert (values.min(axis=0) >= lower - ROUNDING * scale).all()


@pytest.mark.parametrize("activation", ["relu", "abs", "tanh", "sigmoid", "erf"])
def test_lines_are_tighter_than_intervals_and_refining_is_tighter_still(activation):
    program = mlp([8, 16, 16, 3], activation, seed=3)
    region = region_around(np.random.default_rng(3).normal(size=(4, 8)), 0.05)
    found = {
        name: bounded(program, region, refine=refine, lines=lines)[2].mean()
        for name, refine, lines in (
            ("ibp", False, False),
            ("crown-ibp", False, True),
            ("crown", True, True),
        )
    }
    assert found["ibp"] < found["crown-ibp"] < found["crown"]


def test_an_affine_program_is_bounded_exactly():
    program = mlp([5, 3], seed=1)
    region = region_around(np.zeros((1, 5)), 0.25)
    directions, bounds, lower = bounded(program, region)
    weights, offset = program.constants
    exact = directions @ offset - 0.25 * np.abs(directions @ weights.T).sum(axis=1)
    assert np.allclose(lower[0], exact, rtol=1e-12)
    assert bounds.slopes == {}
    assert bounds.refined == ()


def test_slopes_of_units_that_do_not_bend_are_those_of_the_unit():
    program = mlp([2, 6, 2], "relu", seed=5)
    region = region_around(np.random.default_rng(5).normal(size=(3, 2)), 1e-9)
    _, bounds, _ = bounded(program, region)
    (slopes,) = bounds.slopes.values()
    assert slopes.shape == (3, 2, 1, 6)
    assert np.isin(slopes, (0.0, 1.0)).all()
    assert (slopes[:, 0] == slopes[:, 1]).all()
