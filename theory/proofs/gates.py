"""Check the text of the proofs: what the compiler accepts and the reader should not.

Usage, in a folder with copies of the sources: ``python gates.py sources`` writes the files
``imports`` and ``asked``; ``python gates.py name ANSWERS`` writes what asks for the full names of
axioms; ``python gates.py axioms ANSWERS THEOREMS`` judges them.

Comments are taken out first, so no gate is passed by a comment. Each sentence must begin with a
word that is known here: a notation, a coercion or a switch could change what a statement says.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["GateError", "check_axioms", "check_sources", "sentences", "strip_comments"]

#: Beginnings of sentences that every file may have. Inside a proof a sentence begins in lower case.
EVERYWHERE = (
    r"From (Coq|Tellapart) Require( Import)?(?! Export| Import)( [A-Z]\w*)+$",
    r"Import ListNotations$",
    r"Local (Open|Close) Scope \w+$",
)
IN_PROOFS = (
    *EVERYWHERE,
    r"(Definition|Fixpoint|Inductive|Record|Lemma|Theorem|Example) \w+",
    r"(Section|End) \w+$",
    r"Arguments \w+",
    r"(Proof|Qed|Defined)$",
    r"(Lra\.lra|Lqa\.lra)$",
    r"[a-z(\[]",
    r"(\d+(, \d+)*|all): ?[a-z(\[]",
    r"Local Notation \w+ :=",
    re.escape('Notation "b &&& c" := (if b then c else false) (at level 40, left associativity)')
    + "$",
)
IN_SECTIONS = (r"Context [({]", r"Let \w+")
KNOWN = {
    "Statements": (*EVERYWHERE, r"Check \(@[\w.]+ : .*\)$"),
    "Definitions": (*EVERYWHERE, r"Check \("),
    "Assumptions": (EVERYWHERE[0], r"Print Assumptions [\w.]+$"),
}
EXTRACTED = ("accepts", "accepts_model", "accepts_clash", "accepts_forced")
EXTRACTION = [
    "From Coq Require Extraction",
    "From Tellapart Require Import Certificate DataCertificate",
    "Extraction Language JSON",
    f'Extraction "checker.json" {" ".join(EXTRACTED)}',
]
#: Ways round a proof that lie inside sentences.
BANNED = re.compile(r"\b(admit|give_up)\b|:>")
#: Programs and their parts: the theorems say all that they compute, so their text is not pinned.
PROGRAMS = {
    *EXTRACTED, "accepts_merges", "check", "chosen", "decide_feasible", "decide_told_apart",
    "first_member", "merge", "n_labels", "nearest_of", "refine",
}  # fmt: skip
#: What the axioms that [allowed_axioms] may name are in full: those of Coq's library, no namesakes.
IN_FULL = {
    "classic": "Coq.Logic.Classical_Prop.classic",
    "constructive_indefinite_description":
        "Coq.Logic.ClassicalEpsilon.constructive_indefinite_description",
    "functional_extensionality_dep":
        "Coq.Logic.FunctionalExtensionality.functional_extensionality_dep",
    "propositional_extensionality":
        "Coq.Logic.PropExtensionality.propositional_extensionality",
    "sig_forall_dec": "Coq.Reals.ClassicalDedekindReals.sig_forall_dec",
}  # fmt: skip
DEFINES = re.compile(r"(Definition|Fixpoint|Inductive|Record|Lemma|Theorem|Example) (\w+)(.*)")
ANSWER = re.compile(r"^(?:Closed under the global context|Axioms:)$", re.MULTILINE)


class GateError(Exception):
    """A gate does not hold."""


def strip_comments(text: str) -> str:
    """Return the text without comments, which nest; strings hide their signs, as in Coq."""
    kept, depth = [], 0
    for piece in re.findall(r'\(\*|\*\)|"[^"]*"|.', text, re.DOTALL):
        if piece == "(*":
            depth += 1
        elif piece == "*)" and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(piece)
    if depth:
        raise GateError("a comment does not end")
    return "".join(kept)


def sentences(text: str) -> list[str]:
    """Return the sentences in a file, on one line each, without comments, bullets and braces."""
    parts = re.split(r"\.(?=\s|$)", " ".join(strip_comments(text).split()))
    bullets = re.compile(r"([-+*{}\s]|(\d+|\[\w+\]) ?: ?\{)*")
    found = [part[len(bullets.match(part)[0]) :] for part in parts]  # type: ignore[index]
    return [each.rstrip() for each in found if each.rstrip()]


def check_sentences(name: str, found: list[str]) -> None:
    """Raise when a file has a sentence of a kind that is not known."""
    family = next((each for each in KNOWN if name.startswith(each)), None)
    known = KNOWN[family] if family else IN_PROOFS
    depth = 0
    for sentence in found:
        if BANNED.search(sentence):
            raise GateError(f"{name}.v: this is not allowed in the sources: {sentence[:80]}")
        if not family and any(re.match(each, sentence) for each in IN_SECTIONS):
            if not depth:
                raise GateError(f"{name}.v: this stands outside of any section: {sentence[:80]}")
        elif not any(re.match(each, sentence) for each in known):
            raise GateError(f"{name}.v: this is not allowed in the sources: {sentence[:80]}")
        elif '"' in sentence and not sentence.startswith("Notation"):
            raise GateError(f"{name}.v: a string is not allowed in the sources: {sentence[:80]}")
        depth += bool(re.match(r"Section \w", sentence)) - bool(re.match(r"End \w", sentence))


def parts_of(sentence: str) -> list[str]:
    """Return the constructors or fields of an inductive type or a record."""
    kind, _, rest = DEFINES.match(sentence).groups()  # type: ignore[union-attr]
    body = rest.partition(":=")[2]
    if kind == "Inductive":
        return re.findall(r"(?:^|\|)\s*(\w+)", body)
    return re.findall(r"(?:^ ?|[{;] ?)(\w+)", body) if kind == "Record" else []


def definitions(files: dict[str, list[str]]) -> dict[str, dict[str, str]]:
    """Return for every name the files that define it, each with the name whose pin covers it."""
    found: dict[str, dict[str, str]] = {}
    for file, its in files.items():
        if file.startswith(("Statements", "Definitions", "Instances", "Assumptions", "Extract")):
            continue
        for match in filter(None, map(DEFINES.match, its)):
            mutual = re.findall(r"\bwith (\w+) [^|=]*:", match[3])
            for each in (match[2], *mutual, *parts_of(match[0])):
                found.setdefault(each, {})[file] = match[2]
    return found


def meant(
    qualified: str, sentences_of_file: list[str], defined: dict[str, dict[str, str]]
) -> set[str]:
    """Return what a name can mean in a file, as ``File.name``; nothing for names of the library."""
    file, _, short = qualified.rpartition(".")
    places = defined.get(short, {})
    if file:
        return {f"{file}.{places[file]}"} if file in places else set()
    imported = {
        each
        for sentence in sentences_of_file
        if sentence.startswith("From Tellapart Require Import ")
        for each in sentence.split()[4:]
    }
    return {f"{each}.{places[each]}" for each in places if each in imported}


def subjects(sentence: str) -> Iterator[str]:
    """Yield the names that a sentence of Definitions*.v pins."""
    yield from re.findall(r"eq_refl : @?([\w.]+) =", sentence)
    for text in re.findall(r"@([\w.]+) :", sentence):
        yield re.sub(r"(^|\.)Build_(\w+)$", r"\1\2", re.sub(r"_ind$", "", text))
    if "eq_refl," in sentence:  # equations of a recursive function
        yield from re.findall(r"\(([\w.]+) [^=]* =", sentence.partition(":")[2])
        yield from re.findall(r"\(([\w.]+) [^()]*(?:\([^()]*\) ?)*[^()=]*=", sentence)


def check_definitions(files: dict[str, list[str]]) -> None:
    """Raise when a definition is used in Statements*.v or Definitions*.v and not pinned."""
    defined = definitions(files)
    pinned: set[str] = set()
    used: dict[str, str] = {}
    for file, its in files.items():
        if file.startswith("Definitions"):
            for sentence in its:
                for name in subjects(sentence):
                    pinned |= meant(name, its, defined)
        if file.startswith(("Definitions", "Statements")):
            for sentence in its:
                if sentence.startswith("Check"):
                    text = re.sub(r"^Check \(@[\w.]+ :", "", sentence)
                    for name in re.findall(r"(?<![\w.'])[A-Za-z_][\w.']*(?<!\.)", text):
                        for each in meant(name, its, defined):
                            used.setdefault(each, file)
    missing = sorted(each for each in used if each not in pinned)
    missing = [each for each in missing if each.partition(".")[2] not in PROGRAMS]
    if missing:
        raise GateError("Definitions*.v do not spell out " + ", ".join(missing))


def check_questions(files: dict[str, list[str]]) -> list[str]:
    """Return the pinned theorems; raise when one is not asked for its axioms or has no instance."""
    by_family = {
        family: [each for file in files if file.startswith(family) for each in files[file]]
        for family in ("Statements", "Definitions", "Assumptions", "Instances")
    }
    pins = " ".join(by_family["Statements"])
    pinned = re.findall(r"(?<!\S)Check \(@([\w.]+) :", pins)
    asked = [each.split()[2] for each in by_family["Assumptions"] if each.startswith("Print")]
    if len(pinned) != len(set(pinned)):
        raise GateError("a theorem is pinned twice")
    if sorted(pinned) != sorted(asked) or not asked:
        others = ", ".join(sorted(set(pinned) ^ set(asked)))
        raise GateError(f"Statements*.v and Assumptions.v name other theorems: {others}")
    if not by_family["Definitions"]:
        raise GateError("Definitions*.v is missing")
    at_work = set(re.findall(r"[\w.']+(?<!\.)", " ".join(by_family["Instances"])))
    at_work |= {each.rpartition(".")[2] for each in at_work if each.count(".") == 1}
    for each in pinned:
        concrete = each.startswith("refuted_") or each.endswith("_needed")
        if not concrete and each not in at_work:
            raise GateError(f"{each} has no instance in Instances*.v")
    return asked


def check_extraction(files: dict[str, list[str]]) -> None:
    """Raise when what is extracted is not what the theorems are about."""
    if files["Extract"] != EXTRACTION:
        raise GateError("Extract.v may only hold: " + ". ".join(EXTRACTION) + ".")
    defined = definitions(files)
    for each in EXTRACTED:
        if len(defined.get(each, ())) != 1:
            raise GateError(f"{each} must be defined in one file")


def check_sources(folder: Path) -> None:
    """Check all sources in a folder; write which axioms to ask about, and what to import for it."""
    files = {path.stem: sentences(path.read_text()) for path in sorted(folder.glob("*.v"))}
    for name, found in files.items():
        if name != "Extract":
            check_sentences(name, found)
    check_extraction(files)
    asked = check_questions(files)
    check_definitions(files)
    imports = [f"{each}.\n" for each in files["Assumptions"] if not each.startswith("Print")]
    (folder / "imports").write_text("".join(imports))
    (folder / "asked").write_text("".join(f"{each}\n" for each in asked))


def axioms_of(text: str) -> list[list[str]]:
    """Return for every answer of Coq to ``Print Assumptions`` the names that it gives."""
    answers = ANSWER.split(text)[1:]
    return [re.findall(r"^[^\s:]+", each, re.MULTILINE) for each in answers]


def in_full(text: str) -> list[str]:
    """Return the full names that Coq gives to the questions ``About``."""
    return re.findall(r"^Expands to:\s+\w+\s+(\S+)$", text, re.MULTILINE)


def check_axioms(folder: Path, answers: str, theorems: str) -> None:
    """Raise when a theorem rests on an axiom that is not allowed for it, by its full name."""
    may = {}
    for line in (folder / "allowed_axioms").read_text().splitlines():
        if line and not line.startswith("#"):
            name, *axioms = line.split()
            may[name] = {IN_FULL.get(each) for each in axioms}
    named = (folder / "named").read_text().split()
    full = dict(zip(named, in_full((folder / "Named.out").read_text()), strict=True))
    found = axioms_of((folder / answers).read_text())
    for theorem, axioms in zip((folder / theorems).read_text().split(), found, strict=True):
        for axiom in axioms:
            if full[axiom] not in may.get(theorem, ()):
                raise GateError(
                    f"{theorem} rests on the axiom {full[axiom]}, which allowed_axioms does not "
                    "list for it"
                )


def name_axioms(folder: Path, answers: str) -> None:
    """Write the questions that tell the full names of the axioms in Coq's answers."""
    found = axioms_of((folder / answers).read_text())
    named = sorted({axiom for each in found for axiom in each})
    (folder / "named").write_text("\n".join(named))
    questions = "".join(f"About {each}.\n" for each in named)
    (folder / "Named.v").write_text((folder / "imports").read_text() + questions)


if __name__ == "__main__":
    try:
        match sys.argv[1:]:
            case ["sources"]:
                check_sources(Path())
            case ["name", answers]:
                name_axioms(Path(), answers)
            case ["axioms", answers, theorems]:
                check_axioms(Path(), answers, theorems)
            case _:
                raise GateError("unknown arguments")
    except GateError as error:
        sys.exit(f"proofs: {error}")
