"""Subjects that each break one rule of the contract and keep all others."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.networks import LinearHead, MLPEncoder, MLPPredictor
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "BREAKERS",
    "good_parts",
    "rendered",
    "with_encoder",
    "with_fit",
    "with_head",
    "with_predictor",
]

Build = Callable[[DeterministicMDP, int], Subject]
Parts = tuple[MLPEncoder, MLPPredictor, LinearHead]
Wrap = Callable[[Any], nn.Module]

D = 6


def good_parts(mdp: DeterministicMDP, seed: int) -> Parts:
    """Return an encoder, a predictor and a head that keep every rule."""
    n_actions, q = mdp.n_actions, mdp.label_vectors.shape[1]
    encoder = MLPEncoder(mdp.n_obs, 16, D, seed)
    return encoder, MLPPredictor(D, n_actions, 16, seed), LinearHead(D, q, seed)


class Wrapped(nn.Module):
    """A part with something around it."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def ask(self, *given: Tensor) -> Tensor:
        """Return what the part answers."""
        answer: Tensor = self.inner(*given)
        return answer


class Passing(Wrapped):
    """A part that answers as it does."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part."""
        return self.ask(*given)


def with_encoder(wrap: Wrap) -> Build:
    """Return a factory whose encoder is wrapped; all else keeps the rules."""

    def factory(mdp: DeterministicMDP, seed: int) -> Subject:
        encoder, predictor, head = good_parts(mdp, seed)
        return Subject(wrap(encoder), predictor, head)

    return factory


def with_predictor(wrap: Wrap) -> Build:
    """Return a factory whose predictor is wrapped; all else keeps the rules."""

    def factory(mdp: DeterministicMDP, seed: int) -> Subject:
        encoder, predictor, head = good_parts(mdp, seed)
        return Subject(encoder, wrap(predictor), head)

    return factory


def with_head(wrap: Wrap) -> Build:
    """Return a factory whose head is wrapped; all else keeps the rules."""

    def factory(mdp: DeterministicMDP, seed: int) -> Subject:
        encoder, predictor, head = good_parts(mdp, seed)
        return Subject(encoder, predictor, wrap(head))

    return factory


class StrayBuffer(Passing):
    """Holds a buffer on another device."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.register_buffer("elsewhere", torch.zeros(3, device="meta"))


class OneTooFew(Wrapped):
    """Returns one coordinate too few."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(*given)[:, :-1]


class Whole(Wrapped):
    """Answers in integers."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(*given).round().long()


class Coarse(Wrapped):
    """Answers in float32."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(*given).float()


