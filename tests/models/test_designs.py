import numpy as np
import pytest

from tellapart.models.designs import DESIGNS, constant_subject, design, scaled_label_subject
from tellapart.models.evaluation import evaluate
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, grid
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Verdict, judge

CHAIN = counting_chain(9)


def run(name, mdp=CHAIN, seed=0):
    entry = design(name)
    subject = entry.build(mdp, seed)
    result = entry.train(subject, mdp, seed)
    return result, evaluate(subject, mdp)


@pytest.fixture(scope="module")
def outcomes():
    return {name: run(name) for name in DESIGNS}


def verdict(found, mdp=CHAIN):
    return judge(bisimulation(mdp), found.codes, found.predicted, found.read).verdict


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_each_design_gets_a_verdict_it_expects(outcomes, name):
    got = verdict(outcomes[name][1])
    assert got.value in DESIGNS[name].expects
    if name not in ("exact", "joint"):
        assert got is not Verdict.HOLDS


def test_one_sided_designs_meet_their_own_loss_only(outcomes):
    partition = bisimulation(CHAIN).partition
    ratio = {k: found.resolution(CHAIN, partition) for k, (_, found) in outcomes.items()}
    assert ratio["aux-only"].aux_ratio < 0.01 < 1 < ratio["aux-only"].dynamics_ratio
    assert ratio["decoupled"].aux_ratio < 0.01 < 1 < ratio["decoupled"].dynamics_ratio
    assert outcomes["dynamics-only"][1].dynamics_loss < 1e-6
    assert ratio["dynamics-only"].aux_ratio > 1


def test_the_aux_only_encoder_keeps_labels_apart_and_little_else(outcomes):
    codes = outcomes["aux-only"][1].codes
    others = np.delete(np.arange(9), 4)
    within = np.ptp(codes[others], axis=0).max()
    across = np.linalg.norm(codes[4] - codes[others], axis=1).min()
    assert within < 0.05 * across


def test_the_constant_merges_all_pairs():
    found = evaluate(constant_subject(CHAIN), CHAIN)
    assert len(np.unique(found.codes, axis=0)) == 1
    assert found.dynamics_loss == 0
    assert np.allclose(found.read, 1 / 9)


def test_constructed_designs_train_nothing():
    for name in ("exact", "constant"):
        assert run(name)[0] is None
        assert DESIGNS[name].objective is None


def test_seeds_decide_the_weights():
    entry = design("joint")
    codes = [evaluate(entry.build(CHAIN, seed), CHAIN).codes for seed in (0, 0, 1)]
    assert np.array_equal(codes[0], codes[1])
    assert not np.array_equal(codes[0], codes[2])


def test_unknown_names_list_the_known_ones():
    with pytest.raises(InvalidArgumentError, match="joint"):
        design("jepa")


def test_the_registry_is_read_only():
    with pytest.raises(TypeError):
        DESIGNS["mine"] = design("joint")
    assert all(name in repr(entry) for name, entry in DESIGNS.items())


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_the_scale_must_be_positive(scale):
    with pytest.raises(InvalidArgumentError, match="positive"):
        scaled_label_subject(CHAIN, scale)


@pytest.mark.parametrize("mdp", [CHAIN, grid(3, 3), DeterministicMDP([[1], [0]], ["a", "b"])])
def test_the_mean_successor_is_the_best_predictor_of_label_codes(mdp):
    found = evaluate(scaled_label_subject(mdp), mdp)
    ids = mdp.label_ids
    for label in set(ids.tolist()):
        rows = np.flatnonzero(ids == label)
        for action in range(mdp.n_actions):
            mean = found.codes[mdp.successors[rows, action]].mean(axis=0)
            assert np.allclose(found.predicted[rows, action], mean)
