"""The shortest chain of links between two differently labelled observations (S2)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError
from tellapart.theory.partial.closure import Link

__all__ = ["nearest_clash"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


def nearest_clash(data: TransitionData, ids: IntArray) -> tuple[int, int, list[Link]]:
    """Return two observations of different labels and the fewest links that join them.

    A link is two transitions with one action whose sources share a class of ``ids``. The search
    is breadth-first from all labelled observations at once, on the graph of observations and of
    groups (class of the source, action), with an edge for each transition.

    Raises
    ------
    InternalError
        When there is no such chain; callers know that there is.

    Notes
    -----
    O(m log m); the case of one link, the common one, is vectorised.
    """
    keys = ids[data.sources].astype(np.int64) * data.n_actions + data.action_ids
    _, groups = np.unique(keys, return_inverse=True)
    order = np.argsort(groups, kind="stable").astype(np.int64)
    direct = _in_one_group(data, groups[order], order)
    if direct is not None:
        return direct
    return _search(data, groups, order)


def _in_one_group(
    data: TransitionData, groups: npt.NDArray[np.intp], order: LongArray
) -> tuple[int, int, list[Link]] | None:
    """Return a chain of one link, or None: two labels among the ends of one group."""
    labelled = data.label_ids[data.targets[order]] >= 0
    groups, order = groups[labelled], order[labelled]
    labels = data.label_ids[data.targets[order]]
    differ = np.flatnonzero((groups[1:] == groups[:-1]) & (labels[1:] != labels[:-1]))
    if not differ.size:
        return None
    p, q = int(order[differ[0]]), int(order[differ[0] + 1])
    return int(data.targets[p]), int(data.targets[q]), [(p, q)]


def _search(
    data: TransitionData, groups: npt.NDArray[np.intp], order: LongArray
) -> tuple[int, int, list[Link]]:
    """Return the chain by breadth-first search from every labelled observation."""
    targets = data.targets.tolist()
    group_of = groups.tolist()
    members = _split(order, np.bincount(groups))
    into = _split(np.argsort(data.targets, kind="stable"),
                  np.bincount(data.targets, minlength=data.n_obs))  # fmt: skip
    origin = {int(o): int(o) for o in np.flatnonzero(data.label_ids >= 0)}
    reached: dict[int, Link | None] = dict.fromkeys(origin)
    group_entry: dict[int, int] = {}  # group -> the transition by which it was reached first
    labels = data.label_ids.tolist()
    level = list(origin)
    while level:
        fresh: list[int] = []
        meetings: list[Link] = []
        for o in level:
            for t in into[o]:
                entry = group_entry.setdefault(group_of[t], t)
                if labels[origin[targets[entry]]] != labels[origin[o]]:
                    meetings.append((entry, t))
        if meetings:  # the ends of both transitions are in this level: no chain is shorter
            best = min(meetings, key=lambda link: _depth(reached, targets, link))
            return _unwind(reached, targets, origin, best)
        for group in dict.fromkeys(group_of[t] for o in level for t in into[o]):
            entry = group_entry[group]
            for t in members[group]:
                end = targets[t]
                if end not in origin:
                    origin[end] = origin[targets[entry]]
                    reached[end] = (entry, t)
                    fresh.append(end)
        level = fresh
    raise InternalError("A clash of labels has no chain. Please report this with the data.")


def _split(
    order: npt.NDArray[np.integer[Any]], counts: npt.NDArray[np.integer[Any]]
) -> list[list[int]]:
    """Cut an ordered list into pieces of the given lengths."""
    flat, ends = order.tolist(), np.cumsum(counts).tolist()
    return [flat[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def _back(reached: dict[int, Link | None], targets: list[int], o: int) -> list[Link]:
    """Return the links from an observation to the labelled one that it was reached from."""
    links = []
    while (step := reached[o]) is not None:
        entry, t = step
        links.append((t, entry))
        o = targets[entry]
    return links


def _depth(reached: dict[int, Link | None], targets: list[int], link: Link) -> int:
    return sum(len(_back(reached, targets, targets[t])) for t in link)


def _unwind(
    reached: dict[int, Link | None], targets: list[int], origin: dict[int, int], middle: Link
) -> tuple[int, int, list[Link]]:
    left, right = (targets[t] for t in middle)
    before = [(q, p) for p, q in reversed(_back(reached, targets, left))]
    links = [*before, middle, *_back(reached, targets, right)]
    return origin[left], origin[right], links
