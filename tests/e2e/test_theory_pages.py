"""The theory pages: each statement in the same parts, with everything the code knows of it."""

import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tellapart.properties.laws.registry import LAWS
from tellapart.properties.proofs.coq import sources
from tellapart.properties.proofs.report import Evidence, Layer, Outcome
from tellapart.properties.proofs.statements import STATEMENTS
from tellapart.theory.scope.obligations import OBLIGATIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXTENSIONS = DOCS / "_extensions"
_SPEC = spec_from_file_location("theory_pages_evidence", EXTENSIONS / "evidence.py")
evidence = module_from_spec(_SPEC)
sys.modules[_SPEC.name] = evidence  # its dataclass looks itself up
_SPEC.loader.exec_module(evidence)

PROOFS = sources(ROOT / "theory" / "proofs")
PARTS = (
    ("in words", r"^\*\*In words\.\*\* \w"),
    ("formula", r"^> \S"),
    ("proof", r"^\*Proof\.\* .*?∎$"),
    ("evidence", r"^```\{statement-evidence\} (?P<id>[DS]\d+)\n```$"),
    ("example", r"^\*\*Example\.\*\* \S.*?^```python\n"),
)


def sections():
    """Return the section of each statement on the page that its row names."""
    found = {}
    for page in sorted((DOCS / "theory").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for part in re.split(r"^(?=\([ds]\d+\)=$)", text, flags=re.MULTILINE)[1:]:
            number, _, body = part.partition(")=\n")
            body = re.split(r"\n(?=## )", body, maxsplit=1)
            heading, _, rest = part.partition("\n")[2].partition("\n")
            found[number[1:].upper()] = (page.stem, heading, re.split(r"^## ", rest, flags=re.M)[0])
    return found


SECTIONS = sections()


def rows(statement):
    return evidence.rows_of(STATEMENTS[statement], quick=True)


def test_each_statement_has_one_section_on_its_page():
    places = {number: page for number, (page, _, _) in SECTIONS.items()}
    assert places == {each.id: each.page for each in STATEMENTS.values()}
    for number, (_, heading, _) in SECTIONS.items():
        assert heading.startswith(f"## {number}: ")
    text = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "theory").glob("*.md"))
    assert sorted(re.findall(r"^\(([ds]\d+)\)=$", text, re.M)) == sorted(map(str.lower, SECTIONS))
    assert (DOCS / "theory" / "index.md").read_text().count("```{statement-table}\n```") == 1


@pytest.mark.parametrize("number", STATEMENTS)
def test_each_section_has_its_parts_in_order(number):
    _, _, text = SECTIONS[number]
    wanted = [part for part in PARTS if number.startswith("S") or part[0] != "proof"]
    at = -1
    for name, pattern in wanted:
        matches = list(re.finditer(pattern, text, re.MULTILINE | re.DOTALL))
        assert len(matches) >= 1, f"{number} has no {name}"
        (first, *others) = matches
        assert not others or name == "formula", f"{number} has the part {name} twice"
        assert first.start() > at, f"{number}: {name} comes too early"
        at = first.start()
        if name == "evidence":
            assert first["id"] == number


@pytest.mark.parametrize("number", STATEMENTS)
def test_no_theorem_and_no_law_of_a_statement_is_missing(number):
    found = rows(number)
    coq = [row for row in found if row.by.startswith("Coq")]
    assert sorted(name for row in coq for name in row.names) == sorted(STATEMENTS[number].theorems)
    tests = [row.names[0] for row in found if row.by == "property test"]
    assert tests == [law.id for law in LAWS.values() if law.statement == number]
    for row in coq:
        (place, _, axioms) = re.fullmatch(r"theory/proofs/(\w+)\.v; (axioms: (.*)|no axioms)",
                                          row.note).groups()  # fmt: skip
        source = (ROOT / "theory" / "proofs" / f"{place}.v").read_text(encoding="utf-8")
        for name in row.names:
            short = name.rpartition(".")[2]
            assert re.search(rf"^(Theorem|Lemma|Corollary) {short}\b", source, re.MULTILINE)
            allowed = PROOFS.axioms.get(name, ())
            assert tuple(axioms.split(", ") if axioms else ()) == allowed
            assert row.by == ("Coq, wrong variants refuted" if "refuted_" in name else "Coq")
    left = [row.text for row in found if row.by == "no proof of"]
    assert left == [STATEMENTS[number].unproved] * bool(STATEMENTS[number].unproved)


