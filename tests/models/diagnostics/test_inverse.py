from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.diagnostics.inverse import InverseDynamics, inverse_dynamics
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain


def error_by_hand(mdp, code):
    groups = defaultdict(Counter)
    for o in range(mdp.n_obs):
        for a in range(mdp.n_actions):
            groups[code(o), code(int(mdp.successors[o, a]))][a] += 1
    right = sum(counter.most_common(1)[0][1] for counter in groups.values())
    return 1 - right / (mdp.n_obs * mdp.n_actions)


@given(deterministic_mdps(max_observations=8, max_actions=3), st.data())
def test_against_loops(mdp, data):
    n = mdp.n_obs
    ids = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    found = inverse_dynamics(mdp, np.eye(4)[ids])
    assert found.error == pytest.approx(error_by_hand(mdp, ids.__getitem__))
    assert found.floor == pytest.approx(error_by_hand(mdp, lambda o: o))
    assert 0 <= found.floor <= found.error + 1e-12
    assert InverseDynamics.from_json(found.to_json()) == found


def test_known_answers():
    chain = counting_chain(9)
    assert inverse_dynamics(chain, np.arange(9) % 3) == InverseDynamics(0.0, 0.0)
    assert inverse_dynamics(chain, np.arange(9) % 2).error > 0.3
    assert inverse_dynamics(chain, np.zeros(9)).error == 0.5
    assert "50.0% of the actions" in inverse_dynamics(chain, np.zeros(9)).explain()


def test_bad_codes():
    with pytest.raises(InvalidArgumentError, match="8 rows and the system 9"):
        inverse_dynamics(counting_chain(9), np.zeros(8))
