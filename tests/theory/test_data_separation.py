"""Distances of pairs on data, against plain loops; and as those of a system where data are one."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory import data_resolution
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_separation import BY_FOLD_ONLY, data_separation, forced_distance
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partition import Partition
from tellapart.theory.separation import separation

EPSILON = float(np.finfo(float).eps)


@given(
    transition_data().filter(lambda data: analyse(data).feasible),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
    st.integers(1, 50),
)
def test_counts_and_lists_are_those_of_plain_loops(data, values, chunk):
    relation = separation_relation(data)
    codes = np.array(values[: data.n_obs], dtype=float)[:, None]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(data_resolution, "_CHUNK", chunk)  # several blocks of rows
        found = data_separation(relation, codes, 1e-3, epsilon=EPSILON)
    names = data.observations
    pairs = [
        (x, y)
        for x, y in combinations(range(data.n_obs), 2)
        if relation.must_separate(names[x], names[y])
    ]
    together = [(x, y) for x, y in pairs if codes[x, 0] == codes[y, 0]]
    assert found.n_must_separate == len(pairs) == relation.n_must_separate
    assert found.n_merged == len(together)
    assert {(pair.x, pair.y) for pair in found.merged} == {
        (names[x], names[y]) for x, y in together
    }
    depths = [relation.word_length(names[x], names[y]) for x, y in pairs]
    for row in found.by_depth:
        wanted = None if row.depth == BY_FOLD_ONLY else row.depth
        here = [pair for pair, depth in zip(pairs, depths, strict=True) if depth == wanted]
        assert row.n_pairs == len(here)
        assert row.distance == min(abs(codes[x, 0] - codes[y, 0]) for x, y in here)
    assert sum(row.n_pairs for row in found.by_depth) == len(pairs)
    assert sum(count for _, count in found.histogram) == len(pairs)
    squares = [(codes[x, 0] - codes[y, 0]) ** 2 for x, y in pairs]
    assert found.rms == pytest.approx(math.sqrt(sum(squares) / len(squares)) if squares else 0.0)


@given(deterministic_mdps(), st.integers(0, 1000))
def test_on_complete_data_it_is_the_separation_of_the_system(mdp, seed):
    codes = np.random.default_rng(seed).integers(0, 4, size=(mdp.n_obs, 2)).astype(float)
    relation = separation_relation(TransitionData.from_mdp(mdp))
    found = data_separation(relation, codes, 1e-3, epsilon=EPSILON)
    wanted = separation(bisimulation(mdp), codes, 1e-3)
    assert found.rms == pytest.approx(wanted.rms)
    assert found.n_merged == wanted.n_merged
    assert [(p.x, p.y, p.depth) for p in found.merged] == [
        (p.x, p.y, p.depth) for p in wanted.merged
    ]
    assert [(r.depth, r.n_pairs, r.n_merged) for r in found.by_depth] == [
        (r.depth, r.n_pairs, r.n_merged) for r in wanted.by_depth
    ]


def test_pairs_without_a_word_come_first_among_the_merged(counting_data):
    relation = separation_relation(counting_data)
    found = data_separation(relation, np.zeros((9, 1)), 1e-3, epsilon=EPSILON)
    assert found.n_merged == 35
    assert [(pair.x, pair.y) for pair in found.merged[:3]] == [(5, 7), (6, 7), (6, 8)]
    assert [pair.depth for pair in found.merged[:4]] == [BY_FOLD_ONLY] * 3 + [4]
    assert [row.depth for row in found.by_depth] == [0, 1, 2, 3, 4, BY_FOLD_ONLY]


def test_few_are_listed_and_all_counted(counting_data):
    relation = separation_relation(counting_data)
    found = data_separation(relation, np.zeros((9, 1)), 0.0, epsilon=EPSILON, max_listed=2)
    assert (len(found.merged), found.n_merged) == (2, 35)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.integers(0, 100))
def test_forced_distance_is_the_widest_block(ids, seed):
    codes = np.random.default_rng(seed).normal(size=(len(ids), 2))
    inside = [
        math.dist(codes[x], codes[y])
        for x, y in combinations(range(len(ids)), 2)
        if ids[x] == ids[y]
    ]
    assert forced_distance(Partition(ids), codes) == pytest.approx(max(inside, default=0.0))


@pytest.fixture
def counting_data():
    from tellapart.theory.gallery import counting_chain

    chain = counting_chain(9)
    whole = TransitionData.from_mdp(chain).triples.tolist()
    rows = [row for row in whole if row[:2] != [7, 0]]
    return TransitionData(rows, chain.labels, actions=chain.actions)
