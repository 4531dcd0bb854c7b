import numpy as np
import pytest
from counting_cases import connected_parts
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.views import count_frames, viewed_counting
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError

SMALL = st.tuples(st.integers(0, 4), st.integers(4, 8)).map(lambda e: range(e[0], e[1] + 1))


@given(
    st.integers(1, 3), st.sampled_from((16, 32, 64)), st.integers(0, 1000), SMALL,
    st.sampled_from((None, "glyphs", "distractor")),
)  # fmt: skip
@settings(max_examples=15)
def test_the_view_stays_and_the_count_moves(views, size, seed, counts, control):
    seen = viewed_counting(views, size, seed, counts, control)
    bits = 2 if control == "distractor" else 1
    n = views * len(counts) * bits
    assert seen.frames.shape == (n, 3, size, size)
    assert seen.frames.dtype == np.float32
    assert seen.frames.min() >= 0
    assert seen.frames.max() <= 1
    after = seen.mdp.successors
    for action, change in enumerate((-1, 1)):
        moved = np.clip(seen.counts + change, counts[0], counts[-1])
        assert np.array_equal(seen.counts[after[:, action]], moved)
        assert np.array_equal(seen.views[after[:, action]], seen.views)
        assert np.array_equal(seen.bits[after[:, action]], (bits - 1) * (1 - seen.bits))
    assert [int(p) for p in seen.mdp.labels] == (seen.counts == 4).astype(int).tolist()
    alone = bisimulation(viewed_counting(1, 16, 0, counts).mdp)
    assert bisimulation(seen.mdp).blocks_by_depth == alone.blocks_by_depth


@given(st.integers(2, 4), SMALL, st.sampled_from((None, "glyphs", "distractor")))
@settings(max_examples=20)
def test_the_empty_picture_forces_exactly_the_views_together(views, counts, control):
    """The least congruence with equal pictures merged, by repeated merging of labels of blocks."""
    seen = viewed_counting(views, 16, 1, counts, control)
    block = np.arange(seen.mdp.n_obs)
    pairs = [(g[0], other) for g in seen.same_frames for other in g[1:]]
    while pairs:
        x, y = pairs.pop()
        if block[x] != block[y]:
            block[block == block[x]] = block[y]
            same = np.flatnonzero(block == block[y])
            pairs += [(int(t[0]), int(u)) for t in seen.mdp.successors[same].T for u in t[1:]]
    merged = [tuple(np.flatnonzero(block == b)) for b in np.unique(block)]
    forced = counts[0] == 0 and control != "glyphs"
    assert {len(group) for group in merged} == {views if forced else 1}
    for group in merged:
        assert len({(seen.counts[i], seen.bits[i]) for i in group}) == 1


@given(st.integers(1, 5), st.integers(0, 1000), st.sampled_from((None, "glyphs", "distractor")))
@settings(max_examples=20)
def test_only_the_empty_picture_is_shared(views, seed, control):
    seen = viewed_counting(views, 16, seed, control=control)
    groups = [{(int(seen.counts[i]), int(seen.bits[i])) for i in g} for g in seen.same_frames]
    empty = [] if control == "glyphs" or views == 1 else [{(0, 0)}]
    if control == "distractor" and views > 1:
        empty.append({(0, 1)})
    assert groups == empty
    assert all(len(g) == views for g in seen.same_frames)
    assert viewed_counting(views, 16, seed, range(1, 9), control).same_frames == ()


WHOLE = viewed_counting(4, 32, 5)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), min_size=1, max_size=6))
@settings(max_examples=30)
def test_a_picture_depends_on_seed_view_and_count_only(pairs):
    counts, views = (list(column) for column in zip(*pairs, strict=True))
    together = count_frames(counts, views, 32, 5)
    for i, (count, view) in enumerate(pairs):
        assert np.array_equal(together[i], count_frames([count], [view], 32, 5)[0])
        picture = count_frames([count], [view], 64, 5)[0].transpose(1, 2, 0)
        assert connected_parts(picture) == count
    rows = [WHOLE.mdp.observation_index(pair) for pair in pairs]
    assert np.array_equal(WHOLE.frames[rows], together)


def test_pictures_are_the_bytes_of_frames_divided_by_255():
    pictures = count_frames([8, 3], [0, 1], 16, 0)
    levels = pictures.astype(np.float64) * 255
    assert np.abs(levels - levels.round()).max() < 1e-4
    assert pictures.max() > 0.1


def test_views_differ_in_shape_colour_and_place():
    seen = viewed_counting(4, 64, 0)
    ones = seen.frames[seen.counts == 1]
    lit = (ones > 0).any(axis=1)
    assert sorted(lit.sum(axis=(1, 2)).tolist()) == [19, 25, 37, 49]
    assert len({tuple(one.max(axis=(1, 2)).tolist()) for one in ones}) == 4
    assert len({tuple(np.argwhere(mask).min(axis=0).tolist()) for mask in lit}) == 4


def test_glyph_pictures():
    seen = viewed_counting(2, 64, 3, control="glyphs")
    asked = count_frames(seen.counts, seen.views, 64, 3, glyphs=counting_glyphs(3))
    assert np.array_equal(seen.frames, asked)
    areas = (seen.frames > 0).any(axis=1).sum(axis=(1, 2))
    assert all(len(set(areas[seen.views == view].tolist())) == 1 for view in range(2))


def test_it_prints_well_and_is_read_only():
    seen = viewed_counting()
    assert repr(seen) == (
        "ViewedCounting(DeterministicMDP(n_obs=27, n_actions=2, n_labels=2), frames 27x3x16x16, "
        "control=None)"
    )
    assert seen.explain() == (
        "Counts 0..8 in 3 views: 27 pictures of 16 x 16 pixels (objects on black).\n"
        "One picture: (0, 0), (0, 1), (0, 2)."
    )
    with pytest.raises(ValueError, match="read-only"):
        seen.frames[0] = 1


def test_labels_of_viewed_counts():
    dense = viewed_counting(2, labels="dense")
    assert len(dense.mdp.label_values) == 5
    assert viewed_counting(2, counts=[2, 3], target=3).mdp.labels == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"views": 0}, "views is 0; it must be an integer in 1..10000"),
        ({"views": True}, "views is True"),
        ({"views": 10**9}, "views is 1000000000"),
        ({"size": 8}, "size is 8"),
        ({"seed": -1}, "seed is -1"),
        ({"control": "noise"}, "control is 'noise'"),
        ({"counts": range(10)}, r"counts\[9\] is 9"),
        ({"counts": range(10**18)}, r"counts\[9\] is 9"),
        ({"counts": [1, 3, 4]}, "ascend without gaps"),
        ({"counts": []}, "ascend without gaps"),
        ({"counts": range(5, 9)}, "target is 4, which is none of the counts 5..8"),
        ({"counts": "12"}, "counts has shape"),
    ],
)
def test_bad_arguments(options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        viewed_counting(**options)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([9], [0]), r"counts\[0\] is 9"),
        (([1], [-1]), r"views\[0\] is -1"),
        (([1, 2], [0]), r"views has shape .1,. .*; give integers \[2\]"),
        (([1], [0], 20), "size is 20"),
        (([1], [0], 16, 1.5), "seed is 1.5"),
    ],
)
def test_bad_pictures(arguments, words):
    with pytest.raises(InvalidArgumentError, match=words):
        count_frames(*arguments)
