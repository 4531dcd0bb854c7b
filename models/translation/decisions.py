"""Decisions of a part: which of them rounding cannot change, so that they may be recorded.

A comparison, an argmax or a rounding is no function that programs have. On stored numbers it can
still be decided: enclosures of what is compared are computed, and when they leave no doubt, the
result is a stored number as well.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from tellapart.theory.networks.points import Interval

__all__ = ["DECISIONS", "can_be_certain", "holds_for_all_reals", "is_certain"]

BoolArray = npt.NDArray[np.bool_]
Bounds = Callable[[Tensor], Interval]

#: Steps and orders of numbers (comparisons are known by their results, true or false).
DECISIONS = frozenset(
    {
        "ceil", "floor", "frac", "fmod", "hardshrink", "heaviside", "kthvalue", "median", "mode",
        "remainder", "round", "sign", "sgn", "sort", "topk", "trunc",
    }
)  # fmt: skip

#: For two intervals: where the answer is surely yes, and where surely no.
_COMPARED: dict[str, Callable[[Interval, Interval], tuple[Any, Any]]] = {
    "gt": lambda x, y: (x.lo > y.hi, x.hi <= y.lo),
    "ge": lambda x, y: (x.lo >= y.hi, x.hi < y.lo),
    "lt": lambda x, y: (x.hi < y.lo, x.lo >= y.hi),
    "le": lambda x, y: (x.hi <= y.lo, x.lo > y.hi),
    "eq": lambda x, y: (_one_number(x, y), (x.hi < y.lo) | (x.lo > y.hi)),
    "ne": lambda x, y: ((x.hi < y.lo) | (x.lo > y.hi), _one_number(x, y)),
}
_STEPS: dict[str, Callable[[Any], Any]] = {
    "ceil": np.ceil, "floor": np.floor, "round": np.round, "sign": np.sign, "sgn": np.sign,
    "trunc": np.trunc,
}  # fmt: skip


def holds_for_all_reals(name: str, args: tuple[Any, ...]) -> bool:
    """Tell whether a question has one answer for all real numbers, as "is it infinite" has."""
    if name in ("isnan", "isinf", "isposinf", "isneginf"):
        return True
    if name not in _COMPARED:
        return False
    other = args[1]
    return args[0] is other or (isinstance(other, int | float) and not np.isfinite(other))


def can_be_certain(name: str) -> bool:
    """Tell whether :func:`is_certain` knows an operation."""
    return name in _COMPARED or name in _STEPS or name in ("argmax", "argmin")


def is_certain(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], answer: Tensor, bounds: Bounds
) -> bool:
    """Tell whether a decision is the same for all numbers within the bounds, and is torch's.

    Parameters
    ----------
    name
        The operation, such as ``"argmax"``.
    args, kwargs
        What it is given.
    answer
        What torch answers.
    bounds
        Encloses what a tensor holds.
    """
    given: list[Any] = [bounds(x) if isinstance(x, Tensor) else x for x in args]
    found = answer.cpu().numpy()
    if name in _COMPARED:
        x, y = (g if isinstance(g, Interval) else _point(g) for g in given)
        surely, surely_not = _COMPARED[name](x, y)
        return bool(np.where(found, surely, surely_not).all())
    if name in ("argmax", "argmin"):
        return _is_extreme(name, *given, found=found, **kwargs)
    if name in _STEPS and len(args) == 1 and not kwargs:
        step = _STEPS[name]
        return bool((step(given[0].lo) == found).all() and (step(given[0].hi) == found).all())
    return False


def _point(number: float) -> Interval:
    array = np.asarray(number, dtype=np.float64)
    return Interval(array, array)


def _one_number(x: Interval, y: Interval) -> BoolArray:
    return np.asarray((x.lo == x.hi) & (y.lo == y.hi) & (x.lo == y.lo))


def _is_extreme(
    name: str,
    x: Interval,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    found: npt.NDArray[np.int64],
) -> bool:
    """Tell whether the entries found are larger (or smaller) than all others along an axis."""
    low, high = (x.lo, x.hi) if name == "argmax" else (-x.hi, -x.lo)
    if dim is None:
        low, high, found, dim = low.reshape(-1), high.reshape(-1), found.reshape(()), 0
    elif keepdim:
        found = found.squeeze(dim)
    places = np.expand_dims(found, dim)
    winners = np.take_along_axis(low, places, dim)
    others = high.copy()
    np.put_along_axis(others, places, -np.inf, dim)
    return bool((winners > others).all())
