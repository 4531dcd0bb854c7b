"""The HTML page: well formed, self-contained, escaped, the same bytes, and true to its report."""

from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.certify import Precision
from tellapart.models.diagnostics.summary import diagnose
from tellapart.models.evaluation import Evaluation
from tellapart.models.progress import FitResult, FitStatus
from tellapart.properties.audit_report import AuditReport, audit_report
from tellapart.properties.check import CheckReport, check
from tellapart.properties.data_strategies import transition_data
from tellapart.properties.report.html_audit import render_audit
from tellapart.properties.report.html_check import render_check
from tellapart.properties.report.residuals import label_residuals, transition_residuals
from tellapart.properties.report.wording import number
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.audit import audit
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import blow_up, counting_chain, grid, random_mdp
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.margins.maker import certify_margins
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel, Program
from tellapart.theory.verdict import judge

VOID = {"meta", "link", "br", "hr", "img", "input"}
#: Every element a page may contain; a name that gets through unescaped adds another.
KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section"),
    *("footer", "a", "p", "h1", "h2", "h3", "ul", "li", "div", "dl", "dt", "dd", "span"),
    *("strong", "em", "pre", "code", "figure", "figcaption", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("svg", "g", "path", "circle", "rect", "text"),
}
HISTORY = tuple((step, 2.0**-step, 3.0**-step) for step in range(0, 40, 2))


def trained(history):
    """A training run with the given history."""
    return FitResult(FitStatus.RESOLVED, "lm", "joint", 40, 0.1, history, seed=0)


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
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.tags if found == tag]


def listed_model(codes: np.ndarray, predicted: np.ndarray, read: np.ndarray) -> NetworkModel:
    """Return a model that is known at the observations only: closed programs of its answers."""
    closed = [Program((), (np.array(a),), (), 0) for a in (codes, *predicted.swapaxes(0, 1), read)]
    return NetworkModel(closed[0], tuple(closed[1:-1]), closed[-1], None, "float64")


def make_report(
    mdp: DeterministicMDP,
    codes: np.ndarray,
    noise: float = 0.01,
    history: tuple[tuple[int, float, float], ...] | None = HISTORY,
    source: str = "gallery:some",
) -> CheckReport:
    """Judge given codes, with small residuals everywhere."""
    codes = np.array(codes, dtype=np.float64)
    predicted = codes[mdp.successors] + noise
    found = Evaluation.from_outputs(mdp, codes, predicted, mdp.label_vectors + noise)
    margins = certify_margins(mdp, listed_model(codes, predicted, found.read))
    return CheckReport(
        subject="joint",
        source=source,
        seed=3,
        audit=audit(mdp, source=source),
        judgement=judge(bisimulation(mdp), codes, predicted, found.read),
        training=None if history is None else trained(history),
        precision=Precision("exact", "float64", 0.0, 0.0, None),
        margins=margins,
        margin_check=check_margins(margins.certificate) if margins.certified else None,
        diagnostics=diagnose(mdp, codes),
        attack=None,
        boxes=None,
        codes=codes,
        dynamics_residuals=found.dynamics_residuals,
        aux_residuals=found.aux_residuals,
        dynamics_loss=found.dynamics_loss,
        aux_loss=found.aux_loss,
        dtype="float64",
    )


@st.composite
def reports(draw: st.DrawFn) -> CheckReport:
    """Reports on small systems: codes from a few integers, so that merged pairs are common."""
    mdp = draw(deterministic_mdps(max_observations=7))
    dimension = draw(st.integers(1, 3))
    rows = st.lists(st.integers(-2, 2), min_size=dimension, max_size=dimension)
    codes = draw(st.lists(rows, min_size=mdp.n_obs, max_size=mdp.n_obs))
    return make_report(mdp, np.array(codes), draw(st.sampled_from([0.0, 0.01, 1.0])))


@given(reports())
def test_check_page_is_well_formed_self_contained_and_repeatable(report):
    page = render_check(report)
    parsed = Page(page)
    assert render_check(CheckReport.from_json(report.to_json())) == page
    assert {tag for tag, _ in parsed.tags} <= KNOWN
    assert_self_contained(page, parsed)
    assert_accessible(parsed)


