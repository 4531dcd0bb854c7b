"""What each statement is known by, as rows for the theory pages; nothing here is about Sphinx.

Theorems, laws and what no proof covers are read off the code. The layers of ``tellapart prove``
that take seconds are run, so what a row says of them was found while the pages were built. Coq is
not run: the sources say which theorems the gates ask for, and which axioms they allow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tellapart.properties.laws.registry import LAWS
from tellapart.properties.proofs.coq import CoqSources, sources
from tellapart.properties.proofs.report import Evidence, Layer, Outcome
from tellapart.properties.proofs.solvers import run_listed, run_sat, run_smt, run_symbolic
from tellapart.properties.proofs.statements import STATEMENTS, Statement
from tellapart.theory.symbolic.checking import SymbolicProof
from tellapart.theory.symbolic.listing import symbolic_proofs
from tellapart.theory.wording import count

__all__ = ["EVERYWHERE", "Row", "depends_on", "layers", "proofs", "rows_of", "summary_of"]

ROOT = Path(__file__).parents[2]
EVERYWHERE = "all sizes"
_REFUTED = "refuted_"

#: The layers that are run, and what they are called on a page.
_RUN: Mapping[Layer, str] = {
    Layer.SMT: "SMT",
    Layer.SYMBOLIC: "algebra",
    Layer.SAT: "SAT",
    Layer.LISTED: "exhaustion",
}


@dataclass(frozen=True)
class Row:
    """One way in which a statement is known.

    Attributes
    ----------
    by
        ``"Coq"``, ``"SMT"``, ``"property test"``, ..., or ``"no proof of"``.
    names
        Theorems or laws; written as code.
    text
        What was found, in words.
    scope
        What it speaks of.
    note
        Files, axioms, what is left to people.
    """

    by: str
    names: tuple[str, ...]
    text: str
    scope: str
    note: str


@cache
def proofs() -> CoqSources:
    """Read the Coq sources of this checkout."""
    found = sources(ROOT / "theory" / "proofs")
    assert found is not None  # a folder that is given is there, or an error was raised
    return found


@cache
def layers(quick: bool) -> Mapping[Layer, Mapping[str, Evidence]]:
    """Run what takes seconds, for all statements; ``quick`` stays with smaller sizes."""
    ids = list(STATEMENTS)
    runs: dict[Layer, Callable[[], tuple[object, dict[str, Evidence]]]] = {
        Layer.SMT: lambda: run_smt(ids),
        Layer.SYMBOLIC: lambda: run_symbolic(ids),
        Layer.SAT: lambda: run_sat(ids, quick=quick),
        Layer.LISTED: lambda: run_listed(ids, quick=quick),
    }
    return {layer: run()[1] for layer, run in runs.items()}


@cache
def _symbolic() -> tuple[SymbolicProof, ...]:
    return symbolic_proofs()


def rows_of(statement: Statement, *, quick: bool = False) -> list[Row]:
    """Return every way in which a statement is known, and what no proof covers.

    Raises
    ------
    ValueError
        When a layer contradicts the statement, or a theorem is not in the sources.
    """
    rows = _coq_rows(statement)
    for layer, name in _RUN.items():
        found = layers(quick)[layer].get(statement.id)
        if found is not None:
            rows += _layer_rows(statement, name, found)
    rows += [
        Row("property test", (law.id,), law.title, "drawn examples", "")
        for law in LAWS.values()
        if law.statement == statement.id
    ]
    if statement.unproved:
        rows.append(Row("no proof of", (), statement.unproved, "", ""))
    return rows


def _coq_rows(statement: Statement) -> list[Row]:
    """Group theorems by what they are for, their file and their axioms."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    found = proofs()
    for theorem in statement.theorems:
        if theorem not in found.pinned or theorem not in found.files:
            raise ValueError(f"{statement.id} names the theorem {theorem}, which is not pinned")
        axioms = ", ".join(found.axioms.get(theorem, ()))
        by = "Coq, wrong variants refuted" if theorem.startswith(_REFUTED) else "Coq"
        groups.setdefault((by, found.files[theorem], axioms), []).append(theorem)
    return [
        Row(by, tuple(names), "", EVERYWHERE,
            f"theory/proofs/{file}.v; " + (f"axioms: {axioms}" if axioms else "no axioms"))
        for (by, file, axioms), names in sorted(groups.items(), key=lambda item: item[0][0])
    ]  # fmt: skip


def _layer_rows(statement: Statement, name: str, found: Evidence) -> list[Row]:
    if found.outcome is Outcome.FAILED:
        raise ValueError(f"{name} contradicts {statement.id}: {found.detail}")
    if found.outcome is not Outcome.HOLDS:
        return [Row(name, (), f"not run for these pages: {found.detail}", "", "")]
    if found.layer is Layer.SYMBOLIC:
        return [
            Row(name, (), f"{proof.name}: {proof.claim}", "all values of the symbols",
                f"given: {proof.assumes}")
            for proof in _symbolic() if proof.statement == statement.id
        ]  # fmt: skip
    rests = f"rests on: {found.assumptions}" if found.assumptions else ""
    return [Row(name, (), found.detail, found.scope, rests)]


def summary_of(statement: Statement, *, quick: bool = False) -> tuple[str, str, str]:
    """Return in a few words: what Coq has, what the other layers have, what no proof covers."""
    proved = [name for name in statement.theorems if not name.startswith(_REFUTED)]
    refuted = len(statement.theorems) - len(proved)
    coq = []
    if proved:
        files = dict.fromkeys(proofs().files[name] for name in proved)
        coq.append(f"{count(len(proved), 'theorem')} ({', '.join(files)})")
    if refuted:
        coq.append(f"{count(refuted, 'wrong variant')} refuted")
    others = [
        f"{name}: {_short(found)}"
        for layer, name in _RUN.items()
        if (found := layers(quick)[layer].get(statement.id)) is not None
    ]
    laws = sum(law.statement == statement.id for law in LAWS.values())
    if laws:
        others.append(count(laws, "property test"))
    nothing = "" if statement.is_definition else statement.unproved or "nothing is left"
    return "; ".join(coq), "; ".join(others), nothing


def _short(found: Evidence) -> str:
    if found.outcome is not Outcome.HOLDS:
        return found.outcome.value
    return found.scope.split(", |A|")[0].replace("; ", ", ")


def depends_on() -> list[Path]:
    """Return the files that the rows are made from."""
    return [
        *sorted((ROOT / "theory" / "proofs").glob("*.v")),
        ROOT / "theory" / "proofs" / "allowed_axioms",
        *sorted((ROOT / "properties" / "proofs").glob("*.py")),
        *sorted((ROOT / "properties" / "laws").glob("s*.py")),
        *sorted((ROOT / "theory" / "scope").glob("*.py")),
        *sorted((ROOT / "theory" / "symbolic").glob("*.py")),
        Path(__file__),
    ]
