"""NetworkX in and out: round trips without loss, and one clear error for each defect."""

import io
import json

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    DuplicateTransitionError,
    InvalidLabelError,
    InvalidMDPError,
    MissingTransitionError,
)
from tellapart.theory.gallery import gallery, grid
from tellapart.theory.graphs import transition_data_from_networkx, transition_data_to_networkx
from tellapart.theory.mdp import DeterministicMDP

names = st.one_of(st.integers(-3, 9), st.text("abc", min_size=1, max_size=2))
any_names = st.one_of(names, st.tuples(names, names), st.frozensets(names, max_size=2))
labels = st.one_of(st.integers(0, 2), st.fractions(0, 2, max_denominator=2), st.tuples(names))


@st.composite
def named_mdps(draw, name=any_names, label=labels):
    mdp = draw(deterministic_mdps(max_observations=5))
    return DeterministicMDP(
        mdp.successors,
        draw(st.lists(label, min_size=mdp.n_obs, max_size=mdp.n_obs)),
        draw(st.lists(name, min_size=mdp.n_obs, max_size=mdp.n_obs, unique=True)),
        draw(st.lists(name, min_size=mdp.n_actions, max_size=mdp.n_actions, unique=True)),
    )


@given(named_mdps())
def test_round_trip_is_without_loss(mdp):
    graph = mdp.to_networkx()
    assert graph.number_of_edges() == mdp.n_obs * mdp.n_actions
    again = DeterministicMDP.from_networkx(graph)
    assert again == mdp
    assert tuple(again.observations) == tuple(mdp.observations)
    assert tuple(again.actions) == tuple(mdp.actions)


@given(named_mdps())
def test_attribute_names_are_free(mdp):
    graph = mdp.to_networkx(action="move", label="colour")
    assert DeterministicMDP.from_networkx(graph, "move", "colour") == mdp


def as_strings(mdp):
    return DeterministicMDP(
        mdp.successors, mdp.labels, [str(name) for name in mdp.observations], mdp.actions
    )


plain = st.text("abc", min_size=1, max_size=3)
plain_labels = st.one_of(st.integers(-5, 5), st.sampled_from([0.5, -2.25]), plain)


@given(named_mdps(name=plain, label=plain_labels))
def test_graphml_round_trip(mdp):
    buffer = io.BytesIO()
    nx.write_graphml(mdp.to_networkx(), buffer)
    buffer.seek(0)
    assert DeterministicMDP.from_networkx(nx.read_graphml(buffer)) == mdp


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_graphml_turns_names_into_strings_and_nothing_else(entry):
    mdp = entry.build()
    buffer = io.BytesIO()
    nx.write_graphml(mdp.to_networkx(), buffer)
    buffer.seek(0)
    assert DeterministicMDP.from_networkx(nx.read_graphml(buffer)) == as_strings(mdp)


json_names = st.one_of(names, st.tuples(names, names))


@given(
    named_mdps(name=json_names, label=st.one_of(plain_labels, st.tuples(names, names))),
    st.sampled_from(["links", "edges"]),
)
def test_node_link_json_round_trip(mdp, edges):
    text = json.dumps(nx.node_link_data(mdp.to_networkx(), edges=edges))
    graph = nx.node_link_graph(json.loads(text), edges=edges)
    assert DeterministicMDP.from_networkx(graph) == mdp


def two_nodes(kind=nx.MultiDiGraph):
    graph = kind()
    graph.add_node("s", label=0)
    graph.add_node("t", label=1)
    return graph


def test_one_edge_of_a_digraph_may_carry_several_actions():
    graph = two_nodes(nx.DiGraph)
    graph.add_edge("s", "t", action=["go", "jump"])
    graph.add_edge("t", "t", action={"go"})
    graph.add_edge("t", "s", action=frozenset({"jump"}))
    mdp = DeterministicMDP.from_networkx(graph)
    assert mdp.actions == ("go", "jump")
    assert mdp.successors.tolist() == [[1, 1], [1, 0]]


