"""Compiled kernels of linear algebra modulo a prime below 2^30 (imports numba).

Products of two residues are below 2^60, so fifteen of them and a residue fit into 64 bits: rows are
added up fifteen at a time and divided once.
"""

import numpy as np
import numpy.typing as npt

from tellapart.theory.refinement.bulk_kernels import jit

__all__ = ["close_words", "echelon_of", "reduced_rows"]

IntArray = npt.NDArray[np.int32]
Residues = npt.NDArray[np.uint32]
Wide = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_TERMS = 15


@jit
def _inverse(value: int, prime: int) -> int:
    """Return the inverse modulo a prime by Euclid's algorithm, in signed 64-bit integers."""
    old, new, x, y = prime, value, 0, 1
    while new:
        quotient = old // new
        old, new = new, old - quotient * new
        x, y = y, x - quotient * y
    return x % prime


@jit
def _reduce(work: Wide, echelon: Residues, pivots: IntArray, rank: int, prime: int) -> int:
    """Subtract rows of the echelon from ``work`` in place; return its first non-zero column.

    Row ``i`` is zero before its pivot and at the pivots of the rows before it, so taking the rows
    in order leaves zeros behind. Returns -1 when nothing is left.
    """
    p = np.uint64(prime)
    m = len(work)
    pending = 0
    for i in range(rank):
        factor = work[pivots[i]] % p
        if factor != np.uint64(0):
            factor = p - factor
            for j in range(pivots[i], m):
                work[j] += factor * np.uint64(echelon[i, j])
            pending += 1
            if pending == _TERMS:
                pending = 0
                for j in range(m):
                    work[j] %= p
    first = -1
    for j in range(m - 1, -1, -1):
        work[j] %= p
        if work[j] != np.uint64(0):
            first = j
    return first


@jit
def _append(
    work: Wide, first: int, echelon: Residues, pivots: IntArray, rank: int, prime: int
) -> None:
    """Make a reduced vector the next row of the echelon, with 1 at its pivot."""
    p = np.uint64(prime)
    inverse = np.uint64(_inverse(int(work[first]), prime))
    for j in range(len(work)):
        echelon[rank, j] = np.uint32(work[j] * inverse % p)
    pivots[rank] = first


@jit
def close_words(
    labels: Residues, successors: IntArray, prime: int
) -> tuple[IntArray, IntArray, Flags, Residues, IntArray, bool]:
    """Close label vectors under v -> v o f_a modulo a prime, breadth first (S12).

    Parameters
    ----------
    labels
        uint32 ``[q, m]``: the label vectors modulo ``prime``.
    successors
        int32 ``[m, n_actions]``.
    prime
        Below 2^30.

    Returns
    -------
    parents, letters
        int32 ``[r]``: each kept word is ``letters[i]`` followed by the word ``parents[i]``; a label
        coordinate ``c`` itself has parent -1 and letter ``c``.
    kept
        bool ``[n_tested]``: which of the candidates, in order, were independent of those before.
    echelon, pivots
        uint32 ``[r, m]``, int32 ``[r]``.
    has_one
        Whether the constant vector lies in the span.
    """
    q, m = labels.shape
    n_actions = successors.shape[1]
    raw = np.empty((m, m), dtype=np.uint32)
    echelon = np.empty((m, m), dtype=np.uint32)
    pivots = np.empty(m, dtype=np.int32)
    parents = np.empty(m, dtype=np.int32)
    letters = np.empty(m, dtype=np.int32)
    kept = np.zeros(q + m * n_actions, dtype=np.bool_)
    work = np.empty(m, dtype=np.uint64)
    rank, tested = 0, 0
    while rank < m and tested < q + rank * n_actions:
        if tested < q:
            parent, letter = -1, tested
        else:
            parent, letter = divmod(tested - q, n_actions)
        for j in range(m):
            if parent < 0:
                work[j] = labels[letter, j]
            else:
                work[j] = raw[parent, successors[j, letter]]
        for j in range(m):
            raw[rank, j] = np.uint32(work[j])
        first = _reduce(work, echelon, pivots, rank, prime)
        if first >= 0:
            _append(work, first, echelon, pivots, rank, prime)
            parents[rank], letters[rank] = parent, letter
            kept[tested] = True
            rank += 1
        tested += 1
    for j in range(m):
        work[j] = np.uint64(1)
    has_one = rank == m or _reduce(work, echelon, pivots, rank, prime) < 0
    return (
        parents[:rank].copy(), letters[:rank].copy(), kept[:tested].copy(),
        echelon[:rank].copy(), pivots[:rank].copy(), has_one,
    )  # fmt: skip


@jit
def echelon_of(matrix: Residues, prime: int) -> tuple[Residues, IntArray]:
    """Return the echelon of the independent rows of a matrix of residues, and its pivots."""
    k, m = matrix.shape
    echelon = np.empty((min(k, m), m), dtype=np.uint32)
    pivots = np.empty(min(k, m), dtype=np.int32)
    work = np.empty(m, dtype=np.uint64)
    rank = 0
    for i in range(k):
        for j in range(m):
            work[j] = np.uint64(matrix[i, j])
        first = _reduce(work, echelon, pivots, rank, prime)
        if first >= 0:
            _append(work, first, echelon, pivots, rank, prime)
            rank += 1
    return echelon[:rank].copy(), pivots[:rank].copy()


@jit
def reduced_rows(echelon: Residues, pivots: IntArray, prime: int) -> Residues:
    """Return the reduced row echelon form, uint32 ``[r, m]``, rows by ascending pivot."""
    p = np.uint64(prime)
    r, m = echelon.shape
    order = np.argsort(pivots)
    result = np.empty((r, m), dtype=np.uint32)
    work = np.empty(m, dtype=np.uint64)
    for i in range(r - 1, -1, -1):
        for j in range(m):
            work[j] = np.uint64(echelon[order[i], j])
        pending = 0
        for k in range(i + 1, r):
            # Rows below are reduced already: none changes the entry at the pivot of another.
            factor = work[pivots[order[k]]] % p
            if factor != np.uint64(0):
                factor = p - factor
                for j in range(pivots[order[k]], m):
                    work[j] += factor * np.uint64(result[k, j])
                pending += 1
                if pending == _TERMS:
                    pending = 0
                    for j in range(m):
                        work[j] %= p
        for j in range(m):
            result[i, j] = np.uint32(work[j] % p)
    return result
