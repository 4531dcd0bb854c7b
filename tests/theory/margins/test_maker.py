"""Margins: true for every model, accepted by the checker, complete for exact models."""

from fractions import Fraction

import numpy as np
import pytest
from hand_models import (
    KINKED,
    SMOOTH,
    counting_model,
    fitted_model,
    linear,
    quotient_model,
    random_model,
    table,
)
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.margins.maker import MAX_OBSERVATIONS, certify_margins
from tellapart.theory.margins.margins import Margins
from tellapart.theory.margins.reference import reference_margins
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.evaluation import enclose_points, label_targets, transitions_of
from tellapart.theory.networks.points import Interval, ModelPoints
from tellapart.theory.networks.program import NetworkModel
from tellapart.theory.partial.classes import forced_classes

MDPS = deterministic_mdps(max_observations=6, max_actions=2, max_labels=3)
SEEDS = st.integers(0, 2**32 - 1)
ACTIVATIONS = st.sampled_from((*SMOOTH, *KINKED, "linear"))


def _accepted(result):
    check = check_margins(result.certificate)
    assert check.holds, check.explain()
    assert check.n_required == result.n_required
    assert check.n_missing == result.n_required - result.n_certified
    assert check.n_claims == len(result.certificate.pairs)
    return result


def _rational(text):
    return None if text is None else Fraction(text)


def _by_reference(certificate):
    """Margins in rational arithmetic from what the certificate records."""
    system = certificate.system
    targets = label_targets(system)
    labels = [None if np.isnan(row).any() else [*map(Fraction, row.tolist())] for row in targets]
    return reference_margins(
        list(zip(*(column.tolist() for column in transitions_of(system)), strict=True)),
        labels,
        [*map(Fraction, certificate.dynamics_bounds)],
        [*map(_rational, certificate.aux_bounds)],
        [*map(_rational, certificate.predictor_constants)],
        _rational(certificate.head_constant),
    )


@given(MDPS, SEEDS, ACTIVATIONS)
def test_margins_of_untrained_models_are_true(mdp, seed, activation):
    result = _accepted(certify_margins(mdp, random_model(mdp, seed, activation), threshold=False))
    event(f"some claims: {bool(len(result.certificate.pairs))}")
    codes = result.certificate.model.encoder.constants[0]
    for (x, y), margin in zip(
        result.certificate.pairs.tolist(), result.certificate.margins, strict=True
    ):
        measured = max(
            abs(Fraction(a) - Fraction(b)) for a, b in zip(codes[x], codes[y], strict=True)
        )
        assert 0 < Fraction(margin) <= measured


@given(MDPS, SEEDS, ACTIVATIONS, st.sampled_from((1e-3, 1e-7, 1e-11)))
def test_fitted_models_are_certified_and_the_checker_agrees(mdp, seed, activation, noise):
    model = fitted_model(mdp, mdp.successors, seed, activation, noise=noise)
    result = _accepted(certify_margins(mdp, model))
    event(f"certified: {result.certified}")
    targets = mdp.label_vectors
    gaps = np.abs(targets[:, None] - targets[None]).max(axis=2)
    if result.by_depth and result.aux_residual < 0.49 * gaps[gaps > 0].min():
        assert result.by_depth[0].certified == result.by_depth[0].pairs
    if result.factor is not None and result.factor > 1:
        assert result.certified
    assert result.threshold_sentence in result.explain()


@given(transition_data(), SEEDS, st.sampled_from(("tanh", "relu", "linear")), st.booleans())
def test_partial_and_non_functional_data(data, seed, activation, fitted):
    assume(forced_classes(data).feasible and data.n_labelled)
    if fitted:
        table_ = np.maximum(data.table(), 0)
        model = fitted_model(data, table_, seed, activation, noise=1e-8)
    else:
        model = random_model(data, seed, activation)
    result = _accepted(certify_margins(data, model))
    event(f"claims: {bool(result.n_certified)}, unreachable: {bool(result.n_unreachable)}")
    assert result.n_certified == len(result.certificate.pairs)
    assert sum(row.pairs for row in result.by_depth) + result.n_unreachable == result.n_required


