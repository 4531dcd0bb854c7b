"""GraphML, through NetworkX: plain labels keep their type, names become strings."""

import io
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import FileFormatError, InvalidArgumentError
from tellapart.theory.formats.values import to_text
from tellapart.theory.graph_rows import ACTION_INDEX

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["graphml_bytes", "graphml_graph"]


def graphml_bytes(data: TransitionData) -> bytes:
    """Return GraphML; equal values give equal bytes.

    Raises
    ------
    InvalidArgumentError
        When two different names, actions or labels would read as one string.

    Notes
    -----
    Labels and actions that are non-empty printable strings, integers, finite floats or booleans
    keep value and type. Everything else, and every name that is no string, is written as the text
    of :func:`tellapart.theory.formats.values.to_text` and reads back as a string. Actions without
    a transition, and rows, are not kept.
    """
    import networkx as nx

    names = [str(name) for name in _texts(data.observations, "observations", keep=(str,))]
    values = _texts(data.label_values, "labels", keep=(str, bool, int, float))
    actions = _texts(data.actions, "actions", keep=(str, bool, int, float))
    graph = nx.MultiDiGraph()
    for name, i in zip(names, data.label_ids.tolist(), strict=True):
        graph.add_node(name, **({} if i < 0 else {"label": values[i]}))
    for o, a, t in data.triples.tolist():
        attributes = {"action": actions[a], ACTION_INDEX: a}
        graph.add_edge(names[o], names[t], key=f"{o}.{a}.{t}", **attributes)
    buffer = io.BytesIO()
    nx.write_graphml_xml(graph, buffer)
    return buffer.getvalue() + b"\n"


def _texts(values: Sequence[Hashable], kind: str, keep: tuple[type, ...]) -> list[Any]:
    """Return the values as GraphML holds them, refusing two that it would make equal."""
    held: dict[Any, Any] = {}
    for value in values:
        whole = type(value) in keep and (not isinstance(value, str) or _is_plain(value))
        if isinstance(value, float) and value - value != 0.0:
            whole = False
        text = value if whole else to_text(value)
        if text in held:
            raise InvalidArgumentError(
                f"The {kind} {held[text]!r} and {value!r} are both {text!r} in GraphML. Rename "
                "one, or write .json, which keeps types."
            )
        held[text] = value
    return list(held)


def _is_plain(text: str) -> bool:
    """Tell whether XML gives a string back as it is."""
    return bool(text) and text.isprintable()


def graphml_graph(data: bytes) -> "nx.MultiDiGraph":
    """Return the graph in GraphML; parallel edges are kept.

    Raises
    ------
    FileFormatError
        When the bytes are not GraphML; XML errors name the line.
    """
    import xml.etree.ElementTree as ElementTree

    import networkx as nx

    try:
        graph = nx.read_graphml(io.BytesIO(data), force_multigraph=True)
    except ElementTree.ParseError as error:
        line = error.position[0] if hasattr(error, "position") else "?"
        raise FileFormatError(f"line {line}: {str(error).partition(':')[0]}") from None
    except Exception as error:  # the reader of others: any error means that this is no GraphML
        detail = f"{type(error).__name__}: {error}"
        raise FileFormatError(detail[:300]) from error
    return graph
