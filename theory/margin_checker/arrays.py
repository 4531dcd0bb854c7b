"""Arrays of enclosed numbers for the checker: NumPy object arrays of Python integers.

NumPy holds and indexes the numbers and broadcasts; every number is a Python integer, so that
nothing is rounded but where :mod:`tellapart.theory.margin_checker.numbers` says so.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.margin_checker.numbers import Bounds, Fixed, Refused

__all__ = ["Arithmetic", "Enclosure"]

Integers = npt.NDArray[np.object_]


class Enclosure:
    """An array of real numbers, each between two integers at the scale of an arithmetic.

    Attributes
    ----------
    lo, hi
        Object arrays of Python integers, of one shape; one array for both where all are equal.
    """

    __slots__ = ("hi", "lo")

    def __init__(self, lo: Any, hi: Any) -> None:
        self.lo: Integers = np.asarray(lo, dtype=object)
        self.hi: Integers = self.lo if hi is lo else np.asarray(hi, dtype=object)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.lo.shape

    @property
    def is_exact(self) -> bool:
        """Tell whether every number is known exactly."""
        return self.lo is self.hi or bool(np.all(self.lo == self.hi))

    def each(self, change: Callable[[Integers], Any]) -> "Enclosure":
        """Move numbers about: apply the same indexing, reshaping or sum to both ends."""
        lo = change(self.lo)
        return Enclosure(lo, lo if self.hi is self.lo else change(self.hi))

    def __neg__(self) -> "Enclosure":
        lo = -self.hi
        return Enclosure(lo, lo if self.hi is self.lo else -self.lo)

    def __add__(self, other: "Enclosure") -> "Enclosure":
        lo = self.lo + other.lo
        both = self.lo is self.hi and other.lo is other.hi
        return Enclosure(lo, lo if both else self.hi + other.hi)

    def __sub__(self, other: "Enclosure") -> "Enclosure":
        return self + -other

    def largest_size(self) -> Integers:
        """Return the upper end of the absolute value of each number."""
        return np.asarray(np.maximum(self.hi, -self.lo), dtype=object)

    def hull(self, other: "Enclosure") -> "Enclosure":
        """Return what contains each number of both."""
        return Enclosure(np.minimum(self.lo, other.lo), np.maximum(self.hi, other.hi))


class Arithmetic:
    """Operations on enclosures that have to round.

    Attributes
    ----------
    fixed
        The numbers.
    """

    def __init__(self, bits: int) -> None:
        self.fixed = Fixed(bits)

    def constant(self, shape: tuple[int, ...], values: list[Fraction]) -> Enclosure:
        """Enclose the numbers of an array; exactly where they have few enough digits."""
        bounds = [self.fixed.enclose(value) for value in values]
        lo = _reshaped([low for low, _ in bounds], shape)
        if all(low == high for low, high in bounds):
            return Enclosure(lo, lo)
        return Enclosure(lo, _reshaped([high for _, high in bounds], shape))

    def identity(self, size: int) -> Enclosure:
        """Return the identity matrix."""
        lo = np.zeros((size, size), dtype=object)
        lo[range(size), range(size)] = self.fixed.one
        return Enclosure(lo, lo)

    def rounded(self, lo: Any, hi: Any) -> Enclosure:
        """Take numbers at twice the scale back to it, outwards."""
        bits = self.fixed.bits
        down = np.asarray(lo, dtype=object) >> bits
        if lo is hi and np.all((down << bits) == lo):
            return Enclosure(down, down)
        return Enclosure(down, -(-np.asarray(hi, dtype=object) >> bits))

    def mul(self, a: Enclosure, b: Enclosure) -> Enclosure:
        """Multiply elementwise."""
        if a.lo is a.hi and b.lo is b.hi:
            product = a.lo * b.lo
            return self.rounded(product, product)
        if a.lo is a.hi or b.lo is b.hi:
            one, other = a.lo * b.lo, a.hi * b.hi
            return self.rounded(np.minimum(one, other), np.maximum(one, other))
        ends = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]
        return self.rounded(reduce(np.minimum, ends), reduce(np.maximum, ends))

    def div(self, a: Enclosure, b: Enclosure) -> Enclosure:
        """Divide elementwise, by numbers that are provably not zero."""
        if np.any((b.lo <= 0) & (b.hi >= 0)):
            raise Refused("a number is divided by one that may be zero")
        bits = self.fixed.bits
        ends = [(x << bits, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        lo = reduce(np.minimum, [x // y for x, y in ends])
        return Enclosure(lo, reduce(np.maximum, [-(-x // y) for x, y in ends]))

    def matmul(self, a: Enclosure, b: Enclosure) -> Enclosure:
        """Multiply the matrices of the last two axes."""
        if a.is_exact and b.is_exact:
            product = a.lo @ b.lo
            return self.rounded(product, product)
        if b.is_exact:
            centre, radius = (a.lo + a.hi) @ b.lo, (a.hi - a.lo) @ abs(b.lo)
        elif a.is_exact:
            centre, radius = a.lo @ (b.lo + b.hi), abs(a.lo) @ (b.hi - b.lo)
        else:
            return self._general_matmul(a, b)
        # Twice the ends, which are integers: centre and radius are both even or both odd.
        return self.rounded((centre - radius) >> 1, (centre + radius) >> 1)

    def _general_matmul(self, a: Enclosure, b: Enclosure) -> Enclosure:
        lo: Any = 0
        hi: Any = 0
        for k in range(b.shape[-2]):
            columns = [ends[..., :, k, None] for ends in (a.lo, a.hi)]
            rows = [ends[..., k, None, :] for ends in (b.lo, b.hi)]
            products = [column * row for column in columns for row in rows]
            lo = lo + reduce(np.minimum, products)
            hi = hi + reduce(np.maximum, products)
        return self.rounded(lo, hi)

    def elementwise(self, function: Callable[[int, int], Bounds], a: Enclosure) -> Enclosure:
        """Apply a function of the two ends of an interval to each number."""
        pairs = zip(a.lo.ravel().tolist(), a.hi.ravel().tolist(), strict=True)
        bounds = [function(lo, hi) for lo, hi in pairs]
        lo = _reshaped([low for low, _ in bounds], a.shape)
        if all(low == high for low, high in bounds):
            return Enclosure(lo, lo)
        return Enclosure(lo, _reshaped([high for _, high in bounds], a.shape))


def _reshaped(values: list[int], shape: tuple[int, ...]) -> Integers:
    flat = np.empty(len(values), dtype=object)
    flat[:] = values
    return flat.reshape(shape)
