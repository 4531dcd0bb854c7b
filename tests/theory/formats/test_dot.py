"""DOT files: Moore machines of AALpy and LearnLib, automata, and plain Graphviz."""

import pytest

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import FileFormatError, InvalidMDPError
from tellapart.theory.formats.files import read_labelings, read_system, system_bytes
from tellapart.theory.mdp import DeterministicMDP

# In the style of AALpy's save_automaton_to_file.
MOORE = b"""digraph learnedModel {
s0 [label="s0|idle", shape=record, style=rounded];
s1 [label="s1|busy", shape=record, style=rounded];
s2 [label="s2|idle", shape=record, style=rounded];
s3 [label="s3|busy", shape=record, style=rounded];
s0 -> s1 [label="start"];
s0 -> s0 [label="1"];
s1 -> s1 [label="start"];
s1 -> s2 [label="1"];
s2 -> s3 [label="start"];
s2 -> s2 [label="1"];
s3 -> s3 [label="start"];
s3 -> s0 [label="1"];
__start0 [shape=none, label=""];
__start0 -> s0 [label=""];
}
"""


def test_a_moore_machine():
    mdp = read_system(MOORE, "dot")
    assert isinstance(mdp, DeterministicMDP)
    assert mdp.observations == ("s0", "s1", "s2", "s3")
    assert mdp.actions == ("start", 1)
    assert mdp.labels == ("idle", "busy", "idle", "busy")
    assert bisimulation(mdp).partition.blocks == ((0, 2), (1, 3))


def test_edges_are_numbered_as_in_the_file():
    data = read_system(MOORE.replace(b's0 -> s0 [label="1"];\n', b""), "dot")
    assert isinstance(data, TransitionData)
    assert data.row_text(data.find(3, data.action_index(1))[0]) == "edge 6"


def test_learnlib_style_braces():
    content = b"""digraph g {
    s0 [shape="record" style="rounded" label="{ { 0 | 1 } }"];
    s1 [shape="Mrecord" label="{ 1 | a \\| b }"];
    s0 -> s1 [label="x"]; s1 -> s0 [label="x"];
    __start0 [label="" shape="none" width="0" height="0"];
    __start0 -> s0;
    }"""
    mdp = read_system(content, "dot")
    assert list(mdp.observations) == [0, 1]
    assert mdp.labels == (1, "a | b")


def test_final_states_of_an_automaton():
    content = b"""digraph d {
    q0 [label="q0"]; q1 [label="q1", shape=doublecircle];
    q0 -> q1 [label=a]; q1 -> q1 [label=a];
    }"""
    assert read_system(content, "dot").labels == (False, True)


def test_plain_graphviz():
    content = (
        b'digraph { off [label="dark"]; on [label=light]; off -> on -> off [label="\\"go\\""] }'
    )
    mdp = read_system(content, "dot")
    assert (mdp.observations, mdp.labels, mdp.actions) == (
        ("off", "on"),
        ("dark", "light"),
        ("go",),
    )


def test_a_label_that_repeats_the_id_says_nothing():
    data = read_system(b'digraph { a [label="a"]; b [label="\\N"]; a -> b [label=x] }', "dot")
    assert data.n_labelled == 0


def test_other_attributes():
    content = b"digraph { a [colour=1]; b [colour=2]; a -> b [move=x]; b -> a [move=x, label=y] }"
    mdp = read_system(content, "dot", action="move", label="colour")
    assert (mdp.labels, mdp.actions) == ((1, 2), ("x",))
    with pytest.raises(InvalidMDPError, match=r"'a' to 'b' names no action.*'move'"):
        read_system(content, "dot")
    assert read_labelings(content, "dot") == {"colour": (1, 2)}


def test_names_that_repeat_give_way_to_the_ids():
    content = b'digraph { node [shape=record]; a [label="n|0"]; b [label="n|1"]; a->b [label=x] }'
    assert read_system(content, "dot").observations == ("a", "b")


def test_odd_attribute_names_do_no_harm():
    content = b"digraph { a [node_for_adding=1, label=0]; a -> a [key=2, u_for_edge=3, label=x] }"
    assert read_system(content, "dot").labels == (0,)


def test_what_is_written():
    data = TransitionData([[0, 0, 1]], [None, 'a|"b"'], ["x", 2], ["go", "wait"])
    assert system_bytes(data, "dot").decode() == (
        'digraph system {\nactions="[\\"go\\", \\"wait\\"]";\n'
        'q0 [label="x|", shape=record, style=rounded];\n'
        'q1 [label="2|a\\|\\"b\\"", shape=record, style=rounded];\n'
        'q0 -> q1 [label="go", action_index=0];\n'
        '__start0 [shape=none, label=""];\n__start0 -> q0 [label=""];\n}\n'
    )


def test_bytes_that_are_not_text():
    with pytest.raises(FileFormatError, match="line 2: not UTF-8"):
        read_system(b"digraph {\n\xff}", "dot")
