"""Gaps and resolution ratios on data, against plain loops over all pairs."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_resolution import (
    data_gaps,
    data_resolution,
    known_labels,
    label_half_gaps,
    row_blocks,
)
from tellapart.theory.labels import LabelCoding
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.forced import forced_merges
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.resolution import resolution


def drawn(data, seed, noise=1.0, d=2):
    """A model whose residuals have the size ``noise``."""
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(data.n_obs, d))
    _, labels = known_labels(data)
    read = rng.normal(size=(data.n_obs, labels.shape[1]))
    known = np.flatnonzero(data.label_ids >= 0)
    read[known] = labels + noise * read[known]
    predicted = codes[data.targets] + noise * rng.normal(size=(data.n_transitions, d))
    return codes, predicted, read


def feasible(data):
    return analyse(data).feasible


@given(transition_data().filter(feasible), st.integers(0, 1000))
def test_gaps_and_ratios_are_those_of_plain_loops(data, seed):
    relation = separation_relation(data)
    codes, predicted, read = drawn(data, seed)
    names = data.observations
    gap = [
        min(
            (
                math.dist(codes[o], codes[x])
                for x in range(data.n_obs)
                if relation.must_separate(names[o], names[x])
            ),
            default=math.inf,
        )
        for o in range(data.n_obs)
    ]
    assert data_gaps(relation, codes) == pytest.approx(gap)
    found = data_resolution(data, relation, codes, predicted, read)
    ratios = [
        0.0 if gap[s] == math.inf else math.dist(predicted[t], codes[s]) / (gap[s] / 2)
        for t, (_, _, s) in enumerate(data.triples.tolist())
    ]
    assert found.dynamics_ratio == pytest.approx(max(ratios))
    assert ratios[found.worst_transition] == pytest.approx(max(ratios))
    assert found.n_dynamics_unresolved == sum(ratio >= 1 for ratio in ratios)
    assert found.smallest_gap == pytest.approx(min(gap))
    assert (found.worst_label is None) == (data.n_labelled == 0)
    assert found.ratio == max(found.dynamics_ratio, found.aux_ratio)


@given(transition_data().filter(feasible), st.integers(0, 1000), st.sampled_from([0.03, 0.3]))
def test_a_resolved_model_reads_no_successor_that_must_be_told_apart(data, seed, noise):
    """The claim of S13 itself, checked by looking up the nearest code."""
    relation = separation_relation(data)
    codes, predicted, read = drawn(data, seed, noise)
    found = data_resolution(data, relation, codes, predicted, read)
    event(f"resolved: {found.resolved}")
    assume(found.resolved)
    for t, (_, _, target) in enumerate(data.triples.tolist()):
        nearest = int(np.argmin(np.linalg.norm(codes - predicted[t], axis=1)))
        names = data.observations[nearest], data.observations[target]
        assert not relation.must_separate(*names)
    known, labels = known_labels(data)
    for row, o in enumerate(known.tolist()):
        nearest = int(np.argmin(np.linalg.norm(labels - read[o], axis=1)))
        assert labels[nearest].tolist() == labels[row].tolist()


@given(deterministic_mdps(), st.integers(0, 1000))
def test_on_complete_data_it_is_the_resolution_of_the_system(mdp, seed):
    data = TransitionData.from_mdp(mdp)
    codes, predicted, read = drawn(data, seed)
    found = data_resolution(data, separation_relation(data), codes, predicted, read)
    table = predicted.reshape(mdp.n_obs, mdp.n_actions, -1)
    wanted = resolution(mdp, bisimulation(mdp).partition, codes, table, read)
    assert found.dynamics_ratio == pytest.approx(wanted.dynamics_ratio)
    assert found.aux_ratio == pytest.approx(wanted.aux_ratio)
    assert found.smallest_gap == pytest.approx(wanted.smallest_gap)
    assert found.n_dynamics_unresolved == wanted.n_dynamics_unresolved
    assert found.n_aux_unresolved == wanted.n_aux_unresolved
    o, a = wanted.worst_transition
    assert divmod(found.worst_transition, mdp.n_actions) == (o, a)


@given(transition_data(), st.integers(0, 1000), st.floats(0.01, 100))
def test_the_ratio_has_no_scale(data, seed, scale):
    assume(feasible(data))
    relation = separation_relation(data)
    codes, predicted, read = drawn(data, seed)
    one = data_resolution(data, relation, codes, predicted, read)
    other = data_resolution(data, relation, scale * codes, scale * predicted, read)
    assert other.ratio == pytest.approx(one.ratio)


def test_known_labels_are_numbers_or_one_hot_by_first_appearance():
    numbers = TransitionData([[0, 0, 1]], labels={1: 5, 2: 7})
    assert known_labels(numbers)[0].tolist() == [1, 2]
    assert known_labels(numbers)[1].tolist() == [[5.0], [7.0]]
    words = TransitionData([[0, 0, 2]], labels={0: "a", 1: "b", 2: "a"})
    assert known_labels(words)[1].tolist() == [[1, 0], [0, 1], [1, 0]]
    nothing = TransitionData([[0, 0, 1]])
    assert known_labels(nothing)[1].shape == (0, 1)


def test_nearby_labels_warn_once_where_the_data_are_made_and_unused_values_do_not_count():
    coding = LabelCoding(np.array([1, -1, 2], dtype=np.int32), ("no", 0.3, 0.1 + 0.2))
    data = TransitionData([[0, 0, 1]], coding, range(3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert known_labels(data)[1].tolist() == [[0.3], [0.1 + 0.2]]


def test_label_gaps_are_to_the_nearest_other_value():
    assert label_half_gaps(np.array([[0.0], [0.0], [3.0], [4.0]])).tolist() == [1.5, 1.5, 0.5, 0.5]
    assert label_half_gaps(np.ones((2, 1))).tolist() == [math.inf, math.inf]
    assert label_half_gaps(np.zeros((0, 1))).tolist() == []


def test_row_blocks_cover_all_rows_of_large_codes_once():
    codes = np.zeros((3000, 500))
    blocks = list(row_blocks(codes))
    assert len(blocks) > 1
    assert [o for rows in blocks for o in range(rows.start, rows.stop)] == list(range(3000))


def test_a_pair_that_only_missing_rows_tell_apart_leaves_the_gap_alone(counting_data):
    relation = separation_relation(counting_data)
    codes = np.arange(9.0)[:, None]
    codes[8] = codes[7]  # (7, 8) need not be told apart without the row (7, -1)
    assert data_gaps(relation, codes)[7] == 1.0
    assert forced_merges(counting_data).n_blocks == 9


@pytest.fixture
def counting_data():
    from tellapart.theory.gallery import counting_chain

    chain = counting_chain(9)
    whole = TransitionData.from_mdp(chain).triples.tolist()
    rows = [row for row in whole if row[:2] != [7, 0]]
    return TransitionData(rows, chain.labels, actions=chain.actions)
