"""What must not pass: each mutation of a healthy subject gets the verdict that names its fault."""

import dataclasses
from fractions import Fraction

import pytest
import torch
from torch import nn

from tellapart.models import LinearHead, LinearPredictor, TableEncoder
from tellapart.models.designs import constant_subject, scaled_label_subject
from tellapart.models.diagnostics.encoders import collinear_subject, noisy_collapsed_subject
from tellapart.models.networks import reference_subject
from tellapart.models.subject import Subject, SubjectError
from tellapart.properties.check import check
from tellapart.theory.gallery import counting_chain
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.verdict import Grade, Verdict

CHAIN = counting_chain(9)


def verdict_of(make, **options):
    report = check(make, CHAIN, **options)
    return report.verdict, report


@pytest.mark.parametrize(
    "make",
    [
        lambda mdp, seed: constant_subject(mdp),
        lambda mdp, seed: scaled_label_subject(mdp),
        lambda mdp, seed: scaled_label_subject(mdp, 1e-12),
    ],
    ids=["constant", "label", "label scaled by 1e-12"],
)
def test_encoders_that_merge_are_collapsed(make):
    verdict, report = verdict_of(make)
    assert verdict is Verdict.COLLAPSED
    assert report.margins is None or not report.margins.certified


class ActionBlind(nn.Module):
    """A predictor that does not look at the action."""

    def __init__(self, predictor):
        super().__init__()
        self.predictor = predictor

    def forward(self, codes, actions):
        return self.predictor(codes, torch.zeros_like(actions))


def test_a_predictor_that_ignores_actions_never_passes():
    def make(mdp, seed):
        made = reference_subject(mdp, seed=seed)
        return Subject(made.encoder, ActionBlind(made.predictor), made.head)

    verdict, report = verdict_of(make)
    assert verdict in (Verdict.COLLAPSED, Verdict.VACUOUS)
    assert report.judgement.grade is Grade.UNMET


def test_a_latent_one_dimension_too_small_for_linear_parts_is_infeasible_with_the_rank():
    rank = capacity(CHAIN).affine

    def make(mdp, seed):
        d = rank - 1
        return Subject(
            TableEncoder(mdp.n_obs, d, seed),
            LinearPredictor(d, mdp.n_actions, seed + 1),
            LinearHead(d, 1, seed + 2),
        )

    verdict, report = verdict_of(make)
    assert verdict is Verdict.INFEASIBLE
    assert report.exit_code == 3
    assert "at least 8" in report.explain()


@pytest.mark.parametrize("layer", [nn.Dropout(0.5), nn.BatchNorm1d(9)], ids=["dropout", "batch"])
def test_train_mode_layers_are_an_error_not_a_verdict(layer):
    def make(mdp, seed):
        made = reference_subject(mdp, seed=seed)
        encoder = nn.Sequential(layer, nn.Linear(9, 4)).double().train()
        return Subject(encoder, made.predictor, made.head, fit=lambda *_: None)

    with pytest.raises(SubjectError, match="encoder"):
        check(make, CHAIN)


def test_collinear_codes_are_healthy():
    verdict, report = verdict_of(lambda mdp, seed: collinear_subject(mdp))
    assert verdict is Verdict.HOLDS
    assert report.judgement.grade is Grade.EXACT


def test_noise_on_a_collapsed_code_is_rejected():
    verdict, _ = verdict_of(lambda mdp, seed: noisy_collapsed_subject(mdp))
    assert verdict in (Verdict.COLLAPSED, Verdict.VACUOUS)


def test_an_understated_lipschitz_constant_is_rejected():
    certificate = check("joint", CHAIN).margins.certificate
    assert check_margins(certificate)
    for action, constant in enumerate(certificate.predictor_constants):
        constants = list(certificate.predictor_constants)
        constants[action] = str(Fraction(constant) * Fraction(9, 10))
        worse = dataclasses.replace(certificate, predictor_constants=tuple(constants))
        answer = check_margins(worse)
        assert not answer
        assert "constant" in answer.failure


def test_require_turns_a_lower_grade_into_vacuous():
    assert verdict_of("joint", require="certified")[0] is Verdict.HOLDS
    verdict, report = verdict_of("joint", require="exact")
    assert verdict is Verdict.VACUOUS
    assert any("required" in reason for reason in report.judgement.reasons)
