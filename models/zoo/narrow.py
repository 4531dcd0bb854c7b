"""A design whose latent has one dimension too few for what it is made of (S12)."""

import torch
from torch import Tensor, nn

from tellapart.models.subject import Subject
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["LinearByAction", "narrow_linear_subject"]


class LinearByAction(nn.Module):
    """T(z, a) = W_a z + b_a, with trainable weights for each action.

    Parameters
    ----------
    d, n_actions
        Latent dimensions and actions.
    """

    def __init__(self, d: int, n_actions: int) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(d, d) for _ in range(n_actions))

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents ``[batch, d]``."""
        every = torch.stack([one(codes) for one in self.maps], dim=1)
        return every[torch.arange(len(codes)), actions]


def narrow_linear_subject(mdp: DeterministicMDP, seed: int) -> Subject:
    """Return linear parts with a latent of one dimension less than they need.

    Parameters
    ----------
    mdp
        The system; its affine capacity less 1, but at least 1, is the latent dimension.
    seed
        Of the weights.

    Notes
    -----
    On the counting chain 8 dimensions are needed, and it has 7. Where one dimension is enough it is
    not too narrow.
    """
    found = capacity(mdp)
    d = max(1, found.affine_bounds[0] - 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, head = nn.Linear(mdp.n_obs, d), nn.Linear(d, mdp.label_vectors.shape[1])
        predictor = LinearByAction(d, mdp.n_actions)
    return Subject(encoder.double(), predictor.double(), head.double(), name="narrow-linear")