class LogOfFirst(Wrapped):
    """Adds minus infinity for the first observation."""

    def forward(self, observations: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(observations) + torch.log(1 - observations[:, :1])


class Counting(Wrapped):
    """Answers differently with every call."""

    calls = 0

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        self.calls += 1
        return self.ask(*given) + 0.001 * self.calls


class Noisy(Wrapped):
    """Adds fresh noise."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        answer = self.ask(*given)
        return answer + 0.01 * torch.randn_like(answer)


class WasteOfNoise(Wrapped):
    """Moves the global random state of NumPy."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        np.random.rand()  # noqa: NPY002
        return self.ask(*given)


class NotSaved(Wrapped):
    """Keeps a number that follows the seed outside its buffers."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.shift: Tensor = inner.weight_out.detach().mean()  # follows the seed, but is no buffer

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(*given) + self.shift


class NotCopied(Passing):
    """Cannot be copied."""

    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise RuntimeError("an open file cannot be copied")


class Centred(Wrapped):
    """Subtracts the mean of the batch."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        answer = self.ask(*given)
        return answer - answer.mean(dim=0)


class NoSingles(Wrapped):
    """Drops the batch axis of a batch of one."""

    def forward(self, codes: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(codes) if len(codes) > 1 else self.ask(codes).squeeze(0)


class NoAction(Wrapped):
    """Sees action 0 whatever the action."""

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(codes, torch.zeros_like(actions))


class Dropout(Wrapped):
    """Drops coordinates in train mode."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.drop = nn.Dropout(0.3)

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        dropped: Tensor = self.drop(self.ask(*given))
        return dropped


class BatchNorm(Wrapped):
    """Normalises by the batch in train mode."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.norm = nn.BatchNorm1d(D, dtype=torch.float64)

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        normed: Tensor = self.norm(self.ask(*given))
        return normed


class NoGrad(Wrapped):
    """Passes no gradient on."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        with torch.no_grad():
            return self.ask(*given)


class DetachedInput(Wrapped):
    """Detaches the codes it is given."""

    def forward(self, codes: Tensor, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(codes.detach(), *given)


class OnlineAndTarget(Wrapped):
    """Takes the second half of a batch for targets, as some BYOL code does."""

    def forward(self, observations: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        codes = self.ask(observations)
        half = (len(codes) + 1) // 2
        return torch.cat([codes[:half], codes[half:].detach()])


class Forgotten(Passing):
    """Holds a layer that it never uses."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.projector = nn.Linear(3, 3)
        nn.init.eye_(self.projector.weight)
        nn.init.zeros_(self.projector.bias)


class RootOfZero(Wrapped):
    """Has an infinite gradient where its answer is finite."""

    def forward(self, *given: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        answer = self.ask(*given)
        return answer + ((answer - answer).square()).sqrt()


def frozen(part: nn.Module) -> nn.Module:
    """Return the part with no weight to train."""
    return part.requires_grad_(False)


def global_dtype(mdp: DeterministicMDP, seed: int) -> Subject:
    """Build parts and change the default dtype of torch."""
    torch.set_default_dtype(torch.float64)
    return Subject(*good_parts(mdp, seed))


def unseeded(mdp: DeterministicMDP, seed: int) -> Subject:
    """Build a subject with one bias from the global random state."""
    encoder, predictor, head = good_parts(mdp, seed)
    with torch.no_grad():
        encoder.bias.normal_()
    return Subject(encoder, predictor, head)


def ignores_seed(mdp: DeterministicMDP, seed: int) -> Subject:
    """Build the same subject for every seed."""
    return Subject(*good_parts(mdp, 0))


@lru_cache
def one_head(mdp: DeterministicMDP) -> LinearHead:
    """Return the one head of a system."""
    return good_parts(mdp, 0)[2]


def shares_head(mdp: DeterministicMDP, seed: int) -> Subject:
    """Build subjects that share their head."""
    encoder, predictor, _ = good_parts(mdp, seed)
    return Subject(encoder, predictor, one_head(mdp))


class ClassAttribute(Wrapped):
    """The last one built writes where all others read."""

    weights: ClassVar[list[Tensor]] = []

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        ClassAttribute.weights = [inner.weight]

    def forward(self, codes: Tensor) -> Tensor:
        """Return the answer of the part, changed."""
        return self.ask(codes) + ClassAttribute.weights[0].mean()


def hidden_weights(mdp: DeterministicMDP, seed: int) -> Subject:
    """Build a subject whose encoder hides its weights in a function."""
    encoder, predictor, head = good_parts(mdp, seed)
    return Subject(lambda observations: encoder(observations), predictor, head)


def idle_fit(subject: Any, mdp: DeterministicMDP, seed: int) -> None:
    """Train the predictor and forget the encoder."""
    with torch.no_grad():
        subject.predictor.bias_out.add_(1.0)


def diverging_fit(subject: Any, mdp: DeterministicMDP, seed: int) -> None:
    """Leave NaN in the encoder."""
    with torch.no_grad():
        subject.encoder.bias.fill_(torch.nan)


def raising_fit(subject: Any, mdp: DeterministicMDP, seed: int) -> NoReturn:
    """Raise."""
    raise ZeroDivisionError("no batches")


def with_fit(fit: Callable[[Any, DeterministicMDP, int], object]) -> Build:
    """Return a factory of subjects with a fit of their own."""
    return lambda mdp, seed: Subject(*good_parts(mdp, seed), fit=fit)


def rendered(n_images: int) -> Build:
    """Return a factory that shows this many images."""

    def factory(mdp: DeterministicMDP, seed: int) -> Subject:
        generator = torch.Generator().manual_seed(seed)
        images = torch.rand(n_images, 2, 3, generator=generator)
        _, predictor, head = good_parts(mdp, seed)
        return Subject(MLPEncoder(6, 16, D, seed), predictor, head, observations=images)

    return factory


#: A subject for each rule of the contract (the ids of the probes), which breaks it and no other.
BREAKERS: Mapping[str, Build] = MappingProxyType(
    {
        "device": with_head(StrayBuffer),
        "shapes": with_predictor(OneTooFew),
        "dtypes": with_head(Whole),
        "finite": with_encoder(LogOfFirst),
        "determinism": with_encoder(Counting),
        "seeds": ignores_seed,
        "shared-state": shares_head,
        "global-state": with_predictor(WasteOfNoise),
        "serialisation": with_encoder(NotSaved),
        "batch-independence": with_encoder(Centred),
        "actions": with_predictor(NoAction),
        "own-fit": with_fit(idle_fit),
        "modes": with_encoder(BatchNorm),
        "encoder-gradient": with_encoder(NoGrad),
        "prediction-gradient": with_predictor(DetachedInput),
        "target-gradient": with_encoder(OnlineAndTarget),
        "auxiliary-gradient": with_head(DetachedInput),
        "unused-parameters": with_encoder(Forgotten),
        "finite-gradients": with_encoder(RootOfZero),
    }
)
