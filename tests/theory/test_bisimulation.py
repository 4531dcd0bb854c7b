"""Bisimilarity: known answers, words against brute force, and what renaming must not change."""

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import METHODS, bisimulation, is_admissible, is_bisimulation
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, hopcroft_ullman, pick, redundant_pick
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

MDPS = deterministic_mdps(max_observations=12, max_actions=3, max_labels=3)
TINY = deterministic_mdps(max_observations=6, max_actions=2, max_labels=2)


def _shortest_words(mdp, x, y):
    """All shortest distinguishing words of two indices, by trying words in order of length."""
    for length in range(mdp.n_obs):
        words = [
            word
            for word in itertools.product(range(mdp.n_actions), repeat=length)
            if mdp.label_ids[mdp.run(x, word)] != mdp.label_ids[mdp.run(y, word)]
        ]
        if words:
            return words
    return []


@given(TINY)
def test_words_are_the_first_of_the_shortest(mdp):
    result = bisimulation(mdp)
    for x in range(mdp.n_obs):
        for y in range(mdp.n_obs):
            words = _shortest_words(mdp, x, y)
            assert result.word_of_indices(x, y) == (words[0] if words else None)
            assert result.depth_of_indices(x, y) == (len(words[0]) if words else None)
            assert result.bisimilar(x, y) == (not words)


@given(MDPS)
def test_words_separate_and_have_the_length_of_the_depth(mdp):
    for method in METHODS:
        result = bisimulation(mdp, method=method)
        for x, y in itertools.combinations(range(mdp.n_obs), 2):
            word = result.word_of_indices(x, y)
            if word is None:
                assert result.partition.same_block(x, y)
                continue
            assert mdp.label_trace(x, word)[-1] != mdp.label_trace(y, word)[-1]
            assert mdp.label_trace(x, word)[:-1] == mdp.label_trace(y, word)[:-1]
            assert len(word) == result.depth_of_indices(x, y) <= result.depth


@given(MDPS)
def test_bisimilarity_is_the_largest_bisimulation(mdp):
    result = bisimulation(mdp)
    assert is_bisimulation(mdp, result.partition)
    assert is_admissible(mdp, result.partition)
    assert is_bisimulation(mdp, Partition.identity(mdp.n_obs))
    for b, c in itertools.combinations(range(result.partition.n_blocks), 2):
        ids = result.partition.ids
        merged = Partition(np.where(ids == c, b, ids))
        assert not is_bisimulation(mdp, merged)


@given(MDPS)
def test_counts_of_pairs_are_those_of_the_history(mdp):
    result = bisimulation(mdp)
    apart = [partition.n_separated_pairs for partition in result.history]
    assert list(itertools.accumulate(result.pairs_by_depth)) == apart
    assert result.n_must_separate == apart[-1]
    assert result.blocks_by_depth == tuple(p.n_blocks for p in result.history)
    assert len(result.history) == result.depth + 1
    assert result.history[-1] == result.partition == result.history[:][-1]
    for coarse, fine in itertools.pairwise(result.history):
        assert fine.refines(coarse)
        assert fine != coarse


@given(MDPS)
def test_hardest_pair_is_the_first_that_needs_the_whole_depth(mdp):
    result = bisimulation(mdp)
    hardest = [
        pair
        for pair in itertools.combinations(range(mdp.n_obs), 2)
        if result.depth_of_indices(*pair) == result.depth
    ]
    assert result.hardest_pair == (hardest[0] if hardest else None)


