"""A subject's own fit without labels: what it keeps apart, and what a collapse costs it."""

from dataclasses import replace

import pytest
import torch
from dropped_designs import REACHED

from tellapart.models.contract.bench import Bench
from tellapart.models.dropped.own_fit import first_loss
from tellapart.models.dropped.reach import reach_without_aux, reach_without_dynamics
from tellapart.models.dropped.result import OwnFitOutcome, Reach, TraitKind
from tellapart.models.zoo.world_models import EbJepaFit, TdMpc2Fit, eb_jepa_subject, tdmpc2_subject
from tellapart.theory.gallery import counting_chain

CHAIN = counting_chain(9)
SMALL = counting_chain(5)


def fitted_by(fit):
    return lambda mdp, seed: replace(REACHED["relu"](mdp, seed), fit=fit)


def test_vicreg_keeps_codes_apart_without_labels_and_is_named():
    found = reach_without_aux(eb_jepa_subject, CHAIN)
    assert found.by_architecture
    assert not found.reached
    own = found.own_fit
    assert own.outcome is OwnFitOutcome.APART
    assert own.n_groups == 9
    assert own.loss_merged > 10 * own.loss_end
    assert found.mechanism.causes[0].name is TraitKind.OWN_FIT
    assert "its architecture would" in found.explain()
    assert Reach.from_json(found.to_json()) == found


def test_without_its_terms_the_same_fit_collapses():
    def without(mdp, seed):
        fit = EbJepaFit(variance=0.0, covariance=0.0, head_steps=1)
        return replace(eb_jepa_subject(mdp, seed), fit=fit)

    found = reach_without_aux(without, CHAIN)
    assert found.reached
    assert found.own_fit.outcome is OwnFitOutcome.COLLAPSES
    assert "merges codes by itself" in found.explain()


def test_simnorm_collapses_to_one_point_and_that_costs_its_own_fit_nothing():
    def quick(mdp, seed):
        return replace(tdmpc2_subject(mdp, seed), fit=TdMpc2Fit(steps=60))

    found = reach_without_aux(quick, SMALL, seeds=1)
    assert found.reached, found.explain()
    assert found.own_fit.outcome is OwnFitOutcome.ALLOWS
    assert found.own_fit.n_groups == 5
    assert [(t.name, t.where) for t in found.traits] == [(TraitKind.SIMPLEX, "encoder.5")]
    assert "no obstacle" in found.explain()


def raising(subject, mdp, seed):
    raise ValueError("one class only")


def silent(subject, mdp, seed):
    """Trains nothing, and calls no backward."""


def test_a_fit_that_needs_labels_is_reported_and_decides_nothing():
    found = reach_without_aux(fitted_by(raising), SMALL)
    assert found.reached
    assert found.own_fit.outcome is OwnFitOutcome.FAILED
    assert found.own_fit.error == "ValueError: one class only"
    assert "one class only" in found.explain()


def test_a_fit_whose_loss_is_not_seen_is_judged_by_its_codes():
    found = reach_without_aux(fitted_by(silent), SMALL)
    assert found.own_fit.outcome is OwnFitOutcome.APART
    assert found.own_fit.loss_begin is None
    assert not found.reached


def test_the_mirror_runs_no_fit_of_the_subject():
    found = reach_without_dynamics(fitted_by(raising), SMALL)
    assert found.reached
    assert found.own_fit is None


def test_the_first_loss_is_that_of_the_weights_as_they_are():
    def fit(subject, mdp, seed):
        subject.encoder.eval()
        for step in range(3):
            ((subject.encoder[0].weight ** 2).sum() + step).backward()
            raise_after(step)

    def raise_after(step):
        raise AssertionError(f"step {step} went on")

    bench = Bench(fitted_by(fit), SMALL, 0)
    subject = bench.build()
    plain = torch.Tensor.backward
    wanted = float((subject.encoder[0].weight.detach() ** 2).sum())
    assert first_loss(subject, bench) == pytest.approx(wanted)
    assert torch.Tensor.backward is plain
    assert subject.encoder.training
    assert subject.encoder[0].weight.grad is None
