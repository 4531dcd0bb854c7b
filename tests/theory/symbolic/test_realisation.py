"""The proofs about every system, and their hypotheses on systems that exist."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.linear.minimality import minimal_realisation
from tellapart.theory.linear.realisation import realise
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.symbolic import realisation
from tellapart.theory.symbolic.checking import Ledger
from tellapart.theory.symbolic.realisation import (
    prove_affine_is_linear,
    prove_rank_is_enough,
    prove_rank_is_needed,
)

LABELS = ([0, 1], [(1, 0), (0, 1), (1, 1)], [Fraction(1, 3), 2, 0], ["goal", "road"])


@st.composite
def labelled(draw):
    mdp = draw(deterministic_mdps(max_observations=5, max_actions=2))
    values = draw(st.sampled_from(LABELS))
    return mdp.with_labels([values[i % len(values)] for i in mdp.label_ids.tolist()])


def matrices_of(mdp: DeterministicMDP):
    """Return p ``[n, q]`` and one 0/1 matrix F for each action, as objects."""
    labels = exact_labels(mdp.label_values)
    p = np.array([labels.vector(i) for i in mdp.label_ids.tolist()], dtype=object)
    moves = np.zeros((mdp.n_actions, mdp.n_obs, mdp.n_obs), dtype=object)
    for a in range(mdp.n_actions):
        moves[a, np.arange(mdp.n_obs), mdp.successors[:, a]] = 1
    return p, moves


@given(labelled(), st.booleans())
def test_rank_needed_labels_along_words_are_codes_times_columns(mdp, affine):
    """H = E W on all words of up to three letters; affine models with a 1 after the code."""
    p, moves = matrices_of(mdp)
    model = realise(mdp, affine)
    n, d = mdp.n_obs, model.dimension
    codes = np.hstack([model.codes, np.ones((n, 1), dtype=object)])
    head = np.vstack([model.head, model.head_offset[None]])
    steps = np.zeros((mdp.n_actions, d + 1, d + 1), dtype=object)
    steps[:, :d, :d], steps[:, d, :d], steps[:, d, d] = model.matrices, model.offsets, 1
    words = [(head, p)]
    for _ in range(3):
        for column, seen in words:
            assert (codes @ column == seen).all()
        words = [
            (steps[a] @ column, moves[a] @ seen)
            for a in range(mdp.n_actions)
            for column, seen in words
        ]


@given(labelled())
def test_rank_enough_the_construction_of_the_proof_gives_a_zero_loss_model(mdp):
    """Follow the proof with sympy: coordinates in independent rows of H, no code of ours."""
    p, moves = matrices_of(mdp)
    blocks, fresh = [p], [p]
    for _ in range(mdp.n_obs - 1):
        fresh = [move @ seen for move in moves for seen in fresh]
        blocks += fresh
    whole = np.hstack(blocks)
    exact = sympy.Matrix(whole.shape[0], whole.shape[1], lambda i, j: sympy.Rational(whole[i, j]))
    rows = list(exact.T.rref()[1])
    basis = exact[rows, :]
    assert len(rows) == minimal_realisation(mdp).dimension
    back = basis.T * (basis * basis.T).inv()
    codes = exact * back
    assert codes * basis == exact
    q = p.shape[1]
    assert codes * basis[:, :q] == exact[:, :q]
    for move in moves:
        after = sympy.Matrix(move) * exact
        step = after[rows, :] * back
        assert codes * step == sympy.Matrix(move) * codes


@pytest.mark.parametrize(
    ("prove", "checks"),
    [(prove_rank_is_needed, 2), (prove_rank_is_enough, 5), (prove_affine_is_linear, 4)],
)
def test_the_proofs_hold(prove, checks):
    proof = prove()
    assert proof.holds
    assert len(proof.checks) == checks
    assert "in every system" in proof.explain()


@pytest.mark.parametrize(
    ("name", "prove", "wrong"),
    [
        ("one_letter_more", prove_rank_is_needed,
         lambda s: s.E * (s.T * s.W) - s.F * s.H - s.F * (s.E * s.W - s.H)),
        ("one_letter_more", prove_rank_is_needed,
         lambda s: s.E * (s.T * s.W) - s.F * s.H - (s.E * s.T - s.F * s.E) * s.W),
        ("label_error", prove_rank_is_needed, lambda s: (s.E * s.W - s.H) * s.empty),
        ("error_on_basis", prove_rank_is_enough, lambda s: (s.E * s.T - s.F * s.E) * s.W),
        ("error_on_basis", prove_rank_is_enough,
         lambda s: (s.E * s.T - s.F * s.E) * s.W - s.E * (s.T * s.W - s.W * s.S)),
    ],
)  # fmt: skip
def test_without_one_of_its_hypotheses_nothing_is_proved(monkeypatch, name, prove, wrong):
    monkeypatch.setattr(realisation, name, wrong)
    assert not prove().holds


def test_the_ledger_refuses_matrices_that_are_not_zero():
    ledger = Ledger()
    n, d = ledger.symbols("n d", integer=True, positive=True)
    a, b = sympy.MatrixSymbol("A", n, d), sympy.MatrixSymbol("B", d, d)
    ledger.zero_matrix("a matrix is not zero", a)
    ledger.zero_matrix("products do not commute", b * b.T - b.T * b)
    ledger.zero_matrix("one block of two is not", sympy.BlockMatrix([[a - a, a * b]]))
    ledger.zero_matrix("but this is", a * b - a * (b + b) + a * b)
    proof = ledger.proof("S12", "example", "", "")
    assert [check.holds for check in proof.checks] == [False, False, False, True]


@pytest.mark.parametrize("prove", [prove_rank_is_needed, prove_rank_is_enough])
def test_all_products_fit_for_sizes_that_differ(monkeypatch, prove):
    """With symbols sympy cannot tell sizes apart; with numbers it refuses products that misfit."""
    sizes = dict(zip("ndmqk", map(sympy.Integer, (2, 3, 5, 7, 11)), strict=True))

    def numbers(self, names, **assumptions):
        found = [sizes[name] for name in names.split()]
        return found if len(found) > 1 else found[0]

    monkeypatch.setattr(Ledger, "symbols", numbers)
    assert prove().holds
    assert prove_affine_is_linear().holds
    n, d = sizes["n"], sizes["d"]
    with pytest.raises(sympy.matrices.exceptions.ShapeError):
        sympy.MatrixSymbol("A", n, d) * sympy.MatrixSymbol("B", n, d)
