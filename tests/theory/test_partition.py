"""Partitions against sets of pairs, and the kernel of codes (D2)."""

import pickle
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partition import Partition, canonical_ids, kernel

id_lists = st.integers(0, 7).flatmap(
    lambda n: st.lists(st.integers(0, max(n - 1, 0)), min_size=n, max_size=n)
)
two_id_lists = st.integers(0, 7).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 3), min_size=n, max_size=n)] * 2)
)


def pairs(ids):
    """The equivalence relation, as its set of unordered pairs: the oracle of everything here."""
    return {(x, y) for x, y in combinations(range(len(ids)), 2) if ids[x] == ids[y]}


def closure(n, related):
    """Transitive closure by repetition, as ids."""
    ids = list(range(n))
    for _ in range(n):
        for x, y in related:
            low = min(ids[x], ids[y])
            ids = [low if i in (ids[x], ids[y]) else i for i in ids]
    return ids


@given(id_lists)
def test_ids_are_numbered_by_smallest_member_and_keep_the_relation(ids):
    canonical = canonical_ids(np.array(ids, dtype=np.int64)).tolist()
    assert pairs(canonical) == pairs(ids)
    firsts = list(dict.fromkeys(canonical))
    assert firsts == list(range(len(firsts)))


@given(st.lists(st.integers(-(2**62), 2**62), max_size=6))
def test_any_integers_serve_as_ids(ids):
    assert pairs(Partition(ids).ids.tolist()) == pairs(ids)


@given(two_id_lists)
def test_refines_meet_and_join_are_those_of_the_relations(both):
    left, right = both
    p, q = Partition(left), Partition(right)
    assert p.refines(q) == (pairs(left) <= pairs(right))
    assert pairs(p.meet(q).ids.tolist()) == pairs(left) & pairs(right)
    joined = closure(len(left), pairs(left) | pairs(right))
    assert p.join(q) == Partition(joined)


@given(two_id_lists)
def test_equality_and_hash_are_those_of_the_relation(both):
    left, right = (Partition(ids) for ids in both)
    assert (left == right) == (pairs(both[0]) == pairs(both[1]))
    if left == right:
        assert hash(left) == hash(right)
    assert pickle.loads(pickle.dumps(left)) == left


@given(id_lists)
def test_blocks_sizes_representatives_and_pair_counts_agree(ids):
    p = Partition(ids)
    assert sorted(o for block in p.blocks for o in block) == list(range(len(ids)))
    assert p.n_blocks == len(p.blocks) == len(set(ids))
    assert p.sizes.tolist() == [len(block) for block in p.blocks]
    assert p.representatives.tolist() == [block[0] for block in p.blocks]
    assert p.n_separated_pairs == len(ids) * (len(ids) - 1) // 2 - len(pairs(ids))
    assert Partition.from_blocks(reversed(p.blocks)) == p
    assert all(p.block_of(o) == k for k, block in enumerate(p.blocks) for o in block)


@given(id_lists)
def test_identity_and_single_block_are_the_ends(ids):
    p, n = Partition(ids), len(ids)
    assert Partition.identity(n).refines(p)
    assert p.refines(Partition.single_block(n))


def test_pair_count_does_not_overflow():
    assert Partition.identity(200_000).n_separated_pairs == 200_000 * 199_999 // 2


def test_repr_lists_small_partitions():
    assert repr(Partition([5, 5, 1])) == "Partition of 3 observations into 2 blocks: {0, 1} {2}"
    assert repr(Partition.identity(21)) == "Partition of 21 observations into 21 blocks"
    assert repr(Partition([])) == "Partition of 0 observations into 0 blocks"


def test_ids_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        Partition([0, 1]).ids[0] = 1


@pytest.mark.parametrize("ids", [[0.5, 1.0], [[0], [1]], [True, False], ["a"]])
def test_what_is_no_list_of_ids_is_refused(ids):
    with pytest.raises(InvalidArgumentError, match=r"kernel\(codes\)"):
        Partition(ids)


def test_blocks_that_overlap_or_leave_gaps_are_refused():
    with pytest.raises(InvalidArgumentError, match="Observation 1 is in two blocks"):
        Partition.from_blocks([[0, 1], [1]])
    with pytest.raises(InvalidArgumentError, match="1 is missing"):
        Partition.from_blocks([[0, 2]])


def test_partitions_of_different_sets_do_not_compare():
    with pytest.raises(InvalidArgumentError, match="2 and 3 observations"):
        Partition([0, 0]).refines(Partition([0, 0, 0]))
    with pytest.raises(InvalidArgumentError, match=r"Observation 2 is not one of 0\.\.1"):
        Partition([0, 0]).block_of(2)


codes = st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), max_size=8)


@given(codes)
def test_kernel_is_equality_of_codes_in_every_number_type(values):
    expected = Partition([values.index(v) for v in values])
    assert kernel(values) == expected
    assert kernel([tuple(map(float, v)) for v in values]) == expected
    assert kernel([tuple(Fraction(x, 3) for x in v) for v in values]) == expected
    assert kernel([tuple(x + 2**80 for x in v) for v in values]) == expected
    if values:
        assert kernel(np.array(values, dtype=np.float32)) == expected
        assert kernel([str(v) for v in values]) == expected


@given(codes, st.integers(0, 3))
def test_kernel_with_tolerance_is_single_linkage(values, tolerance):
    near = [
        (i, j)
        for i, j in combinations(range(len(values)), 2)
        if (values[i][0] - values[j][0]) ** 2 + (values[i][1] - values[j][1]) ** 2 <= tolerance**2
    ]
    assert kernel(values, tolerance) == Partition(closure(len(values), near))


def test_kernel_of_floats_is_exact():
    assert kernel([0.1 + 0.2, 0.3, 0.3]).blocks == ((0,), (1, 2))
    assert kernel([0.0, -0.0]).n_blocks == 1
    assert kernel([1, 1.0, 1.5]).blocks == ((0, 1), (2,))


def test_kernel_takes_tensor_like_codes():
    class Tensor:
        def detach(self):
            return self

        def cpu(self):
            return self

        def numpy(self):
            return np.array([[1.0], [2.0], [1.0]])

    assert kernel(Tensor()).blocks == ((0, 2), (1,))


def test_kernel_of_codes_of_different_lengths():
    assert kernel([[1, 2], [1], [1, 2]]).blocks == ((0, 2), (1,))


@pytest.mark.parametrize(
    ("values", "tolerance", "message"),
    [
        ([0.0, float("nan")], None, "observation 1 has a NaN"),
        ([(Fraction(1), float("nan"))], None, "observation 0 has a NaN"),
        ([0.0, float("nan")], 0.1, "observation 1 has a NaN"),
        ([0.0, float("inf")], 0.1, "observation 1 is infinite"),
        ([0.0, 1.0], -0.1, "tolerance is -0.1"),
        ([[0.0], [1.0, 2.0]], 0.1, "all of one shape"),
    ],
)
def test_codes_that_cannot_be_grouped_are_refused(values, tolerance, message):
    with pytest.raises(InvalidArgumentError, match=message):
        kernel(values, tolerance)
