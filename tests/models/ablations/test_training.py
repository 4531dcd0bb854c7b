"""The batched losses against those of one subject, and training against training alone."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.ablations import training
from tellapart.models.ablations.designs import ABLATIONS, Stage, ablation
from tellapart.models.ablations.training import train_batch
from tellapart.models.first_order import Scaling, forward, label_units, loss_parts
from tellapart.models.networks import reference_subject
from tellapart.theory.gallery import counting_chain, random_mdp


def batch_of(systems, seeds):
    return training._Batch(systems), training._start(systems, systems, seeds)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(2, 6), st.integers(1, 3))
def test_losses_are_those_of_single_subjects(seed, n, n_actions):
    systems = [random_mdp(n, n_actions, 2, seed=seed + k) for k in range(3)]
    systems = [m.with_labels([*m.labels[1:], 1 - m.labels[1]]) for m in systems]  # two values
    batch, weights = batch_of(systems, range(3))
    raw = batch.loss(Stage((), dynamics="raw"), weights, weights["table"])
    gap = batch.loss(Stage((), aux="gap"), weights, weights["table"])
    for k, mdp in enumerate(systems):
        labels = torch.tensor(mdp.label_vectors)
        subject = reference_subject(mdp, seed=k)
        with torch.no_grad():
            out = forward(subject, mdp, torch.arange(n), Scaling(subject.head, labels))
        dynamics, _ = loss_parts(out, labels)
        errors = ((out.read - labels).square().sum(dim=1) / label_units(mdp).square()).mean()
        assert float(raw[k]) == pytest.approx(float(dynamics), rel=1e-10)
        assert float(gap[k]) == pytest.approx(float(errors), rel=1e-10)


def gradient(reached):
    batch, weights = batch_of([counting_chain(5)], [0])
    average = weights["table"].clone() + 1.0
    weights["table"].requires_grad_()
    loss = batch.loss(Stage((), "relative", reached=reached), weights, average)
    loss.sum().backward()
    return float(loss.detach()), weights["table"].grad.clone()


def test_a_stopped_target_changes_the_gradient_and_not_the_loss():
    live, stopped = gradient("live"), gradient("stopped")
    assert live[0] == pytest.approx(stopped[0], rel=1e-12)
    assert not torch.allclose(live[1], stopped[1])


def test_an_average_that_lags_changes_the_loss():
    assert gradient("average")[0] != pytest.approx(gradient("stopped")[0], rel=1e-3)


@pytest.mark.parametrize("name", ABLATIONS)
def test_seeds_train_as_if_alone(name):
    systems = [random_mdp(6, 2, 2, seed=k) for k in (1, 2, 3)]
    options = {"steps": 15, "weight_decay": 1.0}
    together = train_batch(ablation(name), systems, systems, seeds=[4, 5, 6], **options)
    for k, mdp in enumerate(systems):
        (alone,) = train_batch(ablation(name), [mdp], [mdp], seeds=[4 + k], **options)
        for part in ("codes", "first_codes", "predicted", "read"):
            shown = getattr(together[k], part), getattr(alone, part)
            assert np.allclose(*shown, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "moved", "still"),
    [
        ("dynamics-only", {"table", "weight_in", "bias_out"}, {"head_weight", "head_bias"}),
        ("aux-only", {"table", "head_weight"}, {"weight_in", "action_bias", "weight_out"}),
        ("joint", {"table", "weight_in", "head_weight"}, set()),
    ],
)
def test_only_the_weights_of_a_stage_move(name, moved, still):
    batch, weights = batch_of([random_mdp(6, seed=1)], [0])
    before = {key: weight.clone() for key, weight in weights.items()}
    for stage in ablation(name).stages:
        training._train_stage(batch, weights, stage, 3, 1.0)
    changed = {k for k in weights if not torch.equal(weights[k].detach(), before[k])}
    assert moved <= changed
    assert not still & changed


def test_the_second_stage_of_decoupled_leaves_the_codes_alone():
    systems = [random_mdp(6, seed=1)]
    runs = [
        train_batch(ablation(name), systems, systems, seeds=[0], steps=20, weight_decay=3.0)[0]
        for name in ("aux-only", "decoupled")
    ]
    assert np.array_equal(runs[0].codes, runs[1].codes)
    assert not np.allclose(runs[0].predicted, runs[1].predicted)


def test_all_designs_begin_with_the_same_codes():
    systems = [random_mdp(6, seed=1)]
    firsts = [
        train_batch(design, systems, systems, seeds=[3], steps=1, weight_decay=0.0)[0].first_codes
        for design in ABLATIONS.values()
    ]
    assert all(np.array_equal(first, firsts[0]) for first in firsts)


def test_the_moving_average_is_the_textbook_one():
    """Three steps by hand: the average lags behind the table by the stated share."""
    batch, weights = batch_of([counting_chain(5)], [0])
    seen = []
    original = batch.loss

    def watched(stage, p, average):
        seen.append((p["table"].detach().clone(), average.clone()))
        return original(stage, p, average)

    batch.loss = watched
    training._train_stage(batch, weights, ablation("ema-target").stages[0], 4, 0.0)
    average = seen[0][0]
    for table, found in seen[1:]:
        average = 0.99 * average + 0.01 * table
        assert torch.allclose(found, average, rtol=0, atol=1e-15)
