import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.frozen_head import FrozenHead, FrozenHeadFit
from tellapart.models.adapters.modules import from_modules
from tellapart.models.evaluation import evaluate
from tellapart.models.fit import fit
from tellapart.models.subject import SubjectError
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.gallery import counting_chain
from tellapart.theory.hypotheses import Hypothesis

MDPS = deterministic_mdps(max_observations=7, max_actions=2, max_labels=3)
D = 3


def still(z, a):
    return z


@given(MDPS, st.integers(0, 1000), st.integers(1, 4))
def test_the_head_is_the_best_affine_one(mdp, seed, d):
    rng = np.random.default_rng(seed)
    codes = torch.tensor(rng.integers(-3, 4, size=(mdp.n_obs, d)), dtype=torch.float64)
    head = FrozenHead(mdp.label_vectors.shape[1])
    head.solve(lambda shown: codes, torch.zeros(1), mdp)
    residual = head(codes).numpy() - mdp.label_vectors
    # Least squares: what is left has mean zero and is orthogonal to every coordinate of the codes.
    assert np.allclose(residual.mean(axis=0), 0, atol=1e-8)
    assert np.allclose(codes.numpy().T @ residual, 0, atol=1e-7)


def test_labels_that_are_affine_in_the_codes_are_read_exactly():
    mdp = counting_chain(6)
    head = FrozenHead(1)
    assert head(torch.zeros(2, 3)).tolist() == [[0.0], [0.0]]
    codes = torch.tensor(2 - 3 * mdp.label_vectors)
    head.solve(lambda shown: codes, torch.zeros(1), mdp)
    assert np.allclose(head(codes).numpy(), mdp.label_vectors, atol=1e-12)


def test_no_label_reaches_the_encoder():
    mdp, seen = counting_chain(5), []

    def own(subject, system, seed):
        seen.append((system is mdp, seed))
        with torch.no_grad():
            subject.encoder.weight.add_(1.0)

    torch.manual_seed(0)
    encoder = nn.Linear(5, D)
    before = encoder.weight.detach().clone()
    subject = from_modules(encoder, still, None, mdp, fit=own)
    assert subject.dropped == (Hypothesis.JOINT_TRAINING,)
    assert "joint_training" in subject.explain()
    assert subject.trainable_weights()["head"] == []
    first = evaluate(subject, mdp).aux_loss
    fit(subject, mdp, seed=7)
    assert seen == [(True, 7)]
    assert torch.equal(encoder.weight, before + 1.0)
    found = evaluate(subject, mdp)
    design = np.hstack([found.codes, np.ones((5, 1))])
    best = np.linalg.lstsq(design, mdp.label_vectors, rcond=None)[0]
    assert np.allclose(found.read, design @ best, atol=1e-5)
    assert first == pytest.approx(found.aux_loss, abs=1e-4)  # a shift of all codes changes nothing


def test_without_a_fit_the_encoder_stays_as_it_is():
    mdp = counting_chain(5)
    encoder = nn.Linear(5, D)
    before = encoder.weight.detach().clone()
    fit(from_modules(encoder, still, None, mdp), mdp)
    assert torch.equal(encoder.weight, before)


def test_a_broken_fit_or_encoder_is_named():
    mdp = counting_chain(5)
    with pytest.raises(SubjectError, match="The fit is of type str"):
        from_modules(nn.Linear(5, D), still, None, mdp, fit="adam")
    with pytest.raises(SubjectError, match="The encoder raised"):
        from_modules(nn.Linear(4, D), still, None, mdp)
    subject = from_modules(lambda shown: shown * torch.nan, still, None, mdp)
    FrozenHeadFit()(subject, mdp, 0)
    with pytest.raises(SubjectError, match="returned NaN"):
        evaluate(subject, mdp)
