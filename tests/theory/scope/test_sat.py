"""The theorem at one size by SAT: refuted nowhere, and by a decoded model without either loss."""

import pytest

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope import sat
from tellapart.theory.scope.encoding import CollapseEncoding
from tellapart.theory.scope.exhaustion import ScopeCollapse, exhaust
from tellapart.theory.scope.sat import SatRefutation, refute_by_sat


@pytest.mark.parametrize(("n", "m"), [(2, 1), (3, 2), (4, 1), (5, 2), (6, 1), (6, 2)])
def test_no_kernel_of_zero_loss_merges_what_a_word_tells_apart(n, m):
    found = refute_by_sat(n, m)
    assert found.holds
    assert "unsatisfiable; no kernel" in found.explain()
    assert SatRefutation.from_json(found.to_json()) == found


@pytest.mark.parametrize("size", [(2, 1), (4, 2), (5, 2), (6, 2)])
def test_without_the_auxiliary_loss_a_model_is_a_counterexample(size):
    found = refute_by_sat(*size, drop="aux_loss")
    assert not found
    collapse = found.collapse
    assert (collapse.mdp.n_obs, collapse.mdp.n_actions) == size
    loss = irreducible_loss(collapse.mdp, one_hot(collapse.kernel))
    assert loss.dynamics == 0 < loss.auxiliary
    assert not collapse.kernel.refines(bisimulation(collapse.mdp).partition)
    assert collapse.kernel.same_block(0, 1)


@pytest.mark.parametrize("size", [(3, 1), (5, 2), (6, 2)])
def test_without_the_dynamics_loss_a_model_is_a_counterexample(size):
    collapse = refute_by_sat(*size, drop="dynamics_loss").collapse
    loss = irreducible_loss(collapse.mdp, one_hot(collapse.kernel))
    assert loss.auxiliary == 0 < loss.dynamics
    assert not collapse.kernel.refines(bisimulation(collapse.mdp).partition)


def one_hot(partition):
    return [[int(b == k) for k in range(partition.n_blocks)] for b in partition.ids.tolist()]


@pytest.mark.parametrize("drop", [None, "aux_loss", "dynamics_loss"])
@pytest.mark.parametrize("size", [(2, 1), (2, 2), (3, 1), (4, 1)])
def test_solver_and_list_agree_on_every_small_size(size, drop):
    """Two ways that share nothing: satisfiable exactly when the list has a collapse."""
    assert refute_by_sat(*size, drop=drop).holds == (
        exhaust(*size, drop=drop).row(*size).collapses == 0
    )


def test_models_of_the_encoding_are_exactly_the_collapses():
    """All models at 2 observations and 1 action, projected to systems, against a plain list."""
    from pysat.solvers import Solver

    encoding = CollapseEncoding(2, 1, with_labels=False)
    found = set()
    with Solver(name="glucose4", bootstrap_with=encoding.clauses) as solver:
        for model in solver.enum_models():
            successors, labels, ids = encoding.read(model)
            found.add((tuple(map(tuple, successors)), tuple(labels), tuple(ids)))
    pairs = [(0, 1), (1, 0)]
    tables = [((s,), (t,)) for s in (0, 1) for t in (0, 1)]
    assert found == {(table, labels, (0, 0)) for table in tables for labels in pairs}


def test_a_model_that_is_no_collapse_is_an_internal_error():
    apart = DeterministicMDP([[0], [0]], [0, 1])
    with pytest.raises(InternalError, match="has a loss that is not zero"):
        sat._verify(ScopeCollapse(apart, Partition([0, 0])), None)
    with pytest.raises(InternalError, match="merges bisimilar observations only"):
        sat._verify(ScopeCollapse(apart, Partition([0, 1])), Hypothesis.AUX_LOSS)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1, 1), InvalidArgumentError, "n_observations is 1; it must be an integer >= 2"),
        ((3, 0), InvalidArgumentError, "n_actions is 0"),
        ((True, 1), InvalidArgumentError, "n_observations is True"),
        ((11, 1), BudgetExceededError, "n_observations is 11"),
    ],
)
def test_bad_sizes_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        refute_by_sat(*arguments)


def test_only_the_two_losses_can_be_dropped(monkeypatch):
    with pytest.raises(InvalidArgumentError, match="drop is 'exact_zero'"):
        refute_by_sat(3, 1, drop="exact_zero")
    monkeypatch.setattr(sat.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidArgumentError, match=r"Install\s+tellapart\[formal\]"):
        refute_by_sat(3, 1)
