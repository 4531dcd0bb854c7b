"""Parquet and CSV files of logged transitions: open, check, read only what is asked for."""

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tellapart.theory.data.arrays import Options, from_columns
from tellapart.theory.data.columns import Column
from tellapart.theory.data.csv_files import read_csv
from tellapart.theory.data.loaders import Columns, IfPresent, Paths
from tellapart.theory.data.rows import RowNames
from tellapart.theory.data.tables import arrow, label_data, name_columns
from tellapart.theory.errors import DataFileError, InvalidArgumentError, InvalidMDPError

if TYPE_CHECKING:
    from tellapart.theory.data.transitions import TransitionData

__all__ = ["Wanted", "from_csv", "from_parquet"]

Data = TypeVar("Data", bound="TransitionData")

#: First and last bytes of every Parquet file.
PARQUET_MARK = b"PAR1"

#: A Parquet file ends with the length of its list of columns, in 4 bytes, and the mark.
SMALLEST_END = 8

_DEFAULT_LABEL = "label"


@dataclass(frozen=True)
class Wanted:
    """Which columns to read, as the user named them."""

    observation: Columns
    action: Columns
    next_observation: Columns
    label: Columns | IfPresent | None
    next_label: Columns | None

    def names(self, present: Sequence[str], path: Path) -> dict[str, tuple[str, ...]]:
        """Return the columns of each role; DataFileError for one that is not in the file."""
        label = self.label
        if isinstance(label, IfPresent):
            label = _DEFAULT_LABEL if _DEFAULT_LABEL in present else None
        roles = {
            "observation": self.observation,
            "action": self.action,
            "next_observation": self.next_observation,
            "label": label,
            "next_label": self.next_label,
        }
        found = {}
        for role, columns in roles.items():
            if columns is None and role.endswith("label"):
                continue
            found[role] = as_column_names(columns, role)
            for name in found[role]:
                _check_present(name, role, present, path)
        return found


def as_column_names(columns: Any, role: str) -> tuple[str, ...]:
    """Return one or several names of columns as a tuple, checked."""
    names = (columns,) if isinstance(columns, str) else columns
    if (
        not isinstance(names, list | tuple)
        or (not names and role != "text")
        or not all(isinstance(name, str) for name in names)
    ):
        raise InvalidArgumentError(
            f"{role}={columns!r} names no column; give the name of one or a list of names."
        )
    return tuple(names)


def _check_present(name: str, role: str, present: Sequence[str], path: Path) -> None:
    times = list(present).count(name)
    if times == 1:
        return
    if times > 1:
        raise DataFileError(
            f"{path.name} has {times} columns named {name!r}; rename all but one of them."
        )
    close = difflib.get_close_matches(name, present, n=1)
    advice = f" Did you mean {close[0]!r}?" if close else ""
    raise DataFileError(
        f"{path.name} has no column {name!r} for {role}=. Its columns are "
        f"{', '.join(map(repr, present)) or '(none)'}.{advice} Name another one with {role}=."
    )


def from_parquet(
    cls: type[Data], paths: Paths, wanted: Wanted, max_rows: int | None, options: tuple[Any, ...]
) -> Data:
    """Load Parquet files; see :meth:`~tellapart.theory.data.loaders.Loaders.from_parquet`."""
    files = _as_files(paths, max_rows)
    tables: list[Any] = []
    for path in files:
        with _readable(path):
            left = None if max_rows is None else max_rows - sum(map(len, tables))
            tables.append(_read_parquet(path, wanted, left))
    return _from_tables(cls, files, tables, wanted, Options(*options))


def _read_parquet(path: Path, wanted: Wanted, rows: int | None) -> Any:
    with path.open("rb") as file:
        starts = file.read(len(PARQUET_MARK)) == PARQUET_MARK
        file.seek(-min(path.stat().st_size, SMALLEST_END), 2)
        ending = file.read()
        ends = len(ending) == SMALLEST_END and ending.endswith(PARQUET_MARK)
    if not starts:
        raise DataFileError(
            f"{path.name} is not a Parquet file: it does not begin with PAR1. For text use "
            "from_csv."
        )
    if not ends:
        raise DataFileError(
            f"{path.name} is a truncated Parquet file: it does not end with PAR1, so its list of "
            "columns is lost. Copy or write it again."
        )
    with arrow("pyarrow.parquet").ParquetFile(path) as file:
        names = wanted.names(file.schema_arrow.names, path)
        columns = list(dict.fromkeys(name for group in names.values() for name in group))
        if rows is None:
            return file.read(columns=columns)
        batches, count = [], 0
        for batch in file.iter_batches(columns=columns):
            if count >= rows:
                break
            batches.append(batch.slice(0, rows - count))
            count += len(batches[-1])
        if not batches:
            return file.schema_arrow.empty_table().select(columns)
        return arrow().Table.from_batches(batches)


