"""One audit with its questions: answers agree with the theory, refusals name the reason."""

import pytest
from hypothesis import given

from tellapart.properties.audit_report import AuditReport, audit_report
from tellapart.properties.sources import SourceError
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.audit import Audit, audit
from tellapart.theory.choice.targets import suffices
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.horizon import horizon
from tellapart.theory.linear.capacity import capacity


def gapped_chain() -> TransitionData:
    """The counting chain without the transition (7, -1)."""
    whole = TransitionData.from_mdp(counting_chain(9))
    kept = [row for row in whole.triples.tolist() if row[:2] != [7, 0]]
    labels = [int(label) for label in counting_chain(9).labels]
    return TransitionData(kept, labels, actions=whole.actions)


@given(deterministic_mdps(max_observations=6, max_actions=2))
def test_answers_are_those_of_the_theory(mdp):
    report = audit_report(
        mdp,
        compare_labels={"own": mdp.labels, "none": [0] * mdp.n_obs},
        target="observation",
        horizon=1,
        pairs=[(0, mdp.n_obs - 1)],
    )
    assert report.audit.partition == audit(mdp).partition
    assert report.capacity == capacity(mdp)
    assert report.horizon == horizon(mdp, 1)
    assert bool(report.sufficiency) is bool(suffices(mdp))
    assert report.comparison["own"].n_must_separate == report.audit.n_must_separate
    assert report.comparison["none"].n_must_separate == 0
    assert report.pairs[0].must_separate is report.audit.must_separate(0, mdp.n_obs - 1)
    assert AuditReport.from_json(report.to_json()).to_json() == report.to_json()
    if report.lattice is not None:
        assert len(report.lattice) == report.kernels.value
    for part in (report.audit, report.capacity, report.kernels, report.horizon, report.sufficiency):
        assert part.explain() in report.explain()


def test_partial_data_are_audited_as_data():
    data = gapped_chain()
    report = audit_report(data, pairs=[(7, 8), ("5", "7")])
    assert isinstance(report.audit, DataAudit)
    assert (report.audit.n_must_separate, report.audit.n_may_merge) == (35, 1)
    assert report.audit.min_codes == 8
    assert report.audit.min_codes_bounds == (8, 8)
    assert [pair.must_separate for pair in report.pairs] == [False, True]
    assert "contradiction" in report.pairs[1].reason
    assert report.audit.must_separate(0, 8)
    assert not report.audit.must_separate(7, 8)
    assert AuditReport.from_json(report.to_json()).audit.explain() == report.audit.explain()


def test_complete_data_are_audited_as_the_mdp_they_are():
    data = TransitionData.from_mdp(counting_chain(9))
    assert isinstance(audit(data), Audit)
    assert audit(data).blocks_by_depth == (2, 4, 6, 8, 9)


def test_infeasible_data_say_so():
    data = TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: "one", 2: "two"})
    report = audit_report(data)
    assert not report.audit.feasible
    assert report.audit.n_must_separate is None
    assert report.audit.min_codes is None
    assert report.audit.min_codes_bounds is None
    assert report.kernels is None
    assert "row 1" in report.explain()
    (answer,) = audit_report(data, pairs=[(0, 1)]).pairs
    assert answer.must_separate is None
    assert "no encoder has zero loss" in answer.reason
    with pytest.raises(InvalidArgumentError, match="infeasible"):
        report.audit.must_separate(0, 1)


def test_labels_of_partial_data_are_compared_where_they_are_known():
    data = gapped_chain()
    columns = {"label": list(data.label_ids), "last": [None] * 8 + [1], "clash": {0: 0, 8: 1}}
    found = audit_report(data, compare_labels=columns).comparison
    assert found["label"].n_must_separate == 35
    assert found["label"].n_by_fold_only == 3
    assert found["label"].codes == (8, 8)
    assert (found["last"].n_labelled, found["last"].n_must_separate) == (1, 0)
    assert found["clash"].feasible
    assert "must be apart" in found.explain()
    with pytest.raises(InvalidArgumentError, match="no candidate label named 'other'"):
        found["other"]


def test_an_impossible_label_is_a_row_not_an_error():
    data = TransitionData([[0, 0, 1], [0, 0, 2]])
    found = audit_report(data, compare_labels={"clash": {1: 0, 2: 1}}).comparison
    assert not found["clash"].feasible
    assert found["clash"].codes is None
    assert "impossible" in found.explain()


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ({"horizon": 2}, "no successor"),
        ({"target": "observation"}, "no successor"),
        ({"suggest": "values"}, "no successor"),
        ({"capacity": True}, "no successor"),
        ({"pairs": [("nowhere", 0)]}, "no observation named 'nowhere'"),
    ],
)
def test_questions_that_do_not_fit_are_refused_with_the_reason(question, what):
    with pytest.raises(InvalidArgumentError, match=what):
        audit_report(gapped_chain(), **question)


def test_a_label_is_suggested_for_dynamics_without_labels():
    chain = TransitionData.from_mdp(counting_chain(9)).with_labels(None)
    assert audit_report(chain, suggest="observations").suggestion.number == 1


def test_questions_are_refused_before_the_work(monkeypatch):
    def work(*arguments, **options):
        raise AssertionError("the audit began")

    monkeypatch.setattr("tellapart.properties.audit_report.audit", work)
    for question in ({"horizon": 1}, {"pairs": [(0, "x")]}, {"target": "no.json"}):
        with pytest.raises(InvalidArgumentError):
            audit_report(gapped_chain(), **question)
    with pytest.raises(SourceError, match="colour"):
        audit_report(gapped_chain(), compare_labels=["colour"])


@pytest.mark.parametrize("system", [None, 3, [[0, 1]], counting_chain])
def test_what_is_no_system_is_refused(system):
    with pytest.raises(InvalidArgumentError, match="give a SOURCE string"):
        audit_report(system)


def test_large_systems_are_spared_what_takes_long():
    report = audit_report("random:n=300")
    assert (report.capacity, report.kernels, report.lattice) == (None, None, None)
    assert audit_report("random:n=300", capacity=True).capacity.linear == 300


def test_names_may_be_given_as_text():
    report = audit_report(counting_chain(9), pairs=[("0", "8"), (0, 8)])
    assert report.pairs[0] == report.pairs[1]
    assert "by the word -1 -1 -1 -1" in report.pairs[0].reason
