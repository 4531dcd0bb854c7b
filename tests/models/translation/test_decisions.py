"""Parts that decide: closed programs where rounding cannot change the decision."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.evaluation import evaluate
from tellapart.models.subject import Subject
from tellapart.models.translation.decisions import is_certain
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.models.translation.subject import translate
from tellapart.theory.gallery import counting_chain
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.running import run

CHAIN = counting_chain(7)
ROWS = torch.rand((7, 12), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


class Quantised(nn.Module):
    """The nearest entry of a code book."""

    def __init__(self):
        super().__init__()
        self.layer, self.book = nn.Linear(12, 4), nn.Parameter(torch.randn(16, 4))

    def forward(self, x):
        z = self.layer(x)
        return self.book[torch.cdist(z, self.book).argmin(1)]


class Levels(nn.Module):
    """Finite scalar quantisation with a straight-through gradient."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 4)

    def forward(self, x):
        z = 3 * self.layer(x).tanh()
        return (z + (z.round() - z).detach()) / 3


class Categorical(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 12)

    def forward(self, x):
        return F.one_hot(self.layer(x).view(-1, 3, 4).argmax(-1), 4).to(x.dtype).flatten(1)


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 4)

    def forward(self, x):
        z = self.layer(x)
        return torch.where(z > 0, z, 0.1 * z) + (z.sum(1, keepdim=True) <= 0.2) * z


@pytest.mark.parametrize("kind", [Quantised, Levels, Categorical, Branches])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_clear_decisions_are_stored_numbers(seeded, kind, dtype):
    encoder = kind().to(dtype)
    d = encoder(ROWS.to(dtype)).shape[1]
    head = nn.Linear(d, 1, dtype=dtype)
    subject = Subject(encoder, lambda z, a: z.clone(), head, observations=ROWS.to(dtype))
    model, found = translate(subject, CHAIN), evaluate(subject, CHAIN)
    assert model.encoder.is_closed
    assert run(model.encoder) == pytest.approx(found.codes, rel=1e-4, abs=1e-6)
    assert not model.head.is_closed
    if kind in (Quantised, Categorical):
        assert np.array_equal(run(model.encoder), found.codes)
        assert model.encoder.operations == ()


def test_a_predictor_that_decides_runs_behind_the_encoder(seeded):
    def predictor(z, a):
        return z * F.one_hot(z.argmax(1), 4) + a[:, None]

    subject = Subject(nn.Linear(12, 4).double(), predictor, nn.Linear(4, 1).double(), ROWS)
    model, found = translate(subject, CHAIN), evaluate(subject, CHAIN)
    assert not model.encoder.is_closed
    for a, program in enumerate(model.predictors):
        assert program.is_closed
        assert run(program) == pytest.approx(found.predicted[:, a])


@pytest.mark.parametrize(
    ("decide", "operation"),
    [
        (lambda x: F.one_hot((x * 0.1 - x / 10).argmax(1), 12).double(), "aten.argmax"),
        (lambda x: ((x.exp() / x.exp() - 1) > 0).double(), "aten.gt"),
        (lambda x: (x.exp() / x.exp()).floor(), "aten.floor"),
        (lambda x: ((x * 0.1) == (x / 10)).double(), "aten.eq"),
        (lambda x: F.hardshrink(x.exp() / x.exp(), 1.0), "aten.hardshrink"),
    ],
)
def test_close_decisions_are_refused(decide, operation):
    subject = Subject(decide, lambda z, a: z, lambda z: z[:, :1], observations=ROWS)
    with pytest.raises(NotExactlyEvaluable, match=r"too close|decides") as caught:
        translate(subject, CHAIN)
    assert caught.value.operation == operation


def test_a_decision_over_the_batch_is_refused():
    table = torch.eye(12, dtype=torch.float64)

    def encoder(x):
        z = table[x.argmax(1)]
        return z - z.mean(0)

    subject = Subject(encoder, lambda z, a: z, lambda z: z[:, :1], observations=ROWS)
    with pytest.raises(NotExactlyEvaluable, match="what else is in the batch"):
        translate(subject, CHAIN)


ends = st.lists(st.integers(-4, 4).map(lambda k: k / 2), min_size=6, max_size=6)
COMPARED = {"gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal,
            "eq": np.equal, "ne": np.not_equal}  # fmt: skip
STEPS = {"ceil": np.ceil, "floor": np.floor, "round": np.round, "sign": np.sign, "trunc": np.trunc}


def corners(box):
    """Return all choices of one end for each entry."""
    return [np.where(bits, box.hi, box.lo) for bits in np.ndindex(*[2] * box.lo.size)]


def box_of(first, second):
    lo, hi = np.minimum(first, second), np.maximum(first, second)
    return Interval(lo, hi)


@given(ends, ends, st.sampled_from([*COMPARED, *STEPS, "argmax", "argmin"]))
def test_certain_decisions_are_the_same_at_every_corner(first, second, name):
    x, y = box_of(first[:3], second[:3]), box_of(first[3:], second[3:])
    given_x, given_y = torch.tensor(x.lo), torch.tensor(y.lo)
    boxes = {id(given_x): x, id(given_y): y}

    if name in COMPARED:
        answer = COMPARED[name](x.lo, y.lo)
        args = (given_x, given_y)
        every = [COMPARED[name](p, q) for p in corners(x) for q in corners(y)]
    elif name in STEPS:
        answer, args = STEPS[name](x.lo), (given_x,)
        every = [STEPS[name](p) for p in corners(x)]
    else:
        find = getattr(np, name)
        answer, args = find(x.lo), (given_x,)
        every = [find(p) for p in corners(x)]
    certain = is_certain(name, args, {}, torch.tensor(answer), lambda t: boxes[id(t)])
    if certain:
        assert all(np.array_equal(other, answer) for other in every)
    elif name in COMPARED or name in STEPS:
        assert not all(np.array_equal(other, answer) for other in every) or name in ("eq", "ne")
