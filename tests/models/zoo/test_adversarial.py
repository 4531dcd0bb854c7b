import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given

from tellapart.models.diagnostics.encoders import modulo_subject
from tellapart.models.diagnostics.inverse import inverse_dynamics
from tellapart.models.evaluation import evaluate
from tellapart.models.subject import SubjectError
from tellapart.models.zoo.adversarial import (
    action_blind_line_subject,
    action_blind_subject,
    batchnorm_subject,
    dropout_subject,
    expert_data,
    expert_subject,
    fresh_noise_subject,
)
from tellapart.properties.check import check
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.audit import audit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, grid
from tellapart.theory.mdp import DeterministicMDP

CHAIN = counting_chain(9)


def steps_to_goal(mdp):
    """Bellman-Ford on the rarest label, as slow and plain as it gets."""
    labels = mdp.labels
    goal = min(mdp.label_values, key=labels.count)
    far = [0.0 if label == goal else math.inf for label in labels]
    for _ in range(mdp.n_obs):
        for o, a in itertools.product(range(mdp.n_obs), range(mdp.n_actions)):
            far[o] = min(far[o], far[mdp.successors[o, a]] + 1)
    return far


@given(deterministic_mdps())
def test_the_expert_takes_one_shortest_way(mdp):
    far = steps_to_goal(mdp)
    assume(any(0 < d < math.inf for d in far))
    taken = expert_data(mdp).triples.tolist()
    assert [o for o, _, _ in taken] == [o for o, d in enumerate(far) if 0 < d < math.inf]
    for o, a, reached in taken:
        assert mdp.successors[o, a] == reached
        assert far[reached] == far[o] - 1
        assert all(far[mdp.successors[o, b]] >= far[o] for b in range(a))


@given(deterministic_mdps())
def test_the_expert_only_subject_has_zero_loss_on_the_data_of_the_expert(mdp):
    found = evaluate(expert_subject(mdp), mdp)
    assert found.aux_loss == 0
    assume(any(0 < d < math.inf for d in steps_to_goal(mdp)))
    for o, a, reached in expert_data(mdp).triples.tolist():
        assert (found.predicted[o, a] == found.codes[reached]).all()


def test_an_expert_without_a_goal_elsewhere_is_refused():
    with pytest.raises(InvalidArgumentError, match="rarest label"):
        expert_data(CHAIN.with_labels([0] * 9))


def test_the_data_of_the_expert_need_five_codes():
    data = audit(expert_data(CHAIN))
    assert data.feasible
    assert data.min_codes == 5
    assert data.n_must_separate < audit(CHAIN).n_must_separate == 36
    codes = evaluate(expert_subject(CHAIN), CHAIN).codes
    assert len(np.unique(codes, axis=0)) == 5
    assert all((codes[x] == codes[8 - x]).all() for x in range(9))


def test_on_the_one_action_system_of_the_expert_the_same_codes_hold():
    """The certificate is right about the data; the data are not the system."""
    here = np.arange(9)
    seen = DeterministicMDP((here + np.sign(4 - here))[:, None], CHAIN.labels)
    report = check(expert_subject, seen)
    assert report.verdict == "holds"
    assert report.audit.partition.n_blocks == 5


@given(deterministic_mdps())
def test_action_blind_predictors_answer_alike_to_all_actions(mdp):
    for build in (action_blind_subject, action_blind_line_subject):
        predicted = evaluate(build(mdp), mdp).predicted
        assert np.allclose(predicted, predicted[:, :1], rtol=1e-12, atol=1e-12)


def test_the_line_predicts_the_mean_successor_and_resolves_nothing():
    found = evaluate(action_blind_line_subject(CHAIN), CHAIN)
    assert np.array_equal(found.predicted[:, 0], found.codes[CHAIN.successors].mean(axis=1))
    assert 0 < found.dynamics_loss < 1e-6
    assert found.resolution(CHAIN, audit(CHAIN).partition).n_dynamics_unresolved == 18


def test_fresh_noise_has_the_statistics_of_a_healthy_encoder():
    subject = fresh_noise_subject(CHAIN)
    shown = subject.inputs(9)
    first, second = subject.encoder(shown), subject.encoder(shown)
    assert not torch.equal(first, second)
    assert torch.linalg.matrix_rank(first) == 4
    many = torch.cat([subject.encoder(shown) for _ in range(200)])
    assert torch.allclose(torch.cov(many.T), torch.eye(4).double(), atol=0.2)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (fresh_noise_subject, "not deterministic"),
        (batchnorm_subject, "BatchNorm"),
        (dropout_subject, "dropout"),
    ],
)
def test_what_is_no_function_is_an_error_of_the_encoder_that_names_the_cause(build, named):
    with pytest.raises(SubjectError, match=named) as caught:
        check(build, CHAIN)
    assert caught.value.part == "encoder"


def test_training_moves_the_subjects_that_are_left_in_train_mode():
    for build in (batchnorm_subject, dropout_subject):
        subject = build(CHAIN, 0)
        before = [w.clone() for w in subject.encoder.parameters()]
        subject.fit(subject, CHAIN, 0)
        assert subject.encoder.training
        changed = zip(before, subject.encoder.parameters(), strict=True)
        assert all(not torch.equal(old, new) for old, new in changed)


def test_the_count_modulo_3_tells_every_action():
    codes = evaluate(modulo_subject(CHAIN), CHAIN).codes
    found = inverse_dynamics(CHAIN, codes)
    assert found.error == found.floor == 0


@pytest.mark.parametrize("build", [fresh_noise_subject, batchnorm_subject, dropout_subject])
@pytest.mark.parametrize("seed", [-1, 0.5, True])
def test_bad_seeds_are_named(build, seed):
    with pytest.raises(InvalidArgumentError, match="seed"):
        build(CHAIN, seed)


def test_builders_take_other_systems():
    for build in (expert_subject, action_blind_subject, action_blind_line_subject):
        assert evaluate(build(grid(2, 3)), grid(2, 3)).codes.shape[0] == 6
