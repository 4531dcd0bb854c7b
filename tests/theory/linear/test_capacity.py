import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Matrix, Rational

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, gallery, gallery_mdp, random_mdp, tree
from tellapart.theory.linear import word_closure_modular as modular
from tellapart.theory.linear.capacity import Capacity, block_tables, capacity
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.linear.word_closure import close_words_exactly
from tellapart.theory.mdp import DeterministicMDP

LABELS = (
    [0, 1],
    [0.1, 0.2, 0.3],
    [2**70, 5, -7],
    [(1, 0), (0, 1), (1, 1)],
    ["goal", "road"],
    [Fraction(1, 3), 2, 0],
    [0],
)


@st.composite
def labelled(draw: st.DrawFn, max_observations: int = 6) -> DeterministicMDP:
    """Any family of systems, with labels of every kind."""
    mdp = draw(deterministic_mdps(max_observations=max_observations, max_actions=2))
    values = draw(st.sampled_from(LABELS))
    return mdp.with_labels([values[i % len(values)] for i in mdp.label_ids.tolist()])


def hankel_rank(mdp, length, *, affine=False):
    """Write down H for all words up to a length, with sympy's rank: S12 as it is stated."""
    labels = exact_labels(mdp.label_values)
    words = [
        w for k in range(length + 1) for w in itertools.product(range(mdp.n_actions), repeat=k)
    ]
    rows = [
        [x for w in words for x in labels.vector(int(mdp.label_ids[mdp.run(o, w)]))]
        + [Fraction(1)] * affine
        for o in range(mdp.n_obs)
    ]
    return Matrix([[Rational(x.numerator, x.denominator) for x in row] for row in rows]).rank()


@given(labelled(max_observations=4))
def test_ranks_are_those_of_the_hankel_matrix(mdp):
    found = capacity(mdp)
    n = mdp.n_obs
    assert found.linear == hankel_rank(mdp, n - 1)
    assert found.affine == hankel_rank(mdp, n - 1, affine=True) - 1
    for length in range(n):
        shown = found.ranks_by_length[min(length, found.word_length)]
        assert shown == hankel_rank(mdp, length)
    assert found.proved
    assert found.lengths_proved


def closure(mdp, method):
    tables = block_tables(mdp, bisimulation(mdp).partition)
    return close_words_exactly(exact_labels(mdp.label_values), *tables, method)


@given(labelled(max_observations=9))
def test_modular_and_reference_agree_in_every_field(mdp):
    slow, fast = closure(mdp, "reference"), closure(mdp, "modular")
    for name in ("parents", "letters", "lengths", "core", "rows"):
        assert np.array_equal(getattr(slow, name), getattr(fast, name)), name
    assert fast.rank_proved
    assert fast.lengths_proved
    assert slow.has_one == fast.has_one
    assert slow.ranks_by_length == fast.ranks_by_length


@given(labelled(max_observations=8))
def test_bounds_that_always_hold(mdp):
    found = capacity(mdp)
    assert found.affine <= found.linear <= found.affine + 1
    assert found.linear <= found.n_blocks == bisimulation(mdp).partition.n_blocks
    assert list(found.ranks_by_length) == sorted(set(found.ranks_by_length))
    assert found.ranks_by_length[-1] == found.linear
    assert Capacity.from_json(found.to_json()) == found


@given(labelled(max_observations=6), st.integers(1, 7), st.integers(-5, 5))
def test_scaled_and_shifted_labels(mdp, scale, shift):
    """The affine rank does not see a change of units; the linear one does not see the scale."""
    if exact_labels(mdp.label_values).is_one_hot:
        return
    vectors = [exact_labels(mdp.label_values).vector(i) for i in mdp.label_ids.tolist()]
    scaled = mdp.with_labels([tuple(scale * x for x in v) for v in vectors])
    moved = mdp.with_labels([tuple(x + shift for x in v) for v in vectors])
    assert capacity(scaled).linear == capacity(mdp).linear
    assert capacity(moved).affine == capacity(mdp).affine


def test_counting_chain_known_answer():
    found = capacity(counting_chain(9))
    assert (found.linear, found.affine, found.n_blocks) == (9, 8, 9)
    assert found.ranks_by_length == (1, 3, 5, 7, 9)
    assert repr(found) == "Capacity(linear=9, affine=8, n_blocks=9, proved=True)"
    assert "Rank by word length 0, 1, ...: 1, 3, 5, 7, 9." in found.explain()
    assert [found.allows(d) for d in (8, 9)] == [False, True]
    assert [found.allows(d, affine=True) for d in (7, 8)] == [False, True]


@pytest.mark.parametrize(
    ("name", "linear", "affine"),
    [("shift-register-4", 5, 4), ("tree-3", 4, 3), ("hopcroft-ullman", 5, 4), ("pick", 5, 4)],
)
def test_rank_below_and_at_the_number_of_blocks(name, linear, affine):
    """A shift register has 16 blocks: its bits are 4 coordinates, and a pushed 1 is a constant."""
    found = capacity(gallery_mdp(name))
    assert (found.linear, found.affine) == (linear, affine)


