"""Random untrained subjects of random architectures: what a statement about *every* model meets."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["untrained_subject"]

_ACTIVATIONS: tuple[Callable[[], nn.Module], ...] = (
    nn.Tanh, nn.ReLU, nn.Sigmoid, nn.GELU, nn.SiLU, nn.LeakyReLU,
)  # fmt: skip


class ActionMLP(nn.Module):
    """T(z, a): a network on the latent beside the one-hot action.

    Parameters
    ----------
    net
        ``[batch, d + n_actions]`` to ``[batch, d]``.
    n_actions
        Number of actions.
    residual
        Whether the answer is added to the latent.
    """

    def __init__(self, net: nn.Module, n_actions: int, residual: bool) -> None:
        super().__init__()
        self.net, self.n_actions, self.residual = net, n_actions, residual

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents ``[batch, d]``."""
        onehot = nn.functional.one_hot(actions, self.n_actions).to(codes)
        moved: Tensor = self.net(torch.cat([codes, onehot], dim=1))
        return codes + moved if self.residual else moved


def untrained_subject(mdp: DeterministicMDP, seed: int) -> Subject:
    """Draw a subject: sizes, layers, activations, scale of the weights, type, merged inputs.

    Parameters
    ----------
    mdp
        Gives the numbers of observations, actions and label coordinates.
    seed
        Everything follows from it; torch's global generator is neither read nor moved.

    Returns
    -------
    Subject
        Latent dimension 1 to 6, float32 or float64. In one of four subjects some observations
        look the same, so that their codes are merged.
    """
    rng = np.random.default_rng(seed)
    d, width = int(rng.integers(1, 7)), int(rng.integers(1, 25))
    shown = _shown(mdp.n_obs, rng)
    dtype = torch.float32 if rng.random() < 0.3 else torch.float64
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = _network(shown.shape[1], width, d, rng)
        net = _network(d + mdp.n_actions, width, d, rng)
        predictor = ActionMLP(net, mdp.n_actions, bool(rng.random() < 0.3))
        head = _network(d, width, mdp.label_vectors.shape[1], rng)
    for part in (encoder, predictor, head):
        _rescale(part, 10.0 ** rng.uniform(-2, 1))
        part.to(dtype).eval()
    observations = torch.as_tensor(shown, dtype=dtype)
    return Subject(encoder, predictor, head, observations=observations, name=f"untrained-{seed}")


def _shown(n_obs: int, rng: np.random.Generator) -> np.ndarray:
    """Return what the encoder is shown: one-hot vectors or random features, some of them equal."""
    shown = np.eye(n_obs) if rng.random() < 0.5 else rng.normal(size=(n_obs, 5)).round(3)
    if rng.random() < 0.25:
        shown = shown[rng.integers(0, n_obs, size=n_obs)]
    return shown


def _network(n_in: int, width: int, n_out: int, rng: np.random.Generator) -> nn.Sequential:
    """Return none to two hidden layers of one activation, sometimes normalised."""
    depth, activation = int(rng.integers(0, 3)), _ACTIVATIONS[rng.integers(len(_ACTIVATIONS))]
    layers: list[nn.Module] = []
    for _ in range(depth):
        layers += [nn.Linear(n_in, width), activation()]
        n_in = width
        if rng.random() < 0.15:
            layers.append(nn.LayerNorm(width))
    return nn.Sequential(*layers, nn.Linear(n_in, n_out))


def _rescale(part: nn.Module, factor: float) -> None:
    with torch.no_grad():
        for weight in part.parameters():
            weight.mul_(factor)
