"""Episodes are the same data as their steps in columns; steps and episodes are named."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    DuplicateTransitionError,
    InvalidArgumentError,
    InvalidLabelError,
    InvalidMDPError,
)

LABELS = {name: (None if name % 3 == 0 else name % 3) for name in range(6)}


@st.composite
def walks(draw):
    """Draw episodes of observations 0..5 with labels and rewards that are functions of them."""
    episodes = []
    for _ in range(draw(st.integers(1, 4))):
        seen = draw(st.lists(st.integers(0, 5), min_size=2, max_size=6))
        done = draw(st.lists(st.integers(0, 2), min_size=len(seen) - 1, max_size=len(seen) - 1))
        episode = {
            "observations": seen,
            "actions": done,
            "rewards": [name / 2 for name in seen[1:]],
        }
        if draw(st.booleans()):
            episode["labels"] = [LABELS[name] for name in seen]
        episodes.append(episode)
    return episodes


def columns(episodes):
    steps = [(e, t) for e in episodes for t in range(len(e["actions"]))]
    return {
        "observations": [e["observations"][t] for e, t in steps],
        "actions": [e["actions"][t] for e, t in steps],
        "next_observations": [e["observations"][t + 1] for e, t in steps],
    }


@given(episodes=walks())
def test_episodes_are_their_steps(episodes, content_of):
    loaded = TransitionData.from_episodes(episodes)
    blank = [[None] * len(e["observations"]) for e in episodes]
    labels = [e.get("labels", none) for e, none in zip(episodes, blank, strict=True)]
    expected = TransitionData.from_arrays(
        **columns(episodes),
        labels=[label for part in labels for label in part[:-1]],
        next_labels=[label for part in labels for label in part[1:]],
    )
    assert loaded == expected
    assert content_of(loaded)[0] == content_of(expected)[0]
    # An observation inside an episode is the successor of the step before the one it begins.
    later = loaded.label_rows - expected.label_rows
    assert ((later == 0) | (later == 1)).all()


@given(episodes=walks())
def test_rewards_are_labels_of_the_successors(episodes, content_of):
    loaded = TransitionData.from_episodes(episodes, label="rewards")
    rewards = [reward for e in episodes for reward in e["rewards"]]
    expected = TransitionData.from_arrays(**columns(episodes), next_labels=rewards)
    assert content_of(loaded) == content_of(expected)


@given(walks())
def test_arrays_objects_and_other_keys_are_the_same_episodes(episodes):
    expected = TransitionData.from_episodes(episodes, label="rewards")
    arrays = [{key: np.array(e[key]) for key in ("observations", "actions", "rewards")}
              for e in episodes]  # fmt: skip
    assert TransitionData.from_episodes(arrays, label="rewards") == expected
    objects = (SimpleNamespace(**e) for e in arrays)
    assert TransitionData.from_episodes(objects, label="rewards") == expected
    renamed = [{"obs": e["observations"], "act": e["actions"], "r": e["rewards"]} for e in arrays]
    assert (
        TransitionData.from_episodes(renamed, observations="obs", actions="act", label="r")
        == expected
    )


@given(walks())
def test_steps_and_episodes_are_named(episodes):
    loaded = TransitionData.from_episodes(episodes)
    places = [(e, t) for e, episode in enumerate(episodes) for t in range(len(episode["actions"]))]
    for k, row in enumerate(loaded.first_rows.tolist()):
        e, t = places[row]
        assert loaded.row_text(k) == f"step {t} of episode {e}"
        assert loaded.observations[loaded.sources[k]] == episodes[e]["observations"][t]
        assert loaded.observations[loaded.targets[k]] == episodes[e]["observations"][t + 1]


@given(walks(), st.randoms(use_true_random=False))
def test_images_of_observations_are_the_same_system(episodes, random):
    pictures = np.random.default_rng(random.randrange(99)).random((6, 4, 6)).astype(np.float32)
    shown = [{**e, "observations": pictures[e["observations"]]} for e in episodes]
    expected = TransitionData.from_episodes(episodes)
    loaded = TransitionData.from_episodes(shown)
    assert (loaded.n_obs, loaded.n_transitions) == (expected.n_obs, expected.n_transitions)
    assert (np.sort(loaded.first_rows) == np.sort(expected.first_rows)).all()
    assert sorted(loaded.label_ids >= 0) == sorted(expected.label_ids >= 0)


def dictionary_walk(random_images):
    return {
        "observations": {"image": random_images[[0, 1, 0]], "mission": ["go", "go", "stop"]},
        "actions": np.array([0, 1]),
    }


def test_dictionary_observations(random_images):
    walk = dictionary_walk(random_images)
    stepwise = {
        **walk,
        "observations": [
            {"image": image, "mission": mission}
            for image, mission in zip(*walk["observations"].values(), strict=True)
        ],
    }
    loaded = TransitionData.from_episodes([walk, walk])
    assert loaded.n_obs == 3
    assert TransitionData.from_episodes([stepwise, stepwise]) == loaded
    for episode in (walk, stepwise):
        assert TransitionData.from_episodes([episode], observation="image").n_obs == 2
        by_function = TransitionData.from_episodes([episode], observation=lambda o: o["mission"])
        assert list(by_function.observations) == ["go", "stop"]


WALK = {"observations": [0, 1, 2], "actions": [0, 1], "labels": [0, None, 1]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"actions": [0]}, ["Episode 1", "3 observations and 1 actions", "T + 1"]),
        ({"observations": [0, 1]}, ["Episode 1", "2 observations and 2 actions"]),
        ({"actions": [], "observations": [0]}, ["Episode 1", "no actions"]),
        ({"actions": None}, ["Episode 1", "no 'actions'", "labels"]),
        ({"actions": 3}, ["Episode 1", "'actions'"]),
        ({"observations": [0, None, 2]}, ["Step 1 of episode 1", "no observation"]),
        ({"observations": [0, 1, float("nan")]}, ["The end (after step 1) of episode 1", "nan"]),
        ({"actions": [0, None]}, ["Step 1 of episode 1", "no action"]),
        ({"observations": {"a": [1, 2, 3]}}, ["Episode 1", "observations", "same form"]),
    ],
)
def test_bad_episodes_are_refused_by_number(changes, words):
    with pytest.raises(InvalidMDPError) as caught:
        TransitionData.from_episodes([WALK, {**WALK, **changes}])
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([1], ["Episode 1", "1 entries", "'labels'"]),
        ("abc", ["Episode 1", "a str"]),
        ({"a": [1, 2, 3]}, ["Episode 1", "a dict"]),
        ([0, None, float("nan")], ["Step 1 of episode 1, as the successor", "nan"]),
        ([float("inf"), None, 1], ["Step 0 of episode 1", "inf"]),
        ([5, None, 1], ["Observation 0", "0 (step 0 of episode 0)", "5 (step 0 of episode 1)"]),
        ([0, None, 5], ["Observation 2", "1 (step 1 of episode 0, as the successor)"]),
    ],
)
def test_bad_labels_are_refused_by_step(labels, words):
    with pytest.raises(InvalidLabelError) as caught:
        TransitionData.from_episodes([WALK, {**WALK, "labels": labels}])
    for word in words:
        assert word in str(caught.value)


def test_what_is_asked_for_must_be_there(random_images):
    with pytest.raises(InvalidLabelError, match="Episode 0 has no 'rewards'"):
        TransitionData.from_episodes([WALK], label="rewards")
    walk = dictionary_walk(random_images)
    with pytest.raises(InvalidArgumentError, match="no part 'sound'"):
        TransitionData.from_episodes([walk], observation="sound")
    with pytest.raises(InvalidArgumentError, match="no part 'sound'"):
        TransitionData.from_episodes([WALK], observation="sound")
    for nothing in (WALK, 5, "abc"):
        with pytest.raises(InvalidArgumentError, match="list of episodes"):
            TransitionData.from_episodes(nothing)
    with pytest.raises(InvalidMDPError, match="no episodes"):
        TransitionData.from_episodes([])


def test_episodes_of_unlike_form_do_not_go_together(random_images):
    walk = dictionary_walk(random_images)
    with pytest.raises(InvalidMDPError, match="Episode 1 has observations with other parts"):
        TransitionData.from_episodes([walk, WALK])
    one = {"observations": random_images[:3], "actions": [0, 1]}
    other = {**one, "observations": random_images[:3].astype(float)}
    with pytest.raises(InvalidMDPError, match="Episode 1 has observations with dtype float64"):
        TransitionData.from_episodes([one, other])


def test_contradictions_name_step_and_episode():
    with pytest.raises(DuplicateTransitionError, match=r"step 0 of episode 0.*step 0 of episode 1"):
        TransitionData.from_episodes(
            [WALK, {**WALK, "observations": [0, 4, 2]}], deterministic=True
        )


def test_no_labels_on_request():
    assert TransitionData.from_episodes([WALK], label=None).n_labelled == 0
    assert TransitionData.from_episodes([WALK]).n_labelled == 2
