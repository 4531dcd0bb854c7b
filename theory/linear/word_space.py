"""The blocks of a system and the space of their labels along words; inner part of realisation."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import BudgetExceededError
from tellapart.theory.linear.capacity import block_tables
from tellapart.theory.linear.exact_labels import ExactLabels, exact_labels
from tellapart.theory.linear.realisation_model import with_constant
from tellapart.theory.linear.word_closure import WordClosure, close_words_exactly
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["ClosedSystem", "close_system"]

IntArray = npt.NDArray[np.int32]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class ClosedSystem:
    """A system on its blocks, with the closure of its labels and the reduced rows of that."""

    system: DeterministicMDP
    partition: Partition
    labels: ExactLabels
    ids: IntArray
    successors: IntArray
    closure: WordClosure
    rows: Objects

    def basis(self, affine: bool) -> tuple[Objects, list[int]]:
        """Return reduced rows of H, or of [H, 1], and the blocks that all others depend on."""
        core = self.closure.core.tolist()
        return with_constant(self.rows, core, self.closure.has_one) if affine else (self.rows, core)

    def name(self, block: int) -> Hashable:
        """Return the name of the first observation of a block."""
        return self.system.observations[int(self.partition.representatives[block])]


def close_system(system: DeterministicMDP, max_blocks: int, method: str) -> ClosedSystem:
    """Close the labels of a system along words; see :func:`.realisation.realise` for errors."""
    partition = bisimulation(system).partition
    if partition.n_blocks > max_blocks:
        raise BudgetExceededError(
            f"There are {partition.n_blocks} blocks, more than max_blocks={max_blocks}. Raise it "
            "(time grows with the third power), or use exact_subject for any exact model."
        )
    labels = exact_labels(system.label_values)
    ids, successors = block_tables(system, partition)
    closure = close_words_exactly(labels, ids, successors, method)
    if closure.rows is None:
        raise BudgetExceededError(
            "The smallest model has fractions too large to compute here. Give labels that are "
            "small integers or simple fractions, or use exact_subject for any exact model."
        )
    return ClosedSystem(system, partition, labels, ids, successors, closure, closure.rows)
