"""What the strategy for words promises about every example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.properties.word_strategies import words
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import combination_lock, counting_chain
from tellapart.theory.partial.chain import infeasibility

LOCK = combination_lock(5)
INFEASIBLE = TransitionData([[0, 0, 0], [0, 0, 1]], ["a", "b"])
UNSEEN = TransitionData([[0, 0, 2], [1, 0, 3], [2, 1, 2], [3, 1, 3]], {2: "goal", 3: "road"})


@given(st.data())
def test_words_are_tuples_of_actions_of_bounded_length(data):
    mdp = data.draw(deterministic_mdps())
    longest = data.draw(st.integers(0, 12))
    word = data.draw(words(mdp, longest, indices=True))
    assert isinstance(word, tuple)
    assert len(word) <= longest
    assert all(0 <= action < mdp.n_actions for action in word)
    mdp.run(0, word)  # can be followed


@given(words(counting_chain(9)))
def test_words_are_spelled_with_names(word):
    assert set(word) <= {"-1", "+1"}
    assert len(word) <= 9


@given(st.data())
def test_words_over_any_data_are_words_over_its_actions(data):
    logged = data.draw(transition_data())
    word = data.draw(words(logged, 4))
    assert set(word) <= set(logged.actions)
    assert len(word) <= 4


def seen(strategy):
    """Collect what a strategy draws."""
    found = set()

    @given(strategy)
    def collect(word):
        found.add(word)

    collect()
    return found


def test_the_longest_word_that_is_needed_is_drawn():
    result = bisimulation(LOCK)
    assert result.distinguishing_word(*result.hardest_pair) in seen(words(LOCK))


def test_words_of_data_are_covered_words_that_tell_apart():
    assert (0,) in seen(words(UNSEEN))
    assert infeasibility(INFEASIBLE) is not None
    assert () in seen(words(INFEASIBLE))


def test_without_anything_to_tell_apart_there_are_words_all_the_same():
    assert len(seen(words(counting_chain(9).with_labels([0] * 9)))) > 5


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: words([[0]]), "system is a list"),
        (lambda: words(LOCK, -1), "max_length is -1"),
        (lambda: words(LOCK, True), "max_length is True"),
        (lambda: words(LOCK, 2.0), "max_length is 2.0"),
    ],
)
def test_what_has_no_words_is_refused(build, message):
    with pytest.raises(InvalidArgumentError, match=message):
        build()
