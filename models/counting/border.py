"""Arguments of the counting environment, checked once at its border."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["as_choice", "as_flag", "as_generator", "as_integer", "as_integers", "as_size"]

IntArray = npt.NDArray[np.int64]

#: Sides of a frame, in pixels: scenes are drawn on a grid of 64 and averaged down.
SIZES = (16, 32, 64)


def as_integer(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return an integer in ``least .. most``; booleans are none.

    Raises
    ------
    InvalidArgumentError
        For anything else.

    Examples
    --------
    >>> as_integer("views", 3, 1)
    3
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        allowed = f">= {least}" if most is None else f"in {least}..{most}"
        raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer {allowed}.")
    return int(value)


def as_integers(name: str, values: Any, least: int, most: int, n: int | None = None) -> IntArray:
    """Return int64 ``[n]`` with every entry in ``least .. most``.

    Raises
    ------
    InvalidArgumentError
        For anything else, naming the first entry that is out of range.
    """
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, OverflowError):
        array = np.zeros((0, 0))
    length = "n" if n is None else str(n)
    empty = array.shape == (0,)
    if (
        array.ndim != 1
        or (n is not None and len(array) != n)
        or not (empty or array.dtype.kind in "iu")
    ):
        raise InvalidArgumentError(
            f"{name} has shape {array.shape} and dtype {array.dtype}; give integers [{length}]."
        )
    wrong = np.flatnonzero((array < least) | (array > most))
    if wrong.size:
        raise InvalidArgumentError(
            f"{name}[{wrong[0]}] is {array[wrong[0]]}; every entry must be in {least}..{most}."
        )
    return array.astype(np.int64)


def as_choice(name: str, value: Any, choices: Sequence[Any]) -> Any:
    """Return ``value`` if it is one of ``choices``, else raise InvalidArgumentError."""
    if not isinstance(value, str | None) or value not in choices:
        raise InvalidArgumentError(
            f"{name} is {value!r}; choose one of {', '.join(map(repr, choices))}."
        )
    return value


def as_flag(name: str, value: Any) -> bool:
    """Return a boolean, else raise InvalidArgumentError."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidArgumentError(f"{name} is {value!r}; it must be True or False.")
    return bool(value)


def as_size(size: Any) -> int:
    """Return the side of a frame, one of :data:`SIZES`, else raise InvalidArgumentError."""
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size not in SIZES:
        raise InvalidArgumentError(f"size is {size!r}; it must be one of {SIZES} pixels.")
    return int(size)


def as_generator(generator: Any) -> np.random.Generator:
    """Return a NumPy generator, made from a seed if that is what is given.

    Raises
    ------
    InvalidArgumentError
        For anything but a ``numpy.random.Generator`` or an integer >= 0.
    """
    if isinstance(generator, np.random.Generator):
        return generator
    whole = isinstance(generator, int | np.integer) and not isinstance(generator, bool)
    if not whole or generator < 0:
        raise InvalidArgumentError(
            f"generator is {generator!r}; give numpy.random.default_rng(seed), or a seed >= 0."
        )
    return np.random.default_rng(int(generator))
