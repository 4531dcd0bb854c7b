"""Measures on latents whose answers are known; every measure has an encoder that it must fail."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from latent_cases import CORNERS, PLAN, Spread, Table, measure

from tellapart.models.counting.maps import latent_map
from tellapart.models.counting.measures import CountingMeasures
from tellapart.models.counting.plan import CountingPlan
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.verdict import Grade

PERFECT = measure(Table(PLAN, CORNERS))
DEPTHS = {0: 8, 1: 13, 2: 9, 3: 5, 4: 1}


def noise(width, seed=0, scale=1.0):
    source = np.random.default_rng(seed)
    return lambda shown: scale * source.standard_normal((len(shown), width))


def test_one_point_for_each_count_is_perfect_by_every_measure():
    assert PERFECT.accuracy == PERFECT.in_sample_accuracy == 1
    assert [(point.accuracy, point.groups, point.merged) for point in PERFECT.noise] == [
        (1, 9, ())
    ] * 4
    assert PERFECT.radii == (0.0,) * 9
    assert all(
        value == (0 if i == j else math.inf)
        for i, row in enumerate(PERFECT.separation)
        for j, value in enumerate(row)
    )
    assert {d.depth: d.pairs for d in PERFECT.depths} == DEPTHS
    assert PERFECT.resolution.grade is Grade.RESOLVED
    assert PERFECT.resolution.dynamics_ratio == PERFECT.resolution.aux_ratio == 0
    assert PERFECT.resolution.smallest_gap == pytest.approx(math.sqrt(2))
    assert PERFECT.irreducible.is_zero
    assert PERFECT.irreducible.is_exact
    assert {row.share for row in PERFECT.transitions} == {0.0}
    assert [row.accuracy for row in PERFECT.rollouts] == [1, 1, 1, 1]
    assert PERFECT.diagnostics.exact.n_merged == 0
    assert PERFECT.probes.colour < 0.1
    assert PERFECT.probes.shape < 0.4
    assert PERFECT.probes.shape_share == 0


def test_noise_of_256_dimensions_looks_clustered_in_sample_only():
    """The reason why the authors' accuracy is shown beside a held-out one."""
    found = measure(Spread(PLAN, np.zeros((9, 256)), noise(256)), each=25)
    assert found.in_sample_accuracy >= 0.9
    assert abs(found.accuracy - 1 / 9) < 0.06
    assert found.groups == 1
    assert max(row.accuracy for row in found.rollouts) < 0.25
    assert found.resolution.grade is Grade.UNMET
    assert found.resolution.dynamics_unresolved > 0.9
    assert max(max(row) for row in found.separation) < 0.5


def test_a_constant_encoder_has_one_group_and_no_accuracy():
    found = measure(Table(PLAN, np.ones((9, 4))))
    assert found.accuracy == found.in_sample_accuracy == 0
    assert [point.groups for point in (found.without_noise, *found.noise)] == [1] * 5
    assert found.latent_rms == 0
    assert all(d.smallest == 0 and len(d.merged) == d.pairs for d in found.depths)
    assert found.irreducible.dynamics == 0
    assert found.irreducible.auxiliary > 0
    assert found.resolution.dynamics_ratio == math.inf
    assert found.diagnostics.exact.collapsed


def test_rounding_of_a_constant_encoder_is_no_cluster():
    wobble = np.linspace(0, 1e-7, 9)[:, None]
    assert measure(Table(PLAN, 1 + wobble)).groups == 1


def test_codes_on_a_line_are_apart_though_their_rank_is_one():
    found = measure(Table(PLAN, np.arange(9.0)[:, None]))
    assert (found.accuracy, found.groups) == (1, 9)
    assert found.diagnostics.rank_me < 1.01
    assert found.map.shares == (1, 0)


def test_zero_and_eight_merged_are_found_at_depth_four():
    points = CORNERS.copy()
    points[8] = points[0]
    found = measure(Table(PLAN, points))
    assert found.without_noise.merged == ((0, 8),)
    assert found.groups == 8
    assert found.accuracy == pytest.approx(7 / 9)
    deepest = found.depths[-1]
    assert (deepest.depth, deepest.merged, deepest.smallest_pair) == (4, ((0, 8),), (0, 8))
    assert [len(d.merged) for d in found.depths[:-1]] == [0, 0, 0, 0]
    assert found.irreducible.n_codes == 8
    assert not found.irreducible.is_zero
    assert found.irreducible.worst_dynamics is not None
    assert found.resolution.dynamics_ratio == math.inf


