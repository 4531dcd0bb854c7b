"""The DOT language: the whole grammar, and a line for every defect."""

import pytest

from tellapart.theory.errors import FileFormatError
from tellapart.theory.formats.dot_syntax import parse_dot


@pytest.mark.parametrize(
    ("text", "nodes", "edges"),
    [
        ("digraph{}", {}, []),
        ("STRICT DiGraph 7 {a;b c}", {"a": {}, "b": {}, "c": {}}, []),
        ('digraph {"a b" -> -1.5 [w=.5]}', {"a b": {}, "-1.5": {}}, [("a b", "-1.5", {"w": ".5"})]),
        ("digraph {a->b->c[x=1][y=2,z]}", {"a": {}, "b": {}, "c": {}},
         [("a", "b", {"x": "1", "y": "2", "z": "true"}),
          ("b", "c", {"x": "1", "y": "2", "z": "true"})]),
        ("digraph {a [x=1 y=2; z=3]; a [x=4]}", {"a": {"x": "4", "y": "2", "z": "3"}}, []),
        ("digraph {node [s=c]; a; {node [s=d] b} c [s=e]}",
         {"a": {"s": "c"}, "b": {"s": "d"}, "c": {"s": "e"}}, []),
        ("digraph {edge [l=x] a->b; subgraph s {edge [l=y] b->a} a->a [l=z]}",
         {"a": {}, "b": {}}, [("a", "b", {"l": "x"}), ("b", "a", {"l": "y"}),
                              ("a", "a", {"l": "z"})]),
        ("digraph {{a b} -> subgraph cluster {c; label=inner} -> d}",
         {"a": {}, "b": {}, "c": {}, "d": {}},
         [("a", "c", {}), ("b", "c", {}), ("c", "d", {})]),
        ("digraph {a:p:ne -> b:sw}", {"a": {}, "b": {}}, [("a", "b", {})]),
        ('digraph {a [l="x" + "y" + "z"]}', {"a": {"l": "xyz"}}, []),
        ('digraph {a [l="x\\\ny\\"z\\\\"]}', {"a": {"l": 'xy"z\\\\'}}, []),
        ("digraph {a [l=<b<i>x</i>>]}", {"a": {"l": "<b<i>x</i>>"}}, []),
        ("# made by hand\ndigraph { // one\n a /* two\n lines */ é_1\n#last\n}",
         {"a": {}, "é_1": {}}, []),
        ('digraph {a [l="# // /* no comment"]}', {"a": {"l": "# // /* no comment"}}, []),
        ('digraph {"node" [x=1]}', {"node": {"x": "1"}}, []),
    ],
)  # fmt: skip
def test_the_grammar(text, nodes, edges):
    graph = parse_dot(text)
    assert graph.nodes == nodes
    assert list(graph.nodes) == list(nodes)
    assert graph.edges == edges


def test_attributes_of_the_graph():
    graph = parse_dot("digraph {graph [a=1]; b=2; c=3 subgraph {graph [a=4]; b=5}}")
    assert graph.attributes == {"a": "1", "b": "2", "c": "3"}
    assert graph.nodes == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: 'the end of the file' where 'digraph' should be"),
        ("\n\ngraph {a -- b}", "line 3: an undirected graph"),
        ("digraph {\na -- b}", "line 2: an undirected edge '--'"),
        ("digraph {\na -> b", "line 2: 'the end of the file' where"),
        ("digraph {} digraph {}", "line 1: something after the graph"),
        ("digraph {a ->}", "line 1: '}' where a name or value should be"),
        ("digraph {a [x=]}", "where a name"),
        ("digraph {a [x=1}", "line 1: '}' where a name"),
        ("digraph a b {}", "line 1: 'b' where '{' should be"),
        ('digraph {\n"a\nb}', "line 2: a string that does not end"),
        ("digraph {\n/* a }", "line 2: a comment that does not end"),
        ("digraph {a [x=\n<b]}", "line 2: an HTML string that does not end"),
        ("digraph {a [x=\n\n%]}", "line 3: the character '%'"),
        ('digraph {a [x="y" + z]}', "where a string should be"),
        ("digraph " + "{" * 5000, "nested deeper than 100"),
        ("\0", r"line 1: the character '\\x00'"),
    ],
)
def test_every_defect_has_its_line(text, message):
    with pytest.raises(FileFormatError, match=message):
        parse_dot(text)
