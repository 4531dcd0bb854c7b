"""Each probe has a subject that breaks its rule and no other, and subjects that keep all rules."""

import random
from functools import lru_cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.contract.findings import ContractReport
from tellapart.models.contract.probe import PROBES, probe
from tellapart.models.designs import DESIGNS
from tellapart.models.networks import LinearHead, MLPEncoder, MLPPredictor, reference_subject
from tellapart.models.subject import Subject
from tellapart.models.untrained import untrained_subject
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP

CHAIN = counting_chain(5)
D = 6


def good_parts(mdp, seed):
    n_actions, q = mdp.n_actions, mdp.label_vectors.shape[1]
    encoder = MLPEncoder(mdp.n_obs, 16, D, seed)
    return encoder, MLPPredictor(D, n_actions, 16, seed), LinearHead(D, q, seed)


class Wrapped(nn.Module):
    """A part with something around it."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, *given):
        return self.inner(*given)


def with_encoder(wrap):
    def factory(mdp, seed):
        encoder, predictor, head = good_parts(mdp, seed)
        return Subject(wrap(encoder), predictor, head)

    return factory


def with_predictor(wrap):
    def factory(mdp, seed):
        encoder, predictor, head = good_parts(mdp, seed)
        return Subject(encoder, wrap(predictor), head)

    return factory


def with_head(wrap):
    def factory(mdp, seed):
        encoder, predictor, head = good_parts(mdp, seed)
        return Subject(encoder, predictor, wrap(head))

    return factory


class StrayBuffer(Wrapped):
    def __init__(self, inner):
        super().__init__(inner)
        self.register_buffer("elsewhere", torch.zeros(3, device="meta"))


class OneTooFew(Wrapped):
    def forward(self, *given):
        return self.inner(*given)[:, :-1]


class Whole(Wrapped):
    def forward(self, *given):
        return self.inner(*given).round().long()


class Coarse(Wrapped):
    def forward(self, *given):
        return self.inner(*given).float()


class LogOfFirst(Wrapped):
    def forward(self, observations):
        return self.inner(observations) + torch.log(1 - observations[:, :1])


class Counting(Wrapped):
    calls = 0

    def forward(self, *given):
        self.calls += 1
        return self.inner(*given) + 0.001 * self.calls


class Noisy(Wrapped):
    def forward(self, *given):
        answer = self.inner(*given)
        return answer + 0.01 * torch.randn_like(answer)


class WasteOfNoise(Wrapped):
    def forward(self, *given):
        np.random.rand()  # noqa: NPY002
        return self.inner(*given)


class NotSaved(Wrapped):
    def __init__(self, inner):
        super().__init__(inner)
        self.shift = inner.weight_out.detach().mean()  # follows the seed, but is no buffer

    def forward(self, *given):
        return self.inner(*given) + self.shift


class NotCopied(Wrapped):
    def __deepcopy__(self, memo):
        raise RuntimeError("an open file cannot be copied")


class Centred(Wrapped):
    def forward(self, *given):
        answer = self.inner(*given)
        return answer - answer.mean(dim=0)


class NoSingles(Wrapped):
    def forward(self, codes):
        return self.inner(codes) if len(codes) > 1 else self.inner(codes).squeeze(0)


class NoAction(Wrapped):
    def forward(self, codes, actions):
        return self.inner(codes, torch.zeros_like(actions))


class Dropout(Wrapped):
    def __init__(self, inner):
        super().__init__(inner)
        self.drop = nn.Dropout(0.3)

    def forward(self, *given):
        return self.drop(self.inner(*given))


class BatchNorm(Wrapped):
    def __init__(self, inner):
        super().__init__(inner)
        self.norm = nn.BatchNorm1d(D, dtype=torch.float64)

    def forward(self, *given):
        return self.norm(self.inner(*given))


class NoGrad(Wrapped):
    def forward(self, *given):
        with torch.no_grad():
            return self.inner(*given)


class DetachedInput(Wrapped):
    def forward(self, codes, *given):
        return self.inner(codes.detach(), *given)


class OnlineAndTarget(Wrapped):
    """Takes the second half of a batch for targets, as some BYOL code does."""

    def forward(self, observations):
        codes = self.inner(observations)
        half = (len(codes) + 1) // 2
        return torch.cat([codes[:half], codes[half:].detach()])


class Forgotten(Wrapped):
    def __init__(self, inner):
        super().__init__(inner)
        self.projector = nn.Linear(3, 3)
        nn.init.eye_(self.projector.weight)
        nn.init.zeros_(self.projector.bias)


class RootOfZero(Wrapped):
    def forward(self, *given):
        answer = self.inner(*given)
        return answer + ((answer - answer).square()).sqrt()


def frozen(part):
    return part.requires_grad_(False)


def global_dtype(mdp, seed):
    torch.set_default_dtype(torch.float64)
    return good_parts(mdp, seed)


def unseeded(mdp, seed):
    encoder, predictor, head = good_parts(mdp, seed)
    with torch.no_grad():
        encoder.bias.normal_()
    return Subject(encoder, predictor, head)


def ignores_seed(mdp, seed):
    return Subject(*good_parts(mdp, 0))


@lru_cache
def one_head(mdp):
    return good_parts(mdp, 0)[2]


def shares_head(mdp, seed):
    encoder, predictor, _ = good_parts(mdp, seed)
    return Subject(encoder, predictor, one_head(mdp))


class ClassAttribute(Wrapped):
    """The last one built writes where all others read."""

    def __init__(self, inner):
        super().__init__(inner)
        ClassAttribute.weights = [inner.weight]

    def forward(self, codes):
        return self.inner(codes) + ClassAttribute.weights[0].mean()


def hidden_weights(mdp, seed):
    encoder, predictor, head = good_parts(mdp, seed)
    return Subject(lambda observations: encoder(observations), predictor, head)


def idle_fit(subject, mdp, seed):
    with torch.no_grad():
        subject.predictor.bias_out.add_(1.0)


def diverging_fit(subject, mdp, seed):
    with torch.no_grad():
        subject.encoder.bias.fill_(torch.nan)


def raising_fit(subject, mdp, seed):
    raise ZeroDivisionError("no batches")


def with_fit(fit):
    return lambda mdp, seed: Subject(*good_parts(mdp, seed), fit=fit)


def rendered(n_images):
    def factory(mdp, seed):
        generator = torch.Generator().manual_seed(seed)
        images = torch.rand(n_images, 2, 3, generator=generator)
        _, predictor, head = good_parts(mdp, seed)
        return Subject(MLPEncoder(6, 16, D, seed), predictor, head, observations=images)

    return factory


# (probe that must be broken, factory, words of the finding)
BAD = [
    ("device", with_head(StrayBuffer), "head.elsewhere is on meta"),
    ("shapes", with_predictor(OneTooFew), "predictor returned the shape [10, 5]"),
    ("shapes", with_head(OneTooFew), "head returned the shape [5, 0]"),
    ("shapes", lambda mdp, seed: (nn.Linear(99, 2), print, print), "encoder raised RuntimeError"),
    ("shapes", lambda mdp, seed: 3, "no subject was built: The factory returned int"),
    ("shapes", lambda mdp, seed: 1 // 0, "The factory raised ZeroDivisionError"),
    ("shapes", lambda mdp, seed: (1, 2, 3), "The encoder is of type int"),
    ("shapes", rendered(4), "The observations hold 4 rows, but the MDP has 5"),
    ("dtypes", with_head(Whole), "head returned torch.int64"),
    ("dtypes", with_predictor(Coarse), "torch.float64, but the predictor torch.float32"),
    ("finite", with_encoder(LogOfFirst), "-inf for observation 0 (1 of 5 rows)"),
    ("determinism", with_encoder(Counting), "encoder answered the same question differently"),
    ("determinism", with_head(Noisy), "head answered the same question differently"),
    ("seeds", unseeded, "differ in encoder.bias"),
    ("seeds", ignores_seed, "seeds 0 and 1 give the same weights"),
    ("shared-state", shares_head, "share head.weight"),
    ("shared-state", with_head(ClassAttribute), "the answers of the head of one subject"),
    ("global-state", with_predictor(WasteOfNoise), "predictor moves the global random state of n"),
    ("global-state", global_dtype, "default dtype from torch.float32 to torch.float64"),
    ("serialisation", with_encoder(NotSaved), "encoder answers differently after a round trip"),
    ("serialisation", with_head(NotCopied), "deepcopy of the head raised RuntimeError: an open"),
    ("batch-independence", with_encoder(Centred), "encoder answers differently when asked row 0"),
    ("batch-independence", with_head(NoSingles), "head answers differently when asked row 0 al"),
    ("actions", with_predictor(NoAction), "same latent for every action"),
    ("modes", with_encoder(Dropout), "encoder.drop (Dropout, relative change"),
    ("modes", with_encoder(BatchNorm), "encoder.norm (BatchNorm1d, relative change"),
    ("encoder-gradient", with_encoder(frozen), "all 3 weights of the encoder are frozen"),
    ("encoder-gradient", with_encoder(NoGrad), "carry no gradient to the weights"),
    ("encoder-gradient", hidden_weights, "but to no weight of the encoder (function)"),
    ("prediction-gradient", with_predictor(DetachedInput), "depends on the codes, but carries no"),
    ("target-gradient", with_encoder(OnlineAndTarget), "the second half of a batch"),
    ("auxiliary-gradient", with_head(DetachedInput), "head depends on the codes, but carries no"),
    ("unused-parameters", with_encoder(Forgotten), "encoder.projector.weight, encoder.projector.b"),
    ("finite-gradients", with_encoder(RootOfZero), "not finite at encoder.inner.weight_in"),
    ("own-fit", with_fit(idle_fit), "did not change the encoder (it changed predictor)"),
    ("own-fit", with_fit(diverging_fit), "after the fit encoder.bias holds NaN"),
    ("own-fit", with_fit(raising_fit), "the fit raised ZeroDivisionError: no batches"),
]


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
