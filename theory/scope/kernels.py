"""Compiled loop over every table of successors and labels of one size (imports numba).

Nothing here is shared with refinement, lattices or audits: bisimilarity is decided by walking from
each pair of observations to the pairs that it leads to, zero loss by looking for a table of the
predictor and of the head, admissibility by comparing all pairs inside blocks.
"""

import numpy as np
import numpy.typing as npt

from tellapart.theory.refinement.bulk_kernels import jit

__all__ = ["N_TOTALS", "bisimilar_ids", "read_table", "sweep"]

Small = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
LongArray = npt.NDArray[np.int64]

#: Entries of the totals, and what they count; depths follow.
(
    TABLES, SYSTEMS, COPIES, KERNELS, ZERO_LOSS, ZERO_LOSS_TABLES, COLLAPSES, COLLAPSES_TABLES,
    BROKEN_S1, BROKEN_S5, BROKEN_S7, WITNESS, WITNESS_KERNEL, DEPTHS,
) = range(14)  # fmt: skip

#: Depths 0 .. 6 are counted; a deeper one would break S7 at every size this loop can finish.
N_TOTALS = DEPTHS + 7


@jit
def read_table(number: int, n_labels: int, successors: Small, labels: Small) -> None:
    """Write the table of this number: its digits are the labels, then the successors."""
    n, n_actions = successors.shape
    for o in range(n):
        labels[o] = number % n_labels
        number //= n_labels
    for o in range(n):
        for a in range(n_actions):
            successors[o, a] = number % n
            number //= n


@jit
def _separation_depth(
    successors: Small, labels: Small, x: int, y: int, seen: Flags, queue: LongArray
) -> int:
    """Walk from a pair to a pair of different labels; return how many steps, -1 if none."""
    n, n_actions = successors.shape
    seen[:] = False
    seen[x * n + y] = True
    queue[0], queue[1] = x * n + y, 0
    begin, end = 0, 2
    while begin < end:
        u, v, steps = queue[begin] // n, queue[begin] % n, queue[begin + 1]
        begin += 2
        if labels[u] != labels[v]:
            return int(steps)
        for a in range(n_actions):
            there = successors[u, a] * n + successors[v, a]
            if not seen[there]:
                seen[there] = True
                queue[end], queue[end + 1] = there, steps + 1
                end += 2
    return -1


@jit
def bisimilar_ids(successors: Small, labels: Small, ids: Small) -> int:
    """Write the blocks of bisimilarity (D3) and return its depth; -1 if it is no equivalence."""
    n = len(labels)
    seen, queue = np.empty(n * n, dtype=np.bool_), np.empty(2 * n * n, dtype=np.int64)
    apart = np.empty((n, n), dtype=np.bool_)
    deepest, n_blocks = 0, 0
    for x in range(n):
        ids[x] = -1
        for y in range(n):
            depth = _separation_depth(successors, labels, x, y, seen, queue)
            apart[x, y] = depth >= 0
            deepest = max(deepest, depth)
            if y <= x and ids[x] < 0 and not apart[x, y]:
                ids[x] = n_blocks if y == x else ids[y]
        n_blocks = max(n_blocks, ids[x] + 1)
    for x in range(n):
        for y in range(n):
            if apart[x, y] == (ids[x] == ids[y]):
                return -1
    return deepest


@jit
def _reaches_zero_loss(
    successors: Small, labels: Small, ids: Small, n_labels: int, with_labels: bool,
    with_dynamics: bool,
) -> bool:  # fmt: skip
    """D1: some head and some predictor, given as tables over the codes, make no error."""
    n, n_actions = successors.shape
    for code in range(n):
        fits = not with_labels
        for value in range(n_labels):
            right = True
            for o in range(n):
                right &= ids[o] != code or labels[o] == value
            fits |= right
        if not fits:
            return False
        for a in range(n_actions):
            fits = not with_dynamics
            for following in range(n):
                right = True
                for o in range(n):
                    right &= ids[o] != code or ids[successors[o, a]] == following
                fits |= right
            if not fits:
                return False
    return True


@jit
def _is_admissible(
    successors: Small, labels: Small, ids: Small, with_labels: bool, with_dynamics: bool
) -> bool:
    """D4: equal labels, and successors in one block, for any two members of a block."""
    n, n_actions = successors.shape
    for x in range(n):
        for y in range(x):
            if ids[x] != ids[y]:
                continue
            if with_labels and labels[x] != labels[y]:
                return False
            for a in range(n_actions):
                if with_dynamics and ids[successors[x, a]] != ids[successors[y, a]]:
                    return False
    return True


