import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models.evaluation import evaluate
from tellapart.models.first_order import Scaling, label_units
from tellapart.models.fit import FitStatus, fit
from tellapart.models.joint_modules import fit_labels, polish, standardise_codes
from tellapart.models.networks import LinearHead, MLPPredictor
from tellapart.models.subject import Subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.mdp import DeterministicMDP

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "examples"))
from my_encoder import factory

CLIFF = DeterministicMDP.from_gymnasium("CliffWalking-v1")


def resolution(subject, mdp):
    return evaluate(subject, mdp).resolution(mdp, bisimulation(mdp).partition)


def test_codes_are_brought_to_unit_size():
    chain = counting_chain(9)
    subject = factory(chain, 0)
    assert evaluate(subject, chain).codes.std(axis=0).max() < 0.5
    standardise_codes(subject, chain)
    codes = evaluate(subject, chain).codes
    assert np.allclose(codes.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(codes.std(axis=0), 1, atol=1e-4)


@pytest.mark.parametrize("last", ["frozen", "tanh", "no bias"])
def test_encoders_that_cannot_be_scaled_are_left_alone(last):
    chain = counting_chain(9)
    layer = nn.Linear(9, 8, bias=last != "no bias")
    if last == "frozen":
        layer.requires_grad_(False)
    base = factory(chain, 0)
    encoder = nn.Sequential(layer, nn.Tanh()) if last == "tanh" else nn.Sequential(layer)
    subject = Subject(encoder, base.predictor, base.head)
    before = layer.weight.detach().clone()
    standardise_codes(subject, chain)
    assert torch.equal(before, layer.weight)


def test_a_constant_code_stays_finite():
    chain = counting_chain(5)
    subject = factory(chain, 0)
    with torch.no_grad():
        subject.encoder.weight.zero_()
    standardise_codes(subject, chain)
    assert torch.equal(subject.encoder.weight, torch.zeros_like(subject.encoder.weight))
    assert bool(torch.isfinite(subject.encoder.bias).all())


def test_rare_labels_are_fitted_first():
    subject = factory(CLIFF, 0)
    scaling = Scaling(subject.head, torch.tensor(CLIFF.label_vectors))
    standardise_codes(subject, CLIFF)
    fit_labels(subject, CLIFF, scaling, 0)
    scaling.fold()
    assert resolution(subject, CLIFF).aux_ratio < 0.5


def test_polishing_lowers_what_is_least_resolved():
    mdp = random_mdp(12, 2, 2, seed=1)
    subject = factory(mdp, 0)
    fit(subject, mdp, method="first-order", max_steps=60, target=1e-9)
    partition, scaling = bisimulation(mdp).partition, Scaling(None, torch.tensor([[0.0]]))
    before = resolution(subject, mdp).ratio
    assert polish(subject, mdp, partition, scaling, 0.1) <= 10
    assert resolution(subject, mdp).ratio < before


def test_label_units_are_half_the_gap():
    mdp = DeterministicMDP([[0], [1], [2]], [0.0, 1.0, 101.0])
    assert label_units(mdp).tolist() == [0.5, 0.5, 50.0]
    assert label_units(mdp.with_labels([3.0, 3.0, 3.0])).tolist() == [1.0, 1.0, 1.0]


def test_the_documented_modules_are_resolved_on_cliff_walking():
    subject = factory(CLIFF, 0)
    result = fit(subject, CLIFF, max_steps=2000, target=0.9)
    assert (result.method, result.status) == ("first-order", FitStatus.RESOLVED)
    assert resolution(subject, CLIFF).ratio == pytest.approx(result.ratio)


def test_a_convolutional_encoder_reaches_the_level_of_rounding():
    mdp = random_mdp(8, 2, 2, seed=2)
    generator = torch.Generator().manual_seed(0)
    images = torch.randn((8, 1, 16, 16), generator=generator, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 49, 4)
        ).double()
    subject = Subject(encoder, MLPPredictor(4, 2, 64), LinearHead(4, 1), observations=images)
    result = fit(subject, mdp)
    assert result.method == "lm"
    found = resolution(subject, mdp)
    assert max(found.max_dynamics_residual, found.max_aux_residual) < 1e-10 * found.smallest_gap


def test_modules_without_a_second_derivative_are_trained_too():
    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, gradient):
            return gradient

    class Last(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, observations):
            return Once.apply(self.inner(observations))

    chain = counting_chain(6)
    base = factory(chain, 0)
    subject = Subject(Last(base.encoder), base.predictor, base.head)
    result = fit(subject, chain, method="first-order", max_steps=200, target=1e-9)
    assert result.steps >= 200
    assert result.status is FitStatus.RESOLVED
