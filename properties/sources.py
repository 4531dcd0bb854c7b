"""SOURCE strings: where the command line and ``check`` get their systems from."""

import difflib
import json
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tellapart.theory.errors import StochasticEnvironmentError, TellapartError
from tellapart.theory.gallery import gallery_mdp, random_mdp
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Source", "SourceError", "load_source"]

#: A larger file is refused before it is read.
MAX_FILE_BYTES = 64 * 2**20
#: A larger random system (observations times actions) is refused before it is made.
MAX_RANDOM_PAIRS = 50_000_000

Label = str | Callable[[Hashable, tuple[Any, ...]], Hashable]
Progress = Callable[[int, int], None]

_GRAMMAR = (
    "Give gym:ID?option=value, gallery:NAME, random:n=32,actions=2,labels=2,seed=0, or a file "
    "(.graphml, or .json for node-link JSON)."
)
_PLANNED = (".dot", ".aut", ".parquet", ".csv")
_SUPPORTED = ".graphml, .json"
# Options of from_gymnasium itself; everything else goes to gymnasium.make.
_OURS = ("max_observations", "label_tolerance", "seeds", "check")
_RESERVED = ("label", "progress", "env", "cls")


class SourceError(TellapartError, ValueError):
    """A SOURCE does not name a system that can be loaded; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A loaded system.

    Attributes
    ----------
    mdp
        The system.
    title
        How to name it: a SOURCE string that loads it again, the drawn seed included.
    kind
        ``"gymnasium"``, ``"gallery"``, ``"random"`` or ``"file"``.
    """

    mdp: DeterministicMDP
    title: str
    kind: str

    def explain(self) -> str:
        """Return the title and the size of the system in one line."""
        mdp = self.mdp
        return (
            f"{self.title} ({self.kind}): {mdp.n_obs} observations, {mdp.n_actions} actions, "
            f"{len(mdp.label_values)} distinct labels"
        )


def load_source(
    text: str,
    *,
    label: Label = "reward",
    seed: int = 0,
    progress: Progress | None = None,
) -> Source:
    """Load the system that a SOURCE string names.

    Parameters
    ----------
    text
        ``gym:ID?option=value&...``
            A Gymnasium environment. Options go to ``gymnasium.make``, but ``max_observations``,
            ``seeds``, ``check`` and ``label_tolerance`` to
            :func:`~tellapart.theory.environments.from_gymnasium`. Values are JSON (``false``,
            ``3``, ``[0, 1]``); what is not JSON is a string.
        ``gallery:NAME``
            See :func:`~tellapart.theory.gallery.gallery`.
        ``random:n=32,actions=2,labels=2,seed=0``
            Every part may be left out; the values shown are the defaults.
        a path
            ``.graphml`` or ``.json`` (node-link JSON as NetworkX writes it), with the attributes
            that hold action and label as options: ``maze.graphml?action=move&label=colour``.
            An empty ``action=`` reads every edge as the only action; ``label_tolerance=1e-9``
            merges labels that close.
    label
        For Gymnasium sources: ``"reward"`` or a function, as in ``from_gymnasium``.
    seed
        For ``random:`` sources without a seed of their own.
    progress
        Called during enumeration with the numbers of observations found and expanded.

    Returns
    -------
    Source

    Raises
    ------
    SourceError
        For everything that keeps the system from being loaded, naming the source; what the
        theory said about it, if anything, is the ``__cause__``.

    Examples
    --------
    >>> load_source("gallery:counting-9").mdp
    DeterministicMDP(n_obs=9, n_actions=2, n_labels=2)
    """
    text = text.strip()
    prefix, colon, rest = text.partition(":")
    try:
        if colon and prefix == "gym":
            return _load_gym(text, rest, label, progress)
        if colon and prefix == "gallery":
            return Source(gallery_mdp(rest), text, "gallery")
        if colon and prefix == "random":
            return _load_random(rest, seed)
        return _load_file(text)
    except SourceError:
        raise
    except StochasticEnvironmentError as error:
        name = text.partition("?")[0]
        raise SourceError(
            f"{text}: {error} In a SOURCE options follow '?', as in {name}?is_slippery=false"
        ) from error
    except TellapartError as error:
        raise SourceError(f"{text}: {error}") from error


def _parse_value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(text, text)


