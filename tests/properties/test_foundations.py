"""What real reports rest on: one report for each way to a verdict, and the option --explain."""

import html
import json
import re
from dataclasses import replace
from functools import cache

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from tellapart.models.counterexamples.networks import small_subject
from tellapart.models.exact import exact_subject
from tellapart.models.networks import LinearHead, LinearPredictor
from tellapart.models.subject import Subject
from tellapart.models.zoo.adversarial import expert_data
from tellapart.models.zoo.data_sets import contradicting_rooms, expert_coverage
from tellapart.properties.audit_report import AuditReport, audit_report
from tellapart.properties.check import CheckReport, check
from tellapart.properties.check_data import check_data
from tellapart.properties.cli import cli
from tellapart.properties.counterexamples.counterexample import counterexample
from tellapart.properties.foundations import (
    _LAYERS,
    explain_foundation,
    foundation_of_counterexample,
    known_by,
)
from tellapart.properties.proofs import solvers
from tellapart.properties.proofs.report import Layer
from tellapart.properties.proofs.statements import STATEMENTS
from tellapart.properties.report.html_audit import render_audit
from tellapart.properties.report.html_check import render_check
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain, gallery_mdp
from tellapart.theory.scope.obligations import OBLIGATIONS
from tellapart.theory.verdict import Grade, Verdict

CHAIN = counting_chain(5)
PAIRS = "D3 S4 S7"
BOTH = "extracted fast"


class _Opaque(nn.Module):
    """A part of which no program can be made."""

    def __init__(self, part):
        super().__init__()
        self.part = part

    def forward(self, *given):
        return torch.from_numpy(self.part(*given).detach().numpy().copy())


def _answers(mdp, seed):
    made = exact_subject(mdp)
    return replace(made, predictor=_Opaque(made.predictor), fit=lambda *_: None)


def _measured(mdp, seed):
    return replace(_answers(mdp, seed), tables=None)


def _unread(mdp, seed):
    made = _measured(mdp, seed)
    return replace(made, head=lambda codes: torch.full((len(codes), 1), 9.0, dtype=codes.dtype))


def _off_by(size):
    return lambda mdp, seed: _linear(mdp, seed, size)


