"""The vacuity threshold: known answers on the counting chain, and reasons where there is none."""

import numpy as np
import pytest
from hand_models import counting_model, fitted_model, linear, mlp, silu, table
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.gallery import counting_chain
from tellapart.theory.margins.maker import certify_margins
from tellapart.theory.margins.margins import Margins, PairMargin
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel

CHAIN = counting_chain(9)


@pytest.mark.parametrize("drift", [1e-6, 0.03125, 0.2, 0.5])
def test_the_chain_stands_drift_below_an_eighth(drift):
    """Words of up to four letters lose 2 ε a letter; labels are read exactly, L = K = 1."""
    result = certify_margins(CHAIN, counting_model(9, 4, drift), max_path_work=0)
    assert result.residual == pytest.approx(drift, rel=1e-6)
    assert result.aux_residual == 0
    assert 0.122 < result.threshold <= 0.125
    assert result.factor == pytest.approx(result.threshold / result.residual)
    assert result.certified == (drift < 0.125)
    done = "36" if result.certified else str(result.n_certified)
    assert f"after {done} of its 36 pairs" in result.explain()


@given(
    deterministic_mdps(max_observations=6, max_actions=2, max_labels=2),
    st.integers(0, 2**32 - 1),
    st.sampled_from((1e-8, 1e-2, 0.3)),
)
def test_a_factor_above_one_means_certified_and_below_means_not(mdp, seed, noise):
    model = fitted_model(mdp, mdp.successors, seed, noise=noise)
    result = certify_margins(mdp, model, max_path_work=0)
    if result.factor is not None:
        assert result.factor > 0
        assert result.certified or result.factor < 1
        assert result.factor > 0.98 or not result.certified
    else:
        assert result.threshold_note
        assert result.threshold_note in result.threshold_sentence


def test_reasons_why_there_is_no_threshold():
    flat = CHAIN.with_labels([0] * 9)
    result = certify_margins(flat, counting_model(9, 4))
    assert "no pair must be told apart" in result.explain()
    assert not result.certified
    assert certify_margins(CHAIN, counting_model(9, 4), threshold=False).threshold is None

    twins = DeterministicMDP([[1], [1], [1]], labels=[0.0, 1.0, 2.0])
    seen = np.array([[1.0], [2.0], [2.0]])  # two observations look the same, but tanh is rounded
    encoder = mlp(np.ones((1, 2)), np.zeros(2), np.eye(2), np.zeros(2))
    step, head = table(np.ones((3, 2))), mlp(np.ones((2, 1)), np.zeros(1), np.ones((1, 1)), np.zeros(1), silu)  # fmt: skip # noqa: E501
    model = NetworkModel(encoder, (step,), head, seen, "float64")
    result = certify_margins(twins, model)
    assert result.certificate.predictor_constants == (None,)
    assert result.certificate.head_constant is None
    assert "2 parts of the model" in result.explain()


def test_residuals_that_cannot_matter():
    """All pairs are told apart by labels that are read exactly, whatever the dynamics do."""
    mdp = DeterministicMDP([[0], [0]], labels=[0.0, 1.0])
    codes = np.array([[0.0], [1.0]])
    model = NetworkModel(table(codes), (table(codes),), linear(np.eye(1)), None, "float64")
    result = certify_margins(mdp, model)
    assert result.certified
    assert result.residual == pytest.approx(1)
    assert result.threshold is None
    assert "residuals decide nothing here" in result.explain()


def test_long_words_and_many_rows_print_short():
    chain = counting_chain(41)
    target = int(np.argmax(chain.label_vectors))
    result = certify_margins(chain, counting_model(41, target, 1e-9))
    assert result.certified
    assert len(result.by_depth) == 21
    assert "  .." in result.explain().splitlines()
    last = result.by_depth[-1].smallest
    assert len(last.word) == 20
    assert "-1 .. -1 (20 actions)" in repr(last)
    assert len(result.explain().splitlines()) < 20
    assert PairMargin.from_json(last.to_json()) == last
    assert Margins.from_json(result.to_json()).explain() == result.explain()
