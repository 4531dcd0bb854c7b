import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.evaluation import evaluate
from tellapart.models.krylov import krylov_subject
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, cycle, random_mdp
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.mdp import DeterministicMDP


@settings(max_examples=60)
@given(deterministic_mdps(max_observations=12), st.integers(0, 100))
def test_the_loss_is_numerically_zero_and_the_dimension_the_capacity(mdp, seed):
    subject = krylov_subject(mdp, seed=seed)
    found = evaluate(subject, mdp)
    assert found.dynamics_loss <= 1e-24
    assert found.aux_loss <= 1e-24 * max(1.0, float(np.square(mdp.label_vectors).sum(1).mean()))
    assert found.latent_dim == max(1, capacity(mdp).linear)
    partition = bisimulation(mdp).partition
    if partition.n_blocks > 1:
        assert found.resolution(mdp, partition).ratio < 1e-9


def test_bisimilar_observations_share_a_code_up_to_rounding():
    mdp = DeterministicMDP([[1, 2], [0, 0], [0, 0]], [0.0, 1.0, 1.0])
    codes = evaluate(krylov_subject(mdp), mdp).codes
    assert np.allclose(codes[1], codes[2], atol=1e-12)
    assert np.linalg.norm(codes[0] - codes[1]) > 0.1


def test_the_gauge_follows_the_seed():
    chain = counting_chain(9)
    first, again, other = (krylov_subject(chain, seed=k).encoder.codes for k in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@pytest.mark.parametrize("scale", [1e-3, 1e6, 1e12])
def test_labels_of_any_size(scale):
    base = random_mdp(8, 2, 2, seed=4)
    mdp = base.with_labels([scale * float(v) for v in base.labels])
    found = evaluate(krylov_subject(mdp), mdp)
    assert found.dynamics_loss <= 1e-24
    assert found.aux_loss <= 1e-24 * max(1.0, scale**2)


def test_zero_labels_need_one_latent():
    mdp = cycle(4).with_labels([0.0] * 4)
    found = evaluate(krylov_subject(mdp), mdp)
    assert (found.latent_dim, found.dynamics_loss, found.aux_loss) == (1, 0.0, 0.0)


def test_it_does_not_claim_to_be_exact():
    assert krylov_subject(counting_chain(5)).tables is None


@pytest.mark.parametrize(("mdp", "seed"), [("chain", 0), (counting_chain(3), -1), (cycle(), True)])
def test_bad_arguments_are_refused(mdp, seed):
    with pytest.raises(InvalidArgumentError):
        krylov_subject(mdp, seed=seed)
