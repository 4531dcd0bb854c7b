"""All formats: what is written is read back, byte for byte the same, or refused by name."""

import contextlib
import json
import warnings
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    FileFormatError,
    InvalidArgumentError,
    NearbyLabelsWarning,
    TellapartError,
)
from tellapart.theory.formats.files import (
    FORMATS,
    SUFFIXES,
    enabled_labels,
    read_labelings,
    read_system,
    system_bytes,
    write_system,
)
from tellapart.theory.formats.values import to_text
from tellapart.theory.gallery import counting_chain, gallery
from tellapart.theory.mdp import DeterministicMDP

texts = st.one_of(st.text('ab| "\\{}<>(),1é\n', max_size=3), st.text(max_size=3))
atoms = st.one_of(st.integers(-3, 9), texts, st.booleans(), st.sampled_from([0.5, -2.25]))
rich = st.one_of(atoms, st.fractions(0, 2, max_denominator=3), st.binary(max_size=2))
names = st.one_of(rich, st.tuples(rich, st.tuples(rich)), st.frozensets(rich, max_size=2))


@st.composite
def systems(draw, name=names, action=names, label=names, used=False):
    """Transition data of any coverage; with ``used`` every action is on a transition."""
    n_obs, n_actions = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    index = st.tuples(
        st.integers(0, n_obs - 1), st.integers(0, n_actions - 1), st.integers(0, n_obs - 1)
    )
    triples = draw(st.lists(index, min_size=1, max_size=9))
    if used:
        triples += [(0, a, 0) for a in range(n_actions)]
    count = {"min_size": n_obs, "max_size": n_obs}
    return TransitionData(
        triples,
        draw(st.lists(st.one_of(st.none(), label), **count)),
        draw(st.lists(name, unique=True, **count)),
        draw(st.lists(action, unique=True, min_size=n_actions, max_size=n_actions)),
    )


def as_data(system):
    return TransitionData.from_mdp(system) if isinstance(system, DeterministicMDP) else system


def types(data):
    """The types that equality does not see: ``1 == 1.0 == True``."""
    return [
        list(map(to_text, part)) for part in (data.observations, data.actions, data.label_values)
    ]


@pytest.mark.parametrize("format", ["json", "dot"])
@given(data=systems())
def test_json_and_dot_keep_everything(format, data):
    content = system_bytes(data, format)
    again = as_data(read_system(content, format))
    assert again == data
    assert types(again) == types(data)
    assert system_bytes(again, format) == content


@given(systems(used=True))
def test_aut_loses_the_names_of_observations(data):
    content = system_bytes(data, "aut")
    assert content.isascii()
    again = as_data(read_system(content, "aut"))
    numbered = TransitionData(
        data.triples, [data.label_of(o) for o in range(data.n_obs)], actions=data.actions,
        observations=range(data.n_obs),
    )  # fmt: skip
    assert again == numbered
    assert types(again)[1:] == types(data)[1:]
    assert system_bytes(again, "aut") == content


graphml_values = st.one_of(st.integers(-5, 5), st.booleans(), st.sampled_from([0.5, -2.25]), texts)


def in_graphml(value, keep):
    plain = isinstance(value, str) and value and value.isprintable()
    whole = plain or (not isinstance(value, str) and isinstance(value, keep))
    return value if whole else to_text(value)


@given(systems(name=texts, action=graphml_values, label=graphml_values, used=True))
def test_graphml_makes_names_strings(data):
    numbers = (bool, int, float)
    rename = {
        "observations": [in_graphml(name, ()) for name in data.observations],
        "actions": [in_graphml(name, numbers) for name in data.actions],
    }
    labels = [data.label_of(o) for o in range(data.n_obs)]
    labels = [None if v is None else in_graphml(v, numbers) for v in labels]
    known = {in_graphml(v, numbers) for v in data.label_values}
    parts = (set(rename["observations"]), set(rename["actions"]), known)
    if tuple(map(len, parts)) != (data.n_obs, data.n_actions, len(data.label_values)):
        with pytest.raises(InvalidArgumentError, match="in GraphML"):
            system_bytes(data, "graphml")
        return
    content = system_bytes(data, "graphml")
    again = as_data(read_system(content, "graphml"))
    expected = TransitionData(data.triples, labels, **rename)
    assert again == expected
    assert types(again) == types(expected)
    assert system_bytes(again, "graphml") == content


