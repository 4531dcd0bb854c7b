"""Candidate labels by name: what every kind of source has, and a list when a name is unknown."""

import networkx as nx
import pytest

from tellapart.properties.source_labels import load_labelings
from tellapart.properties.sources import Source, SourceError, load_source
from tellapart.theory.formats.files import write_system
from tellapart.theory.gallery import counting_chain, gallery
from tellapart.theory.mdp import DeterministicMDP


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_what_every_source_has(entry):
    found = load_labelings(f"gallery:{entry.name}", ["observation", "constant", "label"])
    mdp = entry.build()
    assert list(found) == ["observation", "constant", "label"]
    assert found["label"] == mdp.labels
    assert len(set(found["constant"])) == 1
    assert mdp.with_labels(found["observation"]).label_values == tuple(mdp.observations)


def test_random_sources_keep_their_seed():
    source = load_source("random:n=9", seed=4)
    expected = {"label": source.mdp.labels}
    assert load_labelings(source, ["label"], seed=0) == expected
    assert load_labelings("random:n=9", ["label"], seed=4) == expected


def test_environments():
    text = "gym:FrozenLake-v1?is_slippery=false&label_tolerance=0.1"
    found = load_labelings(text, ["reward", "done"])
    for name in found:
        mdp = DeterministicMDP.from_gymnasium("FrozenLake-v1", name, is_slippery=False)
        assert mdp.labels == found[name]
    assert load_labelings(text, ["label"])["label"] == found["reward"]


def test_attributes_of_graph_files(tmp_path):
    graph = counting_chain(4).to_networkx()
    nx.set_node_attributes(graph, {o: o // 2 for o in range(4)}, "half")
    nx.set_node_attributes(graph, dict.fromkeys(range(4), "c"), "constant")
    nx.write_graphml(graph, tmp_path / "chain.graphml")
    path = f"{tmp_path}/chain.graphml?label=half"
    found = load_labelings(path, ["label", "half", "constant", "observation"])
    assert found == {
        "label": (0, 0, 1, 1), "half": (0, 0, 1, 1), "constant": ("c",) * 4,
        "observation": ("0", "1", "2", "3"),
    }  # fmt: skip


def test_aut_files(tmp_path):
    path = tmp_path / "chain.aut"
    write_system(counting_chain(3), path)
    found = load_labelings(str(path), ["label", "enabled"])
    assert found == {"label": (0, 1, 0), "enabled": (("-1", "+1"),) * 3}


def test_columns_of_tables(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "observation,action,next_observation,reward,done\n0,a,1,0,no\n1,a,2,1,no\n2,a,0,,yes\n"
    )
    found = load_labelings(f"{path}?label=reward", ["label", "done", "reward", "observation"])
    assert found == {
        "label": (0, 1, None), "done": ("no", "no", "yes"), "reward": (0, 1, None),
        "observation": (0, 1, 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        ("gallery:pick", ["colour"], "no labeling 'colour'; there are label, constant, observ"),
        ("gym:CliffWalking-v1", ["colour"], "there are label, constant, observation, reward, done"),
        ("gallery:pick", [], "at least one name"),
        ("gallery:pick", "label", "at least one name"),
        ("gallery:pick", ["label", ""], "at least one name"),
        ("gallery:pick", ["label", "label"], "asked for twice"),
        ("gallery:pik", ["label"], "Did you mean 'pick'"),
    ],
)
def test_names_that_there_are_not(text, names, message):
    with pytest.raises(SourceError, match=message):
        load_labelings(text, names)


def test_unknown_columns_and_attributes_are_listed(tmp_path):
    (tmp_path / "log.csv").write_text("observation,action,next_observation\n0,a,1\n")
    write_system(counting_chain(3), tmp_path / "chain.dot")
    for name, known in (("log.csv", "observation, action"), ("chain.dot", "shape, style")):
        with pytest.raises(SourceError, match=f"no labeling 'x'; there are label.*{known}"):
            load_labelings(str(tmp_path / name), ["x"])


def test_a_source_made_by_hand():
    source = Source(counting_chain(3), "mine", "file")
    assert load_labelings(source, ["label"]) == {"label": (0, 1, 0)}
