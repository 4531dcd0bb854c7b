"""The extracted checker agrees with the fast one, and both with brute force over all pairs."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory import extracted_checker, verified_checker
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.certificate import Certificate
from tellapart.theory.checker import check_certificate
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, random_mdp
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.verified_checker import check_certificate_verified

MDPS = deterministic_mdps(max_observations=12, max_actions=3, max_labels=3)
SMALL = deterministic_mdps(max_observations=6, max_actions=2, max_labels=3)


def _shortest_word(mdp, x, y):
    """The length of a shortest word that tells two observations apart, by trying all words."""
    table, labels = mdp.successors.tolist(), mdp.label_ids.tolist()
    seen, now = set(), {(x, y)}
    for length in range(mdp.n_obs**2 + 1):
        if any(labels[p] != labels[q] for p, q in now):
            return length
        seen |= now
        now = {pair for p, q in now for pair in zip(table[p], table[q], strict=True)} - seen
    return None


def _claims_are_true(mdp, certificate):
    blocks = certificate.block_ids.tolist()
    return all(
        certificate.separation_depth(blocks[x], blocks[y]) == _shortest_word(mdp, x, y)
        for x, y in itertools.combinations(range(mdp.n_obs), 2)
    )


def _changed(draw, certificate):
    """A certificate with one entry changed, or two of them swapped."""
    field = draw(st.sampled_from(["block_ids", "order", "separations"]))
    values = getattr(certificate, field).copy()
    if len(values):
        i, j = (draw(st.integers(0, len(values) - 1)) for _ in range(2))
        if draw(st.booleans()):
            values[[i, j]] = values[[j, i]]
        else:
            values[i] = draw(st.integers(0, certificate.n_blocks))
    return dataclasses.replace(certificate, **{field: values})


@given(MDPS)
def test_honest_certificates_are_confirmed(mdp):
    result = bisimulation(mdp)
    check = check_certificate_verified(mdp, result.certificate())
    assert check, check.explain()
    assert check.n_blocks == result.partition.n_blocks


@given(MDPS, st.data())
def test_the_extracted_and_the_fast_checker_agree_on_changed_certificates(mdp, data):
    certificate = bisimulation(mdp).certificate()
    for _ in range(data.draw(st.integers(1, 3))):
        certificate = _changed(data.draw, certificate)
    fast = check_certificate(mdp, certificate)
    check = check_certificate_verified(mdp, certificate)
    event(f"still accepted: {fast.ok}")
    assert check.ok == fast.ok, (check.explain(), fast.explain())
    assert check.n_blocks == fast.n_blocks


@given(SMALL, st.data())
def test_both_checkers_agree_with_brute_force_on_made_up_certificates(mdp, data):
    partition = data.draw(
        st.sampled_from([bisimulation(mdp).partition, Partition.identity(mdp.n_obs)])
        | st.lists(st.integers(0, 3), min_size=mdp.n_obs, max_size=mdp.n_obs).map(Partition)
    )
    m = partition.n_blocks
    separations = data.draw(st.lists(st.integers(0, 3), min_size=m - 1, max_size=m - 1))
    made_up = Certificate(
        mdp.fingerprint,
        partition.ids.astype(np.int64),
        np.array(data.draw(st.permutations(range(m))), dtype=np.int64),
        np.array(separations, dtype=np.int64),
    )
    true = _claims_are_true(mdp, made_up)
    event(f"true: {true}")
    assert check_certificate_verified(mdp, made_up).ok == true
    # The fast one wants separations below the number of blocks, which true ones are.
    assert check_certificate(mdp, made_up).ok == true


@given(MDPS, MDPS)
def test_a_certificate_of_another_mdp_is_refused(mdp, other):
    certificate = bisimulation(other).certificate()
    assert check_certificate_verified(mdp, certificate).ok == (mdp == other)


@given(SMALL, st.data())
def test_wrong_hints_never_make_it_accept(mdp, data):
    """The extracted function is sound whatever hints it is given: here they are arbitrary."""
    honest = bisimulation(mdp).certificate()
    certificate = _changed(data.draw, honest)
    k, n = certificate.n_blocks, mdp.n_obs
    hints = [
        data.draw(st.lists(st.integers(0, top), min_size=k, max_size=k)) for top in (k - 1, n - 1)
    ]
    flat = data.draw(st.lists(st.integers(0, 3), min_size=k * k, max_size=k * k))
    table, labels = mdp.successors.tolist(), mdp.label_ids.tolist()
    accepted = extracted_checker.accepts(
        n,
        mdp.n_actions,
        lambda o, a: table[o][a],
        labels.__getitem__,
        k,
        certificate.block_ids.tolist().__getitem__,
        certificate.order.tolist().__getitem__,
        certificate.separations.tolist().__getitem__,
        hints[0].__getitem__,
        hints[1].__getitem__,
        lambda i, j: flat[i * k + j],
    )
    event(f"accepted: {accepted}")
    assert not accepted or check_certificate(mdp, certificate)


CHAIN = counting_chain(9)
HONEST = bisimulation(CHAIN).certificate()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"fingerprint": "0" * 64}, "another MDP"),
        ({"block_ids": HONEST.block_ids[:-1]}, "in length"),
        ({"block_ids": HONEST.block_ids + 1}, "a block that order does not list"),
        ({"block_ids": HONEST.block_ids.reshape(3, 3)}, "block_ids is not a list"),
        ({"order": np.zeros(9, dtype=np.int64)}, "order does not list every block"),
        ({"order": HONEST.order * 1.0}, "order is not a list"),
        ({"order": None}, "order is not a list"),
        ({"separations": HONEST.separations[1:]}, "in length"),
        ({"separations": HONEST.separations - 1}, "separations is not a list"),
        ({"separations": [[1], [2, 3]]}, "separations is not a list"),
        ({"separations": [], "order": []}, "a block that order does not list"),
        ({"block_ids": np.minimum(HONEST.block_ids, 7)}, "has no observation"),
        ({"order": np.arange(10), "separations": np.zeros(9, int)}, "lists more blocks than"),
        ({"separations": HONEST.separations[::-1].copy()}, "at another depth than stated"),
    ],
)
def test_refusals_name_what_is_wrong(change, reason):
    wrong = dataclasses.replace(HONEST, **change)
    check = check_certificate_verified(CHAIN, wrong)
    assert not check
    assert reason in check.explain()
    assert not check_certificate(CHAIN, wrong)


class Raises:
    """What raises something of its own when it is read, in any way."""

    def __init__(self, error):
        self.error = error

    def __array__(self, *arguments, **options):
        raise self.error

    def __getattr__(self, name):
        raise self.error

    def __len__(self):
        raise self.error

    def __eq__(self, other):
        raise self.error

    __hash__ = object.__hash__


@pytest.mark.parametrize("error", [TypeError("no"), ValueError("no"), KeyError(3), OSError("no")])
@pytest.mark.parametrize("field", ["fingerprint", "block_ids", "order", "separations"])
def test_what_raises_when_it_is_read_is_refused(error, field):
    wrong = dataclasses.replace(HONEST, **{field: Raises(error)})
    assert not check_certificate_verified(CHAIN, wrong)
    assert not check_certificate_verified(CHAIN, Raises(error))


@pytest.mark.parametrize("field", ["block_ids", "order", "separations"])
def test_every_field_is_read_once(field):
    class Changing:
        def __init__(self):
            self.reads = []

        def __getattr__(self, name):
            self.reads.append(name)
            again = self.reads.count(name) > 1
            return getattr(HONEST, name) if not again else "something else"

    changing = Changing()
    assert check_certificate_verified(CHAIN, changing)
    assert changing.reads.count(field) == 1


def test_a_fingerprint_that_is_no_text_is_another_mdp():
    wrong = dataclasses.replace(HONEST, fingerprint=np.zeros(2))
    assert "another MDP" in check_certificate_verified(CHAIN, wrong).reason


def test_a_long_order_is_refused_before_there_are_tables_of_its_pairs(monkeypatch):
    def tables(*arguments):
        raise AssertionError("tables of all pairs were made")

    monkeypatch.setattr(verified_checker, "_running_minima", tables)
    long = dataclasses.replace(HONEST, order=np.arange(10), separations=np.zeros(9, int))
    assert "more blocks than there are observations" in (
        check_certificate_verified(CHAIN, long).explain()
    )


def test_blocks_that_no_bisimulation_has_are_refused():
    mdp = DeterministicMDP([[0], [0], [1]], ["a", "a", "b"])
    one_block = Certificate(mdp.fingerprint, np.zeros(3, int), np.zeros(1, int), np.zeros(0, int))
    assert "labels or successors differ" in check_certificate_verified(mdp, one_block).reason


@pytest.mark.parametrize(
    "mdp",
    [counting_chain(121), blow_up(counting_chain(31), copies=5, seed=1),
     random_mdp(n=200, actions=4, labels=2, seed=4)],
    ids=["chain", "blown-up chain", "random"],
)  # fmt: skip
def test_a_few_hundred_observations(mdp):
    certificate = bisimulation(mdp).certificate()
    assert check_certificate_verified(mdp, certificate)
    separations = certificate.separations.copy()
    separations[-1] += 1
    assert not check_certificate_verified(
        mdp, dataclasses.replace(certificate, separations=separations)
    )


def test_what_it_does_not_take_is_an_error(monkeypatch):
    with pytest.raises(InvalidArgumentError, match="A str is not a DeterministicMDP"):
        check_certificate_verified("chain", HONEST)
    monkeypatch.setattr(verified_checker, "MOST_OBSERVATIONS", 8)
    with pytest.raises(InvalidArgumentError, match=r"has 9 observations.*at most 8"):
        check_certificate_verified(CHAIN, HONEST)


def test_the_extracted_checker_imports_nothing_of_the_library():
    modules = {getattr(v, "__module__", "") for v in vars(extracted_checker).values()}
    assert not any(m.startswith("tellapart") and "extracted_checker" not in m for m in modules)
