"""Shrinking: the same failure, nothing left to take away, and close to the smallest there is."""

from collections import Counter
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.shrink import Shrunk, moves_of, shrink
from tellapart.theory.counterexamples.shrink_codes import is_merged
from tellapart.theory.counterexamples.shrink_instance import Instance, as_codes, violation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError, InvalidMDPError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.classes import forced_classes


def rows_and_labels(system):
    """Return plain rows and labels by index: all that the oracle below is told."""
    if isinstance(system, DeterministicMDP):
        system = TransitionData.from_mdp(system)
    labels = {o: system.label_of(o) for o in range(system.n_obs) if system.label_ids[o] >= 0}
    return system.n_obs, [tuple(row) for row in system.triples.tolist()], labels


def partitions(n):
    """All partitions of 0..n-1 as lists of block numbers."""
    if n == 0:
        yield []
        return
    for rest in partitions(n - 1):
        for block in range(max(rest, default=-1) + 2):
            yield [*rest, block]


def must_separate(n, rows, labels, x, y):
    """S3 by its meaning: no admissible partition (D4) at all merges the pair."""
    for ids in partitions(n):
        if ids[x] != ids[y]:
            continue
        pairs = list(combinations(labels, 2))
        if any(ids[o] == ids[q] and labels[o] != labels[q] for o, q in pairs):
            continue
        if all(
            ids[t] == ids[u]
            for (s, a, t), (r, b, u) in combinations(rows, 2)
            if a == b and ids[s] == ids[r]
        ):
            return False
    return True


def fails(instance):
    index = instance.system.observation_index
    return must_separate(*rows_and_labels(instance.system), index(instance.x), index(instance.y))


def failing_pairs(system):
    found = [
        (x, y)
        for x, y in combinations(system.observations, 2)
        if violation(Instance(system, as_codes([0] * system.n_obs, system.n_obs), x, y))
    ]
    assume(found)
    return st.sampled_from(found)


@given(st.data())
def test_data_keep_the_failure_and_nothing_more_can_be_taken(data):
    system = data.draw(transition_data(max_observations=5))
    assume(forced_classes(system).feasible)
    x, y = data.draw(failing_pairs(system))
    small = shrink(system, [0] * system.n_obs, x, y)
    check_minimal(small, x, y)
    nothing_is_spare(small)
    names = set(small.system.observations)
    assert names <= set(system.observations)
    rows = set(named_rows(system))
    assert set(named_rows(small.system)) <= rows
    event(f"{small.after.rows} rows left")


@given(st.data())
def test_a_system_stays_total_and_nothing_more_can_be_taken(data):
    mdp = data.draw(deterministic_mdps(min_observations=2, max_observations=5, max_actions=2))
    x, y = data.draw(failing_pairs(mdp))
    small = shrink(mdp, [0] * mdp.n_obs, x, y, kind="total")
    assert isinstance(small.system, DeterministicMDP)
    check_minimal(small, x, y)
    assert bisimulation(small.system).partition.n_blocks == small.system.n_obs
    nothing_can_stay(small)
    word = [small.system.action_index(action) for action in small.separation.word]
    index = small.system.observation_index
    ends = [small.system.label_trace(index(name), word)[-1] for name in (x, y)]
    assert ends[0] != ends[1]


def check_minimal(small, x, y):
    """Nothing here is decided by the code that shrinks."""
    assert (small.x, small.y) == (x, y)
    codes = dict(zip(small.system.observations, small.codes, strict=True))
    assert codes[x] == codes[y]
    assert fails(small.instance)
    for move in moves_of(small.instance):
        smaller = move.apply(small.instance)
        assert smaller is None or not fails(smaller), move.text
    again = Shrunk.from_json(small.to_json())
    assert (again.system, again.codes, again.steps) == (small.system, small.codes, small.steps)


def nothing_is_spare(small):
    """Every row, label, observation and action is needed, but for the one row that data keep."""
    n, rows, labels = rows_and_labels(small.system)
    index = small.system.observation_index
    pair = index(small.x), index(small.y)
    assert len(rows) == 1 or not any(
        must_separate(n, rows[:k] + rows[k + 1 :], labels, *pair) for k in range(len(rows))
    )
    for o in labels:
        fewer = {q: label for q, label in labels.items() if q != o}
        assert not must_separate(n, rows, fewer, *pair)
    touched = {o for s, _, t in rows for o in (s, t)} | set(labels) | set(pair)
    assert touched == set(range(n))
    assert {a for _, a, _ in rows} == set(range(small.system.n_actions))
    assert len(set(labels.values())) == 2


def nothing_can_stay(small):
    """Every transition that leaves its observation is needed, and so are the two label values."""
    n, rows, labels = rows_and_labels(small.system)
    index = small.system.observation_index
    pair = index(small.x), index(small.y)
    for k, (s, a, t) in enumerate(rows):
        looped = [*rows[:k], (s, a, s), *rows[k + 1 :]]
        assert s == t or not must_separate(n, looped, labels, *pair)
    assert len(set(labels.values())) == 2


