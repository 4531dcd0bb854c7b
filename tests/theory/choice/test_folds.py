"""Merge and fold against the least congruence by closure, twins, and what is left to resolve."""

import itertools

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.choice.folds import LabelProblem, fold, twin_classes
from tellapart.theory.gallery import counting_chain, cycle
from tellapart.theory.partition import Partition

MDPS = deterministic_mdps(min_observations=2, max_observations=9, max_actions=3, max_labels=2)


def _least_congruence(table, x, y):
    """Relation matrix closed under symmetry, transitivity and successors, by brute force."""
    n = len(table)
    related = [[i == j for j in range(n)] for i in range(n)]
    related[x][y] = related[y][x] = True
    while True:
        fresh = [
            (p, q)
            for i, j in itertools.product(range(n), repeat=2)
            if related[i][j]
            for p, q in [(j, i), *zip(table[i], table[j], strict=True)]
            if not related[p][q]
        ]
        fresh += [
            (i, k)
            for i, j, k in itertools.product(range(n), repeat=3)
            if related[i][j] and related[j][k] and not related[i][k]
        ]
        if not fresh:
            return related
        for p, q in fresh:
            related[p][q] = True


def _pair(data, n):
    pair = st.lists(st.integers(0, n - 1), min_size=2, max_size=2, unique=True)
    return tuple(data.draw(pair, label="pair"))


@given(MDPS, st.data())
def test_a_fold_is_the_least_congruence(mdp, data):
    x, y = _pair(data, mdp.n_obs)
    table = mdp.successors.tolist()
    related = _least_congruence(table, x, y)
    blocks = {
        tuple(j for j in range(mdp.n_obs) if related[i][j])
        for i in range(mdp.n_obs)
        if sum(related[i]) > 1
    }
    found = fold(table, x, y)
    assert set(found.blocks) == blocks
    assert found.complete
    assert found.support == {o for block in blocks for o in block}
    assert len(found.edges) == sum(len(block) - 1 for block in blocks)


@given(MDPS, st.data())
def test_a_label_separates_a_pair_exactly_when_it_breaks_the_fold(mdp, data):
    x, y = _pair(data, mdp.n_obs)
    found = fold(mdp.successors.tolist(), x, y)
    labels = mdp.label_ids
    constant = all(len({int(labels[o]) for o in block}) == 1 for block in found.blocks)
    assert bisimulation(mdp).bisimilar(x, y) == constant


@given(MDPS, st.integers(0, 6), st.data())
def test_a_limited_fold_lies_inside_the_full_one(mdp, limit, data):
    x, y = _pair(data, mdp.n_obs)
    table = mdp.successors.tolist()
    full, part = fold(table, x, y), fold(table, x, y, limit=limit)
    assert part.complete == (len(full.edges) <= limit)
    assert part.edges == full.edges[:limit]


@given(MDPS)
def test_twins_fold_onto_themselves_only(mdp):
    table = mdp.successors.tolist()
    for twins in twin_classes(mdp.successors):
        for x, y in itertools.combinations(twins.tolist(), 2):
            assert fold(table, x, y).support == {x, y}


@given(MDPS, st.data())
def test_what_is_unresolved_is_merged_and_wanted_apart(mdp, data):
    classes = data.draw(st.lists(st.integers(0, 3), min_size=mdp.n_obs, max_size=mdp.n_obs))
    target = Partition(classes)
    problem = LabelProblem(mdp.successors, target.ids)
    limit = data.draw(st.integers(1, 4))
    pairs = problem.unresolved(mdp.label_ids.astype(np.int64), limit)
    forced = bisimulation(mdp).partition
    assert bool(pairs) != forced.refines(target)
    assert len(pairs) <= limit
    for x, y in pairs:
        assert forced.same_block(x, y)
        assert not target.same_block(x, y)


@given(MDPS, st.data())
def test_a_small_fold_lies_inside_and_is_forbidden_too(mdp, data):
    classes = data.draw(st.lists(st.integers(0, 3), min_size=mdp.n_obs, max_size=mdp.n_obs))
    x, y = _pair(data, mdp.n_obs)
    assume(classes[x] != classes[y])
    problem = LabelProblem(mdp.successors, Partition(classes).ids)
    full = _least_congruence(mdp.successors.tolist(), x, y)
    small = problem.small_fold((x, y))
    assert small.complete
    assert classes[small.x] != classes[small.y]
    assert full[small.x][small.y]
    assert all(full[u][v] for u, v in small.edges)


def test_known_folds():
    chain = counting_chain(9).successors.tolist()
    assert all(
        fold(chain, *pair).blocks == (tuple(range(9)),)
        for pair in itertools.combinations(range(9), 2)
    )
    ring = cycle(6).successors.tolist()
    assert fold(ring, 0, 2).blocks == ((0, 2, 4), (1, 3, 5))
    assert fold(ring, 0, 3).blocks == ((0, 3), (1, 4), (2, 5))
    lamps = np.array([[0, 2], [1, 2], [2, 2]])
    assert [twins.tolist() for twins in twin_classes(lamps)] == [[0, 1]]
