"""What the strategies promise about every example, checked by brute force."""

import itertools

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from tellapart.properties.families import FAMILIES
from tellapart.properties.strategies import (
    admissible_partitions,
    deterministic_mdps,
    labelings,
)
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import blow_up, counting_chain, cycle, random_mdp
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition


@st.composite
def bounds(draw):
    low, high = sorted(draw(st.tuples(st.integers(1, 9), st.integers(1, 9))))
    fewest, most = sorted(draw(st.tuples(st.integers(1, 3), st.integers(1, 3))))
    return {
        "min_observations": low, "max_observations": high, "min_actions": fewest,
        "max_actions": most, "max_labels": draw(st.integers(1, 4)),
    }  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@given(st.data())
def test_every_family_keeps_the_bounds(family, data):
    limits = data.draw(bounds())
    mdp = data.draw(deterministic_mdps(**limits, families=[family]))
    assert limits["min_observations"] <= mdp.n_obs <= limits["max_observations"]
    assert limits["min_actions"] <= mdp.n_actions <= limits["max_actions"]
    assert set(mdp.labels) <= set(range(limits["max_labels"])) | {0, 1}
    assert len(mdp.label_values) <= limits["max_labels"]


def columns(mdp):
    return mdp.successors.T.tolist()


@given(deterministic_mdps(families=["permutation"]))
def test_permutations_permute(mdp):
    assert all(sorted(column) == list(range(mdp.n_obs)) for column in columns(mdp))


@given(deterministic_mdps(families=["chain"], min_observations=2, max_labels=2))
def test_chains_walk_to_their_labelled_end(mdp):
    end = mdp.n_obs - 1
    assert columns(mdp)[0] == [min(o + 1, end) for o in range(mdp.n_obs)]
    assert mdp.labels == (0,) * end + (1,)


@given(deterministic_mdps(families=["counter"], min_observations=2, min_actions=2, max_labels=2))
def test_counters_count(mdp):
    up, down = columns(mdp)[:2]
    assert all(up[o] == o + 1 for o in range(mdp.n_obs - 1))
    assert all(down[o + 1] == o for o in range(mdp.n_obs - 1))
    assert sum(mdp.labels) == 1


@given(deterministic_mdps(families=["sparse-label"], min_observations=2, max_labels=2))
def test_sparse_labels_mark_one_observation(mdp):
    assert sum(mdp.labels) == 1


@given(deterministic_mdps(families=["blow-up"], min_observations=3))
def test_blow_ups_have_bisimilar_copies(mdp):
    assert len(brute_blocks(mdp)) < mdp.n_obs


@given(deterministic_mdps(families=["disconnected"], min_observations=2))
def test_disconnected_parts_do_not_meet(mdp):
    half = mdp.n_obs // 2
    for o, row in enumerate(mdp.successors.tolist()):
        assert all((target < half) == (o < half) for target in row)


@given(deterministic_mdps(families=["near-miss"], min_observations=4, max_labels=2))
def test_near_misses_differ_only_at_depth(mdp):
    """Their beginnings show the same labels after every word that is shorter than the walk."""
    half = mdp.n_obs // 2
    first = first_difference(mdp, 0, half, most=half)
    values = len(mdp.label_values)
    assert (first is None) if values == 1 else first in (half - 1, half)


def first_difference(mdp, x, y, most):
    """Length of the shortest distinguishing word, by running all words (S7)."""
    for k in range(most + 1):
        for word in itertools.product(range(mdp.n_actions), repeat=k):
            if mdp.label_ids[mdp.run(x, word)] != mdp.label_ids[mdp.run(y, word)]:
                return k
    return None


def brute_blocks(mdp):
    """Group by label traces along all words up to n - 1, the definition of S7."""
    groups = {}
    words = [
        word
        for k in range(min(mdp.n_obs, 6))
        for word in itertools.product(range(mdp.n_actions), repeat=k)
    ]
    for o in range(mdp.n_obs):
        key = tuple(mdp.label_ids[mdp.run(o, word)] for word in words)
        groups.setdefault(key, []).append(o)
    return list(groups.values())


def is_bisimulation(mdp, ids):
    """The definition (D3), word for word."""
    return all(
        mdp.label_ids[x] == mdp.label_ids[y]
        and all(
            ids[mdp.successors[x, a]] == ids[mdp.successors[y, a]] for a in range(mdp.n_actions)
        )
        for x in range(mdp.n_obs)
        for y in range(mdp.n_obs)
        if ids[x] == ids[y]
    )


