"""Base and step by SAT: against word by word and against the list, and no clause is idle."""

import importlib.util
import itertools

import pytest

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.scope import induction
from tellapart.theory.scope.exhaustion import exhaust
from tellapart.theory.scope.induction import GROUPS, InductionEncoding, refute_by_induction
from tellapart.theory.scope.sat import SatRefutation, refute_by_sat


@pytest.mark.parametrize("n", range(2, 9))
def test_base_and_step_are_refuted_for_every_pair(n):
    found = refute_by_induction(n, 2, every_pair=True)
    assert found.holds
    assert SatRefutation.from_json(found.to_json()) == found
    assert found.n_clauses == refute_by_induction(n, 2).n_clauses


@pytest.mark.parametrize(("n", "m"), [(10, 1), (12, 2), (16, 2)])
def test_by_renaming_one_pair_is_enough(n, m):
    assert refute_by_induction(n, m).holds


@pytest.mark.parametrize("drop", [None, "aux_loss", "dynamics_loss"])
@pytest.mark.parametrize("size", [(2, 1), (2, 2), (3, 1), (4, 1)])
def test_list_words_and_induction_agree(size, drop):
    listed = exhaust(*size, drop=drop).row(*size).collapses == 0
    assert refute_by_induction(*size, drop=drop).holds == listed
    assert refute_by_induction(*size, drop=drop, every_pair=True).holds == listed
    assert refute_by_sat(*size, drop=drop).holds == listed


@pytest.mark.parametrize("drop", ["aux_loss", "dynamics_loss"])
@pytest.mark.parametrize("size", [(3, 2), (6, 2), (9, 1)])
def test_without_a_loss_a_model_is_a_collapse(size, drop):
    collapse = refute_by_induction(*size, drop=drop).collapse
    assert (collapse.mdp.n_obs, collapse.mdp.n_actions) == size
    assert not collapse.kernel.refines(bisimulation(collapse.mdp).partition)


def solved(n, **options):
    from pysat.solvers import Solver

    encoding = InductionEncoding(n, 2, **options)
    with Solver(name="glucose4", bootstrap_with=encoding.clauses) as solver:
        return solver.solve(assumptions=[encoding.same[0, 1], encoding.told[0, 1]])


@pytest.mark.parametrize("n", [3, 5])
def test_no_group_of_clauses_can_be_left_out(n):
    """The base needs the labels; the step needs every group."""
    assert not solved(n)
    assert not solved(n, step=True)
    assert solved(n, without=["labels"])
    for group in GROUPS:
        assert solved(n, step=True, without=[group]), group


def test_the_formula_has_models_at_all():
    """Nothing is refuted because the clauses contradict each other."""
    from pysat.solvers import Solver

    for step in (False, True):
        encoding = InductionEncoding(4, 2, step=step)
        with Solver(name="glucose4", bootstrap_with=encoding.clauses) as solver:
            for shared, told in itertools.product([True, False], repeat=2):
                signs = [1 if shared else -1, 1 if told else -1]
                assumed = [signs[0] * encoding.same[0, 1], signs[1] * encoding.told[0, 1]]
                assert solver.solve(assumptions=assumed) != (shared and told)


def test_a_step_that_is_not_refuted_is_an_error_of_ours(monkeypatch):
    class Idle(InductionEncoding):
        def __init__(self, n, m, *, step=False, grounded=False, without=()):
            super().__init__(n, m, step=step, grounded=grounded, without=[*without, "lemma"])

    monkeypatch.setattr(induction, "InductionEncoding", Idle)
    with pytest.raises(InternalError, match="The step is not refuted"):
        refute_by_induction(3, 1)


def test_a_model_that_is_no_collapse_is_an_error_of_ours(monkeypatch):
    class Blind(InductionEncoding):
        def __init__(self, n, m, *, step=False, grounded=False, without=()):
            super().__init__(n, m, step=step, grounded=grounded, without=[*without, "labels"])

    monkeypatch.setattr(induction, "InductionEncoding", Blind)
    with pytest.raises(InternalError, match="a loss that is not zero"):
        refute_by_induction(3, 1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1, 1), InvalidArgumentError, "n_observations is 1"),
        ((2, 0), InvalidArgumentError, "n_actions is 0"),
        ((True, 1), InvalidArgumentError, "n_observations is True"),
        ((2.0, 1), InvalidArgumentError, r"n_observations is 2\.0"),
        ((25, 1), BudgetExceededError, "at most 24"),
        ((2, 10**9), BudgetExceededError, "n_actions is 1000000000"),
    ],
)
def test_bad_sizes_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        refute_by_induction(*arguments)


def test_other_hypotheses_and_missing_solvers_are_refused(monkeypatch):
    with pytest.raises(InvalidArgumentError, match="drop is 'determinism'"):
        refute_by_induction(2, 1, drop="determinism")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidArgumentError, match=r"Install tellapart\[formal\]"):
        refute_by_induction(2, 1)
