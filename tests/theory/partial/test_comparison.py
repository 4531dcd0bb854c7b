"""Labels of partial data side by side: every row agrees with the analysis of that label alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.comparison import DataLabelComparison, compare_data_labels


@st.composite
def candidates(draw):
    """Draw transitions and two labelings, each known in part."""
    n = draw(st.integers(1, 6))
    row = st.tuples(st.integers(0, n - 1), st.integers(0, 1), st.integers(0, n - 1))
    data = TransitionData(draw(st.lists(row, min_size=1, max_size=12)), None, range(n), range(2))
    labels = st.lists(st.one_of(st.none(), st.integers(0, 1)), min_size=n, max_size=n)
    return data, {"one": draw(labels), "other": draw(labels)}


@given(candidates())
def test_rows_are_what_each_label_forces_alone(case):
    data, labels = case
    found = compare_data_labels(data, labels)
    assert DataLabelComparison.from_json(found.to_json()) == found
    for name, own in labels.items():
        alone = analyse(data.with_labels(own))
        row = found[name]
        assert row.feasible is alone.feasible
        assert row.n_labelled == sum(label is not None for label in own)
        if alone.feasible:
            assert row.n_must_separate == alone.relation.n_must_separate
            assert row.n_by_fold_only == alone.relation.n_by_fold_only
            assert row.codes[0] <= alone.codes.lower <= alone.codes.upper <= row.codes[1]
        else:
            assert (row.n_must_separate, row.codes) == (None, None)
        assert name in found.explain()


def test_large_data_keep_their_bounds():
    data = TransitionData([[0, 0, 1], [1, 0, 2]], None, range(4))
    row = compare_data_labels(data, {"end": {2: 1, 3: 0}}, max_classes=2)["end"]
    assert row.n_must_separate is None
    assert row.codes == (2, 2)


@pytest.mark.parametrize("labels", [{}, None, ["a"]])
def test_without_candidates_there_is_nothing_to_compare(labels):
    with pytest.raises(InvalidArgumentError, match="no labels to compare"):
        compare_data_labels(TransitionData([[0, 0, 1]]), labels)


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(InvalidLabelError, match="3 labels for 2 observations"):
        compare_data_labels(TransitionData([[0, 0, 1]]), {"long": [0, 1, 2]})
