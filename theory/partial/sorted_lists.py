"""Linked lists sorted by a key, merged in place; compiled (imports numba)."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.refinement.bulk_kernels import jit

__all__ = ["merge_sorted"]

IntArray = npt.NDArray[np.int32]


@jit
def merge_sorted(
    i: int, j: int, following: IntArray, keys: IntArray, equal: IntArray, filled: int
) -> tuple[int, int, int]:
    """Merge two lists of nodes without equal keys inside each; of two equal keys one stays.

    Parameters
    ----------
    i, j
        Heads of the lists, -1 for an empty one.
    following
        The next node of each, -1 at the end; rewritten.
    keys
        The key of each node; lists ascend.
    equal
        int32 ``[2, ...]``: gets the two nodes of each equal key from position ``filled`` on.

    Returns
    -------
    The head of the merged list, the new ``filled``, and the number of steps taken.
    """
    head = tail = -1
    steps = 0
    while i >= 0 and j >= 0:
        steps += 1
        if keys[i] == keys[j]:
            equal[0, filled], equal[1, filled] = i, j
            filled += 1
            j = following[j]
            continue
        if keys[i] < keys[j]:
            taken, i = i, following[i]
        else:
            taken, j = j, following[j]
        if tail < 0:
            head = taken
        else:
            following[tail] = taken
        tail = taken
    rest = i if i >= 0 else j
    if tail < 0:
        head = rest
    else:
        following[tail] = rest
    return head, filled, steps