@given(deterministic_mdps(max_observations=9))
def test_audit_page_is_well_formed_self_contained_and_repeatable(mdp):
    findings = AuditReport(audit(mdp, source="gallery:some"))
    page = render_audit(findings)
    parsed = Page(page)
    assert render_audit(findings) == page
    assert {tag for tag, _ in parsed.tags} <= KNOWN
    assert_self_contained(page, parsed)
    assert_accessible(parsed)
    assert ("No two observations" in parsed.text) == (findings.audit.n_may_merge == 0)


@given(transition_data(max_observations=7))
def test_page_of_partial_data_is_well_formed_self_contained_and_repeatable(data):
    report = audit_report(data)
    page = render_audit(report)
    parsed = Page(page)
    assert render_audit(AuditReport.from_json(report.to_json())) == page
    assert {tag for tag, _ in parsed.tags} <= KNOWN
    assert_self_contained(page, parsed)
    assert_accessible(parsed)
    assert ("zero loss is impossible" in parsed.text) is not report.audit.feasible


def test_page_of_many_observations_shows_counts_and_no_tangle():
    rng = np.random.default_rng(0)
    rows = np.stack([rng.integers(0, 5000, 9000), rng.integers(0, 4, 9000),
                     rng.integers(0, 5000, 9000)], axis=1)  # fmt: skip
    page = render_audit(audit_report(TransitionData(rows, [0] * 2500 + [1] * 2500, range(5000))))
    assert "shown as counts" in Page(page).text
    assert len(page) < 100_000


def assert_self_contained(page: str, parsed: Page) -> None:
    for word in ("http://", "https://", "@import", "url(", "<script", "javascript:"):
        assert word not in page
    names = {name for _, attributes in parsed.tags for name in attributes}
    assert not names & {"src", "srcset", "onload", "onclick", "xlink:href"}
    assert all((link["href"] or "").startswith("#") for link in parsed.all("a"))
    policy = [m for m in parsed.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert [m["content"] for m in policy] == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    ]


def assert_accessible(parsed: Page) -> None:
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {(link["href"] or "")[1:] for link in parsed.all("a")} <= set(ids)
    assert all("scope" in header for header in parsed.all("th"))
    assert all("aria-label" in s or s.get("aria-hidden") == "true" for s in parsed.all("svg"))
    regions = [d for d in parsed.all("div") if d.get("class") == "scroll"]
    assert all(d["tabindex"] == "0" and d["aria-label"] for d in regions)


@given(reports())
def test_page_says_what_the_report_says(report):
    parsed = Page(render_check(report))
    judgement = report.judgement
    banner = [d["class"] for d in parsed.all("div") if (d.get("class") or "").startswith("banner")]
    assert banner == [f"banner {judgement.verdict.value}"]
    for sentence in (judgement.verdict.meaning, judgement.grade.meaning, *judgement.reasons):
        assert " ".join(sentence.split()) in parsed.text
    assert f"ratio is {number(judgement.resolution.ratio)} ;" in parsed.text
    assert ("Witness of the collapse" in parsed.text) == (judgement.witness is not None)
    assert ("Dashed halo: merged" in parsed.text) == bool(judgement.separation.n_merged)


@given(reports())
def test_the_worst_residuals_lead_their_tables(report):
    measured = report.judgement.resolution
    transitions, labels = transition_residuals(report), label_residuals(report)
    assert transitions[0].ratio == number(measured.dynamics_ratio)
    assert labels[0].ratio == number(measured.aux_ratio)
    assert transitions[0].unresolved == (measured.dynamics_ratio >= 1)
    assert len(transitions) == min(10, report.mdp.n_obs * report.mdp.n_actions)


@given(
    st.lists(st.text(max_size=12), min_size=5, max_size=5, unique=True),
    st.lists(st.text(max_size=12), min_size=2, max_size=2, unique=True),
    st.text(max_size=20),
)
def test_any_text_is_a_safe_name(observations, actions, source):
    chain = counting_chain(5)
    mdp = DeterministicMDP(chain.successors, chain.labels, observations, actions)
    page = render_check(make_report(mdp, np.zeros((5, 2)), source=source))
    page.encode("utf-8")
    parsed = Page(page)
    assert {tag for tag, _ in parsed.tags} <= KNOWN
    assert "\x00" not in page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "a & b", "'>"])
