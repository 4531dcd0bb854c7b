"""The command line as a user meets it: output, exit codes, files, errors of one line."""

import json
import subprocess
import sys

import networkx as nx
import pytest
from click.testing import CliRunner

from tellapart.properties.audit_report import AuditReport
from tellapart.properties.check import CheckReport
from tellapart.properties.cli import cli
from tellapart.theory.gallery import counting_chain, gallery


def run(*arguments):
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def test_check_joint_prints_the_evidence_and_exits_0():
    result = run("check", "joint", "--on", "gallery:counting-9")
    assert result.exit_code == 0, result.output
    for text in (
        "holds",
        "Certified below",
        "resolution ratio",
        "accepted 36 claims",
        "-1 -1 -1 -1",
        "smallest separation",
    ):
        assert text in result.stdout


def test_a_certificate_is_saved_and_replayed(tmp_path):
    path = tmp_path / "proof.json"
    arguments = ("--on", "gallery:counting-5", "--require", "certified", "--certificate", str(path))
    assert run("check", "joint", *arguments).exit_code == 0
    assert run("replay", str(path)).exit_code == 0
    assert run("check", "joint", "--on", "gallery:counting-5", "--require", "exact").exit_code == 3


def test_a_check_is_saved_as_a_case_and_replayed(tmp_path):
    path = tmp_path / "collapse.json"
    assert run("check", "constant", "--on", "gallery:pick", "--case", str(path)).exit_code == 1
    result = run("replay", str(path))
    assert result.exit_code == 0
    assert "bit for bit" in result.stdout
    missing = run("check", "constant", "--on", "gallery:pick", "--case", str(tmp_path / "no" / "x"))
    assert missing.exit_code == 2


def test_a_certificate_that_does_not_exist_is_not_written(tmp_path):
    path = tmp_path / "proof.json"
    factory = tmp_path / "sine.py"
    factory.write_text(
        "import torch\nfrom tellapart.models import Subject\n"
        "def make(mdp, seed):\n"
        "    return Subject(torch.nn.Linear(mdp.n_obs, 2), lambda z, a: torch.sin(z),\n"
        "                   torch.nn.Linear(2, 1), fit=lambda *_: None)\n"
    )
    result = run(
        "check", f"{factory}:make", "--on", "gallery:counting-5", "--certificate", str(path)
    )
    assert result.exit_code == 2
    assert "verdict" in result.stdout
    assert "no certificate to save" in result.stderr
    assert "predictor is not exactly evaluable" in result.stderr
    assert not path.exists()


