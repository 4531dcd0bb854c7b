"""Difference quotients of operations that are not affine, between two enclosed inputs."""

from collections.abc import Sequence

import numpy as np

from tellapart.theory.margins.balls import (
    Ball,
    add,
    inverse,
    lift,
    matmul,
    multiply,
    of_interval,
    plus,
)
from tellapart.theory.margins.quotients import between
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation

__all__ = ["CURVED", "curved"]

_UNARY = ("abs", "relu", "tanh", "sigmoid", "exp", "erf", "sqrt")

#: Operations that :func:`curved` knows.
CURVED = (*_UNARY, "maximum", "minimum", "mul", "matmul", "div")


def curved(
    operation: Operation,
    parts: Sequence[Ball | None],
    at_x: Sequence[Interval],
    at_y: Sequence[Interval],
) -> Ball:
    """Carry difference quotients through an operation that is not affine.

    Parameters
    ----------
    operation
        One of :data:`CURVED`.
    parts
        Quotients of its arguments, ``[B, d, *shape]``; None for a constant.
    at_x, at_y
        Its arguments, and then its result, at the two inputs of each pair, ``[B, *shape]``.

    Returns
    -------
    Ball ``[B, d, *shape]``.

    Notes
    -----
    ``u u' - v v' = u (u' - v') + (u - v) v'`` for products, ``u/u' - v/v' = ((u - v) - (v/v')
    (u' - v'))/u'`` for quotients, and ``max(u, v) = v + relu(u - v)``.
    """
    rank = len(operation.shape)
    if operation.name in _UNARY:
        slopes = of_interval(between(operation.name, at_x[0], at_y[0], at_x[1], at_y[1]))
        inner = parts[0]
        return multiply(inner if inner is not None else slopes, _values(slopes, rank))
    one, other = (part and lift(part, rank) for part in parts)
    x = [_values(of_interval(values), rank) for values in at_x]
    y = [_values(of_interval(values), rank) for values in at_y]
    if operation.name in ("maximum", "minimum"):
        return _choice(operation.name, one, other, (x[0], x[1]), (y[0], y[1]))
    if operation.name == "div":
        ratio = multiply(y[0], inverse(y[1]))
        taken = multiply(ratio, other) if other is not None else None
        return multiply(plus(one, taken, -1.0), inverse(x[1]))
    product = matmul if operation.name == "matmul" else multiply
    first = None if other is None else product(x[0], other)
    return plus(first, None if one is None else product(one, y[1]))


def _choice(
    name: str, one: Ball | None, other: Ball | None, x: tuple[Ball, Ball], y: tuple[Ball, Ball]
) -> Ball:
    """``max(u, v) = v + relu(u - v)`` and ``min(u, v) = u - relu(u - v)``."""
    above_x, above_y = _interval(add(x[0], x[1], -1.0)), _interval(add(y[0], y[1], -1.0))
    at_x, at_y = (
        Interval(np.maximum(values.lo, 0.0), np.maximum(values.hi, 0.0))
        for values in (above_x, above_y)
    )
    slopes = of_interval(between("relu", above_x, above_y, at_x, at_y))
    change = multiply(plus(one, other, -1.0), slopes)
    return plus(other, change) if name == "maximum" else plus(one, change, -1.0)


def _interval(ball: Ball) -> Interval:
    return Interval(
        np.nextafter(ball.mid - ball.rad, -np.inf), np.nextafter(ball.mid + ball.rad, np.inf)
    )


def _values(ball: Ball, rank: int) -> Ball:
    """Put the axis of the latent, and axes of length 1, behind the first."""
    lifted = lift(ball, rank, leading=1)
    return lifted.reshape(lifted.shape[0], 1, *lifted.shape[1:])
