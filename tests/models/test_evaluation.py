import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models.designs import scaled_label_subject
from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.exact import exact_subject
from tellapart.models.networks import LinearHead, LinearPredictor, MLPEncoder, reference_subject
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain

MDP = counting_chain(9)
D = 3


def good(**changes):
    parts = {
        "encoder": MLPEncoder(9, 8, D, seed=1),
        "predictor": LinearPredictor(D, 2, seed=2),
        "head": LinearHead(D, 1, seed=3),
    }
    return Subject(**(parts | changes))


def fails(subject):
    with pytest.raises(SubjectError) as caught:
        evaluate(subject, MDP)
    assert str(caught.value).startswith(f"The {caught.value.part} ")
    return caught.value


def test_residuals_are_norms_of_differences():
    subject = reference_subject(MDP, seed=4)
    found = evaluate(subject, MDP)
    for o in range(9):
        for a in range(2):
            gap = found.predicted[o, a] - found.codes[MDP.successors[o, a]]
            assert found.dynamics_residuals[o, a] == pytest.approx(np.sqrt(gap @ gap))
    assert found.dynamics_loss == pytest.approx((found.dynamics_residuals**2).mean())
    assert found.aux_loss == pytest.approx(((found.read - MDP.label_vectors) ** 2).mean())
    with torch.no_grad():
        z = subject.encoder(torch.eye(9, dtype=torch.float64))
        right = subject.predictor(z, torch.ones(9, dtype=torch.int64))
    assert np.allclose(found.predicted[:, 1], right.numpy())


@pytest.mark.parametrize("batch_size", [1, 2, 5, 1000])
def test_the_batch_size_does_not_matter(batch_size):
    subject = good()
    few, all_at_once = evaluate(subject, MDP, batch_size=batch_size), evaluate(subject, MDP)
    for name in ("codes", "predicted", "read"):
        assert np.allclose(getattr(few, name), getattr(all_at_once, name), rtol=1e-12)


def test_batch_size_is_checked():
    with pytest.raises(InvalidArgumentError, match="batch_size"):
        evaluate(good(), MDP, batch_size=0)


def test_float32_and_a_flat_head_are_accepted():
    head = nn.Linear(D, 1)
    subject = Subject(nn.Linear(9, D), lambda z, a: z, lambda z: head(z).squeeze(1))
    found = evaluate(subject, MDP)
    assert found.dtype == "float32"
    assert found.read.shape == (9, 1)
    assert found.codes.dtype == np.float64


def test_rendered_observations_reach_the_encoder():
    images = torch.rand(9, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(32, D))
    subject = Subject(encoder, lambda z, a: z, nn.Linear(D, 1), observations=images)
    with torch.no_grad():
        assert np.allclose(evaluate(subject, MDP).codes, encoder(images).numpy(), rtol=1e-5)


def test_json_round_trip():
    found = evaluate(good(), MDP)
    loaded = Evaluation.from_json(found.to_json())
    assert np.array_equal(loaded.codes, found.codes)
    assert loaded.to_json() == found.to_json()
    with pytest.raises(InvalidArgumentError, match="saved Evaluation"):
        Evaluation.from_json("{}")


def explode(*_):
    raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


@pytest.mark.parametrize("part", ["encoder", "predictor", "head"])
def test_what_a_part_raises_is_reported_with_its_cause(part):
    error = fails(good(**{part: explode}))
    assert error.part == part
    assert "RuntimeError" in str(error)
    assert isinstance(error.__cause__, RuntimeError)


