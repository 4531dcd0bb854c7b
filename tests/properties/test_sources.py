"""SOURCE strings: what each loads, and one clear error for each thing that can be wrong."""

import json

import networkx as nx
import pyarrow.csv
import pyarrow.parquet
import pytest

from tellapart.properties.sources import SourceError, load_source
from tellapart.theory.audit import audit
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    BudgetExceededError,
    InvalidMDPError,
    MissingTransitionError,
    StochasticEnvironmentError,
    TellapartError,
)
from tellapart.theory.formats.files import write_system
from tellapart.theory.gallery import counting_chain, gallery, gallery_mdp, random_mdp
from tellapart.theory.mdp import DeterministicMDP


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_gallery(entry):
    source = load_source(f"gallery:{entry.name}")
    assert source.mdp == gallery_mdp(entry.name)
    assert (source.title, source.kind) == (f"gallery:{entry.name}", "gallery")


def test_gymnasium_with_options():
    source = load_source(" gym:FrozenLake-v1?is_slippery=false&map_name=8x8 ")
    expected = DeterministicMDP.from_gymnasium("FrozenLake-v1", is_slippery=False, map_name="8x8")
    assert source.mdp == expected
    assert source.kind == "gymnasium"
    assert load_source("gym:FrozenLake-v1?is_slippery=False&map_name=8x8").mdp == expected
    assert "64 observations, 4 actions, 3 distinct labels" in source.explain()


def test_gymnasium_label_function_reaches_the_environment():
    source = load_source(
        "gym:CliffWalking-v1", label=lambda name, rewards: int(min(rewards) == -100)
    )
    assert sum(source.mdp.labels) == 21  # ten cells above the cliff, its own ten, and the start


def test_random():
    source = load_source("random:n=10,actions=3,labels=4,seed=7")
    assert source.mdp == random_mdp(10, 3, 4, 7)
    assert source.title == "random:n=10,actions=3,labels=4,seed=7"


def test_titles_of_random_sources_load_the_same_system():
    source = load_source("random:labels=5", seed=3)
    assert source.title == "random:n=32,actions=2,labels=5,seed=3"
    assert load_source(source.title, seed=99) == source
    assert load_source("random:").mdp == random_mdp()


@pytest.fixture
def chain():
    return counting_chain(5)


def test_graphml(tmp_path, chain):
    path = tmp_path / "chain.graphml"
    nx.write_graphml(chain.to_networkx(), path)
    source = load_source(str(path))
    assert source.mdp.successors.tolist() == chain.successors.tolist()
    assert source.mdp.labels == chain.labels
    assert (source.kind, source.title) == ("file", str(path))


@pytest.mark.parametrize("edges", ["links", "edges"])
def test_node_link_json(tmp_path, chain, edges):
    path = tmp_path / "chain.JSON"
    path.write_text(json.dumps(nx.node_link_data(chain.to_networkx(), edges=edges)))
    assert load_source(str(path)).mdp == chain


def test_attribute_names_are_options(tmp_path, chain):
    path = tmp_path / "chain.graphml"
    nx.write_graphml(chain.to_networkx("move", "colour"), path)
    loaded = load_source(f"{path}?action=move&label=colour").mdp
    assert loaded.labels == chain.labels


def test_an_empty_action_reads_every_edge_as_the_only_action(tmp_path):
    graph = nx.DiGraph()
    graph.add_node("a", label=0)
    graph.add_node("b", label=1)
    nx.add_cycle(graph, "ab")
    path = tmp_path / "cycle.graphml"
    nx.write_graphml(graph, path)
    assert load_source(f"{path}?action=").mdp.actions == ("step",)


def test_a_file_name_may_have_a_question_mark(tmp_path, chain):
    path = tmp_path / "what?.graphml"
    nx.write_graphml(chain.to_networkx(), path)
    assert load_source(str(path)).mdp.labels == chain.labels


def test_progress_is_called_while_an_environment_is_enumerated(registered):
    calls = []
    load_source(f"gym:{registered}", progress=lambda *counts: calls.append(counts))
    assert calls == [(2, 1), (3, 2)]


