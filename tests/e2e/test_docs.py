"""The documentation runs: every Python block and every console block of every page, in order.

A page is one test. It runs in an empty folder that holds copies of ``docs/examples``. In console
blocks a line that starts with ``$`` is a command; what follows is its output, standard error
included. There ``...`` stands for anything. Integers and words must be the same; numbers with a
decimal point or an exponent are measured, so they may differ by a factor of two (or both be below
1e-6, the level of rounding): another processor rounds differently.
"""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import pytest
from click.testing import CliRunner
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

from tellapart.properties.cli import cli
from tellapart.properties.suite.registry import own_checks

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
EXECUTED = {"python", "console"}
SHOWN = {"text", "shell", "toml"}  # layouts, installation, configuration: nothing to run

_MEASURED = re.compile(r"[-+]?(?:\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+)")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
ROUNDING = 1e-6


def same_number(shown: str, found: str) -> bool:
    """Compare two measured numbers as the module docstring says."""
    x, y = float(shown), float(found)
    if abs(x) < ROUNDING and abs(y) < ROUNDING:
        return True
    return x * y > 0 and max(abs(x), abs(y)) <= 2 * min(abs(x), abs(y))


def matches(shown: str, found: str) -> bool:
    """Tell whether a shown output stands for the one that was found."""
    parts: list[str] = []
    numbers: list[str] = []
    for piece in re.split(rf"(\.\.\.|{_MEASURED.pattern}|\s+)", shown.strip()):
        if piece == "...":
            parts.append(r".*?")
        elif _MEASURED.fullmatch(piece):
            parts.append(rf"({_NUMBER.pattern})")
            numbers.append(piece)
        else:
            parts.append(r"\s+" if piece.isspace() else re.escape(piece))
    match = re.fullmatch("".join(parts), found.strip(), re.DOTALL)
    if match is None:
        return False
    return all(same_number(x, y) for x, y in zip(numbers, match.groups(), strict=True))


def run_console(example: Example) -> None:
    """Run the commands of one console block and compare what they print."""
    for command, shown in split_console(example.parsed):
        found, code = run_command(command, example.namespace.get("exit_code", 0))
        example.namespace["exit_code"] = code
        if not matches(shown, found):
            place = f"{example.path}, line {example.line}"
            raise AssertionError(f"{place}\n$ {command}\nshown:\n{shown}\nfound:\n{found}")


def split_console(block: str) -> list[tuple[str, str]]:
    """Split a console block into commands and what is shown below each."""
    assert block.startswith("$ "), f"a console block starts with a command, not with {block!r}"
    joined = block.replace("\\\n", "")
    pieces = re.split(r"^\$ (.*)\n?", joined, flags=re.MULTILINE)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def run_command(command: str, last_code: int) -> tuple[str, int]:
    """Run ``tellapart`` in this process and Python tools in a new one; nothing else is known."""
    if command == "echo $?":
        return str(last_code), 0
    program, *arguments = shlex.split(command)
    if program == "tellapart":
        result = CliRunner().invoke(cli, arguments, prog_name="tellapart")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output, result.exit_code
    assert program in ("pytest", "python"), f"{program} is not a command of these pages"
    module = ["-m", "pytest", "-p", "no:cacheprovider"] if program == "pytest" else []
    done = subprocess.run(
        [sys.executable, *module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )
    return done.stdout, done.returncode


SYBIL = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE),
        CodeBlockParser(language="console", evaluator=run_console),
    ]
)


@pytest.mark.parametrize("page", PAGES)
def test_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(DOCS / "examples", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])  # as for a script in this folder
    monkeypatch.delitem(sys.modules, "my_encoder", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("COLUMNS", "80")
    with own_checks():  # a page may register one
        for example in SYBIL.parse(DOCS / page).examples():
            example.evaluate()


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_executed_or_plainly_not_code(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    fences = re.findall(r"^(?:```|:::)(.*)$", text, re.MULTILINE)[::2]
    languages = {fence for fence in fences if not fence.startswith("{")}
    assert languages <= EXECUTED | SHOWN
    assert not re.findall(r"^```\{code", text, re.MULTILINE)


def test_pages_do_have_code() -> None:
    executed = [example for page in PAGES for example in SYBIL.parse(DOCS / page).examples()]
    assert len(executed) > 40


@pytest.mark.parametrize(
    ("shown", "found", "same"),
    [
        ("verdict  holds", "verdict holds\n", True),
        ("verdict  holds", "verdict  collapsed", False),
        ("pairs 36", "pairs 35", False),
        ("loss 1.5e-27", "loss 4e-31", True),
        ("loss 1.5e-27", "loss 0", True),
        ("loss 1.5e-27", "loss 0.02", False),
        ("ratio 0.0123", "ratio 0.0131", True),
        ("ratio 0.0123", "ratio 0.123", False),
        ("distance 2.5", "distance -2.5", False),
        ("a\n...\nz", "a\nb\nc\nz", True),
        ("a\n...\nz", "a\nb\nc", False),
        ("", "something", False),
    ],
)
def test_comparison_of_outputs(shown: str, found: str, same: bool) -> None:
    assert matches(shown, found) is same


def test_the_readme_shows_the_tested_encoder() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^`my_encoder.py`:\n\n```python\n(.*?)^```", readme, re.M | re.DOTALL)
    assert shown is not None
    tested = (DOCS / "examples" / "my_encoder.py").read_text(encoding="utf-8")
    assert ast.dump(ast.parse(shown[1])) == ast.dump(ast.parse(tested))


def test_a_wrong_page_fails(tmp_path: Path) -> None:
    page = tmp_path / "wrong.md"
    page.write_text("```console\n$ tellapart --version\ntellapart, version zero\n```\n")
    (example,) = SYBIL.parse(page).examples()
    with pytest.raises(AssertionError, match="shown:\ntellapart, version zero"):
        example.evaluate()
