"""The smallest model and its certificate, against ranks by others and all small systems."""

import dataclasses
import itertools
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain, gallery, gallery_mdp
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.linear.minimality import (
    MinimalRealisation,
    MinimalRealisationCheck,
    minimal_realisation,
)
from tellapart.theory.mdp import DeterministicMDP

LABELS = (
    [0, 1],
    [0.1, 0.2, 0.3],
    [(1, 0), (0, 1), (1, 1)],
    ["goal", "road"],
    [Fraction(1, 3), 2, 0],
    [0],
    [5],
)


@st.composite
def labelled(draw):
    mdp = draw(deterministic_mdps(max_observations=6, max_actions=2))
    values = draw(st.sampled_from(LABELS))
    return mdp.with_labels([values[i % len(values)] for i in mdp.label_ids.tolist()])


def labels_after_words(mdp, longest):
    """Return H over words of every length up to ``longest``, equal columns once."""
    labels = exact_labels(mdp.label_values)
    columns = {
        tuple(labels.value(i, c) for i in mdp.label_ids.tolist()): None for c in range(labels.dim)
    }
    fresh = list(columns)
    for _ in range(longest):
        moved = [tuple(v[o] for o in moves) for v in fresh for moves in mdp.successors.T.tolist()]
        fresh = [v for v in dict.fromkeys(moved) if v not in columns]
        columns |= dict.fromkeys(fresh)
    return list(columns)


def rank_by_sympy(columns):
    exact = [[sympy.Rational(x.numerator, x.denominator) for x in v] for v in columns]
    return sympy.Matrix(exact).rank()


