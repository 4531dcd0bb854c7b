"""The command `suite` with baselines, and reports side by side."""

import json

import pytest
from click.testing import CliRunner

from tellapart.properties.cli import cli
from tellapart.properties.suite.baseline import load_baseline
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


def test_a_baseline_is_written_and_lets_known_failures_pass(tmp_path):
    made = run("constant", *ONE, "--baseline", "base.json", "--update-baseline")
    assert made.exit_code == 0
    assert "baseline base.json" in made.stdout
    first = (tmp_path / "base.json").read_bytes()
    known = run("constant", *ONE, "--baseline", "base.json")
    assert known.exit_code == 0, known.output
    assert (tmp_path / "base.json").read_bytes() == first
    found = load_baseline(tmp_path / "base.json")
    assert [(one.check, one.verdict.value) for one in found.checks] == [
        ("exact-counting", "collapsed")
    ]


def test_what_is_worse_than_the_baseline_fails(tmp_path):
    run("joint", *ONE, "--baseline", "base.json", "--update-baseline")
    new = run("constant", *ONE, "--baseline", "base.json", "--json")
    assert new.exit_code == 1
    assert "exact-counting" in new.stderr
    assert Report.from_json(new.stdout).exit_code == 1


def test_what_is_mended_is_told_and_goes_with_an_update(tmp_path):
    run("constant", *ONE, "--baseline", "base.json", "--update-baseline")
    stale = run("joint", *ONE, "--baseline", "base.json")
    assert stale.exit_code == 0
    assert "exact-counting" in stale.output
    assert "warning" in stale.stderr
    run("joint", *ONE, "--baseline", "base.json", "--update-baseline")
    fresh = run("joint", *ONE, "--baseline", "base.json")
    assert fresh.exit_code == 0
    assert "warning" not in fresh.stderr


def test_each_of_several_subjects_has_its_baseline(tmp_path):
    words = (*ONE, "--baseline", "{subject}.json")
    assert run("joint", "constant", *words, "--update-baseline").exit_code == 0
    assert run("joint", "constant", *words).exit_code == 0
    (tmp_path / "joint.json").unlink()
    missing = run("constant", "joint", *words)
    assert missing.exit_code == 2
    assert missing.stdout == ""  # known before the first of them is run


def test_a_baseline_that_is_none_is_refused_before_the_work(tmp_path):
    for text in ("", "{}", "[1]", "not json"):
        (tmp_path / "base.json").write_text(text)
        found = run("joint", *ONE, "--baseline", "base.json")
        assert found.exit_code == 2
        assert "base.json" in found.stderr
        assert found.stdout == ""


def test_reports_are_compared(tmp_path):
    for subject in ("joint", "constant"):
        (tmp_path / f"{subject}.json").write_text(run(subject, *ONE, "--json").stdout)
    run("exact", *ONE, "--store", "exact.sqlite")
    files = ("joint.json", "constant.json", "exact.sqlite")
    found = run("--compare", *files, "--svg", "a.svg", "--html", "a.html")
    assert found.exit_code == 0, found.output
    for name in ("joint", "constant", "exact"):
        assert name in found.stdout
    assert (tmp_path / "a.svg").read_text().lstrip().startswith("<svg")
    assert "<html" in (tmp_path / "a.html").read_text()
    assert json.loads(run("--compare", *files, "--json").stdout)["kind"] == "Comparison"
    assert run("--compare", *files, "--seed", "1").exit_code == 2
