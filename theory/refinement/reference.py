"""Signature refinement in plain Python: the readable engine that the fast ones are held to (D3)."""

import numpy as np

from tellapart.theory.partition import canonical_ids
from tellapart.theory.refinement.log import IntArray, Refinement

__all__ = ["refine_reference", "signature_rounds"]


def signature_rounds(successors: list[list[int]], labels: list[int]) -> list[list[int]]:
    """Return the block ids of ``B_0, B_1, .., B_depth``, straight from the definition D3.

    Two observations share a block of ``B_{k+1}`` when they share one of ``B_k`` and their
    successors do, action by action. O(depth n |A|).
    """
    history = [labels]
    while True:
        ids = history[-1]
        numbering: dict[tuple[int, ...], int] = {}
        refined = [
            numbering.setdefault((ids[o], *(ids[s] for s in row)), len(numbering))
            for o, row in enumerate(successors)
        ]
        if len(numbering) == len(set(ids)):
            return history
        history.append(refined)


def refine_reference(successors: IntArray, labels: IntArray) -> Refinement:
    """Run the reference engine; the history is kept as one snapshot for each round."""
    history = signature_rounds(successors.tolist(), labels.tolist())
    snapshots = tuple(np.array(ids, dtype=np.int32) for ids in history)
    counts = np.array([len(set(ids)) for ids in history], dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int32)
    return Refinement(
        snapshots=snapshots,
        ids=canonical_ids(snapshots[-1]),
        block_counts=counts,
        offsets=np.zeros(1, dtype=np.int64),
        moved=nothing,
        moved_to=nothing,
        parents=np.full(counts[-1], -1, dtype=np.int32),
    )
