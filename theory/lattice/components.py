"""Independent parts of a system: its admissible partitions are free combinations of theirs (S5).

Inside of :mod:`tellapart.theory.lattice.admissible`. **Theorem.** Let ``M`` hold the pairs that
need not be told apart (S3), let ``E`` be its transitive closure (in a total, fully labelled MDP
both are B*),
and link two blocks of ``E`` when an action leads some pair of ``M`` inside one to a pair inside
the other that is neither equal nor the same pair. Admissible partitions are exactly the unions of
one admissible partition for each connected component of blocks.

*Proof.* An admissible θ lies in ``M``, so it is a union of its restrictions to the blocks of
``E``, and each restriction obeys the rules that speak of its component. Conversely take such a
union: it lies in ``M``, so labels agree; and when ``x θ y``, ``(x, y)`` is in ``M``, so its pair of
successors under an action is equal, the same pair, or linked, hence inside the same component,
which closes it. ∎
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import cast

import numpy as np

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.lattice.congruences import Folding, leaders_after, merged
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Component", "Factors", "System", "factors"]

System = DeterministicMDP | TransitionData

#: Above this many classes of F(D), pairs of partial data are not examined one by one.
_MOST_CLASSES = 200


@dataclass(frozen=True, slots=True)
class Component:
    """One independent part.

    Attributes
    ----------
    nodes
        Its classes of F(D), ascending.
    folding
        Those classes, numbered ``0 ..``, with the transitions that can force a merge.
    uniform
        Whether pairs of one colour are never forbidden and have the same actions covered, so that
        closed forms hold.
    """

    nodes: tuple[int, ...]
    folding: Folding
    uniform: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """A system as independent parts.

    Attributes
    ----------
    class_of
        The class of F(D) of each observation.
    parts
        Components with at least one pair that may be merged; all other classes stay alone.
    clash
        Two observations (indices) with different labels that F(D) merges; None when feasible.
    """

    class_of: tuple[int, ...]
    parts: tuple[Component, ...]
    clash: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Blocks of E with more than one class, their columns that can force a merge, and links."""

    blocks: list[tuple[int, ...]]
    columns: list[list[int]]
    links: list[tuple[int, int]]


def factors(system: System) -> Factors:
    """Split a system into independent parts.

    Raises
    ------
    InvalidArgumentError
        When ``system`` is neither a DeterministicMDP nor TransitionData.
    """
    if isinstance(system, TransitionData):
        if not system.is_complete:
            return _factors_of_data(system)
        system = system.to_mdp()
    if not isinstance(system, DeterministicMDP):
        raise InvalidArgumentError(
            f"system is a {type(system).__name__}; it must be a DeterministicMDP or TransitionData."
        )
    return _factors_of_mdp(system)


def _factors_of_mdp(mdp: DeterministicMDP) -> Factors:
    top = bisimulation(mdp).partition
    wide = [block for block in top.blocks if len(block) > 1]
    number = {int(top.ids[block[0]]): k for k, block in enumerate(wide)}
    columns: list[list[int]] = []
    links = []
    for k, block in enumerate(wide):
        own = np.array(block)
        table = mdp.successors[own]
        idle = (table == table[0]).all(axis=0) | (table == own[:, None]).all(axis=0)
        columns.append(np.flatnonzero(~idle).tolist())
        links += [(k, number[int(top.ids[table[0, a]])]) for a in columns[-1]]
    rows = {o: tuple(mdp.successors[o].tolist()) for block in wide for o in block}
    parts = tuple(_components(_Blocks(wide, columns, links), rows, {}))
    return Factors(tuple(range(mdp.n_obs)), parts)


def _factors_of_data(data: TransitionData) -> Factors:
    raw = Folding(
        [tuple(row) for row in data.table().tolist()],
        [-1] * data.n_obs, [0] * data.n_obs, [0] * data.n_obs,
    )  # fmt: skip
    targets, starts = data.targets.tolist(), data.pair_starts.tolist()
    forced = [
        (targets[low], targets[other])
        for low, high in pairwise(starts)
        for other in range(low + 1, high)
    ]
    leaders = cast(list[int], leaders_after(raw, forced))  # nothing is forbidden yet
    class_of, system = merged(raw, leaders)
    colours, clash = _class_labels(class_of, data.label_ids.tolist(), len(system))
    if clash is not None:
        return Factors(class_of, (), clash)
    n, none = len(system), [0] * len(system)
    if n > _MOST_CLASSES:
        whole = Component(tuple(range(n)), Folding(system.rows, colours, none, none), False)
        return Factors(class_of, (whole,))
    return Factors(class_of, tuple(_parts(Folding(system.rows, colours, none, none))))


