import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.zoo.layers import (
    ActionNetwork,
    SimNorm,
    TwoHotHead,
    normed_network,
    symexp,
    symlog,
    two_hot,
)

BINS = torch.linspace(-10, 10, 101)
DOUBLE = torch.linspace(-10, 10, 101, dtype=torch.float64)
floats = st.floats(-1e4, 1e4, width=32)


@given(st.lists(floats, min_size=1, max_size=8))
def test_two_hot_labels_read_back_what_they_encode(values):
    x = torch.tensor(values, dtype=torch.float64)
    shares = two_hot(symlog(x), DOUBLE)
    assert torch.allclose(shares.sum(dim=-1), torch.ones(len(x), dtype=torch.float64))
    assert int((shares > 1e-9).sum(dim=-1).max()) <= 2
    assert bool((shares >= 0).all())
    back = symexp((shares * DOUBLE).sum(dim=-1))
    assert torch.allclose(back, x, rtol=1e-5, atol=1e-5)


@given(st.floats(1e5, 1e30))
def test_labels_outside_the_bins_are_taken_as_the_end(value):
    shares = two_hot(symlog(torch.tensor([value, -value], dtype=torch.float64)), DOUBLE)
    assert shares[0, -1] == 1
    assert shares[1, 0] == 1


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_simnorm_gives_distributions(rows, groups, size, seed):
    values = 5 * torch.randn((rows, groups * size), generator=torch.Generator().manual_seed(seed))
    out = SimNorm(size)(values)
    for row in range(rows):
        for group in range(groups):
            part = slice(group * size, (group + 1) * size)
            wanted = np.exp(values[row, part].double().numpy())
            assert np.allclose(out[row, part].numpy(), wanted / wanted.sum(), atol=1e-6)


def test_the_head_prefers_the_right_label_to_others():
    torch.manual_seed(0)
    head = TwoHotHead(4, 2, 8)
    codes = torch.randn(3, 4)
    assert head(codes).shape == (3, 2)
    assert head.logits(codes).shape == (3, 2, 101)
    logits = 50 * two_hot(symlog(torch.tensor([[1.0, -3.0]])), BINS)
    with torch.no_grad():
        head.network[-1].weight.zero_()
        head.network[-1].bias.copy_(logits.reshape(-1))
        right = head.loss(codes, torch.tensor([[1.0, -3.0]] * 3))
        wrong = head.loss(codes, torch.tensor([[2.0, 3.0]] * 3))
    assert right < wrong


def test_the_predictor_sees_the_action():
    torch.manual_seed(0)
    net = ActionNetwork(4, 3, 8)
    out = net(torch.zeros(3, 4), torch.tensor([0, 1, 2]))
    assert len(torch.unique(out, dim=0)) == 3


def test_networks_end_in_a_linear_layer_or_in_a_norm_and_what_follows():
    assert isinstance(normed_network((3, 5, 2))[-1], torch.nn.Linear)
    closed = normed_network((3, 5, 4), SimNorm(2))
    assert isinstance(closed[-1], SimNorm)
    assert isinstance(closed[-2], torch.nn.LayerNorm)
    assert [m.in_features for m in closed if isinstance(m, torch.nn.Linear)] == [3, 5]
