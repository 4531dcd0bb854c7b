"""The report of all layers: honest rows, named gaps, exit codes, and the command."""

import dataclasses
import importlib
import importlib.machinery
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.cli import cli
from tellapart.properties.laws.registry import LAWS
from tellapart.properties.proofs import coq, solvers
from tellapart.properties.proofs.coq import run_coq, sources
from tellapart.properties.proofs.prove import prove
from tellapart.properties.proofs.report import (
    Evidence,
    Layer,
    LayerRun,
    Outcome,
    ProofReport,
    ProofRow,
    Status,
)
from tellapart.properties.proofs.statements import STATEMENTS, statements_named
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError

ROOT = Path(__file__).parents[2]
PROOFS = ROOT / "theory" / "proofs"
NUMBERS = [f"D{i}" for i in range(1, 5)] + [f"S{i}" for i in range(1, 14)]


EVIDENCE = st.lists(
    st.builds(
        Evidence, st.sampled_from(Layer), st.sampled_from(Outcome), st.just("all sizes"),
        st.just("x"), proves=st.booleans(),
    ),
    max_size=5,
)  # fmt: skip


@given(EVIDENCE, st.booleans(), st.sampled_from(["", "something"]))
def test_no_row_claims_more_than_its_evidence(evidence, is_definition, unproved):
    row = ProofRow("S4", "title", "page", is_definition, unproved, tuple(evidence))
    holding = [each for each in evidence if each.outcome is Outcome.HOLDS]
    if any(each.outcome is Outcome.FAILED for each in evidence):
        assert row.status is Status.FAILED
    elif row.status is Status.PROVED:
        assert Layer.COQ in {each.layer for each in holding}
        assert not unproved
    elif row.status is Status.PART:
        assert any(each.proves for each in holding) or Layer.COQ in {e.layer for e in holding}
    elif row.status is Status.NOT_RUN:
        assert not holding
    report = ProofReport("smoke", False, (row,), (), 0.0)
    complete = all(each.outcome is Outcome.HOLDS for each in evidence)
    assert (report.exit_code() == 0) == (report.exit_code(strict=True) == 0) == complete
    assert ProofReport.from_json(report.to_json()) == report


def test_every_statement_of_the_theory_pages_has_a_row():
    assert list(STATEMENTS) == NUMBERS
    for each in STATEMENTS.values():
        page = (ROOT / "docs" / "theory" / f"{each.page}.md").read_text(encoding="utf-8")
        assert f"({each.id.lower()})=" in page
        assert len(each.title) <= 75


def test_every_law_belongs_to_a_row_and_every_statement_has_a_law():
    assert {law.statement for law in LAWS.values()} == {n for n in NUMBERS if n[0] == "S"}


def test_every_pinned_theorem_is_listed_once():
    found = sources(PROOFS)
    listed = [name for each in STATEMENTS.values() for name in each.theorems]
    assert sorted(listed) == sorted(found.pinned)
    assert set(found.files) == found.pinned
    for name, file in found.files.items():
        assert name.split(".")[-1] in (PROOFS / f"{file}.v").read_text(encoding="utf-8")
    assert "choice (3: classical_representatives" in found.resting(STATEMENTS["S1"].theorems)
    assert "Coq's real numbers (10" in found.resting(STATEMENTS["S10"].theorems)
    assert found.resting(("no_unhealthy_collapse",)) == "no axioms (1 of 1)"


@pytest.fixture(scope="module")
def quick():
    return prove(["D1", "D2", "S4", "S8", "S11", "S12", "S13"], quick=True)


def test_a_quick_run_says_what_was_not_run(quick):
    assert [row.statement for row in quick.rows] == ["D1", "D2", "S4", "S8", "S11", "S12", "S13"]
    assert (quick.exit_code(), quick.exit_code(strict=True)) == (3, 1)
    found = {run.layer: run.outcome for run in quick.layers}
    assert found.pop(Layer.COQ) in (Outcome.NOT_RUN, Outcome.MISSING)  # a wheel has no sources
    assert set(found.values()) == {Outcome.HOLDS}
    four = quick.row("S4")
    assert four.status is Status.PART
    assert [each.layer for each in four.evidence] == [
        Layer.COQ, Layer.SMT, Layer.SAT, Layer.LISTED, Layer.EXAMPLES,
    ]  # fmt: skip
    assert four.of(Layer.SAT).scope.startswith("n <= 8, |A| <= 2")
    assert "renaming of observations above n = 6" in four.of(Layer.SAT).assumptions
    assert "0 against it" in four.of(Layer.LISTED).detail
    assert quick.row("S8").of(Layer.SMT).scope.startswith("smallest models")
    assert quick.row("S12").status is Status.PART
    assert quick.row("S13").status is Status.PART
    assert quick.row("D2").status is Status.DEFINITION
    assert ProofReport.from_json(quick.to_json()) == quick
    assert "S4: no unhealthy collapse" in quick.explain()
    with pytest.raises(InvalidArgumentError, match="no row named 'S5'"):
        quick.row("S5")


