"""Replaying a case: the same outcome bit for bit, or what differs by name."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.designs import constant_subject
from tellapart.properties.cases.case import Case, case_of
from tellapart.properties.cases.check_cases import CheckContent, case_of_check, outcome, pytest_text
from tellapart.properties.cases.check_text import literal, mdp_literal
from tellapart.properties.cases.files import load_case, save_case
from tellapart.properties.cases.pytest_text import case_to_pytest
from tellapart.properties.cases.replayers import REPLAYERS, replayer
from tellapart.properties.cases.replaying import ABSENT, CaseReplay, replay_case
from tellapart.properties.check import check
from tellapart.properties.cli import cli
from tellapart.properties.errors import ReplayError
from tellapart.properties.replay import Replays, replay, replay_all
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.verdict import Proofs

CHAIN = counting_chain(5)


def mine(mdp, seed):
    return constant_subject(mdp, d=2)


@pytest.fixture(scope="module")
def constant():
    return case_of_check(check("constant", CHAIN))


@pytest.fixture(scope="module")
def trained():
    return case_of_check(check("joint", CHAIN, seed=3))


@pytest.fixture(scope="module")
def of_a_user():
    return case_of_check(check(mine, CHAIN))


def changed(case, name, value):
    rows = tuple((key, value if key == name else old) for key, old in case.outcome)
    return dataclasses.replace(case, outcome=rows)


@given(deterministic_mdps(max_observations=5), st.sampled_from(["exact", "constant"]))
def test_every_check_comes_out_the_same_trained_or_judged_again(mdp, name):
    report = check(name, mdp)
    for retrain in (None, False):
        saved = case_of_check(report, retrain=retrain)
        found = replay_case(Case.from_json(saved.to_json()))
        assert found.same, found.explain()
        assert found.versions_changed == ()
        assert bool(found.note) is (retrain is False)
        assert dict(saved.outcome)["verdict"] == report.verdict


def test_training_is_repeated_to_the_last_bit(trained):
    assert dict(trained.outcome)["steps"] > 0
    assert replay_case(trained).same
    other = dataclasses.replace(trained.content, seed=4)
    found = replay_case(case_of("check", "joint", other, dict(trained.outcome)))
    assert "codes_sha256" in [name for name, _, _ in found.differences]


def test_what_differs_is_named_with_both_values(constant):
    found = replay_case(changed(constant, "n_merged", 9))
    assert not found
    assert found.differences == (("n_merged", 9, 10),)
    assert "n_merged: 9 when saved, 10 now" in found.explain()
    assert CaseReplay.from_json(found.to_json()) == found


@pytest.mark.parametrize("value", [0.0, False, -0.0])
def test_equal_numbers_of_other_types_or_signs_are_not_the_same(constant, value):
    assert dict(constant.outcome)["dynamics_loss"] == 0.0
    found = replay_case(changed(constant, "dynamics_loss", value))
    assert found.same is (str(value) == "0.0")


def test_missing_and_extra_values_are_differences(constant):
    fewer = dataclasses.replace(constant, outcome=constant.outcome[1:])
    assert replay_case(fewer).differences == (("verdict", ABSENT, "collapsed"),)
    more = dataclasses.replace(constant, outcome=(*constant.outcome, ("mood", "good")))
    assert replay_case(more).differences == (("mood", "good", ABSENT),)


def test_changed_content_is_noticed_by_its_digest(constant):
    other = dataclasses.replace(constant.content, source="elsewhere")
    found = replay_case(dataclasses.replace(constant, content=other))
    assert [name for name, _, _ in found.differences] == ["digest"]
    assert "nothing was computed" in found.explain()


def test_versions_that_changed_are_said_and_are_no_difference(constant):
    old = tuple((p, "0.0.1" if p == "torch" else v) for p, v in constant.versions)
    found = replay_case(dataclasses.replace(constant, versions=old))
    assert found.same
    assert [row[:2] for row in found.versions_changed] == [("torch", "0.0.1")]
    assert "torch 0.0.1 ->" in found.explain()


def test_the_codes_of_a_user_are_judged_again_and_the_report_says_so(of_a_user):
    found = replay_case(of_a_user)
    assert found.same
    assert "not trained again" in found.explain()
    spread = np.arange(10.0).reshape(5, 2) ** 2
    apart = dataclasses.replace(of_a_user.content, codes=spread, proofs=Proofs())
    found = replay_case(case_of("check", "mine", apart, dict(of_a_user.outcome)))
    assert ("verdict", "collapsed", "vacuous") in found.differences


def test_saved_proofs_that_contradict_the_codes_are_said_to(of_a_user):
    proofs = dataclasses.replace(of_a_user.content.proofs, exact=True)
    content = dataclasses.replace(of_a_user.content, proofs=proofs)
    assert "contradicts S4" in outcome(case_of("check", "mine", content, {}))["contradiction"]


@pytest.mark.parametrize(
    "change",
    [{"codes": np.zeros((4, 2))}, {"codes": np.zeros(5)}, {"codes": np.full((5, 2), np.nan)},
     {"codes": ((0.0,),) * 5}, {"dynamics_residuals": np.zeros((5, 3))},
     {"aux_residuals": np.zeros((5, 1))}, {"seed": True}, {"seed": -1}, {"merge_tolerance": 1.5},
     {"epsilon": "small"}],
)  # fmt: skip
def test_content_that_does_not_fit_is_refused(of_a_user, change):
    with pytest.raises(InvalidArgumentError, match=next(iter(change))):
        dataclasses.replace(of_a_user.content, **change)


def test_a_design_that_is_no_more_is_one_clear_error(constant):
    gone = dataclasses.replace(constant.content, subject="retired")
    with pytest.raises(InvalidArgumentError, match="no design named 'retired'"):
        replay_case(case_of("check", "retired", gone, {}))


@pytest.mark.parametrize(
    ("call", "message"),
    [(lambda case: replay_case("case"), "got a str"),
     (lambda case: case_of_check("report"), "got a str"),
     (lambda case: case_to_pytest("case"), "got a str"),
     (lambda case: replay_case(dataclasses.replace(case, about="weather")), "about 'weather'"),
     (lambda case: outcome(dataclasses.replace(case, content=Partition([0]))), "a Partition"),
     (lambda case: case_of_check(check(mine, CHAIN), retrain=True), "no built-in design")],
)  # fmt: skip
def test_other_arguments_are_one_clear_error(constant, call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call(constant)


@pytest.mark.parametrize("about", REPLAYERS)
def test_every_kind_of_case_has_its_replayer(about):
    assert callable(replayer(about))


def test_the_command_line_replays_files_and_folders(constant, of_a_user, tmp_path):
    first = save_case(constant, tmp_path)
    assert replay(first).confirmed
    assert CliRunner().invoke(cli, ["replay", str(first)]).exit_code == 0
    save_case(of_a_user, tmp_path)
    answer = CliRunner().invoke(cli, ["replay", str(tmp_path)])
    assert (answer.exit_code, answer.output.count("confirmed (Case)")) == (0, 2)
    wrong = save_case(changed(constant, "n_merged", 9), tmp_path / "a-wrong.json")
    answer = CliRunner().invoke(cli, ["replay", str(first), str(wrong)])
    assert answer.exit_code == 1
    assert "NOT confirmed (Case)" in answer.output
    answer = CliRunner().invoke(cli, ["replay", str(tmp_path), "--json"])
    assert answer.exit_code == 1
    assert Replays.from_json(answer.stdout).n_confirmed == 2
    (tmp_path / "none.json").write_text("{}")
    answer = CliRunner().invoke(cli, ["replay", str(tmp_path)])
    assert answer.exit_code == 2
    assert answer.output.endswith("2 of 4 files confirmed.\n")


def test_a_folder_without_files_is_one_clear_error(tmp_path):
    with pytest.raises(ReplayError, match=r"no \.json file"):
        replay_all([tmp_path])


def run_pytest(folder, text):
    path = folder / "test_case.py"
    path.write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout


def test_a_case_becomes_a_test_that_fails_until_the_encoder_is_fixed(constant, tmp_path):
    text = case_to_pytest(constant)
    assert text == case_to_pytest(Case.from_json(constant.to_json())) == pytest_text(constant)
    code, shown = run_pytest(tmp_path, text)
    assert (code, "1 failed, 1 passed" in shown) == (1, True), shown
    assert "SUBJECT = 'constant'" in text
    code, shown = run_pytest(tmp_path, text.replace("SUBJECT = 'constant'", "SUBJECT = 'exact'"))
    assert (code, "2 passed" in shown) == (0, True), shown


def test_other_cases_become_a_test_that_fails_while_they_come_out_the_same(
    constant, tmp_path, monkeypatch
):
    monkeypatch.delattr("tellapart.properties.cases.check_cases.pytest_text")
    text = case_to_pytest(constant)
    compile(text, "test_case.py", "exec")
    fixed = case_to_pytest(changed(constant, "n_merged", 9))
    for source, fails in ((text, True), (fixed, False)):
        names = {}
        exec(source, names)
        test = names["test_the_case_does_not_come_out_as_it_was_saved"]
        if fails:
            with pytest.raises(AssertionError, match="the same outcome"):
                test()
        else:
            test()


def test_a_check_that_held_is_no_failing_test():
    with pytest.raises(InvalidArgumentError, match="merged no pair"):
        case_to_pytest(case_of_check(check("exact", CHAIN)))


@given(deterministic_mdps(max_observations=4))
def test_literals_build_an_equal_system(mdp):
    assert eval(mdp_literal(mdp), {"DeterministicMDP": DeterministicMDP}) == mdp


def test_names_without_a_literal_are_refused():
    with pytest.raises(InvalidArgumentError, match="no Python literal"):
        literal(Partition([0]))


def test_files_hold_what_is_needed_and_no_more(constant, tmp_path):
    data = json.loads(save_case(constant, tmp_path).read_text())
    assert data["schema"] == 1
    assert isinstance(load_case(next(tmp_path.iterdir())).content, CheckContent)