@given(st.data())
def test_admissible_partitions_are_bisimulations_inside_the_largest(data):
    mdp = data.draw(deterministic_mdps(max_observations=6, max_actions=2))
    partition = data.draw(admissible_partitions(mdp))
    assert is_bisimulation(mdp, partition.ids.tolist())
    top = Partition.from_blocks(brute_blocks(mdp))
    assert partition.refines(top)


def is_admissible(data, ids):
    """The definition for any data (D4), word for word."""
    triples = data.triples.tolist()
    return all(
        x_label == y_label or min(x_label, y_label) < 0
        for x_label, i in zip(data.label_ids.tolist(), ids, strict=True)
        for y_label, j in zip(data.label_ids.tolist(), ids, strict=True)
        if i == j
    ) and all(
        ids[s] == ids[t]
        for x, a, s in triples
        for y, b, t in triples
        if a == b and ids[x] == ids[y]
    )


GAPS = TransitionData(
    [[0, 0, 3], [1, 0, 4], [2, 1, 5], [0, 1, 1], [2, 1, 0]], {3: "a", 5: "b"}, range(6)
)


def listing(monkeypatch, most):
    """Let the strategy list at most so many partitions: 1 makes it merge drawn pairs."""
    monkeypatch.setattr("tellapart.properties.strategies._MOST_LISTED", most)


@pytest.mark.parametrize("most", [1, 300])
@pytest.mark.parametrize("triples", [GAPS.triples.tolist(), [[0, 0, 1], [2, 0, 3], [4, 0, 4]]])
def test_partitions_of_data_with_gaps_are_admissible(monkeypatch, most, triples):
    listing(monkeypatch, most)

    @given(st.lists(st.sampled_from([None, 0, 1]), min_size=6, max_size=6), st.data())
    def check(labels, draws):
        data = TransitionData(triples, labels, range(6), range(2))
        feasible = any(is_admissible(data, s) for s in all_partitions(6))
        if feasible:
            partition = draws.draw(admissible_partitions(data))
            assert is_admissible(data, partition.ids.tolist())
        else:
            with pytest.raises(InvalidLabelError, match="No partition is admissible"):
                admissible_partitions(data)

    check()


def all_partitions(n):
    """Every partition of 0 .. n-1 as restricted growth strings."""
    strings = [(0,)]
    for _ in range(n - 1):
        strings = [(*s, k) for s in strings for k in range(max(s) + 2)]
    return strings


@pytest.mark.parametrize("most", [1, 300])
@pytest.mark.parametrize(
    "system",
    [
        counting_chain(4).with_labels([0] * 4),
        cycle(6).with_labels([0, 1] * 3),
        blow_up(random_mdp(2, 2, 2, 1), 2, 3),
        DeterministicMDP([[0], [0], [1], [1], [2]], [0, 0, 0, 0, 0]),
        GAPS,
    ],
)
def test_every_admissible_partition_is_drawn(monkeypatch, system, most):
    listing(monkeypatch, most)
    data = TransitionData.from_mdp(system) if isinstance(system, DeterministicMDP) else system
    expected = {Partition(s) for s in all_partitions(system.n_obs) if is_admissible(data, s)}
    assert len(expected) > 1
    seen = set()

    @given(admissible_partitions(system))
    def collect(partition):
        seen.add(partition)

    for number in range(40):
        seed(number)(collect)()  # a seed of its own also where the profile draws always the same
        if seen == expected:
            break
    assert seen == expected


@given(st.data())
def test_labelings_fit(data):
    mdp = data.draw(deterministic_mdps())
    labels = data.draw(labelings(mdp, 2))
    assert mdp.with_labels(labels).labels == labels
    assert set(labels) <= {0, 1}
    assert len(data.draw(labelings(5))) == 5


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: deterministic_mdps(min_observations=0), r"observations are 0\.\.8"),
        (lambda: deterministic_mdps(min_actions=3, max_actions=2), r"actions are 3\.\.2"),
        (lambda: deterministic_mdps(max_labels=0), "labels"),
        (lambda: deterministic_mdps(families=["ring"]), "choose at least one of random"),
        (lambda: deterministic_mdps(families=[]), "choose at least one of random"),
        (lambda: labelings(0), "labelings of 0"),
        (lambda: labelings(3, 0), "with 0 labels"),
        (lambda: admissible_partitions([[0]]), "system is a list"),
    ],
)
def test_empty_bounds_are_refused_at_once(build, message):
    with pytest.raises(InvalidArgumentError, match=message):
        build()
