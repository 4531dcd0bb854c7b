"""Everything that data force, against all partitions of up to five observations."""

import itertools

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partition import Partition

SYSTEMS = transition_data(max_observations=5, max_actions=3, max_labels=3)


@given(SYSTEMS)
def test_the_library_agrees_with_all_partitions(brute, data):
    event(brute.compare(data))


@given(SYSTEMS, st.data())
def test_admissibility_is_read_off_the_definition(brute, data, draw):
    ids = draw.draw(st.lists(st.integers(0, 2), min_size=data.n_obs, max_size=data.n_obs))
    truth = brute.Truth(data)
    answer = is_admissible_for(data, Partition(ids))
    assert bool(answer) == (tuple(Partition(ids).ids.tolist()) in truth.admissible)
    assert answer.explain().endswith(".")


@given(deterministic_mdps(max_observations=6, max_actions=2, max_labels=2))
def test_total_systems_are_decided_as_by_bisimulation(mdp):
    found = analyse(mdp)
    truth = bisimulation(mdp)
    assert found.feasible
    assert found.forced == Partition.identity(mdp.n_obs)
    assert found.relation.as_partition() == truth.partition
    assert found.relation.n_by_word_length == (
        truth.pairs_by_depth if truth.n_must_separate else ()
    )
    assert found.relation.n_by_fold_only == 0
    assert found.codes.value == truth.partition.n_blocks
    assert found.coverage.gains == ()


@given(transition_data(max_observations=4), st.data())
def test_more_data_never_let_a_pair_merge(data, draw):
    found = analyse(data)
    row = [draw.draw(st.integers(0, k - 1)) for k in (data.n_obs, data.n_actions, data.n_obs)]
    labels = [data.label_of(o) for o in range(data.n_obs)]
    more = TransitionData([*data.triples.tolist(), row], labels, data.observations, data.actions)
    grown = analyse(more)
    assert found.forced.refines(grown.forced)
    if grown.feasible:
        assert found.feasible
        assert grown.codes.value >= found.codes.value
        for x, y in itertools.combinations(range(data.n_obs), 2):
            assert grown.relation.must_separate(x, y) >= found.relation.must_separate(x, y)


@given(SYSTEMS)
def test_a_relation_that_is_no_partition_says_why(data):
    found = analyse(data)
    if not found.feasible:
        with pytest.raises(InvalidArgumentError, match="infeasible"):
            separation_relation(data)
        return
    relation = found.relation
    event(f"transitive: {relation.is_transitive}")
    if relation.is_transitive:
        largest = relation.as_partition()
        assert is_admissible_for(data, largest)
        assert largest.n_separated_pairs == relation.n_must_separate
        return
    x, y, z = relation.intransitive_triple
    assert not relation.must_separate(x, y)
    assert not relation.must_separate(y, z)
    assert relation.must_separate(x, z)
    with pytest.raises(InvalidArgumentError, match="no partition here"):
        relation.as_partition()


def test_brute_force_knows_the_bell_numbers(brute):
    assert [len(set(brute.all_partitions(n))) for n in range(8)] == [1, 1, 2, 5, 15, 52, 203, 877]
