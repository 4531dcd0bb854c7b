"""The command `suite`: what it prints, writes, refuses, and with which exit code it ends."""

import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from tellapart.properties.cases.files import load_case
from tellapart.properties.cli import cli
from tellapart.properties.cli_settings import SETTINGS
from tellapart.properties.cli_suite import suite
from tellapart.properties.cli_suite_files import load_report
from tellapart.properties.report.suite_events import read_events
from tellapart.properties.suite import registry
from tellapart.properties.suite.events import Started, Stopped
from tellapart.properties.suite.profiles import SUITE_PROFILES
from tellapart.properties.suite.registry import all_checks
from tellapart.properties.suite.results import Report
from tellapart.properties.suite.running import check_encoder

ONE = ("--profile", "smoke", "--only", "exact-counting")


def run(*words, **environment):
    return CliRunner(env=environment).invoke(
        cli, ["suite", *map(str, words)], prog_name="tellapart", catch_exceptions=False
    )


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_project(folder, table):
    (folder / "pyproject.toml").write_text(f"[tool.tellapart]\n{table}\n")


def test_a_design_that_holds_exits_0():
    found = run("joint", *ONE)
    assert found.exit_code == 0, found.output
    assert "Everything that was asked holds." in found.stdout
    assert "\x1b" not in found.output
    assert found.stderr == ""


UNTRAINED = """
from dataclasses import replace
from tellapart.models import DESIGNS

def factory(mdp, seed):
    return replace(DESIGNS["dynamics-only"].build(mdp, seed), fit=lambda *_: None)
"""


def test_a_design_that_collapses_exits_1_and_one_that_shows_nothing_3():
    assert run("constant", *ONE).exit_code == 1
    Path("untrained.py").write_text(UNTRAINED)
    vacuous = run("untrained.py:factory", *ONE)
    assert vacuous.exit_code == 3
    assert "this is no pass" in vacuous.stdout


def test_the_printed_command_runs_the_case_again():
    printed = run("constant", *ONE).stdout
    command = re.search(r"Again: tellapart suite (.*)", printed)[1]
    again = run(*command.split())
    assert again.exit_code == 1
    assert "1 check, 1 case: 1 collapsed" in again.stdout


def test_json_is_the_report_of_the_python_call():
    found = run("constant", *ONE, "--json")
    report = Report.from_json(found.stdout)
    called = check_encoder("constant", profile="smoke", only=["exact-counting"], on_fail=None)
    assert [one.cases[0].without_time().to_json() for one in report.results] == [
        one.cases[0].without_time().to_json() for one in called.results
    ]


def test_every_file_is_written(tmp_path):
    found = run(
        "constant", *ONE, "--junit", "suite.xml", "--md", "suite.md", "--ndjson", "events.ndjson",
        "--cases", "cases",
    )  # fmt: skip
    assert found.exit_code == 1
    assert ET.parse(tmp_path / "suite.xml").getroot().get("failures") == "1"
    assert (
        (tmp_path / "suite.md")
        .read_text()
        .startswith("### tellapart: constant: failing: 1 of 1 check")
    )
    events = list(read_events(tmp_path / "events.ndjson"))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Stopped)
    (file,) = (tmp_path / "cases").iterdir()
    assert load_case(file).digest == events[-1].report.results[0].cases[0].outcome.case.digest
    assert f"tellapart replay cases/{file.name}" in found.stdout
    replayed = CliRunner().invoke(cli, ["replay", "cases"])
    assert replayed.exit_code == 0, replayed.output


def test_cases_of_a_run_without_failures_leave_no_folder(tmp_path):
    assert "none to save" in run("joint", *ONE, "--cases", "cases").stdout
    assert list(tmp_path.iterdir()) == []


def test_events_on_standard_output_are_alone_there():
    found = run("constant", *ONE, "--ndjson", "-")
    names = [json.loads(line)["event"] for line in found.stdout.splitlines()]
    assert names == ["started", "case-done", "check-done", "stopped"]


