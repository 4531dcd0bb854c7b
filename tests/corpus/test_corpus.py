"""The corpus is replayed before all other tests; each of its files is what its recipe makes."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tellapart.properties.cases.case import SCHEMA
from tellapart.properties.cases.files import load_case
from tellapart.properties.cases.replayers import REPLAYERS
from tellapart.properties.cases.replaying import replay_case
from tellapart.properties.replay import replay, replay_all

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*.json"))
SCHEMAS = sorted((FOLDER / "schemas").glob("*.json"))
OLD = sorted((FOLDER / "old").glob("*.json"))


def recipes():
    spec = spec_from_file_location("corpus_recipes", FOLDER / "corpus.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.cases()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_comes_out_as_it_was_saved(path):
    found = replay_case(load_case(path))
    assert found.same, found.explain()


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_files_from_before_there_were_cases_are_still_read(path):
    assert "schema" not in json.loads(path.read_text())
    found = replay(path)
    assert found.confirmed, found.explain()


def test_there_is_a_frozen_case_of_every_schema():
    """These files are never written again."""
    assert {path.stem for path in SCHEMAS} == {str(schema) for schema in range(1, SCHEMA + 1)}
    for path in SCHEMAS:
        assert json.loads(path.read_text())["schema"] == int(path.stem)
        assert replay_case(load_case(path)).same


def test_the_corpus_is_replayed_before_anything_else(request):
    inside = [FOLDER in item.path.parents for item in request.session.items]
    assert inside == sorted(inside, reverse=True)


def test_every_file_is_what_its_recipe_makes():
    made = recipes()
    assert {path.stem for path in CASES} == set(made)
    for path in CASES:
        saved, fresh = load_case(path), made[path.stem]
        assert saved.digest == fresh.digest, path.stem
        assert saved.outcome == fresh.outcome, path.stem


def test_the_corpus_has_every_verdict_and_subjects_of_users():
    cases = [load_case(path) for path in CASES]
    verdicts = {dict(case.outcome)["verdict"] for case in cases if case.about == "check"}
    assert verdicts == {"holds", "collapsed", "vacuous", "infeasible"}
    assert {case.content.retrain for case in cases if case.about == "check"} == {True, False}
    assert {case.about for case in cases} == set(REPLAYERS)


def test_the_folder_is_replayed_at_once():
    found = replay_all([FOLDER])
    assert found.confirmed
    assert len(found.files) == len(CASES) >= 8
