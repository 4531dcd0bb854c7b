"""Fewest codes: evidence for both bounds, SAT against greedy, and limits that are said."""

import importlib.util
import itertools

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial import greedy_codes
from tellapart.theory.partial import min_codes as module
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.min_codes import MinimumCodes, minimum_codes
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partial.sat_codes import Optimum, search_optimum

#: An odd ring of observations, each of which must be told apart from its two neighbours: the
#: largest clique is 2, three codes are needed.
RING = TransitionData(
    [row for i in range(5) for row in ((i, i, 5), ((i + 1) % 5, i, 6))], {5: "a", 6: "b"}
)


@st.composite
def sparse_data(draw):
    observation = st.integers(0, 8)
    row = st.tuples(observation, st.integers(0, 2), observation)
    rows = {pair[:2]: pair for pair in draw(st.lists(row, min_size=5, max_size=20))}
    labels = draw(st.dictionaries(observation, st.integers(0, 1), min_size=2, max_size=5))
    return TransitionData(list(rows.values()), labels, observations=range(9), actions=range(3))


@given(sparse_data())
def test_bounds_have_evidence_and_sat_lies_between(data):
    found = minimum_codes(data)
    greedy = minimum_codes(data, exact=False)
    event(found.method)
    assert found.status == "optimum proved"
    assert greedy.lower <= found.value <= greedy.upper
    relation = separation_relation(data)
    for bounds in (found, greedy):
        assert len(bounds.clique) <= bounds.lower
        assert all(relation.must_separate(*p) for p in itertools.combinations(bounds.clique, 2))
        assert is_admissible_for(data, bounds.partition)
        assert bounds.partition.n_blocks == bounds.upper
        assert MinimumCodes.from_json(bounds.to_json()) == bounds
    assert minimum_codes(data, relation=relation) == found


@given(sparse_data())
def test_sat_alone_finds_what_greedy_and_clique_prove(data):
    classes = forced_classes(data)
    separated = separation_relation(classes).separated
    start = Optimum(1, classes.n_classes + 1, None, "")
    answer = search_optimum(classes, separated, [], start, 30.0, None)
    assert answer.lower == answer.upper == minimum_codes(data).value


def test_sat_decides_where_the_clique_is_too_small():
    found = minimum_codes(RING)
    assert (found.value, found.status) == (3, "optimum proved")
    assert len(found.clique) == 2
    assert found.method == "SAT"
    assert found.explain() == "A zero-loss encoder needs 3 codes (proved by SAT)."


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"exact": False}, "exact=False"),
        ({"time_limit": 0}, "within 0 s"),
        ({"conflict_budget": 0}, "budget of conflicts"),
    ],
)
def test_limits_leave_bounds_and_say_so(options, reason):
    found = minimum_codes(RING, **options)
    assert (found.status, found.value, found.lower, found.upper) == ("bounds only", None, 2, 3)
    assert reason in found.reason
    assert "between 2 and 3 codes" in found.explain()
    assert repr(found) == "MinimumCodes(2 to 3, bounds only, by clique and greedy merging)"


def test_without_python_sat_the_bounds_are_reported(monkeypatch):
    found_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pysat" else found_spec(name)
    )
    found = minimum_codes(RING)
    assert found.status == "bounds only"
    assert found.reason.startswith("python-sat is not installed (pip install")


def test_too_large_a_formula_or_system_is_not_tried(monkeypatch):
    monkeypatch.setattr(module, "SAT_CLAUSES", 10)
    assert "would need about" in minimum_codes(RING).reason
    monkeypatch.setattr(module, "GREEDY_CLASSES", 5)
    found = minimum_codes(RING)
    assert (found.lower, found.upper) == (2, 7)
    assert "7 classes of F(D), more than 5" in found.reason
    assert set(found.clique) == {5, 6}


def test_greedy_merging_may_stop_early(monkeypatch):
    monkeypatch.setattr(greedy_codes, "_MAX_TOUCHED", 3)
    found = minimum_codes(RING, exact=False)
    assert found.lower == 2
    assert 3 < found.upper <= 7
    assert is_admissible_for(RING, found.partition)


def test_known_answers(counting_without):
    assert minimum_codes(counting_chain(9)).value == 9
    assert minimum_codes(counting_without).value == 8
    assert minimum_codes(TransitionData([[0, 0, 1]])).value == 1
    infeasible = minimum_codes(TransitionData([[0, 0, 1], [0, 0, 2]], {1: "a", 2: "b"}))
    assert (infeasible.status, infeasible.value, infeasible.lower) == ("infeasible", None, None)
    assert "No encoder" in infeasible.explain()


@pytest.mark.parametrize(
    "options",
    [{"time_limit": -1}, {"time_limit": True}, {"time_limit": float("nan")},
     {"time_limit": "long"}, {"conflict_budget": 1.5}],
)  # fmt: skip
def test_bad_limits_are_errors(options):
    with pytest.raises(InvalidArgumentError, match=next(iter(options))):
        minimum_codes(RING, **options)


def test_a_relation_of_other_data_is_refused(counting_without):
    with pytest.raises(InvalidArgumentError, match="of other data"):
        minimum_codes(RING, relation=separation_relation(counting_without))


def test_a_bound_that_sat_raised_says_so(monkeypatch):
    def one_more(classes, separated, clique, found, time_limit, conflict_budget):
        return found._replace(lower=found.lower + 1, reason="stopped")

    monkeypatch.setattr(module, "search_optimum", one_more)
    monkeypatch.setattr(module, "greedy_clique", lambda separated: [0])
    data = TransitionData([[0, 0, 3], [1, 0, 4], [2, 0, 5]], labels={3: "a", 4: "b", 5: "c"})
    found = minimum_codes(data)
    assert (found.lower, found.upper) == (2, 3)
    assert found.method == "clique, SAT and greedy merging"
