from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.ablations.targets import DISCOUNT, random_target, value_target
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import counting_chain, redundant_pick
from tellapart.theory.mdp import DeterministicMDP


@given(deterministic_mdps(max_observations=8))
def test_values_solve_the_bellman_equation_exactly(mdp):
    values = value_target(mdp).labels
    for o in range(mdp.n_obs):
        after = sum(values[x] for x in mdp.successors[o].tolist())
        assert values[o] == Fraction(mdp.labels[o]) + DISCOUNT * after / mdp.n_actions


@given(deterministic_mdps(max_observations=8))
def test_the_value_of_a_numeric_label_asks_for_the_same(mdp):
    assert bisimulation(mdp).partition == bisimulation(value_target(mdp)).partition


@given(deterministic_mdps(max_observations=6), st.fractions(0, Fraction(99, 100)))
def test_values_agree_with_iteration(mdp, discount):
    values = np.array([float(v) for v in value_target(mdp, discount).labels])
    reward, found = np.array(mdp.labels, dtype=float), np.zeros(mdp.n_obs)
    for _ in range(3000):
        found = reward + float(discount) * found[mdp.successors].mean(axis=1)
    assert np.allclose(values, found, atol=1e-8 + 1e-6 * np.abs(values).max())


@given(deterministic_mdps(max_observations=8), st.integers(0, 10**6))
def test_a_random_target_separates_everything_and_repeats(mdp, seed):
    system = random_target(mdp, seed)
    assert system == random_target(mdp, seed)
    assert bisimulation(system).partition.n_blocks == mdp.n_obs
    assert np.array_equal(system.successors, mdp.successors)


def test_another_seed_is_another_target():
    assert random_target(counting_chain(9), 0) != random_target(counting_chain(9), 1)


def test_a_tuple_of_rewards_counts_as_its_mean():
    single = DeterministicMDP([[1, 1], [1, 0]], [0.5, 1.0])
    tuples = single.with_labels([(0.0, 1.0), (1.0, 1.0)])
    assert value_target(single).labels == value_target(tuples).labels


def test_the_value_of_tuples_may_ask_for_less():
    task = DeterministicMDP([[0, 0], [1, 1]], [(0, 1), (1, 0)])
    assert bisimulation(task).partition.n_blocks == 2
    assert bisimulation(value_target(task)).partition.n_blocks == 1


def test_the_value_of_a_symmetric_label_merges_mirror_images():
    values = value_target(counting_chain(9)).labels
    assert values == values[::-1]


@pytest.mark.parametrize("discount", [Fraction(1), Fraction(-1, 2), Fraction(3, 2)])
def test_a_discount_outside_its_range_is_refused(discount):
    with pytest.raises(InvalidArgumentError, match="discount"):
        value_target(counting_chain(3), discount)


@pytest.mark.parametrize("label", ["red", (), ("a", 1)])
def test_a_label_that_is_no_number_is_refused(label):
    system = redundant_pick().with_labels([label] * 9)
    with pytest.raises(InvalidLabelError, match="has no value"):
        value_target(system)


@pytest.mark.parametrize("dim", [0, -1, True, 1.5])
def test_a_bad_dimension_is_refused(dim):
    with pytest.raises(InvalidArgumentError, match="dim"):
        random_target(counting_chain(3), 0, dim)
