"""Subjects that each break one rule of the contract, and what builds them."""

from functools import lru_cache

import numpy as np
import torch
from torch import nn

from tellapart.models.networks import LinearHead, MLPEncoder, MLPPredictor
from tellapart.models.subject import Subject
from tellapart.theory.gallery import counting_chain

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
