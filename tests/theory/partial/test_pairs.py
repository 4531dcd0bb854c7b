"""Pairs: words against folds, proofs that check, and corrupted evidence that does not."""

import dataclasses
import itertools

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.pairs import PairSeparation, separation_of
from tellapart.theory.partial.separation_checker import check_separation
from tellapart.theory.partition import Partition


@st.composite
def sparse_data(draw):
    """Up to ten observations, many missing pairs, a few doubled successors, few labels."""
    observation = st.integers(0, 9)
    row = st.tuples(observation, st.integers(0, 1), observation)
    rows = draw(st.lists(row, min_size=6, max_size=22))
    labels = draw(st.dictionaries(observation, st.integers(0, 1), min_size=2, max_size=6))
    return TransitionData(rows, labels, observations=[f"o{i}" for i in range(10)], actions="ab")


@given(sparse_data(), st.data())
def test_evidence_checks_and_corrupted_evidence_does_not(data, draw):
    classes = forced_classes(data)
    assume(classes.feasible)
    x, y = (data.observations[draw.draw(st.integers(0, 9))] for _ in range(2))
    result = separation_of(classes, x, y)
    event(f"word: {result.word is not None}, separated: {result.separated}")
    check = check_separation(data, result)
    assert check, (check.explain(), result.explain())
    assert bool(result) == result.separated
    assert PairSeparation.from_json(result.to_json()) == result
    for lie in _lies(data, result):
        refused = check_separation(data, lie)
        assert not refused
        assert refused.reason


def _lies(data, result):
    """Change each part of the evidence so that it cannot be right any more."""
    yield dataclasses.replace(result, separated=not result.separated)
    yield dataclasses.replace(result, x="nowhere")
    if not result.separated:
        yield dataclasses.replace(result, partition=Partition([0]))
        if result.x != result.y:
            yield dataclasses.replace(result, partition=Partition.identity(data.n_obs))
        if len(data.label_values) > 1:
            yield dataclasses.replace(result, partition=Partition.single_block(data.n_obs))
        return
    yield dataclasses.replace(result, clash=dataclasses.replace(result.clash, because=()))
    if result.steps:
        yield dataclasses.replace(result, steps=result.steps[1:])
    if result.word is not None:
        yield dataclasses.replace(result, x_trace=("other", *result.x_trace[1:]))
        yield dataclasses.replace(result, y_trace=result.y_trace[:-1])
        yield dataclasses.replace(
            result, x_trace=result.y_trace, y_trace=result.y_trace, word=result.word
        )


def test_words_alone_leave_four_pairs_and_folding_leaves_one(counting_without):
    """Without (7, -1) no word tells 5, 6 from 7, nor 6, 7 from 8; merging and folding does."""
    data = counting_without
    results = {pair: separation_of(data, *pair) for pair in itertools.combinations(range(9), 2)}
    without_word = [pair for pair, result in results.items() if result.word is None]
    assert without_word == [(5, 7), (6, 7), (6, 8), (7, 8)]
    assert [pair for pair, result in results.items() if not result] == [(7, 8)]
    assert all(check_separation(data, result) for result in results.values())
    assert results[7, 8].partition == Partition([0, 1, 2, 3, 4, 5, 6, 7, 7])
    assert all(result.words_complete for result in results.values())


def test_a_fold_is_explained_to_people(counting_without):
    assert separation_of(counting_without, 5, 7).explain() == (
        "5 and 7 must be told apart.\n"
        "No covered word shows it; merging and folding does.\n"
        "Suppose 5 and 7 share a code (the assumption).\n"
        "1. row 11: (5, +1) -> 6; row 14: (7, +1) -> 8; 5 and 7 share a code by the assumption: "
        "so 6 and 8 share a code.\n"
        "2. row 16: (8, +1) -> 8; row 13: (6, +1) -> 7; 8 and 6 share a code by 1: so 8 and 7 "
        "share a code.\n"
        "3. row 12: (6, -1) -> 5; row 10: (5, -1) -> 4; 6 and 5 share a code by 1, 2, the "
        "assumption: so 5 and 4 share a code.\n"
        "4. 5 is labelled 0, 4 is labelled 1, and they share a code by 3: contradiction."
    )


def test_a_word_has_both_traces(counting_without):
    result = separation_of(counting_without, 2, 3)
    assert result.word == ("+1",)
    assert (result.x_trace, result.y_trace) == ((0, 0), (0, 1))
    assert "Word +1: from 2 the labels are 0 -> 0," in result.explain()
    assert repr(result) == "PairSeparation(2 and 3 must be told apart by word ('+1',))"


def test_words_run_through_forced_merges():
    """From 1 the word goes on from 2, which must share a code with 3: rows say why."""
    rows = [(9, 0, 2), (9, 0, 3), (0, 1, 2), (1, 1, 4), (3, 1, 5), (4, 1, 6), (7, 0, 5), (7, 0, 8)]
    data = TransitionData(rows, {8: "goal", 6: "road"})
    result = separation_of(data, 0, 1)
    assert result.word == (1, 1)
    assert (result.x_trace, result.y_trace) == ((None, None, "goal"), (None, None, "road"))
    assert check_separation(data, result)
    assert "? -> ? -> goal" in result.explain()
    assert {row for step in result.steps for row in (step.x_row, step.y_row)} == {
        f"row {number}" for number in range(8)
    }


def test_the_budget_of_the_search_for_words_changes_the_evidence_only(counting_without):
    free = separation_of(counting_without, 0, 8)
    tight = separation_of(counting_without, 0, 8, max_pairs=2)
    assert free.separated
    assert tight.separated
    assert (len(free.word), tight.word, tight.words_complete) == (4, None, False)
    assert check_separation(counting_without, tight)
    assert "No covered word" not in tight.explain()


def test_one_observation_is_never_apart_from_itself(counting_without):
    result = separation_of(counting_without, 3, 3)
    assert not result
    assert result.partition == Partition.identity(9)


def test_errors_name_the_culprit(counting_without):
    with pytest.raises(InvalidArgumentError, match="no observation named 'nine'"):
        separation_of(counting_without, 0, "nine")
    with pytest.raises(InvalidArgumentError, match="max_pairs is True"):
        separation_of(counting_without, 0, 1, max_pairs=True)
    infeasible = TransitionData([[0, 0, 1], [0, 0, 2]], {1: "a", 2: "b"})
    with pytest.raises(InvalidArgumentError, match="infeasible"):
        separation_of(infeasible, 0, 1)
    with pytest.raises(InvalidArgumentError, match="data is a dict"):
        separation_of({}, 0, 1)
