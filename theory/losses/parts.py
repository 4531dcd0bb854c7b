"""The parts of the irreducible loss: groups, their spread, and the worst of them (S11)."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.losses.code_rows import CodeRows
from tellapart.theory.losses.group_spread import exact_squares, float_squares, sum_numbers
from tellapart.theory.serialise import Saved, register

__all__ = [
    "MAX_NAMED",
    "LossPart",
    "MixedGroup",
    "Number",
    "as_float",
    "code_squares",
    "mixed_groups",
    "number_text",
    "part_of",
    "rounded",
    "worst_group",
]

IntArray = npt.NDArray[np.int64]
Number = Fraction | float

#: Members of a group that are kept by name.
MAX_NAMED = 100


@register
@dataclass(frozen=True, slots=True)
class MixedGroup(Saved):
    """Observations of one code that would need different predictions.

    Attributes
    ----------
    members
        Names of the observations, one for each transition of the group (or each label); at most
        :data:`MAX_NAMED`.
    action
        Name of the action; None for a group of labels.
    values
        What follows each member: the name of the successor, or the label.
    size
        Number of members, those without a name here included.
    variance
        Mean squared deviation of the successor codes (or of the label vectors) in the group.
    share
        Part of the whole loss, 0 to 1, that comes from this group.
    """

    members: tuple[Hashable, ...]
    action: Hashable
    values: tuple[Hashable, ...]
    size: int
    variance: Number
    share: float

    def explain(self) -> str:
        """Return what the group is in one sentence."""
        what = "has the label" if self.action is None else f"with {self.action!r} leads to"
        pairs = zip(self.members[:4], self.values[:4], strict=True)
        shown = ", ".join(f"{x!r} {what} {value!r}" for x, value in pairs)
        more = f", and {self.size - 4} more" if self.size > 4 else ""
        return f"{self.size} share a code: {shown}{more}; variance {number_text(self.variance)}"


@dataclass(frozen=True)
class LossPart:
    """One of the two losses."""

    count: int
    loss: Number
    spread: Number
    relative: Number | None
    n_mixed: int
    worst: MixedGroup | None


def mixed_groups(groups: IntArray, values: IntArray) -> tuple[IntArray, IntArray]:
    """Return the items of the groups that hold several values, group after group, and starts.

    Items keep their order inside a group; groups are ordered by their number.
    """
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    first = np.concatenate([[True], sorted_groups[1:] != sorted_groups[:-1]])
    starts = np.flatnonzero(first)
    reached = values[order]
    several = np.minimum.reduceat(reached, starts) != np.maximum.reduceat(reached, starts)
    kept = several[np.cumsum(first) - 1]
    return order[kept], np.flatnonzero(first[kept])


def code_squares(
    rows: CodeRows, members: IntArray, starts: IntArray
) -> tuple[Sequence[Number], Number, int]:
    """Return the sums of squares of groups, the spread of all codes, and a common exponent.

    Sums and spread are to be multiplied by two to the exponent; exact ones have the exponent 0.
    """
    n = len(rows.ids)
    everyone, whole = np.arange(n), np.zeros(1, dtype=np.int64)
    if rows.scale is not None:
        unit = rows.scale**2
        squares = [square / unit for square in exact_squares(rows.values, members, starts)]
        return squares, exact_squares(rows.values, everyone, whole)[0] / unit / n, 0
    values, exponent = _centred(rows.values)
    spread = float(float_squares(values, everyone, whole)[0]) / n
    return float_squares(values, members, starts).tolist(), spread, 2 * exponent


def _centred(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], int]:
    """Move the first code to 0 and scale by a power of two, so that squares stay in range."""
    before = 0
    if np.abs(values).max(initial=0.0) > 1e300:
        values, before = values / 4, 2  # differences must not overflow
    values = values - values[:1]
    exponent = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    return np.ldexp(values, -exponent), exponent + before


def worst_group(
    squares: Sequence[Number],
    exponent: int,
    order: IntArray,
    starts: IntArray,
    name: Callable[[int], tuple[Hashable, Hashable]],
    action: Callable[[int], Hashable],
) -> MixedGroup | None:
    """Describe the group that contributes most to a loss."""
    if not len(starts):
        return None
    index = max(range(len(squares)), key=lambda k: (squares[k], -k))
    items = np.split(order, starts[1:])[index]
    pairs = [name(int(item)) for item in items[:MAX_NAMED]]
    total = sum_numbers(squares)
    return MixedGroup(
        members=tuple(x for x, _ in pairs),
        action=action(int(items[0])),
        values=tuple(value for _, value in pairs),
        size=len(items),
        variance=_times_power(squares[index] / len(items), exponent),
        share=float(squares[index] / total) if total else 0.0,
    )


def part_of(
    squares: Sequence[Number], spread: Number, exponent: int, count: int, worst: MixedGroup | None
) -> LossPart:
    """Put the numbers of one loss together."""
    loss = sum_numbers(squares) / count
    if isinstance(spread, float):
        loss = float(loss)
    return LossPart(
        count=count,
        loss=_times_power(loss, exponent),
        spread=_times_power(spread, exponent),
        relative=loss / spread if spread else None,
        n_mixed=len(squares),
        worst=worst,
    )


def rounded(part: LossPart) -> LossPart:
    """Return the same part with floats in place of fractions."""
    worst = part.worst and replace(part.worst, variance=as_float(part.worst.variance))
    relative = None if part.relative is None else as_float(part.relative)
    return replace(
        part, loss=as_float(part.loss), spread=as_float(part.spread), relative=relative, worst=worst
    )


def as_float(number: Number) -> float:
    """Return the nearest float, infinity beyond the largest."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _times_power(number: Number, exponent: int) -> Number:
    if isinstance(number, Fraction):
        return number
    try:
        return math.ldexp(number, exponent)
    except OverflowError:
        return math.inf


def number_text(number: Number) -> str:
    """Return a number as short text: a fraction where that is short."""
    if isinstance(number, Fraction) and len(str(number)) <= 24:
        return str(number)
    return f"{as_float(number):.6g}"
