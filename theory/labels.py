"""Grouping of auxiliary labels: exact by default, by a stated tolerance on request.

Labels enter the mathematics only through "equal or not" (D3), so they become integer ids at the
border and no later code compares floats.
"""

import math
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError, NearbyLabelsWarning

__all__ = ["NEARBY", "LabelCoding", "code_labels"]

#: Two unequal float labels closer than this (relative to their size) raise a warning.
NEARBY = 1e-9


@dataclass(frozen=True, slots=True)
class LabelCoding:
    """Labels as ids: ``values[ids[o]]`` is the label of observation ``o``.

    Attributes
    ----------
    ids
        int32 ``[n_obs]``, numbered by first appearance.
    values
        The distinct labels, in that order.
    """

    ids: npt.NDArray[np.int32]
    values: tuple[Hashable, ...]


def code_labels(
    labels: Any, tolerance: float | None = None, *, numbers: Sequence[int] | None = None
) -> LabelCoding:
    """Group labels exactly, or by single linkage within ``tolerance``.

    Parameters
    ----------
    labels
        One label for each observation: an array ``[n_obs, ...]`` or a sequence of integers,
        floats, rationals, strings, booleans or (nested) tuples of them. Equal numbers are one
        label whatever their type (``1 == 1.0 == Fraction(1)``); ``-0.0`` is ``0.0``.
    tolerance
        ``None``: exact grouping. A number: numeric labels whose largest coordinate difference is
        at most this are merged, and so is any chain of such labels (single linkage); the first
        to appear stands for its group.
    numbers
        The number of the observation that each label belongs to, for messages; default its
        position.

    Returns
    -------
    LabelCoding

    Raises
    ------
    InvalidLabelError
        For NaN, infinite, missing (``None``) or unhashable labels, naming the observation.

    Warns
    -----
    NearbyLabelsWarning
        When two float labels differ by less than ``NEARBY`` of their size without being equal.

    Notes
    -----
    O(n log n) for arrays of numbers. Definition: D3 of the theory pages.

    Examples
    --------
    >>> coding = code_labels(["goal", "road", "goal"])
    >>> coding.ids.tolist(), coding.values
    ([0, 1, 0], ('goal', 'road'))
    """
    if tolerance is not None and not (math.isfinite(tolerance) and tolerance >= 0):
        raise InvalidArgumentError(
            f"label_tolerance is {tolerance!r}; it must be a finite number >= 0, or None for "
            "exact grouping."
        )
    array = _as_number_array(labels)
    coding = _code_values(list(labels), numbers) if array is None else _code_array(array)
    return _link_nearby(coding, tolerance)


def _as_number_array(labels: Any) -> npt.NDArray[Any] | None:
    """Return ``labels`` when it is a NumPy array of plain numbers, else None."""
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "biuf" and labels.ndim >= 1:
        width = math.prod(labels.shape[1:])
        return labels.reshape(len(labels), width) if labels.ndim > 2 else labels
    return None


def _code_array(array: npt.NDArray[Any]) -> LabelCoding:
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        finite = finite.all(axis=1) if array.ndim == 2 else finite
        if not finite.all():
            _refuse_number(int(np.argmin(finite)), array[int(np.argmin(finite))].tolist())
        array = array + 0.0  # -0.0 becomes 0.0: one value, one label
    axis = 0 if array.ndim == 2 else None
    _, first, inverse = np.unique(array, axis=axis, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    rows = array[first[order]].tolist()
    values = tuple(tuple(row) if isinstance(row, list) else row for row in rows)
    return LabelCoding(_read_only(rank[inverse.reshape(-1)]), values)


def _code_values(labels: list[Any], numbers: Sequence[int] | None) -> LabelCoding:
    seen: dict[Hashable, int] = {}
    ids = np.empty(len(labels), dtype=np.int32)
    for index, label in enumerate(labels):
        number = index if numbers is None else numbers[index]
        ids[index] = seen.setdefault(_plain(number, label), len(seen))
    return LabelCoding(_read_only(ids), tuple(seen))


def _plain(index: int, label: Any) -> Hashable:
    """Turn one label into a hashable Python value, or say what is wrong with it."""
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, np.ndarray):
        label = label.tolist()
    if label is None:
        raise InvalidLabelError(
            f"Observation number {index} has no label (None). Every observation needs one; "
            "give unlabelled ones a value of their own, such as 'unlabelled'."
        )
    if isinstance(label, list | tuple):
        return tuple(_plain(index, part) for part in label)
    if isinstance(label, Decimal) and not label.is_finite():
        _refuse_number(index, label)
    if isinstance(label, float):
        if not math.isfinite(label):
            _refuse_number(index, label)
        return label + 0.0
    try:
        hash(label)
    except TypeError:
        raise InvalidLabelError(
            f"Observation number {index} has the label {label!r} of type "
            f"{type(label).__name__}, which is not hashable. Use an integer, string, tuple, "
            "rational or float."
        ) from None
    return cast(Hashable, label)


