"""The pytest plugin: the suite as tests, settings, fixtures; loads nothing heavy until used."""

import os
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tellapart.properties.pytest_session import SuiteItem, add_options, settings_of
from tellapart.properties.suite.spec import SPEC

__all__ = [
    "pytest_addoption",
    "pytest_collection_finish",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_report_header",
    "pytest_runtest_makereport",
    "pytest_terminal_summary",
    "tellapart_check",
    "tellapart_suite",
]

_MARKER = (
    "tellapart(tier, check): a check of tellapart's suite; -m tellapart selects all of them, "
    "-m \"tellapart(tier='exact')\" a tier"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare ini keys and options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse settings that cannot be used before anything is run."""
    config.addinivalue_line("markers", _MARKER)
    settings_of(config)


def pytest_report_header(config: pytest.Config) -> str:
    """Name version and settings in pytest's header, so that a log says what was run."""
    found = settings_of(config)
    line = f"tellapart: {version('tellapart')}, spec {SPEC}, profile {found.profile}"
    cases = f", cases {found.cases}" if found.cases else ""
    return f"{line}, seed {found.seed}{cases}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each subject and check of a function that asked for them."""
    asked = getattr(metafunc.function, "tellapart_asked", None)
    if asked is not None:
        from tellapart.properties.suite.pytest_questions import parametrize  # imports torch

        parametrize(metafunc, asked)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell each check of the suite that it is going to be run."""
    for item in session.items:
        found = _suite_item(item)
        if found is not None:
            found.select(_id_from_here(item))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Attach verdict, seed and case files to the report, from where JUnit and xdist take them."""
    found = _suite_item(item)
    if found is not None and call.when == "call":
        item.user_properties.extend(found.facts)


def _id_from_here(item: pytest.Item) -> str:
    """Return the id of a test as it is written where pytest was started."""
    file = os.path.relpath(item.path, item.config.invocation_params.dir)
    return f"{Path(file).as_posix()}::{item.nodeid.partition('::')[2]}"


def _suite_item(item: pytest.Item) -> SuiteItem | None:
    callspec = getattr(item, "callspec", None)
    found = None if callspec is None else callspec.params.get("check")
    return found if isinstance(found, SuiteItem) else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List the checks that fail with the command that runs each again, and stale expectations."""
    lines = [
        line
        for outcome in ("failed", "passed")
        for report in terminalreporter.stats.get(outcome, ())
        for line in _summary(getattr(report, "user_properties", ()))
    ]
    if lines:
        terminalreporter.section("tellapart")
        for line in lines:
            terminalreporter.write_line(line)


def _summary(properties: Any) -> Iterator[str]:
    """Return lines about one test; none about one that has nothing to tell."""
    known = {name: value for name, value in properties if name.startswith("tellapart_")}
    stale, again = known.get("tellapart_stale"), known.get("tellapart_again")
    if stale is None and again is None:
        return
    yield f"{known['tellapart_subject']} {known['tellapart_check']}: " + (
        stale or known["tellapart_verdict"]
    )
    if again is not None:
        yield f"  {again}"
        yield from (f"  {text}" for name, text in properties if name == "tellapart_replay")


@pytest.fixture
def tellapart_check() -> Callable[..., Any]:
    """Return :func:`tellapart.properties.check.check`, to check an encoder inside a test.

    Examples
    --------
    In a test file of your own::

        def test_my_encoder(tellapart_check):
            report = tellapart_check("my_encoder.py:factory", on="gallery:counting-9")
            assert report.verdict == "holds", report.explain()
    """
    from tellapart.properties.check import check  # imports torch: only when the fixture is used

    return check


@pytest.fixture
def tellapart_suite(pytestconfig: pytest.Config) -> Callable[..., Any]:
    """Return :func:`~tellapart.properties.suite.running.check_encoder` with the session's settings.

    Profile, seed, expected failures and the limit of vacuous cases are those of the session, where
    the call does not give them.

    Examples
    --------
    In a test file of your own::

        def test_my_encoder(tellapart_suite):
            tellapart_suite("my_encoder.py:factory", only=["exact"])
    """
    from tellapart.properties.suite.pytest_questions import suite_of  # imports torch

    return suite_of(settings_of(pytestconfig))
