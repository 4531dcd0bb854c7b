"""The deterministic MDP: validation at the border, names, fingerprints, label vectors."""

import copy
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import (
    InvalidArgumentError,
    InvalidLabelError,
    InvalidMDPError,
    MissingTransitionError,
)
from tellapart.theory.mdp import DeterministicMDP


def small(**changes):
    arguments = {
        "successors": [[0, 1], [0, 1]],
        "labels": ["off", "on"],
        "observations": ["down", "up"],
        "actions": ["press", "pull"],
    }
    return DeterministicMDP(**{**arguments, **changes})


@given(deterministic_mdps(max_observations=6), st.lists(st.integers(0, 2), max_size=5))
def test_run_and_label_trace_follow_the_table(mdp, word):
    word = [a % mdp.n_actions for a in word]
    for start in range(mdp.n_obs):
        path = [start]
        for action in word:
            path.append(int(mdp.successors[path[-1], action]))
        assert mdp.run(start, word) == path[-1]
        assert mdp.label_trace(start, word) == tuple(mdp.labels[o] for o in path)


@given(deterministic_mdps(max_observations=5), deterministic_mdps(max_observations=5))
def test_equality_hash_and_fingerprint_are_those_of_the_content(left, right):
    def content(mdp):
        return mdp.successors.tolist(), mdp.labels, tuple(mdp.observations), tuple(mdp.actions)

    assert (left == right) == (content(left) == content(right))
    again = DeterministicMDP(left.successors.tolist(), left.labels)
    assert again == left
    assert hash(again) == hash(left)
    assert pickle.loads(pickle.dumps(left)) == left == copy.deepcopy(left)


@pytest.mark.parametrize(
    "changes",
    [
        {"successors": [[0, 1], [1, 1]]},
        {"labels": ["off", "ON"]},
        {"labels": [0, 1]},
        {"observations": ["down", "UP"]},
        {"actions": ["press", "push"]},
        {"actions": [0, 1]},
    ],
)
def test_every_part_counts_for_equality(changes):
    assert small(**changes) != small()
    assert small() == small()
    assert small() != "an MDP"


def test_equal_numbers_have_equal_fingerprints_whatever_their_type():
    assert small(labels=[0, 1]) == small(labels=[0.0, np.int8(1)]) == small(labels=[False, True])


def test_fingerprint_does_not_depend_on_the_hash_seed():
    code = (
        "from tellapart.theory.mdp import DeterministicMDP as M\n"
        "names = [frozenset('abcdef'), ('x', 1)]\n"
        "print(M([[0], [1]], [0, 1], names).fingerprint)"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed},
            text=True, capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(prints) == 1


def test_importing_theory_loads_nothing_heavy():
    code = (
        "import sys, tellapart.theory, tellapart.theory.mdp, tellapart.theory.graphs\n"
        "import tellapart.theory.environments, tellapart.theory.gallery\n"
        "print([m for m in ('torch', 'numba', 'networkx', 'gymnasium', 'hypothesis') "
        "if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert run.stdout.strip() == "[]"


def test_nothing_can_be_changed_and_the_callers_array_is_copied():
    table = np.array([[0, 1], [0, 1]], dtype=np.int32)
    mdp = DeterministicMDP(table, [0, 1])
    table[0, 0] = 1
    assert mdp.successors.tolist() == [[0, 1], [0, 1]]
    with pytest.raises(ValueError, match="read-only"):
        mdp.successors[0, 0] = 1
    with pytest.raises(AttributeError, match="build a new one to change 'labels'"):
        mdp.labels = (0, 0)
    with pytest.raises(ValueError, match="read-only"):
        mdp.label_vectors[0, 0] = 1.0


def test_names_and_indices():
    mdp = small()
    assert mdp.observation_index("up") == 1
    assert mdp.action_index("pull") == 1
    with pytest.raises(
        InvalidArgumentError, match=r"no observation named 'sideways'.*'down', 'up'"
    ):
        mdp.observation_index("sideways")
    with pytest.raises(InvalidArgumentError, match="no action named"):
        mdp.action_index(["press"])
    assert repr(mdp) == "DeterministicMDP(n_obs=2, n_actions=2, n_labels=2)"


@given(st.lists(st.one_of(st.integers(-3, 3), st.integers(2**53, 2**53 + 3)), min_size=1))
def test_label_vectors_are_equal_exactly_where_labels_are(values):
    n = len(values)
    vectors = DeterministicMDP([[0]] * n, values).label_vectors
    assert vectors.shape[0] == n
    for i in range(n):
        for j in range(n):
            assert (vectors[i] == vectors[j]).all() == (values[i] == values[j])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([3, 1.5], [[3.0], [1.5]]),
        ([(0, 1), (2, 3)], [[0.0, 1.0], [2.0, 3.0]]),
        (["a", "b"], [[1.0, 0.0], [0.0, 1.0]]),
        ([1, (1,)], [[1.0, 0.0], [0.0, 1.0]]),
        ([10**400, 0], [[1.0, 0.0], [0.0, 1.0]]),
    ],
)
def test_label_vectors_of_each_kind(labels, expected):
    vectors = DeterministicMDP([[0], [1]], labels).label_vectors
    assert vectors.dtype == np.float64
    assert vectors.tolist() == expected


def test_with_labels_keeps_dynamics_and_names():
    other = small().with_labels([7, 7])
    assert other.labels == (7, 7)
    assert other == small(labels=[7, 7])
    assert small().with_labels([0.0, 0.1], label_tolerance=0.2).labels == (0.0, 0.0)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"successors": []}, InvalidMDPError, "shape"),
        ({"successors": [[0, 1], [0]]}, InvalidMDPError, "different lengths"),
        ({"successors": [[0.0, 1.0], [0.0, 1.0]]}, InvalidMDPError, "dtype float64"),
        ({"successors": [[0, 1], [0, 2]]}, MissingTransitionError, "'up' has the successor index"),
        ({"successors": [[-1, 1], [0, -1]]}, MissingTransitionError, "'down' has no .*2 such"),
        (
            {"successors": np.ma.masked_equal([[0, 1], [0, 1]], 1)},
            MissingTransitionError,
            "'down' has no successor for action 'pull'",
        ),
        ({"labels": [0]}, InvalidLabelError, "1 labels for 2 observations"),
        ({"labels": {"down": 0, "up": 1}}, InvalidLabelError, "labels is a dict"),
        ({"labels": 3}, InvalidLabelError, "labels is a int"),
        ({"labels": np.array(3)}, InvalidLabelError, "without dimensions"),
        ({"labels": [0, float("nan")]}, InvalidLabelError, "nan"),
        ({"observations": ["a", "a"]}, InvalidMDPError, "'a' is used twice"),
        ({"observations": ["a", ["b"]]}, InvalidMDPError, "not hashable"),
        ({"observations": ["a", float("nan")]}, InvalidMDPError, "does not equal itself"),
        ({"observations": ["a"]}, InvalidMDPError, "1 observation names for 2 observations"),
        ({"actions": range(3)}, InvalidMDPError, "3 action names for 2 actions"),
    ],
)
def test_data_that_are_no_mdp_are_refused_by_name(changes, error, message):
    with pytest.raises(error, match=message):
        small(**changes)


def test_labels_may_come_from_an_iterator_and_names_from_numpy():
    mdp = DeterministicMDP([[0], [1]], iter("ab"), observations=np.array([4, 5]))
    assert mdp.labels == ("a", "b")
    assert mdp.observation_index(5) == 1
