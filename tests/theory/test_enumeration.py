"""Environments without a table: enumeration by copy or state, checks, bounds, replay."""

import copy
from typing import ClassVar

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.enumeration import exact_key
from tellapart.theory.errors import (
    BudgetExceededError,
    InvalidArgumentError,
    InvalidLabelError,
    StochasticEnvironmentError,
)
from tellapart.theory.mdp import DeterministicMDP


def read(env, *args, **options):
    return DeterministicMDP.from_gymnasium(env, *args, **options)


class Corridor(gymnasium.Env):
    """Walk left or right from 0; reward and end at the last cell. Wide observations if asked."""

    def __init__(self, length=4, shown=int):
        self.length, self.shown, self.place = length, shown, 0
        self.action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return self.shown(self.place), {}

    def step(self, action):
        self.place = max(0, self.place + (1 if action else -1))
        done = self.place == self.length - 1
        return self.shown(self.place), float(done), done, False, {}


class SettableCorridor(Corridor):
    """The same with get_state/set_state, and no way to be copied."""

    def get_state(self):
        return {"place": np.array([self.place])}

    def set_state(self, state):
        self.place = int(state["place"][0])

    def __deepcopy__(self, memo):
        raise TypeError("not copyable")


class Dice(Corridor):
    """Steps of random length, from the environment's own generator."""

    def step(self, action):
        self.place = (self.place + int(self.np_random.integers(1, 4))) % 7
        return self.place, 0.0, False, False, {}


class HiddenPhase(Corridor):
    """Only the place is shown, but what a step does depends on a hidden phase too."""

    phase = 0

    def step(self, action):
        self.phase = (self.phase + 1) % 2
        self.place = (self.place + (1 if action else self.phase)) % 3
        return self.place, 0.0, False, False, {}


class SettableDice(Dice):
    def get_state(self):
        return self.place

    def set_state(self, state):
        self.place = state


@pytest.mark.parametrize("env", [Corridor(), SettableCorridor()])
def test_enumeration_by_copy_and_by_state_find_the_same(env):
    mdp = read(env)
    assert mdp.successors.tolist() == [[0, 1], [0, 2], [1, 3], [3, 3]]
    assert mdp.labels == ((0, 0), (0, 0), (0, 1), (0, 0))
    assert tuple(mdp.actions) == (0, 1)


def test_names_come_from_observation_or_state():
    assert list(read(Corridor(3)).observations) == [0, 1, 2]
    assert read(SettableCorridor(3)).observations[1] == (("place", 1),)
    shown = read(Corridor(3, shown=lambda place: np.array([place, 0]))).observations
    assert shown == ((0, 0), (1, 0), (2, 0))
    images = read(Corridor(3, shown=lambda place: np.full((5, 5), place, np.uint8))).observations
    assert images[2] == ("|u1", (5, 5), bytes([2] * 25))


def test_enumeration_leaves_a_copied_environment_as_it_was():
    env = Corridor()
    env.reset(seed=3)
    env.step(1)
    before = copy.deepcopy(env.__dict__)
    read(env)
    assert env.place == before["place"] == 1


def test_a_terminal_observation_that_is_also_a_start_is_copied():
    class Loop(Corridor):
        def step(self, action):
            self.place = (self.place + 1) % 3
            return self.place, 1.0, self.place == 0, False, {}

    mdp = read(Loop())
    assert list(mdp.observations) == [0, 1, 2, "0 (end)"]
    assert mdp.successors[:, 0].tolist() == [1, 2, 3, 3]


def test_every_seed_is_a_start():
    class Starts(Corridor):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place = seed % 3
            return self.place, {}

        def step(self, action):
            return self.place, 0.0, False, False, {}

    assert read(Starts()).n_obs == 1
    assert list(read(Starts(), seeds=(0, 1, 5)).observations) == [0, 1, 2]


def test_label_may_be_a_function_of_name_and_rewards():
    seen = {}

    def label(name, rewards):
        seen[name] = rewards
        return "goal" if 1.0 in rewards else "road"

    mdp = read(Corridor(3), label)
    assert mdp.labels == ("road", "goal", "road")
    assert seen == {0: (0.0, 0.0), 1: (0.0, 1.0), 2: (0, 0)}


def test_actions_keep_the_start_of_their_space():
    env = Corridor(3)
    env.action_space = spaces.Discrete(2, start=-1)
    assert tuple(read(env).actions) == (-1, 0)


@pytest.mark.parametrize("env", [Dice(), SettableDice(), HiddenPhase()])
def test_randomness_and_hidden_state_are_found(env):
    with pytest.raises(StochasticEnvironmentError, match="has two outcomes: to"):
        read(env)


