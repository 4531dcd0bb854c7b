"""All dynamics of a size up to renaming, and all ways to group a few things.

Inside of :mod:`.search`: integer arrays, nothing is checked here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

import numpy as np
import numpy.typing as npt

__all__ = ["Dynamics", "dynamics_up_to_renaming", "groupings", "n_tables", "renamings"]

#: Tables that are looked at together.
_CHUNK = 1 << 18

Tables = npt.NDArray[np.int8]
Renaming = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Dynamics:
    """One table of successors for each class of tables that renaming turns into each other.

    Attributes
    ----------
    tables
        int8 ``[n_classes, n, m]``: of each class the lexicographically smallest table, in order.
    symmetric
        bool ``[n_classes]``: some renaming other than the identity keeps the table.
    """

    tables: Tables
    symmetric: npt.NDArray[np.bool_]


def n_tables(n: int, m: int) -> int:
    """Return the number of tables of ``n`` observations and ``m`` actions, before renaming."""
    return int(n ** (n * m))


@lru_cache(maxsize=8)
def renamings(n: int, m: int) -> tuple[Renaming, ...]:
    """Return all renamings of ``n`` observations and ``m`` actions, the identity first."""
    return tuple((s, t) for s in permutations(range(n)) for t in permutations(range(m)))


@lru_cache(maxsize=8)
def dynamics_up_to_renaming(n: int, m: int) -> Dynamics:
    """Return one table for each class of dynamics with ``n`` observations and ``m`` actions.

    Parameters
    ----------
    n, m
        Observations and actions, at least 1 each.

    Returns
    -------
    Dynamics

    Notes
    -----
    A sieve: of every table each renaming is compared, and only tables that none makes smaller
    are carried on; O(n^(n m) n m) array operations in practice, since few survive the first
    renamings.

    Examples
    --------
    The identity, the swap and the constant: three ways for one action to move two observations.

    >>> dynamics_up_to_renaming(2, 1).tables.reshape(3, 2).tolist()
    [[0, 0], [0, 1], [1, 0]]
    """
    powers = n ** np.arange(n * m - 1, -1, -1, dtype=np.int64)
    tables, symmetric = [], []
    for start in range(0, n_tables(n, m), _CHUNK):
        keys = np.arange(start, min(start + _CHUNK, n_tables(n, m)), dtype=np.int64)
        digits = ((keys[:, None] // powers) % n).astype(np.int8).reshape(-1, n, m)
        kept, same = _sieve(keys, digits, powers)
        tables.append(digits[kept])
        symmetric.append(same)
    return Dynamics(np.concatenate(tables), np.concatenate(symmetric))


def _sieve(
    keys: npt.NDArray[np.int64], digits: Tables, powers: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return the positions of the tables that no renaming makes smaller, and their symmetry."""
    _, n, m = digits.shape
    kept = np.arange(len(keys))
    same = np.zeros(len(keys), dtype=bool)
    for observations, actions in renamings(n, m)[1:]:
        forward = np.array(observations, dtype=np.int8)
        back, back_actions = np.argsort(forward), np.argsort(np.array(actions))
        moved = forward[digits[kept][:, back][:, :, back_actions]]
        found = moved.reshape(len(kept), n * m) @ powers
        same |= found == keys[kept]
        stays = found >= keys[kept]
        kept, same = kept[stays], same[stays]
    return kept, same


def groupings(n: int, n_groups: int | None = None) -> Iterator[tuple[int, ...]]:
    """Yield all ways to put ``n`` things in groups, as group numbers by first appearance.

    Parameters
    ----------
    n
        Things.
    n_groups
        Exactly this many groups; None: any number.

    Examples
    --------
    >>> list(groupings(3, 2))
    [(0, 0, 1), (0, 1, 0), (0, 1, 1)]
    """

    def extend(head: tuple[int, ...], used: int) -> Iterator[tuple[int, ...]]:
        if len(head) == n:
            if n_groups is None or used == n_groups:
                yield head
            return
        most = used + 1 if n_groups is None else min(used + 1, n_groups)
        for group in range(most):
            yield from extend((*head, group), max(used, group + 1))

    return extend((), 0)
