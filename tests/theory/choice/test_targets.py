"""Sufficiency of a label for a target, against bisimulation by its definition."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.choice.targets import Sufficiency, suffices, target_partition
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import blow_up, counting_chain, grid, random_mdp
from tellapart.theory.partition import Partition

MDPS = deterministic_mdps(max_observations=9, max_actions=3, max_labels=3)
CHAIN = counting_chain(9)


def _bisimilar_pairs(mdp):
    """The largest bisimulation as a set of pairs: throw out pairs until none contradicts D3."""
    table, labels = mdp.successors.tolist(), mdp.label_ids.tolist()
    pairs = {
        (x, y) for x, y in itertools.combinations(range(mdp.n_obs), 2) if labels[x] == labels[y]
    }
    while True:
        wrong = {
            (x, y)
            for x, y in pairs
            for p, q in zip(table[x], table[y], strict=True)
            if p != q and (min(p, q), max(p, q)) not in pairs
        }
        if not wrong:
            return pairs
        pairs -= wrong


@given(MDPS, st.data())
def test_sufficiency_is_what_the_definition_says(mdp, data):
    classes = data.draw(
        st.lists(st.integers(0, 3), min_size=mdp.n_obs, max_size=mdp.n_obs), label="classes"
    )
    missing = {pair for pair in _bisimilar_pairs(mdp) if classes[pair[0]] != classes[pair[1]]}
    found = suffices(mdp, classes)
    assert bool(found) == found.holds == (not missing)
    assert found.n_missing == len(missing)
    separated = itertools.combinations(classes, 2)
    assert found.n_pairs == sum(one != other for one, other in separated)
    assert (found.witness in missing) if missing else found.witness is None
    assert Sufficiency.from_json(found.to_json()) == found


@given(MDPS)
def test_bisimilarity_itself_is_the_most_that_a_label_suffices_for(mdp):
    forced = bisimulation(mdp).partition
    assert suffices(mdp, forced)
    assert suffices(mdp, "label")
    assert suffices(mdp, Partition.single_block(mdp.n_obs))
    assert bool(suffices(mdp)) == (forced.n_blocks == mdp.n_obs)


def test_pairs_are_counted_without_listing_them():
    n = 50_000
    constant = random_mdp(n, 1, 1)
    found = suffices(constant)
    assert found.n_missing == found.n_pairs == n * (n - 1) // 2


def test_explanations_name_a_pair_and_the_numbers():
    assert suffices(CHAIN).explain() == (
        "The label suffices: every zero-loss encoder keeps all 36 pairs of the target apart "
        "(9 blocks of bisimilarity refine its 9)."
    )
    assert repr(suffices(CHAIN)) == "Sufficiency(holds, 36 pairs)"
    copies = blow_up(CHAIN, copies=2)
    found = suffices(copies)
    assert found.witness == ((0, 0), (0, 1))
    assert "9 of the 153 pairs" in found.explain()
    assert "For example (0, 0) and (0, 1)" in found.explain()
    assert "fails for 9 of 153 pairs" in repr(found)


def test_every_way_to_give_a_target():
    chain = counting_chain(3)
    parity = Partition([0, 1, 0])
    assert target_partition(chain, "observation") == Partition.identity(3)
    assert target_partition(chain, "label") == parity
    assert target_partition(chain, parity) is parity
    assert target_partition(chain, ["even", "odd", "even"]) == parity
    assert target_partition(chain, np.array([5, -1, 5])) == parity
    assert target_partition(chain, {2: "even", 0: "even", 1: "odd"}) == parity
    rows = grid(2, 2)
    assert target_partition(rows, {name: name[0] for name in rows.observations}).n_blocks == 2


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("count", "The target is 'count'; as a word"),
        (Partition([0, 1]), "has 2 entries and the system has 9 observations"),
        ([0] * 10, "has 10 entries"),
        ({0: 0}, r"no class to the observation 1 \(8 have none\)"),
        ({"nine": 0}, "no observation named 'nine'"),
        (3, "The target is a int"),
        (np.array(3), "The target is a ndarray"),
        (None, "The target is a NoneType"),
    ],
)
def test_bad_targets_are_one_clear_error(target, message):
    with pytest.raises(InvalidArgumentError, match=message):
        suffices(CHAIN, target)


def test_a_class_that_is_no_value_is_refused():
    with pytest.raises(InvalidLabelError, match="number 8"):
        suffices(CHAIN, [0.0] * 8 + [float("nan")])


def test_incomplete_data_are_refused_with_the_way_out():
    with pytest.raises(InvalidArgumentError, match=r"TransitionData\.to_mdp"):
        suffices(TransitionData([[0, 0, 1]]), "observation")