@given(MDPS, SEEDS, st.sampled_from(("tanh", "relu", "linear")), st.booleans())
def test_value_iteration_agrees_with_rational_arithmetic(mdp, seed, activation, fitted):
    model = random_model(mdp, seed, activation)
    if fitted:
        model = fitted_model(mdp, mdp.successors, seed, activation, noise=1e-3)
    result = certify_margins(mdp, model, max_path_work=0, threshold=False)
    exact = _by_reference(result.certificate)
    found = dict(
        zip(
            map(tuple, result.certificate.pairs.tolist()),
            map(Fraction, result.certificate.margins),
            strict=True,
        )
    )
    assert found.keys() <= exact.keys()
    slack = max(exact.values(), default=Fraction(0)) / 1000
    for pair, margin in exact.items():
        assert margin - slack <= found.get(pair, 0) <= margin


@given(deterministic_mdps(max_observations=8, max_actions=3, max_labels=3))
def test_exact_quotient_models_are_certified_whole(mdp):
    result = _accepted(certify_margins(mdp, quotient_model(mdp)))
    assert result.n_certified == result.n_required == len(result.certificate.pairs)
    assert result.certified == (result.n_required > 0)
    assert result.residual == result.aux_residual == 0
    for x, y in result.certificate.pairs.tolist():
        names = mdp.observations[x], mdp.observations[y]
        word = tuple(mdp.action_index(a) for a in result.word(*names))
        assert mdp.label_trace(x, word)[-1] != mdp.label_trace(y, word)[-1]


@settings(max_examples=25)
@given(MDPS, SEEDS)
def test_a_constant_encoder_certifies_nothing(mdp, seed):
    model = random_model(mdp, seed)
    codes = table(np.ones((mdp.n_obs, 3)))
    constant = NetworkModel(codes, model.predictors, model.head, None, "float64")
    result = _accepted(certify_margins(mdp, constant))
    assert not len(result.certificate.pairs)
    assert not result.certified
    assert result.threshold is None
    assert result.threshold_note


@settings(max_examples=20)
@given(MDPS, SEEDS)
def test_complete_data_and_their_mdp_get_the_same_margins(mdp, seed):
    model = fitted_model(mdp, mdp.successors, seed)
    one = certify_margins(mdp, model)
    other = certify_margins(TransitionData.from_mdp(mdp), model)
    assert one.certificate.margins == other.certificate.margins
    assert one.to_json() == certify_margins(mdp, model).to_json()
    assert np.array_equal(one.certificate.pairs, other.certificate.pairs)
    assert one.explain() == other.explain()


def test_the_counting_chain_by_hand():
    result = _accepted(certify_margins(counting_chain(9), counting_model(9, 4)))
    assert result.certified
    assert (result.n_required, result.n_unreachable) == (36, 0)
    assert [row.pairs for row in result.by_depth] == [8, 13, 9, 5, 1]
    assert 3.99 < result.margin(4, 0) <= 4
    assert result.form(0, 4) == "step"
    assert result.word(0, 8) == ("-1",) * 4
    assert result.margin(0, 8) > 7
    assert result.form(0, 8) == "path"
    assert result.margin(0, 0) is result.form(0, 0) is result.word(0, 0) is None
    assert 0.098 < result.threshold <= 0.1  # 1 > 2δ + 2 (4 ε), with one ε = δ
    assert f"Certified below a residual of {result.threshold:.3g}; it is at 0" in result.explain()
    by_labels = certify_margins(counting_chain(9), counting_model(9, 4), max_path_work=0)
    assert by_labels.margin(4, 0) == 1
    assert by_labels.form(0, 4) == "label"
    assert by_labels.word(0, 4) == ()
    assert repr(result) == "Margins(36 of 36 pairs certified, largest residual 0)"
    copy = Margins.from_json(result.to_json())
    assert copy.to_json() == result.to_json()
    assert copy.explain() == result.explain()
    assert copy.word(0, 8) == result.word(0, 8)


def test_pairs_that_only_folds_tell_apart_are_named():
    chain = counting_chain(9)
    rows = [row for row in TransitionData.from_mdp(chain).triples.tolist() if row[:2] != [7, 0]]
    data = TransitionData(rows, chain.labels, actions=chain.actions)
    result = _accepted(certify_margins(data, counting_model(9, 4)))
    assert (result.n_required, result.n_certified, result.n_unreachable) == (35, 32, 3)
    assert result.uncertified == ((5, 7), (6, 7), (6, 8))
    assert not result.certified
    assert result.threshold is None
    assert "no covered word tells 3 pairs apart" in result.explain()
    assert "3 pairs must be told apart although no covered word" in result.explain()


