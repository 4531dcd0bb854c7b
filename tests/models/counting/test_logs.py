import numpy as np
import pytest
from counting_cases import connected_parts
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counting.environment import CountingEnv
from tellapart.models.counting.logs import logged_counting
from tellapart.models.counting.rules import CountingRules
from tellapart.models.counting.walks import counting_walks
from tellapart.theory.errors import InvalidArgumentError

RULES = st.builds(
    CountingRules,
    lowest=st.integers(0, 2),
    labels=st.sampled_from(("sparse", "dense", "mod3")),
    episode_length=st.integers(1, 6),
    terminate_on_success=st.booleans(),
)


@given(RULES, st.integers(1, 12), st.integers(0, 1000), st.integers(1, 6))
def test_walks_are_episodes_of_the_environment(rules, episodes, seed, hold):
    walks = counting_walks(episodes, seed, rules=rules, hold=hold)
    env = CountingEnv(
        lowest=rules.lowest, reward=rules.labels, episode_length=rules.episode_length,
        terminate_on_success=rules.terminate_on_success, size=16,
    )  # fmt: skip
    for counts, actions, length in zip(walks.counts, walks.actions, walks.lengths, strict=True):
        env.reset(seed=0, options={"count": int(counts[0])})
        for t in range(length):
            _, _, terminated, truncated, info = env.step(actions[t])
            assert info["count"] == counts[t + 1]
            assert (terminated or truncated) == (t + 1 == length)
        assert (counts[length + 1 :] == -1).all()
        assert (actions[length:] == -1).all()


@given(st.integers(0, 1000), st.integers(2, 6))
def test_held_actions_are_repeated_also_into_the_next_episode(seed, hold):
    walks = counting_walks(10, seed, hold=hold)
    taken = walks.actions[walks.actions >= 0]
    for start in range(0, len(taken), hold):
        assert len(set(taken[start : start + hold].tolist())) == 1


def test_starts_and_actions_are_uniform():
    walks = counting_walks(9 * 400, 0)
    assert np.abs(np.bincount(walks.counts[:, 0]) - 400).max() < 6 * 400**0.5
    taken = walks.actions[walks.actions >= 0]
    assert abs(int(taken.sum()) - len(taken) / 2) < 3 * len(taken) ** 0.5
    assert repr(walks) == f"CountingWalks(3600 episodes, {len(taken)} steps)"


@given(
    RULES, st.integers(1, 12), st.integers(0, 1000), st.sampled_from((16, 64)),
    st.sampled_from((None, "glyphs", "distractor")),
)  # fmt: skip
@settings(max_examples=30)
def test_a_log_is_its_walks_seen_as_frames(rules, episodes, seed, size, control):
    log = logged_counting(episodes, seed, rules=rules, size=size, control=control)
    walks = counting_walks(episodes, np.random.default_rng(seed), rules=rules)
    data, steps = log.data, int(walks.lengths.sum())
    assert data.n_rows == steps
    assert data.n_obs == len(log.frames) == len({frame.tobytes() for frame in log.frames})
    assert data.actions == ("-1", "+1")
    after = rules.step(log.counts[data.sources], data.action_ids)
    assert np.array_equal(log.counts[data.targets], after)
    expected = rules.label_of(log.counts)
    assert [data.label_of(i) for i in range(data.n_obs)] == list(expected)
    sighted = [data.first_seen(i).text.rsplit(" ", 1)[1] for i in range(data.n_obs)]
    assert sighted == [str(episode) for episode in log.episodes]
    if control == "distractor":
        assert np.array_equal(log.bits[data.targets], 1 - log.bits[data.sources])
    else:
        assert not log.bits.any()
    if size == 64 and control != "glyphs":
        assert [connected_parts(frame) for frame in log.frames[:8]] == log.counts[:8].tolist()


def test_shape_and_colour_stay_within_an_episode_and_the_empty_frame_is_one():
    log = logged_counting(300, 1)
    empty = np.flatnonzero(log.counts == 0)
    assert len(empty) == 1
    shown = log.frames.max(axis=(1, 2))
    for episode in range(300):
        here = (log.episodes == episode) & (log.counts > 0)
        assert len(np.unique(shown[here], axis=0)) <= 1
        assert len(np.unique(log.shapes[here])) <= 1
    successors = log.data.successors_of(int(empty[0]), 1)
    assert len(np.unique(shown[list(successors)], axis=0)) > 20
    assert set(log.shapes[list(successors)].tolist()) == {0, 1, 2, 3}
    assert not log.data.is_functional
    assert log.shows_an_empty_frame
    assert "the empty frame does not show" in log.explain()
    assert not logged_counting(30, 1, size=16, control="glyphs").shows_an_empty_frame


def test_without_count_zero_hardly_any_frame_is_seen_twice():
    log = logged_counting(200, 0, rules=CountingRules(lowest=1), size=32)
    assert log.data.is_functional
    assert log.data.n_transitions == log.data.n_rows
    assert log.explain().endswith("distinct frames of counts 1..8.")


def test_equal_seeds_give_equal_logs():
    first, again = (logged_counting(30, 4, size=16, hold=5) for _ in range(2))
    assert first.frames.tobytes() == again.frames.tobytes()
    assert first.data == again.data
    assert repr(first) == repr(again)
    assert f"frames {first.data.n_obs}x16x16x3" in repr(first)
    assert logged_counting(30, 5, size=16, hold=5).data != first.data


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"episodes": 0}, "episodes is 0"),
        ({"episodes": 2.5}, "episodes is 2.5"),
        ({"episodes": 10**6}, "may show more than"),
        ({"episodes": 10**9}, "episodes is 1000000000"),
        ({"seed": True}, "seed is True"),
        ({"hold": 0}, "hold is 0"),
        ({"size": 10}, "size is 10"),
        ({"control": "none"}, "control is 'none'"),
        ({"rules": "sparse"}, "rules is a str; give CountingRules"),
        ({"rules": CountingRules(episode_length=None)}, "episodes may never end"),
    ],
)
def test_bad_arguments(options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        logged_counting(**options)


def test_bad_walks():
    with pytest.raises(InvalidArgumentError, match="generator is None"):
        counting_walks(3, None)
