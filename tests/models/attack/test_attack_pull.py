"""The least-squares problems of the attack: right derivatives, residuals that mean something."""

from itertools import product

import pytest
import torch
from torch import nn

from tellapart.models.attack.module_pull import ModulePull, descend
from tellapart.models.attack.pull import Pull, PulledReference
from tellapart.models.levenberg import ENCODER_SCALE, Parameters, System
from tellapart.models.networks import reference_subject
from tellapart.models.runs import reference_trio
from tellapart.models.subject import Subject
from tellapart.theory.gallery import counting_chain

CHAIN = counting_chain(4)
SYSTEM = System(
    torch.tensor(CHAIN.successors, dtype=torch.int64), torch.tensor(CHAIN.label_vectors)
)
COUNTED = [(dynamics, aux) for dynamics, aux in product((True, False), repeat=2) if dynamics or aux]


class Predictor(nn.Sequential):
    def forward(self, z, a):
        action = nn.functional.one_hot(a, self[0].in_features - z.shape[1]).to(z)
        return super().forward(torch.cat([z, action], dim=1))


def modules(mdp, seed=0, d=3, hidden=5, dtype=torch.float64):
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Linear(mdp.n_obs, 6), nn.Tanh(), nn.Linear(6, d))
    predictor = Predictor(nn.Linear(d + mdp.n_actions, hidden), nn.Tanh(), nn.Linear(hidden, d))
    head = nn.Linear(d, mdp.label_vectors.shape[1])
    return Subject(encoder.to(dtype), predictor.to(dtype), head.to(dtype))


def parameters(seed=0):
    subject = reference_subject(CHAIN, seed=seed, latent_dim=3, hidden=5)
    return Parameters.of(*reference_trio(subject, CHAIN))


def dense(residuals, at, step=1e-6):
    """Differentiate by central differences."""
    columns = [
        (residuals(at + step * e) - residuals(at - step * e)) / (2 * step)
        for e in torch.eye(len(at), dtype=torch.float64)
    ]
    return torch.stack(columns, dim=1)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(("dynamics", "aux"), COUNTED)
def test_reference_product_and_step_agree_with_a_dense_jacobian(centred, dynamics, aux):
    pull = Pull(0, 2, 1.7, centred, dynamics, aux, also=((1, 3),))
    problem, point = PulledReference(SYSTEM, pull), parameters()
    names = list(vars(point))
    shapes = [getattr(point, name).shape for name in names]
    sizes = [shape.numel() for shape in shapes]

    def unflat(vector):
        pieces = torch.split(vector, sizes)
        return Parameters(*(p.view(shape) for p, shape in zip(pieces, shapes, strict=True)))

    def flat(weights):
        return torch.cat([getattr(weights, name).reshape(-1) for name in names])

    at = flat(point)
    jacobian = dense(lambda vector: problem.residuals(unflat(vector)), at)
    metric = torch.ones(len(at), dtype=torch.float64)
    metric[: sizes[0]] = ENCODER_SCALE
    found, move = problem.linearise(point)
    assert torch.allclose(found, (jacobian * metric**2) @ jacobian.T, atol=1e-6)
    dual = torch.linspace(-1, 1, len(found), dtype=torch.float64)
    assert torch.allclose(flat(move(dual)), at - metric**2 * (jacobian.T @ dual), atol=1e-6)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(("dynamics", "aux"), COUNTED)
def test_module_product_and_step_agree_with_a_dense_jacobian(centred, dynamics, aux):
    pull = Pull(1, 3, 2.5, centred, dynamics, aux, also=((0, 2),))
    problem = ModulePull(modules(CHAIN), CHAIN, pull)
    point = problem.start()
    sizes = [weight.numel() for weight in point]

    def residuals(vector):
        pieces = torch.split(vector, sizes)
        return problem.residuals([p.view_as(w) for p, w in zip(pieces, point, strict=True)])

    at = torch.cat([weight.reshape(-1) for weight in point])
    jacobian = dense(residuals, at)
    metric = torch.cat(
        [torch.full((s,), m, dtype=at.dtype) for s, m in zip(sizes, problem.metric, strict=True)]
    )
    found, move = problem.linearise(point)
    assert torch.allclose(found, (jacobian * metric**2) @ jacobian.T, atol=1e-6)
    dual = torch.linspace(-1, 1, len(found), dtype=torch.float64)
    moved = torch.cat([weight.reshape(-1) for weight in move(dual)])
    assert torch.allclose(moved, at - metric**2 * (jacobian.T @ dual), atol=1e-6)


def test_the_pull_is_its_weight_times_the_distance():
    point = parameters()
    light, heavy = (PulledReference(SYSTEM, Pull(0, 3, w)).residuals(point) for w in (1.0, 10.0))
    apart = point.table[0] - point.table[3]
    assert torch.allclose(light[-3:], apart)
    assert torch.allclose(heavy[-3:], 10 * apart)
    assert torch.equal(light[:-3], heavy[:-3])


def test_a_centred_anchor_sees_through_a_constant_code():
    constant = torch.ones((4, 3), dtype=torch.float64)
    assert Pull(0, 1, 1.0, centred=True).moments(constant).tolist() == [0, 0, 0]
    assert Pull(0, 1, 1.0, centred=False).moments(constant).tolist() == [1, 1, 1]


def test_adam_brings_the_pair_together():
    problem = ModulePull(modules(CHAIN), CHAIN, Pull(0, 3, 1.0, aux=False))

    def distance():
        with torch.no_grad():
            codes = problem.subject.encoder(torch.eye(4, dtype=torch.float64))
        return float((codes[0] - codes[3]).norm())

    before = distance()
    assert descend(problem, [problem.pull], 150, 1e-2) == 150
    assert distance() < 0.2 * before


class Breaking(nn.Module):
    """Give the codes through, and infinity after some calls."""

    calls = 0

    def forward(self, z):
        self.calls += 1
        return z if self.calls < 20 else z / 0


def test_adam_goes_back_where_the_loss_is_not_finite():
    made = modules(CHAIN)
    broken = Subject(nn.Sequential(made.encoder, Breaking()), made.predictor, made.head)
    problem = ModulePull(broken, CHAIN, Pull(0, 3, 1.0))
    before = problem.start()
    assert descend(problem, [problem.pull], 40, 1e-2) == 18
    assert all(torch.equal(a, b) for a, b in zip(before, problem.start(), strict=True))
