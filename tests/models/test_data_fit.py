"""Training on data: zero loss where it is possible, whatever is missing; the same bytes again."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models import data_fit
from tellapart.models.counterexamples.networks import small_subject
from tellapart.models.counterexamples.rows import stand_in
from tellapart.models.data_evaluation import evaluate_data
from tellapart.models.data_fit import fit_data
from tellapart.models.networks import reference_subject
from tellapart.models.progress import FitResult, FitStatus
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.zoo.data_sets import DATA_SETS, expert_coverage
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partition import kernel

FORK = TransitionData([[0, 0, 2], [0, 0, 3], [1, 0, 4]], labels={2: 0.0, 4: -100.0}, actions=["go"])


class OneHotPredictor(nn.Module):
    """T(z, a): a tanh network on the latent beside a one-hot action, float32."""

    def __init__(self, d, n_actions):
        super().__init__()
        self.n_actions = n_actions
        self.net = nn.Sequential(nn.Linear(d + n_actions, 32), nn.Tanh(), nn.Linear(32, d))

    def forward(self, codes, actions):
        chosen = nn.functional.one_hot(actions, self.n_actions).to(codes)
        return self.net(torch.cat([codes, chosen], dim=1))


def plain_subject(data, seed=0, n_inputs=None):
    """Ordinary torch modules in float32."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(nn.Linear(n_inputs or data.n_obs, 32), nn.Tanh(), nn.Linear(32, 4))
        head = nn.Linear(4, stand_in(data).label_vectors.shape[1])
        return Subject(encoder, OneHotPredictor(4, data.n_actions), head)


@pytest.mark.parametrize("name", ["expert-coverage", "random-half", "views-per-episode"])
def test_small_data_are_fitted_to_rounding(name):
    data = DATA_SETS[name].make(1)
    subject = reference_subject(stand_in(data))
    result = fit_data(subject, data)
    assert (result.status, result.method) == (FitStatus.RESOLVED, "lm")
    assert result.ratio < 1e-10
    assert evaluate_data(subject, data).dynamics_loss < 1e-20


def test_adam_merges_the_views_that_the_data_force_together():
    data = DATA_SETS["views-per-step"].make(0)
    subject = plain_subject(data)
    before = evaluate_data(subject, data)
    result = fit_data(subject, data)
    after = evaluate_data(subject, data)
    assert (result.status, result.method) == (FitStatus.RESOLVED, "first-order")
    assert result.ratio < 1

    def spread_inside(codes):
        views = codes.reshape(9, 3, -1)
        return np.linalg.norm(views - views.mean(axis=1, keepdims=True)) / np.linalg.norm(
            views.mean(axis=1) - views.mean(axis=(0, 1))
        )

    assert spread_inside(after.codes) < 0.1 * spread_inside(before.codes)


def test_several_successors_of_one_pair_get_one_code():
    subject = small_subject(stand_in(FORK))
    assert fit_data(subject, FORK).resolved
    codes = evaluate_data(subject, FORK).codes
    assert kernel(np.round(codes, 8)).same_block(2, 3)
    assert np.linalg.norm(codes[2] - codes[4]) > 0.01


def test_missing_labels_and_transitions_leave_their_answers_alone():
    """The gradient of an unlabelled, unvisited observation is zero: a table does not move it."""
    data = TransitionData([[0, 0, 1]], {0: 0.0, 1: 1.0}, range(3))
    subject = reference_subject(stand_in(data))
    start = subject.encoder.table.detach().clone()
    fit_data(subject, data, objective="dynamics", max_steps=20)
    moved = (subject.encoder.table.detach() - start).abs().amax(dim=1)
    assert moved[2] == 0
    assert bool((moved[:2] > 0).all())


def test_inputs_are_what_the_encoder_is_shown():
    data = expert_coverage(0)
    inputs = torch.linspace(-1, 1, 9)[:, None] * torch.ones((1, 2))
    subject = plain_subject(data, n_inputs=2)
    assert fit_data(subject, data, inputs).resolved
    assert evaluate_data(subject, data, inputs).dynamics_loss < 1e-3
    with pytest.raises(SubjectError, match="encoder raised"):
        fit_data(subject, data)