@pytest.mark.parametrize("format", FORMATS)
@given(mdp=deterministic_mdps())
def test_an_mdp_stays_one(format, mdp):
    again = read_system(system_bytes(mdp, format), format)
    assert isinstance(again, DeterministicMDP)
    assert np.array_equal(again.successors, mdp.successors)
    assert again.labels == mdp.labels
    assert again.actions == tuple(mdp.actions)
    assert bisimulation(again).partition == bisimulation(mdp).partition


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
@pytest.mark.parametrize("format", ["json", "dot"])
def test_gallery_through_files(tmp_path, format, entry):
    mdp = entry.build()
    path = tmp_path / f"system.{format}"
    write_system(mdp, path)
    assert read_system(path) == mdp
    assert read_system(str(path)) == mdp
    assert list(tmp_path.iterdir()) == [path]


@given(systems(name=st.integers(0, 9), action=st.text("ab", max_size=2), label=st.integers()))
def test_networkx_reads_the_canonical_json(data):
    content = json.loads(system_bytes(data, "json"))
    graph = nx.node_link_graph(content, edges="edges")
    assert graph.number_of_edges() == data.n_transitions
    assert list(graph.nodes) == list(data.observations)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_is_written_and_read(tmp_path, suffix):
    chain = counting_chain(4)
    path = tmp_path / f"chain{suffix.upper()}"
    write_system(chain, path)
    assert read_system(path).labels == chain.labels


def test_canonical_json_is_one_element_a_line():
    mdp = DeterministicMDP([[0], [1]], [Fraction(1, 2), (1, "a")], ["x", ("y", 2)], ["go"])
    assert system_bytes(mdp, "json").decode() == (
        '{\n"directed": true,\n"multigraph": true,\n"graph": {},\n"nodes": [\n'
        '{"id": "x", "label": {"fraction": "1/2"}},\n{"id": ["y", 2], "label": [1, "a"]}\n],\n'
        '"edges": [\n{"source": "x", "target": "x", "action": "go", "action_index": 0},\n'
        '{"source": ["y", 2], "target": ["y", 2], "action": "go", "action_index": 0}\n]\n}\n'
    )


def test_labels_by_enabled_actions():
    data = TransitionData([[0, 1, 1], [0, 0, 0], [1, 1, 0], [1, 1, 1]], actions=["b", "a"])
    assert enabled_labels(data) == (("b", "a"), ("a",))
    for format in FORMATS:
        again = read_system(system_bytes(data, format), format, labels="enabled")
        assert again.label_values == (("b", "a"), ("a",))


def test_labelings_are_the_attributes_that_all_nodes_have():
    graph = counting_chain(3).to_networkx()
    for node, data in graph.nodes.data():
        data |= {"size": [node, 1], "bad": {}, "nan": float("nan")}
    graph.nodes[0]["some"] = 1
    content = json.dumps(nx.node_link_data(graph, edges="links")).encode()
    assert read_labelings(content, "json") == {
        "label": (0, 1, 0), "size": ((0, 1), (1, 1), (2, 1)),
    }  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_has_the_labels_among_its_labelings(format):
    chain = counting_chain(4)
    assert read_labelings(system_bytes(chain, format), format)["label"] == chain.labels


def test_an_aut_file_without_labels_still_has_the_enabled_actions():
    content = b'des (0,2,2)\n(0,"a",1)\n(1,"b",1)\n'
    assert read_labelings(content, "aut") == {"enabled": (("a",), ("b",))}


@pytest.mark.parametrize("format", FORMATS)
def test_one_action(format):
    data = TransitionData([[0, 0, 1], [1, 1, 0]], ["x", "y"])
    again = read_system(system_bytes(data, format), format, action=None)
    assert isinstance(again, DeterministicMDP)
    assert again.actions == ("step",)


@pytest.mark.parametrize("format", FORMATS)
def test_label_tolerance(format):
    content = system_bytes(DeterministicMDP([[0], [1]], [0.5, 0.75]), format)
    assert len(read_system(content, format, label_tolerance=0.3).label_values) == 1


