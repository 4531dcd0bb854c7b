"""Designs side by side: the sums are of shared checks, text fits, nothing user-made is markup."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_designs import COLLAPSED, a_case, a_result, a_run, many
from made_up_runs import a_report, reports

from tellapart.properties.suite.comparison import Comparison, compare_reports
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError

SVG = "{http://www.w3.org/2000/svg}"


def two():
    merging = many(4, COLLAPSED, merged=4, distance=0.0, margin=None)
    return compare_reports([a_run(many(4)), a_run(merging, subject="other")])


@settings(max_examples=20)  # a report is a large example
@given(st.lists(reports(), min_size=2, max_size=5))
def test_any_reports_fit_100_columns_and_are_saved(found):
    compared = compare_reports(found)
    text = compared.explain()
    assert max(map(len, text.splitlines())) <= 100
    assert all(c.isprintable() or c == "\n" for c in text)
    assert Comparison.from_json(compared.to_json()) == compared
    assert len({one.name for one in compared.designs}) == len(found) or any(
        "#" in one.subject for one in found
    )
    for report, k in zip(found, range(len(found)), strict=True):
        assert {row.check for row in compared.checks if row.cells[k]} == {
            one.check for one in report.results
        }


@settings(max_examples=10)  # a report is a large example
@given(st.lists(reports(), min_size=2, max_size=3))
def test_figure_page_and_latex_hold_no_markup_of_the_subject(tmp_path_factory, found):
    compared = compare_reports(found)
    ElementTree.fromstring(compared.svg())
    assert compared.svg() == compared.svg()
    path = tmp_path_factory.mktemp("page") / "page.html"
    compared.to_html(path)
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    latex = compared.to_latex()
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") > 0


def test_the_sums_are_of_the_checks_that_all_answered():
    shared = a_result(many(3), "random-shared")
    alone = a_result(many(9, COLLAPSED, merged=8), "random-alone")
    skipped = a_result(many(9, SuiteVerdict.SKIPPED), "random-alone")
    found = compare_reports([a_report([shared, alone]), a_report([shared, skipped], "other")])
    assert found.n_shared == 1
    assert [one.by_depth for one in found.designs] == [shared.by_depth] * 2
    assert [one.n_graded for one in found.designs] == [3, 3]
    assert "2 checks, 1 shared by all." in found.explain()


def test_what_is_shown_is_what_was_measured():
    text = two().explain()
    verdicts = next(line for line in text.splitlines() if line.startswith("random-mine"))
    assert verdicts.split()[1:] == ["holds", "4/4", "collapsed", "0/4"]
    lines = {line.split("  ")[0]: line.split() for line in text.splitlines() if line}
    assert lines["0"][1:] == ["100", "%", "(80)", "100", "%", "(80)"]
    assert lines["1"][1:] == ["100", "%", "(64)", "75", "%", "(64)"]
    assert lines["premise met"][-2:] == ["4/4", "0/4"]
    assert lines["certified cases"][-2:] == ["4/4", "0/4"]
    assert lines["RankMe"][1:] == ["3.15", "3.15"]
    assert lines["smallest certified margin"][-2:] == ["0.1", "-"]


def test_not_quite_all_is_never_shown_as_all():
    nearly = a_case(0, COLLAPSED)
    rows = (replace(nearly.outcome.by_depth[0], n_pairs=100_000, n_merged=1),)
    nearly = replace(nearly, outcome=replace(nearly.outcome, by_depth=rows))
    text = compare_reports([a_run([nearly]), a_run([nearly])]).explain()
    assert "99.9 % (100000)" in text
    assert "100 %" not in text


def test_the_figure_marks_every_case_and_fills_those_that_are_apart():
    svg = ElementTree.fromstring(two().svg())
    hollow = [one for one in svg.iter(f"{SVG}path") if one.get("fill") == "#ffffff"]
    # Four merged cases: RankMe differs in each, LiDAR is the same in all; none has a margin.
    assert len(hollow) == 4 + 1
    words = " ".join(one.text or "" for one in svg.iter(f"{SVG}text"))
    for word in ("mine", "other", "depth", "margin (log scale)", "RankMe", "4 of 4 certified"):
        assert word in words


def test_designs_of_one_name_are_numbered():
    found = compare_reports([a_run(many(1)), a_run(many(1), subject="b"), a_run(many(1))])
    assert [one.name for one in found.designs] == ["mine #1", "b", "mine #2"]
    assert repr(found) == "Comparison(mine #1, b, mine #2: 1 check)"


def test_runs_of_other_cases_are_named():
    text = compare_reports([a_run(many(4)), a_run(many(3))]).explain()
    assert "Not all designs ran the same cases of 1 shared check." in text


def test_reports_that_cannot_be_compared_are_refused():
    one = a_run(many(1))
    other = a_run(many(1), "random-yours")
    with pytest.raises(InvalidArgumentError, match=r"'2025\.1'.*random-mine, random-yours"):
        compare_reports([one, replace(other, spec="2025.1")])
    with pytest.raises(InvalidArgumentError, match="profile"):
        compare_reports([one, replace(other, profile="ci")])
    with pytest.raises(InvalidArgumentError, match="merge tolerance"):
        compare_reports([one, replace(one, merge_tolerance=0.5)])
    with pytest.raises(InvalidArgumentError, match="two or more"):
        compare_reports([one])
    with pytest.raises(InvalidArgumentError, match="not a Report"):
        compare_reports([one, "b.json"])
    with pytest.raises(InvalidArgumentError, match="a list"):
        compare_reports(one)
    assert compare_reports([one, replace(one, profile="ci", spec="2025.1")]).profile == "smoke, ci"
