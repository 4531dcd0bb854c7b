"""Read the tables of a store: counts by SQL, and full results only of the cases that are kept."""

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tellapart.properties.suite.advice import Advice
from tellapart.properties.suite.outcomes import CaseResult, DepthShare
from tellapart.properties.suite.store_tables import ADVISED, APPLICATION, NOTED, SCHEMA, TELLING
from tellapart.properties.suite.tally import MOST_ADVISED, MOST_KEPT, Tally, place_of
from tellapart.properties.suite.verdicts import FAILING, SuiteVerdict
from tellapart.theory.errors import FileFormatError, InvalidArgumentError
from tellapart.theory.serialise import loads

__all__ = ["check_format", "results_in", "single", "tallies_in"]

#: SQLite takes no more variables than this in one statement, in its oldest version.
_MOST_VARIABLES = 900
_FAILING = ", ".join(f"'{one.value}'" for one in FAILING)


def single(connection: sqlite3.Connection, question: str) -> Any:
    """Return the one value that a statement yields."""
    return connection.execute(question).fetchone()[0]


def check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not a store with these tables.

    Raises
    ------
    FileFormatError
        When it is not.
    """
    if single(connection, "PRAGMA application_id") != APPLICATION:
        raise FileFormatError(f"{path} is not a store of the suite; name another file.")
    schema = single(connection, "PRAGMA user_version")
    if schema != SCHEMA:
        raise FileFormatError(
            f"{path} has tables of version {schema}, and this tellapart knows version {SCHEMA}; "
            "read it with the one that wrote it, or name another file."
        )


def results_in(connection: sqlite3.Connection, path: Path) -> Iterator[CaseResult]:
    """Yield all full results, in the order in which they came.

    Raises
    ------
    FileFormatError
        When one cannot be read.
    """
    for (body,) in connection.execute("SELECT json FROM bodies ORDER BY number"):
        yield _decoded(body, path)


def tallies_in(
    connection: sqlite3.Connection,
    path: Path,
    most_kept: int = MOST_KEPT,
    chosen: str | None = None,
) -> dict[str, Tally]:
    """Count what is in a store, by check.

    Parameters
    ----------
    connection, path
        Of the store.
    most_kept
        See :class:`~tellapart.properties.suite.tally.Tally`.
    chosen
        A table with the numbers of the cases to count; None: all of them.

    Returns
    -------
    dict
        The same tallies as those of :func:`~tellapart.properties.suite.tally.tally_of`.

    Raises
    ------
    FileFormatError
        When a result that is kept cannot be read.
    """
    where = "TRUE" if chosen is None else f"number IN {chosen}"
    made = _counted(connection, where, most_kept)
    _note(connection, where, made)
    kept = {check: _kept(connection, where, check, tally) for check, tally in made.items()}
    advised = {
        check: _numbers(
            connection,
            f"{where} AND {ADVISED}",
            check,
            "place, scenario",
            min(MOST_ADVISED, tally.most_kept),
        )
        for check, tally in made.items()
    }
    bodies = _bodies(connection, [*kept.values(), *advised.values()])
    for check, tally in made.items():
        cases = {number: _decoded(bodies.get(number, ""), path) for number in kept[check]}
        for case in cases.values():
            tally.keep(case)
        for number in advised[check]:
            _advise(tally, cases.get(number), bodies.get(number, ""), path)
    return made


def _counted(connection: sqlite3.Connection, where: str, most_kept: int) -> dict[str, Tally]:
    """Return tallies with all that SQL can count."""
    made: dict[str, Tally] = {}
    for check, verdict, grade, number, seconds, margin in connection.execute(
        'SELECT "check", verdict, grade, count(*), sum(seconds), min(margin) '
        f"FROM cases NOT INDEXED WHERE {where} GROUP BY 1, 2, 3"
    ):
        tally = made.setdefault(check, Tally(most_kept))
        tally.verdicts[SuiteVerdict(verdict)] += number
        tally.seconds += seconds
        tally.add_margin(margin)
        if grade is not None:
            tally.grades[grade] += number
    for check, depth, n_pairs, n_merged, relative in connection.execute(
        'SELECT "check", depth, sum(n_pairs), sum(n_merged), min(relative) FROM depths '
        f"WHERE {where} GROUP BY 1, 2"
    ):
        nearest = math.nan if relative is None else relative
        made[check].depths[depth] = DepthShare(depth, n_pairs, n_merged, nearest)
    return made


def _note(connection: sqlite3.Connection, where: str, made: dict[str, Tally]) -> None:
    """Fill in the notes, and why cases were skipped."""
    first = "min(place || char(31) || scenario)"
    for check, notes, key in connection.execute(
        f'SELECT "check", notes, {first} FROM cases WHERE {where} AND {NOTED} GROUP BY 1, 2'
    ):
        place, scenario = key.split("\x1f")
        made[check].add_notes((place, scenario), json.loads(notes))
    for check, summary, key in connection.execute(
        f'SELECT "check", summary, {first} FROM cases NOT INDEXED WHERE {where} '
        "AND verdict = ? GROUP BY 1, 2",
        [SuiteVerdict.SKIPPED.value],
    ):
        place, scenario = key.split("\x1f")
        made[check].add_skipped((place, scenario), summary)


def _kept(connection: sqlite3.Connection, where: str, check: str, tally: Tally) -> list[int]:
    """Return the numbers of the cases that a tally keeps."""
    if tally.n_cases > tally.most_kept:
        where = f"{where} AND {TELLING}"
    order = f"verdict NOT IN ({_FAILING}), place, scenario"
    return _numbers(connection, where, check, order, tally.most_kept)


def _numbers(
    connection: sqlite3.Connection, where: str, check: str, order: str, most: int
) -> list[int]:
    question = f'SELECT number FROM cases WHERE "check" = ? AND {where} ORDER BY {order} LIMIT ?'
    return [number for (number,) in connection.execute(question, (check, most))]


def _bodies(connection: sqlite3.Connection, wanted: Iterable[list[int]]) -> dict[int, str]:
    """Return saved results as text, by number."""
    numbers = sorted({number for some in wanted for number in some})
    found: dict[int, str] = {}
    for start in range(0, len(numbers), _MOST_VARIABLES):
        some = numbers[start : start + _MOST_VARIABLES]
        marks = ", ".join("?" * len(some))
        found.update(
            connection.execute(f"SELECT number, json FROM bodies WHERE number IN ({marks})", some)
        )
    return found


def _decoded(body: str, path: Path) -> CaseResult:
    try:
        return CaseResult.from_json(body)
    except InvalidArgumentError as error:
        raise _unreadable(path, error) from error


def _advise(tally: Tally, case: CaseResult | None, body: str, path: Path) -> None:
    """Add the advice on a case; the rest of one that is not decoded yet is left alone."""
    if case is not None:
        tally.add_advice(place_of(case.scenario), case.outcome.advice)
        return
    try:
        data = json.loads(body)
        items = data["outcome"]["advice"]["tuple"]
        found = tuple(loads(json.dumps(item), Advice) for item in items)
    except (InvalidArgumentError, LookupError, TypeError, ValueError) as error:
        raise _unreadable(path, error) from error
    tally.add_advice(place_of(data["scenario"]), found)


def _unreadable(path: Path, error: Exception) -> FileFormatError:
    return FileFormatError(
        f"A result in {path} cannot be read ({error}): the file is damaged, or another version of "
        "tellapart wrote it. Remove it and run again, or read it with that version."
    )
