"""Float64 numbers rounded to a proved side, and to few binary digits so that they print short.

IEEE operations are rounded to nearest, with a relative error of at most 2^-53 where the result is
normal; sums and differences that are not normal are exact. Multiplying by :data:`UP` or
:data:`DOWN` therefore gives a bound of the exact result of one operation.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DOWN", "MASK", "TINY", "UP", "as_text", "cut", "quotient", "raised", "up"]

FloatArray = npt.NDArray[np.float64]

UP = 1.0 + 2.0**-51
DOWN = 1.0 - 2.0**-51
#: Below this nothing is claimed: no operation on larger numbers leaves the normal range.
TINY = 1e-250
#: So few that a product of two recorded numbers is exact.
_BITS = 26
#: Keeps the first 26 binary digits of a float64.
MASK = -(1 << (53 - _BITS))


def up(value: Any) -> Any:
    """Return upper bounds of non-negative results of one operation each."""
    return value * UP


def cut(values: FloatArray) -> FloatArray:
    """Round non-negative numbers down to 26 binary digits; those below :data:`TINY` to 0.

    Examples
    --------
    >>> cut(np.array([0.1, 3.0, 1e-300])).tolist()
    [0.09999999962747097, 3.0, 0.0]
    """
    bits = np.array(values, dtype=np.float64).view(np.int64) & MASK
    result = bits.view(np.float64)
    return np.where(result >= TINY, result, 0.0)


def raised(values: FloatArray) -> FloatArray:
    """Round non-negative numbers up to 26 binary digits.

    Examples
    --------
    >>> raised(np.array([0.1, 3.0, 0.0, np.inf])).tolist()
    [0.10000000149011612, 3.0, 0.0, inf]
    """
    fraction, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.ceil(np.ldexp(fraction, _BITS)), exponent - _BITS))


def quotient(value: FloatArray, cost: FloatArray, divisor: FloatArray) -> FloatArray:
    """Return ``(value - cost) / divisor`` rounded down to 26 binary digits, 0 where not positive.

    Exact where the cost is 0 and the result has so few digits, as in models without any loss. The
    divisors have 26 binary digits.
    """
    left = value - cost
    usable = left * DOWN >= TINY
    under = np.where(usable, divisor, 1.0)
    with np.errstate(over="ignore"):
        found = cut(np.where(usable, left / under, 0.0))
        proved = (found * under <= left * DOWN) | ((cost == 0) & (found * under <= value))
        found = np.where(proved, found, cut(np.where(usable, left * DOWN / under * DOWN, 0.0)))
    return np.where(np.isinf(found), 0.0, found)


def as_text(value: float) -> str:
    """Write the exact value of a float as ``"p/q"`` or ``"p"``.

    Examples
    --------
    >>> as_text(0.375), as_text(2.0)
    ('3/8', '2')
    """
    over, under = value.as_integer_ratio()
    return f"{over}/{under}" if under != 1 else str(over)
