"""Determinants, ranks and smallest models against the exact matrices of python-flint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.linear.determinant import determinant_of, is_regular
from tellapart.theory.linear.minimality import minimal_realisation

flint = pytest.importorskip("flint")

pytestmark = pytest.mark.oracle

ENTRIES = st.one_of(st.integers(-2, 2), st.integers(-(2**80), 2**80))


@st.composite
def squares(draw):
    size = draw(st.integers(1, 7))
    return [[draw(ENTRIES) for _ in range(size)] for _ in range(size)]


def rank_over_words(mdp, *, affine):
    """Close the label vectors under the actions, without ever dropping one; rank by flint."""
    first = tuple(int(label) for label in mdp.labels)
    columns, fresh = {first: None}, [first]
    while fresh:
        moved = [tuple(v[o] for o in moves) for v in fresh for moves in mdp.successors.T.tolist()]
        fresh = [v for v in dict.fromkeys(moved) if v not in columns]
        columns |= dict.fromkeys(fresh)
    rows = [*columns, *([(1,) * mdp.n_obs] if affine else [])]
    return flint.fmpz_mat([list(row) for row in rows]).rank() - affine


@given(squares(), st.sampled_from([2, 3, 2**31 - 1]))
def test_determinants(rows, prime):
    expected = int(flint.fmpz_mat(rows).det())
    assert determinant_of(rows) == expected
    assert is_regular(rows, prime) == bool(expected % prime)


@given(deterministic_mdps(max_observations=7, max_actions=2), st.booleans())
def test_the_smallest_dimension_is_the_rank_over_all_words(mdp, affine):
    found = minimal_realisation(mdp, affine)
    assert found.dimension == found.bound == rank_over_words(mdp, affine=affine)
    assert found.verify(mdp)


@pytest.mark.parametrize("mdp", [counting_chain(40), random_mdp(24, 1, 3, seed=5)])
def test_larger_systems(mdp):
    assert minimal_realisation(mdp).dimension == rank_over_words(mdp, affine=False)
