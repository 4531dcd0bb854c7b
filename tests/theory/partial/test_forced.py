"""Forced merges: both engines, containment, and the counting images."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial import closure
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.closure import close
from tellapart.theory.partial.forced import METHODS, forced_merges
from tellapart.theory.partition import Partition, kernel


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=60))
def test_engines_agree_and_the_result_is_stable(triples):
    data = TransitionData(triples)
    one, other = (close(data, method=method) for method in ("reference", "compiled"))
    assert one.partition == other.partition
    assert (one.n_rounds, one.clash_round) == (other.n_rounds, other.clash_round)
    assert is_admissible_for(data, one.partition)  # without labels only D4 (ii) counts


@given(
    st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=1, max_size=40),
    st.lists(st.sampled_from([None, None, 0, 1]), min_size=13, max_size=13),
    st.integers(0, 4),
)
def test_engines_agree_round_by_round(triples, labels, rounds):
    data = TransitionData(triples, labels)
    one, other = (close(data, method=m, max_rounds=rounds) for m in ("reference", "compiled"))
    assert one.partition == other.partition
    assert (one.n_rounds, one.clash_round) == (other.n_rounds, other.clash_round)
    truth = _rounds(data, rounds)
    assert one.partition == truth


def _rounds(data, rounds):
    """E_k by its definition, with nothing of the library but the join of partitions."""
    here = Partition.identity(data.n_obs)
    rows = data.triples.tolist()
    for _ in range(rounds):
        links = [
            (x, y)
            for (s, a, x), (t, b, y) in itertools.combinations(rows, 2)
            if a == b and here.same_block(s, t)
        ]
        for x, y in links:
            ids = np.arange(data.n_obs)
            ids[y] = ids[x]
            here = here.join(Partition(ids))
    return here


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=1, max_size=40))
def test_proof_paths_lead_from_one_member_to_the_other(triples):
    data = TransitionData(triples)
    for method in ("reference", "compiled"):
        found = close(data, method=method)
        for block in found.partition.blocks:
            for u, v in itertools.permutations(block, 2):
                links = found.path(u, v)
                ends = [(int(data.targets[p]), int(data.targets[q])) for p, q in links]
                assert ends[0][0] == u
                assert ends[-1][1] == v
                assert all(a[1] == b[0] for a, b in itertools.pairwise(ends))
                for p, q in links:
                    assert data.action_ids[p] == data.action_ids[q]
                    assert found.partition.same_block(int(data.sources[p]), int(data.sources[q]))


@given(deterministic_mdps(max_observations=8))
def test_nothing_is_forced_in_a_deterministic_mdp(mdp):
    for method in METHODS:
        assert forced_merges(mdp, method=method) == Partition.identity(mdp.n_obs)


def test_larger_data_agree():
    generator = np.random.default_rng(3)
    for m in (3000, 12_000):
        triples = generator.integers(0, [10_000, 5, 10_000], size=(m, 3))
        data = TransitionData(triples)
        assert forced_merges(data, method="compiled") == forced_merges(data, method="reference")


@pytest.mark.parametrize("lowest", [0, 1])
def test_counting_images(lowest):
    """Nine counts, four shapes, two colours, two positions; the position is drawn each step.

    An image without objects shows neither shape nor colour, so from it every shape and colour
    follows, and all images of one count must share a code. Without it only positions merge.
    """
    images = [(0, None, None, None)] if lowest == 0 else []
    looks = itertools.product(range(max(lowest, 1), 9), range(4), ("red", "blue"), range(2))
    images += list(looks)

    def follow(image, step):
        count = min(8, max(lowest, image[0] + step))
        return [
            other
            for other in images
            if other[0] == count and (None in image or other[1] in (None, image[1]))
            and (None in image or other[2] in (None, image[2]))
        ]  # fmt: skip

    index = {image: o for o, image in enumerate(images)}
    rows = [
        (index[image], a, index[other])
        for image in images
        for a, step in enumerate((-1, +1))
        for other in follow(image, step)
    ]
    labels = [int(image[0] == 4) for image in images]
    data = TransitionData(rows, labels, images, ("-1", "+1"))
    shows = [image[0] if lowest == 0 else image[:3] for image in images]
    for method in METHODS:
        assert forced_merges(data, method=method) == kernel([hash(s) for s in shows])
    found = analyse(data)
    assert found.feasible
    assert found.codes.value == (9 if lowest == 0 else 8)
    assert found.relation.is_transitive
    by_count = [image[0] for image in images]
    assert found.relation.as_partition() == kernel(by_count)


def test_unknown_methods_data_and_a_missing_numba_are_errors(monkeypatch):
    data = TransitionData([[0, 0, 1], [0, 0, 2]])
    with pytest.raises(InvalidArgumentError, match="method is 'fast'"):
        forced_merges(data, method="fast")
    with pytest.raises(InvalidArgumentError, match="data is a list"):
        forced_merges([[0, 0, 1]])
    monkeypatch.setattr(closure, "has_numba", lambda: False)
    with pytest.raises(InvalidArgumentError, match="needs numba"):
        forced_merges(data, method="compiled")
    assert forced_merges(data).n_blocks == 2
