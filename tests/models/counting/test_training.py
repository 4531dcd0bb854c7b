"""Training: the same bytes for the same plan, interrupted or not, and what each design trains."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.counting import checkpoints
from tellapart.models.counting.checkpoints import (
    CheckpointError,
    CheckpointWriteError,
    load_checkpoint,
    save_checkpoint,
)
from tellapart.models.counting.designs import COUNTING_DESIGNS, counting_design
from tellapart.models.counting.networks import ARCHITECTURES, CountingEncoder, PixelNorm
from tellapart.models.counting.plan import RUN_CONTROLS, RUN_LABELS, CountingPlan
from tellapart.models.counting.runs import CountingRun, run_counting
from tellapart.models.counting.training import train_counting
from tellapart.models.subject import SubjectError
from tellapart.theory.errors import InvalidArgumentError

TINY = CountingPlan(steps=6, size=16, batch=8)
PLANS = st.builds(
    CountingPlan,
    design=st.sampled_from(sorted(COUNTING_DESIGNS)),
    control=st.sampled_from(RUN_CONTROLS),
    labels=st.sampled_from(RUN_LABELS),
    architecture=st.sampled_from(sorted(ARCHITECTURES)),
    seed=st.integers(0, 2**40),
    steps=st.integers(4, 7),
    size=st.just(16),
    batch=st.integers(2, 8),
)


class StopHereError(Exception):
    pass


def stop_at(step):
    def progress(done, steps, losses):
        if done == step:
            raise StopHereError

    return progress


def weights(trained):
    return {name: value.numpy() for name, value in trained.networks.state_dict().items()}


def same(one, other):
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name]) for name in first
    )


@given(PLANS, st.integers(1, 3), st.integers(1, 3))
@settings(max_examples=12)
def test_interrupted_and_resumed_gives_the_same_bytes(tmp_path_factory, plan, every, step):
    path = tmp_path_factory.mktemp("runs") / "deep" / "run.pt"
    whole = train_counting(plan)
    with pytest.raises(StopHereError):
        train_counting(plan, checkpoint=path, every=every, progress=stop_at(step))
    assert path.exists() == (step >= every)
    continued = []
    again = train_counting(
        plan, checkpoint=path, every=every, progress=lambda done, *rest: continued.append(done)
    )
    assert continued[0] == step // every * every + 1
    assert same(whole, again)
    assert whole.losses == again.losses
    assert [path.name for path in path.parent.iterdir()] == ["run.pt"]
    assert same(whole, train_counting(plan, checkpoint=path, progress=stop_at(1)))


class Dropping(nn.Module):
    """A user's encoder with everything that has a state: dropout, batch normalisation."""

    def __init__(self, d=5):
        super().__init__()
        self.layers = nn.Sequential(
            nn.AvgPool2d(4), nn.Flatten(), nn.Linear(48, d), nn.BatchNorm1d(d), nn.Dropout(0.3)
        )

    def forward(self, pictures):
        return self.layers(pictures)


@pytest.mark.parametrize("design", ["joint", "joint-ema", "random-aux", "sigreg"])
def test_a_users_encoder_is_trained_and_resumed(tmp_path, design):
    plan = dataclasses.replace(TINY, encoder="dropping", design=design)
    seeds = []

    def factory(seed):
        seeds.append(seed)
        return Dropping()

    before = torch.get_rng_state()
    whole = run_counting(plan, encoder_factory=factory, each=3)
    path = tmp_path / "run.pt"
    with pytest.raises(StopHereError):
        train_counting(plan, encoder_factory=factory, checkpoint=path, every=2, progress=stop_at(5))
    again = run_counting(plan, encoder_factory=factory, checkpoint=path, every=2, each=3)
    assert dataclasses.replace(whole, cpu_seconds=0) == dataclasses.replace(again, cpu_seconds=0)
    assert seeds == [plan.seed] * 3
    assert whole.measures.diagnostics.d == 5
    assert torch.equal(before, torch.get_rng_state())


def encoder_moves(plan):
    start = weights(train_counting(dataclasses.replace(plan, steps=0)))
    end = weights(train_counting(plan))
    return {name.split(".")[0] for name in start if not np.array_equal(start[name], end[name])}


@pytest.mark.parametrize("name", sorted(COUNTING_DESIGNS))
def test_predictor_and_head_are_always_trained(name):
    found = encoder_moves(dataclasses.replace(TINY, design=name, steps=2))
    wanted = {"encoder", "predictor", "head"}
    assert found == (wanted | {"random_head"} if name == "random-aux" else wanted)


