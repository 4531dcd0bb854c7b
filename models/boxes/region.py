"""Boxes around observations: everything up to a radius away in every number, inside a range."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["Region", "region_around"]

FloatArray = npt.NDArray[np.float64]
Clip = tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Region:
    """One box for each observation, by floats that enclose it and by floats inside it.

    Attributes
    ----------
    centres
        float64 ``[n, *obs_shape]``.
    radius
        Every number may change by up to this much.
    clip
        Lowest and highest value that a number can have, or None.
    outer_lo, outer_hi
        float64 like ``centres``: the box lies between them; they are at most one float beyond.
    inner_lo, inner_hi
        float64 like ``centres``: every array of floats between them lies in the box.
    """

    centres: FloatArray
    radius: float
    clip: Clip
    outer_lo: FloatArray
    outer_hi: FloatArray
    inner_lo: FloatArray
    inner_hi: FloatArray

    def shared_point(self, x: int, y: int) -> FloatArray | None:
        """Return a point inside the boxes of two observations, or None when none was found."""
        lo = np.maximum(self.inner_lo[x], self.inner_lo[y])
        hi = np.minimum(self.inner_hi[x], self.inner_hi[y])
        return lo if bool((lo <= hi).all()) else None


def region_around(centres: FloatArray, radius: float, clip: Clip = None) -> Region:
    """Return the boxes of a radius around some observations.

    Parameters
    ----------
    centres
        float64 ``[n, *obs_shape]``, finite.
    radius
        At least 0.
    clip
        ``(lowest, highest)`` value of a number: boxes end there.

    Raises
    ------
    InvalidArgumentError
        For a radius or a range that is none, or a centre outside the range.

    Notes
    -----
    ``c - r`` is rounded to the nearest float, and the error of that is itself a float (Knuth's
    TwoSum): it tells on which side of the result the true edge lies. O(n times the size of an
    observation).

    Examples
    --------
    >>> box = region_around(np.array([[0.0, 0.75]]), 0.5, clip=(0.0, 1.0))
    >>> box.inner_lo.round(9).tolist(), box.inner_hi.round(9).tolist()
    ([[0.0, 0.25]], [[0.5, 1.0]])
    """
    radius = checked_number(radius, "radius", 0.0)
    clip = _checked_clip(clip, centres)
    lo, below = _sum(centres, -radius)
    hi, above = _sum(centres, radius)
    outer = [
        np.where(below < 0, np.nextafter(lo, -np.inf), lo),
        np.where(above > 0, np.nextafter(hi, np.inf), hi),
    ]
    inner = [
        np.where(below > 0, np.nextafter(lo, np.inf), lo),
        np.where(above < 0, np.nextafter(hi, -np.inf), hi),
    ]
    if clip is not None:
        outer = [np.clip(edge, *clip) for edge in outer]
        inner = [np.clip(edge, *clip) for edge in inner]
    if not all(np.isfinite(edge).all() for edge in outer):
        raise InvalidArgumentError(
            f"radius is {radius!r}; with it boxes reach beyond the largest float. Give a smaller "
            "one, or the range of the numbers as clip=(lowest, highest)."
        )
    return Region(centres, radius, clip, outer[0], outer[1], inner[0], inner[1])


def _sum(values: FloatArray, number: float) -> tuple[FloatArray, FloatArray]:
    """Return rounded sums and their errors, exactly: ``sum + error == values + number``."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = values + number
        part = total - values
        return total, (values - (total - part)) + (number - part)


def checked_number(value: object, name: str, least: float) -> float:
    """Return a finite number that is at least ``least``.

    Raises
    ------
    InvalidArgumentError
        For a bool, NaN, infinity, anything that is not a number, and for one that is too small.
    """
    right = isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, bool) or not right:
        raise InvalidArgumentError(f"{name} is {value!r}; it must be a number >= {least:g}.")
    number = float(value)  # type: ignore[arg-type]
    if not np.isfinite(number) or number < least:
        raise InvalidArgumentError(f"{name} is {value!r}; it must be finite and >= {least:g}.")
    return number


def _checked_clip(clip: Clip, centres: FloatArray) -> Clip:
    if clip is None:
        return None
    if not isinstance(clip, tuple | list) or len(clip) != 2:
        raise InvalidArgumentError(
            f"clip is {clip!r}; give the lowest and the highest value of a number, as (0.0, 1.0)."
        )
    low, high = (checked_number(value, "clip", -np.inf) for value in clip)
    if low > high:
        raise InvalidArgumentError(f"clip is {clip!r}; its lowest value is above its highest.")
    outside = np.flatnonzero(((centres < low) | (centres > high)).reshape(len(centres), -1).any(1))
    if len(outside):
        raise InvalidArgumentError(
            f"The observation at position {outside[0]} has numbers outside of clip={clip!r}, from "
            f"{centres[outside[0]].min():g} to {centres[outside[0]].max():g}; give their range."
        )
    return low, high
