"""Which pairs may share a code: merge and fold against B* and all admissible partitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.attack.exact import ExactAnswers
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.gallery import counting_chain, redundant_pick
from tellapart.theory.lattice.admissible import admissible_lattice
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition


def pairs(mdp):
    return [(x, y) for x in range(mdp.n_obs) for y in range(x + 1, mdp.n_obs)]


@given(deterministic_mdps(max_observations=6), st.sampled_from(["joint", "dynamics", "aux"]))
def test_a_pair_may_collapse_where_merge_and_fold_finds_a_kernel(mdp, objective):
    exact = ExactAnswers(mdp, objective)
    for x, y in pairs(mdp):
        least = exact.least_merge(x, y)
        assert (least is not None) == exact.allowed.same_block(x, y)
        if least is not None:
            assert least.same_block(x, y)
            assert least.refines(exact.allowed)


@given(deterministic_mdps(max_observations=5))
def test_the_least_merge_is_the_finest_admissible_one(mdp):
    exact = ExactAnswers(mdp, "joint")
    admissible = admissible_lattice(mdp).partitions
    for x, y in pairs(mdp):
        merging = [partition for partition in admissible if partition.same_block(x, y)]
        least = exact.least_merge(x, y)
        assert (least in merging) if merging else (least is None)
        assert all(least.refines(other) for other in merging)


def test_known_answers():
    chain, pick = counting_chain(5), redundant_pick()
    assert ExactAnswers(chain, "joint").least_merge(0, 4) is None
    assert ExactAnswers(pick, "joint").least_merge(0, 4).n_blocks == 8
    assert ExactAnswers(chain, "dynamics").least_merge(0, 1).n_blocks == 1
    assert ExactAnswers(chain, "dynamics").allowed == Partition.single_block(5)
    label_blocks = Partition(chain.label_ids.astype(np.int64))
    assert ExactAnswers(chain, "aux").allowed == label_blocks
    assert ExactAnswers(chain, "decoupled").allowed == label_blocks
    assert ExactAnswers(chain, "aux").least_merge(0, 4).n_blocks == 4


@pytest.mark.parametrize("objective", ["joint", "dynamics", "aux", "decoupled"])
def test_twins_may_collapse_whatever_is_trained(objective):
    twins = DeterministicMDP([[2], [2], [2]], labels=[0, 0, 1])
    assert ExactAnswers(twins, objective).allowed.same_block(0, 1)