def named_rows(data):
    return [
        (data.observations[s], data.actions[a], data.observations[t])
        for s, a, t in data.triples.tolist()
    ]


def fewest_observations(system, x, y):
    """Go through all sets of observations, smallest first; all rows and labels among them count."""
    n, rows, labels = rows_and_labels(system)
    i, j = system.observation_index(x), system.observation_index(y)
    others = [o for o in range(n) if o not in (i, j)]
    for size in range(len(others) + 1):
        for more in combinations(others, size):
            kept = [i, j, *more]
            place = {o: k for k, o in enumerate(kept)}
            inside = [(place[s], a, place[t]) for s, a, t in rows if s in place and t in place]
            known = {place[o]: label for o, label in labels.items() if o in place}
            if inside and must_separate(len(kept), inside, known, 0, 1):
                return len(kept)
    raise AssertionError("the whole is one of its parts")


def draws():
    """Return failing data of a fixed seed: random rows, and chains with gaps."""
    rng = np.random.default_rng(7)
    for _ in range(150):
        n, width = int(rng.integers(3, 6)), int(rng.integers(1, 3))
        table = rng.integers(0, n, size=(n, width))
        gaps = rng.random((n, width)) < 0.25
        rows = [(o, a, int(table[o, a])) for o, a in product(range(n), range(width))
                if not gaps[o, a]]  # fmt: skip
        labels = {o: int(rng.integers(2)) for o in range(n) if rng.random() < 0.6}
        if rows:
            yield TransitionData(rows, labels, range(n), range(width))


def test_the_fewest_observations_are_found_mostly_and_never_beaten():
    seen = Counter()
    for data in draws():
        for x, y in combinations(range(data.n_obs), 2):
            if not must_separate(*rows_and_labels(data), x, y):
                continue
            small = shrink(data, [0] * data.n_obs, x, y)
            excess = small.system.n_obs - fewest_observations(data, x, y)
            assert excess >= 0
            seen[excess] += 1
            break
    assert seen[0] >= 0.9 * seen.total() > 60


def test_what_one_proof_needs_is_enough_in_large_data():
    chain = counting_chain(101)
    small = shrink(chain, np.zeros((101, 3)), 0, 100)
    assert small.steps[0] == "what the first proof does not need deleted"
    assert (small.after.rows, small.after.labelled, small.system.n_actions) == (51, 2, 1)
    total = shrink(chain, np.zeros((101, 3)), 0, 100, kind="total")
    assert (total.after.observations, total.after.actions) == (52, 1)
    assert len(total.separation.word) == 50


def test_pairs_with_different_labels_keep_one_row_of_the_data():
    chain = counting_chain(101)
    small = shrink(chain, [0] * 101)
    assert (small.after.observations, small.after.rows, small.after.labelled) == (2, 1, 2) or (
        small.after.rows == 1 and small.after.observations <= 3
    )
    assert set(named_rows(small.system)) <= set(named_rows(TransitionData.from_mdp(chain)))


def test_rows_keep_the_numbers_that_they_had():
    rows = [(9, 0, 9)] * 5 + [(0, 0, 2), (1, 0, 3), (4, 0, 4)]
    data = TransitionData(rows, {2: "goal", 3: "road", 4: "road"}, range(10))
    small = shrink(data, [5.0, 5.0, *range(8)], 0, 1)
    assert named_rows(small.system) == [(0, 0, 2), (1, 0, 3)]
    assert [small.system.row_text(t) for t in range(2)] == ["row 5", "row 6"]
    assert "row 5: (0, 0) -> 2" in small.explain()


def test_bisimilar_observations_are_merged_and_the_pair_keeps_its_names():
    chain = counting_chain(5)
    doubled = DeterministicMDP(
        [[2 * t for t in row] for row in chain.successors.tolist() for _ in range(2)],
        [label for label in chain.labels for _ in range(2)],
        [f"{name}{copy}" for name in range(5) for copy in "ab"],
    )
    small = shrink(doubled, [0] * 10, "0b", "4b", kind="total")
    assert {"0b", "4b"} <= set(small.system.observations)
    assert small.system.n_obs == shrink(chain, [0] * 5, 0, 4, kind="total").system.n_obs == 4


def test_codes_are_written_in_the_fewest_coordinates_and_digits_that_keep_blocks_apart():
    chain = counting_chain(9)
    codes = [[0.25, 1.51 + o % 2, 7.0] for o in range(9)]
    small = shrink(chain, codes, 0, 8)
    assert set(small.codes) == {(2,)} | {(3,)} or set(small.codes) == {(2,), (2.5,)}
    assert len(small.codes[0]) == 1
    exact = shrink(chain, [Fraction(o % 2, 3) for o in range(9)], 0, 8)
    assert set(exact.codes) == {(0,), (Fraction(3, 10),)}


