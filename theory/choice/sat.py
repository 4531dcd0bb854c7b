"""Fewest labelled observations, or fewest label values, by SAT (S9).

The search is lazy: the solver proposes a labelling that breaks every fold known so far, refinement
finds pairs that it leaves together, their folds become new clauses. So the solver's refutations
are refutations for the whole problem, and few folds are ever made.
"""

import importlib
import importlib.util
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.choice.folds import Fold, LabelProblem
from tellapart.theory.choice.greedy import labels_of_marks

__all__ = ["Budget", "SatOutcome", "fewest_marks", "fewest_values", "has_sat"]

LongArray = npt.NDArray[np.int64]

#: Deterministic and supports limits and assumptions.
_SOLVER = "glucose4"
#: Conflicts between two looks at the clock.
_CHUNK = 2000
#: Folds added after each proposal of the solver.
_FOLDS = 24


def has_sat() -> bool:
    """Tell whether python-sat is installed."""
    return importlib.util.find_spec("pysat") is not None


class Budget:
    """Time and conflicts that the solver may still spend.

    Parameters
    ----------
    time_limit
        Seconds from now; None: no limit.
    conflicts
        Conflicts in all; None: no limit. Only this limit gives the same answer on every machine.
    """

    def __init__(self, time_limit: float | None, conflicts: int | None) -> None:
        self._end = None if time_limit is None else time.monotonic() + time_limit
        self._conflicts = conflicts

    @property
    def spent(self) -> bool:
        """Tell whether nothing is left."""
        late = self._end is not None and time.monotonic() >= self._end
        return late or (self._conflicts is not None and self._conflicts <= 0)

    def solve(self, solver: Any, assumptions: Sequence[int] = ()) -> bool | None:
        """Solve under assumptions; None when the budget ends first."""
        while not self.spent:
            before = solver.accum_stats()["conflicts"]
            left = _CHUNK if self._conflicts is None else min(_CHUNK, self._conflicts)
            solver.conf_budget(left)
            answer: bool | None = solver.solve_limited(assumptions=list(assumptions))
            if self._conflicts is not None:
                self._conflicts -= solver.accum_stats()["conflicts"] - before
            if answer is not None:
                return answer
        return None


@dataclass(frozen=True)
class SatOutcome:
    """What the solver proved.

    Attributes
    ----------
    labels
        An optimal labelling, int64 ``[n]``; None when the upper bound was not improved on.
    lower
        No labelling has fewer than this many marks, or values.
    folds
        The folds that were made.
    impossible
        Whether no labelling with two values suffices at all (binary marks only).
    """

    labels: LongArray | None
    lower: int
    folds: tuple[Fold, ...]
    impossible: bool = False


def fewest_marks(
    problem: LabelProblem,
    lower: int,
    upper: int,
    folds: Iterable[Fold],
    budget: Budget,
    *,
    binary: bool = False,
) -> SatOutcome:
    """Find the fewest marks between known bounds; marks below ``upper`` only.

    Parameters
    ----------
    problem
        The dynamics and the target.
    lower, upper
        Known bounds; with ``upper`` more than half the observations for unknown binary marks.
    folds
        Folds known already.
    budget
        When it ends, the best bound so far is returned.
    binary
        All marks share one value, so that some block must hold marked and unmarked ones.

    Notes
    -----
    Exponential at worst: a minimum hitting set.
    """
    encoding = _MarkEncoding(problem.n, min(upper, problem.n) - 1, binary)
    known = list(folds)
    for each in known:
        encoding.forbid(each)
    k = lower
    with encoding.solver as solver:
        while k < upper:
            answer = budget.solve(solver, encoding.at_most(k))
            if answer is None:
                break
            if answer is False:
                if binary and budget.solve(solver) is False:
                    return SatOutcome(None, k, tuple(known), impossible=True)
                k += 1
                continue
            labels = encoding.labels()
            fresh = _missing(problem, labels)
            if not fresh:
                return SatOutcome(labels, k, tuple(known))
            for each in fresh:
                encoding.forbid(each)
            known += fresh
    return SatOutcome(None, k, tuple(known))


