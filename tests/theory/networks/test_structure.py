"""What a program is called, it is: sums and multiples are kept, in exact arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from random_programs import AFFINE, RATIONAL, floats, fractions_of, programs, reference

from tellapart.theory.networks.program import Operation, Program
from tellapart.theory.networks.structure import affinity


def rows(draw, program):
    return [fractions_of(draw(floats(shape))) for shape in program.inputs]


@given(programs(names=AFFINE) | programs(names=RATIONAL), st.data())
def test_affine_programs_keep_weighted_means_and_linear_ones_sums(program, data):
    found = affinity(program)
    event(f"found: {found}")
    if found is None:
        return
    x, y = rows(data.draw, program), rows(data.draw, program)
    weight = Fraction(data.draw(st.sampled_from([-3.0, 0.5, 7.0])))
    between = [weight * a + (1 - weight) * b for a, b in zip(x, y, strict=True)]
    value = weight * reference(program, x) + (1 - weight) * reference(program, y)
    assert np.array_equal(reference(program, between), value)
    if found == "linear":
        assert not reference(program, [0 * a for a in x]).any()


def of(*operations, constants=(), inputs=((1, 2),)):
    """A program whose output is its last slot."""
    slots = len(inputs) + len(constants) + len(operations)
    return Program(inputs, tuple(np.asarray(c) for c in constants), operations, slots - 1)


SQUARE = np.ones((2, 2))


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (of(), "linear"),
        (of(Operation("matmul", (0, 1), (1, 2)), constants=[SQUARE]), "linear"),
        (of(Operation("add", (0, 0), (1, 2))), "linear"),
        (of(Operation("add", (0, 1), (1, 2)), constants=[np.zeros(2)]), "affine"),
        (of(Operation("div", (0, 1), (1, 2)), constants=[3.0]), "linear"),
        (of(Operation("div", (1, 0), (1, 2)), constants=[3.0]), None),
        (of(Operation("mul", (0, 0), (1, 2))), None),
        (of(Operation("relu", (0,), (1, 2))), None),
        (of(Operation("concat", (0, 1), (3,)), constants=[[0.0]]), "affine"),
        (of(Operation("concat", (0, 0), (4,))), "linear"),
        (of(Operation("take", (0,), (1,), indices=np.array([1]))), "linear"),
        (of(Operation("max", (0,), (1, 1), (1,))), None),
        (of(Operation("exp", (0,), ()), constants=[1.0], inputs=()), None),
        (
            of(
                Operation("exp", (1,), (2,)), Operation("mul", (0, 2), (1, 2)), constants=[[1.0, 2]]
            ),
            "linear",
        ),
        (of(Operation("relu", (0,), (1, 2)), Operation("neg", (1,), (1, 2))), None),
        (Program(((1, 2),), (np.ones((1, 2)),), (), 1), "affine"),
    ],
)
def test_known_programs(program, expected):
    assert affinity(program) == expected


def test_what_does_not_reach_the_output_does_not_count():
    steps = (Operation("tanh", (0,), (1, 2)), Operation("neg", (0,), (1, 2)))
    assert affinity(Program(((1, 2),), (), steps, 2)) == "linear"
