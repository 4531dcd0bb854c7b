"""Distances in a unit that no scaling cheats, against plain loops."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

from tellapart.models.dropped.measure import Task, same_norm
from tellapart.models.dropped.trainer import descend, halve
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.gallery import counting_chain
from tellapart.theory.hypotheses import Hypothesis

EPSILON = float(np.finfo(np.float64).eps)
LOSSES = st.sampled_from([Hypothesis.AUX_LOSS, Hypothesis.DYNAMICS_LOSS])


def codes_for(n):
    return arrays(np.float64, (n, 2), elements=st.integers(-3, 3).map(float))


@st.composite
def cases(draw):
    mdp = draw(deterministic_mdps(min_observations=2, max_observations=6))
    task = Task(bisimulation(mdp), draw(LOSSES), 0)
    assume(task.may_merge.any())
    return task, draw(codes_for(mdp.n_obs)), draw(codes_for(mdp.n_obs))


@given(cases())
def test_merged_pairs_are_those_that_loops_find(case):
    task, before, after = case
    bisim, dynamics = task.bisimulation, task.dropped is Hypothesis.AUX_LOSS
    n = task.mdp.n_obs
    apart = [(x, y) for x in range(n) for y in range(x) if not bisim.partition.same_block(x, y)]
    size = [math.sqrt(sum(float(c @ c) for c in codes) / n) for codes in (before, after)]

    def rms(codes):
        total = sum(float((codes[x] - codes[y]) @ (codes[x] - codes[y])) for x, y in apart)
        return math.sqrt(total / len(apart)) or 1.0

    unit = rms(after)
    if dynamics:
        unit = rms(before) * min(1.0, size[1] / (size[0] or 1.0))
    found = task.measure(before, after, EPSILON)
    assert found.unit == pytest.approx(unit)
    merged = {
        (x, y)
        for x, y in apart
        if (dynamics or task.mdp.labels[x] == task.mdp.labels[y])
        and math.dist(after[x], after[y]) <= max(1e-3 * unit, 16 * EPSILON * abs(after).max())
    }
    assert found.n_merged == len(merged)
    if merged:
        x, y = found.pair
        assert tuple(sorted((x, y), reverse=True)) in merged
        depth = max(bisim.depth_of_indices(x, y) for x, y in merged)
        assert bisim.depth_of_indices(x, y) == depth


@given(cases(), st.sampled_from([2.0**-40, 2.0**-9, 2.0**10]))
def test_scaling_merges_nothing(case, scale):
    task, before, _ = case
    assume(before.any())
    one, other = (task.measure(before, factor * before, EPSILON) for factor in (1.0, scale))
    assert (one.n_merged, one.n_groups) == (other.n_merged, other.n_groups)
    assert one.turned == pytest.approx(other.turned, abs=1e-12) == 0
    if scale < 1:
        assert one.closest == pytest.approx(other.closest)


def test_codes_that_gather_away_from_the_origin_are_merged():
    task = Task(bisimulation(counting_chain(5)), Hypothesis.AUX_LOSS, 0)
    before = np.random.default_rng(0).normal(size=(5, 3))
    found = task.measure(before, 1.0 + 1e-5 * before, EPSILON)
    assert found.n_groups == 1
    assert found.n_merged == 10
    assert found.pair in {(0, 4), (4, 0)}


def test_one_norm_before_and_after():
    ring = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert same_norm(ring, -ring)
    assert not same_norm(ring, 2 * ring)
    assert not same_norm(0 * ring, 0 * ring)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=4), st.integers(0, 9))
def test_descent_finds_the_least_squares_solution(target, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = nn.Parameter(torch.randn(len(target), generator=generator, dtype=torch.float64))
    wanted = torch.tensor(target, dtype=torch.float64)
    descend(lambda: (weight - wanted).square().sum(), [weight], 50, lambda: False)
    assert torch.allclose(weight.detach(), wanted, atol=1e-9)
    assert weight.grad is None


def test_descent_keeps_finite_weights_where_the_loss_becomes_infinite():
    weight = nn.Parameter(torch.tensor([0.5], dtype=torch.float64))
    descend(lambda: (1 / weight - 2).log().sum(), [weight], 30, lambda: False)
    assert bool(torch.isfinite(weight.detach()).all())
    assert descend(lambda: torch.zeros(()), [weight], 5, lambda: False) == 0


def test_halving_spares_biases_and_frozen_weights():
    encoder = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2).requires_grad_(False))
    before = [w.detach().clone() for w in encoder.parameters()]
    halve(encoder)
    factors = [0.5, 1.0, 1.0, 1.0]
    for weight, old, factor in zip(encoder.parameters(), before, factors, strict=True):
        assert torch.equal(weight.detach(), factor * old)
