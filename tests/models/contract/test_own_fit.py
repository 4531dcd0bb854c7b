"""What is seen of a subject's own fit: changes, stopped gradients, and nothing left behind."""

import copy
import pickle

import pytest
import torch
from torch import nn

from tellapart.models.contract.bench import Bench
from tellapart.models.contract.own_fit import probe_own_fit, watch_fit
from tellapart.models.contract.probe import probe
from tellapart.models.fit import fit
from tellapart.models.networks import LinearHead, MLPEncoder, MLPPredictor
from tellapart.models.subject import Subject
from tellapart.theory.gallery import counting_chain

CHAIN = counting_chain(5)


def parts(mdp, seed):
    label_dim = mdp.label_vectors.shape[1]
    encoder = MLPEncoder(mdp.n_obs, 16, 6, seed)
    return encoder, MLPPredictor(6, mdp.n_actions, 16, seed), LinearHead(6, label_dim, seed)


def both_losses(subject, mdp, targets):
    """Take a few steps on both losses; ``targets(subject, inputs)`` gives the codes reached."""
    weights = [w for part in subject.modules for w in part.parameters()]
    optimiser = torch.optim.SGD(weights, lr=1e-3)
    labels = torch.tensor(mdp.label_vectors)
    successors = torch.tensor(mdp.successors[:, 0].astype("int64"))
    for _ in range(4):
        codes = subject.encoder(subject.inputs(mdp.n_obs))
        predicted = subject.predictor(codes, torch.zeros(mdp.n_obs, dtype=torch.int64))
        reached = targets(subject, subject.inputs(mdp.n_obs, successors), codes[successors])
        loss = (predicted - reached).square().mean()
        loss = loss + (subject.head(codes) - labels).square().mean()
        loss.detach()  # as for a log
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def encoded(subject, inputs, codes):
    return subject.encoder(inputs)


def taken_from_the_batch(subject, inputs, codes):
    return codes


def detached(subject, inputs, codes):
    return subject.encoder(inputs).detach()


def detached_from_the_batch(subject, inputs, codes):
    return (2 * codes).detach()


def without_grad(subject, inputs, codes):
    with torch.no_grad():
        return subject.encoder(inputs)


def slow_copy(subject, inputs, codes):
    return copy.deepcopy(subject.encoder)(inputs)


def watched(targets):
    def train(subject, mdp, seed):
        both_losses(subject, mdp, targets)

    bench = Bench(lambda mdp, seed: Subject(*parts(mdp, seed), fit=train), CHAIN, 0)
    return watch_fit(bench)


@pytest.mark.parametrize("targets", [encoded, taken_from_the_batch])
def test_gradients_that_flow_are_not_noted(targets):
    watch = watched(targets)
    assert watch.error is None
    assert watch.changed == ("encoder", "predictor", "head")
    assert (watch.steps, watch.partial, watch.copies, watch.places) == (4, 0, 0, [])
    assert watch.stopped() is None
    assert watch.joined == {"predictor", "head"}


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (detached, "codes are detached at test_own_fit.py:"),
        (detached, "in 4 of 4 steps no gradient came back"),
        (detached_from_the_batch, "codes are detached at test_own_fit.py:"),
        (without_grad, "in 4 of 4 steps no gradient came back"),
        (slow_copy, "a copy of the encoder was called 4 times"),
    ],
)
def test_stopped_gradients_are_named(targets, words):
    assert words in watched(targets).stopped()


def test_a_stop_gradient_is_a_note_and_breaks_nothing():
    def train(subject, mdp, seed):
        both_losses(subject, mdp, detached)

    report = probe(lambda mdp, seed: Subject(*parts(mdp, seed), fit=train), CHAIN)
    assert report.ok
    finding = report.finding("target-gradient")
    assert finding.status == "note"
    assert "test_own_fit.py:" in finding.summary
    assert "S4" in finding.detail


@pytest.mark.parametrize("part", ["head", "predictor"])
def test_a_part_that_is_trained_on_detached_codes_is_noted(part):
    ids = {"head": "auxiliary-gradient", "predictor": "prediction-gradient"}

    class Cut(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, *given):
            return self.inner(*given)

    def train(subject, mdp, seed):
        def cut(codes, *actions):
            return getattr(subject, part)(codes.detach(), *actions)

        parts = {name: getattr(subject, name) for name in ("encoder", "predictor", "head")}
        both_losses(Subject(**parts | {part: cut}), mdp, encoded)

    def factory(mdp, seed):
        encoder, predictor, head = parts(mdp, seed)
        return Subject(encoder, Cut(predictor), Cut(head), fit=train)

    watch = watch_fit(Bench(factory, CHAIN, 0))
    assert watch.joined == set(ids) - {part}
    report = probe(factory, CHAIN)
    assert report.ok, report.explain()
    statuses = {name: report.finding(id).status for name, id in ids.items()}
    assert statuses == {**dict.fromkeys(ids, "ok"), part: "note"}


