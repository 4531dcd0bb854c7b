"""Levenberg-Marquardt on any modules: right, useful on the gallery, and giving way."""

import pytest
import torch
from torch import nn

from tellapart.models.evaluation import evaluate
from tellapart.models.fit import fit
from tellapart.models.least_squares import levenberg_marquardt
from tellapart.models.module_levenberg import ENCODER_SCALE, ModuleProblem, module_sizes
from tellapart.models.subject import Subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.gallery import counting_chain, gallery_mdp

CHAIN = counting_chain(5)


class Predictor(nn.Sequential):
    def forward(self, z, a):
        action = nn.functional.one_hot(a, self[0].in_features - z.shape[1])
        return super().forward(torch.cat([z, action], dim=1))


def subject(mdp, d=8, hidden=64, seed=0, dtype=torch.float32):
    torch.manual_seed(seed)
    predictor = Predictor(nn.Linear(d + mdp.n_actions, hidden), nn.Tanh(), nn.Linear(hidden, d))
    encoder, head = nn.Linear(mdp.n_obs, d), nn.Linear(d, mdp.label_vectors.shape[1])
    return Subject(encoder.to(dtype), predictor.to(dtype), head.to(dtype))


def test_product_and_step_agree_with_a_dense_jacobian():
    made = subject(CHAIN, d=3, hidden=4, dtype=torch.float64)
    problem = ModuleProblem(made, CHAIN)
    point = problem.start()
    sizes = [weight.numel() for weight in point]

    def flat_residuals(vector):
        pieces = torch.split(vector, sizes)
        values = [piece.view_as(w) for piece, w in zip(pieces, point, strict=True)]
        return problem.residuals(values)

    at = torch.cat([weight.reshape(-1) for weight in point])
    step = 1e-6
    dense = torch.stack(
        [
            (flat_residuals(at + step * e) - flat_residuals(at - step * e)) / (2 * step)
            for e in torch.eye(len(at), dtype=torch.float64)
        ],
        dim=1,
    )
    scale = torch.cat(
        [
            torch.full((size,), s, dtype=at.dtype)
            for size, s in zip(sizes, problem.metric, strict=True)
        ]
    )
    product, move = problem.linearise(point)
    assert torch.allclose(product, (dense * scale**2) @ dense.T, atol=1e-6)
    dual = torch.linspace(-1, 1, len(product), dtype=torch.float64)
    moved = torch.cat([weight.reshape(-1) for weight in move(dual)])
    assert torch.allclose(moved, at - scale**2 * (dense.T @ dual), atol=1e-6)
    assert min(problem.metric) == ENCODER_SCALE


@pytest.mark.parametrize(
    "name", ["counting-9", "pick", "redundant-pick", "grid-3x4", "lock-6", "hopcroft-ullman"]
)
def test_plain_modules_are_resolved_on_the_gallery(name):
    mdp = gallery_mdp(name)
    made = subject(mdp)
    result = fit(made, mdp)
    assert (result.method, result.resolved) == ("lm", True)
    measured = evaluate(made, mdp).resolution(mdp, bisimulation(mdp).partition)
    assert measured.ratio == result.ratio < 1


def test_sizes_count_shared_weights_once():
    made = subject(CHAIN, d=3, hidden=4)
    shared = Subject(made.encoder, made.predictor, nn.Sequential(nn.Linear(3, 1)))
    residuals, weights = module_sizes(shared, CHAIN)
    assert residuals == 5 * (2 * 3 + 1) + 3
    assert weights == shared.n_parameters


def test_half_precision_is_left_to_the_first_order_trainer():
    assert module_sizes(subject(CHAIN, dtype=torch.bfloat16), CHAIN) is None


class NoBatchedDerivative(torch.autograd.Function):
    """An operation of a user's own, whose derivative cannot be taken for many rows at once."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        if float(gradient.sum()) == float("inf"):  # reads a value: not possible under vmap
            return gradient
        return gradient


class Wrapped(nn.Linear):
    def forward(self, x):
        return NoBatchedDerivative.apply(super().forward(x))


def test_modules_without_a_batched_derivative_are_trained_first_order():
    made = subject(CHAIN)
    wrapped = Subject(Wrapped(5, 8), made.predictor, made.head)
    assert fit(wrapped, CHAIN, max_steps=3).method == "first-order"


def test_a_failed_attempt_leaves_the_weights_as_they_were():
    narrow, again = subject(CHAIN, d=1, hidden=1), subject(CHAIN, d=1, hidden=1)
    problem = ModuleProblem(narrow, CHAIN)
    before = problem.start()
    levenberg_marquardt(problem, before, 5, lambda *_: False)
    problem.set(before)
    for mine, theirs in zip(narrow.modules, again.modules, strict=True):
        for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(a, b)
    assert fit(narrow, CHAIN, max_steps=3).method == "first-order"


def test_frozen_weights_stay():
    made = subject(CHAIN)
    made.encoder.requires_grad_(False)
    before = made.encoder.weight.clone()
    assert fit(made, CHAIN).method == "lm"
    assert torch.equal(made.encoder.weight, before)
