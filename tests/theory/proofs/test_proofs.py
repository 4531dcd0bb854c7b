"""The gates of the proofs hold, and break when a proof, statement or checker is tampered with.

With Coq installed the build is run, on copies; without, what needs no Coq is checked. Set
TELLAPART_REQUIRE_COQ to make a machine without Coq fail.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROOFS = ROOT / "theory" / "proofs"
CHECKER = ROOT / "theory" / "extracted_checker.py"
PAGE = ROOT / "docs" / "theory" / "machine-checked.md"
INSTALL = "apt-get install -y --no-install-recommends coq"
INSTANCE = "Definition at_work_{0} := @{0}.\n"
PINNED = re.compile(r"^Check \(@([\w.]+) :$", re.MULTILINE)


def coq_is_here():
    """Tell whether the proofs can be compiled; fail where they must be and cannot."""
    found = shutil.which("coqc") is not None
    assert found or not os.environ.get("TELLAPART_REQUIRE_COQ"), f"no coqc here: {INSTALL}"
    return found


def build(proofs, *options, path=None):
    environment = {**os.environ, "PYTHON": sys.executable}
    if path is not None:
        environment["PATH"] = str(path)
    return subprocess.run(
        [shutil.which("bash"), proofs / "build", *options],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def pinned(*files):
    return [name for file in files for name in PINNED.findall(file.read_text())]


def copy(folder):
    """A copy of the proofs and of the committed checker, laid out as in the tree."""
    shutil.copytree(PROOFS, folder / "proofs")
    shutil.copy(CHECKER, folder)
    return folder / "proofs"


def small_copy(folder):
    """The same with S4, S5 and S7 only, which compiles in seconds."""
    proofs = copy(folder)
    kept = {"Systems", "NoCollapse", "Tables", "Certificate", "DataCertificate"}
    statements = (proofs / "Statements.v").read_text()
    definitions = (proofs / "Definitions.v").read_text()
    spelled = "run|is_bisimulation|bisimilar|k_bisimilar|zero_dynamics|zero_auxiliary|zero_loss"
    spelled += "|kernel|admissible|meet|join"
    spelled = [
        check
        for check in re.findall(r"^Check .*?\)\.\n", definitions, re.MULTILINE | re.DOTALL)
        if re.match(rf"Check \((eq_refl : @({spelled}) =|fun .*\n.*\n    \(k_bisimilar)", check)
    ]
    pins = [
        pin
        for pin in re.findall(r"^Check \(@.*?\)\.\n", statements, re.MULTILINE | re.DOTALL)
        if re.search(rf"^(Theorem|Lemma) {PINNED.match(pin)[1]}\b",
                     (proofs / "NoCollapse.v").read_text(), re.MULTILINE)
    ]  # fmt: skip
    names = [PINNED.match(pin)[1] for pin in pins]
    for file in proofs.glob("*.v"):
        if file.stem not in kept:
            file.unlink()
    head = "From Coq Require Import List RelationClasses.\n"
    head += "From Tellapart Require Import Systems NoCollapse.\n"
    (proofs / "Statements.v").write_text(head + "\n".join(pins))
    (proofs / "Definitions.v").write_text(head + "".join(spelled))
    (proofs / "Instances.v").write_text(head + "".join(map(INSTANCE.format, names)))
    questions = "".join(f"Print Assumptions {name}.\n" for name in names)
    (proofs / "Assumptions.v").write_text(head + questions)
    return proofs


def replace(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new))


@pytest.mark.coq
def test_the_proofs_compile_and_the_committed_checker_is_theirs():
    if not coq_is_here():
        return
    done = build(PROOFS, "--check")
    assert done.returncode == 0, done.stderr
    n = len(pinned(*PROOFS.glob("Statements*.v")))
    assert f"{n} statements: " in done.stdout
    assert not list(PROOFS.rglob("*.vo")), "the build wrote into the tree"


@pytest.mark.coq
def test_a_small_copy_passes_untouched(tmp_path):
    """So that the failures below come from what was changed."""
    if not coq_is_here():
        return
    done = build(small_copy(tmp_path), "--check")
    assert done.returncode == 0, done.stderr
    assert "with listed axioms" in done.stdout


def admitted(proofs):
    file = proofs / "NoCollapse.v"
    start = file.read_text().index("Theorem no_unhealthy_collapse")
    text = file.read_text()
    end = text.index("Qed.", start)
    file.write_text(text[:end] + "Admitted." + text[end + 4 :])


def weakened_theorem(proofs):
    replace(
        proofs / "NoCollapse.v",
        "  zero_loss f p E T P -> forall x y, ~ bisimilar f p x y -> E x <> E y.\nProof.\n"
        "  intros Hzero x y Hnot Hsame.",
        "  zero_loss f p E T P -> forall x y, ~ bisimilar f p x y -> p x <> p y -> E x <> E y.\n"
        "Proof.\n  intros Hzero x y Hnot _ Hsame.",
    )


def with_axiom(proofs, sentence):
    """Put a sentence before the sections, and let the proof of S4 use its axiom."""
    file = proofs / "NoCollapse.v"
    replace(file, "Section NoCollapse.", f"{sentence}\n\nSection NoCollapse.")
    start = file.read_text().index("Theorem no_unhealthy_collapse")
    before, after = file.read_text()[:start], file.read_text()[start:]
    use = "Proof.\n  destruct (classic True) as [_ | no]; [| destruct (no I)].\n"
    file.write_text(before + after.replace("Proof.\n", use, 1))


def hidden_axiom(proofs):
    """A context outside of any section is an axiom, here under a name that is allowed to some."""
    with_axiom(proofs, "Context (classic : forall P : Prop, P \\/ ~ P).")


def axiom_of_the_library(proofs):
    with_axiom(proofs, "From Coq Require Import Classical.")


def forgotten_question(proofs):
    replace(proofs / "Assumptions.v", "Print Assumptions no_unhealthy_collapse.\n", "")


def forgotten_instance(proofs):
    replace(proofs / "Instances.v", INSTANCE.format("no_unhealthy_collapse"), "")


def edited_checker(proofs):
    replace(
        proofs.parent / "extracted_checker.py",
        "    return distance(i, j) == 0\n",
        "    return True\n",
    )


def edited_data_checker(proofs):
    replace(
        proofs.parent / "extracted_checker.py",
        "        return label(o) == 0 or label(o) == (head(code(o)) + 1)\n",
        "        return True\n",
    )


def broken_proof(proofs):
    replace(proofs / "NoCollapse.v", "  - intro x. apply rt_refl.\n", "  - intro x.\n")


@pytest.mark.coq
@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (admitted, "this is not allowed in the sources: Admitted"),
        (weakened_theorem, "Statements.v does not compile"),
        (hidden_axiom, "this stands outside of any section: Context (classic"),
        (axiom_of_the_library,
         "no_unhealthy_collapse rests on the axiom Coq.Logic.Classical_Prop.classic"),
        (forgotten_question, "name other theorems"),
        (forgotten_instance, "no_unhealthy_collapse has no instance"),
        (edited_checker, "is not what the proofs say"),
        (edited_data_checker, "is not what the proofs say"),
        (broken_proof, "NoCollapse.v does not compile"),
    ],
)  # fmt: skip
def test_tampering_fails_the_build(tmp_path, tamper, message):
    proofs = small_copy(tmp_path)
    tamper(proofs)
    if not coq_is_here():
        return
    done = build(proofs, "--check")
    assert done.returncode == 1, done.stdout
    assert message in done.stderr


def test_a_machine_without_coq_is_told_what_to_install(tmp_path):
    (tmp_path / "dirname").symlink_to(shutil.which("dirname"))
    done = build(PROOFS, path=tmp_path)
    assert done.returncode == 1
    assert INSTALL in done.stderr


def test_an_unknown_option_is_an_error():
    done = build(PROOFS, "--chekc")
    assert done.returncode == 1
    assert "unknown option --chekc" in done.stderr


def test_sources_are_short_and_open_with_what_they_say():
    for file in PROOFS.rglob("*.v"):
        text = file.read_text()
        assert len(text.splitlines()) <= 300, file.name
        assert max(map(len, text.splitlines())) <= 100, file.name
        assert text.startswith("(** * "), file.name


def test_every_pinned_theorem_exists_in_one_file_and_is_asked_for_its_axioms():
    statements = sorted(PROOFS.glob("Statements*.v"))
    names = pinned(*statements)
    assert len(names) == len(set(names)) > 80
    asked = re.findall(
        r"^Print Assumptions ([\w.]+)\.$", (PROOFS / "Assumptions.v").read_text(), re.M
    )
    assert sorted(names) == sorted(asked)
    proved = {
        f"{file.stem}.{name}"
        for file in PROOFS.glob("*.v")
        for name in re.findall(r"^(?:Theorem|Lemma) (\w+)", file.read_text(), re.M)
    }
    for name in names:
        assert name in proved or sum(p.endswith(f".{name}") for p in proved) in (1, 2), name


def test_the_page_lists_exactly_the_pinned_theorems_and_their_axioms():
    rows = re.findall(r"^\| `([\w.]+)` \| `(\w+)` \| .* \| (\w+) \|$", PAGE.read_text(), re.M)
    assert sorted(name for name, _, _ in rows) == sorted(pinned(*PROOFS.glob("Statements*.v")))
    allowed = {
        line.split()[0]: line.split()[1:]
        for line in (PROOFS / "allowed_axioms").read_text().splitlines()
        if not line.startswith("#")
    }
    for name, file, axioms in rows:
        source = (PROOFS / f"{file}.v").read_text()
        assert re.search(rf"^(Theorem|Lemma) {name.split('.')[-1]}\b", source, re.M), name
        kind = (
            "none"
            if name not in allowed
            else "reals"
            if "sig_forall_dec" in allowed[name]
            else "choice"
        )
        assert axioms == kind, name
