"""Networks of the counting runs: two encoders of pictures, a predictor and a head."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import torch
from torch import Tensor, nn

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.naming import entry_named

__all__ = [
    "ARCHITECTURES", "Architecture", "CountingEncoder", "CountingNetworks", "CountingPredictor",
    "PixelNorm", "RandomTarget", "architecture", "build_networks", "device_advice",
]  # fmt: skip

#: Dimension of the latents of our own encoders.
LATENT = 32

_WIDTH = 128

_ON_CPU = " The counting study runs on the CPU: do not call .cuda() or .to(device)."

#: Outputs of the random function of the picture.
_RANDOM = 64


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes and learning rates that belong together.

    Attributes
    ----------
    name, summary
        For tables and documentation.
    encoder_layers
        Hidden layers between the pooled features and the latent.
    start
        The encoder's last layer begins with its usual weights times this.
    head_layers
        Hidden layers of the head; 0 is a linear head.
    learning_rate
        Of predictor and head, for Adam.
    encoder_speed
        Learning rate of the encoder relative to it.
    """

    name: str
    summary: str
    encoder_layers: int
    start: float
    head_layers: int
    learning_rate: float
    encoder_speed: float


#: The architectures by name.
ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            Architecture(
                "small-start", "small initial latents and a linear head", 2, 0.03, 0, 6e-3, 0.3
            ),
            Architecture(
                "default-cnn", "an ordinary network: usual initial weights, a head with a hidden "
                "layer", 1, 1.0, 1, 2e-3, 1.0,
            ),
        )
    }
)  # fmt: skip


def architecture(name: str) -> Architecture:
    """Return an architecture by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> architecture("small-start").head_layers
    0
    """
    return entry_named(ARCHITECTURES, name, "architecture")


class PixelNorm(nn.Module):
    """Divide each pixel's channels by their root mean square; a black pixel stays zero."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[batch, channels, h, w]`` of the same shape."""
        scale = (x.square().mean(dim=1, keepdim=True) + 1e-3).rsqrt()
        return x * scale


class CountingEncoder(nn.Module):
    """Convolutions, a mean over all places, and an MLP: pictures to latents.

    Parameters
    ----------
    layers
        Hidden layers of the MLP.
    start
        The last layer begins with its usual weights and biases times this.
    d
        Latent dimension.

    Notes
    -----
    The mean over places adds up what is seen anywhere: such a network can count before any
    training, which is why runs on it are compared with glyphs.

    Examples
    --------
    >>> CountingEncoder(2, 0.03)(torch.zeros(5, 3, 32, 32)).shape
    torch.Size([5, 32])
    """

    #: The mean over places is small; this brings it near one.
    _GAIN = 8.0

    def __init__(self, layers: int, start: float, d: int = LATENT) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 4, stride=2, padding=1, bias=False), PixelNorm(), nn.ReLU(),
            nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
        )  # fmt: skip
        self.mlp = _mlp(64, layers, d)
        last = self.mlp[-1]
        with torch.no_grad():
            for weight in last.parameters():
                weight.mul_(start)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return latents ``[batch, d]`` of pictures ``[batch, 3, size, size]`` in [0, 1]."""
        # Channels last is a quarter faster here: few channels, many places.
        nearby = pictures.contiguous(memory_format=torch.channels_last)
        pooled = self.features(nearby).mean(dim=(2, 3)) * self._GAIN
        latents: Tensor = self.mlp(pooled)
        return latents


class CountingPredictor(nn.Module):
    """An MLP of latent and action: ``[batch, d]``, int64 ``[batch]`` to ``[batch, d]``."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.mlp = _mlp(d + 2, 2, d)

    def forward(self, latents: Tensor, actions: Tensor) -> Tensor:
        """Return the latents after the actions."""
        chosen = nn.functional.one_hot(actions, 2).to(latents.dtype)
        after: Tensor = self.mlp(torch.cat([latents, chosen], dim=1))
        return after


