import itertools
from types import SimpleNamespace

import pytest
import torch
from adapted_shapes import Module
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.adapters.lightning import from_lightning, training_steps
from tellapart.models.fit import fit
from tellapart.models.subject import SubjectError
from tellapart.models.threads import one_thread
from tellapart.properties.check import check
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, pick
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.verdict import Verdict


def batches(mdp, seed):
    """Every transition, again and again."""
    onehot, o = torch.eye(mdp.n_obs), torch.arange(mdp.n_obs).repeat_interleave(mdp.n_actions)
    actions = torch.eye(mdp.n_actions).repeat(mdp.n_obs, 1)
    following = onehot[torch.tensor(mdp.successors.reshape(-1)).long()]
    labels = torch.tensor(mdp.label_vectors).float()[o]
    return itertools.repeat((onehot[o], actions, following, labels))


def build(mdp, seed, **options):
    torch.manual_seed(seed)
    module = Module(mdp.n_obs, mdp.n_actions, mdp.label_vectors.shape[1])
    return from_lightning(module, mdp, action="concat", **options)


@given(st.integers(1, 8), st.integers(0, 50))
def test_training_steps_do_what_a_loop_by_hand_does(steps, seed):
    mdp = counting_chain(4)
    subject = build(mdp, seed, fit=training_steps(batches, steps=steps))
    by_hand = build(mdp, seed).origin
    optimiser = by_hand.configure_optimizers()
    with one_thread():  # as fit does: sums in another order have other bits
        for i, batch in enumerate(itertools.islice(batches(mdp, seed), steps)):
            optimiser.zero_grad()
            by_hand.training_step(batch, i).backward()
            optimiser.step()
    result = fit(subject, mdp, seed=seed)
    assert result.method == "own"
    for one, other in zip(subject.origin.parameters(), by_hand.parameters(), strict=True):
        assert torch.equal(one, other)
    assert not subject.origin.training


@pytest.mark.parametrize("trainer", [None, training_steps(batches, steps=1200)])
def test_it_passes_a_check_with_either_trainer(trainer):
    report = check(lambda mdp, seed: build(mdp, seed, fit=trainer), on=pick())
    assert report.verdict is Verdict.HOLDS, report.explain()


def test_parts_under_other_names_and_no_head():
    mdp = counting_chain(4)
    inner = Module(4, 2, 1)
    outer = SimpleNamespace(net=SimpleNamespace(backbone=inner.encoder), dynamics=inner.predictor)
    names = {"encoder": "net.backbone", "predictor": "dynamics"}
    with pytest.raises(InvalidArgumentError, match=r"has no 'head'.*head="):
        from_lightning(outer, mdp, action="concat", **names)
    subject = from_lightning(outer, mdp, action="concat", head=None, **names)
    assert subject.encoder is inner.encoder
    assert subject.origin is outer
    assert subject.dropped == (Hypothesis.JOINT_TRAINING,)


@pytest.mark.parametrize("form", ["list", "tuple", "dict", "dict of dict"])
def test_optimisers_in_every_form(form):
    class Configured(Module):
        def configure_optimizers(self):
            optimiser = torch.optim.SGD(self.parameters(), lr=1.0)
            schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1, gamma=0.5)
            self.seen = optimiser
            return {
                "list": [optimiser],
                "tuple": ([optimiser], [schedule]),
                "dict": {"optimizer": optimiser, "lr_scheduler": schedule},
                "dict of dict": {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule}},
            }[form]

    mdp = counting_chain(4)
    module = Configured(4, 2, 1)
    trainer = training_steps(batches, steps=2)
    fit(from_lightning(module, mdp, action="concat", fit=trainer), mdp)
    assert module.seen.param_groups[0]["lr"] == (1.0 if form == "list" else 0.25)


def test_broken_training_is_named():
    mdp = counting_chain(4)

    class Two(Module):
        def configure_optimizers(self):
            one = torch.optim.Adam(self.parameters())
            return [one, one]

    class Silent(Module):
        def training_step(self, batch, i):
            return {"loss": None}

    class Bare(torch.nn.Module):
        def __init__(self):
            super().__init__()
            inner = Module(4, 2, 1)
            self.encoder, self.predictor, self.head = inner.encoder, inner.predictor, inner.head

    trainer = training_steps(batches, steps=2)
    short = training_steps(lambda mdp, seed: list(itertools.islice(batches(mdp, seed), 1)), steps=2)
    for module, given_fit, message in (
        (Two(4, 2, 1), trainer, "one optimiser"),
        (Silent(4, 2, 1), trainer, "must return the loss"),
        (Module(4, 2, 1), short, "1 batches for 2 steps"),
        (Bare(), trainer, "no 'training_step'"),
    ):
        subject = from_lightning(module, mdp, action="concat", fit=given_fit)
        with pytest.raises(SubjectError, match=message) as caught:
            fit(subject, mdp)
        assert caught.value.part == "fit"
    for arguments in ((None, 3), (batches, 0), (batches, True)):
        with pytest.raises(InvalidArgumentError, match=r"it must be an integer|give a function"):
            training_steps(arguments[0], steps=arguments[1])
