"""What a refinement run leaves behind: every k-step partition, in O(n log n) space (D3, S7).

All engines are round-synchronous: round ``k`` turns ``B_{k-1}`` into ``B_k``. The first rounds are
kept as snapshots; from then on only *moves* are logged. Whenever a block splits, its largest part
keeps the id and every other part moves to a fresh one, so no observation moves more than
``log2 n`` times and the whole history fits in one log.
"""

import sys
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["IntArray", "LongArray", "Refinement", "bulk_phase", "moved_by_last_round"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]
#: Moves from which on the compiled counting sort is worth loading, where the kernels are in use.
_LONG_LOG = 1 << 16
_COMPILED = "tellapart.theory.refinement.compiled"

#: Bulk rounds that may grow by less than they should, in all.
_SLOW_ROUNDS = 3

BulkRound = Callable[[IntArray, IntArray], tuple[IntArray, int]]


@dataclass(frozen=True, eq=False)
class Refinement:
    """The history ``B_0, .., B_depth`` of a refinement, as snapshots and a log of moves.

    Attributes
    ----------
    snapshots
        int32 ``[n]`` each: block ids of ``B_0 .. B_s``; ids are dense but not canonical.
    ids
        int32 ``[n]``, canonical ids of ``B*``.
    block_counts
        int64 ``[depth + 1]``: number of blocks of each ``B_k``.
    offsets
        int64 ``[depth - s + 1]``: the moves of round ``s + 1 + i`` are
        ``offsets[i] .. offsets[i + 1]``.
    moved, moved_to
        int32 ``[n_moves]``: which observation moved, and to which fresh id.
    parents
        int32 ``[n_blocks]``: the id that id ``c`` split off from, -1 for ids of ``B_s``.
    """

    snapshots: tuple[IntArray, ...]
    ids: IntArray
    block_counts: LongArray
    offsets: LongArray
    moved: IntArray
    moved_to: IntArray
    parents: IntArray

    def __reduce__(self) -> tuple[type["Refinement"], tuple[Any, ...]]:
        """Pickle the fields only; look-up tables are made again where they are needed."""
        return Refinement, tuple(getattr(self, f.name) for f in fields(self))

    @property
    def depth(self) -> int:
        """First ``k`` with ``B_k = B*``."""
        return len(self.block_counts) - 1

    @property
    def last_snapshot(self) -> int:
        """The round ``s`` at which the log begins."""
        return len(self.snapshots) - 1

    @cached_property
    def births(self) -> LongArray:
        """Round in which each id split off, int64 ``[n_blocks]``; ``s`` for the ids of ``B_s``."""
        births = np.full(len(self.parents), self.last_snapshot, dtype=np.int64)
        births[self.moved_to] = self._move_rounds
        return births

    @cached_property
    def final_ids(self) -> IntArray:
        """Persistent (not canonical) ids of ``B*``, int32 ``[n]``."""
        return self.ids_at(self.depth)

    @cached_property
    def _move_rounds(self) -> LongArray:
        rounds = np.arange(self.last_snapshot + 1, self.depth + 1, dtype=np.int64)
        return np.repeat(rounds, np.diff(self.offsets))

    @cached_property
    def _moves_by_observation(self) -> tuple[memoryview, memoryview, memoryview]:
        """The log as a CSR table by observation: starts, rounds, ids (plain ints when read)."""
        n, first_round = len(self.ids), self.last_snapshot + 1
        if len(self.moved) >= _LONG_LOG and _COMPILED in sys.modules:
            from tellapart.theory.refinement.log_kernels import moves_by_observation

            log = (self.moved, self.moved_to, self.offsets)
            starts, rounds, targets = moves_by_observation(*log, n, first_round)
            return starts.data, rounds.data, targets.data
        order = np.argsort(self.moved, kind="stable")
        starts = np.zeros(n + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.moved, minlength=n), out=starts[1:])
        return starts.data, self._move_rounds[order].data, self.moved_to[order].data

    def ids_at(self, k: int) -> IntArray:
        """Return block ids of ``B_k``, int32 ``[n]``; O(n + moves up to round ``k``)."""
        if k <= self.last_snapshot:
            return self.snapshots[k]
        ids = self.snapshots[-1].copy()
        end = self.offsets[min(k, self.depth) - self.last_snapshot]
        ids[self.moved[:end]] = self.moved_to[:end]  # of several moves the last one stays
        return ids

    def id_at(self, observation: int, k: int) -> int:
        """Return the block id of one observation in ``B_k``; O(log log n)."""
        if k <= self.last_snapshot:
            return int(self.snapshots[k][observation])
        starts, rounds, targets = self._moves_by_observation
        begin = starts[observation]
        last = bisect_right(rounds, k, begin, starts[observation + 1]) - 1
        return int(targets[last] if last >= begin else self.snapshots[-1][observation])

    def first_difference(self, x: int, y: int) -> int | None:
        """Return the first ``k`` whose ``B_k`` separates two observations, or None; O(log n)."""
        if self.ids[x] == self.ids[y]:
            return None
        for k, snapshot in enumerate(self.snapshots):
            if snapshot[x] != snapshot[y]:
                return k
        starts, rounds, _ = self._moves_by_observation
        events = {r for o in (x, y) for r in rounds[starts[o] : starts[o + 1]]}
        return next(k for k in sorted(events) if self.id_at(x, k) != self.id_at(y, k))

    def pair_counts(self) -> list[int]:
        """Return the number of unordered pairs first separated by each ``B_k``; O(n log n)."""
        n = len(self.ids)
        counts = []
        together = n * (n - 1) // 2
        for snapshot in self.snapshots:
            sizes = np.bincount(snapshot).astype(np.int64)
            still = int((sizes * (sizes - 1)).sum()) // 2
            counts.append(together - still)
            together = still
        return counts + self._logged_pair_counts()

    def _logged_pair_counts(self) -> list[int]:
        """Count pairs split in the log: each part times what its block still held beside it."""
        counts = np.zeros(self.depth - self.last_snapshot, dtype=np.int64)
        born = np.flatnonzero(self.parents >= 0)
        if not born.size:
            return counts.tolist()
        size_at_birth = np.bincount(self.moved_to, minlength=len(self.parents)).astype(np.int64)
        base = np.bincount(self.snapshots[-1])
        size_at_birth[: len(base)] = base
        order = born[np.lexsort((self.births[born], self.parents[born]))]
        parents, parts = self.parents[order], size_at_birth[order]
        left = np.cumsum(parts)
        firsts = np.flatnonzero(np.diff(parents, prepend=-1))
        before = np.repeat(left[firsts] - parts[firsts], np.diff(firsts, append=len(order)))
        beside = size_at_birth[parents] - (left - before)
        np.add.at(counts, self.births[order] - self.last_snapshot - 1, parts * beside)
        return counts.tolist()


