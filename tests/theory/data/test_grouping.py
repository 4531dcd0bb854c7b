"""Grouping of rows: ids agree with dictionaries of Python values, also when hashes collide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tellapart.theory.data import grouping
from tellapart.theory.data.grouping import group_integers, group_rows, group_values

DTYPES = st.sampled_from([np.uint8, np.int16, np.int64, np.float32])


def tables(dtype, rows, width):
    values = st.integers(0, 3).map(float) if dtype == np.float32 else st.integers(0, 3)
    return hnp.arrays(dtype, (rows, *width), elements=values)


@st.composite
def pairs_of_tables(draw):
    dtype = draw(DTYPES)
    width = draw(st.sampled_from([(1,), (3,), (2, 2), (9,)]))
    return [draw(tables(dtype, draw(st.integers(1, 12)), width)) for _ in range(2)]


def check(groups, columns):
    assert len({value.tobytes() for value in groups.values}) == len(groups.values)
    assert set(np.concatenate(groups.ids)) == set(range(len(groups.values)))
    for ids, column in zip(groups.ids, columns, strict=True):
        assert ids.dtype == np.int32
        assert (groups.values[ids] == column).all()


@given(pairs_of_tables())
def test_rows_of_a_group_are_equal_and_groups_differ(columns):
    check(group_rows(columns), columns)


@given(pairs_of_tables())
def test_groups_are_exact_when_every_hash_collides(columns):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "_hashes", lambda table: np.zeros(len(table), dtype=np.uint64))
        groups = group_rows(columns)
    check(groups, columns)


@given(pairs_of_tables(), st.integers(1, 40))
def test_the_size_of_chunks_does_not_matter(columns, size):
    expected = group_rows(columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "CHUNK_BYTES", size)
        found = group_rows(columns)
    assert all((x == y).all() for x, y in zip(expected.ids, found.ids, strict=True))


@given(
    st.lists(
        st.lists(
            st.one_of(st.integers(-5, 5), st.sampled_from([-(2**63), 2**63 - 1, 10**6])),
            min_size=1,
            max_size=9,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_integers_are_ranked_whatever_their_span(lists):
    columns = [np.array(values, dtype=np.int64) for values in lists]
    groups = group_integers(columns)
    rank = {value: k for k, value in enumerate(sorted({v for values in lists for v in values}))}
    assert groups.values.tolist() == list(rank)
    assert [ids.tolist() for ids in groups.ids] == [[rank[v] for v in vs] for vs in lists]


@given(hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(-2, 2, width=16)))
def test_floats_are_ranked(values):
    groups = group_values([values + 0.0])
    assert groups.values.tolist() == sorted(set((values + 0.0).tolist()))
    assert (groups.values[groups.ids[0]] == values).all()


def test_hashes_of_rows_that_differ_in_one_byte_differ():
    for width in (1, 7, 8, 40):
        rows = np.concatenate([np.zeros((1, width), np.uint8), np.eye(width, dtype=np.uint8) * 128])
        assert len(set(grouping._hashes(rows).tolist())) == width + 1
