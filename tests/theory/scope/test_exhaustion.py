"""Every small system with every kernel: against plain Python, formulas and the other modules."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.lattice.admissible import admissible_lattice
from tellapart.theory.partition import Partition
from tellapart.theory.scope import kernels, listing
from tellapart.theory.scope.counting import all_partitions, count_tables
from tellapart.theory.scope.exhaustion import Exhaustion, exhaust
from tellapart.theory.scope.reference import reference_counts

LOSSES = [None, Hypothesis.AUX_LOSS, Hypothesis.DYNAMICS_LOSS]


@given(deterministic_mdps(max_observations=6, max_actions=3, max_labels=3))
def test_walking_over_pairs_finds_the_blocks_and_depth_of_refinement(mdp):
    ids = np.empty(mdp.n_obs, dtype=np.int8)
    depth = kernels.bisimilar_ids(
        mdp.successors.astype(np.int8), mdp.label_ids.astype(np.int8), ids
    )
    expected = bisimulation(mdp)
    assert ids.tolist() == expected.partition.ids.tolist()
    assert depth == expected.depth


@given(st.data())
def test_zero_loss_kernels_of_one_table_are_its_lattice(data):
    """Tables 0 .. 4095 of 4 observations and 1 action: one table at a time through the loop."""
    number = data.draw(st.integers(0, count_tables(4, 1, 2) - 1))
    totals = listing.fresh_totals()
    size = listing.size_of(4, 1, 2)
    kernels.sweep(number, number + 1, 2, 1, *size, True, True, totals)
    successors, labels = listing.table_of(number, 4, 1, 2)
    mdp = deterministic(successors, labels)
    assert totals[kernels.ZERO_LOSS_TABLES] == len(admissible_lattice(mdp))
    assert totals[kernels.COLLAPSES_TABLES] == 0


def deterministic(successors, labels):
    from tellapart.theory.mdp import DeterministicMDP

    return DeterministicMDP(successors, labels)


@pytest.mark.parametrize("drop", LOSSES)
@pytest.mark.parametrize("size", [(1, 1, 2), (2, 2, 2), (3, 1, 2), (2, 1, 3)])
def test_counts_are_those_of_plain_python(size, drop):
    n, m, labels = size
    row = exhaust(n, m, labels, drop=drop).row(n, m)
    found = {f.name: getattr(row, f.name) for f in dataclasses.fields(row)}
    expected = reference_counts(n, m, labels, drop)
    assert {name: found[name] for name in expected} == expected
    assert row.agrees


def test_the_theorem_holds_on_every_system_of_four_observations_and_two_actions():
    calls = []
    found = exhaust(4, 2, progress=lambda done, total: calls.append((done, total)))
    assert found.holds
    assert bool(found)
    assert (found.systems, found.kernels, found.collapses) == (11794, 170135, 0)
    largest = found.row(4, 2)
    assert (largest.tables, largest.systems) == (1048576, 11364)
    assert sum(largest.by_depth) == largest.systems
    assert len(largest.by_depth) == 3  # depth is at most observations less labels
    assert calls[-1] == (1058804, 1058804)
    assert calls == sorted(calls)
    assert "(170135 kernels looked at)" in found.explain()
    assert Exhaustion.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("drop", "size", "collapses"),
    [
        ("aux_loss", (2, 1), 3),
        ("dynamics_loss", (3, 1), 6),
        ("dynamics_loss", (2, 2), 0),  # two labels and a merged pair need three observations
    ],
)
def test_without_a_loss_the_smallest_counterexamples_are_counted(drop, size, collapses):
    found = exhaust(*size, drop=drop)
    assert found.row(*size).collapses == collapses
    assert found.collapses == collapses  # and nothing smaller
    assert found.holds == (collapses == 0)
    assert all(row.agrees for row in found.rows)
    if collapses:
        shown = found.first_collapse
        assert not shown.kernel.refines(bisimulation(shown.mdp).partition)
        assert f"Without {drop}: {collapses} kernels" in found.explain()
        assert repr(found).startswith(f"Exhaustion(without {drop}, ")


def test_a_wrong_lattice_is_noticed():
    """Joins replaced by the single block: S5 must fail, and only S5."""
    totals = listing.fresh_totals()
    size = list(listing.size_of(3, 1, 2))
    size[3] = np.zeros_like(size[3])
    kernels.sweep(0, count_tables(3, 1, 2), 2, 1, *size, True, True, totals)
    assert totals[kernels.BROKEN_S5] > 0
    assert totals[kernels.BROKEN_S1] == totals[kernels.COLLAPSES] == 0


def test_a_row_that_misses_tables_does_not_hold():
    row = exhaust(2, 1).row(2, 1)
    for field, value in (("tables", row.tables - 1), ("kernels", row.kernels + 1),
                         ("broken", (("S1", 1), ("S5", 0), ("S7", 0))),
                         ("collapses_tables", 1)):  # fmt: skip
        changed = dataclasses.replace(row, **{field: value})
        assert not changed.holds
        said = Exhaustion(2, None, (changed,), None).explain()
        if field == "broken":
            assert "S1 failed 1 times" in said
        elif field != "collapses_tables":
            assert "are not the expected" in said


def test_a_partition_list_is_complete_and_canonical():
    assert [len(all_partitions(n)) for n in range(1, 7)] == [1, 2, 5, 15, 52, 203]
    for ids in all_partitions(5):
        assert tuple(Partition(ids).ids.tolist()) == ids


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0,), InvalidArgumentError, "max_observations is 0"),
        ((True,), InvalidArgumentError, "max_observations is True"),
        ((2, 1.0), InvalidArgumentError, r"max_actions is 1\.0"),
        ((2, 1, "two"), InvalidArgumentError, "labels is 'two'"),
        ((5, 2), BudgetExceededError, "5 observations, 2 actions and 2 labels have more than"),
        ((10**9, 10**9), BudgetExceededError, "more than 50000000"),
    ],
)
def test_bad_sizes_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        exhaust(*arguments)


def test_other_hypotheses_and_sizes_are_refused():
    with pytest.raises(InvalidArgumentError, match="drop is 'determinism'"):
        exhaust(2, 1, drop="determinism")
    with pytest.raises(InvalidArgumentError, match="There is no hypothesis named 'nothing'"):
        exhaust(2, 1, drop="nothing")
    with pytest.raises(InvalidArgumentError, match="No row has 3 observations"):
        exhaust(2, 1).row(3, 1)
