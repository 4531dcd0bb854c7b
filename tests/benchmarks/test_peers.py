"""The comparison with the peers: encodings, counting, reading of reports, tables, the picture."""

import json
import subprocess
import sys

import numpy as np
import peers
import pytest
from growth_plot import draw, sizes, slope, table
from hypothesis import given, settings
from peers_instances import FAMILIES, FIXED, Instance, build, sliding_puzzle, trimmed_blocks
from peers_table import Cell, Row, render, write_section
from peers_tools import (
    OURS,
    PEERS,
    Measured,
    Peer,
    aut_text,
    boa_bytes,
    expected_blocks,
    read_boa,
    read_mcrl2,
)

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP

INSTANCES = deterministic_mdps(max_observations=10, max_actions=3, max_labels=2).map(
    lambda mdp: Instance("drawn", mdp.successors, mdp.label_ids)
)
INSTALLED = [tool for tool in (OURS, *PEERS) if tool.is_here]
CHAIN = Instance("chain", counting_chain(9).successors, counting_chain(9).label_ids)


@pytest.mark.parametrize("tool", INSTALLED, ids=lambda tool: tool.name)
@given(instance=INSTANCES)
@settings(max_examples=25)
def test_every_encoding_gives_the_right_number_of_blocks(tool, instance):
    assert tool.run(instance).blocks == expected_blocks(instance)[tool.keeps]


