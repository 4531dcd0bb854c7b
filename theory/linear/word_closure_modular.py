"""The column space of H modulo primes, with a proof over the rationals (imports numba).

Independent modulo a prime is independent over the rationals, so a rank modulo a prime is a lower
bound. The upper bound is proved in one of three ways: the rank is the number of blocks; or the
reduced basis, reconstructed over the rationals, is verified to be closed; or every candidate is
dependent modulo so many primes that the minors which would say otherwise are 0 (Hadamard's bound).
"""

from collections.abc import Iterator
from itertools import islice
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.linear.exact_labels import ExactLabels
from tellapart.theory.linear.modular import combine, primes_below, product_is, reconstruct_all
from tellapart.theory.linear.modular_kernels import reduced_rows
from tellapart.theory.linear.modular_runs import Problem, Run
from tellapart.theory.linear.word_closure import WordClosure
from tellapart.theory.linear.word_proofs import depend_on_kept_words, hadamard_bits, open_words

__all__ = ["close_modular"]

IntArray = npt.NDArray[np.int32]
Objects = npt.NDArray[np.object_]

_BITS = 29.99  # each prime below 2^30 that is used has at least so many bits
_PRIME_BOUND = 1 << 30

#: Most elementary operations spent on one kind of proof (about ten seconds).
WORK = 10**10


def close_modular(labels: ExactLabels, label_ids: IntArray, successors: IntArray) -> WordClosure:
    """Close label vectors under the actions; see :func:`.word_closure.close_words_exactly`.

    Notes
    -----
    O(|A| r² m) for rank r, once for each prime that the proof takes; most often one or two.
    """
    problem = Problem(labels, label_ids, successors)
    primes = primes_below(_PRIME_BOUND)
    best = problem.run(next(primes))
    while True:  # ends: the run over the rationals is better than or agrees with every other
        outcome = _prove(problem, best, primes)
        if isinstance(outcome, WordClosure):
            return outcome
        best = outcome


def _prove(problem: Problem, best: Run, primes: Iterator[int]) -> WordClosure | Run:
    """Return the result with its proof, or a run that shows that ``best`` saw too little."""
    rows = _rational_rows(problem, best, primes)
    if isinstance(rows, Run):
        return rows
    words = open_words(problem, best)
    lengths_proved = not len(words.refused) or depend_on_kept_words(words, best, primes)
    n_primes = 0
    if rows is None or not lengths_proved:
        n_primes = int(hadamard_bits(problem, best, whole=rows is None) / _BITS) + 1
    by_primes = False
    if n_primes and n_primes * _work(problem, best) <= WORK:
        confirmed = _confirm(problem, best, primes, n_primes)
        if isinstance(confirmed, Run):
            return confirmed
        by_primes = confirmed
    rank_proved = rows is not None or by_primes
    return WordClosure(
        parents=best.parents,
        letters=best.letters,
        lengths=best.lengths,
        core=best.core,
        rows=rows,
        has_one=best.has_one if rows is None else bool((rows.sum(axis=0) == 1).all()),
        rank_proved=rank_proved,
        lengths_proved=rank_proved and (lengths_proved or by_primes),
        arithmetic=_describe(problem, best, rows is not None, n_primes if by_primes else 0),
    )


def _confirm(problem: Problem, best: Run, primes: Iterator[int], count: int) -> bool | Run:
    """Run more primes: True when all agree, a run that sees more, or False for an unlucky one."""
    for prime in islice(primes, count):
        other = problem.run(prime)
        if other.better_than(best):
            return other
        if best.better_than(other):
            return False
    return True


def _describe(problem: Problem, best: Run, has_rows: bool, n_primes: int) -> str:
    if best.rank == problem.m:
        return "full rank modulo a prime"
    if has_rows:
        return "rank modulo a prime, and a rational basis verified to be closed"
    if n_primes:
        return f"rank modulo {n_primes} primes, beyond Hadamard's bound on the minors"
    return "rank modulo a prime only: a lower bound"


def _work(problem: Problem, run: Run) -> int:
    n_actions = int(problem.successors.shape[1])
    return max(1, n_actions * run.rank**2 * problem.m // 2)


def _rational_rows(problem: Problem, best: Run, primes: Iterator[int]) -> Objects | Run | None:
    """Reconstruct the reduced basis over the rationals and verify it; None beyond the bounds."""
    free = np.setdiff1d(np.arange(problem.m, dtype=np.int32), best.core)
    residues: npt.NDArray[Any] = _free_part(best, free)
    modulus, used, attempt = best.prime, 1, 1
    while True:
        if used == attempt:
            entries = reconstruct_all(residues, modulus)
            if entries is not None and _is_closed(problem, best.core, free, entries):
                return _whole_rows(best.core, free, entries)
            attempt *= 2
            cells = max(1, best.rank * len(free))
            if attempt * (_work(problem, best) + 100 * attempt * cells) > WORK:
                return None
        other = problem.run(next(primes))
        if other.better_than(best):
            return other
        if best.better_than(other):
            continue
        residues = combine(residues, modulus, _free_part(other, free), other.prime)
        modulus *= other.prime
        used += 1


def _free_part(run: Run, free: IntArray) -> npt.NDArray[np.int64]:
    if not len(free):
        return np.zeros((run.rank, 0), dtype=np.int64)
    return reduced_rows(run.echelon, run.pivots, run.prime)[:, free].astype(np.int64)


def _is_closed(problem: Problem, core: IntArray, free: IntArray, entries: Objects) -> bool:
    """Verify over the integers that the rows span all labels and are closed under all actions.

    Row i times its denominator D_i is N_i. With D = lcm of all D_i the claims are
    ``D N_i[f_a(o)] = sum_j N_i[f_a(core_j)] (D / D_j) N_j[o]``, and the same for label vectors.
    """
    if not len(free):
        return True
    scales = [lcm(*(x.denominator for x in row)) for row in entries]
    common = lcm(*scales)
    rows = np.zeros((len(core), problem.m), dtype=object)
    for i, scale in enumerate(scales):
        rows[i, free] = [int(x * scale) for x in entries[i]]
        rows[i, core[i]] = scale
    right = rows[:, free] * np.array([[common // s] for s in scales], dtype=object).reshape(-1, 1)
    rows, right, targets = _narrow(rows), _narrow(right), _narrow(rows * common)
    if not all(
        product_is(targets[:, moves[free]], rows[:, moves[core]], right)
        for moves in problem.successors.T
    ):
        return False
    labels = np.array(problem.labels.integers, dtype=object)[:, problem.label_ids]
    return product_is(labels[:, free] * common, labels[:, core], right)


def _narrow(matrix: Objects) -> npt.NDArray[Any]:
    """Return int64 instead of Python integers where all fit."""
    try:
        return matrix.astype(np.int64)
    except OverflowError:
        return matrix


def _whole_rows(core: IntArray, free: IntArray, entries: Objects) -> Objects:
    from fractions import Fraction

    zero, one = Fraction(0), Fraction(1)
    rows = np.full((len(core), len(core) + len(free)), zero, dtype=object)
    rows[np.arange(len(core)), core] = one
    rows[:, free] = entries
    return rows
