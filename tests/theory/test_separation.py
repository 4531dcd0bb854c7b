"""Merged pairs, distances by depth, and the threshold that decides "merged"."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.separation import separation


@given(deterministic_mdps(), st.integers(0, 1000))
def test_counts_and_minima_agree_with_a_double_loop(mdp, seed):
    bisim = bisimulation(mdp)
    codes = np.random.default_rng(seed).integers(0, 3, size=(mdp.n_obs, 2)).astype(float)
    found = separation(bisim, codes)
    pairs = [
        (bisim.depth_of_indices(i, j), np.linalg.norm(codes[i] - codes[j]))
        for i, j in itertools.combinations(range(mdp.n_obs), 2)
        if not bisim.partition.same_block(i, j)
    ]
    assert found.n_must_separate == len(pairs) == bisim.n_must_separate
    assert found.n_merged == sum(distance == 0 for _, distance in pairs)
    if pairs:
        rms = np.sqrt(np.mean([distance**2 for _, distance in pairs]))
        assert found.rms == pytest.approx(rms, abs=1e-12)
    for row in found.by_depth:
        distances = [distance for depth, distance in pairs if depth == row.depth]
        assert row.n_pairs == len(distances)
        assert row.distance == pytest.approx(min(distances))


@given(deterministic_mdps(), st.integers(0, 1000), st.floats(1e-9, 1e9))
def test_what_counts_as_merged_does_not_change_with_scale(mdp, seed, scale):
    bisim = bisimulation(mdp)
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(mdp.n_obs, 2))
    codes[mdp.n_obs // 2 :] = codes[0] + 1e-5 * rng.normal(size=codes[mdp.n_obs // 2 :].shape)
    assert separation(bisim, codes).n_merged == separation(bisim, scale * codes).n_merged


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rounding_noise_on_a_constant_code_is_merged(dtype):
    bisim = bisimulation(counting_chain(9))
    epsilon = float(np.finfo(dtype).eps)
    codes = 1.0 + epsilon * np.random.default_rng(0).integers(-1, 2, size=(9, 4))
    assert len(np.unique(codes, axis=0)) == 9
    assert separation(bisim, codes, epsilon=epsilon).n_merged == 36
    spread = 1.0 + 1000 * epsilon * np.arange(36.0).reshape(9, 4)
    assert separation(bisim, spread, epsilon=epsilon).n_merged == 0


def test_merged_pairs_are_listed_deepest_first():
    found = separation(bisimulation(counting_chain(9)), np.zeros((9, 1)))
    assert found.n_merged == 36
    assert (found.merged[0].x, found.merged[0].y, found.merged[0].depth) == (0, 8, 4)
    assert [pair.depth for pair in found.merged] == sorted(
        (pair.depth for pair in found.merged), reverse=True
    )


def test_the_list_of_merged_pairs_is_bounded_but_all_are_counted():
    found = separation(bisimulation(counting_chain(9)), np.zeros((9, 1)), max_listed=5)
    assert len(found.merged) == 5
    assert found.n_merged == 36


def test_exact_codes_are_merged_only_when_equal():
    bisim = bisimulation(counting_chain(3))
    codes = np.array([[0.0], [1.0], [1e9]])
    assert separation(bisim, codes).n_merged == 1
    assert separation(bisim, codes, exact=True).n_merged == 0


def test_the_histogram_counts_every_pair():
    found = separation(bisimulation(counting_chain(9)), np.arange(9.0)[:, None])
    assert sum(count for _, count in found.histogram) == 36


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, float("nan")])
def test_a_senseless_tolerance_is_refused(tolerance):
    with pytest.raises(InvalidArgumentError, match="merge_tolerance"):
        separation(bisimulation(counting_chain(3)), np.zeros((3, 1)), tolerance)


def test_codes_of_another_size_are_refused():
    with pytest.raises(InvalidArgumentError, match="codes has shape"):
        separation(bisimulation(counting_chain(3)), np.zeros((4, 1)))
