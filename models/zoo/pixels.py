"""Subjects that are told what their encoder is shown: pictures, or vectors with nuisances."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from tellapart.models.networks import LinearHead, MLPPredictor
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["PIXELS", "MeanColour", "colour_subject", "pixel_subject"]

_HIDDEN, _LATENT = 48, 16


class FlatMLP(nn.Module):
    """A tanh network on the flattened observation.

    Parameters
    ----------
    n_inputs
        Numbers in one observation.
    """

    def __init__(self, n_inputs: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(), nn.Linear(n_inputs, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, _LATENT)
        )

    def forward(self, observations: Tensor) -> Tensor:
        """Return latents ``[batch, 16]``."""
        latents: Tensor = self.net(observations)
        return latents


class MeanColour(nn.Module):
    """What is left of a picture when only its mean colour is looked at, through a network.

    Parameters
    ----------
    n_channels
        Channels of the pictures; coordinates, for observations that are vectors (then it sees
        their mean alone).
    """

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_channels, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, _LATENT)
        )

    def forward(self, observations: Tensor) -> Tensor:
        """Return latents ``[batch, 16]`` of pictures divided by their largest channel."""
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
    shape = (mdp.n_obs,) if observations is None else tuple(observations.shape[1:])
    return _subject(FlatMLP, int(torch.Size(shape).numel()), mdp, seed, observations, "pixels")


def colour_subject(mdp: DeterministicMDP, seed: int, observations: Tensor | None = None) -> Subject:
    """Return a network that sees the hue of a picture, and so cannot count what is in it.

    Parameters
    ----------
    mdp, seed, observations
        As for :func:`pixel_subject`.
    """
    n_channels = 1 if observations is None or observations.ndim < 3 else observations.shape[1]
    return _subject(MeanColour, n_channels, mdp, seed, observations, "colour")


def _subject(
    encoder: Callable[[int], nn.Module],
    size: int,
    mdp: DeterministicMDP,
    seed: int,
    observations: Tensor | None,
    name: str,
) -> Subject:
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = encoder(size).double()
    return Subject(
        made,
        MLPPredictor(_LATENT, mdp.n_actions, _HIDDEN, generator),
        LinearHead(_LATENT, mdp.label_vectors.shape[1], generator),
        observations=None if observations is None else observations.double(),
        name=name,
    )


#: Factories that take ``observations=``, by name.
PIXELS: Mapping[str, Callable[..., Subject]] = MappingProxyType(
    {"pixels": pixel_subject, "colour": colour_subject}
)
