import dataclasses
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.linear import minimality_check
from tellapart.theory.linear.minimality import minimal_realisation
from tellapart.theory.linear.minimality_check import (
    MinimalityCertificate,
    MinimalityCheck,
    check_minimality,
)
from tellapart.theory.mdp import DeterministicMDP

CHAIN = counting_chain(9)
GOOD = minimal_realisation(CHAIN).certificate


@st.composite
def certificates(draw):
    """Any system with any square of observations and words: most claim too much."""
    mdp = draw(deterministic_mdps(max_observations=5, max_actions=2))
    size = draw(st.integers(0, min(4, mdp.n_obs)))
    constant = draw(st.booleans()) and size > 0
    word = st.lists(st.sampled_from(list(mdp.actions)), max_size=4).map(tuple)
    words = tuple(draw(word) for _ in range(size - constant))
    rows = tuple(draw(st.permutations(list(mdp.observations)))[:size])
    return mdp, MinimalityCertificate(rows, words, (0,) * len(words), constant)


def columns_by_walking(mdp, certificate):
    rows = []
    for name in certificate.observations:
        row = []
        for word in certificate.words:
            here = mdp.run(mdp.observation_index(name), [mdp.action_index(a) for a in word])
            row.append(mdp.labels[here])
        rows.append(row + [1] * certificate.constant)
    return rows


@given(certificates())
def test_it_holds_exactly_when_the_labels_seen_have_full_rank(drawn):
    mdp, certificate = drawn
    rows = columns_by_walking(mdp, certificate)
    check = check_minimality(mdp, certificate)
    assert check.determinant == int(sympy.Matrix(rows).det() if rows else 1)
    assert bool(check) == bool(check.determinant)
    assert bool(check) == (check.failure is None)


@given(certificates())
def test_a_certificate_that_holds_never_claims_more_than_the_rank(drawn):
    mdp, certificate = drawn
    check = check_minimality(mdp, certificate)
    assert check.linear_bound <= minimal_realisation(mdp).dimension
    assert check.affine_bound <= minimal_realisation(mdp, True).dimension


@given(certificates(), st.integers(0, 2))
def test_above_the_exact_size_a_prime_says_the_same(drawn, most):
    mdp, certificate = drawn
    exact = check_minimality(mdp, certificate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minimality_check, "MAX_EXACT", most)
        modular = check_minimality(mdp, certificate)
    assert bool(modular) == bool(exact)
    if len(certificate.observations) > most:
        assert modular.determinant is None
        assert (modular.modulus is not None) == bool(exact)


@given(certificates())
def test_json_round_trip(drawn):
    mdp, certificate = drawn
    assert MinimalityCertificate.from_json(certificate.to_json()) == certificate
    check = check_minimality(mdp, certificate)
    assert MinimalityCheck.from_json(check.to_json()) == check


def test_fractions_keep_their_value():
    mdp = DeterministicMDP([[0], [1]], [(Fraction(1, 3), 1), (Fraction(1, 2), 1)])
    check = check_minimality(mdp, MinimalityCertificate((0, 1), ((), ()), (0, 1)))
    assert check.determinant == Fraction(1, 3) - Fraction(1, 2)
    assert "the determinant is -1/6" in check.explain()
    assert (check.linear_bound, check.affine_bound) == (2, 1)


def test_a_column_of_ones_counts_for_affine_models_only():
    mdp = DeterministicMDP([[0], [0]], [2, 3])
    with_ones = check_minimality(mdp, MinimalityCertificate((0, 1), ((),), (0,), True))
    assert (with_ones.linear_bound, with_ones.affine_bound) == (1, 1)
    assert with_ones.determinant == -1


def test_hundreds_of_rows_are_checked_modulo_a_prime():
    mdp = random_mdp(150, 2, 2, seed=1)
    found = minimal_realisation(mdp)
    check = found.verify(mdp).certificate
    assert check.holds
    assert check.determinant is None
    assert check.modulus == 2**31 - 1
    assert "not 0 modulo 2147483647" in check.explain()
    assert check.linear_bound == found.dimension > minimality_check.MAX_EXACT


def changed(**fields):
    return dataclasses.replace(GOOD, **fields)


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        (changed(observations=GOOD.observations[:8]), "8 observations and 9 columns"),
        (changed(constant=True), "9 observations and 10 columns"),
        (changed(constant="no"), "constant is 'no'"),
        (changed(coordinates=(0,) * 8), "every word needs"),
        (changed(coordinates=(1, *(0,) * 8)), "coordinate 1 is not one of 0..0"),
        (changed(coordinates=(False, *(0,) * 8)), "coordinate False"),
        (changed(coordinates=(-1, *(0,) * 8)), "coordinate -1"),
        (changed(observations=(*GOOD.observations[:8], "none")), "not of this system"),
        (changed(observations=(*GOOD.observations[:8], [0])), "not of this system"),
        (changed(words=(("up",), *GOOD.words[1:])), "not of this system"),
        (changed(words=((["-1"],), *GOOD.words[1:])), "not of this system"),
        (changed(words=(GOOD.words[1], *GOOD.words[1:])), "the determinant is 0"),
        (changed(observations=(1, *GOOD.observations[1:])), "the determinant is 0"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(certificate, said):
    check = check_minimality(CHAIN, certificate)
    assert not check
    assert (check.linear_bound, check.affine_bound) == (0, 0)
    assert said in check.failure
    assert check.explain().startswith("No lower bound (S12)")


def test_bad_arguments():
    with pytest.raises(InvalidArgumentError, match="needs a DeterministicMDP and got a str"):
        check_minimality("counting-9", GOOD)
    with pytest.raises(InvalidArgumentError, match="needs a MinimalityCertificate and got a dict"):
        check_minimality(CHAIN, {})


def test_it_prints_well():
    assert repr(GOOD) == "MinimalityCertificate(linear>=9, affine>=8, 9 observations)"
    assert "Words: (empty word), -1, +1, -1 -1" in GOOD.explain()
    empty = MinimalityCertificate((), (), ())
    assert (empty.linear_bound, empty.affine_bound) == (0, 0)
    assert check_minimality(CHAIN, empty).determinant == 1
    assert "Observations: none.\nWords: none." in empty.explain()


def test_the_check_shares_no_code_with_the_construction():
    used = {
        value.__module__
        for value in vars(minimality_check).values()
        if getattr(value, "__module__", "").startswith("tellapart.")
    }
    assert used == {
        "tellapart.theory.errors",
        "tellapart.theory.linear.determinant",
        "tellapart.theory.linear.exact_labels",
        "tellapart.theory.linear.minimality_check",
        "tellapart.theory.mdp",
        "tellapart.theory.serialise",
        "tellapart.theory.wording",
    }
