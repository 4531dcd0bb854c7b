"""DOT files that AALpy writes load, AALpy loads ours, and pydot reads DOT as we do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.formats.dot_syntax import parse_dot
from tellapart.theory.formats.files import read_system, system_bytes
from tellapart.theory.gallery import counting_chain, de_bruijn, gallery
from tellapart.theory.mdp import DeterministicMDP

automata = pytest.importorskip("aalpy.automata")
files = pytest.importorskip("aalpy.utils.FileHandler")
pydot = pytest.importorskip("pydot")

pytestmark = pytest.mark.oracle

words = st.from_regex(r"[a-z][a-z0-9 _.-]{0,3}[a-z0-9]", fullmatch=True)
plain = st.one_of(st.integers(0, 20), words)


@st.composite
def named_mdps(draw):
    """MDPs with labels and actions that AALpy's files can hold."""
    mdp = draw(deterministic_mdps(max_observations=6, max_actions=3))
    values = draw(st.lists(plain, min_size=3, max_size=3, unique=True))
    actions = draw(st.lists(plain, min_size=mdp.n_actions, max_size=mdp.n_actions, unique=True))
    labels = [values[i] for i in mdp.label_ids.tolist()]
    return DeterministicMDP(mdp.successors, labels, [f"q{o}" for o in range(mdp.n_obs)], actions)


def moore_machine(mdp):
    states = [
        automata.MooreState(str(name), label)
        for name, label in zip(mdp.observations, mdp.labels, strict=True)
    ]
    for state, row in zip(states, mdp.successors.tolist(), strict=True):
        state.transitions = {a: states[t] for a, t in zip(mdp.actions, row, strict=True)}
    return automata.MooreMachine(states[0], states)


def reordered(mdp, actions):
    """The same MDP with its actions in another order."""
    columns = [mdp.action_index(name) for name in actions]
    return DeterministicMDP(mdp.successors[:, columns], mdp.labels, mdp.observations, actions)


def from_aalpy(mdp, path):
    files.save_automaton_to_file(moore_machine(mdp), path, file_type="dot")
    return read_system(path)


@given(named_mdps())
def test_moore_machines_of_aalpy_load(tmp_path_factory, mdp):
    read = from_aalpy(mdp, tmp_path_factory.getbasetemp() / "moore.dot")
    assert isinstance(read, DeterministicMDP)
    assert read == reordered(mdp, read.actions)
    assert bisimulation(read).partition == bisimulation(mdp).partition


@pytest.mark.parametrize("mdp", [counting_chain(9), de_bruijn(3)], ids=["counting", "de-bruijn"])
def test_known_machines_have_their_blocks(tmp_path, mdp):
    read = from_aalpy(mdp, tmp_path / "moore.dot")
    assert bisimulation(read).partition == bisimulation(mdp).partition


@given(named_mdps())
def test_aalpy_loads_what_we_write(tmp_path_factory, mdp):
    path = tmp_path_factory.getbasetemp() / "ours.dot"
    path.write_bytes(system_bytes(mdp, "dot"))
    machine = files.load_automaton_from_file(path, "moore")
    assert [state.state_id for state in machine.states] == list(mdp.observations)
    assert [state.output for state in machine.states] == list(mdp.labels)
    index = {state: o for o, state in enumerate(machine.states)}
    for o, state in enumerate(machine.states):
        found = [index[state.transitions[name]] for name in mdp.actions]
        assert found == mdp.successors[o].tolist()
    assert machine.initial_state is machine.states[0]


def test_automata_and_partial_machines_of_aalpy(tmp_path):
    states = [automata.DfaState("a"), automata.DfaState("b", is_accepting=True)]
    states[0].transitions = {"x": states[1], 1: states[0]}
    states[1].transitions = {"x": states[1], 1: states[0]}
    path = tmp_path / "dfa.dot"
    files.save_automaton_to_file(automata.Dfa(states[0], states), path, file_type="dot")
    assert read_system(path).labels == (False, True)
    moore = [automata.MooreState("a", 0), automata.MooreState("b", 1)]
    moore[0].transitions = {"x": moore[1]}
    moore[1].transitions = {"y": moore[1]}
    files.save_automaton_to_file(automata.MooreMachine(moore[0], moore), path, file_type="dot")
    data = read_system(path)
    assert isinstance(data, TransitionData)
    assert (data.n_missing_pairs, data.n_labelled) == (2, 2)


def as_pydot_reads(text):
    (graph,) = pydot.graph_from_dot_data(text)

    def bare(value):
        quoted = len(value) > 1 and value[0] == value[-1] == '"'
        return value[1:-1].replace('\\"', '"') if quoted else value

    def attributes(element):
        return {key: bare(value) for key, value in element.get_attributes().items()}

    nodes = {bare(node.get_name()): attributes(node) for node in graph.get_nodes()}
    return nodes, [
        (bare(edge.get_source()), bare(edge.get_destination()), attributes(edge))
        for edge in graph.get_edges()
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pydot's own, of its parser
@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_pydot_reads_the_same(entry):
    mdp = entry.build()
    if mdp.n_obs > 40:
        mdp = counting_chain(40)  # pydot takes seconds for thousands of edges
    text = system_bytes(mdp, "dot").decode()
    ours = parse_dot(text)
    nodes, edges = as_pydot_reads(text)
    assert ours.nodes == nodes
    assert sorted(ours.edges, key=repr) == sorted(edges, key=repr)
