"""Coverage advice: gains against adding the row and deciding everything again."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial import coverage as module
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.coverage import CoverageAdvice, coverage_advice
from tellapart.theory.partial.coverage_gains import FoldGains, PlainGains, WordGains
from tellapart.theory.partial.relation import separation_relation


@st.composite
def partial_data(draw):
    observation = st.integers(0, 6)
    row = st.tuples(observation, st.integers(0, 1), observation)
    rows = draw(st.lists(row, min_size=3, max_size=12))
    labels = draw(st.lists(st.sampled_from([None, 0, 1]), min_size=7, max_size=7))
    return TransitionData(rows, labels, observations=range(7), actions=range(2))


@given(partial_data(), st.data())
def test_compiled_gains_agree_with_deciding_again(data, draw):
    classes = forced_classes(data)
    assume(classes.feasible)
    relation = separation_relation(classes)
    c, d = (draw.draw(st.integers(0, classes.n_classes - 1)) for _ in range(2))
    a = draw.draw(st.integers(0, data.n_actions - 1))
    truth, folds, words = (
        kind(classes, relation).score(c, a, d) for kind in (PlainGains, FoldGains, WordGains)
    )
    assert folds == truth
    assert (words is None) == (truth is None)
    assert truth is None or 0 <= words <= truth


@settings(max_examples=30)
@given(partial_data())
def test_advice_agrees_with_logging_every_successor(data):
    assume(forced_classes(data).feasible)
    base = separation_relation(data).n_must_separate
    labels = [data.label_of(o) for o in range(7)]
    expected = {}
    for o in range(7):
        for a in range(data.n_actions):
            if data.successors_of(o, a):
                continue
            values = []
            for s in range(7):
                grown = TransitionData([*data.triples.tolist(), (o, a, s)], labels, range(7),
                                       data.actions)  # fmt: skip
                if forced_classes(grown).feasible:
                    values.append(separation_relation(grown).n_must_separate - base)
            expected[o, a] = (min(values), Fraction(sum(values), len(values)), max(values))
    advice = coverage_advice(data, limit=100)
    assert advice.exact
    assert advice.n_missing == advice.n_evaluated == len(expected)
    found = {(g.observation, g.action): (g.least, g.average, g.most) for g in advice.gains}
    assert all(expected[key] == values for key, values in found.items())
    listed = sum(gain.n_alike for gain in advice.gains)
    assert listed == sum(most > 0 for _, _, most in expected.values())
    order = [(-gain.average, -gain.most) for gain in advice.gains]
    assert order == sorted(order)
    assert CoverageAdvice.from_json(advice.to_json()) == advice


def test_the_missing_transition_of_the_counting_chain(counting_without):
    advice = coverage_advice(counting_without)
    assert advice.explain() == (
        "1 missing pair of observation and action; 1 evaluated.\n"
        "log action -1 in observation 7: +0.778 pairs on average (0 to 1)"
    )
    (gain,) = advice.gains
    assert (gain.average, gain.n_successors, gain.exact) == (Fraction(7, 9), 9, True)
    assert coverage_advice(counting_chain(9)).explain().endswith("nothing is missing.")


def _long_chain(n=201):
    chain = counting_chain(n)
    rows = [row for row in TransitionData.from_mdp(chain).triples.tolist() if row[0] % 40]
    return TransitionData(rows, chain.labels, observations=range(n), actions=chain.actions)


def test_beyond_the_exact_size_gains_are_lower_bounds():
    data = _long_chain()
    advice = coverage_advice(data)
    assert not advice.exact
    assert advice.n_missing == advice.n_evaluated == 12
    assert all(not gain.exact and gain.n_successors <= 64 for gain in advice.gains)
    assert "at least +" in advice.explain()
    assert coverage_advice(data) == advice
    assert coverage_advice(data, seed=1) != advice


def test_exact_gains_are_never_below_the_bounds(monkeypatch):
    monkeypatch.setattr(module, "EXACT_CLASSES", 10)
    data = _long_chain(45)
    bounds = {(g.observation, g.action): g for g in coverage_advice(data).gains}
    assert bounds
    monkeypatch.setattr(module, "EXACT_CLASSES", 1000)
    exact = {(g.observation, g.action): g for g in coverage_advice(data).gains}
    assert bounds.keys() <= exact.keys()
    for key, bound in bounds.items():
        assert bound.average <= exact[key].average
        assert bound.most <= exact[key].most


def test_budget_limit_and_bad_arguments():
    data = _long_chain()
    some = coverage_advice(data, budget=0)
    assert (some.n_evaluated, some.exact) == (1, False)
    assert len(coverage_advice(data, limit=2).gains) == 2
    for name in ("limit", "budget", "seed"):
        with pytest.raises(InvalidArgumentError, match=f"{name} is -1"):
            coverage_advice(data, **{name: -1})
    infeasible = TransitionData([[0, 0, 1], [0, 0, 2]], {1: "a", 2: "b"})
    with pytest.raises(InvalidArgumentError, match="infeasible"):
        coverage_advice(infeasible)


def test_members_of_one_class_count_as_alike():
    rows = [[0, 0, 1], [0, 0, 2], [0, 1, 0], [3, 0, 3], [4, 1, 3], [3, 1, 3]]
    data = TransitionData(rows, {3: "a", 0: "b"}, observations=range(5), actions=range(2))
    gains = {(g.observation, g.action): g for g in coverage_advice(data).gains}
    assert gains[1, 1].n_alike == 2
    assert np.all([key[0] != 2 for key in gains])
