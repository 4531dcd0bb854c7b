r"""DOT: systems as Graphviz draws them and as AALpy and LearnLib write Moore machines.

What is read:

- An edge's action is its attribute ``action`` if it has one, else its ``label``.
- A node of shape ``record`` with the label ``NAME|LABEL`` (braces around it do not count) is the
  observation ``NAME`` with that label; an empty ``LABEL`` is not known.
- Any other node is named by its id. Its attribute ``label`` is its label, unless it only repeats
  the id. If no node has a label in this sense and some have the shape ``doublecircle``, as in a
  finite automaton, those are labelled ``True`` and the others ``False``.
- The node ``__start0`` and its edges, which point to the initial state, are left out.
- Texts are values as in :func:`tellapart.theory.formats.values.from_text`.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import FileFormatError
from tellapart.theory.formats.dot_syntax import DotGraph, parse_dot
from tellapart.theory.formats.values import from_text, to_text
from tellapart.theory.graph_rows import ACTION_INDEX, ACTIONS, EDGE_NUMBER

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["START", "dot_bytes", "dot_graph"]

#: The pseudo node whose edge points to the initial state.
START = "__start0"

_RECORD = ("record", "mrecord")
_ESCAPED = re.compile(r'[\\{}|<>"]')
_ESCAPE = re.compile(r'\\([\\{}|<>" n])')
_FIELDS = re.compile(r"((?:[^\\|]|\\.)*)\|(.*)", re.DOTALL)


def dot_bytes(data: TransitionData) -> bytes:
    """Return DOT that Graphviz draws and AALpy loads as a Moore machine.

    Notes
    -----
    Node ``q3`` is observation number 3; the first one is shown as the initial state. Names,
    actions and labels keep their types; rows are not kept. AALpy reads names, labels and actions
    without quotes, bars and braces as they are.
    """
    values = [_escape(to_text(value)) for value in data.label_values]
    actions = [_escape(to_text(name)) for name in data.actions]
    lines = ["digraph system {"]
    if len(set(data.action_ids.tolist())) < data.n_actions:
        lines.append(f'{ACTIONS}="{_escape(to_text(tuple(data.actions)))}";')
    for number, (name, i) in enumerate(
        zip(data.observations, data.label_ids.tolist(), strict=True)
    ):
        text = f"{_escape(to_text(name))}|{'' if i < 0 else values[i]}"
        lines.append(f'q{number} [label="{text}", shape=record, style=rounded];')
    lines += [
        f'q{o} -> q{t} [label="{actions[a]}", {ACTION_INDEX}={a}];'
        for o, a, t in data.triples.tolist()
    ]
    lines += [f'{START} [shape=none, label=""];', f'{START} -> q0 [label=""];', "}"]
    return ("\n".join(lines) + "\n").encode()


def _escape(text: str) -> str:
    r"""Escape for a record field inside a quoted string: ``"`` as ``\"``, the rest for the field.

    The string takes ``\"`` for the quote, so a quote needs no escape of the field.
    """
    return _ESCAPED.sub(lambda match: "\\" + match.group(), text)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text).strip()


def dot_graph(data: bytes) -> "nx.MultiDiGraph":
    """Return the graph in DOT (UTF-8), with values in place of texts; the module says what is read.

    Edges carry the attribute ``action``, nodes with a known label the attribute ``label``, both
    with any others they have in the file.

    Raises
    ------
    FileFormatError
        When the bytes are not DOT, naming the line.
    """
    import networkx as nx

    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileFormatError(f"line {line}: not UTF-8 text ({error.reason})") from None
    parsed = parse_dot(text)
    nodes = {key: a for key, a in parsed.nodes.items() if key != START}
    names = _names(nodes)
    graph = nx.MultiDiGraph()
    for key, value in parsed.attributes.items():
        graph.graph[key] = from_text(_unescape(value))
    labels = _labels(nodes)
    for key, attributes in nodes.items():
        values = {k: from_text(_unescape(v)) for k, v in attributes.items() if k != "label"}
        if labels[key] is not None:
            values["label"] = labels[key]
        graph.add_node(names[key])
        graph.nodes[names[key]].update(values)
    _add_edges(graph, parsed, names)
    return graph


def _add_edges(graph: Any, parsed: DotGraph, names: Mapping[str, Any]) -> None:
    for number, (source, target, attributes) in enumerate(parsed.edges):
        if START in (source, target):
            continue
        values = {k: from_text(_unescape(v)) for k, v in attributes.items()}
        if "label" in values:
            values.setdefault("action", values["label"])
        values[EDGE_NUMBER] = number
        graph.add_edge(names[source], names[target], key=number)
        graph.edges[names[source], names[target], number].update(values)


def _fields(attributes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return NAME and LABEL of a record node, or None for any other node."""
    if attributes.get("shape", "").lower() not in _RECORD:
        return None
    text = attributes.get("label", "").strip()
    while text.startswith("{") and text.endswith("}") and not text.endswith("\\}"):
        text = text[1:-1].strip()
    match = _FIELDS.fullmatch(text)
    return None if match is None else (_unescape(match[1]), _unescape(match[2]))


def _names(nodes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the name of each node: from all records if these are unique, else the ids."""
    fields = {key: _fields(attributes) for key, attributes in nodes.items()}
    shown = {key: from_text(key if f is None else f[0]) for key, f in fields.items()}
    usable = all(name is not None for name in shown.values())
    return shown if usable and len(set(shown.values())) == len(shown) else {k: k for k in nodes}


def _labels(nodes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    labels: dict[str, Any] = {}
    for key, attributes in nodes.items():
        fields = _fields(attributes)
        if fields is not None:
            text = fields[1]
        else:
            text = _unescape(attributes.get("label", ""))
            text = "" if text in (key, r"\N") else text
        labels[key] = from_text(text) if text else None
    shapes = {key: attributes.get("shape", "").lower() for key, attributes in nodes.items()}
    if "doublecircle" in shapes.values() and all(value is None for value in labels.values()):
        return {key: shape == "doublecircle" for key, shape in shapes.items()}
    return labels