def test_a_tolerance_makes_near_codes_one():
    chain = counting_chain(9)
    codes = np.random.default_rng(0).normal(size=(9, 4)) * 1e-6
    codes[4] += 1.0
    with pytest.raises(InvalidArgumentError, match="No pair"):
        shrink(chain, codes)
    small = shrink(chain, codes, tolerance=1e-3)
    assert len(small.separation.word) == 1
    assert set(small.codes) == {(0,), (1,)}
    with pytest.raises(InvalidArgumentError, match="do not share a code"):
        shrink(chain, codes, 0, 4, tolerance=1e-3)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=4), st.floats(0, 5))
def test_distances_are_compared_exactly(difference, tolerance):
    zero = (0,) * len(difference)
    squares = sum(Fraction(d) ** 2 for d in difference)
    assert is_merged(tuple(difference), zero, tolerance) is (squares <= Fraction(tolerance) ** 2)


@given(st.data())
def test_without_a_pair_a_shortest_word_is_taken(data):
    mdp = data.draw(deterministic_mdps(min_observations=2, max_observations=5, max_actions=2))
    codes = data.draw(st.lists(st.integers(0, 1), min_size=mdp.n_obs, max_size=mdp.n_obs))
    found = bisimulation(mdp)
    lengths = [
        len(found.word_of_indices(i, j))
        for i, j in combinations(range(mdp.n_obs), 2)
        if codes[i] == codes[j] and found.partition.ids[i] != found.partition.ids[j]
    ]
    for system in (mdp, TransitionData.from_mdp(mdp)):
        if not lengths:
            with pytest.raises(InvalidArgumentError, match="No pair"):
                shrink(system, codes)
            continue
        small = shrink(system, codes)
        i, j = system.observation_index(small.x), system.observation_index(small.y)
        assert codes[i] == codes[j]
        assert len(found.word_of_indices(i, j)) == min(lengths)


def test_what_keep_refuses_is_not_taken_and_progress_is_told():
    seen = []
    small = shrink(
        counting_chain(9),
        [0] * 9,
        0,
        8,
        keep=lambda instance: 6 in instance.system.observations,
        progress=lambda stage, done, total, note: seen.append((stage, done, note)),
    )
    assert 6 in small.system.observations
    assert len(seen) == small.n_checked == seen[-1][1]
    with pytest.raises(InvalidArgumentError, match="keep refuses"):
        shrink(counting_chain(9), [0] * 9, 0, 8, keep=lambda instance: False)


def test_the_same_call_gives_the_same_bytes():
    made = [shrink(counting_chain(9), [0] * 9, 0, 7).to_json() for _ in range(2)]
    assert made[0] == made[1]


def test_the_story_says_what_is_left():
    text = shrink(counting_chain(9), [0] * 9, 0, 8).explain()
    assert "After:  6 observations, 1 action, 5 rows, 2 labelled with 2 values" in text
    assert "contradiction" in text
    many = shrink(counting_chain(101), [0] * 101, 0, 100).explain()
    assert "more lines" in many


PARTIAL = TransitionData([[0, 0, 1]], labels={0: "a", 1: "b"})
CHAIN = counting_chain(5)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((CHAIN, [0] * 4), {}, "4 rows"),
        ((CHAIN, "00000"), {}, "a str"),
        ((CHAIN, 3), {}, "a int"),
        ((CHAIN, [0, 0, 0, 0, float("nan")]), {}, "coordinate nan"),
        ((CHAIN, [True] * 5), {}, "coordinate True"),
        ((CHAIN, [[0], [0, 1], [0], [0], [0]]), {}, "same number"),
        ((CHAIN, [[]] * 5), {}, "one or more"),
        ((CHAIN, [0] * 5, 0), {}, "both x and y"),
        ((CHAIN, [0] * 5, 0, 7), {}, "observation named 7"),
        ((CHAIN, [0] * 5, 3, 3), {}, "one observation"),
        ((CHAIN, [0, 1, 2, 3, 4], 0, 4), {}, "do not share"),
        ((CHAIN.with_labels([0] * 5), [0] * 5, 0, 4), {}, "need not be told apart"),
        ((CHAIN, [0] * 5), {"kind": "whole"}, "'data' or 'total'"),
        ((CHAIN, [0] * 5), {"tolerance": -1}, "finite number"),
        ((CHAIN, [0] * 5), {"tolerance": True}, "finite number"),
        (([[0]], [0]), {}, "TransitionData"),
        ((TransitionData([[0, 0, 1], [0, 0, 2]], {1: "a", 2: "b"}), [0] * 3), {}, "infeasible"),
    ],
)  # fmt: skip
def test_other_arguments_are_one_clear_error(arguments, options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        shrink(*arguments, **options)


def test_partial_data_are_no_total_system():
    with pytest.raises(InvalidMDPError):
        shrink(PARTIAL, [0, 0], kind="total")
