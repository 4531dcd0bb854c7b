"""Kill a campaign, really, and run it again: the results are those of an undisturbed run."""

import importlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tellapart.properties.suite.registry import SPEC, own_checks
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.store import Store, report_of_store
from tellapart.properties.suite.verdicts import SuiteVerdict

HERE = Path(__file__).parent
RUN = {
    "subject": "joint", "profile": "smoke", "seed": 0, "spec": SPEC, "merge_tolerance": 1e-3
}  # fmt: skip


def test_killed_before_any_statement_and_resumed(tmp_path):
    done = subprocess.run(
        [sys.executable, HERE / "dying_campaigns.py", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    killed = told["killed"]
    assert len(killed) > 30
    assert {one["signal"] for one in killed} == {signal.SIGKILL}
    assert all(one["same"] and not one["interrupted"] for one in killed)
    assert {one["cases"] for one in killed} == {told["n_cases"]}
    counts = [one["done"] for one in killed]
    assert counts == sorted(counts)  # the later the kill, the more is there
    assert set(counts) == set(range(told["n_cases"] + 1))


def without_time(results):
    return {case.id: case.without_time() for one in results for case in one.cases}


@pytest.fixture
def fatal(monkeypatch):
    """Checks that kill their process; forgotten afterwards, lest another test runs them."""
    monkeypatch.delitem(sys.modules, "suite_fatal_checks", raising=False)
    with own_checks():
        yield importlib.import_module("suite_fatal_checks")


def test_the_suite_with_a_dying_worker_and_a_store(tmp_path, monkeypatch, fatal):
    folder = tmp_path / "mark"
    folder.mkdir()
    monkeypatch.setenv(fatal.FOLDER, str(folder))
    chosen = {"profile": "smoke", "only": ["fatal-once"], "on_fail": None}
    path = tmp_path / "a.sqlite"
    with Store.open(path, **RUN) as store:
        report = check_encoder("joint", jobs=2, ledger=store, **chosen)
    assert (folder / "died").exists()
    assert report.ok
    assert report.n_cases == fatal.N_CASES + 1
    assert {one.verdict for one in report.results[0].cases} == {SuiteVerdict.HOLDS}
    here = check_encoder("joint", **chosen)  # in this process: the mark keeps it alive
    assert without_time(report.results) == without_time(here.results)
    assert without_time(report_of_store(path).results) == without_time(here.results)
    with Store.open(path, **RUN) as store:
        events = []
        again = check_encoder("joint", ledger=store, consumers=[events.append], **chosen)
    assert again.results == report.results
    assert not any(getattr(event, "known", True) is False for event in events)
