"""Advice: each cause is shown by a subject that has it, and not given to one that has not."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from advice_subjects import MDP, built, causes, linear_parts, of_cause, trained
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor, nn

from tellapart.models.designs import constant_subject, scaled_label_subject
from tellapart.models.exact import exact_subject
from tellapart.models.fit import fit
from tellapart.models.networks import reference_subject
from tellapart.models.progress import FitStatus
from tellapart.properties.check import check
from tellapart.properties.strategies import deterministic_mdps
from tellapart.properties.suite.advice import (
    CAUSES,
    STRENGTHS,
    Advice,
    advise,
    merge_advice,
)
from tellapart.properties.suite.advice_fits import NEAR_ONE, affine_fit
from tellapart.properties.suite.advice_item import by_likelihood
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Verdict


@settings(max_examples=40)
@given(deterministic_mdps(max_observations=6), st.sampled_from(["exact", "constant", "label"]))
def test_advice_is_empty_exactly_for_holds_sorted_and_saved(
    mdp: DeterministicMDP, kind: str
) -> None:
    build = {"exact": exact_subject, "constant": constant_subject, "label": scaled_label_subject}
    report = check(lambda mdp, seed: build[kind](mdp), on=mdp)
    found = advise(report, None, build[kind](mdp))
    assert (not found) == (report.verdict is Verdict.HOLDS)
    assert causes(found) == causes(tuple(sorted(found, key=by_likelihood)))
    assert len(set(causes(found))) == len(found)
    for advice in found:
        assert advice.cause in CAUSES
        assert advice.strength in STRENGTHS
        assert advice.fix
        assert advice.text.strip().endswith((".", "!"))
        assert not any(np.isnan(value) for value in advice.evidence.values())
        assert Advice.from_json(advice.to_json()) == advice
    assert advise(report, None, build[kind](mdp)) == found


@settings(max_examples=40)
@given(
    st.integers(1, 8).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, (n, 2), elements=st.integers(-9, 9)),
            arrays(np.float64, (n, 2), elements=st.integers(-9, 9)),
            arrays(np.float64, n, elements=st.integers(1, 9)),
        )
    ),
    arrays(np.float64, (3, 2), elements=st.floats(-3, 3)),
    st.sampled_from([2.0**-30, 1.0, 2.0**20]),
)
def test_no_affine_map_beats_the_fit(problem: Any, other: Any, scale: float) -> None:
    codes, targets, half = problem
    found = affine_fit(codes, targets, half)
    assert found is not None
    residual = np.hstack([codes, np.ones((len(codes), 1))]) @ other - targets
    ratios = np.linalg.norm(residual, axis=1) / half
    tiny = 1e-9
    assert found.least <= ratios.max() + tiny
    assert found.least <= found.ratio
    assert found.ratio >= 0
    scaled = affine_fit(scale * codes, scale * targets, scale * half)
    assert scaled is not None
    assert abs(scaled.ratio - found.ratio) < 1e-6
    assert abs(scaled.least - found.least) < 1e-6


def test_affine_fit_known_answers() -> None:
    line = np.arange(3.0)[:, None]
    exact = affine_fit(line, 2 * line + 1, np.ones(3))
    assert exact is not None
    assert exact.ratio < 1e-12
    tent = affine_fit(line, np.array([[0.0], [3.0], [0.0]]), np.ones(3))  # best constant is 1
    assert tent is not None
    assert tent.ratio == pytest.approx(2)
    assert tent.least == pytest.approx(np.sqrt(2))
    edge = affine_fit(line, np.array([[0.0], [2.0], [0.0]]), np.ones(3))  # the best has ratio 1
    assert edge is not None
    assert NEAR_ONE <= edge.least <= 1 <= edge.ratio + 1e-9
    assert affine_fit(line, line, np.array([1.0, 0.0, 1.0])) is None
    free = affine_fit(line, line**2, np.full(3, np.inf))
    assert free is not None
    assert free.ratio == 0


ADVICE = st.builds(
    Advice,
    cause=st.sampled_from(list(CAUSES)),
    text=st.sampled_from(["One.", "Two.", "Three."]),
    fix=st.just("Do."),
    strength=st.sampled_from(STRENGTHS),
    numbers=st.just((("steps", 3), ("ratio", 1.5))),
)
CASES = st.lists(st.lists(ADVICE, max_size=4, unique_by=lambda a: a.cause).map(tuple), max_size=6)


@given(CASES, st.randoms(use_true_random=False))
def test_merging_counts_cases_in_any_order(cases: list[tuple[Advice, ...]], random: Any) -> None:
    merged = merge_advice(cases)
    assert set(causes(merged)) == {advice.cause for case in cases for advice in case}
    for advice in merged:
        same = [item for case in cases for item in case if item.cause == advice.cause]
        assert (advice.cases, advice.of) == (len(same), len(cases))
        assert replace(advice, cases=1, of=1) in same
    weights = [
        sum(Fraction(1, 1 + causes(case).index(cause)) for case in cases if cause in causes(case))
        for cause in causes(merged)
    ]
    assert weights == sorted(weights, reverse=True)
    random.shuffle(cases)
    assert merge_advice(cases) == merged


# Label and capacity


def test_a_constant_label_is_the_only_cause() -> None:
    flat = MDP.with_labels([7] * 5)
    found = advise(built(exact_subject(flat), flat, trains=False))
    assert causes(found) == ["nothing-to-tell-apart"]
    assert "7 on all 5 observations" in found[0].text
    assert found[0].strength == "proved"
    assert found[0].evidence["pairs"] == 0


def test_few_blocks_are_named_with_their_numbers() -> None:
    rare = DeterministicMDP([[o] for o in range(6)], labels=[1, 0, 0, 0, 0, 0])
    advice = of_cause(advise(built(constant_subject(rare), rare)), "uninformative-label")
    assert "5 of 15 pairs (2 blocks of 6 observations; by depth: 2)" in advice.text
    assert advice.strength == "possible"
    assert "uninformative-label" not in causes(advise(built(constant_subject(MDP))))


def test_an_infeasible_report_repeats_its_reason_and_the_numbers() -> None:
    report = trained(linear_parts(MDP, 3))
    assert report.verdict in (Verdict.INFEASIBLE, Verdict.COLLAPSED)
    first = advise(report)[0]
    assert first.cause == "capacity"
    assert first.strength == "proved"
    assert first.text == report.judgement.proofs.infeasible
    assert first.evidence == {"latent_dim": 3, "needed_linear": 5, "needed_affine": 4}
    assert "at least 4" in first.fix


class Rounded(nn.Module):
    """An encoder that cannot be read as a program, so that the check itself proves nothing."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, observations: Tensor) -> Tensor:
        z: Tensor = self.encoder(observations)
        return z + 1e-9 * torch.special.airy_ai(z.detach())


