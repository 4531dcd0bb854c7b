"""What functions of a user may do inside: views, writes in place, masks; and what is refused."""

import pickle

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tellapart.models.translation.errors import NotExactlyEvaluable

ROWS = torch.rand((7, 4), generator=torch.Generator().manual_seed(4), dtype=torch.float64) - 0.3
PICK = torch.tensor([2, 0, 0])
MASK = torch.tensor([True, False, True, False])
TABLE = torch.arange(12.0, dtype=torch.float64).reshape(4, 3) / 8


def writes_in_place(x):
    y = x.clone()
    y[:, 0] = 0.5
    y[:, 1].mul_(3)
    y[:, 2:] += y[:, :2]
    y.t_()
    return y.t()


def fills_empty_memory(x):
    y = torch.empty(len(x), 6, dtype=x.dtype)
    y[:, :4] = x
    y[:, 4:] = x[:, :2].tanh()
    return y


def scatters(x):
    y = torch.zeros(len(x), 5, dtype=x.dtype)
    y.index_copy_(1, PICK[:2], x[:, :2])
    return y.index_add(1, PICK, x[:, 1:], alpha=0.5).scatter(1, torch.full((len(x), 1), 4), 2.5)


def accumulates(x):
    return x.index_add(1, torch.tensor([3, 3]), x[:, :2].exp())


def masks(x):
    return torch.cat([torch.where(MASK, x, 0.25), x.masked_fill(MASK, -1.0), x[:, MASK]], 1)


def pads_and_turns(x):
    y = F.pad(x.reshape(-1, 2, 2), (1, 0, 0, 2), value=0.5)
    return y.flip(1).roll(1, 2).permute(0, 2, 1).tril().flatten(1)


