"""Small models of the shapes that other projects have, written from their descriptions."""

from types import SimpleNamespace

import torch
from torch import nn


def net(n_in, n_out, width=24):
    return nn.Sequential(nn.Linear(n_in, width), nn.Tanh(), nn.Linear(width, n_out))


class SimNorm(nn.Module):
    """Softmax over groups of the latent."""

    def __init__(self, group):
        super().__init__()
        self.group = group

    def forward(self, x):
        return x.unflatten(-1, (-1, self.group)).softmax(dim=-1).flatten(-2)


class WorldModel(nn.Module):
    """encode(obs, task), next(z, a, task), reward(z, a, task), and a value head beside them."""

    def __init__(self, n_in, n_actions, d=8, bins=1):
        super().__init__()
        self.cfg = SimpleNamespace(num_bins=bins, vmin=-2.0, vmax=2.0)
        if bins == 1:
            del self.cfg.vmin
        self._encoder = nn.Sequential(net(n_in, d), SimNorm(4))
        self._dynamics = nn.Sequential(net(d + n_actions, d), SimNorm(4))
        self._reward = net(d + n_actions, bins)
        self._Q = net(d + n_actions, 3)

    def encode(self, obs, task):
        return self._encoder(obs)

    def next(self, z, a, task):
        return self._dynamics(torch.cat([z, a], dim=-1))

    def reward(self, z, a, task):
        return self._reward(torch.cat([z, a], dim=-1))


class VideoEncoder(nn.Module):
    """[B, C, T, H, W] to [B, D, T, 1, 1]."""

    def __init__(self, channels, d):
        super().__init__()
        self.net = net(channels, d)

    def forward(self, x):
        b, c, t = x.shape[:3]
        frames = x.mean(dim=(3, 4)).transpose(1, 2).reshape(b * t, c)
        return self.net(frames).reshape(b, t, -1).transpose(1, 2)[..., None, None]


class StatePredictor(nn.Module):
    """States [B, D, 1, 1, 1] and actions [B, A, 1] to the next state."""

    def __init__(self, d, a):
        super().__init__()
        self.net = net(d + a, d)

    def forward(self, state, action):
        joined = torch.cat([state.flatten(1), action.squeeze(-1)], dim=1)
        return self.net(joined)[:, :, None, None, None]


class Jepa(nn.Module):
    """encoder, action_encoder, predictor, regularizer."""

    def __init__(self, channels, n_actions, d=6):
        super().__init__()
        self.encoder = VideoEncoder(channels, d)
        self.action_encoder = nn.Conv1d(n_actions, 3, 1)
        self.predictor = StatePredictor(d, 3)
        self.regularizer = nn.Identity()


class LatentModel(nn.Module):
    """encode({"pixels": [B, T, ...]}) and predict([B, T, d], [B, T, A])."""

    def __init__(self, n_in, n_actions, d=6):
        super().__init__()
        self.encoder, self.predictor = net(n_in, d), net(d + 3, d)
        self.action_encoder = nn.Linear(n_actions, 3)

    def encode(self, info):
        pixels = info["pixels"]
        b, t = pixels.shape[:2]
        info["emb"] = self.encoder(pixels.reshape(b * t, -1)).reshape(b, t, -1)
        return info

    def predict(self, emb, act_emb):
        return self.predictor(torch.cat([emb, act_emb], dim=-1))


class Module(nn.Module):
    """encoder, predictor, head, training_step and configure_optimizers."""

    def __init__(self, n_obs, n_actions, label_dim, d=6):
        super().__init__()
        self.encoder, self.predictor = nn.Linear(n_obs, d), net(d + n_actions, d)
        self.head = nn.Linear(d, label_dim)

    def training_step(self, batch, i):
        shown, action, following, labels = batch
        z = self.encoder(shown)
        moved = self.predictor(torch.cat([z, action], dim=1))
        loss = (moved - self.encoder(following)).square().mean()
        return loss + (self.head(z) - labels).square().mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-2)
