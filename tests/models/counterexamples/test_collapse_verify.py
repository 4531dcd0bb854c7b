"""A trained collapse whose numbers were touched is refused."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counterexamples.training import train_dropped
from tellapart.models.counterexamples.verify import verify_collapse
from tellapart.theory.counterexamples.search import smallest_counterexamples


@cache
def trained(name):
    specimen = smallest_counterexamples(name).specimens[0]
    return specimen, train_dropped(specimen)


NAMES = ("aux_loss", "dynamics_loss", "full_coverage", "determinism")


def moved(array, place, by):
    changed = np.array(array)
    changed[np.unravel_index(place % array.size, array.shape)] += by
    return changed


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["codes", "predicted", "read"]),
    st.integers(0, 100),
    st.floats(0.01, 3),
)
@settings(max_examples=40)
def test_any_number_that_moved_is_noticed(name, field, place, by):
    specimen, found = trained(name)
    changed = replace(found, **{field: moved(getattr(found, field), place, by)})
    assert verify_collapse(specimen, found)
    assert not verify_collapse(specimen, changed)


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["dynamics_loss", "auxiliary_loss", "distance"]),
    st.floats(0.01, 3),
)
@settings(max_examples=40)
def test_any_claim_that_moved_is_noticed(name, field, by):
    specimen, found = trained(name)
    changed = replace(found, **{field: getattr(found, field) + by})
    check = verify_collapse(specimen, changed)
    assert not check
    assert check.failure is not None
    assert check.explain().startswith("Refuted")


def test_a_threshold_that_would_merge_anything_is_refused():
    specimen, found = trained("aux_loss")
    assert "threshold" in verify_collapse(specimen, replace(found, threshold=5.0)).failure


def test_it_belongs_to_one_specimen():
    specimen, _ = trained("aux_loss")
    _, other = trained("determinism")
    assert "without determinism" in verify_collapse(specimen, other).failure
    _, found = trained("aux_loss")
    assert "pair" in verify_collapse(specimen, replace(found, x="s1", y="s0")).failure


def test_numbers_must_be_finite():
    specimen, found = trained("aux_loss")
    broken = replace(found, codes=np.full_like(found.codes, np.nan))
    assert "finite" in verify_collapse(specimen, broken).failure


def test_states_that_look_alike_cannot_have_codes_of_their_own():
    specimen, found = trained("markov_observation")
    check = verify_collapse(
        specimen, replace(found, codes=moved(found.codes, found.codes.size - 1, 1.0))
    )
    assert "looks like another" in check.failure


@pytest.mark.parametrize("name", NAMES)
def test_what_was_trained_is_confirmed(name):
    specimen, found = trained(name)
    assert verify_collapse(specimen, found).explain() == "The trained collapse is confirmed."
