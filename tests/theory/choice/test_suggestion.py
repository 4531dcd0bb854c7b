"""Suggested labels against brute force over all subsets and all labellings."""

import importlib.util
import itertools

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.choice import suggestion
from tellapart.theory.choice.folds import fold
from tellapart.theory.choice.sat import Budget
from tellapart.theory.choice.suggestion import LabelSuggestion, suggest_labels
from tellapart.theory.choice.targets import suffices
from tellapart.theory.errors import (
    BudgetExceededError,
    InternalError,
    InvalidArgumentError,
)
from tellapart.theory.gallery import (
    blow_up,
    counting_chain,
    cycle,
    gallery_mdp,
    random_mdp,
    tree,
)
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

MDPS = deterministic_mdps(max_observations=6, max_actions=2, max_labels=1)
KINDS = ("observations", "binary", "values")


def _options(kind):
    return {"minimise": "values"} if kind == "values" else {"binary": kind == "binary"}


def _suffices(mdp, labels, target):
    """The definition of B* by pairs, with nothing of the library."""
    table, n = mdp.successors.tolist(), mdp.n_obs
    alike = [[labels[x] == labels[y] for y in range(n)] for x in range(n)]
    changed = True
    while changed:
        changed = False
        for x, y in itertools.product(range(n), repeat=2):
            after = zip(table[x], table[y], strict=True)
            if alike[x][y] and not all(alike[p][q] for p, q in after):
                alike[x][y] = False
                changed = True
    return all(not alike[x][y] or target[x] == target[y] for x in range(n) for y in range(x))


def _all_labellings(n, k):
    """All labellings with at most k values, up to the names of the values."""
    found = [[]]
    for _ in range(n):
        found = [
            [*start, value]
            for start in found
            for value in range(min(k, max(start, default=-1) + 2))
        ]
    return found


def _optimum(mdp, target, kind):
    """The least number by trying everything, or None."""
    n = mdp.n_obs
    if kind == "values":
        return next(
            k
            for k in range(1, n + 1)
            if any(_suffices(mdp, labels, target) for labels in _all_labellings(n, k))
        )
    for k in range(n + 1):
        for marks in itertools.combinations(range(n), k):
            value = dict.fromkeys(marks, 1) if kind == "binary" else {o: o + 1 for o in marks}
            if _suffices(mdp, [value.get(o, 0) for o in range(n)], target):
                return k
    return None


def _check(mdp, target, kind):
    best = _optimum(mdp, target, kind)
    for method in ("exact", "greedy"):
        try:
            found = suggest_labels(mdp, target, method=method, **_options(kind))
        except InvalidArgumentError:
            assert best is None
            continue
        except BudgetExceededError:
            assert method == "greedy"
            continue
        assert _suffices(mdp, found.labels, target)
        assert found.lower_bound <= best <= found.number
        assert found.status == (
            "optimal" if found.lower_bound == found.number else "upper bound only"
        )
        if kind == "values":
            assert len(set(found.labels)) == found.number
        else:
            assert len(found.marked) == found.number
            values = {label for label in found.labels if label}
            assert len(values) == (min(found.number, 1) if kind == "binary" else found.number)
        if method == "exact":
            assert (found.number, found.status) == (best, "optimal")
        if found.status == "optimal":
            _check_reason(mdp, target, found)


def _check_reason(mdp, target, found):
    """Every group of a reason by itself makes smaller numbers impossible."""
    reason, table = found.reason, mdp.successors.tolist()
    if reason.cause in ("twins", "disjoint supports", "symmetry"):
        members = [o for group in reason.groups for o in group.members]
        assert len(set(members)) == len(members)
        assert sum(group.needs for group in reason.groups) == found.number
    for group in reason.groups:
        assert target[group.pair[0]] != target[group.pair[1]]
        assert fold(table, *group.pair).support <= set(group.members)
        if group.twins:
            pairs = list(itertools.combinations(group.members, 2))
            assert all(fold(table, *pair).support == set(pair) for pair in pairs)
            wanted = [target[o] for o in group.members]
            if found.minimise == "values":
                assert len(set(wanted)) == found.number
            else:
                assert group.needs == len(wanted) - max(map(wanted.count, wanted))
        else:
            assert group.needs == 1
        if group.symmetry is not None:
            assert group.symmetry.verify(mdp)
            assert set(group.symmetry.moved) <= set(group.members)
    if reason.cause == "nothing":
        assert len(set(target)) == 1
    if reason.cause == "constant":
        assert found.number == (2 if found.minimise == "values" else 1)


@settings(max_examples=40)
@given(MDPS, st.data())
def test_the_optimum_is_that_of_brute_force(mdp, data):
    n = mdp.n_obs
    target = data.draw(
        st.one_of(st.just(list(range(n))), st.lists(st.integers(0, 3), min_size=n, max_size=n)),
        label="target",
    )
    event(f"blocks of the target: {len(set(target))}")
    for kind in KINDS:
        _check(mdp, target, kind)


