"""Targets from words and files: partitions over every observation, or one clear error."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.source_targets import load_target
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.formats.values import to_json_value, to_text
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

names = st.one_of(
    st.integers(-2, 9), st.text("ab,\"'1é\n ", max_size=3), st.tuples(st.integers(0, 3), st.text())
)


@st.composite
def targets(draw):
    chosen = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    ids = draw(st.lists(st.integers(0, 3), min_size=len(chosen), max_size=len(chosen)))
    successors = [[0]] * len(chosen)
    return DeterministicMDP(successors, [0] * len(chosen), chosen), Partition(ids)


def written(folder, name, content):
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return str(path)


@given(targets())
def test_blocks(tmp_path_factory, target):
    mdp, partition = target
    blocks = [[to_json_value(mdp.observations[o]) for o in block] for block in partition.blocks]
    path = written(tmp_path_factory.getbasetemp(), "blocks.json", json.dumps(blocks))
    assert load_target(path, mdp) == partition


@given(targets(), st.sampled_from(["json", "csv"]))
def test_classes_by_name(tmp_path_factory, target, suffix):
    mdp, partition = target
    rows = [
        (to_text(name), f"c{block}")
        for name, block in zip(mdp.observations, partition.ids.tolist(), strict=True)
    ]
    if suffix == "json":
        content = json.dumps(dict(rows))
    else:
        buffer = io.StringIO()
        csv.writer(buffer).writerows([("observation", "block"), *reversed(rows)])
        content = buffer.getvalue()
    path = written(tmp_path_factory.getbasetemp(), f"classes.{suffix}", content)
    assert load_target(path, mdp) == partition


def test_words():
    chain = counting_chain(4)
    assert load_target("observation", chain) == Partition.identity(4)
    assert load_target("label", chain) == Partition(chain.label_ids)
    data = TransitionData.from_mdp(chain)
    assert load_target("label", data) == Partition(chain.label_ids)
    with pytest.raises(InvalidArgumentError, match="label of observation 1 is not known"):
        load_target("label", data.with_labels({0: 1}))


def test_numbers_and_the_strings_that_look_like_them(tmp_path):
    mdp = DeterministicMDP([[0], [1], [2]], [0, 0, 0], [1, "1", '"1"'])
    classes = json.dumps({"1": 0, '"1"': 1, r'"\"1\""': 2})
    assert load_target(written(tmp_path, "x.json", classes), mdp) == Partition.identity(3)
    blocks = json.dumps([[1, '"1"'], ["1"]])
    assert load_target(written(tmp_path, "y.json", blocks), mdp) == Partition([0, 1, 0])


def test_a_string_needs_no_quotes_where_nothing_else_is_meant(tmp_path):
    mdp = DeterministicMDP([[0], [1]], [0, 0], ["1", 2.0])
    content = "observation,block\n1,a\n2,b\n"
    assert load_target(written(tmp_path, "x.csv", content), mdp) == Partition([0, 1])


def test_empty_lines_in_csv_do_no_harm(tmp_path):
    content = "\ufeffobservation,block\r\n0,1\r\n\r\n1,1.0\r\n2,x\r\n"
    path = written(tmp_path, "x.csv", content)
    assert load_target(path, counting_chain(3)) == Partition([0, 0, 1])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.txt", "", "The target is .*x.txt'; give observation, label, or a file"),
        ("x.json", "", "line 1 is not JSON"),
        ("x.json", "\n{", "line 2 is not JSON"),
        ("x.json", "[" * 100_000, "not JSON"),
        ("x.json", "[" + "9" * 5000, "not JSON"),
        ("x.json", "3", "it must hold"),
        ("x.json", "[0, 1, 2]", "it must hold"),
        ("x.json", "[[0, 1], [1, 2]]", "observation 1 is in two blocks"),
        ("x.json", "[[0, 1]]", r"observation 2 is in no block \(1 are in none\)"),
        ("x.json", "[[0, 1, 2, 3]]", "there is no observation '3'. The observations are 0, 1, 2"),
        ("x.json", "[[0, 1, 2, {}]]", "there is no observation '{}'"),
        ("x.json", '{"0": 1, "1": null, "2": 1}', "the class of '1' is no class"),
        ("x.json", '{"0": 1, "1": NaN, "2": 1}', "the class of '1' is no class"),
        ("x.json", '{"0": 1, "1": {"a": 1}, "2": 1}', "the class of '1' is no class"),
        ("x.csv", "", "first line must be observation,block"),
        ("x.csv", "name,class\n0,1\n", "first line must be observation,block"),
        ("x.csv", "observation,block\n0,1\n1\n", "row 3 has 1 cells"),
        ("x.csv", 'observation,block\n"0,1\n', "not CSV"),
        ("x.csv", "observation,block\n0,null\n", "the class of '0' is no class"),
    ],
)
def test_broken_targets_are_refused_by_name(tmp_path, name, content, message):
    path = written(tmp_path, name, content)
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        load_target(path, counting_chain(3))
    assert path in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InvalidArgumentError, match="does not exist"):
        load_target("missing.json", counting_chain(3))
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InvalidArgumentError, match="cannot be read"):
        load_target(str(tmp_path / "folder.json"), counting_chain(3))
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidArgumentError, match="not UTF-8"):
        load_target(str(tmp_path / "x.csv"), counting_chain(3))
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(InvalidArgumentError, match="larger than the bound of 64 MiB"):
        load_target(str(tmp_path / "huge.csv"), counting_chain(3))
