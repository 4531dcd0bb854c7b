"""Which checkers confirm an audit of partial data; a refusal by either is an error of ours."""

import dataclasses
import json

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.properties.audit_report import audit_report
from tellapart.properties.report.console_audit import print_audit
from tellapart.properties.report.html_audit import render_audit
from tellapart.theory import data_confirmation
from tellapart.theory.audit import audit
from tellapart.theory.confirmation import Confirmation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.data_confirmation import confirm_data, confirm_pair
from tellapart.theory.errors import InternalError
from tellapart.theory.partial.chain import infeasibility
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.pairs import separation_of
from tellapart.theory.partial.proof_checker import ProofCheck
from tellapart.theory.partition import Partition
from tellapart.theory.verified_data_checker import VerifiedDataCheck

FORK = TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 3], [2, 0, 4]], {1: "round"})
SQUARE = TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 3]], {1: "round", 2: "square"})
LOG = TransitionData([[0, 0, 2], [1, 0, 3]], {2: "goal", 3: "road"})


@st.composite
def some_data(draw):
    observation = st.integers(0, 7)
    row = st.tuples(observation, st.integers(0, 1), observation)
    rows = draw(st.lists(row, min_size=1, max_size=14))
    labels = draw(st.dictionaries(observation, st.integers(0, 1), max_size=8))
    return TransitionData(rows, labels, [f"o{o}" for o in range(8)], range(2))


@given(some_data())
def test_small_data_are_confirmed_by_both(data):
    classes, witness = forced_classes(data), infeasibility(data)
    event(f"feasible: {witness is None}")
    found = confirm_data(classes, classes.partition, witness)
    assert found.names == ("extracted", "fast")
    claim = "possible" if witness is None else "impossible"
    assert found.explain().startswith(f"That zero loss is {claim}, and the forced merges, are")


@pytest.mark.parametrize("data", [FORK, SQUARE, LOG], ids=["feasible", "infeasible", "functional"])
def test_an_audit_says_it_also_after_loading(data):
    findings = audit(data)
    assert findings.confirmed_by == ("extracted", "fast")
    assert findings.explain().endswith(findings.certificate_confirmed.explain())
    copy = DataAudit.from_json(findings.to_json())
    assert copy.certificate_confirmed == findings.certificate_confirmed


def _line(n):
    """Observation 0 leads to n others by one action; they all must share a code."""
    return TransitionData([[0, 0, o] for o in range(n)], {0: "a"})


@pytest.mark.parametrize(
    ("n_obs", "zero_loss", "forced", "text"),
    [
        (300, Confirmation.BOTH, Confirmation.BOTH, "and by the fast checker."),
        (301, Confirmation.FAST, Confirmation.FAST, "300 observations and 20,000 transitions."),
        (2001, Confirmation.FAST, Confirmation.FAST, "300 observations and 20,000 transitions."),
        (2002, Confirmation.FAST, None, "are not confirmed: the checkers take up to 2,000 of them"),
    ],
)
def test_large_data_are_confirmed_by_the_fast_checker_alone(n_obs, zero_loss, forced, text):
    classes = forced_classes(_line(n_obs))
    found = confirm_data(classes, classes.partition, None)
    assert (found.zero_loss, found.forced) == (zero_loss, forced)
    assert text in found.explain()
    assert found.names == (() if forced is None else forced.names)


def test_many_transitions_are_left_to_the_fast_checker(monkeypatch):
    monkeypatch.setattr(data_confirmation, "MOST_TRANSITIONS", 3)
    classes = forced_classes(FORK)
    assert confirm_data(classes, classes.partition, None).names == ("fast",)
    assert not confirm_pair(FORK, separation_of(FORK, 0, 3))


@pytest.mark.parametrize(
    "ids", [[0, 1, 2, 3, 4], [0, 1, 1, 2, 3], [0, 1, 1, 1, 1]], ids=["none", "one", "too many"]
)
def test_a_wrong_claim_is_refused_by_a_named_checker(ids):
    with pytest.raises(InternalError, match=r"^The fast checker refused our own certificate: "):
        confirm_data(forced_classes(FORK), Partition(ids), None)


def test_a_claim_that_zero_loss_is_possible_is_not_believed():
    classes = forced_classes(SQUARE)
    with pytest.raises(InternalError, match="fast checker refused"):
        confirm_data(classes, classes.partition, None)


@pytest.mark.parametrize(
    "name",
    ["check_admissible_verified", "check_forced_verified", "check_infeasibility_verified"],
)
def test_an_audit_does_not_hide_a_refusal_by_the_extracted_checker(monkeypatch, name):
    refusal = VerifiedDataCheck(False, "there is a hole.")
    monkeypatch.setattr(data_confirmation, name, lambda *given: refusal)
    data = SQUARE if name == "check_infeasibility_verified" else FORK
    with pytest.raises(InternalError, match=r"extracted from its proof refused.*a hole\."):
        audit(data)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("check_separation", ProofCheck(False, "a gap.")),
        ("check_separation_verified", VerifiedDataCheck(False, "a gap.")),
    ],
)
def test_a_pair_that_is_asked_is_confirmed_by_both(monkeypatch, name, refusal):
    findings = audit(LOG)
    assert findings.separation(0, 1).separated
    assert confirm_pair(LOG, findings.separation(0, 2))
    monkeypatch.setattr(data_confirmation, name, lambda *given: refusal)
    with pytest.raises(InternalError, match=r"refused our own certificate: .*a gap\."):
        findings.separation(0, 1)
    assert findings.must_separate(0, 1)


def test_a_saved_audit_that_was_changed_is_not_confirmed():
    findings = audit(FORK)
    analysis = dataclasses.replace(findings.analysis, forced=Partition([0, 1, 1, 2, 3]))
    changed = DataAudit.from_json(DataAudit("log", analysis).to_json())
    with pytest.raises(InternalError, match="fast checker refused"):
        changed.explain()


@pytest.mark.parametrize("data", [FORK, SQUARE], ids=["feasible", "infeasible"])
def test_terminal_and_page_say_it(data, capsys):
    report = audit_report(data)
    print_audit(report)
    text = report.audit.certificate_confirmed.explain()
    assert "confirmed by the checker extracted from its proof" in text
    assert text in " ".join(capsys.readouterr().out.split())
    assert text in " ".join(render_audit(report).split())
    assert json.loads(report.to_json())["audit"]["kind"] == "DataAudit"
