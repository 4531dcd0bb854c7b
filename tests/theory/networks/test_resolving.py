"""Bounds of the resolution ratio hold the measured one, and decide the limits exactly."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.points import Interval, ModelPoints
from tellapart.theory.networks.resolving import ResolutionBounds, resolution_bounds
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import resolution


def points_of(codes, predicted, read, width=0.0, **fields):
    arrays = (Interval(a - width, a + width) for a in (codes, predicted, read))
    return ModelPoints(*arrays, **({"arithmetic": "interval", "zero_loss": False} | fields))


def answers(mdp, seed, noise, scale=1.0):
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(mdp.n_obs, 3)) * scale
    off = noise * rng.normal(size=(*mdp.successors.shape, 3)) * scale
    read = mdp.label_vectors + noise * rng.normal(size=mdp.label_vectors.shape)
    return codes, codes[mdp.successors] + off, read


@given(
    deterministic_mdps(max_observations=6),
    st.integers(0, 99),
    st.sampled_from([1e-9, 0.01, 0.3, 3.0]),
    st.sampled_from([1.0, 1e-12, 1e150]),
)
def test_the_measured_ratio_lies_between_the_bounds(mdp, seed, noise, scale):
    partition = bisimulation(mdp).partition
    arrays = answers(mdp, seed, noise, scale)
    found = resolution_bounds(points_of(*arrays, code_ids=None), partition, mdp)
    ratio = resolution(mdp, partition, *arrays).ratio
    assert found.ratio_lower <= ratio * (1 + 1e-14)
    assert ratio * (1 - 1e-14) <= found.ratio_upper
    assert found.ratio_upper - found.ratio_lower <= 1e-5 * ratio
    assert found.resolved in (None, ratio < 1)


@given(deterministic_mdps(max_observations=6), st.integers(0, 99), st.data())
def test_every_choice_from_wide_enclosures_lies_between_the_bounds(mdp, seed, data):
    partition = bisimulation(mdp).partition
    arrays, width = answers(mdp, seed, 0.1), 0.01
    found = resolution_bounds(points_of(*arrays, width=width, code_ids=None), partition, mdp)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    chosen = [a + width * rng.uniform(-1, 1, size=a.shape) for a in arrays]
    ratio = resolution(mdp, partition, *chosen).ratio
    assert found.ratio_lower <= ratio <= found.ratio_upper


def test_gaps_shrink_by_the_radii_of_both_codes():
    """The codes may be 0.1 and 0.9, 0.1 away from what is predicted."""
    mdp = DeterministicMDP([[0], [1]], [0.0, 1.0])
    codes = Interval(np.array([[-0.1], [0.9]]), np.array([[0.1], [1.1]]))
    predicted = Interval(np.array([[[0.0]], [[1.0]]]), np.array([[[0.0]], [[1.0]]]))
    read = Interval(mdp.label_vectors, mdp.label_vectors)
    points = ModelPoints(codes, predicted, read, "interval", False, None)
    found = resolution_bounds(points, Partition([0, 1]), mdp)
    assert found.ratio_lower == 0
    assert 0.25 <= found.ratio_upper <= 0.26


CHAIN = counting_chain(3)
ALL_APART = bisimulation(CHAIN).partition
APART = np.array([[0.0], [2.0], [4.0]])


def test_zero_loss_and_equal_codes_are_decided_exactly():
    predicted = APART[CHAIN.successors]
    exact = {"arithmetic": "exact", "zero_loss": True, "code_ids": np.arange(3)}
    # Exact codes closer than floats tell: the enclosures overlap, the ids do not.
    close = 1 + 1e-16 * APART
    points = points_of(close, close[CHAIN.successors], CHAIN.label_vectors, width=1e-15, **exact)
    found = resolution_bounds(points, ALL_APART, CHAIN)
    assert (found.ratio_lower, found.ratio_upper, found.resolved) == (0.0, 0.0, True)
    blind = dataclasses.replace(points, zero_loss=False, code_ids=None, arithmetic="interval")
    assert resolution_bounds(blind, ALL_APART, CHAIN).resolved is None
    merged = exact | {"code_ids": np.array([0, 1, 0])}
    points = points_of(APART, predicted, CHAIN.label_vectors, width=1e-15, **merged)
    found = resolution_bounds(points, ALL_APART, CHAIN)
    assert (found.ratio_lower, found.ratio_upper, found.resolved) == (np.inf, np.inf, False)
    healthy = resolution_bounds(points, Partition([0, 1, 0]), CHAIN)
    assert healthy.resolved is True


def test_half_the_gap_is_not_called_resolved():
    predicted = APART[CHAIN.successors].copy()
    predicted[0, 0] = 1.0
    points = points_of(APART, predicted, CHAIN.label_vectors, code_ids=None)
    found = resolution_bounds(points, ALL_APART, CHAIN)
    assert found.ratio_lower <= 1 <= found.ratio_upper
    assert found.resolved is None
    assert "does not decide" in found.explain()


def test_one_block_leaves_nothing_to_resolve():
    constant = CHAIN.with_labels([1, 1, 1])
    points = points_of(*answers(constant, 0, 1.0), code_ids=None)
    found = resolution_bounds(points, Partition([0, 0, 0]), constant)
    assert (found.ratio_lower, found.ratio_upper) == (0.0, 0.0)


def test_results_print_explain_themselves_and_survive_json():
    small, large = ResolutionBounds(0.25, 0.5), ResolutionBounds(1.0, np.inf)
    assert repr(small) == "ResolutionBounds(0.25 to 0.5: resolved)"
    assert small.explain().endswith("every residual is below half its gap: resolved.")
    assert large.explain().endswith("inf: not below 1, so not resolved.")
    assert ResolutionBounds.from_json(large.to_json()) == large


def test_what_does_not_fit_is_an_error():
    points = points_of(*answers(CHAIN, 0, 1.0), code_ids=None)
    with pytest.raises(InvalidArgumentError, match="needs a DeterministicMDP, not a Transition"):
        resolution_bounds(points, ALL_APART, TransitionData.from_mdp(CHAIN))
    with pytest.raises(InvalidArgumentError, match="the partition 2 and the points 3"):
        resolution_bounds(points, Partition([0, 1]), CHAIN)
