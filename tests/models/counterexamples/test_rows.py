"""What a specimen is trained on, and shrinking the latents of a subject."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.counterexamples.networks import shrunk, small_subject
from tellapart.models.counterexamples.rows import rows_of, stand_in
from tellapart.properties.data_strategies import transition_data
from tellapart.theory.counterexamples.search import smallest_counterexamples


@given(transition_data())
def test_the_stand_in_has_the_sizes_of_the_data(data):
    mdp = stand_in(data)
    assert (mdp.n_obs, mdp.n_actions) == (data.n_obs, data.n_actions)
    assert tuple(mdp.observations) == tuple(data.observations)
    for o, a, s in data.triples.tolist():
        if data.successors_of(o, a) == (s,):
            assert mdp.successors[o, a] == s
    for o in range(data.n_obs):
        if data.label_of(o) is not None:
            assert mdp.labels[o] == data.label_of(o)


@given(st.floats(1e-3, 1.0), st.integers(0, 20))
def test_shrinking_multiplies_the_dynamics_loss_by_the_square_and_nothing_else(scale, seed):
    specimen = smallest_counterexamples("exact_zero").specimens[0]
    rows = rows_of(specimen)
    subject = small_subject(rows.mdp, seed)
    with torch.no_grad():
        before, after = rows.run(subject), rows.run(shrunk(subject, scale))
        loss = float(rows.dynamics(before).square().sum())
        assert float(rows.dynamics(after).square().sum()) == pytest.approx(scale**2 * loss)
        assert torch.allclose(after.read, before.read)
        assert torch.allclose(after.codes, scale * before.codes)


def test_states_that_look_alike_are_shown_as_one():
    specimen = smallest_counterexamples("markov_observation").specimens[0]
    rows = rows_of(specimen)
    assert rows.shown.tolist() == list(specimen.shows)
    codes = rows.encode(small_subject(rows.mdp)).detach().numpy()
    assert np.array_equal(codes[0], codes[1])
