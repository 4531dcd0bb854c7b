"""The encoder that is trained where none is named: a small tanh network with biases."""

import math

import torch
from torch import Tensor, nn

from tellapart.models.networks import LinearHead, MLPPredictor
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["BiasedEncoder", "shrunk", "small_subject"]

LATENT_DIM, HIDDEN = 4, 16


class BiasedEncoder(nn.Module):
    """E(o) = tanh(o W + b) V + c, with a bias in both layers.

    Weight decay acts on W and V. What it lets fade leaves the code c: a total collapse is one
    constant code, not a code of nothing.

    Parameters
    ----------
    n_inputs, hidden, d
        Numbers of inputs, of hidden units and of latent dimensions.
    generator
        Where the weights are drawn from.
    """

    def __init__(self, n_inputs: int, hidden: int, d: int, generator: torch.Generator) -> None:
        super().__init__()

        def normal(shape: tuple[int, ...], scale: float) -> nn.Parameter:
            drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
            return nn.Parameter(drawn * scale)

        self.weight_in = normal((n_inputs, hidden), 1.0)
        self.bias_in = normal((hidden,), 0.5)
        self.weight_out = normal((hidden, d), 1 / math.sqrt(hidden))
        self.bias_out = normal((d,), 0.5)

    def forward(self, observations: Tensor) -> Tensor:
        """Return latents float64 ``[batch, d]``."""
        flat = observations.reshape(len(observations), -1).to(self.weight_in.dtype)
        return torch.tanh(flat @ self.weight_in + self.bias_in) @ self.weight_out + self.bias_out


def small_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build an untrained encoder, predictor and head, all small networks in float64.

    Parameters
    ----------
    mdp
        Gives the sizes.
    seed
        Of all weights.

    Examples
    --------
    >>> small_subject(DeterministicMDP([[1], [0]], labels=[0, 1])).name
    'mlp'
    """
    generator = torch.Generator().manual_seed(seed)
    encoder = BiasedEncoder(mdp.n_obs, HIDDEN, LATENT_DIM, generator)
    return Subject(
        encoder=encoder,
        predictor=MLPPredictor(LATENT_DIM, mdp.n_actions, HIDDEN, generator),
        head=LinearHead(LATENT_DIM, mdp.label_vectors.shape[1], generator),
        name="mlp",
    )


def shrunk(subject: Subject, scale: float) -> Subject:
    """Return a subject with latents shrunk by ``scale`` and predictor and head stretched alike.

    (E, T, P) becomes (sE, sT(./s), P(./s)): the dynamics loss is multiplied by s², the auxiliary
    loss stays, and equal codes stay equal. The parts are those of ``subject``, with its weights.
    """
    encoder, predictor, head = subject.encoder, subject.predictor, subject.head
    return Subject(
        encoder=lambda observations: scale * encoder(observations),
        predictor=lambda codes, actions: scale * predictor(codes / scale, actions),
        head=lambda codes: head(codes / scale),
        observations=subject.observations,
        name=subject.name,
    )