def _linear(mdp, seed, size):
    """One-hot codes, linear dynamics that are off by ``size``, a linear head that is right."""
    n = mdp.n_obs
    encoder = nn.Linear(n, n, bias=False).double()
    predictor, head = LinearPredictor(n, mdp.n_actions), LinearHead(n, 1)
    noise = torch.randn((mdp.n_actions, n, n), generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        encoder.weight.copy_(torch.eye(n))
        for a in range(mdp.n_actions):
            moved = torch.eye(n)[torch.tensor(mdp.successors[:, a].copy(), dtype=torch.int64)]
            predictor.weight[a] = moved + size * noise[a] / noise[a].norm(dim=1, keepdim=True)
        head.weight.copy_(torch.tensor(mdp.label_vectors))
        head.bias.zero_()
    return Subject(encoder, predictor, head, fit=lambda *_: None)


def _narrow(mdp, seed):
    torch.manual_seed(seed)
    encoder = nn.Linear(mdp.n_obs, 2, bias=False).double()
    return Subject(encoder, LinearPredictor(2, 2, 1), LinearHead(2, 1, 2), fit=lambda *_: None)


#: A way to a verdict: the report, its verdict and grade, statements, checkers, type measured in,
#: and a phrase that only this way has.
CHECKS = {
    "exact by the weights": (
        lambda: check("exact", CHAIN), "holds exact", f"D1 S1 {PAIRS}", BOTH, "",
        "rational arithmetic on the stored weights",
    ),
    "exact by the answers": (
        lambda: check(_answers, CHAIN), "holds exact", f"D1 S1 {PAIRS}", BOTH, "",
        "against integer tables",
    ),
    "certified": (
        lambda: check("joint", CHAIN), "holds certified", f"D2 S10 S13 {PAIRS}", f"{BOTH} margin",
        "float64", "Every residual is below half its gap",
    ),
    "certified along words": (
        lambda: check(_off_by(0.6), CHAIN), "holds certified", f"D2 S10 S13 {PAIRS}",
        f"{BOTH} margin", "float64", "6 pairs by the product of matrices along a word",
    ),
    "apart by margins and unmet": (
        lambda: check(_off_by(0.8), CHAIN), "vacuous unmet", f"D2 S10 S13 {PAIRS}",
        f"{BOTH} margin", "float64", "that does not meet the premise",
    ),
    "resolved by bounds": (
        lambda: check(_off_by(0.6), counting_chain(9)), "holds resolved", f"D2 S13 {PAIRS}", BOTH,
        "float64", "rigorous bounds on the stored weights",
    ),
    "resolved by measurement": (
        lambda: check(_measured, CHAIN), "holds resolved", f"D2 S13 {PAIRS}", BOTH, "float64",
        "their rounding is not bounded",
    ),
    "equal codes": (
        lambda: check("constant", CHAIN), "collapsed unmet", "D2 S4 S7", "replay", "float64",
        "the two codes are equal",
    ),
    "close codes": (
        lambda: check("joint", CHAIN, merge_tolerance=0.99), "collapsed certified", "D2 S4 S7",
        "replay", "float64", "a convention",
    ),
    "unmet by bounds": (
        lambda: check(_off_by(5.0), CHAIN), "vacuous unmet", f"D2 S10 S13 {PAIRS}", BOTH,
        "float64", "pairs are proved apart all the same",
    ),
    "unmet by measurement": (
        lambda: check(_unread, CHAIN), "vacuous unmet", f"D2 S13 {PAIRS}", BOTH, "float64",
        "their rounding is not bounded",
    ),
    "less than required": (
        lambda: check("joint", CHAIN, require="exact"), "vacuous certified", f"D2 S10 S13 {PAIRS}",
        f"{BOTH} margin", "float64", "and exact was required",
    ),
    "nothing to tell apart": (
        lambda: check("exact", CHAIN.with_labels([0] * 5)), "vacuous exact", "D3 S1 S5", BOTH, "",
        "B* is one block",
    ),
    "too narrow": (
        lambda: check(_narrow, CHAIN), "infeasible unmet", "D3 S12", "", "",
        "rank of the labels along words",
    ),
    "data hold": (
        lambda: check_data(small_subject, expert_data(counting_chain(9))), "holds resolved",
        "D2 S2 S3 S13", "", "float64", "not compared with exact ones",
    ),
    "data collapsed": (
        lambda: check_data("constant", expert_coverage()), "collapsed unmet", "D2 S3",
        "extracted rows", "float64", "suppose that they share a code",
    ),
    "data contradict": (
        lambda: check_data("joint", contradicting_rooms()), "infeasible unmet", "S2",
        "extracted rows", "", "a chain of merges",
    ),
}  # fmt: skip
_SHORT = {
    "extracted": "extracted checker", "fast": "fast checker", "margin": "margin checker",
    "replay": "witness replay", "rows": "checker of rows",
}  # fmt: skip


@cache
def report_of(name):
    return CHECKS[name][0]()


@pytest.mark.parametrize("name", CHECKS)
def test_each_way_to_a_verdict_has_its_own_foundation(name):
    _, ending, statements, checkers, measured, phrase = CHECKS[name]
    report = report_of(name)
    verdict, grade = ending.split()
    assert (report.verdict, report.judgement.grade) == (Verdict(verdict), Grade(grade))
    found = report.foundation
    assert set(found.statements) == set(statements.split()) <= STATEMENTS.keys()
    assert found.checkers == tuple(_SHORT[each] for each in checkers.split())
    assert found.measured == tuple(measured.split())
    assert phrase in " ".join(found.explain().split())
    assert found.summary in report.explain()


def test_proved_apart_by_a_hair_is_no_premise():
    """Margins of an encoder that was never trained on the dynamics: proved apart, read wrongly."""
    report = check("decoupled", gallery_mdp("pick"), seed=0)
    assert report.margins.by_size
    assert report.judgement.resolution.dynamics_ratio > 100
    assert (report.verdict, report.judgement.grade) == (Verdict.VACUOUS, Grade.UNMET)
    text = " ".join(report.foundation.explain().split())
    assert "does not meet the premise" in text
    assert "The premise is met" not in text


def test_codes_proved_apart_are_not_said_to_be_one():
    report = check("decoupled", gallery_mdp("pick"), seed=1)
    assert (report.verdict, report.margins.certified) == (Verdict.COLLAPSED, True)
    text = " ".join(report.foundation.explain().split())
    assert "Their codes count as one." in text
    assert "share a code" not in text.split("not claimed")[0].split("how the statements")[0]
    assert "As real numbers they differ" in text


def test_a_shape_that_rules_out_zero_loss_on_data_rests_on_the_rank():
    data = TransitionData.from_mdp(CHAIN)
    report = check_data(_narrow, data, trainer=lambda *_: None)
    assert report.verdict is Verdict.INFEASIBLE
    assert report.judgement.infeasibility is None
    assert report.foundation.statements == ("S2", "S12")
    assert report.foundation.checkers == ()


def test_an_exact_premise_of_weights_that_round_is_told_from_one_of_answers():
    """Bounds of zero say that the weights themselves have zero loss, whatever the answers do."""
    report = report_of("exact by the weights")
    rounding = replace(report, precision=replace(report.precision, deviation=1e-9))
    assert rounding.foundation.grounds[1] == report.foundation.grounds[1]
    large = replace(rounding, margins=None)
    assert "or on the answers" in large.foundation.explain()


def test_a_loaded_report_rests_on_the_same():
    report = report_of("certified")
    assert CheckReport.from_json(report.to_json()).foundation == report.foundation


def test_evidence_is_what_the_layers_look_at(monkeypatch):
    """A layer that is not installed names the statements that it would look at."""
    assert _LAYERS[Layer.SMT] == tuple(dict.fromkeys([*(e.statement for e in OBLIGATIONS), "S8"]))
    assert set(_LAYERS[Layer.LISTED]) == {*solvers._LISTED, "S8"}
    monkeypatch.setattr(solvers.importlib.util, "find_spec", lambda name: None)
    for layer, found in (
        (Layer.SAT, solvers.run_sat(list(STATEMENTS), quick=True)),
        (Layer.SYMBOLIC, solvers.run_symbolic(list(STATEMENTS))),
    ):
        assert set(_LAYERS[layer]) == set(found[1])


def test_known_by_says_what_is_not_proved():
    every = known_by(STATEMENTS)
    assert [each.statement for each in every] == list(STATEMENTS)
    for each in every:
        statement = STATEMENTS[each.statement]
        if each.is_definition:
            assert each.how == "a definition"
            continue
        assert each.laws, "each statement is tried on examples"
        assert (f"No proof of: {statement.unproved}" in each.how) == bool(statement.unproved)
        assert each.how.startswith("Coq") == bool(statement.theorems)
    assert known_by([]) == ()


@pytest.mark.parametrize(
    ("options", "questions", "statements"),
    [
        ({}, 2, "D3 D4 S1 S4 S5 S7 S8 S12"),
        ({"horizon": 1, "pairs": [(0, 4)]}, 4, "D3 D4 S1 S4 S5 S7 S8 S12"),
        ({"target": "observation"}, 3, "D3 D4 S1 S4 S5 S7 S8 S9 S12"),
    ],
)
def test_audits_rest_on_the_statements_of_their_questions(options, questions, statements):
    report = audit_report("gallery:counting-5", **options)
    assert set(report.foundation.statements) == set(statements.split())
    assert len(report.foundation.grounds) == 3 + questions


def test_audits_of_data_rest_on_other_statements():
    rows = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: 0, 3: 1})
    report = audit_report(rows, pairs=[(0, 1)])
    assert set(report.foundation.statements) == {"D4", "S1", "S2", "S3", "S6"}
    assert report.foundation.checkers == ("extracted checker", "checker of rows")
    fork = audit_report(TransitionData([[0, 0, 1], [0, 0, 2]], {1: 0, 2: 1}), pairs=[(0, 1)])
    assert fork.foundation.statements == ("S2",)


