"""Do the strategies reach what matters, and do they shrink to the smallest system?

Shares are of examples drawn by Hypothesis itself with a fixed seed; the bars stand well below
what was measured, so that they fail for a strategy that got worse and not by chance.
"""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.statistics import collector

from tellapart.properties.families import FAMILIES
from tellapart.properties.strategies import (
    admissible_partitions,
    deterministic_mdps,
    labelings,
)
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import blow_up, counting_chain, tree
from tellapart.theory.lattice.admissible import admissible_lattice
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

EXAMPLES = 1000
quiet = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def sample(strategy, describe, examples=EXAMPLES):
    """Draw many examples and count what ``describe`` says of them."""
    counts = Counter()

    @seed(20250912)
    @settings(quiet, max_examples=examples)
    @given(strategy)
    def collect(value):
        counts["all"] += 1
        counts.update(describe(value))

    collect()
    return {key: count / counts["all"] for key, count in counts.items()}


def features(mdp):
    result = bisimulation(mdp)
    blocks, n = result.partition.n_blocks, mdp.n_obs
    yield f"depth {result.depth}"
    if result.depth >= 3:
        yield "depth 3 or more"
    if result.depth >= 6:
        yield "depth 6 or more"
    if 1 < blocks < n:
        yield "non-trivial quotient"
    if blocks == n > 1:
        yield "nothing merges"
    if blocks == 1 < n:
        yield "everything merges"
    if blocks > len(mdp.label_values):
        yield "dynamics separate more than labels"


def test_default_strategy_reaches_every_kind():
    share = sample(deterministic_mdps(), features)
    assert share["non-trivial quotient"] >= 0.25, share
    assert share["nothing merges"] >= 0.3, share
    assert share["everything merges"] >= 0.05, share
    assert share["dynamics separate more than labels"] >= 0.5, share
    assert share["depth 3 or more"] >= 0.1, share
    assert share["depth 6 or more"] >= 0.003, share
    assert {f"depth {k}" for k in range(7)} <= share.keys(), share


def test_chains_reach_deep_words_and_blow_ups_quotients():
    chains = sample(deterministic_mdps(families=["chain"], max_observations=12), features, 300)
    assert chains["depth 6 or more"] >= 0.1, chains
    blown = sample(deterministic_mdps(families=["blow-up"], min_observations=4), features, 300)
    assert blown["non-trivial quotient"] >= 0.4, blown


@st.composite
def mdp_and_partition(draw):
    mdp = draw(deterministic_mdps())
    return mdp, draw(admissible_partitions(mdp))


def position(case):
    mdp, partition = case
    top, bottom = bisimulation(mdp).partition, Partition.identity(mdp.n_obs)
    if top == bottom:
        return
    yield "room"
    if partition == bottom:
        yield "identity"
    elif partition == top:
        yield "largest"
    else:
        yield "strictly between"


def test_admissible_partitions_reach_both_ends_and_between():
    share = sample(mdp_and_partition(), position, 400)
    room = share["room"]
    assert room >= 0.3, share
    assert share["identity"] / room >= 0.25, share
    assert share["largest"] / room >= 0.08, share
    assert share["strictly between"] / room >= 0.12, share


def still(n):
    """Nothing moves, so nothing folds: every partition is admissible."""
    return DeterministicMDP([[o] for o in range(n)], [0] * n)


GAPS = TransitionData(
    [[0, 0, 3], [1, 0, 4], [2, 1, 5], [0, 1, 1], [2, 1, 0]], {3: "a", 5: "b"}, range(6)
)


@pytest.mark.parametrize(
    "system",
    [still(4), blow_up(counting_chain(5), 3, 0), GAPS],
)
def test_no_admissible_partition_is_favoured_where_all_are_listed(system):
    lattice = admissible_lattice(system)
    # With a second draw: alone, Hypothesis would try each partition once and stop.
    pairs = st.tuples(admissible_partitions(system), st.integers(0, 2**60))
    share = sample(pairs, lambda pair: [pair[0]])
    del share["all"]
    assert set(share) == set(lattice)
    ends = [lattice.bottom, *lattice.tops]
    assert max(share.values()) <= 2 / len(lattice), share
    assert min(share.values()) >= 0.4 / len(lattice), share
    assert sum(share[end] for end in ends) <= 1.6 * len(ends) / len(lattice), share


