"""The theorem at one size by SAT, where there are too many systems to list."""

import importlib
import importlib.util
from dataclasses import dataclass

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope.encoding import CollapseEncoding
from tellapart.theory.scope.exhaustion import ScopeCollapse, droppable
from tellapart.theory.serialise import Saved, register

__all__ = ["MOST_OBSERVATIONS", "SatRefutation", "refute_by_sat"]

#: Larger sizes are refused: the clauses grow with the sixth power.
MOST_OBSERVATIONS = 10

#: Deterministic, and counts its conflicts.
_SOLVER = "glucose4"


@register
@dataclass(frozen=True, repr=False)
class SatRefutation(Saved):
    """Whether any system of one size has a zero-loss kernel that merges what a word tells apart.

    Attributes
    ----------
    n_obs, n_actions
        The size; two label values.
    drop
        The loss that did not have to be zero: ``"aux_loss"``, ``"dynamics_loss"`` or None.
    collapse
        A system and kernel against S4, checked without the solver; None when there is none.
    n_variables, n_clauses, conflicts
        Of the formula, and of the solver's search.
    """

    n_obs: int
    n_actions: int
    drop: str | None
    collapse: ScopeCollapse | None
    n_variables: int
    n_clauses: int
    conflicts: int

    @property
    def holds(self) -> bool:
        """Tell whether there is none: the formula is unsatisfiable."""
        return self.collapse is None

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the answer in two lines."""
        dropped = "" if self.drop is None else f" without {self.drop}"
        size = f"{self.n_variables} variables, {self.n_clauses} clauses, {self.conflicts} conflicts"
        head = f"{self.n_obs} observations, {self.n_actions} actions{dropped} ({size}):"
        if self.collapse is None:
            return f"{head}\n  unsatisfiable; no kernel of zero loss merges what a word tells apart"
        mdp, kernel = self.collapse.mdp, self.collapse.kernel
        blocks = " ".join("{" + ", ".join(map(str, block)) + "}" for block in kernel.blocks)
        return (
            f"{head}\n  satisfiable: successors {mdp.successors.tolist()}, labels "
            f"{list(mdp.labels)}, kernel {blocks}"
        )

    def __repr__(self) -> str:
        answer = "unsatisfiable" if self.holds else "satisfiable"
        dropped = "" if self.drop is None else f" without {self.drop}"
        return f"SatRefutation(n_obs={self.n_obs}, n_actions={self.n_actions}{dropped}: {answer})"


def refute_by_sat(
    n_observations: int, n_actions: int, *, drop: Hypothesis | str | None = None
) -> SatRefutation:
    """Search all systems of one size, with two label values, for a collapse at zero loss (S4).

    Parameters
    ----------
    n_observations, n_actions
        The size, at least two observations and one action.
    drop
        ``"aux_loss"`` or ``"dynamics_loss"``: leave out its clauses. The formula then has a
        model, which shows that it is the clauses of both losses that make it unsatisfiable.

    Returns
    -------
    SatRefutation

    Raises
    ------
    InvalidArgumentError
        For numbers that are no integers or too small, another hypothesis, or without python-sat.
    BudgetExceededError
        For more than ``MOST_OBSERVATIONS`` observations or as many actions.
    InternalError
        When a model does not decode to a collapse.

    Notes
    -----
    See :class:`tellapart.theory.scope.encoding.CollapseEncoding` for the formula.

    Examples
    --------
    >>> refute_by_sat(3, 1)
    SatRefutation(n_obs=3, n_actions=1: unsatisfiable)
    >>> refute_by_sat(2, 1, drop="aux_loss").collapse.kernel.n_blocks
    1
    """
    for value, name, least in ((n_observations, "n_observations", 2), (n_actions, "n_actions", 1)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")
        if value > MOST_OBSERVATIONS:
            raise BudgetExceededError(
                f"{name} is {value}; the formula is made for at most {MOST_OBSERVATIONS}. Choose "
                "a smaller size."
            )
    dropped = droppable(drop)
    if importlib.util.find_spec("pysat") is None:
        raise InvalidArgumentError(
            "refute_by_sat needs python-sat, which is not installed here. Install "
            "tellapart[formal], or use exhaust() for up to 4 observations."
        )
    encoding = CollapseEncoding(
        n_observations, n_actions,
        with_labels=dropped is not Hypothesis.AUX_LOSS,
        with_dynamics=dropped is not Hypothesis.DYNAMICS_LOSS,
    )  # fmt: skip
    collapse, conflicts = _solve(encoding, dropped)
    return SatRefutation(
        n_observations, n_actions, None if dropped is None else dropped.value, collapse,
        encoding.n_variables, len(encoding.clauses), conflicts,
    )  # fmt: skip


def _solve(encoding: CollapseEncoding, drop: Hypothesis | None) -> tuple[ScopeCollapse | None, int]:
    solvers = importlib.import_module("pysat.solvers")
    with solvers.Solver(name=_SOLVER, bootstrap_with=encoding.clauses) as solver:
        for shared, told in encoding.stages:  # by induction on the word: refuted lemmas help
            if not solver.solve(assumptions=[shared, told]):
                solver.add_clause([-shared, -told])
        found = solver.solve()
        conflicts = solver.accum_stats()["conflicts"]
        if not found:
            return None, conflicts
        successors, labels, ids = encoding.read(solver.get_model())
    collapse = ScopeCollapse(DeterministicMDP(successors, labels), Partition(ids))
    _verify(collapse, drop)
    return collapse, conflicts


def _verify(collapse: ScopeCollapse, drop: Hypothesis | None) -> None:
    """Check a model against the definitions: zero kept losses, and a pair merged that must not."""
    mdp, ids = collapse.mdp, collapse.kernel.ids
    for x in range(mdp.n_obs):
        for y in range(x):
            if ids[x] != ids[y]:
                continue
            agree = drop is Hypothesis.AUX_LOSS or mdp.label_ids[x] == mdp.label_ids[y]
            if drop is not Hypothesis.DYNAMICS_LOSS:
                agree &= bool((ids[mdp.successors[x]] == ids[mdp.successors[y]]).all())
            if not agree:
                raise InternalError(f"The model {collapse!r} has a loss that is not zero.")
    if collapse.kernel.refines(bisimulation(mdp).partition):
        raise InternalError(f"The model {collapse!r} merges bisimilar observations only.")