def test_label_codes_are_the_two_groups_of_depth_zero():
    found = measure(Table(PLAN, (np.arange(9) == 4).astype(float)[:, None]))
    assert found.groups == 2
    assert [len(d.merged) for d in found.depths] == [0, 13, 9, 5, 1]
    assert found.irreducible.auxiliary == 0
    assert found.irreducible.dynamics > 0


@given(st.floats(0.05, 20), st.integers(0, 10**6))
@settings(max_examples=5)
def test_scale_shift_and_order_of_coordinates_change_nothing(scale, seed):
    source = np.random.default_rng(seed)
    turn = np.linalg.qr(source.standard_normal((9, 9)))[0]
    one = measure(Spread(PLAN, CORNERS, noise(9, 5, 0.15)))
    spread = noise(9, 5, 0.15)
    moved = Spread(PLAN, scale * CORNERS @ turn + 3, lambda shown: scale * spread(shown) @ turn)
    other = measure(moved)
    assert (one.accuracy, one.groups) == (other.accuracy, other.groups)
    assert np.allclose(one.separation, other.separation)
    assert other.resolution.dynamics_ratio == pytest.approx(one.resolution.dynamics_ratio)
    assert other.latent_rms == pytest.approx(scale * one.latent_rms)
    assert [row.share for row in other.transitions] == pytest.approx(
        [row.share for row in one.transitions]
    )


def test_noise_takes_close_counts_first():
    points = np.arange(9.0)[:, None].repeat(2, axis=1)
    points[5:] += 20
    curve = measure(Table(PLAN, points)).noise
    assert [point.level for point in curve] == [0.005, 0.01, 0.02, 0.05]
    assert curve[0].groups == 9
    assert curve[-1].groups == 2
    assert (4, 5) not in curve[-1].merged
    assert curve[-1].accuracy < curve[0].accuracy == 1


def test_noise_is_the_same_in_every_direction():
    """Coordinates that an encoder does not use make no difference."""
    points = np.arange(9.0)[:, None]
    wide = np.concatenate([points, np.zeros((9, 30))], axis=1)
    for narrow, other in zip(
        measure(Table(PLAN, points), each=40).noise,
        measure(Table(PLAN, wide), each=40).noise,
        strict=True,
    ):
        assert narrow.accuracy == pytest.approx(other.accuracy, abs=0.05)


class Skipping(Table):
    """Predicts that +1 from 0 does nothing."""

    def predict(self, latents, actions):
        stays = (self.count_of(latents) == 0) & (actions == 1)
        return np.where(stays[:, None], latents, super().predict(latents, actions))


def test_an_error_is_found_at_its_transition():
    found = measure(Skipping(PLAN, CORNERS))
    wrong = [(row.count, row.action) for row in found.transitions if row.share > 0]
    assert wrong == [(0, "+1")]
    assert found.error_of(0, "+1") == pytest.approx(2 / (8 / 9))
    assert found.error_of(0, "-1") == 0
    assert found.resolution.grade is Grade.UNMET
    assert found.resolution.dynamics_unresolved == pytest.approx(1 / 18)
    ahead = [row.accuracy for row in found.rollouts]
    assert 1 > ahead[0] == pytest.approx(17 / 18, abs=0.05)
    assert found.accuracy == 1
    with pytest.raises(InvalidArgumentError, match="no transition"):
        found.error_of(9, "+1")


class Misread(Table):
    """Reads 1 at count 3."""

    def read(self, latents):
        return np.maximum(super().read(latents), (self.count_of(latents) == 3)[:, None])


def test_a_wrong_label_is_unresolved():
    found = measure(Misread(PLAN, CORNERS))
    assert found.resolution.aux_ratio == 2
    assert found.resolution.aux_unresolved == pytest.approx(1 / 9)
    assert found.resolution.grade is Grade.UNMET
    assert found.resolution.dynamics_ratio == 0


