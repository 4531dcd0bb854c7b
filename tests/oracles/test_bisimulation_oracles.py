"""Partitions and words against unrelated implementations: BisPy, AALpy, automata-lib, mCRL2."""

import pytest
from hypothesis import given, settings
from third_party import available, disagreement, moore_machine, read_ltscompare

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.gallery import (
    blow_up,
    combination_lock,
    counting_chain,
    de_bruijn,
    hopcroft_ullman,
    random_mdp,
)

pytest.importorskip("aalpy")
pytest.importorskip("automata")
pytest.importorskip("bispy")

pytestmark = pytest.mark.oracle

MDPS = deterministic_mdps(max_observations=12, max_actions=3, max_labels=3)
KNOWN = [
    counting_chain(15),
    combination_lock(6),
    blow_up(counting_chain(7), copies=3, seed=1),
    de_bruijn(4),
    hopcroft_ullman(),
    random_mdp(n=40, seed=7),
]


@pytest.mark.parametrize("library", available())
@given(mdp=MDPS)
@settings(max_examples=40)
def test_a_library_finds_the_same_partition(library, mdp):
    assert disagreement(mdp, [library]) is None


@pytest.mark.parametrize("library", available())
@pytest.mark.parametrize("mdp", KNOWN, ids=repr)
def test_a_library_finds_the_same_partition_of_known_systems(library, mdp):
    assert disagreement(mdp, [library]) is None


def _check_words(mdp):
    """AALpy's words need not be the shortest, so ours are at most as long."""
    machine, states = moore_machine(mdp)
    result = bisimulation(mdp)
    alphabet = list(range(mdp.n_actions))
    for x in range(mdp.n_obs):
        for y in range(x):
            found = machine.find_distinguishing_seq(states[x], states[y], alphabet)
            word = result.word_of_indices(x, y)
            assert (found is None) == (word is None)
            if found is not None:
                assert len(word) <= len(found)


@given(MDPS)
@settings(max_examples=30)
def test_aalpy_has_no_shorter_words(mdp):
    _check_words(mdp)


@pytest.mark.parametrize("mdp", KNOWN[:4], ids=repr)
def test_aalpy_has_no_shorter_words_for_known_systems(mdp):
    _check_words(mdp)


def test_a_wrong_partition_is_noticed(monkeypatch):
    """The comparison can fail: an engine that merges everything is named."""
    mdp = counting_chain(5)
    blind = bisimulation(mdp.with_labels([0] * 5))
    monkeypatch.setattr("third_party.bisimulation", lambda mdp, method: blind)
    assert disagreement(mdp, ["BisPy"]) == "BisPy and method='auto'"


def test_the_answer_of_mcrl2_is_read():
    assert read_ltscompare("[info] LTSs are equal (strong bisimilarity)")
    assert not read_ltscompare("LTSs are not equal (strong bisimilarity)")
    with pytest.raises(ValueError, match="not understood"):
        read_ltscompare("Could not open file")
