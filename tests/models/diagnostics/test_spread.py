import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tellapart.models.diagnostics.spread import Spread, spread, vicreg_covariance, vicreg_variance
from tellapart.theory.errors import InvalidArgumentError

CODES = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.integers(-8, 8).map(lambda k: k / 4),
)


@given(CODES, st.sampled_from([0.01, 0.5, 2.0]))
def test_spread_against_the_standard_library(codes, floor):
    expected = [statistics.pstdev(column) for column in codes.T.tolist()]
    found = spread(codes, floor)
    assert found.smallest == pytest.approx(min(expected), abs=1e-12)
    assert found.mean == pytest.approx(statistics.mean(expected), abs=1e-12)
    clear = [s for s in expected if abs(s - floor) > 1e-9]
    assert sum(s < floor for s in clear) <= found.n_low <= codes.shape[1]
    assert found.d == codes.shape[1]
    assert Spread.from_json(found.to_json()) == found


@given(CODES)
def test_vicreg_terms_against_loops(codes):
    n, d = codes.shape
    if n < 2:
        assert vicreg_variance(codes) is vicreg_covariance(codes) is None
        return
    columns = codes.T.tolist()
    hinge = [max(0.0, 1 - (statistics.variance(c) + 1e-4) ** 0.5) for c in columns]
    assert vicreg_variance(codes) == pytest.approx(sum(hinge) / d)
    off = sum(
        statistics.covariance(columns[i], columns[j]) ** 2
        for i in range(d)
        for j in range(d)
        if i != j
    )
    assert vicreg_covariance(codes) == pytest.approx(off / d, abs=1e-12)


def test_known_answers():
    assert vicreg_variance(np.zeros((5, 3))) == pytest.approx(0.99)
    assert vicreg_variance(np.array([[-9.0], [9.0]])) == 0
    assert vicreg_covariance(np.arange(3.0)[:, None]) == 0  # one dimension has no other
    assert vicreg_covariance(np.array([[-1.0, -1.0], [0, 0], [1, 1]])) == 1
    assert "2 of 2 below" in spread(np.ones((4, 2))).explain()
    with pytest.raises(InvalidArgumentError, match="nan"):
        vicreg_variance([[np.nan], [0.0]])
