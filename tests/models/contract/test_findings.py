import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.contract.findings import ContractReport, Finding, broken, fine, note
from tellapart.theory.errors import InvalidArgumentError

STATUSES = ("ok", "broken", "note", "not applicable")
findings = st.builds(Finding, st.text(), st.sampled_from(STATUSES), st.text(), st.text(), st.text())
REPORT = ContractReport(
    "mine",
    0,
    (
        fine("shapes", "all well"),
        broken("seeds", "the seed is ignored.", "The seed decides.", "Use it."),
        note("dtypes", "half precision.", "It is coarse."),
    ),
)


@given(st.text(), st.integers(0, 9), st.lists(findings, max_size=4).map(tuple))
def test_reports_are_saved_and_loaded(name, seed, found):
    report = ContractReport(name, seed, found)
    assert ContractReport.from_json(report.to_json()) == report
    assert report.ok == all(finding.status != "broken" for finding in found)
    assert sum(len(report.having(status)) for status in STATUSES) == len(found)


def test_text_for_people():
    assert REPORT.explain().splitlines() == [
        "mine breaks the contract (1 broken, 1 note, 1 ok, 0 not applicable; seed 0).",
        "[broken] seeds: the seed is ignored.",
        "  The seed decides.",
        "  Fix: Use it.",
        "[note] dtypes: half precision.",
        "  It is coarse.",
        "[ok] shapes",
    ]
    assert repr(REPORT) == (
        "ContractReport('mine': 1 broken, 1 note, 1 ok, 0 not applicable: seeds)"
    )
    assert repr(REPORT.findings[0]) == "Finding('shapes', 'ok': all well)"


def test_findings_are_found_by_id_and_frozen():
    assert REPORT.finding("seeds") is REPORT.broken[0]
    assert REPORT.notes == (REPORT.finding("dtypes"),)
    with pytest.raises(InvalidArgumentError, match=r"no probe .seed.\. Probes: shapes, seeds"):
        REPORT.finding("seed")
    with pytest.raises(dataclasses.FrozenInstanceError):
        REPORT.seed = 1