def _spiral(k):
    """Two covered chains of k steps; T turns by a right angle in skewed coordinates, norm 64."""
    turn = np.array([[0.0, 64.0], [-1 / 64, 0.0]])
    here, there = np.array([1.0, 1.0]), np.array([2.0, 3.0])
    back = np.array([[0.0, -64.0], [1 / 64, 0.0]])  # the inverse, exactly
    codes, rows = [], []
    for start, end in enumerate((here, there)):
        chain = [end]
        for _ in range(k):
            chain.append(chain[-1] @ back)
        codes += chain[::-1]
        rows += [[start * (k + 1) + i, 0, start * (k + 1) + i + 1] for i in range(k)]
    data = TransitionData(rows, {k: 1.0, 2 * k + 1: 2.0})
    head = linear(np.array([[1.0], [0.0]]))
    return data, NetworkModel(table(codes), (linear(turn),), head, None, "float64")


def test_the_product_along_a_word_beats_the_product_of_norms():
    data, model = _spiral(8)
    by_path = _accepted(certify_margins(data, model))
    by_steps = _accepted(certify_margins(data, model, max_path_work=0))
    assert by_path.form(0, 9) == "path"
    assert by_steps.form(0, 9) == "step"
    assert len(by_path.word(0, 9)) == 8
    assert by_path.margin(0, 9) > 1000 * by_steps.margin(0, 9)


def test_budgets_and_progress():
    seen = []
    chain, model = counting_chain(9), counting_model(9, 4)
    certify_margins(chain, model, progress=lambda *stage: seen.append(stage))
    assert seen[0] == ("margins", 0, 6, "codes")
    assert [stage[1] for stage in seen] == list(range(6))
    n = MAX_OBSERVATIONS + 1
    large = DeterministicMDP(np.zeros((n, 1), int), labels=[0] * n)
    model = NetworkModel(table(np.zeros((n, 1))), (table(np.zeros((n, 1))),), table(np.zeros((n, 1))), None, "float64")  # fmt: skip # noqa: E501
    with pytest.raises(BudgetExceededError, match="3001 observations"):
        certify_margins(large, model)


def test_a_margin_above_the_distance_is_raised_as_a_bug():
    """Points that the model does not have: labels read exactly from codes that are too close."""
    mdp = DeterministicMDP([[0], [1]], labels=[0.0, 1.0], observations=["a", "b"])
    model = NetworkModel(table([[0.0], [1.0]]), (table([[0.0], [1.0]]),), linear(np.eye(1)), None, "float64")  # fmt: skip # noqa: E501

    def exact(values):
        return Interval(np.array(values), np.array(values))

    lie = ModelPoints(
        exact([[0.0], [0.125]]), exact([[[0.0]], [[0.125]]]), exact([[0.0], [1.0]]), "exact", True,
        np.array([0, 1]),
    )  # fmt: skip
    with pytest.raises(
        InternalError, match=r"'a' and 'b' is .*, but their codes are at most 0\.125"
    ):
        certify_margins(mdp, model, lie)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"system": [[0]]}, "system is a list"),
        ({"model": None}, "model is a NoneType"),
        ({"max_path_work": -1}, "max_path_work"),
        ({"max_path_work": True}, "max_path_work"),
        ({"system": DeterministicMDP([[0, 0]] * 9, [0] * 9)}, "1 predictors and the system 2"),
        ({"points": "wide"}, r"read of the model has shape \(9, 2\)"),
        ({"points": "infinite"}, "codes of the model is not finite"),
    ],
)
def test_bad_arguments(change, message):
    mdp = DeterministicMDP([[0]] * 9, [0, 1] + [0] * 7)
    model = NetworkModel(*random_model(mdp, 0).__dict__.values())
    arguments = {"system": mdp, "model": model, "points": None} | change
    if isinstance(arguments["points"], str):
        points = enclose_points(model, mdp)
        codes, read = points.codes, points.read
        if arguments["points"] == "wide":
            read = Interval(np.tile(read.lo, 2), np.tile(read.hi, 2))
        else:
            codes = Interval(codes.lo, codes.hi + np.inf)
        arguments["points"] = ModelPoints(codes, points.predicted, read, "interval", False, None)
    with pytest.raises(InvalidArgumentError, match=message):
        certify_margins(**arguments)


def test_unknown_names_and_infeasible_data():
    result = certify_margins(counting_chain(9), counting_model(9, 4))
    with pytest.raises(InvalidArgumentError, match="'nine'"):
        result.margin(0, "nine")
    data = TransitionData([[0, 0, 1], [0, 0, 2]], {1: 0, 2: 1})
    with pytest.raises(InvalidArgumentError, match="infeasible"):
        certify_margins(data, random_model(data, 0))
