"""Run every layer that is installed, and put together what each statement is known by."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tellapart.properties.laws.profiles import profile_named
from tellapart.properties.laws.registry import LAWS
from tellapart.properties.laws.runs import run_laws
from tellapart.properties.laws.summary import LawResult, LawVerdict
from tellapart.properties.proofs.coq import run_coq, sources
from tellapart.properties.proofs.report import (
    Evidence,
    Layer,
    LayerRun,
    Outcome,
    ProofReport,
    ProofRow,
)
from tellapart.properties.proofs.solvers import run_listed, run_sat, run_smt, run_symbolic
from tellapart.properties.proofs.statements import Statement, statements_named
from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.check_extras import Progress

__all__ = ["prove"]

Found = tuple[LayerRun, dict[str, Evidence]]


def prove(
    statements: Iterable[str] = (),
    *,
    profile: str = "smoke",
    quick: bool = False,
    proofs: Path | str | None = None,
    progress: "Progress | None" = None,
) -> ProofReport:
    """Check the statements of the theory in every way that is installed here.

    Parameters
    ----------
    statements
        Numbers, such as ``["S4", "S10"]``; default: all, and the definitions.
    profile
        How many examples the laws get: ``"smoke"`` or ``"ci"``.
    quick
        Run what takes seconds: no compilation of the proofs, smaller sizes.
    proofs
        Folder of the Coq sources; default: beside the package, as in a checkout.
    progress
        Called with ``"prove"``, how many layers are done, how many there are, and the next.

    Returns
    -------
    ProofReport
        A layer that is not installed is in it, with the command that installs it.

    Raises
    ------
    InvalidArgumentError
        For an unknown statement or profile, or a folder without the sources.

    Notes
    -----
    A minute or two; with ``quick`` a quarter of one. Nothing that fails is raised: it is reported.

    Examples
    --------
    >>> from tellapart.properties.proofs.prove import prove
    >>> report = prove(["D2"], quick=True)
    >>> report.row("D2").status, len(report.layers)
    (<Status.DEFINITION: 'definition'>, 1)
    """
    chosen = statements_named(statements)
    if profile_named(profile).repeats:
        raise InvalidArgumentError(
            f"profile is {profile!r}, which has no end of its own; choose 'smoke' or 'ci'."
        )
    if proofs is not None:
        sources(proofs)
    started = time.monotonic()
    found = list(_layers(chosen, profile, quick, proofs, progress or _silent))
    order = list(Layer)
    rows = tuple(
        ProofRow(
            each.id, each.title, each.page, each.is_definition, each.unproved,
            tuple(sorted(
                (evidence[each.id] for _, evidence in found if each.id in evidence),
                key=lambda one: order.index(one.layer),
            )),
        )
        for each in chosen
    )  # fmt: skip
    runs = sorted((run for run, _ in found), key=lambda run: order.index(run.layer))
    return ProofReport(profile, quick, rows, tuple(runs), time.monotonic() - started)


def _layers(
    chosen: Sequence[Statement], profile: str, quick: bool, proofs: Path | str | None,
    progress: "Progress",
) -> Iterable[Found]:  # fmt: skip
    """Run the layers that have something to say of these statements, the cheapest first."""
    ids = [each.id for each in chosen]
    steps: tuple[tuple[Layer, Callable[[], Found]], ...] = (
        (Layer.SMT, lambda: run_smt(ids)),
        (Layer.SYMBOLIC, lambda: run_symbolic(ids)),
        (Layer.SAT, lambda: run_sat(ids, quick=quick)),
        (Layer.LISTED, lambda: run_listed(ids, quick=quick)),
        (Layer.EXAMPLES, lambda: _run_examples(ids, profile, progress)),
        (Layer.COQ, lambda: run_coq(chosen, proofs, quick=quick)),
    )
    for done, (layer, run) in enumerate(steps):
        progress("prove", done, len(steps), layer.value)
        try:
            found = run()
        except Exception as error:  # a broken layer is a failed one; the others still run
            said = " ".join(str(error).split())
            yield LayerRun(layer, Outcome.FAILED, f"{type(error).__name__}: {said}"), {}
            continue
        if found[1]:
            yield found
    progress("prove", len(steps), len(steps), "")


def _run_examples(ids: Sequence[str], profile: str, progress: "Progress") -> Found:
    laws = [law for law in LAWS.values() if law.statement in ids]
    if not laws:
        return LayerRun(Layer.EXAMPLES, Outcome.HOLDS, "nothing asked for"), {}
    report = run_laws(laws, profile=profile, progress=progress)
    by_statement: dict[str, list[LawResult]] = {}
    for law, result in zip(laws, report.results, strict=True):
        by_statement.setdefault(law.statement, []).append(result)
    evidence = {name: _tried(results) for name, results in by_statement.items()}
    examples = sum(result.n_examples for result in report.results)
    outcome = _worst([each.outcome for each in evidence.values()])
    note = f"{examples} examples of {len(laws)} laws, profile {profile}"
    return LayerRun(Layer.EXAMPLES, outcome, note, seconds=report.seconds), evidence


def _tried(results: Sequence[LawResult]) -> Evidence:
    """Say how many examples could have contradicted a statement, and whether one did."""
    outcomes = {
        LawVerdict.HOLDS: Outcome.HOLDS,
        LawVerdict.BROKEN: Outcome.FAILED,
        LawVerdict.VACUOUS: Outcome.NOT_RUN,
    }
    examples = sum(result.n_examples - result.n_vacuous for result in results)
    said = [f"{result.law}: {result.title}" for result in results]
    said += [f"{result.law} is {result.verdict}" for result in results if not result.holds]
    said += [result.message for result in results if result.message]
    return Evidence(
        Layer.EXAMPLES, _worst([outcomes[result.verdict] for result in results]),
        f"{examples} examples", "; ".join(said), "", sum(result.seconds for result in results),
        tuple(f"tellapart laws run --law {result.law}" for result in results),
    )  # fmt: skip


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    for each in (Outcome.FAILED, Outcome.NOT_RUN):
        if each in outcomes:
            return each
    return Outcome.HOLDS


def _silent(stage: str, done: int, total: int | None, note: str) -> None:
    """Report nothing."""
