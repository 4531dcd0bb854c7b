"""The relation "must be told apart" on classes, compiled (imports numba).

``how[c, d]`` is the length of a shortest covered distinguishing word, -1 for a pair that only a
fold tells apart, -2 for one that may share a code, and -3 while it is not decided.
"""

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.sorted_lists import merge_sorted
from tellapart.theory.refinement.bulk_kernels import jit

__all__ = ["UNDECIDED", "decide_by_folds", "fold_pair", "is_warm", "spread", "word_lengths"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]

UNDECIDED = -3
_FOLD, _MERGE = -1, -2


def is_warm() -> bool:
    """Tell whether the kernels are compiled or loaded in this process already."""
    return bool(getattr(decide_by_folds, "signatures", ()))


@jit
def word_lengths(
    labels: IntArray, into_starts: LongArray, into_actions: IntArray, into_sources: IntArray
) -> IntArray:
    """Fill in the lengths of shortest words by backward breadth-first search over pairs.

    The edges into a class are sorted by action. O(|A| k²).
    """
    k = len(labels)
    how = np.full((k, k), UNDECIDED).astype(np.int32)
    queue = np.empty((2, k * (k - 1) // 2 + 1), dtype=np.int32)
    filled = 0
    for c in range(k):
        how[c, c] = _MERGE
        for d in range(c):
            if labels[c] >= 0 and labels[d] >= 0 and labels[c] != labels[d]:
                how[c, d] = how[d, c] = 0
                queue[0, filled], queue[1, filled] = c, d
                filled += 1
    done = 0
    while done < filled:
        c, d = queue[0, done], queue[1, done]
        done += 1
        filled = spread(
            how, c, d, how[c, d] + 1, into_starts, into_actions, into_sources, queue, filled
        )
    return how


@jit
def spread(
    how: IntArray,
    c: int,
    d: int,
    mark: int,
    into_starts: LongArray,
    into_actions: IntArray,
    into_sources: IntArray,
    queue: IntArray,
    filled: int,
) -> int:
    """Mark the undecided pairs that one action leads to a separated pair, and queue them."""
    i, j = into_starts[c], into_starts[d]
    while i < into_starts[c + 1] and j < into_starts[d + 1]:
        if into_actions[i] < into_actions[j]:
            i += 1
        elif into_actions[i] > into_actions[j]:
            j += 1
        else:
            action, first = into_actions[i], j
            while i < into_starts[c + 1] and into_actions[i] == action:
                j = first
                while j < into_starts[d + 1] and into_actions[j] == action:
                    x, y = into_sources[i], into_sources[j]
                    if how[x, y] == UNDECIDED:
                        how[x, y] = how[y, x] = mark
                        queue[0, filled], queue[1, filled] = x, y
                        filled += 1
                    j += 1
                i += 1
    return filled


@jit
def decide_by_folds(
    how: IntArray,
    labels: IntArray,
    starts: LongArray,
    actions: IntArray,
    targets: IntArray,
    into_starts: LongArray,
    into_actions: IntArray,
    into_sources: IntArray,
    extra: tuple[int, int],
    max_work: int,
) -> int:
    """Decide every undecided pair by a fold; return the work done, or -1 beyond ``max_work``.

    A fold stops at a clash of labels and at any pair known to be separated; a pair that a fold
    separates separates its predecessors; all pairs inside a consistent fold may be merged.
    ``extra`` is a pair of classes merged in every fold, (-1, -1) for none.
    """
    k = len(labels)
    queue = np.empty((2, k * (k - 1) // 2 + 1), dtype=np.int32)
    state, following = _blank_state(labels, starts)
    links = np.empty((2, len(targets) + 2), dtype=np.int32)
    touched = np.empty(2 * k + 4, dtype=np.int32)
    work = 0
    for c in range(k):
        for d in range(c):
            if how[c, d] != UNDECIDED:
                continue
            fine, n_touched, spent = fold_pair(
                how, c, d, extra, labels, actions, targets, state, following, links, touched
            )
            work += spent
            if fine:
                work += _mark_merged(how, state, touched, n_touched)
            else:
                how[c, d] = how[d, c] = _FOLD
                queue[0, 0], queue[1, 0] = c, d
                done, filled = 0, 1
                while done < filled:
                    x, y = queue[0, done], queue[1, done]
                    done += 1
                    filled = spread(
                        how, x, y, _FOLD, into_starts, into_actions, into_sources, queue, filled
                    )
                work += filled
            _reset(state, following, labels, starts, touched, n_touched)
            if work > max_work:
                return -1
    return work


@jit
def _blank_state(labels: IntArray, starts: LongArray) -> tuple[IntArray, IntArray]:
    """Return parent, size, label, head, next member ``[5, k]``, and the lists of edges."""
    k = len(labels)
    state = np.empty((5, k), dtype=np.int32)
    following = np.empty(starts[k], dtype=np.int32)
    for c in range(k):
        _reset_one(state, following, labels, starts, c)
    return state, following


@jit
def _reset_one(
    state: IntArray, following: IntArray, labels: IntArray, starts: LongArray, c: int
) -> None:
    state[0, c], state[1, c], state[2, c], state[4, c] = c, 1, labels[c], -1
    state[3, c] = starts[c] if starts[c] < starts[c + 1] else -1
    for edge in range(starts[c], starts[c + 1]):
        following[edge] = edge + 1 if edge + 1 < starts[c + 1] else -1


@jit
def _reset(
    state: IntArray,
    following: IntArray,
    labels: IntArray,
    starts: LongArray,
    touched: IntArray,
    n_touched: int,
) -> None:
    """Undo a fold: only what it touched."""
    for i in range(n_touched):
        _reset_one(state, following, labels, starts, touched[i])


@jit
def _root(state: IntArray, c: int) -> int:
    while state[0, c] != c:
        state[0, c] = state[0, state[0, c]]
        c = state[0, c]
    return c


@jit
def fold_pair(
    how: IntArray,
    c: int,
    d: int,
    extra: tuple[int, int],
    labels: IntArray,
    actions: IntArray,
    targets: IntArray,
    state: IntArray,
    following: IntArray,
    links: IntArray,
    touched: IntArray,
) -> tuple[bool, int, int]:
    """Merge two classes and fold; return whether it is consistent, classes touched, and work.

    Classes that were merged are in ``touched``, some of them twice.
    """
    links[0, 0], links[1, 0] = c, d
    filled, done, n_touched, spent = 1, 0, 0, 0
    if extra[0] >= 0:
        links[0, 1], links[1, 1] = extra
        filled = 2
    while done < filled:
        u, v = links[0, done], links[1, done]
        done += 1
        spent += 1
        if how[u, v] >= _FOLD:
            return False, n_touched, spent
        x, y = _root(state, u), _root(state, v)
        if x == y:
            continue
        if how[x, y] >= _FOLD or (state[2, x] >= 0 and state[2, y] >= 0
                                  and state[2, x] != state[2, y]):  # fmt: skip
            return False, n_touched, spent
        if state[1, x] < state[1, y]:
            x, y = y, x
        touched[n_touched], touched[n_touched + 1] = x, y
        n_touched += 2
        state[0, y] = x
        state[1, x] += state[1, y]
        state[2, x] = max(state[2, x], state[2, y])
        before = filled
        state[3, x], filled, steps = merge_sorted(
            state[3, x], state[3, y], following, actions, links, filled
        )
        for k in range(before, filled):  # from edges to the classes they lead to
            links[0, k], links[1, k] = targets[links[0, k]], targets[links[1, k]]
        spent += steps
    return True, n_touched, spent


@jit
def _mark_merged(how: IntArray, state: IntArray, touched: IntArray, n_touched: int) -> int:
    """Mark all pairs inside the merged classes; return how many pairs were looked at."""
    for i in range(n_touched):
        state[4, touched[i]] = -2  # not listed yet
    for i in range(n_touched):
        c = touched[i]
        root = _root(state, c)
        if state[4, c] == -2 and c != root:
            state[4, c] = max(state[4, root], -1)
            state[4, root] = c
    looked = 0
    for i in range(n_touched):
        root = touched[i]
        if state[0, root] != root or state[1, root] == 0:
            continue
        state[1, root] = 0  # each class once
        c = root
        first = state[4, root]
        while c >= 0:
            d = first if c == root else state[4, c]
            while d >= 0:
                how[c, d] = how[d, c] = _MERGE
                looked += 1
                d = state[4, d]
            c = first if c == root else state[4, c]
    return looked
