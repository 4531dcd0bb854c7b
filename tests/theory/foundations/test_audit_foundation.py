"""Foundations of audits: complete systems, partial data, and the questions asked of them."""

import pytest
from hypothesis import given

from tellapart.properties.proofs.statements import STATEMENTS
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.audit import audit
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.foundations.audits import ANSWERS, audit_foundation
from tellapart.theory.foundations.foundation import Foundation
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial.analysis import analyse

DATA = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: 0, 3: 1})
FORK = TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: 0, 2: 1})


@given(deterministic_mdps(max_observations=5))
def test_an_audit_rests_on_the_checkers_that_confirmed_it(mdp):
    findings = audit(mdp)
    found = audit_foundation(findings)
    assert found.checkers == tuple(f"{name} checker" for name in findings.confirmed_by)
    assert not found.measured
    forced = findings.n_must_separate > 0
    assert found.claim.startswith("Every encoder") == forced
    assert ("S4" in found.statements) == forced
    assert Foundation.from_json(found.to_json()) == found


def test_a_complete_system():
    found = audit_foundation(audit(counting_chain(9)))
    assert found.statements == ("D3", "S1", "S4", "S5", "S7", "S8")
    assert "tells 36 pairs apart" in found.claim
    assert "no encoder took part" in found.explain()


def test_partial_data_rest_on_no_checker_of_all_pairs():
    found = audit_foundation(audit(DATA))
    assert found.statements == ("S1", "S2", "S3", "S6")
    assert found.checkers == ("extracted checker", "checker of rows")
    pairs = next(ground for ground in found.grounds if "2 pairs" in ground.says)
    assert pairs.checkers == ()
    assert "tells 2 pairs apart" in found.claim


def test_pairs_of_data_with_too_many_classes_are_said_to_be_asked_one_by_one():
    few = DataAudit("rows", analyse(DATA, max_classes=1))
    assert few.n_must_separate is None
    found = audit_foundation(few)
    assert "one by one" in found.claim
    assert any("asked one by one" in ground.says for ground in found.grounds)


def test_what_is_too_large_for_a_checker_is_not_called_confirmed():
    large = audit(TransitionData([[0, 0, k] for k in range(1, 2003)], {1: 0}), time_limit=0.1)
    found = audit_foundation(large)
    forced = next(ground for ground in found.grounds if "whatever the encoder" in ground.says)
    assert large.certificate_confirmed.forced is None
    assert (forced.checkers, "too many for a checker" in forced.how) == ((), True)
    assert found.checkers == ("checker of rows",)


def test_the_chain_of_infeasible_data_is_followed_again_in_an_audit_that_was_changed():
    found = audit_foundation(audit(FORK))
    assert found.statements == ("S2",)
    assert found.checkers == ("extracted checker", "checker of rows")
    other = analyse(TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: 0, 2: 0, 0: 1}))
    forged = DataAudit("rows", other)
    object.__setattr__(forged.analysis, "infeasibility", audit(FORK).infeasibility)
    with pytest.raises(InternalError, match="refused"):
        audit_foundation(forged)


@pytest.mark.parametrize("name", ANSWERS)
def test_each_question_adds_its_own_statements(name):
    findings = audit(DATA if name.startswith("data_") else counting_chain(5))
    without, found = audit_foundation(findings), audit_foundation(findings, [name])
    assert found.grounds == (*without.grounds, ANSWERS[name])
    assert {use.name for use in ANSWERS[name].statements} <= set(found.statements)
    assert set(found.statements) <= STATEMENTS.keys()
    assert found.checkers == without.checkers


def test_unknown_questions_and_other_objects_are_refused():
    with pytest.raises(InvalidArgumentError, match="no question"):
        audit_foundation(audit(DATA), ["weather"])
    with pytest.raises(InvalidArgumentError, match="audit is a DeterministicMDP"):
        audit_foundation(counting_chain(5))
