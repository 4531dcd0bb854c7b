"""The system behind forced merges: what every zero-loss model of the data fits."""

import numpy as np
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.data_system import forced_system
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.min_codes import minimum_codes
from tellapart.theory.stability import is_admissible


def system_of(data):
    return forced_system(DataAudit("data", analyse(data, time_limit=0.0)))


@given(deterministic_mdps())
def test_complete_data_are_their_own_system(mdp):
    assert system_of(TransitionData.from_mdp(mdp)) == mdp


@given(transition_data(families=["nuisance", "contradiction", "any"]), st.data())
def test_kernels_of_the_data_are_kernels_of_the_system(data, chooser):
    """A kernel that the data admit merges what is forced, so the system admits it too."""
    system = system_of(data)
    event(f"a system: {system is not None}")
    assume(system is not None)
    relation = analyse(data, time_limit=0.0).relation
    assert relation.is_transitive
    assert relation.as_partition() == bisimulation(system).partition
    for kernel in (minimum_codes(data).partition, relation.as_partition(), relation.forced):
        assert is_admissible_for(data, kernel)
        assert is_admissible(system, kernel)


@given(transition_data())
def test_there_is_none_exactly_where_a_class_lacks_an_action_or_a_label(data):
    found = analyse(data, time_limit=0.0)
    covered = {(int(found.forced.ids[o]), a) for o, a, _ in data.triples.tolist()}
    labelled = set(found.forced.ids[np.flatnonzero(data.label_ids >= 0)].tolist())
    whole = len(covered) == found.forced.n_blocks * data.n_actions
    whole = whole and len(labelled) == found.forced.n_blocks
    assert (system_of(data) is not None) == (whole and found.feasible)
