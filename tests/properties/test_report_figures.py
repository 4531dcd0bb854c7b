"""The figures of the page: places, arrows, projections, charts, tables of words."""

import html
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.report.charts import count_bars, distance_histogram, loss_curve
from tellapart.properties.report.data_pictures import data_pictures
from tellapart.properties.report.graph import action_legend, is_drawable, ringed_label
from tellapart.properties.report.layout import layout
from tellapart.properties.report.palette import block_colour, text_colour
from tellapart.properties.report.pictures import pictures
from tellapart.properties.report.rows import block_rows, depth_rows, shown_depths, trace_rows
from tellapart.properties.report.scatter import draw_latents, project
from tellapart.properties.report.svg import element, trim
from tellapart.properties.report.wording import name_text, word_text
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import (
    combination_lock,
    counting_chain,
    cycle,
    grid,
    random_mdp,
    redundant_pick,
)
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.forced import forced_merges
from tellapart.theory.separation import separation


@given(deterministic_mdps(max_observations=12))
def test_layout_separates_observations_and_repeats_itself(mdp):
    place = layout(mdp.successors)
    assert place.shape == (mdp.n_obs, 2)
    assert np.isfinite(place).all()
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)[np.triu_indices(mdp.n_obs, 1)]
    assert apart.size == 0 or apart.min() > 0.02
    assert np.array_equal(place, layout(mdp.successors))


@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (4, 4), (2, 7)])
def test_grid_walks_are_drawn_as_grids(rows, columns):
    place = layout(grid(rows, columns).successors)
    wanted = [(c, r) for r in range(rows) for c in range(columns)]
    assert place.tolist() == [list(map(float, cell)) for cell in wanted]


def test_falls_to_the_start_do_not_bend_a_grid():
    table = grid(4, 12).successors.copy()
    table[25:35, :] = np.where(table[25:35] >= 36, 36, table[25:35])  # the edge of a cliff
    place = layout(table)
    assert place[[0, 11, 36, 47]].tolist() == [[0, 0], [11, 0], [0, 3], [11, 3]]


def test_lines_are_rows_and_cycles_are_round():
    assert layout(counting_chain(9).successors).tolist() == [[float(k), 0.0] for k in range(9)]
    long = layout(counting_chain(30).successors)
    assert long.max(axis=0)[0] == 11
    assert len(np.unique(long, axis=0)) == 30
    around = layout(cycle(10).successors)
    radii = np.linalg.norm(around - around.mean(axis=0), axis=1)
    assert np.ptp(radii) < 0.05 * radii.mean()
    lock = layout(combination_lock(9).successors)
    assert np.ptp(lock[:, 1]) == 0  # starting over is no distance


@given(deterministic_mdps(max_observations=10))
def test_every_transition_has_an_arrow_and_every_observation_a_dot(mdp):
    bisim = bisimulation(mdp)
    drawn = pictures(bisim, bisim_pair(bisim), "the hardest pair")
    system, quotient = (figure.svg for figure in drawn.figures)
    assert system.count('class="edge"') == mdp.n_obs * mdp.n_actions
    assert system.count('class="node"') == mdp.n_obs
    assert quotient.count('class="node"') == bisim.partition.n_blocks
    assert len(drawn.legend) == mdp.n_actions
    for svg in (system, quotient):
        assert "nan" not in svg
        assert "inf" not in re.sub(r"<title>.*?</title>", "", svg)


@given(deterministic_mdps(max_observations=8))
def test_pictures_fit_their_frame(mdp):
    bisim = bisimulation(mdp)
    svg = pictures(bisim, None, "").figures[0].svg
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
    dx, dy = map(float, re.search(r"translate\((\S+) (\S+)\)", svg).groups())
    for x, y, r in re.findall(r'cx="(\S+)" cy="(\S+)" r="(\S+)"', svg):
        assert float(x) + dx - float(r) >= 0
        assert float(x) + dx + float(r) <= width
        assert float(y) + dy - float(r) >= 0
        assert float(y) + dy + float(r) <= height