def test_looking_at_the_model_now_and_then_is_not_a_stop_gradient():
    def train(subject, mdp, seed):
        fit(Subject(*subject.modules), mdp, method="first-order", max_steps=40, seed=seed)

    watch = watch_fit(Bench(lambda mdp, seed: Subject(*parts(mdp, seed), fit=train), CHAIN, 0))
    assert 0 < watch.partial < watch.steps
    assert watch.stopped() is None


def test_second_order_training_can_be_watched():
    def train(subject, mdp, seed):
        fit(Subject(*subject.modules), mdp, method="lm", max_steps=2, seed=seed)

    watch = watch_fit(Bench(lambda mdp, seed: Subject(*parts(mdp, seed), fit=train), CHAIN, 0))
    assert watch.error is None
    assert "encoder" in watch.changed


def test_no_trace_is_left_on_the_subject():
    watch = watched(slow_copy)
    encoder = watch.subject.encoder
    assert not encoder._forward_hooks
    codes = encoder(watch.subject.inputs(5))
    assert torch.equal(pickle.loads(pickle.dumps(encoder))(watch.subject.inputs(5)), codes)


def test_a_fit_may_save_and_copy_what_it_trains(tmp_path):
    def train(subject, mdp, seed):
        best = copy.deepcopy(subject.encoder)
        torch.save(subject.encoder, tmp_path / "encoder.pt")
        both_losses(subject, mdp, encoded)
        loaded = torch.load(tmp_path / "encoder.pt", weights_only=False)
        assert torch.equal(loaded.bias, best.bias)
        loaded(subject.inputs(mdp.n_obs))

    watch = watch_fit(Bench(lambda mdp, seed: Subject(*parts(mdp, seed), fit=train), CHAIN, 0))
    assert watch.error is None
    assert watch.copies == 0


def test_watching_does_not_change_the_training():
    def train(subject, mdp, seed):
        both_losses(subject, mdp, detached)

    alone = Subject(*parts(CHAIN, 0))
    train(alone, CHAIN, 0)
    bench = Bench(lambda mdp, seed: Subject(*parts(mdp, seed), fit=train), CHAIN, 0)
    seen = watch_fit(bench).subject
    for one, other in zip(alone.modules, seen.modules, strict=True):
        for name, weight in one.state_dict().items():
            assert torch.equal(weight, other.state_dict()[name])


def test_a_head_that_is_not_trained_is_noted():
    def train(subject, mdp, seed):
        with torch.no_grad():
            subject.encoder.bias.add_(1.0)

    bench = Bench(lambda mdp, seed: Subject(*parts(mdp, seed), fit=train), CHAIN, 0)
    bench.fitted = watch_fit(bench)
    finding = probe_own_fit(bench)
    assert (finding.status, finding.summary) == (
        "note",
        "the fit left the predictor and head as it was.",
    )


def test_weights_behind_functions_are_seen_by_their_answers():
    def factory(mdp, seed):
        encoder, predictor, head = parts(mdp, seed)

        def train(subject, mdp, seed):
            with torch.no_grad():
                encoder.bias.add_(1.0)

        return Subject(lambda shown: encoder(shown), predictor, head, fit=train)

    assert watch_fit(Bench(factory, CHAIN, 0)).changed == ("encoder",)


def test_a_frozen_encoder_that_the_fit_thaws_is_a_note():
    def train(subject, mdp, seed):
        subject.encoder.requires_grad_(True)
        both_losses(subject, mdp, encoded)

    def factory(mdp, seed):
        encoder, predictor, head = parts(mdp, seed)
        return Subject(encoder.requires_grad_(False), predictor, head, fit=train)

    report = probe(factory, CHAIN)
    assert report.ok, report.explain()
    assert report.finding("encoder-gradient").status == "note"


def test_modes_are_read_after_the_fit():
    def factory_leaving(mode):
        def train(subject, mdp, seed):
            both_losses(subject, mdp, encoded)
            subject.encoder.train(mode)

        def factory(mdp, seed):
            encoder, predictor, head = parts(mdp, seed)
            normed = nn.Sequential(encoder, nn.BatchNorm1d(6, dtype=torch.float64))
            return Subject(normed, predictor, head, fit=train)

        return factory

    assert probe(factory_leaving(False), CHAIN).finding("modes").status == "note"
    left = probe(factory_leaving(True), CHAIN).finding("modes")
    assert left.status == "broken"
    assert "encoder.1 (BatchNorm1d" in left.summary
    assert "the fit leaves" in left.summary
