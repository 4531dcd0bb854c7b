import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.evaluation import evaluate
from tellapart.models.exact import verify_exact
from tellapart.models.gauges import gauged_linear_subject, integer_gauge
from tellapart.models.linear import linear_subject
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import gallery
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import kernel

LABELS = ([0, 1, 2], [0.25, -8, 3], [3, 1, 7], ["goal", "road", "wall"], [0, 0, 0])


@st.composite
def labelled(draw):
    mdp = draw(deterministic_mdps(max_observations=7))
    values = draw(st.sampled_from(LABELS))
    return mdp.with_labels([values[i] for i in mdp.label_ids.tolist()])


@given(st.integers(1, 12), st.integers(0, 2**32), st.none() | st.integers(0, 100))
def test_gauges_are_integers_with_integer_inverses(d, seed, shears):
    matrix, inverse = integer_gauge(d, seed, shears)
    assert np.array_equal(matrix @ inverse, np.eye(d))
    assert np.array_equal(inverse @ matrix, np.eye(d))
    assert max(np.abs(matrix).max(), np.abs(inverse).max()) <= 8
    if shears == 0:
        assert (np.count_nonzero(matrix, axis=0) == 1).all()


def test_a_gauge_mixes_coordinates():
    matrix, _ = integer_gauge(6, seed=0)
    assert np.count_nonzero(matrix) > 10


@given(labelled(), st.integers(0, 99))
def test_zero_loss_bit_for_bit_in_any_gauge(mdp, seed):
    subject = gauged_linear_subject(mdp, seed=seed)
    found = evaluate(subject, mdp)
    assert np.array_equal(found.predicted, found.codes[mdp.successors])
    assert np.array_equal(found.read, mdp.label_vectors)
    assert kernel(found.codes) == bisimulation(mdp).partition
    assert verify_exact(mdp, subject.tables, found)
    assert found.latent_dim in (max(1, capacity(mdp).linear), bisimulation(mdp).partition.n_blocks)


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_gallery(entry):
    mdp = entry.build()
    found = evaluate(gauged_linear_subject(mdp, seed=3), mdp)
    assert (found.dynamics_loss, found.aux_loss) == (0.0, 0.0)
    assert found.latent_dim == max(1, capacity(mdp).linear)


def test_the_plain_gauge_is_the_smallest_model_itself():
    mdp = gallery()[0].build()
    plain, smallest = (
        evaluate(build, mdp) for build in (gauged_linear_subject(mdp), linear_subject(mdp))
    )
    assert np.array_equal(plain.codes, smallest.codes)
    assert not np.array_equal(evaluate(gauged_linear_subject(mdp, seed=1), mdp).codes, plain.codes)


def test_where_the_smallest_model_has_thirds_each_block_gets_a_latent():
    mdp = DeterministicMDP([[0], [0], [0]], [1, 7, 3])
    with pytest.raises(InvalidArgumentError, match=r"about 0\.333333\) that is not exact"):
        linear_subject(mdp)
    for seed in range(4):
        subject = gauged_linear_subject(mdp, seed=seed)
        found = evaluate(subject, mdp)
        assert verify_exact(mdp, subject.tables, found)
        assert found.latent_dim == 3 > capacity(mdp).linear


@pytest.mark.parametrize("d", [0, -1, True, 2.0])
def test_a_gauge_needs_a_size(d):
    with pytest.raises(InvalidArgumentError, match="a gauge needs an integer >= 1"):
        integer_gauge(d, 0)
