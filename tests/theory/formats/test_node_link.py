"""Node-link JSON: both spellings of NetworkX, and the element of every defect."""

import json

import networkx as nx
import pytest

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import DuplicateTransitionError, FileFormatError, InvalidMDPError
from tellapart.theory.formats.files import read_system
from tellapart.theory.gallery import counting_chain

GOOD = {
    "directed": True,
    "nodes": [{"id": "a", "label": 0}, {"id": "b", "label": [1, {"fraction": "1/2"}]}],
    "links": [
        {"source": "a", "target": "b", "action": "x"},
        {"source": "b", "target": "b", "action": ["x", "y"]},
        {"source": "a", "target": "b", "action": "y", "key": 0},
    ],
}


def test_parallel_edges_of_a_file_that_claims_none_are_kept():
    mdp = read_system(json.dumps(GOOD | {"multigraph": False}).encode(), "json")
    assert mdp.successors.tolist() == [[1, 1], [1, 1]]
    assert str(mdp.label_values[1][1]) == "1/2"


def test_edges_are_numbered_as_in_the_file():
    content = json.loads(json.dumps(GOOD))
    content["links"].insert(0, {"source": "b", "target": "a", "action": "y"})
    data = read_system(json.dumps(content).encode(), "json")
    assert isinstance(data, TransitionData)
    with pytest.raises(DuplicateTransitionError, match=r"\(edge 0\) and to 'b' \(edge 2\)"):
        data.to_mdp()


def test_null_is_a_label_that_is_not_known():
    data = read_system(json.dumps(GOOD).replace("0}", "null}", 1).encode(), "json")
    assert data.n_labelled == 1


@pytest.mark.parametrize("edges", ["links", "edges"])
def test_both_spellings_of_networkx(edges):
    chain = counting_chain(4)
    content = json.dumps(nx.node_link_data(chain.to_networkx(), edges=edges)).encode()
    assert read_system(content, "json") == chain


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"links"', '"arrows"', "'nodes' and 'links' or 'edges'"),
        ('"nodes": [', '"nodes": [3, ', r"nodes\[0\] is not an object"),
        ('"id": "b"', '"name": "b"', r"nodes\[1\] has no 'id'"),
        ('"id": "b"', '"id": "a"', r"nodes\[1\] has the id 'a', which an earlier node has"),
        ('"id": "b"', '"id": {}', r"nodes\[1\] has the id {}, which is no name"),
        ('"1/2"', '"1/0"', r"nodes\[1\]: the value .* does not fit its tag"),
        ('"links": [', '"links": [[], ', r"links\[0\] is not an object"),
        ('"target": "b"', '"target": "c"', r"links\[0\] leads from or to 'c', which is no node"),
        ('"source": "a"', '"source": null', r"links\[0\] has no 'source'"),
        ('"nodes"', '\n"nodes" 3', "line 2: Expecting ':'"),
        ('"x"', "9" * 5000, "Exceeds the limit"),
        ('"x"', "[" * 100_000, "nested too deeply"),
    ],
)
def test_every_defect_has_its_element(old, new, message):
    content = json.dumps(GOOD).replace(old, new, 1).encode()
    with pytest.raises(FileFormatError, match=message):
        read_system(content, "json")


def test_undirected_graphs_are_refused():
    with pytest.raises(InvalidMDPError, match="undirected"):
        read_system(json.dumps(GOOD | {"directed": False}).encode(), "json")