@pytest.mark.parametrize(
    ("part", "function", "said"),
    [
        ("encoder", lambda x: torch.zeros(len(x)), r"\[9, d\]"),
        ("encoder", lambda x: torch.zeros(len(x), 0), r"\[9, d\]"),
        ("encoder", lambda x: torch.zeros(1, 3), r"\[9, d\]"),
        ("encoder", lambda x: x.long(), "floating"),
        ("encoder", lambda x: x.tolist(), "list"),
        ("predictor", lambda z, a: z[:, :2], r"\[18, 3\]"),
        ("predictor", lambda z, a: (z, a), "tuple"),
        ("head", lambda z: torch.zeros(len(z), 2), r"\[9, 1\]"),
        ("head", lambda z: None, "NoneType"),
    ],
)
def test_wrong_outputs_name_the_part_and_the_shape(part, function, said):
    with pytest.raises(SubjectError, match=said) as caught:
        evaluate(good(**{part: function}), MDP)
    assert caught.value.part == part


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_name_observation_and_action(value):
    def poison(z, a):
        out = z.clone()
        out[(a == 1).nonzero()[3]] = value
        return out

    error = fails(good(predictor=poison))
    assert error.part == "predictor"
    assert "observation 3 and action '+1'" in str(error)


def test_nan_codes_name_the_observation():
    encoder = MLPEncoder(9, 8, D, seed=1)

    def poison(x):
        return torch.where(x[:, 5:6] == 1, torch.nan, encoder(x))

    assert "observation 5" in str(fails(good(encoder=poison)))


@pytest.mark.parametrize("part", ["encoder", "predictor", "head"])
def test_dropout_left_on_is_named(part):
    drop, subject = nn.Dropout(0.5), good()
    inner = getattr(subject, part)
    error = fails(good(**{part: lambda *x: drop(inner(*x))}))
    assert error.part == part
    assert "dropout" in str(error)
    drop.eval()
    assert evaluate(good(**{part: lambda *x: drop(inner(*x))}), MDP).latent_dim == D


def test_batchnorm_in_train_mode_is_named():
    encoder = nn.Sequential(nn.Linear(9, D), nn.BatchNorm1d(D))
    error = fails(Subject(encoder, lambda z, a: z, nn.Linear(D, 1)))
    assert "BatchNorm" in str(error)
    encoder.eval()
    assert evaluate(Subject(encoder, lambda z, a: z, nn.Linear(D, 1)), MDP).latent_dim == D


def test_a_code_that_depends_on_its_batch_is_named():
    encoder = MLPEncoder(9, 8, D, seed=1)
    error = fails(good(encoder=lambda x: encoder(x) - encoder(x).mean(dim=0)))
    assert "another code in another batch" in str(error)


def test_rendered_observations_of_another_number_are_refused():
    error = fails(good(observations=torch.zeros(8, 9)))
    assert error.part == "observations"
    assert "8 rows" in str(error)


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-6, 1e-12])
def test_a_tiny_raw_loss_does_not_hide_merged_observations(scale):
    chain = counting_chain(8, 7)  # seven of eight observations have the label 0
    found = evaluate(scaled_label_subject(chain, scale), chain)
    measured = found.resolution(chain, bisimulation(chain).partition)
    assert len(np.unique(found.codes, axis=0)) == 2
    assert measured.ratio >= 1
    assert not measured.resolved
    assert found.aux_loss < 1e-25
    if scale == 1e-12:
        assert found.dynamics_loss < 2e-25


@pytest.mark.parametrize("scale", [1e-6, 0.5, 1e6])
def test_the_resolution_ratio_has_no_scale(scale):
    base = reference_subject(MDP, seed=2)
    scaled = Subject(
        lambda x: scale * base.encoder(x),
        lambda z, a: scale * base.predictor(z / scale, a),
        lambda z: base.head(z / scale),
    )
    partition = bisimulation(MDP).partition
    ratios = [evaluate(s, MDP).resolution(MDP, partition) for s in (base, scaled)]
    assert ratios[0].dynamics_ratio == pytest.approx(ratios[1].dynamics_ratio, rel=1e-6)
    assert ratios[0].aux_ratio == pytest.approx(ratios[1].aux_ratio, rel=1e-6)


def test_a_single_observation():
    lone = counting_chain(9).__class__([[0]], labels=[1.0])
    assert evaluate(exact_subject(lone), lone).dynamics_loss == 0


def test_numbers_whose_squares_overflow_are_refused_by_name():
    subject = Subject(lambda x: 1e200 * x.double(), lambda z, a: z, lambda z: z[:, :1])
    with pytest.raises(SubjectError, match=r"encoder returned 1e\+200 for observation 0"):
        evaluate(subject, counting_chain(3))
