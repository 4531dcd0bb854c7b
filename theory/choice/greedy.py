"""Labels that suffice for a target, at any size: refine, fold what is left, mark, drop (S9).

Each round refines once with the marks so far, takes pairs that the target separates and the label
does not, folds them, and marks the observations that meet most of these folds. After the first
rounds the number of marks a round grows twofold, so that 100,000 observations take a few dozen
refinements; what was marked in vain is dropped afterwards by halving.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.choice.folds import Fold, LabelProblem, fold

__all__ = ["Marks", "greedy_binary", "greedy_marks", "greedy_values", "labels_of_marks"]

LongArray = npt.NDArray[np.int64]

#: Rounds that add one mark each, before their number doubles.
_SINGLE_ROUNDS = 16
#: Pairs folded in a round beyond four for each new mark.
_PAIRS = 12
#: Merges a round may spend on folds: a partial fold is good enough to choose a mark.
_MERGES = 120_000
#: Table entries that dropping marks may refine over in all, and merges it may spend on folds.
_DROP_WORK, _DROP_MERGES = 20_000_000, 1_000_000
#: Rounds of repair for each number of values and each start.
_REPAIRS = 24


@dataclass(frozen=True)
class Marks:
    """Observations to label apart, by index.

    Attributes
    ----------
    marks
        The observations, ascending.
    folds
        Complete folds met on the way: the label must break each of them.
    irreducible
        Whether it was shown that no single mark can be dropped; False when not shown. Never
        shown for one value for all marks: a drop that failed may succeed after others, because a
        block can also be too full of marks.
    """

    marks: tuple[int, ...]
    folds: tuple[Fold, ...]
    irreducible: bool


def labels_of_marks(marks: Iterable[int], n: int, *, binary: bool = False) -> LongArray:
    """Return label 0 for all but the marked observations: 1, 2, .. in turn, or 1 for each."""
    labels = np.zeros(n, dtype=np.int64)
    chosen = np.array(sorted(marks), dtype=np.int64)
    labels[chosen] = 1 if binary else np.arange(1, len(chosen) + 1)
    return labels


def greedy_marks(problem: LabelProblem) -> Marks:
    """Mark few observations, each with a value of its own, so that the target is kept apart.

    Notes
    -----
    O(log n) refinements beyond the first rounds, plus those that dropping may spend. Ends: each
    round marks an observation in the support of a fold that no mark met.
    """
    marks = _twin_marks(problem)
    folds: list[Fold] = []
    width, rounds = 1, 0
    while True:
        wanted = problem.unresolved(labels_of_marks(marks, problem.n), 4 * width + _PAIRS)
        if not wanted:
            break
        found = _folded(problem, wanted)
        folds.extend(each for each in found if each.complete)
        marks |= _hitting(found, width)
        rounds += 1
        width = width if rounds < _SINGLE_ROUNDS else 2 * width

    return _dropped(problem, marks, folds, binary=False)


def _folded(problem: LabelProblem, pairs: Iterable[tuple[int, int]]) -> list[Fold]:
    """Fold pairs while the merges of a round last: many small folds or a few large ones."""
    left = _MERGES
    found = []
    for pair in pairs:
        found.append(fold(problem.rows, *problem.deeper(pair), limit=max(16, left // 8)))
        left -= len(found[-1].edges)
        if left <= 0:
            break
    return found


def _twin_marks(problem: LabelProblem) -> set[int]:
    """Mark of each class of twins all but its largest part: fewer leave two alike.

    Of parts equally large the one that fewest transitions lead to stays unmarked: marks that are
    seen from elsewhere tell other observations apart as well.
    """
    seen = np.bincount(problem.successors.reshape(-1), minlength=problem.n)
    marks: set[int] = set()
    for twins in problem.twins:
        left = [o for o in twins.tolist() if o not in marks]
        parts = Counter(problem.target[left].tolist())
        visits = Counter[int]()
        for o in left:
            visits[int(problem.target[o])] += int(seen[o])
        if len(parts) > 1:
            stays = max(parts, key=lambda part: (parts[part], -visits[part], -part))
            marks.update(o for o in left if problem.target[o] != stays)
    return marks


def _needed_by_twins(problem: LabelProblem, marks: set[int]) -> set[int]:
    """Return the marked twins that the target separates from an unmarked one."""
    needed: set[int] = set()
    for twins in problem.twins:
        members = twins.tolist()
        parts = {int(problem.target[o]) for o in members if o not in marks}
        needed.update(o for o in members if o in marks and parts - {int(problem.target[o])})
    return needed


def _hitting(folds: Sequence[Fold], most: int) -> set[int]:
    """Choose up to ``most`` observations that meet as many folds as they can, greedily."""
    count = Counter(o for each in folds for o in each.support)
    chosen = {min(count, key=lambda o: (-count[o], o))}
    for each in sorted(folds, key=lambda one: len(one.edges)):
        if len(chosen) >= most:
            break
        if not chosen & each.support:
            chosen.add(min(each.support, key=lambda o: (-count[o], o)))
    return chosen


def _dropped(problem: LabelProblem, marks: set[int], folds: list[Fold], *, binary: bool) -> Marks:
    """Drop marks that are not needed, halves first; a fold met by one mark alone proves it."""
    needed = _proven(marks, folds) | _needed_by_twins(problem, marks)
    tests = max(2 * problem.n.bit_length(), _DROP_WORK // problem.successors.size)
    merges = _DROP_MERGES
    queue = [sorted(marks - needed)]
    while queue and tests > 0:
        group = [o for o in queue.pop() if o not in needed]
        if not group:
            continue
        tests -= 1
        left = problem.unresolved(
            labels_of_marks(marks.difference(group), problem.n, binary=binary), 1
        )
        if not left:
            marks = marks.difference(group)
            continue
        if merges > 0:
            against = problem.small_fold(left[0], tries=min(64, _MERGES // problem.n))
            merges -= len(against.edges)
            folds.append(against)
            needed |= _proven(marks, [against])
        if len(group) == 1:
            needed.add(group[0])
        else:
            half = len(group) // 2
            queue += [group[half:], group[:half]]
    undecided = any(o not in needed for group in queue for o in group)
    return Marks(tuple(sorted(marks)), tuple(folds), irreducible=not (undecided or binary))


def _proven(marks: set[int], folds: Iterable[Fold]) -> set[int]:
    """Return the marks that are alone in the support of some fold."""
    alone = (marks & each.support for each in folds)
    return {next(iter(hit)) for hit in alone if len(hit) == 1}


def greedy_binary(problem: LabelProblem, start: Sequence[int], seed: int) -> Marks | None:
    """Mark observations with one value for all of them; None when none was found.

    Notes
    -----
    A random walk: whenever a fold has one value on all its blocks, an observation of it flips.
    """
    labels = _repaired(problem, 2, labels_of_marks(start, problem.n, binary=True), seed)
    if labels is None:
        return None
    marks = np.flatnonzero(labels)
    if 2 * len(marks) > problem.n:  # the complement separates as much
        marks = np.flatnonzero(labels == 0)

    return _dropped(problem, set(marks.tolist()), [], binary=True)


def greedy_values(problem: LabelProblem, start: Sequence[int], lower: int, seed: int) -> LongArray:
    """Label all observations with few distinct values, so that the target is kept apart.

    Tries ``lower`` values, then more; the blocks of the target as values end the search.
    """
    classes = len(np.unique(problem.target))
    k = max(lower, 1)
    grown = 0
    while k < classes:
        starts = [_spread(problem, k, np.minimum(labels_of_marks(start, problem.n), k - 1))]
        if k > 1:
            random = np.random.default_rng([seed, k]).integers(k, size=problem.n)
            starts.append(_spread(problem, k, random))
        for labels in starts:
            found = _repaired(problem, k, labels, seed)
            if found is not None:
                return found
        grown += 1
        k += 1 if grown < 6 else k // 2
    return problem.target.astype(np.int64)


def _spread(problem: LabelProblem, k: int, labels: LongArray) -> LongArray:
    """Give twins that the target separates different values, as far as ``k`` values go."""
    labels = labels.copy()
    for twins in problem.twins:
        part = np.unique(problem.target[twins], return_inverse=True)[1].reshape(-1)
        labels[twins] = (labels[twins[0]] + part) % k
    return labels


def _repaired(problem: LabelProblem, k: int, labels: LongArray, seed: int) -> LongArray | None:
    """Repair a labelling with ``k`` values until it suffices; None when it does not in time."""
    random = np.random.default_rng([seed, k, 1])
    twin_of = {o: number for number, twins in enumerate(problem.twins) for o in twins.tolist()}
    labels = labels.copy()
    if k == 1:
        return None if problem.unresolved(labels, 1) else labels
    for _ in range(_REPAIRS):
        wanted = problem.unresolved(labels, 256)
        if not wanted:
            return labels
        for each in _folded(problem, wanted):
            edges = each.edges
            if any(labels[u] != labels[v] for u, v in edges):
                continue  # mended by an earlier repair
            o = edges[int(random.integers(len(edges)))][int(random.integers(2))]
            value = (int(labels[o]) + 1 + int(random.integers(k - 1))) % k
            if o in twin_of:  # twins swap values, so that they stay different
                twins = problem.twins[twin_of[o]]
                labels[twins[labels[twins] == value]] = labels[o]
            labels[o] = value
    return None
