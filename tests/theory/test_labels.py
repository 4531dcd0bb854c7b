"""Labels become ids: exact grouping, tolerance, warnings and errors."""

import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError, NearbyLabelsWarning
from tellapart.theory.labels import code_labels

plain_labels = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, -0.0, 2.0]),
    st.fractions(-2, 2, max_denominator=3),
    st.text("ab", max_size=2),
    st.booleans(),
)
labels = st.one_of(plain_labels, st.lists(plain_labels, max_size=3).map(tuple))


@given(st.lists(labels, max_size=8))
def test_ids_agree_with_equality_and_are_numbered_by_first_appearance(values):
    coding = code_labels(values)
    ids = coding.ids.tolist()
    for i, left in enumerate(values):
        assert coding.values[ids[i]] == left
        assert all((ids[i] == ids[j]) == (left == right) for j, right in enumerate(values))
    assert list(dict.fromkeys(ids)) == list(range(len(coding.values)))


@given(st.lists(st.lists(st.sampled_from([-1.5, -0.0, 0.0, 2.0]), min_size=2, max_size=2)))
def test_arrays_and_lists_of_numbers_give_the_same_coding(rows):
    array = np.array(rows, dtype=np.float64).reshape(len(rows), 2)
    from_array, from_list = code_labels(array), code_labels(rows)
    assert from_array.ids.tolist() == from_list.ids.tolist()
    assert from_array.values == from_list.values
    column = code_labels(array[:, 0])
    assert column.ids.tolist() == code_labels(array[:, 0].tolist()).ids.tolist()


def single_linkage(values, tolerance):
    """Brute force: merge ids of near values until nothing changes."""
    ids = list(range(len(values)))
    for _ in values:
        for i, left in enumerate(values):
            for j, right in enumerate(values):
                if max(abs(x - y) for x, y in zip(left, right, strict=True)) <= tolerance:
                    ids = [min(ids[i], ids[j]) if k in (ids[i], ids[j]) else k for k in ids]
    return ids


@given(st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), max_size=7), st.integers(0, 3))
def test_tolerance_merges_chains_and_the_first_value_stands_for_its_group(values, tolerance):
    coding = code_labels(values, tolerance)
    expected = single_linkage(values, tolerance)
    ids = coding.ids.tolist()
    for i in range(len(values)):
        assert all((ids[i] == ids[j]) == (expected[i] == expected[j]) for j in range(len(values)))
        assert coding.values[ids[i]] == values[expected[i]]


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=6))
def test_integers_never_warn(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code_labels([10**15 + v for v in values])


def test_nearly_equal_floats_warn_and_name_both_and_the_option():
    with pytest.warns(NearbyLabelsWarning, match=r"0\.3 and 0\.30000000000000004 .*tolerance"):
        coding = code_labels([0.1 + 0.2, 0.3, 1.0])
    assert coding.ids.tolist() == [0, 1, 2]
    assert code_labels([0.1 + 0.2, 0.3, 1.0], 1e-9).ids.tolist() == [0, 0, 1]


def test_nearly_equal_rows_of_an_array_warn():
    with pytest.warns(NearbyLabelsWarning):
        code_labels(np.array([[0.0, 0.3], [0.0, 0.1 + 0.2]]))


def test_numbers_and_tuples_of_one_number_stay_apart():
    assert code_labels([1.0, (1.0,)], 0.5).ids.tolist() == [0, 1]


def test_labels_beyond_floats_are_exact():
    assert code_labels([10**400, 10**400 + 1], 0.5).ids.tolist() == [0, 1]
    assert code_labels([Decimal("0.1"), Fraction(1, 10)]).ids.tolist() == [0, 0]


def test_ids_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        code_labels([0, 1]).ids[0] = 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, float("nan")], "number 1 has the label nan"),
        (np.array([0.0, 1.0, np.inf]), "number 2 has the label inf"),
        (np.array([[0.0, 1.0], [np.nan, 0.0]]), r"number 1 has the label \[nan"),
        ([(0, float("nan"))], "number 0 has the label nan"),
        ([Decimal("NaN")], "number 0 has the label Decimal"),
        ([0, None], "number 1 has no label"),
        ([0, {"a": 1}], r"number 1 has the label \{'a': 1\} of type dict"),
    ],
)
def test_labels_that_cannot_be_compared_are_refused(values, message):
    with pytest.raises(InvalidLabelError, match=message):
        code_labels(values)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_tolerance_must_be_a_finite_number(tolerance):
    with pytest.raises(InvalidArgumentError, match="label_tolerance"):
        code_labels([0, 1], tolerance)
