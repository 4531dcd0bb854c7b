"""Compiled kernels of the bulk rounds, which re-sign every observation (imports numba).

A round keeps the id of each block for the first part met and numbers the other parts by first
appearance, so ids of neighbouring observations stay close together in memory. Two kernels do the
same: with few blocks all signatures are numbered directly; with many, each is compared with the
first signature of its block, and only those that differ are grouped by hash, in buckets small
enough for a near cache. Every hit is compared in full: no hash decides anything.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from tellapart.theory.refinement.log import IntArray, LongArray

__all__ = ["MIX", "canonical", "direct_round", "grouped_round", "jit", "jit_inline"]

F = TypeVar("F", bound=Callable[..., Any])

#: Multiplier of the signature hash (golden ratio, 63 bits); only speed depends on it.
MIX = 0x1E3779B97F4A7C15

#: Columns of a record before the successor blocks: hash, observation, block.
_HEAD = 3

_HASH_BITS = 31

#: Records are spread over at most 2**12 buckets, of about 2**10 records where that suffices.
_MOST_BUCKET_BITS, _BUCKET_SIZE = 12, 1 << 10

#: Parts below which one table of all of them lies in a near cache anyway.
_FEW_PARTS = 20_000


def jit(function: F) -> F:
    """Compile on first call; cache on disk unless no folder is writable (read-only, no home)."""
    return _compiled(function, "never")


def jit_inline(function: F) -> F:
    """Compile into every caller: each call counts references to its arrays, atomically."""
    return _compiled(function, "always")


def _compiled(function: F, inline: Literal["never", "always"]) -> F:
    try:
        return cast(F, numba.njit(cache=True, inline=inline)(function))
    except RuntimeError:  # "cannot cache function: no locator available"
        return cast(F, numba.njit(inline=inline)(function))


@jit
def canonical(ids: IntArray, n_ids: int) -> IntArray:
    """Renumber ids by first appearance, which is by smallest member."""
    rank = np.empty(n_ids, dtype=np.int32)
    result = np.empty(len(ids), dtype=np.int32)
    for i in range(n_ids):
        rank[i] = -1
    count = 0
    for o in range(len(ids)):
        if rank[ids[o]] < 0:
            rank[ids[o]] = count
            count += 1
        result[o] = rank[ids[o]]
    return result


@jit
def direct_round(
    successors: IntArray, ids: npt.NDArray[np.uint16], n_ids: int, table: IntArray
) -> tuple[IntArray, int]:
    """Refine once; ``table`` has a place for each of ``n_ids ** (n_actions + 1)`` signatures."""
    n, n_actions = successors.shape
    for i in range(len(table)):
        table[i] = -1
    is_kept = np.zeros(n_ids, dtype=np.bool_)
    refined = np.empty(n, dtype=np.int32)
    count = n_ids
    for o in range(n):
        b = np.int64(ids[o])
        place = b
        for a in range(n_actions):
            place = place * n_ids + np.int64(ids[successors[o, a]])
        part = int(table[place])
        if part < 0:
            if is_kept[b]:
                part = count
                count += 1
            else:
                is_kept[b] = True
                part = int(b)
            table[place] = part
        refined[o] = part
    return refined, count


@jit
def grouped_round(
    successors: IntArray, ids: IntArray, n_ids: int, expected: int,
    table: IntArray, firsts: IntArray, records: IntArray, sorted_records: IntArray,
) -> tuple[IntArray, int]:  # fmt: skip
    """Refine once, whatever the number of blocks.

    Parameters
    ----------
    successors, ids, n_ids
        The table and the partition to refine.
    expected
        A guess at the number of parts; only speed depends on it.
    table, firsts, records, sorted_records
        Workspace: int32 ``[4 n + 4]``, ``[n, n_actions]``, and twice ``[n + 1, n_actions + 3]``.
    """
    n = len(ids)
    for b in range(n_ids):
        firsts[b, 0] = -1
    leaders = np.empty(n, dtype=np.int32)
    differing = _compare_with_first(successors, ids, firsts, records, leaders)
    if expected < _FEW_PARTS:
        _group(records, 0, differing, table, leaders)
    else:
        ends = _spread(records, differing, sorted_records)
        begin = 0
        for end in ends:
            _group(sorted_records, begin, end, table, leaders)
            begin = end
    count = n_ids
    for o in range(n):  # from leaders to ids, in place: a leader comes before those it leads
        leader = leaders[o]
        if leader < 0:
            leaders[o] = -1 - leader
        elif leader == o:
            leaders[o] = count
            count += 1
        else:
            leaders[o] = leaders[leader]
    return leaders, count


@jit
def _compare_with_first(
    successors: IntArray, ids: IntArray, firsts: IntArray, records: IntArray, leaders: IntArray
) -> int:
    """Record observations whose signature is not the first of their block; return how many.

    The others keep their block ``b``, which is written as the leader ``-1 - b``.
    """
    n, n_actions = successors.shape
    found = 0
    for o in range(n):
        b = ids[o]
        records[found, 1], records[found, 2] = o, b
        is_first = firsts[b, 0] < 0
        same = True
        mixed = (np.int64(b) + 7) * np.int64(MIX)
        for a in range(n_actions):
            there = ids[successors[o, a]]
            if is_first:
                firsts[b, a] = there
            records[found, _HEAD + a] = there
            same &= firsts[b, a] == there
            mixed = ((mixed ^ (mixed >> 32)) ^ np.int64(there)) * np.int64(MIX)
        records[found, 0] = (mixed >> 32) & 0x7FFFFFFF
        leaders[o] = -1 - b if same else o
        found += not same
    return found


@jit
def _spread(records: IntArray, count: int, sorted_records: IntArray) -> LongArray:
    """Sort records by the high bits of their hash, stably; return where each bucket ends."""
    bits = 0
    while bits < _MOST_BUCKET_BITS and (count >> bits) > _BUCKET_SIZE:
        bits += 1
    shift = _HASH_BITS - bits
    ends = np.zeros(1 << bits, dtype=np.int64)
    for i in range(count):
        ends[records[i, 0] >> shift] += 1
    total = 0
    for bucket in range(len(ends)):
        size = ends[bucket]
        ends[bucket] = total
        total += size
    for i in range(count):
        bucket = records[i, 0] >> shift
        for column in range(records.shape[1]):
            sorted_records[ends[bucket], column] = records[i, column]
        ends[bucket] += 1
    return ends


@jit
def _group(records: IntArray, begin: int, end: int, table: IntArray, leaders: IntArray) -> None:
    """Name the first observation of each signature in a bucket the leader of its equals."""
    capacity = 4
    while capacity < 2 * (end - begin):
        capacity *= 2
    for slot in range(capacity):
        table[slot] = -1
    for i in range(begin, end):
        slot = records[i, 0] & (capacity - 1)
        while table[slot] >= 0 and not _equal_records(records, table[slot], i):
            slot = (slot + 1) & (capacity - 1)
        if table[slot] < 0:
            table[slot] = i
        leaders[records[i, 1]] = records[table[slot], 1]


@jit
def _equal_records(records: IntArray, i: int, j: int) -> bool:
    """Compare block and successor blocks of two records, exactly."""
    same = True
    for column in range(_HEAD - 1, records.shape[1]):
        same &= records[i, column] == records[j, column]
    return same