def _shown(page):
    section = page[page.index('<section aria-labelledby="foundation"') :]
    text = re.sub(r"<[^>]+>", "", section[: section.index("</section>")])
    return " ".join(html.unescape(text).split())


def _check_section(page, found):
    text = _shown(page)
    for ground in found.grounds:
        for part in (ground.says, ground.how, *(use.why for use in ground.statements)):
            assert part in text
        for use in ground.checkers:
            assert f"{use.name} {use.why}" in text
    for part in (found.claim, found.summary, *found.assumed, *found.not_claimed):
        assert part in text
    for each in known_by(found.statements):
        assert each.how in text


def test_the_pages_show_the_whole_foundation():
    for name in ("certified", "equal codes", "nothing to tell apart"):
        report = report_of(name)
        _check_section(render_check(report), report.foundation)
    for system in ("gallery:counting-5", TransitionData([[0, 0, 2], [1, 0, 3]], {2: 0, 3: 1})):
        audited = audit_report(system)
        _check_section(render_audit(audited), audited.foundation)


def run(*arguments):
    return CliRunner().invoke(cli, [*arguments, "--quiet"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["check", "exact", "--on", "gallery:counting-5"], CheckReport),
        (["audit", "gallery:counting-5"], AuditReport),
    ],
)
def test_explain_is_added_to_what_is_printed_and_to_json(arguments, kind):
    plain, explained = run(*arguments), run(*arguments, "--explain")
    assert explained.exit_code == plain.exit_code == 0
    assert explained.output.startswith(plain.output)
    as_json = run(*arguments, "--json", "--explain").output
    report = kind.from_json(as_json)
    assert explained.output == f"{plain.output}\n{explain_foundation(report.foundation)}\n"
    saved = json.loads(as_json)
    assert saved.pop("rests_on")["summary"] == report.foundation.summary
    assert saved == json.loads(run(*arguments, "--json").output)


def test_a_counterexample_rests_on_its_checkers_and_a_trained_one_on_a_measurement():
    exact = foundation_of_counterexample(counterexample("aux_loss", trained=False))
    assert (exact.checkers, exact.measured) == (("specimen checker",), ())
    trained = foundation_of_counterexample(counterexample("aux_loss"))
    assert trained.checkers == ("specimen checker", "check of the collapse")
    assert (trained.measured, trained.grounds[:-1]) == (("float64",), exact.grounds)
