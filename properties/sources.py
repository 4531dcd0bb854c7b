"""SOURCE strings: where the command line and ``check`` get their systems from."""

import difflib
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from tellapart.properties.source_files import parse_file_source
from tellapart.properties.source_options import (
    SourceError,
    check_options,
    parse_query,
    parse_value,
)
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    StochasticEnvironmentError,
    TellapartError,
)
from tellapart.theory.gallery import gallery_mdp, random_mdp
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Progress", "Source", "SourceError", "load_source", "parse_gym_source"]

#: A larger random system (observations times actions) is refused before it is made.
MAX_RANDOM_PAIRS = 50_000_000

Label = str | Callable[[Hashable, tuple[Any, ...]], Hashable]
Progress = Callable[[int, int], None]

_GRAMMAR = (
    "Give gym:ID?option=value, gallery:NAME, random:n=32,actions=2,labels=2,seed=0, or a file "
    "(graphs: .json, .graphml, .dot, .gv, .aut; logged transitions: .parquet, .csv)."
)
# What a SOURCE cannot give to from_gymnasium.
_RESERVED = ("label", "progress", "env", "cls")


@dataclass(frozen=True, slots=True)
class Source:
    """A loaded system.

    Attributes
    ----------
    system
        The system. Tables of logged transitions, and graphs with missing transitions, several
        successors or missing labels are data; everything else is an MDP.
    title
        How to name it: a SOURCE string that loads it again, the drawn seed included.
    kind
        ``"gymnasium"``, ``"gallery"``, ``"random"`` or ``"file"``.
    """

    system: DeterministicMDP | TransitionData
    title: str
    kind: str

    @property
    def mdp(self) -> DeterministicMDP:
        """The system as an MDP, for everything that needs one.

        Raises
        ------
        SourceError
            When it is none, naming the missing transition, the contradiction or the label.
        """
        if isinstance(self.system, DeterministicMDP):
            return self.system
        try:
            return self.system.to_mdp()
        except TellapartError as error:
            raise SourceError(f"{self.title}: {error} Only audit takes such data.") from error

    def explain(self) -> str:
        """Return the title and the size of the system in one line."""
        system = self.system
        text = (
            f"{self.title} ({self.kind}): {system.n_obs} observations, {system.n_actions} actions, "
            f"{len(system.label_values)} distinct labels"
        )
        if isinstance(system, TransitionData):
            text += (
                f", {system.n_transitions} transitions, {system.n_missing_pairs} pairs of "
                f"observation and action without one, {system.n_labelled} observations labelled"
            )
        return text


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
        a graph file
            ``.json`` (node-link JSON), ``.graphml``, ``.dot``, ``.gv`` or ``.aut``; see
            :func:`~tellapart.theory.formats.files.read_system`. The attributes that hold action
            and label are options: ``maze.graphml?action=move&label=colour``. An empty ``action=``
            reads every edge as the only action; ``labels=enabled`` labels every observation by
            the actions it has; ``label_tolerance=1e-9`` merges labels that close.
        a table
            ``.parquet`` or ``.csv`` with one transition in each row. The columns are options:
            ``log.parquet?observation=x,y&action=a&next_observation=x2,y2&label=reward``, also
            ``next_label``, ``deterministic=true`` and ``label_tolerance``; several columns make
            a tuple. See :meth:`~tellapart.theory.data.transitions.TransitionData.from_parquet`.
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
            return _load_gym(text, label, progress)
        if colon and prefix == "gallery":
            return Source(gallery_mdp(rest), text, "gallery")
        if colon and prefix == "random":
            return _load_random(rest, seed)
        file = parse_file_source(text)
        if file is None:
            raise SourceError(f"{text!r} is no SOURCE.{_hint(text)} {_GRAMMAR}")
        return Source(file.load(), text, "file")
    except SourceError:
        raise
    except StochasticEnvironmentError as error:
        name = text.partition("?")[0]
        raise SourceError(
            f"{text}: {error} In a SOURCE options follow '?', as in {name}?is_slippery=false"
        ) from error
    except TellapartError as error:
        raise SourceError(f"{text}: {error}") from error


def _load_gym(text: str, label: Label, progress: Progress | None) -> Source:
    name, options = parse_gym_source(text)
    mdp = DeterministicMDP.from_gymnasium(name, label, progress=progress, **options)
    return Source(mdp, text, "gymnasium")


def parse_gym_source(text: str) -> tuple[str, dict[str, Any]]:
    """Split ``gym:ID?option=value&...`` into the id and the options of ``from_gymnasium``.

    Raises
    ------
    SourceError
        When there is no id, or an option is not for a SOURCE or of the wrong type.
    """
    name, _, query = text.removeprefix("gym:").partition("?")
    if not name:
        raise SourceError(f"{text}: no environment id after 'gym:', as in gym:CliffWalking-v1.")
    options = {key: parse_value(value) for key, value in parse_query(text, query).items()}
    reserved = [key for key in options if key in _RESERVED]
    if reserved:
        raise SourceError(
            f"{text}: the option {reserved[0]!r} cannot be given in a SOURCE; call "
            "DeterministicMDP.from_gymnasium from Python for that."
        )
    check_options(text, options)
    return name, options


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
