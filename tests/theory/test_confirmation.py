"""Which checkers confirm an audit; a refusal by either is an error of ours that names it."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given

from tellapart.properties.audit_report import audit_report
from tellapart.properties.report.console_audit import print_audit
from tellapart.properties.report.html_audit import render_audit
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory import confirmation
from tellapart.theory.audit import Audit, audit
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.confirmation import Confirmation, confirm_certificate
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verified_checker import VerifiedCheck

CHAIN = counting_chain(9)
BOTH = "confirmed by the checker extracted from its proof, and by the fast checker"
FAST = (
    "confirmed by the fast checker; the one extracted from its proof takes up to 300 observations "
    "with 8 actions"
)


@given(deterministic_mdps(max_observations=12, max_actions=3))
def test_small_systems_are_confirmed_by_both_and_say_so_after_loading(mdp):
    findings = audit(mdp)
    assert findings.certificate_confirmed is Confirmation.BOTH
    assert BOTH in findings.explain()
    assert Audit.from_json(findings.to_json()) == findings


@pytest.mark.parametrize(
    ("n_obs", "n_actions", "expected"),
    [(300, 1, Confirmation.BOTH), (301, 1, Confirmation.FAST), (60, 200, Confirmation.BOTH),
     (60, 201, Confirmation.FAST)],
)  # fmt: skip
def test_the_extracted_checker_takes_small_systems(n_obs, n_actions, expected):
    rows = [[min(o + 1, n_obs - 1)] * n_actions for o in range(n_obs)]
    mdp = DeterministicMDP(rows, [o == n_obs - 1 for o in range(n_obs)])
    findings = audit(mdp)
    assert findings.certificate_confirmed is expected
    assert findings.confirmed_by == expected.names
    assert (BOTH if expected is Confirmation.BOTH else FAST) in findings.explain()


def _wrong_certificate():
    certificate = bisimulation(CHAIN).certificate()
    separations = np.array(certificate.separations)
    separations[-1] += 1
    return dataclasses.replace(certificate, separations=separations)


def test_a_refusal_by_the_fast_checker_is_named():
    with pytest.raises(InternalError, match=r"^The fast checker refused our own.*bug"):
        confirm_certificate(CHAIN, _wrong_certificate())


def test_a_refusal_by_the_extracted_checker_is_named(monkeypatch):
    """Whatever the fast checker lets pass: here it is made to pass everything."""
    monkeypatch.setattr(
        confirmation, "check_certificate", lambda mdp, certificate: VerifiedCheck(True, "")
    )
    with pytest.raises(InternalError, match=r"^The checker extracted from its proof refused our"):
        confirm_certificate(CHAIN, _wrong_certificate())


def test_an_audit_does_not_hide_a_refusal(monkeypatch):
    monkeypatch.setattr(
        confirmation,
        "check_certificate_verified",
        lambda mdp, certificate: VerifiedCheck(False, "two blocks."),
    )
    with pytest.raises(InternalError, match=r"extracted from its proof refused.*two blocks\."):
        audit(CHAIN)


def test_audits_from_before_are_still_read_and_claim_no_more_than_they_did():
    saved = json.loads(audit(CHAIN).to_json())
    old = Audit.from_json(json.dumps({**saved, "certificate_confirmed": True}))
    assert old.confirmed_by == ("fast",)
    for other in (False, 1.5, "slow", None):
        with pytest.raises(InvalidArgumentError, match="not a saved Audit"):
            Audit.from_json(json.dumps({**saved, "certificate_confirmed": other}))


@pytest.mark.parametrize(("system", "text"), [(CHAIN, BOTH), (counting_chain(301), FAST)])
def test_terminal_page_and_json_say_it(system, text, capsys):
    report = audit_report(system)
    print_audit(report)
    assert text in " ".join(capsys.readouterr().out.split())
    assert text in " ".join(render_audit(report).split())
    value = "extracted and fast" if text == BOTH else "fast"
    assert json.loads(report.to_json())["audit"]["certificate_confirmed"] == value
