"""Compiled kernels of the incremental rounds, which follow the moves (imports numba).

Blocks are not kept as linked or sorted lists. The members of a block are a slice of the log of
moves, namely where it was born, minus those that have moved on; a slice is tidied when it is read.

An observation is touched when a successor of it moved. Members of a block had equal signatures one
round ago, so what sets a touched one apart is the list of its *changes*: for each action the fresh
block of its successor, or -1. Changes are noted while edges are followed backwards; successors are
never looked at.

Time goes into cache misses, not into arithmetic. All that is needed of one observation therefore
lies in one row of ``rows``, all of one block in one row of ``blocks``, and large rounds look ahead.
"""

import numpy as np
import numpy.typing as npt

from tellapart.theory.refinement.bulk_kernels import MIX, jit, jit_inline
from tellapart.theory.refinement.log import IntArray, LongArray

__all__ = ["N_BLOCK_COLUMNS", "N_COLUMNS", "N_WORK_ROWS", "fill_rows", "follow_moves"]

Edges = npt.NDArray[np.uint32]

#: Columns of ``rows``: id, place among the touched, first edge (the next row has the end).
N_COLUMNS = 3

#: Columns of ``blocks``: members, touched ones, slice of the log (first, length), a cursor.
N_BLOCK_COLUMNS = 5
_SIZE, _TOUCHED, _FIRST, _LENGTH, _CURSOR = 0, 1, 2, 3, 4

#: Rows of the workspace of :func:`follow_moves`.
N_WORK_ROWS = 8

#: Moves whose edges are fetched ahead together, and the least number that is worth it.
_AHEAD, _WORTH_IT = 64, 16


@jit
def fill_rows(
    successors: IntArray, ids: IntArray, shift: int, rows: IntArray, edges: Edges
) -> None:
    """Write what is known of each observation, and the edges into it: ``source << shift | action``.

    ``rows`` is int32 ``[n + 1, N_COLUMNS]``, ``edges`` uint32 ``[n * n_actions]``, a counting sort
    by target; ``2 ** shift >= n_actions``.
    """
    n, n_actions = successors.shape
    starts = np.zeros(n + 1, dtype=np.int32)
    for o in range(n):
        for a in range(n_actions):
            starts[successors[o, a]] += 1
    total = 0
    for o in range(n + 1):
        total += starts[o]
        starts[o] = total
    for o in range(n - 1, -1, -1):  # backwards: every list comes out ascending
        for a in range(n_actions):
            place = starts[successors[o, a]] - 1
            starts[successors[o, a]] = place
            edges[place] = (o << shift) | a
    for o in range(n):
        rows[o, 0], rows[o, 1], rows[o, 2] = ids[o], 0, starts[o]
    rows[n, 2] = total


@jit_inline
def _open_block(blocks: IntArray, b: int, first: int, size: int) -> None:
    """Write the row of a block whose members are ``size`` entries of the log."""
    blocks[b, _SIZE] = blocks[b, _LENGTH] = size
    blocks[b, _FIRST], blocks[b, _TOUCHED] = first, 0


@jit
def _lay_out(ids: IntArray, n_blocks: int, blocks: IntArray, moved: IntArray) -> None:
    """Write the blocks to begin with into ``moved[:n]``, as if they had just been born."""
    for b in range(n_blocks):
        blocks[b, _SIZE] = 0
    for b in ids:
        blocks[b, _SIZE] += 1
    begin = 0
    for b in range(n_blocks):
        _open_block(blocks, b, begin, blocks[b, _SIZE])
        blocks[b, _CURSOR] = begin
        begin += blocks[b, _SIZE]
    for o in range(len(ids)):
        b = ids[o]
        moved[blocks[b, _CURSOR]] = o
        blocks[b, _CURSOR] += 1


@jit
def _look_ahead(
    frontier: IntArray, begin: int, end: int, rows: IntArray, edges: Edges, shift: int
) -> int:
    """Load what :func:`_touch` will need, in loops whose loads do not wait for each other.

    Returns a sum of what was loaded, so that the compiler keeps the loads.
    """
    total = 0
    for i in range(begin, end):
        if rows[frontier[i], 2] < len(edges):
            total += edges[rows[frontier[i], 2]]
    for i in range(begin, end):
        m = frontier[i]
        for place in range(rows[m, 2], rows[m + 1, 2]):
            total += rows[edges[place] >> shift, 0]
    return total & 0xFFFF


