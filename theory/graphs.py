"""NetworkX graphs in and out: nodes are observations, edges are transitions.

MDPs are read strictly (every observation labelled, one edge for each action); transition data take
what there is. The graph is a ``DiGraph`` or ``MultiDiGraph`` whose nodes carry the label and whose
edges carry the action.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tellapart.theory.data.rows import RowNames
from tellapart.theory.errors import DuplicateTransitionError, MissingTransitionError
from tellapart.theory.graph_rows import (
    ACTION_INDEX,
    ACTIONS,
    SINGLE_ACTION,
    EdgeRow,
    action_order,
    check_graph,
    edge_rows,
    node_labels,
)

if TYPE_CHECKING:
    import networkx as nx

    from tellapart.theory.data.transitions import TransitionData
    from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "ACTIONS",
    "ACTION_INDEX",
    "SINGLE_ACTION",
    "from_networkx",
    "to_networkx",
    "transition_data_from_networkx",
    "transition_data_to_networkx",
]

MDP = TypeVar("MDP", bound="DeterministicMDP")


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
    check_graph(graph)
    labels = node_labels(graph, label, required=True)
    edges = list(edge_rows(graph, action))
    actions = action_order(edges)
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


def transition_data_from_networkx(
    graph: "nx.DiGraph",
    action: str | None = "action",
    label: str = "label",
    *,
    deterministic: bool = False,
    label_tolerance: float | None = None,
) -> "TransitionData":
    """Build transition data (setting of S1-S3) from a directed graph, with what it has.

    As :func:`from_networkx`, but an observation may have no edge or several for an action, and a
    node without the label attribute (or with None) is not labelled.

    Parameters
    ----------
    graph
        ``DiGraph`` or ``MultiDiGraph``; see :func:`from_networkx`.
    action, label
        Attributes of edges and nodes; ``action=None``: every edge is the one action ``"step"``.
    deterministic
        Refuse several successors for one observation and action.
    label_tolerance
        As in :class:`~tellapart.theory.mdp.DeterministicMDP`.

    Returns
    -------
    TransitionData
        Rows are the edges: ``edge 0``, ``edge 1``, ... in the order of ``graph.edges``, or as the
        integer edge attribute ``edge_number`` says. Actions as in :func:`from_networkx`; the graph
        attribute ``actions``, a list, may name more of them.

    Raises
    ------
    InvalidMDPError
        For an undirected or empty graph, an edge without an action, or an unhashable action.
    DuplicateTransitionError
        With ``deterministic``, for two edges that contradict each other.
    InvalidLabelError
        For a label that is NaN, infinite or unhashable.

    Notes
    -----
    O(nodes + edges log edges).

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("door", "room", {"action": "in"})])
    >>> graph.nodes["room"]["label"] = "warm"
    >>> transition_data_from_networkx(graph)
    TransitionData(n_obs=2, n_actions=1, n_transitions=1, n_labelled=1, partial)
    """
    from tellapart.theory.data.transitions import TransitionData

    check_graph(graph)
    labels = node_labels(graph, label, required=False)
    edges = list(edge_rows(graph, action))
    actions = action_order(edges, graph.graph.get(ACTIONS))
    nodes = list(graph.nodes)
    row = {node: index for index, node in enumerate(nodes)}
    column = {name: index for index, name in enumerate(actions)}
    return TransitionData(
        np.array([(row[e.source], column[e.action], row[e.target]) for e in edges], dtype=np.int64),
        labels,
        nodes,
        actions,
        rows=np.array([e.number for e in edges], dtype=np.int64),
        row_names=RowNames("edge"),
        deterministic=deterministic,
        label_tolerance=label_tolerance,
    )


def transition_data_to_networkx(
    data: "TransitionData", action: str = "action", label: str = "label"
) -> "nx.MultiDiGraph":
    """Return a graph that :func:`transition_data_from_networkx` turns back into equal data.

    Parameters
    ----------
    data
        The data.
    action, label
        Attributes to write; a node whose label is not known gets none. Edges also carry
        ``action_index``. When an action is on no transition, the graph attribute ``actions``
        lists all of them.

    Returns
    -------
    ``MultiDiGraph`` with ``n_obs`` nodes and ``n_transitions`` edges. Rows are not kept.
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    for index, name in enumerate(data.observations):
        value = data.label_of(index)
        graph.add_node(name, **({} if value is None else {label: value}))
    plain = all(type(name) in (str, int) for name in data.actions)
    for o, a, target in data.triples.tolist():
        name = data.actions[a]
        attributes = {action: name, ACTION_INDEX: a}
        graph.add_edge(
            data.observations[o], data.observations[target], key=name if plain else a, **attributes
        )
    if len(set(data.action_ids.tolist())) < data.n_actions:
        graph.graph[ACTIONS] = list(data.actions)
    return graph


def _fill_table(nodes: list[Hashable], actions: list[Hashable], edges: list[EdgeRow]) -> Any:
    row = {node: index for index, node in enumerate(nodes)}
    column = {name: index for index, name in enumerate(actions)}
    table = np.full((len(nodes), len(actions)), -1, dtype=np.int32)
    for source, name, target, _, _ in edges:
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
