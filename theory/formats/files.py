"""Systems from files and to files: one door for all formats."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    FileFormatError,
    InvalidArgumentError,
)
from tellapart.theory.formats.atomic import write_bytes_atomically
from tellapart.theory.formats.aut import aut_bytes, aut_data
from tellapart.theory.formats.dot import dot_bytes, dot_graph
from tellapart.theory.formats.graphml import graphml_bytes, graphml_graph
from tellapart.theory.formats.node_link import node_link_bytes, node_link_graph
from tellapart.theory.graphs import transition_data_from_networkx
from tellapart.theory.mdp import DeterministicMDP

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "FORMATS",
    "MAX_FILE_BYTES",
    "SUFFIXES",
    "enabled_labels",
    "read_labelings",
    "read_system",
    "system_bytes",
    "write_system",
]

#: A larger file is refused before it is read.
MAX_FILE_BYTES = 64 * 2**20

System = DeterministicMDP | TransitionData


@dataclass(frozen=True, slots=True)
class _Format:
    title: str
    suffixes: tuple[str, ...]
    write: Callable[[TransitionData], bytes]
    graph: "Callable[[bytes], nx.MultiDiGraph] | None"  # None: not read as a graph


_KNOWN = {
    "json": _Format("node-link JSON", (".json",), node_link_bytes, node_link_graph),
    "graphml": _Format("GraphML", (".graphml",), graphml_bytes, graphml_graph),
    "dot": _Format("DOT", (".dot", ".gv"), dot_bytes, dot_graph),
    "aut": _Format("Aldebaran", (".aut",), aut_bytes, None),
}

#: Names of the formats.
FORMATS = tuple(_KNOWN)

#: The format of each file suffix.
SUFFIXES = {suffix: name for name, format in _KNOWN.items() for suffix in format.suffixes}


def read_system(
    source: str | Path | bytes,
    format: str | None = None,
    *,
    action: str | None = "action",
    label: str = "label",
    labels: str | None = None,
    label_tolerance: float | None = None,
) -> System:
    r"""Read a system from a file, or from the bytes of one.

    Parameters
    ----------
    source
        Path, or the content as bytes.
    format
        ``"json"`` (node-link JSON), ``"graphml"``, ``"dot"`` or ``"aut"`` (Aldebaran); default by
        the suffix. Needed for bytes.
    action, label
        Names of the attributes with the actions of edges and the labels of nodes;
        ``action=None``: every edge is the one action ``"step"``. An ``.aut`` file has one place
        for each, so only ``action=None`` plays a part there.
    labels
        ``"enabled"``: label every observation by the actions that it has, see
        :func:`enabled_labels`; default: by its own label.
    label_tolerance
        As in :class:`~tellapart.theory.mdp.DeterministicMDP`.

    Returns
    -------
    A :class:`~tellapart.theory.mdp.DeterministicMDP` when every observation has a label and exactly
    one successor for each action, else
    :class:`~tellapart.theory.data.transitions.TransitionData`.

    Raises
    ------
    FileFormatError
        For a file that is not what its format says, naming the line or element where known.
    InvalidArgumentError
        For an unknown format or suffix, a file that is missing, a folder or too large, and for a
        label attribute that you name and no node has.
    InvalidMDPError
        For a graph without nodes or edges, undirected, or with edges without action.
    InvalidLabelError
        For a label that is NaN, infinite or unhashable.

    Examples
    --------
    >>> read_system(b'des (0,2,2)\n(0,"go",1)\n(1,"go",1)\n', "aut", labels="enabled")
    DeterministicMDP(n_obs=2, n_actions=1, n_labels=1)
    """
    if labels not in (None, "enabled"):
        raise InvalidArgumentError(
            f"labels is {labels!r}; it must be 'enabled', or None for the labels of the file."
        )
    name, content = _content(source, format)
    data = _parse(source, name, content, action, label, label_tolerance)
    if labels == "enabled":
        data = data.with_labels(enabled_labels(data))
    if data.is_complete:
        return data.to_mdp()
    return data


def write_system(system: System, path: str | Path, format: str | None = None) -> None:
    """Write a system to a file; an interruption leaves the old file, if any, as it was.

    Parameters
    ----------
    system
        The system. What each format keeps is said on the page on file formats.
    path
        Where to write.
    format
        As in :func:`read_system`; default by the suffix.

    Raises
    ------
    InvalidArgumentError
        For an unknown format or suffix, a name or label that the format cannot hold, or a path
        that cannot be written.

    Notes
    -----
    The same system gives the same bytes.
    """
    target = Path(path)
    write_bytes_atomically(target, system_bytes(system, _format_name(target, format)))


def system_bytes(system: System, format: str) -> bytes:
    """Return what :func:`write_system` writes.

    Raises
    ------
    InvalidArgumentError
        For an unknown format, or a name or label that the format cannot hold.

    Examples
    --------
    >>> mdp = DeterministicMDP([[1], [0]], ["off", "on"], actions=["press"])
    >>> print(system_bytes(mdp, "aut").decode(), end="")
    des (0,4,2)
    (0,"label(off)",0)
    (1,"label(on)",1)
    (0,"press",1)
    (1,"press",0)
    """
    if not isinstance(system, DeterministicMDP | TransitionData):
        raise InvalidArgumentError(
            f"Only a DeterministicMDP or TransitionData can be written, not a "
            f"{type(system).__name__}."
        )
    writer = _known(format).write
    return writer(
        TransitionData.from_mdp(system) if isinstance(system, DeterministicMDP) else system
    )


def read_labelings(
    source: str | Path | bytes, format: str | None = None
) -> dict[str, tuple[Hashable, ...]]:
    """Return every labeling in a file: all attributes that every node has.

    Parameters
    ----------
    source, format
        As in :func:`read_system`. An ``.aut`` file has ``label``, if every state has one, and
        ``enabled``.

    Returns
    -------
    Labels by the name of the attribute, each in the order of the observations; lists become
    tuples. An attribute with a value that is no label (NaN, or not hashable) is left out.

    Raises
    ------
    FileFormatError, InvalidArgumentError
        As :func:`read_system`.

    Examples
    --------
    >>> read_labelings(b'digraph { a [size=1, lit=true]; b [size=1, lit=false]; a -> b }', "dot")
    {'size': (1, 1), 'lit': (True, False)}
    """
    name, content = _content(source, format)
    reader = _known(name).graph
    if reader is None:
        data = _parse(source, name, content, "action", "label", None)
        own = tuple(data.label_of(o) for o in range(data.n_obs))
        found = {"label": own} if data.is_fully_labelled else {}
        return {**found, "enabled": enabled_labels(data)}
    nodes = [
        dict(attributes) for _, attributes in _read(source, name, reader, content).nodes.data()
    ]
    shared = [key for key in (nodes[0] if nodes else {}) if all(key in node for node in nodes)]
    labelings = {str(key): tuple(_hashed(node[key]) for node in nodes) for key in shared}
    return {key: values for key, values in labelings.items() if None not in values}


def enabled_labels(data: TransitionData) -> tuple[tuple[Hashable, ...], ...]:
    """Return the actions that each observation has, in their order, as its label.

    Examples
    --------
    >>> enabled_labels(TransitionData([[0, 0, 1], [0, 1, 0]], actions=["go", "stay"]))
    (('go', 'stay'), ())
    """
    enabled: list[list[Hashable]] = [[] for _ in range(data.n_obs)]
    starts = data.pair_starts[:-1]
    for o, a in zip(data.sources[starts].tolist(), data.action_ids[starts].tolist(), strict=True):
        enabled[o].append(data.actions[a])
    return tuple(tuple(names) for names in enabled)


def _hashed(value: Any) -> Any:
    """Return a value as a label, or None if it cannot be one."""
    if isinstance(value, list):
        value = tuple(_hashed(part) for part in value)
    try:
        hash(value)
    except TypeError:
        return None
    finite = not isinstance(value, float) or value - value == 0.0
    return value if finite else None


def _known(format: str) -> _Format:
    if format not in _KNOWN:
        raise InvalidArgumentError(f"format is {format!r}; the formats are {', '.join(FORMATS)}.")
    return _KNOWN[format]


def _format_name(path: Path, format: str | None) -> str:
    if format is not None:
        _known(format)
        return format
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise InvalidArgumentError(
            f"{path} has the suffix {path.suffix!r}; the suffixes are {', '.join(SUFFIXES)}. "
            "Use one of them, or name the format with format=."
        ) from None


def _content(source: str | Path | bytes, format: str | None) -> tuple[str, bytes]:
    """Return the name of the format and the bytes."""
    if isinstance(source, bytes):
        if format is None:
            raise InvalidArgumentError(
                f"Bytes have no suffix; name the format with format=: {', '.join(FORMATS)}."
            )
        _known(format)
        if len(source) > MAX_FILE_BYTES:
            raise InvalidArgumentError(_too_large("The content", len(source)))
        return format, source
    path = Path(source)
    name = _format_name(path, format)
    try:
        if path.is_dir():
            raise InvalidArgumentError(f"{path} is a folder; name a file ({', '.join(SUFFIXES)}).")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise InvalidArgumentError(_too_large(str(path), size))
        return name, path.read_bytes()
    except FileNotFoundError:
        raise InvalidArgumentError(f"The file {path} does not exist (from {Path.cwd()}).") from None
    except InvalidArgumentError:
        raise
    except (OSError, ValueError) as error:
        raise InvalidArgumentError(f"{path} cannot be read: {error}") from error


def _too_large(what: str, size: int) -> str:
    return (
        f"{what} has {size / 2**20:.0f} MiB, more than the bound of {MAX_FILE_BYTES // 2**20} MiB "
        "for graph files. Build the system from arrays in Python instead."
    )


def _read(
    source: str | Path | bytes, name: str, reader: Callable[[bytes], Any], content: bytes
) -> Any:
    """Run a reader; its errors name the file and the format."""
    try:
        return reader(content)
    except FileFormatError as error:
        what = "The content" if isinstance(source, bytes) else str(source)
        raise FileFormatError(
            f"{what} is not readable as {_KNOWN[name].title} ({error}). Is it complete?"
        ) from error


def _parse(
    source: str | Path | bytes,
    name: str,
    content: bytes,
    action: str | None,
    label: str,
    tolerance: float | None,
) -> TransitionData:
    reader = _known(name).graph
    if reader is not None:
        graph = _read(source, name, reader, content)
        _check_label(graph, label)
        return transition_data_from_networkx(graph, action, label, label_tolerance=tolerance)
    data: TransitionData = _read(
        source, name, lambda text: aut_data(text, tolerance, one_action=action is None), content
    )
    return data


def _check_label(graph: Any, label: str) -> None:
    """Refuse a label attribute that somebody asked for and no node has."""
    keys = list(dict.fromkeys(key for _, attributes in graph.nodes.data() for key in attributes))
    if label != "label" and label not in keys and len(graph):
        has = ", ".join(repr(key) for key in keys) or "none"
        raise InvalidArgumentError(
            f"No node has the attribute {label!r} (they have: {has}). Name one of them with label=."
        )
