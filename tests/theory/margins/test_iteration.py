"""Value iteration: compiled and vectorised engines agree bit for bit, words agree with B*."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InternalError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.margins import iteration
from tellapart.theory.margins.iteration import (
    STEP,
    Estimates,
    iterate,
    label_margins,
    require_well_founded,
    shortest_words,
)
from tellapart.theory.margins.required import label_gaps, required_pairs
from tellapart.theory.margins.rounding import raised
from tellapart.theory.margins.tables import tables_of

SYSTEMS = st.one_of(
    deterministic_mdps(max_observations=10, max_actions=3, max_labels=3), transition_data()
)
SEEDS = st.integers(0, 2**32 - 1)


def _numbers(tables, seed):
    """Constants of at least 1, so that no cycle can promise more than is put in."""
    rng = np.random.default_rng(seed)
    bounds = raised(rng.random(len(tables.sources)) * 10.0 ** rng.integers(-9, 0))
    bounds *= rng.random(len(bounds)) < 0.7
    constants = raised(1 + rng.random(tables.n_actions))
    constants[rng.random(tables.n_actions) < 0.1] = np.inf
    aux = np.where(tables.labelled, raised(rng.random(tables.n_obs) / 4), np.nan)
    return bounds, constants, aux, float(raised(np.array(0.5 + rng.random())))


@given(SYSTEMS, SEEDS)
def test_engines_agree_bit_for_bit_and_supports_hold(system, seed):
    tables = tables_of(system)
    bounds, constants, aux, head = _numbers(tables, seed)
    start = label_margins(tables, label_gaps(tables), aux, head)
    found = {
        method: iterate(tables, start, bounds, constants, method=method)[0]
        for method in ("numpy", "compiled")
    }
    assert found["numpy"].values.tolist() == found["compiled"].values.tolist()
    for estimates in found.values():
        require_well_founded(tables, estimates)
        for pair in np.flatnonzero(estimates.forms == STEP).tolist():
            x, y = divmod(pair, tables.n_obs)
            s, t = estimates.supports[pair].tolist()
            assert (tables.sources[s], tables.sources[t]) == (x, y)
            assert tables.actions[s] == tables.actions[t]


@given(SYSTEMS, SEEDS, st.floats(0.25, 4))
def test_engines_agree_with_caps_and_early_ends(system, seed, factor):
    tables = tables_of(system)
    bounds, constants, aux, head = _numbers(tables, seed)
    constants = constants / 4  # now cycles may promise more and more: caps stop them
    start = label_margins(tables, label_gaps(tables), aux * factor, head)
    words = shortest_words(tables)
    needed, caps = words.lengths >= 0, np.full(len(start.values), 8.0)
    start = Estimates(np.minimum(start.values, caps), start.forms, start.supports)
    missing = {
        method: iterate(
            tables, start, bounds * factor, constants, caps=caps, needed=needed, method=method,
            gain=1.001,
        )[1]
        for method in ("numpy", "compiled")
    }  # fmt: skip
    assert missing["numpy"] == missing["compiled"]


@given(deterministic_mdps(max_observations=12, max_actions=3, max_labels=3))
def test_words_are_the_shortest_ones_of_bisimulation(mdp):
    tables, found = tables_of(mdp), bisimulation(mdp)
    words = shortest_words(tables)
    for x in range(mdp.n_obs):
        for y in range(x + 1, mdp.n_obs):
            depth = found.depth_of_indices(x, y)
            assert words.lengths[x * mdp.n_obs + y] == (-1 if depth is None else depth)


@pytest.mark.parametrize(
    "system", [counting_chain(40), random_mdp(n=50, actions=2, labels=2, seed=3)]
)
def test_compiled_words_agree_with_the_vectorised_ones(system, monkeypatch):
    tables = tables_of(system)
    compiled = shortest_words(tables)
    monkeypatch.setattr(iteration, "_SMALL", 100)
    plain = shortest_words(tables)
    assert np.array_equal(plain.lengths, compiled.lengths)
    assert np.array_equal(plain.lengths >= 0, required_pairs(system, plain))


def test_disagreement_and_cycles_are_raised_as_bugs():
    chain = counting_chain(5)
    tables = tables_of(chain)
    words = shortest_words(tables)
    lost = dataclasses.replace(words, lengths=np.where(words.lengths == 1, -1, words.lengths))
    with pytest.raises(InternalError, match="disagree"):
        required_pairs(chain, lost)
    start = label_margins(tables, label_gaps(tables), np.zeros(5), 1.0)
    found = iterate(tables, start, np.zeros(10), np.ones(2))[0]
    supports, forms = found.supports.copy(), found.forms.copy()
    forms[1], supports[1] = STEP, (0, 2)  # (0, 1) by "-1" leads to (0, 0), which has no margin
    with pytest.raises(InternalError, match=r"observations 0 and 1 .* rests on itself"):
        require_well_founded(tables, Estimates(found.values, forms, supports))
