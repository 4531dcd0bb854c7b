"""The pytest plugin: a header line and one fixture; loads nothing heavy until it is used."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

__all__ = ["pytest_report_header", "tellapart_check"]


def pytest_report_header() -> str:
    """Name the version in pytest's header, so that a log says what was run."""
    return f"tellapart: {version('tellapart')}"


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
