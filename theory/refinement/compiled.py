"""Partition refinement compiled with numba: bulk rounds, then rounds that follow the moves.

Importing this module imports numba; :mod:`tellapart.theory.refinement.engines` does so on first
use.

Bulk rounds group observations by (block, successor blocks), comparing every hit in full, so no
hash decides anything. Incremental rounds re-sign only predecessors of observations that moved in
the round before: members of a block had equal signatures one round ago, so those none of whose
successors moved still have.
"""

import numpy as np

from tellapart.theory.refinement.bulk_kernels import canonical, direct_round, grouped_round
from tellapart.theory.refinement.log import (
    IntArray,
    LongArray,
    Refinement,
    bulk_phase,
    moved_by_last_round,
)
from tellapart.theory.refinement.move_kernels import (
    N_BLOCK_COLUMNS,
    N_COLUMNS,
    N_WORK_ROWS,
    fill_rows,
    follow_moves,
)

__all__ = ["is_warm", "refine_compiled"]

#: Block ids below this fit in 16 bits, so that random access to them stays in a nearer cache.
_MOST_NARROW = 1 << 16

Log = tuple[IntArray, IntArray, IntArray, LongArray, LongArray, IntArray]


def is_warm() -> bool:
    """Tell whether the kernels are compiled or loaded in this process already."""
    return bool(getattr(follow_moves, "signatures", ()))


def refine_compiled(successors: IntArray, labels: IntArray, *, growth: float = 2.0) -> Refinement:
    """Refine the label partition to ``B*``, logging every round.

    Parameters
    ----------
    successors, labels
        int32 ``[n, n_actions]`` C-contiguous and int32 ``[n]`` (dense ids); not checked.
    growth
        Rounds re-sign everything while the number of blocks grows by this factor, see
        :func:`tellapart.theory.refinement.log.bulk_phase`; ``inf`` skips that phase.

    Notes
    -----
    O(|A|² n log n) time at worst; an incremental round costs O(|A|) for each touched observation
    and nothing for the others.
    """
    successors, labels = _read_only(successors), _read_only(labels)
    snapshots, counts, stable = _bulk(successors, labels, growth)
    frontier = np.zeros(0, dtype=np.int32) if stable else moved_by_last_round(snapshots)
    final, moved, moved_to, offsets, more_counts, born_from = _incremental(
        successors, _read_only(snapshots[-1]), counts[-1], frontier
    )
    parents = np.concatenate([np.full(counts[-1], -1, dtype=np.int32), born_from])
    return Refinement(
        snapshots=tuple(snapshots),
        ids=canonical(_read_only(final), len(parents)),
        block_counts=np.concatenate([np.array(counts, dtype=np.int64), more_counts]),
        offsets=offsets,
        moved=moved,
        moved_to=moved_to,
        parents=parents,
    )


def _read_only(array: IntArray) -> IntArray:
    """Return a read-only view: one kernel specialisation whatever the caller passes."""
    view = array.view()
    view.flags.writeable = False
    return view


def _bulk(
    successors: IntArray, labels: IntArray, growth: float
) -> tuple[list[IntArray], list[int], bool]:
    """Run the bulk rounds; their workspace is freed on return, before the other phase allocates."""
    n, n_actions = successors.shape
    table = np.empty(4 * n + 4, dtype=np.int32)
    firsts = np.empty((n, n_actions), dtype=np.int32)
    records = np.empty((2, n + 1, n_actions + 3), dtype=np.int32)
    counts = [1]

    def one_round(successors: IntArray, ids: IntArray) -> tuple[IntArray, int]:
        n_ids = int(ids.max()) + 1
        places = n_ids ** (n_actions + 1)
        if places <= len(table) and n_ids <= _MOST_NARROW:
            narrow = ids.astype(np.uint16)
            refined, count = direct_round(successors, narrow, n_ids, table[:places])
        else:
            expected = n_ids * n_ids // counts[-1]  # were the last growth to go on
            refined, count = grouped_round(
                successors, _read_only(ids), n_ids, expected, table, firsts, *records
            )
        counts.append(n_ids)
        return refined, int(count)

    return bulk_phase(successors, labels, one_round, growth)


def _incremental(successors: IntArray, base: IntArray, n_blocks: int, frontier: IntArray) -> Log:
    """Run the incremental rounds, if anything moved; return the final ids and the log.

    The workspace is a few large NumPy arrays: NumPy asks for huge pages, numba's own allocations
    do not, and random access to a dozen arrays otherwise spends its time on address translation.
    """
    if not frontier.size:
        nothing = np.zeros(0, dtype=np.int32)
        starts, counts = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64)
        return base, nothing, nothing, starts, counts, nothing
    n, n_actions = successors.shape
    rows = np.empty((n + 1, N_COLUMNS), dtype=np.int32)
    edges = np.empty(n * n_actions, dtype=np.uint32)
    shift = (n_actions - 1).bit_length()
    fill_rows(successors, base, shift, rows, edges)
    blocks = np.empty((n, N_BLOCK_COLUMNS), dtype=np.int32)
    changes = np.empty((n, n_actions), dtype=np.int32)
    work = np.empty((N_WORK_ROWS, n), dtype=np.int32)
    table, log = np.empty(4 * n + 4, dtype=np.int32), np.empty((2, 2 * n), dtype=np.int32)
    rounds_log = np.empty((2, n + 1), dtype=np.int64)
    moved, moved_to, offsets, counts, parents = follow_moves(
        base, n_blocks, frontier, rows, edges, shift, blocks, changes, work, table, log, rounds_log
    )
    if len(moved) < n // 2:  # a long log stays where it is, a short one frees the workspace
        moved, moved_to = moved.copy(), moved_to.copy()
    final = np.ascontiguousarray(rows[:n, 0])
    return final, moved, moved_to, offsets.copy(), counts.copy(), parents.copy()
