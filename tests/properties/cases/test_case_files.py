"""Case files: what was written comes back, old schemas are migrated, anything else is refused."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.cases.case import SCHEMA, Case, case_of, fingerprint
from tellapart.properties.cases.check_cases import case_of_check
from tellapart.properties.cases.files import case_from_json, file_name, load_case, save_case
from tellapart.properties.cases.migrations import MIGRATIONS, migrate
from tellapart.properties.cases.replaying import replay_case
from tellapart.properties.check import check
from tellapart.properties.errors import ReplayError
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.serialise import dumps

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@pytest.fixture(scope="module")
def case():
    return case_of_check(check("constant", counting_chain(5)))


@given(deterministic_mdps(max_observations=4), st.text(), st.dictionaries(st.text(), VALUES))
def test_any_case_comes_back(mdp, name, outcome):
    saved = case_of("law", name, mdp, outcome)
    again = Case.from_json(saved.to_json())
    assert again == saved
    assert fingerprint(again.content) == again.digest
    assert dict(again.outcome) == outcome
    stem = file_name(saved)
    assert stem.isascii()
    assert stem.endswith(f"-{saved.digest[:12]}.json")
    assert not set(stem) & set('/\\:*?"<>| ')


def test_a_case_is_saved_by_name_in_a_folder_and_comes_back(case, tmp_path):
    path = save_case(case, tmp_path)
    assert path.name == f"check-constant-{case.digest[:12]}.json"
    again = load_case(path)
    assert (again.outcome, again.versions, again.digest) == (
        case.outcome,
        case.versions,
        case.digest,
    )
    assert save_case(case, tmp_path / "mine.json").read_bytes() == path.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, "mine.json"])


@pytest.mark.parametrize("place", ["missing/case.json", "case.txt", "missing"])
def test_a_place_that_is_no_folder_and_no_json_file_is_refused(case, tmp_path, place):
    with pytest.raises(InvalidArgumentError, match="folder"):
        save_case(case, tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_only_cases_are_saved(tmp_path):
    with pytest.raises(InvalidArgumentError, match="got a dict"):
        save_case({"about": "law"}, tmp_path)


def test_the_chain_of_migrations_is_followed_to_the_newest_schema():
    steps = {
        1: lambda data: {**data, "name": data["title"]},
        2: lambda data: {key: value for key, value in data.items() if key != "title"},
    }
    old = {"kind": "Case", "schema": 1, "title": "S4"}
    assert migrate(old, migrations=steps, newest=3) == {"kind": "Case", "schema": 3, "name": "S4"}
    assert old == {"kind": "Case", "schema": 1, "title": "S4"}
    second = {"kind": "Case", "schema": 2, "title": "old", "name": "S4"}
    assert migrate(second, migrations=steps, newest=3)["name"] == "S4"
    with pytest.raises(InvalidArgumentError, match="from schema 1 to 2"):
        migrate(old, migrations={2: steps[2]}, newest=3)


def test_a_migrated_case_is_replayed_like_a_new_one(case):
    def renamed(data):  # schema 2 calls the source "where" no more
        content = dict(data["content"])
        content["source"] = content.pop("where")
        return {**data, "content": content}

    old = json.loads(case.to_json())
    old["content"]["where"] = old["content"].pop("source")
    with pytest.raises(InvalidArgumentError, match="source"):
        case_from_json(json.dumps(old))
    again = case_from_json(json.dumps(old), migrations={1: renamed}, newest=2)
    assert (again.schema, again.digest, again.outcome) == (2, case.digest, case.outcome)
    assert replay_case(again).same


def test_every_older_schema_has_its_migration():
    assert set(MIGRATIONS) == set(range(1, SCHEMA))


@pytest.mark.parametrize(
    ("schema", "message"),
    [(SCHEMA + 1, "Install a newer one"), (0, "integer from 1"), (None, "integer from 1"),
     (True, "integer from 1"), ("1", "integer from 1"), (1.0, "integer from 1")],
)  # fmt: skip
def test_other_schemas_are_refused(case, tmp_path, schema, message):
    data = json.loads(case.to_json())
    path = tmp_path / "case.json"
    path.write_text(json.dumps({**data, "schema": schema}))
    with pytest.raises(ReplayError, match=message):
        load_case(path)


@pytest.mark.parametrize(
    "change",
    [{"about": "weather"}, {"about": ["law"]}, {"outcome": 3}, {"outcome": {"tuple": [1]}},
     {"outcome": {"tuple": [{"tuple": [1, 2]}]}}, {"versions": None}, {"name": 3}, {"digest": None},
     {"content": {"kind": "Unheard"}}, {"content": 1.5}, {"content": None}, {"kind": "GateCase"}],
)  # fmt: skip
def test_malformed_cases_are_refused(case, change):
    data = {**json.loads(case.to_json()), **change}
    with pytest.raises(InvalidArgumentError):
        case_from_json(json.dumps(data))


def test_a_missing_field_is_refused(case):
    for field in dataclasses.fields(Case):
        data = json.loads(case.to_json())
        del data[field.name]
        with pytest.raises(InvalidArgumentError):
            case_from_json(json.dumps(data))


def test_unreadable_files_are_one_clear_error(tmp_path):
    (tmp_path / "text.json").write_text("{")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    for name in ("text.json", "bytes.json", "missing.json"):
        with pytest.raises(ReplayError, match=name):
            load_case(tmp_path / name)


JUNK = [None, True, -1, "x", 1.5, [], {}, {"tuple": []}, {"float": "nan"}, {"kind": "Partition"}]


def places(data, above=()):
    """All paths into a JSON object; of lists the first two entries."""
    inside = data.items() if isinstance(data, dict) else enumerate(data[:2])
    for key, value in inside:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


@given(st.data())
def test_a_damaged_case_is_refused_or_said_to_differ(case, data):
    damaged = json.loads(case.to_json())
    *above, last = data.draw(st.sampled_from(list(places(damaged))))
    inner = damaged
    for key in above:
        inner = inner[key]
    inner[last] = data.draw(st.sampled_from(JUNK))
    try:
        loaded = case_from_json(json.dumps(damaged))
    except InvalidArgumentError:
        return
    saved = (case.digest, case.digest, dumps((case.outcome,)))
    intact = (loaded.digest, fingerprint(loaded.content), dumps((loaded.outcome,))) == saved
    assert replay_case(loaded).same is intact
