"""What batches show, and the losses of codes, each against another way to say it."""

import colorsys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counting.heldout import held_out
from tellapart.models.counting.plan import RUN_CONTROLS, RUN_LABELS, CountingPlan
from tellapart.models.counting.regularisers import sigreg_loss, vicreg_loss
from tellapart.models.counting.rules import count_labels
from tellapart.models.counting.samples import CountingSampler, hue_vectors
from tellapart.models.diagnostics.gaussianity import sigreg
from tellapart.models.diagnostics.spread import vicreg_covariance, vicreg_variance

SEEDS = st.integers(0, 10**6)


@given(st.sampled_from(RUN_CONTROLS), SEEDS)
@settings(max_examples=25)
def test_transitions_follow_the_rules(control, seed):
    sampler = CountingSampler(CountingPlan(control=control, seed=seed, size=16))
    drawn = sampler.transitions(40, np.random.default_rng(seed))
    before, after = drawn.before, drawn.after
    lowest = 1 if control == "no-zero" else 0
    assert before.counts.min() >= lowest
    assert np.array_equal(after.counts, np.clip(before.counts + 2 * drawn.actions - 1, lowest, 8))
    assert np.array_equal(before.shapes, after.shapes)
    assert np.array_equal(before.colours, after.colours)
    flips = int(control == "distractor")
    assert np.array_equal(after.bits, (before.bits + 1) % 2 if flips else before.bits)
    assert before.bits.any() == bool(flips)
    for shown in (before, after):
        nothing = (shown.counts == 0) & (control != "glyphs")
        assert np.array_equal(shown.empty, nothing)
        dark = (shown.pictures == shown.pictures[:, :1, :1]).all(axis=(1, 2, 3))
        assert np.array_equal(dark, nothing)
        assert np.nanmin(shown.places, initial=3) >= 3
        assert np.nanmax(shown.places, initial=60) <= 60
    moved = ~(before.empty | after.empty)
    assert (before.places[moved] != after.places[moved]).any(axis=1).all()


@given(st.sampled_from([name for name in RUN_LABELS if name != "hue"]), SEEDS, st.booleans())
@settings(max_examples=25)
def test_labels_are_those_of_counts_in_units_of_their_range(name, seed, with_zero):
    control = "frames" if with_zero else "no-zero"
    sampler = CountingSampler(CountingPlan(labels=name, control=control, seed=seed, size=16))
    counts = np.arange(0 if with_zero else 1, 9)
    shown = sampler.shown(counts, np.random.default_rng(seed))
    exact = [float(value) for value in count_labels(name, counts, seed=seed)]
    unit = (max(exact) - min(exact)) or 1
    assert sampler.labels(shown)[:, 0] == pytest.approx([value / unit for value in exact])
    assert sampler.labels(shown).shape == (len(counts), 1)


@given(st.lists(st.tuples(*[st.integers(30, 225)] * 3), min_size=1, max_size=9))
def test_hue_is_that_of_the_standard_library(colours):
    found = hue_vectors(np.array(colours))
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    for (red, green, blue), vector in zip(colours, found, strict=True):
        if len({red, green, blue}) > 1:
            angle = np.arctan2(vector[1], vector[0]) / (2 * np.pi) % 1
            # The hexagon of hue and the circle agree at its corners and differ by at most 1.2
            # degrees in between.
            gap = abs(angle - colorsys.rgb_to_hsv(red, green, blue)[0])
            assert min(gap, 1 - gap) < 1.2 / 360


def test_the_empty_picture_is_not_asked_for_its_hue():
    sampler = CountingSampler(CountingPlan(labels="hue", size=16))
    shown = sampler.shown(np.array([0, 4]), np.random.default_rng(0))
    labels = sampler.labels(shown)
    assert np.isnan(labels).tolist() == [[False, True, True], [False, False, False]]
    assert labels[:, 0].tolist() == [0, 1]
    glyphs = CountingSampler(CountingPlan(labels="hue", control="glyphs", size=16))
    shown = glyphs.shown(np.array([0, 4]), np.random.default_rng(0))
    assert not np.isnan(glyphs.labels(shown)).any()


def test_held_out_frames_are_balanced_and_new():
    plan = CountingPlan(size=16)
    frames = held_out(plan, 3, each=5)
    pairs = frames.pairs
    for count in range(9):
        assert (frames.reference.counts == count).sum() == 10
        for action in range(2):
            assert ((pairs.before.counts == count) & (pairs.actions == action)).sum() == 5
    assert len(frames.few) == 256
    assert np.array_equal(held_out(plan, 3, each=5).few.pictures, frames.few.pictures)
    assert not np.array_equal(held_out(plan, 4, each=5).few.pictures, frames.few.pictures)
    lit = [shown.pictures[shown.counts > 0] for shown in (frames.reference, pairs.before)]
    known = {picture.tobytes() for picture in lit[0]}
    assert not any(picture.tobytes() in known for picture in lit[1])


@given(SEEDS, st.integers(2, 20), st.integers(1, 6), st.floats(0.1, 3))
@settings(max_examples=30)
def test_losses_of_codes_are_the_diagnostics(seed, n, d, scale):
    codes = np.random.default_rng(seed).standard_normal((n, d)) * scale
    variance, covariance = vicreg_loss(torch.from_numpy(codes))
    assert float(variance) == pytest.approx(vicreg_variance(codes))
    assert float(covariance) == pytest.approx(vicreg_covariance(codes), abs=1e-12)
    directions = np.random.default_rng(7).standard_normal((d, 16))
    found = sigreg_loss(torch.from_numpy(codes), torch.from_numpy(directions))
    assert float(found) == pytest.approx(sigreg(codes, directions=16, seed=7))


def test_losses_of_codes_have_gradients_that_spread_them():
    codes = (0.01 * torch.randn(64, 3, generator=torch.Generator().manual_seed(0))).double()
    for loss in (
        lambda z: vicreg_loss(z)[0],
        lambda z: sigreg_loss(z, torch.eye(3, dtype=z.dtype)),
    ):
        moved = codes.clone().requires_grad_()
        loss(moved).backward()
        assert float((moved.grad * codes).sum()) < 0
