"""Transition data themselves: coverage, successors, rows and labels against dictionaries."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.rows import RowNames
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    DuplicateTransitionError,
    InvalidArgumentError,
    InvalidLabelError,
    InvalidMDPError,
    MissingTransitionError,
)
from tellapart.theory.labels import LabelCoding
from tellapart.theory.serialise import dumps, loads

TRIPLES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 4)), min_size=1, max_size=14
)
LABELS = st.dictionaries(st.integers(0, 4), st.sampled_from(["a", "b", 3]))


def build(triples, labels=None, **options):
    return TransitionData(triples, labels, range(5), range(3), **options)


@given(TRIPLES, LABELS)
def test_coverage_is_that_of_the_triples(triples, labels):
    data = build(triples, labels)
    assert [tuple(row) for row in data.triples.tolist()] == sorted(set(triples))
    assert data.first_rows.tolist() == [triples.index(t) for t in sorted(set(triples))]
    pairs = {(o, a) for o, a, _ in triples}
    assert data.n_pairs == len(pairs)
    assert data.n_missing_pairs == 15 - len(pairs)
    assert data.is_total == (len(pairs) == 15)
    assert data.is_functional == (len(set(triples)) == len(pairs))
    for o in range(5):
        for a in range(3):
            ends = sorted({n for x, b, n in triples if (x, b) == (o, a)})
            assert data.successors_of(o, a) == tuple(ends)
            assert data.table()[o, a] == (ends[-1] if ends else -1)
    assert [data.label_of(o) for o in range(5)] == [labels.get(o) for o in range(5)]
    assert data.n_labelled == len(labels)
    assert data.is_fully_labelled == (len(labels) == 5)


@given(TRIPLES, LABELS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_rows_do_not_count(triples, labels, random):
    data = build(triples, labels)
    again = triples + triples[:3]
    random.shuffle(again)
    other = build(again, labels)
    assert other == data
    assert hash(other) == hash(data)
    assert other.label_ids.tolist() == data.label_ids.tolist()


@given(TRIPLES, LABELS)
def test_the_forms_of_labels_agree(triples, labels):
    data = build(triples, labels)
    listed = build(triples, [labels.get(o) for o in range(5)])
    values = [3, "unused", "b", "a"]
    ids = [values.index(labels[o]) if o in labels else -1 for o in range(5)]
    coded = build(triples, LabelCoding(np.array(ids, dtype=np.int32), tuple(values)))
    for other in (listed, coded):
        assert other == data
        assert other.label_values == data.label_values
        assert other.label_ids.tolist() == data.label_ids.tolist()
    assert data.with_labels(None).n_labelled == 0
    assert data.with_labels(None).with_labels(labels) == data


@given(TRIPLES, LABELS)
def test_copies_and_saved_data_are_equal(triples, labels):
    data = build(triples, labels)
    assert pickle.loads(pickle.dumps(data)) == data == copy.deepcopy(data)
    loaded = loads(dumps(data), TransitionData)
    assert loaded == data
    assert loaded.first_rows.tolist() == data.first_rows.tolist()


@given(st.data())
def test_loaded_data_are_saved_with_their_names(log_columns, data):
    names = data.draw(
        st.sampled_from([st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.text()])
    )
    loaded = TransitionData.from_arrays(**data.draw(log_columns(names)))
    again = loads(dumps(loaded), TransitionData)
    assert again == loaded
    assert list(again.observations) == list(loaded.observations)


@given(deterministic_mdps(max_observations=6))
def test_mdps_come_back(mdp):
    assert TransitionData.from_mdp(mdp).to_mdp() == mdp


def test_what_an_mdp_lacks_is_named():
    with pytest.raises(DuplicateTransitionError, match=r"Observation 0 with action 1"):
        build([(0, 1, 0), (0, 1, 2)]).to_mdp()
    with pytest.raises(InvalidLabelError, match=r"Observation 1 has no label \(4 have none\)"):
        build([(0, 1, 0)], {0: 1}).to_mdp()
    with pytest.raises(MissingTransitionError, match=r"0 .* action 0 \(14 such pairs in all\)"):
        build([(0, 1, 0)], [1] * 5).to_mdp()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([],), InvalidMDPError, "shape"),
        (([[0, 1]],), InvalidMDPError, "shape"),
        (([[0, 1, 2], [0]],), InvalidMDPError, "different lengths"),
        (([[0.0, 1.0, 2.0]],), InvalidMDPError, "from_arrays"),
        (([[0, 0, 7]], None, range(5)), InvalidMDPError, "Row 0 has the successor index 7"),
        (([[0, 0, -1]],), InvalidMDPError, "Row 0"),
        (([[0, 0, 0]], {3: 1}, ["x"]), InvalidLabelError, "key 3"),
        (([[0, 0, 0]], {True: 1}), InvalidLabelError, "key True"),
        (([[0, 0, 0]], [1, 2], ["x"]), InvalidLabelError, "2 labels for 1"),
        (([[0, 0, 0]], {0: float("nan")}), InvalidLabelError, "nan"),
        (([[0, 0, 0]], "a"), InvalidLabelError, "str"),
        (([[0, 0, 0]], None, ["x", "x"]), InvalidMDPError, "twice"),
    ],
)
def test_bad_data_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        TransitionData(*arguments)


def test_data_are_immutable_and_names_are_looked_up():
    data = TransitionData([[0, 0, 1]], {1: "goal"}, ["hall", "yard"], ["go"])
    assert (data.observation_index("yard"), data.action_index("go")) == (1, 0)
    with pytest.raises(InvalidArgumentError, match="'attic'"):
        data.observation_index("attic")
    with pytest.raises(InvalidArgumentError, match="'attic'"):
        data.first_seen("attic")
    with pytest.raises(AttributeError, match="immutable"):
        data.n_rows = 3
    with pytest.raises(ValueError, match="read-only"):
        data.sources[0] = 1
    assert data != "data"
    seen = data.first_seen("yard")
    assert repr(seen) == "row 0, as the successor"
    assert repr(data.first_seen("hall")) == "row 0"


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_rows_of_pieces_are_named_within_their_piece(lengths):
    starts = tuple(np.cumsum([0, *lengths[:-1]]).tolist())
    steps = RowNames("step", starts)
    rows = RowNames("row", starts, tuple(f"file {k}" for k in range(len(lengths))))
    places = [(piece, k) for piece, length in enumerate(lengths) for k in range(length)]
    for row, (piece, k) in enumerate(places):
        assert steps.text(row) == f"step {k} of episode {piece}"
        assert rows.text(row) == f"row {k} of file {piece}"
