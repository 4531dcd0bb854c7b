"""Replay: what was saved is confirmed, what was forged is not, anything else is one clear error."""

import dataclasses
import json
from fractions import Fraction

import pytest
from click.testing import CliRunner

from tellapart.properties.check import check
from tellapart.properties.cli import cli
from tellapart.properties.errors import ReplayError
from tellapart.properties.replay import replay
from tellapart.theory.gallery import counting_chain

CHAIN = counting_chain(5)


@pytest.fixture(scope="module")
def report():
    return check("joint", CHAIN)


def test_a_certificate_is_confirmed_and_a_forged_one_is_not(report, tmp_path):
    certificate = report.margins.certificate
    path = tmp_path / "proof.json"
    path.write_text(certificate.to_json())
    assert replay(path).confirmed
    forged = (str(10**6 * Fraction(certificate.margins[0])), *certificate.margins[1:])
    path.write_text(dataclasses.replace(certificate, margins=forged).to_json())
    found = replay(path)
    assert not found.confirmed
    assert "NOT confirmed" in found.explain()


def test_reports_are_confirmed_with_certificate_or_witness(report, tmp_path):
    for saved in (report, check("constant", CHAIN)):
        path = tmp_path / "report.json"
        path.write_text(saved.to_json())
        found = replay(path)
        assert found.confirmed, found.text
    assert "Witness" in found.text


def test_a_report_whose_codes_were_changed_is_not_confirmed(tmp_path):
    report = check("constant", CHAIN)
    codes = report.codes.copy()
    codes += 100.0 * (report.mdp.successors[:, :1] + [[k] for k in range(5)])
    path = tmp_path / "report.json"
    path.write_text(dataclasses.replace(report, codes=codes).to_json())
    assert not replay(path).confirmed


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"kind": "Audit"}', '{"kind": "MarginCertificate"}', "[" * 5000,
     '{"kind": "GateCase"}', '{"kind": "CheckReport", "subject": 3}', '{"kind": ["x"]}'],
)  # fmt: skip
def test_other_files_are_one_clear_error(text, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ReplayError, match=r"other\.json"):
        replay(path)
    answer = CliRunner().invoke(cli, ["replay", str(path)])
    assert answer.exit_code == 2
    assert answer.stderr.count("\n") == 1


def test_unreadable_files_are_one_clear_error(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.json", "binary", "."):
        with pytest.raises(ReplayError, match="cannot be read"):
            replay(tmp_path / name)


def test_the_command_line_tells_the_same_by_its_exit_code(report, tmp_path):
    path = tmp_path / "proof.json"
    path.write_text(report.margins.certificate.to_json())
    answer = CliRunner().invoke(cli, ["replay", str(path), "--json"])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["confirmed"] is True
    data = json.loads(path.read_text())
    data["margins"] = {"tuple": ["1000000"] * len(data["margins"]["tuple"])}
    path.write_text(json.dumps(data))
    assert CliRunner().invoke(cli, ["replay", str(path)]).exit_code == 1
