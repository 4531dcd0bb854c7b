"""The admissible partitions of one independent part, with free observations in closed form (S5).

Inside of :mod:`tellapart.theory.lattice.count`, which has the theorem.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tellapart.theory.lattice.components import Component
from tellapart.theory.lattice.congruences import Folding, congruences

__all__ = ["Census", "Free", "census", "completions", "free_nodes", "restricted", "signatures"]

#: Free observations of one signature above this many are not counted: a lower bound results.
_MOST_FREE = 512
#: Nor is a part with more than this many bits in its count: Python writes 4,300 digits at most.
_MOST_BITS = 13_000

#: Free nodes by colour and row.
Free = dict[tuple[int, ...], list[int]]


@dataclass(frozen=True)
class Census:
    """The admissible partitions of one component: those of its core, and how often each extends.

    Attributes
    ----------
    core
        Local nodes whose partitions are listed; all of them when nothing is in closed form.
    kernels
        Canonical block ids of the core nodes, one tuple for each partition.
    weights
        How many partitions of the component restrict to each.
    complete
        Whether the kernels are all.
    """

    core: tuple[int, ...]
    kernels: Sequence[tuple[int, ...]]
    weights: Sequence[int]
    complete: bool

    @cached_property
    def total(self) -> int:
        """The number of partitions, a lower bound unless complete."""
        return sum(self.weights)


def census(part: Component, limit: int) -> Census:
    """List the partitions of the core of a component, at most ``limit``, with their weights."""
    n = len(part.nodes)
    if not part.uniform:
        found = congruences(part.folding, limit)
        everything = tuple(range(n))
        return Census(everything, found.elements, [1] * len(found.elements), found.complete)
    core = tuple(sorted({s for row in part.folding.rows for s in row if s >= 0}))
    inner, outer = restricted(part.folding, core), free_nodes(part.folding, core)
    found = congruences(inner, limit)
    extended = [_n_extensions(inner, outer, ids) for ids in found.elements]
    complete = found.complete and all(exact for _, exact in extended)
    return Census(core, found.elements, [weight for weight, _ in extended], complete)


def restricted(folding: Folding, core: Sequence[int]) -> Folding:
    """Return the core of a uniform component as a system of its own."""
    local = {x: i for i, x in enumerate(core)}
    rows = [tuple(local.get(s, -1) for s in folding.rows[x]) for x in core]
    none = [0] * len(core)
    return Folding(rows, [folding.colours[x] for x in core], none, none)


def free_nodes(folding: Folding, core: Sequence[int]) -> Free:
    """Return the nodes outside the core by colour and successors, as positions in the core."""
    local = {x: i for i, x in enumerate(core)}
    found: Free = {}
    for x, row in enumerate(folding.rows):
        if x not in local:
            key = (folding.colours[x], *(local.get(s, -1) for s in row))
            found.setdefault(key, []).append(x)
    return found


def signatures(
    inner: Folding, outer: Free, ids: Sequence[int]
) -> list[tuple[list[int], list[int]]]:
    """Group the blocks of a core and the free nodes by signature: ``(blocks, nodes)``.

    Parameters
    ----------
    inner
        The core as a system of its own.
    outer
        :func:`free_nodes` of the component.
    ids
        A partition of the core that its actions respect.
    """
    lookup = (*ids, -1)  # position -1: no successor
    found: dict[tuple[int, ...], tuple[list[int], list[int]]] = {}
    for (colour, *row), nodes in outer.items():
        key = (colour, *(lookup[s] for s in row))
        found.setdefault(key, ([], []))[1].extend(nodes)
    first = dict(zip(reversed(ids), reversed(range(len(ids))), strict=True))
    for block in range(len(first)):
        x = first[block]
        key = (inner.colours[x], *(lookup[s] for s in inner.rows[x]))
        if key in found:
            found[key][0].append(block)
    return list(found.values())


def _n_extensions(inner: Folding, outer: Free, ids: Sequence[int]) -> tuple[int, bool]:
    """Return how many partitions of a component restrict to this one, and whether that is all."""
    value, exact = 1, True
    for blocks, nodes in signatures(inner, outer, ids):
        exact = exact and len(nodes) <= _MOST_FREE
        factor = completions(min(len(nodes), _MOST_FREE), len(blocks))[-1][0]
        if value.bit_length() + factor.bit_length() > _MOST_BITS:
            return value, False
        value *= factor
    return value, exact


@lru_cache(maxsize=64)
def completions(nodes: int, blocks: int) -> tuple[tuple[int, ...], ...]:
    """Return ``T(r, blocks + i)`` as ``[r][i]`` for ``r = 0 .. nodes`` and ``i = 0 .. nodes - r``.

    Examples
    --------
    >>> completions(3, 0)
    ((1, 1, 1, 1), (1, 2, 3), (2, 5), (5,))
    """
    rows = [(1,) * (nodes + 1)]
    for _ in range(nodes):
        last = rows[-1]
        rows.append(tuple((blocks + i) * last[i] + last[i + 1] for i in range(len(last) - 1)))
    return tuple(rows)
