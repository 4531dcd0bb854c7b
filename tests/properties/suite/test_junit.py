"""JUnit XML: valid for any report, and red exactly when the exit code is."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, settings
from made_up_runs import a_check, a_report, case_result, reports

from tellapart.properties.report.suite_junit import suite_junit
from tellapart.properties.suite.registry import Tier
from tellapart.properties.suite.results import result_of
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.tally import tally_of
from tellapart.properties.suite.verdicts import SuiteVerdict

#: Children of each element in the order of the schema of Jenkins (junit-10.xsd).
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase", "system-out"],
    "testcase": ["properties", "skipped", "error", "failure", "system-out"],
    "properties": ["property"],
    "property": [],
    "skipped": [],
    "error": [],
    "failure": [],
    "system-out": [],
}
REQUIRED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "time", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name", "time"},
    "property": {"name", "value"},
    "skipped": {"type", "message"},
    "error": {"type", "message"},
    "failure": {"type", "message"},
}
ANSWERS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def parse(report):
    return ET.fromstring(suite_junit(report).encode())


def check_structure(element):
    assert set(element.keys()) == REQUIRED.get(element.tag, set())
    tags = [child.tag for child in element]
    order = CHILDREN[element.tag]
    assert tags == sorted(tags, key=order.index)
    for name, tag in ANSWERS.items():
        if element.get(name):
            assert int(element.get(name)) == len(list(element.iter(tag)))
    if element.get("tests"):
        assert int(element.get("tests")) == len(list(element.iter("testcase")))
    for child in element:
        check_structure(child)


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_any_report_gives_a_valid_file_that_is_red_exactly_when_the_exit_code_is(report):
    root = parse(report)
    check_structure(root)
    red = [*root.iter("failure"), *root.iter("error")]
    assert bool(red) is (not report.ok)


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_each_case_is_one_test_and_only_those_that_hold_are_passed(report):
    tests = {(t.get("classname"), t.get("name")): t for t in parse(report).iter("testcase")}
    listed = 0
    for one in report.results:
        for case in one.cases:
            (found,) = [
                test
                for (place, name), test in tests.items()
                if place.endswith(f".{case.check}") and name == case.scenario
            ]
            answered = {child.tag for child in found} & set(ANSWERS.values())
            assert bool(answered) is (case.verdict is not SuiteVerdict.HOLDS)
            facts = {p.get("name"): p.get("value") for p in found.iter("property")}
            assert facts["seed"] == str(case.seed)
            assert facts["verdict"] == case.verdict.value
            assert ("case" in facts) is (case.outcome.case is not None)
            listed += 1
    assert listed >= len(tests) - 1  # one more where nothing else tells that the run is no pass


def one_check(verdicts, expected=None, advisory=False, **more):
    cases = [
        case_result("exact-one", f"case-{i}", "exact", verdict, "told", "the story", **more)
        for i, verdict in enumerate(verdicts)
    ]
    found = result_of(a_check("exact-one", Tier.EXACT, advisory), tally_of(cases), 0.2, expected)
    return a_report([found])


HOLDS, COLLAPSED, VACUOUS = SuiteVerdict.HOLDS, SuiteVerdict.COLLAPSED, SuiteVerdict.VACUOUS


@pytest.mark.parametrize(
    ("report", "answers"),
    [
        (one_check([HOLDS, COLLAPSED]), [None, "failure"]),
        (one_check([COLLAPSED, VACUOUS]), ["failure", "skipped"]),
        (one_check([SuiteVerdict.ERROR]), ["error"]),
        (one_check([SuiteVerdict.BROKEN]), ["failure"]),
        (one_check([HOLDS, VACUOUS]), [None, "failure"]),
        (one_check([HOLDS] * 5 + [VACUOUS]), [None] * 5 + ["skipped"]),
        (one_check([COLLAPSED], expected="known"), ["skipped"]),
        (one_check([HOLDS], expected="known"), [None]),
        (one_check([COLLAPSED, SuiteVerdict.ERROR], advisory=True), ["skipped", "skipped"]),
        (one_check([SuiteVerdict.TIMEOUT]), ["failure"]),
    ],
)
def test_verdicts_and_answers(report, answers):
    found = [
        next((child.tag for child in test if child.tag in ANSWERS.values()), None)
        for test in parse(report).iter("testcase")
    ]
    assert found == answers


def test_a_failure_tells_its_story_and_how_to_run_it_again():
    (failure,) = parse(one_check([COLLAPSED])).iter("failure")
    assert failure.get("message") == "collapsed: told"
    assert "the story" in failure.text
    command = "tellapart suite joint --profile smoke --seed 3 --only exact-one/case-0"
    assert command in failure.text


def test_an_expected_failure_gives_its_reason_and_a_stale_one_is_told():
    (skipped,) = parse(one_check([COLLAPSED], expected="three frames")).iter("skipped")
    assert skipped.get("message") == "expected (three frames): collapsed: told"
    (output,) = parse(one_check([HOLDS], expected="three frames")).iter("system-out")
    assert output.text == "expected to fail (three frames) and holds: remove the entry."


def test_a_failure_that_was_only_counted_is_red_all_the_same():
    (found,) = one_check([VACUOUS, HOLDS, COLLAPSED]).results
    report = a_report([replace(found, cases=found.cases[:1])])  # as of a campaign
    root = parse(report)
    assert report.exit_code == 1
    red = [test for test in root.iter("testcase") if test.find("failure") is not None]
    assert [test.get("name") for test in red] == ["(all cases)"]
    told = [output.text for output in root.iter("system-out")]
    assert told == ["exact-one: 2 more cases counted, not listed"]


def test_a_run_that_was_stopped_or_asked_nothing_is_red():
    for report in (a_report([]), a_report([], interrupted=True)):
        (error,) = parse(report).iter("error")
        assert error.get("type") == "incomplete"


def test_a_real_run():
    report = check_encoder("constant", profile="smoke", only=["exact-counting"], on_fail=None)
    root = parse(report)
    check_structure(root)
    assert root.get("name") == "tellapart constant"
    (failure,) = root.iter("failure")
    assert "share a code" in failure.text
    facts = {p.get("name"): p.get("value") for p in root.find("testsuite/properties")}
    assert facts["spec"] == report.spec
    assert facts["torch"] == dict(report.versions)["torch"]
    case = report.results[0].cases[0].outcome.case
    assert {p.get("value") for p in root.iter("property") if p.get("name") == "case"} == {
        case.digest
    }
