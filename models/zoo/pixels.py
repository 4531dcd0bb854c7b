"""Subjects that are told what their encoder is shown: pictures, or vectors with nuisances."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import torch
from torch import Tensor, nn

from tellapart.models.fit import fit
from tellapart.models.networks import LinearHead, MLPPredictor
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["PIXELS", "MeanColour", "colour_subject", "pixel_subject"]

_HIDDEN, _LATENT, _SHORT = 24, 8, 200


class FlatMLP(nn.Module):
    """A tanh network on the flattened observation; pictures are halved first.

    Parameters
    ----------
    shape
        Of one observation: pictures are ``[channels, height, width]`` with even sides.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        picture = len(shape) == 3
        n_inputs = math.prod(shape) // (4 if picture else 1)
        self.net = nn.Sequential(
            *([nn.AvgPool2d(2)] if picture else []),
            nn.Flatten(), nn.Linear(n_inputs, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, _LATENT),
        )  # fmt: skip

    def forward(self, observations: Tensor) -> Tensor:
        """Return latents ``[batch, 8]``."""
        latents: Tensor = self.net(observations)
        return latents


class MeanColour(nn.Module):
    """What is left of a picture when only its mean colour is looked at, through a network.

    Parameters
    ----------
    shape
        Of one observation. Of vectors it sees the mean alone.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        n_channels = shape[0] if len(shape) > 1 else 1
        self.net = nn.Sequential(
            nn.Linear(n_channels, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, _LATENT)
        )

    def forward(self, observations: Tensor) -> Tensor:
        """Return latents ``[batch, 8]`` of pictures divided by their largest channel."""
        rows = observations if observations.ndim > 2 else observations[:, None, :]
        means = rows.flatten(2).mean(dim=2)
        latents: Tensor = self.net(means / means.amax(dim=1, keepdim=True).clamp_min(1e-12))
        return latents


def pixel_subject(mdp: DeterministicMDP, seed: int, observations: Tensor | None = None) -> Subject:
    """Return an ordinary network that takes any observations, for joint training.

    Parameters
    ----------
    mdp, seed
        As for every factory.
    observations
        float ``[n_obs, *obs_shape]``; None: one-hot.
    """
    shown = None if observations is None else _normalised(observations)
    return _subject(FlatMLP, mdp, seed, shown, "pixels")


def colour_subject(mdp: DeterministicMDP, seed: int, observations: Tensor | None = None) -> Subject:
    """Return a network that sees the hue of a picture, and so cannot count what is in it.

    Parameters
    ----------
    mdp, seed, observations
        As for :func:`pixel_subject`.
    """
    made = _subject(MeanColour, mdp, seed, observations, "colour")
    return replace(made, fit=_short_fit)  # more steps would not help it


def _subject(
    encoder: Callable[[tuple[int, ...]], nn.Module],
    mdp: DeterministicMDP,
    seed: int,
    observations: Tensor | None,
    name: str,
) -> Subject:
    generator = torch.Generator().manual_seed(seed)
    shape = (mdp.n_obs,) if observations is None else tuple(observations.shape[1:])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = encoder(shape).double()
    return Subject(
        made,
        MLPPredictor(_LATENT, mdp.n_actions, _HIDDEN, generator),
        LinearHead(_LATENT, mdp.label_vectors.shape[1], generator),
        observations=None if observations is None else observations.double(),
        name=name,
    )


def _normalised(observations: Tensor) -> Tensor:
    """Return observations with mean 0 and mean square 1 over all their numbers."""
    centred = observations - observations.mean()
    scale = centred.square().mean().sqrt()
    return centred / scale if scale > 0 else centred


def _short_fit(subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
    fit(replace(subject, fit=None), mdp, method="first-order", max_steps=_SHORT, seed=seed)


#: Factories that take ``observations=``, by name.
PIXELS: Mapping[str, Callable[..., Subject]] = MappingProxyType(
    {"pixels": pixel_subject, "colour": colour_subject}
)
