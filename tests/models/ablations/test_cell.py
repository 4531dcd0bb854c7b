import numpy as np
import pytest

from tellapart.models.ablations import cell as module
from tellapart.models.ablations.cell import AblationCell, run_cell
from tellapart.models.ablations.training import Outcome
from tellapart.models.evaluation import evaluate
from tellapart.models.exact import exact_subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Verdict


def outcome(mdp, codes=None, predicted=None):
    """What an exact subject answers, or the same with other codes."""
    found = evaluate(exact_subject(mdp), mdp)
    codes = found.codes if codes is None else codes
    predicted = found.predicted if predicted is None else predicted
    return Outcome(codes, found.codes, predicted, found.read)


def test_joint_holds_and_aux_only_collapses_with_decay():
    joint = run_cell("joint", "chain", weight_decay=3.0, seeds=2, steps=1200)
    aux = run_cell("aux-only", "chain", weight_decay=3.0, seeds=2, steps=1200)
    assert all(run.verdict is Verdict.HOLDS and run.premise for run in joint.runs)
    assert all(row.apart == row.pairs for run in joint.runs for row in run.task)
    assert any(run.verdict is Verdict.COLLAPSED for run in aux.runs)
    assert not any(run.premise for run in aux.runs)
    assert sum(row.pairs for row in aux.runs[0].task) == 45


def test_a_cell_repeats_to_the_byte_and_loads_back():
    cells = [
        run_cell("ema-target", "random", weight_decay=3.0, seeds=2, steps=30) for _ in range(2)
    ]
    assert cells[0].to_json() == cells[1].to_json()
    assert AblationCell.from_json(cells[0].to_json()) == cells[0]
    assert "ema-target on random" in cells[0].explain()
    assert "2 runs" in repr(cells[0])


def test_pairs_are_counted_by_depth_as_the_bisimulation_has_them():
    run = run_cell("joint", "counting-9", weight_decay=0.0, seeds=1, steps=5).runs[0]
    counted = [row.pairs for row in run.task]
    assert tuple(counted) == bisimulation(counting_chain(9)).pairs_by_depth
    assert sum(counted) == 36


def test_a_random_target_covers_the_task_and_asks_for_more():
    run = run_cell("random-target", "blow-up", weight_decay=0.0, seeds=1, steps=5).runs[0]
    assert run.covered
    assert sum(row.pairs for row in run.own) == 15 * 14 // 2 > sum(row.pairs for row in run.task)


def test_a_value_may_ask_for_less_than_the_task():
    """Two loops with one own label, which the task tells apart."""
    task = DeterministicMDP([[0], [1], [2]], [1, 0, 2])
    same = task.with_labels([1, 0, 1])
    found = module._run(0, task, same, outcome(same))
    assert not found.covered
    assert found.own_verdict is Verdict.HOLDS
    assert found.verdict is Verdict.COLLAPSED


def test_the_verdict_on_the_task_needs_premise_and_cover():
    task, finer = counting_chain(5), counting_chain(5).with_labels(range(5))
    assert module._run(0, task, finer, outcome(finer)).verdict is Verdict.HOLDS
    wrong = evaluate(exact_subject(finer), finer).predicted + 100.0
    unmet = module._run(0, task, finer, outcome(finer, predicted=wrong))
    assert unmet.verdict is Verdict.VACUOUS
    assert unmet.own_verdict is Verdict.VACUOUS


def test_size_is_relative_to_the_codes_before():
    mdp = counting_chain(5)
    codes = evaluate(exact_subject(mdp), mdp).codes
    assert module._run(0, mdp, mdp, outcome(mdp, codes=1e-6 * codes)).size == pytest.approx(1e-6)
    merged = module._run(0, mdp, mdp, outcome(mdp, codes=np.zeros_like(codes)))
    assert (merged.size, merged.verdict) == (0.0, Verdict.COLLAPSED)
    assert all(row.apart == 0 for row in merged.task)


@pytest.mark.parametrize(
    "change",
    [
        {"design": "vicreg"}, {"family_name": "ring"}, {"seeds": 0}, {"seeds": True},
        {"steps": 1.5}, {"weight_decay": -1.0}, {"weight_decay": float("nan")},
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(change):
    arguments = {
        "design": "joint", "family_name": "chain", "weight_decay": 0.0, "seeds": 1, "steps": 1,
    }  # fmt: skip
    with pytest.raises(InvalidArgumentError):
        run_cell(**(arguments | change))
