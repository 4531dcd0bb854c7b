"""What `tellapart suite` does with subjects: run, print, write, compare with the baseline."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import click

from tellapart.properties.cli_suite_files import STDOUT, Targets
from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.suite.engine import Ledger
    from tellapart.properties.suite.events import Consumer
    from tellapart.properties.suite.results import Report

__all__ = ["INTERRUPTED", "run_all"]

INTERRUPTED = 130
#: Of several subjects the first of these that occurs is the exit code.
_WORST = (INTERRUPTED, 1, 3, 0)


@dataclass(frozen=True)
class _Asked:
    """What every run of the command shares."""

    options: Mapping[str, Any]  # of check_encoder
    targets: Targets
    update: bool
    as_json: bool
    quiet: bool

    @property
    def prints(self) -> bool:
        """Whether standard output is for people."""
        return not self.as_json and self.targets.ndjson != STDOUT


def run_all(subjects: tuple[str, ...], given: dict[str, Any]) -> int:
    """Run the suite on each subject and return the exit code."""
    if not subjects:
        raise click.UsageError(
            "Missing SUBJECT: a design such as joint, or file.py:factory. It can also stand in "
            'pyproject.toml: [tool.tellapart] subjects = ["my_encoder.py:factory"].'
        )
    asked = _asked(given)
    if asked.as_json and len(subjects) > 1:
        raise click.UsageError("--json prints the report of one SUBJECT; name one.")
    if asked.update and asked.targets.baseline is None:
        raise click.UsageError("--update-baseline needs --baseline FILE.")
    if asked.as_json and asked.targets.ndjson == STDOUT:
        raise click.UsageError("--json and --ndjson - both print on standard output; choose one.")
    asked.targets.check(len(subjects), asked.update)
    if len(subjects) > 1:
        _load_all(subjects)
    runs = [replace(asked, targets=asked.targets.of(subject)) for subject in subjects]
    known = [_known_baseline(one) for one in runs]  # all of them before the first run
    codes = [_run(*one) for one in zip(subjects, runs, known, strict=True)]
    return next(code for code in _WORST if code in codes)


def _asked(given: dict[str, Any]) -> _Asked:
    targets = Targets(**{field.name: given.pop(field.name) for field in fields(Targets)})
    update, as_json, quiet = (given.pop(one) for one in ("update_baseline", "as_json", "quiet"))
    given["expected_failed_checks"] = dict(given.pop("expected"))
    return _Asked(given, targets, update, as_json, quiet)


def _load_all(subjects: Sequence[str]) -> None:
    """Refuse a subject that cannot be loaded before another one is run for an hour."""
    from tellapart.properties.subjects import load_subject

    for subject in subjects:
        load_subject(subject)


def _run(subject: str, asked: _Asked, known: Any) -> int:
    """Run the suite on one subject: write, print, return the exit code."""
    from tellapart.properties.suite.running import check_encoder

    expected = asked.options["expected_failed_checks"]
    with (
        _ledger(subject, asked) as ledger,
        asked.targets.events() as events,
        _live(asked.quiet, expected) as live,
        nullcontext() if asked.prints else redirect_stdout(sys.stderr),  # what a subject prints
    ):
        report = check_encoder(
            subject, **asked.options, on_fail=None, ledger=ledger, consumers=(*events, *live)
        )
    try:
        lines = asked.targets.write(report)  # first: the reader of our output may be gone
    finally:
        _print(report, asked)
    for line in lines if asked.prints else ():
        click.echo(line)
    if report.interrupted:
        click.echo("tellapart: interrupted; this is the report so far.", err=True)
        return INTERRUPTED
    return _conclude(report, known, asked)


@contextmanager
def _live(quiet: bool, expected: Mapping[str, str]) -> "Iterator[tuple[Consumer, ...]]":
    """Show progress on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield ()
        return
    from tellapart.properties.report.suite_console import live_suite

    with live_suite(expected) as consumer:
        yield (consumer,)


@contextmanager
def _ledger(subject: str, asked: _Asked) -> "Iterator[Ledger | None]":
    """Open the store, if there is to be one."""
    if asked.targets.store is None:
        yield None
        return
    from tellapart.properties.suite.registry import SPEC
    from tellapart.properties.suite.store import Store

    options = asked.options
    with Store.open(
        asked.targets.store, subject=subject, profile=options["profile"], seed=options["seed"],
        spec=SPEC, merge_tolerance=options["merge_tolerance"],
    ) as store:  # fmt: skip
        yield store


def _print(report: "Report", asked: _Asked) -> None:
    if asked.as_json:
        click.echo(report.to_json())
    elif asked.prints:
        from tellapart.properties.report.suite_console import print_suite

        print_suite(report, html=asked.targets.html is not None)


def _known_baseline(asked: _Asked) -> Any:
    """Load the baseline before the work begins; None when there is none to compare with."""
    path = asked.targets.baseline
    if path is None or (asked.update and not path.exists()):
        return None
    if not path.exists():
        raise InvalidArgumentError(
            f"There is no baseline {path}; write one with --baseline {path} --update-baseline."
        )
    from tellapart.properties.suite.baseline import load_baseline

    return load_baseline(path)


def _conclude(report: "Report", known: Any, asked: _Asked) -> int:
    """Compare with the baseline, or write it; return the exit code."""
    path = asked.targets.baseline
    if path is None:
        return report.exit_code
    from tellapart.properties.suite.baseline import Baseline
    from tellapart.properties.suite.regression import compare_with_baseline

    code = report.exit_code
    if known is not None:
        found = compare_with_baseline(report, known)
        code = found.exit_code
        click.echo(found.explain(warnings=False), err=not asked.prints)
        for message in found.warnings:
            click.echo(f"tellapart: warning: {message}", err=True)
    if asked.update:
        from tellapart.properties.files import write_atomically

        write_atomically(path, Baseline.of(report).to_json() + "\n")
        click.echo(f"baseline {path}", err=not asked.prints)
        return 0
    return code
