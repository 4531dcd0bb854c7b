"""One SQLite file with the results of a campaign: resumable after a kill, read by reports."""

import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tellapart.properties.cases.case import package_versions
from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.profiles import SUITE_PROFILES
from tellapart.properties.suite.registry import Check, all_checks
from tellapart.properties.suite.results import Report, result_of
from tellapart.properties.suite.store_lock import Lock
from tellapart.properties.suite.store_reading import (
    check_format,
    results_in,
    single,
    tallies_in,
)
from tellapart.properties.suite.store_tables import (
    APPLICATION,
    INSERT_BODY,
    INSERT_CASE,
    INSERT_DEPTH,
    SCHEMA,
    TABLES,
    case_row,
    check_length,
    depth_rows,
    plain_text,
    readable_errors,
)
from tellapart.properties.suite.tally import Recalled
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.wording import count

__all__ = ["MOST_SHOWN", "Store", "report_of_store"]

#: The report of a store with more cases than this shows so many of them, and counts all.
MOST_SHOWN = 1000

_VERSIONS = "SELECT packages FROM versions ORDER BY number"
_MISSING = """SELECT count(*) FROM planned WHERE id NOT IN
    (SELECT "check" || '/' || scenario FROM cases)"""


class Store:
    """The results of one campaign in one file; made by :meth:`open`, and closed after use.

    Every result is committed when it is added, so that a kill loses nothing but the cases that are
    being run. A second process that wants to write is refused; any number may read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from tellapart.properties.suite.outcomes import CaseResult, Outcome
    >>> from tellapart.properties.suite.verdicts import SuiteVerdict
    >>> outcome = Outcome(SuiteVerdict.HOLDS, "All is well.")
    >>> result = CaseResult("exact-counting", "counting-9-0", "exact", 7, outcome, 0.5)
    >>> run = dict(subject="joint", profile="ci", seed=0, spec="2026.1", merge_tolerance=1e-3)
    >>> with TemporaryDirectory() as folder, Store.open(f"{folder}/joint.sqlite", **run) as store:
    ...     store.add(result)
    ...     store.add(result)
    ...     len(store), list(store.known()) == [result]
    (1, True)
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: Lock) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        subject: str,
        profile: str,
        seed: int,
        spec: str,
        merge_tolerance: float,
    ) -> Self:
        """Open a store to write to; a file that does not exist is made.

        Parameters
        ----------
        path
            Of the file, such as ``"campaign.sqlite"``.
        subject, profile, seed, spec, merge_tolerance
            What is run, and how. A file that was made for something else is refused.

        Raises
        ------
        InvalidArgumentError
            When the file belongs to another run, is being written by another process, or cannot be
            written.
        FileFormatError
            When it is damaged, or not a store.
        """
        given = {
            "subject": str(subject), "profile": str(profile), "seed": str(seed), "spec": str(spec),
            "merge_tolerance": repr(float(merge_tolerance)),
        }  # fmt: skip
        path = _writable(path)
        lock = Lock(path)
        connection: sqlite3.Connection | None = None
        try:
            with readable_errors(path):
                if path.exists():
                    check_length(path)
                connection = sqlite3.connect(path, timeout=30, isolation_level=None)
                _prepare(connection, path, given)
            return cls(path, connection, lock)
        except BaseException:
            if connection is not None:
                connection.close()
            lock.release()
            raise

    def add(self, result: CaseResult) -> None:
        """Keep a result, unless one with the same id is there already.

        Raises
        ------
        InvalidArgumentError
            When it cannot be saved, or the file cannot be written.
        FileFormatError
            When the file is damaged.

        Notes
        -----
        One transaction: it is there as a whole or not at all, whenever the process is killed.
        Against a crash of the machine the last seconds are not safe (``synchronous=NORMAL``), the
        file is.
        """
        body = plain_text(result.to_json())
        with self._transaction() as connection:
            added = connection.execute(INSERT_CASE, case_row(result))
            if added.rowcount == 1 and added.lastrowid is not None:
                connection.executemany(INSERT_DEPTH, depth_rows(added.lastrowid, result))
                connection.execute(INSERT_BODY, (added.lastrowid, body))

    def recall(self, ids: Collection[str]) -> Recalled:
        """Return what is there of a plan, and remember the plan.

        Parameters
        ----------
        ids
            Of all its cases.

        Raises
        ------
        FileFormatError
            When the file is damaged.
        """
        with self._transaction() as connection:
            connection.execute("DELETE FROM planned")
            connection.executemany(
                "INSERT OR IGNORE INTO planned VALUES (?)", ((id,) for id in ids)
            )
            connection.execute("DROP TABLE IF EXISTS temp.chosen")
            connection.execute("CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY, id TEXT)")
            connection.execute(
                "INSERT INTO temp.chosen SELECT number, planned.id FROM cases JOIN planned "
                """ON planned.id = cases."check" || '/' || cases.scenario"""
            )
            done = frozenset(id for (id,) in connection.execute("SELECT id FROM temp.chosen"))
            chosen = "(SELECT number FROM temp.chosen)"
            return Recalled(done, tallies_in(connection, self.path, chosen=chosen))

    def known(self) -> Iterator[CaseResult]:
        """Yield all results that are there, in the order in which they came.

        Raises
        ------
        FileFormatError
            When the file is damaged.
        """
        with readable_errors(self.path):
            yield from results_in(self._connection, self.path)

    def __len__(self) -> int:
        with readable_errors(self.path):
            return int(single(self._connection, "SELECT count(*) FROM cases"))

    def close(self) -> None:
        """Close the file; it may be called again."""
        with suppress(sqlite3.Error):  # while somebody reads, the journal stays
            self._connection.execute("PRAGMA journal_mode = DELETE")  # one file, easy to copy
        self._connection.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with readable_errors(self.path), _whole(self._connection):
            yield self._connection


@contextmanager
def _whole(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing, whatever comes between: an error, Ctrl-C, a kill."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _writable(path: str | Path) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise InvalidArgumentError(
            f"The path of a store is a {type(path).__name__}; give a file name: 'campaign.sqlite'."
        )
    found = Path(path).absolute()
    if found.is_dir() or not found.parent.is_dir():
        wrong = "is a folder" if found.is_dir() else f"lies in {found.parent}, which does not exist"
        raise InvalidArgumentError(f"{path} {wrong}; name a file in a folder that exists.")
    return found


def _prepare(connection: sqlite3.Connection, path: Path, given: Mapping[str, str]) -> None:
    """Make the tables of a new file, or make sure that an old one belongs to this run."""
    if single(connection, "SELECT count(*) FROM sqlite_master") == 0:
        with _whole(connection):
            for table in TABLES:
                connection.execute(table)
            connection.executemany("INSERT INTO header VALUES (?, ?)", given.items())
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
    check_format(connection, path)
    stored = dict(connection.execute("SELECT key, value FROM header"))
    different = [
        f"{key} {stored.get(key)} instead of {value}"
        for key, value in given.items()
        if stored.get(key) != value
    ]
    if different:
        raise InvalidArgumentError(
            f"{path} holds results of another run: {', '.join(different)}. Run that one again, or "
            "name another file."
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    versions = json.dumps(package_versions())
    connection.execute("INSERT OR IGNORE INTO versions (packages) VALUES (?)", [versions])


def report_of_store(
    path: str | Path,
    *,
    expected_failed_checks: Mapping[str, str] | None = None,
    max_vacuous: float | None = None,
    most_shown: int = MOST_SHOWN,
) -> Report:
    """Return the report of all results in a store, complete or not.

    It may be called while a run writes to it.

    Parameters
    ----------
    path
        Of the file.
    expected_failed_checks, max_vacuous
        As for :func:`~tellapart.properties.suite.running.check_encoder`; they are not in the store.
    most_shown
        When the store has more cases than this, so many of them are in the report, shared equally
        among the checks: those that do not hold, failing ones first. All are counted.

    Returns
    -------
    Report
        ``interrupted`` when cases of the last plan are missing; ``seconds`` is the time of all
        cases together.

    Raises
    ------
    InvalidArgumentError
        When there is no such file, or a check in it is not registered in this process.
    FileFormatError
        When it is damaged, or not a store.

    Notes
    -----
    Time is linear in the number of cases with a small constant (a scan of narrow rows); full
    results are decoded for the cases in the report only.
    """
    if not isinstance(path, str | os.PathLike) or not Path(path).is_file():
        raise InvalidArgumentError(f"There is no store {path!s}; a run with a store makes one.")
    if isinstance(most_shown, bool) or not isinstance(most_shown, int) or most_shown < 1:
        raise InvalidArgumentError(f"most_shown is {most_shown!r}; it must be an integer >= 1.")
    found = Path(path).absolute()
    expected = expected_failed_checks or {}
    with readable_errors(found):
        check_length(found)
        address = f"{found.as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, timeout=30, isolation_level=None)
        try:
            check_format(connection, found)
            connection.execute("BEGIN")  # one moment of a store that is being written
            return _report(connection, found, expected, max_vacuous, most_shown)
        finally:
            connection.close()


def _report(
    connection: sqlite3.Connection,
    path: Path,
    expected: Mapping[str, str],
    max_vacuous: float | None,
    most_shown: int,
) -> Report:
    header = dict(connection.execute("SELECT key, value FROM header"))
    names = {name for (name,) in connection.execute('SELECT DISTINCT "check" FROM cases')}
    checks = _checks(path, names)
    many = single(connection, "SELECT count(*) FROM cases") > most_shown
    tallies = tallies_in(connection, path, max(1, most_shown // len(names)) if many else most_shown)
    limit = _limit(header["profile"], max_vacuous)
    results = tuple(result_of(one, tallies[one.id], limit, expected.get(one.id)) for one in checks)
    missing = single(connection, _MISSING)
    stored = [json.loads(text) for (text,) in connection.execute(_VERSIONS)]
    return Report(
        subject=header["subject"],
        profile=header["profile"],
        seed=int(header["seed"]),
        spec=header["spec"],
        versions=tuple((name, version) for name, version in (stored or [()])[-1]),
        results=results,
        seconds=sum(one.seconds for one in results),
        warnings=_warnings(missing, len(stored)),
        interrupted=missing > 0,
    )


def _limit(profile: str, max_vacuous: float | None) -> float:
    if max_vacuous is not None:
        return max_vacuous
    if profile not in SUITE_PROFILES:
        raise InvalidArgumentError(
            f"The profile {profile!r} of this store is not one of SUITE_PROFILES; give max_vacuous."
        )
    return SUITE_PROFILES[profile].most_vacuous


def _checks(path: Path, names: Collection[str]) -> list[Check]:
    known = all_checks()
    unknown = sorted(set(names) - known.keys())
    if unknown:
        raise InvalidArgumentError(
            f"{path} has results of {', '.join(unknown)}, which no module registers here; import "
            "the module that does, then read the store."
        )
    return [check for id, check in known.items() if id in names]


def _warnings(missing: int, n_versions: int) -> tuple[str, ...]:
    told = []
    if missing:
        told.append(f"The store lacks {count(missing, 'case')} of the plan; run again to go on.")
    if n_versions > 1:
        told.append(
            f"The results were made with {n_versions} sets of package versions: see the table "
            "'versions' of the store."
        )
    return tuple(told)