@pytest.mark.parametrize("format", ["json", "graphml"])
def test_other_attributes(format):
    graph = counting_chain(3).to_networkx("move", "colour")
    content = (
        json.dumps(nx.node_link_data(graph, edges="edges"))
        if format == "json"
        else "\n".join(nx.generate_graphml(graph))
    ).encode()
    again = read_system(content, format, action="move", label="colour")
    assert again.labels == (0, 1, 0)
    assert isinstance(read_system(content, format, action="move"), TransitionData)


def one_file(tmp_path, name, content=b""):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.pdf", b"", "has the suffix '.pdf'; the suffixes are .json, .graphml, .dot, .gv, .aut"),
        ("x", b"", "has the suffix ''"),
    ],
)
def test_unknown_suffixes_are_refused(tmp_path, name, content, message):
    path = one_file(tmp_path, name, content)
    with pytest.raises(InvalidArgumentError, match=message):
        read_system(path)
    with pytest.raises(InvalidArgumentError, match=message):
        write_system(counting_chain(3), path)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: read_system(b"x"), "name the format"),
        (lambda: read_system(b"x", "xml"), "format is 'xml'; the formats are json"),
        (lambda: read_system("x.json", labels="all"), "labels is 'all'"),
        (lambda: read_system("missing.json"), r"missing.json does not exist \(from "),
        (lambda: read_system("a\0.json"), "cannot be read"),
        (lambda: read_system(b" " * (64 * 2**20 + 1), "json"), "more than the bound of 64 MiB"),
        (lambda: write_system(3, "x.json"), "not a int"),
        (lambda: write_system(counting_chain(3), "no/such/folder/x.json"), "does not exist"),
        (lambda: system_bytes(counting_chain(3), "xml"), "format is 'xml'"),
        (lambda: system_bytes(DeterministicMDP([[0]], [1j]), "dot"), "cannot be written"),
        (lambda: system_bytes(DeterministicMDP([[0]], [1], [None]), "json"), "named None"),
        (
            lambda: system_bytes(DeterministicMDP([[0], [1]], [0, 1], ["1", 1]), "graphml"),
            "observations '1' and 1 are both '1' in GraphML",
        ),
    ],
)
def test_calls_that_cannot_be_answered(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()


def test_folders_are_refused(tmp_path):
    (tmp_path / "x.json").mkdir()
    for call in (read_system, lambda path: write_system(counting_chain(3), path)):
        with pytest.raises(InvalidArgumentError, match="is a folder"):
            call(tmp_path / "x.json")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = one_file(tmp_path, "x.json", b"old")

    def broken(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", broken)
    with pytest.raises(KeyboardInterrupt):
        write_system(counting_chain(3), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("format", FORMATS)
@given(data=st.data())
def test_damaged_files_are_read_or_refused_with_one_error(format, data):
    content = bytearray(system_bytes(counting_chain(3), format))
    cut = data.draw(st.integers(0, len(content)))
    damage = data.draw(st.binary(max_size=3))
    end = cut + data.draw(st.integers(0, 9))
    broken = bytes(content[:cut]) + damage + bytes(content[end:])
    with contextlib.suppress(TellapartError):
        read_system(broken, format)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"\xff\xfe", b"\n\n", b"PAR1"])
def test_what_is_no_file_of_the_format_is_refused(tmp_path, format, content):
    path = one_file(tmp_path, f"x.{format}", content)
    with pytest.raises(FileFormatError, match=rf"x.{format} is not readable as ") as caught:
        read_system(path)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("format", FORMATS)
def test_truncated_files_are_refused(format):
    content = system_bytes(counting_chain(9), format)
    with pytest.raises(FileFormatError, match="Is it complete"):
        read_system(content[: len(content) * 2 // 3], format)


@pytest.mark.parametrize("format", FORMATS)
def test_nearly_equal_labels_are_warned_of_once(format):
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        mdp = DeterministicMDP([[0], [1]], [0.3, 0.1 + 0.2])
        content = system_bytes(mdp, format)
    with pytest.warns(NearbyLabelsWarning, match="nearly equal") as caught:
        again = read_system(content, format)
    assert len(caught) == 1
    assert again.labels == mdp.labels
