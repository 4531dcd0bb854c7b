"""The layers that need no drawn examples: lists, SAT, SMT and algebra."""

import importlib
import importlib.metadata
import importlib.util
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tellapart.properties.proofs.report import Evidence, Layer, LayerRun, Outcome
from tellapart.theory.scope.exhaustion import Exhaustion, exhaust
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.theory.scope.smt import SmtAnswer

__all__ = ["INSTALL", "REPAIR", "run_listed", "run_sat", "run_smt", "run_symbolic"]

INSTALL = "pip install 'tellapart[formal]'"
REPAIR = "pip install --force-reinstall 'tellapart[formal]'"

Found = tuple[LayerRun, dict[str, Evidence]]
_LISTED = {
    "S1": "zero loss is the same as admissible",
    "S4": "no kernel of zero loss merges what is not bisimilar",
    "S5": "kernels of zero loss are a lattice from the identity to B*",
    "S7": "the depth is at most observations less label values",
}
#: The smallest systems that collapse without a loss, and how many kernels of them do.
_SMALLEST = {"aux_loss": (2, 3), "dynamics_loss": (3, 6)}
#: Statements of which algebra proves a part, and those for which it settles one family of systems.
_GENERAL, _FAMILIES = ("S10", "S11", "S12", "S13"), ("D1",)


def _missing(layer: Layer, trouble: str, wanted: Iterable[str]) -> Found:
    install = REPAIR if "does not load" in trouble else INSTALL
    run = LayerRun(layer, Outcome.MISSING, trouble, install)
    none = {name: Evidence(layer, Outcome.MISSING, "nothing", run.note) for name in wanted}
    return run, none


def _trouble(package: str, module: str) -> str:
    """Say why a module cannot be used; empty when it can."""
    if importlib.util.find_spec(module.split(".")[0]) is None:
        return f"{package} is not installed"
    try:
        importlib.import_module(module)
    except Exception as error:  # a half-installed library raises what it likes
        reason = " ".join(str(error).split())[:200]
        return f"{package} is installed but does not load ({type(error).__name__}: {reason})"
    return ""


def _whole(layer: Layer, found: dict[str, Evidence], note: str, started: float) -> Found:
    outcomes = [each.outcome for each in found.values()]
    worse = (each for each in (Outcome.FAILED, Outcome.NOT_RUN) if each in outcomes)
    outcome = next(worse, Outcome.HOLDS)
    return LayerRun(layer, outcome, note, seconds=time.monotonic() - started), found


def _outcome(holds: bool) -> Outcome:
    return Outcome.HOLDS if holds else Outcome.FAILED


def run_listed(wanted: Sequence[str], *, quick: bool) -> Found:
    """List every system up to four (quick: three) observations and two actions."""
    started = time.monotonic()
    n = 3 if quick else 4
    found: dict[str, Evidence] = {}
    note = "nothing asked for"
    if set(wanted) & set(_LISTED):
        all_of_them = exhaust(n, 2)
        seconds = time.monotonic() - started
        note = f"{count(sum(row.systems for row in all_of_them.rows), 'system')} up to renaming"
        for name, claim in _LISTED.items():
            if name in wanted:
                found[name] = _listed(name, claim, all_of_them, n, seconds)
    if "S8" in wanted:
        begun = time.monotonic()
        note = note if found else "the smallest collapses"
        shown = [(drop, exhaust(size, 1, drop=drop)) for drop, (size, _) in _SMALLEST.items()]
        right = all(
            result.collapses == result.row(size, 1).collapses == expected
            for (_, result), (size, expected) in zip(shown, _SMALLEST.values(), strict=True)
        )
        said = "; ".join(f"without {drop} {result.collapses} kernels" for drop, result in shown)
        found["S8"] = Evidence(
            Layer.LISTED, _outcome(right), "n <= 3, |A| = 1, two label values",
            f"smallest collapses: {said}, none of fewer observations",
            seconds=time.monotonic() - begun, read=("tellapart exhaust --drop aux_loss",),
        )  # fmt: skip
    return _whole(Layer.LISTED, found, note, started)


def _listed(name: str, claim: str, result: Exhaustion, n: int, seconds: float) -> Evidence:
    broken = sum(dict(row.broken).get(name, 0) for row in result.rows)
    if name == "S4":
        broken = sum(row.collapses_tables for row in result.rows)
    complete = all(row.agrees for row in result.rows)
    kernels = count(sum(row.kernels for row in result.rows), "kernel")
    detail = f"{claim}: {kernels}, {broken} against it"
    return Evidence(
        Layer.LISTED, _outcome(complete and not broken), f"n <= {n}, |A| <= 2, two label values",
        detail if complete else f"{detail}; counts are not those of the formulas",
        seconds=seconds, read=("tellapart exhaust",),
    )  # fmt: skip


