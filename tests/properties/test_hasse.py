"""The Hasse diagram: everything is on it, inside its frame, finest below and with few crossings."""

import html
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.report.hasse import MOST_DRAWN, draw_hasse
from tellapart.properties.report.hasse_layers import crossings, layered
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError
from tellapart.theory.gallery import blow_up, counting_chain, cycle, redundant_pick, tree
from tellapart.theory.lattice.admissible import admissible_lattice
from tellapart.theory.mdp import DeterministicMDP


def still(n):
    return DeterministicMDP([[o] for o in range(n)], [0] * n)


def drawn(system, label="the kernels"):
    lattice = admissible_lattice(system)
    return lattice, str(draw_hasse(lattice, [str(name) for name in system.observations], label))


def boxes(svg):
    """Left, top, right and bottom of each node, in the order of the lattice."""
    found = re.findall(
        r'<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)" rx="5" fill="(\S+)"', svg
    )
    return [
        (float(x), float(y), float(x) + float(w), float(y) + float(h), fill)
        for x, y, w, h, fill in found
    ]


def check_picture(lattice, svg):
    nodes = boxes(svg)
    assert len(nodes) == len(lattice)
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
    for left, top, right, bottom, _ in nodes:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    for (left, top, right, bottom, _), other in itertools.combinations(nodes, 2):
        apart = right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
        assert apart, "two nodes overlap"
    paths = re.findall(r'<path d="M(\S+?),(\S+?)L\S*?([\d.-]+),([\d.-]+)" class="line', svg)
    assert len(paths) == len(lattice.covers)
    middles = [((x1 + x2) / 2, (y1 + y2) / 2) for x1, y1, x2, y2, _ in nodes]
    for path, cover in zip(paths, lattice.covers, strict=True):
        x1, y1, x2, y2 = map(float, path)
        for (x, y), k in zip(((x1, y1), (x2, y2)), cover, strict=True):
            assert abs(x - middles[k][0]) < 0.1
            assert abs(y - middles[k][1]) < 0.1
        assert y1 > y2, "the coarser of two is not above"
    fills = [fill for *_, fill in nodes]
    tops = [k for k, p in enumerate(lattice) if p in lattice.tops]
    assert [k for k, fill in enumerate(fills) if fill == "#ddcc77"] == tops
    assert fills[0] == "#88ccee" or tops == [0]


@given(deterministic_mdps(max_observations=7, max_actions=2, max_labels=2))
def test_every_partition_and_every_cover_is_drawn(mdp):
    try:
        lattice = admissible_lattice(mdp, limit=MOST_DRAWN)
    except BudgetExceededError:
        return
    svg = str(draw_hasse(lattice, [str(o) for o in range(mdp.n_obs)], "lattice"))
    check_picture(lattice, svg)
    assert svg == str(draw_hasse(lattice, [str(o) for o in range(mdp.n_obs)], "lattice"))


@pytest.mark.parametrize(
    "system",
    [
        still(5),
        counting_chain(4),
        redundant_pick(),
        tree(2),
        blow_up(counting_chain(5), 3, 0),
        TransitionData([[0, 0, 0]], {0: "a", 1: "b"}, "abcd"),
    ],
)
def test_known_pictures_are_complete(system):
    lattice, svg = drawn(system)
    check_picture(lattice, svg)
    assert 'aria-label="the kernels"' in svg
    for partition in lattice:
        blocks = ["{" + ", ".join(map(str, block)) + "}" for block in lattice.blocks(partition)]
        assert html.escape(": " + " ".join(blocks)).replace("&#x27;", "&#39;") in svg


def test_short_partitions_are_written_on_their_nodes():
    _, svg = drawn(still(3))
    for text in ("0|1|2", "01|2", "02|1", "0|12", "012"):
        assert f">{text}</text>" in svg
    assert re.findall(r'class="tick">(.*?)<', svg) == ["1 block", "2 blocks", "3 blocks"]


def test_long_names_show_what_is_merged_and_then_sizes():
    names = [f"observation {k}" for k in range(3)]
    lattice = admissible_lattice(still(3))
    svg = str(draw_hasse(lattice, names, "x"))
    assert ">all apart</text>" in svg
    assert ">#4: 3</text>" in svg
    svg = str(draw_hasse(lattice, [f"place {k}" for k in range(3)], "x"))
    assert ">place 0=place 1</text>" in svg
    rounds = admissible_lattice(cycle(14).with_labels([0] * 14))
    svg = str(draw_hasse(rounds, [f"place {k}" for k in range(14)], "x"))
    texts = re.findall(r'text-anchor="middle">(.*?)<', svg)
    assert texts == ["all apart", "#1: 2+2+2+2+2+\u2026", "#2: 7+7", "#3: 14"]


def test_names_are_escaped():
    lattice = admissible_lattice(still(2))
    svg = str(draw_hasse(lattice, ["<b>", "&"], 'say "x"'))
    assert "<b>" not in svg
    assert "&lt;b&gt;|&amp;" in svg


def test_many_partitions_become_bars():
    lattice, svg = drawn(still(6))
    assert len(lattice) > MOST_DRAWN
    assert svg.count('class="bar"') == 6
    assert "<title>blocks 3: 90</title>" in svg


def test_infeasible_data_are_said_to_have_none():
    data = TransitionData([[0, 0, 1], [0, 0, 2]], {1: "x", 2: "y"}, "opq")
    assert "no partition is admissible" in drawn(data)[1]


@st.composite
def layered_graphs(draw):
    ranks = draw(st.lists(st.integers(0, 4), min_size=1, max_size=8))
    able = [(i, j) for i in range(len(ranks)) for j in range(len(ranks)) if ranks[i] > ranks[j]]
    edges = draw(st.lists(st.sampled_from(able), unique=True, max_size=10)) if able else []
    return ranks, edges


@given(layered_graphs())
def test_sweeps_keep_every_item_and_never_add_crossings(graph):
    ranks, edges = graph
    found = layered(ranks, edges)
    levels = sorted(set(ranks))
    row_of = {item: r for r, row in enumerate(found.rows) for item in row}
    assert all(levels[row_of[k]] == rank for k, rank in enumerate(ranks))
    pieces = [[] for _ in levels]
    for path, (lower, upper) in zip(found.paths, edges, strict=True):
        assert (path[0], path[-1]) == (lower, upper)
        for below, above in itertools.pairwise(path):
            assert row_of[below] == row_of[above] + 1
            pieces[row_of[below]].append((below, above))
    start = [sorted(row) for row in found.rows]
    assert crossings(found.rows, pieces) <= crossings(start, pieces)


def test_a_tangle_is_combed():
    edges = [(k, 9 - k) for k in range(5)]
    assert layered([1] * 5 + [0] * 5, edges).rows == ((5, 6, 7, 8, 9), (4, 3, 2, 1, 0))
    assert crossings([[5, 6], [0, 1]], [[], [(0, 6), (1, 5)]]) == 1
    assert crossings([[5, 6], [0, 1]], [[], [(0, 5), (0, 6)]]) == 0
