"""How many systems and kernels there are, without listing any: what enumeration must agree with.

Orbits are counted by Burnside's lemma: the mean, over all renamings, of what each leaves as it is.
Kernels with zero loss are counted one partition at a time, by a product over its blocks.
"""

import itertools
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from tellapart.theory.hypotheses import Hypothesis

__all__ = [
    "all_partitions",
    "count_isomorphism_classes",
    "count_tables",
    "count_zero_loss",
    "renamings",
]

Permutation = tuple[int, ...]


def all_partitions(n: int) -> list[tuple[int, ...]]:
    """Return all partitions of ``0 .. n-1`` as canonical block ids, the single block first.

    Examples
    --------
    >>> all_partitions(3)
    [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 1, 2)]
    """
    found: list[tuple[int, ...]] = [(0,)]
    for _ in range(n - 1):
        found = [(*ids, block) for ids in found for block in range(max(ids) + 2)]
    return found


def renamings(
    n: int, n_actions: int, n_labels: int
) -> Iterator[tuple[Permutation, Permutation, Permutation]]:
    """Yield every renaming: of observations, of actions, of label values."""
    return itertools.product(
        itertools.permutations(range(n)),
        itertools.permutations(range(n_actions)),
        itertools.permutations(range(n_labels)),
    )


def count_tables(n: int, n_actions: int, n_labels: int) -> int:
    """Count tables of successors and labels, names and all.

    Examples
    --------
    >>> count_tables(4, 2, 2)
    1048576
    """
    return int(n ** (n * n_actions) * n_labels**n)


def count_isomorphism_classes(n: int, n_actions: int, n_labels: int) -> tuple[int, int]:
    """Count systems, and pairs of a system and a partition of it, up to renaming.

    Renamed are observations, actions and label values, each among themselves.

    Notes
    -----
    Burnside's lemma, ``n! |A|! |Y|!`` renamings. A system is left as it is when the successor of
    each pair (observation, action) returns with its pair: on a cycle of ``l`` pairs the first
    successor must be an observation that ``l`` renamings bring back, and decides the others.

    Examples
    --------
    >>> count_isomorphism_classes(2, 1, 1)
    (3, 6)
    """
    partitions = all_partitions(n)
    systems = pairs = order = 0
    for names, actions, values in renamings(n, n_actions, n_labels):
        fixed = _fixed_tables(names, actions, values)
        systems += fixed
        pairs += fixed * sum(_image(ids, names) == ids for ids in partitions)
        order += 1
    return systems // order, pairs // order


def _fixed_tables(names: Permutation, actions: Permutation, values: Permutation) -> int:
    """Count the tables that a renaming leaves as they are."""
    rows = {o: names[o] for o in range(len(names))}
    cells = {(o, a): (names[o], actions[a]) for o in rows for a in range(len(actions))}
    choices = [_returning(names, length) for length in _cycle_lengths(cells)]
    choices += [_returning(values, length) for length in _cycle_lengths(rows)]
    return math.prod(choices)


def _cycle_lengths(step: Mapping[Any, Hashable]) -> Iterator[int]:
    left = set(step)
    while left:
        here: Any = next(iter(left))
        length = 0
        while here in left:
            left.remove(here)
            here = step[here]
            length += 1
        yield length


def _returning(permutation: Permutation, times: int) -> int:
    """Count the points that ``times`` applications bring back to where they were."""
    count = 0
    for start in range(len(permutation)):
        here = start
        for _ in range(times):
            here = permutation[here]
        count += here == start
    return count


def _image(ids: Sequence[int], names: Permutation) -> tuple[int, ...]:
    """Return a partition after renaming, canonical."""
    moved = [0] * len(ids)
    for o, block in enumerate(ids):
        moved[names[o]] = block
    seen: dict[int, int] = {}
    return tuple(seen.setdefault(block, len(seen)) for block in moved)


def count_zero_loss(n: int, n_actions: int, n_labels: int, drop: Hypothesis | None = None) -> int:
    """Count pairs of a table and a kernel that reach zero loss (S1), names and all.

    Notes
    -----
    A kernel with blocks of sizes ``b_1 .. b_k`` has ``|Y|^k`` labellings that are constant on its
    blocks, and, for each action and block ``i``, ``sum_j b_j^(b_i)`` ways to lead all of it into
    one block ``j``. A loss that is dropped leaves its table free.

    Examples
    --------
    One observation, one action: one table of successors, two labellings, one kernel.

    >>> count_zero_loss(1, 1, 2)
    2
    """
    total = 0
    for ids in all_partitions(n):
        sizes = [ids.count(block) for block in range(max(ids) + 1)]
        labellings = n_labels ** (n if drop is Hypothesis.AUX_LOSS else len(sizes))
        dynamics = math.prod(sum(there**size for there in sizes) for size in sizes)
        if drop is Hypothesis.DYNAMICS_LOSS:
            dynamics = n**n
        total += labellings * dynamics**n_actions
    return total
