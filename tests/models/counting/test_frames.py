import numpy as np
import pytest
from counting_cases import COUNTS, SEEDS, connected_parts, scenes
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counting.frames import CHUNK, frames, render
from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.plain import plain_render
from tellapart.models.counting.scenes import SHAPES, Scenes, draw_scenes
from tellapart.theory.errors import InvalidArgumentError


@given(scenes(), st.sampled_from((16, 32, 64)))
@settings(max_examples=25)
def test_same_bytes_as_the_plain_renderer(drawn, size):
    fast = render(drawn, size)
    assert fast.dtype == np.uint8
    assert fast.flags.c_contiguous
    assert fast.tobytes() == plain_render(drawn, size).tobytes()


@given(COUNTS, SEEDS, st.sampled_from((0, 1)))
@settings(max_examples=30)
def test_the_count_is_the_number_of_connected_parts(counts, seed, bit):
    pictures = frames(counts, seed, bits=[bit] * len(counts))
    assert [connected_parts(picture) for picture in pictures] == counts


@given(st.integers(0, 8), st.integers(0, 3), SEEDS)
def test_every_object_has_the_area_of_its_shape(count, shape, seed):
    picture = frames([count], seed, shapes=[shape])[0]
    area = dict(zip(SHAPES, (37, 49, 25, 19), strict=True))[SHAPES[shape]]
    assert int(picture.any(axis=2).sum()) == count * area


@given(COUNTS, SEEDS)
def test_glyphs_have_one_area_whatever_the_count(counts, seed):
    n = len(counts)
    pictures = frames(counts, seed, shapes=[1] * n, glyphs=counting_glyphs(1))
    assert pictures.any(axis=3).sum(axis=(1, 2)).tolist() == [6 * 49] * n


@given(COUNTS, SEEDS)
def test_equal_seeds_give_equal_bytes_and_a_generator_moves_on(counts, seed):
    generator = np.random.default_rng(seed)
    first = frames(counts, generator, size=32)
    assert first.tobytes() == frames(counts, seed, size=32).tobytes()
    if max(counts):
        assert first.tobytes() != frames(counts, generator, size=32).tobytes()


def test_frames_do_not_depend_on_how_many_are_rendered_at_once():
    counts = np.arange(CHUNK + 40) % 9
    drawn = draw_scenes(counts, 3)
    picked = [0, CHUNK - 1, CHUNK, CHUNK + 39]
    for i in picked:
        alone = Scenes(
            drawn.shapes[[i]], drawn.colours[[i]], drawn.lit[[i]], drawn.centres[:, :, [i]],
            drawn.bits[[i]],
        )  # fmt: skip
        assert np.array_equal(render(drawn, 16)[i], plain_render(alone, 16)[0])


def test_colours_of_a_frame():
    colours = [[30, 100, 225], [200, 40, 60]]
    pictures = frames([3, 8], 0, shapes=[0, 2], colours=colours)
    for picture, colour in zip(pictures, colours, strict=True):
        seen = np.unique(picture.reshape(-1, 3), axis=0).tolist()
        assert seen == [[0, 0, 0], colour]
    grey = frames([0], 0, bits=[1], size=16)
    assert (grey == 16).all()


def test_no_frames():
    assert frames([], 0, size=32).shape == (0, 32, 32, 3)


@pytest.mark.parametrize(
    ("counts", "options", "words"),
    [
        ([9], {}, r"counts\[0\] is 9; every entry must be in 0..8"),
        ([0, -1], {}, r"counts\[1\] is -1"),
        ([1.0], {}, "counts has shape .1,. and dtype float64; give integers"),
        ([True], {}, "counts has shape .1,. and dtype bool"),
        ([float("nan")], {}, "give integers"),
        ([[1, 2], [3]], {}, "give integers"),
        ([2**70], {}, "give integers"),
        (3, {}, "counts has shape"),
        (None, {}, "counts has shape"),
        ([1], {"size": 48}, "size is 48"),
        ([1], {"size": True}, "size is True"),
        ([1], {"size": "64"}, "size is '64'"),
        ([1], {"generator": -1}, "generator is -1"),
        ([1], {"generator": True}, "generator is True"),
        ([1], {"generator": None}, "generator is None; give numpy.random.default_rng"),
        ([1], {"shapes": [4]}, r"shapes\[0\] is 4"),
        ([1], {"shapes": [0, 1]}, r"shapes has shape .2,. .*; give integers \[1\]"),
        ([1], {"bits": [2]}, r"bits\[0\] is 2"),
        ([1], {"colours": [[0, 0, 0]]}, r"colours has shape .1, 3.* in 30..225"),
        ([1], {"colours": [30, 30, 30]}, r"give integers \[1, 3\]"),
        ([1], {"colours": [[30.5, 30, 30]]}, "dtype float64"),
        (np.zeros(400_000, dtype=int), {}, "400000 frames of 64 x 64 pixels are more than"),
    ],
)
def test_bad_arguments_give_one_clear_error(counts, options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        frames(counts, **{"generator": 0} | options)
