"""The recheck: nothing false is accepted, and what is accepted holds at sampled points."""

import dataclasses

import numpy as np
import pytest
from box_programs import RATIONAL, answers, drawn_program, mlp, sampled
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tellapart.models.boxes import form, offsets, recheck, valid_planes, walk
from tellapart.models.boxes.certificate import BoxCertificate
from tellapart.models.boxes.recheck import MAX_WORK, derived_bounds, recheck_boxes
from tellapart.models.boxes.region import region_around
from tellapart.models.boxes.search import propose, prove
from tellapart.theory.errors import InvalidArgumentError

SEEDS = st.integers(0, 2**32 - 1)


def proved(program, centres, radius, method="crown", max_work=MAX_WORK, clip=None):
    n = len(centres)
    pairs = np.array([(i, j) for i in range(n) for j in range(i + 1, n)])
    region = region_around(centres, radius, clip)
    names = tuple(f"o{k}" for k in range(n))
    proposal = propose(program, region, names, pairs, 0.0, method)
    return region, *prove(proposal, max_work)


def spread(seed=0, n=4, size=6):
    return np.random.default_rng(seed).normal(size=(n, size)) * 2


PROGRAM = mlp([6, 10, 10, 3], "relu", seed=2)
_, HONEST, ARITHMETIC = proved(PROGRAM, spread(), 0.05)


@given(
    SEEDS, st.sampled_from([0.0, 1e-3, 0.02, 0.1]), st.sampled_from(["crown", "crown-ibp", "ibp"])
)
@settings(max_examples=25)
def test_what_is_proved_holds_at_sampled_points(seed, radius, method):
    program = drawn_program(seed)
    rng = np.random.default_rng(seed)
    region, certificate, arithmetic = proved(program, rng.normal(size=(3, 4)) * 2, radius, method)
    event(f"{arithmetic}, {len(certificate.pairs)} pairs")
    assert recheck_boxes(certificate)
    values = answers(program, sampled(region, rng, 30))
    boxes = [int(name[1:]) for name in certificate.names]
    for (x, y), delta in zip(certificate.pairs, certificate.deltas, strict=True):
        gaps = np.abs(values[:, None, boxes[x]] - values[None, :, boxes[y]]).max(axis=-1)
        assert gaps.min() >= delta * (1 - 1e-9)


@given(SEEDS, st.sampled_from([1e-3, 0.05]))
@settings(max_examples=15)
def test_exact_and_interval_coefficients_agree(seed, radius):
    program = drawn_program(seed, RATIONAL)
    centres = np.random.default_rng(seed).normal(size=(3, 4))
    pairs = np.array([[0, 1], [1, 2]])
    proposal = propose(
        program, region_around(centres, radius), ("a", "b", "c"), pairs, 0.0, "crown"
    )
    exact, first = derived_bounds(proposal)
    rounded, second = derived_bounds(proposal, max_work=-1)
    assert (first, second) == ("exact", "interval")
    assert np.allclose(exact, rounded, rtol=1e-9, atol=1e-9)
    assert (exact >= rounded - 1e-12).all()


def test_the_recheck_shares_no_code_with_the_search():
    shared = {
        value.__module__
        for part in (recheck, walk, offsets, valid_planes, form)
        for value in vars(part).values()
        if getattr(value, "__module__", "").startswith("tellapart.models")
    }
    modules = ("recheck", "walk", "offsets", "valid_planes", "form", "certificate")
    assert shared == {f"tellapart.models.boxes.{name}" for name in modules}


def test_an_honest_certificate_is_accepted_and_survives_json():
    assert ARITHMETIC == "exact"
    check = recheck_boxes(HONEST)
    assert check
    assert check.explain().startswith(f"The certificate is accepted: {len(HONEST.pairs)} pairs")
    copy = BoxCertificate.from_json(HONEST.to_json())
    assert copy.to_json() == HONEST.to_json()
    assert recheck_boxes(copy) == check
    assert type(check).from_json(check.to_json()) == check