@jit_inline
def _touch(
    frontier: IntArray, begin: int, end: int, rows: IntArray, edges: Edges, shift: int,
    blocks: IntArray, split: IntArray, touched: IntArray, changes: IntArray, sink: IntArray,
) -> tuple[int, int]:  # fmt: skip
    """List the sources of edges into ``frontier[begin:end]`` once each, with changes and blocks.

    Returns how many observations and how many blocks were touched.
    """
    found, n_split, fetched = 0, 0, begin
    for i in range(begin, end):
        if i == fetched and end - i >= _WORTH_IT:
            fetched = min(i + _AHEAD, end)
            sink[0] = _look_ahead(frontier, i, fetched, rows, edges, shift)
        m = frontier[i]
        fresh = rows[m, 0]
        for place in range(rows[m, 2], rows[m + 1, 2]):
            edge = np.int64(edges[place])
            o = edge >> shift
            b = rows[o, 0]
            if blocks[b, _SIZE] == 1:
                continue
            t = rows[o, 1]
            if t >= found or touched[t] != o:  # its place is out of date
                t = found
                rows[o, 1], touched[t] = t, o
                for a in range(changes.shape[1]):
                    changes[t, a] = -1
                if blocks[b, _TOUCHED] == 0:
                    split[n_split] = b
                    n_split += 1
                blocks[b, _TOUCHED] += 1
                found += 1
            changes[t, edge & ((1 << shift) - 1)] = fresh
    return found, n_split


@jit_inline
def _sort_by_block(
    touched: IntArray, found: int, split: IntArray, n_split: int, rows: IntArray,
    blocks: IntArray, by_block: IntArray,
) -> None:  # fmt: skip
    """Write the places of the touched to ``by_block``, block after block (a counting sort)."""
    if n_split == 1:
        for t in range(found):
            by_block[t] = t
        return
    begin = 0
    for index in range(n_split):
        blocks[split[index], _CURSOR] = begin
        begin += blocks[split[index], _TOUCHED]
    for t in range(found):
        b = rows[touched[t], 0]
        by_block[blocks[b, _CURSOR]] = t
        blocks[b, _CURSOR] += 1


@jit_inline
def _same(changes: IntArray, s: int, t: int) -> bool:
    """Compare the changes of two touched observations, exactly."""
    for a in range(changes.shape[1]):  # noqa: SIM110  (numba compiles the loop, not all())
        if changes[s, a] != changes[t, a]:
            return False
    return True


@jit_inline
def _group(
    changes: IntArray, by_block: IntArray, begin: int, count: int,
    table: IntArray, part_of: IntArray, part_size: IntArray, part_first: IntArray,
) -> int:  # fmt: skip
    """Group touched members of one block by their changes; return the number of parts.

    The members are ``by_block[begin : begin + count]``. No slices here: numba counts references
    to them, which short rounds feel.
    """
    part_of[0], part_first[0] = 0, by_block[begin]
    alike = 1  # often all are, and then no table is needed
    while alike < count and _same(changes, by_block[begin], by_block[begin + alike]):
        part_of[alike] = 0
        alike += 1
    part_size[0] = alike
    if alike == count:
        return 1
    if alike == count - 1:
        part_of[alike] = part_size[1] = 1
        return 2
    capacity = 4
    while capacity < 2 * count:
        capacity *= 2
    for slot in range(capacity):
        table[slot] = -1
    table[_mixed(changes, by_block[begin]) & (capacity - 1)] = 0
    n_parts = 1
    for i in range(alike, count):
        t = by_block[begin + i]
        part = int(part_of[i - 1])
        if not _same(changes, by_block[begin + i - 1], t):  # equal ones tend to come in runs
            slot = int(_mixed(changes, t)) & (capacity - 1)
            while table[slot] >= 0 and not _same(changes, part_first[table[slot]], t):
                slot = (slot + 1) & (capacity - 1)
            part = int(table[slot])
            if part < 0:
                table[slot] = part = n_parts
                part_first[part], part_size[part] = t, 0
                n_parts += 1
        part_of[i] = part
        part_size[part] += 1
    return n_parts


@jit_inline
def _mixed(changes: IntArray, t: int) -> np.int64:
    """Hash the changes of one touched observation (64 bits, wrapping)."""
    mixed = np.int64(7)
    for a in range(changes.shape[1]):
        mixed = (mixed ^ np.int64(changes[t, a])) * np.int64(MIX)
        mixed ^= mixed >> 29
    return mixed


@jit_inline
def _largest(part_size: IntArray, n_parts: int, rest: int) -> int:
    """Return which part keeps the id of its block: the largest; -1 for the untouched rest."""
    best = 0
    for part in range(1, n_parts):
        if part_size[part] > part_size[best]:
            best = part
    return -1 if rest >= part_size[best] else best


@jit_inline
def _log_parts(
    b: int, by_block: IntArray, begin: int, count: int, touched: IntArray, n_parts: int,
    stays: int, n_blocks: int, used: int, part_of: IntArray, part_size: IntArray,
    cursor: IntArray, blocks: IntArray, parents: IntArray, moved: IntArray, moved_to: IntArray,
) -> tuple[int, int]:  # fmt: skip
    """Log the touched parts that move, each to a fresh id; return the new totals."""
    for part in range(n_parts):
        cursor[part] = -1
        if part != stays:
            parents[n_blocks] = b
            cursor[part] = used
            _open_block(blocks, n_blocks, used, part_size[part])
            for _ in range(part_size[part]):
                moved_to[used] = n_blocks
                used += 1
            n_blocks += 1
    for i in range(count):
        part = part_of[i]
        if cursor[part] >= 0:
            moved[cursor[part]] = touched[by_block[begin + i]]
            cursor[part] += 1
    return n_blocks, used


