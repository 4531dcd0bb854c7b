"""The data sets are what their descriptions say, whatever the seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.zoo.data_sets import (
    DATA_SETS,
    aliased_rooms,
    contradicting_rooms,
    data_set,
    expert_coverage,
    random_half,
    views_per_episode,
    views_per_step,
)
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.chain import check_infeasibility, infeasibility
from tellapart.theory.partial.forced import forced_merges

SEEDS = st.integers(0, 10_000)


@given(st.sampled_from(sorted(DATA_SETS)), SEEDS)
def test_feasible_as_said_partly_covered_or_non_functional_and_the_same_again(name, seed):
    entry = DATA_SETS[name]
    data = entry.make(seed)
    assert (infeasibility(data) is None) == entry.feasible
    again = entry.make(seed)
    assert again == data
    assert again.first_rows.tolist() == data.first_rows.tolist()
    assert data.is_fully_labelled
    assert data.n_actions == 2


@given(SEEDS)
def test_rooms_are_forced_together_at_each_count(seed):
    data = aliased_rooms(seed)
    assert not data.is_functional
    by_count = {frozenset(data.observations[o][1] for o in b) for b in forced_merges(data).blocks}
    assert by_count == {frozenset([number]) for number in range(9)}
    found = analyse(data, time_limit=0.0)
    assert found.relation.as_partition() == found.forced


@given(SEEDS)
def test_the_contradiction_is_count_4_and_as_far_away_as_the_count_that_looks_alike(seed):
    data = contradicting_rooms(seed)
    chain = infeasibility(data)
    assert set(chain.pair) == {("first", 4), ("second", 4)}
    assert check_infeasibility(data, chain)
    (alike,) = (number for room, number in data.observations if room == "either")
    assert chain.n_rounds == abs(alike - 4)


@given(SEEDS)
def test_views_drawn_at_each_step_are_forced_together_and_counts_told_apart(seed):
    data = views_per_step(seed)
    found = analyse(data, time_limit=0.0)
    assert {frozenset(data.observations[o][0] for o in b) for b in found.forced.blocks} == {
        frozenset([number]) for number in range(9)
    }
    assert found.relation.as_partition() == found.forced


@given(SEEDS)
def test_views_fixed_in_an_episode_force_no_merge_and_stay_what_they_are(seed):
    data = views_per_episode(seed)
    assert data.is_functional
    assert forced_merges(data).n_blocks == 27
    names = data.observations
    assert all(names[o][1] == names[s][1] for o, _, s in data.triples.tolist())


@given(SEEDS)
def test_partial_coverage_is_a_part_of_the_chain(seed):
    whole = {tuple(row) for row in TransitionData.from_mdp(counting_chain(9)).triples.tolist()}
    for data, size in ((expert_coverage(seed), 8), (random_half(seed), 9)):
        rows = {tuple(row) for row in data.triples.tolist()}
        assert rows <= whole
        assert len(rows) == size
        assert [data.label_of(o) for o in range(9)] == list(counting_chain(9).labels)


def test_the_seed_draws_rows_and_their_order():
    assert random_half(0) != random_half(1)
    assert views_per_episode(0) != views_per_episode(1)
    assert aliased_rooms(0) != aliased_rooms(1)
    orders = [expert_coverage(seed).first_rows.tolist() for seed in range(3)]
    assert len(np.unique(orders, axis=0)) == 3


def test_names_and_seeds_that_do_not_exist_are_refused():
    assert data_set("random-half") is DATA_SETS["random-half"]
    assert "expert" in repr(data_set("expert-coverage"))
    with pytest.raises(InvalidArgumentError, match="no data set named 'half'"):
        data_set("half")
    for entry in DATA_SETS.values():
        for seed in (-1, 0.5, True, None):
            with pytest.raises(InvalidArgumentError, match="seed is"):
                entry.make(seed)
