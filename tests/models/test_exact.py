import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.exact import ExactCheck, ExactTables, exact_subject, verify_exact
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition, kernel


@st.composite
def mdps(draw: st.DrawFn, max_obs: int = 7) -> DeterministicMDP:
    n = draw(st.integers(1, max_obs))
    n_actions = draw(st.integers(1, 3))
    row = st.lists(st.integers(0, n - 1), min_size=n_actions, max_size=n_actions)
    table = draw(st.lists(row, min_size=n, max_size=n))
    label = st.sampled_from([0.0, 0.1, -100.0, 1 / 3])
    mdp = DeterministicMDP(table, draw(st.lists(label, min_size=n, max_size=n)))
    return blow_up(mdp, 2, seed=draw(st.integers(0, 3))) if draw(st.booleans()) else mdp


@given(mdps(), st.booleans(), st.sampled_from(["onehot", "random"]), st.integers(0, 99))
def test_every_admissible_extreme_has_exactly_zero_loss_and_the_asked_kernel(
    mdp, finest, gauge, seed
):
    partition = Partition.identity(mdp.n_obs) if finest else bisimulation(mdp).partition
    subject = exact_subject(mdp, partition, gauge=gauge, seed=seed)
    found = evaluate(subject, mdp)
    assert found.dynamics_loss == 0.0
    assert found.aux_loss == 0.0
    assert np.array_equal(found.predicted, found.codes[mdp.successors])
    assert np.array_equal(found.read, mdp.label_vectors)
    assert kernel(found.codes) == partition
    assert verify_exact(mdp, subject.tables, found)


@given(mdps(), st.data())
def test_a_partition_is_accepted_exactly_when_brute_force_calls_it_admissible(mdp, data):
    n = mdp.n_obs
    ids = data.draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))
    pairs = [(x, y) for x in range(n) for y in range(n) if ids[x] == ids[y]]
    admissible = all(
        mdp.labels[x] == mdp.labels[y]
        and all(ids[i] == ids[j] for i, j in zip(mdp.successors[x], mdp.successors[y], strict=True))
        for x, y in pairs
    )
    if admissible:
        partition = Partition(ids)
        assert kernel(evaluate(exact_subject(mdp, partition), mdp).codes) == partition
    else:
        with pytest.raises(InvalidArgumentError, match="not admissible"):
            exact_subject(mdp, Partition(ids))


@given(mdps(), st.data())
def test_one_changed_bit_anywhere_is_found(mdp, data):
    subject = exact_subject(mdp)
    found = evaluate(subject, mdp)
    outputs = {name: getattr(found, name).copy() for name in ("codes", "predicted", "read")}
    name = data.draw(st.sampled_from(sorted(outputs)))
    flat = outputs[name].reshape(-1)
    place = data.draw(st.integers(0, len(flat) - 1))
    flat[place] = np.nextafter(flat[place], np.inf)
    check = verify_exact(mdp, subject.tables, Evaluation.from_outputs(mdp, **outputs))
    assert not check
    assert check.failure is not None
    assert check.failure in check.explain()


def test_tables_of_another_mdp_are_refused():
    mdp, shorter = counting_chain(9), counting_chain(7)
    found = evaluate(exact_subject(mdp), mdp)
    assert "not of the size" in verify_exact(mdp, exact_subject(shorter).tables, found).failure
    moved = exact_subject(counting_chain(9, 3)).tables
    assert "another label" in verify_exact(mdp, moved, found).failure


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("codes", np.zeros((9, 9), dtype=np.int64), "same code"),
        ("successors", np.full((9, 2), 9), "outside"),
        ("successors", np.zeros((9, 2), dtype=np.int64), "contradict"),
    ],
)
def test_wrong_tables_are_named(field, value, said):
    mdp = counting_chain(9)
    subject = exact_subject(mdp)
    names = ("codes", "block_ids", "successors", "labels")
    parts = {k: getattr(subject.tables, k).copy() for k in names} | {field: value}
    check = verify_exact(mdp, ExactTables(**parts), evaluate(subject, mdp))
    assert said in check.failure


def test_counting_chain_known_answer():
    subject = exact_subject(counting_chain(9))
    assert repr(subject.tables) == "ExactTables(9 observations in 9 blocks, 2 actions, d=9)"
    check = verify_exact(counting_chain(9), subject.tables, evaluate(subject, counting_chain(9)))
    assert (check.n_transitions, check.n_observations) == (18, 9)
    assert "every difference is 0" in check.explain()
    assert ExactCheck.from_json(check.to_json()) == check


def test_the_random_gauge_is_not_one_hot_and_is_reproducible():
    mdp = counting_chain(9)
    first, again = (exact_subject(mdp, gauge="random", seed=3) for _ in range(2))
    assert np.array_equal(first.tables.codes, again.tables.codes)
    assert (np.abs(first.tables.codes).sum(axis=1) > 1).any()
    assert abs(round(np.linalg.det(first.tables.codes.astype(float)))) == 1


def test_unknown_gauge():
    with pytest.raises(InvalidArgumentError, match="onehot"):
        exact_subject(counting_chain(9), gauge="float")


def test_exact_parts_are_linear_in_the_codes():
    mdp = counting_chain(5)
    subject = exact_subject(mdp, gauge="random", seed=1)
    x, y = torch.randn(2, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    actions = torch.tensor([0, 1, 1, 0])
    assert torch.allclose(
        subject.predictor(x + y, actions),
        subject.predictor(x, actions) + subject.predictor(y, actions),
    )
    assert torch.allclose(subject.head(2 * x), 2 * subject.head(x))
