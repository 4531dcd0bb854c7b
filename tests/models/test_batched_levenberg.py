import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.func import jacrev

from tellapart.models.batched_levenberg import (
    PARAMETER_NAMES,
    _Batch,
    batched_levenberg_marquardt,
    stack_parameters,
    stack_systems,
)
from tellapart.models.least_squares import CONVERGED, levenberg_marquardt
from tellapart.models.levenberg import ANCHOR, ENCODER_SCALE, Parameters, ReferenceProblem
from tellapart.models.levenberg import residuals as reference_residuals
from tellapart.models.networks import reference_subject
from tellapart.models.runs import reference_system
from tellapart.theory.gallery import random_mdp
from tellapart.theory.mdp import DeterministicMDP


def items(count, n=4, n_actions=3, d=3, hidden=5, seed=0):
    """Systems of one shape with two label coordinates, and weights."""
    rng = np.random.default_rng(seed)
    starts, systems = [], []
    for k in range(count):
        labels = [tuple(row) for row in rng.permutation(n * 2).reshape(n, 2).tolist()]
        mdp = DeterministicMDP(rng.integers(n, size=(n, n_actions)), labels)
        subject = reference_subject(mdp, seed=seed + k, latent_dim=d, hidden=hidden)
        system, coordinates = reference_system(mdp)
        starts.append(coordinates.start(Parameters.of(*subject.modules)))
        systems.append(system)
    return starts, systems


def one_linearised(start, system, anchor, scale):
    """Every residual by every weight, without any of the structure used."""

    def flat(weights):
        return reference_residuals(Parameters(**weights), system, anchor).flat

    parts = jacrev(flat)({name: getattr(start, name) for name in PARAMETER_NAMES})
    return torch.cat(
        [(scale if k == "table" else 1.0) * parts[k].flatten(1) for k in PARAMETER_NAMES], dim=1
    )


@settings(max_examples=6)
@given(
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.3, 2.0]),
    st.sampled_from([0.05, 1.0]),
    st.integers(0, 1000),
)
def test_products_and_steps_agree_with_automatic_differentiation(
    count, n, n_actions, anchor, scale, seed
):
    starts, systems = items(count, n=max(n, 2), n_actions=n_actions, seed=seed)
    batch = _Batch(stack_systems(systems), starts[0].table.shape[1], anchor, scale)
    p = stack_parameters(starts)
    hidden, flat = batch.forward(p)
    product, move = batch.linearise(p, hidden, flat.shape[1])
    dual = torch.randn(
        flat.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    moved = move(dual)
    for k, (start, system) in enumerate(zip(starts, systems, strict=True)):
        value = reference_residuals(start, system, anchor)
        assert torch.allclose(flat[k], value.flat, rtol=1e-12, atol=1e-14)
        wide = one_linearised(start, system, anchor, scale)
        assert torch.allclose(product[k], wide @ wide.T, rtol=1e-10, atol=1e-12)
        step, first = wide.T @ dual[k], 0
        for name in PARAMETER_NAMES:
            weight = getattr(start, name)
            part = step[first : first + weight.numel()].view_as(weight)
            first += weight.numel()
            expected = weight - (scale if name == "table" else 1.0) * part
            assert torch.allclose(getattr(moved, name)[k], expected, rtol=1e-10, atol=1e-12)


def test_every_item_ends_where_it_ends_alone():
    starts, systems = items(7, hidden=32, seed=3)
    with torch.no_grad():
        weights, losses, steps = batched_levenberg_marquardt(
            stack_parameters(starts),
            stack_systems(systems),
            60,
            anchor=ANCHOR,
            encoder_scale=ENCODER_SCALE,
        )
        for k, (start, system) in enumerate(zip(starts, systems, strict=True)):
            problem = ReferenceProblem(system)
            point, loss, taken = levenberg_marquardt(problem, start, 60, lambda *_: False)
            assert (loss <= CONVERGED) == (float(losses[k]) <= CONVERGED)
            assert abs(taken - int(steps[k])) <= 2  # rounding decides the last steps
            assert torch.allclose(weights.table[k], point.table, rtol=1e-6, atol=1e-6)
    assert int((losses <= CONVERGED).sum()) >= 6
    assert len(set(steps.tolist())) > 1  # some left the batch before others


def test_reported_losses_fall_and_the_step_limit_is_kept():
    starts, systems = items(5, hidden=32, seed=1)
    seen = {k: [] for k in range(5)}

    def report(step, moved, dynamics, aux):
        for place, d, a in zip(moved.tolist(), dynamics.tolist(), aux.tolist(), strict=True):
            seen[place].append((step, d + a))

    _, losses, steps = batched_levenberg_marquardt(
        stack_parameters(starts), stack_systems(systems), 4, anchor=0.0, encoder_scale=0.1,
        report=report,
    )  # fmt: skip
    assert int(steps.max()) == 4
    for place, entries in seen.items():
        values = [value for _, value in entries]
        assert values == sorted(values, reverse=True)
        assert values[-1] == pytest.approx(float(losses[place]), rel=1e-9)


def test_weights_that_are_not_finite_stay_and_disturb_no_one():
    starts, systems = items(3, hidden=32, seed=2)
    broken = Parameters(*(getattr(starts[1], k) * float("nan") for k in PARAMETER_NAMES))
    _, losses, steps = batched_levenberg_marquardt(
        stack_parameters([starts[0], broken, starts[2]]), stack_systems(systems), 60,
        anchor=ANCHOR, encoder_scale=ENCODER_SCALE,
    )  # fmt: skip
    assert torch.isnan(losses[1])
    assert int(steps[1]) == 0
    assert float(losses[0]) <= CONVERGED
    assert float(losses[2]) <= CONVERGED


def test_a_hidden_layer_too_narrow_for_zero_does_not_count_as_converged():
    mdp = random_mdp(12, 3, 2, seed=0)
    subject = reference_subject(mdp, latent_dim=2, hidden=1)
    system, labels = reference_system(mdp)
    start = labels.start(Parameters.of(*subject.modules))
    _, losses, _ = batched_levenberg_marquardt(
        stack_parameters([start]), stack_systems([system]), 60,
        anchor=ANCHOR, encoder_scale=ENCODER_SCALE,
    )  # fmt: skip
    assert float(losses[0]) > 1e-4