@pytest.fixture
def registered():
    """A little environment without table, known to Gymnasium for the length of one test."""
    import gymnasium

    class Steps(gymnasium.Env):
        action_space = gymnasium.spaces.Discrete(1)
        observation_space = gymnasium.spaces.Discrete(3)
        place = 0

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place = 0
            return 0, {}

        def step(self, action):
            self.place += 1
            return self.place, 0.0, self.place == 2, False, {}

    name = "tellapart-test/Steps-v0"
    gymnasium.register(name, entry_point=Steps)
    yield name
    del gymnasium.registry[name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no SOURCE"),
        ("counting-9", "Did you mean gallery:counting-9"),
        ("FrozenLake-v1", "Did you mean gym:FrozenLake-v1"),
        ("galery:pick", "Did you mean gallery:pick"),
        ("maze.pdf", "is no SOURCE. Give gym:ID"),
        ("gallery:", "There is no gallery MDP"),
        ("gallery:countng-9", "Did you mean 'counting-9'"),
        ("gallery:counting-99999999999", "the bound is"),
        ("gym:", "no environment id"),
        ("gym:Nope-v0", "could not make 'Nope-v0'"),
        ("gym:no such id", "could not make"),
        ("gym:CartPole-v1?max_observations=20", "max_observations=20"),
        ("gym:FrozenLake-v1", "is_slippery=False"),
        ("gym:FrozenLake-v1?is_slippery", "write key=value"),
        ("gym:FrozenLake-v1?is_slippery=false&is_slippery=true", "given twice"),
        ("gym:FrozenLake-v1?slippery=false", "could not make"),
        ("gym:FrozenLake-v1?is_slippery=false&label=x", "'label' cannot be given"),
        ("gym:CliffWalking-v1?max_observations=many", "max_observations is 'many'"),
        ("gym:CliffWalking-v1?check=2", "check is 2"),
        ("gym:CliffWalking-v1?seeds=[]", r"seeds is \[\]"),
        ("gym:CliffWalking-v1?label_tolerance=-1", "label_tolerance is -1"),
        ("gym:MountainCarContinuous-v0", "Discrete"),
        ("random:n=0", "n is 0"),
        ("random:n=many", "n is 'many'"),
        ("random:n=-3", "n is '-3'"),
        ("random:size=3", "unknown part 'size=3'"),
        ("random:n=3;labels=2", "n is '3;labels=2'"),
        ("random:n=99999999999", "more than the bound"),
        ("log.csv", "no file 'log.csv'"),
        ("log.parquet?label=r", "no file 'log.parquet'"),
        ("log.csv?colour=a", "unknown option 'colour'; a table takes observation="),
        ("log.csv?observation=x,,y", "observation is 'x,,y'; name a column"),
        ("log.csv?action=", "action is ''; name a column"),
        ("log.csv?deterministic=1", "deterministic is 1; it must be true or false"),
        ("log.csv?label_tolerance=NaN", "label_tolerance is nan"),
        ("model.aut", "The file model.aut does not exist"),
        ("graph.dot", "The file graph.dot does not exist"),
        ("graph.gv?labels=all", "labels is 'all'; it must be enabled"),
        ("missing.graphml", r"The file missing.graphml does not exist \(from "),
        ("missing.json?label=a", "The file missing.json does not exist"),
        ("missing.json?colour=a", "unknown option 'colour'"),
        ("a\0b.graphml", "cannot be read"),
    ],
)
def test_strings_that_name_no_system_are_refused(text, message):
    with pytest.raises(SourceError, match=message):
        load_source(text)


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


GRAPHML = "\n".join(nx.generate_graphml(counting_chain(3).to_networkx()))
JSON = json.dumps(nx.node_link_data(counting_chain(3).to_networkx(), edges="links"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.graphml", "", "not readable as GraphML"),
        ("x.graphml", GRAPHML[: len(GRAPHML) // 2], "not readable as GraphML .*complete"),
        ("x.graphml", "<html></html>", "not readable as GraphML"),
        ("x.graphml", b"\xff\xfe\x00", "not readable as GraphML"),
        ("x.graphml", GRAPHML.replace('"directed"', '"undirected"'), "undirected"),
        ("x.graphml", GRAPHML.replace(">0</data>", ">zero</data>"), "not readable as GraphML"),
        ("x.json", "", "not readable as node-link JSON"),
        ("x.json", JSON[:-5], "not readable as node-link JSON"),
        ("x.json", b"\xff\xff", "not readable as node-link JSON"),
        ("x.json", "[1, 2]", "'nodes' and 'links' or 'edges'"),
        ("x.json", '{"nodes": 3, "links": []}', "not readable as node-link JSON"),
        ("x.json", '{"nodes": [{"name": 1}], "links": [{}]}', "not readable"),
        ("x.json", '{"nodes": []}', "not readable as node-link JSON"),
        ("x.json", '{"directed": true, "nodes": [], "links": []}', "no nodes"),
        ("x.json", "[" * 100_000, "not readable as node-link JSON"),
        ("x.json", JSON.replace('"label": 1', '"label": NaN'), "Node 1 has the label nan"),
        ("x.json", JSON.replace('"action"', '"move"'), "attribute 'action' is missing"),
        ("x.aut", "des (0,1,1)", "x.aut is not readable as Aldebaran .line 1 says 1 transitions"),
        ("x.dot", "digraph {", "x.dot is not readable as DOT .line 1"),
        ("x.gv", "graph {a -- b}", "undirected"),
    ],
)
def test_broken_files_are_refused_by_name(tmp_path, name, content, message):
    path = write(tmp_path / name, content)
    with pytest.raises(SourceError, match=message) as caught:
        load_source(path)
    assert path in str(caught.value)


def test_folders_and_huge_files_are_refused(tmp_path, monkeypatch):
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(SourceError, match="is a folder"):
        load_source(str(tmp_path / "folder.json"))
    with (tmp_path / "huge.graphml").open("wb") as file:
        file.truncate(65 * 2**20)  # sparse: takes no room
    with pytest.raises(SourceError, match="65 MiB, more than the bound of 64 MiB"):
        load_source(str(tmp_path / "huge.graphml"))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("gym:FrozenLake-v1", StochasticEnvironmentError),
        ("gym:CliffWalking-v1?max_observations=3", BudgetExceededError),
    ],
)
def test_the_theorys_error_is_kept_as_cause(text, cause):
    with pytest.raises(SourceError) as caught:
        load_source(text)
    assert isinstance(caught.value.__cause__, cause)
    assert isinstance(caught.value, TellapartError | ValueError)


