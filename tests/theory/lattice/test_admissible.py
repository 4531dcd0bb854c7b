"""Admissible partitions: listed, counted and drawn, against a filter of all partitions by D4."""

import itertools

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import (
    blow_up,
    counting_chain,
    cycle,
    hopcroft_ullman,
    random_mdp,
    redundant_pick,
    tree,
)
from tellapart.theory.lattice.admissible import AdmissibleLattice, admissible_lattice
from tellapart.theory.lattice.components import factors
from tellapart.theory.lattice.count import AdmissibleCount, count_admissible
from tellapart.theory.lattice.sample import (
    AdmissibleSample,
    assembled,
    merge_some,
    sample_admissible,
)
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

MDPS = deterministic_mdps(max_observations=6, max_actions=2, max_labels=2)
SYSTEMS = st.one_of(transition_data(), MDPS)
GAPS = transition_data(max_observations=8, families=["gaps"])


def triples_and_labels(system):
    data = TransitionData.from_mdp(system) if isinstance(system, DeterministicMDP) else system
    return data.triples.tolist(), data.label_ids.tolist()


def growth_strings(n):
    """Every partition of 0 .. n-1, as restricted growth strings."""
    strings = [(0,)]
    for _ in range(n - 1):
        strings = [(*s, k) for s in strings for k in range(max(s) + 2)]
    return strings


def obeys_d4(ids, triples, labels):
    """The definition, word for word."""
    n = range(len(ids))
    alike = all(
        labels[x] == labels[y] or min(labels[x], labels[y]) < 0
        for x in n for y in n if ids[x] == ids[y]
    )  # fmt: skip
    return alike and all(
        ids[s] == ids[t]
        for x, a, s in triples for y, b, t in triples if a == b and ids[x] == ids[y]
    )  # fmt: skip


def brute(system):
    triples, labels = triples_and_labels(system)
    return [s for s in growth_strings(len(labels)) if obeys_d4(s, triples, labels)]


def is_finer(one, other):
    return len(set(zip(one, other, strict=True))) == len(set(one))


def check_against_brute_force(system):
    expected = sorted(brute(system), key=lambda ids: (-max(ids), ids))
    lattice = admissible_lattice(system)
    found = [tuple(partition.ids.tolist()) for partition in lattice]
    assert found == expected
    below = {
        (i, j)
        for i, j in itertools.permutations(range(len(found)), 2)
        if is_finer(found[i], found[j])
    }
    between = {(i, k) for i, j in below for j2, k in below if j == j2}
    assert list(lattice.covers) == sorted(below - between)
    tops = [k for k in range(len(found)) if not any(i == k for i, _ in below)]
    assert lattice.tops == tuple(lattice.partitions[k] for k in tops)
    counted = count_admissible(system)
    assert counted.exact
    assert counted.value == len(expected)
    return lattice, below


@given(SYSTEMS)
def test_all_are_listed_and_counted(system):
    lattice, below = check_against_brute_force(system)
    if not lattice.feasible:
        event("infeasible")
        assert lattice.bottom is None
        return
    event("several maximal" if len(lattice.tops) > 1 else "one largest")
    assert all((0, k) in below for k in range(1, len(lattice)))
    assert lattice.bottom == lattice.partitions[0]


@given(SYSTEMS)
def test_joins_and_meets_are_what_the_order_says(system):
    lattice = admissible_lattice(system)
    some = lattice.partitions[:12]
    joins = []
    for one, other in itertools.combinations(some, 2):
        meet, join = lattice.meet(one, other), lattice.join(one, other)
        lower = [p for p in lattice if p.refines(one) and p.refines(other)]
        upper = [p for p in lattice if one.refines(p) and other.refines(p)]
        assert meet in lattice
        assert all(p.refines(meet) for p in lower)
        assert (join is None) == (not upper)
        assert join is None or all(join.refines(p) for p in upper)
        joins.append(join is not None)
    if 0 < len(lattice) == len(some):
        assert lattice.is_lattice == all(joins)


@given(MDPS)
def test_total_systems_have_the_identity_and_one_largest(mdp):
    lattice = admissible_lattice(mdp)
    assert lattice.bottom == Partition.identity(mdp.n_obs)
    assert lattice.is_lattice
    data = TransitionData.from_mdp(mdp)
    assert admissible_lattice(data).partitions == lattice.partitions


@given(
    st.one_of(
        deterministic_mdps(max_observations=9, max_actions=2, max_labels=2),
        transition_data(max_observations=8, families=["gaps"]),
    )
)
@settings(max_examples=40)
def test_closed_forms_agree_with_the_list(system):
    try:
        lattice = admissible_lattice(system, limit=2000)
    except BudgetExceededError:
        assert int(count_admissible(system, limit=3000)) > 2000
        return
    counted = count_admissible(system, limit=2000)
    assert counted.exact
    assert int(counted) == len(lattice)
    for part in counted.parts:
        event(part.how)


