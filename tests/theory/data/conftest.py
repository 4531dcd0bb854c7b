"""What the tests of transition data share."""

import numpy as np
import pytest
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData


@st.composite
def logs(draw, names=None, max_rows=12):
    """Draw columns of a log whose labels are a function of the observation."""
    names = st.integers(-3, 40) if names is None else names
    some = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    label_of = {name: draw(st.sampled_from([None, 0, 1])) for name in some}
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(some), st.integers(0, 2), st.sampled_from(some)),
            min_size=1,
            max_size=max_rows,
        )
    )
    sources, actions, successors = (list(column) for column in zip(*rows, strict=True))
    return {
        "observations": sources,
        "actions": actions,
        "next_observations": successors,
        "labels": [label_of[name] for name in sources],
        "next_labels": [label_of[name] for name in successors],
    }


def content(data: TransitionData):
    """Everything that data say, by names and rows."""
    transitions = {
        (data.observations[s], data.actions[a], data.observations[t]): int(row)
        for s, a, t, row in zip(
            data.sources, data.action_ids, data.targets, data.first_rows, strict=True
        )
    }
    labels = {
        name: (data.label_of(o), int(data.label_rows[o]))
        for o, name in enumerate(data.observations)
        if data.label_ids[o] >= 0
    }
    return transitions, labels, list(data.observations), list(data.actions)


@pytest.fixture(scope="session")
def log_columns():
    """The strategy of logs."""
    return logs


@pytest.fixture(scope="session")
def content_of():
    """The function that lists what data say."""
    return content


@pytest.fixture
def random_images():
    """Six images of 5 x 7 pixels, no two alike."""
    return np.random.default_rng(3).integers(0, 256, (6, 5, 7), dtype=np.uint8)
