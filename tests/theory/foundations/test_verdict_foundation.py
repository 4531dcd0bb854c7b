"""Foundations of verdicts: each path has its own, and none claims more than its path gives."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.proofs.statements import STATEMENTS
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.foundation import Foundation, Ground, Use
from tellapart.theory.foundations.parts import Provenance, required_pairs
from tellapart.theory.foundations.verdicts import verdict_foundation
from tellapart.theory.gallery import counting_chain
from tellapart.theory.verdict import Grade, Proofs, Verdict, judge

CHAIN = counting_chain(5)
CODES = np.arange(5.0)[:, None]
BOTH = ("extracted", "fast")
#: What the models below are like: no error at all, one too large to be resolved, all codes equal.
GOOD, BAD, EQUAL = "good", "bad", "equal"


def judged(kind, mdp=CHAIN, **options):
    codes = np.zeros((mdp.n_obs, 1)) if kind == EQUAL else np.arange(float(mdp.n_obs))[:, None]
    predicted = codes[mdp.successors] + (5 if kind == BAD else 0)
    return judge(bisimulation(mdp), codes, predicted, mdp.label_vectors, **options)


PROOFS = st.builds(
    Proofs,
    certified=st.booleans(),
    resolved=st.sampled_from([None, True, False]),
    infeasible=st.sampled_from([None, "Too narrow (S12)."]),
)
PROVENANCES = st.builds(
    Provenance,
    dtype=st.sampled_from(["float32", "float64"]),
    arithmetic=st.sampled_from(["exact", "interval", "float"]),
    confirmed_by=st.sampled_from([(), ("fast",), BOTH]),
    margins_checked=st.booleans(),
    small_by_size=st.booleans(),
)
REQUIRED = st.sampled_from([None, *(grade for grade in Grade if grade is not Grade.UNMET)])


@given(
    deterministic_mdps(max_observations=5), st.sampled_from([GOOD, BAD, EQUAL]), PROOFS,
    PROVENANCES, REQUIRED, st.booleans(),
)  # fmt: skip
def test_a_foundation_names_what_its_path_used_and_nothing_else(
    mdp, kind, proofs, provenance, required, exact
):
    proofs = Proofs(exact=True) if exact and kind is not EQUAL else proofs
    judgement = judged(kind, mdp, proofs=proofs, require=required)
    found = verdict_foundation(judgement, provenance)
    verdict, grade = judgement.verdict, judgement.grade
    used = set(found.statements)
    assert used <= set(STATEMENTS)
    assert found.grounds
    assert found.assumed
    assert found.not_claimed
    assert found.claim.startswith("Nothing is claimed") == (verdict is Verdict.VACUOUS)
    nothing = judgement.separation.n_must_separate == 0
    decided = verdict in (Verdict.HOLDS, Verdict.VACUOUS) and not nothing
    assert ("D1" in used) == (decided and grade is Grade.EXACT)
    assert ("S1" in used) == (nothing or (decided and grade is Grade.EXACT))
    assert ("S12" in used) == (verdict is Verdict.INFEASIBLE)
    certified = decided and grade is Grade.CERTIFIED
    beside = decided and grade is Grade.UNMET and provenance.margins_checked
    assert ("S10" in used) == (certified or beside)
    assert ("margin checker" in found.checkers) == (
        provenance.margins_checked and (certified or beside)
    )
    if decided and grade in (Grade.RESOLVED, Grade.UNMET):
        assert "S13" in used
    if verdict is Verdict.COLLAPSED:
        assert used == {"D2", "S4", "S7"}
        assert found.checkers == ("witness replay",)
        assert found.measured == (provenance.dtype,)
    elif verdict is Verdict.INFEASIBLE:
        assert not found.checkers
        assert not found.measured
    else:
        names = {"extracted": "extracted checker", "fast": "fast checker"}
        assert set(found.checkers) - {"margin checker"} == {
            names[each] for each in provenance.confirmed_by
        }
        assert bool(found.measured) == (not nothing and grade is not Grade.EXACT)


@given(st.sampled_from([GOOD, BAD, EQUAL]), PROOFS, PROVENANCES)
def test_the_text_shows_every_part_and_the_file_keeps_it(kind, proofs, provenance):
    found = verdict_foundation(judged(kind, proofs=proofs), provenance)
    text = " ".join(found.explain().split())
    for ground in found.grounds:
        for part in (ground.says, ground.how, *(use.why for use in ground.statements)):
            assert part in text
        for use in ground.checkers:
            assert f"confirmed by the {use.name}: {use.why}" in text
    for part in (found.claim, *found.assumed, *found.not_claimed):
        assert part in text
    for name in (*found.statements, *found.checkers, *found.measured):
        assert name in found.summary
    assert max(map(len, found.explain().splitlines())) <= 100
    assert Foundation.from_json(found.to_json()) == found


CERTIFIED = Provenance("float64", "interval", confirmed_by=BOTH, margins_checked=True)
MADE = Provenance("float32", "exact", "weights", BOTH)
#: verdict, grade: how it comes about, and the statements and checkers that it rests on.
PATHS = {
    (Verdict.HOLDS, Grade.EXACT): (
        GOOD, {"proofs": Proofs(exact=True)}, MADE, "D1 D3 S1 S4 S7", "extracted fast", "",
    ),
    (Verdict.HOLDS, Grade.CERTIFIED): (
        GOOD, {"proofs": Proofs(certified=True, resolved=True)}, CERTIFIED,
        "D2 D3 S4 S7 S10 S13", "extracted fast margin", "float64",
    ),
    (Verdict.HOLDS, Grade.RESOLVED): (
        GOOD, {"proofs": Proofs(resolved=True)}, MADE, "D2 D3 S4 S7 S13", "extracted fast",
        "float32",
    ),
    (Verdict.COLLAPSED, Grade.CERTIFIED): (
        GOOD, {"proofs": Proofs(certified=True), "merge_tolerance": 0.99}, CERTIFIED, "D2 S4 S7",
        "replay", "float64",
    ),
    (Verdict.COLLAPSED, Grade.RESOLVED): (
        GOOD, {"merge_tolerance": 0.99}, MADE, "D2 S4 S7", "replay", "float32",
    ),
    (Verdict.COLLAPSED, Grade.UNMET): (EQUAL, {}, MADE, "D2 S4 S7", "replay", "float32"),
    (Verdict.VACUOUS, Grade.EXACT): (
        "constant label", {"proofs": Proofs(exact=True)}, MADE, "D3 S1 S5", "extracted fast", "",
    ),
    (Verdict.VACUOUS, Grade.CERTIFIED): (
        GOOD, {"proofs": Proofs(certified=True), "require": Grade.EXACT}, CERTIFIED,
        "D2 D3 S4 S7 S10 S13", "extracted fast margin", "float64",
    ),
    (Verdict.VACUOUS, Grade.RESOLVED): (
        GOOD, {"require": Grade.CERTIFIED}, MADE, "D2 D3 S4 S7 S13", "extracted fast", "float32",
    ),
    (Verdict.VACUOUS, Grade.UNMET): (
        BAD, {}, MADE, "D2 D3 S4 S7 S13", "extracted fast", "float32",
    ),
    (Verdict.INFEASIBLE, Grade.EXACT): (
        GOOD, {"proofs": Proofs(exact=True, infeasible="Too narrow.")}, MADE, "D3 S12", "", "",
    ),
    (Verdict.INFEASIBLE, Grade.CERTIFIED): (
        GOOD, {"proofs": Proofs(certified=True, infeasible="Too narrow.")}, CERTIFIED, "D3 S12",
        "", "",
    ),
    (Verdict.INFEASIBLE, Grade.RESOLVED): (
        GOOD, {"proofs": Proofs(infeasible="Too narrow.")}, MADE, "D3 S12", "", "",
    ),
    (Verdict.INFEASIBLE, Grade.UNMET): (
        BAD, {"proofs": Proofs(infeasible="Too narrow.")}, MADE, "D3 S12", "", "",
    ),
}  # fmt: skip
#: An exact premise with a merged pair is an internal error, and an unmet premise never holds.
IMPOSSIBLE = {(Verdict.COLLAPSED, Grade.EXACT), (Verdict.HOLDS, Grade.UNMET)}


def test_every_combination_of_verdict_and_grade_that_can_be_is_in_the_table():
    assert PATHS.keys() | IMPOSSIBLE == {(v, g) for v in Verdict for g in Grade}
    assert not PATHS.keys() & IMPOSSIBLE


@pytest.mark.parametrize("verdict_and_grade", PATHS, ids=lambda pair: "-".join(pair))
def test_each_combination_rests_on_its_own_statements(verdict_and_grade):
    kind, options, provenance, statements, checkers, measured = PATHS[verdict_and_grade]
    mdp = CHAIN.with_labels([0] * 5) if kind == "constant label" else CHAIN
    judgement = judged(GOOD if kind == "constant label" else kind, mdp, **options)
    assert (judgement.verdict, judgement.grade) == verdict_and_grade
    found = verdict_foundation(judgement, provenance)
    assert found.statements == tuple(statements.split())
    assert tuple(name.split()[0] for name in found.checkers if name != "witness replay") == tuple(
        name for name in checkers.split() if name != "replay"
    )
    assert ("witness replay" in found.checkers) == (checkers == "replay")
    assert found.measured == tuple(measured.split())


def test_what_the_caller_of_judge_asserted_is_not_called_confirmed():
    for proofs in (Proofs(exact=True), Proofs(certified=True), Proofs(resolved=True)):
        found = verdict_foundation(judged(GOOD, proofs=proofs))
        assert not found.checkers
        assert "no checker was asked" in found.explain()
        assert "asserted by the caller" in found.explain()
    narrow = judged(GOOD, proofs=Proofs(infeasible="Too narrow."))
    assert "asserted by the caller" in verdict_foundation(narrow).explain()


def test_the_reason_why_losses_are_small_is_the_one_that_decided():
    certified = judged(GOOD, proofs=Proofs(certified=True, resolved=True))
    by_bounds = verdict_foundation(certified, CERTIFIED)
    assert "S13" in by_bounds.statements
    undecided = judged(GOOD, proofs=Proofs(certified=True))
    by_size = verdict_foundation(undecided, replace(CERTIFIED, small_by_size=True))
    assert "the largest alone leaves every margin positive" in " ".join(by_size.explain().split())
    text = verdict_foundation(undecided, CERTIFIED).explain()
    assert "The losses are not shown to be large." in text
    assert "do not decide" in text
    assert "half its gap: read by" not in text


def test_resolved_is_measured_proved_or_left_open_by_the_bounds():
    measured = judged(GOOD)
    assert "rounding is not bounded" in verdict_foundation(measured, Provenance()).explain()
    assert "too near to 1" in verdict_foundation(measured, MADE).explain()
    proved = judged(GOOD, proofs=Proofs(resolved=True))
    ground = verdict_foundation(proved, MADE).grounds[1]
    assert (ground.measured, "rational arithmetic" in ground.how) == ("", True)


def test_proved_margins_of_an_unmet_premise_are_named_and_do_not_count():
    unmet = judged(BAD, proofs=Proofs(resolved=False))
    found = verdict_foundation(unmet, CERTIFIED)
    assert unmet.grade is Grade.UNMET
    assert "does not meet the premise" in " ".join(found.explain().split())
    assert "margin checker" in found.checkers


def test_margins_along_words_are_told_from_those_by_labels_and_steps():
    certified = judged(GOOD, proofs=Proofs(certified=True))
    assert "product of matrices" not in verdict_foundation(certified, CERTIFIED).explain()
    mixed = verdict_foundation(certified, replace(CERTIFIED, margins_by_path=3)).explain()
    assert "3 pairs by the product of matrices" in " ".join(mixed.split())


def test_a_merge_within_the_tolerance_is_a_convention_and_one_of_equal_codes_is_not():
    near = verdict_foundation(judged(GOOD, merge_tolerance=0.99))
    assert any("a convention" in text for text in near.assumed)
    equal = verdict_foundation(judged(EQUAL))
    assert not any("a convention" in text for text in equal.assumed)
    assert "the two codes are equal" in equal.explain()


def test_other_objects_and_unknown_checkers_are_refused():
    with pytest.raises(InvalidArgumentError, match="judgement is a str"):
        verdict_foundation("holds")
    with pytest.raises(InvalidArgumentError, match="confirmed_by names 'oracle'"):
        Provenance(confirmed_by=("oracle",))


def test_a_foundation_of_nothing_says_so():
    assert Foundation("It is so.", (), (), ()).summary == "Rests on nothing."
    one = Ground("It is.", "seen", (Use("S10", "a"), Use("D2", "b"), Use("S4", "c")))
    assert Foundation("It is so.", (one, one), (), ()).statements == ("D2", "S4", "S10")
    assert required_pairs(1, ()).says == "Which 1 pair must be told apart."
