"""Each diagnostic is wrong on some encoder of the gallery, and the exact answer on none."""

import itertools

import numpy as np
import pytest

from tellapart.models.diagnostics.encoders import (
    collinear_subject,
    encoder_entry,
    encoder_gallery,
    merged_ends_subject,
    noisy_collapsed_subject,
)
from tellapart.models.diagnostics.readings import DIAGNOSTICS
from tellapart.models.evaluation import evaluate
from tellapart.properties.check import check
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, grid, pick
from tellapart.theory.verdict import Verdict, judge

NAMES = [entry.name for entry in encoder_gallery()]


@pytest.fixture(scope="module")
def found():
    return {entry.name: entry.diagnose() for entry in encoder_gallery()}


@pytest.mark.parametrize("name", NAMES)
def test_diagnostics_are_fooled_as_the_entry_says(found, name):
    entry = encoder_entry(name)
    assert set(entry.fools) <= set(found[name].wrong)
    says = {row.name: row.healthy for row in found[name].readings}
    assert {says[fooled] for fooled in entry.fools} == {entry.direction == "looks healthy"}


@pytest.mark.parametrize("name", NAMES)
def test_the_exact_answer_is_right(found, name):
    """By brute force over all pairs of observations of different counts, on the codes."""
    entry = encoder_entry(name)
    codes = evaluate(entry.build(), entry.system).codes
    copies = entry.system.n_obs // 9
    merged = total = 0
    for x, y in itertools.combinations(range(entry.system.n_obs), 2):
        if x // copies != y // copies:
            total += 1
            merged += bool((codes[x] == codes[y]).all())
    exact = found[name].exact
    assert (exact.n_merged, exact.n_must_separate) == (merged, total)
    assert exact.collapsed == entry.collapsed == (merged > 0)


@pytest.mark.parametrize("diagnostic", DIAGNOSTICS)
def test_every_diagnostic_is_wrong_somewhere(diagnostic):
    assert any(diagnostic in entry.fools for entry in encoder_gallery())


@pytest.mark.parametrize("name", NAMES)
def test_verdicts(name):
    entry = encoder_entry(name)
    out = evaluate(entry.build(), entry.system)
    judged = judge(bisimulation(entry.system), out.codes, out.predicted, out.read)
    assert judged.verdict is (Verdict.COLLAPSED if entry.collapsed else Verdict.HOLDS)
    if not entry.collapsed:
        assert out.dynamics_loss == out.aux_loss == 0.0


@pytest.mark.parametrize("mdp", [counting_chain(1), counting_chain(12), pick(), grid(3, 4),
                                 blow_up(pick(), copies=4)], ids=repr)  # fmt: skip
def test_factories_work_on_other_systems(mdp):
    needed = bisimulation(mdp).n_must_separate
    for entry in encoder_gallery():
        out = evaluate(entry.factory(mdp, 3), mdp)
        assert np.isfinite(out.codes).all()
    lined = evaluate(collinear_subject(mdp, 0), mdp)
    judged = judge(bisimulation(mdp), lined.codes, lined.predicted, lined.read)
    assert judged.verdict is (Verdict.HOLDS if needed else Verdict.VACUOUS)
    assert lined.dynamics_loss == lined.aux_loss == 0.0
    if needed:
        for factory in (noisy_collapsed_subject, merged_ends_subject):
            bad = evaluate(factory(mdp, 0), mdp)
            assert judge(bisimulation(mdp), bad.codes, bad.predicted, bad.read).verdict is (
                Verdict.COLLAPSED
            )


def test_check_accepts_a_line_and_rejects_noise():
    assert check(collinear_subject, on=counting_chain(9)).verdict is Verdict.HOLDS
    report = check(noisy_collapsed_subject, on=blow_up(counting_chain(9), copies=4))
    assert report.verdict is Verdict.COLLAPSED
    assert report.judgement.witness is not None


def test_seeds_and_names():
    entry = encoder_entry("view-noise")
    codes = [evaluate(entry.build(seed), entry.system).codes for seed in (0, 0, 1)]
    assert np.array_equal(codes[0], codes[1])
    assert not np.array_equal(codes[0], codes[2])
    assert "looks healthy" in repr(entry)
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(InvalidArgumentError, match="Did you mean 'collinear'"):
        encoder_entry("colinear")
