import numpy as np
import torch
from box_programs import Builder, answers, drawn_program, mlp
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.boxes.falsify import closest_in_boxes
from tellapart.models.boxes.region import region_around
from tellapart.models.boxes.torch_program import run_rows
from tellapart.models.boxes.witness import enclosed_distances

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_torch_runs_programs_as_numpy_does(seed):
    program = drawn_program(seed)
    points = np.random.default_rng(seed).normal(size=(3, 4))
    found = run_rows(program, torch.tensor(points)).numpy()
    assert np.allclose(found, answers(program, points), rtol=1e-9, atol=1e-9)


@given(SEEDS)
@settings(max_examples=20)
def test_found_inputs_lie_in_their_boxes_at_the_distance_told(seed):
    program = drawn_program(seed, depth=2)
    region = region_around(np.random.default_rng(seed).normal(size=(3, 4)), 0.1)
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    found = closest_in_boxes(program, region, pairs, steps=3, restarts=1, seed=1)
    for side, inputs in enumerate((found.x_inputs, found.y_inputs)):
        assert (region.inner_lo[pairs[:, side]] <= inputs).all()
        assert (inputs <= region.inner_hi[pairs[:, side]]).all()
    gaps = np.abs(answers(program, found.x_inputs) - answers(program, found.y_inputs)).max(axis=1)
    assert np.allclose(gaps, found.distances, rtol=1e-9, atol=1e-12)
    start = np.abs(
        answers(program, region.centres[pairs[:, 0]])
        - answers(program, region.centres[pairs[:, 1]])
    ).max(axis=1)
    assert (found.distances <= start * (1 + 1e-9) + 1e-12).all()


def test_the_search_finds_the_nearest_corners_of_a_linear_encoder():
    build = Builder(3)
    program = build.program(build.add("neg", (("slot", 0),), (1, 3)))
    region = region_around(np.array([[0.0, 0, 0], [1.0, 0.4, 0]]), 0.25)
    found = closest_in_boxes(program, region, np.array([[0, 1]]))
    assert abs(found.distances[0] - 0.5) < 1e-6  # 1 - 2 * 0.25 in the first number


def test_the_search_repeats_itself():
    program = mlp([4, 6, 2], "tanh")
    region = region_around(np.random.default_rng(0).normal(size=(3, 4)), 0.2)
    pairs = np.array([[0, 1], [1, 2]])
    first, second = (closest_in_boxes(program, region, pairs, seed=7) for _ in range(2))
    assert first.x_inputs.tobytes() == second.x_inputs.tobytes()
    assert first.distances.tobytes() == second.distances.tobytes()


@given(SEEDS)
def test_enclosed_distances_contain_the_distance(seed):
    program = drawn_program(seed, depth=2)
    x, y = np.random.default_rng(seed).normal(size=(2, 3, 4))
    found = enclosed_distances(program, x, y)
    gaps = np.abs(answers(program, x) - answers(program, y)).max(axis=1)
    slack = 1e-9 * (1 + gaps)
    assert (found.lo <= gaps + slack).all()
    assert (gaps - slack <= found.hi).all()
    assert (found.lo <= found.hi).all()


def test_equal_codes_are_recognised_exactly():
    build = Builder(2)
    weights = build.constant([[0.1], [0.2]])
    program = build.program(build.add("matmul", (("slot", 0), weights), (1, 1)))
    # 2 * 0.1 is 0.2 in the floats too, so both inputs have the same code; it is not zero.
    found = enclosed_distances(program, np.array([[2.0, 0.0]]), np.array([[0.0, 1.0]]))
    assert found.lo.tolist() == found.hi.tolist() == [0.0]
    near = enclosed_distances(program, np.array([[2.0, 0.0]]), np.array([[0.0, 1.0 + 2**-52]]))
    assert 0 < near.lo[0] <= near.hi[0] < 1e-15
