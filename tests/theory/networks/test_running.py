import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks.program import Operation, Program
from tellapart.theory.networks.running import results, run

UNARY = {
    "neg": lambda x: -x,
    "abs": abs,
    "relu": lambda x: max(x, 0.0),
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "exp": math.exp,
    "erf": math.erf,
    "sqrt": lambda x: math.sqrt(abs(x)),
}
BINARY = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "maximum": max,
    "minimum": min,
}
numbers = st.floats(-30, 30, allow_subnormal=False)


def unary(name, shape=(1, 1)):
    return Program((shape,), (), (Operation(name, (0,), shape),), 1)


@given(st.sampled_from(sorted(UNARY)), st.lists(numbers, min_size=1, max_size=4))
def test_functions_of_one_number(name, values):
    rows = np.abs(values) if name == "sqrt" else np.array(values)
    found = run(unary(name), [rows.reshape(-1, 1, 1)])
    expected = [UNARY[name](x) for x in rows.tolist()]
    assert found.shape == (len(values), 1, 1)
    assert found.reshape(-1).tolist() == pytest.approx(expected, rel=1e-12, abs=1e-300)


@given(st.sampled_from(sorted(BINARY)), numbers, numbers.filter(lambda y: abs(y) > 1e-3))
def test_functions_of_two_numbers(name, x, y):
    program = Program(((1,), (1,)), (), (Operation(name, (0, 1), (1,)),), 2)
    assert run(program, [[[x]], [[y]]]).item() == pytest.approx(BINARY[name](x, y))


@given(st.integers(1, 4), st.integers(0, 3))
def test_operands_of_lower_rank_are_aligned_behind_the_rows(batch, seed):
    rng = np.random.default_rng(seed)
    x, y, c = rng.normal(size=(batch, 3)), rng.normal(size=(batch, 2, 3)), rng.normal(size=(2, 1))
    program = Program(
        ((3,), (2, 3)),
        (c,),
        (Operation("mul", (0, 1), (2, 3)), Operation("add", (3, 2), (2, 3))),
        4,
    )
    found = run(program, [x, y])
    for row in range(batch):
        assert np.array_equal(found[row], x[row] * y[row] + c)


@given(st.integers(1, 4))
def test_products_reductions_and_movement_by_rows(batch):
    rng = np.random.default_rng(batch)
    x, w = rng.normal(size=(batch, 1, 3)), rng.normal(size=(3, 2))
    indices = np.array([[4, 0, 2]], dtype=np.int64)
    program = Program(
        ((1, 3),),
        (w,),
        (
            Operation("matmul", (0, 1), (1, 2)),
            Operation("concat", (0, 2), (5,)),
            Operation("take", (3,), (1, 3), indices=indices),
            Operation("max", (4,), (1, 1), axes=(1,)),
            Operation("sum", (4,), (1, 1), axes=(0, 1)),
            Operation("sub", (5, 6), (1, 1)),
        ),
        7,
    )
    found = run(program, [x])
    for row in range(batch):
        product = x[row] @ w
        taken = np.concatenate([x[row].ravel(), product.ravel()])[[4, 0, 2]]
        assert found[row] == pytest.approx(taken.max() - taken.sum())


def test_closed_programs_answer_for_all_rows_at_once():
    c = np.arange(6.0).reshape(3, 2)
    program = Program((), (c,), (Operation("mul", (0, 0), (3, 2)),), 1)
    assert np.array_equal(run(program), c * c)
    assert np.array_equal(results(program)[0], c)


def test_an_output_without_the_input_is_repeated_for_every_row():
    program = Program(((1, 2),), (np.array([[5.0]]),), (), 1)
    assert run(program, [np.zeros((4, 1, 2))]).tolist() == [[[5.0]]] * 4
    joined = Program(((1, 1),), (np.array([[5.0]]),), (Operation("concat", (1, 0), (2,)),), 2)
    assert run(joined, [[[[1.0]], [[2.0]]]]).tolist() == [[5.0, 1.0], [5.0, 2.0]]


def test_saturation_and_overflow_raise_no_warnings():
    assert run(unary("sigmoid"), [[[[-1e4]], [[1e4]]]]).reshape(-1).tolist() == [0.0, 1.0]
    assert run(unary("exp"), [[[[1e4]]]]).item() == np.inf


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([], "1 inputs, but 0"),
        ([[[[1.0, 2.0]]]], "shape"),
        ([[[1.0]]], "shape"),
    ],
)
def test_wrong_inputs_are_named(inputs, said):
    with pytest.raises(InvalidArgumentError, match=said):
        run(unary("neg"), inputs)


def test_inputs_have_equally_many_rows():
    program = Program(((1,), (1,)), (), (Operation("add", (0, 1), (1,)),), 2)
    with pytest.raises(InvalidArgumentError, match="as many for every input"):
        run(program, [[[1.0]], [[1.0], [2.0]]])
