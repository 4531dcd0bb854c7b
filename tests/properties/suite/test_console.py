"""The suite on a terminal: what is said, how wide it is, and what is live."""

import io
import json
import re

import pytest
from hypothesis import given, settings
from made_up_runs import a_check, a_report, case_result, events_of, reports
from rich.console import Console

from tellapart.properties.report import suite_console
from tellapart.properties.report.suite_console import (
    checks_json,
    live_suite,
    print_checks,
    print_suite,
)
from tellapart.properties.suite.events import CaseDone, CheckDone, Resumed, Started
from tellapart.properties.suite.profiles import suite_profile
from tellapart.properties.suite.registry import Tier, all_checks
from tellapart.properties.suite.results import result_of
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.tally import tally_of
from tellapart.properties.suite.verdicts import SuiteVerdict


def printed(function, *arguments, terminal=False):
    """Return what is printed, to a pipe or to a terminal of 80 columns."""
    stream = io.StringIO()
    made = Console(file=stream, highlight=False, soft_wrap=True, width=80, force_terminal=terminal)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(suite_console, "console", lambda: made)
        function(*arguments)
    return stream.getvalue()


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_piped_text_has_no_escape_codes_and_is_at_most_100_columns_wide(report):
    text = printed(print_suite, report)
    assert all(c.isprintable() or c == "\n" for c in text)
    for line in text.splitlines():
        breakable = " " in line.strip()[:90]
        assert len(line) <= 100 or not breakable or line.strip().startswith("Again: ")


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_every_check_is_one_line_of_the_table_with_its_verdict(report):
    lines = printed(print_suite, report).splitlines()
    for one in report.results:
        row = next(line for line in lines if re.match(rf"  {one.check}\s+{one.n_cases}\s", line))
        assert one.verdict.value in row.split()


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_the_last_words_agree_with_the_exit_code(report):
    text = printed(print_suite, report)
    assert ("Everything that was asked holds." in text) is (report.exit_code == 0)
    assert ("this is no pass" in text) is (report.exit_code == 3)
    assert bool(re.search(r"^Failing: \d+ of \d+ checks?\.$", text, re.M)) is (
        report.exit_code == 1
    )


def test_on_a_terminal_there_are_colours():
    report = check_encoder("constant", profile="smoke", only=["exact-counting"], on_fail=None)
    assert "\x1b[31mcollapsed" in printed(print_suite, report, terminal=True)


def test_a_real_failure_is_told_with_witness_and_command():
    report = check_encoder("constant", profile="smoke", only=["exact-counting"], on_fail=None)
    text = printed(print_suite, report)
    (case,) = report.results[0].cases
    for words in (
        "0 of 36 pairs apart",
        "Witness: 0 and 8 share a code",
        "Along -1 -1 -1 -1 their labels are 0 0 0 0 0 and 0 0 0 0 1.",
        f"Again: tellapart suite constant --profile smoke --seed 0 --only {case.id}",
        "next: --cases FOLDER",
        "next: --html FILE",
    ):
        assert words in text
    assert "next: --html" not in printed(print_suite, report, True)


def many(n_checks, verdict, reason=None):
    results = []
    for number in range(n_checks):
        id = f"exact-{number}"
        case = case_result(id, "one", "exact", verdict, "the summary", "the story")
        results.append(result_of(a_check(id, Tier.EXACT), tally_of([case]), 0.2, reason))
    return a_report(results)


def test_of_many_failures_some_stories_are_told_and_the_rest_is_named():
    text = printed(print_suite, many(30, SuiteVerdict.BROKEN))
    assert text.count("the story") == 8
    assert "and 22 more checks: exact-8 (broken), " in text
    assert "Failing: 30 of 30 checks." in text


def test_checks_skipped_for_one_reason_are_one_line():
    text = printed(print_suite, many(8, SuiteVerdict.SKIPPED))
    assert text.count("the summary") == 1
    assert "exact-5 and 2 more: the summary" in text.replace("\n ", "")


def test_expected_failures_are_told_with_their_reason():
    text = printed(print_suite, many(1, SuiteVerdict.COLLAPSED, "three frames"))
    assert "expected: exact-0 is collapsed: three frames" in text
    assert "the story" not in text


def live(events, expected=()):
    stream = io.StringIO()
    out = Console(file=stream, force_terminal=True, width=90, color_system=None)
    with live_suite(expected, out) as consumer:
        for event in events:
            consumer(event)
    return [
        re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).strip()
        for line in re.split(r"[\r\n]+", stream.getvalue())
    ]


def events_about(check, verdicts):
    cases = [case_result(check, f"case-{i}", "exact", v, "told") for i, v in enumerate(verdicts)]
    found = result_of(all_checks()[check], tally_of(cases), 0.2)
    begin = Started("joint", "smoke", 0, "2026.1", 1, len(cases), 1)
    return [begin, *map(CaseDone, cases), CheckDone(found)]


COLLAPSED, VACUOUS = SuiteVerdict.COLLAPSED, SuiteVerdict.VACUOUS


def test_a_check_that_fails_is_told_at_once_and_once():
    events = events_about("exact-counting", [COLLAPSED, COLLAPSED, VACUOUS])
    lines = live(events[:2])  # the check is not done yet
    assert lines.count("collapsed  exact-counting/case-0: told") == 1
    lines = live(events)
    assert [line for line in lines if line.startswith(("collapsed", "vacuous"))] == [
        "collapsed  exact-counting/case-0: told"
    ]
    assert any("3/3" in line and "0 hold, 2 fail, 1 show nothing" in line for line in lines)


def test_a_check_that_shows_too_little_is_told_when_it_is_done():
    events = events_about("exact-counting", [VACUOUS, SuiteVerdict.HOLDS])
    told = "vacuous  exact-counting: 50% of 2 cases show nothing"
    assert told not in live(events[:-1])
    assert live(events).count(told) == 1


def test_expected_failures_are_not_told_live():
    lines = live(events_about("exact-counting", [COLLAPSED]), expected=["exact-counting"])
    assert not any(line.startswith("collapsed") for line in lines)


def test_known_cases_count_as_done_whether_they_are_told_or_not():
    begin, *_ = events_about("exact-counting", [VACUOUS] * 9)
    case = case_result("exact-counting", "case-8", "exact", VACUOUS, "told")
    lines = live([begin, Resumed(7), CaseDone(case, known=True), CaseDone(case)])
    assert any("8/9" in line for line in lines)


def test_the_live_line_takes_a_whole_run():
    seen = []
    report = check_encoder(
        "joint", profile="smoke", only=["exact-counting"], consumers=[seen.append]
    )
    assert any(f"{report.n_cases}/{report.n_cases}" in line for line in live(seen))
    assert {type(one) for one in seen} == {type(one) for one in events_of(report)} - {Resumed}


def test_the_list_names_every_check_and_with_a_profile_every_case():
    checks = tuple(all_checks().values())
    text = printed(print_checks, checks, None)
    smoke = suite_profile("smoke")
    long = printed(print_checks, checks, smoke)
    for one in checks:
        assert re.search(rf"^  {one.id} +{one.cost} +{re.escape(one.title)}", text, re.M)
        for scenario in one.scenarios(smoke):
            assert f"    {one.id}/{scenario.name}\n" in long
    listed = json.loads(checks_json(checks, smoke))["checks"]
    assert [one["id"] for one in listed] == [one.id for one in checks]
    assert all(
        one["cases"] == [scenario.name for scenario in checks[place].scenarios(smoke)]
        for place, one in enumerate(listed)
    )
    assert "cases" not in json.loads(checks_json(checks, None))["checks"][0]
