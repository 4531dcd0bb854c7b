"""Small designs that collapse without the auxiliary loss, and designs that do not, with reasons."""

import torch
from torch import nn

from tellapart.models.designs import design
from tellapart.models.dropped.result import TraitKind
from tellapart.models.subject import Subject

D = 4


class ActionNetwork(nn.Module):
    def __init__(self, d, n_actions):
        super().__init__()
        self.n_actions = n_actions
        self.net = nn.Sequential(nn.Linear(d + n_actions, 16), nn.ReLU(), nn.Linear(16, d))

    def forward(self, codes, actions):
        chosen = nn.functional.one_hot(actions, self.n_actions).to(codes)
        return self.net(torch.cat([codes, chosen], dim=1))


class Appended(nn.Module):
    """The raw observation beside a learned code."""

    def __init__(self, n):
        super().__init__()
        self.net = nn.Linear(n, 2)

    def forward(self, observations):
        return torch.cat([self.net(observations), observations], dim=1)


class Sphere(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.net = nn.Linear(n, D)

    def forward(self, observations):
        return nn.functional.normalize(self.net(observations), dim=1)


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, observations):
        return self.scale * observations


class Detached(nn.Linear):
    def forward(self, observations):
        return super().forward(observations).detach()


class Shift(nn.Module):
    """T(z, a) = z + v_a: no code can stay where it is."""

    def __init__(self, d, n_actions):
        super().__init__()
        self.register_buffer("moves", 1.0 + torch.rand(n_actions, d))

    def forward(self, codes, actions):
        return codes + self.moves[actions]


def with_encoder(encoder, width=D, predictor=ActionNetwork):
    def factory(mdp, seed):
        torch.manual_seed(seed)
        made = encoder(mdp.n_obs)
        d = width(mdp.n_obs) if callable(width) else width
        head = nn.Linear(d, mdp.label_vectors.shape[1])
        return Subject(made, predictor(d, mdp.n_actions), head, name="mine")

    return factory


def network(activation, *last):
    return lambda n: nn.Sequential(nn.Linear(n, 16), activation(), nn.Linear(16, D), *last)


REACHED = {
    "joint": design("joint").build,
    "tanh": with_encoder(network(nn.Tanh)),
    "relu": with_encoder(network(nn.ReLU)),
    "layer-norm": with_encoder(network(nn.ReLU, nn.LayerNorm(D))),
    "sphere": with_encoder(Sphere),
    "batchnorm in eval mode": with_encoder(lambda n: network(nn.ReLU, nn.BatchNorm1d(D))(n).eval()),
    "dropout": with_encoder(network(nn.ReLU, nn.Dropout(0.2))),
    "constant": design("constant").build,
}

KEPT = {
    "frozen": (
        with_encoder(lambda n: network(nn.Tanh)(n).requires_grad_(False)),
        TraitKind.FROZEN,
    ),
    "one-hot": (with_encoder(lambda n: nn.Identity(), lambda n: n), TraitKind.NO_WEIGHTS),
    "a function": (with_encoder(lambda n: torch.tanh, lambda n: n), TraitKind.NO_WEIGHTS),
    "detached": (with_encoder(lambda n: Detached(n, D)), TraitKind.DETACHED),
    "appended": (with_encoder(Appended, lambda n: n + 2), TraitKind.FIXED_COORDINATES),
    "scaled": (with_encoder(lambda n: Scaled(), lambda n: n), TraitKind.RIGID),
    "batchnorm": (
        with_encoder(network(nn.ReLU, nn.BatchNorm1d(D, affine=False))),
        TraitKind.BATCH_STATISTICS,
    ),
    "shift": (with_encoder(network(nn.Tanh), D, Shift), TraitKind.PART_FROZEN),
}
