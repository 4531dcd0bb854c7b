"""The full relation: both engines, counts, words by length, transitivity, budgets."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.partial import relation as module
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.pairs import separation_of
from tellapart.theory.partial.relation import SeparationRelation, separation_relation


def _thinned(n, keep, labelled, seed):
    """A random system of which some transitions and some labels are kept."""
    mdp = random_mdp(n=n, actions=3, labels=2, seed=seed)
    generator = np.random.default_rng(seed)
    rows = TransitionData.from_mdp(mdp).triples
    rows = rows[generator.random(len(rows)) < keep]
    known = generator.random(n) < labelled
    labels = [label if here else None for label, here in zip(mdp.labels, known, strict=True)]
    return TransitionData(rows, labels, observations=range(n), actions=range(3))


@given(
    st.lists(st.tuples(*[st.integers(0, 11)] * 3), min_size=1, max_size=40),
    st.lists(st.sampled_from([None, 0, 1]), min_size=12, max_size=12),
)
def test_engines_agree(triples, labels):
    classes = forced_classes(TransitionData(triples, labels))
    assume(classes.feasible)
    one, other = (separation_relation(classes, method=m) for m in ("reference", "compiled"))
    assert one == other
    assert hash(one) == hash(other)
    assert SeparationRelation.from_json(one.to_json()) == one


@pytest.mark.parametrize(
    ("n", "keep", "labelled"), [(60, 0.3, 0.3), (60, 0.5, 0.1), (50, 0.8, 0.05)]
)
def test_engines_agree_where_folds_matter(n, keep, labelled):
    data = _thinned(n, keep, labelled, seed=n)
    one, other = (separation_relation(data, method=m) for m in ("reference", "compiled"))
    assert one == other
    for x, y in itertools.islice(itertools.combinations(range(n), 2), 0, None, 37):
        assert separation_of(data, x, y).separated == one.must_separate(x, y)


def test_counts_of_the_counting_chain(counting_without):
    found = separation_relation(counting_without)
    assert found.n_by_word_length == (8, 12, 7, 3, 2)
    assert (found.n_by_fold_only, found.n_must_separate, found.n_may_merge) == (3, 35, 1)
    assert found.word_length(5, 7) is None
    assert found.word_length(0, 1) == 3
    assert found.is_transitive
    assert found.as_partition().blocks[-1] == (7, 8)
    whole = separation_relation(counting_chain(9))
    assert whole.n_by_word_length == (8, 13, 9, 5, 1)
    assert (whole.n_by_fold_only, whole.n_must_separate) == (0, 36)


def test_counts_are_of_observations_not_of_classes():
    data = TransitionData([[0, 0, 1], [0, 0, 2], [0, 0, 3]], {0: "a", 1: "b"})
    found = separation_relation(data)
    assert found.n_classes == 2
    assert (found.n_must_separate, found.n_may_merge) == (3, 3)
    assert found.must_separate(0, 3)


def test_an_unlabelled_observation_may_join_either_side():
    data = TransitionData([[0, 0, 0]], {0: "a", 2: "b"}, observations=["x", "free", "z"])
    found = separation_relation(data)
    assert not found.is_transitive
    assert found.intransitive_triple == ("x", "free", "z")
    with pytest.raises(InvalidArgumentError, match="'x' and 'free' may share a code"):
        found.as_partition()
    assert "no partition" in found.explain()


def test_budgets_and_bad_arguments(counting_without, monkeypatch):
    with pytest.raises(BudgetExceededError, match="9 classes of F"):
        separation_relation(counting_without, max_classes=8)
    with pytest.raises(BudgetExceededError, match="max_work=0"):
        separation_relation(counting_without, max_work=0, method="compiled")
    with pytest.raises(InvalidArgumentError, match="max_classes is True"):
        separation_relation(counting_without, max_classes=True)
    with pytest.raises(InvalidArgumentError, match="method is 'numpy'"):
        separation_relation(counting_without, method="numpy")
    with pytest.raises(InvalidArgumentError, match="no observation named 9"):
        separation_relation(counting_without).must_separate(0, 9)
    monkeypatch.setattr(module, "has_numba", lambda: False)
    with pytest.raises(InvalidArgumentError, match="needs numba"):
        separation_relation(counting_without, method="compiled")
    assert separation_relation(counting_without).n_must_separate == 35
