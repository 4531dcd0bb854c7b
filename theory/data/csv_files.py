"""CSV to Arrow: empty cells are null, and a column holds numbers or text, not both."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tellapart.theory.data.tables import arrow
from tellapart.theory.errors import DataFileError

__all__ = ["NUMBER", "read_csv"]

#: How a cell with a number looks.
NUMBER = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$"

#: From the columns of a file and its path to the columns of each role.
Choice = Callable[[Sequence[str], Path], dict[str, tuple[str, ...]]]


def read_csv(path: Path, choose: Choice, delimiter: str, text: Sequence[str]) -> Any:
    """Read the chosen columns of one file as an Arrow table.

    Raises
    ------
    DataFileError
        For rows of wrong length, text that is not UTF-8, and columns of numbers and text.
    """
    pacsv = arrow("pyarrow.csv")
    header = _header(path, delimiter)
    names = choose(header, path)
    columns = list(dict.fromkeys(name for group in names.values() for name in group))
    unknown = [name for name in text if name not in header]
    if unknown:
        raise DataFileError(
            f"{path.name} has no column {unknown[0]!r} to read as text. Its columns are "
            f"{', '.join(map(repr, header))}."
        )
    convert = pacsv.ConvertOptions(
        include_columns=columns,
        column_types={name: arrow().string() for name in text},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    table = _parsed(path, delimiter, convert, len(header))
    for index, name in enumerate(columns):
        column = table.column(name)
        if arrow().types.is_binary(column.type):
            _refuse_other_text(path)
        if arrow().types.is_string(column.type):
            column = column.dictionary_encode()
            table = table.set_column(index, name, column)
            if name not in text:
                _refuse_mixture(path, name, column)
        elif arrow().types.is_floating(column.type):
            table = table.set_column(index, name, _whole(column))
    return table


def _whole(column: Any) -> Any:
    """Return a column of whole numbers as integers: Arrow reads ``+1`` as a fraction.

    Equal numbers are one name and one label whatever their type; integers print better.
    """
    try:
        return column.cast(arrow().int64())  # which refuses what would not stay equal
    except arrow().ArrowInvalid:
        return column


def _header(path: Path, delimiter: str) -> list[str]:
    """Read the names of the columns, those that occur twice included."""
    with arrow().input_stream(str(path)) as stream:  # which also unpacks .gz and .bz2
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            header = next((row for row in csv.reader(lines, delimiter=delimiter) if row), None)
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataFileError(
                f"{path.name} does not begin with a line of column names in UTF-8: {error}."
            ) from None
    if header is None:
        raise DataFileError(f"{path.name} has only empty lines; it needs a line of column names.")
    return header


def _refuse_other_text(path: Path) -> None:
    """Refuse bytes that are not UTF-8, with the line."""
    with arrow().input_stream(str(path)) as stream:
        for number, line in enumerate(io.BufferedReader(stream)):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                raise DataFileError(
                    f"{path.name}: line {number + 1} holds bytes that are not UTF-8 text. Save "
                    "the file as UTF-8."
                ) from None


def _parsed(path: Path, delimiter: str, convert: Any, width: int) -> Any:
    pacsv = arrow("pyarrow.csv")
    parse = pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    try:
        return pacsv.read_csv(path, parse_options=parse, convert_options=convert)
    except arrow().ArrowInvalid:
        _refuse_other_text(path)
        bad: list[Any] = []

        def remember(row: Any) -> str:
            bad.append(row)
            return "skip" if len(bad) == 1 else "error"

        # Only one thread counts rows; so read again, to be able to say which row it is.
        parse.invalid_row_handler = remember
        one_thread = pacsv.ReadOptions(use_threads=False)
        try:
            pacsv.read_csv(path, one_thread, parse, convert)
        except arrow().ArrowInvalid:
            if not bad:
                raise
        first = bad[0]
        raise DataFileError(
            f"{path.name}: row {first.number - 2} has {first.actual_columns} cells, the header "
            f"has {width}: {first.text!r}. Correct the row, or quote cells that hold the "
            f"delimiter {delimiter!r}."
        ) from None


def _refuse_mixture(path: Path, name: str, column: Any) -> None:
    """Refuse a column of text some of whose cells are numbers: one or the other is a mistake."""
    if not column.num_chunks:
        return
    pc = arrow("pyarrow.compute")
    values = column.unify_dictionaries().chunk(0).dictionary
    numeric = pc.match_substring_regex(values, NUMBER)
    some = pc.any(numeric).as_py()
    if not some or pc.all(numeric).as_py():
        return
    number = _first_row(column, values, numeric)
    words = _first_row(column, values, pc.invert(numeric))
    raise DataFileError(
        f"{path.name}: column {name!r} changes type: row {number[0]} holds the number "
        f"{number[1]!r}, row {words[0]} the text {words[1]!r}. Correct the cell, leave it empty if "
        f"it is a label that is not known, or read the column as text with text=[{name!r}]."
    )


def _first_row(column: Any, values: Any, chosen: Any) -> tuple[int, str]:
    pc = arrow("pyarrow.compute")
    wanted = values.filter(chosen)
    row = pc.index(pc.is_in(column.cast(values.type), value_set=wanted), True).as_py()
    return row, column[row].as_py()
