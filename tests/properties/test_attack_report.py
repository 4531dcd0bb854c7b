"""The table and the pictures of an attack: every pair, the right marks, the same every time."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tellapart.models.attack.attack import attack
from tellapart.models.attack.row import AttackOutcome, AttackRow
from tellapart.models.attack.table import AttackReport
from tellapart.models.networks import reference_subject
from tellapart.properties.report.attack_picture import (
    MOST_IN_MATRIX,
    draw_attack_floors,
    draw_attack_matrix,
)
from tellapart.properties.report.attack_rows import attack_rows
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

TWINS = DeterministicMDP(
    [[2], [2], [0]], labels=[0, 0, 1], observations=["one", "<two>", "end"], actions=["go"]
)


@pytest.fixture(scope="module")
def report():
    return attack(lambda mdp, seed: reference_subject(mdp, seed=seed), TWINS)


def made(n, outcome=AttackOutcome.FLOOR, loss=0.1, may_collapse=False):
    """Return a report of n observations with one row, as if it had been attacked."""
    row = AttackRow(
        x=0, y=1, depth=None if may_collapse else 3, word=None if may_collapse else ("go",) * 3,
        labels=None if may_collapse else (0, 1), may_collapse=may_collapse,
        least_codes=n - 1 if may_collapse else None, outcome=outcome, distance=0.0,
        dynamics_relative=loss, aux_relative=0.0, loss=loss, irreducible=loss, ratio=1.5,
        method="lm", steps=1234, restarts=1, guided=False,
    )  # fmt: skip
    classes = Partition([0, 0, *range(1, n - 1)]) if may_collapse else Partition.identity(n)
    return AttackReport(
        subject="made", objective="joint", seed=0, observations=range(n), rows=(row,),
        n_pairs=n * (n - 1) // 2, exact=classes, allowed=classes, merge_tolerance=1e-3,
        zero_tolerance=1e-6,
    )  # fmt: skip


def titles(svg):
    return [node.text for node in ElementTree.fromstring(str(svg)).iter("title")]


def test_rows_are_texts_in_a_telling_order(report):
    header, rows = attack_rows(report)
    assert len(rows) == 3
    assert {len(row) for row in rows} == {len(header)}
    assert rows[0][:4] == ("one | <two>", "same block", "may collapse", "merged at zero loss")
    assert {row[2] for row in rows[1:]} == {"cannot collapse"}
    assert all(re.fullmatch(r"floor [\d.]+", row[3]) for row in rows[1:])
    assert attack_rows(report, limit=1) == (header, rows[:1])


def test_disagreements_come_first(report):
    odd = replace(report.rows[-1], outcome=AttackOutcome.BELOW)
    _, rows = attack_rows(replace(report, rows=(*report.rows[:-1], odd)))
    assert rows[0][3] == "floor below tolerance"


def test_large_numbers_are_grouped():
    _, rows = attack_rows(made(4))
    assert re.fullmatch(r"1.234", rows[0][-1])
    assert rows[0][1] == "go go go"


def test_the_matrix_shows_every_pair_both_ways(report):
    svg = draw_attack_matrix(report)
    assert svg == draw_attack_matrix(report)
    found = titles(svg)
    assert len(found) == 6
    assert found.count("one and <two>: may collapse; merged at zero loss") == 1
    assert found.count("<two> and one: may collapse; merged at zero loss") == 1
    assert sum("cannot collapse; floor" in title for title in found) == 4
    assert str(svg).count("<circle") == 2
    assert "--bad" not in str(svg)  # nothing disagrees
    assert "agrees with the exact classes" in svg


@pytest.mark.parametrize(
    ("outcome", "may_collapse", "agrees"),
    [
        (AttackOutcome.MERGED, True, True),
        (AttackOutcome.RESOLVED, True, True),
        (AttackOutcome.NOT_REACHED, True, False),
        (AttackOutcome.FLOOR, False, True),
        (AttackOutcome.NOT_REACHED, False, True),
        (AttackOutcome.BELOW, False, False),
    ],
)
def test_a_red_frame_where_attack_and_exact_answer_disagree(outcome, may_collapse, agrees):
    found = made(4, outcome, may_collapse=may_collapse)
    assert found.consistent == agrees
    for svg in (draw_attack_matrix(found), draw_attack_floors(found)):
        assert ("--bad" in svg) == (not agrees)


def test_pairs_that_were_not_attacked_have_a_colour_and_no_mark():
    found = titles(draw_attack_matrix(made(4)))
    assert sum("not attacked" in title for title in found) == 10
    assert sum("floor 0.1" in title for title in found) == 2


def test_too_many_observations_for_a_matrix():
    assert draw_attack_matrix(made(MOST_IN_MATRIX)) is not None
    assert draw_attack_matrix(made(MOST_IN_MATRIX + 1)) is None


def test_floors_stand_in_order_above_zero(report):
    svg = draw_attack_floors(report)
    assert svg == draw_attack_floors(report)
    found = titles(svg)
    assert len(found) == 3
    assert "merged at zero loss" in found[0]
    floors = [float(re.search(r"\(([^)]+)\)$", title)[1]) for title in found]
    assert floors == sorted(floors)
    heights = [float(y) for y in re.findall(r'd="M[\d.]+,([\d.]+)l5.5', str(svg))]
    assert len(heights) == 2
    assert max(heights) < float(re.search(r'cy="([\d.]+)"', str(svg))[1])


@pytest.mark.parametrize("loss", [0.0, 1e-9, 1e-5, 0.1, 1.0, 5e4, float("inf")])
def test_floors_of_any_size_stay_inside_the_picture(loss):
    svg = draw_attack_floors(made(4, loss=loss))
    root = ElementTree.fromstring(str(svg))
    places = [float(y) for y in re.findall(r'd="M[\d.]+,([-\d.]+)l5.5', str(svg))]
    assert len(places) == 1
    assert 0 <= places[0] <= float(root.get("height"))


def test_rounding_does_not_change_the_order(report):
    merged = report.rows[0]
    other = replace(merged, x="end", loss=merged.loss * 3)
    for rows in ((merged, other), (replace(merged, loss=9e-15), other)):
        found = titles(draw_attack_floors(replace(report, rows=rows)))
        assert [title.split(" and ")[0] for title in found] == ["one", "end"]
        assert attack_rows(replace(report, rows=rows))[1][0][0] == "one | <two>"
