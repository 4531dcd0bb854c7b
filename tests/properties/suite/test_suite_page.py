"""The page of the suite: well formed, escaped, offline, the same bytes, true to its report."""

import base64
import hashlib
import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.cases.files import load_case
from tellapart.properties.check import check
from tellapart.properties.report.suite_case import case_views
from tellapart.properties.report.suite_case_commands import anchors, case_command, case_python
from tellapart.properties.report.suite_page import render_suite
from tellapart.properties.report.suite_page_charts import depth_chart, strip
from tellapart.properties.suite.advice_item import Advice
from tellapart.properties.suite.outcomes import CaseResult, DepthShare, Outcome
from tellapart.properties.suite.plan import selected_checks
from tellapart.properties.suite.profiles import SUITE_PROFILES
from tellapart.properties.suite.registry import check_named
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.tally import tally_of
from tellapart.properties.suite.trial import outcome_of
from tellapart.properties.suite.verdicts import SuiteVerdict, worst
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import CollapseWitness

VOID = {"meta", "br", "hr", "img", "input"}
HOSTILE = "<script>alert(1)</script>\"'&\ud800\x00<img src=x>"
GROUPS = ("collapsed", "broken", "error", "vacuous", "infeasible", "timeout", "xpass", "xfail",
          "holds", "skipped")  # fmt: skip


