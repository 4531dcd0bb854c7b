"""The resolution ratio: scale-free, strict, and consistent with nearest-code reading (S13)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.resolution import gaps, resolution


def noisy_model(mdp, seed, noise):
    """Random codes, and predictions and labels off by about ``noise``."""
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(mdp.n_obs, 3))
    predicted = codes[mdp.successors] + noise * rng.normal(size=(*mdp.successors.shape, 3))
    read = mdp.label_vectors + noise * rng.normal(size=mdp.label_vectors.shape)
    return codes, predicted, read


@given(deterministic_mdps(), st.integers(0, 1000), st.sampled_from([0.0, 1e-3, 0.3, 3.0]))
def test_resolved_means_nearest_code_reads_the_quotient(mdp, seed, noise):
    partition = bisimulation(mdp).partition
    codes, predicted, read = noisy_model(mdp, seed, noise)
    measured = resolution(mdp, partition, codes, predicted, read)
    if not measured.resolved:
        return
    distance = np.linalg.norm(predicted[:, :, None, :] - codes[None, None], axis=3)
    nearest = distance.argmin(axis=2)
    assert np.array_equal(partition.ids[nearest], partition.ids[mdp.successors])


@given(deterministic_mdps(), st.integers(0, 1000), st.floats(1e-6, 1e6))
def test_the_ratio_does_not_change_with_the_scale_of_the_latents(mdp, seed, scale):
    partition = bisimulation(mdp).partition
    codes, predicted, read = noisy_model(mdp, seed, 0.1)
    plain = resolution(mdp, partition, codes, predicted, read)
    scaled = resolution(mdp, partition, scale * codes, scale * predicted, read)
    assert scaled.dynamics_ratio == pytest.approx(plain.dynamics_ratio, rel=1e-9)
    assert scaled.aux_ratio == plain.aux_ratio


@given(deterministic_mdps(max_observations=6), st.integers(0, 1000))
def test_gaps_agree_with_a_double_loop(mdp, seed):
    partition = bisimulation(mdp).partition
    codes = noisy_model(mdp, seed, 0)[0]
    for o, gap in enumerate(gaps(codes, partition)):
        others = [
            np.linalg.norm(codes[o] - codes[other])
            for other in range(mdp.n_obs)
            if not partition.same_block(o, other)
        ]
        assert gap == pytest.approx(min(others, default=np.inf))


def test_a_merged_pair_is_unresolved_even_at_zero_residual():
    mdp = counting_chain(9)
    codes = np.zeros((9, 2))
    measured = resolution(
        mdp, bisimulation(mdp).partition, codes, codes[mdp.successors], mdp.label_vectors
    )
    assert measured.dynamics_ratio == np.inf
    assert measured.n_dynamics_unresolved == 18
    assert not measured.resolved


def test_exactly_half_the_gap_is_not_resolved():
    mdp = counting_chain(3)
    codes = np.array([[0.0], [2.0], [4.0]])
    predicted = codes[mdp.successors].copy()
    predicted[0, 0] = 1.0  # between the codes of 0 and 1
    measured = resolution(mdp, bisimulation(mdp).partition, codes, predicted, mdp.label_vectors)
    assert measured.dynamics_ratio == 1.0
    assert measured.worst_transition == (0, 0)
    assert not measured.resolved


def test_a_constant_label_leaves_nothing_to_resolve():
    mdp = counting_chain(4).with_labels([1, 1, 1, 1])
    codes, predicted, read = noisy_model(mdp, 0, 1.0)
    assert resolution(mdp, bisimulation(mdp).partition, codes, predicted, read).ratio == 0.0


@pytest.mark.parametrize(
    ("codes", "predicted", "read", "culprit"),
    [
        (np.zeros((2, 1)), np.zeros((3, 2, 1)), np.zeros((3, 1)), "codes"),
        (np.zeros((3, 1)), np.zeros((3, 2, 2)), np.zeros((3, 1)), "predicted"),
        (np.zeros((3, 1)), np.zeros((3, 2, 1)), np.zeros((3, 2)), "read"),
    ],
)
def test_shapes_that_do_not_fit_name_the_array(codes, predicted, read, culprit):
    mdp = counting_chain(3)
    with pytest.raises(InvalidArgumentError, match=culprit):
        resolution(mdp, bisimulation(mdp).partition, codes, predicted, read)
