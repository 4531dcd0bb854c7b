"""Columns in memory: names by value, labels checked, rows remembered, bad input refused."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.rows import RowNames
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    DuplicateTransitionError,
    InvalidArgumentError,
    InvalidLabelError,
    InvalidMDPError,
    TellapartError,
)

NAMES = {
    "numbers": st.integers(-3, 40),
    "sparse numbers": st.integers(-(2**62), 2**62),
    "huge numbers": st.integers(-(2**70), 2**70),
    "floats": st.floats(allow_nan=False, width=16).map(lambda x: x + 0.0),
    "text": st.text(max_size=3),
    "tuples": st.tuples(st.integers(0, 2), st.text(max_size=1)),
    "mixed": st.one_of(st.integers(0, 3), st.tuples(st.text(max_size=1))),
}


def brute_force(log):
    """The content of a log by dictionaries."""
    transitions, labels = {}, {}
    for row, (o, a, n, p, q) in enumerate(zip(*log.values(), strict=True)):
        transitions.setdefault((o, a, n), row)
        for name, label in ((o, p), (n, q)):
            if label is not None:
                labels.setdefault(name, (label, row))
    return transitions, labels


@pytest.mark.parametrize("kind", NAMES)
@given(data=st.data())
def test_data_say_what_the_columns_say(kind, data, log_columns, content_of):
    log = data.draw(log_columns(NAMES[kind]))
    loaded = TransitionData.from_arrays(**log)
    transitions, labels, names, actions = content_of(loaded)
    assert (transitions, labels) == brute_force(log)
    assert set(names) == {*log["observations"], *log["next_observations"]}
    assert actions == sorted(set(log["actions"]))
    if kind != "mixed":
        assert names == sorted(names)
    assert [loaded.observation_index(name) for name in names] == list(range(len(names)))
    assert loaded.n_rows == len(log["actions"])


@given(st.data())
def test_the_order_of_rows_does_not_count(log_columns, data):
    log = data.draw(
        log_columns(NAMES[data.draw(st.sampled_from(sorted(NAMES.keys() - {"mixed"})))])
    )
    order = data.draw(st.permutations(range(len(log["actions"]))))
    shuffled = {key: [column[k] for k in order] for key, column in log.items()}
    assert TransitionData.from_arrays(**log) == TransitionData.from_arrays(**shuffled)


@given(st.data())
def test_arrays_lists_and_objects_are_the_same_columns(log_columns, data):
    log = data.draw(log_columns())
    expected = TransitionData.from_arrays(**log)
    as_objects = {key: np.array(column, dtype=object) for key, column in log.items()}
    known = np.array([label is not None for label in log["labels"]])
    as_arrays = {
        key: np.array(log[key], dtype=np.int16)
        for key in ("observations", "actions", "next_observations")
    }
    masked = np.ma.MaskedArray([label or 0 for label in log["labels"]], ~known)
    text = {key: np.array([f"n{name}" for name in column]) for key, column in as_arrays.items()}
    text["actions"] = as_arrays["actions"]
    assert TransitionData.from_arrays(**as_objects) == expected
    again = TransitionData.from_arrays(**as_arrays, labels=masked, next_labels=log["next_labels"])
    assert again == expected
    named = TransitionData.from_arrays(**text)
    assert set(named.observations) == {f"n{name}" for name in expected.observations}
    assert named.n_transitions == expected.n_transitions


@given(st.data())
def test_first_seen_is_the_first_row_with_the_observation(log_columns, data):
    log = data.draw(log_columns())
    loaded = TransitionData.from_arrays(**log)
    for name in loaded.observations:
        rows = [
            (row, successor)
            for row in range(loaded.n_rows)
            for successor, key in enumerate(("observations", "next_observations"))
            if log[key][row] == name
        ]
        seen = loaded.first_seen(name)
        assert (seen.row, seen.as_successor) == min(rows)
        assert seen.text == f"row {seen.row}"


@given(
    hnp.arrays(np.int8, st.tuples(st.integers(1, 8), st.just(3), st.just(6)),
               elements=st.integers(0, 1)),
    st.sampled_from([np.uint8, np.int64, np.float32]),
)  # fmt: skip
def test_images_are_the_same_observation_if_and_only_if_they_are_equal(images, dtype):
    images = images.astype(dtype)
    loaded = TransitionData.from_arrays(images, [0] * len(images), images[::-1])
    names = {image.tobytes(): None for image in images}
    assert loaded.n_obs == len(names)
    for image in images:
        alone = TransitionData.from_arrays(image[None], [0], image[None])
        names[image.tobytes()] = alone.observations[0]
    assert sorted(names.values()) == list(loaded.observations)  # names do not depend on the rest


def test_images_of_another_dtype_or_shape_have_other_names(random_images):
    def name(images):
        return TransitionData.from_arrays(images[:1], [0], images[:1]).observations[0]

    names = {
        name(random_images),
        name(random_images.astype(np.int64)),
        name(random_images.transpose(0, 2, 1)),
        name(random_images.reshape(6, 35)),
    }
    assert len(names) == 4
    big_endian = random_images.astype(">i8")
    assert name(big_endian) == name(big_endian.astype("<i8"))
    assert name(random_images[:, ::-1]) != name(random_images)


def test_an_image_is_found_again(random_images):
    loaded = TransitionData.from_arrays(random_images[:-1], [0] * 5, random_images[1:])
    for name in loaded.observations:
        seen = loaded.first_seen(name)
        column = random_images[1:] if seen.as_successor else random_images[:-1]
        image = column[seen.row][None]
        assert TransitionData.from_arrays(image, [0], image).observations[0] == name
        assert name.startswith("array:")
        assert len(name) == len("array:") + 16


def test_minus_zero_is_zero():
    zeros = np.array([[0.0] * 20, [-0.0] * 20])
    for column in (zeros, zeros[:, :2], zeros[:, 0], [0.0, -0.0], [(0.0,), (-0.0,)]):
        assert TransitionData.from_arrays(column, [0, 0], column).n_obs == 1


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 16)),
               elements=st.sampled_from([0.0, 0.5, -1.0]))
)  # fmt: skip
def test_short_vectors_are_named_by_their_values(vectors):
    loaded = TransitionData.from_arrays(vectors, [0] * len(vectors), vectors)
    tuples = {tuple(row) if len(row) > 1 else row[0] for row in vectors.tolist()}
    assert list(loaded.observations) == sorted(tuples)
    if vectors.shape[1] > 1:
        listed = [tuple(row) for row in vectors.tolist()]
        assert TransitionData.from_arrays(listed, [0] * len(listed), listed) == loaded


def test_longer_vectors_are_named_by_a_hash():
    vectors = np.eye(17)
    loaded = TransitionData.from_arrays(vectors, [0] * 17, vectors)
    assert all(name.startswith("array:") for name in loaded.observations)


@given(deterministic_mdps(max_observations=6), st.randoms(use_true_random=False))
def test_a_logged_mdp_comes_back(mdp, random):
    rows = [(o, a) for o in range(mdp.n_obs) for a in range(mdp.n_actions)]
    random.shuffle(rows)
    loaded = TransitionData.from_arrays(
        [o for o, _ in rows],
        [a for _, a in rows],
        [int(mdp.successors[row]) for row in rows],
        labels=[mdp.labels[o] for o, _ in rows],
        deterministic=True,
    )
    assert loaded.to_mdp() == mdp
    assert loaded == TransitionData.from_mdp(mdp)


def test_names_that_occur_in_no_row_can_be_given():
    loaded = TransitionData.from_arrays(
        ["b"], ["on"], ["a"], observation_names=["a", "b", "c"], action_names=["on", "off"]
    )
    assert (loaded.n_obs, loaded.n_actions, loaded.n_missing_pairs) == (3, 2, 5)
    assert loaded.observations == ("a", "b", "c")
    with pytest.raises(InvalidArgumentError, match="'c' is in no row"):
        loaded.first_seen("c")
    numbered = TransitionData.from_arrays([5], [0], [7], observation_names=range(10))
    assert numbered.sources.tolist() == [5]


def test_dictionaries_are_one_observation_if_all_their_parts_are_equal(random_images):
    images = random_images[[0, 0, 1, 0]]
    missions = ["go", "stay", "go", "go"]
    columns = {"image": images, "mission": missions}
    listed = [{"mission": m, "image": i} for i, m in zip(images, missions, strict=True)]
    loaded = TransitionData.from_arrays(columns, [0, 1, 2, 3], columns)
    assert loaded.n_obs == 3
    assert loaded == TransitionData.from_arrays(listed, [0, 1, 2, 3], listed)
    assert all(name.startswith("dict:") for name in loaded.observations)
    alone = TransitionData.from_arrays(listed[:1], [0], listed[:1])
    assert alone.observations[0] in loaded.observations


def test_long_bytes_are_named_by_a_hash():
    short, long = b"abc", [bytes(range(40)), bytes(40)]
    assert list(TransitionData.from_arrays([short], [0], [b"ab"]).observations) == [b"ab", b"abc"]
    loaded = TransitionData.from_arrays(long, [0, 0], long)
    assert all(name.startswith("bytes:") for name in loaded.observations)


def test_equal_numbers_are_one_observation_whatever_their_type():
    loaded = TransitionData.from_arrays([1, 2], [0, 0], [1.0, 2.5])
    assert list(loaded.observations) == [1.0, 2.0, 2.5]
    big = [2**60 + 1, 2**60]
    assert list(TransitionData.from_arrays(big, [0, 0], [0.5, 0.5]).observations) == [
        0.5,
        *big[::-1],
    ]
    mixed = [1, True, Fraction(1), 1.0, np.float32(1)]
    assert TransitionData.from_arrays(mixed, [0] * 5, mixed).n_obs == 1
    flags = np.array([True, False])
    assert list(TransitionData.from_arrays(flags, [0, 0], flags).observations) == [False, True]
    unsigned = np.array([2**64 - 1, 2**63], dtype=np.uint64)
    assert list(TransitionData.from_arrays(unsigned, [0, 0], unsigned).observations) == [
        2**63,
        2**64 - 1,
    ]
    both = TransitionData.from_arrays(unsigned, [0, 0], [-1, -2])
    assert list(both.observations) == [-2, -1, 2**63, 2**64 - 1]


@given(st.data())
def test_labels_come_from_the_first_row_that_knows_them(log_columns, data):
    log = data.draw(log_columns())
    only_next = {**log, "labels": None}
    loaded = TransitionData.from_arrays(**only_next)
    _, labels = brute_force({**log, "labels": [None] * len(log["actions"])})
    for o, name in enumerate(loaded.observations):
        assert (loaded.label_of(o), loaded.label_rows[o]) == labels.get(name, (None, -1))


def test_labels_may_be_text_vectors_and_tuples():
    def values(labels):
        return TransitionData.from_arrays([0, 1], [0, 0], [0, 1], labels=labels).label_values

    assert values(np.array(["a", "b"])) == ("a", "b")
    assert values(np.array([[1, 2], [1, 3]])) == ((1, 2), (1, 3))
    assert values([np.array([1, 2]), [1, 3]]) == ((1, 2), (1, 3))
    assert values([("a", 1), None]) == (("a", 1),)
    assert values(np.array([0.5, -0.0])) == (0.5, 0.0)
    assert values(np.array([1, 0], dtype=np.uint64)) == (1, 0)
    assert values([True, np.int8(1)]) == (True,)
    assert values([None, None]) == ()
    assert values(np.ma.MaskedArray([[1.0, 2.0], [3.0, 4.0]], [[0, 0], [0, 1]])) == ((1.0, 2.0),)


def test_a_tolerance_makes_nearly_equal_labels_one():
    columns = ([0, 0], [0, 1], [1, 1], [0.3, 0.1 + 0.2])
    assert TransitionData.from_arrays(*columns, label_tolerance=1e-9).label_values == (0.3,)
    with (
        pytest.warns(UserWarning, match="nearly equal"),
        pytest.raises(InvalidLabelError, match=r"row 0.*row 1"),
    ):
        TransitionData.from_arrays(*columns)


GOOD = {"observations": [0, 1, 2], "actions": [0, 0, 0], "next_observations": [1, 2, 0]}
IMAGES = np.zeros((3, 5, 5), dtype=np.uint8)
NANS = np.array([0.0, np.nan, 1.0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"observations": [0, 1]}, ["observations: 2", "actions: 3", "different lengths"]),
        ({"labels": [0, 1]}, ["labels: 2", "different lengths"]),
        ({key: [] for key in GOOD}, ["no rows"]),
        ({"observations": [0, None, 2]}, ["Row 1", "no observation"]),
        ({"actions": ["a", None, "b"]}, ["Row 1", "no action"]),
        ({"next_observations": np.ma.MaskedArray([0, 1, 2], [0, 0, 1])}, ["Row 2", "masked"]),
        ({"observations": NANS}, ["Row 1", "nan"]),
        ({"observations": [(0, 1.0), (1, float("nan")), (2, 0.0)]}, ["Row 1", "nan"]),
        ({"observations": [{1}, {2}, {3}]}, ["Row 0", "set", "not hashable"]),
        ({"observations": [0, [1], 2]}, ["Row 1", "list", "not hashable"]),
        ({"observations": [[0, 1], [1], []]}, ["Row 2", "list"]),
        ({"observations": ["a", "b", "c"]}, ["observations", "next_observations", "text", "'a'"]),
        ({"observations": IMAGES}, ["[n_rows, 5, 5]", "uint8", "same form"]),
        ({"observations": IMAGES, "next_observations": IMAGES.astype(int)}, ["int64", "uint8"]),
        ({"observations": [*IMAGES[:2], IMAGES[0, :2]]}, ["Row 2", "(2, 5)"]),
        ({"observations": np.full((3, 5, 5), np.nan), "next_observations": np.zeros((3, 5, 5))},
         ["Row 0", "nan"]),
        ({"observations": IMAGES[:, :, :0]}, ["shape (3, 5, 0)"]),
        ({"observations": [{"a": 1}, {"b": 1}, {"a": 1}]}, ["Row 1", "keys"]),
        ({"observations": {"a": [1, 2, 3]}}, ["parts ['a']"]),
        ({"observations": {}}, ["observations: 0"]),
        ({"observations": {"a": [1, 2, 3], "b": [1]}}, ["different lengths"]),
        ({"observations": np.array([1j, 2j, 3j])}, ["complex128"]),
        ({"observations": np.array(["2020-01-01"] * 3, dtype="M8[D]")}, ["datetime64"]),
        ({"observations": "abc"}, ["str"]),
        ({"observations": 3}, ["int"]),
        ({"observations": np.array(3)}, ["ndarray"]),
        ({"observations": (i for i in range(3))}, ["generator"]),
        ({"actions": {1, 2, 3}}, ["set"]),
        ({"observation_names": [0, 1]}, ["Row 2", "observation 2", "given names"]),
        ({"observation_names": [0, 0]}, ["used twice"]),
        ({"action_names": "abc"}, ["action_names", "'abc'"]),
    ],
)  # fmt: skip
def test_bad_columns_are_refused_with_the_row(changes, words):
    with pytest.raises(TellapartError) as caught:
        TransitionData.from_arrays(**{**GOOD, **changes})
    assert type(caught.value) in (InvalidMDPError, InvalidArgumentError)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, float("nan"), None], ["Row 1", "nan", "null"]),
        (NANS, ["Row 1", "nan"]),
        (np.array([0, np.inf, 1]), ["Row 1", "inf"]),
        (np.stack([NANS, NANS], axis=1), ["Row 1", "nan"]),
        ([(0, float("nan")), (0, 1), None], ["Row 0", "nan"]),
        ([0, {1}, [2]], ["Row 1", "{1}"]),
        ([0, [1, [None]], 1], ["Row 1", "None"]),
        ("abc", ["labels", "str"]),
        (7, ["labels", "int"]),
    ],
)
def test_bad_labels_are_refused_with_the_row(labels, words):
    with pytest.raises(InvalidLabelError) as caught:
        TransitionData.from_arrays(**GOOD, labels=labels)
    for word in words:
        assert word in str(caught.value)


@given(st.data())
def test_the_first_second_label_is_named_with_both_rows(log_columns, data):
    log = data.draw(log_columns())
    row = data.draw(st.integers(0, len(log["actions"]) - 1))
    name = log["observations"][row]
    others = [k for k in range(len(log["actions"])) if log["observations"][k] == name and k != row]
    log["labels"][row] = "changed"
    known = [k for k in others if log["labels"][k] is not None]
    log["next_labels"] = None
    if not known:
        assert "changed" in TransitionData.from_arrays(**log).label_values
        return
    with pytest.raises(InvalidLabelError) as caught:
        TransitionData.from_arrays(**log)
    first, second = min(known[0], row), (row if known[0] < row else known[0])
    text = str(caught.value)
    assert f"Observation {name!r} has the label {log['labels'][first]!r} (row {first})" in text
    assert f"and the label {log['labels'][second]!r} (row {second})" in text


def test_a_successor_with_another_label_is_named_as_such():
    with pytest.raises(InvalidLabelError, match=r"1 \(row 0, as the successor\).*2 \(row 1\)"):
        TransitionData.from_arrays([0, 1], [0, 0], [1, 0], labels=[5, 2], next_labels=[1, None])


def test_rows_that_contradict_each_other_are_refused_on_request():
    columns = (["x", "x"], ["go", "go"], ["y", "z"])
    assert not TransitionData.from_arrays(*columns).is_functional
    with pytest.raises(
        DuplicateTransitionError, match=r"'x'.*'go'.*'y' \(edge 0\).*'z' \(edge 1\)"
    ):
        TransitionData.from_arrays(*columns, deterministic=True, row_names=RowNames("edge"))


def test_loading_is_the_same_at_every_hash_seed():
    code = (
        "from tellapart.theory.data.transitions import TransitionData as T\n"
        "d = T.from_arrays(['b', (1,), 'c'], list('xyx'), ['c', 'b', 4], labels=['r', 's', 't'])\n"
        "print(list(d.observations), d.fingerprint)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