FUNCTIONS = {
    "in place": writes_in_place,
    "empty": fills_empty_memory,
    "scatter": scatters,
    "index_add": accumulates,
    "masks": masks,
    "pad": pads_and_turns,
    "powers": lambda x: torch.cat([x**3, (x * x + 1) ** -1.5, x**0, (x + 1) ** 0.5], 1),
    "extremes": lambda x: torch.stack([x.max(1)[0], x.min(1)[0], x.amax(1), x.amin(1)], 1),
    "of two": lambda x: torch.minimum(x, x * x) + torch.maximum(x, MASK * 0.5).clamp(max=0.4),
    "moments": lambda x: torch.cat([t.reshape(-1, 1) for t in (
        x.mean(1), x.var(1), x.std(1, correction=0), *torch.var_mean(x, 1), x.norm(dim=1),
        x.norm(1, dim=1), x.norm(float("inf"), 1),
    )], 1),
    "normalise": lambda x: F.normalize(x) + F.cosine_similarity(x, TABLE.T[:1, :4] + 1)[:, None],
    "einsum": lambda x: torch.einsum("bi,ij,bk->bjk", x, TABLE, x).flatten(1),
    "outer": lambda x: torch.bmm(x[:, :, None], x[:, None]).flatten(1) - x.repeat(1, 4),
    "sums": lambda x: x.cumsum(1) + torch.addmm(x, x[:, :3], TABLE.T, beta=0.5, alpha=2.0),
    "fractions": lambda x: torch.addcdiv(x, x, x * x + 2).reciprocal().lerp(x, 0.25),
    "hyperbolic": lambda x: x.sinh() + x.cosh() - x.expm1() + torch.erfc(x) + (1 - x),
    "distances": lambda x: torch.cdist(x, TABLE.T[:, :4]),
    "numbers": lambda x: 0.1 * x + torch.arange(4).double() / 3 + x.new_ones(4),
    "asserts": lambda x: x if torch.isfinite(x).all() and not x.isnan().any() else -x,
    "loop": lambda x: torch.stack([row * row - 1 for row in x.unbind(1)], 1).relu_(),
    "windows": lambda x: x.unfold(1, 2, 1).sum(2),
    "vmap": lambda x: torch.func.vmap(lambda row: row.tanh() @ TABLE)(x),
    "inference": lambda x: torch.inference_mode()(lambda y: F.linear(y, TABLE.T))(x).clone(),
    "out": lambda x: torch.mul(x, x, out=torch.empty_like(x)),
    "constant": lambda x: torch.ones(len(x), 2, dtype=x.dtype),
    "stored": lambda x: x @ (TABLE.exp() / TABLE.sum()).tanh(),
    "dropout": lambda x: F.dropout(x, 0.5, training=False),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_torch(program_of, name):
    assert not program_of(FUNCTIONS[name], ROWS).is_closed


REFUSED = {
    "sin": (torch.sin, "aten.sin", "no exact counterpart"),
    "log": (lambda x: x.softmax(1).log(), "aten.log", "no exact counterpart"),
    "softplus": (F.softplus, "aten.softplus", "logarithm"),
    "exponent": (lambda x: x.abs() ** 0.3, "aten.pow", "half-integer"),
    "2 to the x": (lambda x: 2**x, "aten.pow", "exponent"),
    "random": (lambda x: x + torch.randn_like(x), "aten.randn_like", "random"),
    "dropout": (lambda x: F.dropout(x, 0.5), "aten.", "random"),
    "sort": (lambda x: x.exp().sort(1)[0], "aten.sort", "decides"),
    "digits": (lambda x: torch.special.zeta(x + 2, x + 3), "aten.special_zeta", "not among"),
    "position": (lambda x: x * x.exp().max(1)[1][:, None], "aten.mul", "decides"),
    "item": (lambda x: x * x[0].sum().item(), "aten._local_scalar_dense", "decides"),
    "rounding mode": (lambda x: torch.div(x, 2, rounding_mode="floor"), "aten.div", "rounds"),
    "jump": (lambda x: F.threshold(x, 0.1, 0.0), "aten.threshold", "jumps"),
    "complex": (lambda x: torch.fft.fft(x).real, "aten._fft_r2c", "complex"),
    "bits": (lambda x: x.exp().view(torch.int64).view(torch.float64), "aten.view", "bits"),
    "numpy": (lambda x: torch.tensor(x.numpy() * 2), "", "computes outside torch"),
    "list": (lambda x: torch.tensor(x.tolist()), "", "computes outside torch"),
    "batch mean": (lambda x: x - x.mean(0), "", "batch of one"),
    "infinity": (lambda x: x.exp().masked_fill(MASK, float("inf")).clamp(max=9.0), "", "infinity"),
    "batch norm": (lambda x: F.batch_norm(x, None, None, training=True), "", "batch"),
    "hidden": (
        lambda x: x.masked_fill(MASK | ~MASK, float("-inf")).softmax(1),
        "aten._softmax", "hides every",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_operation(refusal_of, name):
    function, operation, said = REFUSED[name]
    error = refusal_of(function, ROWS)
    assert error.operation.startswith(operation)
    assert said in str(error)


def test_refusals_name_the_module(refusal_of):
    class Inner(nn.Module):
        def forward(self, x):
            return torch.cos(x)

    error = refusal_of(nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Tanh(), Inner())), ROWS)
    assert error.module == "1.1"
    assert "aten.cos in 1.1" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.part, again.operation, again.module) == (
        str(error), error.part, error.operation, error.module,
    )  # fmt: skip


def test_train_mode_is_refused_and_changes_nothing(refusal_of):
    norm = nn.BatchNorm1d(4)
    error = refusal_of(norm, ROWS)
    assert "eval" in str(error)
    assert "random" in str(refusal_of(nn.Dropout(0.5), ROWS))


def test_what_a_part_catches_is_still_refused(refusal_of):
    def careful(x):
        try:
            return torch.sin(x)
        except ValueError:
            return x * 2

    assert refusal_of(careful, ROWS).operation == "aten.sin"


def test_custom_operations_are_refused_by_name(refusal_of):
    @torch.library.custom_op("tellapart_test::twice", mutates_args=())
    def twice(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    assert refusal_of(twice, ROWS).operation == "tellapart_test.twice"


def test_hooks_and_settings_are_put_back(program_of):
    network = nn.Sequential(nn.Linear(4, 3), nn.Tanh())
    fast = torch.backends.mha.get_fastpath_enabled()
    program_of(network, ROWS)
    assert torch.backends.mha.get_fastpath_enabled() is fast
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in network.modules())


def test_custom_functions_are_looked_into(program_of):
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    program_of(lambda x: Twice.apply(x.tanh()), ROWS)


def test_errors_are_tellapart_errors():
    error = NotExactlyEvaluable("head", "aten.sin", "is odd.", "layer.2")
    assert str(error) == "The head is not exactly evaluable: aten.sin in layer.2 is odd."
