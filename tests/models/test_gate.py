import copy
import logging
import pickle
import sys
import types

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.diagnostics.encoders import (
    collinear_subject,
    merged_ends_subject,
    noisy_collapsed_subject,
)
from tellapart.models.gate import CollapseError, CollapseGate, CollapseWarning, GateCase
from tellapart.models.gate_records import GateReading
from tellapart.models.subject import SubjectError
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain
from tellapart.theory.separation import separation

CHAIN = counting_chain(9)


class Scripted(nn.Module):
    """Nine codes on a line; in the calls listed, observation 8 has the code of 0."""

    def __init__(self, bad=()):
        super().__init__()
        self.bad, self.calls = set(bad), 0
        self.weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def forward(self, x):
        codes = x @ torch.arange(9.0, dtype=torch.float64)[:, None] + self.weight
        if self.calls in self.bad:
            codes = torch.where(codes == 8 + self.weight, self.weight, codes)
        self.calls += 1
        return codes


def gate_of(encoder, **options):
    return CollapseGate(CHAIN, encoder, **{"every": 1, "diagnostics": False, **options})


@given(
    st.lists(st.booleans(), max_size=12), st.integers(1, 3), st.integers(1, 4), st.integers(0, 3)
)
def test_when_it_checks_and_when_it_acts(bad, patience, every, after):
    """Against a plain count of consecutive bad checks; one act for each streak."""
    acted, streak, expected, streaks = [], 0, [], []
    for k, merged in enumerate(bad):
        streak = streak + 1 if merged else 0
        streaks.append(streak)
        if streak == patience:
            expected.append(after + k * every)
    gate = gate_of(
        Scripted(k for k, merged in enumerate(bad) if merged),
        every=every, after=after, patience=patience,
        on_collapse=lambda case: acted.append(case.step),
    )  # fmt: skip
    readings = [gate.step() for _ in range(after + every * len(bad))]
    assert [r.step for r in readings if r is not None] == [
        after + k * every for k in range(len(bad))
    ]
    assert [r.n_merged for r in gate.history] == [int(merged) for merged in bad]
    assert [r.streak for r in gate.history] == streaks
    assert acted == expected


def test_the_numbers_are_those_of_the_separation():
    gate = CollapseGate(CHAIN, Scripted(), every=1)
    reading = gate.step(7)
    codes = np.arange(9.0)[:, None]
    expected = separation(gate_bisimulation(), codes).smallest
    assert reading.exact.smallest_relative == expected.relative
    assert (reading.n_merged, reading.n_must_separate, reading.streak) == (0, 36, 0)
    assert reading.diagnostics.numerical_rank == 1
    assert GateReading.from_json(reading.to_json()) == reading
    assert "closest" in reading.line() in repr(reading)
    assert gate.explain().endswith("of processor time")
    assert "1 checks" in repr(gate)


def gate_bisimulation():
    from tellapart.theory.bisimulation import bisimulation

    return bisimulation(CHAIN)


def test_raising_names_pair_word_and_what_to_do(tmp_path):
    gate = gate_of(Scripted({1}), folder=tmp_path / "cases")
    assert not gate.step().collapsed
    with pytest.raises(CollapseError) as caught:
        gate.step()
    text = str(caught.value)
    for part in ("step 1", "1 of 36 pairs", "0 and 8", "-1 -1 -1 -1", "Train the encoder on both"):
        assert part in text
    assert caught.value.path in text
    (file,) = (tmp_path / "cases").iterdir()
    assert file.name == "collapse-step-00000001.json"
    case = GateCase.from_json(file.read_text())
    assert (case.step, case.pair, case.word, case.seed) == (1, (0, 8), ("-1",) * 4, 0)
    assert case.system == CHAIN
    assert case.codes[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0]
    assert case.measure() == case.reading.exact == gate.history[-1].exact
    assert case.to_json() == file.read_text()
    assert "labels from 8: (0, 0, 0, 0, 1)" in case.explain()
    assert "0 and 8 merged" in repr(case)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == text


def test_a_gate_that_raised_raises_again():
    gate = gate_of(Scripted({0, 1}))
    for _ in range(2):
        with pytest.raises(CollapseError):
            gate.step()
    assert gate.history[-1].streak == 2


def test_warn_and_log(caplog, tmp_path):
    with pytest.warns(CollapseWarning, match="0 and 8"):
        gate_of(Scripted({0}), on_collapse="warn").step()
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="tellapart.gate"):
        gate = gate_of(Scripted({1}), on_collapse="log", folder=str(tmp_path))
        gate(0), gate(1), gate(2)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "ERROR", "INFO"]
    assert "such as 0 and 8 (word -1 -1 -1 -1)" in caplog.messages[1]
    assert len(list(tmp_path.iterdir())) == 1


