"""Foundations of verdicts on data: each path, made by judging."""

import numpy as np
import pytest

from tellapart.properties.proofs.statements import STATEMENTS
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.data_verdict import DataJudgement, judge_data
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.data import data_verdict_foundation
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.verdict import Grade, Verdict

#: Two observations lead to two labels; so they must be told apart, and so must their successors.
DATA = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: 0, 3: 1})
FORK = TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: 0, 2: 1})
APART, MERGED = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([[0.0], [0.0], [2.0], [3.0]])
NEAR = np.array([[0.0], [0.9], [2.0], [3.0]])
READ = np.array([[0.0], [0.0], [0.0], [1.0]])


def judged(data, codes, read, error=0.0, **options):
    return judge_data(
        DataAudit("rows", analyse(data)), codes, codes[data.targets] + error, read, **options
    )


PATHS = {
    "holds": (
        judged(DATA, APART, READ), Verdict.HOLDS, Grade.RESOLVED, "D2 S2 S3 S13", "", "float32"
    ),
    "merged": (
        judged(DATA, MERGED, READ), Verdict.COLLAPSED, Grade.RESOLVED, "D2 S3",
        "checker of rows", "float32",
    ),
    "merged and unmet": (
        judged(DATA, MERGED, READ, 9.0), Verdict.COLLAPSED, Grade.UNMET, "D2 S3",
        "checker of rows", "float32",
    ),
    "within the tolerance": (
        judged(DATA, NEAR, READ, merge_tolerance=0.99), Verdict.COLLAPSED, Grade.RESOLVED,
        "D2 S3", "checker of rows", "float32",
    ),
    "unmet": (
        judged(DATA, APART, READ, 9.0), Verdict.VACUOUS, Grade.UNMET, "D2 S2 S3 S13", "", "float32",
    ),
    "no labels": (
        judged(DATA.with_labels(None), APART, np.zeros((4, 1))), Verdict.VACUOUS, Grade.RESOLVED,
        "S2 S3", "", "",
    ),
    "contradiction": (
        judged(FORK, APART[:3], READ[:3]), Verdict.INFEASIBLE, Grade.UNMET, "S2",
        "checker of rows", "",
    ),
    "shape": (
        judged(DATA, APART, READ, infeasible="Too narrow (S12)."), Verdict.INFEASIBLE,
        Grade.RESOLVED, "S2 S12", "", "",
    ),
    "shape and unmet": (
        judged(DATA, APART, READ, 9.0, infeasible="Too narrow (S12)."), Verdict.INFEASIBLE,
        Grade.UNMET, "S2 S12", "", "",
    ),
    "no labels and unmet": (
        judged(DATA.with_labels(None), APART, np.zeros((4, 1)), 9.0), Verdict.VACUOUS,
        Grade.RESOLVED, "S2 S3", "", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_each_path_rests_on_its_own_statements(name):
    judgement, verdict, grade, statements, checker, measured = PATHS[name]
    assert isinstance(judgement, DataJudgement)
    assert (judgement.verdict, judgement.grade) == (verdict, grade)
    found = data_verdict_foundation(judgement, dtype="float32")
    assert found.statements == tuple(statements.split())
    assert set(found.statements) <= STATEMENTS.keys()
    assert found.checkers == ((checker,) if checker else ())
    assert found.measured == tuple(measured.split())
    assert found.claim.startswith("Nothing is claimed") == (verdict is Verdict.VACUOUS)
    assert "S4" not in found.statements  # is about total systems


def test_every_combination_that_can_be_is_in_the_table():
    """Data know two grades; infeasible and vacuous come with either, holds with one."""
    seen = {(verdict, grade) for _, verdict, grade, *_ in PATHS.values()}
    grades = (Grade.RESOLVED, Grade.UNMET)
    wanted = {(verdict, grade) for verdict in Verdict for grade in grades}
    assert seen == wanted - {(Verdict.HOLDS, Grade.UNMET)}


def test_what_lies_outside_of_the_data_is_not_claimed():
    text = data_verdict_foundation(PATHS["holds"][0]).explain()
    assert "not in the data" in text
    assert "the gaps are measured, not derived" in text
    assert "checker of all pairs" in " ".join(text.split())


def test_a_convention_is_named_where_codes_are_close_and_not_equal():
    near = data_verdict_foundation(PATHS["within the tolerance"][0])
    equal = data_verdict_foundation(PATHS["merged"][0])
    assert any("a convention" in text for text in near.assumed)
    assert not any("a convention" in text for text in equal.assumed)


def test_the_extracted_checker_is_named_only_where_it_was_asked():
    asked = ("extracted", "fast")
    for name in ("merged", "contradiction"):
        alone = data_verdict_foundation(PATHS[name][0])
        both = data_verdict_foundation(PATHS[name][0], confirmed_by=asked)
        assert alone.checkers == ("checker of rows",)
        assert both.checkers == ("extracted checker", "checker of rows")
    assert data_verdict_foundation(PATHS["holds"][0], confirmed_by=asked).checkers == ()
    with pytest.raises(InvalidArgumentError, match="no checker of data"):
        data_verdict_foundation(PATHS["merged"][0], confirmed_by=["oracle"])


def test_other_objects_are_refused():
    with pytest.raises(InvalidArgumentError, match="judgement is a dict"):
        data_verdict_foundation({})
