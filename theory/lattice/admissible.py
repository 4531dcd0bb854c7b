"""All admissible partitions of a small system in order: which encoders are possible (D4, S5)."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.lattice.census import census
from tellapart.theory.lattice.components import Factors, System, factors
from tellapart.theory.lattice.congruences import Congruences, congruences, renumbered
from tellapart.theory.lattice.count import check_positive
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = ["AdmissibleLattice", "admissible_lattice"]

#: ``explain()`` lists the partitions one by one up to this many, and this many maximal ones.
_MOST_LISTED = 16
#: Blocks of a partition are written out up to this many characters.
_MOST_TEXT = 100


@register
@dataclass(frozen=True, repr=False)
class AdmissibleLattice(Saved):
    """The admissible partitions of a system under refinement; made by :func:`admissible_lattice`.

    Attributes
    ----------
    system
        The system.
    partitions
        All of them: by number of blocks, the most first, then by block ids. Empty when zero loss
        is impossible.
    covers
        Edges of the Hasse diagram: positions ``(finer, coarser)`` with nothing strictly between,
        ascending.
    """

    system: DeterministicMDP | TransitionData
    partitions: tuple[Partition, ...]
    covers: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.partitions)

    def __iter__(self) -> Iterator[Partition]:
        return iter(self.partitions)

    def __contains__(self, partition: object) -> bool:
        return partition in self._index

    @cached_property
    def _index(self) -> dict[Partition, int]:
        return {partition: k for k, partition in enumerate(self.partitions)}

    @property
    def feasible(self) -> bool:
        """Tell whether zero loss is attainable at all (S2)."""
        return bool(self.partitions)

    @property
    def bottom(self) -> Partition | None:
        """The finest: F(D), in a deterministic MDP the identity (S2, S5); None when infeasible."""
        return self.partitions[0] if self.partitions else None

    @cached_property
    def tops(self) -> tuple[Partition, ...]:
        """The maximal ones: B* alone in a total, fully labelled MDP (S5), else often several."""
        below = {finer for finer, _ in self.covers}
        return tuple(p for k, p in enumerate(self.partitions) if k not in below)

    @property
    def is_lattice(self) -> bool:
        """Tell whether any two have a join that is admissible.

        Meets always exist (S2), so this says whether there is a largest one (S6).
        """
        return len(self.tops) == 1

    @cached_property
    def counts_by_blocks(self) -> tuple[tuple[int, int], ...]:
        """``(number of blocks, how many partitions)``, the most blocks first."""
        found = Counter(partition.n_blocks for partition in self.partitions)
        return tuple(sorted(found.items(), reverse=True))

    def index(self, partition: Partition) -> int:
        """Return the position of an admissible partition.

        Raises
        ------
        InvalidArgumentError
            When the partition is not admissible.
        """
        found = self._index.get(partition)
        if found is None:
            raise InvalidArgumentError(
                f"{partition!r} is not admissible: no zero-loss encoder has this kernel. Ask "
                "with `partition in lattice` first."
            )
        return found

    def join(self, one: Partition, other: Partition) -> Partition | None:
        """Return the least admissible partition that merges what either merges, or None.

        With complete data it is the transitive closure of the union (S5); with gaps it may merge
        more, or not exist (S6).

        Raises
        ------
        InvalidArgumentError
            When one of the partitions is not admissible.
        """
        self.index(one), self.index(other)
        least = one.join(other)
        above = [p for p in self.partitions if p.n_blocks <= least.n_blocks and least.refines(p)]
        return above[0] if above else None  # closed under meets: the finest is the least

    def meet(self, one: Partition, other: Partition) -> Partition:
        """Return the largest partition inside both; it is admissible (S2).

        Raises
        ------
        InvalidArgumentError
            When one of the partitions is not admissible.
        """
        self.index(one), self.index(other)
        return one.meet(other)

    def blocks(self, partition: Partition) -> tuple[tuple[Hashable, ...], ...]:
        """Return the blocks of a partition as names of observations."""
        names = self.system.observations
        return tuple(tuple(names[o] for o in block) for block in partition.blocks)

    def explain(self) -> str:
        """Say how many kernels there are, and what the finest and the coarsest are."""
        if not self.partitions:
            return (
                "No partition is admissible: the dynamics merge observations with different "
                "labels, so no encoder has zero loss (S2)."
            )
        n = len(self)
        lines = [
            f"{n} partition{'s are' if n > 1 else ' is'} admissible: the kernels of zero-loss "
            "encoders (D4, S1).",
            "By number of blocks: "
            + ", ".join(f"{blocks} ({many})" for blocks, many in self.counts_by_blocks)
            + ".",
            f"Finest (nothing else is forced to merge): {self._text(self.partitions[0])}",
        ]
        if self.is_lattice:
            lines.append(f"Coarsest (all others lie inside): {self._text(self.tops[0])}")
        else:
            lines.append(
                f"There is no coarsest one: {len(self.tops)} are maximal, and merging what two of "
                "them merge is impossible at zero loss (S6)."
            )
            lines += [f"  maximal: {self._text(top)}" for top in self.tops[:_MOST_LISTED]]
            if len(self.tops) > _MOST_LISTED:
                lines.append(f"  and {len(self.tops) - _MOST_LISTED} more")
        if 2 < n <= _MOST_LISTED:
            lines.append("All of them:")
            lines += [f"  {self._text(partition)}" for partition in self.partitions]
        return "\n".join(lines)

    def _text(self, partition: Partition) -> str:
        text = " ".join(
            "{" + ", ".join(str(name) for name in block) + "}" for block in self.blocks(partition)
        )
        return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + " ..."

    def __repr__(self) -> str:
        return (
            f"AdmissibleLattice({len(self)} partitions, {len(self.covers)} covers, "
            f"{len(self.tops)} maximal)"
        )


def admissible_lattice(system: System, *, limit: int = 100_000) -> AdmissibleLattice:
    """List every kernel of a zero-loss encoder, with the order among them (D4, S1, S5).

    Parameters
    ----------
    system
        A deterministic MDP, or transition data of any coverage and labelling.
    limit
        The most partitions to list.

    Returns
    -------
    AdmissibleLattice
        Empty when the data are infeasible (S2).

    Raises
    ------
    BudgetExceededError
        When there are more.
    InvalidArgumentError
        For another kind of system, or a limit that is not a positive integer.

    Notes
    -----
    From F(D) upwards: each pair of blocks is merged and folded, and the branch ends where labels
    clash, because what lies above clashes too. Independent parts are listed on their own and
    combined (:mod:`tellapart.theory.lattice.components`). Covers of a product change one factor
    along a cover, so no transitive reduction is searched. O(N n) memory for N partitions.

    Examples
    --------
    >>> twins = DeterministicMDP([[1], [1], [3], [3]], labels=[0, 1, 0, 1])
    >>> lattice = admissible_lattice(twins)
    >>> lattice
    AdmissibleLattice(3 partitions, 2 covers, 1 maximal)
    >>> print(lattice.explain())
    3 partitions are admissible: the kernels of zero-loss encoders (D4, S1).
    By number of blocks: 4 (1), 3 (1), 2 (1).
    Finest (nothing else is forced to merge): {0} {1} {2} {3}
    Coarsest (all others lie inside): {0, 2} {1, 3}
    All of them:
      {0} {1} {2} {3}
      {0} {1, 3} {2}
      {0, 2} {1, 3}
    """
    check_positive("limit", limit)
    found = factors(system)
    if found.clash is not None:
        return AdmissibleLattice(system, (), ())
    return _product(system, found, _list_parts(found, limit))


def _list_parts(found: Factors, limit: int) -> list[Congruences]:
    """List the partitions of each part; closed forms say first when there are too many."""
    at_least = 1
    for part in found.parts:
        if part.uniform:
            counted = census(part, limit)
            at_least *= counted.total
            _check_budget(at_least, counted.complete, limit)
    listed = []
    at_least = 1
    for part in found.parts:
        listed.append(congruences(part.folding, limit))
        at_least *= len(listed[-1].elements)
        _check_budget(at_least, listed[-1].complete, limit)
    return listed


def _check_budget(at_least: int, complete: bool, limit: int) -> None:
    if complete and at_least <= limit:
        return
    many = str(at_least) if at_least < 10**20 else "1e+20"
    reason = f"there are at least {many}"
    if at_least <= limit:
        reason = f"the search stopped after {many}, with pairs of observations still to try"
    raise BudgetExceededError(
        f"The limit of {limit} partitions does not suffice: {reason}. Pass a larger limit, or use "
        "count_admissible and sample_admissible, which need not list them."
    )


def _product(system: System, found: Factors, listed: list[Congruences]) -> AdmissibleLattice:
    """Combine the partitions of the parts, in canonical order."""
    sizes = [len(listing.elements) for listing in listed]
    choices = list(product(*(range(size) for size in sizes)))
    leaders = [
        [_leaders(part.nodes, ids) for ids in listing.elements]
        for part, listing in zip(found.parts, listed, strict=True)
    ]
    number = list(range(max(found.class_of) + 1))
    keys = []
    for choice in choices:
        for part, own, k in zip(found.parts, leaders, choice, strict=True):
            for node, leader in zip(part.nodes, own[k], strict=True):
                number[node] = leader
        ids = renumbered([number[node] for node in found.class_of])
        keys.append((-max(ids), ids))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    edges = _product_covers(rank.reshape([*sizes, 1]), [listing.covers for listing in listed])
    partitions = tuple(Partition(keys[k][1]) for k in order)
    return AdmissibleLattice(system, partitions, tuple(edges))


def _leaders(nodes: Sequence[int], ids: Sequence[int]) -> tuple[int, ...]:
    first: dict[int, int] = {}
    return tuple(first.setdefault(block, node) for node, block in zip(nodes, ids, strict=True))


def _product_covers(
    rank: npt.NDArray[np.int64], covers: Sequence[Sequence[tuple[int, int]]]
) -> list[tuple[int, int]]:
    """Return the covers of a product: one factor moves along a cover, the others stay."""
    found = [np.empty((0, 2), dtype=np.int64)]
    for axis, own in enumerate(covers):
        if own:
            ends = np.array(own)
            pair = [np.take(rank, ends[:, side], axis=axis).reshape(-1) for side in (0, 1)]
            found.append(np.stack(pair, axis=1))
    return sorted((finer, coarser) for finer, coarser in np.concatenate(found).tolist())