def bulk_phase(
    successors: IntArray, labels: IntArray, bulk_round: BulkRound, growth: float
) -> tuple[list[IntArray], list[int], bool]:
    """Re-sign every observation while the number of blocks grows by ``growth`` each round.

    A round that grows by less is paid for by those that grew by more, up to :data:`_SLOW_ROUNDS`
    of them: shallow systems end here, and following moves has a price of its own to begin with.
    With ``growth = 2`` there are at most ``log2 n`` rounds.

    Returns the snapshots, their block counts, and whether the last one is known to be stable.
    """
    snapshots, counts = [labels], [int(labels.max()) + 1]
    previous, slow = 1, 0
    while counts[-1] < len(labels) and counts[-1] >= growth ** len(counts):
        slow += counts[-1] < growth * previous
        if slow > _SLOW_ROUNDS:
            break
        ids, count = bulk_round(successors, snapshots[-1])
        if count == counts[-1]:
            return snapshots, counts, True
        previous = counts[-1]
        snapshots.append(ids)
        counts.append(count)
    return snapshots, counts, counts[-1] == len(labels)


def moved_by_last_round(snapshots: list[IntArray]) -> IntArray:
    """Return the observations that the last bulk round moved: all but each largest part.

    Exact because, for every block of the round before, one part is declared to have stayed: two
    observations whose successors all stayed then have equal signatures if they had before.
    """
    current = snapshots[-1]
    before = snapshots[-2] if len(snapshots) > 1 else np.zeros_like(current)
    sizes = np.bincount(current)
    parent = np.zeros(len(sizes), dtype=np.int32)
    parent[current] = before
    largest = np.zeros(int(before.max()) + 1, dtype=sizes.dtype)
    np.maximum.at(largest, parent, sizes)
    candidates = np.flatnonzero(sizes == largest[parent])[::-1]
    stays = np.zeros(len(largest), dtype=np.int64)
    stays[parent[candidates]] = candidates  # written in descending order: the smallest id stays
    moves = np.ones(len(sizes), dtype=bool)
    moves[stays] = False
    return np.flatnonzero(moves[current]).astype(np.int32)
