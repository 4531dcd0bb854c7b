"""Verdicts on data never lie: zero-loss models pass, merged pairs and contradictions do not."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.data_resolution import known_labels
from tellapart.theory.data_verdict import DataCollapse, DataJudgement, judge_data
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.separation_checker import check_separation
from tellapart.theory.verdict import Grade, Verdict, judge


def findings(data, **options):
    return DataAudit("data", analyse(data, **options))


def perfect(data, codes):
    """Codes with predictions of the first successor logged, and labels read without error."""
    known, labels = known_labels(data)
    read = np.zeros((data.n_obs, labels.shape[1]))
    read[known] = labels
    return codes, codes[data.targets], read


def spread_out(partition, seed, d=2):
    """One random code for each block, all different."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(partition.n_blocks, d))[partition.ids]


@given(transition_data(), st.data(), st.integers(0, 1000))
def test_every_zero_loss_model_holds_unless_nothing_must_be_told_apart(data, chooser, seed):
    """S1 and S3: admissible kernels are never called collapsed, whatever they merge."""
    found = findings(data)
    assume(found.feasible)
    names = st.sampled_from(list(data.observations))
    pair = found.separation(chooser.draw(names), chooser.draw(names))
    kernel = found.forced if pair.separated else pair.partition
    judged = judge_data(found, *perfect(data, spread_out(kernel, seed)))
    event(f"merges a pair that is not forced: {kernel != found.forced}")
    wanted = Verdict.HOLDS if found.n_must_separate else Verdict.VACUOUS
    assert judged.verdict is wanted
    assert judged.grade is Grade.RESOLVED
    assert judged.forced_distance == judged.ratio == 0


@given(transition_data(), st.integers(0, 1000))
def test_merging_a_pair_that_must_be_told_apart_is_never_a_pass(data, seed):
    found = findings(data)
    assume(found.feasible and found.n_must_separate)
    rng = np.random.default_rng(seed)
    x, y = np.argwhere(found.analysis.relation.separated)[0]
    x, y = (int(found.forced.representatives[c]) for c in (x, y))
    codes = rng.normal(size=(data.n_obs, 3))
    codes[y] = codes[x]
    judged = judge_data(found, *perfect(data, codes))
    assert judged.verdict is Verdict.COLLAPSED
    witness = judged.witness
    assert found.must_separate(witness.x, witness.y)
    assert check_separation(data, witness.separation)
    assert witness.distance <= witness.threshold
    assert DataJudgement.from_json(judged.to_json()) == judged


@given(transition_data(families=["any", "contradiction"]), st.integers(0, 1000))
def test_infeasible_data_are_infeasible_whatever_the_codes(data, seed):
    found = findings(data)
    assume(not found.feasible)
    codes = np.random.default_rng(seed).integers(0, 2, size=(data.n_obs, 1)).astype(float)
    judged = judge_data(found, *perfect(data, codes))
    assert judged.verdict is Verdict.INFEASIBLE
    assert judged.infeasibility == found.infeasibility
    assert judged.ratio == float("inf")
    assert judged.resolution is judged.separation is judged.witness is None
    assert judged.infeasibility.explain() in judged.explain()
    assert DataJudgement.from_json(judged.to_json()) == judged


@given(deterministic_mdps(), st.integers(0, 1000), st.booleans())
def test_on_complete_data_the_verdict_is_that_of_the_system(mdp, seed, whole):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 5, size=(mdp.n_obs, 2)).astype(float)
    data = TransitionData.from_mdp(mdp)
    noise = 0.0 if whole else 0.3
    predicted = codes[data.targets] + noise * rng.normal(size=(data.n_transitions, 2))
    read = mdp.label_vectors + noise * rng.normal(size=mdp.label_vectors.shape)
    judged = judge_data(findings(data), codes, predicted, read)
    table = predicted.reshape(mdp.n_obs, mdp.n_actions, 2)
    wanted = judge(bisimulation(mdp), codes, table, read)
    event(str(judged.verdict))
    assert (judged.verdict, judged.grade) == (wanted.verdict, wanted.grade)
    if wanted.witness is not None:
        ours = judged.witness
        assert (ours.x, ours.y) == (wanted.witness.x, wanted.witness.y)
        assert len(ours.separation.word) == len(wanted.witness.word)


def chain_without(*missing):
    chain = counting_chain(9)
    rows = [
        row for row in TransitionData.from_mdp(chain).triples.tolist() if row[:2] not in missing
    ]
    return TransitionData(rows, chain.labels, actions=chain.actions)


def test_a_merge_that_only_a_missing_transition_forbids_holds():
    data = chain_without([7, 0])
    codes = np.arange(9.0)[:, None]
    codes[8] = codes[7]
    assert judge_data(findings(data), *perfect(data, codes)).verdict is Verdict.HOLDS
    whole = chain_without()
    assert judge_data(findings(whole), *perfect(whole, codes)).verdict is Verdict.COLLAPSED


def test_a_pair_that_only_a_fold_tells_apart_is_a_witness_with_its_steps():
    data = chain_without([7, 0])
    codes = np.arange(9.0)[:, None]
    codes[7] = codes[5]
    judged = judge_data(findings(data), *perfect(data, codes))
    witness = judged.witness
    assert (witness.x, witness.y, witness.separation.word) == (5, 7, None)
    assert "No covered word shows it" in judged.explain()
    assert DataCollapse.from_json(witness.to_json()) == witness