def test_linear_parts_are_recognised_where_the_encoder_cannot_be_read() -> None:
    subject = linear_parts(MDP, 3)
    subject = replace(subject, encoder=Rounded(subject.encoder))  # type: ignore[arg-type]
    report = trained(subject, method="first-order", max_steps=30)
    assert report.judgement.proofs.infeasible is None
    found = of_cause(advise(report, None, subject), "capacity")
    assert found.strength == "proved"
    assert "needs 4 dimensions (S12) and has 3" in found.text
    guess = of_cause(advise(report), "capacity")
    assert guess.strength == "possible"
    assert "is not known here" in guess.text


def test_a_linear_head_needs_the_rank_of_the_labels() -> None:
    named = MDP.with_labels(list("abcde"))
    narrow = reference_subject(named, latent_dim=2, hidden=8)
    found = of_cause(advise(trained(narrow, named, max_steps=5), None, narrow), "capacity")
    assert "affine head needs 4 dimensions to read 5 labels" in found.text
    assert found.strength == "proved"


def test_for_nonlinear_parts_few_dimensions_are_only_possible() -> None:
    narrow = reference_subject(MDP, latent_dim=1, hidden=1)
    found = of_cause(advise(trained(narrow, max_steps=5), None, narrow), "capacity")
    assert found.strength == "possible"
    assert "predictor is not affine" in found.text
    assert "may" in found.text
    wide = linear_parts(MDP, 5)
    assert "capacity" not in causes(advise(trained(wide, method="first-order", max_steps=9)))