def run_sat(wanted: Sequence[str], *, quick: bool) -> Found:
    """Refute a collapse size by size: letter by letter, by pair, and by renaming."""
    if trouble := _trouble("python-sat", "pysat.solvers"):
        return _missing(Layer.SAT, trouble, [name for name in ("S4", "S8") if name in wanted])
    from tellapart.theory.scope.induction import refute_by_induction
    from tellapart.theory.scope.sat import refute_by_sat

    started = time.monotonic()
    found: dict[str, Evidence] = {}
    if "S4" in wanted:
        letters, pairs, renamed = (5, 6, 8) if quick else (6, 8, 16)
        right = all(refute_by_sat(n, 2).holds for n in range(2, letters + 1))
        for m in (1, 2):
            right &= all(
                refute_by_induction(n, m, every_pair=n <= pairs).holds
                for n in range(2, renamed + 1)
            )
        found["S4"] = Evidence(
            Layer.SAT, _outcome(right), f"n <= {renamed}, |A| <= 2, two label values",
            f"no model: word by word to n = {letters} (|A| = 2), each pair to n = {pairs}, "
            f"one pair to n = {renamed}",
            f"induction on words by hand; renaming of observations above n = {pairs}",
            time.monotonic() - started, ("theory/scope/induction.py", "theory/scope/sat.py"),
        )  # fmt: skip
    if "S8" in wanted:
        begun = time.monotonic()
        right = True
        for drop, (size, _) in _SMALLEST.items():
            right &= all(refute_by_induction(n, 1, drop=drop).holds for n in range(2, size))
            right &= not refute_by_induction(size, 1, drop=drop).holds
        found["S8"] = Evidence(
            Layer.SAT, _outcome(right), "n <= 3, |A| = 1, two label values",
            "models without aux_loss (2 observations) and without dynamics_loss (3), none smaller",
            seconds=time.monotonic() - begun, read=("theory/scope/induction.py",),
        )  # fmt: skip
    return _whole(Layer.SAT, found, _version("python-sat"), started)


def run_smt(wanted: Sequence[str]) -> Found:
    """Refute obligations over sorts of any size; find the smallest models without a loss."""
    from tellapart.theory.scope.smt import SOLVERS, installed_solvers, prove_for_all_sizes
    from tellapart.theory.scope.smt_models import smt_countermodel

    asked = [name for name in ("S1", "S2", "S4", "S8") if name in wanted]
    troubles = {solver: _trouble(solver, SOLVERS[solver]) for solver in installed_solvers()}
    solvers = [solver for solver, trouble in troubles.items() if not trouble]
    broken = [trouble for trouble in troubles.values() if trouble]
    if not solvers:
        return _missing(Layer.SMT, "; ".join(broken) or "cvc5 is not installed", asked)
    started = time.monotonic()
    answers = [each for solver in solvers for each in prove_for_all_sizes(solver=solver)]
    versions = "; ".join(
        [", ".join(sorted({f"{each.solver} {each.version}" for each in answers})), *broken]
    )
    found: dict[str, Evidence] = {}
    for name in asked:
        here = [each for each in answers if each.statement == name]
        if here:
            said = [f"{each.name}: {each.claim}" for each in here if each.solver == here[0].solver]
            said += [each.explain() for each in here if not each.holds]
            found[name] = Evidence(
                Layer.SMT, _agreed(here), "all sizes, a part",
                "; ".join(said), "induction on words by hand" if name == "S4" else "",
                sum(each.seconds for each in here), ("theory/scope/obligations.py",), proves=True,
            )  # fmt: skip
    if "S8" in asked:
        begun = time.monotonic()
        models = [smt_countermodel(drop, solver=solvers[0]) for drop in _SMALLEST]
        sizes = [each.collapse and each.collapse.mdp.n_obs for each in models]
        right = sizes == [size for size, _ in _SMALLEST.values()]
        found["S8"] = Evidence(
            Layer.SMT, _outcome(right), "smallest models, |A| = 1, two label values",
            f"found with {sizes[0]} observations without aux_loss, {sizes[1]} without "
            "dynamics_loss; checked without the solver",
            seconds=time.monotonic() - begun, read=("theory/scope/smt_models.py",), proves=True,
        )  # fmt: skip
    return _whole(Layer.SMT, found, versions, started)


def _agreed(answers: Sequence["SmtAnswer"]) -> Outcome:
    """Combine answers: a model is a failure, a solver that gave up proves nothing."""
    if any(each.answer == "satisfiable" for each in answers):
        return Outcome.FAILED
    return Outcome.HOLDS if all(each.holds for each in answers) else Outcome.NOT_RUN


def run_symbolic(wanted: Sequence[str]) -> Found:
    """Make every symbolic proof of the statements."""
    asked = [name for name in (*_GENERAL, *_FAMILIES) if name in wanted]
    if trouble := _trouble("sympy", "sympy"):
        return _missing(Layer.SYMBOLIC, trouble, asked)
    from tellapart.theory.symbolic.listing import symbolic_proofs

    started = time.monotonic()
    found: dict[str, Evidence] = {}
    proofs = symbolic_proofs() if asked else ()
    for name in asked:
        here = [proof for proof in proofs if proof.statement == name]
        bad = [check.explain() for proof in here for check in proof.checks if not check.holds]
        found[name] = Evidence(
            Layer.SYMBOLIC, _outcome(not bad and all(proof.holds for proof in here)),
            "; ".join(proof.name for proof in here),
            "; ".join(bad) or "\n".join(f"{each.name}: {each.claim}" for each in here),
            "\n".join(f"{each.name}: {each.assumes}" for each in here),
            sum(proof.seconds for proof in here),
            ("docs/theory/symbolic.md",), proves=name in _GENERAL,
        )  # fmt: skip
    return _whole(Layer.SYMBOLIC, found, _version("sympy"), started)


def _version(package: str) -> str:
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:  # copied into the path without its metadata
        return f"{package} of unknown version"
