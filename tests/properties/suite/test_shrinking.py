"""Shrinking systems: the failure stays, nothing more can be taken, and no try is wasted."""

import time
from itertools import combinations, pairwise, product

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.properties.suite.shrinking import ShrunkSystem, shrink_system
from tellapart.properties.suite.shrinking_steps import smaller_systems
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, gallery_mdp
from tellapart.theory.mdp import DeterministicMDP


def table_of(mdp):
    """Plain successors and labels: all that the oracle below is told."""
    return mdp.successors.tolist(), list(mdp.labels)


def blocks(table, labels):
    """Block of each observation, by labels after all words (S7): no code of the library."""
    ids = [labels.index(label) for label in labels]
    while True:
        keys = [(ids[o], *(ids[t] for t in row)) for o, row in enumerate(table)]
        finer = [keys.index(key) for key in keys]
        if finer == ids:
            return ids
        ids = finer


def one_step_smaller(table, labels):
    """Every system with one piece less, built from plain lists by the words of the docstring."""
    n, actions = len(table), range(len(table[0]))
    for gone in range(n) if n > 1 else []:
        kept = [o for o in range(n) if o != gone]
        yield (
            [[kept.index(o if t == gone else t) for t in table[o]] for o in kept],
            [labels[o] for o in kept],
        )
    for gone in actions if len(actions) > 1 else []:
        yield [[row[a] for a in actions if a != gone] for row in table], labels
    for low, high in combinations(sorted(set(labels)), 2):
        yield table, [low if label == high else label for label in labels]
    for o, a in product(range(n), actions):
        if table[o][a] != o:
            yield [[o if (p, b) == (o, a) else t for b, t in enumerate(row)]
                   for p, row in enumerate(table)], labels  # fmt: skip
    ids = blocks(table, labels)
    first = sorted(set(ids))
    if len(first) < n:
        yield [[first.index(ids[t]) for t in table[o]] for o in first], [labels[o] for o in first]


def pattern(labels):
    """Return labels by first appearance, so that their values do not matter."""
    return tuple(labels.index(label) for label in labels)


def n_blocks(table, labels):
    return len(set(blocks(table, labels)))


def cycles(table, labels):
    """Whether some observation is returned to in two steps or more by one action."""
    return any(
        table[o][a] != o and table[table[o][a]][a] == o
        for o, a in product(range(len(table)), range(len(table[0])))
    )


# Properties of plain tables that a failing check could have, none of them monotone in all steps.
FAILURES = {
    "something must be told apart": lambda t, p: n_blocks(t, p) > 1,
    "dynamics separate more than labels": lambda t, p: n_blocks(t, p) > len(set(p)),
    "something merges": lambda t, p: 1 < n_blocks(t, p) < len(t),
    "two actions differ": lambda t, p: any(len(set(row)) > 1 for row in t),
    "three labels": lambda t, p: len(set(p)) > 2,
    "a cycle of two": cycles,
    "an even number of observations": lambda t, p: len(t) % 2 == 0,
    "as many blocks as actions": lambda t, p: n_blocks(t, p) == len(t[0]),
}


class Recorded:
    """A failure that keeps what it was asked."""

    def __init__(self, name):
        self.name, self.asked = name, []

    def __call__(self, mdp):
        self.asked.append(mdp)
        return holds(self.name, mdp)


def holds(name, mdp):
    table, labels = table_of(mdp)
    return FAILURES[name](table, pattern(labels))


MDPS = deterministic_mdps(max_observations=7, max_actions=3, max_labels=4)


@st.composite
def failing(draw):
    name, mdp = draw(st.sampled_from(sorted(FAILURES))), draw(MDPS)
    assume(holds(name, mdp))
    return name, mdp


