from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.evaluation import Evaluation
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.losses.code_rows import code_rows
from tellapart.theory.losses.irreducible import IrreducibleLoss, irreducible_loss
from tellapart.theory.losses.parts import MAX_NAMED, MixedGroup
from tellapart.theory.partition import kernel
from tellapart.theory.stability import is_admissible

CHAIN = counting_chain(9)


@st.composite
def coded(draw: st.DrawFn, entries=None):
    """A system with few enough codes that some are shared."""
    mdp = draw(deterministic_mdps(max_observations=7))
    values = draw(st.sampled_from([[0, 1, 5], ["goal", "road", "wall"], [(0, 1), (2, 3), (4, 9)]]))
    mdp = mdp.with_labels([values[i] for i in mdp.label_ids.tolist()])
    d = draw(st.integers(1, 3))
    entries = st.integers(-3, 3) if entries is None else entries
    row = st.lists(entries, min_size=d, max_size=d)
    rows = draw(st.lists(row, min_size=1, max_size=mdp.n_obs))
    picks = st.integers(0, len(rows) - 1)
    codes = [rows[draw(picks)] for _ in range(mdp.n_obs)]
    return mdp, codes


@st.composite
def data_sets(draw: st.DrawFn):
    """Any coverage: partial, non-functional, partly labelled; with codes."""
    n, n_actions = draw(st.integers(1, 6)), draw(st.integers(1, 2))
    place = st.integers(0, n - 1)
    triple = st.tuples(place, st.integers(0, n_actions - 1), place)
    triples = draw(st.lists(triple, min_size=1, max_size=12))
    labels = draw(st.lists(st.sampled_from([None, 0, 1, 5]), min_size=n, max_size=n))
    data = TransitionData(triples, labels, range(n), range(n_actions))
    return data, draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))


def best_table(items):
    """Fit one value for each key by its mean; return the mean squared error, in fractions."""
    groups = {}
    for key, value in items:
        groups.setdefault(key, []).append([Fraction(x) for x in value])
    total, count = Fraction(0), 0
    for rows in groups.values():
        mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
        total += sum((x - m) ** 2 for row in rows for x, m in zip(row, mean, strict=True))
        count += len(rows)
    return total / count if count else Fraction(0)


def brute_force(data, codes):
    """Write T and P down as tables, for every transition and label one at a time."""
    codes = [tuple(code) if isinstance(code, list | tuple) else (code,) for code in codes]
    triples = data.triples.tolist()
    labels = exact_labels(data.label_values) if data.label_values else None
    known = [(o, i) for o, i in enumerate(data.label_ids.tolist()) if i >= 0]
    return {
        "dynamics": best_table([((codes[o], a), codes[t]) for o, a, t in triples]),
        "auxiliary": best_table([(codes[o], labels.vector(i)) for o, i in known]),
        "code_spread": best_table([((), code) for code in codes]),
        "label_spread": best_table([((), labels.vector(i)) for _, i in known]),
    }


@given(coded())
def test_against_a_table_for_t_and_p(case):
    mdp, codes = case
    found = irreducible_loss(mdp, codes)
    for name, value in brute_force(TransitionData.from_mdp(mdp), codes).items():
        assert getattr(found, name) == value, name
    assert found.is_exact
    assert found == irreducible_loss(TransitionData.from_mdp(mdp), codes)


@given(data_sets())
def test_partial_non_functional_and_partly_labelled_data(case):
    data, codes = case
    found = irreducible_loss(data, codes)
    for name, value in brute_force(data, codes).items():
        assert getattr(found, name) == value, name
    assert found.is_zero == (found.dynamics == 0 and found.auxiliary == 0)
    assert (found.n_transitions, found.n_labelled) == (data.n_transitions, data.n_labelled)


@given(coded())
def test_zero_exactly_when_the_kernel_is_admissible(case):
    mdp, codes = case
    for variant in (codes, np.array(codes), np.array(codes, dtype=float) / 3):
        found = irreducible_loss(mdp, variant)
        assert found.is_zero == bool(is_admissible(mdp, kernel(variant)))
        assert found.is_zero == (found.dynamics == 0 and found.auxiliary == 0)


@given(coded())
def test_floats_agree_with_fractions(case):
    mdp, codes = case
    exact = irreducible_loss(mdp, codes)
    for variant in (np.array(codes, dtype=float), torch.tensor(codes, dtype=torch.float32)):
        found = irreducible_loss(mdp, variant)
        assert not found.is_exact
        for name in ("dynamics", "auxiliary", "code_spread", "label_spread"):
            value = getattr(found, name)
            assert isinstance(value, float)
            assert value == pytest.approx(float(getattr(exact, name)), rel=1e-12, abs=1e-14)
        assert (found.n_mixed_dynamics, found.n_mixed_labels) == (
            exact.n_mixed_dynamics, exact.n_mixed_labels,
        )  # fmt: skip


