"""Metamorphic relations: order and number of observations change no answer."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.audit import audit
from tellapart.theory.bisimulation import bisimulation, is_admissible
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.lattice.count import count_admissible
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partition import Partition
from tellapart.theory.relabelling import duplicated, rename, with_unreachable

SMALL = {"max_observations": 6, "max_actions": 2}


@st.composite
def reordered(draw):
    mdp = draw(deterministic_mdps(**SMALL))
    orders = [draw(st.permutations(names)) for names in (mdp.observations, mdp.actions)]
    return mdp, rename(mdp, *orders)


@st.composite
def copied(draw):
    mdp = draw(deterministic_mdps(**SMALL))
    names = draw(st.lists(st.sampled_from(mdp.observations), max_size=4))
    return mdp, duplicated(mdp, names, seed=draw(st.none() | st.integers(0, 99)))


@st.composite
def joined(draw):
    mdp = draw(deterministic_mdps(**SMALL, min_actions=2))
    other = draw(deterministic_mdps(**SMALL, min_actions=2))
    return mdp, other, with_unreachable(mdp, other)


def named_blocks(mdp, partition):
    return {frozenset(mdp.observations[o] for o in block) for block in partition.blocks}


def pairs(mdp):
    return itertools.combinations(mdp.observations, 2)


def tells_apart(mdp, word, x, y):
    """Run the word on the tables themselves (S7)."""
    steps = [mdp.action_index(a) for a in word]
    ends = [mdp.labels[mdp.run(mdp.observation_index(name), steps)] for name in (x, y)]
    return ends[0] != ends[1]


@given(reordered())
def test_order_changes_nothing_that_has_a_name(case):
    mdp, other = case
    old, new = bisimulation(mdp), bisimulation(other)
    assert old.blocks_by_depth == new.blocks_by_depth
    for k in range(old.depth + 1):
        assert named_blocks(mdp, old.history[k]) == named_blocks(other, new.history[k])
    assert old.pairs_by_depth == new.pairs_by_depth
    for x, y in pairs(mdp):
        first, second = old.distinguishing_word(x, y), new.distinguishing_word(x, y)
        assert (first is None) == (second is None)
        if first is not None:
            assert len(first) == len(second)
            assert tells_apart(mdp, second, x, y)
            assert tells_apart(other, first, x, y)


@given(reordered())
def test_order_changes_no_count_and_no_capacity(case):
    mdp, other = case
    assert count_admissible(mdp).value == count_admissible(other).value
    old, new = capacity(mdp), capacity(other)
    assert (old.linear, old.affine) == (new.linear, new.affine)
    old, new = audit(mdp), audit(other)
    assert (old.n_must_separate, old.min_codes) == (new.n_must_separate, new.min_codes)
    old, new = (separation_relation(TransitionData.from_mdp(one)) for one in case)
    assert old.n_must_separate == new.n_must_separate


@given(reordered())
def test_the_way_back_gives_the_same_bytes(case):
    mdp, other = case
    back = rename(other, mdp.observations, mdp.actions)
    assert back == mdp
    assert back.successors.tolist() == mdp.successors.tolist()


@given(copied())
def test_copies_are_bisimilar_and_change_no_depth(case):
    mdp, other = case
    old, new = bisimulation(mdp), bisimulation(other)
    assert old.blocks_by_depth == new.blocks_by_depth
    for name in other.observations[mdp.n_obs :]:
        assert new.bisimilar(name, name[0])
    for x, y in pairs(mdp):
        assert old.separation_depth(x, y) == new.separation_depth(x, y)
        assert old.distinguishing_word(x, y) == new.distinguishing_word(x, y)
    sizes = dict.fromkeys(range(old.partition.n_blocks), 0)
    for name in other.observations:
        sizes[old.block_of(name if name in mdp.observations else name[0])] += 1
    apart = sum(a * b for a, b in itertools.combinations(sizes.values(), 2))
    assert new.n_must_separate == apart


@given(copied())
def test_copies_change_no_capacity_and_never_lose_a_kernel(case):
    mdp, other = case
    old, new = capacity(mdp), capacity(other)
    assert (old.linear, old.affine) == (new.linear, new.affine)
    # Each admissible partition is still one when every copy joins its original.
    assert count_admissible(other).value >= count_admissible(mdp).value


@given(joined())
def test_what_is_added_changes_no_answer_about_the_rest(case):
    mdp, other, both = case
    old, added, new = bisimulation(mdp), bisimulation(other), bisimulation(both)
    for x, y in pairs(mdp):
        assert old.distinguishing_word(x, y) == new.distinguishing_word(x, y)
    for x, y in pairs(other):
        assert added.separation_depth(x, y) == new.separation_depth(("added", x), ("added", y))
    assert new.depth >= max(old.depth, added.depth)
    n = mdp.n_obs
    assert is_admissible(mdp, Partition(new.partition.ids[:n]))
    assert Partition(new.partition.ids[:n]) == old.partition
    assert Partition(new.partition.ids[n:]) == added.partition


@given(joined())
def test_kernels_of_the_parts_make_kernels_of_the_whole(case):
    mdp, other, both = case
    parts = count_admissible(mdp).value * count_admissible(other).value
    assert count_admissible(both).value >= parts
    sizes = [capacity(one).linear for one in case]
    assert max(sizes[:2]) <= sizes[2] <= sum(sizes[:2])


def test_twins_side_by_side_need_no_more_capacity():
    chain = counting_chain(5)
    both = with_unreachable(chain, chain)
    assert capacity(both).linear == capacity(chain).linear == 5
    assert bisimulation(both).partition.n_blocks == 5
    assert bisimulation(both).bisimilar(0, ("added", 0))
    # 5 blocks of two: identity, or any set of twins merged that the steps respect.
    assert count_admissible(chain).value == 1
    assert count_admissible(both).value == 2


def test_copies_of_the_counting_chain():
    twice = duplicated(counting_chain(9), range(9), seed=0)
    found = bisimulation(twice)
    assert (twice.n_obs, found.partition.n_blocks, found.depth) == (18, 9, 4)
    assert twice.observations[9:] == tuple((o, 1) for o in range(9))
    assert twice.successors.max() >= 9
    assert duplicated(counting_chain(9), range(9), seed=0) == twice
    assert set(duplicated(counting_chain(9), [3]).successors.reshape(-1).tolist()) == set(range(9))


def test_actions_are_matched_by_name():
    left = DeterministicMDP([[0, 1], [0, 1]], [0, 1], actions=["a", "b"])
    right = DeterministicMDP([[1, 0], [1, 0]], [0, 1], actions=["b", "a"])
    both = with_unreachable(left, right)
    assert both.actions == ("a", "b")
    assert bisimulation(both).bisimilar(0, ("added", 0))


TWO = counting_chain(2)
TAKEN = DeterministicMDP([[0], [0]], [0, 1], [0, (0, 1)])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rename([[0]]), "mdp is a list"),
        (lambda: rename(TWO, [0, 0]), "names 0 twice; give all 2 observations"),
        (lambda: rename(TWO, [0]), "has 1 names; give all 2 observations"),
        (lambda: rename(TWO, [0, 7]), "7"),
        (lambda: rename(TWO, None, ["-1"]), "action_order has 1 names"),
        (lambda: duplicated(TWO, [5]), "5"),
        (lambda: duplicated(TWO, [0], seed=-1), "seed is -1"),
        (lambda: duplicated(TWO, [0], seed=True), "seed is True"),
        (lambda: duplicated(TAKEN, [0]), r"named \(0, 1\) already"),
        (lambda: with_unreachable(TWO, None), "other is a NoneType"),
        (lambda: with_unreachable(TWO, TAKEN), "same names of actions"),
        (
            lambda: with_unreachable(with_unreachable(TWO, TWO), TWO),
            r"named \('added', 0\) already",
        ),
    ],
)
def test_what_is_no_change_of_an_mdp_is_refused(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()
