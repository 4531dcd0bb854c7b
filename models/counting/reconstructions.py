"""Pictures decoded from frozen latents: what a decoder can and cannot bring back."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.counting.border import as_integer
from tellapart.models.counting.heldout import held_out
from tellapart.models.counting.losses import as_input
from tellapart.models.counting.samples import CountingSampler, Shown
from tellapart.models.counting.training import TrainedCounting
from tellapart.models.threads import one_thread
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register

__all__ = ["Decoder", "Reconstructions", "reconstruct"]

_RATE, _BATCH, _STREAM = 3e-3, 64, 4


@register
@dataclass(frozen=True, repr=False)
class Reconstructions(Saved):
    """One held-out frame of each count, what a decoder makes of its latent, and its errors.

    Attributes
    ----------
    counts
        The counts shown.
    size
        Side of the frames.
    original, decoded
        uint8 frames ``[len(counts), size, size, 3]`` as bytes; see :meth:`pictures`.
    steps
        Of the decoder's training, on latents that stay as they are.
    error
        Mean squared error of pixels in [0, 1] on 256 held-out frames.
    black_error, mean_error
        The same of a black picture, and of the mean picture of each count: a decoder that is no
        better than the second knows the count and nothing else.
    """

    counts: tuple[int, ...]
    size: int
    original: bytes
    decoded: bytes
    steps: int
    error: float
    black_error: float
    mean_error: float

    def pictures(self, which: str) -> npt.NDArray[np.uint8]:
        """Return the ``"original"`` or ``"decoded"`` frames, uint8 ``[n, size, size, 3]``.

        Raises
        ------
        InvalidArgumentError
            For another word.
        """
        if which not in ("original", "decoded"):
            raise InvalidArgumentError(f"which is {which!r}; choose 'original' or 'decoded'.")
        flat = np.frombuffer(self.original if which == "original" else self.decoded, dtype=np.uint8)
        return flat.reshape(len(self.counts), self.size, self.size, 3)

    def explain(self) -> str:
        """Return the errors as a sentence."""
        return (
            f"A decoder trained for {self.steps} steps has error {self.error:.4f}; a black picture "
            f"has {self.black_error:.4f}, the mean picture of each count {self.mean_error:.4f}."
        )

    def __repr__(self) -> str:
        return f"Reconstructions({len(self.counts)} frames, error {self.error:.4f})"


class Decoder(nn.Module):
    """Latents ``[batch, d]`` to pictures ``[batch, 3, size, size]``, about in [0, 1].

    Nothing squeezes the output: most pixels are black, and a sigmoid would soon be stuck there.

    Examples
    --------
    >>> Decoder(32, 16)(torch.zeros(2, 32)).shape
    torch.Size([2, 3, 16, 16])
    """

    def __init__(self, d: int, size: int) -> None:
        super().__init__()
        side = size // 8
        self.layers = nn.Sequential(
            nn.Linear(d, 128), nn.ReLU(),
            nn.Linear(128, 32 * side * side), nn.ReLU(), nn.Unflatten(1, (32, side, side)),
            nn.ConvTranspose2d(32, 24, 4, stride=2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(24, 16, 4, stride=2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(16, 3, 4, stride=2, padding=1),
        )  # fmt: skip

    def forward(self, latents: Tensor) -> Tensor:
        """Return the pictures."""
        pictures: Tensor = self.layers(latents)
        return pictures


def reconstruct(
    trained: TrainedCounting, *, steps: int = 300, seed: int | None = None
) -> Reconstructions:
    """Train a small decoder on the latents of a trained run, which stay as they are.

    Parameters
    ----------
    trained
        The run.
    steps
        Of training, 64 fresh frames each.
    seed
        Of held-out frames, as in
        :func:`~tellapart.models.counting.measures.measure_counting`; and of the decoder.

    Returns
    -------
    Reconstructions

    Notes
    -----
    Adam with a constant rate; latents are first shifted and scaled to mean 0 and rms 1. On one
    torch thread the same call gives the same bytes.
    """
    plan = trained.plan
    drawn = plan.seed if seed is None else as_integer("seed", seed, 0)
    as_integer("steps", steps, 0, 1_000_000)
    frames = held_out(plan, drawn)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(drawn)
        encode = _Scaled(trained, frames.reference)
        decoder = Decoder(trained.networks.d, plan.size)
        _train(decoder, encode, CountingSampler(plan), steps, drawn)
        first = np.searchsorted(frames.reference.counts, np.array(plan.counts))
        with torch.no_grad():
            shown = frames.reference.pictures[first]
            made = (decoder(encode(shown)).clamp(0, 1) * 255).round().byte()
            made = made.permute(0, 2, 3, 1).contiguous()
            error = nn.functional.mse_loss(decoder(encode(frames.few.pictures)),
                                           as_input(frames.few.pictures))  # fmt: skip
    target = frames.few.pictures / 255.0
    return Reconstructions(
        tuple(plan.counts), plan.size, shown.tobytes(), made.numpy().tobytes(),
        steps, float(error), float(np.square(target).mean()),
        float(np.square(target - _means(frames.reference, frames.few)).mean()),
    )  # fmt: skip


class _Scaled:
    """The frozen encoder, its latents shifted and scaled to mean 0 and rms 1."""

    def __init__(self, trained: TrainedCounting, reference: Shown) -> None:
        self.encoder = trained.networks.encoder
        self.mean, self.rms = torch.zeros(()), torch.ones(())
        latents = self(reference.pictures)
        self.mean = latents.mean(dim=0)
        rms = (latents - self.mean).square().mean().sqrt()
        self.rms = rms if rms > 0 else self.rms

    def __call__(self, pictures: npt.NDArray[np.uint8]) -> Tensor:
        with torch.no_grad():
            latents: Tensor = self.encoder(as_input(pictures)).float()
            return (latents - self.mean) / self.rms


def _train(
    decoder: Decoder, encode: _Scaled, sampler: CountingSampler, steps: int, seed: int
) -> None:
    source = np.random.default_rng([seed, _STREAM])
    optimiser = torch.optim.Adam(decoder.parameters(), lr=_RATE)
    lowest, highest = sampler.plan.counts[0], sampler.plan.counts[-1]
    for _ in range(steps):
        shown = sampler.shown(source.integers(lowest, highest + 1, size=_BATCH), source)
        loss = nn.functional.mse_loss(decoder(encode(shown.pictures)), as_input(shown.pictures))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def _means(reference: Shown, asked: Shown) -> npt.NDArray[np.float64]:
    """Return the mean picture of each asked frame's count."""
    means = np.zeros((9, *reference.pictures.shape[1:]))
    for count in np.unique(reference.counts):
        means[count] = reference.pictures[reference.counts == count].mean(axis=0) / 255
    return means[asked.counts]
