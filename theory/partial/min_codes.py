"""The smallest number of codes of a zero-loss encoder: bounds, and the optimum by SAT (S6)."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.border import positive_int
from tellapart.theory.partial.classes import ForcedClasses, forced_classes
from tellapart.theory.partial.greedy_codes import greedy_clique, greedy_merging
from tellapart.theory.partial.relation import SeparationRelation, separation_relation
from tellapart.theory.partial.sat_codes import Optimum, search_optimum
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["GREEDY_CLASSES", "SAT_CLAUSES", "MinimumCodes", "codes_by_labels", "minimum_codes"]

#: Classes of F(D) beyond which only the labels bound the number of codes.
GREEDY_CLASSES = 3000
#: Clauses of a SAT formula beyond which the optimum is not tried.
SAT_CLAUSES = 3_000_000


@register
@dataclass(frozen=True)
class MinimumCodes(Saved):
    """How few codes a zero-loss encoder can use (S6); made by :func:`minimum_codes`.

    Attributes
    ----------
    status
        ``"optimum proved"``, ``"bounds only"``, or ``"infeasible"``: no encoder reaches zero loss.
    method
        What proved the optimum, or gave the bounds.
    lower, upper
        Bounds on the smallest number of codes; None when infeasible.
    clique
        Names of observations of which any two must be told apart: evidence of a lower bound.
    partition
        An admissible partition into ``upper`` blocks, checked: evidence of the upper bound. Other
        partitions may be as small; this one is not *the* quotient.
    reason
        Why the optimum is not proved; empty when it is.
    """

    status: str
    method: str
    lower: int | None
    upper: int | None
    clique: tuple[Hashable, ...]
    partition: Partition | None
    reason: str

    @property
    def value(self) -> int | None:
        """The optimum, or None while only bounds are known."""
        return self.upper if self.status == "optimum proved" else None

    def explain(self) -> str:
        """Say in a sentence or two what is known."""
        if self.status == "infeasible":
            return "No encoder reaches zero loss on these data, with any number of codes."
        if self.value is not None:
            return (
                f"A zero-loss encoder needs {count(self.value, 'code')} (proved by {self.method})."
            )
        most = count(self.upper or 0, "code")
        return (
            f"A zero-loss encoder needs between {self.lower} and {most} (by "
            f"{self.method}). The optimum is not proved: {self.reason}."
        )

    def __repr__(self) -> str:
        known = self.value if self.value is not None else f"{self.lower} to {self.upper}"
        return f"MinimumCodes({known}, {self.status}, by {self.method})"


def minimum_codes(
    data: TransitionData | DeterministicMDP | ForcedClasses,
    *,
    time_limit: float = 10.0,
    conflict_budget: int | None = None,
    exact: bool = True,
    relation: SeparationRelation | None = None,
) -> MinimumCodes:
    """Bound the smallest number of codes of a zero-loss encoder, and prove it where possible.

    The lower bound is a clique of observations that must be told apart, found greedily; the upper
    bound merges classes greedily as long as that is consistent. When they differ, the sizes in
    between are decided by SAT.

    Parameters
    ----------
    data
        Any coverage and any labels, or the result of
        :func:`~tellapart.theory.partial.classes.forced_classes`.
    time_limit
        Seconds of processor time for SAT.
    conflict_budget
        Stop SAT after about so many conflicts: a limit that gives the same answer on any machine.
    exact
        False: leave SAT out.
    relation
        The full relation of the same data, if it is there already.

    Returns
    -------
    MinimumCodes

    Raises
    ------
    InvalidArgumentError
        For data of another type, or limits that are no positive numbers.

    Notes
    -----
    The problem is NP-hard (Gold 1978, statement S6). SAT needs python-sat; without it the bounds
    are returned, with the reason.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    >>> found = minimum_codes(data)
    >>> found.value, found.partition
    (2, Partition of 4 observations into 2 blocks: {0, 2} {1, 3})
    """
    _check_limits(time_limit, conflict_budget)
    classes = data if isinstance(data, ForcedClasses) else forced_classes(data)
    if not classes.feasible:
        return MinimumCodes("infeasible", "forced merges", None, None, (), None, "")
    if classes.n_classes > GREEDY_CLASSES:
        return _by_labels(classes)
    separated = _separated(classes, relation)
    return _between(classes, separated, time_limit, conflict_budget, exact)


def codes_by_labels(classes: ForcedClasses, time_limit: float) -> MinimumCodes:
    """As :func:`minimum_codes`, where the full relation is beyond its budget.

    The clique is of observations with different labels then.
    """
    _check_limits(time_limit, None)
    if classes.n_classes > GREEDY_CLASSES:
        return _by_labels(classes)
    return _between(classes, _labels_apart(classes), time_limit, None, True)


def _between(
    classes: ForcedClasses,
    separated: npt.NDArray[np.bool_],
    time_limit: float,
    conflict_budget: int | None,
    exact: bool,
) -> MinimumCodes:
    """Bound the number of codes from below and above, and search between the bounds."""
    clique = greedy_clique(separated)
    ids = greedy_merging(classes, separated)
    found = Optimum(len(clique), int(ids.max()) + 1, None, "")
    method = "clique and greedy merging"
    if found.lower < found.upper:
        found = _search(classes, separated, clique, found, time_limit, conflict_budget, exact)
        if found.lower == found.upper:
            method = "SAT"
        elif found.lower > len(clique):
            method = "clique, SAT and greedy merging"
    return _result(classes, clique, ids if found.ids is None else found.ids, found, method)


def _check_limits(time_limit: float, conflict_budget: int | None) -> None:
    number = isinstance(time_limit, int | float) and not isinstance(time_limit, bool)
    if not number or not time_limit >= 0:
        raise InvalidArgumentError(f"time_limit is {time_limit!r}; it must be seconds >= 0.")
    if conflict_budget is not None:
        positive_int(conflict_budget, "conflict_budget")


def _separated(
    classes: ForcedClasses, relation: SeparationRelation | None
) -> npt.NDArray[np.bool_]:
    """Return what is known to be separated: everything, or by label only beyond the budget."""
    if relation is not None:
        if relation.forced != classes.partition:
            raise InvalidArgumentError("relation is of other data; leave it out to compute it.")
        return relation.separated
    try:
        return separation_relation(classes, max_classes=GREEDY_CLASSES).separated
    except BudgetExceededError:
        return _labels_apart(classes)


def _labels_apart(classes: ForcedClasses) -> npt.NDArray[np.bool_]:
    """Return which classes have different known labels, bool ``[n_classes, n_classes]``."""
    known = classes.labels >= 0
    differ = classes.labels[:, None] != classes.labels[None, :]
    return np.asarray(differ & known[:, None] & known[None, :])


def _by_labels(classes: ForcedClasses) -> MinimumCodes:
    """Return the bounds that need no search: one code for each label, or for each class."""
    known = classes.labels >= 0
    _, first = np.unique(classes.labels[known], return_index=True)
    names = classes.data.observations
    clique = tuple(names[o] for o in classes.labelled[known][first].tolist()) or (names[0],)
    lower, upper = len(clique), classes.n_classes
    status = "optimum proved" if lower == upper else "bounds only"
    reason = f"there are {upper} classes of F(D), more than {GREEDY_CLASSES}"
    method = "labels and forced merges"
    reason = "" if lower == upper else reason
    return MinimumCodes(status, method, lower, upper, clique, classes.partition, reason)


def _search(
    classes: ForcedClasses,
    separated: npt.NDArray[np.bool_],
    clique: list[int],
    found: Optimum,
    time_limit: float,
    conflict_budget: int | None,
    exact: bool,
) -> Optimum:
    if not exact:
        return found._replace(reason="exact=False left SAT out")
    size = len(classes.edge_actions) * found.upper**2
    if size > SAT_CLAUSES:
        return found._replace(reason=f"SAT would need about {size} clauses")
    return search_optimum(classes, separated, clique, found, time_limit, conflict_budget)


def _result(
    classes: ForcedClasses,
    clique: list[int],
    ids: npt.NDArray[np.int64],
    found: Optimum,
    method: str,
) -> MinimumCodes:
    partition = Partition(ids[classes.partition.ids])
    if partition.n_blocks != found.upper or not is_admissible_for(classes.data, partition):
        raise InternalError(
            "The partition that was found is not admissible. Please report this with the data."
        )
    names = classes.data.observations
    members = tuple(names[int(classes.partition.representatives[c])] for c in clique)
    status = "optimum proved" if found.lower == found.upper else "bounds only"
    return MinimumCodes(
        status, method, found.lower, found.upper, members, partition,
        "" if found.lower == found.upper else found.reason,
    )  # fmt: skip
