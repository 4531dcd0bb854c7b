"""Every subject of the zoo gets the verdict that its entry says, through a check."""

import re
from pathlib import Path

import pytest

from tellapart.models.subject import Subject, SubjectError
from tellapart.models.zoo.registry import SUBJECT_ERROR, ZOO, ZooEntry, zoo_entry
from tellapart.properties.check import check
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.verdict import Grade, Verdict

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "zoo.md"


@pytest.fixture(scope="module")
def reports():
    """Return the report of a check of an entry, made once; None where the subject is refused."""
    made = {}

    def report(name):
        if name not in made:
            entry = zoo_entry(name)
            try:
                made[name] = check(entry.build, entry.system())
            except SubjectError:
                made[name] = None
        return made[name]

    return report


@pytest.mark.parametrize("name", ZOO)
def test_a_check_says_what_the_entry_expects(reports, name):
    report = reports(name)
    assert (SUBJECT_ERROR if report is None else report.verdict.value) in ZOO[name].expects


@pytest.mark.parametrize("name", [name for name, entry in ZOO.items() if entry.must_pass])
def test_what_must_pass_is_resolved_or_better_and_merges_nothing(reports, name):
    judgement = reports(name).judgement
    assert judgement.grade is not Grade.UNMET
    assert judgement.separation.n_merged == 0 < judgement.separation.n_must_separate


@pytest.mark.parametrize(
    ("name", "merged"),
    [
        ("modulo-3", 9),  # three residues with three counts each
        ("merged-ends", 1),
        ("expert-only", 4),  # c and 8 - c
        ("shrunk-label", 28),  # eight counts without the label
        ("view-noise", 36 * 32),  # 36 pairs of counts, 32 views
    ],
)
def test_collapses_are_of_the_pairs_that_were_merged_on_purpose(reports, name, merged):
    judgement = reports(name).judgement
    assert judgement.separation.n_merged == merged
    assert judgement.witness is not None
    assert judgement.witness.x_trace != judgement.witness.y_trace


def test_the_witness_of_the_merged_ends_is_the_word_of_four_letters(reports):
    witness = reports("merged-ends").judgement.witness
    assert {witness.x, witness.y} == {0, 8}
    assert len(witness.word) == 4


def test_vacuity_names_the_hypothesis_that_was_dropped(reports):
    assert "informative_label" in " ".join(reports("constant-label").judgement.reasons)
    assert "aux_loss" in " ".join(reports("tdmpc2-no-reward").judgement.reasons)
    blind = reports("action-blind").judgement
    assert "dynamics_loss" in " ".join(blind.reasons)
    assert blind.resolution.aux_ratio < 1  # trained: what is missing is not the labels


def test_shrunk_codes_do_not_pass_for_their_small_loss(reports):
    report = reports("shrunk-label")
    assert report.dynamics_loss < 1e-20
    assert report.judgement.resolution.dynamics_ratio > 1


def test_margins_do_not_make_up_for_predictions_that_are_wrong(reports):
    """All codes are apart and proved to be; no prediction is within half its gap."""
    report = reports("action-blind-line")
    judgement = report.judgement
    assert report.margins.certified
    assert not report.margins.by_size
    assert not judgement.proofs.certified
    assert judgement.proofs.resolved is False
    assert judgement.grade is Grade.UNMET
    assert judgement.resolution.n_dynamics_unresolved == 18
    assert "Proved apart along words" in report.explain()


def test_entries_expect_verdicts_and_build_fresh_subjects():
    outcomes = {verdict.value for verdict in Verdict} | {SUBJECT_ERROR}
    for name, entry in ZOO.items():
        assert entry.name == name
        assert entry.expects
        assert set(entry.expects) <= outcomes
        assert not (entry.must_pass and entry.must_not_pass)
        assert name in repr(entry)
    system = zoo_entry("lewm-pick").system()
    one, other = (zoo_entry("lewm-pick").build(system, 0) for _ in range(2))
    assert isinstance(one, Subject)
    assert one.encoder is not other.encoder


def test_unknown_names_get_a_suggestion():
    with pytest.raises(InvalidArgumentError, match=r"modulo-3"):
        zoo_entry("modulo3")


def test_the_registry_is_read_only():
    with pytest.raises(TypeError):
        ZOO["mine"] = zoo_entry("modulo-3")
    assert isinstance(zoo_entry("modulo-3"), ZooEntry)


def test_the_documented_table_is_the_registry():
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \| (.+) \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    assert [tuple(row) for row in rows] == [
        (entry.name, entry.summary, " or ".join(entry.expects), entry.why) for entry in ZOO.values()
    ]
