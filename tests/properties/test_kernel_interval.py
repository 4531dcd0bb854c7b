"""The picture of the interval: every partition once, of the right kind, inside the frame."""

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given

from tellapart.properties.laws.claims import admissible_kernels, all_partitions, facts_of, inside
from tellapart.properties.report.kernel_interval import (
    MOST_OBSERVATIONS,
    draw_interval,
    interval_counts,
)
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP

ROOMS = DeterministicMDP([[2], [3], [2], [3]], [0, 0, 1, 1])
SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("kernel", "inside", "outside")
SMALL = deterministic_mdps(max_observations=MOST_OBSERVATIONS, max_actions=2)


def drawn(mdp, label="all partitions"):
    """Return the picture as text and as a tree; without its namespace, as pages have it."""
    text = str(draw_interval(mdp, "abcd", label))
    return text, ElementTree.fromstring(text)


def kinds_by_definition(mdp):
    """Sort all partitions by D1 and by the union of all kernels, with no code of the theory."""
    facts = facts_of(mdp)
    kernels = set(admissible_kernels(facts))
    top = next(ids for ids in kernels if all(inside(other, ids) for other in kernels))
    written = {}
    for ids in all_partitions(facts.n):
        blocks = ["".join("abcd"[o] for o in range(facts.n) if ids[o] == b) for b in sorted({*ids})]
        kind = "kernel" if ids in kernels else "inside" if inside(ids, top) else "outside"
        written["|".join(blocks)] = kind
    return written


def boxes(tree):
    """Return text, kind and box of each partition."""
    for group in tree.iter("g"):
        if group.get("class") in KINDS:
            box = group.find("rect")
            place = [float(box.get(name)) for name in ("x", "y", "width", "height")]
            yield group.find("text").text, group.get("class"), place


@given(SMALL)
def test_every_partition_is_drawn_once_as_what_it_is(mdp):
    _, tree = drawn(mdp)
    found = list(boxes(tree))
    expected = kinds_by_definition(mdp)
    assert {text: kind for text, kind, _ in found} == expected
    assert len(found) == len(expected)
    kinds = list(expected.values())
    assert interval_counts(mdp) == (
        kinds.count("kernel"), len(kinds) - kinds.count("outside"), len(kinds),
    )  # fmt: skip


@given(SMALL)
def test_boxes_are_inside_the_frame_and_apart_and_coarser_ones_are_higher(mdp):
    _, tree = drawn(mdp)
    _, _, width, height = map(float, tree.get("viewBox").split())
    region = [float(tree.find("rect").get(name)) for name in ("x", "y", "width", "height")]
    found = list(boxes(tree))
    for _, kind, (x, y, w, h) in found:
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height
        enclosed = region[0] <= x and x + w <= region[0] + region[2]
        assert enclosed is (kind != "outside")
        assert region[1] <= y or kind == "outside"
        assert y + h <= region[1] + region[3] or kind == "outside"
    for (_, _, one), (_, _, other) in itertools.combinations(found, 2):
        apart = (
            one[0] + one[2] < other[0] or other[0] + other[2] < one[0]
            or one[1] + one[3] < other[1] or other[1] + other[3] < one[1]
        )  # fmt: skip
        assert apart, "two partitions overlap"
    for (text, _, one), (after, _, other) in itertools.permutations(found, 2):
        if text.count("|") < after.count("|"):
            assert one[1] < other[1]


def test_the_rooms():
    text, tree = drawn(ROOMS, label='a < b & "c"')
    assert interval_counts(ROOMS) == (3, 4, 15)
    found = {name: kind for name, kind, _ in boxes(tree)}
    assert {name for name, kind in found.items() if kind == "kernel"} == {
        "a|b|c|d", "a|b|cd", "ab|cd",
    }  # fmt: skip
    assert found["ab|c|d"] == "inside"
    assert tree.get("aria-label") == 'a < b & "c"'
    thick = [line for line in tree.iter("line") if line.get("stroke-width") == "3"]
    assert len(thick) == 2  # from the identity to cd, and from there to ab|cd
    assert str(draw_interval(ROOMS, "abcd", 'a < b & "c"')) == text


def test_lines_and_texts_take_the_colour_of_the_page_or_stand_on_a_box():
    text, tree = drawn(ROOMS)
    assert {line.get("stroke") for line in tree.iter("line")} == {"currentColor"}
    inks = re.findall(r'<text[^>]* fill="([^"]+)"', text)
    assert inks.count("#000000") == 15
    assert set(inks) == {"#000000", "currentColor"}
    assert float(tree.get("width")) <= 400


def test_too_many_observations_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"5 observations.*at most 4.*draw_hasse"):
        draw_interval(counting_chain(5), "abcde", "x")
    with pytest.raises(InvalidArgumentError, match="at most 4"):
        interval_counts(counting_chain(5))
