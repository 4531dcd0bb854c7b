import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.gauss_newton import _Linearised, gauss_newton_cg


def network(n_inputs, hidden, seed):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((n_inputs, hidden), (hidden,), (hidden, 2))
    return [
        torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
        for shape in shapes
    ]


def problem(weights, n=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn((n, weights[0].shape[0]), generator=generator, dtype=torch.float64)
    targets = torch.randn((n, 2), generator=generator, dtype=torch.float64)
    first, bias, second = weights
    return lambda: (torch.tanh(inputs @ first + bias) @ second - targets).reshape(-1)


@settings(max_examples=10)
@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 100))
def test_products_are_those_of_the_dense_jacobian(n_inputs, hidden, seed):
    weights = network(n_inputs, hidden, seed)
    residuals = problem(weights, seed=seed)
    metric = [0.1, 1.0, 2.0]
    linear = _Linearised(residuals, weights, metric)
    value = residuals()
    rows = [torch.autograd.grad(entry, weights, retain_graph=True) for entry in value]
    dense = torch.stack(
        [torch.cat([s * g.reshape(-1) for s, g in zip(metric, row, strict=True)]) for row in rows]
    )
    generator = torch.Generator().manual_seed(seed)
    direction = [torch.randn(w.shape, generator=generator, dtype=torch.float64) for w in weights]
    flat = torch.cat([part.reshape(-1) for part in direction])
    assert torch.allclose(linear.times(direction), dense @ flat, atol=1e-10)
    back = torch.randn(value.shape, generator=generator, dtype=torch.float64)
    found = torch.cat([part.reshape(-1) for part in linear.transposed(back)])
    assert torch.allclose(found, dense.T @ back, atol=1e-10)


def test_an_overparameterised_network_is_solved():
    weights = network(3, 30, 0)
    residuals = problem(weights)
    loss, steps = gauss_newton_cg(
        residuals, weights, [1.0] * 3, steps=60, inner_steps=60, stop_below=1e-20
    )
    assert loss <= 1e-20
    assert float(residuals().detach().square().sum()) == loss
    assert steps < 60


def test_linear_least_squares_reaches_the_optimum():
    generator = torch.Generator().manual_seed(1)
    matrix = torch.randn((12, 4), generator=generator, dtype=torch.float64)
    right = torch.randn(12, generator=generator, dtype=torch.float64)
    x = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    loss, _ = gauss_newton_cg(lambda: matrix @ x - right, [x], [1.0], steps=40, inner_steps=20)
    best = torch.linalg.lstsq(matrix, right).solution
    assert torch.allclose(x.detach(), best, atol=1e-6)
    assert loss == pytest.approx(float((matrix @ best - right).square().sum()), rel=1e-9)


def test_the_loss_never_rises_and_the_step_limit_is_kept():
    weights = network(2, 2, 3)
    residuals = problem(weights)
    before = float(residuals().detach().square().sum())
    for steps in (1, 2, 5):
        loss, taken = gauss_newton_cg(residuals, weights, [1.0] * 3, steps=steps, inner_steps=5)
        assert loss <= before
        assert taken <= steps
        before = loss


def test_weights_that_nothing_depends_on_stay():
    weights = network(2, 3, 0)
    idle = torch.ones(2, dtype=torch.float64, requires_grad=True)
    residuals = problem(weights)
    gauss_newton_cg(residuals, [idle, *weights], [1.0] * 4, steps=3, inner_steps=5)
    assert torch.equal(idle.detach(), torch.ones(2, dtype=torch.float64))


class OnceOnly(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return 2 * gradient


def test_without_a_second_derivative_it_says_so_and_the_weights_stay():
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    with pytest.raises(RuntimeError):
        gauss_newton_cg(lambda: OnceOnly.apply(x) - 5, [x], [1.0], steps=3, inner_steps=3)
    assert torch.equal(x.detach(), torch.ones(3, dtype=torch.float64))