@given(failing(), st.booleans())
def test_the_failure_stays_and_nothing_more_can_be_taken(case, separating):
    name, mdp = case
    fails = Recorded(name)
    small = shrink_system(mdp, fails, max_tries=10_000, separating=separating)
    assert small.complete
    assert holds(name, small.mdp)
    must = separating and n_blocks(*table_of(mdp)) > 1
    assert not must or all(n_blocks(*table_of(asked)) > 1 for asked in fails.asked)
    for table, labels in one_step_smaller(*table_of(small.mdp)):
        spared = must and n_blocks(table, labels) == 1
        assert spared or not FAILURES[name](table, pattern(labels)), (table, labels)
    assert set(small.mdp.observations) <= set(mdp.observations)
    assert set(small.mdp.actions) <= set(mdp.actions)
    assert (small.mdp == mdp) is (not small.steps)
    event(f"{len(small.steps)} steps")


@given(failing())
def test_no_system_is_tried_twice_and_every_try_is_counted(case):
    name, mdp = case
    fails = Recorded(name)
    small = shrink_system(mdp, fails, max_tries=10_000)
    assert small.n_tried == len(fails.asked) == len({*fails.asked, mdp}) - 1
    taken = [asked for asked in fails.asked if holds(name, asked)]
    assert len(taken) == len(small.steps)
    measures = [measure(system) for system in (mdp, *taken)]
    assert all(after < before for before, after in pairwise(measures))
    assert small == shrink_system(mdp, Recorded(name), max_tries=10_000)


def measure(mdp):
    table, labels = table_of(mdp)
    moving = sum(t != o for o, row in enumerate(table) for t in row)
    return len(table), len(table[0]), moving, len(set(labels))


@given(failing(), st.integers(0, 12))
def test_a_limit_on_tries_stops_the_same_search_earlier(case, most):
    name, mdp = case
    fails = Recorded(name)
    full = shrink_system(mdp, Recorded(name), max_tries=10_000)
    part = shrink_system(mdp, fails, max_tries=most)
    assert part.n_tried == len(fails.asked) == min(most, full.n_tried)
    assert part.complete is (full.n_tried <= most)
    assert part.steps == full.steps[: len(part.steps)]
    assert holds(name, part.mdp)
    assert part.start == mdp


@given(MDPS)
def test_single_steps_are_those_of_the_oracle(mdp):
    found = {(tuple(map(tuple, m.successors.tolist())), m.labels) for _, m in smaller_systems(mdp)}
    # Which of two label values is kept depends on which appears first, so compare up to that.
    expected = one_step_smaller(*table_of(mdp))
    assert {(t, pattern(list(p))) for t, p in found} == {
        (tuple(map(tuple, t)), pattern(p)) for t, p in expected
    }
    texts = [text for text, _ in smaller_systems(mdp)]
    assert len(set(texts)) == len(texts)


@given(failing())
def test_saved_and_loaded_it_is_the_same(case):
    name, mdp = case
    small = shrink_system(mdp, Recorded(name), max_tries=20)
    assert ShrunkSystem.from_json(small.to_json()) == small


def merges(mdp):
    """Whether more than every fourth observation has a bisimilar one."""
    return bisimulation(mdp).partition.n_blocks * 4 < mdp.n_obs * 3


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("name", ["counting-9", "lock-6", "grid-3x4", "blow-up:counting-9:3"])
def test_deep_words_shrink_to_the_fewest_observations(name, depth):
    small = shrink_system(gallery_mdp(name), lambda mdp: bisimulation(mdp).depth >= depth)
    assert small.complete
    # D3: depth <= n_obs - number of labels, and two labels are needed for any.
    assert small.mdp.n_obs == depth + 2
    assert small.n_tried <= 60


def test_bold_steps_come_first():
    """What a mind would try first is tried first: the quotient, then few observations of many."""
    big = blow_up(counting_chain(9), 3, 0)
    fails = Recorded("dynamics separate more than labels")
    small = shrink_system(big, fails)
    assert [mdp.n_obs for mdp in fails.asked[:2]] == [9, 5]
    assert small.n_tried <= 25
    assert small.mdp.n_obs == 3


