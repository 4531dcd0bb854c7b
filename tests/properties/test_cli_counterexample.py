"""The command ``tellapart counterexample`` as a user meets it."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tellapart.properties.cli import cli
from tellapart.properties.counterexamples.counterexample import Counterexample
from tellapart.theory.hypotheses import Hypothesis


def run(*arguments):
    return CliRunner().invoke(cli, ["counterexample", *arguments], catch_exceptions=False)


def test_the_list_names_all_nine():
    result = run("--list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [h.value for h in Hypothesis]
    rows = json.loads(run("--list", "--json").stdout)
    assert [row["name"] for row in rows] == [h.value for h in Hypothesis]


def test_aux_loss_is_told_with_a_trained_collapse():
    result = run("--drop", "aux_loss")
    assert result.exit_code == 0
    for text in ("2 observations, 1 action, 1 code: 3 counterexamples", "auxiliary  1/4",
                 "It collapsed by itself", "labels differ"):  # fmt: skip
        assert text in result.stdout


def test_json_is_the_saved_result_and_nothing_else():
    result = run("--drop", "determinism", "--json")
    found = Counterexample.from_json(result.stdout)
    assert found.hypothesis is Hypothesis.DETERMINISM
    assert found.trained.collapsed


def test_everything_is_written_and_works(tmp_path):
    names = {"svg": "a.svg", "dot": "a.dot", "html": "a.html", "case": "a.json",
             "pytest": "test_a.py"}  # fmt: skip
    paths = {option: tmp_path / name for option, name in names.items()}
    options = [word for option, path in paths.items() for word in (f"--{option}", str(path))]
    result = run("--drop", "full_coverage", "--no-trained", "--all", *options)
    assert result.exit_code == 0, result.output
    assert "A trained encoder" not in result.stdout
    assert "All of this size" in result.stdout
    for path in paths.values():
        assert path.stat().st_size > 0
        assert str(path) in result.stdout
    replayed = CliRunner().invoke(cli, ["replay", str(paths["case"])])
    assert replayed.exit_code == 0, replayed.output


def test_the_written_test_fails_and_passes_once_the_codes_are_fixed(tmp_path):
    path = tmp_path / "test_a.py"
    run("--drop", "dynamics_loss", "--no-trained", "--pytest", str(path))

    def outcome():
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, check=False
        ).returncode

    assert outcome() == 1
    path.write_text(path.read_text().replace("return [0, 1, 0]", "return [0, 1, 2]"))
    assert outcome() == 0


def test_a_report_is_shrunk(tmp_path):
    report = tmp_path / "report.json"
    made = CliRunner().invoke(cli, ["check", "constant", "--on", "gallery:counting-5", "--json"])
    report.write_text(made.stdout)
    result = run("--from", str(report), "--no-trained")
    assert result.exit_code == 0, result.output
    assert "Shrunk from constant on gallery:counting-5" in result.stdout


def test_code_of_the_user_is_trained(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from tellapart.models.networks import reference_subject\n"
        "def factory(mdp, seed):\n"
        "    return reference_subject(mdp, seed=seed, name='mine')\n"
    )
    result = run("--drop", "determinism", "--design", f"{path}:factory")
    assert result.exit_code == 0, result.output
    assert "Encoder mine" in result.stdout


def test_an_encoder_that_does_not_collapse_exits_3(tmp_path):
    path = tmp_path / "stubborn.py"
    path.write_text(
        "import torch\n"
        "from tellapart.models.subject import Subject\n"
        "from tellapart.models.networks import LinearHead, LinearPredictor\n"
        "class Scaled(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.scale = torch.nn.Parameter(torch.ones((), dtype=torch.float64))\n"
        "    def forward(self, observations):\n"
        "        return self.scale * observations\n"
        "def factory(mdp, seed):\n"
        "    n = mdp.n_obs\n"
        "    return Subject(Scaled(), LinearPredictor(n, mdp.n_actions), LinearHead(n, 1))\n"
    )
    result = run("--drop", "dynamics_loss", "--design", f"{path}:factory")
    assert result.exit_code == 3, result.output
    assert "It did not collapse." in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--drop HYPOTHESIS"),
        (("--drop", "luck"), "'luck' is not one of 'aux_loss'"),
        (("--drop", "aux_loss", "--from", "x.json"), "not both"),
        (("--drop", "aux_loss", "--max-observations", "1"), "at most 1 observations"),
        (("--drop", "aux_loss", "--design", "nothing"), "no design named 'nothing'"),
        (("--drop", "aux_loss", "--svg", "/nowhere/a.svg"), "/nowhere"),
        (("--from", "/nowhere/x.json"), "cannot be read"),
    ],
)
def test_usage_errors_are_one_message_and_exit_2(arguments, said):
    result = CliRunner().invoke(cli, ["counterexample", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
