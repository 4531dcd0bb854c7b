import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.designs import DESIGNS, constant_subject, scaled_label_subject
from tellapart.models.evaluation import evaluate
from tellapart.models.exact import exact_subject
from tellapart.models.linear import linear_subject
from tellapart.models.networks import (
    LinearHead,
    LinearPredictor,
    MLPEncoder,
    MLPPredictor,
    TableEncoder,
    reference_subject,
)
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.models.translation.subject import translate
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain
from tellapart.theory.networks.program import NetworkModel
from tellapart.theory.networks.running import run

CHAIN = counting_chain(7)
A, D = CHAIN.n_actions, 4


def answers(model, system):
    """Run a model of networks on a system: codes, predicted latents and labels read."""
    rows = [] if model.encoder.is_closed else [model.observations[:, None]]
    codes = run(model.encoder, rows).reshape(system.n_obs, -1)

    def on_codes(program):
        return run(program, [] if program.is_closed else [codes[:, None]])

    predicted = [on_codes(program).reshape(codes.shape) for program in model.predictors]
    read = on_codes(model.head).reshape(system.n_obs, -1)
    return codes, np.stack(predicted, axis=1), read


def assert_translated(subject, system, tolerance=1e-9):
    model, found = translate(subject, system), evaluate(subject, system)
    every = zip(answers(model, system), (found.codes, found.predicted, found.read), strict=True)
    for mine, torchs in every:
        size = np.abs(torchs).max(initial=1e-300)
        assert np.abs(mine - torchs).max(initial=0.0) <= tolerance * size
    assert model.latent_dim == found.latent_dim
    assert model.dtype == found.dtype
    return model


@settings(max_examples=20)
@given(deterministic_mdps(max_observations=8), st.integers(0, 3))
def test_the_subjects_of_the_house(mdp, seed):
    built = [
        reference_subject(mdp, seed=seed, latent_dim=3, hidden=5),
        exact_subject(mdp),
        exact_subject(mdp, gauge="random", seed=seed),
        constant_subject(mdp),
        scaled_label_subject(mdp, 1e-12),
        Subject(
            MLPEncoder(mdp.n_obs, 6, 3, seed),
            LinearPredictor(3, mdp.n_actions, seed),
            LinearHead(3, mdp.label_vectors.shape[1], seed),
        ),
    ]
    for subject in built:
        assert_translated(subject, mdp)


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_linear_subjects_are_translated_digit_by_digit(affine, dtype):
    model = assert_translated(linear_subject(CHAIN, affine, dtype=dtype), CHAIN, 0.0)
    codes, predicted, read = answers(model, CHAIN)
    assert np.array_equal(predicted, codes[CHAIN.successors])
    assert np.array_equal(read, CHAIN.label_vectors)


@pytest.mark.parametrize("name", DESIGNS)
def test_designs(name):
    assert_translated(DESIGNS[name].build(CHAIN), CHAIN)


def test_tables_are_closed_programs_of_their_stored_codes():
    subject = reference_subject(CHAIN)
    model = translate(subject, CHAIN)
    assert model.encoder.is_closed
    assert model.encoder.operations == ()
    assert np.array_equal(run(model.encoder), subject.encoder.table.detach().numpy())
    assert model.observations is None
    assert not any(program.is_closed for program in (*model.predictors, model.head))


def test_weights_keep_their_exact_values_in_float32():
    generator = torch.Generator().manual_seed(0)
    head = nn.Linear(D, 1)
    table = torch.randn((7, D), generator=generator)
    subject = Subject(lambda x: table[x.argmax(1)], lambda z, a: z.clone(), head)
    model = assert_translated(subject, CHAIN, 1e-6)
    assert np.array_equal(run(model.encoder), table.double().numpy())
    (weight,) = (c for c in model.head.constants if c.size == D)
    assert np.array_equal(weight.ravel(), head.weight.detach().double().numpy().ravel())


class OneHotMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(D + A, 8), nn.SiLU(), nn.Linear(8, D))

    def forward(self, z, a):
        return z + self.layers(torch.cat([z, nn.functional.one_hot(a, A).to(z.dtype)], dim=1))


