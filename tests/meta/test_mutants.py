"""Seeded bugs: each still applies, the laws notice, and the page about them is up to date."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "mutants"


def load(name):
    spec = importlib.util.spec_from_file_location(f"meta_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


RUN = load("run")
MUTANTS = {mutant.name: mutant for mutant in RUN.MUTANTS}


def test_there_are_twenty_in_both_rooms():
    assert len(MUTANTS) == len(RUN.MUTANTS) == 20
    files = [mutant.file for mutant in MUTANTS.values()]
    assert len(set(files)) >= 15
    assert {file.split("/")[0] for file in files} == {"theory", "models"}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_old_text_occurs_once_and_the_new_one_is_python(name):
    mutant = MUTANTS[name]
    changed = RUN.seeded(mutant, (ROOT / mutant.file).read_text(encoding="utf-8"))
    compile(changed, mutant.file, "exec")
    assert mutant.old not in changed
    with pytest.raises(ValueError, match="the old text occurs 0 times"):
        RUN.seeded(mutant, changed)


@pytest.mark.parametrize("name", ["irreducible-without-actions", "forced-one-round"])
def test_a_law_notices(name, tmp_path):
    """In a process of its own, against a copy; the same law holds there without the bug."""
    mutant = MUTANTS[name]
    folder = RUN.copy_rooms(tmp_path)
    found = RUN.run_mutant(folder, mutant, "ci", [mutant.law])
    assert found["law"] == mutant.law, found
    control = RUN.run_mutant(folder, None, "smoke", [mutant.law])
    assert control["law"] is None, control
    assert control["ran"] >= 1


def test_the_page_lists_every_bug_with_the_law_that_notices():
    page = (ROOT / "docs" / "reference" / "mutants.md").read_text(encoding="utf-8")
    rows = dict(
        row.strip("| ").split(" | ", 1) for row in page.splitlines() if row.startswith("| `")
    )
    for name, mutant in MUTANTS.items():
        law = "survives" if mutant.law is None else f"`{mutant.law}`"
        assert rows[f"`{name}`"] == f"`{mutant.file}` | {mutant.mistake} | {law}"
    assert len(rows) == 20