def from_csv(
    cls: type[Data],
    paths: Paths,
    wanted: Wanted,
    max_rows: int | None,
    options: tuple[Any, ...],
    delimiter: str,
    text: Columns,
) -> Data:
    """Load CSV files; see :meth:`~tellapart.theory.data.loaders.Loaders.from_csv`."""
    if not isinstance(delimiter, str) or len(delimiter) != 1 or not delimiter.isascii():
        raise InvalidArgumentError(f"delimiter={delimiter!r}; it must be one ASCII character.")
    as_text = as_column_names(text, "text")
    files = _as_files(paths, max_rows)
    tables: list[Any] = []
    for path in files:
        with _readable(path):
            _refuse_parquet(path)
            left = None if max_rows is None else max_rows - sum(map(len, tables))
            tables.append(read_csv(path, wanted.names, delimiter, as_text).slice(0, left))
    return _from_tables(cls, files, tables, wanted, Options(*options))


def _refuse_parquet(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(PARQUET_MARK)) == PARQUET_MARK:
            raise DataFileError(f"{path.name} is a Parquet file; load it with from_parquet.")


def _as_files(paths: Any, max_rows: Any) -> list[Path]:
    if max_rows is not None and (type(max_rows) is not int or max_rows < 1):
        raise InvalidArgumentError(
            f"max_rows is {max_rows!r}; it must be an integer >= 1, or None to read all."
        )
    several = [paths] if isinstance(paths, str | PathLike) else paths
    if (
        not isinstance(several, Sequence)
        or not several
        or not all(isinstance(path, str | PathLike) for path in several)
    ):
        raise InvalidArgumentError(
            f"{paths!r} is no file; give the path of one, or a list of paths."
        )
    return [Path(fspath(path)) for path in several]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn whatever can go wrong with a file into one error that names it."""
    if path.is_dir():
        raise DataFileError(
            f"{path} is a folder. Give the files in it, for example "
            f"sorted(Path({str(path)!r}).glob('*.parquet'))."
        )
    try:
        if path.stat().st_size == 0:
            raise DataFileError(f"{path.name} is empty (0 bytes); write it again.")
        yield
    except FileNotFoundError:
        raise DataFileError(f"There is no file {str(path)!r}.") from None
    except PermissionError:
        raise DataFileError(f"{str(path)!r} may not be read; change its permissions.") from None
    except (arrow().ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DataFileError(
            f"{path.name} cannot be read, it is damaged or of another format: {reason}"
        ) from None


def _from_tables(
    cls: type[Data], files: Sequence[Path], tables: list[Any], wanted: Wanted, options: Options
) -> Data:
    sizes = [len(table) for table in tables]
    if not sum(sizes):
        raise DataFileError(
            f"{', '.join(path.name for path in files)} has no rows; a data set needs at least one "
            "transition."
        )
    rows = RowNames()
    if len(files) > 1:
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        rows = RowNames("row", tuple(starts), tuple(path.name for path in files))
    table = _joined(files, tables)
    names = wanted.names(table.column_names, files[0])
    columns = {
        role: Column(
            {name: table.column(name) for name in group},
            {"next_observation": "successor"}.get(role, role),
            f"column {', '.join(map(repr, group))}",
            rows.text,
        )
        for role, group in names.items()
    }
    tables.clear()
    del table
    with _naming(files):
        observations, successors = name_columns(
            [columns.pop("observation"), columns.pop("next_observation")]
        )
        (actions,) = name_columns([columns.pop("action")])
        labels = [
            (label_data(columns[role]), columns[role].where) if role in columns else (None, "")
            for role in ("label", "next_label")
        ]
        columns.clear()
        return from_columns(cls, [observations, actions, successors], labels, rows, options)


def _joined(files: Sequence[Path], tables: Sequence[Any]) -> Any:
    pa = arrow()
    if len(tables) == 1:
        return tables[0]
    for path, table in zip(files, tables, strict=True):
        if set(table.column_names) != set(tables[0].column_names):
            raise DataFileError(
                f"{path.name} has the columns {table.column_names}, {files[0].name} has "
                f"{tables[0].column_names}; all files need the same."
            )
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise DataFileError(
            f"The columns of {', '.join(path.name for path in files)} are of different types: "
            f"{str(error).splitlines()[0]}"
        ) from None


@contextmanager
def _naming(files: Sequence[Path]) -> Iterator[None]:
    """Begin the message of an error with the file; rows of several files name theirs already."""
    try:
        yield
    except (InvalidMDPError, DataFileError) as error:
        if len(files) > 1:
            raise
        raise type(error)(f"{files[0].name}: {error}") from None