def bisim_pair(bisim):
    if bisim.hardest_pair is None:
        return None
    x, y = bisim.hardest_pair
    return bisim.mdp.observation_index(x), bisim.mdp.observation_index(y)


def test_many_actions_share_arrows_and_need_no_legend():
    mdp = random_mdp(n=6, actions=12, labels=2, seed=0)
    drawn = pictures(bisimulation(mdp), None, "")
    distinct = len({(o, s) for o, row in enumerate(mdp.successors.tolist()) for s in row})
    assert drawn.figures[0].svg.count('class="edge"') == distinct
    assert action_legend(mdp) == []
    assert not is_drawable(random_mdp(n=60, actions=30, labels=2, seed=0))
    assert not is_drawable(counting_chain(61))
    assert is_drawable(counting_chain(60))


def test_the_rarer_of_two_labels_is_ringed():
    assert ringed_label(counting_chain(9)) == counting_chain(9).label_ids[4]
    assert ringed_label(counting_chain(9).with_labels(range(9))) is None


def test_long_names_lose_what_they_share():
    svg = pictures(bisimulation(redundant_pick()), None, "").figures[0].svg
    assert ">\u20261<" in svg
    assert "<title>puck at 1 \u2014 label" in svg


@given(st.integers(1, 400), st.data())
def test_text_on_blocks_can_be_read(n_blocks, data):
    fill = block_colour(data.draw(st.integers(0, n_blocks - 1)), n_blocks)
    luminance = {c: relative_luminance(c) for c in (fill, text_colour(fill))}
    high, low = max(luminance.values()), min(luminance.values())
    assert (high + 0.05) / (low + 0.05) >= 4.5  # WCAG AA


def relative_luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("n_blocks", [2, 10, 11, 60])
def test_blocks_have_colours_of_their_own(n_blocks):
    assert len({block_colour(b, n_blocks) for b in range(n_blocks)}) == n_blocks


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=12))
def test_planar_codes_keep_their_distances(points):
    codes = np.array(points, dtype=np.float64) @ np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0]])
    found = project(codes)
    for i in range(len(points)):
        wanted = np.linalg.norm(codes - codes[i], axis=1)
        assert np.allclose(np.linalg.norm(found.points - found.points[i], axis=1), wanted)
    total = sum(found.shares)
    assert total == pytest.approx(1.0) if len(set(points)) > 1 else total == 0.0


def test_many_latents_are_sampled_but_merged_ones_are_kept():
    mdp = DeterministicMDP(np.zeros((5000, 1), dtype=np.int64), [0] * 4999 + [1])
    codes = np.random.default_rng(0).normal(size=(5000, 2))
    partition = bisimulation(mdp).partition
    plain = draw_latents(mdp, partition, project(codes), [])
    ringed = draw_latents(mdp, partition, project(codes), [(1, 4999)])
    assert "2000 observations" in plain
    assert plain.count('class="halo"') == 0
    assert 1 <= ringed.count('class="halo"') <= 2
    assert ">1" in ringed


@given(deterministic_mdps(max_observations=8), st.integers(0, 3))
def test_histogram_bars_count_every_pair(mdp, seed):
    bisim = bisimulation(mdp)
    codes = np.random.default_rng(seed).integers(-2, 3, size=(mdp.n_obs, 2)).astype(np.float64)
    apart = separation(bisim, codes)
    svg = distance_histogram(apart)
    counted = [int(n) for n in re.findall(r": (\d+) pairs</title>", svg)]
    assert sum(counted) == apart.n_must_separate
    red = re.findall(r'class="bar merged"><title>[^<]*: (\d+) pairs', svg)
    assert sum(map(int, red)) == apart.n_merged
    assert svg.count('class="cut"') == 1


def test_loss_curve_needs_two_finite_positive_points():
    assert loss_curve(()) is None
    assert loss_curve(((0, 1.0, 1.0),)) is None
    assert loss_curve(((0, 0.0, 0.0), (1, 0.0, 0.0))) is None
    assert loss_curve(((0, math.inf, 1.0), (1, math.nan, 1.0), (2, 1.0, 1.0))) is None


