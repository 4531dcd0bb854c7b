"""Certificates: honest ones are confirmed, and no false claim is, by brute force over all pairs."""

import dataclasses
import itertools
import json

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory import checker
from tellapart.theory.bisimulation import METHODS, bisimulation
from tellapart.theory.certificate import Certificate
from tellapart.theory.checker import check_certificate
from tellapart.theory.errors import CertificateError, InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, de_bruijn, random_mdp
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

MDPS = deterministic_mdps(max_observations=12, max_actions=3, max_labels=3)


def _true_depths(mdp):
    """The depth of every pair by value iteration on pairs, with nothing of the library."""
    n, table = mdp.n_obs, mdp.successors.tolist()
    depth = {}
    for k in range(n + 1):
        newly = [
            pair
            for pair in itertools.combinations(range(n), 2)
            if pair not in depth
            and (
                mdp.label_ids[pair[0]] != mdp.label_ids[pair[1]]
                if k == 0
                else any(
                    depth.get((min(p, q), max(p, q))) == k - 1
                    for p, q in zip(table[pair[0]], table[pair[1]], strict=True)
                )
            )
        ]
        depth.update(dict.fromkeys(newly, k))
    return depth


def _claims_are_true(mdp, certificate):
    depth = _true_depths(mdp)
    return all(
        certificate.separation_depth(*(int(certificate.block_ids[o]) for o in pair))
        == depth.get(pair)
        for pair in itertools.combinations(range(mdp.n_obs), 2)
    )


@given(MDPS)
def test_honest_certificates_are_confirmed_and_true(mdp):
    for method in METHODS:
        result = bisimulation(mdp, method=method)
        certificate = result.certificate()
        check = check_certificate(mdp, certificate)
        assert check, check.explain()
        assert check.n_blocks == result.partition.n_blocks
        assert check.depth == result.depth == certificate.depth
        assert check.n_pairs_separated == result.n_must_separate
        assert _claims_are_true(mdp, certificate)


@given(MDPS, st.data())
def test_false_claims_about_depths_are_refused_and_true_ones_are_not(mdp, data):
    honest = bisimulation(mdp).certificate()
    m = honest.n_blocks
    separations, order = honest.separations.copy(), honest.order.copy()
    for _ in range(data.draw(st.integers(1, 2))):
        if m > 1 and data.draw(st.booleans()):
            index = data.draw(st.integers(0, m - 2))
            separations[index] = data.draw(st.integers(0, m - 1))
        else:
            i, j = (data.draw(st.integers(0, m - 1)) for _ in range(2))
            order[[i, j]] = order[[j, i]]
    changed = dataclasses.replace(honest, separations=separations, order=order)
    true = _claims_are_true(mdp, changed)
    event(f"still true: {true}")
    check = check_certificate(mdp, changed)
    assert check.ok == true, check.explain()


@given(MDPS, st.data())
def test_made_up_partitions_are_confirmed_only_when_they_are_bisimilarity(mdp, data):
    """Any blocks with any tree over them: a liar who need not start from the truth."""
    ids = data.draw(st.lists(st.integers(0, 3), min_size=mdp.n_obs, max_size=mdp.n_obs))
    partition = Partition(ids)
    m = partition.n_blocks
    made_up = Certificate(
        mdp.fingerprint,
        partition.ids.astype(np.int64),
        np.array(data.draw(st.permutations(range(m))), dtype=np.int64),
        np.array(
            data.draw(st.lists(st.integers(0, 3), min_size=m - 1, max_size=m - 1)), dtype=np.int64
        ),
    )
    assert check_certificate(mdp, made_up).ok == _claims_are_true(mdp, made_up)


@given(MDPS, st.data())
def test_merging_or_splitting_a_block_is_refused(mdp, data):
    result = bisimulation(mdp)
    ids = result.partition.ids.copy()
    x, y = (data.draw(st.integers(0, mdp.n_obs - 1)) for _ in range(2))
    if x == y:
        return
    if ids[x] != ids[y]:
        changed = Partition(np.where(ids == ids[x], ids[y], ids))
    else:
        ids[x] = ids.max() + 1
        changed = Partition(ids)
    m = changed.n_blocks
    honest = result.certificate()
    guess = (*honest.separations.tolist(), *[data.draw(st.integers(0, 4)) for _ in range(2)])
    lie = Certificate(
        mdp.fingerprint,
        changed.ids.astype(np.int64),
        np.arange(m),
        np.array(guess[: m - 1], dtype=np.int64),
    )
    check = check_certificate(mdp, lie)
    assert not check
    assert check.n_pairs_separated == 0
    assert check.n_blocks is check.depth is None


@given(MDPS, MDPS)
def test_a_certificate_of_another_mdp_is_refused(mdp, other):
    certificate = bisimulation(other).certificate()
    assert check_certificate(mdp, certificate).ok == (mdp == other)
    forged = dataclasses.replace(certificate, fingerprint=mdp.fingerprint)
    if mdp.n_obs == other.n_obs:
        assert check_certificate(mdp, forged).ok == _claims_are_true(mdp, forged)
    else:
        assert not check_certificate(mdp, forged)


