"""Where the options of the command `suite` come from when they are not on the command line."""

import re

import pytest
from click.testing import CliRunner

from tellapart.properties.cli import cli
from tellapart.properties.cli_suite import suite
from tellapart.properties.suite.results import Report

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


def test_settings_come_from_the_nearest_pyproject(tmp_path, monkeypatch):
    write_project(
        tmp_path,
        'subjects = ["constant"]\nprofile = "smoke"\nonly = ["exact-counting"]\nseed = 4\n'
        '[tool.tellapart.expected-failures]\nexact-counting = "one code"',
    )
    folder = tmp_path / "inner" / "inmost"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    found = run("--json")
    report = Report.from_json(found.stdout)
    assert (report.subject, report.profile, report.seed) == ("constant", "smoke", 4)
    assert report.results[0].reason == "one code"
    (tmp_path / "inner" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert run().exit_code == 2  # that one is nearer, and has no settings


def test_the_command_line_goes_before_the_environment_and_that_before_pyproject(tmp_path):
    write_project(tmp_path, 'subjects = ["constant"]\nprofile = "smoke"\nseed = 1\njobs = 1')
    environment = {"TELLAPART_SEED": "2", "TELLAPART_ONLY": "exact-counting exact-gallery"}

    def seen(*words, **env):
        report = Report.from_json(run("--json", *words, **env).stdout)
        return report.seed, [one.check for one in report.results]

    one = ("--only", "exact-counting")
    assert seen(*one) == (1, ["exact-counting"])
    assert seen(**environment) == (2, ["exact-counting", "exact-gallery"])
    assert seen("--seed", "3", *one, **environment) == (3, ["exact-counting"])


def test_expected_failures_in_the_environment():
    found = run("constant", *ONE, TELLAPART_EXPECTED="exact-counting=one code for all")
    assert found.exit_code == 0


def test_paths_in_pyproject_are_seen_from_its_folder(tmp_path, monkeypatch):
    write_project(tmp_path, 'subjects = ["mine.py:factory"]\nbaseline = "base.json"')
    (tmp_path / "mine.py").write_text(
        "from tellapart.models import DESIGNS\nfactory = DESIGNS['exact'].build\n"
    )
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    found = run(*ONE)
    assert found.exit_code == 2
    assert "There is no baseline ../base.json" in found.stderr


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("profil = 'ci'", "no setting 'profil'. Did you mean 'profile'"),
        ("jobs = true", "jobs in .* is True; it must be an integer"),
        ("jobs = '2'", "it must be an integer"),
        ("subjects = 'joint'", "subjects in .* it must be a list of texts"),
        ("expected-failures = ['a']", "it must be a table of checks and reasons"),
        ("max-vacuous = 'x'", "it must be a number from 0 to 1"),
        ("budget = []", "it must be a number of seconds, or a text"),
        ("max-vacuous = 3", r"pyproject.toml, \[tool.tellapart\]: .*not in the range"),
        ("profile = 'fast'", r"pyproject.toml, \[tool.tellapart\]: .*'fast' is not one of"),
        ("budget = 'soon'", r"pyproject.toml, \[tool.tellapart\]: .*'soon' is no time"),
        ("= 3", "pyproject.toml cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, table, message):
    write_project(tmp_path, table)
    found = run("joint", *(("--only", "exact-counting") if "profile" in table else ONE))
    assert found.exit_code == 2
    assert re.search(message, found.stderr, re.DOTALL), found.stderr
    assert run("--help").exit_code == 0


def test_a_wrong_value_in_the_environment_is_named():
    found = run("joint", *ONE, TELLAPART_JOBS="two")
    assert found.exit_code == 2
    assert "environment variable TELLAPART_JOBS" in found.stderr


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("0.5h", 1800)]
)
def test_times(text, seconds):
    (option,) = [one for one in suite.params if one.name == "budget"]
    assert option.type.convert(text, None, None) == seconds
