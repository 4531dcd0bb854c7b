"""Merge and fold: the least relation closed under the dynamics, and all of them (D4, S3, S5).

Inside of :mod:`tellapart.theory.lattice.admissible`: integer nodes, nothing is checked here.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

__all__ = ["Congruences", "Folding", "congruences", "leaders_after", "merged", "renumbered"]

#: Nodes that may be visited for each congruence of the budget: an enumeration ends in any case.
_VISITS = 400


@dataclass(frozen=True, slots=True)
class Folding:
    """A functional, possibly partial system whose nodes may be merged.

    Attributes
    ----------
    rows
        ``rows[x][a]``: the successor of node ``x``, -1 where there is none.
    colours
        Nodes of two different colours are never merged; -1 goes with every colour.
    members, blocked
        Bit masks for each node, over any fixed set of points: which points it stands for, and
        with which points it is never merged. All zero when the colours say everything.
    """

    rows: Sequence[tuple[int, ...]]
    colours: Sequence[int]
    members: Sequence[int]
    blocked: Sequence[int]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Congruences:
    """The relations with (ii) of D4 that merge nothing forbidden, as canonical block ids.

    Attributes
    ----------
    elements
        The identity first; all of them, or as many as the budget allowed.
    covers
        Positions ``(finer, coarser)`` with nothing strictly between; of the elements expanded.
    complete
        Whether these are all.
    """

    elements: list[tuple[int, ...]]
    covers: list[tuple[int, int]]
    complete: bool


def leaders_after(system: Folding, pairs: Iterable[tuple[int, int]]) -> list[int] | None:
    """Merge pairs and fold until every action respects the result.

    Returns
    -------
    The smallest node of the block of each node, or None when nodes that may not be merged would
    be: then every relation with (ii) that contains the pairs merges them (S3).

    Notes
    -----
    Union-find, O((n + merges |A|) α(n)).
    """
    parent = list(range(len(system)))
    rows, colours = list(system.rows), list(system.colours)
    members, blocked = list(system.members), list(system.blocked)
    waiting = list(pairs)
    while waiting:
        x, y = waiting.pop()
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x == y:
            continue
        if y < x:
            x, y = y, x
        if blocked[x] & members[y]:
            return None
        if colours[x] != colours[y]:
            if colours[x] >= 0 and colours[y] >= 0:
                return None
            colours[x] = max(colours[x], colours[y])
        parent[y] = x
        members[x] |= members[y]
        blocked[x] |= blocked[y]
        rows[x] = _common_row(rows[x], rows[y], waiting)
    for x, above in enumerate(parent):  # a parent is smaller, so it has its leader already
        parent[x] = parent[above]
    return parent


def _common_row(
    one: tuple[int, ...], other: tuple[int, ...], waiting: list[tuple[int, int]]
) -> tuple[int, ...]:
    """Return the row of two merged nodes; successors that differ wait to be merged as well."""
    missing = False
    for s, t in zip(one, other, strict=True):
        if s != t:
            if s < 0:
                missing = True
            elif t >= 0:
                waiting.append((s, t))
    if not missing:
        return one
    return tuple(t if s < 0 else s for s, t in zip(one, other, strict=True))


def merged(system: Folding, leaders: Sequence[int]) -> tuple[tuple[int, ...], Folding]:
    """Return the block of each node, numbered by smallest member, and the system of the blocks."""
    ids = renumbered(leaders)
    count = max(ids, default=-1) + 1
    rows = [(-1,) * (len(system.rows[0]) if len(system) else 0)] * count
    colours, members, blocked = [-1] * count, [0] * count, [0] * count
    for x, block in enumerate(ids):
        row = tuple(-1 if s < 0 else ids[s] for s in system.rows[x])
        rows[block] = tuple(map(max, rows[block], row))  # those that are known agree
        colours[block] = max(colours[block], system.colours[x])
        members[block] |= system.members[x]
        blocked[block] |= system.blocked[x]
    return ids, Folding(rows, colours, members, blocked)


def renumbered(leaders: Iterable[int]) -> tuple[int, ...]:
    """Return canonical ids from any ids: blocks numbered by first appearance."""
    number: dict[int, int] = {}
    return tuple(number.setdefault(leader, len(number)) for leader in leaders)


def congruences(system: Folding, limit: int) -> Congruences:
    """Enumerate the relations with (ii) that merge nothing forbidden, from the identity up.

    Parameters
    ----------
    system
        The nodes; the identity must be allowed.
    limit
        The most relations to return; also bounds the work, at 400 visits of a node for each.

    Notes
    -----
    From each relation every pair of its blocks is merged and folded; what was forbidden once stays
    so above, so a clash ends that branch. The closure of θ with a pair covers θ iff every pair
    that it merges has the same closure, so the covers come out of the same pass: no search for a
    transitive reduction. By induction along covers every relation is reached.
    O(N m² n |A|) for N relations and m blocks.
    """
    identity = tuple(range(len(system)))
    index = {identity: 0}
    elements = [identity]
    covers: list[tuple[int, int]] = []
    waiting = deque([(identity, system)])
    visits = _VISITS * limit
    while waiting:
        ids, blocks = waiting.popleft()
        visits -= len(blocks) ** 2 * (len(blocks) - 1) // 2
        if visits < 0:
            return Congruences(elements, covers, False)
        here = index[ids]
        for leaders in _covers(blocks):
            lifted = renumbered([leaders[block] for block in ids])
            if lifted not in index:
                if len(elements) == limit:
                    return Congruences(elements, covers, False)
                index[lifted] = len(elements)
                elements.append(lifted)
                waiting.append((lifted, merged(blocks, leaders)[1]))
            covers.append((here, index[lifted]))
    return Congruences(elements, covers, True)


def _covers(blocks: Folding) -> list[tuple[int, ...]]:
    """Return the relations that cover the identity of ``blocks``, as leaders of each node."""
    times: dict[tuple[int, ...], int] = {}
    for pair in combinations(range(len(blocks)), 2):
        leaders = leaders_after(blocks, [pair])
        if leaders is not None:
            key = tuple(leaders)
            times[key] = times.get(key, 0) + 1
    return [leaders for leaders, found in times.items() if found == _n_merged_pairs(leaders)]


def _n_merged_pairs(leaders: Sequence[int]) -> int:
    sizes: dict[int, int] = {}
    for leader in leaders:
        sizes[leader] = sizes.get(leader, 0) + 1
    return sum(size * (size - 1) // 2 for size in sizes.values())
