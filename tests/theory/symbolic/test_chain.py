"""The counting chain of every size against the systems of concrete sizes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.gallery import counting_chain
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.linear.realisation import realise
from tellapart.theory.symbolic import chain
from tellapart.theory.symbolic.chain import (
    landing,
    prove_chain_encoder,
    prove_chain_minimal,
    prove_chain_rank,
    read_label,
    step_down,
    step_up,
)


def relu(value):
    return max(value, 0)


@given(st.integers(2, 40), st.data())
def test_the_code_c_has_zero_loss_on_every_chain(n, data):
    target = data.draw(st.integers(0, n - 1))
    mdp = counting_chain(n, target)
    down, up = (mdp.actions.index(name) for name in ("-1", "+1"))
    for c in range(n):
        assert mdp.successors[c, up] == step_up(c, n, relu)
        assert mdp.successors[c, down] == step_down(c, relu)
        assert mdp.labels[c] == read_label(c, target, relu)


@given(st.fractions(-20, 20), st.integers(1, 20))
def test_the_steps_are_clipped_everywhere_between_codes_too(z, n):
    assert step_up(z, n, relu) == min(z + 1, n - 1)
    assert step_down(z, relu) == max(z - 1, 0)
    assert read_label(z, 0, relu) == max(Fraction(0), 1 - abs(z))


@given(st.integers(1, 20), st.data())
def test_the_words_of_the_certificate_lead_where_the_formula_says(n, data):
    i, j, target = (data.draw(st.integers(0, n - 1)) for _ in range(3))
    mdp = counting_chain(n, target)
    letter = mdp.action_index("+1" if j <= target else "-1")
    assert mdp.run(i, [letter] * abs(target - j)) == landing(i, j, target, n - 1, min, max)
    assert landing(j, j, target, n - 1, min, max) == target


@pytest.mark.parametrize("n", [3, 4, 7, 12])
def test_the_rank_is_the_number_of_observations(n):
    for target in range(1, n - 1):
        found = capacity(counting_chain(n, target))
        assert (found.linear, found.affine) == (n, n - 1)
    assert realise(counting_chain(n, 1)).dimension == n


def test_both_proofs_hold():
    assert prove_chain_encoder().holds
    proof = prove_chain_rank()
    assert proof.holds
    assert "rank N" in proof.explain()


def test_the_certificate_is_triangular():
    proof = prove_chain_minimal()
    assert proof.holds
    assert "for every N and every target" in proof.explain()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("landing", lambda i, j, t, last, least, most: most(least(i + t, last), 0)),
        ("landing", lambda i, j, t, last, least, most: least(i + t - j, last)),
        ("landing", lambda i, j, t, last, least, most: most(least(i + t - j, last - 1), 0)),
        ("step_up", lambda z, n, relu: n - relu(n - 2 - z)),
        ("step_down", lambda z, relu: relu(z) - 1),
        ("read_label", lambda z, target, relu: relu(z - target + 1) - relu(z - target)),
    ],
)
def test_a_wrong_word_or_map_has_no_triangle(monkeypatch, name, wrong):
    monkeypatch.setattr(chain, name, wrong)
    assert not prove_chain_minimal().holds


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("step_up", lambda z, n, relu: n - relu(n - 2 - z)),
        ("step_down", lambda z, relu: relu(z) - 1),
        ("read_label", lambda z, target, relu: relu(z - target + 1) - relu(z - target)),
    ],
)
def test_a_wrong_map_is_not_proved(monkeypatch, name, wrong):
    monkeypatch.setattr(chain, name, wrong)
    assert not prove_chain_encoder().holds


def test_a_wrong_head_has_another_rank(monkeypatch):
    monkeypatch.setattr(chain, "read_label", lambda z, t, relu: relu(z - t + 1) - relu(z - t))
    assert not prove_chain_rank().holds
