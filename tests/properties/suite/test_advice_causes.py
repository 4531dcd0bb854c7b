"""Advice on subjects: contracts, parts that are too weak, latents that shrank."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from advice_subjects import MDP, built, causes, leave, linear_parts, of_cause, onehot
from torch import Tensor, nn

from tellapart.models.contract.probe import probe
from tellapart.models.designs import constant_subject, scaled_label_subject
from tellapart.models.diagnostics.best_response import best_response_subject
from tellapart.models.networks import LinearHead, LinearPredictor, reference_subject
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.zoo.registry import zoo_entry
from tellapart.properties.check import check
from tellapart.properties.suite.advice import (
    advise,
    advise_error,
    merge_advice,
)
from tellapart.properties.suite.advice_fits import NEAR_ONE
from tellapart.properties.suite.advice_forms import forms_of
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Grade, Verdict


class DetachedHead(LinearHead):
    def forward(self, codes: Tensor) -> Tensor:
        return super().forward(codes.detach())


class StopGradient(nn.Linear):
    def forward(self, observations: Tensor) -> Tensor:
        z = super().forward(observations)
        return torch.cat([z[:5], z[5:].detach()])


def plain(mdp: DeterministicMDP, seed: int) -> Subject:
    subject = linear_parts(mdp, 5, seed)
    return replace(subject, fit=leave)


def frozen_encoder(mdp: DeterministicMDP, seed: int) -> Subject:
    subject = plain(mdp, seed)
    subject.encoder.requires_grad_(False)  # type: ignore[attr-defined]
    return subject


def detached_head(mdp: DeterministicMDP, seed: int) -> Subject:
    return replace(plain(mdp, seed), head=DetachedHead(5, 1, seed))


def stop_gradient(mdp: DeterministicMDP, seed: int) -> Subject:
    torch.manual_seed(seed)
    return replace(plain(mdp, seed), encoder=StopGradient(5, 5).double())


@pytest.mark.parametrize(
    ("factory", "cause", "named"),
    [
        (frozen_encoder, "frozen-encoder", "'encoder-gradient'"),
        (detached_head, "detached-head", "'auxiliary-gradient'"),
        (stop_gradient, "stop-gradient", "'target-gradient'"),
        (plain, "own-fit", "did not change the encoder"),
    ],
)
def test_findings_of_the_contract_are_named(factory: Any, cause: str, named: str) -> None:
    report, contract = check(factory, on=MDP), probe(factory, MDP)
    advice = of_cause(advise(report, contract), cause)
    assert named in advice.text
    assert advice.strength == "measured"
    assert advice.fix
    assert advice.evidence["aux_ratio"] == report.judgement.resolution.aux_ratio
    clean = probe(lambda mdp, seed: reference_subject(mdp, seed=seed), MDP)
    assert cause not in causes(advise(report, clean))


def test_a_stopped_target_explains_no_unread_label() -> None:
    encoder, predictor, _ = onehot(MDP)
    report = built(Subject(encoder, predictor, LinearHead(5, 1)))  # dynamics met, labels not read
    found = causes(advise(report, probe(stop_gradient, MDP)))
    assert "stop-gradient" not in found
    assert "head-not-fitted" in found


def test_findings_explain_nothing_where_the_premise_is_met() -> None:
    parts = onehot(MDP)
    report = check(lambda mdp, seed: Subject(*parts), on=MDP)
    assert report.verdict is Verdict.HOLDS
    assert advise(report, probe(frozen_encoder, MDP)) == ()


def test_batchnorm_in_train_mode_is_explained_from_its_error() -> None:
    build = zoo_entry("batchnorm-in-train-mode").build
    with pytest.raises(SubjectError) as raised:
        check(build, on=MDP)
    found = advise_error(raised.value, probe(build, MDP))
    assert found[0].cause == "not-a-function"
    assert "BatchNorm1d" in found[0].text
    assert found[-1].cause == "unexplained"
    assert str(raised.value) in found[-1].text
    assert len(advise_error(raised.value)) == 1


# Codes and residuals


def test_a_linear_head_on_codes_in_a_row() -> None:
    codes = np.arange(5.0)[:, None]
    good = best_response_subject(MDP, codes)  # dynamics met; the label 1 is in the middle
    weak = replace(good, head=LinearHead(1, 1))
    found = of_cause(advise(built(weak), None, weak), "head-too-weak")
    assert found.strength == "measured"
    assert found.evidence["affine_least"] >= NEAR_ONE
    assert "head-too-weak" not in causes(advise(built(weak)))  # the form is not known
    assert advise(built(good), None, good) == ()


def test_a_head_that_was_not_fitted() -> None:
    encoder, predictor, head = onehot(MDP)
    with torch.no_grad():
        head.weight.zero_()
    found = advise(built(Subject(encoder, predictor, head)))
    assert causes(found) == ["head-not-fitted"]
    assert found[0].evidence["affine_ratio"] < 1e-9


def test_a_linear_predictor_on_jumbled_codes() -> None:
    codes = np.array([0.0, 3.0, 1.0, 4.0, 2.0])[:, None]
    good = best_response_subject(MDP, codes)
    weak = replace(good, predictor=LinearPredictor(1, 2))
    found = of_cause(advise(built(weak), None, weak), "predictor-too-weak")
    assert found.strength == "measured"
    assert found.evidence["affine_least"] >= 1
    assert advise(built(good), None, good) == ()


def test_a_predictor_that_was_not_fitted() -> None:
    encoder, predictor, head = onehot(MDP)
    with torch.no_grad():
        predictor.weight.zero_()
    found = advise(built(Subject(encoder, predictor, head)))
    assert causes(found)[0] == "predictor-not-fitted"
    assert found[0].strength == "measured"
    assert found[0].evidence["dynamics_ratio"] >= 1


def test_one_action_that_is_mispredicted() -> None:
    encoder, predictor, head = onehot(MDP)
    with torch.no_grad():
        predictor.weight[1].zero_()
    found = of_cause(advise(built(Subject(encoder, predictor, head))), "one-action")
    assert "All 5 unresolved transitions are under '+1'" in found.text
    assert found.evidence["rms_of_others"] == 0
    assert found.evidence["rms_of_these"] == 1


def test_an_ignored_action_shows_in_the_residuals_alone() -> None:
    encoder, predictor, head = onehot(MDP)
    with torch.no_grad():
        predictor.weight.copy_(predictor.weight.mean(dim=0).expand(2, -1, -1).clone())
    found = of_cause(advise(built(Subject(encoder, predictor, head))), "action-ignored")
    blind = found.evidence["action_blind_loss"]
    assert found.evidence["dynamics_loss"] == pytest.approx(blind)
    assert blind == 0.5
    with torch.no_grad():  # as large a loss from a predictor that does use the action
        predictor.weight[0] = onehot(MDP)[1].weight[0]
        predictor.weight[1] = 0
    assert "action-ignored" not in causes(advise(built(Subject(encoder, predictor, head))))


def test_a_predictor_without_the_action_is_named_by_the_contract() -> None:
    build = zoo_entry("action-blind-line").build
    mdp = counting_chain(9)
    report = check(build, on=mdp)
    found = advise(report, probe(build, mdp))
    assert found[0].cause == "action-ignored"
    assert "same latent for every action" in found[0].text
    assert "shrunk-latents" in causes(found)


@pytest.mark.parametrize(("scale", "shrunk"), [(1e-9, True), (1.0, False)])
def test_shrunk_latents(scale: float, shrunk: bool) -> None:
    report = built(scaled_label_subject(MDP, scale))
    found = advise(report)
    assert ("shrunk-latents" in causes(found)) == shrunk
    assert "merged-codes" in causes(found)
    if shrunk:
        advice = of_cause(found, "shrunk-latents")
        assert advice.evidence["dynamics_loss"] < 1e-15
        assert advice.evidence["rms_distance"] < 1e-8


def test_a_small_loss_at_full_size_is_not_called_shrunk() -> None:
    good = best_response_subject(MDP, np.array([[0.0], [1.0], [2.0], [3.0], [3 + 2.0**-16]]))
    with torch.no_grad():
        good.predictor.values.add_(2.0**-13)  # type: ignore[attr-defined]
    report = built(good)
    assert 0 < report.dynamics_loss < 1e-6
    assert report.judgement.resolution.dynamics_ratio > 1
    assert "shrunk-latents" not in causes(advise(report))


def test_one_code_for_everything() -> None:
    report = built(constant_subject(MDP))
    advice = of_cause(advise(report), "constant-codes")
    assert "All 10 pairs" in advice.text
    assert advice.evidence["spread"] == 0
    assert "merged-codes" not in causes(advise(report))


# A met premise, and what is left


def test_a_grade_that_was_required() -> None:
    report = check("joint", on=MDP, require="exact")
    assert report.verdict is Verdict.VACUOUS
    assert report.judgement.grade is Grade.CERTIFIED
    found = advise(report)
    assert causes(found) == ["grade-too-low"]
    assert "exact was required" in found[0].text


def test_a_coarse_merge_tolerance() -> None:
    report = check("joint", on=MDP, merge_tolerance=0.9)
    assert report.verdict is Verdict.COLLAPSED
    assert causes(advise(report)) == ["below-tolerance"]


def test_what_was_measured_may_not_explain_it() -> None:
    mdp = counting_chain(9)
    narrow = reference_subject(mdp, latent_dim=2, hidden=3)
    found = advise(built(narrow, mdp))
    assert causes(found)[0] == "unexplained"
    assert "inf" not in found[0].text
    assert all(advice.strength == "possible" for advice in found[1:])


def test_advice_in_words_for_many_cases() -> None:
    report = built(constant_subject(MDP))
    merged = merge_advice([advise(report), (), advise(report)])
    shown = of_cause(merged, "constant-codes").explain()
    assert shown.startswith("[constant-codes, measured] 2 of 3 cases: All 10 pairs")
    assert "\n  Fix: " in shown
    assert "\n  Seen: merged 10, spread 0" in shown
    assert merge_advice([]) == ()


def test_forms_of_parts() -> None:
    report = built(linear_parts(MDP, 5))
    assert forms_of(report, linear_parts(MDP, 5)).both == "affine"
    assert forms_of(report, None).both == "unknown"
    mixed = reference_subject(MDP, latent_dim=5)
    assert (forms_of(report, mixed).predictor, forms_of(report, mixed).head) == ("other", "affine")


def test_bad_arguments_are_named() -> None:
    report = built(constant_subject(MDP))
    one = advise(report)
    with pytest.raises(InvalidArgumentError, match="report is of type str"):
        advise("report")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="contract is of type tuple"):
        advise(report, ())  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="subject is of type str"):
        advise(report, None, "joint")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match=r"predictor of subject.*raised"):
        advise(report, None, reference_subject(MDP, latent_dim=7))
    with pytest.raises(InvalidArgumentError, match="error is of type ValueError"):
        advise_error(ValueError("x"))  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="a list with one tuple"):
        merge_advice(one[0])  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match=r"advices\[0\] is Advice"):
        merge_advice(one)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="merged already"):
        merge_advice([merge_advice([one, one])])
    with pytest.raises(InvalidArgumentError, match="one cause twice"):
        merge_advice([(one[0], one[0])])
