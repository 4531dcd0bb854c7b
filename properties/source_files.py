"""Files as SOURCE: graphs in four formats, and tables of logged transitions."""

import csv
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tellapart.properties.source_options import (
    SourceError,
    check_options,
    parse_query,
    parse_value,
)
from tellapart.theory.data.tables import arrow
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import TellapartError
from tellapart.theory.formats.files import SUFFIXES, read_labelings, read_system
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["FILE_SUFFIXES", "TABLE_SUFFIXES", "FileSource", "parse_file_source"]

T = TypeVar("T")
System = DeterministicMDP | TransitionData

#: Files of logged transitions, one in each row.
TABLE_SUFFIXES = (".parquet", ".csv")
#: Every file that can be a SOURCE.
FILE_SUFFIXES = (*SUFFIXES, *TABLE_SUFFIXES)

_GRAPH_OPTIONS = ("action", "label", "labels", "label_tolerance")
_COLUMNS = ("observation", "action", "next_observation", "label", "next_label")
_TABLE_OPTIONS = (*_COLUMNS, "deterministic", "label_tolerance")


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file and its options, split and checked, but not yet read.

    Attributes
    ----------
    text
        The SOURCE string, for messages.
    path
        The file.
    options
        What to pass to ``read_system``, or to ``TransitionData.from_parquet`` and ``from_csv``.
    """

    text: str
    path: Path
    options: Mapping[str, Any]

    @property
    def is_table(self) -> bool:
        """Tell whether the file has one transition in each row."""
        return self.path.suffix.lower() in TABLE_SUFFIXES

    def load(self) -> System:
        """Read the system.

        Raises
        ------
        SourceError
            For everything that is wrong with the file, naming it.
        """
        if self.is_table:
            return self._guarded(lambda: self._table(self.options))
        return self._guarded(lambda: read_system(self.path, **self.options))

    def labelings(self, names: list[str]) -> dict[str, tuple[Hashable, ...]]:
        """Return what the file has of these labelings: node attributes, or columns as labels.

        A table is read once for each name, and a column that it does not have is an error; of a
        graph everything is returned that it has.
        """
        if self.is_table:
            return {name: self._guarded(partial(self._column, name)) for name in names}
        return self._guarded(lambda: read_labelings(self.path))

    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns of a table.

        Raises
        ------
        SourceError
            When it cannot be read.
        """
        return self._guarded(lambda: _column_names(self.path))

    def _table(self, options: Mapping[str, Any]) -> TransitionData:
        parquet = self.path.suffix.lower() == ".parquet"
        load = TransitionData.from_parquet if parquet else TransitionData.from_csv
        return load(self.path, **options)

    def _column(self, name: str) -> tuple[Hashable, ...]:
        own = {key: value for key, value in self.options.items() if key != "next_label"}
        data = self._table(own | {"label": name})
        return tuple(data.label_of(o) for o in range(data.n_obs))

    def _guarded(self, load: Callable[[], T]) -> T:
        try:
            return load()
        except TellapartError as error:
            message = str(error)
            named = str(self.path) in message
            raise SourceError(message if named else f"{self.text}: {message}") from error


def _column_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a table that could be read before."""
    try:
        if path.suffix.lower() == ".parquet":
            return tuple(arrow("pyarrow.parquet").read_schema(path).names)
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(next(csv.reader(file), ()))
    except (OSError, ValueError, csv.Error) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error


def parse_file_source(text: str) -> FileSource | None:
    """Split ``PATH?option=value&...``; None when the path does not end as a known file does.

    Raises
    ------
    SourceError
        For options that the kind of file does not have, or of the wrong type.
    """
    path, query = Path(text), ""
    if "?" in text and not _exists(path):
        name, _, query = text.partition("?")
        path = Path(name)
    if path.suffix.lower() not in FILE_SUFFIXES:
        return None
    given = parse_query(text, query)
    table = path.suffix.lower() in TABLE_SUFFIXES
    _refuse_unknown(text, given, table)
    options: dict[str, Any] = {}
    for key, value in given.items():
        if key in ("deterministic", "label_tolerance"):
            options[key] = parse_value(value)
        elif table:
            options[key] = _columns(text, key, value)
        else:
            options[key] = value
    if not table:
        options["action"] = options.get("action", "action") or None
        if options.get("labels", "enabled") != "enabled":
            raise SourceError(f"{text}: labels is {options['labels']!r}; it must be enabled.")
    check_options(text, options)
    return FileSource(text, path, options)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _refuse_unknown(text: str, given: Mapping[str, str], table: bool) -> None:
    known = _TABLE_OPTIONS if table else _GRAPH_OPTIONS
    unknown = [key for key in given if key not in known]
    if not unknown:
        return
    what = (
        "a table takes observation=, action=, next_observation=, label= and next_label=, the names "
        "of the columns that hold them (several with commas), deterministic= and label_tolerance=."
        if table
        else "a file takes action= and label=, the names of the attributes that hold them, "
        "labels=enabled, and label_tolerance=."
    )
    raise SourceError(f"{text}: unknown option {unknown[0]!r}; {what}")


def _columns(text: str, key: str, value: str) -> str | list[str] | None:
    names = value.split(",")
    if value == "" and key in ("label", "next_label"):
        return None
    if "" in names:
        raise SourceError(f"{text}: {key} is {value!r}; name a column, or several with commas.")
    return names if len(names) > 1 else value
