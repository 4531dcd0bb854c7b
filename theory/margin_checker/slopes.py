"""Difference quotients of programs, for the checker: matrices M with ``T(x) - T(y) = (x - y) M``.

Affine operations carry a quotient exactly; what else there is multiplies it by slopes. A slope of
an activation between two numbers is its difference quotient where the two are provably apart, and
lies in the range of the derivative on what contains both.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tellapart.theory.margin_checker.arrays import Arithmetic, Enclosure
from tellapart.theory.margin_checker.networks import Runner, Step
from tellapart.theory.margin_checker.numbers import Bounds, Fixed, Refused

__all__ = ["Quotients", "Trace"]

#: What the slots hold, for one input, that difference quotients need.
Trace = Mapping[int, Enclosure]

_UNARY = ("abs", "relu", "tanh", "sigmoid", "exp", "erf", "sqrt")


class Quotients:
    """Difference quotients of one program with an input of d numbers.

    Attributes
    ----------
    runner
        The program.
    """

    def __init__(self, runner: Runner) -> None:
        network = runner.network
        if network.is_closed:
            raise Refused("a closed program is no function of a latent, so it has no slopes")
        self.runner = runner
        self.arithmetic: Arithmetic = runner.arithmetic
        self._slope = _slopes(self.arithmetic.fixed)
        seed = self.arithmetic.identity(int(np.prod(network.inputs[0])))
        # Quotients that are the same for all inputs: nothing but affine operations so far.
        self._same = {0: seed.each(lambda ends: ends.reshape(-1, *network.inputs[0]))}
        self._needed: set[int] = set()
        for number, step in enumerate(network.steps, network.first):
            known = all(slot in self._same for slot in step.arguments if network.dependent[slot])
            if network.dependent[number] and known and not self._is_curved(step):
                self._same[number] = self._affine(step, self._same)
            elif network.dependent[number] and self._is_curved(step):
                self._needed |= {*step.arguments, number}

    @property
    def is_affine(self) -> bool:
        """Tell whether one matrix holds for all inputs."""
        return self.runner.network.output in self._same

    def trace(self, latent: Enclosure) -> Trace:
        """Run the program and keep what :meth:`between` needs."""
        held = self.runner.run(latent)
        return {slot: held[slot] for slot in self._needed}

    def anywhere(self) -> Enclosure:
        """Return a matrix ``[d, outputs]`` that contains a quotient for every two inputs.

        Raises
        ------
        Refused
            When an operation has no slope that is bounded everywhere.
        """
        return self._through(self._curved_anywhere)

    def between(self, x: Trace, y: Trace) -> Enclosure:
        """Return a matrix ``[d, outputs]`` that contains a quotient for these two inputs."""

        def curved(step: Step, number: int, found: Mapping[int, Enclosure]) -> Enclosure:
            if step.name not in _UNARY:
                return self._curved_between(step, found, x, y)
            slot = step.arguments[0]
            slopes = self._slopes_of(step.name, x[slot], y[slot], x[number], y[number])
            return self.arithmetic.mul(found[slot], slopes)

        return self._through(curved)

    def _through(
        self, curved: Callable[[Step, int, Mapping[int, Enclosure]], Enclosure]
    ) -> Enclosure:
        network = self.runner.network
        found = dict(self._same)
        for number, step in enumerate(network.steps, network.first):
            if network.dependent[number] and number not in found:
                found[number] = (
                    curved(step, number, found)
                    if self._is_curved(step)
                    else self._affine(step, found)
                )
        size = int(np.prod(network.inputs[0]))
        if network.output not in found:  # the result does not depend on the input
            zero = np.zeros((size, *network.shapes[network.output]), dtype=object)
            found[network.output] = Enclosure(zero, zero)
        return found[network.output].each(lambda ends: ends.reshape(size, -1))

    def _is_curved(self, step: Step) -> bool:
        dependent = [self.runner.network.dependent[slot] for slot in step.arguments]
        if step.name in ("mul", "matmul"):
            return all(dependent)
        if step.name == "div":
            return dependent[1]
        return step.name in (*_UNARY, "maximum", "minimum", "max")

    def _affine(self, step: Step, found: Mapping[int, Enclosure]) -> Enclosure:
        """Return the quotient of an affine operation of what depends on the input."""
        parts = [found.get(slot) for slot in step.arguments]
        held = [self.runner.fixed_slots[slot] for slot in step.arguments]
        match step.name:
            case "neg":
                return -_given(parts[0])
            case "sum":
                axes = tuple(axis + 1 for axis in step.axes)
                return _given(parts[0]).each(lambda ends: _summed(ends, axes))
            case "take":
                return _given(parts[0]).each(
                    lambda ends: ends.reshape(len(ends), -1)[:, step.indices]
                )
            case "add" | "sub":
                one, other = (self._spread(slot, step, found) for slot in step.arguments)
                return one + other if step.name == "add" else one - other
            case "concat":
                pieces = [self._flat(slot, found) for slot in step.arguments]
                lo = np.concatenate([piece.lo for piece in pieces], axis=1)
                return Enclosure(lo, np.concatenate([piece.hi for piece in pieces], axis=1))
            case "div":
                lifted = _lifted(_given(parts[0]), len(step.shape))
                return self.arithmetic.div(lifted, _given(held[1]))
        product = self.arithmetic.mul if step.name == "mul" else self.arithmetic.matmul
        if parts[0] is not None:
            return product(_lifted(parts[0], len(step.shape)), _given(held[1]))
        return product(_given(held[0]), _lifted(_given(parts[1]), len(step.shape)))

    def _curved_anywhere(
        self, step: Step, number: int, found: Mapping[int, Enclosure]
    ) -> Enclosure:
        one = self.arithmetic.fixed.one
        ranges = {
            "relu": (0, one),
            "abs": (-one, one),
            "tanh": (0, one),
            "sigmoid": (0, -(-one // 4)),
            "erf": (0, self.arithmetic.fixed.two_over_root_pi()[1]),
        }
        inner = [slot for slot in step.arguments if slot in found]
        bounds = ranges.get(step.name)
        if step.name in ("maximum", "minimum") and len(inner) == 1:
            bounds = (0, one)
        if bounds is None:
            raise Refused(f"{step.name} has no slope that holds for all latents")
        slopes = Enclosure(bounds[0], bounds[1])
        return self.arithmetic.mul(self._spread(inner[0], step, found), slopes)

    def _curved_between(
        self, step: Step, found: Mapping[int, Enclosure], x: Trace, y: Trace
    ) -> Enclosure:
        times, matmul, div = self.arithmetic.mul, self.arithmetic.matmul, self.arithmetic.div
        first, last = step.arguments[0], step.arguments[-1]
        if step.name == "max":
            return _largest(step, found[first], x[first], y[first])
        one, other = self._spread(first, step, found), self._spread(last, step, found)
        if step.name == "mul":  # u u' - v v' = u (u' - v') + (u - v) v'
            return times(x[first], other) + times(one, y[last])
        if step.name == "matmul":
            rank = len(step.shape)
            left, right = _lifted(found[first], rank), _lifted(found[last], rank)
            return matmul(x[first], right) + matmul(left, y[last])
        if step.name == "div":  # u / u' - v / v' = ((u - v) - (v / v') (u' - v')) / u'
            return div(one - times(div(y[first], y[last]), other), x[last])
        # maximum(u, v) = v + relu(u - v), minimum(u, v) = u - relu(u - v)
        above = [x[first] - x[last], y[first] - y[last]]
        relu = [Enclosure(np.maximum(e.lo, 0), np.maximum(e.hi, 0)) for e in above]
        slopes = self._slopes_of("relu", *above, *relu)
        change = times(one - other, slopes)
        result = other + change if step.name == "maximum" else one - change
        hull = one.hull(other)  # that slope is in [0, 1]
        return Enclosure(np.maximum(result.lo, hull.lo), np.minimum(result.hi, hull.hi))

    def _slopes_of(
        self, name: str, x: Enclosure, y: Enclosure, f_x: Enclosure, f_y: Enclosure
    ) -> Enclosure:
        """Return the slopes of an activation between arrays of its arguments."""
        slope = self._slope[name]
        ends = [e.ravel().tolist() for part in (x, y, f_x, f_y) for e in (part.lo, part.hi)]
        found = [
            slope((a, b), (c, d), (fa, fb), (fc, fd))
            for a, b, c, d, fa, fb, fc, fd in zip(*ends, strict=True)
        ]
        lo, hi = np.empty(len(found), dtype=object), np.empty(len(found), dtype=object)
        lo[:], hi[:] = [low for low, _ in found], [high for _, high in found]
        return Enclosure(lo.reshape(x.shape), hi.reshape(x.shape))

    def _spread(self, slot: int, step: Step, found: Mapping[int, Enclosure]) -> Enclosure:
        """Return the quotient of an operand, in the shape of the result; 0 for a constant one."""
        size = len(self._same[0].lo)
        shape = (size, *step.shape)
        if slot not in found:
            zero = np.zeros(shape, dtype=object)
            return Enclosure(zero, zero)
        lifted = _lifted(found[slot], len(step.shape))
        return lifted.each(lambda ends: np.broadcast_to(ends, shape))

    def _flat(self, slot: int, found: Mapping[int, Enclosure]) -> Enclosure:
        size = len(self._same[0].lo)
        if slot not in found:
            zero = np.zeros((size, int(np.prod(self.runner.network.shapes[slot]))), dtype=object)
            return Enclosure(zero, zero)
        return found[slot].each(lambda ends: ends.reshape(size, -1))


def _given(enclosure: Enclosure | None) -> Enclosure:
    if enclosure is None:
        raise Refused("an operation was taken for another than it is")
    return enclosure


def _lifted(quotient: Enclosure, rank: int) -> Enclosure:
    """Give an operand of lower rank axes of length 1 behind the axis of the latent."""
    missing = rank - (len(quotient.shape) - 1)
    size, *shape = quotient.shape
    return quotient.each(lambda ends: ends.reshape(size, *(1,) * missing, *shape))


def _summed(ends: Any, axes: tuple[int, ...]) -> Any:
    for axis in axes:
        ends = np.add.reduce(ends, axis=axis, keepdims=True)
    return ends


def _largest(step: Step, quotient: Enclosure, x: Enclosure, y: Enclosure) -> Enclosure:
    """Return the quotient of a maximum: between those of the numbers that can attain it.

    On the segment from y to x the maximum is attained, so its quotient is a mean of theirs; a
    number that is below another one at both ends is so on all of the segment.
    """
    kept = tuple(axis for axis in range(len(x.shape)) if axis not in step.axes)
    order = (*kept, *step.axes)
    cells = int(np.prod([x.shape[axis] for axis in kept], dtype=int))
    ends = [e.transpose(order).reshape(cells, -1).tolist() for e in (x.lo, x.hi, y.lo, y.hi)]
    moved = quotient.each(
        lambda e: e.transpose(0, *(axis + 1 for axis in order)).reshape(len(e), cells, -1)
    )
    lo, hi = moved.lo[:, :, 0].copy(), moved.hi[:, :, 0].copy()
    for cell in range(cells):
        x_lo, x_hi, y_lo, y_hi = (end[cell] for end in ends)
        winner = max(range(len(x_lo)), key=lambda k, a=x_lo, b=y_lo: a[k] + b[k])  # type: ignore[misc]
        able = [
            k
            for k in range(len(x_lo))
            if x_hi[k] >= x_lo[winner] or y_hi[k] >= y_lo[winner] or k == winner
        ]
        lo[:, cell] = np.minimum.reduce(moved.lo[:, cell, able], axis=1)
        hi[:, cell] = np.maximum.reduce(moved.hi[:, cell, able], axis=1)
    shape = (len(lo), *step.shape)
    return Enclosure(lo.reshape(shape), hi.reshape(shape))


def _slopes(fixed: Fixed) -> dict[str, Callable[[Bounds, Bounds, Bounds, Bounds], Bounds]]:
    """Return for each activation the slope between x and y, given them and its values there."""
    one, bits = fixed.one, fixed.bits

    def kinked(below: int) -> Callable[[Bounds, Bounds], Bounds]:
        def derivative(argument: Bounds, value: Bounds) -> Bounds:
            if argument[0] >= 0:
                return one, one
            return (below, below) if argument[1] <= 0 else (below, one)

        return derivative

    def of_tanh(argument: Bounds, value: Bounds) -> Bounds:
        least = max(value[0], -value[1], 0)
        most = max(-value[0], value[1])
        return one + (-most * most >> bits), one - (least * least >> bits)

    def of_sigmoid(argument: Bounds, value: Bounds) -> Bounds:
        ends = [end * (one - end) for end in value]
        inside = value[0] <= one >> 1 <= value[1]
        highest = one * one >> 2 if inside else max(ends)
        return min(ends) >> bits, -(-highest >> bits)

    def of_erf(argument: Bounds, value: Bounds) -> Bounds:
        least = max(argument[0], -argument[1], 0)
        most = max(-argument[0], argument[1])
        lo, hi = fixed.two_over_root_pi()
        flat = fixed.exp(-most * most >> bits)[0], fixed.exp(-(least * least >> bits))[1]
        return lo * flat[0] >> bits, -(-hi * flat[1] >> bits)

    def of_sqrt(argument: Bounds, value: Bounds) -> Bounds:
        if value[0] <= 0:
            raise Refused("a square root has no slope at a number that may be zero")
        return (one * one) // (2 * value[1]), -((-one * one) // (2 * value[0]))

    def narrowed(derivative: Callable[[Bounds, Bounds], Bounds]) -> Any:
        def slope(x: Bounds, y: Bounds, f_x: Bounds, f_y: Bounds) -> Bounds:
            argument = min(x[0], y[0]), max(x[1], y[1])
            range_ = derivative(argument, (min(f_x[0], f_y[0]), max(f_x[1], f_y[1])))
            run = x[0] - y[1], x[1] - y[0]
            rise = f_x[0] - f_y[1], f_x[1] - f_y[0]
            if run[0] <= 0 <= run[1]:
                return range_
            if run[1] < 0:
                run, rise = (-run[1], -run[0]), (-rise[1], -rise[0])
            lo = (rise[0] << bits) // run[rise[0] >= 0]
            hi = -((-rise[1] << bits) // run[rise[1] < 0])
            return max(lo, range_[0]), min(hi, range_[1])

        return slope

    derivatives = {
        "relu": kinked(0),
        "abs": kinked(-one),
        "tanh": of_tanh,
        "sigmoid": of_sigmoid,
        "exp": lambda argument, value: value,
        "erf": of_erf,
        "sqrt": of_sqrt,
    }
    return {name: narrowed(derivative) for name, derivative in derivatives.items()}
