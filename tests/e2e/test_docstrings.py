"""The examples in docstrings run and give what they show."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    f"tellapart.{path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}"
    for room in ("theory", "models", "properties")
    for path in (ROOT / room).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted
    assert not found.failed, "the examples that failed are printed above"


def test_many_modules_have_examples() -> None:
    assert len(MODULES) > 40
