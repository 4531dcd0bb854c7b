from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings

from tellapart.models.evaluation import evaluate
from tellapart.models.zoo.training import Transitions, codes_of, fit_head, minimise, seeded
from tellapart.models.zoo.world_models import (
    EbJepaFit,
    LewmFit,
    TdMpc2Fit,
    eb_jepa_subject,
    lewm_subject,
    tdmpc2_subject,
)
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import pick

BUILDS = {"tdmpc2": tdmpc2_subject, "eb-jepa": eb_jepa_subject, "lewm": lewm_subject}
each = pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
PICK = pick()


def trained(build, mdp, seed, steps):
    subject = build(mdp, seed)
    options = {} if build is tdmpc2_subject else {"head_steps": steps}
    replace(subject.fit, steps=steps, **options)(subject, mdp, seed)
    return subject


@each
@settings(max_examples=8)
@given(mdp=deterministic_mdps(max_observations=6))
def test_any_system_can_be_trained_on(build, mdp):
    found = evaluate(trained(build, mdp, 0, 2), mdp)
    assert found.dtype == "float32"
    assert found.read.shape == mdp.label_vectors.shape


@each
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(build):
    codes = [evaluate(trained(build, PICK, seed, 5), PICK).codes.tobytes() for seed in (0, 0, 1)]
    assert codes[0] == codes[1] != codes[2]


@each
def test_training_leaves_the_global_generator_as_it_was(build):
    torch.manual_seed(7)
    before = torch.get_rng_state()
    trained(build, PICK, 3, 2)
    assert torch.equal(torch.get_rng_state(), before)


def test_simnorm_codes_are_distributions_in_groups_of_eight():
    codes = evaluate(tdmpc2_subject(PICK), PICK).codes
    assert codes.shape == (5, 32)
    assert abs(codes.reshape(5, 4, 8).sum(axis=2) - 1).max() < 1e-6


def test_the_reward_begins_as_zero():
    assert abs(evaluate(tdmpc2_subject(PICK), PICK).read).max() < 1e-5


def codes_after(build, labels, fit):
    """Train on a relabelled system and return the codes."""
    mdp = PICK.with_labels(labels)
    subject = build(mdp, 0)
    fit(subject, mdp, 0)
    return codes_of(subject, mdp)


@pytest.mark.parametrize(
    ("build", "fit", "reaches"),
    [
        (tdmpc2_subject, TdMpc2Fit(steps=5), True),
        (tdmpc2_subject, TdMpc2Fit(steps=5, reward=0.0), False),
        (eb_jepa_subject, EbJepaFit(steps=5, head_steps=2), False),
        (lewm_subject, LewmFit(steps=5, head_steps=2), False),
    ],
    ids=["tdmpc2", "tdmpc2-no-reward", "eb-jepa", "lewm"],
)
def test_labels_reach_the_encoder_of_the_joint_model_only(build, fit, reaches):
    one, other = (codes_after(build, labels, fit) for labels in ([0, 1, 0, 1, 0], [1, 0, 0, 0, 1]))
    assert torch.equal(one, other) != reaches


def test_the_target_of_consistency_gets_no_gradient():
    """Codes that only ever are targets stay where they are."""
    subject = tdmpc2_subject(PICK)
    data = Transitions.of(PICK)
    starts, actions = data.pairs()
    codes = codes_of(subject, PICK).detach().requires_grad_()
    held = replace(subject, encoder=lambda shown: codes, fit=None)
    taken = []

    def record(weights, loss, **options):
        loss().backward()
        taken.append(codes.grad.clone())

    fit = TdMpc2Fit(horizon=1, reward=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tellapart.models.zoo.world_models.minimise", record)
        fit(held, PICK, 0)
    free = codes.detach().requires_grad_()
    missed = subject.predictor(free[starts], actions) - codes.detach()[data.successors.reshape(-1)]
    (20 * missed.square().mean()).backward()
    assert torch.allclose(taken[0], free.grad, atol=1e-7)


def test_the_head_is_fitted_on_codes_that_stay():
    subject = eb_jepa_subject(PICK)
    before = codes_of(subject, PICK)
    with seeded(0):
        fit_head(subject, PICK)
    assert torch.equal(codes_of(subject, PICK), before)
    assert evaluate(subject, PICK).aux_loss < 1e-6


def test_adam_finds_a_minimum():
    weight = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    minimise([weight], lambda: (weight - 1).square().sum(), steps=200, learning_rate=0.1)
    assert torch.allclose(weight, torch.ones(2), atol=1e-2)


@each
@pytest.mark.parametrize(
    "options", [{"latent_dim": 0}, {"latent_dim": True}, {"hidden": 1.5}, {"seed": -1}]
)
def test_bad_sizes_are_named(build, options):
    with pytest.raises(InvalidArgumentError, match=next(iter(options))):
        build(PICK, **options)


def test_simnorm_needs_a_multiple_of_eight():
    with pytest.raises(InvalidArgumentError, match="multiple of 8"):
        tdmpc2_subject(PICK, latent_dim=12)
