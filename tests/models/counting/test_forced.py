"""The forced collapse: what the audit blames, and whether a run is asked at that place."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from latent_cases import CORNERS, Table, measure

from tellapart.models.counting.forced import (
    EMPTY,
    HUES,
    ForcedCollapse,
    forced_collapse,
    forced_plans,
    hue_data,
    run_forced_collapse,
)
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun
from tellapart.theory.audit import Audit, audit
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.chain import check_infeasibility

TINY = CountingPlan(steps=2, size=16, batch=4)


def count_of(name):
    return 0 if name == EMPTY else name[0]


@given(st.booleans(), st.integers(2, 6))
def test_the_data_are_the_transitions_of_counts_with_a_hue_that_stays(with_zero, hues):
    data = hue_data(with_zero, hues)
    lowest = 0 if with_zero else 1
    seen = {
        (data.observations[s], data.actions[a], data.observations[t])
        for s, a, t in data.triples.tolist()
    }
    wanted = set()
    for count in range(lowest, 9):
        for hue in HUES[:hues]:
            for action, change in (("-1", -1), ("+1", 1)):
                after = min(8, max(lowest, count + change))
                here, there = (EMPTY if c == 0 else (c, hue) for c in (count, after))
                wanted.add((here, action, there))
    assert seen == wanted
    for i, name in enumerate(data.observations):
        asked = None if name == EMPTY else (int(name[0] == 4), name[1])
        assert data.label_of(i) == asked


@given(st.integers(2, 6))
def test_with_zero_the_hues_of_each_count_must_merge_and_cannot(hues):
    data = hue_data(True, hues)
    found = audit(data)
    assert isinstance(found, DataAudit)
    assert not found.feasible
    blocks = {frozenset(data.observations[i] for i in block) for block in found.forced.blocks}
    assert blocks == {
        frozenset(name for name in data.observations if count_of(name) == count)
        for count in range(9)
    }
    assert found.infeasibility is not None
    assert check_infeasibility(data, found.infeasibility).ok
    first = found.infeasibility.steps[0]
    assert (first.x, first.y, first.action) == (EMPTY, EMPTY, "+1")
    assert first.x_next[0] == first.y_next[0] == 1


@given(st.integers(2, 6))
def test_without_zero_every_hue_can_be_kept(hues):
    found = audit(hue_data(False, hues))
    assert isinstance(found, Audit)
    assert found.feasible
    assert found.min_codes == 8 * hues


class Blind(Table):
    """Errs at +1 from 0 by ``first``, and from the other counts by ``rest``."""

    def __init__(self, plan, first, rest):
        super().__init__(plan, CORNERS)
        self.first, self.rest = first, rest

    def predict(self, latents, actions):
        size = np.where(self.count_of(latents) == 0, self.first, self.rest) * (actions == 1)
        right = super().predict(latents, actions)
        return right + size[:, None] / 3


def made(first, rest):
    plans = forced_plans(dataclasses.replace(TINY, steps=0))
    models = Blind(plans[0], first, rest), Blind(plans[1], 0, rest)
    runs = [CountingRun(model.plan, (), 0.0, measure(_hued(model)), None) for model in models]
    return forced_collapse(*runs)


def _hued(model):
    plain = model.read
    model.read = lambda latents: np.concatenate([plain(latents), np.zeros((len(latents), 2))], 1)
    return model


@pytest.mark.parametrize(("first", "rest"), [(0.5, 0.1), (0.1, 0.5), (0.2, 0.2)])
def test_the_ratio_is_that_of_the_errors(first, rest):
    found = made(first, rest)
    assert found.named == (0, "+1")
    assert found.ratio == pytest.approx((first / rest) ** 2, rel=1e-6)
    assert found.error == pytest.approx(first**2 / (8 / 9), rel=1e-6)
    assert len(found.others) == 8
    assert f"{found.ratio:.1f} times that of the next count" in found.explain()
    assert "(empty, +1) -> (1, 'red')" in found.explain()
    assert "Without: feasible." in found.explain()
    assert repr(found) == f"ForcedCollapse(+1 from 0: {found.ratio:.1f} times the next error)"


def test_no_error_elsewhere_is_an_infinite_ratio():
    assert made(0.5, 0.0).ratio == float("inf")


def test_the_runs_are_trained_saved_and_continued(tmp_path):
    steps = []
    found = run_forced_collapse(
        TINY, folder=tmp_path / "runs", progress=lambda done, *rest: steps.append(done), each=3
    )
    assert steps == [1, 2, 1, 2]
    assert [run.plan.control for run in (found.run_with, found.run_without)] == [
        "frames", "no-zero"
    ]  # fmt: skip
    assert ForcedCollapse.from_json(found.to_json()) == found
    again = run_forced_collapse(
        TINY, folder=tmp_path / "runs", progress=lambda done, *rest: steps.append(done), each=3
    )
    assert len(steps) == 4
    assert again == found


def test_bad_arguments():
    with pytest.raises(InvalidArgumentError, match="with_zero is 1; it must be True or False"):
        hue_data(1)
    with pytest.raises(InvalidArgumentError, match=r"hues is 7; it must be an integer in 2..6"):
        hue_data(True, 7)
    plan, other = forced_plans(TINY)
    runs = [CountingRun(p, (), 0.0, None, None) for p in (other, plan)]
    with pytest.raises(InvalidArgumentError, match="needs joint on frames, labels hue"):
        forced_collapse(*runs)
