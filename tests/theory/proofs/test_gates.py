"""What the texts of the proofs may hold: gates that need no Coq, and tampering that they find."""

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROOFS = ROOT / "theory" / "proofs"


@pytest.fixture(scope="module")
def gates():
    spec = importlib.util.spec_from_file_location("gates", PROOFS / "gates.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sources(folder):
    """The files as the build lays them out before it checks their text."""
    for file in PROOFS.rglob("*.v"):
        shutil.copy(file, folder)
    shutil.copy(PROOFS / "allowed_axioms", folder)
    return folder


def replace(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new))


def append(file, text):
    file.write_text(file.read_text() + text)


def test_the_texts_pass_their_gates(gates, tmp_path):
    gates.check_sources(sources(tmp_path))
    assert (tmp_path / "asked").read_text().split() == re.findall(
        r"^Print Assumptions ([\w.]+)\.$", (PROOFS / "Assumptions.v").read_text(), re.M
    )


@pytest.mark.parametrize(
    "added",
    [
        'Set Warnings "-all".\nNotation "( \'@\' x : T )" := x (at level 0, x at level 99).',
        "Notation \"( '@' x : T )\" := x (at level 0, x at level 99).",
        'Set\n  Warnings "-all".',
        'Set (* *) Warnings (* (* . *) *) "-all".',
        '#[local] Set Warnings "-all".',
        'Lemma t : True. Proof. { Set Warnings "-all". exact I. } Qed.',
        "Lemma t : True. Proof. 1: { - Unset Guard Checking. exact I. } Qed.",
        '(* " *) " *) Set Warnings "-all".',
        'Infix "~~>" := bisimilar (at level 70).',
        "Notation nothing := True.",
        'Reserved Notation "x ~~> y" (at level 70).',
        "Coercion of_bool (b : bool) : Prop := True.",
        "Canonical Structure c := 0.",
        "Declare Scope other.",
        "Declare Module M : T.",
        "Ltac done := idtac.",
        "Load other.",
        "From Tellapart Require Export Systems.",
        "Axiom a : False.",
        "Lemma a : False. Admitted.",
        "Lemma a : False. Proof. admit. Qed.",
        "Context (classic : False).",
        "Section S. End S. Context (classic : False).",
        "Let a := 0.",
        "Fail Check 0.",
        "Record r := { field :> nat }.",
        'Inductive even : nat -> Prop := zero_even : ~~> 0 where "~~> n" := (even n).',
        'Arguments x : a "string".',
    ],
)
def test_what_could_change_a_statement_is_not_allowed(gates, tmp_path, added):
    append(sources(tmp_path) / "Refuted.v", added + "\n")
    with pytest.raises(gates.GateError, match=r"^Refuted.v: "):
        gates.check_sources(tmp_path)


@pytest.mark.parametrize("file", ["Statements.v", "Definitions.v", "Assumptions.v"])
def test_files_for_people_to_read_define_nothing(gates, tmp_path, file):
    append(sources(tmp_path) / file, "Definition bisimilar := True.\n")
    with pytest.raises(gates.GateError, match=f"^{file}: "):
        gates.check_sources(tmp_path)


def commented_instance(folder):
    for file in folder.glob("Instances*.v"):
        file.write_text(re.sub(r"\bjoin_least\b", "(* join_least *) I", file.read_text()))


def commented_pin(folder):
    pin = re.search(
        r"^Check \(@join_least :.*?\)\.$", (folder / "Statements.v").read_text(), re.M | re.S
    )[0]
    replace(folder / "Statements.v", pin, f"(* (* {pin} *) *)")


def commented_definition(folder):
    pin = "Check (eq_refl : @data_realised = "
    replace(folder / "Definitions.v", pin, f"(* {pin} *) Check (")


def deleted_definitions(folder):
    for file in folder.glob("Definitions*.v"):
        file.unlink()


def hidden_definition(folder):
    """A word of the library that comes to mean something else."""
    append(
        folder / "Refuted.v", "Definition Equivalence {O : Type} (R : O -> O -> Prop) := True.\n"
    )


def hidden_lemma(folder):
    append(folder / "Refuted.v", "Lemma In : nat -> list nat -> Prop. Proof. auto. Defined.\n")


def other_checker(folder):
    replace(
        folder / "Extract.v",
        "Extraction Language JSON.",
        "Definition accepts_clash := true.\nExtraction Language JSON.",
    )


def other_constant(folder):
    append(folder / "Extract.v", 'Extract Constant accepts => "true".\n')


def second_checker(folder):
    append(folder / "DataCertificate.v", "Definition accepts := true.\n")


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (commented_instance, "join_least has no instance"),
        (commented_pin, "name other theorems: join_least"),
        (commented_definition, r"do not spell out Data\.data_realised$"),
        (deleted_definitions, r"Definitions\*.v is missing"),
        (hidden_definition, r"do not spell out Refuted\.Equivalence$"),
        (hidden_lemma, r"do not spell out Refuted\.In$"),
        (other_checker, r"Extract\.v may only hold"),
        (other_constant, r"Extract\.v may only hold"),
        (second_checker, "accepts must be defined in one file"),
    ],
)
def test_gates_read_code_not_comments(gates, tmp_path, tamper, message):
    tamper(sources(tmp_path))
    with pytest.raises(gates.GateError, match=message):
        gates.check_sources(tmp_path)


@pytest.mark.parametrize(
    "name", ["zero_dynamics", "walk", "least_separation", "action", "QuantitativeReal.margin"]
)
def test_a_definition_that_is_not_spelled_out_is_found(gates, tmp_path, name):
    for file in sources(tmp_path).glob("Definitions*.v"):
        file.write_text(re.sub(rf"(?<![\w.]){re.escape(name)}\b", "other", file.read_text()))
    with pytest.raises(gates.GateError, match=rf"do not spell out .*\b{name}\b"):
        gates.check_sources(tmp_path)


@pytest.mark.parametrize(
    ("full", "fails"),
    [("Coq.Logic.Classical_Prop.classic", False), ("Tellapart.NoCollapse.classic", True)],
)
def test_axioms_are_compared_by_their_full_names(gates, tmp_path, full, fails):
    (tmp_path / "allowed_axioms").write_text("# names\nthm classic\n")
    (tmp_path / "asked").write_text("other\nthm\n")
    (tmp_path / "imports").write_text("")
    answers = "Closed under the global context\nAxioms:\nclassic : forall P : Prop,\n  P \\/ ~ P\n"
    (tmp_path / "A.out").write_text(answers)
    gates.name_axioms(tmp_path, "A.out")
    assert (tmp_path / "Named.v").read_text() == "About classic.\n"
    (tmp_path / "Named.out").write_text(f"classic : False\n\nExpands to: Constant\n{full}\n")
    if fails:
        with pytest.raises(gates.GateError, match=f"thm rests on the axiom {full}"):
            gates.check_axioms(tmp_path, "A.out", "asked")
    else:
        gates.check_axioms(tmp_path, "A.out", "asked")