class RandomTarget(nn.Module):
    """A fixed random linear function of a picture, standardised on the pictures it is made from.

    Parameters
    ----------
    sample
        Pictures ``[n, 3, size, size]``.
    seed
        Of its weights.
    """

    weight: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, sample: Tensor, seed: int) -> None:
        super().__init__()
        source = torch.Generator().manual_seed(seed)
        flat = sample.flatten(1)
        self.register_buffer("weight", torch.randn(flat.shape[1], _RANDOM, generator=source))
        found = flat @ self.weight
        self.register_buffer("mean", found.mean(dim=0))
        self.register_buffer("scale", found.std(dim=0).mean())

    def forward(self, pictures: Tensor) -> Tensor:
        """Return ``[batch, 64]``, of mean 0 and standard deviation about 1."""
        return (pictures.flatten(1) @ self.weight - self.mean) / self.scale


class CountingNetworks(nn.Module):
    """Encoder, predictor, head of the label, and head of the random function (if there is one)."""

    def __init__(
        self, encoder: nn.Module, d: int, head_layers: int, labels: int, random: bool
    ) -> None:
        super().__init__()
        self.d = d
        self.encoder = encoder
        self.predictor = CountingPredictor(d)
        self.head = _mlp(d, head_layers, labels)
        self.random_head = _mlp(d, head_layers, _RANDOM) if random else None


def build_networks(
    chosen: Architecture,
    seed: int,
    size: int,
    *,
    labels: int = 1,
    random: bool = False,
    encoder_factory: Callable[[int], nn.Module] | None = None,
) -> CountingNetworks:
    """Build fresh networks; the same seed gives the same weights.

    Parameters
    ----------
    chosen
        The architecture; of a user's encoder, that of predictor and head.
    seed
        Of all weights. The global random state is put back afterwards.
    size
        Side of the pictures.
    labels
        Outputs of the head.
    random
        Whether there is a head for the random function.
    encoder_factory
        Called with the seed; returns an encoder of pictures ``[batch, 3, size, size]``.

    Raises
    ------
    InvalidArgumentError
        When the factory returns no module, or its module no finite ``[batch, d]`` numbers.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if encoder_factory is None:
            encoder: nn.Module = CountingEncoder(chosen.encoder_layers, chosen.start)
            d = LATENT
        else:
            encoder = encoder_factory(seed)
            d = _latent_dimension(encoder, size)
        return CountingNetworks(encoder, d, chosen.head_layers, labels, random)


def device_advice(error: BaseException) -> str:
    """Return what to do about an error of a user's encoder that speaks of a GPU, else nothing."""
    text = str(error).lower()
    return _ON_CPU if "cuda" in text or "nvidia" in text else ""


def _described(found: object) -> str:
    """Name the shape of what an encoder gave, and its dtype where that is what is wrong."""
    if not isinstance(found, Tensor):
        return type(found).__name__
    shape = str(tuple(found.shape))
    return shape if found.is_floating_point() else f"{shape} of {found.dtype}"


def _mlp(inputs: int, layers: int, outputs: int) -> nn.Sequential:
    widths = [inputs] + [_WIDTH] * layers
    parts: list[nn.Module] = []
    for before, after in pairwise(widths):
        parts += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(widths[-1], outputs))


def _latent_dimension(encoder: object, size: int) -> int:
    """Try a user's encoder on four pictures, and return its latent dimension."""
    if not isinstance(encoder, nn.Module):
        raise InvalidArgumentError(
            f"encoder_factory returned a {type(encoder).__name__}; return a torch.nn.Module."
        )
    training = encoder.training
    encoder.eval()
    with torch.no_grad():
        try:
            found = encoder(torch.rand(4, 3, size, size))
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            raise InvalidArgumentError(
                f"The encoder does not take pictures [batch, 3, {size}, {size}] in [0, 1]: {error}"
                f"{device_advice(error)}"
            ) from error
    encoder.train(training)
    right = isinstance(found, Tensor) and found.ndim == 2 and found.shape[0] == 4
    if not right or not found.shape[1] or not found.is_floating_point():
        raise InvalidArgumentError(
            f"The encoder gave {_described(found)} for 4 pictures; give floats [4, d], one latent "
            "each."
        )
    if found.device.type != "cpu":
        raise InvalidArgumentError(f"The encoder gave latents on {found.device}. {_ON_CPU.strip()}")
    if not found.isfinite().all():
        raise InvalidArgumentError(
            "The untrained encoder gave NaN or infinite latents; repair its initial weights."
        )
    return int(found.shape[1])
