"""The strategy for transition data: within its bounds, all kinds reached, small when shrunk."""

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from tellapart.properties.data_strategies import transition_data
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.analysis import analyse


@given(transition_data(max_observations=5, max_actions=3, max_labels=2))
def test_bounds_are_kept(data):
    assert isinstance(data, TransitionData)
    assert 1 <= data.n_obs <= 5
    assert 1 <= data.n_actions <= 3
    assert set(data.label_values) <= {0, 1}


@given(transition_data(families=["functional", "gaps"]))
def test_functional_families_have_one_successor(data):
    assert data.is_functional


@given(transition_data(families=["nuisance"]))
def test_nuisance_is_feasible_and_covers_everything(data):
    assert data.is_total
    assert data.is_fully_labelled
    assert analyse(data, time_limit=1.0).feasible


@given(transition_data(families=["contradiction"]))
def test_one_row_too_many_is_infeasible_exactly_when_its_successor_must_be_told_apart(data):
    """What the second successor of a pair does, from the MDP without it."""
    assert data.is_total
    assert data.is_fully_labelled
    if data.is_functional:
        assert analyse(data, time_limit=1.0).feasible
        return
    rows = data.triples.tolist()
    twice = next(row for row in rows if [r[:2] for r in rows].count(row[:2]) == 2)
    first, second = (row[2] for row in rows if row[:2] == twice[:2])
    labels = [data.label_values[i] for i in data.label_ids.tolist()]
    for left_out in (first, second):  # either may be the row that was added
        kept = [row for row in rows if row != [*twice[:2], left_out]]
        mdp = TransitionData(kept, labels, range(data.n_obs), range(data.n_actions)).to_mdp()
        apart = not bisimulation(mdp).partition.same_block(first, second)
        assert analyse(data, time_limit=1.0).feasible is not apart


def least(condition, **options):
    """Return the smallest data set with a property."""
    quick = settings(
        max_examples=4000, database=None, derandomize=True,
        phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    return find(transition_data(**options), condition, settings=quick)


@pytest.mark.parametrize(
    ("condition", "most"),
    [
        (lambda data: True, 1),
        (lambda data: not data.is_total, 2),
        (lambda data: not data.is_functional, 4),
        (lambda data: not analyse(data).feasible, 4),
        (lambda data: len(data.label_values) == 2, 3),
    ],
)
def test_every_kind_is_found_and_shrinks(condition, most):
    found = least(condition)  # to few choices, which is not always the fewest observations
    assert condition(found)
    assert found.n_obs <= most


def test_pairs_that_only_folds_separate_are_found():
    def by_fold(data):
        relation = analyse(data, time_limit=0.1).relation
        return relation is not None and relation.n_by_fold_only > 0

    found = least(by_fold, families=["gaps", "functional"])
    assert found.n_obs <= 5


def test_forced_merges_of_looks_are_found():
    found = least(lambda data: analyse(data).n_forced_pairs > 0, families=["nuisance"])
    assert not found.is_functional


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_observations": 0}, "bounds on observations are 1..0"),
        ({"max_actions": 0}, "bounds on actions are 1..0"),
        ({"max_labels": -1}, "bounds on labels are 1..-1"),
        ({"families": []}, "choose at least one"),
        ({"families": ["gap"]}, "choose at least one"),
    ],
)
def test_bad_bounds_are_refused(options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        transition_data(**options)
