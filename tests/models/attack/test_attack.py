"""The whole attack: what may collapse merges, what cannot keeps a loss, for each objective."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models.attack.attack import attack
from tellapart.models.attack.exact import ExactAnswers
from tellapart.models.attack.row import AttackOutcome
from tellapart.models.attack.search import Search
from tellapart.models.attack.table import AttackReport
from tellapart.models.designs import design
from tellapart.models.exact import exact_subject
from tellapart.models.networks import LinearHead, TableEncoder, reference_subject
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

#: Two doors that lead to two halls; doors look alike in all that follows, and so do halls.
DOORS = DeterministicMDP(
    [[1, 0], [1, 2], [3, 2], [3, 0], [1, 3]],
    labels=["dark", "lit", "dark", "lit", "far"],
    observations=["north door", "north hall", "south door", "south hall", "gate"],
    actions=["walk in", "go round"],
)
TWINS = [("north door", "south door"), ("north hall", "south hall")]


def build(mdp, seed):
    return reference_subject(mdp, seed=seed)


class Predictor(nn.Sequential):
    def forward(self, z, a):
        action = nn.functional.one_hot(a, self[0].in_features - z.shape[1]).to(z)
        return super().forward(torch.cat([z, action], dim=1))


def modules(mdp, seed, middle=nn.Tanh):
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Linear(mdp.n_obs, 16), middle(), nn.Linear(16, 5))
    predictor = Predictor(nn.Linear(5 + mdp.n_actions, 32), nn.Tanh(), nn.Linear(32, 5))
    return Subject(encoder, predictor, nn.Linear(5, mdp.label_vectors.shape[1]), name="mine")


def test_twins_merge_at_zero_loss_and_nothing_else_does():
    report = attack(build, DOORS)
    assert len(report.rows) == report.n_pairs == 10
    assert report.consistent
    for x, y in TWINS:
        row = report.row(y, x)
        assert row.outcome is AttackOutcome.MERGED
        assert (row.answer, row.depth, row.word) == ("may collapse", None, None)
        assert row.loss < 1e-9
        assert row.distance < 1e-9
        assert row.ratio < 1
    assert report.n_merged == len(report.collapsible) == 2
    for row in report.resistant:
        assert row.outcome is AttackOutcome.FLOOR
        assert row.distance <= report.merge_tolerance
        assert row.loss > 1e-4
        assert row.ratio >= 1 - 1e-3  # the bound of S13, of codes that are merged but for rounding
        assert row.loss >= 0.9 * row.irreducible
        assert row.labels[0] != row.labels[1]


@pytest.mark.parametrize("seed", range(2))
def test_the_attack_agrees_with_the_exact_classes_of_random_systems(seed):
    report = attack(build, random_mdp(5, seed=seed), seed=seed)
    assert report.consistent, report.explain()


def test_dynamics_alone_lets_everything_merge():
    chain = counting_chain(4)
    report = attack(design("dynamics-only").build, chain, objective="dynamics")
    assert report.consistent
    assert len(report.collapsible) == 6
    assert all(row.must_separate for row in report.rows)  # by both losses, every one
    assert all(row.least_codes == 1 and row.dynamics_relative < 1e-6 for row in report.rows)
    # With one code for everything a head reads the mean label at best.
    assert [round(row.aux_relative, 6) for row in report.rows] == [1.0] * 6


@pytest.mark.parametrize("objective", ["aux", "decoupled"])
def test_the_auxiliary_loss_alone_keeps_the_labels_apart_and_no_more(objective):
    chain = counting_chain(5)
    report = attack(build, chain, objective=objective)
    assert report.consistent
    assert len(report.collapsible) == report.n_merged == 6
    assert all(row.must_separate for row in report.rows)
    for row in report.collapsible:
        assert row.aux_relative < 1e-6
        assert row.dynamics_relative > 0.01  # no predictor can repair it
    # One of five labels is 1: read as 1/2 in two places, over the spread 2/5 of the labels.
    floor = math.sqrt(2 / 4 / 5) / (2 / 5)
    assert [row.loss for row in report.resistant] == pytest.approx([floor] * 4, rel=2e-2)


def test_one_label_for_all_lets_the_joint_design_lose_everything():
    blind = counting_chain(3).with_labels([7, 7, 7])
    report = attack(build, blind)
    assert report.consistent
    assert report.n_merged == report.n_pairs == 3
    assert {row.least_codes for row in report.rows} == {1}  # any two pull in the third


def test_what_has_to_follow_is_pulled_in_the_last_attempt_only():
    chain = counting_chain(4)
    single = attack(build, chain, objective="dynamics", pairs=[(0, 1)], restarts=0).rows[0]
    assert (single.restarts, single.guided) == (0, False)
    row = attack(build, chain, objective="dynamics", pairs=[(0, 1)]).rows[0]
    assert row.outcome is AttackOutcome.MERGED
    assert row.guided == (row.restarts > 0)


def test_plain_modules_are_attacked_too():
    pairs = [TWINS[0], ("north door", "north hall")]
    report = attack(modules, DOORS, pairs=pairs)
    assert report.consistent, report.explain()
    assert {row.method for row in report.rows} == {"module-lm"}
    assert report.zero_tolerance > 1e-6  # float32
    assert report.subject == "mine"


class NoBatchedDerivative(torch.autograd.Function):
    """An operation of a user's own, whose derivative cannot be taken for many rows at once."""

    @staticmethod
    def forward(ctx, x):
        return torch.tanh(x)

    @staticmethod
    def backward(ctx, gradient):
        if float(gradient.sum()) == float("inf"):  # reads a value: not possible under vmap
            return gradient
        return gradient


