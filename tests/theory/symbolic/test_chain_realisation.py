"""The smallest model of the chain in closed form, against the system and any other such model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.linear.minimality import MinimalRealisation, minimal_realisation
from tellapart.theory.symbolic import chain_realisation as closed
from tellapart.theory.symbolic.chain_realisation import (
    chain_realisation,
    prove_chain_realisation,
    reached,
)


@given(st.integers(1, 24), st.booleans(), st.data())
def test_it_is_the_smallest_model_of_every_chain(n, affine, data):
    target = data.draw(st.integers(0, n - 1))
    found = chain_realisation(n, target, affine)
    check = found.verify(counting_chain(n, target))
    assert check
    assert check.certificate.determinant == 1
    assert found.dimension == n - affine
    assert found.dimension == minimal_realisation(counting_chain(n, target), affine).dimension


@given(st.integers(2, 12), st.booleans(), st.data())
def test_both_models_are_one_up_to_a_change_of_coordinates(n, affine, data):
    """Two smallest models: the codes of one are a linear (affine) map of those of the other."""
    target = data.draw(st.integers(0, n - 1))
    ones = np.ones((n, 1))
    mine, other = (
        np.hstack([found.model.codes.astype(float), ones])
        for found in (
            chain_realisation(n, target, affine),
            minimal_realisation(counting_chain(n, target), affine),
        )
    )
    assert np.linalg.matrix_rank(np.hstack([mine, other])) == np.linalg.matrix_rank(mine)


@given(st.integers(-5, 20), st.integers(-5, 20))
def test_a_coordinate_says_whether_it_is_reached(count, j):
    assert reached(count, j, lambda x: max(x, 0)) == (count >= j)


@given(st.integers(2, 8), st.booleans(), st.data())
def test_every_entry_is_needed(n, affine, data):
    """A matrix with one entry changed errs on some transition: all codes are combinations."""
    found = chain_realisation(n, None, affine)
    model = found.model
    changed = model.matrices.copy()
    place = data.draw(st.integers(0, changed.size - 1))
    changed.reshape(-1)[place] += 1
    object.__setattr__(model, "matrices", changed)
    assert not found.verify(counting_chain(n)).model


def test_a_small_one():
    found = chain_realisation(4, 2, affine=True)
    actions = [str(name) for name in counting_chain(4).actions]
    up, down = actions.index("+1"), actions.index("-1")
    assert found.model.codes.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert found.model.matrices[up].tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert found.model.offsets[up].tolist() == [1, 0, 0]
    assert found.model.matrices[down].tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert found.model.offsets[down].tolist() == [0, 0, 0]
    assert found.model.head.tolist() == [[0], [1], [-1]]
    assert found.certificate.words == (("+1", "+1"), ("+1",), (), ("-1",))
    assert found.model.is_integral
    assert MinimalRealisation.from_json(found.to_json()).to_json() == found.to_json()


def test_the_default_is_the_default_chain():
    assert chain_realisation().verify(counting_chain())


def test_bad_arguments():
    with pytest.raises(InvalidArgumentError, match="affine is 1"):
        chain_realisation(4, affine=1)
    with pytest.raises(InvalidArgumentError):
        chain_realisation(0)
    with pytest.raises(InvalidArgumentError):
        chain_realisation(4, 4)


def test_the_proof_holds():
    proof = prove_chain_realisation()
    assert proof.holds
    assert "for every N and every target" in proof.explain()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("reached", lambda count, j, relu: relu(count - j)),
        ("reached", lambda count, j, relu: relu(count - j + 2) - relu(count - j + 1)),
        ("up_entry", lambda i, j, delta: delta(i, j - 1)),
        ("up_entry", lambda i, j, delta: delta(i, j) + delta(i, 0) * delta(j, 0)),
        ("down_entry", lambda i, j, delta: delta(i, j + 1)),
        ("down_entry", lambda i, j, delta: delta(i, j + 1) + delta(i, 0) * delta(j, 0)),
        ("head_entry", lambda i, target, delta: delta(i, target)),
        ("head_entry", lambda i, target, delta: delta(i, target) + delta(i, target + 1)),
    ],
)
def test_a_wrong_formula_is_not_proved_and_not_a_model(monkeypatch, name, wrong):
    monkeypatch.setattr(closed, name, wrong)
    assert not prove_chain_realisation().holds
    assert not chain_realisation(5, 2).verify(counting_chain(5, 2))
