"""What `tellapart suite` writes beside what it prints: targets, checked first and written last."""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.suite.events import Consumer, Event
    from tellapart.properties.suite.results import Report

__all__ = ["STDOUT", "Targets", "load_report", "plain_name"]

#: As a file: standard output.
STDOUT = Path("-")


@dataclass(frozen=True)
class Targets:
    """Where results go; None: nowhere.

    Attributes
    ----------
    junit, markdown, html, ndjson, baseline, store
        Files; ``ndjson`` may be :data:`STDOUT`.
    cases
        A folder.
    """

    junit: Path | None = None
    markdown: Path | None = None
    html: Path | None = None
    ndjson: Path | None = None
    baseline: Path | None = None
    store: Path | None = None
    cases: Path | None = None

    def named(self) -> dict[str, Path]:
        """Return those that are given, by name; standard output is not among them."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: path for name, path in found.items() if path is not None and path != STDOUT}

    def of(self, subject: str) -> "Targets":
        """Return the targets of one subject: {subject} in a path is its name."""
        plain = plain_name(subject)
        paths = {
            name: Path(str(path).replace("{subject}", plain)) for name, path in self.named().items()
        }
        return replace(self, **paths)

    def check(self, n_subjects: int, update: bool) -> None:
        """Refuse what cannot be written, before hours of work.

        Parameters
        ----------
        n_subjects
            How many subjects share the targets.
        update
            Whether the baseline is written, and not only read.

        Raises
        ------
        InvalidArgumentError
            When a folder does not exist or cannot be written, when two results would go to one
            file, or several subjects to one.
        """
        for name, path in self.named().items():
            if n_subjects > 1 and name != "cases" and "{subject}" not in str(path):
                raise InvalidArgumentError(
                    f"--{_option(name)} {path} is one file for {n_subjects} subjects; write "
                    "{subject} in its name, or name one SUBJECT."
                )
            if name != "baseline" or update:
                _check_writable(name, path)
        _check_different({name: path.absolute() for name, path in self.named().items()})

    @contextmanager
    def events(self) -> Iterator["tuple[Consumer, ...]"]:
        """Yield what writes the events, one a line, while they happen."""
        if self.ndjson is None:
            yield ()
            return
        if self.ndjson == STDOUT:
            from tellapart.properties.report.suite_events import EventWriter

            yield (EventWriter(sys.stdout),)
            return
        with ExitStack() as stack:
            yield (_FirstOpens(self.ndjson, stack),)

    def write(self, report: "Report") -> list[str]:
        """Write everything but the events and the baseline; return a line about each."""
        from tellapart.properties.files import write_atomically

        lines = []
        if self.junit is not None:
            write_atomically(self.junit, report.to_junit())
            lines.append(f"junit    {self.junit}")
        if self.markdown is not None:
            write_atomically(self.markdown, report.to_markdown())
            lines.append(f"markdown {self.markdown}")
        if self.cases is not None:
            lines += _save_cases(report, self.cases)
        if self.html is not None:
            report.to_html(self.html)
            lines.append(f"page     {self.html}")
        return lines


class _FirstOpens:
    """Writes events to a file that is opened by the first: a run that is refused leaves no file."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path, self._stack = path, stack
        self._write: Consumer | None = None

    def __call__(self, event: "Event") -> None:
        if self._write is None:
            from tellapart.properties.report.suite_events import EventWriter

            stream = self._path.open("w", encoding="utf-8", newline="\n")
            self._write = EventWriter(self._stack.enter_context(stream))
        self._write(event)


def plain_name(subject: str) -> str:
    """Return the name of a subject as it can stand in the name of a file.

    Examples
    --------
    >>> plain_name("models/my_encoder.py:factory")
    'models-my_encoder.py-factory'
    """
    return re.sub(r"[^A-Za-z0-9_.]+", "-", subject).strip("-.") or "subject"


def _option(name: str) -> str:
    return "md" if name == "markdown" else name


def _check_writable(name: str, path: Path) -> None:
    from tellapart.properties.files import check_writable

    if name == "cases":
        check_writable(path / "case.json" if path.is_dir() else path)
        if path.exists() and not path.is_dir():
            raise InvalidArgumentError(f"--cases {path} is a file; name a folder.")
    else:
        check_writable(path)


def _check_different(paths: Mapping[str, Path]) -> None:
    seen: dict[Path, str] = {}
    for name, path in paths.items():
        other = seen.setdefault(path, name)
        if other != name:
            raise InvalidArgumentError(
                f"--{_option(other)} and --{_option(name)} both name {path}; one would replace the "
                "other."
            )


def _save_cases(report: "Report", folder: Path) -> list[str]:
    """Save the evidence of what fails; what shows nothing proves nothing."""
    from tellapart.properties.cases.files import save_case

    found = [
        case.outcome.case
        for one in report.results
        for case in one.cases
        if case.verdict.fails and case.outcome.case is not None
    ]
    if not found:
        return [f"cases    none to save in {folder}"]
    folder.mkdir(exist_ok=True)
    files = dict.fromkeys(save_case(case, folder) for case in found)
    return [f"case     {file}  (tellapart replay {file})" for file in files]


def load_report(path: Path) -> "Report":
    """Load a report: what `--json` printed, or the file of `--store`.

    Raises
    ------
    InvalidArgumentError
        When the file cannot be read or is neither.
    """
    from tellapart.properties.suite.registry import all_checks
    from tellapart.properties.suite.results import Report

    try:
        content = path.read_bytes()
        if content.startswith(b"SQLite format 3"):
            from tellapart.properties.suite.store import report_of_store

            return report_of_store(path)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArgumentError(f"{path} cannot be read: {error}") from error
    all_checks()  # registers what cases may hold
    try:
        return Report.from_json(text)
    except InvalidArgumentError as error:
        raise InvalidArgumentError(
            f"{path} is no report of the suite: {error} Make one with `tellapart suite SUBJECT "
            "--json > FILE`."
        ) from error
