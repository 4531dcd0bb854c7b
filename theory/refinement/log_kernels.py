"""Compiled kernel that makes a finished log of moves searchable (imports numba)."""

import numpy as np

from tellapart.theory.refinement.bulk_kernels import jit
from tellapart.theory.refinement.log import IntArray, LongArray

__all__ = ["moves_by_observation"]


@jit
def moves_by_observation(
    moved: IntArray, moved_to: IntArray, offsets: LongArray, n: int, first_round: int
) -> tuple[LongArray, LongArray, IntArray]:
    """Sort the log by observation, stably: where its moves begin, their rounds, their ids.

    The moves of round ``first_round + i`` are ``offsets[i] .. offsets[i + 1]``.
    """
    starts = np.zeros(n + 1, dtype=np.int64)
    for i in range(len(moved)):
        starts[moved[i]] += 1
    total = 0
    for o in range(n + 1):
        total += starts[o]
        starts[o] = total
    rounds = np.empty(len(moved), dtype=np.int64)
    targets = np.empty(len(moved), dtype=np.int32)
    for index in range(len(offsets) - 2, -1, -1):  # backwards, so that starts ends as it should
        for i in range(offsets[index + 1] - 1, offsets[index] - 1, -1):
            starts[moved[i]] -= 1
            rounds[starts[moved[i]]] = first_round + index
            targets[starts[moved[i]]] = moved_to[i]
    return starts, rounds, targets