@given(MDPS, st.randoms(use_true_random=False))
def test_renaming_observations_and_actions_changes_nothing_else(mdp, random):
    order = random.sample(range(mdp.n_obs), mdp.n_obs)
    actions = random.sample(range(mdp.n_actions), mdp.n_actions)
    place = np.argsort(order)
    shuffled = DeterministicMDP(
        place[mdp.successors[order]][:, actions],
        [mdp.labels[o] for o in order],
        [f"o{o}" for o in order],
        [f"a{a}" for a in actions],
    )
    result, other = bisimulation(mdp), bisimulation(shuffled)
    assert other.blocks_by_depth == result.blocks_by_depth
    assert other.pairs_by_depth == result.pairs_by_depth
    assert other.partition == Partition(result.partition.ids[order])
    for x, y in itertools.combinations(range(mdp.n_obs), 2):
        depth = result.separation_depth(x, y)
        assert other.separation_depth(f"o{x}", f"o{y}") == depth


@given(MDPS, st.data())
def test_a_duplicate_is_bisimilar_to_its_original(mdp, data):
    original = data.draw(st.integers(0, mdp.n_obs - 1))
    table = np.vstack([mdp.successors, mdp.successors[original]])
    result = bisimulation(DeterministicMDP(table, [*mdp.labels, mdp.labels[original]]))
    assert result.bisimilar(original, mdp.n_obs)
    assert result.blocks_by_depth == bisimulation(mdp).blocks_by_depth


@given(MDPS, MDPS)
def test_what_is_not_reached_does_not_matter(mdp, other):
    if mdp.n_actions != other.n_actions:
        other = DeterministicMDP(
            other.successors[:, np.arange(mdp.n_actions) % other.n_actions], other.labels
        )
    table = np.vstack([mdp.successors, other.successors + mdp.n_obs])
    both = bisimulation(DeterministicMDP(table, [*mdp.labels, *other.labels]))
    alone = bisimulation(mdp)
    assert Partition(both.partition.ids[: mdp.n_obs]) == alone.partition
    for x, y in itertools.combinations(range(mdp.n_obs), 2):
        assert both.word_of_indices(x, y) == alone.word_of_indices(x, y)


@given(MDPS, st.integers(0, 2**32 - 1))
def test_blow_up_keeps_the_number_of_blocks(mdp, seed):
    large = bisimulation(blow_up(mdp, copies=3, seed=seed))
    assert large.blocks_by_depth == bisimulation(mdp).blocks_by_depth


@pytest.mark.parametrize("method", METHODS)
def test_counting_chain(method):
    result = bisimulation(counting_chain(9), method=method)
    assert result.blocks_by_depth == (2, 4, 6, 8, 9)
    assert result.depth == 4
    assert result.pairs_by_depth[-1] == 1
    assert result.hardest_pair == (0, 8)
    assert result.separation_depth(0, 8) == 4
    assert result.n_must_separate == 36
    assert len(result.distinguishing_word(0, 8)) == 4
    assert result.distinguishing_word(3, 4) == ()
    assert result.distinguishing_word(3, 3) is None


@pytest.mark.parametrize(
    ("labels", "blocks"),
    [
        ([0] * 9, (1,)),
        ([1 - abs(c - 4) / 8 + (c == 4) for c in range(9)], (5, 9)),
    ],
    ids=["constant", "dense"],
)
def test_counting_chain_with_other_labels(labels, blocks):
    result = bisimulation(counting_chain(9).with_labels(labels))
    assert result.blocks_by_depth == blocks


def test_counting_chain_with_one_action():
    up = DeterministicMDP([[min(c + 1, 8)] for c in range(9)], [int(c == 4) for c in range(9)])
    assert bisimulation(up).partition.n_blocks == 6


def test_other_known_answers():
    assert bisimulation(pick()).partition.n_blocks == 5
    assert bisimulation(redundant_pick()).partition.n_blocks == 5
    assert bisimulation(hopcroft_ullman()).partition.n_blocks == 5