@pytest.mark.parametrize("system", [still(7), tree(3)])
def test_many_admissible_partitions_are_reached_strictly_between(system):
    strategy = st.tuples(admissible_partitions(system), st.integers(0, 2**60))
    ends = (Partition.identity(system.n_obs), bisimulation(system).partition)
    share = sample(strategy, lambda pair: [pair[0]], 400)
    del share["all"]
    assert sum(share[end] for end in ends if end in share) <= 0.5, share
    assert len(share) >= 60
    blocks = {p.n_blocks for p in share}
    assert len(blocks) >= 0.7 * (system.n_obs + 1 - ends[1].n_blocks)


def smallest(strategy, condition):
    return find(
        strategy,
        condition,
        settings=settings(
            max_examples=2000, database=None, deadline=None,
            # Without Phase.explain: it draws anew around the minimum and may replace it.
            phases=[Phase.generate, Phase.shrink],
        ),
        random=Random(0),
    )  # fmt: skip


def test_shrinks_to_the_smallest_mdp():
    mdp = smallest(deterministic_mdps(), lambda mdp: True)
    assert (mdp.successors.tolist(), mdp.labels) == ([[0]], (0,))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_shrinks_to_one_observation(family):
    mdp = smallest(deterministic_mdps(families=[family], max_labels=1), lambda mdp: True)
    assert (mdp.successors.tolist(), mdp.labels) == ([[0]], (0,))


def test_shrinks_to_the_least_that_the_bounds_allow():
    strategy = deterministic_mdps(min_observations=3, min_actions=2)
    mdp = smallest(strategy, lambda mdp: True)
    assert (mdp.successors.tolist(), mdp.labels) == ([[0, 0]] * 3, (0, 0, 0))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_deep_words_shrink_to_the_fewest_observations(depth):
    mdp = smallest(deterministic_mdps(), lambda mdp: bisimulation(mdp).depth >= depth)
    # D3: depth <= n_obs - number of labels, and two labels are needed for any.
    assert (mdp.n_obs, mdp.n_actions, len(mdp.label_values)) == (depth + 2, 1, 2)


def test_a_proper_quotient_shrinks_to_three_observations():
    mdp = smallest(
        deterministic_mdps(),
        lambda mdp: 1 < bisimulation(mdp).partition.n_blocks < mdp.n_obs,
    )
    # Up to the names of the two labels: two observations merge, the third has a label of its own.
    assert (mdp.n_obs, mdp.n_actions, sorted(Counter(mdp.labels).values())) == (3, 1, [1, 2])


def test_partitions_shrink_to_the_identity_and_labels_to_zero():
    mdp = counting_chain(5).with_labels([0] * 5)
    assert smallest(admissible_partitions(mdp), lambda p: True) == Partition.identity(5)
    coarser = smallest(admissible_partitions(mdp), lambda p: p.n_blocks < 5)
    assert coarser.n_blocks < 5
    assert smallest(labelings(mdp), lambda labels: True) == (0,) * 5
    assert sum(smallest(labelings(mdp), lambda labels: any(labels))) == 1


@pytest.mark.parametrize("system", [still(5), still(7), GAPS])
def test_partitions_shrink_to_the_finest_that_fails(system):
    lattice = admissible_lattice(system)
    finest = lattice.bottom
    assert smallest(admissible_partitions(system), lambda p: True) == finest
    coarser = smallest(admissible_partitions(system), lambda p: p != finest)
    assert (0, lattice.index(coarser)) in lattice.covers


def test_nothing_is_filtered_away():
    """Hypothesis reports no example as invalid (overruns are its own bound on size)."""
    reports = []

    @seed(1)
    @settings(max_examples=200, database=None, deadline=None)  # health checks stay on
    @given(mdp_and_partition())
    def collect(case):
        pass

    with collector.with_value(reports.append):
        collect()
    statuses = Counter(case["status"] for case in reports[0]["generate-phase"]["test-cases"])
    assert statuses["invalid"] == 0
    assert statuses["valid"] >= 200