def coq_run(monkeypatch, folder=PROOFS, *, code=0, out=None, err=""):
    """Let the build answer what is said, without compiling anything."""
    table = "file lines seconds\nNoCollapse 170 0.6\nDecision 222 0.9\nall 392 1.5\n"
    done = subprocess.CompletedProcess([], code, out or f"{table}93 statements: all fine\n", err)
    asked = []
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(
        coq.subprocess, "run", lambda command, **options: asked.append((command, options)) or done
    )
    result = run_coq(statements_named(["S4"]), folder, quick=False)
    assert asked[0][0] == [str(Path(folder).resolve() / "build"), "--check"]
    return result


def test_a_build_that_passes_proves_its_theorems(monkeypatch):
    run, evidence = coq_run(monkeypatch)
    assert run == dataclasses.replace(
        LayerRun(Layer.COQ, Outcome.HOLDS, "93 statements: all fine"), seconds=run.seconds
    )
    four = evidence["S4"]
    assert four.outcome is Outcome.HOLDS
    assert four.detail == "kernel_admissible, no_unhealthy_collapse, accepts_no_collapse"
    assert four.assumptions == "no axioms (3 of 3)"
    assert four.read == ("theory/proofs/Decision.v", "theory/proofs/NoCollapse.v")
    assert four.seconds == pytest.approx(1.5)


def test_a_build_that_fails_is_a_failure_and_proves_nothing(monkeypatch):
    run, evidence = coq_run(monkeypatch, code=1, err="proofs: a word above is not allowed\n")
    assert run.outcome is evidence["S4"].outcome is Outcome.FAILED
    assert "a word above is not allowed" in run.note


def test_a_theorem_that_is_no_longer_pinned_is_a_failure(monkeypatch, tmp_path):
    folder = tmp_path / "proofs"
    shutil.copytree(PROOFS, folder)
    path = folder / "Assumptions.v"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Print Assumptions no_unhealthy_collapse.\n", ""), "utf-8")
    run, evidence = coq_run(monkeypatch, folder)
    assert run.outcome is Outcome.HOLDS
    assert evidence["S4"].outcome is Outcome.FAILED
    assert "no pinned theorem no_unhealthy_collapse" in evidence["S4"].detail


@pytest.mark.parametrize(
    "out", ["\n", "done\n", "file lines seconds\n", "NoCollapse 170 0.6\nall 170 0.6\n"]
)
def test_a_build_that_does_not_say_what_it_proved_is_a_failure(monkeypatch, out):
    run, evidence = coq_run(monkeypatch, out=out)
    assert run.outcome is evidence["S4"].outcome is Outcome.FAILED
    assert "ended without its count of statements" in run.note


def test_lines_that_are_no_files_are_not_read_as_times(monkeypatch):
    out = "a note\nNoCollapse 170 0.6\nx y z\n93 statements: all fine\n"
    run, evidence = coq_run(monkeypatch, out=out)
    assert run.outcome is Outcome.HOLDS
    assert evidence["S4"].seconds == pytest.approx(0.6)


def _copy(tmp_path):
    folder = tmp_path / "proofs"
    folder.mkdir()
    for name in ("build", "Assumptions.v", "allowed_axioms"):
        shutil.copy(PROOFS / name, folder / name)
    return folder


@pytest.mark.parametrize("name", ["build", "Assumptions.v", "allowed_axioms"])
def test_a_folder_without_a_file_of_the_proofs_is_a_usage_error(tmp_path, name):
    folder = _copy(tmp_path)
    (folder / name).unlink()
    with pytest.raises(InvalidArgumentError, match=f"it has no file {name}"):
        sources(folder)
    shown = CliRunner().invoke(cli, ["prove", "--quick", "--proofs", str(folder)])
    assert shown.exit_code == 2
    assert "does not hold the proofs" in shown.stderr