def test_the_check_can_be_turned_off():
    assert read(HiddenPhase(), check=False).n_obs == 3


def test_the_bound_names_its_option_and_progress_counts():
    calls = []
    with pytest.raises(BudgetExceededError, match=r"max_observations=50 .*expanded"):
        read(Corridor(10**9), max_observations=50, progress=lambda *c: calls.append(c))
    assert calls[-1] == (50, 49)
    assert all(found >= expanded for found, expanded in calls)
    assert read(Corridor(50), max_observations=50).n_obs == 50


class Continuous(Corridor):
    def __init__(self):
        super().__init__()
        self.action_space = spaces.Box(0, 1)


class Uncopyable(Corridor):
    def __deepcopy__(self, memo):
        raise TypeError("open window")


class OddState(Corridor):
    def get_state(self):
        return {1, 2}

    def set_state(self, state):
        pass


@pytest.mark.parametrize(
    ("env", "options", "message"),
    [
        ("Nope-v0", {}, "could not make 'Nope-v0'"),
        ("FrozenLake-v1", {"slippery": False}, "could not make .*slippery"),
        (Corridor(), {"is_slippery": False}, "already"),
        (3, {}, "got int"),
        (Continuous(), {}, r"action space Box.*Discrete"),
        (Uncopyable(), {}, "cannot be copied .*open window"),
        (OddState(), {}, "type set cannot name"),
        (Corridor(), {"label": "colour"}, "label is 'colour'"),
        (Corridor(), {"max_observations": 0}, "max_observations is 0"),
    ],
)
def test_what_cannot_be_read_is_refused(env, options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        read(env, **options)


class NaNReward(Corridor):
    def step(self, action):
        return (*super().step(action)[:1], float("nan"), False, False, {})


def test_nan_rewards_name_the_pair():
    with pytest.raises(InvalidLabelError, match="Observation 0, action 0 has the reward nan"):
        read(NaNReward())


class RandomTable(gymnasium.Env):
    """A drawn table, stepped like an environment, to compare both routes."""

    rewards: ClassVar = (0.0, 1.0)

    def __init__(self, table):
        self.table, self.here = table, 0
        self.action_space = spaces.Discrete(len(table[0]))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.here = 0
        return 0, {}

    def step(self, action):
        self.here, reward, done = self.table[self.here][action]
        return self.here, reward, done, False, {}


entries = st.tuples(st.integers(0, 4), st.sampled_from([0.0, 1.0]), st.booleans())


tables = st.lists(st.lists(entries, min_size=2, max_size=2), min_size=5, max_size=5)


@given(tables)
def test_the_mdp_replays_every_episode(table):
    """Oracle: walk the environment and the MDP side by side along every word of length 4."""
    mdp = read(RandomTable(table))
    for bits in range(16):
        state, here = 0, mdp.observation_index(0)
        for action in (bits >> k & 1 for k in range(4)):
            successor, reward, done = table[state][action]
            assert mdp.labels[here][action] == reward
            here = int(mdp.successors[here, action])
            if done:
                assert mdp.observations[here] in (successor, f"{successor} (end)")
                assert mdp.successors[here].tolist() == [here, here]
                assert mdp.labels[here] == (0, 0)
                break
            assert mdp.observations[here] == successor
            state = successor


@given(tables)
def test_reading_the_table_agrees_with_stepping_on_what_is_reached(table_environment, table):
    stepped = read(RandomTable(table))
    env = table_environment(
        {s: {a: [(1.0, *row[a])] for a in range(2)} for s, row in enumerate(table)}, starts={0}
    )
    whole = read(env)
    words = [[bits >> k & 1 for k in range(5)] for bits in range(32)]
    start = stepped.observation_index(0)
    for word in words:
        assert stepped.label_trace(start, word) == whole.label_trace(0, word)


def test_exact_keys():
    assert exact_key(np.int64(3)) == 3
    assert exact_key(np.array([[1, 2]])) == ((1, 2),)
    assert exact_key(np.array(5)) == 5
    assert exact_key({"a": np.array([1.5]), "b": [1, 2]}) == (("a", 1.5), ("b", (1, 2)))
    wide = np.arange(20)
    assert exact_key(wide) != exact_key(wide.reshape(4, 5))
    assert exact_key(wide) != exact_key(wide.astype(np.int32))
    assert exact_key(wide[::-1]) == exact_key(wide[::-1].copy())
    with pytest.raises(InvalidArgumentError, match="not hashable"):
        exact_key(set())
