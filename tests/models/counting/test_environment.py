import gymnasium
import numpy as np
import pytest
from counting_cases import connected_parts
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counting.environment import ENVIRONMENT_ID, CountingEnv
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

OPTIONS = (
    {}, {"render_mode": "rgb_array"}, {"reward": "dense", "size": 32}, {"control": "glyphs"},
    {"control": "distractor", "size": 16}, {"lowest": 1, "terminate_on_success": False},
    {"reward": "network", "seed": 5, "episode_length": None}, {"reward": "mod3", "target": 7},
)  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_gymnasiums_own_checker_has_nothing_to_say(options):
    env = gymnasium.make(ENVIRONMENT_ID, **options)
    check_env(env.unwrapped)
    env.close()


@given(
    st.integers(0, 2**31), st.lists(st.integers(0, 1), min_size=1, max_size=8), st.booleans(),
    st.sampled_from((1, 3, 4, None)), st.integers(0, 8),
)  # fmt: skip
@settings(max_examples=30)
def test_episodes_follow_the_rules(seed, actions, ends, length, start):
    """Played beside a count kept by hand."""
    env = CountingEnv(terminate_on_success=ends, episode_length=length, size=64)
    frame, info = env.reset(seed=seed, options={"count": start})
    nuisances = info["shape"], info["colour"]
    count = start
    assert info["count"] == connected_parts(frame) == count
    for step, action in enumerate(actions, start=1):
        count = max(0, count - 1) if action == 0 else min(8, count + 1)
        frame, reward, terminated, truncated, info = env.step(action)
        assert info["count"] == connected_parts(frame) == count
        assert (info["shape"], info["colour"]) == nuisances
        assert not frame.any() or tuple(frame.max(axis=(0, 1)).tolist()) == info["colour"]
        assert reward == (1.0 if count == 4 else 0.0)
        assert terminated == (ends and count == 4)
        assert truncated == (length is not None and step >= length)
        if terminated:
            with pytest.raises(InvalidArgumentError, match="has ended"):
                env.step(0)
            break


@given(st.integers(0, 2**31), st.sampled_from((None, "glyphs", "distractor")))
@settings(max_examples=20)
def test_seeds_decide_everything(seed, control):
    runs = []
    for _ in range(2):
        env = CountingEnv(control=control, episode_length=None, terminate_on_success=False, size=32)
        frame, info = env.reset(seed=seed)
        run = [frame.tobytes(), info]
        for action in (0, 1, 1, 0):
            frame, *rest = env.step(action)
            run += [frame.tobytes(), *rest]
        runs.append(run)
    assert runs[0] == runs[1]


def test_places_are_drawn_anew_also_where_the_count_is_clipped():
    env = CountingEnv(episode_length=None)
    before, _ = env.reset(seed=0, options={"count": 8})
    after, *_ = env.step(1)
    assert connected_parts(after) == 8
    assert not np.array_equal(before, after)


def test_starts_are_uniform_on_the_counts():
    env = CountingEnv(lowest=1, size=16)
    env.reset(seed=0)
    times = np.bincount([env.reset()[1]["count"] for _ in range(1600)], minlength=9)
    assert times[0] == 0
    assert np.abs(times[1:] - 200).max() < 6 * 200**0.5


def test_the_distractor_alternates_whatever_the_actions():
    env = CountingEnv(control="distractor", episode_length=None)
    frame, info = env.reset(seed=1, options={"count": 5})
    bits, grounds = [info["distractor"]], [int(np.median(frame))]
    for action in (1, 1, 0, 1):
        frame, *_, info = env.step(action)
        bits.append(info["distractor"])
        grounds.append(int(np.median(frame)))
    assert bits in ([0, 1, 0, 1, 0], [1, 0, 1, 0, 1])
    assert grounds == [16 * bit for bit in bits]


def test_what_is_returned_and_rendered_are_copies():
    env = CountingEnv(render_mode="rgb_array")
    assert env.render() is None
    frame, _ = env.reset(seed=0, options={"count": 3})
    kept = frame.copy()
    frame[:] = 7
    shown = env.render()
    assert np.array_equal(shown, kept)
    shown[:] = 9
    assert np.array_equal(env.render(), kept)
    silent = CountingEnv()
    silent.reset(seed=0)
    assert silent.render() is None


def test_a_module_name_registers_it_too():
    env = gymnasium.make(f"tellapart.models.counting.environment:{ENVIRONMENT_ID}", size=16)
    assert env.observation_space.shape == (16, 16, 3)
    env.close()


def test_frames_are_too_many_so_enumeration_needs_a_bound():
    with pytest.raises(BudgetExceededError, match="More than max_observations=30"):
        DeterministicMDP.from_gymnasium(ENVIRONMENT_ID, size=16, max_observations=30)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reward": "dens"}, "reward is 'dens'; choose one of 'sparse', 'dense'"),
        ({"size": 84}, "size is 84; it must be one of"),
        ({"control": "glyph"}, "control is 'glyph'; choose one of None, 'glyphs', 'distractor'"),
        ({"render_mode": "human"}, "render_mode is 'human'"),
        ({"target": 9}, "target is 9"),
    ],
)
def test_bad_options(options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        CountingEnv(**options)


def test_bad_actions_and_resets():
    env = CountingEnv(lowest=1)
    with pytest.raises(InvalidArgumentError, match="has not begun; call reset"):
        env.step(0)
    with pytest.raises(InvalidArgumentError, match=r"options\['count'\] is 0; .* in 1..8"):
        env.reset(options={"count": 0})
    with pytest.raises(InvalidArgumentError, match="the one option is"):
        env.reset(options={"counts": 3})
    env.reset(seed=0, options={"count": None})
    for action in (2, -1, 0.5, True, "+1", None):
        with pytest.raises(InvalidArgumentError, match="action"):
            env.step(action)
    assert env.step(np.int64(1))[4]["count"] >= 2