@pytest.mark.parametrize("name", ["Assumptions.v", "allowed_axioms", "Extra.v"])
def test_a_file_of_the_proofs_that_is_no_text_is_a_usage_error(tmp_path, name):
    folder = _copy(tmp_path)
    (folder / name).write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidArgumentError, match="cannot be read"):
        sources(folder)


def test_axioms_are_read_with_empty_lines_comments_and_full_names(tmp_path):
    folder = _copy(tmp_path)
    text = "#comment\n\n# more\n  \nhard Coq.Logic.Classical_Prop.classic\n"
    (folder / "allowed_axioms").write_text(text, "utf-8")
    found = sources(folder)
    assert found.axioms == {"hard": ("Coq.Logic.Classical_Prop.classic",)}
    assert found.resting(["hard"]) == "choice (1: hard, ...)"


def test_a_missing_compiler_and_missing_sources_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    run, evidence = run_coq(statements_named(["S4"]), PROOFS, quick=False)
    assert (run.outcome, run.install) == (Outcome.MISSING, coq.INSTALL)
    assert "kernel_admissible" in evidence["S4"].detail
    monkeypatch.setattr(coq.tellapart.theory, "__path__", [str(tmp_path)])
    run, evidence = run_coq(statements_named(["S4"]), None, quick=False)
    assert "proved in the source tree; not run here" in run.note
    assert evidence["S4"].outcome is Outcome.MISSING
    with pytest.raises(InvalidArgumentError, match="does not hold the proofs"):
        prove(["S4"], proofs=tmp_path)


def test_layers_that_are_not_installed_are_rows_with_a_command(monkeypatch):
    absent = ("pysat", "cvc5", "z3", "sympy")
    usual = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in absent else usual(name)
    )
    asked = ["S1", "S4", "S8", "S10"]
    for run, evidence in (
        solvers.run_sat(asked, quick=True), solvers.run_smt(asked), solvers.run_symbolic(asked),
    ):  # fmt: skip
        assert run.outcome is Outcome.MISSING
        assert run.install == "pip install 'tellapart[formal]'"
        assert evidence
        assert all(each.outcome is Outcome.MISSING for each in evidence.values())
    shown = CliRunner().invoke(cli, ["prove", "--quick", "--statement", "S13", "--strict"])
    assert shown.exit_code == 1
    assert "install: pip install 'tellapart[formal]'" in shown.stdout


def _refuse_to_load(monkeypatch, *refused):
    usual = importlib.import_module

    def load(name, package=None):
        if name.split(".")[0] in refused:
            raise ImportError(f"libz.so.1: cannot\nopen {name}")
        return usual(name, package)

    present = importlib.machinery.ModuleSpec("anything", None)
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib, "import_module", load)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: present if name in refused else found(name)
    )


def test_solvers_that_are_installed_but_do_not_load_are_layers_with_the_reason(monkeypatch):
    _refuse_to_load(monkeypatch, "pysat", "cvc5", "z3", "sympy")
    asked = ["S1", "S4", "S8", "S10"]
    for run, evidence in (
        solvers.run_sat(asked, quick=True), solvers.run_smt(asked), solvers.run_symbolic(asked),
    ):  # fmt: skip
        assert (run.outcome, run.install) == (Outcome.MISSING, solvers.REPAIR)
        assert "does not load (ImportError: libz.so.1: cannot open" in run.note
        assert {each.outcome for each in evidence.values()} == {Outcome.MISSING}
    shown = CliRunner().invoke(cli, ["prove", "--quick", "--statement", "S13", "--strict"])
    assert shown.exit_code == 1
    assert "sympy is installed but does not load" in " ".join(shown.stdout.split())


def test_a_solver_that_loads_is_used_beside_one_that_does_not(monkeypatch):
    from tellapart.theory.scope import smt

    monkeypatch.setattr(smt, "SOLVERS", {"broken": "broken.api", **smt.SOLVERS})
    _refuse_to_load(monkeypatch, "broken")
    run, evidence = solvers.run_smt(["S1", "S8"])
    assert run.outcome is evidence["S1"].outcome is evidence["S8"].outcome is Outcome.HOLDS
    assert "broken is installed but does not load" in run.note


def test_a_collapse_in_a_list_is_a_failure(monkeypatch):
    found = solvers.exhaust(2, 1)
    broken = dataclasses.replace(
        found, rows=(*found.rows[:-1], dataclasses.replace(found.rows[-1], collapses_tables=1))
    )
    monkeypatch.setattr(solvers, "exhaust", lambda *size, **options: broken)
    run, evidence = solvers.run_listed(["S1", "S4"], quick=True)
    assert run.outcome is evidence["S4"].outcome is Outcome.FAILED
    assert evidence["S1"].outcome is Outcome.HOLDS
    assert "1 against it" in evidence["S4"].detail