def test_nothing_of_the_training_changes():
    """Modes, weights, gradients, BatchNorm statistics and random numbers are as without a gate."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(9, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 3))
    net[1].eval()  # a frozen layer inside a training network
    net[0].weight.grad = torch.ones_like(net[0].weight)
    before, state = copy.deepcopy(net), torch.get_rng_state()
    gate = CollapseGate(CHAIN, net, every=1, on_collapse="log")
    first, second = gate.check(0), gate.check(1)
    assert first.exact == second.exact  # dropout is off
    assert [m.training for m in net.modules()] == [m.training for m in before.modules()]
    assert all(torch.equal(x, y) for x, y in zip(
        net.state_dict().values(), before.state_dict().values(), strict=True))  # fmt: skip
    assert torch.equal(net[0].weight.grad, torch.ones(8, 9))
    assert torch.equal(torch.get_rng_state(), state)


def test_modes_are_put_back_when_the_encoder_raises():
    def boom(x):
        raise RuntimeError("out of memory")

    class Boom(nn.Module):
        forward = staticmethod(boom)

    net = nn.Sequential(nn.Dropout(), Boom())
    with pytest.raises(SubjectError, match=r"raised RuntimeError at the gate.*out of memory"):
        gate_of(net).step()
    assert all(m.training for m in net.modules())


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (lambda x: x[:, :0].sum(1), "returned shape \\[9\\]"),
        (lambda x: (x, x), "returned tuple"),
        (lambda x: x.long(), "int64"),
        (lambda x: x[:4], "shape \\[4, 9\\]"),
        (lambda x: x / 0, "NaN or infinity for observation 0"),
    ],
)
def test_unusable_encoders(output, said):
    with pytest.raises(SubjectError, match=said):
        gate_of(output).step()


def test_observations_batches_and_types():
    images = torch.rand(9, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    sizes = []

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(18, 4, dtype=torch.float32)

        def forward(self, x):
            sizes.append(len(x))
            return self.layer(x.flatten(1)).to(torch.bfloat16)

    reading = gate_of(Net(), observations=images, batch_size=4, on_collapse="log").step()
    assert sizes == [4, 4, 1]
    assert reading.exact.threshold > 0
    with pytest.raises(SubjectError, match="hold 8 rows, but the MDP has 9"):
        gate_of(Net(), observations=images[:8])


def test_partial_data():
    data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    gate = CollapseGate(data, lambda x: x[:, :1] * 0, every=1)
    with pytest.raises(CollapseError, match=r"0 and 1 .*the actions 0 lead them"):
        gate.step()
    case = GateCase.from_json(gate_case(gate).to_json())
    assert case.measure().n_merged == 2
    assert case.explain().startswith("Step 1. 2 of 2 pairs")


def gate_case(gate):
    try:
        gate.step()
    except CollapseError as error:
        return error.case
    raise AssertionError("no collapse")


@pytest.mark.parametrize(
    ("factory", "certified", "collapsed"),
    [(collinear_subject, 36, False), (merged_ends_subject, 0, True)],
)
def test_margins(factory, certified, collapsed):
    subject = factory(CHAIN, 0)
    gate = gate_of(
        subject.encoder, predictor=subject.predictor, head=subject.head, on_collapse="log"
    )
    reading = gate.step()
    assert reading.margins.n_required == 36
    assert (reading.margins.n_certified == 36) == (certified == 36)
    assert reading.collapsed == collapsed
    assert "of 36 pairs certified" in reading.line()
    assert GateReading.from_json(reading.to_json()) == reading


def test_margins_say_why_there_are_none():
    subject = collinear_subject(CHAIN, 0)

    class Fft(nn.Module):
        def forward(self, z):
            return torch.fft.fft(z).real.sum(dim=1, keepdim=True)

    gate = gate_of(subject.encoder, predictor=subject.predictor, head=Fft())
    reading = gate.step()
    assert reading.margins.n_certified is None
    assert "no margins: The head is not exactly evaluable" in reading.line()
    with pytest.raises(InvalidArgumentError, match="margins=True needs"):
        gate_of(subject.encoder, margins=True)


def test_a_noisy_collapse_is_caught_where_ranks_look_full():
    views = blow_up(CHAIN, copies=8)
    gate = CollapseGate(views, noisy_collapsed_subject(views, 0).encoder, on_collapse="log")
    reading = gate.step()
    assert reading.collapsed
    assert reading.diagnostics.rank_me > 6


@pytest.mark.parametrize("package", [None, "lightning.pytorch", "pytorch_lightning"])
def test_lightning_callback(monkeypatch, package):
    for name in ("lightning.pytorch", "pytorch_lightning"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    base = type("Callback", (), {})
    if package:
        fake = types.ModuleType(package)
        fake.Callback = base
        monkeypatch.setitem(sys.modules, package, fake)
    gate = gate_of(Scripted(), every=2)
    callback = gate.lightning_callback()
    assert isinstance(callback, base) == (package is not None)
    for step in (1, 2, 2, 3, 4):  # gradient accumulation: one global step, several batches
        trainer = types.SimpleNamespace(global_step=step)
        callback.on_train_batch_end(trainer, None, None, None, 0)
    assert [reading.step for reading in gate.history] == [2, 4]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"every": 0}, "every is 0"),
        ({"every": True}, "every is True"),
        ({"after": -1}, "after is -1"),
        ({"patience": 1.0}, "patience is 1.0"),
        ({"batch_size": 0}, "batch_size"),
        ({"seed": -3}, "seed is -3"),
        ({"on_collapse": "stop"}, "on_collapse is 'stop'"),
        ({"folder": "/dev/null/cases"}, "cannot be created"),
        ({"system": "counting-9"}, "give a DeterministicMDP"),
    ],
)
def test_bad_options(options, said):
    with pytest.raises(InvalidArgumentError, match=said):
        CollapseGate(**{"system": CHAIN, "encoder": Scripted(), **options})


def test_bad_steps_and_encoders():
    for step in (-1, 2.0, True):
        with pytest.raises(InvalidArgumentError, match="step is"):
            gate_of(Scripted()).step(step)
    with pytest.raises(SubjectError, match="cannot be called"):
        CollapseGate(CHAIN, 3)
    with pytest.raises(InvalidArgumentError, match="merge_tolerance"):
        gate_of(Scripted(), merge_tolerance=2.0).step()
