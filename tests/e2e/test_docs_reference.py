"""The reference pages say what the code says: options, exit codes, modules, numbers."""

import importlib
import re
from pathlib import Path

import click
import pytest

from tellapart.properties.check import EXIT_CODES
from tellapart.properties.cli import INTERNAL, INTERRUPTED, USAGE, cli
from tellapart.properties.proofs.statements import STATEMENTS
from tellapart.theory.verdict import Grade, Verdict

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMANDS = sorted(cli.commands)
MODULES = sorted(
    f"tellapart.{path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}"
    for room in ("theory", "models", "properties")
    for path in (ROOT / room).rglob("*.py")
    if path.name != "__init__.py" and ROOT / "theory" / "proofs" not in path.parents
)
#: Insides of algorithms, loaders, trainers, commands and of the page: read them where they are.
INSIDE = (
    "tellapart.theory.choice.greedy",
    "tellapart.theory.choice.sat",
    "tellapart.theory.choice.search",
    "tellapart.theory.choice.symmetry_search",
    "tellapart.theory.data.arrays",
    "tellapart.theory.data.border",
    "tellapart.theory.data.co",
    "tellapart.theory.data.csv_files",
    "tellapart.theory.data.episodes",
    "tellapart.theory.data.files",
    "tellapart.theory.data.grouping",
    "tellapart.theory.data.known_labels",
    "tellapart.theory.data.tables",
    "tellapart.theory.refinement.engines",
    "tellapart.theory.linear.modular",
    "tellapart.theory.linear.rational",
    "tellapart.theory.linear.realisation_model",
    "tellapart.theory.linear.word_",
    "tellapart.theory.losses.code_rows",
    "tellapart.theory.losses.group_spread",
    "tellapart.theory.partial.border",
    "tellapart.theory.partial.closing_kernels",
    "tellapart.theory.partial.coverage_kernels",
    "tellapart.theory.partial.edges_in",
    "tellapart.theory.partial.relation_kernels",
    "tellapart.theory.partial.sorted_lists",
    "tellapart.theory.quotient",
    "tellapart.theory.refinement.",
    "tellapart.theory.serialise",
    "tellapart.theory.wording",
    "tellapart.models.batched_levenberg",
    "tellapart.models.first_order",
    "tellapart.models.gauss_newton",
    "tellapart.models.joint_modules",
    "tellapart.models.label_coordinates",
    "tellapart.models.least_squares",
    "tellapart.models.levenberg",
    "tellapart.models.module_levenberg",
    "tellapart.models.module_runs",
    "tellapart.models.runs",
    "tellapart.models.table_adam",
    "tellapart.models.threads",
    "tellapart.properties.audit_questions",
    "tellapart.properties.check_extras",
    "tellapart.properties.cli_",
    "tellapart.properties.pytest_session",
    "tellapart.properties.report.",
    "tellapart.theory.verified_data_tables",
)

#: Packages of which the reference shows the doors: other modules in them are for the curious.
DOORS = (
    "tellapart.models.counterexamples.",
    "tellapart.properties.laws.",
    "tellapart.properties.suite.",
    "tellapart.theory.counterexamples.",
    "tellapart.theory.scope.",
    "tellapart.models.boxes.",
    "tellapart.models.translation.",
    "tellapart.theory.margin_checker.",
    "tellapart.theory.margins.",
    "tellapart.theory.networks.",
)


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return the text below a second-level heading, up to the next one."""
    match = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match is not None, f"no heading '## {heading}'"
    return match[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_and_exists(name: str) -> None:
    text = section(read("reference/command-line.md"), f"`tellapart {name}`")
    documented = set(re.findall(r"^\| .*?`(--[a-z-]+)", text, re.MULTILINE))
    command = cli.commands[name]
    context = click.Context(command, parent=click.Context(cli, **cli.context_settings))
    options = [p for p in command.get_params(context) if isinstance(p, click.Option)]
    assert documented == {opt for p in options for opt in p.opts if opt.startswith("--")}
    for option in options:
        for short in (opt for opt in option.opts if not opt.startswith("--")):
            assert f"`{short}`" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_is_documented(name: str) -> None:
    text = section(read("reference/command-line.md"), f"`tellapart {name}`")
    for argument in cli.commands[name].params:
        if isinstance(argument, click.Argument):
            assert f"`{argument.human_readable_name}`" in text


def test_documented_commands_are_the_commands() -> None:
    headings = re.findall(r"^## `tellapart (\w+)`$", read("reference/command-line.md"), re.M)
    assert sorted(headings) == COMMANDS


def test_exit_codes() -> None:
    text = section(read("reference/command-line.md"), "Exit codes")
    rows = dict(re.findall(r"^\| (\d+) \| (.*?) \|$", text, re.MULTILINE))
    assert rows.keys() == {
        *(str(code) for code in EXIT_CODES.values()),
        str(USAGE),
        str(INTERNAL),
        str(INTERRUPTED),
    }
    for verdict, code in EXIT_CODES.items():
        assert f"`{verdict.value}`" in rows[str(code)]


@pytest.mark.parametrize("word", [*Verdict, *Grade])
def test_every_verdict_and_grade_is_explained(word: Verdict | Grade) -> None:
    assert f"`{word.value}`" in read("how-to/read-the-report.md")


@pytest.mark.parametrize("module", MODULES)
def test_public_modules_are_in_the_reference(module: str) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md")]
    listed = [name for page in pages for name in re.findall(r"automodule:: (\S+)", page)]
    assert listed.count(module) <= 1
    public = getattr(importlib.import_module(module), "__all__", [])
    wanted = bool(public) and not module.startswith(INSIDE)
    behind = module.startswith(DOORS) and module not in listed
    assert behind or (module in listed) is wanted, "docs/reference/python-*.md, or INSIDE above"


@pytest.mark.parametrize("package", DOORS)
def test_each_package_has_a_door_in_the_reference(package: str) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md")]
    assert any(f"automodule:: {package}" in page for page in pages)


def test_numbers_cited_by_docstrings_have_a_place_in_the_theory_pages() -> None:
    cited: set[str] = set()
    for room in ("theory", "models", "properties"):
        for path in (ROOT / room).rglob("*.py"):
            cited |= set(re.findall(r"\b[DS]\d{1,2}\b", path.read_text(encoding="utf-8")))
    text = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "theory").glob("*.md"))
    targets = {target.upper() for target in re.findall(r"^\(([ds]\d+)\)=$", text, re.MULTILINE)}
    assert cited <= targets
    assert targets == set(STATEMENTS)


def test_hypotheses_named_by_reports_are_in_the_table() -> None:
    named: set[str] = set()
    for path in (ROOT / "theory").rglob("*.py"):
        named |= set(re.findall(r"\(hypothesis (\w+)\)", path.read_text(encoding="utf-8")))
    table = re.findall(r"^\| `(\w+)` \|", read("theory/assumptions.md"), re.MULTILINE)
    assert named
    assert named <= set(table)
    assert len(table) == 9
