"""The store: each result once, the same report as the run's, and one clear error for bad files."""

import random
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from campaign_parts import answer, job, plan
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.suite.outcomes import CaseResult, DepthShare, Outcome
from tellapart.properties.suite.registry import check_named
from tellapart.properties.suite.results import result_of
from tellapart.properties.suite.store import Store, report_of_store
from tellapart.properties.suite.store_tables import SCHEMA
from tellapart.properties.suite.tally import MOST_KEPT, tally_of
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import FileFormatError, InvalidArgumentError

RUN = {
    "subject": "made", "profile": "ci", "seed": 0, "spec": "2026.1", "merge_tolerance": 1e-3
}  # fmt: skip
CHECK = "exact-counting"
CASES = [answer(one) for one in plan(12, (CHECK,))]
IDS = [one.id for one in CASES]


def concluded(tally):
    """Everything that a run concludes from a tally, as text."""
    return replace(result_of(check_named(CHECK), tally, 0.2), seconds=0.0).to_json()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "campaign.sqlite"


@given(st.permutations(CASES), st.integers(0, len(CASES)))
def test_what_is_recalled_counts_as_if_it_had_been_run(
    tmp_path_factory: pytest.TempPathFactory, order: list[CaseResult], n: int
) -> None:
    path = tmp_path_factory.mktemp("store") / "a.sqlite"
    with Store.open(path, **RUN) as store:
        for one in (*order[:n], *order[:n]):
            store.add(one)
        assert len(store) == n
        assert list(store.known()) == order[:n]
    with Store.open(path, **RUN) as store:
        recalled = store.recall(IDS)
    assert recalled.ids == {one.id for one in order[:n]}
    if n:
        assert concluded(recalled.tallies[CHECK]) == concluded(tally_of(order[:n]))
        tally = recalled.tallies[CHECK]
        for one in order[n:]:
            tally.add(one)
        assert concluded(tally) == concluded(tally_of(CASES))


def test_beyond_many_the_same_cases_are_kept(path):
    cases = [answer(one) for one in plan(MOST_KEPT + 40, (CHECK,))]
    random.Random(0).shuffle(cases)
    with Store.open(path, **RUN) as store:
        for one in cases:
            store.add(one)
        recalled = store.recall([one.id for one in cases])
    assert concluded(recalled.tallies[CHECK]) == concluded(tally_of(cases))
    report = report_of_store(path, most_shown=20)
    assert report.n_cases == len(cases)
    assert len(report.results[0].cases) == 20
    assert all(one.verdict.fails for one in report.results[0].cases)
    counted = report.results[0].counts
    assert counted == result_of(check_named(CHECK), tally_of(cases), 0.2).counts


def test_only_the_plan_is_recalled(path):
    with Store.open(path, **RUN) as store:
        for one in CASES:
            store.add(one)
        recalled = store.recall([*IDS[:3], "another/case"])
    assert recalled.ids == set(IDS[:3])
    assert concluded(recalled.tallies[CHECK]) == concluded(tally_of(CASES[:3]))


def test_the_report_tells_what_is_missing(path):
    with Store.open(path, **RUN) as store:
        store.recall(IDS)
        for one in CASES[:-2]:
            store.add(one)
        early = report_of_store(path)  # while it is open
        store.add(CASES[-2])
        store.add(CASES[-1])
    assert early.interrupted
    assert early.n_cases == len(CASES) - 2
    assert "lacks 2 cases" in early.warnings[0]
    late = report_of_store(path, expected_failed_checks={CHECK: "known"}, max_vacuous=1.0)
    assert not late.interrupted
    assert late.warnings == ()
    assert late.results[0].reason == "known"
    assert late.results[0].cases == tuple(CASES)
    assert (late.subject, late.profile, late.seed, late.spec) == ("made", "ci", 0, "2026.1")


def test_columns_hold_what_reports_need(path):
    with Store.open(path, **RUN) as store:
        store.add(CASES[0])
    connection = sqlite3.connect(path)
    row = connection.execute(
        'SELECT "check", scenario, tier, verdict, grade, seed, seconds, ratio, margin, n_obs, '
        "n_blocks, depth, n_merged, fingerprint FROM cases"
    ).fetchone()
    depths = connection.execute("SELECT depth, n_pairs, n_merged, relative FROM depths").fetchall()
    connection.close()
    one, outcome = CASES[0], CASES[0].outcome
    system = outcome.system
    assert row == (
        one.check, one.scenario, one.tier, one.verdict.value, outcome.grade, one.seed,
        one.seconds, outcome.ratio, outcome.margin, system.n_obs, system.n_blocks, system.depth,
        outcome.n_merged, system.fingerprint,
    )  # fmt: skip
    assert [DepthShare(*one) for one in depths] == list(outcome.by_depth)


@pytest.mark.parametrize(
    "changed",
    [{"subject": "other"}, {"profile": "smoke"}, {"seed": 1}, {"spec": "9"},
     {"merge_tolerance": 0.5}],
)  # fmt: skip
def test_another_run_is_refused(path, changed):
    Store.open(path, **RUN).close()
    ((key, value),) = changed.items()
    with pytest.raises(InvalidArgumentError, match=f"{key} .* instead of {value}.*another file"):
        Store.open(path, **{**RUN, **changed})
    Store.open(path, **RUN).close()  # the right to write is given back


