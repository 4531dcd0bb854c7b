"""Baselines: nothing is lost in the file, one case is one line, other files are refused."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from made_up_designs import COLLAPSED, a_case, a_result, a_run, many
from made_up_runs import a_report, reports

from tellapart.properties.suite.baseline import SCHEMA, Baseline, load_baseline
from tellapart.properties.suite.baseline_text import migrated
from tellapart.properties.suite.running import check_encoder
from tellapart.theory.errors import InvalidArgumentError


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_what_is_written_is_read(report):
    if report.interrupted:
        report = replace(report, interrupted=False)
    found = Baseline.of(report)
    assert Baseline.from_json(found.to_json()) == found
    assert Baseline.from_json(found.to_json()).to_json() == found.to_json()
    assert [one.check for one in found.checks] == sorted(one.check for one in report.results)


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_the_order_of_checks_and_cases_changes_no_byte(report):
    report = replace(report, interrupted=False)
    turned = tuple(replace(one, cases=one.cases[::-1]) for one in report.results[::-1])
    assert Baseline.of(replace(report, results=turned)).to_json() == Baseline.of(report).to_json()


def test_one_case_is_one_line():
    cases = many(9)
    before = Baseline.of(a_run(cases)).to_json().splitlines()
    cases[4] = a_case(4, distance=0.25)
    after = Baseline.of(a_run(cases)).to_json().splitlines()
    different = [i for i, (x, y) in enumerate(zip(before, after, strict=True)) if x != y]
    # the case, and the check with its smallest distance
    assert len(different) == 2
    assert '"case-4"' in after[different[1]]


def test_a_baseline_keeps_what_the_report_says():
    case = a_case(3, COLLAPSED, merged=2, distance=0.0, margin=None)
    (check,) = Baseline.of(a_run([case, a_case(1)])).checks
    assert check.verdict is COLLAPSED
    assert dict(check.counts) == {"collapsed": 1, "holds": 1}
    assert [one.scenario for one in check.cases] == ["case-1", "case-3"]
    worst = check.cases[1]
    assert (worst.distance, worst.margin, worst.merged, worst.depths) == (
        0,
        None,
        ((1, 2),),
        (0, 1),
    )
    assert worst.system == "03" * 8


def test_a_real_run_gives_the_same_file_but_for_the_seconds(tmp_path):
    runs = [
        check_encoder("exact", profile="smoke", only=["exact-counting"], on_fail=None)
        for _ in range(2)
    ]
    first, second = map(Baseline.of, runs)
    same = replace(second, checks=tuple(replace(one, seconds=first.check(one.check).seconds)
                                        for one in second.checks))  # fmt: skip
    assert same.to_json() == first.to_json()
    path = tmp_path / "baseline.json"
    first.save(path)
    assert load_baseline(path) == first
    assert "exact-counting: holds (1 holds)" in load_baseline(path).explain()


def test_an_older_schema_is_brought_to_the_present_one():
    def second(data):
        return {**data, "checks": data["tests"]}

    def third(data):
        return {**data, "seed": data["seed"] + 1}

    steps = {1: second, 2: third}
    found = migrated({"schema": 1, "seed": 4, "tests": {}}, steps, newest=3)
    assert found == {"schema": 3, "seed": 5, "tests": {}, "checks": {}}
    with pytest.raises(InvalidArgumentError, match="schema 1 cannot be read any more"):
        migrated({"schema": 1}, {2: third}, newest=3)


def changed(**fields):
    return json.dumps({**json.loads(Baseline.of(a_run(many(2))).to_json()), **fields})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "no JSON"),
        (Baseline.of(a_run(many(2))).to_json()[:-30], "no JSON"),
        ("[1, 2]", "not a baseline but 'list'"),
        ('{"kind": "Report"}', "not a baseline but 'Report'"),
        ("{}", "not a baseline"),
        (changed(schema=SCHEMA + 1), "install a newer tellapart"),
        (changed(schema=True), "must be an integer"),
        (changed(seed="0"), "damaged"),
        (changed(checks=[1]), "damaged"),
        (changed(checks={"a": {"verdict": "fine"}}), "damaged"),
        (changed(checks={"a": {"verdict": "holds", "counts": {"holds": -1}, "seconds": 1,
                               "cases": {}}}), "damaged"),
        ("[" * 100_000, "no JSON"),
    ],
)  # fmt: skip
def test_other_files_are_refused_with_their_name(tmp_path, text, rule):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(InvalidArgumentError, match=rule) as caught:
        load_baseline(path)
    assert "other.json" in str(caught.value)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"missing\.json cannot be read"):
        load_baseline(tmp_path / "missing.json")
    (tmp_path / "binary").write_bytes(b"SQLite format 3\x00\xff\xfe")
    with pytest.raises(InvalidArgumentError, match="binary is no text"):
        load_baseline(tmp_path / "binary")


def test_a_baseline_is_made_of_a_whole_report():
    with pytest.raises(InvalidArgumentError, match="not of a str"):
        Baseline.of("report.json")
    with pytest.raises(InvalidArgumentError, match="interrupted"):
        Baseline.of(a_report([a_result(many(1))], interrupted=True))