def test_losses_that_are_not_small_are_vacuous_with_the_row_that_is_worst():
    data = chain_without([7, 0])
    codes, predicted, read = perfect(data, np.arange(9.0)[:, None])
    predicted = predicted.copy()
    predicted[3] += 0.8
    judged = judge_data(findings(data), codes, predicted, read)
    assert (judged.verdict, judged.grade) == (Verdict.VACUOUS, Grade.UNMET)
    assert "1 of 17 predicted latents" in judged.reasons[0]
    assert "worst at row 3: (1, '+1') -> 2 (ratio 1.6)" in judged.reasons[0]
    judged = judge_data(findings(data), codes, codes[data.targets], 0 * read)
    assert "hypothesis aux_loss" in judged.reasons[0]
    assert "observation 4" in judged.reasons[0]


def test_a_constant_label_is_vacuous_never_a_pass():
    data = chain_without([7, 0]).with_labels([1] * 9)
    judged = judge_data(findings(data), *perfect(data, np.eye(9)))
    assert judged.verdict is Verdict.VACUOUS
    assert "informative_label" in judged.reasons[0]
    unlabelled = chain_without([7, 0]).with_labels(None)
    model = (np.eye(9), np.eye(9)[unlabelled.targets], np.zeros((9, 1)))
    assert judge_data(findings(unlabelled), *model).verdict is Verdict.VACUOUS


def test_forced_merges_that_are_not_made_are_said_and_do_not_decide():
    data = TransitionData([[0, 0, 1], [0, 0, 2]], labels={0: 0, 1: 1})
    codes = np.array([[0.0, 0.0], [1.0, -0.5], [1.0, 0.5]])
    predicted = np.array([[1.0, 0.0], [1.0, 0.0]])
    judged = judge_data(findings(data), codes, predicted, np.array([[0.0], [1.0], [7.0]]))
    assert judged.forced_distance == 1.0
    assert judged.verdict is Verdict.HOLDS
    assert "forced merges are not made" not in judged.explain()
    codes = np.array([[0.0, 0.0], [0.6, -0.4], [1.0, 4.5]])
    predicted = np.stack([codes[1], codes[2]])
    judged = judge_data(findings(data), codes, predicted, np.array([[0.0], [1.0], [7.0]]))
    assert "up to 4.92 apart, more than the smallest gap (0.721)" in judged.explain()


def test_a_relation_that_claims_too_much_is_refused_by_the_checker():
    found = findings(chain_without([7, 0]))
    relation = found.analysis.relation
    how = relation.how.copy()
    how[7, 8] = how[8, 7] = 4
    lie = dataclasses.replace(relation, how=how)
    forged = DataAudit("data", dataclasses.replace(found.analysis, relation=lie))
    codes = np.arange(9.0)[:, None]
    codes[8] = codes[7]
    with pytest.raises(InternalError, match="was not confirmed"):
        judge_data(forged, *perfect(found.data, codes))


def test_a_chain_of_other_rows_is_refused_by_the_checker():
    rows = [[0, 0, 1], [0, 0, 2], [3, 0, 4], [3, 0, 5]]
    one = findings(TransitionData(rows, {1: "a", 2: "b"}, range(6)))
    other = findings(TransitionData(rows, {4: "a", 5: "b"}, range(6)))
    chain = other.analysis.infeasibility
    forged = DataAudit("data", dataclasses.replace(one.analysis, infeasibility=chain))
    with pytest.raises(InternalError, match="refused our proof"):
        judge_data(forged, *perfect(one.data, np.eye(6)))


def test_without_all_pairs_there_is_no_verdict():
    data = chain_without([7, 0])
    found = findings(data, max_classes=5)
    with pytest.raises(BudgetExceededError, match="max_classes is 5"):
        judge_data(found, *perfect(data, np.eye(9)))


GOOD = perfect(chain_without([7, 0]), np.eye(9))


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ((GOOD[0][:8], *GOOD[1:]), {}, r"codes has shape \(8, 9\) .* \[9, 9\]"),
        ((GOOD[0][0], *GOOD[1:]), {}, r"codes has shape \(9,\) .* \[9, d >= 1\]"),
        ((GOOD[0], GOOD[1][:3], GOOD[2]), {}, r"predicted has shape \(3, 9\) .* \[17, 9\]"),
        ((*GOOD[:2], np.zeros((9, 2))), {}, r"read has shape \(9, 2\) .* \[9, 1\]"),
        ((GOOD[0] * np.nan, *GOOD[1:]), {}, "codes holds NaN or infinity in row 0"),
        ((GOOD[0].astype(str), *GOOD[1:]), {}, "dtype <U"),
        ((GOOD[0] > 0, *GOOD[1:]), {}, "dtype bool"),
        (GOOD, {"merge_tolerance": 1}, "merge_tolerance is 1"),
        (GOOD, {"merge_tolerance": True}, "merge_tolerance is True"),
        (GOOD, {"merge_tolerance": float("nan")}, "merge_tolerance is nan"),
        (GOOD, {"epsilon": "small"}, "epsilon is 'small'"),
    ],
)
def test_what_does_not_fit_the_data_is_named(model, options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        judge_data(findings(chain_without([7, 0])), *model, **options)


def test_something_else_than_an_audit_of_data_is_refused():
    with pytest.raises(InvalidArgumentError, match="audit is a str"):
        judge_data("data", *GOOD)
