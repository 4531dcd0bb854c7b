"""Labels as exact vectors: rationals where they are numbers, one-hot where they are not."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np
import numpy.typing as npt

__all__ = ["ExactLabels", "exact_labels"]

_RATIONAL = (int, float, Fraction, Decimal)  # booleans are integers


@dataclass(frozen=True)
class ExactLabels:
    """The distinct labels as rational vectors; distinct labels have distinct vectors.

    Attributes
    ----------
    rows
        One vector for each distinct label, by label id; None for one-hot vectors.
    count
        Number of distinct labels.
    has_floats
        Whether a number among the labels is a float (read as the binary rational it is).
    """

    rows: tuple[tuple[Fraction, ...], ...] | None
    count: int
    has_floats: bool = False

    @property
    def is_one_hot(self) -> bool:
        """Tell whether label ``i`` has the unit vector ``e_i``."""
        return self.rows is None

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.count if self.rows is None else len(self.rows[0])

    def value(self, label: int, coordinate: int) -> Fraction:
        """Return one coordinate of the vector of one label (by id)."""
        if self.rows is None:
            return Fraction(label == coordinate)
        return self.rows[label][coordinate]

    def vector(self, label: int) -> tuple[Fraction, ...]:
        """Return the vector of one label (by id)."""
        return tuple(self.value(label, coordinate) for coordinate in range(self.dim))

    @cached_property
    def scales(self) -> tuple[int, ...]:
        """For each coordinate the least positive integer that clears its denominators."""
        if self.rows is None:
            return (1,) * self.count
        return tuple(
            lcm(*(part.denominator for part in column)) for column in zip(*self.rows, strict=True)
        )

    @cached_property
    def integers(self) -> list[list[int]]:
        """``integers[c][label] == scales[c] * value(label, c)``: what rank computations use."""
        if self.rows is None:
            return [[int(label == c) for label in range(self.count)] for c in range(self.count)]
        columns = zip(zip(*self.rows, strict=True), self.scales, strict=True)
        return [[int(part * scale) for part in column] for column, scale in columns]

    @cached_property
    def value_ids(self) -> npt.NDArray[np.int32]:
        """Ids of the numbers ``value(label, c)``, int32 ``[dim, count]``; 0 has the id 0."""
        if self.rows is None:
            return np.eye(self.count, dtype=np.int32)
        numbers = {Fraction(0): 0}
        columns = zip(*self.rows, strict=True)
        ids = [[numbers.setdefault(part, len(numbers)) for part in column] for column in columns]
        return np.array(ids, dtype=np.int32)


def exact_labels(values: Sequence[Hashable]) -> ExactLabels:
    """Return distinct labels as exact vectors.

    Parameters
    ----------
    values
        Distinct label values, as in ``mdp.label_values``.

    Returns
    -------
    ExactLabels
        Integers, booleans, ``Fraction``, ``Decimal`` and floats are the rationals they stand for,
        flat tuples of such numbers have one coordinate each; one-hot for anything else.

    Notes
    -----
    The rule is that of ``DeterministicMDP.label_vectors`` without its rounding: there integers
    that float64 cannot tell apart become one-hot, here they stay integers (S12).

    Examples
    --------
    >>> exact_labels([0, 0.5]).rows
    ((Fraction(0, 1),), (Fraction(1, 2),))
    >>> exact_labels(["goal", "road"]).vector(1)
    (Fraction(0, 1), Fraction(1, 1))
    """
    one_hot = ExactLabels(None, len(values))
    parts = [value if isinstance(value, tuple) else (value,) for value in values]
    if not parts or len({len(row) for row in parts}) != 1 or not parts[0]:
        return one_hot
    if not all(_is_rational(part) for row in parts for part in row):
        return one_hot
    rows = tuple(tuple(Fraction(part) for part in row) for row in parts)
    if len(set(rows)) != len(rows):  # 1 and (1,) are different labels
        return one_hot
    has_floats = any(isinstance(part, float) for row in parts for part in row)
    return ExactLabels(rows, len(values), has_floats)


def _is_rational(part: Hashable) -> bool:
    return isinstance(part, _RATIONAL)
