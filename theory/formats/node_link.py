"""Node-link JSON, as NetworkX writes it: the canonical format, which keeps everything."""

import json
from typing import TYPE_CHECKING, Any

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import FileFormatError, InvalidArgumentError
from tellapart.theory.formats.values import from_json_value, json_text, to_json_value
from tellapart.theory.graph_rows import ACTION_INDEX, ACTIONS, EDGE_NUMBER

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["node_link_bytes", "node_link_graph"]


def node_link_bytes(data: TransitionData) -> bytes:
    """Return node-link JSON, one node or edge a line; equal values give equal bytes.

    Notes
    -----
    What a value becomes is said in :func:`tellapart.theory.formats.values.to_json_value`. Edges
    come sorted by observation, action and successor; rows are not kept. O(n_obs + n_transitions).
    """
    names = [json_text(to_json_value(name)) for name in data.observations]
    if "null" in names:
        raise InvalidArgumentError(
            "An observation is named None, which node-link JSON cannot hold; rename it."
        )
    values = [json_text(to_json_value(value)) for value in data.label_values]
    actions = [json_text(to_json_value(name)) for name in data.actions]
    nodes = [
        f'{{"id": {name}}}' if i < 0 else f'{{"id": {name}, "label": {values[i]}}}'
        for name, i in zip(names, data.label_ids.tolist(), strict=True)
    ]
    edges = [
        f'{{"source": {names[o]}, "target": {names[t]}, "action": {actions[a]}, '
        f'"{ACTION_INDEX}": {a}}}'
        for o, a, t in data.triples.tolist()
    ]
    unused = len(set(data.action_ids.tolist())) < data.n_actions
    attributes = f'{{"{ACTIONS}": [{", ".join(actions)}]}}' if unused else "{}"
    lines = [
        "{",
        f'"directed": true,\n"multigraph": true,\n"graph": {attributes},',
        '"nodes": [\n' + ",\n".join(nodes) + "\n],",
        '"edges": [\n' + ",\n".join(edges) + "\n]",
        "}\n",
    ]
    return "\n".join(lines).encode()


def node_link_graph(data: bytes) -> "nx.MultiDiGraph":
    """Return the graph in node-link JSON, with ``links`` or ``edges``; parallel edges are kept.

    Raises
    ------
    FileFormatError
        When the bytes are not node-link JSON, naming the line, node or edge.
    """
    content = _load(data)
    key = "links" if "links" in content else "edges"
    for part in ("nodes", key):
        if not isinstance(content.get(part), list):
            raise FileFormatError(
                "the top level must be an object with 'nodes' and 'links' or 'edges', two lists"
            )
    import networkx as nx

    directed = content.get("directed", False)
    graph: Any = nx.MultiDiGraph() if directed is True else nx.MultiGraph()
    attributes = content.get("graph")
    if isinstance(attributes, dict):
        graph.graph.update({name: _value(v, "graph") for name, v in attributes.items()})
    for number, node in enumerate(content["nodes"]):
        _add_node(graph, node, f"nodes[{number}]")
    for number, edge in enumerate(content[key]):
        _add_edge(graph, edge, f"{key}[{number}]", number)
    return graph


def _load(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except json.JSONDecodeError as error:
        raise FileFormatError(f"line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise FileFormatError("it is nested too deeply") from None
    except ValueError as error:  # not UTF-8, or a number of too many digits
        raise FileFormatError(str(error)[:200]) from None
    if not isinstance(content, dict):
        raise FileFormatError(
            "the top level must be an object with 'nodes' and 'links' or 'edges', two lists"
        )
    return content


def _value(value: Any, where: str) -> Any:
    try:
        # Lists of actions stay lists: a list on an edge may be several actions.
        return (
            [from_json_value(part) for part in value]
            if isinstance(value, list)
            else from_json_value(value)
        )
    except FileFormatError as error:
        raise FileFormatError(f"{where}: {error}") from None
    except RecursionError:
        raise FileFormatError(f"{where} is nested too deeply") from None


def _name(element: dict[str, Any], key: str, where: str) -> Any:
    if element.get(key) is None:
        raise FileFormatError(f"{where} has no {key!r}")
    value = _value(element[key], where)
    name = tuple(value) if isinstance(value, list) else value
    try:
        hash(name)
    except TypeError:
        raise FileFormatError(f"{where} has the {key} {str(name)[:80]}, which is no name") from None
    return name


def _add_node(graph: Any, node: Any, where: str) -> None:
    if not isinstance(node, dict):
        raise FileFormatError(f"{where} is not an object")
    name = _name(node, "id", where)
    if name in graph:
        raise FileFormatError(f"{where} has the id {name!r}, which an earlier node has")
    graph.add_node(name)
    attributes = ((key, _value(v, where)) for key, v in node.items() if key != "id")
    graph.nodes[name].update(attributes)


def _add_edge(graph: Any, edge: Any, where: str, number: int) -> None:
    if not isinstance(edge, dict):
        raise FileFormatError(f"{where} is not an object")
    ends = [_name(edge, key, where) for key in ("source", "target")]
    for name in ends:
        if name not in graph:
            raise FileFormatError(f"{where} leads from or to {name!r}, which is no node")
    key = graph.add_edge(*ends)
    attributes = (
        (name, _value(v, where))
        for name, v in edge.items()
        if name not in ("source", "target", "key")
    )
    graph.edges[*ends, key].update(attributes)
    graph.edges[*ends, key].setdefault(EDGE_NUMBER, number)
