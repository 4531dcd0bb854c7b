"""What an SMT solver has to refute: hypotheses and negated claims over sorts of any size.

Everything is written once, for any module with the interface of z3 (cvc5 has one, too).
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

__all__ = ["OBLIGATIONS", "Obligation", "Signature"]


class Signature:
    """Sorts, functions and relations of one query.

    Parameters
    ----------
    smt
        ``z3``, or ``cvc5.pythonic``.

    Notes
    -----
    Sorts are O, A, Y, Z. ``f`` is the system, ``E, T, P`` the model, ``p`` the label; ``D`` is the
    coverage of data with gaps, ``labelled`` the observations that have a label; ``R`` and ``R2``
    are relations on observations.
    """

    def __init__(self, smt: Any) -> None:
        self.smt = smt
        self.sorts = [smt.DeclareSort(name) for name in "OAYZ"]
        o, a, y, z = self.sorts
        self.f, self.E = smt.Function("f", o, a, o), smt.Function("E", o, z)
        self.T, self.P = smt.Function("T", z, a, z), smt.Function("P", z, y)
        self.p = smt.Function("p", o, y)
        truth = smt.BoolSort()
        self.D, self.labelled = smt.Function("D", o, a, o, truth), smt.Function("L", o, truth)
        self.R, self.R2 = smt.Function("R", o, o, truth), smt.Function("R2", o, o, truth)
        self.x, self.y, self.x2, self.y2 = (smt.Const(n, o) for n in ("x", "y", "x2", "y2"))
        self.a = smt.Const("a", a)

    def hypothesis(self, name: str) -> Any:
        """Return the formula of a hypothesis."""
        return _HYPOTHESES[name](self)

    def every(self, text: str, body: Callable[..., Any]) -> Any:
        """Return ``body`` for all bound variables; ``text`` spells their sorts, as ``"OOA"``."""
        by_name = dict(zip("OAYZ", self.sorts, strict=True))
        bound = [self.smt.Const(f"v{i}", by_name[letter]) for i, letter in enumerate(text)]
        return self.smt.ForAll(bound, body(*bound))

    def closed_by(self, size: int) -> list[Any]:
        """Say that every sort has at most ``size`` members."""
        closed = []
        for letter, sort in zip("OAYZ", self.sorts, strict=True):
            members = [self.smt.Const(f"{letter}{i}", sort) for i in range(size)]
            v = self.smt.Const("v", sort)
            closed.append(self.smt.ForAll([v], self.smt.Or(*(v == each for each in members))))
        return closed


def _admissible_steps(s: Signature, relation: Any) -> Any:
    """D4 (ii): covered successors of related observations are related."""
    return s.every(
        "OOAOO",
        lambda x, y, a, u, v: s.smt.Implies(
            s.smt.And(relation(x, y), s.D(x, a, u), s.D(y, a, v)), relation(u, v)
        ),
    )


def _admissible_labels(s: Signature, relation: Any) -> Any:
    """D4 (i): related observations that are labelled have one label."""
    return s.every(
        "OO",
        lambda x, y: s.smt.Implies(
            s.smt.And(relation(x, y), s.labelled(x), s.labelled(y)), s.p(x) == s.p(y)
        ),
    )


_HYPOTHESES: MappingProxyType[str, Callable[[Signature], Any]] = MappingProxyType({
    "aux_loss": lambda s: s.every("O", lambda o: s.P(s.E(o)) == s.p(o)),
    "dynamics_loss": lambda s: s.every("OA", lambda o, a: s.T(s.E(o), a) == s.E(s.f(o, a))),
    "aux_loss on labelled": lambda s: s.every(
        "O", lambda o: s.smt.Implies(s.labelled(o), s.P(s.E(o)) == s.p(o))
    ),
    "dynamics_loss on covered": lambda s: s.every(
        "OAO", lambda o, a, u: s.smt.Implies(s.D(o, a, u), s.T(s.E(o), a) == s.E(u))
    ),
    "R keeps labels": lambda s: _admissible_labels(s, s.R),
    "R keeps steps": lambda s: _admissible_steps(s, s.R),
    "R2 keeps steps": lambda s: _admissible_steps(s, s.R2),
})  # fmt: skip


@dataclass(frozen=True)
class Obligation:
    """A claim that a solver refutes the negation of.

    Attributes
    ----------
    statement, name, claim
        The number of the statement, which part, and the claim in plain words.
    hypotheses
        Names of what is assumed; each of them is needed.
    negation
        The formulas that contradict the claim.
    """

    statement: str
    name: str
    claim: str
    hypotheses: tuple[str, ...]
    negation: Callable[[Signature], tuple[Any, ...]]


#: All obligations, in the order of the statements.
OBLIGATIONS = (
    Obligation(
        "S1", "labels", "labelled observations with one code have one label, whatever the data",
        ("aux_loss on labelled",),
        lambda s: (
            s.E(s.x) == s.E(s.y), s.labelled(s.x), s.labelled(s.y), s.p(s.x) != s.p(s.y),
        ),
    ),
    Obligation(
        "S1", "steps", "covered successors of observations with one code have one code",
        ("dynamics_loss on covered",),
        lambda s: (
            s.E(s.x) == s.E(s.y), s.D(s.x, s.a, s.x2), s.D(s.y, s.a, s.y2),
            s.E(s.x2) != s.E(s.y2),
        ),
    ),
    Obligation(
        "S2", "intersection, labels", "the intersection with any relation keeps labels",
        ("R keeps labels",),
        lambda s: (
            s.R(s.x, s.y), s.R2(s.x, s.y), s.labelled(s.x), s.labelled(s.y), s.p(s.x) != s.p(s.y),
        ),
    ),
    Obligation(
        "S2", "intersection, steps", "the intersection of two relations that keep steps keeps them",
        ("R keeps steps", "R2 keeps steps"),
        lambda s: (
            s.R(s.x, s.y), s.R2(s.x, s.y), s.D(s.x, s.a, s.x2), s.D(s.y, s.a, s.y2),
            s.smt.Not(s.smt.And(s.R(s.x2, s.y2), s.R2(s.x2, s.y2))),
        ),
    ),
    Obligation(
        "S4", "base", "observations with one code have one label",
        ("aux_loss",),
        lambda s: (s.E(s.x) == s.E(s.y), s.p(s.x) != s.p(s.y)),
    ),
    Obligation(
        "S4", "step", "observations with one code have successors with one code",
        ("dynamics_loss",),
        lambda s: (s.E(s.x) == s.E(s.y), s.E(s.f(s.x, s.a)) != s.E(s.f(s.y, s.a))),
    ),
    Obligation(
        "S4", "one letter", "observations with one code have one label after every action",
        ("aux_loss", "dynamics_loss"),
        lambda s: (s.E(s.x) == s.E(s.y), s.p(s.f(s.x, s.a)) != s.p(s.f(s.y, s.a))),
    ),
)  # fmt: skip