def _rings(*lengths):
    table = []
    for length in lengths:
        start = len(table)
        table += [[start + (i + 1) % length] for i in range(length)]
    return DeterministicMDP(table, [0] * len(table))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "mdp",
    [
        counting_chain(7),
        cycle(7),
        _rings(3, 4),
        _rings(3, 3),
        _rings(2, 2, 2),
        _rings(1, 1, 1, 1),
        _rings(1, 2, 3),
        DeterministicMDP([[6], [6], [6], [6], [0], [0], [6]], [0] * 7),
        DeterministicMDP([[0, 1], [0, 1], [0, 1], [3, 2], [3, 2], [3, 3]], [0] * 6),
        DeterministicMDP(tree(2).successors, [0] * 7),
    ],
    ids=["chain", "cycle", "3+4", "3+3", "2+2+2", "loops", "1+2+3", "twins", "mixed", "tree"],
)
def test_known_systems_against_brute_force(mdp, kind):
    _check(mdp, list(range(mdp.n_obs)), kind)


def test_one_labelled_observation_is_enough_on_the_counting_chain():
    for n in (2, 9, 30):
        found = suggest_labels(counting_chain(n))
        assert (found.number, found.lower_bound, found.status) == (1, 1, "optimal")
        assert suffices(found.labelled_mdp)
        assert suggest_labels(counting_chain(n), minimise="values").number == 2


def test_two_rings_need_a_label_each_because_each_can_be_turned():
    found = suggest_labels(_rings(3, 4))
    assert found.number == 2
    assert found.reason.cause == "symmetry"
    assert [group.members for group in found.reason.groups] == [(0, 1, 2), (3, 4, 5, 6)]
    assert "symmetry: 3 -> 4, 4 -> 5, 5 -> 6, 6 -> 3" in found.explain()
    assert suggest_labels(_rings(3, 4), minimise="values").number == 2
    same = suggest_labels(_rings(3, 3), binary=True)
    assert (same.number, same.reason.cause) == (3, "exhausted")
    assert "refuted every label with 2 labelled observations of one value" in same.explain()


def test_twins_need_labels_of_their_own():
    loops = _rings(1, 1, 1, 1)
    found = suggest_labels(loops)
    assert (found.number, found.reason.cause) == (3, "twins")
    values = suggest_labels(loops, minimise="values")
    assert (values.number, values.reason.cause) == (4, "twins")
    with pytest.raises(InvalidArgumentError, match="0, 1, 2, 3 are twins"):
        suggest_labels(loops, binary=True)
    with pytest.raises(InvalidArgumentError, match="0, 1, 2, 3 are twins"):
        suggest_labels(loops, binary=True, method="greedy")
    parts = suggest_labels(loops, [0, 0, 0, 1])
    assert (parts.number, parts.marked) == (1, (3,))


def test_two_values_can_be_impossible_without_three_twins():
    """Three rings of length two: yes or no gives each its two phases, but only one such ring."""
    with pytest.raises(InvalidArgumentError, match="solver refuted every such label"):
        suggest_labels(_rings(2, 2, 2), binary=True, method="exact")
    with pytest.raises(BudgetExceededError, match="none was excluded"):
        suggest_labels(_rings(2, 2, 2), binary=True, method="greedy")


def test_nothing_to_keep_apart_needs_nothing():
    for kind in KINDS:
        found = suggest_labels(cycle(4), [7, 7, 7, 7], **_options(kind))
        assert found.number == found.lower_bound == int(kind == "values")
        assert set(found.labels) == {0}
        assert found.reason.cause == "nothing"
    assert suggest_labels(DeterministicMDP([[0]], ["x"])).number == 0


@pytest.mark.parametrize(
    ("mdp", "number"),
    [
        (counting_chain(5000), 1),
        (_rings(*[4] * 500), 500),
        (DeterministicMDP(np.arange(3000)[:, None], [0] * 3000), 2999),
        (tree(10), 1023),
    ],
    ids=["chain", "rings", "loops", "tree"],
)
def test_greedy_is_optimal_on_larger_systems_and_says_so(mdp, number):
    found = suggest_labels(mdp, method="greedy")
    assert (found.number, found.status) == (number, "optimal")
    assert found.irreducible
    assert found.method == "greedy"


@pytest.mark.parametrize("kind", ["observations", "values"])
def test_greedy_suffices_on_larger_random_systems(kind):
    for mdp in (random_mdp(3000, 1, 1, seed=1), blow_up(random_mdp(300, 2, 1, seed=2), 6)):
        found = suggest_labels(mdp, method="greedy", **_options(kind))
        assert suffices(found.labelled_mdp)
        assert found.lower_bound <= found.number


