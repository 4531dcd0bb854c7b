import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.theory.errors import InvalidArgumentError


@given(st.integers(0, 2**40))
def test_a_seed_permutes_the_same_nine_patterns(seed):
    glyphs = counting_glyphs(seed)
    assert sorted(glyphs.order) == list(range(9))
    assert glyphs.patterns == counting_glyphs().patterns
    assert glyphs == counting_glyphs(seed)
    assert {glyphs.pattern_of(count) for count in range(9)} == set(glyphs.patterns)


def test_no_pattern_is_a_translate_of_another_or_has_more_cells():
    patterns = counting_glyphs().patterns
    assert len(patterns) == 9
    assert {len(set(pattern)) for pattern in patterns} == {6}
    assert all(0 <= x < 4 and 0 <= y < 4 for pattern in patterns for x, y in pattern)
    moved = {
        frozenset((x + u, y + v) for x, y in pattern)
        for pattern in patterns
        for u in range(-3, 4)
        for v in range(-3, 4)
    }
    assert len(moved) == 9 * 49


def test_most_seeds_do_not_keep_the_order():
    orders = {counting_glyphs(seed).order for seed in range(20)}
    assert len(orders) == 20
    assert tuple(range(9)) not in orders


def test_the_text_shows_the_glyphs_by_count():
    glyphs = counting_glyphs(2)
    lines = glyphs.explain().split("\n")
    assert lines[0].split() == [str(count) for count in range(9)]
    for count in range(9):
        lit = {(x, y) for y in range(4) for x in range(4) if lines[1 + y][6 * count + x] == "#"}
        assert lit == set(glyphs.pattern_of(count))
    assert repr(glyphs) == f"Glyphs(order={glyphs.order})"


@pytest.mark.parametrize("seed", [-1, 1.0, True, None, "0"])
def test_bad_seeds(seed):
    with pytest.raises(InvalidArgumentError, match="seed is"):
        counting_glyphs(seed)
