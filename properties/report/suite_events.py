"""The events of a run as NDJSON: one event a line, written while it happens, and read back."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, get_args

from tellapart.properties.suite.events import CaseDone, CheckDone, Event, Stopped
from tellapart.properties.suite.registry import all_checks
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import loads

__all__ = ["EventWriter", "event_name", "read_events"]


def event_name(cls: type[Event]) -> str:
    """Return how an event is named in a file.

    Examples
    --------
    >>> event_name(CaseDone)
    'case-done'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()


_BY_NAME: dict[str, type[Any]] = {event_name(one): one for one in get_args(Event)}


class EventWriter:
    """A consumer of events that writes each as one line of JSON and flushes it.

    Parameters
    ----------
    stream
        Text that is written to; a reader on the other end sees every event when it happens.

    Notes
    -----
    Lines are ASCII, so that any stream can hold any name. A line is ``{"event": NAME, ...}`` with
    the fields of the event (:mod:`.events`), encoded as by its ``to_json()``. What was told before
    is not written a second time: the ``cases`` of ``check-done`` and the ``results`` of ``stopped``
    are then ``{"told": [names]}``, which :func:`read_events` puts back.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._cases: set[str] = set()
        self._checks: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Write one event."""
        data = json.loads(event.to_json())
        line = {"event": event_name(type(event)), **data}
        del line["kind"]
        if isinstance(event, CaseDone):
            self._cases.add(event.result.id)
        elif isinstance(event, CheckDone):
            self._refer(line["result"], [one.id for one in event.result.cases])
            self._checks.add(event.result.check)
        elif isinstance(event, Stopped):
            names = [one.check for one in event.report.results]
            if self._checks.issuperset(names):
                line["report"]["results"] = {"told": names}
        self._stream.write(json.dumps(line, allow_nan=False) + "\n")
        self._stream.flush()

    def _refer(self, result: dict[str, Any], ids: list[str]) -> None:
        if self._cases.issuperset(ids):
            result["cases"] = {"told": ids}


def read_events(path: str | Path) -> Iterator[Event]:
    """Read the events of a file, in order.

    Parameters
    ----------
    path
        What :class:`EventWriter` wrote. A last line that was cut off by a kill is left out.

    Yields
    ------
    Event
        Equal to the one that was written.

    Raises
    ------
    InvalidArgumentError
        When the file cannot be read, or a line is no event; the message names the line.
    """
    all_checks()  # registers what cases may hold
    told: dict[str, Any] = {}
    try:
        with Path(path).open(encoding="utf-8", newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                if line.endswith("\n"):
                    yield _event(f"{path}, line {number}", line, told)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArgumentError(f"{path} cannot be read: {error}") from error


def _event(place: str, line: str, told: dict[str, Any]) -> Event:
    """Return the event of a line; ``told`` keeps what later lines refer to."""
    try:
        data = json.loads(line)
        cls = _BY_NAME[data.pop("event")]
        if cls is CheckDone:
            _restore(data["result"], "cases", told)
        elif cls is Stopped:
            _restore(data["report"], "results", told)
        event = loads(json.dumps({"kind": cls.__name__, **data}), cls)
    except (
        InvalidArgumentError,
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
        RecursionError,
    ) as error:
        raise InvalidArgumentError(
            f"{place}: this is no event of the suite ({type(error).__name__}: {error}); write a "
            "file with `tellapart suite SUBJECT --ndjson FILE`."
        ) from error
    if isinstance(event, CaseDone):
        told[event.result.id] = data["result"]
    elif isinstance(event, CheckDone):
        told[event.result.check] = data["result"]
    return event  # type: ignore[no-any-return]


def _restore(data: dict[str, Any], field: str, told: dict[str, Any]) -> None:
    """Put back what was told before; names of checks have no slash, so both fit in one table."""
    if isinstance(data[field], dict) and "told" in data[field]:
        data[field] = {"tuple": [told[name] for name in data[field]["told"]]}
