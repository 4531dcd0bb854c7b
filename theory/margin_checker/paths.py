"""Bounds along words for the checker: the inequality of the notes of ``MarginCertificate``.

Along a path from x and y the difference of codes is carried by matrices M_i, to W at the head.
``S_i = M_i ... W`` and what the residuals from step i on contribute depend only on the steps from
i on, so both are kept for every ending of a path.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tellapart.theory.margin_checker.arrays import Enclosure
from tellapart.theory.margin_checker.model import Evaluation, Row
from tellapart.theory.margin_checker.numbers import Refused
from tellapart.theory.margin_checker.slopes import Quotients, Trace
from tellapart.theory.margin_checker.system import System

__all__ = ["Paths"]

_MOST_NUMBERS = 1 << 22  # kept in traces at any time


@dataclass(frozen=True)
class _Ending:
    """What the steps of a path from some place on give.

    ``matrix`` is S, ``[d, label_dim]``; ``rest`` an upper bound of the contributions of residuals,
    one for each label coordinate; ``last`` the two observations at the end.
    """

    matrix: Enclosure
    rest: list[int]
    last: tuple[int, int]


class Paths:
    """Verifies claims along words."""

    def __init__(self, system: System, evaluation: Evaluation) -> None:
        self._system = system
        self._evaluation = evaluation
        self._arithmetic = evaluation.arithmetic
        self._quotients: dict[int | None, Quotients] = {}
        self._traces: dict[tuple[int | None, int], Trace] = {}
        self._n_numbers = 0
        self._endings: dict[tuple[int, ...], tuple[int, _Ending]] = {}

    def shows(self, pair: tuple[int, int], steps: list[tuple[int, int]], margin: Fraction) -> bool:
        """Tell whether a path from a pair shows that its codes are this far apart.

        Raises
        ------
        Refused
            When it is no path of the system from this pair, or nothing bounds a slope on it.
        """
        ends = self._followed(pair, steps)
        number, ending = self._head_ending(ends)
        for s, t in reversed(steps):
            number, ending = self._longer(s, t, number, ending)
        x, y = ending.last
        one, other = self._system.target(x), self._system.target(y)
        if one is None or other is None:
            raise Refused(f"the path ends at {self._named(x, y)}, not both labelled")
        sums = ending.matrix.largest_size().sum(axis=0).tolist()
        scale = self._arithmetic.fixed.one
        return any(
            total > 0 and margin * total <= abs(a - b) * scale - rest
            for a, b, total, rest in zip(one, other, sums, ending.rest, strict=True)
        )

    def _named(self, x: int, y: int) -> str:
        return f"{self._system.observations[x]!r} and {self._system.observations[y]!r}"

    def _followed(self, pair: tuple[int, int], steps: list[tuple[int, int]]) -> tuple[int, int]:
        """Follow a path and return where it ends; it may list x and y in either order."""
        transitions = self._system.transitions
        here = pair
        if steps and transitions[steps[0][0]][0] == pair[1]:
            here = (pair[1], pair[0])
        for number, (s, t) in enumerate(steps):
            (x, a, x_next), (y, b, y_next) = transitions[s], transitions[t]
            if (x, y) != here or a != b:
                raise Refused(
                    f"step {number} of the path is not one action from {self._named(*here)}"
                )
            here = (x_next, y_next)
        return here

    def _head_ending(self, last: tuple[int, int]) -> tuple[int, _Ending]:
        """Return W for the observations at the end of a path, and their label residuals."""
        key = last
        if key not in self._endings:
            residuals = [self._label_residual(o) for o in last]
            ending = _Ending(
                self._between(None, *last),
                _sizes(*residuals),
                last,
            )
            self._endings[key] = len(self._endings), ending
        return self._endings[key]

    def _longer(self, s: int, t: int, number: int, ending: _Ending) -> tuple[int, _Ending]:
        """Put one step in front of an ending."""
        key = (s, t, number)
        if key not in self._endings:
            (x, action, x_next), (y, _, y_next) = (self._system.transitions[k] for k in (s, t))
            one, other = self._residual(x, action, x_next), self._residual(y, action, y_next)
            change = one - other
            carried = self._arithmetic.matmul(change, ending.matrix).largest_size()
            rest = [a + b for a, b in zip(ending.rest, carried.ravel().tolist(), strict=True)]
            matrix = self._arithmetic.matmul(self._between(action, x, y), ending.matrix)
            self._endings[key] = len(self._endings), _Ending(matrix, rest, ending.last)
        return self._endings[key]

    def _residual(self, source: int, action: int, successor: int) -> Enclosure:
        predicted = _row_enclosure(self._evaluation.predicted[source, action])
        return predicted - self._evaluation.latents[successor]

    def _label_residual(self, observation: int) -> Row:
        target = self._system.target(observation)
        if target is None:
            name = self._system.observations[observation]
            raise Refused(f"the path ends at {name!r}, which has no label")
        read = self._evaluation.read[observation]
        fixed = self._arithmetic.fixed
        wanted = [fixed.enclose(value) for value in target]
        return tuple((a - d, b - c) for (a, b), (c, d) in zip(read, wanted, strict=True))

    def _between(self, action: int | None, x: int, y: int) -> Enclosure:
        """Return the quotient between two codes of a predictor, or of the head for None."""
        if action not in self._quotients:
            runner = (
                self._evaluation.head if action is None else self._evaluation.predictors[action]
            )
            self._quotients[action] = Quotients(runner)
        quotients = self._quotients[action]
        if quotients.is_affine:
            return quotients.between({}, {})
        return quotients.between(self._trace(action, x), self._trace(action, y))

    def _trace(self, action: int | None, observation: int) -> Trace:
        key = (action, observation)
        if key not in self._traces:
            trace = self._quotients[action].trace(self._evaluation.latents[observation])
            self._n_numbers += _size(trace)
            while self._traces and self._n_numbers > _MOST_NUMBERS:
                self._n_numbers -= _size(self._traces.pop(next(iter(self._traces))))
            self._traces[key] = trace
        return self._traces[key]


def _sizes(one: Row, other: Row) -> list[int]:
    """Return upper ends of the absolute differences of two vectors."""
    return [max(b - c, d - a, 0) for (a, b), (c, d) in zip(one, other, strict=True)]


def _size(trace: Trace) -> int:
    return sum(int(np.prod(held.shape)) for held in trace.values())


def _row_enclosure(row: Row) -> Enclosure:
    lo = np.array([[low for low, _ in row]], dtype=object)
    return Enclosure(lo, np.array([[high for _, high in row]], dtype=object))