@pytest.mark.parametrize("suffix", [".json", ".graphml", ".dot", ".gv", ".aut"])
def test_every_graph_format_loads(tmp_path, chain, suffix):
    path = tmp_path / f"chain{suffix}"
    write_system(chain, path)
    source = load_source(str(path))
    assert (source.mdp.labels, source.title) == (chain.labels, str(path))
    assert audit(source.mdp).blocks_by_depth == audit(chain).blocks_by_depth


LOG = """place,heading,move,place2,heading2,reward,goal
0,n,go,1,n,0,no
1,n,go,2,n,1,no
2,n,go,2,n,0,yes
0,n,turn,0,s,0,no
"""
OPTIONS = "observation=place,heading&action=move&next_observation=place2,heading2"


def log(tmp_path, suffix, content=LOG):
    path = tmp_path / "log.csv"
    path.write_text(content)
    if suffix == ".parquet":
        table = pyarrow.csv.read_csv(path)
        path = tmp_path / "log.parquet"
        pyarrow.parquet.write_table(table, path)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables(tmp_path, suffix):
    source = load_source(f"{log(tmp_path, suffix)}?{OPTIONS}&label=reward")
    data = source.system
    assert isinstance(data, TransitionData)
    assert set(data.observations) == {(0, "n"), (1, "n"), (2, "n"), (0, "s")}
    assert data.label_of(data.observation_index((1, "n"))) == 1
    assert "4 transitions, 4 pairs of observation and action without one" in source.explain()
    with pytest.raises(SourceError, match=r"log.* Only audit takes such data") as caught:
        _ = source.mdp
    assert isinstance(caught.value.__cause__, InvalidMDPError)


def test_a_total_table_is_an_mdp(tmp_path):
    total = "\n".join(LOG.splitlines()[:4])
    source = load_source(
        f"{log(tmp_path, '.csv', total)}?{OPTIONS}&label=reward&deterministic=true"
    )
    assert source.mdp.labels == (0, 1, 0)


def test_a_table_may_be_read_without_labels(tmp_path):
    (tmp_path / "log.csv").write_text("observation,action,next_observation,label\n0,0,1,7\n")
    path = tmp_path / "log.csv"
    assert load_source(str(path)).system.n_labelled == 1
    assert load_source(f"{path}?label=").system.n_labelled == 0


def test_contradictory_rows_are_refused_by_row(tmp_path):
    path = log(tmp_path, ".csv", LOG + "0,n,go,2,n,0,no\n")
    assert not load_source(f"{path}?{OPTIONS}").system.is_functional
    with pytest.raises(SourceError, match=r"row 0.*row 4"):
        load_source(f"{path}?{OPTIONS}&deterministic=true")


def test_unlabelled_transition_systems_can_be_labelled_by_their_actions(tmp_path):
    path = tmp_path / "system.aut"
    path.write_text('des (0,3,2)\n(0,"a",1)\n(1,"a",1)\n(1,"b",0)\n')
    assert load_source(str(path)).system.n_labelled == 0
    assert load_source(f"{path}?labels=enabled").system.label_values == (("a",), ("a", "b"))


def test_a_label_that_no_node_has_is_refused(tmp_path, chain):
    path = tmp_path / "chain.json"
    write_system(chain, path)
    with pytest.raises(SourceError, match=r"No node has the attribute 'colour' .*'label'"):
        load_source(f"{path}?label=colour")


def test_partial_graphs_are_data_and_what_is_missing_is_kept_as_cause(tmp_path, chain):
    graph = chain.to_networkx()
    graph.remove_edge(2, 3)
    path = tmp_path / "partial.graphml"
    nx.write_graphml(graph, path)
    source = load_source(str(path))
    assert source.system.n_missing_pairs == 1
    with pytest.raises(
        SourceError, match=r"partial.graphml: Observation '2' has no successor for action"
    ) as caught:
        _ = source.mdp
    assert isinstance(caught.value.__cause__, MissingTransitionError)
