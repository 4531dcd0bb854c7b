"""The recipes for CI are YAML of the right shape, and their commands exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tellapart.properties.cli_suite import suite

RECIPES = Path(__file__).parents[2] / "docs" / "examples" / "ci"
FILES = sorted(RECIPES.iterdir())


def load(name: str) -> Any:
    return yaml.safe_load((RECIPES / name).read_text(encoding="utf-8"))


def steps() -> list[dict[str, Any]]:
    (job,) = load("github-actions.yml")["jobs"].values()
    return job["steps"]


def commands() -> list[str]:
    run = [step["run"] for step in steps() if "tellapart suite" in step.get("run", "")]
    hooks = [hook for repo in load("pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    return [*run, *(hook["entry"] for hook in hooks)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_recipe_is_yaml_and_shown_on_the_page(file: Path) -> None:
    assert isinstance(load(file.name), dict)
    page = (RECIPES.parents[1] / "how-to" / "suite-in-ci.md").read_text(encoding="utf-8")
    assert f"../examples/ci/{file.name}" in page


def test_the_commands_are_those_of_the_suite() -> None:
    found = commands()
    assert len(found) == len(FILES)
    for command in found:
        program, name, *arguments = shlex.split(command)
        assert (program, name) == ("tellapart", "suite")
        context = suite.make_context("suite", arguments)
        assert context.params["profile"] in ("ci", "smoke")


def test_a_command_with_an_unknown_option_is_noticed() -> None:
    with pytest.raises(Exception, match="No such option"):
        suite.make_context("suite", ["joint", "--jnit", "suite.xml"])


def test_the_job_keeps_what_the_suite_writes() -> None:
    (command,) = (step["run"] for step in steps() if "tellapart suite" in step.get("run", ""))
    options = dict(re.findall(r"--(junit|md|html|cases) (\S+)", command))
    assert set(options) == {"junit", "md", "html", "cases"}
    (upload,) = (step for step in steps() if "upload-artifact" in step.get("uses", ""))
    assert set(upload["with"]["path"].split()) == {options[n] for n in ("junit", "html", "cases")}
    (shown,) = (step for step in steps() if "GITHUB_STEP_SUMMARY" in step.get("run", ""))
    assert options["md"] in shown["run"]
    assert upload["if"] == shown["if"] == "always()", "also when the suite failed"


def test_pip_is_cached_and_the_hook_runs_without_file_names() -> None:
    (python,) = (step for step in steps() if "setup-python" in step.get("uses", ""))
    assert python["with"]["cache"] == "pip"
    (hook,) = load("pre-commit-config.yaml")["repos"][0]["hooks"]
    assert hook["language"] == "system"
    assert hook["pass_filenames"] is False
