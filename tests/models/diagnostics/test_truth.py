import itertools

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.models.diagnostics.truth import MergeAnswer, Truth
from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial.chain import infeasibility
from tellapart.theory.partial.pairs import separation_of

MDPS = deterministic_mdps(max_observations=7, max_actions=2, max_labels=2)


def drawn_codes(data, n):
    return np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), dtype=float)


def answer_by_hand(n, must, codes):
    """Merged pairs and the closest one: a loop over pairs, integer codes compared exactly."""
    pairs = [p for p in itertools.combinations(range(n), 2) if must(*p)]
    gaps = {p: abs(codes[p[0]] - codes[p[1]]) for p in pairs}
    return pairs, [p for p in pairs if gaps[p] == 0], min(gaps.values(), default=None)


def assert_agrees(found, system, names, pairs, merged, smallest):
    assert (found.n_must_separate, found.n_merged) == (len(pairs), len(merged))
    assert found.collapsed == bool(merged)
    if not pairs:
        assert found.x is found.y is found.smallest_relative is None
        assert "nothing that a collapse" in found.explain()
        return
    worst = tuple(sorted((names.index(found.x), names.index(found.y))))
    assert worst in (merged or pairs)
    expected = smallest / found.rms if found.rms else 0.0
    assert found.smallest_relative == pytest.approx(expected)
    if not merged:
        assert found.distance == smallest
    assert repr(found.x) in found.explain()


@given(MDPS, st.data())
def test_total_systems_against_loops(mdp, data):
    codes = drawn_codes(data, mdp.n_obs)
    bisim = bisimulation(mdp)
    index = mdp.observation_index
    names = list(mdp.observations)
    apart = lambda x, y: not bisim.partition.same_block(x, y)  # noqa: E731
    expected = answer_by_hand(mdp.n_obs, apart, codes)
    for system in (mdp, bisim):
        found = Truth(system).measure(codes)
        assert_agrees(found, system, names, *expected)
        if found.x is not None:
            word = [mdp.action_index(a) for a in found.word]
            labels = [mdp.label_trace(index(name), word) for name in (found.x, found.y)]
            assert labels[0][-1] != labels[1][-1]
            assert labels[0][:-1] == labels[1][:-1]
    assert MergeAnswer.from_json(found.to_json()) == found


@given(transition_data(max_observations=6), st.data())
def test_data_against_single_questions(system, data):
    if infeasibility(system) is not None:
        event("infeasible")
        with pytest.raises(InvalidArgumentError):
            Truth(system)
        return
    names = list(system.observations)
    codes = drawn_codes(data, len(names))
    must = lambda x, y: bool(separation_of(system, names[x], names[y]))  # noqa: E731
    expected = answer_by_hand(len(names), must, codes)
    truth = Truth(system)
    found = truth.measure(codes)
    assert_agrees(found, system, names, *expected)
    event(f"complete: {system.is_complete}")
    if found.x is not None and found.word is not None:
        assert len(found.word) == len(separation_of(system, found.x, found.y).word)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8), st.data())
def test_classes_against_loops(classes, data):
    codes = drawn_codes(data, len(classes))
    expected = answer_by_hand(len(classes), lambda x, y: classes[x] != classes[y], codes)
    found = Truth(classes).measure(codes)
    assert_agrees(found, classes, list(range(len(classes))), *expected)


def test_a_pair_that_only_a_fold_separates_has_no_word():
    chain = counting_chain(9)
    rows = [(o, a, int(chain.successors[o, a])) for o in range(9) for a in range(2)]
    data = TransitionData(
        [row for row in rows if row[:2] != (7, 0)], labels=dict(enumerate(chain.labels))
    )
    pairs = [separation_of(data, x, y) for x, y in itertools.combinations(range(9), 2)]
    by_fold = [pair for pair in pairs if pair.separated and pair.word is None]
    assert len(by_fold) == 3
    for pair in by_fold:
        codes = np.arange(9.0)
        codes[pair.y] = codes[pair.x]
        found = Truth(data).measure(codes)
        assert (found.n_merged, found.x, found.y, found.word) == (1, pair.x, pair.y, None)
        assert "no single word" in found.explain()
    free = np.arange(9.0)
    free[8] = 7
    assert not Truth(data).measure(free).collapsed  # the one pair that data leave open


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_scale_does_not_matter(scale):
    codes = scale * np.eye(9)
    assert not Truth(counting_chain(9)).measure(codes).collapsed
    codes[8] = codes[0] * (1 + 1e-6)
    assert Truth(counting_chain(9)).measure(codes).n_merged == 1


@pytest.mark.parametrize("system", ["counting-9", None, 3, [0.5], [[0], [1]], [], [[1], [2, 3]]])
def test_what_is_no_system(system):
    with pytest.raises(InvalidArgumentError, match="DeterministicMDP, its bisimulation"):
        Truth(system)


def test_bad_codes_and_tolerances():
    data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: 0, 3: 1})
    for system in (counting_chain(4), data):
        truth = Truth(system)
        with pytest.raises(InvalidArgumentError, match="has 3 rows and the system 4"):
            truth.measure(np.zeros(3))
        for tolerance in (-1.0, 1.0, float("nan")):
            with pytest.raises(InvalidArgumentError, match="merge_tolerance"):
                truth.measure(np.arange(4.0), tolerance)
