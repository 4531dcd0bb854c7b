"""What the compiled loop takes for one size: partitions, lattice, permutations (imports numba)."""

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.partition import Partition
from tellapart.theory.scope.counting import all_partitions
from tellapart.theory.scope.kernels import N_TOTALS, WITNESS, WITNESS_KERNEL, read_table

__all__ = ["fresh_totals", "size_of", "table_of"]

Small = npt.NDArray[np.int8]


def size_of(n: int, m: int, n_labels: int) -> tuple[Any, ...]:
    """Return the arrays of :func:`tellapart.theory.scope.kernels.sweep` for one size.

    Returns
    -------
    ``partitions, refines, meets, joins, names, inverses, images, actions, values``.
    """
    ids = all_partitions(n)
    index = {each: number for number, each in enumerate(ids)}
    partitions = [Partition(each) for each in ids]
    refines = np.array([[p.refines(q) for q in partitions] for p in partitions])
    meets, joins = (
        np.array([[index[_key(op(p, q))] for q in partitions] for p in partitions], dtype=np.int64)
        for op in (Partition.meet, Partition.join)
    )
    names = _permutations(n)
    images = np.array(
        [[index[_key(Partition(np.array(each)[moved]))] for each in ids] for moved in names],
        dtype=np.int64,
    )
    inverses = np.argsort(names, axis=1).astype(np.int8)
    return (
        np.array(ids, dtype=np.int8), refines, meets, joins, names, inverses, images,
        _permutations(m), _permutations(n_labels),
    )  # fmt: skip


def fresh_totals() -> npt.NDArray[np.int64]:
    """Return totals of which nothing is counted yet."""
    totals = np.zeros(N_TOTALS, dtype=np.int64)
    totals[WITNESS] = totals[WITNESS_KERNEL] = -1
    return totals


def table_of(number: int, n: int, m: int, n_labels: int) -> tuple[Small, Small]:
    """Return successors ``[n, m]`` and labels ``[n]`` of a numbered table."""
    successors, labels = np.empty((n, m), np.int8), np.empty(n, np.int8)
    read_table(number, n_labels, successors, labels)
    return successors, labels


def _permutations(size: int) -> Small:
    return np.array(list(itertools.permutations(range(size))), dtype=np.int8)


def _key(partition: Partition) -> tuple[int, ...]:
    return tuple(partition.ids.tolist())