def test_the_target_may_be_coarser_than_all_observations():
    chain = counting_chain(9)
    table = np.repeat(2 * chain.successors, 2, axis=0)  # every step shows the first shape again
    names = [(count, shape) for count in range(9) for shape in "ox"]
    shapes = DeterministicMDP(table, [0] * 18, names)
    apart = suggest_labels(shapes)
    assert (apart.number, apart.reason.cause) == (9, "twins")
    count = {name: name[0] for name in names}
    counted = suggest_labels(shapes, count)
    assert (counted.number, counted.status) == (1, "optimal")
    assert counted.target == Partition(np.repeat(np.arange(9), 2))
    assert suffices(counted.labelled_mdp, count)
    assert not suffices(counted.labelled_mdp)


def test_the_same_call_gives_the_same_bytes():
    mdp = _rings(3, 3, 4, 5)
    for kind in KINDS:
        for method in ("greedy", "exact"):
            options = {"method": method, "conflict_budget": 5000, "time_limit": None}
            texts = {suggest_labels(mdp, **options, **_options(kind)).to_json() for _ in range(2)}
            assert len(texts) == 1


def test_results_are_saved_and_explained():
    found = suggest_labels(_rings(1, 1, 3), method="exact")
    assert LabelSuggestion.from_json(found.to_json()) == found
    assert repr(found) == (
        "LabelSuggestion(2 labelled observations, optimal, lower bound 2, greedy)"
    )
    assert found.explain().splitlines()[:3] == [
        "2 labelled observations force the target apart (5 blocks, 10 pairs).",
        "Label apart (a value of its own for each): 1, 2",
        "This is the fewest possible (greedy).",
    ]
    values = suggest_labels(_rings(1, 1, 3), minimise="values")
    assert "2 label values force the target apart" in values.explain()
    assert "Observations whose value is not 0: " in values.explain()


def test_a_spent_budget_leaves_the_greedy_result_and_its_bound():
    rings = _rings(4, 4, 4, 6, 6, 6, 6)
    options = {"binary": True, "method": "exact", "time_limit": None}
    found = suggest_labels(rings, conflict_budget=1, **options)
    assert found.status == "upper bound only"
    assert found.reason is None
    assert found.lower_bound < found.number
    assert "Perhaps fewer suffice" in found.explain()
    assert suffices(found.labelled_mdp)
    better = suggest_labels(rings, conflict_budget=20_000, **options)
    assert found.lower_bound < better.lower_bound <= better.number <= found.number


def test_budgets_end():
    assert not Budget(None, None).spent
    assert Budget(0.0, None).spent
    assert Budget(None, 0).spent


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minimise": "labels"}, "minimise is 'labels'; it must be one of 'observations'"),
        ({"method": "sat"}, "method is 'sat'; it must be one of 'auto'"),
        ({"binary": 1}, "binary is 1; it must be one of False, True"),
        ({"binary": True, "minimise": "values"}, "goes with minimise='observations'"),
        ({"time_limit": 0}, "time_limit is 0"),
        ({"time_limit": float("nan")}, "time_limit is nan"),
        ({"time_limit": True}, "time_limit is True"),
        ({"conflict_budget": 0}, "conflict_budget is 0"),
        ({"conflict_budget": 1.5}, r"conflict_budget is 1\.5"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": None}, "seed is None"),
        ({"target": "colour"}, "The target is 'colour'"),
    ],
)
def test_bad_arguments_are_one_clear_error(options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        suggest_labels(counting_chain(5), **options)


def test_without_python_sat_exact_says_what_to_install(monkeypatch):
    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pysat" else known(name)
    )
    with pytest.raises(InvalidArgumentError, match=r"pip install 'tellapart\[formal\]'"):
        suggest_labels(counting_chain(5), method="exact")
    found = suggest_labels(_rings(3, 3), binary=True)
    assert (found.method, found.lower_bound) == ("greedy", 2)


def test_a_label_that_does_not_suffice_is_never_returned(monkeypatch):

    honest = suggestion.search_observations

    def lie(*arguments):
        found = honest(*arguments)
        return type(found)(np.zeros_like(found.labels), 0, 0, found.method, True, found.reason)

    monkeypatch.setattr(suggestion, "search_observations", lie)
    with pytest.raises(InternalError, match="does not suffice"):
        suggest_labels(counting_chain(5))


def test_without_the_solver_the_way_to_an_optimum_is_named(monkeypatch):
    monkeypatch.setattr(suggestion, "has_sat", lambda: False)
    found = suggest_labels(gallery_mdp("redundant-pick"))
    assert found.status == "upper bound only"
    assert "pip install 'tellapart[formal]'" in found.explain()