@pytest.mark.parametrize(
    "mdp",
    [
        counting_chain(501),
        blow_up(counting_chain(101), copies=10, seed=1),
        de_bruijn(9),
        random_mdp(n=5000, actions=3, labels=2, seed=4),
        random_mdp(n=2000, actions=2, labels=200, seed=5),
    ],
    ids=["chain", "blown-up chain", "de Bruijn", "random", "many labels"],
)
def test_larger_systems(mdp):
    result = bisimulation(mdp)
    check = check_certificate(mdp, result.certificate())
    assert check, check.explain()
    assert (check.depth, check.n_blocks) == (result.depth, result.partition.n_blocks)


CHAIN = counting_chain(9)
HONEST = bisimulation(CHAIN).certificate()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"fingerprint": "0" * 64}, "another MDP"),
        ({"block_ids": HONEST.block_ids[:-1]}, "block ids for 8 observations of 9"),
        ({"block_ids": HONEST.block_ids + 1}, "block ids are not 0..8"),
        ({"block_ids": HONEST.block_ids.reshape(3, 3)}, "block_ids is not a list"),
        ({"order": np.zeros(9, dtype=np.int64)}, "order does not list every block"),
        ({"order": HONEST.order * 1.0}, "order is not a list of integers"),
        ({"separations": HONEST.separations[1:]}, "7 separations for 9 blocks"),
        ({"separations": HONEST.separations - 1}, "must lie in 0..8"),
        ({"separations": [[1], [2, 3]]}, "separations is missing or ragged"),
        ({"separations": np.array([], dtype=np.int64), "order": []}, "block ids are not"),
    ],
)
def test_malformed_certificates_are_refused_with_a_reason(change, reason):
    check = check_certificate(CHAIN, dataclasses.replace(HONEST, **change))
    assert not check
    assert reason in check.reason
    assert check.explain().startswith("Certificate refused: ")


def test_something_else_than_a_certificate_is_refused():
    assert not check_certificate(CHAIN, object())


def test_reasons_name_the_false_claim():
    mdp = DeterministicMDP([[0], [0], [1]], ["a", "a", "b"], ["x", "y", "z"], ["go"])
    one_block = Certificate(mdp.fingerprint, np.zeros(3, int), np.zeros(1, int), np.zeros(0, int))
    assert "of another label" in check_certificate(mdp, one_block).reason
    flat = mdp.with_labels(["a"] * 3)
    two_blocks = Certificate(flat.fingerprint, np.array([0, 1, 1]), np.arange(2), np.ones(1, int))
    assert "by action 'go'" in check_certificate(flat, two_blocks).reason
    wrong_label = HONEST.separations.copy()
    wrong_label[0] = 0
    lie = dataclasses.replace(HONEST, separations=wrong_label)
    assert "equal labels" in check_certificate(CHAIN, lie).reason
    too_deep = HONEST.separations.copy()
    too_deep[too_deep == 1] = 2
    lie = dataclasses.replace(HONEST, separations=too_deep)
    assert "do not bear out" in check_certificate(CHAIN, lie).reason


def test_three_parts_of_which_two_are_the_same_are_refused():
    """Neighbours alone look right here; only the comparison of all siblings sees the lie."""
    twins = DeterministicMDP([[3], [4], [3], [3], [4]], ["a", "a", "a", "p", "q"])
    lie = Certificate(
        twins.fingerprint,
        np.arange(5),
        np.array([0, 1, 2, 3, 4]),
        np.array([1, 1, 0, 0]),
    )
    check = check_certificate(twins, lie)
    assert "positions 0 and 2" in check.reason


@given(MDPS)
def test_certificates_survive_json(mdp):
    certificate = bisimulation(mdp).certificate()
    copy = Certificate.from_json(certificate.to_json())
    assert copy == certificate
    assert hash(copy) == hash(certificate)
    assert check_certificate(mdp, copy)
    assert copy.to_json() == certificate.to_json()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "has the format 'list'"),
        ('{"format": "other"}', "has the format 'other'"),
        (json.dumps({**json.loads(HONEST.to_json()), "fingerprint": 1}), "no fingerprint"),
        (json.dumps({**json.loads(HONEST.to_json()), "order": [1.5]}), "'order' must be a list"),
        (json.dumps({**json.loads(HONEST.to_json()), "order": None}), "'order' must be a list"),
        (json.dumps({**json.loads(HONEST.to_json()), "order": [2**70]}), "beyond 64 bits"),
    ],
)
def test_unreadable_certificates_are_an_error(text, message):
    with pytest.raises(CertificateError, match=message):
        Certificate.from_json(text)


def test_certificates_answer_for_pairs_of_blocks_and_print_short():
    assert HONEST.separation_depth(0, 8) == 4
    assert HONEST.separation_depth(3, 3) is None
    assert repr(HONEST).startswith("Certificate(n_obs=9, n_blocks=9, depth=4, mdp=")
    assert HONEST != "something else"
    with pytest.raises(InvalidArgumentError, match=r"Block 9 is not one of 0\.\.8"):
        HONEST.separation_depth(0, 9)


def test_the_checker_shares_no_code_with_the_refinement():
    shared = {
        value.__module__
        for value in vars(checker).values()
        if getattr(value, "__module__", "").startswith("tellapart.")
    }
    assert shared == {"tellapart.theory.mdp", "tellapart.theory.checker"}