def test_a_solver_that_gives_up_proves_nothing_and_contradicts_nothing(monkeypatch):
    from tellapart.theory.scope import smt

    usual = smt.prove_for_all_sizes
    for answer, outcome in (("unknown", Outcome.NOT_RUN), ("satisfiable", Outcome.FAILED)):
        monkeypatch.setattr(
            smt, "prove_for_all_sizes",
            lambda said=answer, **options: tuple(
                dataclasses.replace(each, answer=said) if each.name == "step" else each
                for each in usual(**options)
            ),
        )  # fmt: skip
        run, evidence = solvers.run_smt(["S1", "S4"])
        assert run.outcome is evidence["S4"].outcome is outcome
        assert evidence["S1"].outcome is Outcome.HOLDS


def test_an_error_of_a_layer_is_a_failed_layer(monkeypatch):
    from tellapart.theory.scope import smt_models

    def give_up(drop, **options):
        raise BudgetExceededError("gave up")

    monkeypatch.setattr(smt_models, "smt_countermodel", give_up)
    report = prove(["S8"], quick=True)
    assert report.exit_code() == 1
    assert report.row("S8").of(Layer.SMT) is None
    assert [run.note for run in report.layers if run.layer is Layer.SMT] == [
        "BudgetExceededError: gave up"
    ]


def test_a_layer_that_breaks_does_not_stop_the_others(monkeypatch):
    from tellapart.theory.scope import smt

    def broken(**options):
        raise AttributeError("this version has no\nSolver")

    monkeypatch.setattr(smt, "prove_for_all_sizes", broken)
    report = prove(["S4"], quick=True)
    assert [run.note for run in report.layers if run.layer is Layer.SMT] == [
        "AttributeError: this version has no Solver"
    ]
    assert report.exit_code() == 1
    assert report.row("S4").of(Layer.SAT).outcome is Outcome.HOLDS


def test_bad_names_are_refused():
    with pytest.raises(InvalidArgumentError, match="'S14'"):
        prove(["S14"])
    with pytest.raises(InvalidArgumentError, match="choose 'smoke' or 'ci'"):
        prove(["D2"], profile="nightly")


def run(*arguments):
    return CliRunner().invoke(cli, ["prove", *arguments], catch_exceptions=False)


def test_the_command_prints_a_row_with_all_details():
    result = run("--statement", "S11", "--statement", "D2", "--quick")
    assert result.exit_code == 3
    assert result.stdout.startswith("D2: the kernel")
    for text in ("proved in part", "groups", "rests on:", "tellapart laws run --law S11",
                 "no proof of: codes and labels that are not rational", "irreducible_zero_iff",
                 "docs/theory/targets-and-capacity.md", "holds"):  # fmt: skip
        assert text in result.stdout
    assert max(map(len, result.stdout.split("\n\nCoq")[0].splitlines())) <= 100


def test_the_command_prints_the_table_of_all_statements(monkeypatch):
    from tellapart.properties.proofs import console

    report = prove(["D2", "S13"], quick=True)
    console.print_proofs(report)
    result = run("--quick")
    assert result.exit_code == 3
    assert re.findall(r"^([DS]\d+) ", result.stdout.split("no proof covers")[0], re.M) == NUMBERS
    assert re.search(r"Coq (not run|missing)", result.stdout)


@pytest.mark.parametrize(
    ("coqc", "folder", "outcome", "words"),
    [
        ("/bin/coqc", PROOFS, Outcome.NOT_RUN, "takes a minute; run without --quick"),
        (None, PROOFS, Outcome.MISSING, "coqc is not installed"),
    ],
)
def test_a_quick_run_says_why_coq_was_not_run(monkeypatch, coqc, folder, outcome, words):
    monkeypatch.setattr(coq.shutil, "which", lambda name: coqc)
    run, _ = run_coq([STATEMENTS["S4"]], folder, quick=True)
    assert (run.outcome, run.note) == (outcome, words)


def test_the_command_prints_json():
    result = run("--statement", "D2", "--json", "--quick")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["kind"] == "ProofReport"
    assert ProofReport.from_json(result.stdout).row("D2").status is Status.DEFINITION
    assert CliRunner().invoke(cli, ["prove", "--statement", "S99"]).exit_code == 2