def _parse_query(text: str, query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise SourceError(
            f"{text}: the options after '?' are {query!r}; write key=value&key=value."
        ) from None
    repeated = [key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1]
    if repeated:
        raise SourceError(f"{text}: the option {repeated[0]!r} is given twice; give it once.")
    return dict(pairs)


def _load_gym(text: str, rest: str, label: Label, progress: Progress | None) -> Source:
    name, _, query = rest.partition("?")
    if not name:
        raise SourceError(f"{text}: no environment id after 'gym:', as in gym:CliffWalking-v1.")
    options = {key: _parse_value(value) for key, value in _parse_query(text, query).items()}
    reserved = [key for key in options if key in _RESERVED]
    if reserved:
        raise SourceError(
            f"{text}: the option {reserved[0]!r} cannot be given in a SOURCE; call "
            "DeterministicMDP.from_gymnasium from Python for that."
        )
    _check_options(text, options)
    mdp = DeterministicMDP.from_gymnasium(name, label, progress=progress, **options)
    return Source(mdp, text, "gymnasium")


def _check_options(text: str, options: dict[str, Any]) -> None:
    """Check the types of our own options, and let one seed stand for a list of one."""
    if type(options.get("seeds")) is int:
        options["seeds"] = [options["seeds"]]
    wanted: dict[str, tuple[str, Callable[[Any], bool]]] = {
        "max_observations": ("an integer >= 1", lambda v: type(v) is int and v >= 1),
        "label_tolerance": ("a number >= 0", lambda v: type(v) in (int, float) and v >= 0),
        "check": ("true or false", lambda v: isinstance(v, bool)),
        "seeds": ("a list of integers >= 0", _is_seeds),
    }
    for key in _OURS:
        what, fits = wanted[key]
        if key in options and not fits(options[key]):
            raise SourceError(f"{text}: {key} is {options[key]!r}; it must be {what}.")


def _is_seeds(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(v) is int and v >= 0 for v in value)


def _load_random(rest: str, seed: int) -> Source:
    values = {"n": 32, "actions": 2, "labels": 2, "seed": seed}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        if key not in values:
            raise SourceError(
                f"random:{rest}: unknown part {part!r}; write "
                "random:n=32,actions=2,labels=2,seed=0 (any of them)."
            )
        if not re.fullmatch(r"\d{1,12}", value, re.ASCII):
            raise SourceError(f"random:{rest}: {key} is {value!r}; it must be an integer >= 0.")
        values[key] = int(value)
    if values["n"] * values["actions"] > MAX_RANDOM_PAIRS:
        raise SourceError(
            f"random:{rest}: {values['n']} observations times {values['actions']} actions is more "
            f"than the bound of {MAX_RANDOM_PAIRS} transitions. Use a smaller system."
        )
    title = "random:" + ",".join(f"{key}={value}" for key, value in values.items())
    return Source(random_mdp(**values), title, "random")


def _load_file(text: str) -> Source:
    path, options = Path(text), dict[str, str]()
    if "?" in text and not path.exists():
        name, _, query = text.partition("?")
        path, options = Path(name), _parse_query(text, query)
    unknown = [key for key in options if key not in ("action", "label", "label_tolerance")]
    if unknown:
        raise SourceError(
            f"{text}: unknown option {unknown[0]!r}; a file takes action= and label=, the names "
            "of the attributes that hold them, and label_tolerance=."
        )
    tolerance = {key: _parse_value(v) for key, v in options.items() if key == "label_tolerance"}
    _check_options(text, tolerance)
    graph = _read_graph(text, path)
    action = options.get("action", "action") or None
    label = options.get("label", "label")
    mdp = DeterministicMDP.from_networkx(graph, action, label, **tolerance)
    return Source(mdp, text, "file")


def _read_graph(text: str, path: Path) -> Any:
    suffix = path.suffix.lower()
    if suffix in _PLANNED:
        raise SourceError(
            f"{text}: {suffix} files are not supported yet; supported: {_SUPPORTED}. NetworkX can "
            "convert most formats: networkx.write_graphml(graph, 'system.graphml')."
        )
    if suffix not in (".graphml", ".json"):
        raise SourceError(f"{text!r} is no SOURCE.{_hint(text)} {_GRAMMAR}")
    data = _read_bytes(path)
    parse = _parse_graphml if suffix == ".graphml" else _parse_node_link
    try:
        return parse(data)
    except Exception as error:  # parsers of others: any error means that the file is no graph
        kind = "GraphML" if suffix == ".graphml" else "node-link JSON"
        detail = f"{type(error).__name__}: {error}"
        raise SourceError(
            f"{path} is not readable as {kind} ({detail[:300]}). Is it complete? "
            "NetworkX writes it with "
            + (
                "networkx.write_graphml(graph, path)."
                if suffix == ".graphml"
                else "json.dump(networkx.node_link_data(graph), file)."
            )
        ) from error


def _hint(text: str) -> str:
    """Suggest the SOURCE that was probably meant."""
    prefix, colon, rest = text.partition(":")
    if colon:
        close = difflib.get_close_matches(prefix, ["gym", "gallery", "random"], n=1)
        return f" Did you mean {close[0]}:{rest}?" if close else ""
    if re.fullmatch(r"[\w/]+-v\d+(\?.*)?", text):
        return f" Did you mean gym:{text}?"
    try:
        gallery_mdp(text)
    except TellapartError:
        return ""
    return f" Did you mean gallery:{text}?"


def _read_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder; name a file ({_SUPPORTED}).")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise SourceError(
                f"{path} has {size / 2**20:.0f} MiB, more than the bound of "
                f"{MAX_FILE_BYTES // 2**20} MiB for graph files. Build the DeterministicMDP from "
                "arrays in Python instead."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"The file {path} does not exist (from {Path.cwd()}).") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error


def _parse_graphml(data: bytes) -> Any:
    import io

    import networkx as nx

    return nx.read_graphml(io.BytesIO(data))


def _parse_node_link(data: bytes) -> Any:
    import networkx as nx

    content = json.loads(data)
    if not isinstance(content, dict) or "nodes" not in content:
        raise ValueError("the top level must be an object with 'nodes' and 'links' or 'edges'")
    edges = "links" if "links" in content else "edges"
    return nx.node_link_graph(content, edges=edges)
