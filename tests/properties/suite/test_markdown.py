"""Markdown: every check in the table, stories that nothing breaks out of, short enough to post."""

import re

import pytest
from hypothesis import given, settings
from made_up_runs import a_check, a_report, case_result, reports

from tellapart.properties.report.suite_markdown import suite_markdown
from tellapart.properties.suite.registry import Tier
from tellapart.properties.suite.results import result_of
from tellapart.properties.suite.tally import tally_of
from tellapart.properties.suite.verdicts import SuiteVerdict


def outside_of_stories(text):
    """Return the lines that Markdown reads as markup: those not in a code block."""
    lines, fence = [], None
    for line in text.splitlines():
        opened = re.match(r"`{3,}", line)
        if fence is None and opened:
            fence = opened[0]
        elif fence is not None and line == fence:
            fence = None
        elif fence is None:
            lines.append(line)
    assert fence is None, "a code block is not closed"
    return lines


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_every_check_is_one_row_with_its_verdict(report):
    rows = [line for line in suite_markdown(report).splitlines() if line.startswith("| ")]
    for one in report.results:
        (row,) = [line for line in rows if line.startswith(f"| {one.check} |")]
        assert row.count("|") == 8
        assert one.verdict.value in row.rsplit("|", 2)[1]


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_nothing_that_a_subject_says_becomes_markup(report):
    text = suite_markdown(report)
    assert all(c.isprintable() or c in "\n\u200b" for c in text)
    for line in outside_of_stories(text):
        assert "<script" not in line.replace("\\<", "")
        assert not re.search(r"[@#]\w", line)
        if not line.startswith(("###", "<details>", "<summary>", "</details>", "<sub>", "|", "- ")):
            assert line == "" or re.match(r"(\d+ checks?, |and \d)", line), line


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_every_check_that_decides_has_a_story(report):
    summaries = re.findall(r"<summary>(\S+): <b>(\S+)</b>", suite_markdown(report))
    decisive = (*report.failed, *report.inconclusive)
    assert summaries == [(one.check, one.verdict.value) for one in decisive]


def long_report(n_checks):
    results = []
    for number in range(n_checks):
        id = f"exact-{number}"
        case = case_result(id, "one", "exact", SuiteVerdict.COLLAPSED, "x" * 300, "y" * 300)
        results.append(result_of(a_check(id, Tier.EXACT), tally_of([case]), 0.2))
    return a_report(results)


def test_a_long_report_stays_below_the_limit_of_a_comment():
    text = suite_markdown(long_report(200))
    assert len(text) < 65_536
    left = re.search(r"^and (\d+) more stories\.$", text, re.MULTILINE)
    assert int(left[1]) + text.count("<details>") == 200
    assert "more stor" not in suite_markdown(long_report(3))


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ([SuiteVerdict.HOLDS], "everything that was asked holds"),
        ([SuiteVerdict.COLLAPSED], "failing: 1 of 1 check"),
        ([SuiteVerdict.VACUOUS], "nothing fails, but too little is shown"),
    ],
)
def test_the_answer_is_in_the_first_line(verdicts, words):
    cases = [case_result("exact-one", "a", "exact", one, "told") for one in verdicts]
    report = a_report([result_of(a_check("exact-one", Tier.EXACT), tally_of(cases), 0.2)])
    assert suite_markdown(report).splitlines()[0] == f"### tellapart: joint: {words}"


def test_a_story_has_the_command_to_run_it_again():
    command = "Again: tellapart suite joint --profile smoke --seed 3 --only exact-0/one"
    assert command in suite_markdown(long_report(1))
