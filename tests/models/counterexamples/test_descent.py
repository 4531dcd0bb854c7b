"""Levenberg-Marquardt with decay, against closed forms."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.counterexamples.descent import Decay, descend

numbers = st.integers(-3, 3)


@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_linear_least_squares_are_solved(rows, columns, data):
    entries = data.draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns))
    matrix = np.array(entries, dtype=float).reshape(rows, columns)
    wanted = np.array(data.draw(st.lists(numbers, min_size=rows, max_size=rows)), dtype=float)
    weight = nn.Parameter(torch.zeros(columns, dtype=torch.float64))
    a, b = torch.tensor(matrix), torch.tensor(wanted)
    descend(lambda: a @ weight - b, [weight], [False], steps=60, done=lambda: False)
    best = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
    least = float(np.square(matrix @ best - wanted).sum())
    found = float((a @ weight.detach() - b).square().sum())
    assert found == pytest.approx(least, abs=1e-9)


@given(st.floats(0.01, 10), st.floats(-5, 5))
def test_decay_is_ridge_regression(strength, target):
    weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    descend(
        lambda: weight - target, [weight], [True],
        steps=60, decay=Decay(strength), done=lambda: False,
    )  # fmt: skip
    assert float(weight.detach()) == pytest.approx(target / (1 + strength), abs=1e-7)


def test_weights_without_decay_are_not_pulled():
    free = nn.Parameter(torch.tensor([5.0], dtype=torch.float64))
    decayed = nn.Parameter(torch.tensor([5.0], dtype=torch.float64))
    descend(
        lambda: free + decayed - 3.0, [free, decayed], [False, True],
        steps=80, decay=Decay(1.0, 0.5, 1e-9), done=lambda: False,
    )  # fmt: skip
    assert float(decayed.detach()) == pytest.approx(0.0, abs=1e-6)
    assert float(free.detach()) == pytest.approx(3.0, abs=1e-6)


def test_fading_decay_ends_at_zero():
    decay = Decay(1.0, 0.5, 1e-3)
    assert [decay.at(step) for step in (0, 1, 9, 10)] == [1.0, 0.5, 0.5**9, 0.0]


def test_it_stops_when_it_is_done_but_not_while_decay_fades():
    weight = nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
    steps = descend(lambda: weight, [weight], [True], steps=50, done=lambda: True)
    assert steps == 1
    steps = descend(
        lambda: weight, [weight], [True],
        steps=50, decay=Decay(1.0, 0.5, 0.2), done=lambda: True,
    )  # fmt: skip
    assert steps > 2


class Doubled(torch.autograd.Function):
    """An operation of a user's own, without a batched derivative."""

    @staticmethod
    def forward(ctx, value):
        return 2 * value

    @staticmethod
    def backward(ctx, cotangent):
        return torch.from_numpy(2 * cotangent.numpy())  # leaves torch, so no vmap goes through it


@pytest.mark.parametrize("many", [2, 40])
def test_operations_without_a_batched_derivative_are_differentiated_one_by_one(many):
    weight = nn.Parameter(torch.zeros(many, dtype=torch.float64))
    unused = nn.Parameter(torch.ones(1, dtype=torch.float64))
    wanted = torch.arange(many, dtype=torch.float64) - 1.0
    descend(
        lambda: Doubled.apply(weight) - wanted, [weight, unused], [False, False],
        steps=40, done=lambda: False,
    )  # fmt: skip
    assert torch.allclose(weight.detach(), wanted / 2)
    assert unused.item() == 1.0
