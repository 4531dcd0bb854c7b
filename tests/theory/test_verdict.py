"""Verdicts never lie: known-bad encoders, each with the verdict it must get."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InternalError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.verdict import Grade, Proofs, Verdict, judge
from tellapart.theory.witness_checker import replay_witness

CHAIN = counting_chain(9)


def perfect(codes, mdp=CHAIN):
    """Predictions and labels without error, for the given codes."""
    return codes, codes[mdp.successors], mdp.label_vectors


def judged(*model, mdp=CHAIN, **options):
    return judge(bisimulation(mdp), *model, **options)


@given(deterministic_mdps(), st.integers(0, 1000))
def test_merging_any_pair_of_different_blocks_is_never_a_pass(mdp, seed):
    bisim = bisimulation(mdp)
    codes = np.random.default_rng(seed).normal(size=(mdp.n_obs, 3))
    for x, y in np.argwhere(bisim.partition.ids[:, None] != bisim.partition.ids[None])[:5]:
        merged = codes.copy()
        merged[y] = merged[x]
        found = judge(bisim, merged, merged[mdp.successors], mdp.label_vectors)
        assert found.verdict is Verdict.COLLAPSED
        witness = found.witness
        assert witness is not None
        assert witness.x_trace[-1] != witness.y_trace[-1]
        assert witness.x_trace[:-1] == witness.y_trace[:-1]


@given(deterministic_mdps(), st.integers(0, 1000))
def test_distinct_codes_without_error_hold_unless_nothing_must_be_told_apart(mdp, seed):
    bisim = bisimulation(mdp)
    codes = np.random.default_rng(seed).permutation(mdp.n_obs).astype(float)[:, None]
    found = judge(bisim, codes, codes[mdp.successors], mdp.label_vectors)
    wanted = Verdict.HOLDS if bisim.n_must_separate else Verdict.VACUOUS
    assert found.verdict is wanted
    assert found.grade is Grade.RESOLVED


def test_constant_code_collapses_all_36_pairs_with_the_hardest_as_witness():
    found = judged(*perfect(np.ones((9, 2))))
    assert found.verdict is Verdict.COLLAPSED
    assert found.separation.n_merged == 36
    assert (found.witness.x, found.witness.y) == (0, 8)
    assert len(found.witness.word) == 4


def test_merging_only_the_deepest_pair_is_found():
    codes = np.eye(9)
    codes[8] = codes[0]
    found = judged(*perfect(codes))
    assert found.verdict is Verdict.COLLAPSED
    assert found.separation.n_merged == 1


def test_scaled_label_code_at_raw_loss_1e_minus_25_is_collapsed():
    scale = 1e-12
    codes = scale * CHAIN.label_vectors
    predicted = np.zeros((9, 2, 1))
    loss = np.square(predicted - codes[CHAIN.successors]).sum(axis=2).mean()
    assert loss < 1e-24
    found = judged(codes, predicted, CHAIN.label_vectors)
    assert found.verdict is Verdict.COLLAPSED
    assert found.grade is Grade.UNMET


def test_collinear_codes_are_healthy():
    assert judged(*perfect(np.arange(9.0)[:, None])).verdict is Verdict.HOLDS


def test_full_rank_noise_does_not_hide_an_unmet_premise():
    codes = np.random.default_rng(0).normal(size=(9, 16))
    found = judged(codes, np.zeros((9, 2, 16)), CHAIN.label_vectors)
    assert found.verdict is Verdict.VACUOUS
    assert found.grade is Grade.UNMET
    assert "dynamics_loss" in found.reasons[0]


def test_unread_labels_are_named_as_the_missing_hypothesis():
    codes = np.arange(9.0)[:, None]
    found = judged(codes, codes[CHAIN.successors], np.zeros((9, 1)))
    assert found.verdict is Verdict.VACUOUS
    assert any("aux_loss" in reason for reason in found.reasons)


def test_count_modulo_3_collapses_although_actions_can_be_read_off_it():
    found = judged(*perfect(np.arange(9.0)[:, None] % 3))
    assert found.verdict is Verdict.COLLAPSED


def test_constant_label_is_vacuous_never_a_pass():
    mdp = CHAIN.with_labels([0] * 9)
    found = judged(*perfect(np.eye(9), mdp), mdp=mdp)
    assert found.verdict is Verdict.VACUOUS
    assert "informative_label" in found.reasons[0]


def test_a_merge_under_an_exact_premise_is_reported_as_our_bug():
    with pytest.raises(InternalError, match="contradicts S4"):
        judged(*perfect(np.ones((9, 1))), proofs=Proofs(exact=True))


def test_replay_refuses_words_that_do_not_separate_and_codes_that_are_apart():
    successors, labels = CHAIN.successors.tolist(), CHAIN.labels
    codes = np.zeros((9, 1)).tolist()
    assert replay_witness(successors, labels, codes, 0, 8, (1, 1, 1, 1), 0.0)
    assert not replay_witness(successors, labels, codes, 0, 8, (1, 1, 1), 0.0)
    far = [[float(o)] for o in range(9)]
    assert not replay_witness(successors, labels, far, 0, 8, (1, 1, 1, 1), 0.5)
