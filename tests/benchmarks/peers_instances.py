"""The systems that the peers are compared on: synthetic families and two real ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
from bisimulation_families import (
    blow_up_tables,
    chain_tables,
    de_bruijn_tables,
    random_tables,
)

from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["FAMILIES", "Instance", "build", "sliding_puzzle", "trimmed_blocks"]


@dataclass(frozen=True)
class Instance:
    """One system: int32 ``[n, n_actions]`` successors and int32 ``[n]`` labels ``0 .. k-1``."""

    family: str
    successors: np.ndarray
    labels: np.ndarray

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return int(self.labels.max()) + 1

    def save(self, path: Path) -> None:
        """Write the tables, uncompressed."""
        np.savez(path, family=self.family, successors=self.successors, labels=self.labels)

    @classmethod
    def load(cls, path: Path) -> "Instance":
        """Read what :meth:`save` wrote."""
        with np.load(path) as tables:
            return cls(str(tables["family"]), tables["successors"], tables["labels"])


def sliding_puzzle() -> tuple[np.ndarray, np.ndarray]:
    """Enumerate the 3x3 sliding puzzle from its solution: 181,440 observations, 4 moves.

    A move that the edge forbids changes nothing; the label is 1 exactly when solved.
    """
    position = np.arange(9, dtype=np.int64)
    digits = 9**position
    frontier = np.array([int((position * digits).sum())])  # the arrangement as a number to base 9
    before, moves = frontier, []
    while frontier.size:
        tiles = frontier[:, None] // digits % 9
        blank = np.argmax(tiles == 0, axis=1)
        reached = np.stack([_moved(frontier, tiles, blank, step) for step in _STEPS], axis=1)
        moves.append((frontier, reached))
        fresh = np.setdiff1d(reached, np.concatenate([before, frontier]))  # moves can be undone
        before, frontier = frontier, fresh
    states = np.concatenate([start for start, _ in moves])
    order = np.argsort(states)
    found = np.searchsorted(states[order], np.concatenate([end for _, end in moves]))
    return order[found].astype(np.int32), (np.arange(len(states)) == 0).astype(np.int32)


_STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))


def _moved(
    codes: np.ndarray, tiles: np.ndarray, blank: np.ndarray, step: tuple[int, int]
) -> np.ndarray:
    """Move the blank of every arrangement one step, where there is room."""
    row, column = blank // 3 + step[0], blank % 3 + step[1]
    possible = (row >= 0) & (row < 3) & (column >= 0) & (column < 3)
    target = np.where(possible, 3 * row + column, blank)
    tile = tiles[np.arange(len(codes)), target]
    return codes + tile * (9**blank - 9**target)


def _taxi() -> tuple[np.ndarray, np.ndarray]:
    mdp = DeterministicMDP.from_gymnasium("Taxi-v4")
    return mdp.successors, mdp.label_ids


FAMILIES: Mapping[str, Callable[[int], tuple[np.ndarray, np.ndarray]]] = {
    "random, 2 actions": random_tables,
    "random, 8 actions": lambda n: random_tables(n, actions=8, labels=8),
    "blow-up": lambda n: blow_up_tables(random_tables(max(n // 100, 2)), 100),
    "chain": chain_tables,
    "blow-up of chain": lambda n: blow_up_tables(chain_tables(max(n // 100, 2)), 100),
    "de Bruijn": de_bruijn_tables,
    "Taxi-v4": lambda n: _taxi(),
    "3x3 sliding puzzle": lambda n: sliding_puzzle(),
}

#: Families of one size, whatever ``--n``.
FIXED = ("Taxi-v4", "3x3 sliding puzzle")


def build(family: str, n: int) -> Instance:
    """Build one instance of about ``n`` observations; the random ones use a fixed seed."""
    successors, labels = FAMILIES[family](n)
    table = np.ascontiguousarray(successors, dtype=np.int32)
    return Instance(family, table, np.unique(labels, return_inverse=True)[1].astype(np.int32))


@numba.njit
def _reachable(successors: np.ndarray) -> np.ndarray:
    seen = np.zeros(len(successors), dtype=np.bool_)
    stack = np.empty(len(successors), dtype=np.int64)
    seen[0], stack[0], height = True, 0, 1
    while height:
        height -= 1
        for target in successors[stack[height]]:
            if not seen[target]:
                seen[target] = True
                stack[height] = target
                height += 1
    return seen


def trimmed_blocks(instance: Instance, partition: Partition, *, drops_dead: bool) -> int:
    """Count the blocks that a tool for automata keeps: those that observation 0 reaches.

    With ``drops_dead`` the block from which label 1 is never seen again does not count either; it
    is one block, its observations being bisimilar.
    """
    present = set(partition.ids[_reachable(instance.successors)].tolist())
    if drops_dead:
        first = partition.representatives
        after = partition.ids[instance.successors[first]]
        loops = (after == np.arange(partition.n_blocks)[:, None]).all(axis=1)
        present -= set(np.flatnonzero(loops & (instance.labels[first] != 1)).tolist())
    return len(present)