def rank_by_elimination(columns):
    rows = [[Fraction(x) for x in v] for v in columns]
    rank = 0
    for j in range(len(rows[0])):
        pivot = next((i for i in range(rank, len(rows)) if rows[i][j]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for i in range(rank + 1, len(rows)):
            factor = rows[i][j] / rows[rank][j]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return rank


@given(labelled())
def test_model_and_certificate_meet_at_the_rank_by_sympy(mdp):
    columns = labels_after_words(mdp, mdp.n_obs - 1)
    ones = (Fraction(1),) * mdp.n_obs
    for affine, rank in (
        (False, rank_by_sympy(columns)),
        (True, rank_by_sympy([*columns, ones]) - 1),
    ):
        found = minimal_realisation(mdp, affine)
        assert found.dimension == found.bound == rank
        assert found.verify(mdp)


@given(labelled(), st.booleans(), st.sampled_from(["observations", "words"]))
def test_both_ways_and_both_coordinates_have_one_certificate(mdp, affine, coordinates):
    slow = minimal_realisation(mdp, affine, method="reference")
    fast = minimal_realisation(mdp, affine, coordinates=coordinates, method="modular")
    assert slow.certificate == fast.certificate
    assert fast.verify(mdp)


@given(labelled(), st.booleans())
def test_json_round_trip(mdp, affine):
    found = minimal_realisation(mdp, affine)
    copy = MinimalRealisation.from_json(found.to_json())
    assert copy.to_json() == found.to_json()
    check = copy.verify(mdp)
    assert check
    assert MinimalRealisationCheck.from_json(check.to_json()) == check


@given(labelled(), st.data())
def test_a_certificate_with_a_word_less_proves_one_dimension_less(mdp, data):
    found = minimal_realisation(mdp)
    size = found.dimension
    if not size:
        return
    dropped = data.draw(st.integers(0, size - 1))
    kept = found.certificate
    for row in range(size):  # expanding along the column, some minor is not 0
        less = dataclasses.replace(
            kept,
            observations=kept.observations[:row] + kept.observations[row + 1 :],
            words=kept.words[:dropped] + kept.words[dropped + 1 :],
            coordinates=kept.coordinates[:dropped] + kept.coordinates[dropped + 1 :],
        )
        check = dataclasses.replace(found, certificate=less).verify(mdp)
        assert not check
        if check.certificate:
            assert check.bound == size - 1
            assert "Not proved smallest" in check.explain()
            return
    raise AssertionError("no minor of a regular matrix is regular")


@pytest.mark.parametrize(("n", "actions", "labels"), [(2, 1, 2), (2, 2, 2), (3, 1, 3), (3, 2, 2)])
def test_every_small_system(n, actions, labels):
    """Each table of this size, label values once up to the order of their first appearance."""
    seen = 0
    for ids in itertools.product(range(labels), repeat=n):
        if any(value > max(ids[:place], default=-1) + 1 for place, value in enumerate(ids)):
            continue
        for cells in itertools.product(range(n), repeat=n * actions):
            table = [cells[o * actions : (o + 1) * actions] for o in range(n)]
            seen += 1
            if seen % 7 and n * actions > 4:  # a fixed seventh of the largest size
                continue
            mdp = DeterministicMDP(table, ids)
            columns = labels_after_words(mdp, n - 1)
            wide = rank_by_elimination([*columns, (1,) * n])
            found, room = minimal_realisation(mdp), capacity(mdp)
            affine = minimal_realisation(mdp, True)
            assert found.dimension == room.linear == rank_by_elimination(columns)
            assert affine.dimension == room.affine == wide - 1
            assert found.verify(mdp)
            assert affine.verify(mdp)
    assert seen > 4


@pytest.mark.parametrize("name", [e.name for e in gallery() if e.build().n_obs <= 40])
def test_every_small_gallery_system(name):
    mdp = gallery_mdp(name)
    for affine in (False, True):
        found = minimal_realisation(mdp, affine)
        assert found.verify(mdp)
        room = capacity(mdp)
        assert found.dimension == (room.affine if affine else room.linear)


def test_counting_chain():
    chain = counting_chain(9)
    linear, affine = minimal_realisation(chain), minimal_realisation(chain, affine=True)
    assert (linear.dimension, affine.dimension) == (9, 8)
    assert linear.certificate == affine.certificate
    words = linear.certificate.words
    assert [sum(len(w) <= k for w in words) for k in range(5)] == [1, 3, 5, 7, 9]
    assert abs(linear.verify(chain).certificate.determinant) == 1
    assert repr(affine) == "MinimalRealisation(affine, d=8, 9 observations, 2 actions)"
    assert "at least 9 linear and 8 affine dimensions" in affine.explain()
    assert linear.verify(chain).explain().endswith("So 9 is the smallest dimension.")


def test_a_constant_outside_the_labels_costs_nothing():
    mdp = DeterministicMDP([[1], [1]], [2, 0])  # after any letter the label is 0
    found = minimal_realisation(mdp, affine=True)
    assert found.certificate.constant
    assert (found.dimension, minimal_realisation(mdp).dimension) == (1, 1)
    assert found.verify(mdp)


@pytest.mark.parametrize(("labels", "linear"), [([0, 0], 0), ([5, 5], 1)])
def test_constant_labels(labels, linear):
    mdp = DeterministicMDP([[1], [0]], labels)
    assert minimal_realisation(mdp).dimension == linear
    assert minimal_realisation(mdp, affine=True).dimension == 0
    assert all(minimal_realisation(mdp, affine).verify(mdp) for affine in (False, True))


def test_another_system_is_refused():
    found = minimal_realisation(counting_chain(9))
    check = found.verify(counting_chain(9, 3))
    assert not check
    assert not check.model
    assert check.explain().startswith("Not exactly zero loss")


def test_a_model_that_is_too_large_is_not_proved_smallest():
    chain = counting_chain(9)
    linear, affine = minimal_realisation(chain), minimal_realisation(chain, affine=True)
    mixed = dataclasses.replace(affine, model=dataclasses.replace(linear.model, affine=True))
    check = mixed.verify(chain)
    assert check.model
    assert check.certificate
    assert not check
    assert "dimension 9, proved lower bound 8" in check.explain()


@pytest.mark.parametrize(
    ("system", "options", "error", "said"),
    [
        (TransitionData([[0, 0, 1]]), {}, InvalidArgumentError, "minimal_realisation needs a Det"),
        (counting_chain(3), {"affine": "yes"}, InvalidArgumentError, "affine is 'yes'"),
        (counting_chain(3), {"coordinates": "other"}, InvalidArgumentError, "'words'"),
        (counting_chain(3), {"method": "other"}, InvalidArgumentError, "'modular'"),
        (counting_chain(31), {"max_blocks": 30}, BudgetExceededError, "31 blocks"),
    ],
)
def test_bad_arguments(system, options, error, said):
    with pytest.raises(error, match=said):
        minimal_realisation(system, **options)
    with pytest.raises(InvalidArgumentError, match="got a str"):
        minimal_realisation(counting_chain(3)).verify("counting-3")