@given(SYSTEMS, st.integers(1, 6))
def test_a_reached_limit_gives_a_lower_bound(system, limit):
    exact, bound = count_admissible(system), count_admissible(system, limit=limit)
    assert bound.value <= exact.value
    assert not bound.exact or bound.value == exact.value
    if exact.value > limit:
        with pytest.raises(BudgetExceededError, match=f"limit of {limit} partitions"):
            admissible_lattice(system, limit=limit)


@given(SYSTEMS, st.data())
def test_merging_in_runs_is_merging_one_by_one(system, data):
    for part in factors(system).parts:
        node = st.integers(0, len(part.nodes) - 1)
        pairs = data.draw(st.lists(st.tuples(node, node), max_size=6))
        slow = []
        for pair in pairs:
            ids = merge_some(part.folding, [*slow, pair])
            if ids[pair[0]] == ids[pair[1]]:
                slow.append(pair)
        assert merge_some(part.folding, pairs) == merge_some(part.folding, slow)


BELL = (1, 1, 2, 5, 15, 52, 203, 877, 4140)


def still(n, labels=None):
    """Every observation stays where it is."""
    return DeterministicMDP([[o] for o in range(n)], labels or [0] * n)


@pytest.mark.parametrize("n", range(1, 9))
def test_without_folds_there_are_bell_many(n):
    assert len(admissible_lattice(still(n))) == BELL[n]
    assert count_admissible(still(n)).value == BELL[n]


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (counting_chain(9), 1),
        (counting_chain(9).with_labels([0] * 9), 2),
        (cycle(12).with_labels([0] * 12), 6),  # one for each divisor
        (cycle(12).with_labels([0, 1] * 6), 4),
        (redundant_pick(), 16),  # four twins, each merged or not
        (hopcroft_ullman(), 6),
        (tree(2), 17),  # leaves as they like; twice their parents may follow
    ],
)
def test_known_counts(system, expected):
    assert len(admissible_lattice(system)) == expected == int(count_admissible(system))


