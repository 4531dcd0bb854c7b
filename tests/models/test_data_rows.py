"""Triples as tensors: the losses are those of plain loops, on everything and on samples."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models import data_rows
from tellapart.models.counterexamples.networks import small_subject
from tellapart.models.data_evaluation import evaluate_data
from tellapart.models.data_rows import DataRows
from tellapart.models.first_order import Scaling, loss_parts
from tellapart.properties.data_strategies import transition_data
from tellapart.theory.data.transitions import TransitionData


@given(transition_data(), st.integers(0, 100))
def test_losses_are_those_of_the_evaluation(data, seed):
    rows = DataRows.of(data)
    subject = small_subject(rows.mdp, seed)
    scaling = Scaling(None, rows.labels)
    with torch.no_grad():
        out = rows.forward(subject, scaling)
        dynamics, aux = loss_parts(out, rows.labels)
    measured = evaluate_data(subject, data)
    assert float(dynamics) == pytest.approx(measured.dynamics_loss)
    assert float(aux) == pytest.approx(measured.aux_loss)
    assert out.predicted.shape[:2] == (data.n_transitions, 1)


@given(transition_data())
def test_labels_are_those_that_a_factory_sees(data):
    rows = DataRows.of(data)
    seen = torch.tensor(rows.mdp.label_vectors)[rows.known]
    if len(rows.known):
        assert torch.equal(rows.labels, seen)
    assert len(rows.units) == len(rows.labels)
    assert bool((rows.units > 0).all())


def test_names_become_one_hot_labels_as_a_factory_sees_them():
    data = TransitionData([[0, 0, 1], [1, 0, 2]], labels={1: "b", 2: "a"})
    rows = DataRows.of(data)
    assert rows.labels.tolist() == rows.mdp.label_vectors[1:].tolist() == [[1, 0], [0, 1]]


def test_residuals_square_to_the_losses_in_their_units():
    data = TransitionData([[0, 0, 1], [1, 0, 0]], labels={0: 0.0, 1: 4.0})
    rows = DataRows.of(data)
    subject = small_subject(rows.mdp, 0)
    with torch.no_grad():
        out = rows.forward(subject, Scaling(None, rows.labels))
        size = 4.0 * torch.ones(out.codes.shape[1], dtype=torch.float64)
        flat = rows.residuals(out, size, 0.0)
        dynamics, aux = loss_parts(out, rows.labels)
    assert float(rows.label_spread) == 4.0
    assert float(flat.square().sum()) == pytest.approx(float(dynamics + aux) / 4.0)
    anchored = rows.residuals(out, size, 0.5)[-len(size) :]
    wanted = 0.5 * (out.codes.square().mean(dim=0) / 4.0 - 1)
    assert torch.allclose(anchored, wanted)


@pytest.mark.parametrize("labels", [{0: 1.0, 5: 2.0, 7: 3.0}, None])
def test_large_data_are_sampled_with_codes_in_the_right_places(monkeypatch, labels):
    rng = np.random.default_rng(0)
    data = TransitionData(rng.integers(0, 8, size=(40, 3)) % [8, 2, 8], labels, range(8), range(2))
    rows = DataRows.of(data)
    subject = small_subject(rows.mdp, 0)
    scaling = Scaling(None, rows.labels)
    monkeypatch.setattr(data_rows, "MAX_TRANSITIONS", 2)
    draw = rows.draw(subject, scaling, seed=3)
    with torch.no_grad():
        whole = rows.forward(subject, scaling)
        pairs = torch.cat([whole.predicted, whole.reached], dim=2)[:, 0]
        for _ in range(5):
            batch = draw()
            assert len(batch.out.predicted) == 2
            found = torch.cat([batch.out.predicted, batch.out.reached], dim=2)[:, 0]
            near = (pairs[:, None] - found[None]).abs().amax(dim=2).min(dim=0).values
            assert float(near.max()) < 1e-12
            gap = (batch.out.read - batch.labels).abs().sum(dim=1)
            known = (whole.read - rows.labels).abs().sum(dim=1)
            assert all(float((known - one).abs().min()) < 1e-12 for one in gap)
    same = [rows.draw(subject, scaling, seed=3)().out.codes for _ in range(2)]
    assert torch.equal(*same)


def test_a_frozen_encoder_gets_no_gradient():
    data = TransitionData([[0, 0, 1]], labels={0: 0, 1: 1})
    rows = DataRows.of(data)
    subject = small_subject(rows.mdp, 0)
    for frozen in (True, False):
        out = rows.draw(subject, Scaling(None, rows.labels), 0, frozen)().out
        assert out.codes.requires_grad is not frozen