def fewest_values(
    problem: LabelProblem,
    lower: int,
    clique: Sequence[int],
    upper: int,
    folds: Iterable[Fold],
    budget: Budget,
) -> SatOutcome:
    """Find the fewest values from ``lower`` up, but fewer than ``upper``.

    A clique of twins (no larger than ``lower``) breaks the symmetry of the values.

    Notes
    -----
    Exponential at worst: graph colouring is the special case in which all folds are twins.
    """
    known = list(folds)
    k = lower
    while k < upper:
        with _ValueEncoding(problem.n, k, clique) as encoding:
            for each in known:
                encoding.forbid(each)
            while True:
                answer = budget.solve(encoding.solver)
                if answer is None:
                    return SatOutcome(None, k, tuple(known))
                if answer is False:
                    break
                labels = encoding.labels()
                fresh = _missing(problem, labels)
                if not fresh:
                    return SatOutcome(labels, k, tuple(known))
                for each in fresh:
                    encoding.forbid(each)
                known += fresh
        k += 1
    return SatOutcome(None, k, tuple(known))


def _missing(problem: LabelProblem, labels: LongArray) -> list[Fold]:
    """Return small folds that a labelling leaves constant; none when it suffices."""
    return [problem.small_fold(pair) for pair in problem.unresolved(labels, _FOLDS)]


def _pysat(module: str) -> Any:
    return importlib.import_module(f"pysat.{module}")


class _MarkEncoding:
    """Variable ``o + 1``: observation ``o`` is marked."""

    def __init__(self, n: int, most: int, binary: bool) -> None:
        self.n, self.binary = n, binary
        self.solver = _pysat("solvers").Solver(name=_SOLVER)
        totals = _pysat("card").ITotalizer(lits=list(range(1, n + 1)), ubound=max(most, 0))
        self.solver.append_formula(totals.cnf.clauses)
        self._more_than: list[int] = totals.rhs
        self._differ: dict[tuple[int, int], int] = {}
        self._top: int = max(totals.top_id, n)
        totals.delete()

    def at_most(self, k: int) -> list[int]:
        """Return the assumption that at most ``k`` observations are marked."""
        return [-self._more_than[k]]

    def forbid(self, each: Fold) -> None:
        """Require labels that are not constant on the blocks of a fold."""
        if not self.binary:
            self.solver.add_clause(sorted(o + 1 for o in each.support))
            return
        self.solver.add_clause([self._difference(u + 1, v + 1) for u, v in each.edges])

    def _difference(self, u: int, v: int) -> int:
        key = (min(u, v), max(u, v))
        if key not in self._differ:
            self._top += 1
            self._differ[key] = self._top
            self.solver.add_clause([-self._top, u, v])
            self.solver.add_clause([-self._top, -u, -v])
        return self._differ[key]

    def labels(self) -> LongArray:
        """Return the labelling that the solver found."""
        marks = [v - 1 for v in self.solver.get_model()[: self.n] if v > 0]
        return labels_of_marks(marks, self.n, binary=self.binary)


class _ValueEncoding:
    """Variable ``o * k + v + 1``: observation ``o`` may have value ``v``; the first one counts.

    An observation may have several values: two that differ then have none in common, so any
    choice will do and no clause has to exclude it.
    """

    def __init__(self, n: int, k: int, clique: Sequence[int]) -> None:
        self.n, self.k = n, k
        self.solver = _pysat("solvers").Solver(name=_SOLVER)
        self._top = n * k
        self._differ: dict[tuple[int, int], int] = {}
        for o in range(n):
            self.solver.add_clause([o * k + v + 1 for v in range(k)])
        for value, o in enumerate(clique):  # its values are all different: name them in order
            for other in range(k):
                sign = 1 if other == value else -1
                self.solver.add_clause([sign * (o * k + other + 1)])

    def __enter__(self) -> "_ValueEncoding":
        return self

    def __exit__(self, *_: object) -> None:
        self.solver.delete()

    def forbid(self, each: Fold) -> None:
        """Require two values on some block of a fold."""
        self.solver.add_clause([self._difference(u, v) for u, v in each.edges])

    def _difference(self, u: int, v: int) -> int:
        key = (min(u, v), max(u, v))
        if key not in self._differ:
            self._top += 1
            self._differ[key] = self._top
            for value in range(self.k):
                mine, other = u * self.k + value + 1, v * self.k + value + 1
                self.solver.add_clause([-self._top, -mine, -other])
        return self._differ[key]

    def labels(self) -> LongArray:
        """Return the labelling that the solver found."""
        positive = np.array(self.solver.get_model()[: self.n * self.k]) > 0
        first: LongArray = np.argmax(positive.reshape(self.n, self.k), axis=1)
        return first.astype(np.int64)
