"""The choice of pairs: as many as asked for, the telling ones among them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.attack.pairs import all_pairs, choose_pairs, named_pairs
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, random_mdp, redundant_pick


@given(deterministic_mdps(max_observations=9), st.integers(1, 20), st.integers(0, 1000))
def test_choices_are_different_pairs_and_repeat_themselves(mdp, limit, seed):
    exact = bisimulation(mdp)
    codes = np.random.default_rng(seed).normal(size=(mdp.n_obs, 2))
    chosen = choose_pairs(exact, codes, limit, np.random.default_rng(seed))
    everything = all_pairs(mdp.n_obs)
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(everything)
    assert len(chosen) <= limit
    if limit >= 3 and exact.hardest_pair is not None:
        x, y = sorted(mdp.observation_index(name) for name in exact.hardest_pair)
        assert (x, y) in chosen
    if exact.partition.n_blocks == mdp.n_obs:  # no bisimilar pairs: the others fill up
        assert len(chosen) == min(limit, len(everything))
    if exact.partition.n_blocks < mdp.n_obs:
        assert any(exact.partition.same_block(x, y) for x, y in chosen)
    assert chosen == choose_pairs(exact, codes, limit, np.random.default_rng(seed))


def test_deep_and_close_pairs_are_chosen():
    exact = bisimulation(counting_chain(9))
    codes = np.arange(9.0)[:, None] ** 2
    codes[5] = codes[2] + 1e-6
    chosen = choose_pairs(exact, codes, 4, np.random.default_rng(0))
    assert (0, 8) in chosen  # the only pair of depth 4
    assert (2, 5) in chosen  # the closest codes


def test_every_block_gives_a_pair_before_one_gives_two():
    exact = bisimulation(redundant_pick())
    chosen = choose_pairs(exact, np.zeros((9, 1)), 12, np.random.default_rng(0))
    assert {(0, 4), (1, 5), (2, 6), (3, 7)} <= set(chosen)


def test_large_systems_are_sampled():
    mdp = random_mdp(400, seed=1)
    codes = np.random.default_rng(2).normal(size=(400, 3))
    assert len(choose_pairs(bisimulation(mdp), codes, 9, np.random.default_rng(3))) == 9


def test_names_become_indices_once():
    pick = redundant_pick()
    pairs = [("picked", "puck at 1"), ("puck at 1", "picked"), ("puck at 2", "puck at 3")]
    assert named_pairs(pick, pairs) == [(0, 8), (1, 2)]


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([], "pairs is empty"),
        ("puck at 1", "pairs of names"),
        (7, "pairs of names"),
        ([("puck at 1",)], "must be two names"),
        (["ab"], "must be two names"),
        ([("puck at 1", "puck at 1")], "twice in one pair"),
        ([("puck at 1", "puck at 11")], "puck at 11"),
    ],
)
def test_what_is_no_pair_of_names_is_refused(pairs, words):
    with pytest.raises(InvalidArgumentError, match=words):
        named_pairs(redundant_pick(), pairs)
