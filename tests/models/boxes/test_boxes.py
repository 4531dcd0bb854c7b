import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.boxes.boxes import certify_boxes, encoder_program
from tellapart.models.boxes.claims import claims_for
from tellapart.models.boxes.recheck import recheck_boxes
from tellapart.models.boxes.report import BoxReport
from tellapart.models.networks import reference_subject
from tellapart.models.subject import Subject
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP


def identity(z, *_):
    return z


def subject_of(encoder, observations):
    return Subject(encoder, identity, identity, observations=observations)


def images(n=6, side=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand((n, 1, side, side), generator=generator, dtype=torch.float64)


def network(activation=nn.ReLU, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 24), activation(), nn.Linear(24, 4)).double()


CHAIN = counting_chain(6)


def test_fewer_pairs_are_certified_in_larger_boxes():
    subject = subject_of(network(), images())
    counts = {}
    for method in ("ibp", "crown"):
        reports = [
            certify_boxes(subject, CHAIN, radius, method=method) for radius in (0.001, 0.02, 0.5)
        ]
        counts[method] = [report.n_certified for report in reports]
    assert counts["crown"][0] == 15
    assert counts["crown"] == sorted(counts["crown"], reverse=True)
    assert counts["ibp"][1] < counts["crown"][1] < 15
    assert counts["crown"][2] == 0


@given(mdp=deterministic_mdps(max_observations=5), seed=st.integers(0, 10**6), data=st.data())
@settings(max_examples=15)
def test_certified_distances_hold_and_lie_below_those_found(mdp, seed, data):
    radius = data.draw(st.sampled_from([0.0, 0.01, 0.05]), label="radius")
    subject = subject_of(network(seed=seed), images(mdp.n_obs, seed=seed))
    if bisimulation(mdp).partition.n_blocks == 1:
        with pytest.raises(InvalidArgumentError, match="0 pairs"):
            certify_boxes(subject, mdp, radius)
        return
    report = certify_boxes(subject, mdp, radius, seed=seed)
    noise = images(20 * mdp.n_obs, seed=seed + 1).reshape(20, mdp.n_obs, 1, 8, 8) * 2 - 1
    with torch.no_grad():
        shown = (images(mdp.n_obs, seed=seed) + radius * noise).reshape(-1, 1, 8, 8)
        codes = subject.encoder(shown).reshape(20, mdp.n_obs, -1).numpy()
    ids = bisimulation(mdp).partition.ids
    for pair in report.pairs:
        assert pair.certified <= pair.closest
        i, j = (ids[mdp.observation_index(name)] for name in (pair.x, pair.y))
        gaps = np.abs(codes[:, None, ids == i, None] - codes[None, :, None, ids == j]).max(axis=-1)
        assert gaps.min() >= pair.certified * (1 - 1e-9)


@pytest.mark.parametrize("radius", [0.0, 0.1])
def test_a_constant_encoder_is_refuted_with_a_witness(radius):
    dead = network()
    with torch.no_grad():
        dead[3].weight.zero_()
    report = certify_boxes(subject_of(dead, images()), CHAIN, radius)
    assert report.n_refuted == 15
    assert report.certificate is None
    assert not report
    assert all(pair.closest == 0 == pair.certified for pair in report.pairs)


def test_a_witness_reaches_the_distance_that_is_told():
    encoder, radius = network(nn.Tanh), 0.2
    shown = images()
    report = certify_boxes(subject_of(encoder, shown), CHAIN, radius, delta=0.05, clip=(0.0, 1.0))
    refuted = [pair for pair in report.pairs if pair.status == "refuted"]
    assert refuted
    for pair in refuted:
        x, y = (torch.tensor(side)[None] for side in pair.witness)
        with torch.no_grad():
            gap = float((encoder(x) - encoder(y)).abs().max())
        assert gap <= pair.closest * (1 + 1e-9)
        assert pair.closest < 0.05
        for name, side in zip(pair.tightest, (x, y), strict=True):
            assert (
                float((side - shown[CHAIN.observation_index(name)]).abs().max()) <= radius + 1e-15
            )
            assert 0 <= float(side.min()) <= float(side.max()) <= 1


def test_boxes_that_touch_are_refuted_by_the_input_they_share():
    squares = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]], dtype=torch.float64)
    encoder = nn.Linear(2, 2).double()
    mdp = counting_chain(3)
    report = certify_boxes(subject_of(encoder, squares), mdp, 0.5)
    statuses = {(pair.x, pair.y): pair.status for pair in report.pairs}
    assert statuses[0, 1] == "refuted"
    touching = next(pair for pair in report.pairs if pair.status == "refuted")
    assert np.array_equal(*touching.witness)
    assert touching.closest == 0


