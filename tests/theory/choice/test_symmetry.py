"""Automorphisms against all permutations, and what they say of labels."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.choice.symmetry import (
    InvariantPairs,
    Symmetry,
    automorphism_moving,
    invariant_pairs,
)
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain, cycle, tree
from tellapart.theory.mdp import DeterministicMDP

MDPS = deterministic_mdps(min_observations=2, max_observations=6, max_actions=2, max_labels=2)
TWO_RINGS = DeterministicMDP([[1], [2], [0], [4], [5], [3]], [0, 0, 1, 0, 0, 1], "abcdef")


def _all_automorphisms(mdp, respect_labels):
    table, labels = mdp.successors, mdp.label_ids
    for images in itertools.permutations(range(mdp.n_obs)):
        image = np.array(images)
        if (image[table] == table[image]).all() and (
            not respect_labels or (labels[image] == labels).all()
        ):
            yield images


@given(MDPS, st.booleans())
def test_a_symmetry_is_found_exactly_when_there_is_one(mdp, respect_labels):
    known = list(_all_automorphisms(mdp, respect_labels))
    for x, y in itertools.permutations(range(mdp.n_obs), 2):
        found = automorphism_moving(mdp, x, y, respect_labels)
        assert (found is not None) == any(images[x] == y for images in known)
        if found is not None:
            assert tuple(found.permutation(mdp).tolist()) in known
            assert dict(found.moves)[x] == y
            assert found.verify(mdp)
            assert found.respects_labels >= respect_labels


@given(MDPS)
def test_what_a_symmetry_moves_is_never_told_apart(mdp):
    forced = bisimulation(mdp)
    found = invariant_pairs(mdp)
    event(f"symmetries: {len(found.symmetries)}")
    for symmetry in found.symmetries:
        assert symmetry.respects_labels
        assert all(forced.bisimilar(one, other) for one, other in symmetry.moves)
    looked = len(found.symmetries) + len(found.others)
    assert looked == mdp.n_obs - forced.partition.n_blocks
    n = mdp.n_obs
    assert found.n_merged == n * (n - 1) // 2 - forced.n_must_separate
    assert found.complete
    assert InvariantPairs.from_json(found.to_json()) == found


def test_known_symmetries():
    turned = automorphism_moving(cycle(5), 0, 2, respect_labels=False)
    assert turned.moves == ((0, 2), (1, 3), (2, 4), (3, 0), (4, 1))
    assert not turned.respects_labels
    assert automorphism_moving(cycle(5), 0, 2) is None
    swapped = automorphism_moving(TWO_RINGS, "a", "d")
    assert swapped.moves == (
        ("a", "d"), ("b", "e"), ("c", "f"), ("d", "a"), ("e", "b"), ("f", "c"),
    )  # fmt: skip
    assert swapped.moved == tuple("abcdef")
    assert automorphism_moving(TWO_RINGS, "a", "e") is None  # the labels forbid it
    assert automorphism_moving(TWO_RINGS, "a", "e", respect_labels=False) is not None
    assert automorphism_moving(counting_chain(9), 0, 8, respect_labels=False) is None


def test_what_only_leads_there_is_searched():
    """Two brooms into one cycle: the images of the straws are a free choice."""
    table = [[1], [0], [0], [0], [1], [1], [2], [3], [4], [5]]
    mdp = DeterministicMDP(table, [0] * 10)
    found = automorphism_moving(mdp, 6, 9)
    assert found.verify(mdp)
    assert dict(found.moves)[0] == 1
    assert automorphism_moving(mdp, 6, 7).moves == ((2, 3), (3, 2), (6, 7), (7, 6))
    assert automorphism_moving(mdp, 6, 2) is None


def test_large_rings_are_fast_enough():
    n = 20_000
    ring = DeterministicMDP(((np.arange(n) + 1) % n)[:, None], [0] * n)
    assert len(automorphism_moving(ring, 0, 7).moves) == n


def test_a_false_symmetry_does_not_verify():
    honest = automorphism_moving(cycle(3), 0, 1, respect_labels=False)
    mdp = cycle(3)
    assert honest.verify(mdp)
    assert not dataclasses.replace(honest, respects_labels=True).verify(mdp)
    assert not dataclasses.replace(honest, y=2).verify(mdp)
    assert not dataclasses.replace(honest, moves=((0, 1), (1, 0))).verify(mdp)
    assert not dataclasses.replace(honest, moves=((0, 1),)).verify(mdp)


def test_explanations():
    found = automorphism_moving(TWO_RINGS, "a", "d")
    assert "never tells 'a' and 'd' apart" in found.explain()
    assert repr(found) == "Symmetry('a' -> 'd', moves 6 observations)"
    assert Symmetry.from_json(found.to_json()) == found
    turned = automorphism_moving(cycle(20), 0, 1, respect_labels=False)
    assert ".. (20 in all)" in turned.explain()
    assert "must not respect it" in turned.explain()
    pairs = invariant_pairs(TWO_RINGS)
    assert "merges 3 pairs. Of 3 looked at, 3 are explained" in pairs.explain()
    copies = DeterministicMDP([[2], [2], [2], [0]], [0, 0, 1, 0])
    assert invariant_pairs(copies).others == ((0, 1),)
    assert not invariant_pairs(tree(3).with_labels([0] * 15), most=3).complete


def test_bad_questions_are_one_clear_error():
    with pytest.raises(InvalidArgumentError, match="The pair is 'a' twice"):
        automorphism_moving(TWO_RINGS, "a", "a")
    with pytest.raises(InvalidArgumentError, match="no observation named 'z'"):
        automorphism_moving(TWO_RINGS, "a", "z")
    for most in (0, True, 2.0):
        with pytest.raises(InvalidArgumentError, match="most is"):
            invariant_pairs(TWO_RINGS, most=most)
    with pytest.raises(InvalidArgumentError, match="The system is a list"):
        automorphism_moving([[0]], 0, 1)


def test_the_search_gives_up_when_told_to():
    star = DeterministicMDP([[0]] * 12, [0] * 12)
    with pytest.raises(BudgetExceededError, match="made 3 choices and is undecided"):
        automorphism_moving(star, 1, 2, max_steps=3)