@jit
def _compare_with_image(
    successors: Small, labels: Small, names: Small, inverse: Small, actions: Small, values: Small
) -> int:
    """Compare a renamed table with the table: -1 when it comes first in order, 0 when equal."""
    n, n_actions = successors.shape
    for o in range(n):
        difference = values[labels[names[o]]] - labels[o]
        if difference != 0:
            return -1 if difference < 0 else 1
    for o in range(n):
        for a in range(n_actions):
            difference = inverse[successors[names[o], actions[a]]] - successors[o, a]
            if difference != 0:
                return -1 if difference < 0 else 1
    return 0


@jit
def _symmetries(
    successors: Small, labels: Small, names: Small, inverses: Small, actions: Small,
    values: Small, keeps: Flags,
) -> int:  # fmt: skip
    """Count the renamings that keep a table, and mark those of observations; 0 if not the first.

    Of all tables that are renamings of each other one is the first in order and stands for them.
    """
    count = 0
    keeps[:] = False
    for i in range(len(names)):
        for j in range(len(actions)):
            for k in range(len(values)):
                order = _compare_with_image(
                    successors, labels, names[i], inverses[i], actions[j], values[k]
                )
                if order < 0:
                    return 0
                if order == 0:
                    keeps[i] = True
                    count += 1
    return count


@jit
def _breaks_lattice(reached: Flags, top: int, meets: LongArray, joins: LongArray) -> bool:
    """S5: identity (the last partition) and ``top`` are reached; meets and joins stay inside."""
    if not reached[len(reached) - 1] or not reached[top]:
        return True
    for i in range(len(reached)):
        for j in range(i):
            if reached[i] and reached[j] and not (reached[meets[i, j]] and reached[joins[i, j]]):
                return True
    return False


@jit
def sweep(
    first: int, last: int, n_labels: int, n_actions: int, partitions: Small, refines: Flags,
    meets: LongArray, joins: LongArray, names: Small, inverses: Small, images: LongArray,
    actions: Small, values: Small, with_labels: bool, with_dynamics: bool, totals: LongArray,
) -> None:  # fmt: skip
    """Check all tables ``first <= number < last`` and add what was found to ``totals``.

    Parameters
    ----------
    first, last, n_labels, n_actions
        The numbers of tables (:func:`read_table`) and their size.
    partitions
        int8 ``[k, n]``: all partitions as canonical ids, identity last.
    refines, meets, joins
        ``[k, k]``: whether one refines another, and the indices of meet and join.
    names, inverses, actions, values
        int8: all permutations of observations, their inverses, of actions, of label values.
    images
        int64 ``[n!, k]``: the index of each partition after each permutation of observations.
    with_labels, with_dynamics
        Which losses are zero.
    totals
        int64 ``[N_TOTALS]``.
    """
    k, n = partitions.shape
    successors, labels = np.empty((n, n_actions), np.int8), np.empty(n, np.int8)
    ids, reached = np.empty(n, np.int8), np.empty(k, np.bool_)
    keeps = np.empty(len(names), np.bool_)
    order = len(names) * len(actions) * len(values)
    for number in range(first, last):
        read_table(number, n_labels, successors, labels)
        totals[TABLES] += 1
        depth = bisimilar_ids(successors, labels, ids)
        top = 0
        while top < k and not (partitions[top] == ids).all():
            top += 1
        if depth < 0 or depth > n - len(np.unique(labels)):
            totals[BROKEN_S7] += 1
            continue
        copies = _symmetries(successors, labels, names, inverses, actions, values, keeps)
        if copies > 0:
            totals[SYSTEMS] += 1
            totals[COPIES] += order // copies
            totals[DEPTHS + depth] += 1
        for i in range(k):
            reached[i] = _reaches_zero_loss(
                successors, labels, partitions[i], n_labels, with_labels, with_dynamics
            )
            allowed = _is_admissible(successors, labels, partitions[i], with_labels, with_dynamics)
            totals[BROKEN_S1] += reached[i] != allowed
            collapsed = reached[i] and not refines[i, top]
            totals[ZERO_LOSS_TABLES] += reached[i]
            totals[COLLAPSES_TABLES] += collapsed
            if collapsed and totals[WITNESS] < 0:
                totals[WITNESS], totals[WITNESS_KERNEL] = number, i
            stands = copies > 0  # for all kernels that a symmetry of the table makes of it
            for s in range(len(names)):
                stands &= not keeps[s] or images[s, i] >= i
            if stands:
                totals[KERNELS] += 1
                totals[ZERO_LOSS] += reached[i]
                totals[COLLAPSES] += collapsed
        totals[BROKEN_S5] += _breaks_lattice(reached, top, meets, joins)