def test_names_are_used_throughout_and_unknown_ones_are_refused():
    mdp = DeterministicMDP(
        [[0, 1], [0, 2], [1, 2]], [0, 0, 1], ["west", "middle", "east"], ["left", "right"]
    )
    result = bisimulation(mdp)
    assert result.distinguishing_word("west", "middle") == ("right",)
    assert result.hardest_pair == ("west", "middle")
    assert result.block_of("east") == 2
    with pytest.raises(InvalidArgumentError, match="no observation named 'north'"):
        result.block_of("north")
    with pytest.raises(InvalidArgumentError, match="no observation named 'north'"):
        result.distinguishing_word("west", "north")


def test_unknown_method_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"'fastest'.*'auto', 'compiled'"):
        bisimulation(pick(), method="fastest")


def test_explain_and_repr_of_a_deep_result_stay_short():
    result = bisimulation(counting_chain(201))
    assert result.hardest_pair == (0, 200)
    text = result.explain()
    assert "201 observations fall into 201 blocks" in text
    assert "20100 of 20100 pairs" in text
    assert "Hardest pair: 0 and 200" in text
    assert max(map(len, text.splitlines())) < 250
    assert len(repr(result)) < 250


def test_explain_when_nothing_has_to_be_told_apart():
    result = bisimulation(DeterministicMDP([[0], [0]], ["same", "same"]))
    assert result.hardest_pair is None
    assert "No encoder has to tell any two" in result.explain()
    assert result.pairs_by_depth == (0,)


def test_results_of_all_methods_are_equal_and_survive_pickling():
    results = [bisimulation(counting_chain(9), method=method) for method in METHODS]
    assert all(result == results[0] for result in results)
    assert len({hash(result) for result in results}) == 1
    for result in results:
        word = result.distinguishing_word(0, 8)
        copy = pickle.loads(pickle.dumps(result))
        assert copy == result
        assert copy.distinguishing_word(0, 8) == word


def test_history_is_a_sequence_with_ends():
    history = bisimulation(counting_chain(9)).history
    assert [p.n_blocks for p in history[1:3]] == [4, 6]
    assert history[-1].n_blocks == 9
    with pytest.raises(IndexError, match=r"0 \.\. 4"):
        history[5]


@given(MDPS, st.data())
def test_witnesses_of_instability_are_real(mdp, data):
    ids = data.draw(st.lists(st.integers(0, 2), min_size=mdp.n_obs, max_size=mdp.n_obs))
    partition = Partition(ids)
    answer = is_bisimulation(mdp, partition)
    if answer:
        assert answer.kind is None
        assert partition.refines(bisimulation(mdp).partition)
        return
    assert partition.same_block(answer.x, answer.y)
    if answer.kind == "label":
        assert answer.evidence == (mdp.labels[answer.x], mdp.labels[answer.y])
        assert answer.evidence[0] != answer.evidence[1]
    else:
        ends = tuple(int(mdp.successors[o, answer.action]) for o in (answer.x, answer.y))
        assert answer.evidence == ends
        assert not partition.same_block(*ends)


def test_instability_is_explained_with_names():
    mdp = DeterministicMDP([[0], [0], [1]], ["a", "a", "b"], ["x", "y", "z"], ["go"])
    label = is_bisimulation(mdp, Partition([0, 1, 1]))
    assert "'y' and 'z' share a block, but have the labels 'a' and 'b'" in label.explain()
    flat = mdp.with_labels(["a"] * 3)
    successor = is_admissible(flat, Partition([0, 1, 1]))
    assert "not admissible" in successor.explain()
    assert "'go' leads to 'x' and 'y'" in successor.explain()
    assert "agree inside" in is_bisimulation(flat, Partition([0, 0, 0])).explain()
    with pytest.raises(InvalidArgumentError, match="of 2 observations and the MDP has 3"):
        is_bisimulation(mdp, Partition([0, 0]))


def test_more_transitions_than_32_bits_can_count_are_refused(monkeypatch):
    monkeypatch.setattr("tellapart.theory.refinement.engines._MAX_TRANSITIONS", 4)
    with pytest.raises(BudgetExceededError, match="method='numpy'"):
        bisimulation(counting_chain(3), method="compiled")
