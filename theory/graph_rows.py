"""What NetworkX graphs say, edge by edge; shared by strict and by partial reading."""

import math
from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from tellapart.theory.errors import InvalidLabelError, InvalidMDPError

__all__ = [
    "ACTIONS",
    "ACTION_INDEX",
    "EDGE_NUMBER",
    "SINGLE_ACTION",
    "EdgeRow",
    "action_order",
    "check_graph",
    "edge_rows",
    "node_labels",
]

#: Edge attribute that keeps the order of the actions through files.
ACTION_INDEX = "action_index"

#: Graph attribute that lists all actions, when some of them are on no edge.
ACTIONS = "actions"

#: Edge attribute with the number of the edge in its file; default its place in ``graph.edges``.
EDGE_NUMBER = "edge_number"

#: Name of the one action of a graph that is read with ``action=None``.
SINGLE_ACTION = "step"


class EdgeRow(NamedTuple):
    """One transition of a graph: names, ``action_index`` if any, and the number of its edge."""

    source: Hashable
    action: Hashable
    target: Hashable
    index: Any
    number: int


def check_graph(graph: Any) -> None:
    """Refuse what is no directed graph with nodes and edges."""
    if not (hasattr(graph, "is_directed") and hasattr(graph, "nodes")):
        raise InvalidMDPError(
            f"from_networkx needs a networkx DiGraph or MultiDiGraph, got {type(graph).__name__}."
        )
    if not graph.is_directed():
        raise InvalidMDPError(
            f"The graph is an undirected {type(graph).__name__}; transitions have a direction. "
            "Use a DiGraph or MultiDiGraph, or graph.to_directed()."
        )
    if graph.number_of_nodes() == 0:
        raise InvalidMDPError("The graph has no nodes; an MDP needs at least one observation.")
    if graph.number_of_edges() == 0:
        raise InvalidMDPError(
            "The graph has no edges, so it names no action; every observation needs one edge for "
            "each action (a self-loop if the action does nothing there)."
        )


def node_labels(graph: Any, label: str, *, required: bool) -> list[Any]:
    """Return the label of each node; None where it is not known and not required."""
    labels = []
    for node, data in graph.nodes(data=True):
        value = data.get(label)
        if value is None and required:
            has = ", ".join(repr(key) for key in data) or "none"
            raise InvalidLabelError(
                f"Node {node!r} has no label: its attribute {label!r} is missing (it has: {has}). "
                "Every observation needs one; set the attribute, or name another one with label=."
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidLabelError(
                f"Node {node!r} has the label {value!r} (attribute {label!r}); labels must be "
                "finite to be compared. Use a string such as 'unknown' for a missing value."
            )
        labels.append(value)
    return labels


def edge_rows(graph: Any, action: str | None) -> Iterator[EdgeRow]:
    """Yield one transition for each edge and action on it; edges are numbered from 0."""
    for place, (source, target, data) in enumerate(graph.edges(data=True)):
        number = data.get(EDGE_NUMBER)
        number = number if type(number) is int and number >= 0 else place
        if action is None:
            yield EdgeRow(source, SINGLE_ACTION, target, None, number)
            continue
        value = data.get(action)
        index = data.get(ACTION_INDEX)
        if value is None:
            has = ", ".join(repr(key) for key in data) or "none"
            raise InvalidMDPError(
                f"The edge from {source!r} to {target!r} names no action: its attribute "
                f"{action!r} is missing (it has: {has}). Set it, name another one with action=, "
                "or pass action=None if there is only one action."
            )
        several = isinstance(value, list | set | frozenset)
        if several and index is not None:
            # JSON writes a tuple as a list.
            value, several = _tuples(value), False
        for name in value if several else [value]:
            _check_action(source, target, name)
            yield EdgeRow(source, name, target, index, number)


def action_order(edges: list[EdgeRow], declared: Any = None) -> list[Hashable]:
    """Return the actions in order.

    As ``declared`` when that is a list with all of them; else by ``action_index`` when every edge
    has one and names and numbers correspond one to one; else sorted when all are of one sortable
    type; else as they first appear.
    """
    names = list(dict.fromkeys(edge.action for edge in edges))
    listed = _declared(declared)
    if listed is not None and listed >= set(names):
        return list(dict.fromkeys(_tuples(name) for name in declared))
    pairs = {(edge.action, edge.index) for edge in edges if type(edge.index) is int}
    numbered = all(type(edge.index) is int for edge in edges)
    if numbered and len(pairs) == len(names) == len({index for _, index in pairs}):
        position = dict(pairs)
        return sorted(names, key=lambda name: position[name])
    if len({type(name) for name in names}) == 1:
        try:
            return sorted(names)  # type: ignore[type-var]
        except TypeError:
            return names
    return names


def _declared(names: Any) -> set[Hashable] | None:
    if not isinstance(names, list | tuple):
        return None
    try:
        return {_tuples(name) for name in names}
    except TypeError:
        return None


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _check_action(source: Hashable, target: Hashable, name: Any) -> None:
    try:
        hash(name)
    except TypeError:
        raise InvalidMDPError(
            f"The edge from {source!r} to {target!r} has the action {name!r} of type "
            f"{type(name).__name__}, which is not hashable. Use a string, number or tuple."
        ) from None
    if name is None or name != name:
        raise InvalidMDPError(
            f"The edge from {source!r} to {target!r} has the action {name!r}, which cannot name "
            "an action. Use a string, number or tuple."
        )
