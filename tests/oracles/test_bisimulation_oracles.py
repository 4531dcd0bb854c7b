"""Partitions and words against three unrelated libraries: automata-lib, AALpy and BisPy."""

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import METHODS, bisimulation
from tellapart.theory.gallery import counting_chain, de_bruijn, hopcroft_ullman, random_mdp

aalpy_automata = pytest.importorskip("aalpy.automata")
dfa_module = pytest.importorskip("automata.fa.dfa")
bispy = pytest.importorskip("bispy")

pytestmark = pytest.mark.oracle

MDPS = deterministic_mdps(max_observations=12, max_actions=3, max_labels=3)
TWO_LABELS = deterministic_mdps(max_observations=12, max_actions=3, max_labels=2)
KNOWN = [counting_chain(15), de_bruijn(4), hopcroft_ullman(), random_mdp(n=40, seed=7)]


def _reachable(mdp, start):
    seen, stack = {start}, [start]
    while stack:
        for target in mdp.successors[stack.pop()].tolist():
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


def _minimal_dfa_size(mdp, start):
    """Blocks that automata-lib finds; its minimisation drops what ``start`` does not reach."""
    table = mdp.successors.tolist()
    dfa = dfa_module.DFA(
        states=set(range(mdp.n_obs)),
        input_symbols={str(a) for a in range(mdp.n_actions)},
        transitions={o: {str(a): t for a, t in enumerate(row)} for o, row in enumerate(table)},
        initial_state=start,
        final_states={o for o in range(mdp.n_obs) if mdp.label_ids[o] == 1},
    )
    return len(dfa.minify().states)


def _check_dfa(mdp, start):
    expected = _minimal_dfa_size(mdp, start)
    reached = sorted(_reachable(mdp, start))
    for method in METHODS:
        ids = bisimulation(mdp, method=method).partition.ids[reached]
        assert len(set(ids.tolist())) == expected


@given(TWO_LABELS, st.data())
def test_automata_lib_finds_as_many_blocks(mdp, data):
    _check_dfa(mdp, data.draw(st.integers(0, mdp.n_obs - 1)))


@pytest.mark.parametrize("mdp", [m for m in KNOWN if len(m.label_values) == 2])
def test_automata_lib_finds_as_many_blocks_of_known_systems(mdp):
    _check_dfa(mdp, 0)


def _moore_machine(mdp):
    states = [aalpy_automata.MooreState(str(o), int(mdp.label_ids[o])) for o in range(mdp.n_obs)]
    for state, row in zip(states, mdp.successors.tolist(), strict=True):
        state.transitions = {action: states[target] for action, target in enumerate(row)}
    return aalpy_automata.MooreMachine(states[0], states), states


def _check_words(mdp):
    """AALpy tests whether a pair is distinguishable; its words need not be the shortest."""
    machine, states = _moore_machine(mdp)
    result = bisimulation(mdp)
    alphabet = list(range(mdp.n_actions))
    for x in range(mdp.n_obs):
        for y in range(x):
            found = machine.find_distinguishing_seq(states[x], states[y], alphabet)
            word = result.word_of_indices(x, y)
            assert (found is None) == (word is None)
            if found is not None:
                assert len(word) <= len(found)


@given(MDPS)
@settings(max_examples=30)
def test_aalpy_distinguishes_the_same_pairs(mdp):
    _check_words(mdp)


@pytest.mark.parametrize("mdp", KNOWN[:3])
def test_aalpy_distinguishes_the_same_pairs_of_known_systems(mdp):
    _check_words(mdp)


def _as_plain_graph(mdp):
    """BisPy knows neither labels nor actions: one node for each transition, classed by action."""
    graph = nx.DiGraph()
    n, n_actions = mdp.n_obs, mdp.n_actions
    graph.add_nodes_from(range(n * (n_actions + 1)))
    classes = [[o for o in range(n) if mdp.label_ids[o] == k] for k in range(len(mdp.label_values))]
    for action in range(n_actions):
        nodes = range(n * (action + 1), n * (action + 2))
        classes.append(list(nodes))
        graph.add_edges_from(enumerate(nodes))
        graph.add_edges_from(zip(nodes, mdp.successors[:, action].tolist(), strict=True))
    return graph, [tuple(block) for block in classes]


def _check_blocks(mdp):
    graph, classes = _as_plain_graph(mdp)
    found = bispy.compute_maximum_bisimulation(
        graph, initial_partition=classes, algorithm=bispy.Algorithms.PaigeTarjan
    )
    blocks = {tuple(sorted(block)) for block in found if min(block) < mdp.n_obs}
    for method in METHODS:
        assert set(bisimulation(mdp, method=method).partition.blocks) == blocks


@given(MDPS)
@settings(max_examples=30)
def test_bispy_finds_the_same_blocks(mdp):
    _check_blocks(mdp)


@pytest.mark.parametrize("mdp", KNOWN)
def test_bispy_finds_the_same_blocks_of_known_systems(mdp):
    _check_blocks(mdp)
