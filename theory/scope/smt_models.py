"""The smallest model against S4 when one loss may be anything, found by an SMT solver (S8)."""

import importlib
from dataclasses import dataclass
from typing import Any

from tellapart.theory.errors import BudgetExceededError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope.confirming import confirm_collapse
from tellapart.theory.scope.exhaustion import ScopeCollapse, droppable
from tellapart.theory.scope.obligations import Signature
from tellapart.theory.scope.smt import SOLVERS, new_solver, solver_named
from tellapart.theory.serialise import Saved, register

__all__ = ["SmtCountermodel", "smt_countermodel"]

#: Observations up to which a model is looked for; three are enough without either loss.
_MOST = 4


@register
@dataclass(frozen=True, repr=False)
class SmtCountermodel(Saved):
    """What an SMT solver found where one loss may be anything.

    Attributes
    ----------
    drop
        ``"aux_loss"`` or ``"dynamics_loss"``; None for neither.
    solver
        Which solver.
    refuted
        Numbers of observations for which it answered that there is no model, 1 first.
    collapse
        The model, checked without the solver; None when there is none up to four observations.
    """

    drop: str | None
    solver: str
    refuted: tuple[int, ...]
    collapse: ScopeCollapse | None

    def explain(self) -> str:
        """Return the model, or that there is none, in one or two lines."""
        dropped = "With both losses" if self.drop is None else f"Without {self.drop}"
        none = f"{dropped} {self.solver} finds no model of {self._sizes()}."
        if self.collapse is None:
            return none
        mdp, kernel = self.collapse.mdp, self.collapse.kernel
        blocks = " ".join("{" + ", ".join(map(str, block)) + "}" for block in kernel.blocks)
        return (
            f"{none}\nThere is one of {mdp.n_obs}: successors {mdp.successors.tolist()}, labels "
            f"{list(mdp.labels)}, kernel {blocks}."
        )

    def _sizes(self) -> str:
        last = len(self.refuted)
        return (
            "any size"
            if not last
            else "1 observation"
            if last == 1
            else f"1 to {last} observations"
        )

    def __repr__(self) -> str:
        found = "none" if self.collapse is None else f"{self.collapse.mdp.n_obs} observations"
        return f"SmtCountermodel(drop={self.drop}: {found}, {self.solver})"


def smt_countermodel(
    drop: Hypothesis | str | None = None, *, solver: str | None = None
) -> SmtCountermodel:
    """Look for a system and an encoder that merges what a word of at most one letter tells apart.

    Parameters
    ----------
    drop
        The loss that may be anything: ``"aux_loss"`` or ``"dynamics_loss"``; None for neither.
    solver
        ``"cvc5"`` or ``"z3"``; default: cvc5 when it is installed, else z3.

    Raises
    ------
    InvalidArgumentError
        For another hypothesis, or a solver that is not installed.
    BudgetExceededError
        When the solver gives up.
    InternalError
        When the solver's model is none.

    Notes
    -----
    One action; observations, label values and codes are as many as said, at most four of each. That
    longer words need no larger model is shown by what is found, not assumed: a model of three
    observations is checked with words of any length.
    """
    chosen = solver_named(solver)
    dropped = droppable(drop)
    refuted: list[int] = []
    collapse = None
    for n in range(1, _MOST + 1):
        collapse = _of_size(n, chosen, dropped)
        if collapse is not None:
            break
        refuted.append(n)
    value = None if dropped is None else dropped.value
    return SmtCountermodel(value, chosen, tuple(refuted), collapse)


def _of_size(n: int, name: str, drop: Hypothesis | None) -> ScopeCollapse | None:
    """Ask for a model of one size; codes may be as many as observations, labels have two values."""
    module: Any = importlib.import_module(SOLVERS[name])
    s, solver = Signature(module), new_solver(name, finite=True)
    members = [
        [module.Const(f"{letter}{i}", sort) for i in range(size)]
        for letter, sort, size in zip("OAYZ", s.sorts, (n, 1, 2, n), strict=True)
    ]
    for values, sort in zip(members, s.sorts, strict=True):
        if len(values) > 1:
            solver.add(module.Distinct(*values))
        v = module.Const("v", sort)
        solver.add(module.ForAll([v], module.Or(*(v == each for each in values), False)))
    for loss in (Hypothesis.AUX_LOSS, Hypothesis.DYNAMICS_LOSS):
        if loss is not drop:
            solver.add(s.hypothesis(loss.value))
    ends = s.f(s.x, s.a), s.f(s.y, s.a)
    solver.add(s.E(s.x) == s.E(s.y), module.Or(s.p(s.x) != s.p(s.y), s.p(ends[0]) != s.p(ends[1])))
    answer = solver.check()
    if answer == module.unsat:
        return None
    if answer != module.sat:
        raise BudgetExceededError(
            f"{name} gave up on {n} observations, which proves nothing. Use the other solver."
        )
    collapse = _decoded(solver.model(), s, members)
    confirm_collapse(collapse, drop)
    return collapse


def _decoded(model: Any, s: Signature, members: list[list[Any]]) -> ScopeCollapse:
    """Read successors, labels and codes off a model, in which members have names."""
    observations, values, codes = (
        {str(model.eval(each, model_completion=True)): i for i, each in enumerate(members[sort])}
        for sort in (0, 2, 3)
    )

    def read(term: Any, names: dict[str, int]) -> int:
        return names[str(model.eval(term, model_completion=True))]

    successors = [[read(s.f(o, a), observations) for a in members[1]] for o in members[0]]
    labels = [read(s.p(o), values) for o in members[0]]
    kernel = Partition([read(s.E(o), codes) for o in members[0]])
    return ScopeCollapse(DeterministicMDP(successors, labels), kernel)
