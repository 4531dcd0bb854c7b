"""A check on data: each verdict from a subject that earns it, whatever the total system says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models.counterexamples.networks import small_subject
from tellapart.models.counterexamples.rows import stand_in
from tellapart.models.networks import LinearHead, LinearPredictor
from tellapart.models.progress import FitStatus
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.zoo.adversarial import expert_data, expert_subject
from tellapart.models.zoo.data_sets import (
    DATA_SETS,
    contradicting_rooms,
    data_set,
    expert_coverage,
    views_per_step,
)
from tellapart.models.zoo.registry import zoo_entry
from tellapart.properties.check import check
from tellapart.properties.check_data import DataCheckReport, check_data
from tellapart.properties.errors import SubjectSourceError
from tellapart.properties.subjects import load_subject
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partial.separation_checker import check_separation
from tellapart.theory.partition import kernel
from tellapart.theory.verdict import Grade, Verdict


def frozen_subject(mdp, seed):
    """An untrained subject that cannot be trained."""
    subject = small_subject(mdp, seed)
    for part in subject.modules:
        part.requires_grad_(False)
    return subject


def test_trained_on_what_an_expert_did_it_holds_on_the_data():
    report = check_data(small_subject, expert_data(counting_chain(9)))
    assert (report.verdict, report.exit_code) == (Verdict.HOLDS, 0)
    assert report.judgement.grade is Grade.RESOLVED
    assert report.dynamics_loss < 1e-10
    assert report.aux_loss < 1e-10
    assert report.training.resolved


def test_codes_that_only_untried_actions_tell_apart_hold_on_the_data_and_collapse_on_the_system():
    chain = counting_chain(9)

    def five_codes(mdp, seed):
        return expert_subject(chain, seed)

    on_data = check_data(five_codes, expert_data(chain))
    assert on_data.verdict is Verdict.HOLDS
    assert kernel(np.round(on_data.codes, 9)).n_blocks == on_data.audit.min_codes == 5
    on_system = check(five_codes, on=chain)
    assert on_system.verdict is Verdict.COLLAPSED
    assert not on_data.audit.must_separate(3, 5)
    assert on_system.audit.must_separate(3, 5)


def test_what_is_collapsed_by_construction_is_collapsed_with_a_proof():
    report = check_data("constant", expert_coverage())
    assert (report.verdict, report.exit_code) == (Verdict.COLLAPSED, 1)
    witness = report.judgement.witness
    assert check_separation(report.data, witness.separation)
    assert report.training is None
    assert report.judgement.separation.n_merged == report.audit.n_must_separate == 20


def test_a_loss_that_is_left_out_does_not_pass():
    report = check_data("aux-only", expert_coverage(), options={"max_steps": 600})
    assert report.verdict in (Verdict.COLLAPSED, Verdict.VACUOUS)
    assert report.judgement.grade is Grade.UNMET
    assert report.training.objective == "aux"


def test_data_that_contradict_each_other_are_infeasible_and_not_trained_on():
    report = check_data("joint", contradicting_rooms())
    assert (report.verdict, report.exit_code) == (Verdict.INFEASIBLE, 3)
    assert report.training is None
    assert "Nothing was trained" in report.explain()
    assert "contradiction" in report.explain()
    assert set(report.judgement.infeasibility.pair) == {("first", 4), ("second", 4)}


def test_a_shape_that_rules_out_zero_loss_is_infeasible_where_the_data_describe_a_system():
    """Affine parts need 8 dimensions for nine counts (S12), also through forced merges."""

    def narrow(mdp, seed):
        made = small_subject(mdp, seed)
        return replace(
            made,
            encoder=nn.Linear(mdp.n_obs, width).double(),
            predictor=LinearPredictor(width, 2, 1),
            head=LinearHead(width, 1, 2),
        )

    found = {}
    for width in (7, 8):
        for name in ("views-per-step", "expert-coverage"):
            report = check_data(narrow, data_set(name).make(0), options={"max_steps": 60})
            found[name, width] = any("S12" in reason for reason in report.judgement.reasons)
            assert report.judgement.infeasibility is None
    assert found == {
        ("views-per-step", 7): True,
        ("views-per-step", 8): False,
        ("expert-coverage", 7): False,
        ("expert-coverage", 8): False,
    }


def test_a_narrow_design_that_is_resolved_on_complete_data_does_not_hold():
    whole = TransitionData.from_mdp(counting_chain(9))
    report = check_data(zoo_entry("narrow-linear").build, whole)
    assert report.judgement.grade is Grade.RESOLVED
    assert (report.verdict, report.exit_code) == (Verdict.INFEASIBLE, 3)
    assert "S12" in report.explain()
    assert "contradict each other" not in report.explain()


def test_untrained_is_vacuous_although_all_codes_are_apart():
    report = check_data(frozen_subject, expert_coverage())
    assert (report.verdict, report.exit_code) == (Verdict.VACUOUS, 3)
    assert report.training.status is FitStatus.UNTRAINED
    assert report.judgement.separation.n_merged == 0
    assert any("dynamics_loss" in reason for reason in report.judgement.reasons)


def test_data_without_labels_are_vacuous_however_well_trained():
    report = check_data(small_subject, expert_coverage().with_labels(None))
    assert report.verdict is Verdict.VACUOUS
    assert report.audit.n_must_separate == 0


@pytest.mark.parametrize("name", [name for name, entry in DATA_SETS.items() if entry.feasible])
def test_codes_made_of_the_largest_bisimulation_hold_on_all_feasible_data(name):
    """Of the total stand-in, with what the data miss filled in: zero loss on it is zero on them."""
    data = DATA_SETS[name].make(2)
    report = check_data("exact", data)
    assert (report.verdict, report.judgement.ratio) == (Verdict.HOLDS, 0)
    assert report.training is None


def test_nuisance_that_is_drawn_at_each_step_is_merged_and_the_counts_are_not():
    data = views_per_step()
    one_code_a_view = check_data(frozen_subject, data)
    assert one_code_a_view.judgement.forced_distance > 0.1

    def counts(mdp, seed):
        numbers = torch.tensor([[float(name[0])] for name in mdp.observations])
        return Subject(lambda rows: rows @ numbers, _Clipped(), _Is4(), name="counts")

    report = check_data(counts, data)
    assert report.verdict is Verdict.HOLDS
    assert report.judgement.forced_distance == 0


class _Clipped(nn.Module):
    def forward(self, codes, actions):
        return (codes + (2 * actions[:, None] - 1)).clamp(0, 8)


class _Is4(nn.Module):
    def forward(self, codes):
        return (codes == 4).to(codes)


def test_the_same_call_gives_the_same_report_and_it_survives_json():
    reports = [check_data("joint", expert_coverage(), seed=4) for _ in range(2)]
    assert reports[0].to_json() == reports[1].to_json()
    copy = DataCheckReport.from_json(reports[0].to_json())
    assert copy.to_json() == reports[0].to_json()
    assert copy.explain() == reports[0].explain()
    assert copy.audit.must_separate(3, 4)
    loaded = check_data(load_subject("joint"), expert_coverage(), seed=4)
    assert loaded.to_json() == copy.to_json()
    assert "holds, premise resolved" in repr(copy)


def test_an_audit_inputs_a_trainer_and_progress_are_passed_on():
    data = expert_coverage()
    findings = DataAudit("the expert's log", analyse(data))
    inputs, seen, stages = torch.rand((9, 3)), [], []

    def factory(mdp, seed):
        made = small_subject(stand_in(TransitionData([[0, 1, 2]])), seed)
        return replace(made, fit=lambda *_: None)

    def trainer(subject, logged, seed):
        seen.append((subject.observations is inputs, logged is data, seed))

    report = check_data(
        factory, findings, inputs=inputs, seed=2, trainer=trainer,
        progress=lambda stage, *_: stages.append(stage),
    )  # fmt: skip
    assert seen == [(True, True, 2)]
    assert report.source == "the expert's log"
    assert report.training.status is FitStatus.OWN
    assert list(dict.fromkeys(stages)) == ["audit", "train", "evaluate"]
    with pytest.raises(SubjectError, match="Pass trainer="):
        check_data(factory, findings, inputs=inputs)


def test_a_larger_tolerance_finds_more_merges():
    report = check_data("joint", expert_coverage(), merge_tolerance=0.999)
    assert report.verdict is Verdict.COLLAPSED
    assert "at most 0.999 counts as one code" in report.explain()


def test_bad_arguments_are_named():
    data = expert_coverage()
    with pytest.raises(InvalidArgumentError, match="data is a DeterministicMDP"):
        check_data("joint", counting_chain(9))
    with pytest.raises(SubjectSourceError, match="no design named 'jint'"):
        check_data("jint", data)
    with pytest.raises(InvalidArgumentError, match="seed is -1"):
        check_data(small_subject, data, seed=-1)
    with pytest.raises(InvalidArgumentError, match="merge_tolerance is 2"):
        check_data("constant", data, merge_tolerance=2)
    with pytest.raises(InvalidArgumentError, match="max_steps is 0"):
        check_data("joint", data, options={"max_steps": 0})
    with pytest.raises(InvalidArgumentError, match="option 'steps'"):
        check_data("joint", data, options={"steps": 5})
    with pytest.raises(SubjectError, match="hold 2 rows"):
        check_data(small_subject, data, inputs=torch.rand((2, 9)))
