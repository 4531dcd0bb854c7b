"""Horizon: what labels within k steps tell apart, against words written out."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain
from tellapart.theory.horizon import MOST_LISTED, Horizon, horizon


def differ_within(mdp, x, y, steps):
    """Whether some word of at most ``steps`` actions shows different labels, by trying all."""
    pairs = {(x, y)}
    for _ in range(steps + 1):
        if any(mdp.label_ids[i] != mdp.label_ids[j] for i, j in pairs):
            return True
        pairs = {(int(mdp.successors[i, a]), int(mdp.successors[j, a]))
                 for i, j in pairs for a in range(mdp.n_actions)}  # fmt: skip
    return False


@given(deterministic_mdps(max_observations=7, max_actions=2), st.integers(0, 6))
def test_agrees_with_words_written_out(mdp, steps):
    found = horizon(mdp, steps)
    pairs = list(itertools.combinations(range(mdp.n_obs), 2))
    must = [pair for pair in pairs if differ_within(mdp, *pair, mdp.n_obs)]
    missed = [pair for pair in must if not differ_within(mdp, *pair, steps)]
    assert (found.n_reached, found.n_unreached) == (len(must) - len(missed), len(missed))
    listed = [(p.x, p.y) for p in found.unreached]
    assert listed == missed[:MOST_LISTED]
    for pair in found.unreached:
        assert pair.length > steps
        assert not differ_within(mdp, pair.x, pair.y, pair.length - 1)
        assert differ_within(mdp, pair.x, pair.y, pair.length)


def test_counting_chain():
    found = horizon(bisimulation(counting_chain(9)), 2)
    assert (found.n_blocks, found.n_reached, found.n_unreached, found.needed) == (6, 30, 6, 4)
    assert "'0' | '8'   4 actions".replace("'", "") in found.explain()
    assert "must be told apart: 36 pairs" in horizon(counting_chain(9), 4).explain()


def test_long_lists_are_cut_and_say_so():
    found = horizon(blow_up(counting_chain(9), copies=20), 0)
    assert len(found.unreached) == MOST_LISTED
    assert f"and {found.n_unreached - MOST_LISTED:,} more" in found.explain()


def test_saves_and_loads():
    found = horizon(counting_chain(9), 1)
    assert Horizon.from_json(found.to_json()) == found


@pytest.mark.parametrize("steps", [-1, 1.5, True, "3", None])
def test_refuses_what_is_no_horizon(steps):
    with pytest.raises(InvalidArgumentError, match="steps is"):
        horizon(counting_chain(9), steps)
