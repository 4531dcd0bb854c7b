"""Values as JSON and as text: exact round trips, one line of printable characters."""

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tellapart.theory.errors import FileFormatError, InvalidArgumentError
from tellapart.theory.formats.values import (
    from_json_value,
    from_text,
    json_text,
    to_json_value,
    to_text,
)

atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.from_regex(r'[-0-9/.eE"\[\]{} tru]{0,6}', fullmatch=True),
    st.fractions(),
    st.decimals(allow_nan=False),
    st.binary(max_size=3),
)
values = st.recursive(
    atoms,
    lambda part: st.one_of(st.lists(part, max_size=3).map(tuple), st.frozensets(part, max_size=3)),
    max_leaves=4,
)


def same(left, right):
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


@given(values)
def test_json_round_trip(value):
    text = json_text(to_json_value(value))
    assert text.isprintable()
    assert same(from_json_value(json.loads(text)), value)


@given(values, st.booleans())
@example("null", False)
@example("True", False)
@example(" a", True)
@example(Fraction(4), False)
@example("\ud800", False)
def test_text_round_trip(value, ascii_only):
    text = to_text(value, ascii_only=ascii_only)
    assert text
    assert text.isprintable()
    assert text.isascii() or not ascii_only
    assert same(from_text(text), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("q0", "q0"),
        (" go ", "go"),
        ("-12", -12),
        ("007", "007"),
        ("1.50", 1.5),
        ("1e400", "1e400"),
        ("2/4", "2/4"),
        ("0/1", "0/1"),
        ("[1, [2, null]]", (1, (2, None))),
        ("[1, 2", "[1, 2"),
        ('{"a": 1}', '{"a": 1}'),
        ('[{"a": 1}]', '[{"a": 1}]'),
        ('{"fraction": "x"}', '{"fraction": "x"}'),
        ("[" * 100_000, "[" * 100_000),
        ("9" * 5000, "9" * 5000),
        ("c1(d1, true)", "c1(d1, true)"),
    ],
)
def test_what_texts_mean(text, value):
    assert same(from_text(text), value)


def test_numpy_scalars_are_numbers():
    assert to_json_value((np.int64(3), np.float64(0.5))) == [3, 0.5]


def test_zeros_of_decimals_are_kept():
    assert to_json_value(Decimal("0.10")) == {"decimal": "0.10"}


@pytest.mark.parametrize("value", [1j, object(), [1], 10**4000])
def test_what_cannot_be_written_is_refused(value):
    with pytest.raises(InvalidArgumentError, match="cannot be written"):
        to_json_value(value)


@pytest.mark.parametrize("tag", ["fraction", "decimal", "float", "bytes"])
def test_a_content_that_does_not_fit_its_tag_is_refused(tag):
    with pytest.raises(FileFormatError, match="does not fit its tag"):
        from_json_value([{tag: "x/0"}])
