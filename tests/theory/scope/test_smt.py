"""All sizes at once: refuted by each solver, and satisfiable without any one hypothesis."""

import importlib.util

import pytest

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope import smt, smt_models
from tellapart.theory.scope.confirming import confirm_collapse
from tellapart.theory.scope.exhaustion import ScopeCollapse, exhaust
from tellapart.theory.scope.obligations import OBLIGATIONS
from tellapart.theory.scope.smt import SmtAnswer, installed_solvers, prove_for_all_sizes
from tellapart.theory.scope.smt_models import SmtCountermodel, smt_countermodel

SOLVERS = installed_solvers()
HYPOTHESES = sorted({name for each in OBLIGATIONS for name in each.hypotheses})


def test_a_solver_is_installed():
    assert SOLVERS, "pip install tellapart[formal]"


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_obligation_is_proved_for_all_sizes(solver):
    answers = prove_for_all_sizes(solver=solver)
    assert [answer.answer for answer in answers] == ["unsatisfiable"] * len(OBLIGATIONS)
    for answer in answers:
        assert answer.holds
        assert "no model of any size contradicts it" in answer.explain()
        assert SmtAnswer.from_json(answer.to_json()) == answer


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("hypothesis", HYPOTHESES)
def test_no_obligation_survives_without_a_hypothesis_of_it(solver, hypothesis):
    answers = prove_for_all_sizes(solver=solver, without=hypothesis)
    asked = [each for each in OBLIGATIONS if hypothesis in each.hypotheses]
    assert len(answers) == len(asked) > 0
    for answer in answers:
        assert answer.answer == "satisfiable"
        assert not answer
        assert hypothesis not in answer.assumes
        assert "some model contradicts it" in answer.explain()


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("drop", "n"), [("aux_loss", 2), ("dynamics_loss", 3)])
def test_without_a_loss_the_model_is_as_small_as_the_list_says(solver, drop, n):
    found = smt_countermodel(drop, solver=solver)
    assert found.refuted == tuple(range(1, n))
    mdp, kernel = found.collapse.mdp, found.collapse.kernel
    assert mdp.n_obs == n
    assert not kernel.refines(bisimulation(mdp).partition)
    assert exhaust(n - 1, 1, drop=drop).holds
    assert not exhaust(n, 1, drop=drop).holds
    assert f"There is one of {n}" in found.explain()
    assert SmtCountermodel.from_json(found.to_json()).collapse.kernel == kernel


@pytest.mark.parametrize("solver", SOLVERS)
def test_with_both_losses_there_is_no_small_model(solver):
    found = smt_countermodel(solver=solver)
    assert found.collapse is None
    assert found.refuted == (1, 2, 3, 4)
    assert "finds no model of 1 to 4 observations" in found.explain()
    assert "none" in repr(found)


def test_what_is_no_collapse_is_not_confirmed():
    apart = DeterministicMDP([[0], [1]], [0, 1])
    twins = DeterministicMDP([[0], [1]], [0, 0])
    merged = Partition([0, 0])
    with pytest.raises(InternalError, match="a loss that is not zero"):
        confirm_collapse(ScopeCollapse(apart, merged), None)
    with pytest.raises(InternalError, match="merges bisimilar observations only"):
        confirm_collapse(ScopeCollapse(twins, merged), Hypothesis.AUX_LOSS)
    confirm_collapse(ScopeCollapse(apart, merged), Hypothesis.AUX_LOSS)
    moving = DeterministicMDP([[0], [2], [2]], [0, 0, 1])
    confirm_collapse(ScopeCollapse(moving, Partition([0, 0, 1])), Hypothesis.DYNAMICS_LOSS)
    with pytest.raises(InternalError, match="a loss that is not zero"):
        confirm_collapse(ScopeCollapse(moving, Partition([0, 0, 1])), Hypothesis.AUX_LOSS)


def test_bad_arguments_are_refused():
    with pytest.raises(InvalidArgumentError, match="solver is 'yices'; choose one of cvc5, z3"):
        prove_for_all_sizes(solver="yices")
    with pytest.raises(InvalidArgumentError, match="without is 'determinism'; choose one of"):
        prove_for_all_sizes(without="determinism")
    with pytest.raises(InvalidArgumentError, match="drop is 'determinism'"):
        smt_countermodel("determinism")


def test_without_a_solver_one_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert installed_solvers() == ()
    with pytest.raises(InvalidArgumentError, match=r"Install tellapart\[formal\] for cvc5"):
        prove_for_all_sizes()
    with pytest.raises(InvalidArgumentError, match="z3 is not installed here"):
        smt_countermodel(solver="z3")


class Undecided:
    """A solver that gives up."""

    def add(self, *formulas):
        self.formulas = formulas

    def check(self):
        return "unknown"


def test_giving_up_proves_nothing(monkeypatch):
    monkeypatch.setattr(smt, "new_solver", lambda name, finite: Undecided())
    monkeypatch.setattr(smt_models, "new_solver", lambda name, finite: Undecided())
    for answer in prove_for_all_sizes():
        assert answer.answer == "unknown"
        assert not answer.holds
        assert "which proves nothing" in answer.explain()
    with pytest.raises(BudgetExceededError, match="gave up on 1 observations"):
        smt_countermodel()
