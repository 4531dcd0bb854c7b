"""Depths, closures and admissibility for many tables at once.

Inside of :mod:`.search`: the first axis counts tables, nothing is checked here. Transitions come
as *rows*: for each action a list of ``(source, targets)``, a source with its successor in every
table. A row that a table lacks cannot be said; data of one shape are taken together.
"""

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement

import numpy as np
import numpy.typing as npt

__all__ = ["Rows", "admissible", "closed", "deepest_merged", "pair_depths", "world_rows"]

Ids = npt.NDArray[np.int8]
#: For each action, the rows ``(source, targets [n_tables])``.
Rows = Sequence[Sequence[tuple[int, Ids]]]

#: Depth of a pair that no word tells apart.
_NEVER = -1


def world_rows(tables: Ids) -> list[list[tuple[int, Ids]]]:
    """Return the rows of complete tables ``[N, n, m]``."""
    _, n, m = tables.shape
    return [[(o, tables[:, o, a]) for o in range(n)] for a in range(m)]


def pair_depths(tables: Ids, labels: Sequence[int]) -> Ids:
    """Return the length of the shortest distinguishing word of every pair (S7).

    Parameters
    ----------
    tables
        int8 ``[N, n, m]``.
    labels
        One label for each observation, the same in every table.

    Returns
    -------
    int8 ``[N, n, n]``; -1 for pairs that are bisimilar.
    """
    count, n, m = tables.shape
    values = np.array(labels)
    apart = np.broadcast_to(values[:, None] != values[None, :], (count, n, n)).copy()
    depths = np.where(apart, 0, _NEVER).astype(np.int8)
    at = np.arange(count)[:, None, None]
    for length in range(1, n):
        further = apart.copy()
        for action in range(m):
            column = tables[:, :, action]
            further |= apart[at, column[:, :, None], column[:, None, :]]
        fresh = further & ~apart
        if not fresh.any():
            break
        depths[fresh] = length
        apart = further
    return depths


def closed(rows: Rows, start: Ids) -> Ids:
    """Return the least equivalences above ``start`` that the rows respect (D4 ii).

    Parameters
    ----------
    rows
        Transitions for each action.
    start
        int8 ``[N, n]``: group numbers to begin with, any numbering below n.

    Returns
    -------
    int8 ``[N, n]``: the smallest member of the class of each observation.
    """
    ids = _by_smallest(start)
    at = np.arange(len(ids))
    changed = True
    while changed:
        changed = False
        for group in rows:
            for (x, ends), (y, others) in combinations_with_replacement(group, 2):
                one, two = ids[at, ends], ids[at, others]
                due = (ids[:, x] == ids[:, y]) & (one != two)
                if due.any():
                    low, high = np.minimum(one, two), np.maximum(one, two)
                    ids = np.where(due[:, None] & (ids == high[:, None]), low[:, None], ids)
                    changed = True
    return ids


def admissible(rows: Rows, codes: Sequence[int], count: int) -> npt.NDArray[np.bool_]:
    """Tell for which tables a predictor can follow the codes without error (D4 ii, S1)."""
    values = np.array(codes, dtype=np.int8)
    good = np.ones(count, dtype=bool)
    for group in rows:
        for (x, ends), (y, others) in combinations(group, 2):
            if codes[x] == codes[y]:
                good &= values[ends] == values[others]
    return good


def deepest_merged(depths: Ids, merged: npt.NDArray[np.bool_]) -> Ids:
    """Return the depth of the deepest merged pair, -1 where all merged pairs are bisimilar."""
    found: Ids = np.where(merged, depths, np.int8(_NEVER)).max(axis=(1, 2))
    return found


def _by_smallest(ids: Ids) -> Ids:
    """Renumber groups by their smallest member."""
    smallest: Ids = (ids[:, :, None] == ids[:, None, :]).argmax(axis=2).astype(np.int8)
    return smallest
