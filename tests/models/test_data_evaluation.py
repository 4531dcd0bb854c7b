"""Evaluation on data is the evaluation of a system where the data are one, and checks as much."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.counterexamples.networks import small_subject
from tellapart.models.counterexamples.rows import stand_in
from tellapart.models.data_evaluation import DataEvaluation, evaluate_data
from tellapart.models.evaluation import evaluate
from tellapart.models.subject import Subject, SubjectError
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError

DATA = TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: 5.0})


@given(deterministic_mdps(), st.integers(0, 100))
def test_on_complete_data_it_is_the_evaluation_of_the_system(mdp, seed):
    subject = small_subject(mdp, seed)
    found = evaluate_data(subject, TransitionData.from_mdp(mdp))
    wanted = evaluate(subject, mdp)
    assert np.array_equal(found.codes, wanted.codes)
    assert np.allclose(found.dynamics_residuals, wanted.dynamics_residuals.reshape(-1))
    assert np.allclose(found.aux_residuals, wanted.aux_residuals)
    assert found.dynamics_loss == pytest.approx(wanted.dynamics_loss)
    assert (found.dtype, found.epsilon) == (wanted.dtype, wanted.epsilon)


def test_only_transitions_and_labels_of_the_data_count():
    encoder = nn.Linear(2, 1, bias=False)
    nn.init.constant_(encoder.weight, 1.0)
    inputs = torch.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    subject = Subject(encoder, lambda codes, actions: codes + 3, lambda codes: 2 * codes)
    found = evaluate_data(subject, DATA, inputs)
    assert found.codes.tolist() == [[0.0], [2.0], [4.0]]
    assert found.dynamics_residuals.tolist() == [1.0, 1.0]
    assert found.aux_residuals.tolist() == [1.0]
    assert (found.dynamics_loss, found.aux_loss) == (1.0, 1.0)
    copy = DataEvaluation.from_json(found.to_json())
    assert copy.to_json() == found.to_json()
    assert "2 transitions" in repr(copy)


def test_without_labels_the_auxiliary_loss_is_zero():
    data = TransitionData([[0, 0, 1]])
    found = evaluate_data(small_subject(stand_in(data)), data)
    assert (found.aux_loss, len(found.aux_residuals)) == (0.0, 0)


def test_inputs_and_parts_that_do_not_fit_are_named():
    subject = small_subject(stand_in(DATA))
    with pytest.raises(SubjectError, match="observations hold 2 rows, but the MDP has 3"):
        evaluate_data(subject, DATA, torch.zeros((2, 4)))
    with pytest.raises(SubjectError, match=r"observations .* dtype torch.int64"):
        evaluate_data(subject, DATA, torch.zeros((3, 4), dtype=torch.int64))
    broken = replace(subject, head=lambda codes: codes * torch.nan)
    with pytest.raises(SubjectError, match="head"):
        evaluate_data(broken, DATA)
    with pytest.raises(InvalidArgumentError, match="data is a DeterministicMDP"):
        evaluate_data(subject, stand_in(DATA))
