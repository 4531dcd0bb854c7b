"""Reference networks: float64, and the same weights for the same seed on every run.

Weights come from a private ``torch.Generator``; the global random state is neither read nor moved.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "MAX_DUAL",
    "LinearHead",
    "LinearPredictor",
    "MLPEncoder",
    "MLPPredictor",
    "TableEncoder",
    "as_indices",
    "dual_size",
    "fresh_weights",
    "reference_sizes",
    "reference_subject",
]

DTYPE = torch.float64

#: Residuals up to which the reference subject is sized for, and trained by, Levenberg-Marquardt
#: (one step then takes about half a second).
MAX_DUAL = 2000


def _normal(shape: tuple[int, ...], scale: float, generator: torch.Generator) -> nn.Parameter:
    return nn.Parameter(torch.randn(shape, generator=generator, dtype=DTYPE) * scale)


def _generator(seed: int | torch.Generator) -> torch.Generator:
    if isinstance(seed, torch.Generator):
        return seed
    return torch.Generator().manual_seed(int(seed))


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise InvalidArgumentError(f"{name} is {size}; a network needs at least 1.")


class TableEncoder(nn.Module):
    """One free latent for each observation: ``table`` float64 ``[n_obs, d]``.

    Parameters
    ----------
    n_obs, d
        Number of observations and latent dimension.
    seed
        Integer, or a ``torch.Generator`` to draw from.

    Notes
    -----
    Takes one-hot observations ``[batch, n_obs]`` (the position of the largest entry counts) or
    indices int64 ``[batch]``.
    """

    def __init__(self, n_obs: int, d: int, seed: int | torch.Generator = 0) -> None:
        super().__init__()
        _check_sizes(n_obs=n_obs, d=d)
        self.table = _normal((n_obs, d), 1.0, _generator(seed))

    def forward(self, observations: Tensor) -> Tensor:
        """Return latents float64 ``[batch, d]``."""
        return self.table[as_indices(observations)]


def as_indices(observations: Tensor) -> Tensor:
    """Turn one-hot observations ``[batch, n]`` into indices int64 ``[batch]``; keep indices."""
    return observations.argmax(dim=-1) if observations.is_floating_point() else observations


class MLPEncoder(nn.Module):
    """A tanh network with one hidden layer on flattened observations.

    Parameters
    ----------
    n_inputs, hidden, d
        Numbers of inputs, of hidden units and of latent dimensions.
    seed
        Integer, or a ``torch.Generator`` to draw from.
    """

    def __init__(self, n_inputs: int, hidden: int, d: int, seed: int | torch.Generator = 0) -> None:
        super().__init__()
        _check_sizes(n_inputs=n_inputs, hidden=hidden, d=d)
        generator = _generator(seed)
        self.weight_in = _normal((n_inputs, hidden), 1 / math.sqrt(n_inputs), generator)
        self.bias = _normal((hidden,), 0.5, generator)
        self.weight_out = _normal((hidden, d), 2 / math.sqrt(hidden), generator)

    def forward(self, observations: Tensor) -> Tensor:
        """Return latents float64 ``[batch, d]``."""
        flat = observations.reshape(len(observations), -1).to(self.weight_in.dtype)
        return torch.tanh(flat @ self.weight_in + self.bias) @ self.weight_out


class LinearPredictor(nn.Module):
    """T(z, a) = z W_a + b_a.

    Parameters
    ----------
    d, n_actions
        Latent dimension and number of actions.
    seed
        Integer, or a ``torch.Generator`` to draw from.
    """

    def __init__(self, d: int, n_actions: int, seed: int | torch.Generator = 0) -> None:
        super().__init__()
        _check_sizes(d=d, n_actions=n_actions)
        self.weight = _normal((n_actions, d, d), 1 / math.sqrt(d), _generator(seed))
        self.bias = nn.Parameter(torch.zeros((n_actions, d), dtype=DTYPE))

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents float64 ``[batch, d]``."""
        moved = torch.bmm(codes.unsqueeze(1), self.weight[actions]).squeeze(1)
        return moved + self.bias[actions]


