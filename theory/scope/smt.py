"""The theorem for all sizes at once, by an SMT solver (S1, S2, S4).

Observations, actions, labels and codes are sorts of any size, finite or not. What is left to people
is the induction on words: a base (labels) and a step (one action), each of which a solver refutes.
"""

import importlib
import importlib.util
import time
from dataclasses import dataclass
from typing import Any, Literal

from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.scope.obligations import OBLIGATIONS, Obligation, Signature
from tellapart.theory.serialise import Saved, register

__all__ = [
    "SOLVERS",
    "SmtAnswer",
    "installed_solvers",
    "new_solver",
    "prove_for_all_sizes",
    "solver_named",
]

#: Solvers by name, with the module that is imported; the first that is installed is the default.
SOLVERS = {"cvc5": "cvc5.pythonic", "z3": "z3"}

#: Milliseconds after which a solver gives up; it needs a few.
_PATIENCE = 20_000
#: Members of each sort where z3 looks for a model.
_MOST_MEMBERS = 4

Answer = Literal["unsatisfiable", "satisfiable", "unknown"]


@register
@dataclass(frozen=True, repr=False)
class SmtAnswer(Saved):
    """What a solver said of the negation of one obligation.

    Attributes
    ----------
    statement, name
        The number of the statement, and which part of it.
    claim
        The claim in plain words.
    assumes
        Names of the hypotheses that were asserted.
    solver, version
        Which solver.
    answer
        ``"unsatisfiable"``: proved for all sizes. ``"unknown"`` proves nothing.
    seconds
        Processor time.
    """

    statement: str
    name: str
    claim: str
    assumes: tuple[str, ...]
    solver: str
    version: str
    answer: Answer
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the obligation is proved: its negation is unsatisfiable."""
        return self.answer == "unsatisfiable"

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the answer in two lines."""
        meaning = {
            "unsatisfiable": "no model of any size contradicts it",
            "satisfiable": "some model contradicts it",
            "unknown": "the solver gave up, which proves nothing",
        }[self.answer]
        return (
            f"{self.statement} {self.name}: {self.claim}\n"
            f"  from {', '.join(self.assumes) or 'nothing'}: {meaning} "
            f"({self.solver} {self.version})"
        )

    def __repr__(self) -> str:
        return f"SmtAnswer({self.statement} {self.name}: {self.answer}, {self.solver})"


def installed_solvers() -> tuple[str, ...]:
    """Return the names of the SMT solvers that are installed, the default first."""
    return tuple(
        name for name, module in SOLVERS.items() if importlib.util.find_spec(module.split(".")[0])
    )


def solver_named(solver: str | None) -> str:
    """Return the name of an installed solver; None is the default.

    Raises
    ------
    InvalidArgumentError
        For an unknown name, or when it (or, for None, every solver) is not installed.
    """
    found = installed_solvers()
    if solver is not None and solver not in SOLVERS:
        raise InvalidArgumentError(f"solver is {solver!r}; choose one of {', '.join(SOLVERS)}.")
    if not found or (solver is not None and solver not in found):
        raise InvalidArgumentError(
            f"{solver or 'An SMT solver'} is not installed here. Install tellapart[formal] for "
            "cvc5, or z3-solver for z3."
        )
    return solver or found[0]


def prove_for_all_sizes(
    *, solver: str | None = None, without: str | None = None
) -> tuple[SmtAnswer, ...]:
    """Ask a solver for a model of any size against each obligation (S1, S2, S4).

    Parameters
    ----------
    solver
        ``"cvc5"`` or ``"z3"``; default: cvc5 when it is installed, else z3.
    without
        Name of a hypothesis to leave out; only obligations that assume it are asked, and none of
        them can be proved.

    Returns
    -------
    One answer for each obligation, in the order of the statements.

    Raises
    ------
    InvalidArgumentError
        For an unknown hypothesis or solver, or when no solver is installed.

    Notes
    -----
    Hundredths of a second. Without a hypothesis cvc5 searches finite models, so that it answers
    ``satisfiable``; z3 has no such search and gets sorts of up to four members.
    """
    chosen = solver_named(solver)
    known = sorted({name for each in OBLIGATIONS for name in each.hypotheses})
    if without is not None and without not in known:
        raise InvalidArgumentError(f"without is {without!r}; choose one of {', '.join(known)}.")
    return tuple(
        _ask(each, chosen, without)
        for each in OBLIGATIONS
        if without is None or without in each.hypotheses
    )


def _ask(obligation: Obligation, name: str, without: str | None) -> SmtAnswer:
    module: Any = importlib.import_module(SOLVERS[name])
    started = time.process_time()
    signature = Signature(module)
    solver = new_solver(name, finite=without is not None)
    kept = tuple(each for each in obligation.hypotheses if each != without)
    for hypothesis in kept:
        solver.add(signature.hypothesis(hypothesis))
    solver.add(*obligation.negation(signature))
    if without is not None and name == "z3":
        solver.add(*signature.closed_by(_MOST_MEMBERS))
    answer = _said(module, solver.check())
    return SmtAnswer(
        obligation.statement, obligation.name, obligation.claim, kept, name, _version(name), answer,
        time.process_time() - started,
    )  # fmt: skip


def new_solver(name: str, *, finite: bool) -> Any:
    """Return a solver that gives up after :data:`_PATIENCE`; ``finite``: a search of models."""
    module: Any = importlib.import_module(SOLVERS[name])
    solver = module.Solver()
    if name == "z3":
        solver.set("timeout", _PATIENCE)
    else:
        solver.setOption("tlimit-per", _PATIENCE)
        if finite:
            solver.setOption("finite-model-find", True)
    return solver


def _said(module: Any, result: Any) -> Answer:
    if result == module.unsat:
        return "unsatisfiable"
    return "satisfiable" if result == module.sat else "unknown"


def _version(name: str) -> str:
    module: Any = importlib.import_module(name)
    text = module.get_version_string() if name == "z3" else module.__version__
    if not text:
        raise InternalError(f"{name} does not say its version.")
    return str(text)
