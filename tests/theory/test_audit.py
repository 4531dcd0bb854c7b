"""Audit: known answers, and brute force over all partitions (S1, S4, S5)."""

import itertools

import pytest
from hypothesis import given

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.audit import audit
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain


def set_partitions(n):
    """All partitions of range(n), as id tuples in restricted growth form."""

    def grow(ids):
        if len(ids) == n:
            yield tuple(ids)
            return
        for block in range(max(ids, default=-1) + 2):
            yield from grow([*ids, block])

    return grow([])


def admissible(mdp, ids):
    """D4 by the letter, for a total and fully labelled system."""
    return all(
        mdp.labels[x] == mdp.labels[y]
        and all(
            ids[mdp.successors[x, a]] == ids[mdp.successors[y, a]] for a in range(mdp.n_actions)
        )
        for x, y in itertools.combinations(range(mdp.n_obs), 2)
        if ids[x] == ids[y]
    )


@given(deterministic_mdps(max_observations=6, max_actions=2))
def test_audit_agrees_with_brute_force_over_all_partitions(mdp):
    findings = audit(mdp)
    kernels = [ids for ids in set_partitions(mdp.n_obs) if admissible(mdp, ids)]
    must = {
        (x, y)
        for x, y in itertools.combinations(range(mdp.n_obs), 2)
        if all(ids[x] != ids[y] for ids in kernels)
    }
    assert findings.n_must_separate == len(must)
    assert findings.min_codes == min(len(set(ids)) for ids in kernels)
    for x, y in itertools.combinations(range(mdp.n_obs), 2):
        names = mdp.observations[x], mdp.observations[y]
        assert findings.must_separate(*names) == ((x, y) in must)
        assert (findings.distinguishing_word(*names) is not None) == ((x, y) in must)


def test_counting_chain():
    findings = audit(counting_chain(9), source="counting")
    assert findings.blocks_by_depth == (2, 4, 6, 8, 9)
    assert findings.pairs_by_depth == (8, 13, 9, 5, 1)
    assert (findings.hardest.x, findings.hardest.y) == (0, 8)
    assert findings.hardest.word == ("-1",) * 4
    assert findings.hardest.x_trace == (0, 0, 0, 0, 0)
    assert findings.hardest.y_trace == (0, 0, 0, 0, 1)
    assert findings.joint_gain == 7
    assert findings.feasible
    assert findings.forced.n_blocks == 9
    assert findings.confirmed_by == ("extracted", "fast")
    assert "confirmed by the checker extracted from its proof" in findings.explain()
    assert "36 pairs" in findings.explain()


def test_constant_label_forces_nothing():
    findings = audit(counting_chain(9).with_labels([0] * 9))
    assert findings.min_codes == 1
    assert findings.hardest is None
    assert findings.n_must_separate == 0
    assert "promises nothing" in findings.explain()


def test_dense_label_of_the_paper():
    dense = [1 - abs(c - 4) / 8 + (c == 4) for c in range(9)]
    assert audit(counting_chain(9).with_labels(dense)).blocks_by_depth == (5, 9)


def test_unknown_names_are_refused():
    with pytest.raises(InvalidArgumentError, match="no observation named 99"):
        audit(counting_chain(9)).must_separate(0, 99)


def test_partial_data_are_audited_as_data():
    data = TransitionData([[0, 0, 2], [1, 0, 3]], {2: "goal", 3: "road"})
    findings = audit(data, source="log")
    assert isinstance(findings, DataAudit)
    assert findings.feasible
    assert (findings.n_must_separate, findings.n_may_merge) == (2, 4)
    assert (findings.min_codes, findings.min_codes_bounds) == (2, (2, 2))
    assert findings.must_separate(0, 1)
    assert not findings.must_separate(0, 2)
    assert findings.separation(0, 1).word == (0,)
    assert findings.explain().startswith("log: 4 observations (2 labelled)")
    assert DataAudit.from_json(findings.to_json()) == findings


@given(deterministic_mdps(max_observations=6, max_actions=2))
def test_complete_data_are_audited_as_the_mdp_that_they_are(mdp):
    assert audit(TransitionData.from_mdp(mdp)) == audit(mdp)


def test_size_horizon_and_bounds_of_a_complete_system():
    findings = audit(counting_chain(9))
    assert findings.rank == 9
    assert findings.min_codes_bounds == (9, 9)
    assert findings.horizon(3).n_unreached == 1
