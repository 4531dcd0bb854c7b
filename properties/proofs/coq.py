"""The layer of the proof assistant: compile the proofs, and say which theorem says what."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tellapart.theory
from tellapart.properties.proofs.report import Evidence, Layer, LayerRun, Outcome
from tellapart.properties.proofs.statements import Statement
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["INSTALL", "CoqSources", "run_coq", "sources"]

INSTALL = "apt-get install -y --no-install-recommends coq"

#: Seconds after which the build is given up; it takes one minute.
_PATIENCE = 1800
_CHOICE = "classic"
#: What the folder must hold to be read at all.
_NEEDED = ("build", "Assumptions.v", "allowed_axioms")


@dataclass(frozen=True)
class CoqSources:
    """The folder of the proofs, read but not compiled.

    Attributes
    ----------
    folder
        Where they are.
    pinned
        Names of theorems that the build asks for their axioms.
    axioms
        What each of them may rest on, where that is not nothing.
    files
        The file of each theorem.
    """

    folder: Path
    pinned: frozenset[str]
    axioms: dict[str, tuple[str, ...]]
    files: dict[str, str]

    def resting(self, theorems: Sequence[str]) -> str:
        """Say which axioms the build allows to theorems."""
        without = [name for name in theorems if name not in self.axioms]
        groups: dict[str, list[str]] = {}
        for name in theorems:
            if name in self.axioms:
                axioms = {axiom.rpartition(".")[2] for axiom in self.axioms[name]}
                kind = "choice" if _CHOICE in axioms else "Coq's real numbers"
                groups.setdefault(kind, []).append(name)
        parts = [f"no axioms ({len(without)} of {len(theorems)})"] if without else []
        parts += [f"{kind} ({len(names)}: {names[0]}, ...)" for kind, names in groups.items()]
        return "; ".join(parts)


def sources(folder: Path | str | None = None) -> CoqSources | None:
    """Read the sources of the proofs; None when this installation has none.

    Parameters
    ----------
    folder
        Where they are; default: beside the package, as in a checkout.

    Raises
    ------
    InvalidArgumentError
        When a folder is given that does not hold them, or a file of them cannot be read.
    """
    found = Path(folder or Path(tellapart.theory.__path__[0]) / "proofs").resolve()
    missing = [name for name in _NEEDED if not (found / name).is_file()]
    if missing:
        if folder is None:
            return None
        raise InvalidArgumentError(
            f"{folder} does not hold the proofs: it has no file {' and no file '.join(missing)}. "
            f"Give the folder theory/proofs of a checkout, with {', '.join(_NEEDED)}."
        )
    try:
        return _parsed(found)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArgumentError(
            f"The proofs in {found} cannot be read: {error}. Give the folder theory/proofs of a "
            "checkout."
        ) from None


def _parsed(folder: Path) -> CoqSources:
    """Read which theorems are asked about, their axioms and their files."""
    asked = re.findall(
        r"^Print Assumptions ([\w.]+)\.$",
        (folder / "Assumptions.v").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    axioms = {}
    for line in (folder / "allowed_axioms").read_text(encoding="utf-8").splitlines():
        name, *rest = line.split() or ["#"]
        if not name.startswith("#"):
            axioms[name] = tuple(rest)
    return CoqSources(folder, frozenset(asked), axioms, _files(folder, asked))


def _files(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the file in which each theorem is proved."""
    proved: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.v")):
        for name in re.findall(
            r"^(?:Theorem|Lemma|Corollary) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            proved.setdefault(name, []).append(path.stem)
    files = {}
    for name in names:
        module, _, short = name.rpartition(".")
        places = [place for place in proved.get(short, ()) if not module or place == module]
        if places:
            files[name] = places[0]
    return files


def run_coq(
    statements: Sequence[Statement], folder: Path | str | None, *, quick: bool
) -> tuple[LayerRun, dict[str, Evidence]]:
    """Compile the proofs with their gates, and give each statement its theorems.

    Parameters
    ----------
    statements
        Which.
    folder
        As for :func:`sources`.
    quick
        Do not compile: say that nothing was run.
    """
    asked = [each for each in statements if each.theorems]
    if not asked:
        return LayerRun(Layer.COQ, Outcome.HOLDS, "nothing asked for"), {}
    found = sources(folder)
    run, times = _built(found, quick)
    return run, {each.id: _evidence(each, found, run, times) for each in asked}


def _built(found: CoqSources | None, quick: bool) -> tuple[LayerRun, dict[str, float]]:
    if found is None:
        note = "proved in the source tree; not run here, as this installation has no sources"
        fix = "a checkout, and there: tellapart prove --proofs theory/proofs"
        return LayerRun(Layer.COQ, Outcome.MISSING, note, fix), {}
    if shutil.which("coqc") is None:
        return LayerRun(Layer.COQ, Outcome.MISSING, "coqc is not installed", INSTALL), {}
    if quick:
        return LayerRun(Layer.COQ, Outcome.NOT_RUN, "takes a minute; run without --quick"), {}
    started = time.monotonic()
    try:
        done = subprocess.run(
            [str(found.folder / "build"), "--check"], capture_output=True, check=False,
            encoding="utf-8", errors="replace", timeout=_PATIENCE,
            env={**os.environ, "PYTHON": sys.executable},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        seconds = time.monotonic() - started
        return LayerRun(Layer.COQ, Outcome.FAILED, f"the build: {error}", seconds=seconds), {}
    seconds = time.monotonic() - started
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no message"]
        return LayerRun(Layer.COQ, Outcome.FAILED, f"the build: {said[-1]}", seconds=seconds), {}
    return _summary(done.stdout.strip().splitlines(), seconds)


def _summary(lines: Sequence[str], seconds: float) -> tuple[LayerRun, dict[str, float]]:
    """Read the table of files and the last line of a build that ended well."""
    if not lines or not re.match(r"\d+ statements: ", lines[-1]):
        said = repr(lines[-1][:80]) if lines else "nothing"
        note = f"the build ended without its count of statements; it printed {said} last"
        return LayerRun(Layer.COQ, Outcome.FAILED, note, seconds=seconds), {}
    rows = (re.fullmatch(r"(\w+) +\d+ +(\d+(?:\.\d+)?)", line) for line in lines)
    times = {row[1]: float(row[2]) for row in rows if row and row[1] != "all"}
    return LayerRun(Layer.COQ, Outcome.HOLDS, lines[-1], seconds=seconds), times


def _evidence(
    statement: Statement, found: CoqSources | None, run: LayerRun, times: dict[str, float]
) -> Evidence:
    names = statement.theorems
    detail = ", ".join(names)
    if run.outcome is not Outcome.HOLDS or found is None:
        return Evidence(Layer.COQ, run.outcome, "all sizes", f"{detail} ({run.note})")
    unknown = [name for name in names if name not in found.pinned or name not in found.files]
    if unknown:
        note = f"the proofs have no pinned theorem {', '.join(unknown)}"
        return Evidence(Layer.COQ, Outcome.FAILED, "all sizes", note)
    files = sorted({found.files[name] for name in names})
    return Evidence(
        Layer.COQ, Outcome.HOLDS, "all sizes", detail, found.resting(names),
        sum(times.get(name, 0.0) for name in files),
        tuple(f"theory/proofs/{name}.v" for name in files), proves=True,
    )  # fmt: skip