def _class_labels(
    class_of: Sequence[int], label_ids: Sequence[int], count: int
) -> tuple[list[int], tuple[int, int] | None]:
    """Return the label of each class, and two observations of one class that clash."""
    colours, first = [-1] * count, [-1] * count
    for o, (block, label) in enumerate(zip(class_of, label_ids, strict=True)):
        if label < 0:
            continue
        if colours[block] < 0:
            colours[block], first[block] = label, o
        elif colours[block] != label:
            return colours, (first[block], o)
    return colours, None


def _parts(system: Folding) -> Iterator[Component]:
    """Split the classes of feasible data."""
    n = len(system)
    may = _mergeable(system)
    blocks = [block for block in _groups(n, may) if len(block) > 1]
    number = {x: k for k, block in enumerate(blocks) for x in block}
    columns: list[set[int]] = [set() for _ in blocks]
    links = set()
    for x, y in may:
        for a, (s, t) in enumerate(zip(system.rows[x], system.rows[y], strict=True)):
            if min(s, t) >= 0 and s != t and {s, t} != {x, y}:
                columns[number[x]].add(a)
                links.add((number[x], number[s]))
    found = _Blocks(blocks, [sorted(column) for column in columns], sorted(links))
    friends = {x: 1 << x for block in blocks for x in block}
    for x, y in may:
        friends[x] |= 1 << y
        friends[y] |= 1 << x
    yield from _components(found, system.rows, friends)


def _mergeable(system: Folding) -> list[tuple[int, int]]:
    """Return the pairs that need not be told apart (S3), each decided by merge and fold."""
    known: dict[tuple[int, int], bool] = {}
    for pair in combinations(range(len(system)), 2):
        if pair in known:
            continue
        leaders = leaders_after(system, [pair])
        known[pair] = leaders is not None
        if leaders is not None:  # and then every pair that it merges
            together: dict[int, list[int]] = {}
            for x, leader in enumerate(leaders):
                together.setdefault(leader, []).append(x)
            for block in together.values():
                known.update(dict.fromkeys(combinations(block, 2), True))
    return sorted(pair for pair, fine in known.items() if fine)


def _groups(n: int, links: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Return the connected components of ``0 .. n-1``, each ascending, by smallest member."""
    plain = Folding([()] * n, [-1] * n, [0] * n, [0] * n)
    leaders = cast(list[int], leaders_after(plain, links))
    groups: dict[int, list[int]] = {}
    for x, leader in enumerate(leaders):
        groups.setdefault(leader, []).append(x)
    return [tuple(group) for group in groups.values()]


def _components(
    found: _Blocks, rows: Sequence[tuple[int, ...]] | dict[int, tuple[int, ...]],
    friends: dict[int, int],
) -> Iterator[Component]:  # fmt: skip
    """Join linked blocks; ``friends`` are bit masks of M, empty when M is ``E`` itself."""
    for group in _groups(len(found.blocks), found.links):
        colour = {x: k for k in group for x in found.blocks[k]}
        nodes = tuple(sorted(colour))
        local = {x: i for i, x in enumerate(nodes)}
        kept = sorted({a for k in group for a in found.columns[k]})
        own = {k: set(found.columns[k]) for k in group}
        table = [
            tuple(local.get(rows[x][a], -1) if a in own[colour[x]] else -1 for a in kept)
            for x in nodes
        ]
        table = _distinct_columns(table)
        blocked = [_strangers(x, nodes, colour, friends) for x in nodes] if friends else []
        uniform = not any(blocked) and _same_coverage(table, [colour[x] for x in nodes])
        if not any(blocked):
            blocked = members = [0] * len(nodes)
        else:
            members = [1 << i for i in range(len(nodes))]
        colours = [colour[x] for x in nodes]
        yield Component(nodes, Folding(table, colours, members, blocked), uniform)


def _distinct_columns(table: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Drop actions that do the same as an earlier one."""
    columns = list(dict.fromkeys(zip(*table, strict=True)))
    return list(zip(*columns, strict=True)) if columns else [()] * len(table)


def _strangers(
    x: int, nodes: Sequence[int], colour: dict[int, int], friends: dict[int, int]
) -> int:
    """Return which nodes of the own block may never be merged with ``x``, as a local mask."""
    return sum(
        1 << i
        for i, y in enumerate(nodes)
        if colour[y] == colour[x] and not friends[x] >> y & 1
    )  # fmt: skip


def _same_coverage(table: Sequence[tuple[int, ...]], colours: Sequence[int]) -> bool:
    """Tell whether nodes of one colour have the same actions covered."""
    shapes = {(c, tuple(s >= 0 for s in row)) for c, row in zip(colours, table, strict=True)}
    return len(shapes) == len(set(colours))
