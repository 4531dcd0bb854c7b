"""Each probe has a subject that breaks its rule and no other, and subjects that keep all rules."""

import random

import numpy as np
import pytest
import torch
from bad_subjects import BAD, CHAIN
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.contract.findings import ContractReport
from tellapart.models.contract.probe import PROBES, probe
from tellapart.models.designs import DESIGNS
from tellapart.models.networks import reference_subject
from tellapart.models.subject import Subject
from tellapart.models.untrained import untrained_subject
from tellapart.models.zoo.breakers import (
    Dropout,
    Noisy,
    OneTooFew,
    good_parts,
    raising_fit,
    rendered,
    with_encoder,
    with_fit,
)
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP


@pytest.mark.parametrize(
    ("id", "factory", "words"), BAD, ids=[f"{id}: {words[:40]}" for id, _, words in BAD]
)
def test_a_bad_subject_breaks_its_rule_and_no_other(id, factory, words):
    report = probe(factory, CHAIN)
    assert [finding.id for finding in report.broken] == [id], report.explain()
    finding = report.finding(id)
    assert words in finding.summary
    assert finding.detail
    assert finding.fix
    assert not report.ok
    assert words.split("(")[0] in report.explain()


def test_every_probe_has_a_bad_subject():
    assert {id for id, _, _ in BAD} == set(PROBES)


def gradient_fit(subject, mdp, seed):
    from tellapart.models.fit import fit

    plain = Subject(subject.encoder, subject.predictor, subject.head)
    fit(plain, mdp, method="first-order", max_steps=20, seed=seed)


GOOD = {
    "reference": lambda mdp, seed: reference_subject(mdp, seed=seed),
    "tuple": good_parts,
    "own-fit": with_fit(gradient_fit),
    "images": rendered(5),
    "joint": DESIGNS["joint"].build,
    "exact": DESIGNS["exact"].build,
}


@pytest.mark.parametrize("name", GOOD)
def test_good_subjects_break_nothing(name):
    report = probe(GOOD[name], CHAIN, seed=3)
    assert report.ok, report.explain()
    assert not report.notes, report.explain()
    assert [finding.id for finding in report.findings] == list(PROBES)
    idle = {finding.id for finding in report.having("not applicable")}
    graded = {id for id, asked in PROBES.items() if asked.trainable}
    assert idle == (graded if name == "exact" else set()) | ({"own-fit"} - {name})


@given(deterministic_mdps(max_observations=5), st.integers(0, 10**6))
@settings(max_examples=12)
def test_untrained_subjects_of_any_architecture_keep_the_contract(mdp, seed):
    report = probe(untrained_subject, mdp, seed)
    # Dead units at the start and one-dimensional latents make random networks pass nothing on.
    usual = {"encoder-gradient", "prediction-gradient", "target-gradient", "auxiliary-gradient"}
    usual |= {"actions", "seeds"}
    assert {finding.id for finding in report.broken} <= usual, report.explain()
    assert ContractReport.from_json(report.to_json()) == report


def test_nothing_is_asked_after_what_makes_answers_meaningless():
    report = probe(with_encoder(Noisy), CHAIN)
    assert report.finding("batch-independence").summary == "no answer while 'determinism' is broken"
    report = probe(with_encoder(OneTooFew), CHAIN)
    assert {f.status for f in report.findings if f.id not in ("device", "shapes")} == {
        "not applicable"
    }


def test_dropout_that_is_left_in_eval_mode_is_a_note():
    def factory(mdp, seed):
        encoder, predictor, head = good_parts(mdp, seed)
        return Subject(Dropout(encoder).eval(), predictor, head)

    finding = probe(factory, CHAIN).finding("modes")
    assert finding.status == "note"
    assert "encoder.drop (Dropout" in finding.summary


def test_notes_about_what_is_allowed():
    def partly_frozen(mdp, seed):
        torch.manual_seed(seed)
        random.seed(seed)
        encoder, predictor, head = good_parts(mdp, seed)
        encoder.weight_in.requires_grad_(False)
        return Subject(encoder, predictor, lambda codes: head(codes))

    report = probe(partly_frozen, CHAIN)
    notes = {finding.id: finding.summary for finding in report.notes}
    assert report.ok
    assert notes["encoder-gradient"].startswith("encoder.weight_in of the encoder is frozen")
    assert notes["global-state"].endswith("of torch and random.")
    assert "pickle of the head raised" in notes["serialisation"]


def test_a_layer_that_starts_at_zero_is_no_stop_gradient():
    def factory(mdp, seed):
        encoder, predictor, head = good_parts(mdp, seed)
        with torch.no_grad():
            head.weight.zero_()
            predictor.action_bias.zero_()
        return Subject(encoder, predictor, head)

    assert probe(factory, CHAIN).ok


def test_half_precision_latents_are_noted():
    def factory(mdp, seed):
        return Subject(*(part.to(torch.bfloat16) for part in good_parts(mdp, seed)))

    report = probe(factory, CHAIN)
    assert report.finding("dtypes").status == "note"
    assert "torch.bfloat16" in report.finding("dtypes").summary


def test_systems_that_leave_nothing_to_ask():
    one = DeterministicMDP([[0]], labels=[0])
    statuses = {f.id: f.status for f in probe(good_parts, one).findings}
    assert statuses["batch-independence"] == "not applicable"
    assert statuses["actions"] == "not applicable"
    assert statuses["auxiliary-gradient"] == "not applicable"
    assert "broken" not in statuses.values()


def test_large_systems_are_sampled():
    large = DeterministicMDP([[(i + 1) % 700, i] for i in range(700)], labels=range(700))
    assert probe(good_parts, large).ok


def test_same_call_same_bytes_and_random_state_is_put_back():
    before = torch.random.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    first = probe(with_encoder(Dropout), CHAIN, seed=4)
    after = torch.random.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]
    torch.rand(3)
    second = probe(with_encoder(Dropout), CHAIN, seed=4)
    assert first.to_json() == second.to_json()
    assert torch.get_default_dtype() == torch.float32


def test_progress_counts_to_the_number_of_probes():
    seen = []
    probe(good_parts, CHAIN, progress=lambda *step: seen.append(step))
    assert [(done, id) for _, done, _, id in seen] == list(enumerate(PROBES))
    assert {(stage, total) for stage, _, total, _ in seen} == {("contract", len(PROBES))}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("reference", CHAIN), "factory is of type str"),
        ((good_parts, "counting-9"), "mdp is of type str"),
        ((good_parts, CHAIN, -1), "seed is -1; it must be an integer >= 0"),
        ((good_parts, CHAIN, True), "seed is True"),
        ((good_parts, CHAIN, 0.5), "seed is 0.5"),
    ],
)
def test_our_own_misuse_is_raised(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        probe(*arguments)


def test_own_fit_is_a_switch():
    with pytest.raises(InvalidArgumentError, match="own_fit is 1"):
        probe(good_parts, CHAIN, own_fit=1)
    report = probe(with_fit(raising_fit), CHAIN, own_fit=False)
    assert report.ok
    assert report.finding("own-fit").status == "not applicable"
