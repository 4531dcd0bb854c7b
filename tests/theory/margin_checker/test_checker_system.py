"""The checker's naive reading of systems against the library."""

import itertools
import json

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.margin_checker.reading import Node, parse
from tellapart.theory.margin_checker.system import read_system, required_pairs
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.chain import infeasibility
from tellapart.theory.partial.pairs import separation_of
from tellapart.theory.serialise import dumps

MDPS = deterministic_mdps(max_observations=8, max_actions=3, max_labels=3)
LABELS = st.lists(
    st.one_of(
        st.integers(-3, 3),
        st.sampled_from([0.1, 2**60, 2**60 + 1, 10**400, True, "a", "b"]),
        st.fractions(max_denominator=7),
        st.tuples(st.integers(0, 2), st.floats(-1, 1)),
    ),
    min_size=1,
    max_size=5,
)


def read(system):
    return read_system(Node(json.loads(dumps(system)), "system"))


@given(MDPS)
def test_complete_systems_need_what_bisimilarity_separates(mdp):
    blocks = bisimulation(mdp).partition.ids
    wanted = {
        (x, y) for x, y in itertools.combinations(range(mdp.n_obs), 2) if blocks[x] != blocks[y]
    }
    assert required_pairs(read(mdp)) == wanted
    assert required_pairs(read(TransitionData.from_mdp(mdp))) == wanted


@given(st.data())
def test_partial_data_need_what_merging_and_folding_separates(data):
    n, m = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 2))
    index, action = st.integers(0, n - 1), st.integers(0, m - 1)
    triples = data.draw(st.lists(st.tuples(index, action, index), min_size=1, max_size=12))
    labels = data.draw(st.dictionaries(index, st.integers(0, 2), max_size=n))
    system = TransitionData(triples, labels, range(n), range(m))
    infeasible = infeasibility(system) is not None  # then every relation clashes
    wanted = {
        (x, y)
        for x, y in itertools.combinations(range(n), 2)
        if infeasible or separation_of(system, x, y)
    }
    event(f"needs some: {bool(wanted)}")
    assert required_pairs(read(system)) == wanted


@pytest.mark.filterwarnings("ignore::tellapart.theory.errors.NearbyLabelsWarning")
@given(LABELS)
def test_label_vectors_are_those_of_the_library(labels):
    mdp = DeterministicMDP([[0]] * len(labels), labels)
    found = read(mdp)
    for o, row in enumerate(mdp.label_vectors.tolist()):
        assert [float(part) for part in found.target(o)] == row


def test_names_of_all_kinds_are_read():
    names = ["a", 1, 2.5, (1, "b"), float("inf"), b"\x01"]
    mdp = DeterministicMDP([[0]] * 6, range(6), names, ["go"])
    assert read(mdp).observations == names
    assert read(mdp).transition_text(3) == "((1, 'b'), 'go', 'a')"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("successors", [[0], [2]], r"system.successors\[1\]\[0\] is 2, not an integer in 0..1"),
        ("successors", [[0], [True]], "is True, not an integer"),
        ("successors", [[0], [-1]], "is -1, not an integer"),
        ("successors", [[0]], "not a table of 2 observations by 1 actions"),
        ("successors", [[0, 1], [0, 1]], "not a table"),
        ("label_ids", [0, 2], "is 2, not an integer in 0..1"),
        ("label_ids", [0, -1], "is -1, not"),
        ("label_ids", [0], "1 labels for 2 observations"),
        ("label_values", ["a", "a"], "holds one label twice"),
        ("label_values", [1, True], "holds one label twice"),
        ("label_values", [None, 1], "is None, not a name or a label"),
        ("label_values", [{"fraction": "1/0"}, 1], "not a name or a label"),
        ("observations", {"tuple": [1, 1]}, "names something twice"),
        ("observations", {"range": [0, 10**15, 1]}, "more names than are read"),
        ("observations", {"range": [0, 2, 0]}, "is not a range"),
        ("observations", [0, 1], "is not a tuple"),
        ("actions", {"tuple": [{"bytes": "zz"}]}, "is not hexadecimal"),
    ],
)
def test_malformed_systems_are_an_error_that_names_the_place(field, value, message):
    mdp = DeterministicMDP([[0], [1]], ["a", "b"])
    data = json.loads(dumps(mdp)) | {field: value}
    with pytest.raises(InvalidArgumentError, match=message):
        read_system(Node(data, "system"))


@pytest.mark.parametrize(
    ("triples", "message"),
    [
        ([[0, 0, 1], [0, 0, 1]], "out of order or repeated"),
        ([[1, 0, 1], [0, 0, 1]], "out of order or repeated"),
        ([[0, 0]], "is not .observation, action, successor."),
        ([[0, 1, 1]], "not an integer in 0..0"),
    ],
)
def test_malformed_data_are_an_error(triples, message):
    data = json.loads(dumps(TransitionData([[0, 0, 1], [1, 0, 1]], {1: "goal"})))
    with pytest.raises(InvalidArgumentError, match=message):
        read_system(Node(data | {"triples": triples}, "system"))


@pytest.mark.parametrize("text", ["", "{", "[1,", "nul", '{"a": NaN}', '{"a": 1, "a": 2}',
                                  "[" * 100000, "9" * 5000])  # fmt: skip
def test_texts_that_are_not_json_are_an_error(text):
    with pytest.raises(InvalidArgumentError, match="the text is not JSON"):
        parse(text)


def test_names_may_hold_nothing_but_labels_may_not():
    mdp = DeterministicMDP([[1], [0]], [0, 1], [None, (1, None)])
    assert required_pairs(read(mdp)) == {(0, 1)}
    saved = json.loads(dumps(mdp))
    saved["label_values"] = [0, {"tuple": [1, None]}]
    with pytest.raises(InvalidArgumentError, match="is None, not a name or a label"):
        read_system(Node(saved, "system"))
