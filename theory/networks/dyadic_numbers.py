"""Arrays of integers over a power of two: what floats are, and what exact evaluation yields."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.networks.points import Interval

__all__ = ["Dyadic", "as_objects"]

FloatArray = npt.NDArray[np.float64]
ObjectArray = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Dyadic:
    """An array of numbers ``numerators / 2**exponent``.

    Attributes
    ----------
    numerators
        Python integers, an object array.
    exponent
        One non-negative integer for the whole array.

    Examples
    --------
    >>> Dyadic.of_floats(np.array([0.75, -2.0])).fractions()
    array([Fraction(3, 4), Fraction(-2, 1)], dtype=object)
    """

    numerators: ObjectArray
    exponent: int

    @classmethod
    def of_floats(cls, values: FloatArray) -> "Dyadic":
        """Return finite floats exactly, over the smallest power of two that they share."""
        mantissa, exponent = np.frexp(values)
        integers = np.ldexp(mantissa, 53).astype(np.int64)
        zeros = np.frexp((integers & -integers).astype(np.float64))[1] - 1  # trailing ones of 2
        zeros = np.where(integers == 0, 0, zeros).astype(np.int64)
        power = np.where(integers == 0, 0, exponent - 53 + zeros).astype(np.int64)
        common = max(0, -int(power.min(initial=0)))
        odd = np.asarray(integers >> zeros).astype(object)
        return cls(as_objects(odd << (power + common).astype(object)), common)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.numerators.shape

    def __getitem__(self, key: Any) -> "Dyadic":
        return Dyadic(as_objects(self.numerators[key]), self.exponent)

    def over(self, exponent: int) -> ObjectArray:
        """Return the numerators over a larger power of two."""
        if exponent == self.exponent:
            return self.numerators
        return as_objects(self.numerators << (exponent - self.exponent))

    def minus(self, other: "Dyadic") -> "Dyadic":
        """Return the difference, exactly."""
        exponent = max(self.exponent, other.exponent)
        return Dyadic(as_objects(self.over(exponent) - other.over(exponent)), exponent)

    def fractions(self) -> ObjectArray:
        """Return an object array of ``Fraction``."""
        result = np.empty(self.numerators.size, dtype=object)
        for place, numerator in enumerate(self.numerators.reshape(-1).tolist()):
            result[place] = Fraction(numerator, 1 << self.exponent)
        return result.reshape(self.shape)

    def enclosed(self) -> Interval:
        """Return the numbers rounded outwards; floats give intervals of width zero."""
        flat = self.numerators.reshape(-1).tolist()
        ends = [_neighbours(numerator, self.exponent) for numerator in flat]
        both = np.array(ends, dtype=np.float64).reshape(*self.shape, 2)
        return Interval(both[..., 0].copy(), both[..., 1].copy())

    def __repr__(self) -> str:
        bits = max((abs(n).bit_length() for n in self.numerators.reshape(-1).tolist()), default=0)
        return f"Dyadic(shape {list(self.shape)}, integers of {bits} bits over 2**{self.exponent})"


def as_objects(values: Any) -> ObjectArray:
    """Wrap what NumPy returns for object arrays: a bare Python integer where there are no axes."""
    return np.asarray(values, dtype=object)


def _neighbours(numerator: int, exponent: int) -> tuple[float, float]:
    """Return the floats around ``numerator / 2**exponent``, equal where it is a float."""
    try:
        near = numerator / (1 << exponent)  # correctly rounded by Python
    except OverflowError:
        largest = float(np.finfo(np.float64).max)
        return (largest, np.inf) if numerator > 0 else (-np.inf, -largest)
    p, q = near.as_integer_ratio()
    difference = p * (1 << exponent) - numerator * q
    lo = near if difference <= 0 else math.nextafter(near, -math.inf)
    return lo, near if difference >= 0 else math.nextafter(near, math.inf)
