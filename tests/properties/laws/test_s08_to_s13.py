"""The laws S8 to S13: kept by what they are about, broken by every subject known to be bad."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings

from tellapart.properties.laws import (
    s08_one_loss,
    s09_targets,
    s10_margins,
    s11_irreducible,
    s12_capacity,
    s13_resolution,
)
from tellapart.properties.laws.engine import run_law
from tellapart.properties.laws.instances import (
    LawCodes,
    LawModel,
    LawNoise,
    LawOneLoss,
    LawRank,
    LawTarget,
    noisy_codes,
    one_loss,
    ranks,
)
from tellapart.properties.laws.law import Cost
from tellapart.properties.laws.profiles import PROFILES
from tellapart.properties.laws.summary import LawVerdict
from tellapart.theory.bisimulation import is_admissible
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import dumps, loads

LAWS = (
    *s08_one_loss.LAWS,
    *s09_targets.LAWS,
    *s10_margins.LAWS,
    *s11_irreducible.LAWS,
    *s12_capacity.LAWS,
    *s13_resolution.LAWS,
)
BAD = [(law, name) for law in LAWS for name in law.bad]
EXAMPLES = {Cost.EXACT: 50, Cost.ALGEBRAIC: 25, Cost.TRAINED: 8}
BY_NAME = {law.id: law for law in LAWS}


@given(one_loss())
def test_examples_of_one_loss_allow_it_to_be_zero(example):
    if example.loss == "dynamics":
        relaxed = example.mdp.with_labels([0] * example.mdp.n_obs)
        assert is_admissible(relaxed, example.partition)
    else:
        labels = example.mdp.label_ids.tolist()
        assert all(len({labels[o] for o in block}) == 1 for block in example.partition.blocks)


@settings(max_examples=30)
@given(ranks())
def test_the_matrix_of_labels_is_closed_under_words(example):
    n = example.mdp.n_obs
    short = s12_capacity._needs(s12_capacity._hankel(example.mdp, n - 1))
    assert short == s12_capacity._needs(s12_capacity._hankel(example.mdp, n))


@settings(max_examples=30)
@given(noisy_codes())
def test_examples_of_resolution_are_saved_and_loaded(example):
    assert loads(dumps(example), LawNoise) == example


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_the_law_is_kept_and_says_something(law):
    result = run_law(law, max_examples=EXAMPLES[law.cost])
    assert result.verdict is LawVerdict.HOLDS, result.explain()
    assert result.n_vacuous <= result.n_examples / 2


@pytest.mark.parametrize(("law", "name"), BAD, ids=lambda value: getattr(value, "id", value))
def test_every_known_bad_subject_breaks_the_law(law, name):
    hurried = replace(PROFILES["ci"], shrink_seconds=0.3)
    result = run_law(law, subject=law.bad[name], profile=hurried, max_examples=200)
    assert result.verdict is LawVerdict.BROKEN
    assert result.message.endswith(".")  # a sentence, not an accident
    assert "raised" not in result.message
    example = result.case.content
    law.check(example, law.subject)  # the example is sound: only the bad subject fails on it
    assert dumps(loads(dumps(example), type(example))) == dumps(example)


def broken_by(law, name, example):
    with pytest.raises(AssertionError) as caught:
        BY_NAME[law].check(example, BY_NAME[law].bad[name])
    return str(caught.value)


def kept(law, example):
    return BY_NAME[law].check(example, BY_NAME[law].subject)


def test_one_code_has_zero_dynamics_loss_and_no_zero_auxiliary_loss():
    chain = counting_chain(5)
    everything = Partition([0] * 5)
    assert kept("S8", LawOneLoss(chain, everything, "dynamics", 1)).vacuous is None
    by_label = Partition(chain.label_ids)
    message = broken_by("S8", "one code", LawOneLoss(chain, by_label, "auxiliary", 0))
    assert message == "The label of 0 is [0.0], and [0.2] is read."
    message = broken_by("S8", "label codes", LawOneLoss(chain, by_label, "dynamics", 0))
    assert "is predicted" in message


def test_counting_gains_seven_blocks():
    seen = kept("S8-gain", s08_one_loss.LawSystem(counting_chain(9)))
    assert (seen.depth, seen.n_blocks, seen.target) == (4, 9, 7.0)


def test_a_label_of_two_values_suffices_for_nine_counts():
    chain = counting_chain(9)
    seen = kept("S9", LawTarget(chain, Partition.identity(9)))
    assert seen.notes == {"suffices": True}
    message = broken_by("S9", "as many values", LawTarget(chain, Partition.identity(9)))
    assert message == "It is said that the label does not suffice, but see 0 and 1."


def test_margins_of_a_moved_chain():
    chain = counting_chain(3)
    example = LawModel(chain, Partition.identity(3), "table", 0, 4)
    assert 0 < kept("S10", example).target <= 1
    pair = DeterministicMDP([[0], [0]], labels=[1, 0])
    example = LawModel(pair, Partition.identity(2), "quotient", 0, 1)
    message = broken_by("S10", "residuals ignored", example)
    assert message == "The codes of 0 and 1 are 1 apart, and the margin is 2."


@pytest.mark.parametrize("codes", list(product([0, 1], repeat=3)))
def test_the_loss_of_small_codes_by_hand(codes):
    data = TransitionData([(0, 0, 1), (1, 0, 2), (2, 0, 2)], [0, 0, 1], range(3), range(1))
    seen = kept("S11", LawCodes(data, tuple((code,) for code in codes)))
    merges = {(x, y) for x, y in [(0, 1), (0, 2), (1, 2)] if codes[x] == codes[y]}
    assert seen.notes["zero"] == (merges <= set())  # labels and words tell all three apart


def test_ranks_that_floats_do_not_see():
    mdp = DeterministicMDP([[0], [1]], labels=[10**17, 10**17 + 1])
    assert s12_capacity._measured(mdp) == s12_capacity._Needs(1, 1)
    message = broken_by("S12", "rank in floating point", LawRank(mdp))
    assert message == "1 dimensions are needed (affine), and 0 was said."


def test_the_counting_chain_needs_nine_and_eight():
    chain = counting_chain(9)
    matrix = s12_capacity._hankel(chain, 4)
    assert s12_capacity._needs(matrix) == s12_capacity._Needs(9, 8)
    assert s12_capacity._measured(chain) == s12_capacity._Needs(9, 8)


def test_rank_by_elimination_is_the_rank_of_integers():
    rng = np.random.default_rng(0)
    for _ in range(30):
        table = rng.integers(-1, 2, size=(4, 5))
        rows = [[Fraction(int(x)) for x in row] for row in table]
        assert s12_capacity._rank(rows) == np.linalg.matrix_rank(table)


def test_a_scaled_model_stays_resolved_although_its_loss_grows():
    mdp = DeterministicMDP([[1], [0]], labels=[0, 1])
    near = (((105,),), ((5,),))
    example = LawNoise(mdp, ((0,), (100,)), near, (0, 1024), 20)
    assert kept("S13", example).target == pytest.approx(0.1)
    assert "2**20" in broken_by("S13", "raw loss", example)
    half = LawNoise(mdp, ((0,), (100,)), (((50,),), ((0,),)), (0, 1024), 0)
    assert kept("S13", half).vacuous == "the model is not resolved"
    assert "nearest" in broken_by("S13", "the whole gap", half)