def test_a_distance_can_be_asked_for():
    subject = subject_of(network(), images())
    free = certify_boxes(subject, CHAIN, 0.001)
    middle = float(np.median([pair.certified for pair in free.pairs]))
    asked = certify_boxes(subject, CHAIN, 0.001, delta=middle)
    assert 0 < asked.n_certified < 15
    for pair in asked.pairs:
        assert (pair.status == "certified") == (pair.certified >= middle)


@pytest.mark.parametrize("activation", [nn.Tanh, nn.Sigmoid, nn.GELU, nn.LeakyReLU, nn.Hardtanh])
def test_activations_are_certified_and_rechecked(activation):
    report = certify_boxes(subject_of(network(activation), images()), CHAIN, 0.002)
    assert report
    assert recheck_boxes(report.certificate)
    assert report.arithmetic == ("interval" if activation is nn.GELU else "exact")


def test_a_convolutional_encoder_is_certified():
    torch.manual_seed(1)
    encoder = nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=2, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(2, 2, 2), nn.ReLU(), nn.Flatten(), nn.Linear(2, 3),
    ).eval()  # fmt: skip
    report = certify_boxes(subject_of(encoder, images(4).float()), counting_chain(4), 1e-4)
    assert report
    assert report.method == "crown"
    assert recheck_boxes(report.certificate)


def test_classes_with_several_observations_count_once():
    twins = DeterministicMDP([[0], [1], [1], [0]], labels=[0, 1, 1, 0])
    assert claims_for(twins).names == ((0, 1),)
    report = certify_boxes(subject_of(network(), images(4)), twins, 0.001)
    (pair,) = report.pairs
    assert pair.n_pairs == 4
    assert report.certified == pair.certified > 0
    deltas = report.certificate.deltas
    assert len(deltas) == 4
    assert pair.certified == deltas.min()


def test_data_and_named_pairs_are_compared_too():
    data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    subject = subject_of(network(), images(4))
    report = certify_boxes(subject, data, 0.001)
    assert {(pair.x, pair.y) for pair in report.pairs} == {(0, 1), (2, 3)}
    named = certify_boxes(subject, data, 0.001, pairs=[(0, 3)])
    assert [(pair.x, pair.y, pair.status) for pair in named.pairs] == [(0, 3, "certified")]


def test_reports_repeat_themselves_and_survive_json():
    subject = subject_of(network(), images())
    first, second = (certify_boxes(subject, CHAIN, 0.02, seed=3) for _ in range(2))
    assert first.to_json() == second.to_json()
    copy = BoxReport.from_json(first.to_json())
    assert copy.to_json() == first.to_json()
    assert copy.explain() == first.explain()
    assert recheck_boxes(copy.certificate)
    assert "of 15 pairs certified" in repr(first)
    assert len(first.table()) == 15
    assert f"{first.n_certified} of 15 pairs of classes certified" in first.explain()
    assert first.explain(limit=2).endswith("and 13 more pairs")


def test_what_runs_is_told():
    told = []
    subject = subject_of(network(), images())
    certify_boxes(subject, CHAIN, 0.001, progress=lambda stage, n: told.append((stage, n)))
    assert told == [("attack", 15), ("bounds", 15), ("recheck", 15)]


def test_only_the_encoder_is_looked_at():
    def refuses(*_):
        raise ValueError

    shown = images()
    report = certify_boxes(Subject(network(), refuses, refuses, observations=shown), CHAIN, 0.001)
    assert report


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"radius": -1}, "radius is -1"),
        ({"delta": float("nan")}, "delta is nan"),
        ({"method": "best"}, "method is 'best'"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": True}, "seed is True"),
        ({"clip": (0.5, 1.0)}, "outside of clip"),
        ({"pairs": [(0, 0)]}, "an observation with itself"),
        ({"pairs": [(0, 99)]}, "99"),
        ({"pairs": [0]}, "each must be two names"),
        ({"pairs": []}, "0 pairs"),
    ],
)
def test_bad_arguments_are_one_clear_error(options, message):
    subject = subject_of(network(), images())
    arguments = {"radius": 0.1} | options
    with pytest.raises(InvalidArgumentError, match=message):
        certify_boxes(subject, CHAIN, **arguments)


def test_tables_and_other_systems_are_refused():
    table = dataclasses.replace(
        reference_subject(CHAIN, latent_dim=2, hidden=4),
        encoder=lambda o: torch.eye(6)[o.argmax(1)],
    )
    with pytest.raises(NotExactlyEvaluable, match="encoder"):
        certify_boxes(table, CHAIN, 0.1)
    with pytest.raises(InvalidArgumentError, match="system is a list"):
        encoder_program(table, [1])