class Film(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale, self.shift = nn.Embedding(A, D), nn.Embedding(A, D)
        self.inside, self.norm = nn.Linear(D, D), nn.LayerNorm(D)

    def forward(self, z, a):
        return torch.tanh(self.norm(self.inside(z)) * (1 + self.scale(a)) + self.shift(a))


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.actions, self.cell = nn.Embedding(A, 3), nn.GRUCell(3, D)

    def forward(self, z, a):
        return self.cell(self.actions(a), z)


class ByAction(nn.Module):
    """One network for each action, chosen row by row."""

    def __init__(self):
        super().__init__()
        self.each = nn.ModuleList(nn.Linear(D, D) for _ in range(A))

    def forward(self, z, a):
        out = torch.empty_like(z)
        for action, network in enumerate(self.each):
            out[a == action] = network(z[a == action])
        return out


@pytest.mark.parametrize("predictor", [OneHotMLP, Film, Gated, ByAction], ids=lambda p: p.__name__)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_predictors_see_one_action_each(seeded, predictor, dtype):
    parts = (MLPEncoder(7, 5, D), predictor(), nn.Linear(D, 1))
    encoder, predictor, head = (part.to(dtype) for part in parts)
    subject = Subject(encoder, predictor, head)
    model = assert_translated(subject, CHAIN, 1e-9 if dtype == torch.float64 else 1e-4)
    _, predicted, _ = answers(model, CHAIN)
    assert np.ptp(predicted, axis=1).max() > 1e-3
    assert [p.inputs for p in model.predictors] == [((1, D),)] * A


def test_half_precision_stands_for_its_stored_weights(seeded):
    encoder = nn.Sequential(nn.Linear(7, 8), nn.Tanh(), nn.Linear(8, D)).bfloat16()
    subject = Subject(encoder, lambda z, a: -z, lambda z: z[:, :1])
    model = translate(subject, CHAIN)
    assert model.dtype == "bfloat16"
    exact = encoder.double()(torch.eye(7, dtype=torch.float64)).detach().numpy()
    assert answers(model, CHAIN)[0] == pytest.approx(exact, rel=1e-12, abs=1e-12)


def test_heads_may_be_flat_and_parts_may_be_functions():
    subject = Subject(MLPEncoder(7, 5, D), lambda z, a: z * a[:, None], lambda z: z.sum(1))
    model = assert_translated(subject, CHAIN)
    assert answers(model, CHAIN)[2].shape == (7, 1)


def test_partial_data_count_observations_and_actions():
    data = TransitionData([[0, 0, 1], [1, 1, 2]], labels={0: 0.0})
    model = translate(Subject(MLPEncoder(3, 4, 2), LinearPredictor(2, 2), LinearHead(2, 1)), data)
    assert len(model.predictors) == 2
    assert model.observations.shape == (3, 3)


def test_a_single_observation():
    one = counting_chain(1)
    assert_translated(reference_subject(one), one)
    assert_translated(Subject(MLPEncoder(1, 4, 2), LinearPredictor(2, 2), LinearHead(2, 1)), one)


def test_the_same_subject_gives_the_same_bytes():
    def text():
        return translate(reference_subject(CHAIN, seed=3), CHAIN).to_json()

    assert text() == text()
    loaded = NetworkModel.from_json(text())
    assert all(
        np.array_equal(x, y)
        for x, y in zip(
            answers(loaded, CHAIN),
            answers(translate(reference_subject(CHAIN, seed=3), CHAIN), CHAIN),
            strict=True,
        )
    )


def test_nothing_of_the_subject_changes():
    subject = Subject(MLPEncoder(7, 5, D), MLPPredictor(D, A, 6), LinearHead(D, 1))
    before = [w.clone() for module in subject.modules for w in module.parameters()]
    gradients, threads = torch.is_grad_enabled(), torch.get_num_threads()
    translate(subject, CHAIN)
    after = [w for module in subject.modules for w in module.parameters()]
    assert all(torch.equal(x, y) for x, y in zip(before, after, strict=True))
    assert (torch.is_grad_enabled(), torch.get_num_threads()) == (gradients, threads)


@pytest.mark.parametrize("part", ["encoder", "predictor", "head"])
def test_the_part_is_named(part):
    broken = {"encoder": lambda x: x.sin(), "predictor": lambda z, a: z.sin(), "head": torch.sin}
    parts = {
        "encoder": TableEncoder(7, 1),
        "predictor": LinearPredictor(1, A),
        "head": LinearHead(1, 1),
    }
    with pytest.raises(NotExactlyEvaluable, match=f"The {part} .*aten.sin") as caught:
        translate(Subject(**(parts | {part: broken[part]})), CHAIN)
    assert caught.value.part == part


@pytest.mark.parametrize(
    ("predictor", "said"),
    [
        (lambda z, a: 1 / 0, "raised ZeroDivisionError"),
        (lambda z, a: z[0], "floating numbers"),
        (lambda z, a: z.tolist(), "floating numbers"),
        (lambda z, a: z[:, :2], r"\[1, 4\]|\[7, 4\]"),
        (lambda z, a: z.argmax(1, keepdim=True), "floating numbers"),
        (lambda z, a: z - z.mean(0), "batch of one"),
        (lambda z, a: torch.tensor((z * 3).tolist(), dtype=z.dtype), "outside torch"),
    ],
)
def test_unusable_predictors(predictor, said):
    with pytest.raises(NotExactlyEvaluable, match=said):
        translate(Subject(TableEncoder(7, D), predictor, LinearHead(D, 1)), CHAIN)


def test_small_computations_outside_torch_are_found():
    def predictor(z, a):
        return z + 1e-9 * torch.tensor(z.numpy().sum())

    with pytest.raises(NotExactlyEvaluable, match="outside torch"):
        translate(Subject(TableEncoder(7, D), predictor, LinearHead(D, 1)), CHAIN)


def test_observations_must_be_those_of_the_system():
    subject = Subject(
        nn.Linear(3, D), lambda z, a: z, nn.Linear(D, 1), observations=torch.rand(5, 3)
    )
    with pytest.raises(SubjectError, match="5 rows"):
        translate(subject, CHAIN)