def test_markup_in_names_is_shown_not_run(name):
    chain = counting_chain(3)
    mdp = DeterministicMDP(
        chain.successors, ["p", name, "q"], [name, "b", "c"], ["left", name + "!"]
    )
    report = make_report(mdp, np.zeros((3, 2)), source=name)
    for page in (render_check(report), render_audit(AuditReport(audit(mdp, source=name)))):
        parsed = Page(page)
        assert {tag for tag, _ in parsed.tags} <= KNOWN
        assert name in parsed.text
        assert "<script" not in page
        assert "<img" not in page


def test_counting_page_shows_the_known_numbers():
    parsed = Page(render_check(make_report(counting_chain(9), 3.0 * np.eye(9))))
    assert "All 36 pairs" in parsed.text
    for row in ("0 2 8 0", "1 4 13 0", "2 6 9 0", "3 8 5 0", "4 9 1 0 0 | 8"):
        assert row in parsed.text
    circles = [c for c in parsed.all("circle") if c.get("class") == "node"]
    assert len(circles) == 9 + 9  # the system and its quotient
    assert len({c["fill"] for c in circles}) == 9
    assert len([c for c in parsed.all("circle") if c.get("class") == "halo"]) == 2 + 2
    edges = [g for g in parsed.all("g") if g.get("class") == "edge"]
    assert len(edges) == 2 * 18  # self-loops among them


def test_collapse_shows_the_witness_step_by_step():
    parsed = Page(render_check(make_report(counting_chain(9), np.zeros((9, 4)))))
    assert "this encoder merges 36" in parsed.text
    assert "0 and 8 share a code: their distance is 0" in parsed.text
    assert "4 -1 0 0 4 1 labels differ" in parsed.text
    assert "The hardest pair to tell apart is the witness above" in parsed.text
    assert "All codes are equal" in parsed.text


def test_nothing_trained_means_no_curve():
    parsed = Page(render_check(make_report(counting_chain(5), np.eye(5), history=None)))
    assert "Nothing was trained, so there is no loss curve." in parsed.text
    parsed = Page(render_check(make_report(counting_chain(5), np.eye(5), history=())))
    assert "The trainer recorded no losses that could be drawn." in parsed.text


def test_large_systems_are_counted_not_drawn():
    mdp = random_mdp(n=504, actions=6, labels=5, seed=0)
    report = make_report(mdp, np.random.default_rng(0).normal(size=(504, 4)))
    page = render_check(report)
    parsed = Page(page)
    assert "are shown as counts" in parsed.text
    assert "Blocks by depth" in parsed.text
    assert not [c for c in parsed.all("circle") if c.get("class") == "node"]
    assert len([c for c in parsed.all("circle") if c.get("class") == "dot"]) >= 490
    assert len(page) < 400_000


def test_small_quotient_of_a_large_system_is_drawn():
    parsed = Page(render_audit(AuditReport(audit(blow_up(counting_chain(5), copies=20)))))
    assert "its quotient and counts of blocks are" in parsed.text
    assert len([c for c in parsed.all("circle") if c.get("class") == "node"]) == 5
    assert "\u00d720" in parsed.text


def test_single_block_says_that_nothing_is_promised():
    mdp = counting_chain(4).with_labels([0, 0, 0, 0])
    parsed = Page(render_check(make_report(mdp, np.eye(4))))
    assert "banner vacuous" in {d.get("class") for d in parsed.all("div")}
    assert "nothing must be told apart" in parsed.text
    assert "Nothing" not in Page(render_audit(AuditReport(audit(grid(2, 3))))).text


def test_command_repeats_the_check():
    chain = counting_chain(4)
    page = Page(render_check(make_report(chain, np.eye(4), source="gym:X-v1?a=b c")))
    assert "tellapart check joint --on 'gym:X-v1?a=b c' --seed 3" in page.text
    page = Page(render_check(check("exact", on=chain)))
    assert "check('exact', on=mdp, seed=0)" in page.text


def test_to_html_writes_the_page(tmp_path):
    report = make_report(counting_chain(4), np.eye(4))
    report.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == render_check(report)


def test_compared_labels_are_a_table_with_their_remarks_below():
    candidates = {"label": [0, 1, 0], "label 2": [0, 0, 0]}
    page = render_audit(audit_report(counting_chain(3), compare_labels=candidates))
    text = Page(page).text
    assert "suffices: label" in text
    assert "label forces more apart than label 2" in text
    assert page.count("label 2") == 2  # its row, and the remark
