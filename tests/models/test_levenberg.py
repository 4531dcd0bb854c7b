from dataclasses import fields

import numpy as np
import pytest
import torch
from torch.func import functional_call, jacrev

from tellapart.models import levenberg
from tellapart.models.label_coordinates import LabelCoordinates
from tellapart.models.least_squares import levenberg_marquardt
from tellapart.models.levenberg import Parameters, ReferenceProblem, System, residuals
from tellapart.models.networks import reference_subject
from tellapart.theory.gallery import random_mdp
from tellapart.theory.mdp import DeterministicMDP

NAMES = [field.name for field in fields(Parameters)]


def tiny(n=4, n_actions=3, q=2, d=3, hidden=5, seed=0):
    rng = np.random.default_rng(seed)
    labels = [tuple(row) for row in rng.integers(3, size=(n, q)).tolist()]
    mdp = DeterministicMDP(rng.integers(n, size=(n, n_actions)), labels)
    subject = reference_subject(mdp, seed=seed, latent_dim=d, hidden=hidden)
    system = System(
        torch.from_numpy(mdp.successors.astype(np.int64)), torch.tensor(mdp.label_vectors)
    )
    return Parameters.of(subject.encoder, subject.predictor, subject.head), system, subject, mdp


def full_jacobian(p, system):
    """Differentiate all residuals by all weights, without any of the structure used."""

    def flat(weights):
        return residuals(Parameters(**weights), system).flat

    parts = jacrev(flat)({name: getattr(p, name) for name in NAMES})
    return {name: part.flatten(1) for name, part in parts.items()}


@pytest.mark.parametrize("seed", range(4))
def test_product_and_step_agree_with_automatic_differentiation(seed):
    p, system, *_ = tiny(seed=seed)
    forward = residuals(p, system)
    jac = levenberg._jacobian(p, system, forward)
    by_weight = full_jacobian(p, system)
    scale = {name: levenberg.ENCODER_SCALE if name == "table" else 1.0 for name in NAMES}
    wide = torch.cat([scale[name] * by_weight[name] for name in NAMES], dim=1)
    product = levenberg.jacobian_product(p, system, jac)
    assert torch.allclose(product, wide @ wide.T, rtol=1e-10, atol=1e-13)
    dual = torch.randn(
        len(wide), dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    step = levenberg._step(p, system, jac, dual)
    for name in NAMES:
        expected = -(scale[name] ** 2) * (by_weight[name].T @ dual)
        assert torch.allclose(getattr(step, name).reshape(-1), expected, rtol=1e-10, atol=1e-13)


def test_residuals_are_those_of_the_modules():
    p, system, subject, mdp = tiny()
    n, n_actions = mdp.successors.shape
    actions = torch.arange(n_actions).repeat(n)
    z = functional_call(subject.encoder, {"table": p.table}, torch.arange(n))
    predicted = subject.predictor(z.repeat_interleave(n_actions, dim=0), actions)
    forward = residuals(p, system)
    gap = predicted - z[system.successors.reshape(-1)]
    assert torch.allclose(forward.dynamics * (n * n_actions) ** 0.5, gap)
    assert torch.allclose(forward.aux * n**0.5, subject.head(z) - system.targets)
    assert torch.allclose(forward.anchor, 0.3 * ((p.table**2).mean(dim=0) - 1))


def test_steps_are_reported_in_order_and_the_loss_vanishes():
    p, system, *_ = tiny(hidden=32)
    seen = []

    def report(step, *_):
        seen.append(step)
        return False

    _, loss, steps = levenberg_marquardt(ReferenceProblem(system), p, 60, report)
    start = float(residuals(p, system).flat.square().sum())
    assert loss < 1e-20 < start
    assert seen == sorted(set(seen))
    assert seen[-1] <= steps <= 60


def test_the_step_limit_is_kept():
    p, system, *_ = tiny()
    assert levenberg_marquardt(ReferenceProblem(system), p, 2, lambda *_: False)[2] == 2


def test_weights_are_stored_in_the_modules():
    p, _, subject, _ = tiny()
    doubled = p.plus(p)
    doubled.store(subject.encoder, subject.predictor, subject.head)
    again = Parameters.of(subject.encoder, subject.predictor, subject.head)
    for name in NAMES:
        assert torch.equal(getattr(again, name), 2 * getattr(p, name))


@pytest.mark.parametrize(
    "labels",
    [
        [(-1.0, -100.0, 0.0), (-1.0, -1.0, 0.0), (-1.0, -1.0, 0.0)],
        [(3.0, 6.0), (1.0, 2.0), (2.0, 4.0)],
        [(7.0,), (7.0,), (7.0,)],
        [(0.0,), (1e-8,), (0.0,)],
        [(1e9, 1.0), (1e9, 0.0), (1e9, 0.0)],
    ],
)
def test_label_coordinates_are_white_and_give_the_labels_back(labels):
    values = torch.tensor(labels, dtype=torch.float64)
    coordinates = LabelCoordinates.of(values)
    back = coordinates.targets @ coordinates.mixing + coordinates.mean
    assert torch.allclose(back, values, rtol=1e-12, atol=1e-12 * float(values.abs().max()))
    targets = coordinates.targets
    assert torch.allclose(targets.mean(dim=0), torch.zeros(1, dtype=torch.float64), atol=1e-9)
    if len({tuple(row) for row in labels}) > 1:
        gram = targets.T @ targets / len(labels)
        assert torch.allclose(gram, torch.eye(len(gram), dtype=torch.float64), atol=1e-9)


def test_training_starts_with_a_head_that_reads_every_label():
    p, system, _, mdp = tiny(n=5, d=4)
    coordinates = LabelCoordinates.of(torch.tensor(mdp.label_vectors))
    started = coordinates.start(p)
    aux = residuals(started, System(system.successors, coordinates.targets)).aux
    assert float(aux.abs().max()) < 1e-12
    finished = coordinates.finish(started)
    read = finished.table @ finished.head_weight + finished.head_bias
    assert torch.allclose(read, torch.tensor(mdp.label_vectors), atol=1e-12)


def test_random_mdps_of_sixteen_converge():
    for seed in range(3):
        mdp = random_mdp(16, 2, 2, seed=seed)
        subject = reference_subject(mdp, seed=seed)
        labels = LabelCoordinates.of(torch.tensor(mdp.label_vectors))
        system = System(torch.from_numpy(mdp.successors.astype(np.int64)), labels.targets)
        start = labels.start(Parameters.of(subject.encoder, subject.predictor, subject.head))
        assert (
            levenberg_marquardt(ReferenceProblem(system), start, 60, lambda *_: False)[1] <= 1e-26
        )