def test_a_second_writer_is_refused(path):
    with Store.open(path, **RUN), pytest.raises(InvalidArgumentError, match="being written"):
        Store.open(path, **RUN)
    script = (
        "import sys, sqlite3; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN EXCLUSIVE')"
    )
    with Store.open(path, **RUN) as store:
        lock = str(path) + "-writer"
        done = subprocess.run([sys.executable, "-c", script, lock], capture_output=True, text=True)
        assert "database is locked" in done.stderr
        store.add(CASES[0])
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]


@pytest.mark.parametrize("share", [0.0001, 0.02, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_one_clear_error(path, share):
    with Store.open(path, **RUN) as store:
        for one in CASES:
            store.add(one)
    data = path.read_bytes()
    path.write_bytes(data[: 1 + int(share * len(data))])
    with pytest.raises(FileFormatError, match=r"campaign\.sqlite"):
        report_of_store(path)
    with pytest.raises(FileFormatError, match=r"campaign\.sqlite"):
        Store.open(path, **RUN)


def test_a_damaged_result_is_one_clear_error(path):
    with Store.open(path, **RUN) as store:
        store.add(CASES[0])
    connection = sqlite3.connect(path)
    connection.execute("UPDATE bodies SET json = substr(json, 1, 100)")
    connection.commit()
    connection.close()
    with pytest.raises(FileFormatError, match="cannot be read"):
        report_of_store(path)
    with Store.open(path, **RUN) as store, pytest.raises(FileFormatError, match="cannot be read"):
        store.recall([CASES[0].id])
    with Store.open(path, **RUN) as store, pytest.raises(FileFormatError, match="cannot be read"):
        list(store.known())


def other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE header (key, value)")
    connection.close()


def text_file(path: Path) -> None:
    path.write_text("not a database " * 100)


def later_version(path: Path) -> None:
    Store.open(path, **RUN).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()


@pytest.mark.parametrize("make", [other_database, text_file, later_version])
def test_other_files_are_refused_and_left_alone(path, make):
    make(path)
    before = path.read_bytes()
    with pytest.raises(FileFormatError, match=r"campaign\.sqlite.*another"):
        Store.open(path, **RUN)
    with pytest.raises(FileFormatError, match=r"campaign\.sqlite.*another"):
        report_of_store(path)
    assert path.read_bytes() == before


def test_bad_places_are_refused(tmp_path, path):
    for place in (tmp_path, tmp_path / "none" / "a.sqlite"):
        with pytest.raises(InvalidArgumentError, match="a folder that exists"):
            Store.open(place, **RUN)
    with pytest.raises(InvalidArgumentError, match="is a int"):
        Store.open(7, **RUN)
    with pytest.raises(InvalidArgumentError, match="no store"):
        report_of_store(path)
    Store.open(path, **RUN).close()
    for most in (0, True, 1.5):
        with pytest.raises(InvalidArgumentError, match="most_shown"):
            report_of_store(path, most_shown=most)


def test_what_reports_need_to_know_is_asked_for(path):
    with Store.open(path, **{**RUN, "profile": "mine"}) as store:
        store.add(CASES[0])
    with pytest.raises(InvalidArgumentError, match="give max_vacuous"):
        report_of_store(path)
    assert report_of_store(path, max_vacuous=0.5).n_cases == 1
    with Store.open(path, **{**RUN, "profile": "mine"}) as store:
        store.add(answer(job("unknown-check", "case-0")))
    with pytest.raises(InvalidArgumentError, match="unknown-check, which no module registers"):
        report_of_store(path, max_vacuous=0.5)


def test_nasty_names_survive(path):
    outcome = Outcome(SuiteVerdict.ERROR, "half \ud800 \x00 '\"", "story \ud800", notes=("\ud800",))
    one = CaseResult(CHECK, "case-0", "exact", 7, outcome, 0.0)
    with Store.open(path, **RUN) as store:
        store.add(one)
        assert list(store.known()) == [one]
    assert report_of_store(path).results[0].cases == (one,)


def test_what_cannot_be_saved_leaves_nothing_behind(path):
    outcome = Outcome(SuiteVerdict.HOLDS, "fine", numbers=(("bad", object()),))
    with Store.open(path, **RUN) as store:
        with pytest.raises(InvalidArgumentError, match="cannot be saved"):
            store.add(CaseResult(CHECK, "case-0", "exact", 7, outcome, 0.0))
        assert len(store) == 0


def test_versions_of_packages_are_kept(path, monkeypatch):
    with Store.open(path, **RUN) as store:
        store.add(CASES[0])
    assert dict(report_of_store(path).versions)["python"]
    monkeypatch.setattr(
        "tellapart.properties.suite.store.package_versions", lambda: (("python", "9.9"),)
    )
    Store.open(path, **RUN).close()
    report = report_of_store(path)
    assert report.versions == (("python", "9.9"),)
    assert "2 sets of package versions" in report.warnings[0]
