"""Random admissible partitions (D4, S5): uniform where they can be counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.lattice.census import (
    Census,
    census,
    completions,
    free_nodes,
    restricted,
    signatures,
)
from tellapart.theory.lattice.components import Component, Factors, System, factors
from tellapart.theory.lattice.congruences import Folding, leaders_after, merged
from tellapart.theory.lattice.count import check_positive
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = [
    "AdmissibleSample",
    "assembled",
    "draw_uniform",
    "merge_some",
    "partners",
    "refuse_clash",
    "sample_admissible",
]

#: The most pairs that one random draw merges where partitions cannot be counted.
_MOST_PAIRS = 256


@register
@dataclass(frozen=True, repr=False)
class AdmissibleSample(Saved):
    """Random admissible partitions; made by :func:`sample_admissible`.

    Attributes
    ----------
    partitions
        In the order they were drawn; repetitions are possible.
    uniform
        Whether every admissible partition was equally likely in every draw.
    seed
        What it was drawn with.
    """

    partitions: tuple[Partition, ...]
    uniform: bool
    seed: int

    def __len__(self) -> int:
        return len(self.partitions)

    def __iter__(self) -> Iterator[Partition]:
        return iter(self.partitions)

    def explain(self) -> str:
        """Say what was drawn and how."""
        counts = sorted({p.n_blocks for p in self.partitions})
        span = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        how = (
            "each of all admissible partitions equally likely"
            if self.uniform
            else "by merging and folding random pairs: all can be drawn, not equally often"
        )
        drawn = len(self.partitions)
        return f"{drawn} admissible partition{'s' * (drawn != 1)} of {span} blocks; {how}."

    def __repr__(self) -> str:
        kind = "uniform" if self.uniform else "not uniform"
        return f"AdmissibleSample({len(self)} partitions, {kind}, seed={self.seed})"


def sample_admissible(
    system: System, seed: int, count: int = 1, *, limit: int = 20_000
) -> AdmissibleSample:
    """Draw kernels of zero-loss encoders at random (S1, S5).

    Parameters
    ----------
    system
        A deterministic MDP, or transition data of any coverage and labelling.
    seed
        The same seed gives the same partitions.
    count
        How many to draw, with repetition.
    limit
        As in :func:`~tellapart.theory.lattice.count.count_admissible`: the draw is uniform when
        the count is exact.

    Raises
    ------
    InvalidArgumentError
        For another kind of system, or a number that is not an integer in range.
    InvalidLabelError
        When nothing is admissible, naming two observations that the dynamics merge (S2).

    Notes
    -----
    Independent parts are drawn one by one. A part is drawn by its position among those listed,
    weighted by its extensions; free observations then join blocks one after the other, with
    weights that make all extensions equally likely. Parts beyond the limit are drawn by merging
    random pairs and folding; a pair that would force a clash is left out.

    Examples
    --------
    >>> from tellapart.theory.mdp import DeterministicMDP
    >>> still = DeterministicMDP([[o] for o in range(4)], [0, 0, 0, 1])
    >>> sample = sample_admissible(still, seed=1, count=3)
    >>> sample
    AdmissibleSample(3 partitions, uniform, seed=1)
    >>> [partition.n_blocks for partition in sample]
    [3, 3, 3]
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise InvalidArgumentError(f"seed is {seed!r}; it must be an integer.")
    check_positive("count", count)
    check_positive("limit", limit)
    found = factors(system)
    refuse_clash(system, found)
    known = [census(part, limit) for part in found.parts]
    random = Random(seed)
    drawn = []
    for _ in range(count):
        ids = [
            draw_uniform(part, listed, random) if listed.complete else _wander(part, random)
            for part, listed in zip(found.parts, known, strict=True)
        ]
        drawn.append(assembled(found, ids))
    return AdmissibleSample(tuple(drawn), all(listed.complete for listed in known), seed)


def refuse_clash(system: System, found: Factors) -> None:
    """Raise when nothing is admissible."""
    if found.clash is not None:
        x, y = (system.observations[o] for o in found.clash)
        raise InvalidLabelError(
            f"No partition is admissible: the dynamics force {x!r} and {y!r} to share a code and "
            "their labels differ, so no encoder has zero loss (S2). Correct the labels, or make "
            "the observations tell more."
        )


def assembled(found: Factors, ids: Sequence[Sequence[int]]) -> Partition:
    """Return the partition of the observations made of one partition for each part."""
    number = list(range(max(found.class_of) + 1))
    for part, blocks in zip(found.parts, ids, strict=True):
        first: dict[int, int] = {}
        for node, block in zip(part.nodes, blocks, strict=True):
            number[node] = first.setdefault(block, node)
    return Partition(np.array(number, dtype=np.int64)[np.array(found.class_of)])


def draw_uniform(part: Component, listed: Census, random: Random) -> tuple[int, ...]:
    """Draw one partition of a component, all equally likely."""
    at = random.randrange(listed.total)
    chosen = 0
    while at >= listed.weights[chosen]:
        at -= listed.weights[chosen]
        chosen += 1
    kernel = listed.kernels[chosen]
    block = dict(zip(listed.core, kernel, strict=True))
    fresh = len(kernel)
    inner, outer = restricted(part.folding, listed.core), free_nodes(part.folding, listed.core)
    for blocks, nodes in signatures(inner, outer, kernel):
        table = completions(len(nodes), len(blocks))
        here = list(blocks)
        for done, x in enumerate(nodes):
            opened = len(here) - len(blocks)
            left = len(nodes) - done
            pick = random.randrange(table[left][opened])
            joined = pick // table[left - 1][opened]
            if joined >= len(here):
                joined = len(here)
                here.append(fresh)
                fresh += 1
            block[x] = here[joined]
    return tuple(block[x] for x in range(len(part.nodes)))


def _wander(part: Component, random: Random) -> tuple[int, ...]:
    """Merge and fold random pairs: every partition is reached, not equally often."""
    n = len(part.nodes)
    most = random.choice((3, n))  # few pairs give partitions between the ends, many the coarsest
    pairs = []
    for _ in range(random.randint(0, min(most, n, _MOST_PAIRS))):
        x = random.randrange(n)
        others = partners(part.folding, x)
        if others:
            pairs.append((x, random.choice(others)))
    return merge_some(part.folding, pairs)


def partners(folding: Folding, x: int) -> list[int]:
    """Return the other nodes that no colour and no mask keeps from being merged with ``x``."""
    own, wall = folding.colours[x], folding.blocked[x]
    return [
        y
        for y, colour in enumerate(folding.colours)
        if y != x and (colour == own or min(colour, own) < 0) and not wall & folding.members[y]
    ]


def merge_some(folding: Folding, pairs: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Merge pairs in turn and fold, leaving out those that would clash; return block ids.

    Notes
    -----
    A run of pairs is merged at once where that goes well and halved where it does not:
    O(clashes log k) folds for k pairs.
    """
    ids: tuple[int, ...] = tuple(range(len(folding)))
    system = folding
    waiting = [list(pairs)]
    while waiting:
        run = waiting.pop()
        leaders = leaders_after(system, [(ids[x], ids[y]) for x, y in run])
        if leaders is not None:
            blocks, system = merged(system, leaders)
            ids = tuple(blocks[block] for block in ids)
        elif len(run) > 1:
            middle = len(run) // 2
            waiting += [run[middle:], run[:middle]]
    return ids
