"""Partition refinement vectorised with NumPy: used for small MDPs and where numba is missing.

Exact throughout: signatures are folded or sorted as integers, never hashed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.partition import canonical_ids
from tellapart.theory.refinement.log import (
    IntArray,
    LongArray,
    Refinement,
    bulk_phase,
    moved_by_last_round,
)

__all__ = ["refine_numpy"]

Indices = npt.NDArray[np.int64]


def refine_numpy(
    successors: IntArray,
    labels: IntArray,
    *,
    growth: float = 2.0,
    max_rounds: int | None = None,
) -> Refinement | None:
    """Refine the label partition to ``B*``, logging every round.

    Parameters
    ----------
    successors, labels
        int32 ``[n, n_actions]`` and int32 ``[n]`` (dense ids); not checked.
    growth
        Rounds re-sign everything while the number of blocks grows by this factor; after that
        only predecessors of moved observations are re-signed. ``inf`` skips the first phase.
    max_rounds
        Give up (return None) when this many incremental rounds were not enough.

    Notes
    -----
    O(|A|² n log² n), plus about 0.1 ms for each incremental round.
    """
    snapshots, counts, stable = bulk_phase(successors, labels, _bulk_round, growth)
    log: list[tuple[Indices, Indices]] = []
    parents = [np.full(counts[-1], -1, dtype=np.int64)]
    if not stable:
        blocks = _Blocks.of(snapshots[-1], counts[-1])
        starts, sources = _predecessors(successors)
        moved = moved_by_last_round(snapshots).astype(np.int64)
        while moved.size:
            if max_rounds is not None and len(log) >= max_rounds:
                return None
            touched = np.unique(_gather(sources, starts[moved], starts[moved + 1] - starts[moved]))
            touched = touched[blocks.size[blocks.ids[touched]] > 1]
            if not touched.size:
                break
            moved, moved_to, born_from = blocks.split(touched, successors)
            if moved.size:
                log.append((moved, moved_to))
                parents.append(born_from)
                counts.append(counts[-1] + len(born_from))
        final = blocks.ids
    else:
        final = snapshots[-1].astype(np.int64)
    return Refinement(
        snapshots=tuple(snapshots),
        ids=canonical_ids(final),
        block_counts=np.array(counts, dtype=np.int64),
        offsets=np.cumsum([0] + [len(moved) for moved, _ in log], dtype=np.int64),
        moved=_joined([moved for moved, _ in log]),
        moved_to=_joined([moved_to for _, moved_to in log]),
        parents=_joined(parents),
    )


def _joined(pieces: list[Indices]) -> IntArray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *pieces]).astype(np.int32)


def _bulk_round(successors: IntArray, ids: IntArray) -> tuple[IntArray, int]:
    """Fold the successor ids into the block id, one action at a time, exactly."""
    n_ids = int(ids.max()) + 1
    folded = ids.astype(np.int64)
    count = n_ids
    for column in successors.T:
        unique, folded = np.unique(folded * n_ids + ids[column], return_inverse=True)
        count = len(unique)
    return folded.astype(np.int32), count


def _predecessors(successors: IntArray) -> tuple[LongArray, Indices]:
    """Return the predecessor lists as CSR: ``sources[starts[o] : starts[o + 1]]``."""
    flat = successors.reshape(-1)
    sources = np.argsort(flat, kind="stable") // successors.shape[1]
    starts = np.zeros(len(successors) + 1, dtype=np.int64)
    np.cumsum(np.bincount(flat, minlength=len(successors)), out=starts[1:])
    return starts, sources


def _gather(values: Indices, starts: Indices, lengths: Indices) -> Indices:
    """Concatenate ``values[start : start + length]`` over all pairs, without a loop."""
    return values[_ranges(starts, lengths)]


def _ranges(starts: Indices, lengths: Indices) -> Indices:
    ends = np.cumsum(lengths)
    shift = np.repeat(starts - ends + lengths, lengths)
    return shift + np.arange(len(shift))


@dataclass(slots=True)
class _Blocks:
    """A partition whose blocks are contiguous in ``elements``, so that members can be listed."""

    ids: Indices
    elements: Indices
    location: Indices
    first: Indices
    size: Indices
    n_blocks: int
    is_touched: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, ids: IntArray, n_blocks: int) -> "_Blocks":
        n = len(ids)
        elements = np.argsort(ids, kind="stable")
        location = np.empty(n, dtype=np.int64)
        location[elements] = np.arange(n)
        size = np.bincount(ids, minlength=n)  # room for n blocks, the most there can be
        first = np.cumsum(size) - size
        mask = np.zeros(n, dtype=bool)
        return cls(ids.astype(np.int64), elements, location, first, size, n_blocks, mask)

    def split(self, touched: Indices, successors: IntArray) -> tuple[Indices, Indices, Indices]:
        """Split by the signatures of ``touched``; return moves, their ids, and the ids' parents.

        Untouched members of a block share one signature, and no touched one has it.
        """
        signatures = self.ids[successors[touched]]
        order = np.lexsort((*signatures.T[::-1], self.ids[touched]))
        touched, signatures = touched[order], signatures[order]
        blocks = self.ids[touched]
        opens_block = np.diff(blocks, prepend=-1) != 0
        opens_part = opens_block.copy()
        opens_part[1:] |= (signatures[1:] != signatures[:-1]).any(axis=1)
        part_start = np.flatnonzero(opens_part)
        part_size = np.diff(part_start, append=len(touched))
        part_block = blocks[part_start]
        first_part = np.flatnonzero(opens_block[part_start])
        split_blocks = part_block[first_part]
        rest = self.size[split_blocks] - np.add.reduceat(part_size, first_part)
        moves, rest_moves = _who_moves(part_size, first_part, rest)
        n_parts = int(moves.sum())
        part_id = part_block.copy()
        part_id[moves] = self.n_blocks + np.arange(n_parts)
        leaves = np.repeat(moves, part_size)
        moved = touched[leaves]
        moved_to = np.repeat(part_id, part_size)[leaves]
        parents = part_block[moves]
        if rest_moves.any():
            sources = split_blocks[rest_moves]
            fresh = self.n_blocks + n_parts + np.arange(len(sources))
            moved = np.concatenate([moved, self._untouched(sources, touched)])
            moved_to = np.concatenate([moved_to, np.repeat(fresh, rest[rest_moves])])
            parents = np.concatenate([parents, sources])
        if moved.size:
            self._move(moved, moved_to, parents)
        return moved, moved_to, parents

    def _untouched(self, blocks: Indices, touched: Indices) -> Indices:
        """Return members of ``blocks`` that are not in ``touched``, block by block."""
        members = _gather(self.elements, self.first[blocks], self.size[blocks])
        self.is_touched[touched] = True
        found = members[~self.is_touched[members]]
        self.is_touched[touched] = False
        return found

    def _move(self, moved: Indices, moved_to: Indices, parents: Indices) -> None:
        """Give ``moved`` its ids, at the tail of the blocks it leaves; O(moves)."""
        order = np.lexsort((moved_to, self.ids[moved]))
        ordered, targets = moved[order], moved_to[order]
        sources = self.ids[ordered]
        starts = np.flatnonzero(np.diff(sources, prepend=-1))
        leaving, lengths = sources[starts], np.diff(starts, append=len(sources))
        tail_start = self.first[leaving] + self.size[leaving] - lengths
        tail = _ranges(tail_start, lengths)
        holes = self.location[ordered]
        holes = holes[holes < np.repeat(tail_start, lengths)]
        self.is_touched[ordered] = True
        stayers = self.elements[tail]
        stayers = stayers[~self.is_touched[stayers]]
        self.is_touched[ordered] = False
        self.elements[holes] = stayers  # holes and stayers match block by block
        self.location[stayers] = holes
        self.elements[tail] = ordered
        self.location[ordered] = tail
        opens = np.flatnonzero(np.diff(targets, prepend=-1))
        self.first[targets[opens]] = tail[opens]
        self.size[targets[opens]] = np.diff(opens, append=len(targets))
        self.size[leaving] -= lengths
        self.ids[ordered] = targets
        self.n_blocks += len(parents)


def _who_moves(
    part_size: Indices, first_part: Indices, rest: Indices
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Let the largest part of each block keep its id: tell which parts, and which rests, move."""
    largest = np.maximum.reduceat(part_size, first_part)
    block_of_part = np.repeat(np.arange(len(rest)), np.diff(first_part, append=len(part_size)))
    candidates = np.flatnonzero(part_size == largest[block_of_part])[::-1]
    keeper = np.empty(len(rest), dtype=np.int64)
    keeper[block_of_part[candidates]] = candidates  # descending: the first largest part stays
    rest_stays = rest >= largest
    moves = np.ones(len(part_size), dtype=bool)
    moves[keeper[~rest_stays]] = False
    return moves, ~rest_stays & (rest > 0)
