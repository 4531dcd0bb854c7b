from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.boxes.region import region_around
from tellapart.theory.errors import InvalidArgumentError

NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(NUMBERS, min_size=1, max_size=4), st.floats(0, 1e3))
def test_edges_enclose_the_exact_box_and_lie_inside_it(numbers, radius):
    region = region_around(np.array([numbers]), radius)
    r = Fraction(radius)
    for k, c in enumerate(numbers):
        lo, hi = Fraction(c) - r, Fraction(c) + r
        assert Fraction(region.outer_lo[0, k]) <= lo <= Fraction(region.inner_lo[0, k])
        assert Fraction(region.inner_hi[0, k]) <= hi <= Fraction(region.outer_hi[0, k])
        assert region.inner_lo[0, k] <= c <= region.inner_hi[0, k]


def test_boxes_end_at_the_range_of_the_numbers():
    region = region_around(np.array([[0.1, 0.9]]), 0.3, clip=(0.0, 1.0))
    assert region.outer_lo[0, 0] == region.inner_lo[0, 0] == 0.0
    assert region.outer_hi[0, 1] == region.inner_hi[0, 1] == 1.0


def test_boxes_that_overlap_share_a_point():
    region = region_around(np.array([[0.0, 0.0], [1.0, 0.5], [3.0, 0.0]]), 0.5)
    point = region.shared_point(0, 1)
    for o in (0, 1):
        assert (region.inner_lo[o] <= point).all()
        assert (point <= region.inner_hi[o]).all()
    assert region.shared_point(0, 2) is None


@pytest.mark.parametrize(
    ("radius", "clip", "message"),
    [
        (-0.1, None, "radius is -0.1"),
        (True, None, "radius is True"),
        (float("nan"), None, "must be finite"),
        (float("inf"), None, "must be finite"),
        ("0.1", None, "radius is '0.1'"),
        (0.1, (0.6, 1.0), "position 0 has numbers outside"),
        (0.1, (1.0, 0.0), "above its highest"),
        (0.1, 1.0, "give the lowest and the highest"),
        (1e308, None, "beyond the largest float"),
    ],
)
def test_bad_boxes_are_one_clear_error(radius, clip, message):
    with pytest.raises(InvalidArgumentError, match=message):
        region_around(np.array([[0.5, 1.7e308 if radius == 1e308 else 0.5]]), radius, clip)
