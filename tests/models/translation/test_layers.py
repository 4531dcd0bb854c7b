"""Layers of torch.nn: the program of each answers as torch does."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations

VECTORS = torch.rand((7, 12), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
IMAGES = torch.rand((7, 2, 8, 8), generator=torch.Generator().manual_seed(2), dtype=torch.float64)

ACTIVATIONS = [
    nn.Mish(), nn.SiLU(), nn.GELU(), nn.GELU("tanh"), nn.ELU(0.7), nn.SELU(), nn.CELU(0.5),
    nn.Hardswish(), nn.Hardsigmoid(), nn.Hardtanh(-0.2, 0.3), nn.ReLU(), nn.ReLU6(),
    nn.LeakyReLU(0.2), nn.LeakyReLU(1.5), nn.PReLU(), nn.Softsign(), nn.Tanhshrink(),
    nn.Softshrink(0.1), nn.Sigmoid(), nn.Tanh(), nn.Threshold(0.1, 0.1), nn.GLU(),
]  # fmt: skip
NORMS = [
    nn.LayerNorm(8), nn.LayerNorm(8, elementwise_affine=False), nn.BatchNorm1d(8),
    nn.GroupNorm(2, 8), nn.RMSNorm(8, 1e-6), nn.RMSNorm(8), nn.Softmax(-1), nn.Dropout(0.5),
]  # fmt: skip


def stirred(module):
    """Make the weights and statistics of norms differ from 0 and 1."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return module


@pytest.mark.parametrize("layer", ACTIVATIONS, ids=str)
def test_activations(program_of, layer):
    width = 4 if isinstance(layer, nn.GLU) else 8
    network = nn.Sequential(nn.Linear(12, 8), layer, nn.Linear(width, 3))
    program = program_of(network, 3 * VECTORS - 1.5)
    assert not program.is_closed


@pytest.mark.parametrize("layer", NORMS, ids=str)
def test_norms(program_of, layer):
    program_of(nn.Sequential(nn.Linear(12, 8), stirred(layer), nn.Linear(8, 3)), VECTORS)


class SimNorm(nn.Module):
    def forward(self, x):
        return F.softmax(x.view(*x.shape[:-1], -1, 4), dim=-1).view(*x.shape)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = nn.Sequential(nn.Linear(12, 16), nn.GELU(), nn.Linear(16, 12))

    def forward(self, x):
        return x + self.inside(x)


class Attention(nn.Module):
    """Four tokens of three numbers; masked in several ways."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.embed, self.read = kind, nn.Linear(3, 8), nn.Linear(8, 3)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.heads = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        h = self.embed(x.reshape(len(x), 4, 3))
        mask = nn.Transformer.generate_square_subsequent_mask(4, dtype=h.dtype)
        if self.kind == "layer":
            return self.read(self.layer(h).mean(1))
        if self.kind == "heads":
            return self.read(self.heads(h, h, h, attn_mask=mask)[0][:, -1])
        if self.kind == "function":
            return self.read(F.scaled_dot_product_attention(h, h, h, is_causal=True)[:, -2])
        scores = (h @ h.transpose(1, 2)).masked_fill(mask < 0, float("-inf"))
        return self.read((scores.softmax(-1) @ h).flatten(1)[:, 8:16])


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell, self.read = cell, nn.Linear(8, 3)

    def forward(self, x):
        state = self.cell(x[:, :3])
        state = state[0] if isinstance(state, tuple) else state
        return self.read(state)


class Last(nn.Module):
    def forward(self, states):
        return states[0][:, -1]


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Linear(12, 8), SimNorm()),
        nn.Sequential(Residual(), Residual(), nn.Linear(12, 3)),
        nn.Sequential(parametrizations.weight_norm(nn.Linear(12, 8)), nn.Tanh()),
        nn.Sequential(parametrizations.spectral_norm(nn.Linear(12, 8)), nn.Tanh()),
        *(Attention(kind) for kind in ("layer", "heads", "function", "by hand")),
        Recurrent(nn.GRUCell(3, 8)),
        Recurrent(nn.LSTMCell(3, 8)),
        Recurrent(nn.RNNCell(3, 8)),
        nn.Sequential(nn.Unflatten(1, (4, 3)), nn.GRU(3, 2, batch_first=True), Last()),
        nn.Linear(12, 3, bias=False),
        nn.Identity(),
    ],
    ids=lambda network: type(network).__name__,
)
def test_blocks(program_of, network):
    assert not program_of(network, VECTORS).is_closed


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)],
        [nn.Conv2d(2, 4, 3, stride=2, groups=2, bias=False), nn.SiLU(), nn.AdaptiveAvgPool2d(1)],
        [nn.Conv2d(2, 4, 3, padding="same", padding_mode="circular", dilation=2)],
        [nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4), nn.GELU(), nn.Upsample(scale_factor=2)],
        [nn.ConvTranspose2d(2, 4, 3, 2, 1, 1, groups=2), nn.AdaptiveAvgPool2d(3)],
        [nn.ReflectionPad2d(1), nn.AdaptiveMaxPool2d(3), nn.Unfold(2)],
        [nn.InstanceNorm2d(2, track_running_stats=True), nn.PixelUnshuffle(2), nn.ZeroPad2d(1)],
        [nn.Flatten(2), nn.Conv1d(2, 3, 5), nn.MaxPool1d(3), nn.AvgPool1d(2)],
        [nn.Unflatten(1, (1, 2)), nn.Conv3d(1, 2, 2), nn.MaxPool3d((1, 2, 2))],
        [nn.Flatten(2), nn.ReplicationPad1d(1), nn.AdaptiveAvgPool1d(5)],
        [nn.Unflatten(1, (1, 2)), nn.AvgPool3d((1, 2, 2)), nn.AdaptiveAvgPool3d((1, 2, 3))],
    ],
    ids=lambda layers: type(layers[0]).__name__,
)  # fmt: skip
def test_images(program_of, layers):
    network = stirred(nn.Sequential(*layers, nn.Flatten()))
    assert not program_of(network, IMAGES).is_closed
