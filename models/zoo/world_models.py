"""World models in the shape of published ones, at the size of toy systems.

Written from the published descriptions. What is left out (image networks, replay, planning, value
functions, several tasks) does not change which loss reaches the encoder, and that decides what the
theorem promises.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from tellapart.models.fit import check_integer
from tellapart.models.subject import Subject
from tellapart.models.zoo.layers import ActionNetwork, SimNorm, TwoHotHead, normed_network
from tellapart.models.zoo.regularisers import (
    sketched_normality,
    vicreg_covariance,
    vicreg_variance,
)
from tellapart.models.zoo.training import Transitions, codes_of, fit_head, minimise, seeded
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "EbJepaFit",
    "LewmFit",
    "TdMpc2Fit",
    "eb_jepa_subject",
    "lewm_subject",
    "tdmpc2_subject",
]

_SIMNORM_GROUP = 8


@dataclass(frozen=True)
class TdMpc2Fit:
    """Joint training in the way of TD-MPC2: latent consistency and reward over short rollouts.

    Attributes
    ----------
    steps, learning_rate
        Of Adam; the encoder moves at the same rate.
    horizon
        Predicted steps of a rollout. The first action runs over all actions, the others are drawn.
    consistency, reward
        Weights of the two losses.
    fading
        Weight of each further step, relative to the one before.

    Notes
    -----
    Published: horizon 3, weights 20 and 0.1, fading 0.5, target codes without gradient, no value
    loss here. Labels belong to observations, so the reward head sees the latent alone.
    """

    steps: int = 400
    learning_rate: float = 3e-3
    horizon: int = 3
    consistency: float = 20.0
    reward: float = 0.1
    fading: float = 0.5

    def __call__(self, subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
        """Train encoder, predictor and head in place."""
        data = Transitions.of(mdp)
        starts, first = data.pairs()
        generator = torch.Generator().manual_seed(seed)
        head = cast(TwoHotHead, subject.head)

        def loss() -> Tensor:
            codes = codes_of(subject, mdp)
            here, actions, z = starts, first, codes[starts]
            total, weight = head.loss(codes, data.labels) * self.reward, 1.0
            for _ in range(self.horizon):
                here, z = data.successors[here, actions], subject.predictor(z, actions)
                missed = (z - codes[here].detach()).square().mean()
                read = head.loss(z, data.labels[here])
                total = total + weight * (self.consistency * missed + self.reward * read)
                weight *= self.fading
                actions = torch.randint(mdp.n_actions, first.shape, generator=generator)
            return total

        with seeded(seed):
            weights = [w for own in subject.trainable_weights().values() for w in own]
            minimise(weights, loss, steps=self.steps, learning_rate=self.learning_rate)


@dataclass(frozen=True)
class EbJepaFit:
    """Prediction error with VICReg's variance and covariance terms; then the head, afterwards.

    Attributes
    ----------
    steps, learning_rate
        Of Adam.
    similarity, variance, covariance
        Weights of the prediction error and of the two terms; published for VICReg: 25, 25, 1.
    head_steps
        Of Adam on the head, afterwards.

    Notes
    -----
    Gradients flow through both codes of a transition. Drops ``joint_training``: no label reaches
    the encoder.
    """

    steps: int = 400
    learning_rate: float = 3e-3
    similarity: float = 25.0
    variance: float = 25.0
    covariance: float = 1.0
    head_steps: int = 300

    def __call__(self, subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
        """Train encoder and predictor, then the head on frozen codes, in place."""
        data = Transitions.of(mdp)

        def loss() -> Tensor:
            codes = codes_of(subject, mdp)
            spread = self.variance * vicreg_variance(codes)
            spread = spread + self.covariance * vicreg_covariance(codes)
            return self.similarity * _prediction_error(subject, data, codes) + spread

        with seeded(seed):
            minimise(
                _world_weights(subject), loss, steps=self.steps, learning_rate=self.learning_rate
            )
            fit_head(subject, mdp, steps=self.head_steps)


@dataclass(frozen=True)
class LewmFit:
    """Prediction error with SIGReg as the only regulariser; then the head, afterwards.

    Attributes
    ----------
    steps, learning_rate
        Of Adam.
    weight
        Of SIGReg.
    directions
        Random directions of SIGReg, fresh in each step.
    head_steps
        Of Adam on the head, afterwards.

    Notes
    -----
    No stop-gradient and no moving average, as published for LeWorldModel. Drops
    ``joint_training``: no label reaches the encoder.
    """

    steps: int = 400
    learning_rate: float = 3e-3
    weight: float = 0.1
    directions: int = 64
    head_steps: int = 300

    def __call__(self, subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
        """Train encoder and predictor, then the head on frozen codes, in place."""
        data = Transitions.of(mdp)
        generator = torch.Generator().manual_seed(seed)

        def loss() -> Tensor:
            codes = codes_of(subject, mdp)
            drawn = torch.randn((codes.shape[1], self.directions), generator=generator)
            normality = sketched_normality(codes, drawn / drawn.norm(dim=0))
            return _prediction_error(subject, data, codes) + self.weight * normality

        with seeded(seed):
            minimise(
                _world_weights(subject), loss, steps=self.steps, learning_rate=self.learning_rate
            )
            fit_head(subject, mdp, steps=self.head_steps)


def tdmpc2_subject(
    mdp: DeterministicMDP, seed: int = 0, *, latent_dim: int = 32, hidden: int = 64
) -> Subject:
    """Build an untrained TD-MPC2-shaped subject: SimNorm latents, two-hot symlog labels.

    Parameters
    ----------
    mdp
        Gives the sizes.
    seed
        Of all weights.
    latent_dim
        A multiple of 8, the size of a SimNorm group.
    hidden
        Width of the hidden layers.

    Returns
    -------
    Subject
        float32, on one-hot observations, with :class:`TdMpc2Fit` as its own ``fit``.

    Raises
    ------
    InvalidArgumentError
        For a negative seed, sizes below 1, or a latent dimension that is no multiple of 8.

    Notes
    -----
    Hansen, Su and Wang, 2024, TD-MPC2, arXiv 2310.16828: layers with LayerNorm and Mish.

    Examples
    --------
    >>> from tellapart.theory.gallery import pick
    >>> tdmpc2_subject(pick()).name
    'tdmpc2'
    """
    _check_sizes(seed, latent_dim, hidden)
    if latent_dim % _SIMNORM_GROUP:
        raise InvalidArgumentError(
            f"latent_dim is {latent_dim}; SimNorm works in groups of {_SIMNORM_GROUP}, so it must "
            f"be a multiple of {_SIMNORM_GROUP}."
        )
    with seeded(seed):
        encoder = normed_network((mdp.n_obs, hidden, latent_dim), SimNorm(_SIMNORM_GROUP))
        predictor = ActionNetwork(latent_dim, mdp.n_actions, hidden, SimNorm(_SIMNORM_GROUP))
        head = TwoHotHead(latent_dim, mdp.label_vectors.shape[1], hidden)
    # As published: the reward begins as zero for everything, so that it does not stir the codes.
    last = cast(nn.Linear, head.network[-1])
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return Subject(encoder, predictor, head, fit=TdMpc2Fit(), name="tdmpc2")


def eb_jepa_subject(
    mdp: DeterministicMDP, seed: int = 0, *, latent_dim: int = 8, hidden: int = 32
) -> Subject:
    """Build an untrained eb_jepa-shaped subject: VICReg terms, and no head while it trains.

    Parameters
    ----------
    mdp, seed, latent_dim, hidden
        As of :func:`tdmpc2_subject`; any latent dimension will do.

    Returns
    -------
    Subject
        float32, on one-hot observations, with :class:`EbJepaFit` as its own ``fit``.

    Raises
    ------
    InvalidArgumentError
        For a negative seed or sizes below 1.
    """
    return _headless(mdp, seed, latent_dim, hidden, EbJepaFit(), "eb-jepa")


def lewm_subject(
    mdp: DeterministicMDP, seed: int = 0, *, latent_dim: int = 8, hidden: int = 32
) -> Subject:
    """Build an untrained LeWM-shaped subject: SIGReg, and no head while it trains.

    Parameters
    ----------
    mdp, seed, latent_dim, hidden
        As of :func:`tdmpc2_subject`; any latent dimension will do.

    Returns
    -------
    Subject
        float32, on one-hot observations, with :class:`LewmFit` as its own ``fit``.

    Raises
    ------
    InvalidArgumentError
        For a negative seed or sizes below 1.
    """
    return _headless(mdp, seed, latent_dim, hidden, LewmFit(), "lewm")


def _headless(
    mdp: DeterministicMDP, seed: int, d: int, hidden: int, fit: EbJepaFit | LewmFit, name: str
) -> Subject:
    _check_sizes(seed, d, hidden)
    with seeded(seed):
        encoder = normed_network((mdp.n_obs, hidden, d))
        predictor = ActionNetwork(d, mdp.n_actions, hidden)
        head = normed_network((d, hidden, mdp.label_vectors.shape[1]))
    return Subject(encoder, predictor, head, fit=fit, name=name)


def _check_sizes(seed: int, latent_dim: int, hidden: int) -> None:
    check_integer("seed", seed, 0)
    check_integer("latent_dim", latent_dim, 1)
    check_integer("hidden", hidden, 1)


def _world_weights(subject: Subject) -> list[nn.Parameter]:
    """Return the weights that train without labels."""
    found = subject.trainable_weights(("encoder", "predictor"))
    return [weight for own in found.values() for weight in own]


def _prediction_error(subject: Subject, data: Transitions, codes: Tensor) -> Tensor:
    """Return the mean squared error over all transitions and coordinates."""
    starts, actions = data.pairs()
    missed = subject.predictor(codes[starts], actions) - codes[data.successors[starts, actions]]
    return missed.square().mean()
