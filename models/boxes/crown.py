"""Linear bounds on the codes of a box, propagated backwards (CROWN), in plain float64.

A bound of ``<u, E(x)>`` starts at the code and is rewritten, operation by operation, as a linear
function of earlier results: linear operations exactly, others by one of their two planes, which
depends on the sign of the coefficient. At the input it is evaluated on the box. Source: Zhang et
al. 2018 (arXiv 1811.00866). What is found here is not rounded with care: it finds good slopes and
tells which claims are worth proving.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes.planes import SLOPED, Planes, planes_around
from tellapart.models.boxes.pulled import is_linear, pull_linear, unbroadcast
from tellapart.theory.networks.enclosing import enclose
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation, Program
from tellapart.theory.networks.running import results

__all__ = ["BackwardBounds"]

FloatArray = npt.NDArray[np.float64]

#: Numbers in one array of coefficients (64 MB).
_COEFFICIENTS = 8_000_000


class BackwardBounds:
    """Bounds of linear functions of codes over a batch of boxes.

    Parameters
    ----------
    program
        A row program of one input.
    box
        The boxes, ``[B, *obs_shape]``.
    refine
        Bound the arguments of non-linear operations backwards too (CROWN); otherwise by interval
        arithmetic only, which is much cheaper and much looser.
    lines
        Put lines around non-linear operations; otherwise intervals (IBP).

    Attributes
    ----------
    refined
        Slots that were bounded backwards.

    Notes
    -----
    With ``refine`` one backward pass for each number that enters a non-linear operation, unless
    interval arithmetic is exact there (the first layer) or the operation is a maximum over axes:
    O(width) runs of the program for each layer and box.
    """

    def __init__(
        self, program: Program, box: Interval, refine: bool = True, lines: bool = True
    ) -> None:
        self._program = program
        self._rows = len(box.lo)
        shape = (self._rows, *program.inputs[0])
        self._box = Interval(box.lo.reshape(shape), box.hi.reshape(shape))
        self._constants = _constants(program)
        self._intervals: dict[int, Interval] = {0: self._box}
        self._planes: dict[int, Planes] = {}
        mixed = _mixing(program)
        refined = []
        for place, operation in enumerate(program.operations):
            slot = program.first_result + place
            if slot in self._constants or is_linear(operation, self._constants):
                continue
            for s in operation.arguments:
                if refine and operation.name != "max" and mixed[s] > 1 and s not in self._intervals:
                    self._intervals[s] = self._refined(s)
                    refined.append(s)
            if not lines:
                known = self._interval(slot)
                self._planes[slot] = Planes((), (), known.lo, known.hi)
                continue
            at = [self._interval(s) for s in operation.arguments]
            axes = tuple(axis + 1 for axis in operation.axes)
            self._planes[slot] = planes_around(operation.name, at, self._interval(slot), axes)
        self.refined = tuple(refined)

    @property
    def slopes(self) -> dict[int, FloatArray]:
        """Chosen slopes by slot of the operation, float64 ``[B, 2, *row shape]``."""
        return {
            slot: planes.slopes
            for slot, planes in self._planes.items()
            if planes.slopes is not None
            and self._program.operations[slot - self._program.first_result].name in SLOPED
        }

    def lower(self, directions: FloatArray) -> FloatArray:
        """Return lower bounds of ``<u, E(x)>`` over each box.

        Parameters
        ----------
        directions
            float64 ``[B, T, d]``: the u of each box.

        Returns
        -------
        float64 ``[B, T]``.
        """
        output = self._program.output
        shape = self._program.shape_of(output)
        coefficients = directions.reshape(*directions.shape[:2], *shape)
        known = self._interval(output)
        step = _COEFFICIENTS // max(1, self._rows * self._widest)
        pieces = []
        for part in _slices(directions.shape[1], step):
            forward = _least(coefficients[:, part], known.lo, known.hi)
            pieces.append(np.maximum(self._backward(output, coefficients[:, part]), forward))
        return np.concatenate(pieces, axis=1)

    def _interval(self, slot: int) -> Interval:
        """Return where a slot lies, ``[B or 1, *row shape]``, by interval arithmetic at worst."""
        if slot in self._constants:
            value = self._constants[slot][None]
            return Interval(value, value)
        if slot not in self._intervals:
            found = enclose(_up_to(self._program, slot), [self._box])
            self._intervals[slot] = found
        return self._intervals[slot]

    def _refined(self, slot: int) -> Interval:
        known = self._interval(slot)
        shape = self._program.shape_of(slot)
        size = int(np.prod(shape, dtype=np.int64))
        lo, hi = known.lo.reshape(self._rows, -1).copy(), known.hi.reshape(self._rows, -1).copy()
        for part in _slices(size, _COEFFICIENTS // max(1, self._rows * self._widest)):
            chosen = np.eye(size)[part].reshape(1, -1, *shape)
            chosen = np.broadcast_to(chosen, (self._rows, *chosen.shape[1:]))
            lo[:, part] = np.maximum(lo[:, part], self._backward(slot, chosen))
            hi[:, part] = np.minimum(hi[:, part], -self._backward(slot, -chosen))
        # Floats that cross by rounding only.
        lo, hi = np.minimum(lo, hi), np.maximum(lo, hi)
        return Interval(lo.reshape(known.shape), hi.reshape(known.shape))

    @property
    def _widest(self) -> int:
        slots = range(self._program.first_result + len(self._program.operations))
        sizes = (int(np.prod(self._program.shape_of(s), dtype=np.int64)) for s in slots
                 if s not in self._constants)  # fmt: skip
        return max(sizes, default=1)

    def _backward(self, slot: int, coefficients: FloatArray) -> FloatArray:
        """Return lower bounds of ``<coefficients, slot>``; coefficients ``[B, T, *row shape]``."""
        total = np.zeros(coefficients.shape[:2])
        pending = {slot: coefficients}
        while pending:
            here = max(pending)
            weights = pending.pop(here)
            if here == 0:
                total += _least(weights, self._box.lo, self._box.hi)
            elif here in self._constants:
                total += (weights * self._constants[here]).reshape(*total.shape, -1).sum(axis=2)
            else:
                moved, offset = self._pull(here, weights)
                total += offset
                for s, pulled in moved:
                    pending[s] = pending[s] + pulled if s in pending else pulled
        return total

    def _pull(
        self, slot: int, weights: FloatArray
    ) -> tuple[list[tuple[int, FloatArray]], FloatArray]:
        """Rewrite ``<weights, result>`` in the arguments of the operation."""
        program = self._program
        operation = program.operations[slot - program.first_result]
        arguments = operation.arguments
        if slot in self._planes:
            return self._pull_planes(operation, self._planes[slot], weights)
        shapes = [program.shape_of(s) for s in arguments]
        fixed = [self._constants.get(s) for s in arguments]
        pulled = pull_linear(operation, weights, shapes, fixed)
        free = [(s, w) for s, w in zip(arguments, pulled, strict=True) if w is not None]
        return free, np.zeros(weights.shape[:2])

    def _pull_planes(
        self, operation: Operation, planes: Planes, weights: FloatArray
    ) -> tuple[list[tuple[int, FloatArray]], FloatArray]:
        above, below = np.maximum(weights, 0.0), np.minimum(weights, 0.0)
        moved = []
        for k, (low, high) in enumerate(zip(planes.lower, planes.upper, strict=True)):
            s = operation.arguments[k]
            weight = above * low[:, None] + below * high[:, None]
            moved.append((s, unbroadcast(weight, self._program.shape_of(s))))
        offset = above * planes.lower_offset[:, None] + below * planes.upper_offset[:, None]
        return moved, offset.reshape(*weights.shape[:2], -1).sum(axis=2)


def _constants(program: Program) -> dict[int, FloatArray]:
    """Return what the slots hold that depend on no input."""
    values = results(program, [np.zeros((1, *program.inputs[0]))])
    free = program.dependent
    # The output has an axis of rows even where it is constant.
    return {
        s: value[0] if s == program.output else value
        for s, value in enumerate(values)
        if not free[s]
    }


def _least(weights: FloatArray, lo: FloatArray, hi: FloatArray) -> FloatArray:
    """Return the least ``<weights, x>`` for ``lo <= x <= hi``: ``[B, T]``."""
    shape = (*weights.shape[:2], -1)
    lo, hi = (edge.reshape(len(edge), 1, -1) for edge in (lo, hi))
    flat = weights.reshape(shape)
    middle, half = (lo + hi) / 2, (hi - lo) / 2
    least: FloatArray = (flat * middle - np.abs(flat) * half).sum(axis=2)
    return least


def _mixing(program: Program) -> list[int]:
    """Count, for each slot, how many steps on the way combine several numbers.

    Up to one, interval arithmetic is exact already; a non-linear operation counts as two.
    """
    known = [0] * program.first_result
    for operation in program.operations:
        own = {"matmul": 1, "sum": 1, "take": 0, "concat": 0, "neg": 0}.get(operation.name)
        free = sum(program.dependent[s] for s in operation.arguments)
        if own is None:
            own = free - 1 if operation.name in ("add", "sub", "mul", "div") else 2
        known.append(max(known[s] for s in operation.arguments) + own if free else 0)
    return known


def _up_to(program: Program, slot: int) -> Program:
    """Return the program that ends in a slot."""
    if slot < program.first_result:
        return Program(program.inputs, program.constants, (), slot)
    steps = program.operations[: slot - program.first_result + 1]
    return Program(program.inputs, program.constants, steps, slot)


def _slices(size: int, chunk: int) -> Iterator[slice]:
    chunk = max(1, chunk)
    return (slice(first, first + chunk) for first in range(0, size, chunk))