def test_the_gallery_never_needs_more_dimensions_than_blocks():
    for entry in gallery():
        found = capacity(entry.build(), method="modular")
        assert found.proved
        assert found.linear <= entry.n_blocks


def test_labels_are_read_exactly():
    """0.1 + 0.2 is not 0.3 in binary, and it is in tenths: three self-loops tell."""
    loops = [[0], [1], [2]]
    pairs = [(0.1, 1), (0.2, 2), (0.3, 3)]
    tenths = [(Decimal(str(x)), k) for x, k in pairs]
    assert capacity(DeterministicMDP(loops, pairs)).linear == 2
    assert capacity(DeterministicMDP(loops, tenths)).linear == 1
    huge = [(2**80, 1), (2**81, 2), (2**81 + 1, 2)]
    assert capacity(DeterministicMDP(loops, huge)).linear == 2
    assert capacity(DeterministicMDP(loops, [2**53, 2**53 + 1, 0])).label_dim == 1


def test_labels_without_information():
    assert capacity(counting_chain(5).with_labels([0] * 5)).linear == 0
    constant = capacity(counting_chain(5).with_labels([7] * 5))
    assert (constant.linear, constant.affine) == (1, 0)


def test_a_prime_that_divides_the_labels_is_found_out():
    """Modulo the first prime these labels are 0, or all equal, or have lost a dimension."""
    first = next(modular.primes_below(1 << 30))
    for values in ([0, first], [1, 1 + first], [first, 2 * first + 1]):
        mdp = counting_chain(5).with_labels([values[x] for x in (0, 0, 1, 0, 0)])
        slow, fast = closure(mdp, "reference"), closure(mdp, "modular")
        assert fast.ranks_by_length == slow.ranks_by_length
        assert np.array_equal(fast.rows, slow.rows)


def test_without_a_rational_basis_primes_prove_or_bounds_are_given(monkeypatch):
    mdp = random_mdp(40, 2, 2, seed=3)
    whole = capacity(mdp, method="modular")
    monkeypatch.setattr(modular, "reconstruct_all", lambda *_: None)
    monkeypatch.setattr(modular, "WORK", 10**7)
    by_primes = closure(mdp, "modular")
    assert by_primes.rows is None
    assert "beyond Hadamard's bound" in by_primes.arithmetic
    assert by_primes.rank == whole.linear
    assert by_primes.rank_proved
    assert by_primes.has_one == (whole.linear == whole.affine + 1)
    monkeypatch.setattr(modular, "WORK", 10)
    bounds = capacity(mdp, method="modular")
    assert not bounds.proved
    assert bounds.linear is None
    assert not bounds.lengths_proved
    assert bounds.linear_bounds == (whole.linear, whole.n_blocks)
    assert bounds.allows(whole.linear - 1) is False
    assert bounds.allows(whole.linear) is None
    assert "a lower bound" in bounds.explain()


def test_hundreds_of_blocks():
    mdp = random_mdp(300, 2, 2, seed=0)
    found = capacity(mdp)
    assert found.proved
    assert found.linear <= found.n_blocks
    chain = capacity(counting_chain(201))
    assert chain.ranks_by_length == tuple(range(1, 202, 2))


@pytest.mark.parametrize("labels", [None, "names", "many"])
def test_above_the_bound_there_are_bounds(labels):
    mdp = counting_chain(31)
    if labels is not None:
        mdp = mdp.with_labels([f"{c}" if labels == "names" else c for c in range(31)])
    found = capacity(mdp, max_blocks=10)
    low, high = found.linear_bounds
    exact = capacity(mdp)
    assert low <= exact.linear <= high == 31
    assert found.affine_bounds[0] <= exact.affine <= found.affine_bounds[1]
    assert "max_blocks=10" in found.explain()


def test_more_copies_cost_nothing():
    assert capacity(tree(10), max_blocks=11).linear == 11  # 2047 observations in 11 blocks


@pytest.mark.parametrize(
    ("system", "options", "said"),
    [
        (TransitionData([[0, 0, 1]]), {}, "TransitionData.*to_mdp"),
        ("counting-9", {}, "got a str"),
        (counting_chain(3), {"max_blocks": 0}, "integer >= 1"),
        (counting_chain(3), {"max_blocks": True}, "integer >= 1"),
        (counting_chain(3), {"method": "float"}, "'auto', 'modular', 'reference'"),
    ],
)
def test_bad_arguments(system, options, said):
    with pytest.raises(InvalidArgumentError, match=said):
        capacity(system, **options)


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        (["a", "b"], None),
        ([1, (1,)], None),
        ([(1, 2), (3,)], None),
        ([()], None),
        ([True, False], ((Fraction(1),), (Fraction(0),))),
        ([Decimal("0.1")], ((Fraction(1, 10),),)),
    ],
)
def test_which_labels_are_numbers(values, rows):
    assert exact_labels(values).rows == rows


@given(labelled(max_observations=8))
def test_lengths_proved_by_primes_alone(mdp):
    """Without coordinates over the kept words Hadamard's bound says the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modular, "depend_on_kept_words", lambda *_: False)
        found = closure(mdp, "modular")
    assert found.lengths_proved
    assert found.ranks_by_length == closure(mdp, "reference").ranks_by_length
