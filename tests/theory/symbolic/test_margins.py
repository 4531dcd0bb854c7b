"""Closed forms against rational arithmetic: the recursion, the tight models, the threshold."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.margins.reference import reference_margins
from tellapart.theory.symbolic import margins
from tellapart.theory.symbolic.checking import SymbolicProof
from tellapart.theory.symbolic.formulas import unrolled_margin, vacuity_threshold
from tellapart.theory.symbolic.tight import TightFamily, tight_family

SMALL = st.fractions(min_value=0, max_value=3, max_denominator=12)
ABOVE = st.fractions(min_value=Fraction(1, 12), max_value=3, max_denominator=12)
LENGTHS = st.integers(0, 6)


@given(SMALL, SMALL, SMALL, ABOVE, ABOVE, LENGTHS)
def test_the_closed_form_is_the_recursion(gap, residual, label_residual, slope, head, length):
    value = (gap - 2 * label_residual) / head
    for _ in range(length):
        value = (value - 2 * residual) / slope
    assert unrolled_margin(gap, residual, label_residual, slope, head, length) == value


@given(ABOVE, SMALL, SMALL, ABOVE, ABOVE, LENGTHS)
def test_the_family_has_these_residuals_and_attains_the_bound(
    start, residual, label_residual, slope, head, length
):
    family = tight_family(start, residual, label_residual, slope, head, length)
    ends = (length, 2 * length + 1)
    inside = [o for o in range(family.mdp.n_obs) if o not in ends]
    assert {family.residuals[o] for o in inside} <= {residual}
    assert [family.label_residuals[o] for o in ends] == [label_residual] * 2
    assert not any(family.label_residuals[o] for o in inside)
    labels = family.mdp.labels
    gap = abs(Fraction(labels[ends[0]]) - Fraction(labels[ends[1]]))
    distance = family.codes[0] - family.codes[length + 1]
    assert distance == start
    assert unrolled_margin(gap, residual, label_residual, slope, head, length) == start


@given(ABOVE, SMALL, SMALL, ABOVE, ABOVE, st.integers(0, 4))
def test_value_iteration_attains_every_distance_of_a_chain(
    start, residual, label_residual, slope, head, length
):
    """Another implementation of S10, with the residuals of the whole model, never exceeds it."""
    family = tight_family(start, residual, label_residual, slope, head, length)
    found = reference_margins(
        [(o, 0, int(end)) for o, (end,) in enumerate(family.mdp.successors)],
        [(Fraction(value),) for value in family.mdp.labels],
        family.residuals, family.label_residuals, [slope], head,
    )  # fmt: skip
    for i in range(length + 1):
        pair = (i, length + 1 + i)
        assert found[pair] == family.codes[i] - family.codes[length + 1 + i]


@given(ABOVE, SMALL, ABOVE, ABOVE, st.integers(1, 6), ABOVE)
def test_the_bound_is_positive_exactly_below_the_threshold(gap, delta, slope, head, length, more):
    threshold = vacuity_threshold(gap, delta, slope, head, length)
    if threshold <= 0:
        assert unrolled_margin(gap, 0, delta, slope, head, length) <= 0
        return
    assert unrolled_margin(gap, threshold, delta, slope, head, length) == 0
    below = threshold / (1 + more)
    assert unrolled_margin(gap, below, delta, slope, head, length) > 0
    assert unrolled_margin(gap, threshold + more, delta, slope, head, length) < 0


@pytest.mark.parametrize("length", [1, 4, 9])
def test_the_threshold_is_continuous_where_the_slope_is_one(length):
    at_one = vacuity_threshold(1, 0, 1, 1, length)
    assert at_one == Fraction(1, 2 * length)
    for slope in (1 + Fraction(1, 10**9), 1 - Fraction(1, 10**9)):
        assert abs(vacuity_threshold(1, 0, slope, 1, length) - at_one) < Fraction(1, 10**8)


def test_a_contracting_predictor_has_a_threshold_for_all_lengths():
    limit = Fraction(1, 4)  # (1 - L)/2 for L = 1/2
    values = [vacuity_threshold(1, 0, Fraction(1, 2), 1, k) for k in range(1, 40)]
    assert values == sorted(values, reverse=True)
    assert all(value > limit for value in values)
    assert values[-1] - limit < Fraction(1, 10**10)


PROOFS = [
    margins.prove_one_step, margins.prove_unrolled, margins.prove_tightness,
    margins.prove_threshold,
]  # fmt: skip


@pytest.mark.parametrize("prove", PROOFS)
def test_every_check_holds_and_is_saved(prove):
    proof = prove()
    assert proof.holds
    assert bool(proof)
    assert proof.statement == "S10"
    assert "0, as it must be" in proof.explain()
    assert f"{len(proof.checks)} of {len(proof.checks)} checks" in repr(proof)
    assert SymbolicProof.from_json(proof.to_json()) == proof


def forgotten_residual(gap, residual, label_residual, lipschitz, head, length, total):
    return (gap - 2 * label_residual - head * residual * total) / (head * lipschitz**length)


def one_power_more(gap, residual, label_residual, lipschitz, head, length, total):
    return (gap - 2 * label_residual - 2 * head * residual * total) / (
        head * lipschitz ** (length + 1)
    )


@pytest.mark.parametrize("wrong", [forgotten_residual, one_power_more])
@pytest.mark.parametrize("prove", PROOFS[1:])
def test_a_wrong_bound_is_not_proved(monkeypatch, wrong, prove):
    monkeypatch.setattr(margins, "bound", wrong)
    proof = prove()
    assert not proof.holds
    assert "not zero" in proof.explain()


def test_a_wrong_sum_or_threshold_is_not_proved(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(margins, "geometric", lambda base, k: (base**k - 1) / base)
        assert not margins.prove_unrolled().holds
        assert not margins.prove_tightness().holds
    monkeypatch.setattr(margins, "needed_residual", lambda gap, delta, head, total: gap / total)
    assert not margins.prove_threshold().holds


def test_a_proof_without_checks_proves_nothing():
    assert not SymbolicProof("S10", "empty", "anything", "nothing", (), 0.0).holds


def test_the_family_is_saved_and_explained():
    family = tight_family(1, 0.25, 0, 2, 1, 2)
    assert TightFamily.from_json(family.to_json()).codes == family.codes
    assert "Two chains of 3 observations" in family.explain()
    assert repr(family) == "TightFamily(length=2, distance=1)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 0, 0, 1, 1, 1), "gap is -1; it must be a number >= 0"),
        ((1, "0", 0, 1, 1, 1), "residual is '0'"),
        ((1, 0, float("nan"), 1, 1, 1), "label_residual is nan"),
        ((1, 0, 0, 0, 1, 1), "lipschitz is 0; it must be a positive number"),
        ((1, 0, 0, 1, float("inf"), 1), "head is inf"),
        ((1, 0, 0, 1, True, 1), "head is True"),
        ((1, 0, 0, 1, 1, -1), "length is -1; it must be an integer from 0"),
        ((1, 0, 0, 1, 1, 1.0), r"length is 1\.0"),
        ((1, 0, 0, 1, 1, 10**9), "from 0 to 10000"),
    ],
)
def test_bad_numbers_are_refused(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        unrolled_margin(*arguments)


def test_a_word_of_no_letters_has_no_threshold():
    with pytest.raises(InvalidArgumentError, match="length is 0; it must be an integer from 1"):
        vacuity_threshold(1, 0, 1, 1, 0)
    with pytest.raises(InvalidArgumentError, match="start is 0"):
        tight_family(0, 0, 0, 1, 1, 1)
