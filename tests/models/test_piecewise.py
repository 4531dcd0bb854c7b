from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.evaluation import evaluate
from tellapart.models.exact import verify_exact
from tellapart.models.piecewise import PiecewiseHead, PiecewisePredictor, piecewise_subject
from tellapart.models.translation.subject import translate
from tellapart.properties.strategies import admissible_partitions, deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import counting_chain, gallery, random_mdp
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.evaluation import enclose_points
from tellapart.theory.partition import Partition, kernel

LABELS = (
    [0, 1, 2], [0.1, 0.3, -7.7], [1e300, 1.0, 1e-300], [(1, 0.5), (0, 0), (0.1, 3)],
    ["goal", "road", "wall"], [-1.7e308, 1.7e308, 0.0],
)  # fmt: skip


@st.composite
def cases(draw, choices=LABELS):
    mdp = draw(deterministic_mdps(max_observations=7))
    values = draw(st.sampled_from(choices))
    mdp = mdp.with_labels([values[i] for i in mdp.label_ids.tolist()])
    return mdp, draw(admissible_partitions(mdp)), draw(st.integers(0, 99))


@given(cases())
def test_zero_loss_bit_for_bit_with_one_latent(case):
    mdp, partition, seed = case
    subject = piecewise_subject(mdp, partition, seed=seed)
    found = evaluate(subject, mdp)
    assert found.latent_dim == 1
    assert np.array_equal(found.predicted, found.codes[mdp.successors])
    assert np.array_equal(found.read, mdp.label_vectors)
    assert kernel(found.codes) == partition
    assert verify_exact(mdp, subject.tables, found)
    assert subject.n_parameters == 0


@given(cases(LABELS[:2]))
def test_the_stored_weights_have_zero_loss_over_the_rationals(case):
    """Read as programs and evaluated exactly: not only in torch's own order of summation."""
    mdp, partition, seed = case
    subject = piecewise_subject(mdp, partition, seed=seed)
    points = enclose_points(translate(subject, mdp), mdp)
    assert points.arithmetic == "exact"
    codes, predicted, read = points.codes, points.predicted, points.read
    assert all(np.array_equal(part.lo, part.hi) for part in (codes, predicted, read))
    assert np.array_equal(predicted.lo, codes.lo[mdp.successors])
    assert np.array_equal(read.lo, mdp.label_vectors)


@st.composite
def polygons(draw):
    points = draw(st.lists(st.integers(-50, 50), min_size=1, max_size=8, unique=True))
    size = len(points)
    values = draw(st.lists(st.integers(-30, 30), min_size=size, max_size=size))
    return np.array(points), np.array(values, dtype=float)


@given(polygons())
def test_between_two_codes_lies_nothing_but_what_is_between_their_values(case):
    """A polygon, level outside: between neighbours it never leaves the range of their values."""
    points, values = case
    head = PiecewiseHead(points, values[:, None])
    order = np.argsort(points)
    points, values = points[order], values[order]
    grid = np.arange(points[0] - 3, points[-1] + 3.25, 0.25)
    answers = head(torch.tensor(grid)[:, None]).numpy()[:, 0]
    place = np.searchsorted(points, grid, side="right")
    low, high = values[np.maximum(place - 1, 0)], values[np.minimum(place, len(values) - 1)]
    assert (np.minimum(low, high) <= answers).all()
    assert (answers <= np.maximum(low, high)).all()


@given(polygons())
def test_where_gaps_are_powers_of_two_it_is_the_interpolant(case):
    _, values = case
    points = 4 * np.arange(len(values))
    head = PiecewiseHead(points, values[:, None])
    grid = np.arange(points[0], points[-1] + 1)
    answers = head(torch.tensor(grid, dtype=torch.float64)[:, None]).numpy()[:, 0]
    assert np.array_equal(answers, np.interp(grid, points, values))
    assert head.mixing is None


def test_ramps_where_they_are_exact_and_hats_where_they_are_not():
    points = np.array([0, 3, 4])
    ramps = PiecewiseHead(points, np.array([[1.0], [0.5], [2.0]]))
    hats = PiecewiseHead(points, np.array([[0.1], [0.3], [1e30]]))
    assert ramps.mixing is None
    assert hats.mixing is not None
    between = torch.tensor([[2.0]], dtype=torch.float64)
    assert hats(between).item() == 0.0  # an integer without a hat
    assert hats(torch.tensor(points, dtype=torch.float64)[:, None]).tolist() == [
        [0.1],
        [0.3],
        [1e30],
    ]


def test_actions_choose_their_polygon():
    values = np.array([[[1.0], [0.0]], [[0.0], [0.0]]])
    predictor = PiecewisePredictor(np.array([0, 1]), values)
    codes = torch.tensor([[0.0], [1.0], [0.0], [1.0]], dtype=torch.float64)
    assert predictor(codes, torch.tensor([0, 0, 1, 1])).tolist() == [[1.0], [0.0], [0.0], [0.0]]


def test_the_seed_moves_the_codes_and_torch_is_left_alone():
    chain = counting_chain(9)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    plain = evaluate(piecewise_subject(chain), chain).codes
    first, again, other = (
        evaluate(piecewise_subject(chain, seed=seed), chain).codes for seed in (1, 1, 2)
    )
    assert torch.equal(before, torch.random.get_rng_state())
    assert plain[:, 0].tolist() == list(range(9))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert set(np.diff(np.sort(first[:, 0])).tolist()) <= {1.0, 2.0, 3.0, 4.0, 5.0}


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_gallery(entry):
    mdp = entry.build()
    found = evaluate(piecewise_subject(mdp, seed=7), mdp)
    assert (found.dynamics_loss, found.aux_loss) == (0.0, 0.0)
    assert kernel(found.codes) == bisimulation(mdp).partition


def test_hundreds_of_observations():
    mdp = random_mdp(300, 2, 2, seed=0)
    found = evaluate(piecewise_subject(mdp, seed=1), mdp)
    assert (found.dynamics_loss, found.aux_loss) == (0.0, 0.0)


LOOPS = [[0], [1], [2]]


@pytest.mark.parametrize(
    ("mdp", "options", "error", "message"),
    [
        (
            DeterministicMDP(LOOPS, [Fraction(1, 3), 0, 1]), {}, InvalidLabelError,
            r"Fraction\(1, 3\) of observation 0 is not exact",
        ),
        (DeterministicMDP(LOOPS, [2**53 + 1, 0, 1]), {}, InvalidLabelError, "not exact"),
        (
            counting_chain(3), {"partition": Partition.single_block(3)}, InvalidArgumentError,
            "not admissible",
        ),
        (counting_chain(3), {"seed": -1}, InvalidArgumentError, "seed is -1"),
        (counting_chain(3), {"seed": True}, InvalidArgumentError, "seed is True"),
    ],
)  # fmt: skip
def test_what_has_no_exact_network_is_refused(mdp, options, error, message):
    with pytest.raises(error, match=message):
        piecewise_subject(mdp, **options)
