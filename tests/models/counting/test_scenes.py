import numpy as np
from counting_cases import COUNTS, SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.plain import plain_place
from tellapart.models.counting.scenes import NOWHERE, draw_scenes, place


@given(st.lists(st.integers(0, 8), min_size=1, max_size=30), SEEDS)
def test_same_places_as_the_plain_sampler(counts, seed):
    lit = np.array(counts)
    fast = place(lit, np.random.default_rng(seed))
    assert np.array_equal(fast, plain_place(lit, np.random.default_rng(seed)))


@given(COUNTS, SEEDS, st.none() | st.integers(0, 20))
def test_objects_lie_inside_and_apart(counts, seed, order):
    glyphs = None if order is None else counting_glyphs(order)
    drawn = draw_scenes(counts, seed, glyphs=glyphs)
    assert drawn.lit.tolist() == (counts if glyphs is None else [6] * len(counts))
    for i, lit in enumerate(drawn.lit.tolist()):
        here = drawn.centres[:, :, i].T.astype(int)
        assert (here[lit:] == NOWHERE).all()
        here = here[:lit]
        assert ((here >= 3) & (here <= 60)).all()
        gaps = np.abs(here[:, None] - here[None]).max(axis=2)
        assert (gaps[~np.eye(lit, dtype=bool)] >= 8).all()


@given(SEEDS)
@settings(max_examples=5)
def test_all_places_shapes_and_colours_occur_about_equally_often(seed):
    n = 58 * 400
    drawn = draw_scenes(np.ones(n, dtype=int), seed)
    for axis in drawn.centres[:, 0]:
        times = np.bincount(axis)[3:]
        assert len(times) == 58
        assert np.abs(times - 400).max() < 6 * 400**0.5
    assert np.abs(np.bincount(drawn.shapes) - n / 4).max() < 6 * (n / 4) ** 0.5
    assert drawn.colours.min() == 30
    assert drawn.colours.max() == 225
    assert not drawn.bits.any()


@given(SEEDS)
@settings(max_examples=5)
def test_later_objects_fill_what_is_free(seed):
    """The last object is uniform on the free places: compare it with exact shares, frame by frame.

    The share of free places left of x = 32 is summed over frames; the number of last objects that
    lie there has that mean.
    """
    n = 400
    drawn = draw_scenes([8] * n, seed)
    across = np.arange(3, 61)
    expected = 0.0
    for i in range(n):
        near = np.abs(across[:, None] - drawn.centres[0, :7, i]) < 8
        above = np.abs(across[:, None] - drawn.centres[1, :7, i]) < 8
        free = ~(near[:, None] & above[None]).any(axis=2)
        expected += free[across < 32].sum() / free.sum()
    assert abs(int((drawn.centres[0, 7] < 32).sum()) - expected) < 6 * (n / 4) ** 0.5


def test_given_shapes_and_colours_are_kept():
    drawn = draw_scenes([1, 2], 0, shapes=[3, 0], colours=[[30, 31, 32], [223, 224, 225]])
    assert drawn.shapes.tolist() == [3, 0]
    assert drawn.colours.tolist() == [[30, 31, 32], [223, 224, 225]]
    assert repr(drawn) == "Scenes(2 frames, 3 objects)"
    assert len(drawn) == 2
