"""What is known of each statement, by which layer, and what was not run."""

from dataclasses import dataclass
from enum import StrEnum

from tellapart.theory.serialise import Saved, register

__all__ = ["Evidence", "Layer", "LayerRun", "Outcome", "ProofReport", "ProofRow", "Status"]


class Layer(StrEnum):
    """A way of knowing, the strongest first."""

    COQ = "Coq"
    SMT = "SMT"
    SYMBOLIC = "symbolic"
    SAT = "SAT"
    LISTED = "listed"
    EXAMPLES = "examples"

    @property
    def meaning(self) -> str:
        """What it does, in one phrase."""
        return _MEANINGS[self]


_MEANINGS = {
    Layer.COQ: "proofs checked by a proof assistant, for all sizes",
    Layer.SMT: "negations refuted over sorts of any size; induction on words by hand",
    Layer.SYMBOLIC: "identities simplified to zero, for all values of the symbols",
    Layer.SAT: "one size at a time refuted",
    Layer.LISTED: "every system and every kernel of small size",
    Layer.EXAMPLES: "drawn examples that could have contradicted it",
}


class Outcome(StrEnum):
    """What came of a layer."""

    HOLDS = "holds"
    FAILED = "failed"
    MISSING = "missing"
    NOT_RUN = "not run"


class Status(StrEnum):
    """How a statement is known, in one word or two; the strongest that the evidence allows."""

    FAILED = "failed"
    DEFINITION = "definition"
    PROVED = "proved"
    PART = "proved in part"
    SIZES = "small sizes"
    TESTED = "tested"
    NOT_RUN = "not run"


@register
@dataclass(frozen=True)
class Evidence(Saved):
    """What one layer says of one statement.

    Attributes
    ----------
    layer, outcome
        Which layer, and what came of it.
    scope
        What it speaks of: ``"all sizes"``, ``"n <= 4, |A| <= 2"``, ``"40 examples"``.
    detail
        Names of theorems, counts, or what went wrong.
    assumptions
        Axioms, or what is left to people; empty when nothing is.
    seconds
        Time taken; None when it was not run.
    read
        Files and commands to look at.
    proves
        Whether this, when it holds, proves at least a part of the statement as it is stated; not
        examples of it, of whatever kind.
    """

    layer: Layer
    outcome: Outcome
    scope: str
    detail: str
    assumptions: str = ""
    seconds: float | None = None
    read: tuple[str, ...] = ()
    proves: bool = False


@register
@dataclass(frozen=True)
class LayerRun(Saved):
    """What came of a layer as a whole.

    Attributes
    ----------
    layer, outcome
        Which layer, and what came of it.
    note
        Version, counts, or why it was not run.
    install
        The command that installs it, where it is missing; otherwise empty.
    seconds
        Time of the whole layer.
    """

    layer: Layer
    outcome: Outcome
    note: str
    install: str = ""
    seconds: float = 0.0


@register
@dataclass(frozen=True)
class ProofRow(Saved):
    """One statement with all evidence.

    Attributes
    ----------
    statement, title, page
        Number, one line, and the page of the documentation.
    is_definition
        Whether there is nothing to prove.
    unproved
        What no proof covers, even when all layers run; empty when that is nothing.
    evidence
        By layer, the strongest first.
    """

    statement: str
    title: str
    page: str
    is_definition: bool
    unproved: str
    evidence: tuple[Evidence, ...]

    @property
    def status(self) -> Status:
        """How the statement is known from what was run."""
        if any(each.outcome is Outcome.FAILED for each in self.evidence):
            return Status.FAILED
        holding = [each for each in self.evidence if each.outcome is Outcome.HOLDS]
        held = {each.layer for each in holding}
        if self.is_definition:
            return Status.DEFINITION
        if Layer.COQ in held and not self.unproved:
            return Status.PROVED
        if any(each.proves for each in holding):
            return Status.PART
        if held & {Layer.SAT, Layer.LISTED}:
            return Status.SIZES
        return Status.TESTED if held else Status.NOT_RUN

    @property
    def seconds(self) -> float:
        """Time of all evidence."""
        return sum(each.seconds or 0.0 for each in self.evidence)

    def of(self, layer: Layer) -> Evidence | None:
        """Return what a layer says; None when it has nothing to say."""
        return next((each for each in self.evidence if each.layer is layer), None)

    def explain(self) -> str:
        """Return everything that is known in a few lines."""
        lines = [f"{self.statement}: {self.title}", f"  {self.status.value}"]
        for each in self.evidence:
            time = "" if each.seconds is None else f", {each.seconds:.1f} s"
            lines.append(f"  {each.layer.value:<9} {each.outcome.value}: {each.scope}{time}")
            further = each.detail.splitlines()
            if each.assumptions:
                further += f"rests on: {each.assumptions}".splitlines()
            if each.read:
                further.append(f"read: {', '.join(each.read)}")
            lines += [f"            {line}" for line in further]
        if self.unproved:
            lines.append(f"  no proof of: {self.unproved}")
        lines.append(f"  read: docs/theory/{self.page}.md")
        return "\n".join(lines)


@register
@dataclass(frozen=True, repr=False)
class ProofReport(Saved):
    """All statements with all evidence; made by :func:`tellapart.properties.proofs.prove.prove`.

    Attributes
    ----------
    profile
        Of the laws that were tried on examples.
    quick
        Whether only what takes seconds was run.
    rows, layers
        By statement, and by layer.
    seconds
        Time of the whole run.
    """

    profile: str
    quick: bool
    rows: tuple[ProofRow, ...]
    layers: tuple[LayerRun, ...]
    seconds: float

    def exit_code(self, strict: bool = False) -> int:
        """Return 0: all was run and holds; 1: something failed; 3: something was not run.

        Parameters
        ----------
        strict
            1 instead of 3.
        """
        outcomes = {each.outcome for each in self.layers}
        outcomes |= {each.outcome for row in self.rows for each in row.evidence}
        if Outcome.FAILED in outcomes:
            return 1
        return 0 if outcomes <= {Outcome.HOLDS} else 1 if strict else 3

    def row(self, statement: str) -> ProofRow:
        """Return the row of a statement that was asked for.

        Raises
        ------
        InvalidArgumentError
            When it was not.
        """
        from tellapart.theory.naming import entry_named

        return entry_named({row.statement: row for row in self.rows}, statement, "row")

    def explain(self) -> str:
        """Return every row, and what each layer did."""
        lines = [row.explain() for row in self.rows]
        for each in self.layers:
            install = f" Install: {each.install}" if each.install else ""
            lines.append(f"{each.layer.value}: {each.outcome.value}. {each.note}.{install}")
        return "\n\n".join(lines)

    def __repr__(self) -> str:
        known = sum(row.status is Status.PROVED for row in self.rows)
        return f"ProofReport({len(self.rows)} statements, {known} proved in full)"
