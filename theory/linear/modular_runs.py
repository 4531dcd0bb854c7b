"""One run of the closure of label vectors modulo a prime (imports numba)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tellapart.theory.linear.exact_labels import ExactLabels
from tellapart.theory.linear.modular_kernels import close_words

__all__ = ["Problem", "Run"]

IntArray = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Problem:
    """Labels and table of the blocks."""

    labels: ExactLabels
    label_ids: IntArray
    successors: IntArray

    @property
    def m(self) -> int:
        """Number of blocks."""
        return len(self.label_ids)

    def run(self, prime: int) -> "Run":
        """Close the label vectors modulo one prime."""
        by_label = np.array(
            [[x % prime for x in row] for row in self.labels.integers], dtype=np.uint32
        )
        vectors = np.ascontiguousarray(by_label[:, self.label_ids])
        return Run(prime, *close_words(vectors, self.successors, prime))


@dataclass(frozen=True)
class Run:
    """What :func:`close_words` found modulo one prime."""

    prime: int
    parents: IntArray
    letters: IntArray
    kept: Flags
    echelon: npt.NDArray[np.uint32]
    pivots: IntArray
    has_one: bool

    @property
    def rank(self) -> int:
        """Number of kept words."""
        return len(self.pivots)

    @cached_property
    def core(self) -> IntArray:
        """The pivots, ascending."""
        return np.sort(self.pivots)

    @cached_property
    def lengths(self) -> IntArray:
        """Lengths of the kept words, int32 ``[r]``, ascending."""
        lengths = np.zeros(self.rank, dtype=np.int32)
        for i, parent in enumerate(self.parents.tolist()):
            lengths[i] = 0 if parent < 0 else lengths[parent] + 1
        return lengths

    @property
    def longest(self) -> int:
        """Length of the longest kept word; 0 without words."""
        return int(self.lengths[-1]) if self.rank else 0

    def better_than(self, other: "Run") -> bool:
        """Tell whether this prime sees an independence that the other one does not.

        Candidates are the same up to the first on which two primes differ; the prime that keeps
        it is right. Then an earlier core, then a constant outside the span.
        """
        shared = min(len(self.kept), len(other.kept))
        differ = np.flatnonzero(self.kept[:shared] != other.kept[:shared])
        if differ.size:
            return bool(self.kept[differ[0]])
        if self.core.tolist() != other.core.tolist():
            return list(self.core) < list(other.core)
        return other.has_one and not self.has_one
