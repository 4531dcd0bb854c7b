"""The quotient MDP: minimal, faithful, and only by bisimulations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import admissible_partitions, deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.quotient import quotient

MDPS = deterministic_mdps(max_observations=14, max_actions=3, max_labels=3)


@given(MDPS)
def test_quotient_is_minimal_and_its_own_quotient(mdp):
    result = bisimulation(mdp)
    small = bisimulation(result.quotient())
    assert small.mdp.n_obs == result.partition.n_blocks
    assert small.partition == Partition.identity(result.partition.n_blocks)
    assert small.blocks_by_depth == result.blocks_by_depth
    assert small.quotient() == small.mdp


@given(MDPS, st.data())
def test_labels_along_every_word_are_kept(mdp, data):
    partition = data.draw(admissible_partitions(mdp))
    small = quotient(mdp, partition)
    start = data.draw(st.integers(0, mdp.n_obs - 1))
    word = data.draw(st.lists(st.integers(0, mdp.n_actions - 1), max_size=12))
    block = partition.block_of(start)
    assert small.label_trace(block, word) == mdp.label_trace(start, word)
    assert small.run(block, word) == partition.block_of(mdp.run(start, word))


def test_blocks_are_named_after_their_smallest_member():
    mdp = DeterministicMDP([[2], [2], [0]], ["p", "p", "q"], ["one", "two", "three"], ["go"])
    small = bisimulation(mdp).quotient()
    assert small.observations == ("one", "three")
    assert small.labels == ("p", "q")
    assert list(small.actions) == ["go"]
    assert small.successors.tolist() == [[1], [0]]


def test_only_a_bisimulation_has_a_quotient():
    with pytest.raises(InvalidArgumentError, match=r"not a bisimulation: 0 and 8.*Only a bisim"):
        quotient(counting_chain(9), Partition([0, 1, 2, 3, 4, 5, 6, 7, 0]))
