"""One size of the exhaustive check in plain Python, by the definitions and by the other modules.

Slow, and the oracle of the compiled loop: bisimilarity comes from refinement, admissibility from
:func:`~tellapart.theory.stability.is_admissible`, isomorphism from the set of all renamed copies.
"""

import itertools
from collections.abc import Iterator

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope.counting import all_partitions, renamings
from tellapart.theory.stability import is_admissible

__all__ = ["reference_counts"]

Table = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]
Ids = tuple[int, ...]


def reference_counts(
    n: int, n_actions: int, n_labels: int, drop: Hypothesis | None = None
) -> dict[str, int]:
    """Count tables, systems, kernels, those with zero loss, and collapses, at one size.

    Returns
    -------
    The fields of :class:`~tellapart.theory.scope.exhaustion.ScopeRow` of these names.

    Notes
    -----
    Every table, renamed in every way: for a few thousand tables.

    Examples
    --------
    >>> reference_counts(2, 1, 2)["systems"]
    6
    """
    kernels: dict[tuple[Table, Ids], tuple[bool, bool]] = {}
    counts = dict.fromkeys(
        ("tables", "systems", "kernels", "zero_loss", "collapses", "zero_loss_tables",
         "collapses_tables"), 0,
    )  # fmt: skip
    systems = set()
    changes = list(renamings(n, n_actions, n_labels))
    for table in _tables(n, n_actions, n_labels):
        counts["tables"] += 1
        mdp = DeterministicMDP(table[0], table[1])
        largest = bisimulation(mdp, method="reference").partition
        for ids in all_partitions(n):
            reached = _reaches_zero_loss(mdp, Partition(ids), drop)
            collapsed = reached and not Partition(ids).refines(largest)
            counts["zero_loss_tables"] += reached
            counts["collapses_tables"] += collapsed
            first = min(_renamed(table, ids, *change) for change in changes)
            systems.add(first[0])
            kernels[first] = (reached, collapsed)
    counts["systems"], counts["kernels"] = len(systems), len(kernels)
    counts["zero_loss"] = sum(reached for reached, _ in kernels.values())
    counts["collapses"] = sum(collapsed for _, collapsed in kernels.values())
    return counts


def _tables(n: int, n_actions: int, n_labels: int) -> Iterator[Table]:
    rows = list(itertools.product(range(n), repeat=n_actions))
    return itertools.product(
        list(itertools.product(rows, repeat=n)), list(itertools.product(range(n_labels), repeat=n))
    )


def _reaches_zero_loss(mdp: DeterministicMDP, kernel: Partition, drop: Hypothesis | None) -> bool:
    if drop is Hypothesis.DYNAMICS_LOSS:  # the label alone: nothing moves
        still = [[o] for o in range(mdp.n_obs)]
        return bool(is_admissible(DeterministicMDP(still, mdp.labels), kernel))
    if drop is Hypothesis.AUX_LOSS:
        return bool(is_admissible(mdp.with_labels([0] * mdp.n_obs), kernel))
    return bool(is_admissible(mdp, kernel))


def _renamed(table: Table, ids: Ids, names: Ids, actions: Ids, values: Ids) -> tuple[Table, Ids]:
    """Rename observation ``o`` to ``names[o]`` and so on, in a table and a partition of it."""
    n, n_actions = len(names), len(actions)
    successors = [[0] * n_actions for _ in range(n)]
    labels, blocks = [0] * n, [0] * n
    for o in range(n):
        labels[names[o]] = values[table[1][o]]
        blocks[names[o]] = ids[o]
        for a in range(n_actions):
            successors[names[o]][actions[a]] = names[table[0][o][a]]
    canonical = tuple(Partition(blocks).ids.tolist())
    return (tuple(map(tuple, successors)), tuple(labels)), canonical
