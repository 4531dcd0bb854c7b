"""Compact names agree with tuples of the same names, and digests with what they stand for."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.data.digests import digest_names
from tellapart.theory.errors import InvalidMDPError
from tellapart.theory.naming import ArrayNames, ListedNames, names_key, tagged

INTEGERS = st.sets(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8)
FLOATS = st.sets(st.floats(allow_nan=False).map(lambda x: x + 0.0), min_size=1, max_size=8)
STRANGERS = [None, "3", 0.5, float("nan"), float("inf"), 2**80, Fraction(1, 3), (1,), [1], True, 1j]


def check(names, plain):
    assert list(names) == list(plain)
    assert len(names) == len(plain)
    assert names[1:] == tuple(plain[1:])
    assert [names[k] for k in range(-1, len(plain))] == [plain[k] for k in range(-1, len(plain))]
    assert [names.find(name) for name in plain] == list(range(len(plain)))
    assert names_key(names) == names_key(plain)
    for stranger in STRANGERS:
        known = [k for k, name in enumerate(plain) if name == stranger]
        assert names.find(stranger) == (known[0] if known else None)
    assert type(names).__name__ in repr(names)


@given(INTEGERS)
def test_integers_in_an_array(values):
    check(ArrayNames(np.array(sorted(values), dtype=np.int64)), tuple(sorted(values)))


@given(FLOATS)
def test_floats_in_an_array(values):
    check(ArrayNames(np.array(sorted(values))), tuple(sorted(values)))


@given(st.lists(st.one_of(st.text(max_size=2), st.integers(0, 3)), unique=True, min_size=1))
def test_listed_names(values):
    check(ListedNames(values), tuple(values))


def test_numbers_of_other_types_are_found():
    names = ArrayNames(np.array([-1, 1, 2**62]))
    assert [names.find(n) for n in (1.0, True, np.int8(1), Fraction(2, 2))] == [1] * 4
    assert names.find(2.0**62) == 2
    assert names.find(2.0**62 + 4096) is None


def test_infinite_names_are_told_apart():
    keys = [tagged(x) for x in (float("inf"), float("-inf"), 0.0)]
    assert len({str(key) for key in keys}) == 3


@given(st.lists(st.binary(min_size=16, max_size=16), unique=True, min_size=1))
def test_names_of_digests_are_unique(digests):
    assert len(set(digest_names("array", digests))) == len(digests)


def test_equal_digests_are_refused_not_merged():
    with pytest.raises(InvalidMDPError, match="same 128-bit hash"):
        digest_names("array", [bytes(16), bytes(16)])