@jit_inline
def _log_rest(
    b: int, found: int, n_blocks: int, used: int, rows: IntArray, touched: IntArray,
    blocks: IntArray, parents: IntArray, moved: IntArray, moved_to: IntArray,
) -> int:  # fmt: skip
    """Log the untouched members of ``b`` as a block of their own, and tidy the slice of ``b``.

    The slice has at most twice as many members as were touched; entries that moved on earlier
    are dropped here, each once.
    """
    begin = used
    kept = blocks[b, _FIRST]
    for i in range(blocks[b, _FIRST], blocks[b, _FIRST] + blocks[b, _LENGTH]):
        o = moved[i]
        if rows[o, 0] != b:
            continue
        t = rows[o, 1]
        if t < found and touched[t] == o:
            moved[i], moved[kept] = moved[kept], o
            kept += 1
        else:
            moved[used] = o
            moved_to[used] = n_blocks
            used += 1
    blocks[b, _LENGTH] = kept - blocks[b, _FIRST]
    parents[n_blocks] = b
    _open_block(blocks, n_blocks, begin, used - begin)
    return used


@jit
def _grown(array: IntArray, needed: int) -> IntArray:
    """Return a longer log array with room for ``needed`` entries."""
    larger = np.empty(max(needed, 2 * len(array)), dtype=np.int32)
    for i in range(len(array)):
        larger[i] = array[i]
    return larger


@jit
def follow_moves(
    base: IntArray, n_blocks: int, frontier: IntArray, rows: IntArray, edges: Edges, shift: int,
    blocks: IntArray, changes: IntArray, work: IntArray, table: IntArray, log: IntArray,
    rounds_log: LongArray,
) -> tuple[IntArray, IntArray, LongArray, LongArray, IntArray]:  # fmt: skip
    """Run incremental rounds until nothing moves.

    Parameters
    ----------
    base, n_blocks
        The partition to begin with, and its number of blocks.
    frontier
        The observations that moved in the round that made ``base``.
    rows, edges, shift
        As :func:`fill_rows` left them. Column 0 of ``rows`` ends as the final ids.
    blocks, changes, work, table, log, rounds_log
        Workspace: int32 ``[n, N_BLOCK_COLUMNS]``, ``[n, n_actions]``, ``[N_WORK_ROWS, n]``,
        ``[4 n + 4]``, ``[2, 2 n]``; int64 ``[2, n + 1]``.

    Returns
    -------
    The log (observations, ids), its offset and the block count after each round, and the parents
    of the fresh ids; all are views of the workspace or of larger arrays.
    """
    n, n_base = len(base), n_blocks
    split, touched, by_block, cursor = work[0], work[1], work[2], work[3]
    part_of, part_size, part_first, parents = work[4], work[5], work[6], work[7]
    moved, moved_to = log[0], log[1]
    _lay_out(base, n_blocks, blocks, moved)
    offsets, counts = rounds_log[0], rounds_log[1]
    offsets[0] = 0
    before, used, rounds = n, n, 0
    found, n_split = _touch(
        frontier, 0, len(frontier), rows, edges, shift, blocks, split, touched, changes, table
    )
    while found > 0:
        _sort_by_block(touched, found, split, n_split, rows, blocks, by_block)
        if used + found > len(moved):  # no more observations move than were touched
            moved, moved_to = _grown(moved, used + found), _grown(moved_to, used + found)
        begin = 0
        for index in range(n_split):
            b = split[index]
            count = blocks[b, _TOUCHED]
            rest = blocks[b, _SIZE] - count
            blocks[b, _TOUCHED] = 0
            n_parts = _group(
                changes, by_block, begin, count, table, part_of, part_size, part_first
            )  # fmt: skip
            begin += count
            if n_parts == 1 and rest == 0:
                continue
            stays = _largest(part_size, n_parts, rest)
            n_blocks, used = _log_parts(
                b, by_block, begin - count, count, touched, n_parts, stays, n_blocks, used,
                part_of, part_size, cursor, blocks, parents, moved, moved_to,
            )  # fmt: skip
            blocks[b, _SIZE] = rest if stays < 0 else part_size[stays]
            if stays >= 0 and rest > 0:
                used = _log_rest(
                    b, found, n_blocks, used, rows, touched, blocks, parents, moved, moved_to
                )
                n_blocks += 1
        if used == before:
            break
        for i in range(before, used):  # only now: signatures speak of the round before
            rows[moved[i], 0] = moved_to[i]
        counts[rounds] = n_blocks
        rounds += 1
        offsets[rounds] = used - n
        begin, before = before, used
        found, n_split = _touch(
            moved, begin, used, rows, edges, shift, blocks, split, touched, changes, table
        )
    log_arrays = moved[n:used], moved_to[n:used], offsets[: rounds + 1], counts[:rounds]
    return *log_arrays, parents[n_base:n_blocks]
