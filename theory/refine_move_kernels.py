"""Compiled kernels of the incremental rounds, which follow the moves (imports numba).

Blocks are not kept as linked or sorted lists. The members of a block are a slice of the log of
moves, namely where it was born, minus those that have moved on; a slice is tidied when it is read.

Time goes into cache misses, not into arithmetic. All that is needed of one observation therefore
lies in one row of ``rows``: its id, the round that last touched it, the slice of its predecessors,
and its successors.
"""

import numpy as np

from tellapart.theory.refine_bulk_kernels import MIX, jit
from tellapart.theory.refinement import IntArray, LongArray

__all__ = ["N_COLUMNS", "N_WORK_ROWS", "follow_moves", "predecessors"]

#: Columns of ``rows`` before the successors: id, stamp, first predecessor, number of them.
N_COLUMNS = 4

#: Rows of the workspace of :func:`follow_moves`.
N_WORK_ROWS = 12


@jit
def predecessors(successors: IntArray) -> tuple[LongArray, IntArray]:
    """Return the predecessor lists as CSR: ``sources[starts[o] : starts[o + 1]]``."""
    n, n_actions = successors.shape
    starts = np.empty(n + 1, dtype=np.int64)
    for o in range(n + 1):
        starts[o] = 0
    for o in range(n):
        for a in range(n_actions):
            starts[successors[o, a]] += 1
    total = 0
    for o in range(n + 1):
        total += starts[o]
        starts[o] = total
    sources = np.empty(n * n_actions, dtype=np.int32)
    for o in range(n - 1, -1, -1):  # backwards: every list comes out ascending
        for a in range(n_actions):
            starts[successors[o, a]] -= 1
            sources[starts[successors[o, a]]] = o
    return starts, sources


@jit
def _sign(rows: IntArray, o: int) -> np.int64:
    """Hash the successor ids of one observation (64 bits, wrapping)."""
    mixed = np.int64(7)
    for column in range(N_COLUMNS, rows.shape[1]):
        mixed = (mixed ^ np.int64(rows[rows[o, column], 0])) * np.int64(MIX)
        mixed ^= mixed >> 29
    return mixed


@jit
def _same(rows: IntArray, x: int, y: int) -> bool:
    """Compare the successor ids of two observations, exactly."""
    for column in range(N_COLUMNS, rows.shape[1]):
        if rows[rows[x, column], 0] != rows[rows[y, column], 0]:
            return False
    return True


@jit
def _fill_rows(successors: IntArray, starts: LongArray, ids: IntArray, rows: IntArray) -> None:
    """Gather what is known of each observation in its row."""
    for o in range(len(ids)):
        rows[o, 0], rows[o, 1] = ids[o], -1
        rows[o, 2], rows[o, 3] = starts[o], starts[o + 1] - starts[o]
        for a in range(successors.shape[1]):
            rows[o, N_COLUMNS + a] = successors[o, a]


@jit
def _lay_out(
    ids: IntArray, n_blocks: int, first: IntArray, length: IntArray, size: IntArray,
    n_touched: IntArray, moved: IntArray,
) -> None:  # fmt: skip
    """Write the blocks to begin with into ``moved[:n]``, as if they had just been born."""
    n = len(ids)
    for b in range(n):
        size[b] = n_touched[b] = 0
    for o in range(n):
        size[ids[o]] += 1
    begin = 0
    for b in range(n_blocks):
        first[b] = begin
        begin += size[b]
        length[b] = 0
    for o in range(n):
        b = ids[o]
        moved[first[b] + length[b]] = o
        length[b] += 1


