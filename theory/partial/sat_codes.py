"""The smallest number of codes by SAT: colour the classes so that the colours are functional (S6).

Variables: ``x[v, i]`` (class v has code i) and ``y[a, i, j]`` (action a leads from code i to code
j). Each class has exactly one code, each (code, action) leads to at most one code, an edge v -a-> w
with codes i and j needs ``y[a, i, j]``, and separated classes have different codes. The clique has
the first codes, one each: any other solution is one of these renamed.
"""

import importlib.util
import time
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tellapart.theory.partial.classes import ForcedClasses

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Optimum", "formula", "search_optimum"]

#: Conflicts between two looks at the clock.
_STRIDE = 1000


class Optimum(NamedTuple):
    """Bounds, block ids of a partition of the classes into ``upper`` blocks, why not exact."""

    lower: int
    upper: int
    ids: npt.NDArray[np.int64] | None
    reason: str


def search_optimum(
    classes: ForcedClasses,
    separated: npt.NDArray[np.bool_],
    clique: list[int],
    found: Optimum,
    time_limit: float,
    conflict_budget: int | None,
) -> Optimum:
    """Raise the lower bound, one size at a time, until a size is possible or a limit is reached."""
    if importlib.util.find_spec("pysat") is None:
        return found._replace(
            reason="python-sat is not installed (pip install 'tellapart[formal]')"
        )
    end = time.process_time() + time_limit
    spent = 0
    for size in range(found.lower, found.upper):
        budget = None if conflict_budget is None else conflict_budget - spent
        model, answer, used = _solve(classes, separated, clique, size, end, budget)
        spent += used
        if answer is None:
            limit = f"{time_limit:g} s" if conflict_budget is None else "the budget of conflicts"
            return found._replace(lower=size, reason=f"SAT did not decide {size} within {limit}")
        if answer:
            return Optimum(size, size, _codes(model, classes.n_classes, size), "")
    return found._replace(lower=found.upper)


def _solve(
    classes: ForcedClasses,
    separated: npt.NDArray[np.bool_],
    clique: list[int],
    size: int,
    end: float,
    budget: int | None,
) -> tuple[list[int], bool | None, int]:
    """Decide one size; return the model, the answer (None: limit reached), and conflicts used."""
    from pysat.solvers import Solver

    with Solver(name="glucose4") as solver:
        for number, clause in enumerate(formula(classes, separated, clique, size)):
            solver.add_clause(clause)
            if number % 10_000 == 0 and time.process_time() > end:
                return [], None, 0
        while True:
            used = int(solver.accum_stats()["conflicts"])
            left = _STRIDE if budget is None else min(_STRIDE, budget - used)
            if left <= 0 or time.process_time() > end:
                return [], None, used
            solver.conf_budget(left)
            answer: bool | None = solver.solve_limited()
            if answer is not None:
                model: Any = solver.get_model()
                return model or [], answer, int(solver.accum_stats()["conflicts"])


def formula(
    classes: ForcedClasses, separated: npt.NDArray[np.bool_], clique: list[int], size: int
) -> "Iterator[list[int]]":
    """Yield the clauses that say: the classes have an admissible partition into ``size`` blocks.

    Notes
    -----
    O(k size² + m size² + |A| size³) clauses for k classes and m edges, and ``size`` for each
    separated pair.
    """
    k = classes.n_classes
    codes = range(size)

    def x(v: int, i: int) -> int:
        return v * size + i + 1

    def y(a: int, i: int, j: int) -> int:
        return k * size + (a * size + i) * size + j + 1

    for code, v in enumerate(clique):
        yield [x(v, code)]
    for v in range(k):
        yield [x(v, i) for i in codes]
        yield from ([-x(v, i), -x(v, j)] for i, j in combinations(codes, 2))
    for v, w in np.argwhere(np.triu(separated)).tolist():
        yield from ([-x(v, i), -x(w, i)] for i in codes)
    used, actions = np.unique(classes.edge_actions, return_inverse=True)
    for a in range(len(used)):
        for i in codes:
            yield from ([-y(a, i, p), -y(a, i, q)] for p, q in combinations(codes, 2))
    sources = np.repeat(np.arange(k), np.diff(classes.starts)).tolist()
    edges = zip(sources, actions.reshape(-1).tolist(), classes.edge_targets.tolist(), strict=True)
    for v, a, w in edges:
        for i in codes:
            for j in codes:
                yield [-x(v, i), -x(w, j), y(a, i, j)]
                yield [-x(v, i), -y(a, i, j), x(w, j)]


def _codes(model: list[int], k: int, size: int) -> npt.NDArray[np.int64]:
    true = {literal for literal in model if 0 < literal <= k * size}
    return np.array(
        [next(i for i in range(size) if v * size + i + 1 in true) for v in range(k)],
        dtype=np.int64,
    )
