"""What an attempt is measured by: no scale, and a bound that no merged pair gets below."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tellapart.models.attack.exact import ExactAnswers
from tellapart.models.attack.measure import is_exactly_zero, measure, tied, zero_tolerance
from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.exact import exact_subject
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.gallery import counting_chain, redundant_pick
from tellapart.theory.partition import Partition

CHAIN, PICK = counting_chain(5), redundant_pick()


def model_of(mdp, codes, rng):
    """Answer at random, but alike for equal codes: some T and some P there are."""
    groups = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    predicted = rng.normal(size=(mdp.n_obs, mdp.n_actions, codes.shape[1]))[groups]
    nearest = codes[mdp.successors][np.unique(groups, return_index=True)[1]][groups]
    read = mdp.label_vectors[np.unique(groups, return_index=True)[1]][groups]
    share = rng.choice([0.0, 0.5, 1.0])  # from the best answer that there is to a random one
    return Evaluation.from_outputs(mdp, codes, nearest + share * (predicted - nearest), read)


@given(deterministic_mdps(max_observations=7), st.integers(0, 2**32 - 1))
def test_merged_against_the_theorem_the_rest_is_never_resolved(mdp, seed):
    exact = ExactAnswers(mdp, "joint")
    ids = exact.bisimulation.partition.ids
    apart = np.argwhere(ids[:, None] != ids[None, :])
    assume(len(apart))
    rng = np.random.default_rng(seed)
    x, y = rng.choice(apart).tolist()
    codes = rng.normal(size=(mdp.n_obs, 3))
    codes[y] = codes[x]
    found = measure(exact, model_of(mdp, codes, rng), x, y)
    assert found.ratio >= 1 - 1e-9
    assert found.distance == 0
    assert found.irreducible > 0


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-9, 0.01, 7.0, 1e6]))
def test_numbers_do_not_change_with_the_scale_of_the_codes(seed, scale):
    rng = np.random.default_rng(seed)
    codes, exact = rng.normal(size=(5, 2)), ExactAnswers(CHAIN, "joint")
    predicted, read = rng.normal(size=(5, 2, 2)), rng.normal(size=(5, 1))
    one, other = (
        measure(exact, Evaluation.from_outputs(CHAIN, s * codes, s * predicted, read.copy()), 0, 3)
        for s in (1.0, scale)
    )
    for name in ("distance", "dynamics", "aux", "loss", "irreducible", "ratio"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9)


@given(deterministic_mdps(max_observations=6), st.integers(0, 2**32 - 1))
def test_the_loss_is_at_least_what_the_codes_leave(mdp, seed):
    assume(len(mdp.label_values) > 1 and mdp.n_obs > 1)
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(mdp.n_obs, 3))
    codes[0] = codes[-1]
    found = measure(ExactAnswers(mdp, "joint"), model_of(mdp, codes, rng), 0, mdp.n_obs - 1)
    assert found.loss >= found.irreducible * (1 - 1e-9)


def test_a_loss_that_is_not_trained_counts_at_its_best():
    codes = np.array([[0.0], [1.0], [2.0], [3.0], [0.0]])  # 0 and 4 share a code
    wild = Evaluation.from_outputs(CHAIN, codes, np.full((5, 2, 1), 9.0), np.zeros((5, 1)))
    aux = measure(ExactAnswers(CHAIN, "aux"), wild, 0, 4)
    assert aux.dynamics == pytest.approx(aux.irreducible)  # 0 and 4 have one label
    assert aux.loss == aux.aux > 0
    both = measure(ExactAnswers(CHAIN, "joint"), wild, 0, 4)
    assert both.dynamics > 1 > aux.dynamics


def test_one_code_for_all_is_compared_with_its_size():
    exact = ExactAnswers(CHAIN, "dynamics")
    codes = np.full((5, 2), 3.0)
    evaluation = Evaluation.from_outputs(CHAIN, codes, np.full((5, 2, 2), 3.0), np.zeros((5, 1)))
    found = measure(exact, evaluation, 0, 1, centred=False)
    assert (found.distance, found.loss) == (0, 0)
    assert found.aux == 1  # nothing but the mean label can be read


def test_tied_codes_are_equal_bit_for_bit():
    codes = np.array([[0.0], [1e-12], [1.0], [5.0]])
    assert tied(codes, 2, 3, 1e-9).ravel().tolist() == [0, 0, 1, 1]
    assert tied(codes, 0, 3, 0.0).ravel().tolist() == [0, 1e-12, 1, 0]


def test_exactly_zero_is_decided_bit_for_bit():
    evaluation = evaluate(exact_subject(PICK), PICK)
    assert is_exactly_zero(PICK, evaluation, 0, 4)
    assert not is_exactly_zero(PICK, evaluation, 0, 1)
    moved = evaluation.predicted.copy()
    moved[0, 0, 0] = np.nextafter(moved[0, 0, 0], 2)
    off = Evaluation.from_outputs(PICK, evaluation.codes, moved, evaluation.read)
    assert not is_exactly_zero(PICK, off, 0, 4)


def test_the_tolerance_knows_the_type():
    evaluation = evaluate(exact_subject(PICK, Partition.identity(9)), PICK)
    coarse = Evaluation.from_outputs(
        PICK, evaluation.codes, evaluation.predicted, evaluation.read, "float32"
    )
    assert zero_tolerance(evaluation) == 1e-6 < zero_tolerance(coarse) < 1e-5
