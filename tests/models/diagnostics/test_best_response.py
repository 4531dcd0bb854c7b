import copy
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.diagnostics.best_response import best_response_subject, on_grid
from tellapart.models.evaluation import evaluate
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.partition import kernel
from tellapart.theory.stability import is_admissible

MDPS = deterministic_mdps(max_observations=7, max_actions=2, max_labels=3)


@given(MDPS, st.booleans(), st.data())
def test_losses_are_the_smallest_possible(mdp, coarse, data):
    """S11: group means, computed here over rationals by code that shares nothing with ours."""
    n = mdp.n_obs
    unit = 1.0 if coarse else 0.25
    rows = data.draw(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)),
                              min_size=n, max_size=n))  # fmt: skip
    codes = unit * np.array(rows, dtype=float)
    found = evaluate(best_response_subject(mdp, codes), mdp)
    assert np.array_equal(found.codes, codes)
    expected = Fraction(0)
    for a in range(mdp.n_actions):
        for code in set(rows):
            members = [rows[int(mdp.successors[o, a])] for o in range(n) if rows[o] == code]
            for values in zip(*members, strict=True):
                mean = Fraction(sum(values), len(values))
                expected += sum((v - mean) ** 2 for v in values)
    scaled = float(expected) * unit**2 / (n * mdp.n_actions)
    assert found.dynamics_loss == pytest.approx(scaled, rel=1e-9, abs=1e-28)
    if is_admissible(mdp, kernel(codes)):
        assert found.dynamics_loss == found.aux_loss == 0.0


def test_exact_values_between_and_on_the_codes():
    subject = best_response_subject(counting_chain(9), np.arange(9.0)[:, None])
    z = torch.tensor([[0.0], [3.5], [8.0], [20.0]], dtype=torch.float64)
    up = torch.ones(4, dtype=torch.int64)
    assert subject.predictor(z, up).flatten().tolist() == [1.0, 4.5, 8.0, 0.0]
    assert subject.head(z).flatten().tolist() == [0.0, 0.5, 0.0, 0.0]
    assert subject.n_parameters == 0


def test_large_noise_is_told_apart_and_seeded():
    mdp = random_mdp(300, 2, 2, seed=1)
    codes = on_grid(np.random.default_rng(0).standard_normal((300, 6)))
    first, second = (best_response_subject(mdp, codes, seed=s) for s in (0, 0))
    assert evaluate(first, mdp).dynamics_loss == 0.0
    same = (torch.equal(x, y) for x, y in zip(
        first.predictor.state_dict().values(), second.predictor.state_dict().values(),
        strict=True))  # fmt: skip
    assert all(same)
    assert copy.deepcopy(first.head).state_dict().keys() == first.head.state_dict().keys()


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (np.zeros((3, 1)), "do not fit 4 observations"),
        (np.full((4, 1), 0.1), "no multiples of 2\\^-20"),
        (np.arange(4.0)[:, None] * 2.0**60, "use smaller codes"),
        (np.full((4, 1), np.nan), "nan"),
    ],
)
def test_bad_codes(codes, said):
    with pytest.raises(InvalidArgumentError, match=said):
        best_response_subject(counting_chain(4), codes)