def _refuse_number(index: int, value: Any) -> None:
    raise InvalidLabelError(
        f"Observation number {index} has the label {value!r}. Labels are compared for equality "
        "and regressed by the auxiliary head, so they must be finite numbers; use a string such "
        "as 'unknown' for a missing value."
    )


def _link_nearby(coding: LabelCoding, tolerance: float | None) -> LabelCoding:
    """Merge numeric labels within ``tolerance``, or warn of the closest unequal pair."""
    for group in _vectors_by_shape(coding.values):
        index, vectors = group
        if tolerance is None:
            _warn_of_nearby(coding.values, index, vectors)
        else:
            coding = _merge(coding, index, vectors, tolerance)
    return coding


def _vectors_by_shape(
    values: Sequence[Hashable],
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]]:
    """Collect labels that are numbers or flat tuples of numbers, by length (0: bare numbers)."""
    groups: dict[int, tuple[list[int], list[list[float]]]] = {}
    for position, value in enumerate(values):
        parts = value if isinstance(value, tuple) else (value,)
        if parts and all(_is_float_sized(part) for part in parts):
            index, rows = groups.setdefault(len(value) if isinstance(value, tuple) else 0, ([], []))
            index.append(position)
            rows.append([float(p) for p in parts])
    return [(np.array(index), np.array(rows, dtype=np.float64)) for index, rows in groups.values()]


def _is_float_sized(value: Any) -> bool:
    """Tell whether a label is a number whose distance to others float64 can hold."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _near_pairs(vectors: npt.NDArray[np.float64], reach: npt.NDArray[np.float64]) -> Any:
    """Yield pairs whose sup distance is at most ``reach`` of the first, by a sweep on axis 0."""
    order = np.argsort(vectors[:, 0], kind="stable")
    sorted_first = vectors[order, 0]
    ends = np.searchsorted(sorted_first, sorted_first + reach[order], side="right")
    for here in np.flatnonzero(ends > np.arange(len(ends)) + 1):
        others = order[here + 1 : ends[here]]
        distance = np.abs(vectors[others] - vectors[order[here]]).max(axis=1)
        for other in others[distance <= reach[order[here]]]:
            yield int(order[here]), int(other)


def _warn_of_nearby(
    values: Sequence[Hashable], index: npt.NDArray[np.intp], vectors: npt.NDArray[np.float64]
) -> None:
    reach = NEARBY * np.maximum(1.0, np.abs(vectors).max(axis=1))
    for pair in _near_pairs(vectors, reach):
        left, right = values[index[pair[0]]], values[index[pair[1]]]
        if not (_has_float(left) or _has_float(right)):
            continue  # large integers are exact, however close
        warnings.warn(
            f"The labels {left!r} and {right!r} are nearly equal but not the same, so they count "
            f"as different labels. If that is rounding, pass label_tolerance={NEARBY:g} to merge "
            "such values.",
            NearbyLabelsWarning,
            stacklevel=5,
        )
        return


def _has_float(value: Hashable) -> bool:
    return any(isinstance(p, float) for p in (value if isinstance(value, tuple) else (value,)))


def _merge(
    coding: LabelCoding,
    index: npt.NDArray[np.intp],
    vectors: npt.NDArray[np.float64],
    tolerance: float,
) -> LabelCoding:
    parent = np.arange(len(coding.values))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = int(parent[node])
        return node

    for left, right in _near_pairs(vectors, np.full(len(vectors), tolerance)):
        a, b = sorted((root(int(index[left])), root(int(index[right]))))
        parent[b] = a  # the first to appear stands for the group
    leaders = np.array([root(node) for node in range(len(parent))])
    kept, compact = np.unique(leaders, return_inverse=True)
    ids = compact.reshape(-1)[coding.ids].astype(np.int32)
    return LabelCoding(_read_only(ids), tuple(coding.values[k] for k in kept))


def _read_only(ids: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    ids.setflags(write=False)
    return ids
