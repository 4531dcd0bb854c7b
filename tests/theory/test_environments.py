"""Gymnasium environments with a table: known answers, terminations, refusals."""

import gymnasium
import pytest

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.environments import gymnasium_labelings
from tellapart.theory.errors import (
    BudgetExceededError,
    InvalidArgumentError,
    InvalidLabelError,
    InvalidMDPError,
    MissingTransitionError,
    StochasticEnvironmentError,
)
from tellapart.theory.mdp import DeterministicMDP


def read(env, *args, **options):
    return DeterministicMDP.from_gymnasium(env, *args, **options)


KNOWN = [
    # environment, options, observations, actions, labels, blocks, depth
    ("FrozenLake-v1", {"is_slippery": False}, 16, 4, 2, 12, 5),
    ("FrozenLake8x8-v1", {"is_slippery": False}, 64, 4, 3, 54, 13),
    ("CliffWalking-v1", {}, 48, 4, 7, 48, 7),
    ("Taxi-v4", {}, 504, 6, 5, 501, 17),
]


@pytest.mark.parametrize(("name", "options", "n", "actions", "labels", "blocks", "depth"), KNOWN)
def test_known_environments(name, options, n, actions, labels, blocks, depth):
    mdp = read(name, **options)
    result = bisimulation(mdp)
    assert (mdp.n_obs, mdp.n_actions, len(mdp.label_values)) == (n, actions, labels)
    assert (result.partition.n_blocks, result.depth) == (blocks, depth)


def test_frozen_lake_ends_are_absorbing_and_rewards_are_kept():
    mdp = read("FrozenLake-v1", is_slippery=False)
    for end in (5, 7, 11, 12, 15):
        assert mdp.successors[end].tolist() == [end] * 4
        assert mdp.labels[end] == (0, 0, 0, 0)
    assert mdp.labels[14] == (0, 0, 1, 0)
    assert mdp.successors[14, 2] == 15


def test_cliff_walking_goal_becomes_absorbing_though_its_table_leads_out():
    mdp = read("CliffWalking-v1")
    goal = mdp.observation_index(47)
    assert mdp.successors[goal].tolist() == [goal] * 4
    assert mdp.labels[goal] == (0, 0, 0, 0)
    assert mdp.labels[mdp.observation_index(36)][1] == -100


def test_taxi_destinations_are_copied_because_they_are_also_passed_through():
    mdp = read(gymnasium.make("Taxi-v4"))
    ends = [name for name in mdp.observations if isinstance(name, str)]
    assert ends == ["0 (end)", "85 (end)", "410 (end)", "475 (end)"]
    for name in ends:
        index = mdp.observation_index(name)
        assert mdp.successors[index].tolist() == [index] * 6
        assert mdp.labels[index] == (0,) * 6
    assert mdp.successors[16, 5] == mdp.observation_index("0 (end)")
    assert mdp.successors[0].tolist() != [0] * 6


def test_truncation_plays_no_part():
    env = gymnasium.make("FrozenLake-v1", is_slippery=False, max_episode_steps=1)
    assert read(env) == read("FrozenLake-v1", is_slippery=False)


def test_slippery_tables_are_refused_with_pair_and_fix():
    with pytest.raises(StochasticEnvironmentError, match=r"Observation 0, action 0 .*is_slippery"):
        read("FrozenLake-v1")


def test_outcomes_that_agree_are_one_and_impossible_ones_none(table_environment):
    entries = [(0.5, 1, 2.0, False), (0.5, 1, 2, False), (0.0, 0, 9.0, True)]
    mdp = read(table_environment({0: {0: entries}, 1: {0: [(1.0, 1, 0.0, False)]}}))
    assert mdp.successors.tolist() == [[1], [1]]
    assert mdp.labels == (2.0, 0.0)


@pytest.mark.parametrize("other", [(0.5, 0, 2.0, False), (0.5, 1, 3.0, False), (0.5, 1, 2.0, True)])
def test_outcomes_that_differ_anywhere_are_refused(table_environment, other):
    table = {0: {0: [(0.5, 1, 2.0, False), other]}, 1: {0: [(1.0, 1, 0.0, False)]}}
    with pytest.raises(StochasticEnvironmentError, match="2 outcomes"):
        read(table_environment(table))


def test_a_table_may_be_made_of_lists_and_name_states_freely(table_environment):
    assert read(table_environment([[[(1.0, 1, 1.0, False)]], [[(1.0, 0, 0.0, False)]]])).n_obs == 2
    mdp = read(
        table_environment(
            {"a": {"go": [(1.0, "b", 1.0, True)]}, "b": {"go": [(1.0, "a", 5, True)]}}
        )
    )
    assert tuple(mdp.observations) == ("a", "b")
    assert mdp.actions == ("go",)


