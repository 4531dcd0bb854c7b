"""Labels side by side: every column against its own definition, and the order of candidates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps, labelings
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.choice.comparison import LabelComparison, compare_labels
from tellapart.theory.choice.targets import suffices
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import counting_chain, gallery_mdp
from tellapart.theory.partition import Partition

CHAIN = counting_chain(9)
CANDIDATES = {
    "middle": CHAIN.labels,
    "constant": [0] * 9,
    "parity": [c % 2 for c in range(9)],
    "count": list(range(9)),
}


@given(deterministic_mdps(max_observations=8), st.data())
def test_columns_are_those_of_bisimulation_and_sufficiency(mdp, data):
    labels = {name: data.draw(labelings(mdp)) for name in "abc"}
    found = compare_labels(mdp, labels, "observation")
    assert [row.name for row in found.rows] == ["a", "b", "c"]
    for row in found.rows:
        system = mdp.with_labels(labels[row.name])
        result, enough = bisimulation(system), suffices(system)
        assert row.partition == result.partition
        assert row.n_values == row.n_label_blocks == len(system.label_values)
        assert (row.n_blocks, row.depth) == (result.partition.n_blocks, result.depth)
        assert row.n_must_separate == result.n_must_separate
        assert (row.n_missing, row.example) == (enough.n_missing, enough.witness)
        assert row.suffices == bool(enough)
        assert row.rank is None
    for one in found.rows:
        for other in found.rows:
            finer = one.partition.refines(other.partition)
            same = one.partition == other.partition
            assert found.strictly_better(one.name, other.name) == (finer and not same)
    beaten = {other for _, other in found.order}
    assert set(found.best) == set("abc") - beaten
    assert LabelComparison.from_json(found.to_json()) == found


@given(deterministic_mdps(max_observations=8), st.data())
def test_the_default_target_is_what_all_candidates_force_together(mdp, data):
    labels = {name: data.draw(labelings(mdp)) for name in "ab"}
    found = compare_labels(mdp, labels)
    one, other = found.rows
    assert found.target == one.partition.meet(other.partition)
    joint = bisimulation(
        mdp.with_labels(list(zip(labels["a"], labels["b"], strict=True)))
    ).partition
    assert joint.refines(found.target)
    assert all(row.suffices == (row.partition == found.target) for row in found.rows)


def test_the_counting_chain():
    found = compare_labels(CHAIN, CANDIDATES)
    assert [row.n_blocks for row in found.rows] == [9, 1, 9, 9]
    assert [row.depth for row in found.rows] == [4, 0, 4, 0]
    assert found["constant"].n_missing == 36
    assert found["constant"].example == (0, 1)
    assert found.sufficient == found.best == ("middle", "parity", "count")
    assert found.equivalent == (("middle", "parity"), ("middle", "count"), ("parity", "count"))
    assert found.strictly_better("count", "constant")
    assert repr(found).startswith("LabelComparison(blocks middle: 9, constant: 1, ")


def test_the_table_reads_like_this():
    puck = gallery_mdp("redundant-pick")
    again = [name.endswith("again") for name in puck.observations]
    labels = {
        "reward": puck.labels,
        "nothing": [0] * 9,
        "both": list(zip(puck.labels, again, strict=True)),
    }
    text = compare_labels(puck, labels, "observation").explain().splitlines()
    assert text[0] == "target: every observation apart (9 blocks, 36 pairs to keep apart)"
    assert text[2].split() == ["label", "values", "|B_0|", "|B*|", "depth", "pairs", "apart",
                               "missing"]  # fmt: skip
    assert text[3].split()[:7] == ["reward", "2", "2", "5", "1", "32", "4"]
    assert text[5].split() == ["both", "3", "3", "9", "1", "36", "0"]
    assert text[7:] == [
        "suffices: both",
        "reward forces more apart than nothing",
        "both forces more apart than reward",
    ]


def test_the_rank_is_shown_where_it_is_computed():
    found = compare_labels(CHAIN, {"middle": CHAIN.labels}, rank=lambda system: system.n_obs + 1)
    assert found["middle"].rank == 10
    heads, body = found.table()
    assert body[0][heads.index("rank")] == "10"
    assert "rank" not in compare_labels(CHAIN, {"middle": CHAIN.labels}).explain()


def test_targets_are_named():
    labels = {"constant": [0] * 9}
    assert compare_labels(CHAIN, labels, "label").target_name == "the blocks of the label"
    assert compare_labels(CHAIN, labels, Partition([0] * 9)).target_name == "as given"
    assert "suffices: none of them" in compare_labels(CHAIN, labels, "label").explain()


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ({}, InvalidArgumentError, "at least one candidate"),
        ([0] * 9, InvalidArgumentError, "must be a mapping"),
        ({3: [0] * 9}, InvalidArgumentError, "candidate label 3 is not named by text"),
        ({" ": [0] * 9}, InvalidArgumentError, "not named by text"),
        ({"reward": [0] * 8}, InvalidLabelError, "'reward': There are 8 labels for 9"),
        ({"reward": [float("nan")] * 9}, InvalidLabelError, "'reward': Observation number 0"),
        ({"reward": 1}, InvalidLabelError, "'reward': labels is a int"),
    ],
)
def test_bad_candidates_are_named(labels, error, message):
    with pytest.raises(error, match=message):
        compare_labels(CHAIN, labels)


def test_an_unknown_candidate_is_refused():
    found = compare_labels(CHAIN, CANDIDATES)
    with pytest.raises(InvalidArgumentError, match="The candidate labels are 'middle', 'constant'"):
        found["reward"]