def test_some_pair_must_be_told_apart_to_the_end_unless_that_is_not_wanted():
    def never_holds(mdp):
        return True

    small = shrink_system(counting_chain(9), never_holds)
    assert (small.mdp.n_obs, small.mdp.n_actions, len(small.mdp.label_values)) == (2, 1, 2)
    least = shrink_system(counting_chain(9), never_holds, separating=False)
    assert (least.mdp.n_obs, least.mdp.n_actions) == (1, 1)
    assert least.explain().endswith("on no system that is one step smaller.")
    alike = counting_chain(9).with_labels([0] * 9)
    assert shrink_system(alike, never_holds).mdp.n_obs == 1


def test_bisimilar_observations_stay_where_the_failure_needs_them():
    small = shrink_system(blow_up(counting_chain(5), 2, 0), merges, separating=False)
    assert (small.mdp.n_obs, len(small.mdp.label_values)) == (2, 1)
    assert (small.mdp.successors == [[0], [1]]).all()


def test_a_story_in_full():
    small = shrink_system(counting_chain(9), lambda mdp: bisimulation(mdp).depth >= 3)
    assert small.explain().splitlines() == [
        "Before: 9 observations, 2 actions, 16 moving transitions, 2 label values.",
        "After:  5 observations, 1 action, 3 moving transitions, 2 label values; 3 steps, "
        "22 systems tried.",
        "  observations 5, 6, 7, 8 deleted",
        "  action '-1' deleted",
        "  action '+1' made to stay at 0",
        "The check fails on no system that is one step smaller and has a pair to tell apart.",
    ]
    assert repr(small) == (
        "ShrunkSystem(5 observations, 1 action, 3 moving transitions, 2 label values)"
    )


def test_many_names_are_shortened():
    still = DeterministicMDP([[o] for o in range(40)], [0] * 40)
    small = shrink_system(still, lambda mdp: mdp.n_obs > 15)
    assert small.mdp.n_obs == 16
    assert small.steps[0] == "observations 20, 21, 22, 23, 24, 25 and 14 more deleted"


def test_nothing_to_take_is_complete_without_a_try():
    least = DeterministicMDP([[0]], ["only"])
    small = shrink_system(least, lambda mdp: True, max_tries=0)
    assert (small.mdp, small.steps, small.n_tried, small.complete) == (least, (), 0, True)


def test_time_that_is_over_stops_before_the_first_try():
    fails = Recorded("something must be told apart")
    small = shrink_system(counting_chain(5), fails, ends=time.monotonic())
    assert (small.mdp, small.n_tried, small.complete) == (counting_chain(5), 0, False)
    assert fails.asked == []
    assert "limit on tries or time was reached" in small.explain()
    assert repr(small).endswith("not complete)")
    assert shrink_system(counting_chain(5), fails, ends=time.monotonic() + 3600).complete


def test_progress_is_reported_before_each_try():
    seen = []
    small = shrink_system(
        counting_chain(5), lambda mdp: bisimulation(mdp).depth > 0, max_tries=50,
        progress=lambda *told: seen.append(told),
    )  # fmt: skip
    assert [told[:3] for told in seen] == [("shrink", k, 50) for k in range(small.n_tried)]
    assert seen[0][3] == "5 observations, 2 actions, 8 moving transitions, 2 label values"


def test_what_the_check_raises_comes_out():
    def breaks(mdp):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shrink_system(counting_chain(5), breaks)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mdp": [[0]]}, "needs a DeterministicMDP, got list"),
        ({"fails": True}, "fails is a bool; give a function"),
        ({"max_tries": -1}, "max_tries is -1; it must be a whole number of 0 or more"),
        ({"max_tries": True}, "max_tries is True"),
        ({"max_tries": 2.5}, r"max_tries is 2\.5"),
        ({"ends": "soon"}, r"ends is 'soon'; give a reading of time\.monotonic"),
        ({"ends": float("nan")}, "ends is nan"),
        ({"ends": False}, "ends is False"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    options = {"mdp": counting_chain(5), "fails": lambda mdp: False, **arguments}
    with pytest.raises(InvalidArgumentError, match=message):
        shrink_system(**options)