@jit
def _touch(
    frontier: IntArray, stamp: int, sources: IntArray, rows: IntArray,
    size: IntArray, n_touched: IntArray, blocks: IntArray, touched: IntArray,
) -> tuple[int, int]:  # fmt: skip
    """List the predecessors of the frontier once each, and their blocks; return how many."""
    found, n_blocks = 0, 0
    for moved in frontier:
        begin = rows[moved, 2]
        for edge in range(begin, begin + rows[moved, 3]):
            o = sources[edge]
            b = rows[o, 0]
            if rows[o, 1] == stamp or size[b] == 1:
                continue
            rows[o, 1] = stamp
            if n_touched[b] == 0:
                blocks[n_blocks] = b
                n_blocks += 1
            n_touched[b] += 1
            touched[found] = o
            found += 1
    return found, n_blocks


@jit
def _sort_by_block(
    touched: IntArray, found: int, blocks: IntArray, n_blocks: int, rows: IntArray,
    n_touched: IntArray, cursor: IntArray, by_block: IntArray,
) -> None:  # fmt: skip
    """Write the touched observations to ``by_block``, block after block (a counting sort)."""
    begin = 0
    for index in range(n_blocks):
        cursor[blocks[index]] = begin
        begin += n_touched[blocks[index]]
    for i in range(found):
        b = rows[touched[i], 0]
        by_block[cursor[b]] = touched[i]
        cursor[b] += 1


@jit
def _group(
    rows: IntArray, members: IntArray,
    table: IntArray, part_of: IntArray, part_size: IntArray, part_first: IntArray,
) -> int:  # fmt: skip
    """Group touched members of one block by signature; return the number of parts."""
    t = len(members)
    if t == 1:
        part_of[0], part_size[0] = 0, 1
        return 1
    capacity = 4
    while capacity < 2 * t:
        capacity *= 2
    for i in range(capacity):
        table[i] = -1
    n_parts = 0
    for i in range(t):
        o = members[i]
        slot = _sign(rows, o) & (capacity - 1)
        while table[slot] >= 0 and not _same(rows, part_first[table[slot]], o):
            slot = (slot + 1) & (capacity - 1)
        if table[slot] < 0:
            table[slot] = n_parts
            part_first[n_parts] = o
            part_size[n_parts] = 0
            n_parts += 1
        part_of[i] = table[slot]
        part_size[table[slot]] += 1
    return n_parts


@jit
def _largest(part_size: IntArray, n_parts: int, rest: int) -> int:
    """Return which part keeps the id of its block: the largest; -1 for the untouched rest."""
    best = 0
    for part in range(1, n_parts):
        if part_size[part] > part_size[best]:
            best = part
    return -1 if rest >= part_size[best] else best


@jit
def _log_parts(
    b: int, members: IntArray, n_parts: int, stays: int, n_blocks: int, used: int,
    part_of: IntArray, part_size: IntArray, cursor: IntArray, first: IntArray, length: IntArray,
    size: IntArray, parents: IntArray, moved: IntArray, moved_to: IntArray,
) -> tuple[int, int]:  # fmt: skip
    """Log the touched parts that move, each to a fresh id; return the new totals."""
    for part in range(n_parts):
        cursor[part] = -1
        if part != stays:
            parents[n_blocks] = b
            first[n_blocks] = cursor[part] = used
            size[n_blocks] = length[n_blocks] = part_size[part]
            for _ in range(part_size[part]):
                moved_to[used] = n_blocks
                used += 1
            n_blocks += 1
    for i in range(len(members)):
        part = part_of[i]
        if cursor[part] >= 0:
            moved[cursor[part]] = members[i]
            cursor[part] += 1
    return n_blocks, used


@jit
def _log_rest(
    b: int, stamp: int, n_blocks: int, used: int, rows: IntArray, first: IntArray,
    length: IntArray, size: IntArray, parents: IntArray, moved: IntArray, moved_to: IntArray,
) -> int:  # fmt: skip
    """Log the untouched members of ``b`` as a block of their own, and tidy the slice of ``b``.

    The slice has at most twice as many members as were touched; entries that moved on earlier
    are dropped here, each once.
    """
    begin = used
    kept = first[b]
    for i in range(first[b], first[b] + length[b]):
        o = moved[i]
        if rows[o, 0] != b:
            continue
        if rows[o, 1] == stamp:
            moved[i], moved[kept] = moved[kept], o
            kept += 1
        else:
            moved[used] = o
            moved_to[used] = n_blocks
            used += 1
    length[b] = kept - first[b]
    parents[n_blocks], first[n_blocks] = b, begin
    size[n_blocks] = length[n_blocks] = used - begin
    return used


