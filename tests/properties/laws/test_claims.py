"""What decides the truth of laws, against the library, and on answers known by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.laws.claims import (
    admissible_kernels,
    all_partitions,
    broken,
    clash_of,
    closed_kernels,
    facts_of,
    inside,
    label_clash,
    levels,
    pairs_merged,
    relative_margin,
    row_clash,
    separating_words,
    wrong_proof,
)
from tellapart.properties.laws.law import LawBroken
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.chain import infeasibility
from tellapart.theory.partition import Partition

TWINS = DeterministicMDP([[1], [1], [3], [3]], [0, 1, 0, 1], "abcd", ["go"])
#: One pair with two successors, and what follows them: two merges, then two labels.
FORK = TransitionData(
    [[0, 0, 1], [0, 0, 2], [1, 1, 3], [2, 1, 4]],
    {3: "red", 4: "blue"},
    ["x", "p", "q", "u", "v"],
    ["split", "on"],
)


@given(transition_data(max_observations=4))
def test_kernels_are_those_that_the_library_admits(data):
    found = admissible_kernels(facts_of(data))
    everything = map(Partition, all_partitions(data.n_obs))
    assert {Partition(ids) for ids in found} == {
        p for p in everything if is_admissible_for(data, p)
    }


@given(transition_data(max_observations=4))
def test_what_is_closed_and_respects_labels_is_admissible_and_nothing_else(data):
    facts = facts_of(data)
    closed = [ids for ids in closed_kernels(facts) if label_clash(facts, ids) is None]
    assert closed == admissible_kernels(facts)
    for ids in all_partitions(facts.n):
        assert (clash_of(facts, ids) is None) == (ids in closed)


@given(deterministic_mdps())
def test_levels_and_words_agree_with_the_refinement_and_with_each_other(mdp):
    facts, found = facts_of(mdp), bisimulation(mdp)
    history = levels(facts)
    assert [tuple(p.ids.tolist()) for p in found.history] == history
    words = separating_words(facts)
    for x, y in itertools.combinations(range(facts.n), 2):
        apart = [k for k, ids in enumerate(history) if ids[x] != ids[y]]
        assert words.get((x, y)) == (apart[0] if apart else None)


@given(st.integers(0, 2**16), st.floats(1e-6, 1e6))
def test_the_margin_has_no_scale(seed, scale):
    codes = np.random.default_rng(seed).normal(size=(4, 2))
    pairs = [(0, 1), (1, 3)]
    assert relative_margin(scale * codes, pairs) == pytest.approx(relative_margin(codes, pairs))


def test_all_partitions_are_counted_by_bell_numbers():
    assert [len(all_partitions(n)) for n in range(8)] == [1, 1, 2, 5, 15, 52, 203, 877]
    assert all(tuple(Partition(ids).ids.tolist()) == ids for ids in all_partitions(4))


def test_the_counting_chain():
    facts = facts_of(counting_chain(9))
    assert [1 + max(ids) for ids in levels(facts)] == [2, 4, 6, 8, 9]
    lengths = list(separating_words(facts).values())
    assert [lengths.count(k) for k in range(5)] == [8, 13, 9, 5, 1]


def test_the_kernels_of_the_twins():
    facts = facts_of(TWINS)
    assert admissible_kernels(facts) == [(0, 1, 0, 1), (0, 1, 2, 1), (0, 1, 2, 3)]
    assert levels(facts) == [(0, 1, 0, 1)]
    assert len(closed_kernels(facts)) == 9  # 4 with b and d apart, 5 with them together
    assert inside((0, 1, 2, 1), (0, 1, 0, 1))
    assert not inside((0, 1, 0, 1), (0, 1, 2, 1))
    assert pairs_merged("abab") == {(0, 2), (1, 3)}


def test_a_clash_is_said_by_names():
    facts = facts_of(TWINS)
    assert clash_of(facts, (0, 0, 1, 2)) == "'a' and 'b' share a code and have different labels"
    assert clash_of(facts, (0, 1, 0, 2)) == (
        "'a' and 'c' share a code, and action 'go' leads to 'b' and 'd', which do not"
    )
    fork = facts_of(FORK)
    assert clash_of(fork, range(5)) == (
        "'x' and 'x' share a code, and action 'split' leads to 'p' and 'q', which do not"
    )
    assert row_clash(fork, (0, 1, 1, 2, 2)) is None
    assert label_clash(fork, (0, 1, 1, 2, 2)) == (3, 4)


def test_words_run_through_covered_transitions_only():
    data = TransitionData([[0, 0, 2], [1, 0, 3], [4, 1, 3]], {2: "a", 3: "b"}, range(5), range(2))
    assert separating_words(facts_of(data)) == {(0, 1): 1, (2, 3): 0}


def test_the_margin_of_no_pair_and_of_one_code():
    assert relative_margin([[0.0], [1.0]], []) is None
    assert relative_margin([[2.0], [2.0]], [(0, 1)]) == 0.0
    assert relative_margin([[0.0], [1.0], [4.0]], [(0, 1)]) == 0.25


def test_a_proof_is_followed_step_by_step():
    facts, witness = facts_of(FORK), infeasibility(FORK)
    steps, clash = witness.steps, witness.clash
    assert len(steps) == 2
    assert wrong_proof(facts, steps, clash, None) is None
    assert "step 2: nothing shows that 'p' and 'q'" in wrong_proof(facts, steps[1:], clash, None)
    never = (replace(steps[0], x_next="u"), steps[1])
    assert wrong_proof(facts, never, clash, None) == "step 1: 'x', 'split' never led to 'u'"
    alone = replace(clash, because=())
    assert wrong_proof(facts, steps, alone, None) == "nothing shows that 'u' and 'v' share a code"
    unknown = replace(clash, because=(7,))
    assert wrong_proof(facts, steps, unknown, None) == "nothing shows that 'u' and 'v' share a code"
    same = replace(clash, y="p")
    assert "do not have two different labels" in wrong_proof(facts, steps, same, None)


def test_an_assumption_is_step_zero():
    facts, witness = facts_of(FORK), infeasibility(FORK)
    later = replace(witness.steps[1], number=1, because=(0,))
    clash = replace(witness.clash, because=(1,))
    assert wrong_proof(facts, [later], clash, ("p", "q")) is None
    assert wrong_proof(facts, [later], clash, None) is not None


def test_broken_raises_what_laws_raise():
    with pytest.raises(LawBroken, match="so it is"):
        broken("so it is")
