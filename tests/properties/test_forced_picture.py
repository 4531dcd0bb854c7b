"""The picture of the forced merges: frames, moves, blocks and reasons are those of the theory."""

import base64
import itertools
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.laws.claims import clash_of, closed_kernels, facts_of, inside
from tellapart.properties.report.forced_frames import counted_frames
from tellapart.properties.report.forced_picture import draw_forced

both = pytest.mark.parametrize("with_zero", [True, False])


def tree_of(drawn):
    return ElementTree.fromstring(str(drawn.svg))


def pixels_of(address):
    """Read a PNG that was written without filters."""
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    width, height = struct.unpack(">II", data[16:24])
    start = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[start - 4 : start])
    rows = np.frombuffer(zlib.decompress(data[start + 4 : start + 4 + length]), dtype=np.uint8)
    return rows.reshape(height, 1 + 3 * width)[:, 1:].reshape(height, width, 3)


def box(element):
    return [float(element.get(name)) for name in ("x", "y", "width", "height")]


@given(seed=st.integers(0, 2**32), with_zero=st.booleans())
def test_frames_show_what_their_names_say(seed, with_zero):
    shown = counted_frames(with_zero, seed)
    assert list(shown.pictures) == list(shown.counts) == list(shown.data.observations)
    for name, picture in shown.pictures.items():
        assert picture.shape == (64, 64, 3)
        lit = int((picture.sum(axis=2) > 0).sum())
        area = {"c": 37, "s": 49}  # pixels of a circle and of a square
        expected = 0 if name == "black" else shown.counts[name] * area[name[2]]
        assert lit == expected
    drawn = [picture.tobytes() for picture in shown.pictures.values()]
    assert len(set(drawn)) == len(drawn)


@both
def test_forced_merges_are_the_finest_closed_kernel(with_zero):
    shown = counted_frames(with_zero)
    facts = facts_of(shown.data)
    codes = tuple(shown.forced.ids.tolist())
    assert clash_of(facts, codes) is None
    assert all(inside(codes, kernel) for kernel in closed_kernels(facts))
    by_count = {frozenset(facts.names[o] for o in block) for block in shown.forced.blocks}
    if with_zero:
        names = sorted(shown.counts, key=shown.counts.get)
        groups = itertools.groupby(names, key=shown.counts.get)
        assert by_count == {frozenset(group) for _, group in groups}
    else:
        assert by_count == {
            frozenset({"1 circle"}), frozenset({"1 square"}),
            frozenset({"2 circles here", "2 circles there"}),
            frozenset({"2 squares here", "2 squares there"}),
        }  # fmt: skip


@both
def test_reasons_rest_on_rows_and_on_earlier_merges(with_zero):
    shown = counted_frames(with_zero)
    names = list(shown.data.observations)
    pairs = [
        (x, y) for x, y in itertools.combinations(names, 2)
        if shown.forced.same_block(names.index(x), names.index(y))
    ]  # fmt: skip
    reasons = shown.reasons(pairs)
    facts = facts_of(shown.data)
    links = {}
    for step in reasons.steps:
        assert facts.has_row(step.x, step.action, step.x_next)
        assert facts.has_row(step.y, step.action, step.y_next)
        assert all(number < step.number for number in step.because)
        assert chained(step.x, step.y, [links[number] for number in step.because])
        links[step.number] = (step.x_next, step.y_next)
    for (x, y), because in reasons.because.items():
        assert chained(x, y, [links[number] for number in because])
    assert len(reasons.sentences()) == len(reasons.steps)


def chained(x, y, links):
    """Tell whether links lead from x to y."""
    reached = {x}
    for _ in links:
        reached |= {b for pair in links for a, b in (pair, pair[::-1]) if a in reached}
    return y in reached


@both
def test_the_picture_has_every_frame_every_move_and_an_outline_for_each_block(with_zero):
    shown = counted_frames(with_zero)
    drawn = draw_forced(shown, "Frames <of> objects.")
    tree = tree_of(drawn)
    images = list(tree.iter("image"))
    titles = [
        group.find("title").text for group in tree.iter("g") if group.find("image") is not None
    ]
    assert titles == list(shown.pictures)
    for name, image in zip(titles, images, strict=True):
        assert np.array_equal(pixels_of(image.get("href")), shown.pictures[name])
    groups = [group.get("class") for group in tree.iter("g")]
    assert groups.count("move") == shown.data.n_transitions
    assert groups.count("merge") == len(images) - shown.forced.n_blocks
    outlines = [box(rect) for rect in tree.iter("rect") if rect.get("class") == "code"]
    assert len(outlines) == shown.forced.n_blocks
    where = {}
    for name, image in zip(titles, images, strict=True):
        x, y, w, h = box(image)
        (where[name],) = [
            k for k, (left, top, wide, high) in enumerate(outlines)
            if left < x and x + w < left + wide and top < y and y + h < top + high
        ]  # fmt: skip
    for (i, x), (j, y) in itertools.combinations(enumerate(titles), 2):
        assert (where[x] == where[y]) is shown.forced.same_block(i, j)
    assert tree.get("aria-label").startswith("Frames <of> objects. The forced merges leave")


@both
def test_everything_is_inside_the_frame_and_reads_on_a_narrow_page(with_zero):
    tree = tree_of(draw_forced(counted_frames(with_zero), "Frames."))
    _, _, width, height = map(float, tree.get("viewBox").split())
    assert width <= 400
    for rect in (*tree.iter("rect"), *tree.iter("image")):
        x, y, w, h = box(rect)
        assert 0 <= x - 1.25 < x + w + 1.25 <= width
        assert 0 <= y - 1.25 < y + h + 1.25 <= height
    for text in tree.iter("text"):
        assert 0 <= float(text.get("x")) <= width
        assert text.get("fill") in ("currentColor", "#000000")


def test_merges_with_and_without_the_black_frame():
    with_zero = draw_forced(counted_frames(True), "Frames.")
    assert len(with_zero.steps) == 4
    assert with_zero.steps[0] == (
        "\u201cblack\u201d has one code, and +1 leads to \u201c1 circle\u201d and \u201c1 "
        "square\u201d: these share a code."
    )
    assert "share a code by 1" in with_zero.steps[2]
    assert "leave 3 codes: 1 of 1 frame, 1 of 2 frames, 1 of 4 frames." in with_zero.svg
    without = draw_forced(counted_frames(False), "Frames.")
    assert len(without.steps) == 2
    assert "leave 4 codes: 2 of 1 frame, 2 of 2 frames." in without.svg
    again = draw_forced(counted_frames(False), "Frames.")
    assert (again.svg, again.steps) == (without.svg, without.steps)
