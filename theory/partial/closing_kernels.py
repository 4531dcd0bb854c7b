"""The least equivalence with D4 (ii), compiled (imports numba); same contract as the reference."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.sorted_lists import merge_sorted
from tellapart.theory.refinement.bulk_kernels import jit

__all__ = ["close_kernel", "is_warm"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


def is_warm() -> bool:
    """Tell whether the kernel is compiled or loaded in this process already."""
    return bool(getattr(close_kernel, "signatures", ()))


@jit
def close_kernel(
    starts: LongArray,
    sources: IntArray,
    actions: IntArray,
    targets: IntArray,
    labels: IntArray,
    max_rounds: int,
) -> tuple[IntArray, IntArray, int, int]:
    """Merge co-successors in rounds; return parents, proof ``[3, n]``, rounds, clash round.

    Each class has a list of its pairs sorted by action; joining two classes merges their lists,
    and of two pairs with one action the second leaves the list and becomes a link. So the queue
    never needs more room than there are transitions.
    """
    n = len(labels)
    parent = np.arange(n).astype(np.int32)
    size, label = np.ones(n, dtype=np.int32), labels.copy()
    proof = np.full((3, n), -1, dtype=np.int32)
    queue = np.empty((2, len(targets)), dtype=np.int32)
    head, following, filled = _first_links(starts, sources, queue, n)
    keys = actions[starts[:-1]]
    done = rounds = clash = 0
    while done < filled and rounds < max_rounds:
        rounds += 1
        end = filled
        while done < end:
            p, q = queue[0, done], queue[1, done]
            done += 1
            x, y = _find(parent, targets[p]), _find(parent, targets[q])
            if x == y:
                continue
            if size[x] < size[y]:
                p, q = q, p
                x, y = y, x
            _hang_below(proof, targets[p], targets[q], p, q)
            parent[y] = x
            size[x] += size[y]
            if clash == 0 and label[x] >= 0 and label[y] >= 0 and label[x] != label[y]:
                clash = rounds
            label[x] = max(label[x], label[y])
            before = filled
            head[x], filled, _ = merge_sorted(head[x], head[y], following, keys, queue, filled)
            for k in range(before, filled):  # from pairs to their first transitions
                queue[0, k], queue[1, k] = starts[queue[0, k]], starts[queue[1, k]]
    for o in range(n):
        parent[o] = _find(parent, o)
    return parent, proof, rounds, clash


@jit
def _first_links(
    starts: LongArray, sources: IntArray, queue: IntArray, n: int
) -> tuple[IntArray, IntArray, int]:
    """Lay out the lists of pairs, and queue the links of pairs with several successors."""
    head = np.full(n, -1, dtype=np.int32)
    following = np.empty(len(starts) - 1, dtype=np.int32)
    filled = 0
    for pair in range(len(starts) - 2, -1, -1):
        source = sources[starts[pair]]
        following[pair] = head[source]
        head[source] = pair
    for pair in range(len(starts) - 1):
        for other in range(starts[pair] + 1, starts[pair + 1]):
            queue[0, filled] = starts[pair]
            queue[1, filled] = other
            filled += 1
    return head, following, filled


@jit
def _find(parent: IntArray, node: int) -> int:
    """Return the root of a node, halving the path on the way."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@jit
def _hang_below(proof: IntArray, u: int, v: int, p: int, q: int) -> None:
    """Make ``v`` the root of its proof tree and hang it below ``u``."""
    child, above, mine, its = v, proof[0, v], proof[1, v], proof[2, v]
    proof[0, v], proof[1, v], proof[2, v] = u, q, p
    while above >= 0:
        up, old_mine, old_its = proof[0, above], proof[1, above], proof[2, above]
        proof[0, above], proof[1, above], proof[2, above] = child, its, mine
        child, above, mine, its = above, up, old_mine, old_its
