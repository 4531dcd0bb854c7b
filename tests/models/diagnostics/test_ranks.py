import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tellapart.models.diagnostics.border import as_codes, as_groups
from tellapart.models.diagnostics.ranks import (
    effective_rank,
    numerical_rank,
    participation_ratio,
    rank_me,
)
from tellapart.theory.errors import InvalidArgumentError

CODES = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.integers(-6, 6).map(float),
)
RANKS = (rank_me, effective_rank, participation_ratio)


def entropy_by_hand(matrix):
    values = np.sqrt(np.maximum(np.linalg.eigvalsh(matrix.T @ matrix), 0))
    shares = [v / values.sum() for v in values if v > 1e-7 * values.max()]
    return float(np.prod([p**-p for p in shares]))


@given(CODES)
def test_entropy_ranks_against_the_definition(codes):
    centred = codes - codes.mean(axis=0)
    if codes.any():
        assert rank_me(codes, epsilon=0) == pytest.approx(entropy_by_hand(codes), rel=1e-5)
    else:
        assert rank_me(codes) == 0
    if np.abs(centred).max() > 1e-9:
        assert effective_rank(codes) == pytest.approx(entropy_by_hand(centred), rel=1e-5)
        values = np.linalg.eigvalsh(centred.T @ centred)
        expected = values.sum() ** 2 / (values**2).sum()
        assert participation_ratio(codes) == pytest.approx(expected, rel=1e-9)
    else:
        assert effective_rank(codes) == participation_ratio(codes) == 0


@given(CODES, st.sampled_from([1e-12, 3.0, 1e9]))
def test_scale_never_matters_and_ranks_are_bounded(codes, scale):
    n, d = codes.shape
    for rank in RANKS:
        assert rank(codes) <= min(n, d) * (1 + 1e-5)
        assert rank(scale * codes) == pytest.approx(rank(codes), rel=1e-6, abs=1e-9)
    assert numerical_rank(scale * codes) == numerical_rank(codes) <= min(n - 1, d)


@given(CODES, st.integers(-100, 100))
def test_numerical_rank_is_the_rank_of_differences(codes, shift):
    expected = np.linalg.matrix_rank(codes[1:] - codes[0]) if len(codes) > 1 else 0
    assert numerical_rank(codes + shift) == expected


def test_known_answers():
    for k in (1, 3, 6):
        assert rank_me(np.eye(6)[:, :k]) == pytest.approx(k, rel=1e-5)
        assert effective_rank(np.vstack([np.eye(k), -np.eye(k)])) == pytest.approx(k)
        assert participation_ratio(np.vstack([np.eye(k), -np.eye(k)])) == pytest.approx(k)
    line = np.arange(9.0)[:, None] * np.ones((1, 4))
    assert numerical_rank(line) == 1
    assert rank_me(line) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("rank", [*RANKS, numerical_rank])
def test_smallest_inputs(rank):
    assert rank([[5.0]]) == pytest.approx(1 if rank is rank_me else 0, abs=1e-5)
    assert rank(np.zeros((4, 3))) == 0
    assert rank([0.1, 0.1, 0.1]) == pytest.approx(1 if rank is rank_me else 0, abs=1e-5)
    assert rank(torch.eye(3, requires_grad=True)) == rank(np.eye(3))


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([[1.0, np.nan], [0.0, 1.0]], "row 0 holds nan"),
        ([[1.0], [np.inf]], "row 1 holds inf"),
        ([[1e200]], "above 1e\\+100"),
        ([], "shape \\(0,\\)"),
        (np.zeros((3, 0)), "at least one row"),
        (np.zeros((2, 2, 2)), "numbers \\[n, d\\]"),
        ([["a"]], "dtype <U1"),
        ([True, False], "dtype bool"),
        ([[1, 2], [3]], "no rectangular array"),
        (None, "dtype object"),
        (7.0, "shape \\(\\)"),
    ],
)
def test_bad_codes_are_refused(codes, said):
    with pytest.raises(InvalidArgumentError, match=said):
        rank_me(codes)


def test_groups():
    assert as_groups([7, 3, 7, 9], 4).tolist() == [0, 1, 0, 2]
    assert as_codes([1, 2]).tolist() == [[1.0], [2.0]]
    for bad in ([0.0, 1.0], [[0], [1]], [0], None, [[1, 2], [3]]):
        with pytest.raises(InvalidArgumentError, match="one integer for each of the 2 rows"):
            as_groups(bad, 2)
