"""Proofs about subjects: margins never exceed distances, and every certificate is accepted."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models import design, evaluate, exact_subject, margin_certificate
from tellapart.models.certify import prove
from tellapart.models.subject import Subject
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.models.untrained import untrained_subject
from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.partial.chain import infeasibility

CHAIN = counting_chain(9)


def proven(subject, mdp=CHAIN):
    return prove(subject, mdp, evaluate(subject, mdp), bisimulation(mdp).partition)


@given(deterministic_mdps(max_observations=7), st.integers(0, 10_000))
@settings(max_examples=60)
def test_margins_of_untrained_subjects_never_exceed_distances(mdp, seed):
    subject = untrained_subject(mdp, seed)
    found = proven(subject, mdp)  # raises if one exceeds the distance of the exact codes
    codes, names = evaluate(subject, mdp).codes, mdp.observations
    # The codes that the subject returns are rounded: in float32 two that differ may come out equal.
    rounding = 2 * found.precision.deviation
    for x, y in found.margins.certificate.pairs.tolist():
        distance = np.abs(codes[x] - codes[y]).max()
        assert found.margins.margin(names[x], names[y]) <= distance + rounding


@given(deterministic_mdps(max_observations=5), st.integers(0, 10_000))
@settings(max_examples=12)
def test_the_checker_accepts_the_certificates_of_untrained_subjects(mdp, seed):
    answer = check_margins(margin_certificate(mdp, untrained_subject(mdp, seed)).certificate)
    assert answer.holds, answer.failure


@given(deterministic_mdps(max_observations=7))
@settings(max_examples=20)
def test_exact_subjects_are_exact_and_certified(mdp):
    found = proven(exact_subject(mdp), mdp)
    assert found.proofs.exact
    assert found.precision.arithmetic == "exact"
    assert found.precision.deviation == 0
    assert found.margins.n_certified == found.margins.n_required


@given(transition_data(max_observations=6), st.integers(0, 10_000))
@settings(max_examples=25)
def test_partial_data_give_margins_for_pairs_that_words_reach(data, seed):
    class Sizes:  # untrained_subject asks for sizes only
        n_obs, n_actions = data.n_obs, data.n_actions
        label_vectors = np.zeros((data.n_obs, 1))

    subject = untrained_subject(Sizes, seed)
    if infeasibility(data) is not None:
        with pytest.raises(InvalidArgumentError, match="infeasible"):
            margin_certificate(data, subject)
        return
    margins = margin_certificate(data, subject)
    assert margins.n_certified <= margins.n_required


def test_joint_on_the_counting_chain_is_certified_and_says_so():
    subject = design("joint").build(CHAIN, 0)
    design("joint").train(subject, CHAIN, 0)
    found = proven(subject)
    assert found.proofs.certified
    assert found.check.n_claims == 36
    assert "Certified below a residual of" in found.margins.explain()


def test_constants_on_points_exist_for_encoders_that_are_only_enclosed():
    """Enclosures have width, also that of a code and itself."""
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(9, 12), nn.Tanh(), nn.Linear(12, 4)).double()
    predictor = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.LayerNorm(8), nn.Linear(8, 4)).double()
    head = nn.Linear(4, 1).double()
    subject = Subject(encoder, lambda z, a: predictor(z), head)
    certificate = margin_certificate(CHAIN, subject).certificate
    assert certificate.predictor_sources == ("points", "points")
    assert None not in certificate.predictor_constants
    assert check_margins(certificate)


def test_float32_weights_are_evaluated_exactly_and_the_deviation_is_reported():
    subject = untrained_subject(CHAIN, 4)
    for part in subject.modules:
        part.float()
    single = Subject(subject.encoder, subject.predictor, subject.head,
                     observations=subject.observations.float())  # fmt: skip
    precision = proven(single).precision
    assert precision.dtype == "float32"
    assert 1e-10 < precision.deviation < 1e-2
    assert precision.widest < precision.deviation


class Sine(nn.Module):
    """A predictor with a step that has no program."""

    def forward(self, codes, actions):
        return torch.sin(codes)


def test_what_cannot_be_evaluated_exactly_is_named_and_the_check_goes_on_in_floats():
    made = untrained_subject(CHAIN, 2)
    subject = Subject(made.encoder, Sine(), made.head, observations=made.observations)
    with pytest.raises(NotExactlyEvaluable, match=r"predictor.*sin"):
        margin_certificate(CHAIN, subject)
    found = proven(subject)
    assert found.margins is None
    assert found.precision.arithmetic == "float"
    assert "sin" in found.precision.explain()
