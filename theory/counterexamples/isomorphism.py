"""When two counterexamples differ only in names: observations, actions, codes and label values.

Inside of :mod:`.search`. The tables come one for each class already (:mod:`.tables`), so two
candidates can only be renamings of each other when they share the table, by one that keeps it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from tellapart.theory.counterexamples.tables import Renaming, renamings

__all__ = ["Structure", "canonical", "renumbered", "symmetries"]

#: Labels, codes, looks (group numbers of the observations each), and rows added or missing.
Structure = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[tuple[int, ...], ...]]


def symmetries(table: npt.NDArray[np.int8]) -> list[Renaming]:
    """Return the renamings of observations and actions that keep a table ``[n, m]``."""
    n, m = table.shape
    rows = table.tolist()
    return [
        (s, t)
        for s, t in renamings(n, m)
        if all(rows[s[o]][t[a]] == s[rows[o][a]] for o in range(n) for a in range(m))
    ]


def canonical(structure: Structure, group: Iterable[Renaming]) -> Structure:
    """Return the smallest of the structures that a group of renamings makes of one.

    Group numbers are renumbered by first appearance each time, so codes and label values have no
    names either.

    Examples
    --------
    >>> swap = [((0, 1), (0,)), ((1, 0), (0,))]
    >>> canonical(((0, 1), (0, 0), (0, 1), ((1, 0, 0),)), swap)
    ((0, 1), (0, 0), (0, 1), ((0, 0, 1),))
    """
    return min(_renamed(structure, *renaming) for renaming in group)


def _renamed(
    structure: Structure, observations: tuple[int, ...], actions: tuple[int, ...]
) -> Structure:
    labels, codes, looks, rows = structure
    back = np.argsort(observations).tolist()
    moved = sorted(_row(row, observations, actions) for row in rows)
    return (
        renumbered([labels[o] for o in back]),
        renumbered([codes[o] for o in back]),
        renumbered([looks[o] for o in back]),
        tuple(moved),
    )


def _row(
    row: tuple[int, ...], observations: tuple[int, ...], actions: tuple[int, ...]
) -> tuple[int, ...]:
    """Rename a row ``(observation, action)`` or ``(observation, action, successor)``."""
    return (observations[row[0]], actions[row[1]], *(observations[end] for end in row[2:]))


def renumbered(ids: Sequence[int]) -> tuple[int, ...]:
    """Return group numbers by first appearance."""
    seen: dict[int, int] = {}
    return tuple(seen.setdefault(group, len(seen)) for group in ids)