def test_loss_curve_shows_zeros_at_the_bottom_and_thins_long_runs():
    svg = loss_curve(((0, 1.0, 0.5), (5, 1e-3, 0.0)))
    assert ">0</text>" in svg
    assert "auxiliary loss at 0." in svg
    long = loss_curve(tuple((k, 1.0 / (k + 1), 2.0 / (k + 1)) for k in range(5000)))
    points = re.search(r'd="([^"]*)" class="curve dynamics"', long).group(1).split("L")
    assert len(points) == 400
    assert "over 4999 steps" in long


def test_count_bars_name_every_bar_while_there_is_room():
    svg = count_bars([3, 0, 12], ["a", "b", "c"], "thing", "things")
    assert svg.count('class="bar"') == 3
    assert ">12</text>" in svg
    many = count_bars(list(range(100)), [str(k) for k in range(100)], "thing", "things")
    assert many.count("<text") < 20


@given(deterministic_mdps(max_observations=8))
def test_example_pairs_are_told_apart_by_their_words(mdp):
    bisim = bisimulation(mdp)
    for row in depth_rows(bisim):
        if row.pairs == "0":
            assert row.x == row.word == ""
            continue
        pair = [next(o for o in mdp.observations if name_text(o) == t) for t in (row.x, row.y)]
        word = bisim.distinguishing_word(*pair)
        assert word is not None
        assert len(word) == int(row.depth)
        assert word_text(word) == row.word
        trace = trace_rows(mdp, *pair, word)
        assert [step.differs for step in trace] == [False] * len(word) + [True]


def test_long_words_and_deep_systems_are_shortened():
    mdp = counting_chain(301)
    bisim = bisimulation(mdp)
    assert len(depth_rows(bisim)) == 25
    assert shown_depths(24) == list(range(24))
    x, y = bisim.hardest_pair
    word = bisim.distinguishing_word(x, y)
    rows = trace_rows(mdp, x, y, word)
    assert len(rows) == 31
    assert rows[10].step == "\u2026"
    assert rows[-1].differs
    assert word_text(word).endswith(f"\u2014 {len(word)} actions")
    assert len(word_text([k % 2 for k in range(100)])) < 80


def test_block_rows_list_members_and_successors():
    rows = block_rows(bisimulation(redundant_pick()))
    assert len(rows) == 5
    assert rows[0].size == "2"
    assert "pick 1 \u2192 b" in rows[0].successors
    many = block_rows(bisimulation(counting_chain(300)))
    assert len(many) == 100


@given(st.text(min_size=1))
def test_elements_escape_whatever_they_hold(text):
    made = element("text", text, title=text)
    found = re.fullmatch(r'<text title="([^"<>]*)">([^<>]*)</text>', made, re.DOTALL)
    assert found is not None
    assert [html.unescape(part) for part in found.groups()] == [text] * 2


def test_names_are_printable_and_short():
    assert name_text("a\x00b\ud800\nc") == "a\ufffdb\ufffd c"
    assert name_text("x" * 100) == "x" * 59 + "\u2026"
    assert name_text((1, "a")) == "(1, 'a')"
    assert trim("1.50") == "1.5"
    assert trim("-0.00") == "0"
    assert trim("100") == "100"


def test_partial_data_are_drawn_with_several_and_missing_arrows():
    data = TransitionData([[0, 0, 1], [0, 0, 2], [2, 1, 0]], {1: "end"})
    drawn = data_pictures(data, forced_merges(data), (1,), "the end")
    (figure,) = drawn.figures
    assert figure.svg.count('class="edge"') == 3
    assert figure.svg.count('class="halo"') == 1
    assert "2 classes" in figure.caption
    assert "the end" in figure.caption
    assert "no label; class c0 of the forced merges; 1 of 2 actions logged" in figure.svg
    assert "label end; class c1" in figure.svg


def test_large_partial_data_are_counted():
    rows = [[o, 0, (o + 1) % 100] for o in range(99)] + [[0, 0, 50]]
    data = TransitionData(rows, n_rows=500)
    drawn = data_pictures(data, forced_merges(data))
    assert [figure.heading for figure in drawn.figures] == ["Coverage", "Forced merges"]
    assert "shown as counts" in drawn.note
