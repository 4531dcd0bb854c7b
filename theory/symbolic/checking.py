"""What a symbolic proof is: expressions that sympy simplified to zero, or knows to be positive.

An inequality is proved by an identity: the difference of its two sides is written as a sum of
hypotheses (each known to be at least zero) with positive factors. The identity is then checked, not
believed.
"""

import importlib
import importlib.util
import time
from dataclasses import dataclass
from typing import Any, Literal

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register

__all__ = ["Ledger", "SymbolicCheck", "SymbolicProof"]

Wanted = Literal["zero", "positive"]


@register
@dataclass(frozen=True)
class SymbolicCheck(Saved):
    """One expression, and what became of it.

    Attributes
    ----------
    what
        What the expression says when it is as wanted.
    expression, simplified
        As text, before and after.
    wanted
        ``"zero"``, or ``"positive"`` for all values that the assumptions allow.
    holds
        Whether it is.
    """

    what: str
    expression: str
    simplified: str
    wanted: Wanted
    holds: bool

    def explain(self) -> str:
        """Return the check in one line."""
        verdict = f"{self.simplified}, {'as it must be' if self.holds else f'not {self.wanted}'}"
        return f"{self.what}: {self.expression} -> {verdict}"


@register
@dataclass(frozen=True, repr=False)
class SymbolicProof(Saved):
    """A claim, and the checks that it rests on; ``bool()`` of it tells whether all hold.

    Attributes
    ----------
    statement, name
        The number of the statement, ``"S10"``, and which part of it.
    claim
        The claim in plain words.
    assumes
        What the symbols stand for, and which steps are for people to follow.
    checks
        Expressions that were simplified.
    seconds
        Processor time.
    """

    statement: str
    name: str
    claim: str
    assumes: str
    checks: tuple[SymbolicCheck, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether there are checks and all of them hold."""
        return bool(self.checks) and all(check.holds for check in self.checks)

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return claim, assumptions and every check."""
        lines = [f"{self.statement} {self.name}: {self.claim}", f"Assumes: {self.assumes}"]
        lines += [f"  {check.explain()}" for check in self.checks]
        held = sum(check.holds for check in self.checks)
        lines.append(f"{held} of {len(self.checks)} checks hold.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        held = sum(check.holds for check in self.checks)
        return f"SymbolicProof({self.statement} {self.name}: {held} of {len(self.checks)} checks)"


class Ledger:
    """Collects the checks of one proof.

    Attributes
    ----------
    sp
        The module sympy.

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> ledger = Ledger()
    >>> x = ledger.symbols("x", positive=True)
    >>> ledger.zero("a square", (x + 1) ** 2 - x**2 - 2 * x - 1)
    >>> ledger.positive("a sum", x + 1)
    >>> ledger.proof("S10", "example", "squares", "x > 0")
    SymbolicProof(S10 example: 2 of 2 checks)
    """

    def __init__(self) -> None:
        if importlib.util.find_spec("sympy") is None:
            raise InvalidArgumentError(
                "Symbolic proofs need sympy, which is not installed here. Install "
                "tellapart[formal]."
            )
        self.sp: Any = importlib.import_module("sympy")
        self._checks: list[SymbolicCheck] = []
        self._started = time.process_time()

    def symbols(self, names: str, **assumptions: bool) -> Any:
        """Return symbols, as ``sympy.symbols`` does."""
        return self.sp.symbols(names, **assumptions)

    def relu(self, value: Any) -> Any:
        """Return max(value, 0)."""
        return self.sp.Max(value, 0)

    def zero(self, what: str, expression: Any) -> None:
        """Note whether an expression is zero for all values of its symbols."""
        simple = self.sp.simplify(expression)
        if simple != 0 and simple.has(self.sp.Max, self.sp.Min):
            simple = self.sp.simplify(simple.rewrite(self.sp.Abs))
        self._note(what, expression, simple, "zero", simple == 0)

    def zero_matrix(self, what: str, expression: Any) -> None:
        """Note whether a matrix expression is zero; sizes may be symbols."""
        simple = self.sp.block_collapse(self.sp.expand(expression)).doit()
        simple = self.sp.expand(simple).doit()
        blocks = list(simple.blocks) if isinstance(simple, self.sp.BlockMatrix) else [simple]
        zero = all(self.sp.expand(block).doit().is_ZeroMatrix for block in blocks)
        self._note(what, expression, 0 if zero else simple, "zero", zero)

    def positive(self, what: str, expression: Any) -> None:
        """Note whether an expression is positive by what is assumed of its symbols."""
        simple = self.sp.factor(expression)
        self._note(what, expression, simple, "positive", simple.is_positive is True)

    def _note(self, what: str, expression: Any, simple: Any, wanted: Wanted, holds: bool) -> None:
        self._checks.append(SymbolicCheck(what, str(expression), str(simple), wanted, holds))

    def proof(self, statement: str, name: str, claim: str, assumes: str) -> SymbolicProof:
        """Return the proof that these checks make."""
        seconds = time.process_time() - self._started
        return SymbolicProof(statement, name, claim, assumes, tuple(self._checks), seconds)