class Wrapped(nn.Module):
    def forward(self, x):
        return NoBatchedDerivative.apply(x)


def test_modules_without_a_batched_derivative_fall_back_to_adam(monkeypatch):
    monkeypatch.setattr("tellapart.models.attack.search._ADAM_STEPS", 150)
    mdp = DeterministicMDP([[2], [2], [2]], labels=[0, 0, 1])
    report = attack(lambda m, s: modules(m, s, Wrapped), mdp, pairs=[(0, 1), (0, 2)], restarts=0)
    assert {row.method for row in report.rows} == {"adam"}
    assert report.rows[0].merged
    assert report.rows[1].outcome is AttackOutcome.FLOOR
    assert report.consistent


def test_same_call_same_bytes_and_back():
    first, second = (attack(build, DOORS, pairs=TWINS, seed=3) for _ in range(2))
    assert first.to_json() == second.to_json()
    loaded = AttackReport.from_json(first.to_json())
    assert loaded == first
    assert loaded.rows[0].outcome is first.rows[0].outcome
    assert attack(build, DOORS, pairs=TWINS, seed=4).to_json() != first.to_json()


def test_the_random_state_of_the_caller_stays():
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    attack(build, DOORS, pairs=TWINS[:1])
    assert torch.equal(torch.rand(2), expected)


def test_too_many_pairs_are_chosen_and_counted():
    steps = []
    report = attack(build, DOORS, max_pairs=4, progress=lambda step: steps.append(step))
    assert (len(report.rows), report.n_pairs) == (4, 10)
    assert report.collapsible
    assert report.resistant
    assert "4 of 10 pairs attacked" in report.explain()
    assert [(step.done, step.total) for step in steps] == [(k, 4) for k in range(1, 5)]
    assert [step.row for step in steps] == list(report.rows)


def test_pairs_are_chosen_for_one_loss_too():
    report = attack(build, DOORS, max_pairs=2, objective="aux", restarts=0)
    assert (len(report.rows), report.n_pairs) == (2, 10)
    assert report.consistent


def test_the_explanation_names_the_clash():
    row = attack(build, counting_chain(5), pairs=[(0, 1)]).rows[0]
    text = row.explain()
    assert "cannot collapse" in text
    assert repr(row.word) in text
    assert "they have 1 and 0" in text or "they have 0 and 1" in text