NUISANCES = {
    "shape": lambda shown: np.eye(4)[shown.shapes],
    "colour": lambda shown: shown.colours / 225,
    "place": lambda shown: np.nan_to_num(shown.places) / 64,
}


@pytest.mark.parametrize("told", NUISANCES)
def test_probes_find_what_is_told_and_nothing_else(told):
    added = NUISANCES[told]
    width = added(
        type("S", (), {"shapes": [0], "colours": np.ones((1, 3)), "places": np.ones((1, 2))})
    ).shape[1]
    points = np.concatenate([CORNERS, np.zeros((9, width))], axis=1)

    def put(shown):
        return np.concatenate([np.zeros((len(shown), 9)), 0.01 * added(shown)], axis=1)

    probes = measure(Spread(PLAN, points, put), each=30).probes
    found = {"shape": probes.shape, "colour": probes.colour, "place": probes.place}
    assert found.pop(told) > 0.95
    assert found.pop("shape", 0) < 0.45
    assert max(found.values(), default=0) < 0.1
    share = 0.01**2 * 0.75 / (8 / 9) if told == "shape" else 0.0
    assert probes.shape_share == pytest.approx(share, rel=0.3, abs=1e-5)


def test_the_background_is_read_when_latents_hold_it():
    plan = CountingPlan(size=16, control="distractor")
    held = measure(Spread(plan, np.eye(10)[:9], lambda shown: np.eye(10)[9] * shown.bits[:, None]))
    assert held.probes.bit == 1
    assert held.accuracy == 1
    dropped = measure(Table(plan, CORNERS)).probes.bit
    assert 0.2 < dropped < 0.8  # equal latents: a guess
    assert PERFECT.probes.bit is None


def test_counts_without_zero_and_other_labels():
    plan = CountingPlan(size=16, control="no-zero", labels="mod3")
    found = measure(Table(plan, CORNERS))
    assert found.counts == tuple(range(1, 9))
    assert len(found.separation) == 8
    assert found.accuracy == 1
    assert sum(d.pairs for d in found.depths) == 28
    assert found.irreducible.is_zero
    glyphs = measure(Table(CountingPlan(size=16, control="glyphs", labels="dense"), CORNERS))
    assert glyphs.resolution.grade is Grade.RESOLVED
    assert glyphs.accuracy == 1


def test_it_prints_saves_and_loads():
    text = PERFECT.to_json()
    assert CountingMeasures.from_json(text) == PERFECT
    assert CountingMeasures.from_json(text).to_json() == text
    assert repr(PERFECT) == "CountingMeasures(accuracy 1.000, 9 groups, resolution ratio 0)"
    assert PERFECT.explain().splitlines()[0] == (
        "Nearest centroid: 1.000 held out, 9 groups of 9 counts (1.000 in sample)."
    )
    assert "Least separation by depth: 0: inf" in PERFECT.explain()
    assert PERFECT.at_noise(0) == PERFECT.without_noise
    assert PERFECT.at_noise(0.02).level == 0.02
    with pytest.raises(InvalidArgumentError, match=r"level is 0.03; choose 0 or one of 0.005"):
        PERFECT.at_noise(0.03)
    assert measure(Table(PLAN, CORNERS)) == PERFECT


def test_the_map_keeps_distances_in_the_plane():
    source = np.random.default_rng(0)
    codes = np.concatenate([source.standard_normal((900, 2)), np.zeros((900, 3))], axis=1)
    found = latent_map(codes, np.arange(900) % 9)
    assert len(found.points) == 450
    assert [found.counts.count(k) for k in range(9)] == [50] * 9
    assert sum(found.shares) == pytest.approx(1)
    whole = latent_map(codes, np.arange(900) % 9, each=100)
    points = np.array(whole.points)
    order = np.argsort(np.arange(900) % 9, kind="stable")
    wanted = np.linalg.norm(codes[order][:, None] - codes[order][None], axis=2)
    assert np.allclose(np.linalg.norm(points[:, None] - points[None], axis=2), wanted)
    mirrored = latent_map(-codes, np.arange(900) % 9)
    assert np.allclose(mirrored.points, -np.array(found.points))
