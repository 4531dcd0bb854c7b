"""The relation "must be told apart" on classes in plain Python: the oracle of the kernels (S3)."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.classes import ForcedClasses
from tellapart.theory.partial.folding import Folding

__all__ = ["relation_reference"]

IntArray = npt.NDArray[np.int32]

MAY_MERGE, BY_FOLD = -2, -1


def relation_reference(classes: ForcedClasses) -> IntArray:
    """Return for each pair of classes how it is told apart.

    Returns
    -------
    int32 ``[n_classes, n_classes]``, symmetric: the length of a shortest covered distinguishing
    word, -1 for a pair that only a fold tells apart, -2 for one that may share a code.

    Notes
    -----
    O(k² |A|) for the words of k classes, and a fold for each other pair.
    """
    k = classes.n_classes
    how = np.full((k, k), MAY_MERGE, dtype=np.int32)
    level = [
        (c, d)
        for c in range(k)
        for d in range(c)
        if classes.labels[c] >= 0 and 0 <= classes.labels[d] != classes.labels[c]
    ]
    into: list[list[tuple[int, int]]] = [[] for _ in range(k)]  # (action, source class)
    for c in range(k):
        for action, edge in classes.rows_of(c).items():
            into[int(classes.edge_targets[edge])].append((action, c))
    length = 0
    for c, d in level:
        how[c, d] = how[d, c] = 0
    while level:
        length += 1
        later = []
        for c, d in level:
            for action, x in into[c]:
                for other, y in into[d]:
                    if action == other and x != y and how[x, y] == MAY_MERGE:
                        how[x, y] = how[y, x] = length
                        later.append((x, y))
        level = later
    for c in range(k):
        for d in range(c):
            if how[c, d] == MAY_MERGE:
                folding = Folding(classes.rows_of, classes.edge_targets, classes.labels)
                if not folding.merge(c, d, (-1, -2)):
                    how[c, d] = how[d, c] = BY_FOLD
    return how
