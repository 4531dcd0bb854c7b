"""Failing examples are kept here, and those that CI found are replayed; saved cases run first."""

import os
from pathlib import Path

from hypothesis import settings
from hypothesis.database import (
    DirectoryBasedExampleDatabase,
    GitHubArtifactDatabase,
    MultiplexedDatabase,
    ReadOnlyDatabase,
)

OWNER, REPOSITORY = "your-name", "your-repository"
CASES = Path(__file__).parent / "test_cases.py"

local = DirectoryBasedExampleDatabase(".hypothesis/examples")
databases = [local]
if "GITHUB_TOKEN" in os.environ:  # reads the artifact that the nightly run uploads
    databases.append(ReadOnlyDatabase(GitHubArtifactDatabase(OWNER, REPOSITORY)))

settings.register_profile("ci", deadline=None, database=local)
settings.register_profile("dev", deadline=None, database=MultiplexedDatabase(*databases))
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path != CASES)  # a stable sort: cases first