def test_a_tuple_is_one_action():
    graph = two_nodes(nx.DiGraph)
    for source in "st":
        graph.add_edge(source, "t", action=("go", 1))
    assert DeterministicMDP.from_networkx(graph).actions == (("go", 1),)


def test_without_action_attribute_every_edge_is_the_one_action():
    graph = two_nodes(nx.DiGraph)
    nx.add_cycle(graph, "st")
    mdp = DeterministicMDP.from_networkx(graph, action=None)
    assert mdp.actions == ("step",)
    assert mdp.successors.tolist() == [[1], [0]]


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (["b", "a"], ("a", "b")),
        ([10, 9], (9, 10)),
        (["b", 1], ("b", 1)),
        ([1j, 2j], (1j, 2j)),
    ],
)
def test_actions_without_indices_are_sorted_if_they_can_be(added, expected):
    graph = two_nodes()
    for source in "st":
        for name in added:
            graph.add_edge(source, source, action=name)
    assert DeterministicMDP.from_networkx(graph).actions == expected


@pytest.mark.parametrize("indices", [[1, 0, 0, 1], [0, 0, 0, 0], [1, 0, 1, None], ["1", 0, 1, 0]])
def test_action_indices_that_do_not_fit_are_not_used(indices):
    graph = two_nodes()
    pairs = [("s", "b"), ("s", "a"), ("t", "b"), ("t", "a")]
    for (source, name), index in zip(pairs, indices, strict=True):
        graph.add_edge(source, source, action=name, action_index=index)
    assert DeterministicMDP.from_networkx(graph).actions == ("a", "b")


def edges(*rows):
    def build():
        graph = two_nodes()
        for source, target, *action in rows:
            graph.add_edge(source, target, **({"action": action[0]} if action else {}))
        return graph

    return build


def labelled(value):
    def build():
        graph = edges(("s", "s", "a"), ("t", "t", "a"))()
        graph.nodes["t"]["label"] = value
        return graph

    return build


def unlabelled():
    graph = labelled(0)()
    del graph.nodes["t"]["label"]
    graph.nodes["t"]["colour"] = "red"
    return graph


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (nx.Graph, InvalidMDPError, "undirected Graph"),
        (nx.MultiDiGraph, InvalidMDPError, "no nodes"),
        (two_nodes, InvalidMDPError, "no edges"),
        (dict, InvalidMDPError, "got dict"),
        (
            edges(("s", "t", "a"), ("t", "t", "b")),
            MissingTransitionError,
            r"'s' has no edge for action 'b' \(2 such pairs",
        ),
        (
            edges(("s", "s", "a"), ("s", "t", "a"), ("t", "t", "a")),
            DuplicateTransitionError,
            "'s' has several edges for action 'a': to 's' and to 't'",
        ),
        (
            edges(("s", "t", "a"), ("s", "t", "a"), ("t", "t", "a")),
            DuplicateTransitionError,
            "to 't' and to 't'",
        ),
        (
            edges(("s", "t", "a"), ("t", "t")),
            InvalidMDPError,
            "from 't' to 't' names no action: its attribute 'action' is missing",
        ),
        (edges(("s", "t", {"a": 1})), InvalidMDPError, "not hashable"),
        (edges(("s", "t", float("nan"))), InvalidMDPError, "cannot name an action"),
        (edges(("s", "t", ["a", None])), InvalidMDPError, "cannot name an action"),
        (
            unlabelled,
            InvalidLabelError,
            r"Node 't' has no label: its attribute 'label' is missing \(it has: 'colour'\)",
        ),
        (labelled(float("nan")), InvalidLabelError, "Node 't' has the label nan"),
        (labelled(float("-inf")), InvalidLabelError, "Node 't' has the label -inf"),
        (labelled({}), InvalidLabelError, "not hashable"),
    ],
)
def test_each_defect_has_its_error(build, error, message):
    with pytest.raises(error, match=message):
        DeterministicMDP.from_networkx(build())


def test_an_undirected_copy_of_a_directed_graph_is_refused_with_the_fix():
    with pytest.raises(InvalidMDPError, match="to_directed"):
        DeterministicMDP.from_networkx(grid(2, 2).to_networkx().to_undirected())


