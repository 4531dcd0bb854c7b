from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.counting.rules import LABELINGS, CountingRules, count_labels
from tellapart.theory.errors import InvalidArgumentError

COUNTS = range(9)


@given(st.integers(0, 8), st.integers(0, 10**6))
def test_labels_are_exact_and_depend_on_the_count_alone(target, seed):
    for name in LABELINGS:
        labels = count_labels(name, COUNTS, target=target, seed=seed)
        assert all(type(label) in (int, Fraction) for label in labels)
        backwards = count_labels(name, range(8, -1, -1), target=target, seed=seed)
        assert backwards == labels[::-1]


def test_known_labels():
    assert count_labels("sparse", COUNTS, target=0) == (1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert count_labels("mod3", COUNTS) == (0, 1, 2, 0, 1, 2, 0, 1, 2)
    dense = [float(label) for label in count_labels("dense", COUNTS)]
    assert dense == [0.5, 0.625, 0.75, 0.875, 2, 0.875, 0.75, 0.625, 0.5]


def test_random_networks_differ_and_are_rarely_constant():
    found = {count_labels("network", COUNTS, seed=seed) for seed in range(50)}
    assert len(found) == 50
    assert sum(len(set(labels)) >= 7 for labels in found) >= 40


@given(st.integers(0, 8), st.data())
def test_actions_step_by_one_and_stop_at_the_ends(lowest, data):
    highest = data.draw(st.integers(lowest, 8))
    rules = CountingRules(lowest, highest, target=lowest)
    for count in rules.counts:
        down, up = rules.step(np.array([count, count]), np.array([0, 1])).tolist()
        assert down == (count if count == lowest else count - 1)
        assert up == (count if count == highest else count + 1)


def test_rules_print_well():
    assert CountingRules().explain() == (
        "Counts 0..8, actions -1 and +1, clipped; target 4, label 'sparse'. Episodes are cut off "
        "after 4 steps and end at the target."
    )
    other = CountingRules(1, 5, episode_length=None, terminate_on_success=False).explain()
    assert "Counts 1..5" in other
    assert "Episodes are never cut off and do not end at the target." in other


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lowest": -1}, "lowest is -1; it must be an integer in 0..8"),
        ({"highest": 9}, "highest is 9"),
        ({"lowest": 5, "highest": 4}, r"highest is 4; it must be an integer in 5..8"),
        ({"target": 3, "lowest": 4}, "target is 3, which is none of the counts 4..8"),
        ({"target": 2.0}, "target is 2.0"),
        ({"target": True}, "target is True"),
        ({"labels": "denser"}, "labels is 'denser'; choose one of 'sparse', 'dense'"),
        ({"labels": ["sparse"]}, "choose one of"),
        ({"episode_length": 0}, "episode_length is 0"),
        ({"terminate_on_success": 1}, "terminate_on_success is 1; it must be True or False"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_bad_rules(options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        CountingRules(**options)


@pytest.mark.parametrize(
    ("name", "counts", "options", "words"),
    [
        ("sparser", [0], {}, "labels is 'sparser'"),
        ("sparse", [9], {}, r"counts\[0\] is 9"),
        ("sparse", [0], {"target": 9}, "target is 9"),
        ("network", [0], {"seed": 0.5}, "seed is 0.5"),
    ],
)
def test_bad_labels(name, counts, options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        count_labels(name, counts, **options)
