"""A linear function of a result, rewritten as one of the input: for the recheck, in any arithmetic.

Coefficients are exact numbers, or intervals that are rounded outwards; the arithmetic of
:mod:`tellapart.theory.networks` says which. Everything here is written for its few operations.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks.dyadic import Dyadic
from tellapart.theory.networks.interpreter import Arithmetic, Rearrangement
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation, Program

__all__ = ["Bound", "Walk"]

V = TypeVar("V")
FloatArray = npt.NDArray[np.float64]

#: Below and above one operation: slopes for each argument, and an offset.
Bound = tuple[Sequence[FloatArray], FloatArray]


class Walk(Generic[V]):
    """Walk backwards through a program on one box.

    Parameters
    ----------
    program
        A row program of one input.
    arithmetic
        What coefficients are.
    fixed
        The slots that depend on no input, in that arithmetic.
    box
        Where the input lies, of its row shape.

    Attributes
    ----------
    bounds
        By slot of an operation that is not linear: the plane below it and the plane above it.
        Filled by the caller, in order.
    """

    def __init__(
        self, program: Program, arithmetic: Arithmetic[V], fixed: dict[int, V], box: Interval
    ) -> None:
        self._program = program
        self._arithmetic = arithmetic
        self._fixed = fixed
        self._box = box
        self.bounds: dict[int, tuple[Bound, Bound]] = {}

    def least(self, slot: int, weights: FloatArray) -> V:
        """Return lower bounds of ``<w, result>`` for each row w of ``weights``: ``[T]``."""
        program, apply = self._program, self._arithmetic.apply
        total = self.constant(np.zeros(len(weights)))
        pending = {slot: self.constant(weights.reshape(-1, *program.shape_of(slot)))}
        for here in range(slot, -1, -1):
            if here not in pending:
                continue
            coefficients = pending.pop(here)
            moved: list[tuple[int, V]] = []
            part: V | None = None
            if here in self._fixed:
                part = self._added(apply("mul", [coefficients, self._fixed[here]]))
            elif here == 0:
                part = self.least_on(coefficients, self._box.lo, self._box.hi)
            elif here in self.bounds:
                part, moved = self._by_planes(here, coefficients)
            else:
                moved = self._by_adjoint(here, coefficients)
            total = total if part is None else apply("add", [total, part])
            for s, w in moved:
                pending[s] = apply("add", [pending[s], w]) if s in pending else w
        return total

    def least_on(self, coefficients: V, lo: FloatArray, hi: FloatArray) -> V:
        """Return the least ``<w, x>`` for ``lo <= x <= hi``, for each row w: ``[T]``."""
        above, below = self._parts(coefficients)
        return self._added(self._combined(above, lo, below, hi))

    def constant(self, values: FloatArray) -> V:
        """Return floats as coefficients.

        Raises
        ------
        InvalidArgumentError
            When one is not finite: nothing follows from it.
        """
        if not bool(np.isfinite(values).all()):
            raise InvalidArgumentError(
                "a bound leaves the range of float64. Use a smaller radius, or smaller weights."
            )
        return self._arithmetic.constant(np.ascontiguousarray(values))

    def fixed(self, slot: int) -> Interval:
        """Return what a slot that depends on no input holds."""
        return _enclosed(self._fixed[slot])

    @staticmethod
    def floor(values: V) -> FloatArray:
        """Return numbers rounded down to floats."""
        return _enclosed(values).lo

    def _parts(self, coefficients: V) -> tuple[V, V]:
        """Split into what is positive and what is negative."""
        apply = self._arithmetic.apply
        turned = apply("relu", [apply("neg", [coefficients])])
        return apply("relu", [coefficients]), apply("neg", [turned])

    def _combined(self, above: V, low: FloatArray, below: V, high: FloatArray) -> V:
        apply = self._arithmetic.apply
        first = apply("mul", [above, self.constant(low)])
        return apply("add", [first, apply("mul", [below, self.constant(high)])])

    def _by_planes(self, slot: int, coefficients: V) -> tuple[V, list[tuple[int, V]]]:
        """Positive coefficients take the plane below, negative ones the plane above."""
        (low, low_at), (high, high_at) = self.bounds[slot]
        above, below = self._parts(coefficients)
        arguments = self._program.operations[slot - self._program.first_result].arguments
        moved = [
            (s, self._gathered(self._combined(above, p, below, q), self._program.shape_of(s)))
            for s, p, q in zip(arguments, low, high, strict=False)  # no slopes: a constant plane
        ]
        return self._added(self._combined(above, low_at, below, high_at)), moved

    def _by_adjoint(self, slot: int, coefficients: V) -> list[tuple[int, V]]:
        """Apply the transpose of a linear operation."""
        program, apply = self._program, self._arithmetic.apply
        operation = program.operations[slot - program.first_result]
        name, arguments = operation.name, operation.arguments
        if name in ("add", "sub"):
            second = coefficients if name == "add" else apply("neg", [coefficients])
            pair = zip(arguments, (coefficients, second), strict=True)
            return [(s, self._gathered(w, program.shape_of(s))) for s, w in pair]
        if name in ("mul", "div", "matmul"):
            free = 1 if arguments[0] in self._fixed else 0
            scaled = self._scaled(operation, coefficients, free)
            s = arguments[free]
            return [(s, self._gathered(scaled, program.shape_of(s)))]
        if name == "concat":
            return self._torn(operation, coefficients)
        s = arguments[0]
        shape = program.shape_of(s)
        if name == "take":
            return [(s, self._collected(operation, coefficients, shape))]
        if name == "sum":
            return [(s, self._moved(coefficients, lambda w: np.broadcast_to(w, (len(w), *shape))))]
        return [(s, apply("neg", [coefficients]))]

    def _scaled(self, operation: Operation, coefficients: V, free: int) -> V:
        scale = self._fixed[operation.arguments[1 - free]]
        if operation.name != "matmul":
            return self._arithmetic.apply(operation.name, [coefficients, scale])
        turned = self._moved(scale, lambda w: np.swapaxes(w, -1, -2))
        order = [coefficients, turned] if free == 0 else [turned, coefficients]
        return self._arithmetic.apply("matmul", order)

    def _torn(self, operation: Operation, coefficients: V) -> list[tuple[int, V]]:
        moved, first = [], 0
        for s in operation.arguments:
            shape = self._program.shape_of(s)
            part = slice(first, first + int(np.prod(shape, dtype=np.int64)))
            first = part.stop

            def cut(
                w: npt.NDArray[Any], part: slice = part, shape: tuple[int, ...] = shape
            ) -> npt.NDArray[Any]:
                return w.reshape(len(w), -1)[:, part].reshape(len(w), *shape)

            moved.append((s, self._moved(coefficients, cut)))
        return moved

    def _collected(self, operation: Operation, coefficients: V, shape: tuple[int, ...]) -> V:
        """Add up the coefficients of all copies of an entry, from a table of where they are."""
        indices = np.asarray(operation.indices).reshape(-1)
        size = int(np.prod(shape, dtype=np.int64))
        order = np.argsort(indices, kind="stable")
        counts = np.bincount(indices, minlength=size)
        copy = np.arange(len(indices)) - np.repeat(np.cumsum(counts) - counts, counts)
        most = int(counts.max(initial=0))
        table = np.full((size, most), len(indices))  # beyond the end: a zero
        table[indices[order], copy] = order

        def gather(w: npt.NDArray[Any]) -> npt.NDArray[Any]:
            flat = w.reshape(len(w), -1)
            return np.concatenate([flat, np.zeros_like(flat[:, :1])], axis=1)[:, table]

        found = self._moved(coefficients, gather)
        added = found if most == 1 else self._arithmetic.reduced("sum", found, (2,))
        return self._moved(added, lambda w: w.reshape(len(w), *shape))

    def _gathered(self, coefficients: V, shape: tuple[int, ...]) -> V:
        """Add up coefficients of entries that broadcasting repeated."""
        found = self._arithmetic.shape(coefficients)
        extra = len(found) - 1 - len(shape)
        axes = tuple(
            axis
            for axis in range(1, len(found))
            if found[axis] != 1 and (axis <= extra or shape[axis - 1 - extra] == 1)
        )
        if axes:
            coefficients = self._arithmetic.reduced("sum", coefficients, axes)
        return self._moved(coefficients, lambda w: w.reshape(len(w), *shape))

    def _added(self, values: V) -> V:
        """Sum everything but the first axis."""
        flat = self._moved(values, lambda w: w.reshape(len(w), -1))
        total = self._arithmetic.reduced("sum", flat, (1,))
        return self._moved(total, lambda w: w.reshape(len(w)))

    def _moved(self, values: V, change: Rearrangement) -> V:
        return self._arithmetic.rearranged(values, change)


def _enclosed(values: object) -> Interval:
    if isinstance(values, Dyadic):
        return values.enclosed()
    assert isinstance(values, Interval)  # noqa: S101 - there are two arithmetics
    return values
