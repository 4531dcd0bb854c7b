"""The tables of a store of results, and a result as rows of them."""

import json
import math
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.tally import PLAIN, place_of
from tellapart.theory.errors import FileFormatError, InvalidArgumentError

__all__ = [
    "ADVISED",
    "APPLICATION",
    "INSERT_BODY",
    "INSERT_CASE",
    "INSERT_DEPTH",
    "NOTED",
    "SCHEMA",
    "TABLES",
    "TELLING",
    "case_row",
    "check_length",
    "depth_rows",
    "plain_text",
    "readable_errors",
]

#: Marks an SQLite file as a store ("Tell"), and the version of its tables.
APPLICATION, SCHEMA = 0x54656C6C, 1

#: Conditions that reports ask for, word for word those of an index.
TELLING = f"verdict NOT IN ({', '.join(repr(one.value) for one in PLAIN)})"
ADVISED, NOTED = "n_advice > 0", "notes IS NOT NULL"

# Narrow rows for counting lie apart from the full results: a report reads all of the former and a
# few of the latter.
TABLES = (
    "CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE versions (number INTEGER PRIMARY KEY, packages TEXT NOT NULL UNIQUE)",
    "CREATE TABLE planned (id TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE cases (
        number INTEGER PRIMARY KEY, "check" TEXT NOT NULL, scenario TEXT NOT NULL,
        tier TEXT NOT NULL, seed INTEGER NOT NULL, verdict TEXT NOT NULL, grade TEXT,
        summary TEXT NOT NULL, seconds REAL NOT NULL, ratio REAL, margin REAL,
        dynamics_loss REAL, aux_loss REAL, steps INTEGER, n_must_separate INTEGER NOT NULL,
        n_merged INTEGER NOT NULL, title TEXT, fingerprint TEXT, n_obs INTEGER,
        n_actions INTEGER, n_blocks INTEGER, depth INTEGER, notes TEXT, n_advice INTEGER NOT NULL,
        place TEXT NOT NULL, UNIQUE ("check", scenario)
    )""",
    """CREATE TABLE depths (
        "check" TEXT NOT NULL, depth INTEGER NOT NULL, number INTEGER NOT NULL,
        n_pairs INTEGER NOT NULL, n_merged INTEGER NOT NULL, relative REAL,
        PRIMARY KEY ("check", depth, number)
    ) WITHOUT ROWID""",
    "CREATE TABLE bodies (number INTEGER PRIMARY KEY, json TEXT NOT NULL)",
    # Of the cases that a report looks for; those that hold are in none of them.
    f'CREATE INDEX telling ON cases ("check", place) WHERE {TELLING}',
    f'CREATE INDEX advised ON cases ("check", place) WHERE {ADVISED}',
    f'CREATE INDEX noted ON cases ("check", notes) WHERE {NOTED}',
)

INSERT_CASE = f"""INSERT INTO cases VALUES (NULL{", ?" * 24})
    ON CONFLICT ("check", scenario) DO NOTHING"""
INSERT_DEPTH = "INSERT INTO depths VALUES (?, ?, ?, ?, ?, ?)"
INSERT_BODY = "INSERT INTO bodies VALUES (?, ?)"

_HALVES = re.compile("[\ud800-\udfff]")
#: Bytes of the header of an SQLite file.
_HEAD = 100
_DAMAGED = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_IOERR}
)


def check_length(path: Path) -> None:
    """Refuse a file that is shorter than it says; SQLite would notice when it needs the rest.

    Raises
    ------
    FileFormatError
        When it is.
    """
    journal = path.with_name(f"{path.name}-wal")
    if journal.exists() and journal.stat().st_size:
        return  # a run was killed, and SQLite puts the end of the file back from there
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if len(head) == _HEAD and head.startswith(b"SQLite format 3\0"):
        size = int.from_bytes(head[16:18], "big")
        n_pages = int.from_bytes(head[28:32], "big")
        if path.stat().st_size < (1 << 16 if size == 1 else size) * n_pages:
            raise FileFormatError(
                f"{path} is cut off. Remove it and run again, or name another file."
            )


def plain_text(text: str) -> str:
    """Return text that a file can hold: halves of characters become JSON escapes."""
    return _HALVES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def case_row(result: CaseResult) -> tuple[object, ...]:
    """Return what :data:`INSERT_CASE` takes."""
    outcome, system = result.outcome, result.outcome.system
    facts: tuple[object, ...] = (None,) * 6
    if system is not None:
        facts = (
            plain_text(system.title), system.fingerprint, system.n_obs, system.n_actions,
            system.n_blocks, system.depth,
        )  # fmt: skip
    notes = json.dumps(outcome.notes) if outcome.notes else None
    return (
        result.check, result.scenario, result.tier, result.seed, outcome.verdict.value,
        outcome.grade, plain_text(outcome.summary), result.seconds, outcome.ratio, outcome.margin,
        *(outcome.losses or (None, None)), outcome.steps, outcome.n_must_separate,
        outcome.n_merged, *facts, notes, len(outcome.advice), place_of(result.scenario)[0],
    )  # fmt: skip


def depth_rows(number: int, result: CaseResult) -> list[tuple[object, ...]]:
    """Return what :data:`INSERT_DEPTH` takes."""
    return [
        (
            result.check, row.depth, number, row.n_pairs, row.n_merged,
            None if math.isnan(row.relative) else row.relative,
        )
        for row in result.outcome.by_depth
    ]  # fmt: skip


@contextmanager
def readable_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into one sentence about the file.

    Raises
    ------
    FileFormatError
        When the file is damaged or is something else.
    InvalidArgumentError
        When it cannot be opened or written.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGED:
            raise FileFormatError(
                f"{path} is damaged, or is no store of the suite ({error}). Remove it and run "
                "again, or name another file."
            ) from error
        raise InvalidArgumentError(
            f"{path} cannot be used as a store ({error}). Name a file in a folder that you may "
            "write to, on a disk with space left."
        ) from error
