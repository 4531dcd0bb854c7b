"""Greedy search, solver and bounds put together for :func:`.suggestion.suggest_labels` (S9)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.choice.folds import LabelProblem
from tellapart.theory.choice.greedy import (
    Marks,
    greedy_binary,
    greedy_marks,
    greedy_values,
    labels_of_marks,
)
from tellapart.theory.choice.reasons import (
    LabelReason,
    disjoint_needs,
    explain_needs,
    refuted,
    twin_clique,
    value_twins,
)
from tellapart.theory.choice.sat import Budget, fewest_marks, fewest_values
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Found", "nothing_needed", "search_observations", "search_values"]

LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """Labels by index, before they are verified and explained."""

    labels: LongArray
    number: int
    lower: int
    method: str
    irreducible: bool
    reason: LabelReason | None


def nothing_needed(n: int, minimise: str) -> Found:
    """Return the constant label, for a target of one block."""
    number = int(minimise == "values")
    reason = LabelReason("nothing", (), "The target has one block: nothing must be told apart.")
    return Found(np.zeros(n, dtype=np.int64), number, number, "greedy", True, reason)


def _constant(number: int) -> LabelReason:
    return LabelReason(
        "constant", (), f"Fewer than {number} leave a constant label, which tells nothing apart."
    )


def search_observations(
    mdp: DeterministicMDP, problem: LabelProblem, budget: Budget | None, seed: int, binary: bool
) -> Found:
    """Find few marks greedily, bound them from below, and ask the solver while they differ.

    Parameters
    ----------
    mdp, problem
        The system, and its dynamics and target by index.
    budget
        Of the solver; None: it is not asked.
    seed
        Of the random repairs behind ``binary``.
    binary
        All marks share one value.

    Raises
    ------
    InvalidArgumentError
        When no label with two values suffices (``binary``).
    BudgetExceededError
        When none was found and none was excluded (``binary``).
    """
    own_values = greedy_marks(problem)
    folds = list(own_values.folds)
    greedy: Marks | None = own_values
    if binary:
        greedy = greedy_binary(problem, own_values.marks, seed)
        folds += greedy.folds if greedy is not None else ()
    needs = disjoint_needs(problem, folds)
    lower = max(1, sum(need.count for need in needs))
    upper = len(greedy.marks) if greedy is not None else problem.n // 2 + 1
    labels, method, bound = None, "greedy", lower
    if budget is not None and lower < upper:
        outcome = fewest_marks(problem, lower, upper, folds, budget, binary=binary)
        if outcome.impossible:
            raise _no_binary(mdp, problem)
        labels, bound = outcome.labels, outcome.lower
        method = "exact" if labels is not None or bound == upper else "greedy"
        needs = disjoint_needs(problem, outcome.folds)
    if labels is None:
        if greedy is None:
            raise _unknown_binary(mdp, problem)
        labels = labels_of_marks(greedy.marks, problem.n, binary=binary)
    number = int((labels != 0).sum())
    irreducible = number == bound or (greedy is not None and greedy.irreducible)
    reason = None
    if number == bound == 1:
        reason = _constant(1)
    elif number == bound:
        if sum(need.count for need in needs) == number:
            reason = explain_needs(mdp, needs)
        else:
            reason = refuted(number, "labelled observation", " of one value" * binary)
    return Found(labels, number, bound, method, irreducible, reason)


def search_values(
    mdp: DeterministicMDP, problem: LabelProblem, budget: Budget | None, seed: int
) -> Found:
    """Find few values by repair, bound them by twins, and ask the solver while they differ.

    Parameters are those of :func:`search_observations`.
    """
    marks = greedy_marks(problem)
    clique = twin_clique(problem)
    lower = max(2, len(clique))
    labels = greedy_values(problem, marks.marks, lower, seed)
    upper = len(np.unique(labels))
    bound, method = lower, "greedy"
    if budget is not None and lower < upper:
        outcome = fewest_values(problem, lower, clique, upper, marks.folds, budget)
        bound = outcome.lower
        if outcome.labels is not None:
            labels = outcome.labels
        if outcome.labels is not None or bound == upper:
            method = "exact"
    labels = _renumbered(labels)
    number = int(labels.max()) + 1
    reason = None
    if number == bound == 2:
        reason = _constant(2)
    elif number == bound:
        twins = len(clique) == number
        reason = value_twins(mdp, clique) if twins else refuted(number, "value")
    return Found(labels, number, bound, method, number == bound, reason)


def _renumbered(labels: LongArray) -> LongArray:
    """Renumber values by how many observations have them: 0 is the most common."""
    values, first, inverse, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(values))
    return rank[inverse.reshape(-1)]


def _no_binary(mdp: DeterministicMDP, problem: LabelProblem) -> InvalidArgumentError:
    clique = twin_clique(problem)
    why = "the solver refuted every such label"
    if len(clique) > 2:
        shown = ", ".join(repr(mdp.observations[o]) for o in clique[:6])
        why = (
            f"{shown} are twins (any two have the same successors, or stay, or swap), so each "
            "needs a value of its own"
        )
    return InvalidArgumentError(
        f"binary=True asks for a label with two values, and none forces this target: {why}. "
        "Leave binary out, or use minimise='values'."
    )


def _unknown_binary(mdp: DeterministicMDP, problem: LabelProblem) -> Exception:
    if len(twin_clique(problem)) > 2:
        return _no_binary(mdp, problem)
    return BudgetExceededError(
        "No label with two values was found that forces this target, and none was excluded. Use "
        "method='exact' with more time, leave binary out, or use minimise='values'."
    )
