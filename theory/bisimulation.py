"""Bisimilarity of a deterministic MDP: blocks, depth, shortest distinguishing words (D3, S7)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np

from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.quotient import quotient
from tellapart.theory.refinement.engines import METHODS, refine
from tellapart.theory.refinement.log import Refinement
from tellapart.theory.stability import Stability, is_admissible, is_bisimulation

if TYPE_CHECKING:
    from tellapart.theory.certificate import Certificate

__all__ = [
    "METHODS",
    "Bisimulation",
    "Stability",
    "bisimulation",
    "is_admissible",
    "is_bisimulation",
]


def bisimulation(mdp: DeterministicMDP, *, method: str = "auto") -> "Bisimulation":
    """Compute the largest bisimulation ``B*`` of an MDP, and how it comes about (D3).

    Parameters
    ----------
    mdp
        The MDP.
    method
        ``"compiled"`` (numba), ``"numpy"``, ``"reference"`` (plain Python, O(depth n |A|)), or
        ``"auto"``: NumPy for small MDPs while the compiled kernels are not loaded, compiled
        otherwise. The result is the same, bit for bit.

    Returns
    -------
    Bisimulation

    Raises
    ------
    InvalidArgumentError
        For an unknown method, or ``"compiled"`` where numba is not installed.

    Notes
    -----
    O(|A|² n log n) time at worst and O(|A| n + n log n) memory; exact: no hash decides anything.

    Examples
    --------
    >>> from tellapart.theory.mdp import DeterministicMDP
    >>> line = DeterministicMDP([[0, 1], [0, 2], [1, 2]], [0, 0, 1], actions=["left", "right"])
    >>> result = bisimulation(line, method="numpy")
    >>> result
    Bisimulation(n_obs=3, n_blocks=3, depth=1, blocks_by_depth=(2, 3), method='numpy')
    >>> result.distinguishing_word(0, 1)
    ('right',)
    """
    found, engine = refine(mdp.successors, mdp.label_ids, method)
    return Bisimulation(
        mdp=mdp,
        partition=Partition._trusted(found.ids),
        depth=found.depth,
        method=engine,
        refinement=found,
    )


@dataclass(frozen=True, repr=False)
class Bisimulation:
    """The largest bisimulation of an MDP, with its history; made by :func:`bisimulation`.

    Attributes
    ----------
    mdp
        The MDP.
    partition
        ``B*``: observations in one block need not, in different blocks must be told apart (S4).
    depth
        First ``k`` with ``B_k = B*``: the length of the longest word that is ever needed (S7).
    method
        The engine that ran.
    refinement
        The log of the run, by integer index.
    """

    mdp: DeterministicMDP
    partition: Partition
    depth: int
    method: str = field(compare=False)
    refinement: Refinement = field(compare=False)

    @cached_property
    def blocks_by_depth(self) -> tuple[int, ...]:
        """``(|B_0|, .., |B_depth|)``."""
        return tuple(self.refinement.block_counts.tolist())

    @property
    def history(self) -> Sequence[Partition]:
        """The k-step partitions: ``history[k] == B_k`` for ``k = 0 .. depth``, made on demand."""
        return _History(self.refinement)

    def block_of(self, name: Hashable) -> int:
        """Return the block of a named observation.

        Raises
        ------
        InvalidArgumentError
            When there is no observation of that name.
        """
        return int(self.partition.ids[self.mdp.observation_index(name)])

    def bisimilar(self, x: Hashable, y: Hashable) -> bool:
        """Tell whether two named observations are bisimilar, that is, need not be told apart."""
        return self.block_of(x) == self.block_of(y)

    def separation_depth(self, x: Hashable, y: Hashable) -> int | None:
        """Return the length of a shortest distinguishing word of two names; None if bisimilar."""
        return self.depth_of_indices(*self._indices(x, y))

    def depth_of_indices(self, i: int, j: int) -> int | None:
        """Return the first ``k`` whose ``B_k`` separates two indices, or None; O(log n)."""
        return self.refinement.first_difference(i, j)

    def distinguishing_word(self, x: Hashable, y: Hashable) -> tuple[Hashable, ...] | None:
        """Return a shortest word after which two named observations have different labels (S7).

        Returns
        -------
        Action names, ``()`` when the labels differ already; None when the two are bisimilar. Of
        several shortest words, the first in the order of the actions.

        Raises
        ------
        InvalidArgumentError
            When there is no observation of one of the names.
        """
        word = self.word_of_indices(*self._indices(x, y))
        return None if word is None else tuple(self.mdp.actions[a] for a in word)

    def word_of_indices(self, i: int, j: int) -> tuple[int, ...] | None:
        """Return a shortest distinguishing word as action indices, or None if bisimilar (S7).

        Notes
        -----
        O(k |A| log log n) for a word of length k, after O(m log m) once for m logged moves.
        """
        log = self.refinement
        depth = log.first_difference(i, j)
        if depth is None:
            return None
        word = []
        successors = self.mdp.successors
        for k in range(depth - 1, -1, -1):
            pairs = zip(successors[i].tolist(), successors[j].tolist(), strict=True)
            for action, (p, q) in enumerate(pairs):
                if p != q and log.id_at(p, k) != log.id_at(q, k):
                    word.append(action)
                    i, j = p, q
                    break
        return tuple(word)

    @cached_property
    def pairs_by_depth(self) -> tuple[int, ...]:
        """Unordered pairs of observations first separated by ``B_k``, for ``k = 0 .. depth``."""
        return tuple(self.refinement.pair_counts())

    @property
    def n_must_separate(self) -> int:
        """Number of unordered pairs that every zero-loss encoder tells apart (S4)."""
        return self.partition.n_separated_pairs

    @cached_property
    def hardest_pair(self) -> tuple[Hashable, Hashable] | None:
        """The first pair (by index) of those that need a word of length ``depth``; names.

        None when all observations are bisimilar.
        """
        if self.partition.n_blocks == 1:
            return None
        final = self.partition.ids
        before = self.history[self.depth - 1] if self.depth else Partition.single_block(len(final))
        splits = final != final[before.representatives[before.ids]]
        x = int(before.representatives[before.ids[splits].min()])
        y = int(np.flatnonzero(splits & (before.ids == before.ids[x]))[0])
        return self.mdp.observations[x], self.mdp.observations[y]

    def quotient(self) -> DeterministicMDP:
        """Return the MDP of the blocks, each named after its smallest member."""
        return quotient(self.mdp, self.partition)

    def certificate(self) -> "Certificate":
        """Return evidence for this result that :mod:`tellapart.theory.checker` can check."""
        from tellapart.theory.certificate import certify

        return certify(self)

    def explain(self) -> str:
        """Return what was found, and the hardest pair with its word and label traces."""
        n, blocks = self.mdp.n_obs, self.partition.n_blocks
        lines = [
            f"{n} observations fall into {blocks} block{'s' * (blocks != 1)} of bisimilarity.",
            f"Blocks of words up to length 0, 1, ..: {_shortened(self.blocks_by_depth)} "
            f"(depth {self.depth}).",
            f"{self.n_must_separate} of {n * (n - 1) // 2} pairs must be told apart.",
        ]
        if self.hardest_pair is None:
            return "\n".join([*lines, "No encoder has to tell any two observations apart."])
        x, y = self.hardest_pair
        i, j = self._indices(x, y)
        word = self.word_of_indices(i, j) or ()
        lines.append(
            f"Hardest pair: {x!r} and {y!r}, told apart by {_shortened(self._named(word))}; labels"
        )
        for name, start in ((x, i), (y, j)):
            lines.append(f"  from {name!r}: {_shortened(self.mdp.label_trace(start, word))}")
        return "\n".join(lines)

    def _named(self, word: Sequence[int]) -> tuple[Hashable, ...]:
        return tuple(self.mdp.actions[a] for a in word)

    def _indices(self, x: Hashable, y: Hashable) -> tuple[int, int]:
        return self.mdp.observation_index(x), self.mdp.observation_index(y)

    def __repr__(self) -> str:
        return (
            f"Bisimulation(n_obs={self.mdp.n_obs}, n_blocks={self.partition.n_blocks}, "
            f"depth={self.depth}, blocks_by_depth={_shortened(self.blocks_by_depth)}, "
            f"method={self.method!r})"
        )


def _shortened(values: Sequence[Hashable], most: int = 12) -> str:
    """Print a tuple, leaving out the middle of a long one."""
    shown = [repr(value) for value in values]
    if len(shown) > most:
        shown = [*shown[: most - 2], "..", shown[-1]]
    return f"({', '.join(shown)}{',' * (len(shown) == 1)})"


class _History(Sequence[Partition]):
    """Lazy view of a refinement as a sequence of partitions."""

    def __init__(self, refinement: Refinement) -> None:
        self._refinement = refinement

    def __len__(self) -> int:
        return self._refinement.depth + 1

    @overload
    def __getitem__(self, k: int) -> Partition: ...
    @overload
    def __getitem__(self, k: slice) -> list[Partition]: ...
    def __getitem__(self, k: int | slice) -> Partition | list[Partition]:
        """Build ``B_k``; O(n log n) for each."""
        if isinstance(k, slice):
            return [self[i] for i in range(*k.indices(len(self)))]
        if not -len(self) <= k < len(self):
            raise IndexError(f"B_{k} is not kept: the history has k = 0 .. {len(self) - 1}.")
        return Partition(self._refinement.ids_at(range(len(self))[k]))