@given(coded(), st.fractions(min_value=1, max_value=9), st.integers(-4, 4))
def test_scaling_and_moving_the_codes(case, scale, shift):
    mdp, codes = case
    first = irreducible_loss(mdp, codes)
    moved = irreducible_loss(mdp, [[scale * x + shift for x in code] for code in codes])
    assert moved.dynamics == scale**2 * first.dynamics
    assert moved.dynamics_relative == first.dynamics_relative
    assert moved.auxiliary == first.auxiliary
    assert moved.is_zero == first.is_zero


@given(coded(), st.integers(-990, 990))
def test_the_relative_loss_has_no_scale_in_floats_either(case, power):
    mdp, codes = case
    table = np.array(codes, dtype=float)
    first, scaled = irreducible_loss(mdp, table), irreducible_loss(mdp, np.ldexp(table, power))
    assert scaled.dynamics_relative == first.dynamics_relative
    assert scaled.is_zero == first.is_zero


@given(coded())
def test_no_prediction_is_better(case):
    """Compare with the losses that an evaluation reports for the best and for another table."""
    mdp, codes = case
    table = np.array(codes, dtype=float)
    found = irreducible_loss(mdp, table)
    ids = kernel(table).ids
    predicted, read = np.empty((*mdp.successors.shape, table.shape[1])), mdp.label_vectors.copy()
    for block in range(ids.max() + 1):
        predicted[ids == block] = table[mdp.successors[ids == block]].mean(axis=0)
        read[ids == block] = mdp.label_vectors[ids == block].mean(axis=0)
    best = Evaluation.from_outputs(mdp, table, predicted, read)
    assert best.dynamics_loss == pytest.approx(found.dynamics, rel=1e-9, abs=1e-12)
    assert best.aux_loss == pytest.approx(found.auxiliary, rel=1e-9, abs=1e-12)
    other = Evaluation.from_outputs(mdp, table, predicted + 0.01, read - 0.01)
    assert other.dynamics_loss > found.dynamics
    assert other.aux_loss > found.auxiliary


@given(coded())
def test_the_worst_groups_are_groups(case):
    mdp, codes = case
    found = irreducible_loss(mdp, codes)
    assert (found.worst_dynamics is None) == (found.n_mixed_dynamics == 0)
    group = found.worst_dynamics
    if group is not None:
        assert len({tuple(codes[o]) for o in group.members}) == 1
        ends = [mdp.successors[o, group.action] for o in group.members]
        assert tuple(ends) == group.values
        assert group.variance == best_table([((), codes[o]) for o in ends])
        assert found.dynamics * found.n_transitions >= group.variance * group.size
        assert 0 < group.share <= 1
    assert (found.worst_label is None) == (found.n_mixed_labels == 0)
    if found.worst_label is not None:
        assert len(set(found.worst_label.values)) > 1
        assert found.worst_label.values == tuple(mdp.labels[o] for o in found.worst_label.members)


@given(coded(), st.booleans())
def test_json_round_trip(case, exact):
    mdp, codes = case
    found = irreducible_loss(mdp, codes if exact else np.array(codes, dtype=float))
    assert IrreducibleLoss.from_json(found.to_json()) == found
    if found.worst_label is not None:
        assert MixedGroup.from_json(found.worst_label.to_json()) == found.worst_label


def test_counting_chain_modulo_three():
    found = irreducible_loss(CHAIN, [count % 3 for count in range(9)])
    assert (found.dynamics, found.auxiliary) == (Fraction(8, 27), Fraction(2, 27))
    assert (found.dynamics_relative, found.auxiliary_relative) == (Fraction(4, 9), Fraction(3, 4))
    assert (found.n_mixed_dynamics, found.n_mixed_labels) == (2, 1)
    assert found.worst_dynamics.members == (0, 3, 6)
    assert (found.worst_dynamics.action, found.worst_dynamics.values) == ("-1", (0, 2, 5))
    assert found.worst_dynamics.share == 0.5
    assert "3 share a code: 0 with '-1' leads to 0, 3 with '-1' leads to 2" in found.explain()
    assert "0.444 of the variance of the codes" in found.explain()


def test_one_code_has_no_scale():
    found = irreducible_loss(CHAIN, np.ones((9, 2)))
    assert (found.dynamics, found.dynamics_relative, found.n_codes) == (0.0, None, 1)
    assert found.auxiliary_relative == pytest.approx(1.0)
    assert not found.is_zero
    assert "(all codes are equal)" in found.explain()
    constant = irreducible_loss(CHAIN.with_labels([3] * 9), range(9))
    assert (constant.auxiliary, constant.auxiliary_relative) == (0, None)
    assert constant.is_zero
    assert "Some T and P reach zero loss" in constant.explain()