def test_label_tolerance_is_passed_on():
    mdp = DeterministicMDP.from_networkx(labelled(0.1)(), label_tolerance=0.5)
    assert len(mdp.label_values) == 1


@st.composite
def partial_data(draw):
    n_obs, n_actions = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    index = st.tuples(
        st.integers(0, n_obs - 1), st.integers(0, n_actions - 1), st.integers(0, n_obs - 1)
    )
    return TransitionData(
        draw(st.lists(index, min_size=1, max_size=9)),
        draw(st.lists(st.one_of(st.none(), labels), min_size=n_obs, max_size=n_obs)),
        draw(st.lists(any_names, min_size=n_obs, max_size=n_obs, unique=True)),
        draw(st.lists(any_names, min_size=n_actions, max_size=n_actions, unique=True)),
    )


@given(partial_data(), st.sampled_from(["action", "move"]), st.sampled_from(["label", "colour"]))
def test_partial_data_round_trip(data, action, label):
    graph = transition_data_to_networkx(data, action, label)
    assert graph.number_of_edges() == data.n_transitions
    again = transition_data_from_networkx(graph, action, label)
    assert again == data
    assert tuple(again.actions) == tuple(data.actions)


@given(named_mdps())
def test_both_ways_of_reading_agree_on_mdps(mdp):
    assert transition_data_from_networkx(mdp.to_networkx()).to_mdp() == mdp
    data = TransitionData.from_mdp(mdp)
    assert DeterministicMDP.from_networkx(transition_data_to_networkx(data)) == mdp


def test_rows_are_edges():
    graph = edges(("s", "s", "a"), ("s", "t", "a"), ("t", "t", ["b", "c"]))()
    data = transition_data_from_networkx(graph)
    assert [data.row_text(t) for t in range(4)] == ["edge 0", "edge 1", "edge 2", "edge 2"]
    with pytest.raises(DuplicateTransitionError, match=r"\(edge 0\) and to 't' \(edge 1\)"):
        transition_data_from_networkx(graph, deterministic=True)


def test_numbers_of_edges_may_be_given():
    graph = edges(("s", "s", "a"), ("s", "t", "a"))()
    for number, (_, _, data) in zip((7, -1), graph.edges(data=True), strict=True):
        data["edge_number"] = number
    data = transition_data_from_networkx(graph)
    assert data.first_rows.tolist() == [7, 1]


@pytest.mark.parametrize("listed", [["b"], "ab", 3, [[], {}], None])
def test_a_list_of_actions_that_does_not_fit_is_not_used(listed):
    graph = edges(("s", "t", "b"), ("t", "t", "a"))()
    graph.graph["actions"] = listed
    assert transition_data_from_networkx(graph).actions == ("a", "b")
    graph.graph["actions"] = ["b", "c", "a"]
    assert transition_data_from_networkx(graph).actions == ("b", "c", "a")


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (nx.Graph, InvalidMDPError, "undirected Graph"),
        (two_nodes, InvalidMDPError, "no edges"),
        (edges(("s", "t")), InvalidMDPError, "names no action"),
        (labelled(float("nan")), InvalidLabelError, "Node 't' has the label nan"),
        (labelled({}), InvalidLabelError, "not hashable"),
    ],
)
def test_what_is_wrong_for_data_too(build, error, message):
    with pytest.raises(error, match=message):
        transition_data_from_networkx(build())


def test_what_is_missing_in_an_mdp_is_fine_for_data():
    data = transition_data_from_networkx(unlabelled())
    assert (data.n_labelled, data.label_of(0)) == (1, 0)
    assert transition_data_from_networkx(labelled(None)()).n_labelled == 1
    assert transition_data_from_networkx(two_steps()).n_missing_pairs == 2
    merged = transition_data_from_networkx(labelled(0.1)(), label_tolerance=0.5)
    assert len(merged.label_values) == 1


def two_steps():
    return edges(("s", "t", "a"), ("t", "t", "b"))()
