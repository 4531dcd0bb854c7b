"""The border of transition data: what comes in is checked here, once."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidLabelError, InvalidMDPError
from tellapart.theory.labels import LabelCoding, code_labels
from tellapart.theory.naming import as_names

__all__ = [
    "as_label_rows",
    "as_triples",
    "check_range",
    "code_known_labels",
    "names_for",
    "sort_rows",
]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


def as_triples(triples: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return the rows as an integer array ``[n_rows, 3]``, or say what is wrong with them."""
    try:
        table = np.asarray(triples)
    except ValueError:
        raise InvalidMDPError(
            "triples has rows of different lengths; each must be (observation, action, successor)."
        ) from None
    if table.ndim != 2 or table.shape[1] != 3 or len(table) == 0:
        raise InvalidMDPError(
            f"triples has shape {table.shape}; it must be [n_rows, 3] with at least one row of "
            "observation, action and successor."
        )
    if table.dtype.kind not in "iu":
        raise InvalidMDPError(
            f"triples has dtype {table.dtype}; it must hold integer indices. For names use "
            "TransitionData.from_arrays."
        )
    return table


def names_for(
    names: Iterable[Hashable] | None, used: npt.NDArray[Any], labels: Any, kind: str
) -> Sequence[Hashable]:
    """Return the given names, or ``0 ..`` as far as triples and labels go."""
    if names is not None:
        return as_names(names, None, kind)
    count = int(used.max()) + 1
    if isinstance(labels, Mapping):
        count = max([count, *(key + 1 for key in labels if type(key) is int)])
    elif labels is not None and hasattr(labels, "__len__"):
        count = max(count, len(labels))
    return range(count)


def check_range(table: npt.NDArray[Any], n_obs: int, n_actions: int) -> None:
    """Refuse indices that have no name."""
    for column, kind, bound in ((0, "observation", n_obs), (1, "action", n_actions),
                                (2, "successor", n_obs)):  # fmt: skip
        values = table[:, column]
        if values.min() < 0 or values.max() >= bound:
            row = int(np.argmax((values < 0) | (values >= bound)))
            raise InvalidMDPError(
                f"Row {row} has the {kind} index {values[row]}; it must be in 0..{bound - 1}."
            )


def sort_rows(
    table: npt.NDArray[Any], n_obs: int, n_actions: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return the stable order of the rows, and which of them begin a new transition."""
    if n_obs * n_obs * n_actions < 2**63:
        key = table[:, 0].astype(np.int64)
        key = (key * n_actions + table[:, 1]) * n_obs + table[:, 2]
        order = np.argsort(key, kind="stable")
        key = key[order]
        differs = key[1:] != key[:-1]
    else:
        order = np.lexsort((table[:, 2], table[:, 1], table[:, 0]))
        ordered = table[order]
        differs = (ordered[1:] != ordered[:-1]).any(axis=1)
    return order, np.concatenate([[True], differs])


def code_known_labels(
    labels: Any, n_obs: int, tolerance: float | None
) -> tuple[IntArray, tuple[Hashable, ...]]:
    """Return label ids (-1 where the label is not known) and the distinct labels."""
    if labels is None:
        return np.full(n_obs, -1, dtype=np.int32), ()
    if isinstance(labels, LabelCoding):
        return _renumbered(labels)
    if not isinstance(labels, Mapping):
        if not hasattr(labels, "__len__") or isinstance(labels, str | set | frozenset):
            raise InvalidLabelError(
                f"labels is a {type(labels).__name__}; give {{observation index: label}} or one "
                "entry for each observation, None where the label is not known."
            )
        if len(labels) != n_obs:
            raise InvalidLabelError(
                f"There are {len(labels)} labels for {n_obs} observations; give one each, None "
                "where the label is not known."
            )
        if isinstance(labels, np.ndarray) and labels.dtype.kind in "biuf":
            coding = code_labels(labels, tolerance)
            return coding.ids.astype(np.int32), coding.values
        labels = {o: label for o, label in enumerate(labels) if label is not None}
    for key in labels:
        if type(key) is not int or not 0 <= key < n_obs:
            raise InvalidLabelError(
                f"labels has the key {key!r}; it must be an observation index in 0..{n_obs - 1}."
            )
    known = sorted(key for key in labels if labels[key] is not None)
    ids = np.full(n_obs, -1, dtype=np.int32)
    if not known:
        return ids, ()
    coding = code_labels([labels[key] for key in known], tolerance, numbers=known)
    ids[known] = coding.ids
    return ids, coding.values


def _renumbered(coding: LabelCoding) -> tuple[IntArray, tuple[Hashable, ...]]:
    """Give grouped labels ids by first appearance; leave out those of no observation."""
    count = len(coding.values)
    first = np.full(count + 1, len(coding.ids), dtype=np.int64)
    first[coding.ids[::-1]] = np.arange(len(coding.ids) - 1, -1, -1)  # -1 goes to the extra place
    order = np.argsort(first[:count], kind="stable")[: int((first[:count] < len(coding.ids)).sum())]
    rank = np.full(count + 1, -1, dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[coding.ids], tuple(coding.values[k] for k in order)


def as_label_rows(label_rows: npt.ArrayLike | None, label_ids: IntArray) -> LongArray:
    """Return the row of each label, -1 where it is not known."""
    if label_rows is None:
        return np.full(len(label_ids), -1, dtype=np.int64)
    return np.array(label_rows, dtype=np.int64)