@jit
def _grown(array: IntArray, needed: int) -> IntArray:
    """Return the log array with room for ``needed`` entries."""
    if needed <= len(array):
        return array
    larger = np.empty(max(needed, 2 * len(array)), dtype=np.int32)
    for i in range(len(array)):
        larger[i] = array[i]
    return larger


@jit
def follow_moves(
    successors: IntArray, starts: LongArray, sources: IntArray, base: IntArray, n_blocks: int,
    frontier: IntArray, rows: IntArray, work: IntArray, table: IntArray, log: IntArray,
) -> tuple[IntArray, IntArray, LongArray, LongArray, IntArray]:  # fmt: skip
    """Run incremental rounds until nothing moves.

    Parameters
    ----------
    successors, starts, sources
        The table and the predecessor lists.
    base, n_blocks
        The partition to begin with, and its number of blocks.
    frontier
        The observations that moved in the round that made ``base``.
    rows, work, table, log
        Workspace: int32 ``[n, N_COLUMNS + n_actions]``, ``[N_WORK_ROWS, n]``, ``[4 n + 4]``,
        ``[2, 2 n]``. Column 0 of ``rows`` ends as the final ids.

    Returns
    -------
    The log (observations, ids), its offset and the block count after each round, and the parents
    of the fresh ids; all are views of the workspace or of larger arrays.
    """
    n, n_base = len(base), n_blocks
    first, length, size, n_touched = work[0], work[1], work[2], work[3]
    blocks, touched, by_block, cursor = work[4], work[5], work[6], work[7]
    part_of, part_size, part_first, parents = work[8], work[9], work[10], work[11]
    moved, moved_to = log[0], log[1]
    _fill_rows(successors, starts, base, rows)
    _lay_out(base, n_blocks, first, length, size, n_touched, moved)
    offsets, counts = np.empty(n + 1, dtype=np.int64), np.empty(n, dtype=np.int64)
    offsets[0] = 0
    used, rounds = n, 0
    while n_blocks < n:
        before = used
        found, n_split = _touch(frontier, rounds, sources, rows, size, n_touched, blocks, touched)
        _sort_by_block(touched, found, blocks, n_split, rows, n_touched, cursor, by_block)
        begin = 0
        for index in range(n_split):
            b = blocks[index]
            members = by_block[begin : begin + n_touched[b]]
            begin += n_touched[b]
            rest = size[b] - n_touched[b]
            n_touched[b] = 0
            n_parts = _group(rows, members, table, part_of, part_size, part_first)
            if n_parts == 1 and rest == 0:
                continue
            moved, moved_to = _grown(moved, used + size[b]), _grown(moved_to, used + size[b])
            stays = _largest(part_size, n_parts, rest)
            n_blocks, used = _log_parts(
                b, members, n_parts, stays, n_blocks, used, part_of, part_size, cursor,
                first, length, size, parents, moved, moved_to,
            )  # fmt: skip
            size[b] = rest if stays < 0 else part_size[stays]
            if stays >= 0 and rest > 0:
                used = _log_rest(
                    b, rounds, n_blocks, used, rows, first, length, size, parents, moved, moved_to
                )
                n_blocks += 1
        if used == before:
            break
        for i in range(before, used):  # only now: signatures speak of the round before
            rows[moved[i], 0] = moved_to[i]
        frontier = moved[before:used]
        counts[rounds] = n_blocks
        rounds += 1
        offsets[rounds] = used - n
    log_arrays = moved[n:used], moved_to[n:used], offsets[: rounds + 1], counts[:rounds]
    return *log_arrays, parents[n_base:n_blocks]
