"""Irreducible loss and resolution: the identities at rational points, and the ledger itself."""

import importlib.util
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.symbolic.checking import Ledger
from tellapart.theory.symbolic.listing import symbolic_proofs
from tellapart.theory.symbolic.premises import prove_irreducible, prove_resolution


@given(
    st.lists(st.fractions(-5, 5, max_denominator=9), min_size=1, max_size=6), st.fractions(-5, 5)
)
def test_the_mean_is_best_by_n_squares(values, c):
    n, total = len(values), sum(values)
    spread = sum(v * v for v in values) - Fraction(total) ** 2 / n
    assert sum((v - c) ** 2 for v in values) - spread == n * (c - Fraction(total) / n) ** 2
    assert (spread == 0) == (len(set(values)) == 1)


def test_the_loss_that_is_computed_is_that_of_the_identity():
    """Three observations of one code, with successors at 0, 0 and 6: mean 2, errors 4 + 4 + 16."""
    mdp = DeterministicMDP([[3], [3], [4], [3], [4]], [0, 0, 0, 0, 0])
    codes = [[Fraction(1)], [Fraction(1)], [Fraction(1)], [Fraction(0)], [Fraction(6)]]
    found = irreducible_loss(mdp, codes).dynamics
    assert found > 0
    spread = Fraction(0 + 0 + 36) - Fraction(6) ** 2 / 3
    assert spread == 24
    assert found == spread / 5


@given(*[st.fractions(0, 5, max_denominator=9)] * 4)
def test_a_resolved_prediction_is_nearest_to_the_right_code(r, g, more, slack):
    apart = g + more
    other = apart - r + slack  # all that the triangle inequality allows
    if 2 * r < g:
        assert other > r


def test_proofs_hold_and_are_listed():
    assert prove_irreducible().holds
    assert prove_resolution().holds
    proofs = symbolic_proofs()
    assert all(proof.holds for proof in proofs)
    assert len({(proof.statement, proof.name) for proof in proofs}) == len(proofs) == 13


def test_the_ledger_refuses_what_is_not_zero_or_not_known_to_be_positive():
    ledger = Ledger()
    x, y = ledger.symbols("x y", real=True)
    ledger.zero("a square is not zero", x**2)
    ledger.zero("nor is a maximum", ledger.relu(x))
    ledger.zero("but this is", ledger.relu(x) - ledger.relu(-x) - x)
    ledger.positive("a real number", y)
    ledger.positive("a square may be zero", y**2)
    proof = ledger.proof("S10", "mixed", "nothing", "nothing")
    assert [check.holds for check in proof.checks] == [False, False, True, False, False]
    assert not proof
    assert "not positive" in proof.checks[3].explain()


def test_without_sympy_one_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidArgumentError, match=r"tellapart\[formal\]"):
        prove_resolution()
