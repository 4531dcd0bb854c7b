import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.counting.environment import CountingEnv
from tellapart.models.counting.rules import LABELINGS
from tellapart.models.counting.systems import counting_system, paired
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain


@given(deterministic_mdps(max_observations=8), st.permutations(range(3)))
def test_pairing_with_what_no_action_controls_keeps_blocks_and_depth(mdp, moves):
    pair = paired(mdp, tuple(moves))
    small, large = bisimulation(mdp), bisimulation(pair)
    assert large.partition.n_blocks == small.partition.n_blocks
    assert large.depth == small.depth
    assert np.array_equal(large.partition.ids, np.repeat(small.partition.ids, 3))


@given(st.integers(0, 6), st.booleans(), st.sampled_from(LABELINGS), st.data())
def test_the_system_is_the_environments(lowest, distractor, labels, data):
    """Every transition is stepped in the environment itself."""
    highest = data.draw(st.integers(lowest, 8))
    target = data.draw(st.integers(lowest, highest))
    mdp = counting_system(
        labels, target=target, lowest=lowest, highest=highest, distractor=distractor
    )
    env = CountingEnv(
        lowest=lowest, highest=highest, target=target, reward=labels, episode_length=None,
        control="distractor" if distractor else None, size=16,
    )  # fmt: skip
    for count in range(lowest, highest + 1):
        for action in range(2):
            _, start = env.reset(seed=count, options={"count": count})
            _, reward, _, _, after = env.step(action)
            name = (count, start["distractor"]) if distractor else count
            reached = mdp.run(mdp.observation_index(name), [action])
            expected = (after["count"], after["distractor"]) if distractor else after["count"]
            assert mdp.observations[reached] == expected
            assert float(mdp.labels[reached]) == reward


def test_known_blocks():
    assert counting_system() == counting_chain(9)
    whole = bisimulation(counting_system())
    assert (whole.partition.n_blocks, whole.depth) == (9, 4)
    assert bisimulation(counting_system(lowest=1)).partition.n_blocks == 8
    assert bisimulation(counting_system("dense")).partition.n_blocks == 9
    assert bisimulation(counting_system("dense")).depth == 1
    assert bisimulation(counting_system("mod3")).partition.n_blocks == 9
    assert bisimulation(counting_system(target=0)).depth == 7
    assert (
        bisimulation(counting_system(distractor=True).with_labels([0] * 18)).partition.n_blocks == 1
    )
    assert counting_system(distractor=True).observations[:3] == ((0, 0), (0, 1), (1, 0))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"labels": "none"}, "labels is 'none'"),
        ({"target": 0, "lowest": 1}, "target is 0, which is none of the counts 1..8"),
        ({"distractor": 1}, "distractor is 1; it must be True or False"),
        ({"seed": -3}, "seed is -3"),
    ],
)
def test_bad_arguments(options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        counting_system(**options)
