"""Rounded weights: the predicate still holds, no tensor takes fewer digits, the original stays."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.counterexamples.rounding import rounded_subject
from tellapart.models.designs import constant_subject
from tellapart.models.evaluation import evaluate
from tellapart.models.networks import reference_subject
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain

CHAIN = counting_chain(3)


def weights(subject):
    parts = (subject.encoder, subject.predictor, subject.head)
    return [w.detach().clone() for part in parts for w in part.state_dict().values()]


def small(seed):
    return reference_subject(CHAIN, seed=seed, latent_dim=2, hidden=3)


def near(subject, x=0, y=2, within=0.1):
    codes = evaluate(subject, CHAIN).codes
    return float(np.linalg.norm(codes[x] - codes[y])) <= within


def merging(seed):
    """A subject in which two codes differ by less than rounding shows."""
    subject = small(seed)
    with torch.no_grad():
        subject.encoder.table[2] = subject.encoder.table[0] + 0.03
    return subject


@given(st.integers(0, 30), st.sampled_from([0.05, 0.1, 0.5]))
def test_the_predicate_holds_and_no_single_tensor_takes_fewer_digits(seed, within):
    subject = merging(seed)
    before = weights(subject)

    def violates(candidate):
        return near(candidate, within=within)

    found = rounded_subject(subject, violates)
    assert violates(found.subject)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(subject), strict=True))
    table = subject.encoder.table.detach()
    kept = dict(found.digits)["encoder.table"]
    assert torch.equal(found.subject.encoder.table, torch.round(table, decimals=kept) + 0.0)
    for digits in range(kept):
        tried = copy.deepcopy(found.subject)
        with torch.no_grad():
            tried.encoder.table.copy_(torch.round(table, decimals=digits))
        assert not violates(tried)


def test_what_the_predicate_does_not_need_becomes_zero_or_small():
    subject = merging(0)
    found = rounded_subject(subject, near)
    digits = dict(found.digits)
    assert {digits[name] for name in digits if not name.startswith("encoder")} == {0}
    assert found.n_weights == sum(w.numel() for w in weights(subject))
    assert found.n_zeros > 0
    assert "encoder.table: " in found.explain()


def test_digits_that_are_needed_stay():
    subject = small(0)
    exact = subject.encoder.table.detach().clone()
    found = rounded_subject(
        subject, lambda made: torch.equal(made.encoder.table, exact), max_digits=3
    )
    assert dict(found.digits)["encoder.table"] is None
    assert torch.equal(found.subject.encoder.table, exact)
    assert "as it was" in found.explain()


def test_a_shared_weight_is_rounded_once_and_stays_shared():
    layer = torch.nn.Linear(3, 3)
    subject = Subject(layer, lambda codes, actions: codes, layer)
    found = rounded_subject(subject, lambda made: made.encoder is made.head)
    assert [name for name, _ in found.digits] == ["encoder.weight", "encoder.bias"]


@pytest.mark.parametrize("digits", [-1, True, 1.0, None])
def test_other_digits_are_refused(digits):
    with pytest.raises(InvalidArgumentError, match="max_digits"):
        rounded_subject(constant_subject(CHAIN), lambda made: True, max_digits=digits)


def test_a_predicate_that_does_not_hold_is_refused():
    with pytest.raises(InvalidArgumentError, match="does not hold"):
        rounded_subject(small(0), lambda made: False)