def test_attack_and_boxes_are_printed_and_do_not_change_the_verdict(tmp_path):
    factory = tmp_path / "line.py"
    factory.write_text(
        "import torch\nfrom tellapart.models import Subject, reference_subject\n"
        "def make(mdp, seed):\n"
        "    made = reference_subject(mdp, seed=seed)\n"
        "    torch.manual_seed(seed)\n"
        "    return Subject(torch.nn.Linear(mdp.n_obs, 4).double(), made.predictor, made.head)\n"
    )
    page = tmp_path / "page.html"
    result = run(
        "check", f"{factory}:make", "--on", "gallery:counting-3", "--attack", "--attack-pairs", "1",
        "--boxes", "0.01", "--html", str(page),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "attack: pairs pulled together" in result.stdout
    assert "Codes in boxes of radius 0.01" in result.stdout
    assert "--attack --attack-pairs 1 --boxes 0.01" in page.read_text()


def test_boxes_of_a_table_are_refused_before_training():
    result = run("check", "joint", "--on", "gallery:counting-5", "--boxes", "0.1")
    assert result.exit_code == 2
    assert "encoder is not exactly evaluable" in result.stderr


def test_check_constant_names_all_pairs_and_the_word_and_exits_1():
    result = run("check", "constant", "--on", "gallery:counting-9")
    assert result.exit_code == 1
    assert "36 of 36" in result.stdout
    assert "0 | 8" in result.stdout
    assert "-1 -1 -1 -1" in result.stdout


@pytest.mark.parametrize("design", ["dynamics-only", "aux-only"])
def test_designs_with_one_loss_exit_with_collapsed_or_inconclusive(design):
    assert run("check", design, "--on", "gallery:counting-9").exit_code in (1, 3)


def test_check_reads_a_graphml_file_made_with_networkx(tmp_path):
    path = tmp_path / "chain.graphml"
    nx.write_graphml(counting_chain(5).to_networkx(), path)
    result = run("check", "joint", "--on", str(path))
    assert result.exit_code == 0, result.output


def test_check_json_can_be_loaded_again():
    result = run("check", "exact", "--on", "gallery:pick", "--json")
    report = CheckReport.from_json(result.stdout)
    assert report.verdict == "holds"
    assert json.loads(result.stdout)["judgement"]["verdict"] == "holds"


def test_check_html_writes_one_page(tmp_path):
    target = tmp_path / "report.html"
    result = run("check", "exact", "--on", "gallery:counting-9", "--html", str(target))
    assert result.exit_code == 0
    assert "holds" in target.read_text(encoding="utf-8")
    assert str(target) in result.stdout.replace("\n", "")


def test_audit_prints_blocks_by_depth():
    result = run("audit", "gallery:counting-9")
    assert result.exit_code == 0
    blocks = [line.split()[1] for line in result.stdout.splitlines() if line[:5].strip().isdigit()]
    assert blocks == ["2", "4", "6", "8", "9"]
    assert "0 | 8" in result.stdout


def test_audit_json_can_be_loaded_again():
    report = AuditReport.from_json(run("audit", "gallery:counting-9", "--json").stdout)
    findings = report.audit
    assert findings.blocks_by_depth == (2, 4, 6, 8, 9)


def test_audit_html_writes_one_page(tmp_path):
    target = tmp_path / "audit.html"
    assert run("audit", "gallery:pick", "--html", str(target)).exit_code == 0
    assert "<svg" in target.read_text(encoding="utf-8")


LOG = """observation,action,next_observation,label
blank,up,circle,0
blank,up,square,0
circle,down,blank,1
square,up,two,{last}
"""


def test_audit_of_a_log_prints_what_the_data_force(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG.format(last=1))
    result = run("audit", str(path), "--pair", "blank", "circle", "--compare-labels", "label")
    assert result.exit_code == 0, result.output
    for text in ("forced merges        1 pair", "zero loss            possible",
                 "not all at once", "log action", "codes                a zero-loss encoder",
                 "blank and circle must be told apart", "by folds only"):  # fmt: skip
        assert text in result.stdout


def test_an_infeasible_log_is_exit_code_3_with_the_rows(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG.format(last=2))
    result = run("audit", str(path))
    assert result.exit_code == 3
    assert "impossible" in result.stdout
    assert "row 0" in result.stdout
    assert "row 3" in result.stdout
    assert "contradiction" in result.stdout
    page = tmp_path / "page.html"
    assert run("audit", str(path), "--html", str(page)).exit_code == 3
    assert "zero loss is impossible" in page.read_text(encoding="utf-8")


def test_a_target_that_the_label_does_not_force_is_exit_code_1():
    told = run("audit", "gallery:counting-9", "--target", "observation", "--horizon", "2")
    assert told.exit_code == 0
    assert "The label suffices" in told.stdout
    assert "A horizon of 2 steps reaches 30 of the 36 pairs" in told.stdout
    missed = run("audit", "gallery:redundant-pick", "--target", "observation", "--suggest",
                 "observations")  # fmt: skip
    assert missed.exit_code == 1
    assert "does not suffice" in missed.stdout
    assert "5 labelled observations force the target apart" in missed.stdout


def test_gallery_lists_every_family():
    text = run("gallery").stdout
    for entry in gallery():
        assert entry.name in text
    rows = json.loads(run("gallery", "--json").stdout)
    assert [row["name"] for row in rows] == [entry.name for entry in gallery()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "jiont", "--on", "gallery:counting-9"), "Did you mean 'joint'"),
        (("check", "joint", "--on", "gallery:cuonting-9"), "counting"),
        (("check", "joint", "--on", "gym:Nowhere-v9"), "Nowhere"),
        (("check", "joint", "--on", "gym:FrozenLake-v1"), "is_slippery=false"),
        (("check", "joint", "--on", "missing.graphml"), "missing.graphml"),
        (("check", "nothing.py:factory", "--on", "gallery:pick"), "does not exist"),
        (("audit", "what:ever"), "what"),
        (("audit", "gallery:pick", "--html", "no/such/folder/a.html"), "does not exist"),
        (("audit", "gallery:pick", "--compare-labels", "label,colour"), "colour"),
        (("audit", "gallery:pick", "--target", "shape"), "shape"),
        (("audit", "gallery:pick", "--pair", "picked", "nowhere"), "nowhere"),
        (("audit", "missing.parquet"), "missing.parquet"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stderr.startswith("tellapart: ")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_nearly_equal_labels_are_a_warning_of_one_line_and_an_option_merges_them(tmp_path):
    graph = nx.DiGraph([("a", "b", {"action": "go"}), ("b", "b", {"action": "go"})])
    nx.set_node_attributes(graph, {"a": 0.3, "b": 0.1 + 0.2}, "label")
    path = tmp_path / "near.graphml"
    nx.write_graphml(graph, path)
    warned = run("audit", str(path))
    assert warned.exit_code == 0
    assert warned.stderr.startswith("tellapart: warning: The labels 0.3 and 0.30000000000000004")
    assert warned.stderr.count("\n") == 1
    merged = run("audit", f"{path}?label_tolerance=1e-9", "--json")
    assert merged.stderr == ""
    assert AuditReport.from_json(merged.stdout).audit.min_codes == 1


def test_missing_options_are_usage_errors():
    assert run("check", "joint").exit_code == 2
    assert run("check", "joint", "--on", "gallery:pick", "--merge-tolerance", "2").exit_code == 2


def test_help_teaches():
    text = run("check", "--help").stdout
    for word in ("SUBJECT", "factory(mdp, seed)", "Example", "Exit codes"):
        assert word in text


def script(*arguments, **options):
    command = [sys.executable, "-c", "from tellapart.properties.cli import main; main()"]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, **options
    )


def test_the_script_returns_the_exit_code_of_the_verdict():
    done = script("check", "constant", "--on", "gallery:pick")
    assert done.returncode == 1
    assert done.stderr == ""


def test_the_script_reports_usage_errors_without_a_traceback():
    done = script("check", "joint")
    assert done.returncode == 2
    assert "--on" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interruption_ends_with_one_line_and_130():
    code = (
        "import tellapart.properties.check as c, tellapart.properties.cli as m, sys\n"
        "def stop(*a, **k): raise KeyboardInterrupt\n"
        "c.check = stop\n"
        "sys.argv = ['tellapart', 'check', 'joint', '--on', 'gallery:pick']\n"
        "m.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr.strip() == "tellapart: interrupted; no file was left half written."


@pytest.mark.parametrize(
    ("source", "where"), [("counting-9", "all"), ("counting-60", "the first 1000")]
)
def test_what_is_said_of_merged_pairs_not_shown_is_true(source, where):
    arguments = ("check", "constant", "--on", f"gallery:{source}")
    report = CheckReport.from_json(run(*arguments, "--json").stdout)
    apart = report.judgement.separation
    assert (len(apart.merged) == apart.n_merged) == (where == "all")
    assert f"more; --json lists {where}\n" in run(*arguments).stdout