def changed(name, place, change):
    array = getattr(HONEST, name).copy()
    array[place] = change(array[place])
    return dataclasses.replace(HONEST, **{name: array})


@pytest.mark.parametrize("row", range(len(HONEST.pairs)))
def test_a_claim_that_is_a_little_too_large_is_rejected(row):
    check = recheck_boxes(changed("deltas", row, lambda v: np.nextafter(v, np.inf)))
    assert not check
    assert "do not give a distance" in check.reason


@pytest.mark.parametrize("row", range(len(HONEST.lower)))
def test_a_bound_that_is_a_little_too_large_is_rejected(row):
    check = recheck_boxes(changed("lower", row, lambda v: np.nextafter(v, np.inf)))
    assert not check
    assert "what follows is" in check.reason


def bending_units():
    """Places (operation, box, unit) where both lines matter: the unit may be on and off."""
    for k, slopes in enumerate(HONEST.slopes):
        for box, unit in np.argwhere((slopes[:, 0] != slopes[:, 1])[:, 0]):
            yield k, int(box), int(unit)


@pytest.mark.parametrize("slope", [-3.0, 0.5, 1e300])
def test_forged_slopes_prove_nothing_new(slope):
    places = list(bending_units())
    assert len(places) >= 3
    for k, box, unit in places:
        slopes = [array.copy() for array in HONEST.slopes]
        slopes[k][box, :, 0, unit] = slope
        forged = dataclasses.replace(HONEST, slopes=tuple(slopes))
        derived, _ = derived_bounds(forged)
        values = answers(
            PROGRAM, sampled(region_around(HONEST.centres, 0.05), np.random.default_rng(1), 50)
        )
        for (b, u), low in zip(HONEST.bounded, derived, strict=True):
            assert (values[:, b] @ HONEST.directions[u]).min() >= low - 1e-9


def test_a_forged_slope_costs_the_claims_that_needed_the_true_one():
    rejected = 0
    for k, box, unit in bending_units():
        slopes = [array.copy() for array in HONEST.slopes]
        slopes[k][box, 1, 0, unit] = 3.0
        rejected += not recheck_boxes(dataclasses.replace(HONEST, slopes=tuple(slopes)))
    assert rejected >= 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"radius": 0.06}, "what follows is"),
        ({"radius": float("nan")}, "radius"),
        ({"radius": "much"}, "not what it must be"),
        ({"centres": HONEST.centres * 1.5}, "what follows is"),
        ({"centres": HONEST.centres[:, :-1]}, "shape of the centres"),
        ({"clip": (-0.1, 0.1)}, "outside of the range"),
        ({"supports": HONEST.supports[:, ::-1].copy()}, "of other boxes"),
        ({"supports": HONEST.supports + 1000}, "not there"),
        ({"directions": np.abs(HONEST.directions)}, "follow|opposite"),
        ({"directions": HONEST.directions * 0}, "follow|give a distance"),
        ({"deltas": HONEST.deltas * 0}, "not positive"),
        ({"deltas": HONEST.deltas[1:]}, "of another shape"),
        ({"slopes": HONEST.slopes[1:]}, "do not fit"),
        ({"slopes": tuple(s * np.nan for s in HONEST.slopes)}, "not finite"),
        ({"refined": ()}, "what follows is"),
        ({"encoder": mlp([6, 10, 10, 3], "relu", seed=8)}, "what follows is"),
    ],
)
def test_other_forgeries_are_rejected_with_a_reason(changes, reason):
    check = recheck_boxes(dataclasses.replace(HONEST, **changes))
    assert not check
    assert any(part in check.reason for part in reason.split("|"))
    assert check.explain().startswith("The certificate is rejected")


def test_weights_that_leave_the_floats_are_rejected_not_believed():
    huge = mlp([6, 10, 10, 3], "relu", seed=2)
    constants = tuple(c * 1e200 for c in huge.constants)
    forged = dataclasses.replace(HONEST, encoder=dataclasses.replace(huge, constants=constants))
    check = recheck_boxes(forged)
    assert not check
    with pytest.raises(InvalidArgumentError, match="leaves the range"):
        derived_bounds(forged)
