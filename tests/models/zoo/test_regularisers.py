import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.diagnostics.gaussianity import NORMAL_MEAN, epps_pulley
from tellapart.models.zoo.regularisers import (
    sketched_normality,
    vicreg_covariance,
    vicreg_variance,
)


def sample(n, d, seed, scale=1.0):
    return scale * np.random.default_rng(seed).standard_normal((n, d))


@given(st.integers(2, 12), st.integers(1, 5), st.integers(0, 99), st.floats(0, 3))
def test_variance_and_covariance_are_those_of_numpy(n, d, seed, scale):
    codes = sample(n, d, seed, scale)
    c = np.cov(codes, rowvar=False).reshape(d, d)
    hinge = np.maximum(0, 1 - np.sqrt(np.diag(c) + 1e-4)).mean()
    across = (c**2).sum() - (np.diag(c) ** 2).sum()
    assert np.isclose(float(vicreg_variance(torch.tensor(codes))), hinge)
    assert np.isclose(float(vicreg_covariance(torch.tensor(codes))), across / d, atol=1e-12)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 6), st.integers(0, 99))
def test_sigreg_is_the_statistic_of_the_diagnostics(n, d, k, seed):
    codes = sample(n, d, seed)
    directions = sample(d, k, seed + 1)
    directions /= np.linalg.norm(directions, axis=0)
    got = sketched_normality(torch.tensor(codes), torch.tensor(directions))
    assert np.isclose(float(got), epps_pulley(codes @ directions).mean())


def test_known_values():
    assert np.isclose(float(vicreg_variance(torch.zeros(5, 3))), 0.99)
    assert float(vicreg_covariance(torch.zeros(5, 3))) == 0
    one = torch.ones(1, 1, dtype=torch.float64)
    collapsed = sketched_normality(torch.zeros(128, 1, dtype=torch.float64), one)
    exact = np.sqrt(2 * np.pi) * (1 - np.sqrt(2) + 1 / np.sqrt(3))  # of the integral
    assert abs(float(collapsed) / 128 - exact) < 1e-4
    normal = sketched_normality(torch.tensor(sample(2000, 1, 0)), one)
    assert float(normal) < 4 * NORMAL_MEAN


def test_gradients_push_collapsed_codes_apart():
    codes = (1e-2 * torch.tensor(sample(9, 2, 0))).requires_grad_()
    (vicreg_variance(codes) + sketched_normality(codes, torch.eye(2).double())).backward()
    moved = (codes - 0.01 * codes.grad).detach()
    assert bool((moved.std(dim=0) > codes.detach().std(dim=0)).all())
