"""NetworkX graphs in and out: nodes are observations, edges are transitions.

The graph is a ``DiGraph`` or ``MultiDiGraph`` whose nodes carry the label and whose edges carry the
action. Anything NetworkX reads (GraphML, node-link JSON, ...) comes in through here.
"""

import math
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tellapart.theory.errors import (
    DuplicateTransitionError,
    InvalidLabelError,
    InvalidMDPError,
    MissingTransitionError,
)

if TYPE_CHECKING:
    import networkx as nx

    from tellapart.theory.mdp import DeterministicMDP

__all__ = ["ACTION_INDEX", "SINGLE_ACTION", "from_networkx", "to_networkx"]

#: Edge attribute that keeps the order of the actions through files.
ACTION_INDEX = "action_index"

#: Name of the one action of a graph that is read with ``action=None``.
SINGLE_ACTION = "step"

MDP = TypeVar("MDP", bound="DeterministicMDP")
_Edge = tuple[Hashable, Hashable, Hashable, Any]  # source, action, successor, action index or None


def from_networkx(
    cls: "type[MDP]",
    graph: "nx.DiGraph",
    action: str | None = "action",
    label: str = "label",
    label_tolerance: float | None = None,
) -> "MDP":
    """Build a deterministic MDP (the total case of D3) from a directed graph.

    Parameters
    ----------
    cls
        The class to build.
    graph
        ``DiGraph`` or ``MultiDiGraph``. Observations are its nodes, in node order. A ``DiGraph``
        has one edge for each pair of nodes, so there the action attribute may also be a list, set
        or frozenset of actions that all lead along the edge. (A tuple is one action's name.)
    action
        Edge attribute with the action's name; ``None``: every edge is the one action ``"step"``.
    label
        Node attribute with the label.
    label_tolerance
        As in :class:`~tellapart.theory.mdp.DeterministicMDP`.

    Returns
    -------
    An MDP of type ``cls``. Actions come in the order of the integer edge attribute
    ``action_index`` when every edge has one and names and numbers correspond one to one;
    else sorted when all are of one sortable type; else as they first appear.

    Raises
    ------
    InvalidMDPError
        For an undirected or empty graph, an edge without an action, or an unhashable action.
    MissingTransitionError, DuplicateTransitionError
        When an observation has no edge, or several, for an action.
    InvalidLabelError
        For a node without a label, or with NaN or an infinity.

    Notes
    -----
    O(nodes + edges).
    """
    _check_graph(graph)
    labels = _node_labels(graph, label)
    edges = list(_edges(graph, action))
    actions = _action_order(edges)
    nodes = list(graph.nodes)
    table = _fill_table(nodes, actions, edges)
    return cls(table, labels, nodes, actions, label_tolerance=label_tolerance)


def to_networkx(
    mdp: "DeterministicMDP", action: str = "action", label: str = "label"
) -> "nx.MultiDiGraph":
    """Return a graph that :func:`from_networkx` turns back into an equal MDP.

    Parameters
    ----------
    mdp
        The MDP.
    action, label
        Attributes to write. Edges also carry the integer ``action_index``, so that files keep the
        order of the actions; edge keys are the action names where those are strings or integers,
        else the indices.

    Returns
    -------
    ``MultiDiGraph`` with ``n_obs`` nodes and ``n_obs * n_actions`` edges.

    Notes
    -----
    GraphML keeps numbers and strings as labels and turns observation names into strings; node-link
    JSON keeps numbers, strings and (nested) tuples of them.
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    for name, value in zip(mdp.observations, mdp.labels, strict=True):
        graph.add_node(name, **{label: value})
    plain = all(type(name) in (str, int) for name in mdp.actions)
    for source, row in zip(mdp.observations, mdp.successors.tolist(), strict=True):
        for index, (name, target) in enumerate(zip(mdp.actions, row, strict=True)):
            attributes = {action: name, ACTION_INDEX: index}
            graph.add_edge(
                source, mdp.observations[target], key=name if plain else index, **attributes
            )
    return graph


def _check_graph(graph: Any) -> None:
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


def _node_labels(graph: Any, label: str) -> list[Any]:
    labels = []
    for node, data in graph.nodes(data=True):
        if data.get(label) is None:
            has = ", ".join(repr(key) for key in data) or "none"
            raise InvalidLabelError(
                f"Node {node!r} has no label: its attribute {label!r} is missing (it has: {has}). "
                "Every observation needs one; set the attribute, or name another one with label=."
            )
        value = data[label]
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidLabelError(
                f"Node {node!r} has the label {value!r} (attribute {label!r}); labels must be "
                "finite to be compared. Use a string such as 'unknown' for a missing value."
            )
        labels.append(value)
    return labels


def _edges(graph: Any, action: str | None) -> Iterator[_Edge]:
    """Yield one transition for each edge and action on it."""
    for source, target, data in graph.edges(data=True):
        if action is None:
            yield source, SINGLE_ACTION, target, None
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
            value, several = _tuples(value), False  # JSON writes a tuple as a list
        for name in value if several else [value]:
            _check_action(source, target, name)
            yield source, name, target, index


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


def _action_order(edges: list[_Edge]) -> list[Hashable]:
    names = list(dict.fromkeys(name for _, name, _, _ in edges))
    pairs = {(name, index) for _, name, _, index in edges if type(index) is int}
    numbered = all(type(index) is int for _, _, _, index in edges)
    if numbered and len(pairs) == len(names) == len({index for _, index in pairs}):
        position = dict(pairs)
        return sorted(names, key=lambda name: position[name])
    if len({type(name) for name in names}) == 1:
        try:
            return sorted(names)  # type: ignore[type-var]
        except TypeError:
            return names
    return names


def _fill_table(nodes: list[Hashable], actions: list[Hashable], edges: list[_Edge]) -> Any:
    row = {node: index for index, node in enumerate(nodes)}
    column = {name: index for index, name in enumerate(actions)}
    table = np.full((len(nodes), len(actions)), -1, dtype=np.int32)
    for source, name, target, _ in edges:
        o, a = row[source], column[name]
        if table[o, a] >= 0:
            raise DuplicateTransitionError(
                f"Observation {source!r} has several edges for action {name!r}: to "
                f"{nodes[table[o, a]]!r} and to {target!r}. A deterministic MDP needs exactly one "
                "successor; remove all but one, or give them different actions."
            )
        table[o, a] = row[target]
    missing = np.argwhere(table < 0)
    if missing.size:
        o, a = missing[0].tolist()
        more = f" ({len(missing)} such pairs in all)" if len(missing) > 1 else ""
        raise MissingTransitionError(
            f"Observation {nodes[o]!r} has no edge for action {actions[a]!r}{more}. A "
            "deterministic MDP needs exactly one for every pair; add the edge (a self-loop if the "
            "action does nothing there)."
        )
    return table