def test_the_same_call_gives_the_same_bytes_and_leaves_the_generator(monkeypatch):
    data = expert_coverage(0)
    monkeypatch.setattr(data_fit, "_DENSE", 0)
    state = torch.random.get_rng_state()
    results, tables = [], []
    for _ in range(2):
        subject = reference_subject(stand_in(data))
        results.append(fit_data(subject, data, seed=5, max_steps=60))
        tables.append(subject.encoder.table.detach().clone())
    assert results[0].to_json() == results[1].to_json()
    assert torch.equal(*tables)
    assert torch.equal(state, torch.random.get_rng_state())
    assert FitResult.from_json(results[0].to_json()) == results[0]


def trained_on(objective):
    """What a subject answers after training on one loss, or on one after the other."""
    data = expert_coverage(0)
    subject = plain_subject(data)
    result = fit_data(subject, data, objective=objective, max_steps=200, weight_decay=0.1)
    assert result.status is FitStatus.MINIMISED
    return evaluate_data(subject, data)


def test_other_objectives_make_their_part_small():
    data = expert_coverage(0)
    before = evaluate_data(plain_subject(data), data)
    assert trained_on("dynamics").dynamics_loss < 0.1 * before.dynamics_loss
    aux, decoupled = trained_on("aux"), trained_on("decoupled")
    assert aux.aux_loss < 0.1 * before.aux_loss
    assert np.array_equal(aux.codes, decoupled.codes)  # the predictor is fitted on frozen codes
    assert decoupled.dynamics_loss < 0.5 * aux.dynamics_loss


def test_contradicting_data_are_trained_to_the_limit_and_never_resolved():
    data = DATA_SETS["contradicting-rooms"].make(0)
    result = fit_data(plain_subject(data), data, max_steps=50)
    assert result.status is FitStatus.STEP_LIMIT
    assert result.ratio == float("inf")


def test_data_without_labels_train_the_dynamics():
    data = expert_coverage(0).with_labels(None)
    subject = plain_subject(data)
    result = fit_data(subject, data, max_steps=200)
    assert evaluate_data(subject, data).dynamics_loss < 0.1
    assert result.ratio == 0  # nothing must be told apart: no residual is too large


def test_a_learning_rate_that_is_too_large_is_reported_as_diverged():
    data = expert_coverage(0)
    subject = plain_subject(data)
    subject = replace(subject, head=nn.Sequential(subject.head, Cube()))
    result = fit_data(subject, data, learning_rate=1e12, max_steps=30, weight_decay=0.1)
    assert result.status is FitStatus.DIVERGED
    assert result.ratio == float("inf")


class Cube(nn.Module):
    """z³, which overflows soon."""

    def forward(self, codes):
        return codes**3


def test_nothing_to_train_is_said():
    data = expert_coverage(0)
    subject = plain_subject(data)
    for part in subject.modules:
        part.requires_grad_(False)
    assert fit_data(subject, data).status is FitStatus.UNTRAINED


def test_a_trainer_of_your_own_sees_the_data_and_the_inputs():
    data, seen = expert_coverage(0), []
    inputs = torch.rand((9, 2))
    subject = replace(plain_subject(data, n_inputs=2), fit=lambda *_: None)

    def trainer(given, logged, seed):
        seen.append((given.observations is inputs, logged is data, seed))

    result = fit_data(subject, data, inputs, seed=3, trainer=trainer)
    assert seen == [(True, True, 3)]
    assert (result.status, result.method) == (FitStatus.OWN, "own")
    with pytest.raises(SubjectError, match="fit takes a complete system"):
        fit_data(subject, data, inputs)

    def broken(given, logged, seed):
        raise KeyError("batch")

    with pytest.raises(SubjectError, match="fit raised KeyError"):
        fit_data(subject, data, inputs, trainer=broken)


def test_progress_is_told_to_the_end():
    seen = []
    data = expert_coverage(0)
    result = fit_data(plain_subject(data), data, progress=seen.append)
    assert seen[-1].step == result.steps
    assert seen[-1].ratio == result.ratio


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "both"}, "objective is 'both'"),
        ({"seed": -1}, "seed is -1"),
        ({"max_steps": 0}, "max_steps is 0"),
        ({"max_steps": True}, "max_steps is True"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1"),
        ({"trainer": "mine"}, "trainer is a str"),
        ({"audit": "mine"}, "audit is a str"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        fit_data(plain_subject(FORK), FORK, **options)


def test_an_audit_of_other_data_is_refused():
    other = DataAudit("other", analyse(expert_coverage(0)))
    with pytest.raises(InvalidArgumentError, match="audit is of other data"):
        fit_data(plain_subject(FORK), FORK, audit=other)
    with pytest.raises(InvalidArgumentError, match="data is a DeterministicMDP"):
        fit_data(plain_subject(FORK), stand_in(FORK))
