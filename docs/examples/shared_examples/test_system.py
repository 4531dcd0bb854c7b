from hypothesis import given

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation


@given(deterministic_mdps(max_observations=5))
def test_labels_are_kept_apart(mdp):
    assert bisimulation(mdp).partition.n_blocks >= len(mdp.label_values)