# Training


def test_a_run_that_stops_while_its_loss_falls() -> None:
    slow = reference_subject(MDP)
    report = trained(slow, method="table-adam", max_steps=30)
    assert report.training is not None
    assert report.training.status is FitStatus.STEP_LIMIT
    found = of_cause(advise(report), "stopped-early")
    assert "still falling" in found.text
    assert "max_steps=120" in found.fix
    assert found.evidence["last_quarter"] < 0.9 * found.evidence["third_quarter"]
    assert "plateau" not in causes(advise(report))


def test_a_run_that_has_stopped_moving() -> None:
    named = MDP.with_labels(list("aabcd"))  # more labels than an affine head reads from one number
    report = trained(reference_subject(named, latent_dim=1, hidden=8), named, method="lm")
    assert report.training is not None
    assert report.training.status is FitStatus.STEP_LIMIT
    found = of_cause(advise(report), "plateau")
    assert "no longer falling" in found.text
    assert "More steps alone" in found.fix
    assert found.evidence["last_quarter"] >= 0.9 * found.evidence["third_quarter"]
    assert "stopped-early" not in causes(advise(report))


def test_a_loss_that_fell_until_the_learning_rate_faded() -> None:
    report = trained(reference_subject(MDP, latent_dim=1, hidden=1), method="table-adam")
    found = of_cause(advise(report), "stopped-early")
    assert found.strength == "possible"
    assert "learning rate faded" in found.text
    assert found.evidence["third_quarter"] < 0.9 * found.evidence["second_quarter"]


def test_a_loss_that_falls_because_codes_merge_is_no_reason_for_more_steps() -> None:
    report = trained(reference_subject(MDP, latent_dim=1, hidden=1), method="lm")
    history = report.training.history if report.training else ()
    assert report.judgement.separation.n_merged
    assert history[-1][1] < 0.9 * history[-10][1]
    assert {"stopped-early", "plateau"}.isdisjoint(causes(advise(report)))
    assert "merged-codes" in causes(advise(report))


def test_a_trace_too_short_to_tell() -> None:
    report = trained(reference_subject(MDP), method="table-adam", max_steps=2)
    found = of_cause(advise(report), "stopped-early")
    assert found.strength == "possible"
    assert "too few to tell" in found.text


def test_a_diverged_run() -> None:
    start = linear_parts(MDP, 5)
    good = built(start)
    wild = linear_parts(MDP, 5)
    result = fit(wild, MDP, method="first-order", objective="aux", learning_rate=1e200, max_steps=9)
    assert result.status is FitStatus.DIVERGED
    found = of_cause(advise(replace(good, training=result)), "diverged")
    assert "infinite or NaN" in found.text
    assert "learning rate" in found.fix
    assert "diverged" not in causes(advise(good))


@pytest.mark.parametrize("objective", ["dynamics", "aux", "decoupled"])
def test_training_on_one_loss(objective: Any) -> None:
    report = trained(reference_subject(MDP), objective=objective, max_steps=20)
    first = advise(report)[0]
    assert first.cause == "one-loss"
    assert "joint_training" in first.fix
    joint = trained(reference_subject(MDP), method="table-adam", max_steps=20)
    assert "one-loss" not in causes(advise(joint))


def test_an_untrained_subject() -> None:
    frozen = linear_parts(MDP, 5)
    for module in frozen.modules:
        module.requires_grad_(False)
    report = built(frozen, trains=False)
    assert "untrained" in causes(advise(report))
    assert "untrained" not in causes(advise(built(frozen)))  # it has a fit


# Contract