def loop(state, reward=0.0, done=False):
    return {0: [(1.0, state, reward, done)]}


@pytest.mark.parametrize(
    ("table", "starts", "names", "successors"),
    [
        # everything that enters 1 terminates: absorbing, though its own row leads out
        ({0: loop(1, 1.0, True), 1: loop(0)}, {0}, [0, 1], [1, 1]),
        # the same, but an episode can start there
        ({0: loop(1, 1.0, True), 1: loop(0)}, {0, 1}, [0, 1, "1 (end)"], [2, 0, 2]),
        # entered both ways
        (
            {0: loop(1, 1.0, True), 1: loop(2), 2: loop(1)},
            {0},
            [0, 1, 2, "1 (end)"],
            [3, 2, 1, 3],
        ),
        # a terminal self-loop that nothing else enters
        ({0: loop(0), 1: loop(1, 0.0, True)}, {0}, [0, 1], [0, 1]),
        # a start whose self-loop terminates
        ({0: loop(0, 1.0, True)}, {0}, [0, "0 (end)"], [1, 1]),
        # entered by nothing but its own endless self-loop
        ({0: loop(0), 1: loop(1, 3.0)}, {0}, [0, 1], [0, 1]),
    ],
)
def test_terminations(table_environment, table, starts, names, successors):
    mdp = read(table_environment(table, starts))
    assert list(mdp.observations) == names
    assert mdp.successors[:, 0].tolist() == successors
    for index, name in enumerate(names):
        if isinstance(name, str):
            assert mdp.labels[index] == 0


def test_a_loose_observation_with_a_way_to_end_keeps_its_row(table_environment):
    table = {
        0: {0: [(1.0, 0, 1.0, True)], 1: [(1.0, 1, 2.0, False)]},
        1: {0: [(1.0, 1, 0.0, False)], 1: [(1.0, 1, 0.0, False)]},
    }
    mdp = read(table_environment(table))
    assert list(mdp.observations) == [0, 1, "0 (end)"]
    assert mdp.successors.tolist() == [[2, 1], [1, 1], [2, 2]]


def test_names_of_copies_avoid_names_in_use(table_environment):
    table = {"a": loop("a", 0.0, True), "a (end)": loop("a")}
    mdp = read(table_environment(table))
    assert list(mdp.observations) == ["a", "a (end)", "a (end)'"]


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ({0: {0: []}}, MissingTransitionError, "Observation 0 has no outcome for action 0"),
        ({0: loop(7)}, MissingTransitionError, "the unknown successor 7"),
        ({0: {}}, InvalidMDPError, "no actions"),
        (
            {0: loop(0), 1: {0: [(1.0, 0, 0.0, False)], 1: [(1.0, 0, 0.0, False)]}},
            MissingTransitionError,
            "Observation 0 has no outcome for action 1",
        ),
        ({0: loop(0, float("nan"))}, InvalidLabelError, "Observation 0, action 0 .* nan"),
    ],
)
def test_defects_of_tables_are_refused(table_environment, table, error, message):
    with pytest.raises(error, match=message):
        read(table_environment(table))


def test_a_label_function_always_gets_a_tuple(table_environment):
    assert read(table_environment({0: loop(0, 5.0)}), lambda name, rewards: rewards).labels == (
        (5.0,),
    )


def test_tables_keep_to_the_bound_too():
    with pytest.raises(BudgetExceededError, match="48 observations, more than max_observations=9"):
        read("CliffWalking-v1", max_observations=9)


def test_labelings_of_one_environment():
    found = gymnasium_labelings("FrozenLake-v1", is_slippery=False)
    assert list(found) == ["reward", "done", "observation"]
    assert found["observation"] == tuple(range(16))
    ends = {5, 7, 11, 12, 15}
    for name, label in enumerate(found["done"]):
        mdp = read("FrozenLake-v1", is_slippery=False)
        reached = [target in ends for target in mdp.successors[name].tolist()]
        assert label == tuple(reached)
    for name in found:
        assert read("FrozenLake-v1", name, is_slippery=False).labels == found[name]


def test_absorbing_copies_are_done():
    found = gymnasium_labelings("Taxi-v4", ["done", "observation"])
    ends = [o for o, name in enumerate(found["observation"]) if isinstance(name, str)]
    assert ends == [500, 501, 502, 503]
    assert {found["done"][o] for o in ends} == {(True,) * 6}
    # Only dropping off ends an episode, and only where the passenger wants to go.
    assert sum(any(label) for label in found["done"][:500]) == 4


def test_unknown_labelings_are_refused():
    with pytest.raises(
        InvalidArgumentError, match="label is 'colour'; it must be 'reward', 'done'"
    ):
        gymnasium_labelings("FrozenLake-v1", ["colour"], is_slippery=False)