def test_the_encoder_follows_the_losses_that_its_design_names():
    """Reward-only never sees the dynamics, dynamics-only never the label."""
    labels = [
        weights(train_counting(CountingPlan(name, labels=kind, steps=3, size=16, batch=8)))
        for name in ("dynamics-only", "reward-only", "joint")
        for kind in ("sparse", "dense")
    ]
    key = "encoder.features.0.weight"
    equal = [np.array_equal(labels[i][key], labels[i + 1][key]) for i in (0, 2, 4)]
    assert equal == [True, False, False]
    assert not np.array_equal(labels[2][key], labels[4][key])


def test_another_seed_is_another_run():
    assert not same(train_counting(TINY), train_counting(dataclasses.replace(TINY, seed=1)))


def test_joint_training_learns_the_label():
    plan = CountingPlan(control="glyphs", steps=203, size=16, batch=32, architecture="default-cnn")
    found = train_counting(plan)
    assert found.losses[0].label > 0.05
    assert found.losses[-1].label < 0.01
    assert [point.step for point in found.losses] == [*range(2, 204, 2), 203]


def test_another_file_is_no_checkpoint(tmp_path):
    path = tmp_path / "run.pt"
    train_counting(TINY, checkpoint=path)
    other = dataclasses.replace(TINY, seed=1)
    with pytest.raises(InvalidArgumentError, match="the checkpoint of another run than Counting"):
        train_counting(other, checkpoint=path)
    for content in (b"", b"nothing", path.read_bytes()[:-200]):
        path.write_bytes(content)
        with pytest.raises(InvalidArgumentError, match="is no checkpoint of a counting run"):
            train_counting(TINY, checkpoint=path)
    for state in ({}, {"step": 1}, 3, {"networks": {}, "step": "x"}):
        torch.save({"version": 2, "plan": TINY.to_json(), "state": state}, path)
        with pytest.raises(CheckpointError, match=r"(belongs to other|does not hold the state)"):
            train_counting(TINY, checkpoint=path)
    train_counting(TINY, checkpoint=tmp_path / "good.pt")
    state = load_checkpoint(tmp_path / "good.pt", TINY)
    for name, value in (("frames", "{"), ("step", "x"), ("losses", [{}]), ("optimiser", {})):
        save_checkpoint(path, TINY, {**state, name: value})
        with pytest.raises(CheckpointError, match="does not hold the state of a run"):
            train_counting(TINY, checkpoint=path)
    torch.save([1, 2], path)
    with pytest.raises(InvalidArgumentError, match="is no checkpoint of a counting run"):
        train_counting(TINY, checkpoint=path)


class Evil:
    def __reduce__(self):
        return (print, ("run",))


def test_a_checkpoint_runs_no_code(tmp_path, capsys):
    path = tmp_path / "run.pt"
    torch.save({"version": 1, "plan": TINY.to_json(), "state": Evil()}, path)
    with pytest.raises(InvalidArgumentError, match="is no checkpoint"):
        train_counting(TINY, checkpoint=path)
    assert capsys.readouterr().out == ""


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path):
    path = tmp_path / "run.pt"
    save_checkpoint(path, TINY, {"step": 1})
    with pytest.raises(Exception, match=r"pickle|local"):
        save_checkpoint(path, TINY, {"step": lambda: 2})
    assert load_checkpoint(path, TINY) == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]
    assert load_checkpoint(tmp_path / "none.pt", TINY) is None


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    def no_space(handle):
        raise OSError(28, "No space left on device")

    path = tmp_path / "run.pt"
    save_checkpoint(path, TINY, {"step": 1})
    monkeypatch.setattr(checkpoints.os, "fsync", no_space)
    with pytest.raises(CheckpointWriteError, match=r"run.pt cannot be written: No space left"):
        save_checkpoint(path, TINY, {"step": 2})
    assert load_checkpoint(path, TINY) == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_of_another_encoder_is_refused(tmp_path):
    plan = dataclasses.replace(TINY, encoder="mine", steps=1)
    path = tmp_path / "run.pt"
    train_counting(plan, encoder_factory=lambda seed: Dropping(), checkpoint=path)
    with pytest.raises(InvalidArgumentError, match="belongs to other networks than this encoder"):
        train_counting(plan, encoder_factory=lambda seed: Dropping(6), checkpoint=path)


