"""Compiled kernels of the bulk rounds, which re-sign every observation (imports numba)."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from tellapart.theory.refinement import IntArray, LongArray

__all__ = ["MIX", "bulk_round", "canonical", "jit"]

F = TypeVar("F", bound=Callable[..., Any])

#: Multiplier of the signature hash (golden ratio, 63 bits); only speed depends on it.
MIX = 0x1E3779B97F4A7C15


def jit(function: F) -> F:
    """Compile on first call; cache on disk unless no folder is writable (read-only, no home)."""
    try:
        return cast(F, numba.njit(cache=True)(function))
    except RuntimeError:  # "cannot cache function: no locator available"
        return cast(F, numba.njit(function))


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
def bulk_round(
    successors: IntArray, ids: IntArray, table: LongArray, signatures: IntArray
) -> tuple[IntArray, int]:
    """Group all observations by block and successor blocks; return new ids and their number.

    A slot of ``table`` holds 31 bits of hash and a group; ``signatures`` holds each group's
    signature, and in its next free row the one being looked up.
    """
    n, n_actions = successors.shape
    for i in range(len(table)):
        table[i] = -1
    refined = np.empty(n, dtype=np.int32)
    count = 0
    for o in range(n):
        signatures[count, 0] = ids[o]
        mixed = (np.int64(ids[o]) + 7) * np.int64(MIX)
        for a in range(n_actions):
            there = ids[successors[o, a]]
            signatures[count, a + 1] = there
            mixed = ((mixed ^ (mixed >> 32)) ^ np.int64(there)) * np.int64(MIX)
        mixed ^= mixed >> 32
        tag = (mixed >> 31) & 0x7FFFFFFF
        slot = mixed & (len(table) - 1)
        group = count
        while table[slot] >= 0:
            if table[slot] >> 32 == tag:
                group = table[slot] & 0x7FFFFFFF
                if _equal_rows(signatures, group, count):
                    break
                group = count
            slot = (slot + 1) & (len(table) - 1)
        if group == count:
            table[slot] = (tag << 32) | count
            count += 1
        refined[o] = group
    return refined, count


@jit
def _equal_rows(rows: IntArray, i: int, j: int) -> bool:
    """Compare two rows, exactly."""
    for column in range(rows.shape[1]):  # noqa: SIM110  (numba compiles the loop, not all())
        if rows[i, column] != rows[j, column]:
            return False
    return True