@pytest.mark.parametrize("words", [["--json"], ["--ndjson", "-"]])
def test_what_a_subject_prints_is_not_mixed_with_results(words):
    Path("loud.py").write_text(
        "from tellapart.models import DESIGNS\n"
        "def factory(mdp, seed):\n"
        "    print('building')\n"
        "    return DESIGNS['constant'].build(mdp, seed)\n"
    )
    found = run("loud.py:factory", *ONE, *words)
    assert "building" not in found.stdout
    assert "building" in found.stderr
    lines = [found.stdout] if words == ["--json"] else found.stdout.splitlines()
    assert all(json.loads(line) for line in lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--junit", "no/suite.xml"], "The folder no does not exist"),
        (["--cases", "no/cases"], "The folder no does not exist"),
        (["--html", "a", "--md", "./a"], "--markdown and --html both name|--md and --html"),
        (["--only", "exakt"], "No check matches 'exakt'"),
        (["--expected", "exact-nothing=why"], "exact-nothing"),
        (["--expected", "exact-counting"], "must be CHECK=REASON"),
        (["--budget", "soon"], "'soon' is no time; write 90, 90s, 5m or 1h30m"),
        (["--budget", "0s"], "no time at all"),
        (["--max-vacuous", "2"], "is not in the range"),
        (["--update-baseline"], "needs --baseline FILE"),
        (["--baseline", "none.json"], "There is no baseline none.json"),
        (["--json", "--ndjson", "-"], "choose one"),
        (["--svg", "a.svg"], "--svg is the picture of --compare"),
        (["--list", "--jobs", "2"], "--jobs has no effect with --list"),
        (["--compare", "--list"], "two commands"),
        (["--compare"], "needs two reports or more"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_work(tmp_path, words, message):
    subject = tmp_path / "subject.py"
    subject.write_text("def factory(mdp, seed):\n    raise RuntimeError('work has begun')\n")
    found = run(f"{subject}:factory", "--ndjson", "events.ndjson", *words)
    if "--list" in words or "--compare" in words:
        found = run(f"{subject}:factory", *words)
    assert found.exit_code == 2
    assert re.search(message, found.stderr), found.stderr
    assert sorted(tmp_path.iterdir()) == [subject]  # not even the events


def test_no_subject_is_an_error_that_says_where_one_can_stand():
    found = run()
    assert found.exit_code == 2
    assert "[tool.tellapart] subjects" in found.stderr


def test_an_unknown_subject_leaves_no_file(tmp_path):
    found = run("jiont", "--ndjson", "events.ndjson", "--junit", "a.xml")
    assert found.exit_code == 2
    assert "Did you mean 'joint'?" in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_expected_failures_pass_and_stale_ones_are_warned_of():
    found = run("constant", *ONE, "--expected", "exact-counting=one code for all")
    assert "expected: exact-counting is collapsed: one code for all" in found.stdout
    assert found.exit_code == 0
    stale = run("joint", *ONE, "--expected", "exact-counting=one code for all")
    assert stale.exit_code == 0
    assert "warning: exact-counting was expected to fail" in stale.stdout


def test_options_reach_the_run():
    Path("untrained.py").write_text(UNTRAINED)
    found = run("untrained.py:factory", *ONE, "--max-vacuous", "1", "--seed", "5", "--json")
    report = Report.from_json(found.stdout)
    assert (report.seed, report.results[0].most_vacuous) == (5, 1.0)
    many = run("constant", "--profile", "smoke", "--only", "exact", "--max-failures", "1", "--json")
    verdicts = dict(Report.from_json(many.stdout).counts())
    assert verdicts["skipped"] >= 1
    late = run("constant", "--profile", "smoke", "--only", "exact", "--budget", "0.000001")
    assert late.exit_code == 3
    assert "timeout" in late.stdout


def test_other_processes_give_the_same_report():
    alone = Report.from_json(run("constant", *ONE, "--json").stdout)
    two = Report.from_json(run("constant", *ONE, "--json", "--jobs", "2").stdout)
    assert [one.without_time().to_json() for one in alone.results[0].cases] == [
        one.without_time().to_json() for one in two.results[0].cases
    ]


INTERRUPTS = """
import signal

from tellapart.models import DESIGNS

calls = []

def factory(mdp, seed):
    calls.append(seed)
    if len(calls) > 3:
        signal.raise_signal(signal.SIGINT)
    return DESIGNS["constant"].build(mdp, seed)
"""


def test_ctrl_c_gives_the_report_so_far_and_exits_130(tmp_path):
    (tmp_path / "subject.py").write_text(INTERRUPTS)
    found = run(
        "subject.py:factory", "--profile", "smoke", "--only", "exact-counting", "--only",
        "exact-gallery", "--only", "exact-deep-words", "--junit", "suite.xml", "--ndjson",
        "events.ndjson", "--baseline", "base.json", "--update-baseline",
    )  # fmt: skip
    assert found.exit_code == 130
    assert "stopped early" in found.stdout
    assert "this is the report so far" in found.stderr
    assert ET.parse(tmp_path / "suite.xml").getroot().get("failures") != "0"
    *_, last = read_events(tmp_path / "events.ndjson")
    assert last.report.interrupted
    assert not (tmp_path / "base.json").exists()


def test_the_list_with_a_profile_names_cases():
    plain, long = run("--list"), run("--list", "--profile", "smoke", "--only", "exact-counting")
    assert plain.exit_code == long.exit_code == 0
    assert all(id in plain.stdout for id in all_checks())
    assert "exact-counting/" not in plain.stdout
    assert "    exact-counting/" in long.stdout
    assert "exact-gallery" not in long.stdout
    listed = json.loads(run("--list", "--json").stdout)["checks"]
    assert [one["id"] for one in listed] == list(all_checks())


CHECK_OF_A_USER = """
from tellapart.models import DESIGNS
from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.registry import Scenario, check
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.gallery import counting_chain

factory = DESIGNS["constant"].build


@check(id="exact-of-a-user", tier="exact", cost="instant", title="Mine", why="It is mine.",
       scenarios=lambda profile: [Scenario("one", lambda seed: counting_chain(3))],
       passes=["constant"], fails=["joint"])
def mine(trial):
    return Outcome(SuiteVerdict.HOLDS, "fine")
"""


def test_the_file_of_a_subject_may_bring_checks(monkeypatch):
    monkeypatch.setattr(registry, "_CHECKS", dict(registry._CHECKS))
    Path("mine.py").write_text(CHECK_OF_A_USER)
    assert "exact-of-a-user" in run("mine.py:factory", "--list").stdout
    found = run("mine.py:factory", "--only", "exact-of-a-user", "--profile", "smoke")
    assert "1 check, 1 case: 1 holds" in found.stdout


def test_several_subjects_have_several_files_and_the_worst_exit_code(tmp_path):
    found = run("joint", "constant", *ONE, "--junit", "{subject}.xml")
    assert found.exit_code == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["constant.xml", "joint.xml"]
    assert "one file for 2 subjects" in run("joint", "constant", "--junit", "a.xml").stderr
    assert "prints the report of one SUBJECT" in run("joint", "constant", "--json").stderr
    assert "no design named 'jiont'" in run("constant", "jiont", *ONE).stderr


def test_choices_and_settings_are_those_of_the_code():
    params = {one.name: one for one in suite.params}
    assert tuple(params["profile"].type.choices) == tuple(SUITE_PROFILES)
    for name, _, _ in SETTINGS.values():
        assert (
            params[name].envvar == "TELLAPART_" + {"arguments": "subjects"}.get(name, name).upper()
        )


def test_reports_that_cannot_be_compared_are_named(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    found = run("--compare", "a.json", "none.json")
    assert found.exit_code == 2
    assert "a.json is no report of the suite" in found.stderr
    sqlite3.connect(tmp_path / "b").execute("create table x (y)")
    assert run("--compare", "b", "b").exit_code == 2


def test_a_store_is_taken_up_by_the_next_run(tmp_path):
    assert run("constant", *ONE, "--store", "runs.sqlite").exit_code == 1
    again = run("constant", *ONE, "--store", "runs.sqlite", "--ndjson", "-")
    assert again.exit_code == 1
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert [event["known"] for event in events if event["event"] == "case-done"] == [True]
    other = run("constant", *ONE, "--store", "runs.sqlite", "--seed", "1")
    assert other.exit_code == 2
    assert "runs.sqlite" in other.stderr
    assert load_report(tmp_path / "runs.sqlite").failed[0].check == "exact-counting"
