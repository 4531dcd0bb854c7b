"""Which label to add: the fewest labelled observations, or values, that force a target (S9).

For a pair (x, y) let ``fold(x, y)`` be the least congruence of the *unlabelled* dynamics that
merges it. The pair is bisimilar under a label p exactly when p is constant on every block of its
fold, because then the fold is a bisimulation, and every bisimulation that merges the pair contains
it. So p suffices for a target π when no fold of a pair outside π has p constant on all its blocks:

* with values of their own, the labelled observations must *meet* a block of two or more of each
  fold: a minimum hitting set of the supports;
* with one value for all of them, some block must be met but not filled;
* with values for all observations, some edge of a spanning forest of the fold must join two
  values: a colouring problem.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.choice.folds import LabelProblem
from tellapart.theory.choice.reasons import LabelReason
from tellapart.theory.choice.sat import Budget, has_sat
from tellapart.theory.choice.search import (
    Found,
    nothing_needed,
    search_observations,
    search_values,
)
from tellapart.theory.choice.targets import TargetSpec, require_mdp, target_partition
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = ["EXACT_SIZE", "LabelSuggestion", "suggest_labels"]

#: Observations up to which ``method="auto"`` asks the solver for the optimum.
EXACT_SIZE = 256


@register
@dataclass(frozen=True, repr=False)
class LabelSuggestion(Saved):
    """A label that forces the target apart, verified; made by :func:`suggest_labels`.

    Attributes
    ----------
    mdp
        The dynamics, with the label they came with.
    target
        The partition that is kept apart.
    minimise
        ``"observations"`` or ``"values"``.
    binary
        Whether all labelled observations share one value.
    labels
        The suggested label of each observation: 0 for those that need none, 1, 2, .. for others.
    number
        Labelled observations, or distinct values.
    lower_bound
        No label that suffices has fewer.
    status
        ``"optimal"`` when the two are equal, else ``"upper bound only"``.
    method
        ``"greedy"`` or ``"exact"``: what found the labels, or proved them optimal.
    irreducible
        Whether it was shown that no single label can be dropped.
    reason
        Why fewer do not suffice; None when that is not known.
    """

    mdp: DeterministicMDP
    target: Partition
    minimise: str
    binary: bool
    labels: tuple[int, ...]
    number: int
    lower_bound: int
    status: str
    method: str
    irreducible: bool
    reason: LabelReason | None

    @property
    def marked(self) -> tuple[Hashable, ...]:
        """Names of the observations whose label is not 0, by index."""
        names = self.mdp.observations
        return tuple(names[o] for o, label in enumerate(self.labels) if label)

    @cached_property
    def labelled_mdp(self) -> DeterministicMDP:
        """The same dynamics with the suggested label."""
        return self.mdp.with_labels(np.array(self.labels))

    @cached_property
    def bisimulation(self) -> Bisimulation:
        """What the suggested label forces."""
        return bisimulation(self.labelled_mdp)

    def explain(self) -> str:
        """Return the label in words, whether it is optimal, and why fewer do not suffice."""
        shown = ", ".join(map(repr, self.marked[:12]))
        more = f", .. ({len(self.marked)} in all)" if len(self.marked) > 12 else ""
        lines = [
            f"{self._what(self.number)} force{'s' * (self.number == 1)} the target apart "
            f"({self.target.n_blocks} blocks, {self.target.n_separated_pairs} pairs)."
        ]
        if self.minimise == "values":
            lines.append(f"Observations whose value is not 0: {shown or 'none'}{more}")
        elif self.marked:
            kind = "one value for all" if self.binary else "a value of its own for each"
            kind = "" if self.number == 1 else f" ({kind})"
            lines.append(f"Label apart{kind}: {shown}{more}")
        if self.status == "optimal":
            lines.append(f"This is the fewest possible ({self.method}).")
        else:
            lines.append(
                f"Perhaps fewer suffice: {self.lower_bound} are needed at least ({self.method}"
                f"{'; no single one can be dropped' * self.irreducible})."
            )
            if self.mdp.n_obs <= EXACT_SIZE and not has_sat():
                lines.append("With python-sat it can be decided: pip install 'tellapart[formal]'")
        if self.reason is not None:
            lines.append(self.reason.explain())
        return "\n".join(lines)

    def _what(self, number: int) -> str:
        noun = "labelled observation" if self.minimise == "observations" else "label value"
        return f"{number} {noun}{'s' * (number != 1)}"

    def __repr__(self) -> str:
        return (
            f"LabelSuggestion({self._what(self.number)}, {self.status}, "
            f"lower bound {self.lower_bound}, {self.method})"
        )


def suggest_labels(
    mdp: DeterministicMDP,
    target: TargetSpec = "observation",
    *,
    minimise: str = "observations",
    binary: bool = False,
    method: str = "auto",
    time_limit: float | None = 10.0,
    conflict_budget: int | None = None,
    seed: int = 0,
) -> LabelSuggestion:
    """Find the fewest labelled observations, or label values, that force a target apart (S9).

    Parameters
    ----------
    mdp
        The dynamics; its own label counts only where the target is ``"label"``.
    target
        What the encoder must keep apart, as in
        :func:`~tellapart.theory.choice.targets.target_partition`;
        default: every observation.
    minimise
        ``"observations"``: label few of them, each with a value of its own, all others alike.
        ``"values"``: label all of them with few distinct values.
    binary
        With ``"observations"``: all labelled ones share one value, so that the label is yes or no.
    method
        ``"greedy"`` (any size), ``"exact"`` (SAT, needs python-sat), or ``"auto"``: exact where
        python-sat is installed and there are at most 256 observations.
    time_limit
        Seconds for the solver; None: no limit. When it ends, the greedy result and the bound so
        far are reported.
    conflict_budget
        Conflicts for the solver; unlike seconds, the same on every machine. Default: no limit.
    seed
        Of the random repairs behind ``"values"`` and ``binary``.

    Returns
    -------
    LabelSuggestion

    Raises
    ------
    InvalidArgumentError
        For a wrong argument, for ``"exact"`` without python-sat, and for ``binary`` where no
        label with two values suffices.
    BudgetExceededError
        For ``binary`` when no label was found and none was excluded.

    Notes
    -----
    Greedy: a few dozen refinements of O(|A| n log n). Exact: exponential at worst.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> found = suggest_labels(counting_chain(9), method="greedy")
    >>> found
    LabelSuggestion(1 labelled observation, optimal, lower bound 1, greedy)
    >>> loops = DeterministicMDP([[0], [1], [2]], labels=[0, 0, 0], observations="abc")
    >>> suggest_labels(loops, method="greedy").reason.cause
    'twins'
    """
    require_mdp(mdp)
    wanted = target_partition(mdp, target)
    exact = _checked(mdp.n_obs, minimise, binary, method, time_limit, conflict_budget, seed)
    problem = LabelProblem(mdp.successors, wanted.ids)
    budget = Budget(time_limit, conflict_budget) if exact else None
    if wanted.n_blocks <= 1:
        found = nothing_needed(mdp.n_obs, minimise)
    elif minimise == "values":
        found = search_values(mdp, problem, budget, seed)
    else:
        found = search_observations(mdp, problem, budget, seed, binary)
    return _verified(mdp, wanted, minimise, binary, found)


def _verified(
    mdp: DeterministicMDP, target: Partition, minimise: str, binary: bool, found: Found
) -> LabelSuggestion:
    result = LabelSuggestion(
        mdp=mdp,
        target=target,
        minimise=minimise,
        binary=binary,
        labels=tuple(found.labels.tolist()),
        number=found.number,
        lower_bound=found.lower,
        status="optimal" if found.lower == found.number else "upper bound only",
        method=found.method,
        irreducible=found.irreducible,
        reason=found.reason,
    )
    counted = len(result.marked) if minimise == "observations" else len(set(result.labels))
    if not result.bisimulation.partition.refines(target) or counted != found.number:
        raise InternalError(f"{result!r} does not suffice for {target!r}.")
    return result


def _checked(
    n: int,
    minimise: Any,
    binary: Any,
    method: Any,
    time_limit: Any,
    conflict_budget: Any,
    seed: Any,
) -> bool:
    """Check the options; return whether the solver is to be asked."""
    for name, value, allowed in (
        ("minimise", minimise, ("observations", "values")),
        ("method", method, ("auto", "greedy", "exact")),
        ("binary", binary, (False, True)),
    ):
        if value not in allowed or (isinstance(value, bool) != isinstance(allowed[0], bool)):
            raise InvalidArgumentError(
                f"{name} is {value!r}; it must be one of {', '.join(map(repr, allowed))}."
            )
    if binary and minimise == "values":
        raise InvalidArgumentError(
            "binary=True goes with minimise='observations': it asks for few observations that "
            "share one value. Leave it out to minimise the number of values."
        )
    if time_limit is not None and not (_is_number(time_limit) and time_limit > 0):
        raise InvalidArgumentError(
            f"time_limit is {time_limit!r}; it must be a number of seconds above 0, or None."
        )
    for name, whole, least in (("conflict_budget", conflict_budget, 1), ("seed", seed, 0)):
        if whole is None and name == "conflict_budget":
            continue
        if isinstance(whole, bool) or not isinstance(whole, int) or whole < least:
            raise InvalidArgumentError(
                f"{name} is {whole!r}; it must be an integer of at least {least}."
            )
    if method == "exact" and not has_sat():
        raise InvalidArgumentError(
            "method='exact' needs python-sat, which is not installed. Install it with "
            "pip install 'tellapart[formal]', or use method='greedy' (an upper bound)."
        )
    return bool(method == "exact" or (method == "auto" and n <= EXACT_SIZE and has_sat()))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
