"""Codes, residuals and their bounds: exact inside intervals, and both against fractions."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_programs import contains, fractions_of

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.evaluation import (
    enclose_points,
    label_targets,
    residual_bounds,
    transitions_of,
)
from tellapart.theory.networks.points import Interval, ModelPoints
from tellapart.theory.networks.program import NetworkModel, Operation, Program
from tellapart.theory.partition import kernel

MDPS = deterministic_mdps(max_observations=6, max_actions=3, max_labels=3)


def table(values):
    return Program((), (np.asarray(values, dtype=np.float64),), (), 0)


def dense(weight, activation=None):
    steps = [Operation("matmul", (0, 1), (1, weight.shape[1]))]
    if activation:
        steps.append(Operation(activation, (2,), (1, weight.shape[1])))
    return Program(((1, weight.shape[0]),), (weight,), tuple(steps), 1 + len(steps))


def one_hot_model(mdp):
    """Zero loss: one code each, and every map a matrix of successors or labels."""
    eye = np.eye(mdp.n_obs)
    predictors = tuple(dense(eye[mdp.successors[:, a]]) for a in range(mdp.n_actions))
    return NetworkModel(table(eye), predictors, dense(mdp.label_vectors.copy()), None, "float64")


def random_model(system, seed, activation="relu", d=2):
    rng = np.random.default_rng(seed)
    shown = rng.normal(size=(system.n_obs, 3))
    return NetworkModel(
        dense(rng.normal(size=(3, d)), activation),
        tuple(dense(rng.normal(size=(d, d)), activation) for _ in range(system.n_actions)),
        dense(rng.normal(size=(d, label_targets(system).shape[1]))),
        shown,
        "float64",
    )


@given(MDPS, st.integers(0, 99))
def test_exact_points_lie_inside_the_intervals(mdp, seed):
    model = random_model(mdp, seed)
    exact = enclose_points(model, mdp)
    wide = enclose_points(model, mdp, arithmetic="interval")
    assert (exact.arithmetic, wide.arithmetic) == ("exact", "interval")
    assert exact.predicted.shape == (mdp.n_obs, mdp.n_actions, 2)
    for part in ("codes", "predicted", "read"):
        inner, outer = getattr(exact, part), getattr(wide, part)
        assert (outer.lo <= inner.lo).all()
        assert (inner.hi <= outer.hi).all()
        assert outer.widest < 1e-13
    assert wide.code_ids is None
    assert not wide.zero_loss


@given(MDPS, st.integers(0, 99), st.sampled_from(["exact", "interval"]))
def test_bounds_are_above_the_residuals(mdp, seed, arithmetic):
    model = random_model(mdp, seed)
    points = enclose_points(model, mdp, arithmetic=arithmetic)
    dynamics, aux = residual_bounds(points, mdp)
    exact = dataclasses.replace(model, observations=None)
    codes = fractions_of(model.observations).dot(fractions_of(model.encoder.constants[0]))
    codes = np.frompyfunc(lambda v: max(v, Fraction(0)), 1, 1)(codes)
    assert contains(points.codes.lo, points.codes.hi, codes)
    for t, (o, a, target) in enumerate(zip(*transitions_of(mdp), strict=True)):
        reached = codes[o].dot(fractions_of(exact.predictors[a].constants[0]))
        size = max(
            abs(max(v, Fraction(0)) - w) for v, w in zip(reached, codes[target], strict=True)
        )
        assert size <= Fraction(dynamics[t]) <= size + Fraction(1, 10**12)
    read = codes.dot(fractions_of(model.head.constants[0]))
    for o, row in enumerate(read - fractions_of(mdp.label_vectors)):
        assert max(map(abs, row)) <= Fraction(aux[o]) <= max(map(abs, row)) + Fraction(1, 10**12)


@given(MDPS)
def test_zero_loss_is_seen_and_one_ulp_more_is_seen_too(mdp):
    model = one_hot_model(mdp)
    points = enclose_points(model, mdp)
    assert points.zero_loss
    dynamics, aux = residual_bounds(points, mdp)
    assert not dynamics.any()
    assert not aux.any()
    weight = model.head.constants[0].copy()
    weight[-1, -1] = np.nextafter(weight[-1, -1], np.inf)
    off = enclose_points(dataclasses.replace(model, head=dense(weight)), mdp)
    assert not off.zero_loss
    assert residual_bounds(off, mdp)[1].argmax() == mdp.n_obs - 1
    assert not enclose_points(model, mdp, arithmetic="interval").zero_loss


@given(MDPS, st.data())
def test_equal_codes_have_equal_ids_and_intervals(mdp, data):
    ids = data.draw(st.lists(st.integers(0, 2), min_size=mdp.n_obs, max_size=mdp.n_obs))
    values = np.array([[0.1, 0.3], [0.1, 0.3], [0.1, np.nextafter(0.3, 1)]])[ids]
    third = np.array([1 / 3, 1e-30])
    model = random_model(mdp, 0)
    scaled = Program((), (values, third), (Operation("mul", (0, 1), values.shape),), 2)
    points = enclose_points(dataclasses.replace(model, encoder=scaled), mdp)
    assert np.array_equal(points.code_ids, kernel(fractions_of(values) * fractions_of(third)).ids)
    for x, y in np.argwhere(points.code_ids[:, None] == points.code_ids):
        assert np.array_equal(points.codes.lo[x], points.codes.lo[y])
        assert np.array_equal(points.codes.hi[x], points.codes.hi[y])


DATA = TransitionData([[0, 0, 1], [1, 1, 2], [0, 0, 2]], labels={2: 1.0, 0: -1.0})


def test_partial_data_have_bounds_where_they_have_transitions_and_labels():
    assert np.array_equal(label_targets(DATA)[[0, 2]], [[-1.0], [1.0]])
    assert np.isnan(label_targets(DATA)[1]).all()
    model = random_model(DATA, 1)
    for arithmetic in ("exact", "interval"):
        dynamics, aux = residual_bounds(enclose_points(model, DATA, arithmetic=arithmetic), DATA)
        assert dynamics.shape == (3,)
        assert np.isnan(aux).tolist() == [False, True, False]
    model = dataclasses.replace(
        model, encoder=table(np.zeros((3, 2))), head=dense(np.zeros((2, 1)))
    )
    points = enclose_points(model, DATA)
    dynamics, aux = residual_bounds(points, DATA)
    assert not dynamics.any()
    assert not points.zero_loss
    assert ((aux[[0, 2]] >= 1) & (aux[[0, 2]] <= 1 + 2.0**-51)).all()


def test_data_without_any_label():
    bare = TransitionData([[0, 0, 1]])
    assert np.isnan(label_targets(bare)).all()
    eye = np.eye(2)
    model = NetworkModel(table(eye), (dense(eye[[1, 0]]),), dense(np.ones((2, 5))), None, "float64")
    points = enclose_points(model, bare)
    assert points.zero_loss
    assert np.isnan(residual_bounds(points, bare)[1]).all()


def test_label_targets_follow_the_rule_of_the_mdp():
    for labels in (["a", "b", "a"], [1, 2, 3], [(1, 2), (1, 3), (1, 2)], [1, (1,), 1]):
        mdp = DeterministicMDP([[0], [1], [2]], labels)
        data = TransitionData.from_mdp(mdp)
        assert np.array_equal(label_targets(data), label_targets(mdp))


def test_transitions_are_numbered_as_the_certificate_says():
    chain = counting_chain(4)
    sources, actions, successors = transitions_of(chain)
    assert (sources * chain.n_actions + actions).tolist() == list(range(8))
    assert np.array_equal(successors, chain.successors.ravel())
    assert np.array_equal(np.stack(transitions_of(DATA), axis=1), DATA.triples)


def test_auto_gives_way_to_intervals_and_exact_does_not():
    chain = counting_chain(5)
    smooth = random_model(chain, 0, "tanh")
    assert enclose_points(smooth, chain).arithmetic == "interval"
    with pytest.raises(InvalidArgumentError, match=r"encoder has no exact value: Operation 1 \(ta"):
        enclose_points(smooth, chain, arithmetic="exact")
    rational = random_model(chain, 0)
    assert enclose_points(rational, chain, max_work=10).arithmetic == "interval"
    assert enclose_points(rational, chain, max_work=10, arithmetic="exact").arithmetic == "exact"


def test_points_survive_json():
    chain = counting_chain(3)
    points = enclose_points(random_model(chain, 0), chain)
    copy = ModelPoints.from_json(points.to_json())
    assert copy.to_json() == points.to_json()
    assert isinstance(copy.codes, Interval)


CHAIN = counting_chain(3)
MODEL = one_hot_model(CHAIN)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predictors": MODEL.predictors[:1]}, "1 predictors and the system 2 actions"),
        ({"encoder": table(np.zeros((4, 3)))}, r"encoder gives the shape \(4, 3\); it must be"),
        ({"encoder": dense(np.eye(3))}, "The encoder takes an observation, and the model has no"),
        ({"head": dense(np.zeros((3, 2)))}, r"head gives the shape \(1, 2\); it must be \(1, 1\)"),
        ({"predictors": (dense(np.zeros((3, 2))),) * 2}, "predictor of action 0 gives the shape"),
        ({"observations": np.zeros((2, 3))}, "2 observations and the system 3"),
        ({"observations": np.full((3, 3), np.nan)}, "Observation 0 of the model has a NaN"),
        ({"head": dense(np.full((3, 1), np.nan))}, "Constant 0 of the program has a NaN"),
        (
            {"encoder": table(np.full((3, 3), 1e307)), "head": dense(np.full((3, 1), 1e308))},
            "label read of observation 0 is not bounded",
        ),
    ],
)
@pytest.mark.parametrize("arithmetic", ["exact", "interval"])
def test_models_that_do_not_fit_are_an_error(change, message, arithmetic):
    model = dataclasses.replace(MODEL, **change)
    with pytest.raises(InvalidArgumentError, match=message):
        enclose_points(model, CHAIN, arithmetic=arithmetic)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"arithmetic": "float"}, "arithmetic is 'float'; use"),
        ({"max_work": True}, "max_work is True; it must be an integer"),
        ({"max_work": -1}, "max_work is -1"),
    ],
)
def test_options_out_of_range_are_an_error(options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        enclose_points(MODEL, CHAIN, **options)
