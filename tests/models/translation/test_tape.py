import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.translation.tape import Tape
from tellapart.theory.networks.running import run


def names(program):
    return [operation.name for operation in program.operations]


@given(st.lists(st.permutations(range(6)), max_size=4), st.integers(0, 9))
def test_any_number_of_moves_is_one_take(moves, seed):
    tape = Tape()
    x = tape.input((1, 6))
    value, expected = x, np.random.default_rng(seed).normal(size=(2, 1, 6))
    rows = expected
    for move in moves:
        value = value.take(np.array([move]))
        expected = expected[:, :, move]
    program = tape.finish(value)
    assert np.array_equal(run(program, [rows]), expected)
    still = np.array_equal(expected, rows)
    assert names(program) == ([] if still else ["take"])


@given(st.integers(0, 9))
def test_moves_of_several_values_are_one_concat_and_one_take(seed):
    rng = np.random.default_rng(seed)
    tape = Tape()
    x, c = tape.input((1, 3)), rng.normal(size=(4,))
    doubled, constant = x + x, tape.constant(c)
    pool = np.concatenate([x.cells, doubled.cells, constant.cells])
    picks = rng.integers(0, 10, size=(2, 5))
    once = tape.gather(pool[picks])
    again = tape.gather(once.cells.reshape(5, 2))
    program = tape.finish(again)
    rows = rng.normal(size=(3, 1, 3))
    expected = [np.concatenate([r[0], 2 * r[0], c])[picks].reshape(5, 2) for r in rows]
    assert np.array_equal(run(program, [rows]), expected)
    assert names(program).count("take") <= 1
    assert names(program).count("concat") <= 1


def test_constants_are_folded_shared_and_pruned():
    tape = Tape()
    c = tape.constant([[1.0, 2.0], [3.0, 4.0]])
    tape.constant([9.0])
    assert tape.constant([[1.0, 2.0], [3.0, 4.0]]).place == c.place
    program = tape.finish(c.swap_last())
    assert program.is_closed
    assert program.operations == ()
    assert [k.tolist() for k in program.constants] == [[[1.0, 3.0], [2.0, 4.0]]]


def test_of_a_constant_only_the_numbers_that_are_used_are_kept():
    tape = Tape()
    x, c = tape.input((1, 1)), tape.constant([np.nan, 7.0, np.nan])
    value = tape.gather(np.concatenate([x.cells, c.cells[1:2], c.cells[1:2]]))
    program = tape.finish(value)
    assert [k.tolist() for k in program.constants] == [[7.0]]
    assert run(program, [[[[3.0]]]]).tolist() == [[3.0, 7.0, 7.0]]


def test_zero_and_minus_zero_are_two_constants():
    tape = Tape()
    assert tape.as_value(0.0).place != tape.as_value(-0.0).place


def test_unused_inputs_stay():
    tape = Tape()
    tape.input((1, 2))
    assert tape.finish(tape.as_value(1.0)).inputs == ((1, 2),)


def test_arithmetic_keeps_the_order_of_its_operands():
    tape = Tape()
    x = tape.input(())
    rows = np.array([2.0, 5.0])
    for value, expected in [
        (3 - x, 3 - rows), (x - 3, rows - 3), (3 / x, 3 / rows), (x / 3, rows / 3),
        (3 * x + 1, 3 * rows + 1), (1 + x * 3, 3 * rows + 1), (-x, -rows),
        (x.maximum(3), np.maximum(rows, 3)), (x.minimum(3), np.minimum(rows, 3)),
    ]:  # fmt: skip
        assert run(tape.finish(value), [rows]) == pytest.approx(expected)


def test_constants_are_found_behind_moves():
    tape = Tape()
    x, c = tape.input((1, 2)), tape.constant([5.0])
    mixed = tape.gather(np.concatenate([x.cells, c.cells]))
    assert tape.equals(mixed, 5.0).tolist() == [False, False, True]
    assert tape.content(c).tolist() == [5.0]
    assert tape.content(x) is None