def test_every_theorem_and_every_law_stands_at_some_statement():
    named = [name for number in STATEMENTS for row in rows(number) for name in row.names]
    assert PROOFS.pinned <= set(named)
    assert set(LAWS) <= set(named)
    assert len(named) == len(set(named))


def test_no_layer_that_has_something_to_say_is_missing():
    found = evidence.layers(True)
    assert set(found) == set(Layer) - {Layer.COQ, Layer.EXAMPLES}
    for number in STATEMENTS:
        said = [layer for layer, answers in found.items() if number in answers]
        shown = [row for row in rows(number) if row.by in ("SMT", "algebra", "SAT", "exhaustion")]
        assert len({row.by for row in shown}) == len(said)
    for each in OBLIGATIONS:
        assert any(row.by == "SMT" and each.claim in row.text for row in rows(each.statement))
    for proof in evidence.symbolic_proofs():
        (row,) = [row for row in rows(proof.statement) if row.text.startswith(f"{proof.name}: ")]
        assert proof.assumes in row.note


def test_what_a_layer_leaves_to_people_is_shown_and_what_was_not_run_is_said(monkeypatch):
    (row,) = [row for row in rows("S4") if row.by == "SMT"]
    assert row.note == "rests on: induction on words by hand"
    claim = Evidence(Layer.SAT, Outcome.MISSING, "nothing", "python-sat is not installed")
    answers = {layer: {} for layer in evidence.layers(True)} | {Layer.SAT: {"S4": claim}}
    monkeypatch.setattr(evidence, "layers", lambda quick: answers)
    (row,) = [row for row in rows("S4") if row.by == "SAT"]
    assert row.text == "not run for these pages: python-sat is not installed"
    assert "SAT: missing" in evidence.summary_of(STATEMENTS["S4"])[1]
    failed = replace(claim, outcome=Outcome.FAILED, detail="a model of 3 observations")
    monkeypatch.setitem(answers, Layer.SAT, {"S4": failed})
    with pytest.raises(ValueError, match="SAT contradicts S4: a model of 3 observations"):
        rows("S4")


def test_a_theorem_that_the_sources_do_not_have_is_refused():
    wrong = replace(STATEMENTS["S4"], theorems=("no_collapse_at_all",))
    with pytest.raises(ValueError, match="S4 names the theorem no_collapse_at_all"):
        evidence.rows_of(wrong, quick=True)


PAGE = """# Page

(s4)=
## One

```{statement-evidence} S4
```

## Two

```{statement-evidence} D2
```

```{kernel-interval}
```

```{forced-collapse}
```

```{forced-collapse}
:without-zero:
```
"""
CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "statements", "theory_figures"]
source_suffix = {{".md": "markdown"}}
statement_evidence_quick = True
"""


def build(folder, page):
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(page)
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-E", "-b", "html", folder, folder / "out"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_directives_write_tables_and_pictures_of_their_own(tmp_path):
    done = build(tmp_path, PAGE)
    assert done.returncode == 0, done.stderr
    html = unescape((tmp_path / "out" / "index.html").read_text(encoding="utf-8"))
    for name in (*STATEMENTS["S4"].theorems, "S4-trained", "theory/proofs/NoCollapse.v"):
        assert re.search(rf'<span class="pre">{re.escape(name)}</span>', html), name
    assert ("A definition: there is nothing to prove." in html) is (not rows("D2"))
    assert html.count("<table") == 1 + bool(rows("D2"))
    assert html.count("<figure") == html.count("<figcaption>") == html.count('role="img"') == 3
    assert len(re.findall(r'<svg [^>]*aria-label="[^"]{40,}"', html)) == 3
    assert html.count('href="data:image/png;base64,') == 13
    assert html.count("With the black frame") == html.count("Without the black frame") == 1
    assert [path.name for path in (tmp_path / "out").rglob("*.svg") if "theory" in path.name] == []


def test_an_unknown_statement_stops_the_build(tmp_path):
    done = build(tmp_path, "# Page\n\n```{statement-evidence} S99\n```\n")
    assert done.returncode != 0
    assert "S99" in done.stderr