@pytest.mark.parametrize("tool", INSTALLED, ids=lambda tool: tool.name)
def test_several_labels_are_encoded_or_refused(tool):
    instance = Instance("labels", CHAIN.successors, np.arange(9, dtype=np.int32) // 3)
    if tool.why_not(instance):
        assert tool.why_not(instance) == f"at most {tool.most_labels} labels"
    else:
        assert tool.run(instance).blocks == expected_blocks(instance)["all"]


@given(INSTANCES)
def test_trimming_is_counted_observation_by_observation(instance):
    table, labels = instance.successors.tolist(), instance.labels.tolist()

    def ahead(start):
        seen, stack = {start}, [start]
        while stack:
            fresh = set(table[stack.pop()]) - seen
            seen |= fresh
            stack.extend(fresh)
        return seen

    partition = bisimulation(DeterministicMDP(table, labels)).partition
    reached = ahead(0)
    live = {o for o in reached if any(labels[p] == 1 for p in ahead(o))}
    ids = partition.ids.tolist()
    for kept, drops_dead in ((reached, False), (live, True)):
        expected = len({ids[o] for o in kept})
        assert trimmed_blocks(instance, partition, drops_dead=drops_dead) == expected


@given(INSTANCES)
def test_the_aldebaran_file_holds_every_transition(instance):
    header, *lines = "".join(aut_text(instance)).splitlines()
    n, n_actions = instance.successors.shape
    assert header == f"des (0,{n * n_actions},{n})"
    found = {}
    for line in lines:
        source, letter, target = line.strip("()").split(",")
        action, label = letter.strip('"')[1:].split("_")
        assert int(label) == instance.labels[int(source)]
        found[int(source), int(action)] = int(target)
    assert found == {index: int(to) for index, to in np.ndenumerate(instance.successors)}


@given(INSTANCES)
def test_the_boa_file_decodes_to_the_tables(instance):
    n, n_actions = instance.successors.shape
    data = boa_bytes(instance)
    dictionary = np.frombuffer(data[:512], dtype="<u4")
    body = data[128 * 4 + 128 * 8 :]
    assert len(body) == n * (1 + 4 * n_actions)
    for o in range(n):
        row = body[o * (1 + 4 * n_actions) :]
        header = int(dictionary[row[0] >> 1])
        assert header & 1 == 1
        assert (header >> 17 & 0xFF, header >> 1 & 0xFFFF) == (instance.labels[o], n_actions)
        words = np.frombuffer(row[1 : 1 + 4 * n_actions], dtype="<u4")
        assert (words & 3 == 1).all()
        assert (words >> 2).tolist() == instance.successors[o].tolist()


def test_reports_of_the_programs_are_read():
    report = "- tool: ltsconvert\n  timing:\n    reduction: 4.140\n    total: 4.9\n"
    found = read_mcrl2(report, "des (0,30,12)\n")
    assert (found.blocks, found.seconds) == (12, 4.14)
    found = read_boa("algorithm: nlogn\nn_states: 30\nn_states_min: 12\nselfreport_time_s: 0.75\n")
    assert (found.blocks, found.seconds) == (12, 0.75)
    with pytest.raises(ValueError, match="ltsconvert was not understood"):
        read_mcrl2("reduction: 1.0", "digraph {}")
    with pytest.raises(ValueError, match="boa was not understood"):
        read_boa("panicked at 'Unknown typ'")


@pytest.mark.parametrize("family", [family for family in FAMILIES if family not in FIXED])
def test_a_family_has_about_the_size_that_was_asked_for(family):
    instance = build(family, 1000)
    assert 900 <= len(instance.labels) <= 1100
    assert instance.labels.min() == 0
    assert 0 <= instance.successors.min() <= instance.successors.max() < len(instance.labels)


def test_the_sliding_puzzle_is_all_of_it():
    table, labels = sliding_puzzle()
    here = np.arange(181_440)
    assert table.shape == (181_440, 4)  # 9! / 2
    assert labels.sum() == 1
    assert (table == here[:, None]).sum(axis=1).mean() == pytest.approx(4 / 3)  # 24 walls in 9
    for move, back in ((0, 1), (1, 0), (2, 3), (3, 2)):
        moves = table[:, move] != here
        assert (table[table[moves, move], back] == here[moves]).all()


def _row(**cells):
    return Row("chain", 1000, 2, 2, 7, cells)


def test_the_table_shows_ratios_limits_and_rules():
    row = _row(
        tellapart=Cell([0.2, 0.1, 0.3], [90.0, 95.0]),
        Storm=Cell([0.5], [140.0]),
        BisPy=Cell(why_not="> 60 s"),
        AALpy=Cell(why_not="at most 200 observations"),
    )
    tools = [OURS, *(tool for tool in PEERS if tool.name in row.cells)]
    installed = [tool for tool in tools if tool.is_here]
    text = render([row], installed, "python peers.py", 3)
    assert text.startswith("```text\npython peers.py\n```")
    shown = {"tellapart": "0.2", "Storm": "0.5 (2.5x)", "BisPy": "> 60 s", "AALpy": "-"}
    expected = " | ".join(shown[tool.name] for tool in installed)
    assert f"| chain | 1,000 | 2 | 7 | {expected} |" in text
    assert "- AALpy, at most 200 observations: chain (1,000)" in text
    assert all(
        tool.name in text.partition("Not installed")[2] for tool in PEERS if not tool.is_here
    )


def test_a_table_replaces_only_its_own_part_of_a_page(tmp_path):
    page = tmp_path / "page.md"
    write_section(page, "peers", "alone")
    assert page.read_text() == "alone"
    page.write_text("# Title\n\n<!-- peers:begin -->\nold\n<!-- peers:end -->\n\nafter\n")
    for _ in range(2):
        write_section(page, "peers", "| new |\n")
        assert page.read_text() == (
            "# Title\n\n<!-- peers:begin -->\n\n| new |\n\n<!-- peers:end -->\n\nafter\n"
        )


def test_a_different_number_of_blocks_ends_the_comparison(monkeypatch, capsys):
    monkeypatch.setattr(peers, "run_child", lambda *_: {"blocks": 3, "seconds": 1, "peak_mib": 1})
    monkeypatch.setattr(sys, "argv", ["peers.py", "--n", "9", "--families", "chain"])
    assert peers.main() == 1
    assert "tellapart finds 3 blocks in chain, n=9; tellapart finds 9" in capsys.readouterr().err


def test_a_run_is_a_process_of_its_own_and_ends_at_the_limit(tmp_path):
    path = tmp_path / "chain.npz"
    CHAIN.save(path)
    found = peers.run_child(OURS, path, 60)
    assert found["blocks"] == 9
    assert found["seconds"] > 0
    assert found["peak_mib"] > 10
    assert peers.run_child(OURS, path, 0.01) is None
    row = peers.compare(CHAIN, [OURS], 1, 0.01)
    assert row.cells["tellapart"].why_not == "> 0.01 s"


def test_a_failing_tool_is_not_overlooked(tmp_path):
    with pytest.raises(RuntimeError, match="tellapart failed on missing"):
        peers.run_child(OURS, tmp_path / "missing.npz", 60)


def test_the_whole_command_writes_a_table(tmp_path):
    target = tmp_path / "table.md"
    command = [sys.executable, peers.__file__, "--n", "20", "--families", "chain", "--repeats", "1"]
    command += ["--tools", "tellapart", "--markdown", str(target)]
    subprocess.run(command, check=True, capture_output=True)
    assert "| chain | 20 | 2 | 20 |" in target.read_text()


def test_measurements_survive_the_way_from_the_child(monkeypatch, capsys, tmp_path):
    path = tmp_path / "chain.npz"
    CHAIN.save(path)
    liar = Peer("liar", lambda _: Measured(4, 0.5, 12.0), "nothing")
    monkeypatch.setitem(peers.TOOLS, "liar", liar)
    peers.child("liar", path)
    assert json.loads(capsys.readouterr().out) == {"blocks": 4, "seconds": 0.5, "peak_mib": 12.0}


def test_growth_is_summarised_and_drawn_reproducibly(tmp_path):
    assert sizes(1000, 100_000) == [1000, 3200, 10_000, 31_600, 100_000]
    line = [(n, 2e-7 * n) for n in (1000, 10_000, 100_000)]
    assert slope(line) == pytest.approx(1)
    assert "| random | 0.20 | 0.20 | 0.20 | 1.00 |" in table({"random": line})
    pytest.importorskip("matplotlib")
    for name in ("a.svg", "b.svg"):
        draw({"random": line, "chain": [(n, 3 * s) for n, s in line]}, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert "proportional to n" in (tmp_path / "a.svg").read_text()