def test_independent_parts_multiply_and_are_told_once():
    many = still(3000, [o // 3 for o in range(3000)])
    counted = count_admissible(many)
    assert counted.value == 5**1000
    assert len(counted.parts) == 1
    assert counted.parts[0].times == 1000
    assert "about 9.333e+698 partitions are admissible" in counted.explain()
    assert "1000 independent parts, each of 3 classes: 5 (nothing folds" in counted.explain()
    with pytest.raises(BudgetExceededError, match=r"there are at least 390625\. Pass a larger"):
        admissible_lattice(many)
    two_wide = still(60, [o // 30 for o in range(60)])
    with pytest.raises(BudgetExceededError, match=r"at least 1e\+20"):
        admissible_lattice(two_wide)
    sample = sample_admissible(many, 3)
    assert sample.uniform
    assert 1000 < sample.partitions[0].n_blocks < 3000
    assert AdmissibleCount.from_json(counted.to_json()) == counted


def test_more_free_observations_than_are_counted_give_a_bound():
    counted = count_admissible(still(600))
    assert not counted.exact
    assert counted.value > 2**600
    assert "at least about" in repr(counted)
    assert not sample_admissible(still(600), 0).uniform
    assert int(count_admissible(cycle(300).with_labels([0] * 300), limit=10)) == 2
    pairs = blow_up(random_mdp(8000, 1, 1, 0), 2, 0)
    huge = count_admissible(pairs, limit=10)
    assert AdmissibleCount.from_json(huge.to_json()).value == huge.value


def test_without_a_transition_one_pair_need_not_be_told_apart():
    chain = TransitionData.from_mdp(counting_chain(9))
    kept = [t for t in chain.triples.tolist() if t[:2] != [7, 0]]
    data = TransitionData(kept, chain.label_ids.tolist())
    assert [p.n_blocks for p in admissible_lattice(data)] == [9, 8]
    assert admissible_lattice(data).tops[0].same_block(7, 8)


def test_with_gaps_there_may_be_no_largest():
    data = TransitionData([[0, 0, 0]], labels={0: "a", 1: "b"}, observations="abc")
    lattice = admissible_lattice(data)
    assert [p.ids.tolist() for p in lattice.tops] == [[0, 1, 0], [0, 1, 1]]
    assert not lattice.is_lattice
    assert lattice.join(*lattice.tops) is None
    assert "There is no coarsest one: 2 are maximal" in lattice.explain()
    assert "  maximal: {a, c} {b}" in lattice.explain()


def test_several_successors_are_merged_from_the_start():
    data = TransitionData([[0, 0, 1], [0, 0, 2]], labels={0: "start"}, observations=range(4))
    lattice = admissible_lattice(data)
    assert lattice.bottom == Partition([0, 1, 1, 2])
    assert len(lattice) == 5


def test_infeasible_data_have_none():
    data = TransitionData([[0, 0, 1], [0, 0, 2]], {1: "x", 2: "y"}, ["o", "p", "q"])
    lattice = admissible_lattice(data)
    assert len(lattice) == len(lattice.covers) == len(lattice.tops) == 0
    assert not lattice.is_lattice
    assert int(count_admissible(data)) == 0
    for text in (lattice.explain(), count_admissible(data).explain()):
        assert text.startswith("No partition is admissible: the dynamics merge")
    with pytest.raises(InvalidLabelError, match="force 'p' and 'q' to share a code"):
        sample_admissible(data, 0)
    assert AdmissibleLattice.from_json(lattice.to_json()) == lattice


def test_large_partial_data_are_one_part():
    n = 260
    data = TransitionData([[o, 0, o + 1] for o in range(n - 1)], {n - 1: 1})
    counted = count_admissible(data, limit=50)
    assert not counted.exact
    assert [part.n_classes for part in counted.parts] == [n]
    sample = sample_admissible(data, 1, 3, limit=50)
    triples, labels = triples_and_labels(data)
    assert not sample.uniform
    assert obeys_d4(sample.partitions[0].ids.tolist(), triples, labels)
    with pytest.raises(BudgetExceededError, match="the search stopped after 1, with pairs"):
        admissible_lattice(data, limit=50)


def test_results_print_explain_and_reload():
    lattice = admissible_lattice(cycle(4).with_labels([0] * 4))
    assert repr(lattice) == "AdmissibleLattice(3 partitions, 2 covers, 1 maximal)"
    assert "Coarsest (all others lie inside): {0, 1, 2, 3}" in lattice.explain()
    assert lattice.counts_by_blocks == ((4, 1), (2, 1), (1, 1))
    assert lattice.blocks(lattice.partitions[1]) == ((0, 2), (1, 3))
    assert AdmissibleLattice.from_json(lattice.to_json()) == lattice
    sample = sample_admissible(still(4), 7, 2)
    assert repr(sample) == "AdmissibleSample(2 partitions, uniform, seed=7)"
    assert "each of all admissible partitions equally likely" in sample.explain()
    assert AdmissibleSample.from_json(sample.to_json()) == sample
    listed = sample_admissible(cycle(4).with_labels([0] * 4), 7, limit=1)
    assert "all can be drawn, not equally often" in listed.explain()
    assert repr(count_admissible(still(3))) == "AdmissibleCount(5)"
    alone = admissible_lattice(counting_chain(3)).explain()
    assert alone.startswith("1 partition is admissible")


def test_long_lists_are_cut():
    text = admissible_lattice(still(5)).explain()
    assert "All of them" not in text
    assert "5 (1), 4 (10), 3 (25), 2 (15), 1 (1)" in text
    labels = {o: o for o in range(6)}  # the others go anywhere: one of six labels, or on their own
    scattered = admissible_lattice(TransitionData([[0, 0, 0]], labels, range(8)))
    assert len(scattered.tops) == 36
    assert scattered.explain().endswith("  and 20 more")
    wide = admissible_lattice(TransitionData.from_mdp(still(30, list(range(30)))))
    assert wide.explain().endswith(" ...")


def test_positions_and_membership():
    lattice = admissible_lattice(still(3, [0, 0, 1]))
    assert lattice.index(Partition([0, 0, 1])) == 1
    assert Partition([0, 1, 1]) not in lattice
    assert "no partition" not in lattice
    with pytest.raises(InvalidArgumentError, match="is not admissible: no zero-loss encoder"):
        lattice.index(Partition([0, 1, 1]))
    with pytest.raises(InvalidArgumentError, match="is not admissible"):
        lattice.join(Partition([0, 1, 1]), lattice.bottom)
    with pytest.raises(InvalidArgumentError, match="is not admissible"):
        lattice.meet(lattice.bottom, Partition([0, 1]))


@pytest.mark.parametrize("function", [admissible_lattice, count_admissible])
def test_bad_arguments_are_refused(function):
    for limit in (0, True, 2.5, "many"):
        with pytest.raises(InvalidArgumentError, match="limit is"):
            function(cycle(3), limit=limit)
    with pytest.raises(InvalidArgumentError, match="system is a list; it must be"):
        function([[0]])


def test_parts_assemble_to_partitions_of_the_observations():
    data = TransitionData([[0, 0, 1], [0, 0, 2]], observations=range(4))
    found = factors(data)
    whole = assembled(found, [[0] * len(part.nodes) for part in found.parts])
    assert whole == Partition.single_block(4)