def test_data_without_labels():
    data = TransitionData([[0, 0, 1], [0, 0, 2]], observations="abc")
    found = irreducible_loss(data, [0.0, 1.0, 2.0])
    assert (found.dynamics, found.auxiliary, found.auxiliary_relative) == (0.25, 0.0, None)
    assert found.worst_dynamics.values == ("b", "c")
    assert "No label is known" in found.explain()


def test_nearly_equal_codes_are_different_and_minus_zero_is_zero():
    codes = np.zeros((9, 1))
    codes[:, 0] = 1 + np.arange(9) * 2.0**-52
    assert irreducible_loss(CHAIN, codes).is_zero
    signs = np.where(np.arange(9) % 2, -0.0, 0.0)
    assert irreducible_loss(CHAIN, signs).n_codes == 1


@pytest.mark.parametrize("size", [1e308, 1e200, 1e-200, 5e-324])
def test_codes_of_any_size(size):
    codes = np.array([size * (c % 3 - 1) for c in range(9)])
    found = irreducible_loss(CHAIN, codes)
    assert found.dynamics_relative == pytest.approx(4 / 9)
    assert not found.is_zero
    assert IrreducibleLoss.from_json(found.to_json()) == found


def test_a_large_mean_costs_no_digits():
    codes = np.array([c % 3 + 2.0**40 for c in range(9)])
    assert irreducible_loss(CHAIN, codes).dynamics == pytest.approx(8 / 27, rel=1e-12)


def test_large_integers_and_mixed_numbers_are_exact():
    base = 2**70
    found = irreducible_loss(CHAIN, [base * (c % 3) for c in range(9)])
    assert found.dynamics == base**2 * Fraction(8, 27)
    near = irreducible_loss(CHAIN, [2**62 + c % 3 for c in range(9)])
    assert near.dynamics == Fraction(8, 27)
    mixed = irreducible_loss(
        CHAIN, [(Decimal("0.5"), 0.5, Fraction(1, 3), c % 3) for c in range(9)]
    )
    assert mixed.dynamics == Fraction(8, 27)
    unsigned = irreducible_loss(
        CHAIN, np.array([2**64 - 1 - c % 3 for c in range(9)], dtype=np.uint64)
    )
    assert unsigned.dynamics == Fraction(8, 27)


def test_half_precision_tensors():
    codes = torch.tensor([[c % 3] for c in range(9)], dtype=torch.bfloat16, requires_grad=False)
    assert irreducible_loss(CHAIN, codes).dynamics == pytest.approx(8 / 27)


def test_float_labels_are_exact_inside():
    labelled = CHAIN.with_labels([0.1 * c for c in range(9)])
    found = irreducible_loss(labelled, [c % 3 for c in range(9)])
    assert isinstance(found.dynamics, Fraction)
    assert isinstance(found.auxiliary, float)
    assert found.auxiliary == pytest.approx(0.06)


def test_many_observations():
    mdp = random_mdp(20_000, 2, 2, seed=0)
    codes = np.random.default_rng(0).normal(size=(50, 16))[np.arange(20_000) % 50]
    found = irreducible_loss(mdp, codes)
    assert found.n_codes == 50
    assert found.n_mixed_dynamics == 100
    assert found.dynamics_relative == pytest.approx(1.0, abs=0.02)
    assert found.worst_dynamics.size == 400
    assert len(found.worst_dynamics.members) == MAX_NAMED
    assert "and 396 more" in found.worst_dynamics.explain()


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (np.zeros((8, 2)), "8 codes for 9 observations"),
        ([0] * 10, "10 codes for 9 observations"),
        (np.full((9, 1), np.nan), "observation 0 has a NaN"),
        ([0.0] * 8 + [float("nan")], "observation 8 has a NaN"),
        ([Decimal("NaN")] * 9, "NaN"),
        (np.array([0.0] * 8 + [np.inf]), "observation 8 has a NaN or an infinity"),
        ([[0]] * 8 + [[0, 1]], "observation 8 has 2 entries"),
        (["a"] * 9, "entry 'a' of type str"),
        ([True] * 9, "entry True of type bool"),
        (np.zeros(9, dtype=bool), "dtype bool"),
        (np.zeros(9, dtype=complex), "dtype complex"),
        ("codes", "codes is a str"),
        (3, "codes is a int"),
        (None, "codes is a NoneType"),
        ([None] * 9, "of type NoneType"),
    ],
)
def test_bad_codes(codes, said):
    with pytest.raises(InvalidArgumentError, match=said):
        irreducible_loss(CHAIN, codes)


def test_bad_system():
    with pytest.raises(InvalidArgumentError, match="got a str"):
        irreducible_loss("counting-9", [0] * 9)


@given(coded(st.floats(-1, 1)))
def test_groups_of_floats_are_those_of_the_kernel(case):
    _, codes = case
    assert np.array_equal(code_rows(codes, range(len(codes))).ids, kernel(codes).ids)
