"""The commands `laws list` and `laws run`, and `check --laws`."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tellapart.properties.cases.files import load_case
from tellapart.properties.cli import cli
from tellapart.properties.cli_laws import laws
from tellapart.properties.laws import registry
from tellapart.properties.laws.law import Cost
from tellapart.properties.laws.profiles import PROFILES
from tellapart.properties.laws.registry import LAWS
from tellapart.properties.laws.replaying import outcome
from tellapart.properties.laws.summary import LawsReport

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "laws.md"


def run(*words):
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def broken_law(monkeypatch):
    """Let the subject of a law be a bad one, broken by nearly every example."""
    law = LAWS["S12-realised"]
    broken = replace(law, subject=law.bad["one dimension too few"])
    monkeypatch.setattr(registry, "LAWS", {**LAWS, law.id: broken})
    return broken


def test_the_list_names_every_law():
    found = run("laws", "list")
    assert found.exit_code == 0
    for law in LAWS.values():
        assert law.title in found.output
        assert "; ".join(law.bad) in found.output
    assert run("check", "--laws").output == found.output


def test_the_list_for_machines():
    listed = json.loads(run("laws", "list", "--json").output)["laws"]
    assert [law["id"] for law in listed] == list(LAWS)
    assert {law["cost"] for law in listed} == {"exact", "algebraic", "trained"}


def test_a_run_says_what_was_seen_and_leaves_no_file(in_empty_folder):
    found = run("laws", "run", "--law", "S11", "--law", "S13", "--jobs", "1")
    assert found.exit_code == 0, found.output
    assert "2 holds, 0 broken, 0 vacuous: 40 examples" in found.output
    assert list(in_empty_folder.iterdir()) == []


def test_a_run_for_machines(in_empty_folder):
    found = run("laws", "run", "--law", "S8-gain", "--seed", "3", "--jobs", "1", "--json")
    report = LawsReport.from_json(found.output)
    assert (report.profile, report.exit_code) == ("smoke", 0)
    assert [(one.law, one.first_seed) for one in report.results] == [("S8-gain", 3)]


def test_a_broken_law_is_shown_saved_and_replayed(in_empty_folder, broken_law):
    found = run("laws", "run", "--law", "S12-realised", "--cases", "failing")
    assert found.exit_code == 1
    assert "S12-realised broken" in found.output
    assert "smallest example: LawRank(" in found.output
    (file,) = (in_empty_folder / "failing").iterdir()
    assert f"tellapart replay failing/{file.name}" in found.output
    case = load_case(file)
    assert outcome(case) == dict(case.outcome)
    assert dict(case.outcome)["broken"].startswith("The linear model")


def test_a_night_keeps_its_failures_in_the_folder_named(in_empty_folder, broken_law):
    words = ["laws", "run", "--law", "S12-realised", "--profile", "nightly", "--database", "kept"]
    found = run(*words, "--max-seconds", "5", "--hours", "0.002")
    assert found.exit_code == 1
    assert [path.name for path in in_empty_folder.iterdir()] == ["kept"]
    again = run(*words, "--hours", "0.002", "--json")
    assert LawsReport.from_json(again.output).results[0].n_examples == 1


def test_a_law_without_examples_that_count_is_no_pass(in_empty_folder, monkeypatch):
    law = LAWS["S13"]

    def asks_nothing(example, subject):
        return replace(law.check(example, subject), vacuous="nothing was asked")

    idle = replace(law, check=asks_nothing)
    monkeypatch.setattr(registry, "LAWS", {**LAWS, "S13": idle})
    found = run("laws", "run", "--law", "S13")
    assert found.exit_code == 3
    assert "20 of 20 examples said nothing; at most 75% may." in found.output
    assert "20: nothing was asked" in found.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--law", "S99"], "There is no law named 'S99'"),
        (["--hours", "1"], "one round of examples"),
        (["--profile", "daily"], "'daily' is not one of"),
        (["--jobs", "0"], "jobs"),
        (["--max-seconds", "0"], "max-seconds"),
    ],
)
def test_usage_errors(words, message):
    found = run("laws", "run", *words)
    assert found.exit_code == 2
    assert message in found.output


def test_the_reference_lists_every_law_as_it_is():
    shown = REFERENCE.read_text(encoding="utf-8")
    for law in LAWS.values():
        row = f"| {law.id} | {law.title} | {law.cost.value} | {'; '.join(law.bad)} |"
        assert row in shown, f"docs/reference/laws.md lacks the row\n{row}"
    assert shown.count("\n| S") == len(LAWS)


def test_the_reference_lists_every_option_of_a_run():
    text = REFERENCE.read_text(encoding="utf-8").split("## `tellapart laws run`")[1]
    documented = set(re.findall(r"^\| `(--[a-z-]+)", text.split("\n## ")[0], re.MULTILINE))
    options = {option for one in laws.commands["run"].params for option in one.opts}
    assert documented == {one for one in options if one.startswith("--")} | {"--help"}


def test_the_reference_states_the_numbers_of_the_profiles():
    text = REFERENCE.read_text(encoding="utf-8")
    for profile in PROFILES.values():
        numbers = ", ".join(str(profile.examples[cost]) for cost in Cost)
        assert f"| `{profile.name}` | {numbers}" in text
        assert profile.most_vacuous == 0.75
