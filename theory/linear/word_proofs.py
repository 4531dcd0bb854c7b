"""Proofs that the words which the closure refused are dependent over the rationals (S12).

Needed for words shorter than the longest kept one: they decide how the rank grows with the length.
Three proofs, cheapest first: the vector is 0 or was seen before; its coordinates over the kept
words, reconstructed from residues, are verified; or it is dependent modulo so many primes that no
minor can be non-zero (Hadamard's bound).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm, log2
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.linear.modular import combine, product_is, reconstruct_all
from tellapart.theory.linear.modular_kernels import echelon_of, reduced_rows
from tellapart.theory.linear.modular_runs import Problem, Run

__all__ = ["OpenWords", "depend_on_kept_words", "hadamard_bits", "open_words"]

IntArray = npt.NDArray[np.int32]

#: Primes tried for the coordinates over the kept words; larger fractions are left to Hadamard.
_MOST_PRIMES = 4


@dataclass(frozen=True)
class OpenWords:
    """Label vectors along words, as integers ``[k, m]``.

    Attributes
    ----------
    refused
        Vectors of refused words that are neither 0 nor seen before.
    lengths
        int64 ``[k]``: their lengths.
    kept
        Vectors of the kept words that are shorter than the longest.
    """

    refused: npt.NDArray[Any]
    lengths: npt.NDArray[np.int64]
    kept: npt.NDArray[Any]


def open_words(problem: Problem, run: Run) -> OpenWords:
    """Collect the refused words, shorter than the longest kept one, that still need a proof.

    Longer ones do not matter, because the final rank is proved on its own.
    """
    labels = problem.labels
    seen = {np.zeros(problem.m, dtype=np.int32).tobytes()}  # value id 0 stands for the number 0
    kept_columns: list[tuple[int, IntArray]] = []  # label coordinate, label ids by block
    refused: list[tuple[int, IntArray]] = []
    lengths: list[int] = []
    q, n_actions = labels.dim, problem.successors.shape[1]
    for tested, kept in enumerate(run.kept.tolist()):
        parent, letter = (-1, tested) if tested < q else divmod(tested - q, n_actions)
        length = 0 if parent < 0 else int(run.lengths[parent]) + 1
        if length >= run.longest:
            break
        if parent < 0:
            coordinate, column = letter, problem.label_ids
        else:
            coordinate, before = kept_columns[parent]
            column = before[problem.successors[:, letter]]
        key = labels.value_ids[coordinate][column].tobytes()
        if kept:
            kept_columns.append((coordinate, column))
        elif key not in seen:
            refused.append((coordinate, column))
            lengths.append(length)
        seen.add(key)
    return OpenWords(
        _integers(problem, refused), np.array(lengths, dtype=np.int64),
        _integers(problem, kept_columns),
    )  # fmt: skip


def _integers(problem: Problem, columns: list[tuple[int, IntArray]]) -> npt.NDArray[Any]:
    table = np.array(problem.labels.integers, dtype=object)
    rows = np.empty((len(columns), problem.m), dtype=object)
    for i, (coordinate, column) in enumerate(columns):
        rows[i] = table[coordinate][column]
    try:
        return rows.astype(np.int64)
    except OverflowError:
        return rows


def depend_on_kept_words(words: OpenWords, run: Run, primes: Iterator[int]) -> bool:
    """Tell whether all refused words were proved to depend on kept words that are no longer.

    Their coordinates X over the kept words are found modulo primes at the pivots of those words,
    reconstructed, and verified: ``X @ kept == refused`` over the integers.
    """
    rank = len(words.kept)
    pivots = run.pivots[:rank]
    square, wanted = words.kept[:, pivots].T, words.refused[:, pivots].T
    whole = np.hstack([square, wanted])
    residues: npt.NDArray[Any] | None = None
    modulus = 1
    for used, prime in enumerate(primes, start=1):
        echelon, found = echelon_of((whole % prime).astype(np.uint32), prime)
        if np.array_equal(np.sort(found), np.arange(rank)):  # else an unlucky prime
            part = reduced_rows(echelon, found, prime)[:, rank:].T.astype(np.int64)
            residues = part if residues is None else combine(residues, modulus, part, prime)
            modulus *= prime
            entries = reconstruct_all(residues, modulus)
            if entries is not None and _are_coordinates(words, run, entries):
                return True
        if used == _MOST_PRIMES:
            break
    return False


def _are_coordinates(words: OpenWords, run: Run, entries: npt.NDArray[Any]) -> bool:
    rows, targets = np.empty_like(entries), np.empty(words.refused.shape, dtype=object)
    for i, row in enumerate(entries):
        scale = lcm(*(x.denominator for x in row))
        rows[i] = [int(x * scale) for x in row]
        targets[i] = words.refused[i].astype(object) * scale
    longer = run.lengths[: len(words.kept)][None, :] > words.lengths[:, None]
    return not (rows[longer] != 0).any() and product_is(targets, rows, words.kept)


def hadamard_bits(problem: Problem, run: Run, *, whole: bool) -> float:
    """Return the bits of a bound on every minor that refused candidates could make non-zero."""
    counted = run.rank if whole else int((run.lengths < run.longest).sum())
    largest = max((abs(x) for row in problem.labels.integers for x in row), default=1)
    vectors: list[tuple[int, IntArray]] = []
    squares = [[x * x for x in row] for row in problem.labels.integers]
    bits = 1 + 0.5 * log2(problem.m * max(1, largest) ** 2)  # the candidate's own row
    for i in range(counted):
        parent, letter = int(run.parents[i]), int(run.letters[i])
        if parent < 0:
            coordinate, ids = letter, problem.label_ids
        else:
            coordinate, before = vectors[parent]
            ids = before[problem.successors[:, letter]]
        vectors.append((coordinate, ids))
        counts = np.bincount(ids, minlength=problem.labels.count).tolist()
        square = sum(k * s for k, s in zip(counts, squares[coordinate], strict=True) if k)
        bits += 0.5 * log2(max(1, square))
    return bits * (1 + 1e-9)