class Returns(nn.Module):
    def __init__(self, make):
        super().__init__()
        self.make = make

    def forward(self, pictures):
        return self.make(pictures)


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        (lambda seed: 3, "returned a int; return a torch.nn.Module"),
        (lambda seed: nn.Linear(3, 3), r"does not take pictures \[batch, 3, 16, 16\]"),
        (lambda seed: Returns(lambda x: x), r"gave \(4, 3, 16, 16\) for 4 pictures"),
        (lambda seed: Returns(lambda x: x[:, 0, 0].long()), r"gave \(4, 16\) of torch.int64"),
        (lambda seed: Returns(lambda x: x[:, 0, 0] / 0), "NaN or infinite"),
        (lambda seed: Returns(lambda x: None), "gave NoneType"),
        (lambda seed: Returns(lambda x: x[:, 0, 0, :0]), r"gave \(4, 0\)"),
    ],
)
def test_unusable_encoders(factory, words):
    with pytest.raises(InvalidArgumentError, match=words):
        train_counting(dataclasses.replace(TINY, encoder="mine"), encoder_factory=factory)


class Exploding(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.linear = nn.Linear(768, 4)

    def forward(self, pictures):
        self.calls += 1
        return self.linear(pictures.flatten(1)) * (1e30 if self.calls > 3 else 1)


def test_diverged_training_says_so():
    with pytest.raises(SubjectError, match="has diverged"):
        train_counting(
            dataclasses.replace(TINY, encoder="mine"), encoder_factory=lambda seed: Exploding()
        )


def test_an_encoder_and_its_name_go_together():
    with pytest.raises(InvalidArgumentError, match="name a user's encoder in the plan"):
        train_counting(TINY, encoder_factory=lambda seed: Dropping())
    with pytest.raises(InvalidArgumentError, match="encoder_factory is not given"):
        train_counting(dataclasses.replace(TINY, encoder="mine"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"design": "jepa"}, "no design of the counting runs named 'jepa'; the designs are joint"),
        ({"control": None}, "control is None; choose one of 'frames'"),
        ({"labels": "colour"}, "labels is 'colour'"),
        ({"architecture": 3}, "no architecture named 3"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": True}, "seed is True"),
        ({"steps": 1.5}, "steps is 1.5"),
        ({"steps": 10**9}, "steps is 1000000000"),
        ({"size": 8}, "size is 8"),
        ({"batch": 1}, "batch is 1"),
        ({"encoder": 1}, "encoder is 1"),
    ],
)
def test_bad_plans(options, words):
    with pytest.raises(InvalidArgumentError, match=words):
        CountingPlan(**options)


def test_plans_and_designs_print_well():
    plan = CountingPlan("reward-only", "no-zero", seed=10)
    assert CountingPlan.from_json(plan.to_json()) == plan
    assert repr(plan) == (
        "CountingPlan(reward-only on no-zero, labels sparse, small-start, seed 10, 1500 steps)"
    )
    assert "counts 1..8, 32 x 32 pixels" in plan.explain()
    assert repr(counting_design("ema")).startswith("CountingDesign('ema': as dynamics-only")
    assert len(COUNTING_DESIGNS) == 10


def test_encoder_starts_small_and_black_pixels_stay_zero():
    torch.manual_seed(0)
    pictures = torch.rand(20, 3, 32, 32)
    sizes = [CountingEncoder(2, start)(pictures).std(dim=0).mean() for start in (1.0, 0.03)]
    assert sizes[1] < 0.2 * sizes[0]
    black = torch.zeros(1, 4, 2, 2)
    assert torch.equal(PixelNorm()(black), black)
    lit = PixelNorm()(torch.full((1, 4, 2, 2), 3.0))
    assert lit.square().mean().item() == pytest.approx(1, abs=1e-3)


def test_a_run_saves_and_decodes():
    run = run_counting(TINY, each=3, decoder_steps=5)
    assert CountingRun.from_json(run.to_json()) == run
    pictures = run.reconstructions
    assert pictures is not None
    assert pictures.pictures("original").shape == (9, 16, 16, 3)
    assert pictures.pictures("decoded").shape == (9, 16, 16, 3)
    assert pictures.pictures("original")[0].max() == 0 < pictures.pictures("original")[8].max()
    assert 0 < pictures.mean_error < pictures.black_error
    assert "error" in run.explain()
    assert repr(run).startswith("CountingRun(CountingPlan(joint on frames")
    assert run_counting(TINY, each=3).reconstructions is None
    with pytest.raises(InvalidArgumentError, match="choose 'original' or 'decoded'"):
        pictures.pictures("other")