class Page(HTMLParser):
    """Parses a page and fails on elements that are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    def all(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        found = [attributes for one, attributes in self.tags if one == tag]
        return [one for one in found if not name or name in (one.get("class") or "").split()]


def case_of(
    outcome: Outcome, check_id: str = "exact-counting", scenario: str = "a-0"
) -> CaseResult:
    return CaseResult(check_id, scenario, check_id.split("-")[0], 7, outcome, 0.25)


def plain(verdict: SuiteVerdict, summary: str = "something was seen") -> Outcome:
    return Outcome(verdict, summary)


def result(check_id: str, *cases: CaseResult, **changes: object) -> CheckResult:
    """Return a result as the engine makes it, from cases made by hand."""
    tally = tally_of(cases)
    measured = worst([case.verdict for case in cases], 0.2)
    made = CheckResult(
        check_id, check_id.split("-")[0], "trained", "A title", "What a failure means.", measured,
        measured, "", False, 0.2,
        tuple((one.value, tally.verdicts[one]) for one in SuiteVerdict if tally.verdicts[one]),
        tuple(sorted(tally.grades.items())),
        tuple(tally.depths[depth] for depth in sorted(tally.depths)),
        tally.margin, tally.seconds, tuple(one for some in tally.advice for one in some),
        tuple(tally.notes), tuple(tally.cases),
    )  # fmt: skip
    return replace(made, **changes)


def report_of(*results: CheckResult, **changes: object) -> Report:
    made = Report("joint", "ci", 3, "2026.1", (("tellapart", "0.1.0"),), results, 12.0)
    return replace(made, **changes)


@pytest.fixture(scope="module")
def collapsed() -> Outcome:
    return outcome_of(check("constant", on="gallery:counting-9"), "counting-9")


@pytest.fixture(scope="module")
def holding() -> Outcome:
    return outcome_of(check("exact", on="gallery:counting-9"), "counting-9")


@pytest.fixture(scope="module")
def full(collapsed: Outcome, holding: Outcome) -> Report:
    """A run with every verdict of a check."""
    results = [result("exact-counting", case_of(collapsed), case_of(holding, scenario="a-1"))]
    for verdict in SuiteVerdict:
        if verdict.value not in ("collapsed", "xfail", "xpass"):
            name = f"contract-{verdict.value}"
            results.append(result(name, case_of(plain(verdict), name)))
    expected = {"verdict": SuiteVerdict.XFAIL, "reason": "known since release 2"}
    results.append(result("exact-known", case_of(collapsed, "exact-known"), **expected))
    stale = {"verdict": SuiteVerdict.XPASS, "reason": "was broken"}
    results.append(result("exact-stale", case_of(holding, "exact-stale"), **stale))
    return report_of(*results, warnings=("exact-stale holds: remove the entry.",))


NAMES = st.text(max_size=12) | st.sampled_from([HOSTILE, "a b", "a*[b]?", "a/b", "</article>"])


@given(texts=st.tuples(*[NAMES] * 8), verdict=st.sampled_from(list(SuiteVerdict)))
def test_whatever_is_named_the_page_stays_whole_and_runs_nothing_of_it(texts, verdict):
    subject, check_id, scenario, summary, story, note, grade, seen = texts
    witness = CollapseWitness(subject, scenario, (note,), (story, grade), (seen, seen), 0.0, 0.1)
    outcome = Outcome(
        verdict, summary, story, grade=grade, notes=(note,), witness=witness,
        advice=(Advice("plateau", seen, note, "measured"),), numbers=((seen, 1.0),),
    )  # fmt: skip
    case = CaseResult(check_id, scenario, "exact", 0, outcome, 0.0)
    one = replace(result(check_id, case), tier="exact", title=seen, why=note, reason=summary)
    text = render_suite(report_of(one, subject=subject, profile=note, warnings=(seen,)))
    text.encode()
    page = Page(text)
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert len(page.all("article")) == 1
    links = {(link.get("href") or "")[1:] for link in page.all("a") if not link.get("download")}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert links <= set(ids)
    assert len(ids) == len(set(ids))


@given(names=st.lists(NAMES, max_size=8))
def test_anchors_are_unique_and_fit_into_an_address(names):
    found = anchors(names, "case-")
    assert len(set(found)) == len(found) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_./-]+", one) for one in found)
    assert found[: len(names) // 2] == anchors(names[: len(names) // 2], "case-")


@given(rows=st.lists(st.tuples(st.integers(1, 10**7), st.floats(0, 1)), min_size=1, max_size=80))
def test_the_chart_of_depths_counts_every_pair(rows):
    shares = [DepthShare(d, n, int(n * part), 0.5) for d, (n, part) in enumerate(rows)]
    text = str(depth_chart(shares))
    Page(text)
    told = re.findall(r"<title>depth [^:]*: ([\d,]+) of ([\d,]+) pairs", text)
    merged, pairs = (sum(int(one[i].replace(",", "")) for one in told) for i in (0, 1))
    assert merged == sum(one.n_merged for one in shares)
    assert pairs == sum(one.n_pairs for one in shares)
    assert len(told) <= 24
    assert ("bar merged" in text) == (merged > 0)


def test_the_strip_has_a_piece_for_each_verdict():
    text = str(strip((("holds", 9000), ("collapsed", 1)), "two"))
    assert "holds: 9,000 of 9,001" in text
    widths = [float(width) for width in re.findall(r'width="([\d.]+)"', text)]
    assert len(widths) == 2
    assert min(widths) >= 3


def test_the_same_report_gives_the_same_page_and_so_does_a_loaded_one(full):
    text = render_suite(full)
    assert text == render_suite(full)
    assert text == render_suite(Report.from_json(full.to_json()))


def test_groups_come_in_the_order_of_what_is_wrong(full):
    page = Page(render_suite(full))
    groups = [one["aria-labelledby"] for one in page.all("section", "group")]
    assert groups == [f"group-{name}" for name in GROUPS]
    assert "Exit code 1: 3 checks found a violation" in page.text
    assert "Expected to fail: known since release 2 Measured: collapsed." in page.text
    assert "exact-stale holds: remove the entry." in page.text
    boxes = [one["value"] for one in page.all("input") if one.get("name") == "verdict"]
    assert boxes == list(GROUPS)


def test_nothing_is_loaded_from_anywhere(full):
    text = render_suite(full)
    assert re.findall(r"(?:https?:)?//[a-z]", text.replace("://", "")) == []
    assert "http" not in text.replace("http-equiv", "")
    for attributes in (attributes for _, attributes in Page(text).tags):
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith(("#", "data:application/json;base64,"))
        assert not any(name.startswith("on") for name in attributes)


def test_the_policy_allows_this_script_and_no_other(full):
    text = render_suite(full)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [one for one in Page(text).all("meta") if "http-equiv" in one]
    assert f"script-src 'sha256-{digest}'" in (policy["content"] or "")
    assert "default-src 'none'" in (policy["content"] or "")


def test_a_collapsed_case_shows_its_witness_its_system_and_how_to_see_it_again(full, tmp_path):
    page = Page(render_suite(full))
    for told in (
        "Witness of the collapse", "The system: 9 observations", "labels differ",
        "Codes of the pair", "How far apart the codes are", "thick arrows: its word",
        "tellapart suite joint --profile ci --seed 3 --only exact-counting/a-0",
    ):  # fmt: skip
        assert told in page.text
    assert any(one.get("class") == "edge run" for one in page.all("g"))
    saved = page.all("a", "save")[0]
    file = tmp_path / (saved["download"] or "")
    file.write_bytes(base64.b64decode((saved["href"] or "").partition(",")[2]))
    held = full.results[0].cases[0].outcome.case
    assert held is not None
    assert load_case(file).to_json() == held.to_json()
    assert f"tellapart replay {file.name}" in page.text


def test_the_python_code_runs_the_same_case(holding, capsys):
    smoke = SUITE_PROFILES["smoke"]
    name = check_named("exact-counting").scenarios(smoke)[0].name
    case = case_of(holding, scenario=name)
    exec(case_python(report_of(result("exact-counting", case), profile="smoke"), case), {})
    told = capsys.readouterr().out
    assert "joint: 1 check, 1 case: 1 holds (profile smoke, seed 3" in told


@pytest.mark.parametrize(
    ("subject", "named", "shown"),
    [
        ("joint", True, "'joint'"),
        ("my file.py:make", True, "'my file.py:make'"),
        ("make_mine", False, "make_mine"),
        ("<lambda>", False, "factory"),
    ],
)
def test_only_subjects_that_a_command_can_name_get_a_command(subject, named, shown, holding):
    case = case_of(holding, scenario="odd [name]*")
    report = report_of(result("exact-counting", case), subject=subject)
    command = case_command(report, case)
    assert (command is not None) == named
    if command is not None:
        assert shlex.split(command)[2] == subject
    assert f"check_encoder(\n    {shown}," in case_python(report, case)
    pattern = re.findall(r"only=\[(.*)\]", case_python(report, case))[0]
    assert pattern == repr("exact-counting/odd [[]name][*]")
    assert selected_checks([pattern.strip("'")])[0].id == "exact-counting"


def test_runs_with_a_tolerance_of_their_own_say_so(collapsed):
    case = case_of(collapsed)
    usual = report_of(result("exact-counting", case))
    assert "tolerance" not in case_python(usual, case) + (case_command(usual, case) or "")
    report = replace(usual, merge_tolerance=0.25)
    assert "merge_tolerance=0.25" in case_python(report, case)
    assert "--merge-tolerance 0.25" in (case_command(report, case) or "")


def test_of_many_cases_the_failing_ones_are_kept_and_a_like_number_of_each_check(collapsed):
    names = ("exact-a", "exact-b", "exact-c")
    holds = plain(SuiteVerdict.HOLDS)
    results = []
    for name in names:
        cases = [case_of(holds, name, f"s-{i}") for i in range(40)]
        cases[30] = case_of(collapsed, name, "s-30")
        results.append(result(name, *cases))
    report = report_of(*results)
    views = case_views(report, 13)
    assert [views[name][0].scenario for name in names] == ["s-30"] * 3
    assert sorted(map(len, views.values())) == [4, 4, 5]
    page = Page(render_suite(report, most_cases=13, store="all.sqlite"))
    assert len(page.all("article")) == 13
    assert "13 of 120 cases are on this page" in page.text
    assert "All of them are in all.sqlite." in page.text
    assert "40 cases , 36 of them not listed" in page.text.replace("cases,", "cases ,")


@pytest.mark.parametrize("kind", ["collapsed", "holding"])
def test_two_thousand_cases_stay_below_ten_megabytes(kind, request):
    outcome = request.getfixturevalue(kind)
    results = [
        result(name, *(case_of(outcome, name, f"scenario-{i}") for i in range(500)))
        for name in ("random-a", "random-b", "random-c", "random-d")
    ]
    text = render_suite(report_of(*results))
    assert text.count("<article") == 2000
    assert len(text.encode()) < 10_000_000
    saved = text.count('class="save"')
    assert saved <= 50
    assert (saved > 0) == (kind == "collapsed")


def test_depths_leave_out_what_merges_on_purpose(collapsed, holding):
    dropped = result("dropped-aux", case_of(collapsed, "dropped-aux"))
    advisory = result("exact-b", case_of(collapsed, "exact-b"), advisory=True)
    alone = result("exact-counting", case_of(holding))
    text = Page(render_suite(report_of(dropped, advisory, alone))).tags
    (label,) = [
        a["aria-label"] for _, a in text if "Separation by depth:" in (a.get("aria-label") or "")
    ]
    assert label == "Separation by depth: 0 of 36 pairs share a code, at depths 0 to 4."


def test_partial_data_is_drawn_as_data(collapsed):
    data = TransitionData([[0, 0, 1], [0, 0, 2], [1, 1, 0], [2, 0, 3]], {1: 0, 3: 1})
    assert collapsed.case is not None
    case = replace(collapsed.case, content=data)
    outcome = replace(collapsed, case=case)
    page = Page(render_suite(report_of(result("data-a", case_of(outcome, "data-a")))))
    assert "The data: 4 observations, 4 transitions" in page.text


def test_a_witness_of_another_system_is_told_without_observations(collapsed):
    assert collapsed.case is not None
    other = DeterministicMDP([[0], [1]], [0, 1])
    outcome = replace(collapsed, case=replace(collapsed.case, content=other))
    outcome = replace(outcome, witness=replace(outcome.witness, x="far", y="away"))
    page = Page(render_suite(report_of(result("exact-a", case_of(outcome, "exact-a")))))
    assert "far and away share a code" in page.text
    assert "labels differ" in page.text
    assert "The system: 2 observations" in page.text
    assert "The case was made small: these are 2 observations, for the 9 of" in page.text


@pytest.mark.parametrize(
    ("results", "changes", "told"),
    [
        ((), {}, "Exit code 3: nothing was run"),
        (("holds",), {"interrupted": True}, "stopped before its end"),
        (("vacuous",), {}, "1 check (exact-vacuous) cannot be decided"),
        (("holds",), {}, "Exit code 0: nothing fails"),
    ],
)
def test_the_exit_code_is_said_in_words(results, changes, told):
    made = [
        result(f"exact-{name}", case_of(plain(SuiteVerdict(name)), f"exact-{name}"))
        for name in results
    ]
    assert told in Page(render_suite(report_of(*made, **changes))).text


def test_grades_are_counted_with_their_meaning(full, holding):
    page = Page(render_suite(full))
    total = sum(number for one in full.results for _, number in one.grades)
    assert holding.grade is not None
    mine = sum(dict(one.grades).get(holding.grade, 0) for one in full.results)
    assert f"{holding.grade} {mine} {100 * mine / total:.1f} %" in page.text


def test_to_html_writes_the_page(full, tmp_path):
    file = tmp_path / "page.html"
    full.to_html(file)
    assert file.read_text(encoding="utf-8") == render_suite(full)
    assert json.loads(full.to_json())


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "many", None])
def test_a_wrong_number_of_cases_is_refused(full, wrong):
    with pytest.raises(InvalidArgumentError, match="most_cases is"):
        render_suite(full, most_cases=wrong)


def test_what_is_no_report_is_refused():
    with pytest.raises(InvalidArgumentError, match="render_suite got a str"):
        render_suite("report")
