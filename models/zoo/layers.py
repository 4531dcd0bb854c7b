"""Layers of the world models of the zoo: normalised networks, SimNorm and two-hot numbers."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = [
    "ActionNetwork",
    "SimNorm",
    "TwoHotHead",
    "normed_network",
    "symexp",
    "symlog",
    "two_hot",
]


class SimNorm(nn.Module):
    """Simplicial normalisation: softmax over each group of latent coordinates.

    Parameters
    ----------
    group
        Coordinates in a group; must divide the width of the input.

    Notes
    -----
    Published with TD-MPC2 (Hansen, Su and Wang, 2024, arXiv 2310.16828), in groups of eight. Codes
    lie in a product of simplices, so their scale can neither fade nor grow.

    Examples
    --------
    >>> SimNorm(2)(torch.zeros(1, 4)).tolist()
    [[0.5, 0.5, 0.5, 0.5]]
    """

    def __init__(self, group: int = 8) -> None:
        super().__init__()
        self.group = group

    def forward(self, values: Tensor) -> Tensor:
        """Return ``[batch, d]`` with every group non-negative and of sum 1."""
        groups = values.reshape(len(values), -1, self.group)
        return torch.softmax(groups, dim=2).reshape(values.shape)


def normed_network(sizes: Sequence[int], last: nn.Module | None = None) -> nn.Sequential:
    """Build linear layers with LayerNorm and Mish after all but the last.

    Parameters
    ----------
    sizes
        Widths, input and output included: at least two.
    last
        What follows the last linear layer: it and LayerNorm. ``None``: nothing, not even the norm.

    Returns
    -------
    ``nn.Sequential``, float32; weights from torch's global generator.
    """
    layers: list[nn.Module] = []
    for width, following in pairwise(sizes[:-1]):
        layers += [nn.Linear(width, following), nn.LayerNorm(following), nn.Mish()]
    layers.append(nn.Linear(sizes[-2], sizes[-1]))
    if last is not None:
        layers += [nn.LayerNorm(sizes[-1]), last]
    return nn.Sequential(*layers)


class ActionNetwork(nn.Module):
    """T(z, a): a network on the latent with the one-hot action beside it.

    Parameters
    ----------
    d, n_actions, hidden
        Latent dimension, number of actions and width of the two hidden layers.
    last
        As of :func:`normed_network`.
    """

    def __init__(self, d: int, n_actions: int, hidden: int, last: nn.Module | None = None) -> None:
        super().__init__()
        self.n_actions = n_actions
        self.network = normed_network((d + n_actions, hidden, hidden, d), last)

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents ``[batch, d]``."""
        chosen = nn.functional.one_hot(actions, self.n_actions).to(codes)
        predicted: Tensor = self.network(torch.cat([codes, chosen], dim=1))
        return predicted


def symlog(values: Tensor) -> Tensor:
    """Return ``sign(x) log(1 + |x|)``."""
    return torch.sign(values) * torch.log1p(values.abs())


def symexp(values: Tensor) -> Tensor:
    """Return the inverse of :func:`symlog`."""
    return torch.sign(values) * torch.expm1(values.abs())


def two_hot(values: Tensor, bins: Tensor) -> Tensor:
    """Share each number between the two bins around it, so that the mean of the bins is the number.

    Parameters
    ----------
    values
        Floating ``[...]``; what lies outside the bins is taken as the nearest end.
    bins
        ``[k]``, increasing, evenly spaced, at least two.

    Returns
    -------
    ``[..., k]``, non-negative, of sum 1, at most two neighbours not zero.

    Examples
    --------
    >>> two_hot(torch.tensor([0.25]), torch.tensor([-1.0, 0.0, 1.0])).tolist()
    [[0.0, 0.75, 0.25]]
    """
    inside = values.clamp(float(bins[0]), float(bins[-1]))
    distance = (inside.unsqueeze(-1) - bins).abs() / (bins[1] - bins[0])
    return torch.relu(1 - distance)


class TwoHotHead(nn.Module):
    """P(z): logits over bins of symlog labels, read as symexp of their mean.

    Parameters
    ----------
    d, label_dim, hidden
        Latent dimension, number of label coordinates and width of the two hidden layers.
    n_bins, limit
        Bins for each label coordinate, evenly spaced in ``[-limit, limit]``.
    """

    bins: Tensor

    def __init__(
        self, d: int, label_dim: int, hidden: int, n_bins: int = 101, limit: float = 10.0
    ) -> None:
        super().__init__()
        self.label_dim = label_dim
        self.network = normed_network((d, hidden, hidden, label_dim * n_bins))
        self.register_buffer("bins", torch.linspace(-limit, limit, n_bins))

    def logits(self, codes: Tensor) -> Tensor:
        """Return logits ``[batch, label_dim, n_bins]``."""
        flat: Tensor = self.network(codes)
        return flat.reshape(len(codes), self.label_dim, -1)

    def forward(self, codes: Tensor) -> Tensor:
        """Return labels ``[batch, label_dim]``."""
        return symexp((torch.softmax(self.logits(codes), dim=2) * self.bins).sum(dim=2))

    def loss(self, codes: Tensor, labels: Tensor) -> Tensor:
        """Return the cross-entropy against two-hot symlog labels ``[batch, label_dim]``."""
        wanted = two_hot(symlog(labels), self.bins)
        logs = torch.log_softmax(self.logits(codes), dim=2)
        return -(wanted * logs).sum(dim=2).mean()
