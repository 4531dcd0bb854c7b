"""Witnesses of infeasibility: followed, shortest of their round, and refused when corrupted."""

import dataclasses
import itertools

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.chain import Infeasibility, check_infeasibility, infeasibility
from tellapart.theory.partial.closure import close

N = 8


@st.composite
def often_infeasible(draw, always=False):
    observation = st.integers(0, N - 1)
    row = st.tuples(observation, st.integers(0, 1), observation)
    rows = draw(st.lists(row, min_size=3, max_size=24))
    labels = draw(st.dictionaries(observation, st.integers(0, 2), min_size=2, max_size=4))
    if always:
        source, x = draw(observation), draw(observation)
        y = draw(observation.filter(lambda o: o != x))
        rows += [(source, 0, x), (source, 0, y)]
        labels |= {x: 0, y: 1}
    return TransitionData(rows, labels, observations=[f"o{i}" for i in range(N)], actions="ab")


def _fewest_links(data, ids):
    """The length of a shortest chain between two labels, by searching from each label alone."""
    near = {o: set() for o in range(data.n_obs)}
    for (s, a, x), (t, b, y) in itertools.permutations(data.triples.tolist(), 2):
        if a == b and ids[s] == ids[t]:
            near[x].add(y)
    best = None
    for start in range(data.n_obs):
        reached, level, length = {start}, [start], 0
        while data.label_of(start) is not None and level:
            for o in level:
                if data.label_of(o) not in (None, data.label_of(start)):
                    best = length if best is None else min(best, length)
            level = sorted({y for x in level for y in near[x]} - reached)
            reached.update(level)
            length += 1
    return best


@given(often_infeasible())
def test_witnesses_are_confirmed_and_as_short_as_can_be(data):
    witness = infeasibility(data)
    event(f"infeasible: {witness is not None}")
    final = close(data)
    two_labels = any(
        len({data.label_of(o) for o in block} - {None}) > 1 for block in final.partition.blocks
    )
    assert (witness is not None) == two_labels
    if witness is None:
        return
    check = check_infeasibility(data, witness)
    assert check, (check.explain(), witness.explain())
    before = close(data, max_rounds=witness.n_rounds - 1)
    assert before.clash_round == 0
    assert witness.chain_length == _fewest_links(data, before.partition.ids)
    assert len({step.text().split(". ", 1)[1] for step in witness.steps}) == len(witness.steps)
    copy = Infeasibility.from_json(witness.to_json())
    assert copy == witness
    assert copy.to_json() == witness.to_json()


@given(often_infeasible(always=True), st.data())
def test_corrupted_witnesses_are_refused(data, draw):
    witness = infeasibility(data)
    index = draw.draw(st.integers(0, len(witness.steps) - 1))
    step = witness.steps[index]
    lies = [
        dataclasses.replace(step, because=(len(witness.steps),)),
        dataclasses.replace(step, x_row="row 1000"),
        dataclasses.replace(step, action="c"),
        dataclasses.replace(step, y_next="nowhere"),
        dataclasses.replace(step, number=step.number + 1),
    ]
    for lie in lies:
        steps = (*witness.steps[:index], lie, *witness.steps[index + 1 :])
        assert not check_infeasibility(data, dataclasses.replace(witness, steps=steps))
    clash = witness.clash
    for change in (
        {"x_label": "other"},
        {"x": clash.y, "x_label": clash.y_label},
        {"because": ()},
        {"because": (0,)},
        {"y": "nowhere"},
    ):
        lie = dataclasses.replace(witness, clash=dataclasses.replace(clash, **change))
        check = check_infeasibility(data, lie)
        assert not check
        assert check.explain().startswith("Proof refused: ")
    fewer = dataclasses.replace(witness, steps=witness.steps[:index])
    assert not check_infeasibility(data, fewer)


def test_a_person_can_follow_the_chain():
    names = ["blank", "circle", "square", "one", "two"]
    rows = [(0, 0, 1), (0, 0, 2), (1, 1, 3), (2, 1, 4)]
    data = TransitionData(rows, {3: 0, 4: 1}, names, ["+1", "look"], label_rows=[-1, -1, -1, 7, 9])
    witness = infeasibility(data)
    assert witness.explain() == (
        "1. row 0: (blank, +1) -> circle; row 1: (blank, +1) -> square: so circle and square "
        "share a code.\n"
        "2. row 2: (circle, look) -> one; row 3: (square, look) -> two; circle and square share a "
        "code by 1: so one and two share a code.\n"
        "3. one is labelled 0 (row 7), two is labelled 1 (row 9), and they share a code by 2: "
        "contradiction.\n"
        "No encoder, of whatever size, reaches zero loss on these data."
    )
    assert (witness.n_rounds, witness.pair, witness.chain_length) == (2, ("one", "two"), 1)
    assert "(1 more steps)" in witness.explain(limit=1)
    assert repr(witness) == (
        "Infeasibility('one' labelled 0 must share a code with 'two' labelled 1: 2 merges)"
    )


def test_two_long_tracks_are_explained_step_by_step():
    n = 3000  # far beyond the recursion limit
    rows = [(2 * n, 0, 0), (2 * n, 0, n)]
    rows += [(track + i, 0, track + i + 1) for track in (0, n) for i in range(n - 1)]
    data = TransitionData(rows, {n - 1: "left", 2 * n - 1: "right"})
    witness = infeasibility(data)
    assert witness.n_rounds == len(witness.steps) == n
    assert check_infeasibility(data, witness)
    assert infeasibility(data.with_labels({n - 1: "left", 2 * n - 2: "right"})) is None


def test_labels_far_apart_in_one_round():
    """A zigzag of groups that share one end each: the chain has to go through all of them."""
    k = 40
    rows = [(100 + i, 0, i + j) for i in range(k) for j in (0, 1)]
    data = TransitionData(rows, {0: "a", k: "b"})
    witness = infeasibility(data)
    assert (witness.n_rounds, witness.chain_length) == (1, k)
    assert check_infeasibility(data, witness)


@pytest.mark.parametrize("labels", [None, {0: "a"}, {1: "a", 2: "a"}])
def test_feasible_data_have_no_witness(labels):
    assert infeasibility(TransitionData([[0, 0, 1], [0, 0, 2]], labels)) is None
