import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.adapters.rewards import TwoHot, reward_labels
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP


@given(st.floats(-50, 50), st.integers(2, 101))
def test_two_hot_codes_of_a_number_are_read_back(value, n_bins):
    low, high = -5.0, 5.0
    scaled = math.copysign(math.log1p(abs(value)), value)
    place = (scaled - low) / (high - low) * (n_bins - 1)
    below = min(int(place), n_bins - 2)
    weights = torch.zeros(1, n_bins, dtype=torch.float64)
    weights[0, below], weights[0, below + 1] = 1 - (place - below), place - below
    read = TwoHot(n_bins, low, high)(weights.log())
    assert read.shape == (1, 1)
    assert float(read) == pytest.approx(value, rel=1e-5, abs=1e-5)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=5))
def test_without_bins_only_the_logarithm_is_undone(values):
    given_numbers = torch.tensor(values, dtype=torch.float64).unsqueeze(1)
    read = TwoHot(1, -10, 10)(given_numbers)
    for value, found in zip(values, read[:, 0].tolist(), strict=True):
        assert found == pytest.approx(math.copysign(math.exp(abs(value)) - 1, value), abs=1e-12)
    assert torch.equal(TwoHot(1, -10, 10, symlog=False)(given_numbers), given_numbers)


@given(deterministic_mdps(max_observations=6, max_actions=3, max_labels=3))
def test_reward_labels_are_those_of_the_successors(mdp):
    found = reward_labels(mdp)
    for o in range(mdp.n_obs):
        assert found.labels[o] == tuple(mdp.labels[int(s)] for s in mdp.successors[o])
    assert found.label_vectors.shape[1] == mdp.n_actions
    assert (found.successors == mdp.successors).all()


def test_bad_arguments_are_refused():
    words = DeterministicMDP([[0], [1], [2]], ["a", "b", "c"])
    with pytest.raises(InvalidArgumentError, match="one number"):
        reward_labels(words)
    with pytest.raises(InvalidArgumentError, match="needs no conversion"):
        reward_labels(reward_labels(counting_chain(4)))
    with pytest.raises(InvalidArgumentError, match="pass it on"):
        reward_labels(None)
    for bins, low, high in ((0, 0, 1), (True, 0, 1), (2.5, 0, 1), (3, 1, 1), (3, math.nan, 1)):
        with pytest.raises(InvalidArgumentError, match=r"n_bins is|low is"):
            TwoHot(bins, low, high)
