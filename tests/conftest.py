"""Shared by all tests: no deadlines, derandomised in CI, and the corpus is replayed first."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CORPUS = Path(__file__).parent / "corpus"

# Deadlines measure the machine, not the code; training inside an example takes what it takes.
settings.register_profile(
    "dev", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci",
    parent=settings.get_profile("dev"),
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Replay the corpus before anything else: what once failed is looked at first."""
    items.sort(key=lambda item: CORPUS not in item.path.parents)  # a stable sort
