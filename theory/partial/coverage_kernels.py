"""Pairs that one more transition separates, by backward search only, compiled (imports numba)."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.relation_kernels import UNDECIDED, spread
from tellapart.theory.refinement.bulk_kernels import jit

__all__ = ["word_gain"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


@jit
def word_gain(
    how: IntArray,
    sizes: LongArray,
    seeds: IntArray,
    c: int,
    d: int,
    peers: IntArray,
    peer_targets: IntArray,
    into_starts: LongArray,
    into_actions: IntArray,
    into_sources: IntArray,
    queue: IntArray,
) -> tuple[int, int]:
    """Return how many pairs of observations, and of classes, the seeds separate; ``how`` stays.

    ``seeds`` is ``[2, n]``: pairs of classes that the new transition separates at once. It leads
    from ``c`` to ``d``; ``peers`` are the classes with the same action, ``peer_targets`` where it
    leads them.
    """
    filled = 0
    for i in range(seeds.shape[1]):
        filled = _mark(how, seeds[0, i], seeds[1, i], queue, filled)
    done = gain = 0
    while done < filled:
        x, y = queue[0, done], queue[1, done]
        done += 1
        gain += sizes[x] * sizes[y]
        filled = spread(how, x, y, 0, into_starts, into_actions, into_sources, queue, filled)
        if x == d or y == d:
            other = y if x == d else x
            for i in range(len(peers)):
                if peer_targets[i] == other:
                    filled = _mark(how, c, peers[i], queue, filled)
    for i in range(filled):
        how[queue[0, i], queue[1, i]] = how[queue[1, i], queue[0, i]] = UNDECIDED
    return gain, filled


@jit
def _mark(how: IntArray, x: int, y: int, queue: IntArray, filled: int) -> int:
    if how[x, y] == UNDECIDED:
        how[x, y] = how[y, x] = 0
        queue[0, filled], queue[1, filled] = x, y
        filled += 1
    return filled