def frozen_exact(mdp, seed):
    """An exact subject with a weight that could move, so that it passes for trainable."""
    subject = exact_subject(mdp)
    subject.encoder.register_parameter("spare", nn.Parameter(torch.zeros(1)))
    return subject


def test_zero_loss_against_the_classes_is_an_internal_error(monkeypatch):
    monkeypatch.setattr(ExactAnswers, "allowed", Partition.identity(5))
    monkeypatch.setattr(ExactAnswers, "least_merge", lambda *_: None)
    monkeypatch.setattr(
        "tellapart.models.attack.attempts.pull_together", lambda *_: Search("none", 0)
    )
    with pytest.raises(InternalError, match="zero bit for bit"):
        attack(frozen_exact, DOORS, pairs=TWINS[:1])


def test_two_exact_answers_that_differ_are_an_internal_error(monkeypatch):
    monkeypatch.setattr(ExactAnswers, "least_merge", lambda *_: None)
    with pytest.raises(InternalError, match="Merge and fold contradicts"):
        attack(build, DOORS, pairs=TWINS[:1])


def test_a_loss_too_small_to_tell_from_zero_is_reported_as_such(monkeypatch):
    nearly = exact_subject(DOORS)

    def untrained(mdp, seed):
        subject = frozen_exact(mdp, seed)
        subject.head.labels += 1e-12
        return subject

    assert np.array_equal(nearly.head.labels.numpy(), nearly.tables.labels)
    monkeypatch.setattr(ExactAnswers, "allowed", Partition.identity(5))
    monkeypatch.setattr(ExactAnswers, "least_merge", lambda *_: None)
    monkeypatch.setattr(
        "tellapart.models.attack.attempts.pull_together", lambda *_: Search("none", 0)
    )
    report = attack(untrained, DOORS, pairs=TWINS[:1])
    assert report.rows[0].outcome is AttackOutcome.BELOW
    assert not report.consistent
    assert "1 below the tolerance" in report.summary()


def test_a_pair_that_stays_apart_is_not_reached(monkeypatch):
    monkeypatch.setattr(
        "tellapart.models.attack.attempts.pull_together", lambda *_: Search("none", 0)
    )
    report = attack(build, DOORS, pairs=TWINS)
    assert {row.outcome for row in report.rows} == {AttackOutcome.NOT_REACHED}
    assert not report.consistent
    assert "exists: 3 codes" in report.row("north door", "south door").result
    assert "does not agree with the exact classes on 2 pairs" in report.summary()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"objective": "both"}, "objective is 'both'"),
        ({"max_pairs": 0}, "max_pairs is 0"),
        ({"max_pairs": True}, "max_pairs is True"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 0.5}, "seed is 0.5"),
        ({"restarts": -1}, "restarts is -1"),
        ({"pairs": [("north door", "moon")]}, "moon"),
    ],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        attack(build, DOORS, **options)


def test_systems_without_pairs_and_other_objects_are_refused():
    with pytest.raises(InvalidArgumentError, match="one observation"):
        attack(build, DeterministicMDP([[0]], labels=[0]))
    with pytest.raises(InvalidArgumentError, match="got a str"):
        attack(build, "gallery:counting-9")


def test_designs_that_cannot_be_trained_are_refused():
    with pytest.raises(SubjectError, match="nothing to train"):
        attack(design("exact").build, DOORS)
    with pytest.raises(SubjectError, match="nothing to train"):
        attack(design("constant").build, DOORS)
    with pytest.raises(SubjectError, match="returned int"):
        attack(lambda mdp, seed: 3, DOORS)


def test_frozen_parts_stay():
    made = []

    def half_frozen(mdp, seed):
        subject = Subject(
            TableEncoder(5, 4, seed), reference_subject(mdp, latent_dim=4).predictor,
            LinearHead(4, 3, seed),
        )  # fmt: skip
        subject.head.requires_grad_(False)
        made.append((subject, subject.head.weight.detach().clone()))
        return subject

    attack(half_frozen, DOORS, pairs=TWINS[:1], restarts=0)
    assert all(torch.equal(subject.head.weight, weight) for subject, weight in made)
