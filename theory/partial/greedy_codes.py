"""Greedy bounds on the number of codes: a clique, and consistent merging (S6)."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.classes import ForcedClasses
from tellapart.theory.partial.folding import Folding
from tellapart.theory.partition import canonical_ids

__all__ = ["greedy_clique", "greedy_merging"]

BoolMatrix = npt.NDArray[np.bool_]
_STARTS = 64
#: Classes that all trial folds together may touch; beyond, no more merges are tried.
_MAX_TOUCHED = 1_000_000


def greedy_clique(separated: BoolMatrix) -> list[int]:
    """Return classes of which any two are separated: the largest clique of several greedy ones.

    From each of the classes with most neighbours (at most 64 of them), add the candidate with most
    neighbours among the candidates, the smallest of several.

    Notes
    -----
    O(64 k²) for k classes.
    """
    degrees = separated.sum(axis=1)
    best: list[int] = []
    for start in np.argsort(-degrees, kind="stable")[:_STARTS].tolist():
        clique = [start]
        candidates = separated[start].copy()
        within = separated[:, candidates].sum(axis=1)  # neighbours among the candidates
        while candidates.any():
            chosen = int(np.where(candidates, within, -1).argmax())
            clique.append(chosen)
            removed = candidates & ~separated[chosen]
            candidates &= separated[chosen]
            within -= separated[:, removed].sum(axis=1)
        if len(clique) > len(best):
            best = clique
    return sorted(best)


def greedy_merging(classes: ForcedClasses, separated: BoolMatrix) -> npt.NDArray[np.int64]:
    """Merge each class into the first earlier one that it can be folded into consistently.

    Returns
    -------
    int64 ``[n_classes]``: block ids of an admissible partition of the classes.

    Notes
    -----
    At most k² folds for k classes; pairs of blocks with separated members are not tried. After
    folds that touched a million classes nothing more is merged.
    """
    state = _Merged(classes, separated)
    heads: list[int] = []
    for c in range(classes.n_classes):
        if state.parent[c] != c:
            continue
        for head in heads:
            if state.parent[head] == head and state.try_merge(head, c):
                break
        else:
            heads.append(c)
    roots = [state.root(c) for c in range(classes.n_classes)]
    return canonical_ids(np.array(roots, dtype=np.int64)).astype(np.int64)


class _Merged:
    """Classes merged for good, on which trial folds run."""

    def __init__(self, classes: ForcedClasses, separated: BoolMatrix) -> None:
        k = classes.n_classes
        self.parent = list(range(k))
        self._rows = [classes.rows_of(c) for c in range(k)]
        self._targets = classes.edge_targets.copy()
        self._labels = classes.labels.copy()
        self._apart = separated.copy()
        self.touched = 0

    def root(self, c: int) -> int:
        while self.parent[c] != c:
            c = self.parent[c]
        return c

    def try_merge(self, c: int, d: int) -> bool:
        """Merge two roots and fold when that is consistent; tell whether it was done."""
        if self._apart[c, d] or self.touched > _MAX_TOUCHED:
            return False
        folding = Folding(lambda r: dict(self._rows[r]), self._targets, self._labels)
        fine = folding.merge(c, d, (-1, -2))
        self.touched += folding.n_touched
        if not fine:
            return False
        groups = folding.merged()
        if any(self._apart[np.ix_(group, group)].any() for group in groups):
            return False
        for group in groups:
            self._unite(group)
        return True

    def _unite(self, group: list[int]) -> None:
        """Let the smallest member of a group stand for it."""
        head, *rest = group
        for c in rest:
            self.parent[c] = head
            for action, edge in self._rows[c].items():
                self._rows[head].setdefault(action, edge)
        self._labels[head] = self._labels[group].max()
        self._apart[head] |= self._apart[rest].any(axis=0)
        self._apart[:, head] = self._apart[head]
        moved = np.isin(self._targets, rest)
        self._targets[moved] = head