class MLPPredictor(nn.Module):
    """T(z, a) = tanh(z W + b_a) V + c: one hidden layer whose bias is chosen by the action.

    Parameters
    ----------
    d, n_actions, hidden
        Latent dimension, number of actions and of hidden units.
    seed
        Integer, or a ``torch.Generator`` to draw from.
    """

    def __init__(
        self, d: int, n_actions: int, hidden: int, seed: int | torch.Generator = 0
    ) -> None:
        super().__init__()
        _check_sizes(d=d, n_actions=n_actions, hidden=hidden)
        generator = _generator(seed)
        self.weight_in = _normal((d, hidden), 1 / math.sqrt(d), generator)
        self.action_bias = _normal((n_actions, hidden), 1.0, generator)
        self.weight_out = _normal((hidden, d), 1 / math.sqrt(hidden), generator)
        self.bias_out = nn.Parameter(torch.zeros(d, dtype=DTYPE))

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents float64 ``[batch, d]``."""
        hidden = torch.tanh(codes @ self.weight_in + self.action_bias[actions])
        return hidden @ self.weight_out + self.bias_out


class LinearHead(nn.Module):
    """P(z) = z W + b.

    Parameters
    ----------
    d, label_dim
        Latent dimension and number of label coordinates (``mdp.label_vectors.shape[1]``).
    seed
        Integer, or a ``torch.Generator`` to draw from.
    """

    def __init__(self, d: int, label_dim: int, seed: int | torch.Generator = 0) -> None:
        super().__init__()
        _check_sizes(d=d, label_dim=label_dim)
        self.weight = _normal((d, label_dim), 1 / math.sqrt(d), _generator(seed))
        self.bias = nn.Parameter(torch.zeros(label_dim, dtype=DTYPE))

    def forward(self, codes: Tensor) -> Tensor:
        """Return labels float64 ``[batch, label_dim]``."""
        return codes @ self.weight + self.bias


def reference_sizes(mdp: DeterministicMDP) -> tuple[int, int]:
    """Return the latent dimension and hidden width that train reliably on an MDP.

    Twice to eight times as many weights as residuals is what makes training reliable; above
    :data:`MAX_DUAL` residuals the latents get more room instead, since first-order training
    needs codes that start well apart.
    """
    n, labels = mdp.n_obs, mdp.label_vectors
    # A linear head occupies as many latent directions as the labels have dimensions.
    extra = min(6, max(0, int(np.linalg.matrix_rank(labels - labels.mean(axis=0))) - 1))
    d, hidden = (4 + extra, max(8 * n, 16)) if n <= 12 else (6 + extra, 6 * n)
    if dual_size(mdp, d) <= MAX_DUAL:
        return d, hidden
    return 48, min(2048, max(512, 3 * n))


def dual_size(mdp: DeterministicMDP, d: int) -> int:
    """Return the number of residuals of the reference subject with latent dimension ``d``."""
    return mdp.n_obs * (mdp.n_actions * d + int(mdp.label_vectors.shape[1])) + d


def fresh_weights(
    encoder: TableEncoder, predictor: MLPPredictor, head: LinearHead, seed: int
) -> None:
    """Draw new weights for a reference trio in place, as a new one with this seed has them."""
    generator = _generator(seed)
    (n, d), (n_actions, hidden) = encoder.table.shape, predictor.action_bias.shape
    fresh = (
        TableEncoder(n, d, generator),
        MLPPredictor(d, n_actions, hidden, generator),
        LinearHead(d, head.bias.shape[0], generator),
    )
    for old, new in zip((encoder, predictor, head), fresh, strict=True):
        old.load_state_dict(new.state_dict())


def reference_subject(
    mdp: DeterministicMDP,
    *,
    seed: int = 0,
    latent_dim: int | None = None,
    hidden: int | None = None,
    name: str = "reference",
) -> Subject:
    """Build the untrained reference subject: table encoder, tanh predictor, linear head.

    Parameters
    ----------
    mdp
        Gives the numbers of observations, actions and label coordinates.
    seed
        Of all weights.
    latent_dim, hidden
        Defaults from :func:`reference_sizes`.
    name
        Name in reports.
    """
    d_default, hidden_default = reference_sizes(mdp)
    d = latent_dim or d_default
    generator = _generator(seed)
    return Subject(
        encoder=TableEncoder(mdp.n_obs, d, generator),
        predictor=MLPPredictor(d, mdp.n_actions, hidden or hidden_default, generator),
        head=LinearHead(d, mdp.label_vectors.shape[1], generator),
        name=name,
    )
