"""Families of deterministic MDPs that a strategy draws from, each built without rejection.

Random successor tables alone have shallow words and trivial quotients; the other families are
there to reach deep words, healthy merges and unreachable parts.
"""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["FAMILIES", "check_bounds", "chosen_families", "draw_family"]

Tables = tuple[list[list[int]], list[int]]  # successors [n_obs][n_actions], labels [n_obs]
_Draw = Callable[[st.SearchStrategy[Any]], Any]


def check_bounds(**bounds: tuple[int, int]) -> None:
    """Refuse bounds ``name=(low, high)`` that nothing fits."""
    for name, (low, high) in bounds.items():
        if not 1 <= low <= high:
            raise InvalidArgumentError(
                f"The bounds on {name} are {low}..{high}; they must be at least 1 and in order."
            )


def chosen_families(families: Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    """Return the families to draw from: all, or those that are asked for if they are known."""
    chosen = tuple(known if families is None else families)
    unknown = [family for family in chosen if family not in known]
    if unknown or not chosen:
        raise InvalidArgumentError(
            f"families is {list(chosen)}; choose at least one of {', '.join(known)}."
        )
    return chosen


def draw_family(draw: _Draw, family: str, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    """Draw successors and labels of one family (a key of :data:`FAMILIES`)."""
    return _BUILDERS[family](draw, n_obs, n_actions, max_labels)


def _integers(draw: _Draw, count: int, below: int) -> list[int]:
    if below == 1:
        return [0] * count
    values: list[int] = draw(st.lists(st.integers(0, below - 1), min_size=count, max_size=count))
    return values


def _table(draw: _Draw, n_obs: int, n_actions: int) -> list[list[int]]:
    flat = _integers(draw, n_obs * n_actions, n_obs)
    return [flat[o * n_actions : (o + 1) * n_actions] for o in range(n_obs)]


def _one_label(draw: _Draw, n_obs: int, max_labels: int) -> list[int]:
    """Label 1 at one drawn observation; label 0 at the others."""
    target = draw(st.integers(0, n_obs - 1))
    return [int(o == target and max_labels > 1) for o in range(n_obs)]


def _random(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    return _table(draw, n_obs, n_actions), _integers(draw, n_obs, max_labels)


def _permutation(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    columns = [draw(st.permutations(range(n_obs))) for _ in range(n_actions)]
    successors = [[column[o] for column in columns] for o in range(n_obs)]
    return successors, _integers(draw, n_obs, max_labels)


def _chain(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    end = n_obs - 1
    columns = [[min(o + 1, end) for o in range(n_obs)]]
    for _ in range(n_actions - 1):
        way = draw(st.sampled_from(("stay", "reset", "anywhere")))
        columns.append(
            _integers(draw, n_obs, n_obs)
            if way == "anywhere"
            else [0 if way == "reset" else o for o in range(n_obs)]
        )
    successors = [[column[o] for column in columns] for o in range(n_obs)]
    return successors, [int(o == end and max_labels > 1) for o in range(n_obs)]


def _counter(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    modular = draw(st.booleans())
    steps = [(1, -1)[a] if a < 2 else draw(st.integers(-2, 2)) for a in range(n_actions)]
    successors = [
        [(o + step) % n_obs if modular else min(max(o + step, 0), n_obs - 1) for step in steps]
        for o in range(n_obs)
    ]
    return successors, _one_label(draw, n_obs, max_labels)


def _sparse_label(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    return _table(draw, n_obs, n_actions), _one_label(draw, n_obs, max_labels)


def _blow_up(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    size = draw(st.integers(1, max(1, (n_obs + 1) // 2)))
    inner = draw(st.sampled_from(("random", "chain", "counter")))
    successors, labels = draw_family(draw, inner, size, n_actions, max_labels)
    owner = [*range(size), *_integers(draw, n_obs - size, size)]
    copies = [[o for o in range(n_obs) if owner[o] == original] for original in range(size)]
    table = [
        [draw(st.sampled_from(copies[target])) for target in successors[owner[o]]]
        for o in range(n_obs)
    ]
    return table, [labels[original] for original in owner]


def _disconnected(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    if n_obs == 1:
        return _random(draw, n_obs, n_actions, max_labels)
    inner = draw(st.sampled_from(("random", "permutation", "chain", "counter")))
    half = n_obs // 2
    left, left_labels = draw_family(draw, inner, half, n_actions, max_labels)
    if draw(st.booleans()):  # twins: every observation of the copy is bisimilar to its original
        right, right_labels = left, left_labels
        spare = n_obs - 2 * half  # an odd one out copies the last observation of the twin
        right = right + right[-1:] * spare
        right_labels = right_labels + right_labels[-1:] * spare
    else:
        right, right_labels = draw_family(draw, inner, n_obs - half, n_actions, max_labels)
    shifted = [[target + half for target in row] for row in right]
    return left + shifted, left_labels + right_labels


def _near_miss(draw: _Draw, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    """Draw two copies of a walk that differ in one label or one transition, at its end only."""
    if n_obs < 4:
        return _chain(draw, n_obs, n_actions, max_labels)
    half = n_obs // 2
    end = half - 1
    columns = [[min(o + 1, end) for o in range(half)]]
    for _ in range(n_actions - 1):  # no action skips ahead: the end is as far as it can be
        back = _integers(draw, half, half)
        columns.append([o - b % (o + 1) for o, b in enumerate(back)])
    walk = [[column[o] for column in columns] for o in range(half)]
    labels = [0] * half
    if max_labels > 2:  # what both copies show beside the end must not tell them apart
        labels = _integers(draw, half, 2)
    label_differs = draw(st.booleans())
    last = max_labels - 1
    ends = (last, 0) if label_differs else (last, last)
    copies = [[[o + shift for o in row] for row in walk] for shift in (0, half)]
    if not label_differs:  # the copy's end leads back, where the walk's end stays
        copies[1][end][0] = half
    spare = [[0] * n_actions] * (n_obs - 2 * half)  # an odd one out leads to the first
    shown = [[*labels[:end], value] for value in ends]
    return copies[0] + copies[1] + spare, shown[0] + shown[1] + [0] * len(spare)


_BUILDERS: dict[str, Callable[[_Draw, int, int, int], Tables]] = {
    "random": _random,
    "permutation": _permutation,
    "chain": _chain,
    "near-miss": _near_miss,
    "counter": _counter,
    "sparse-label": _sparse_label,
    "blow-up": _blow_up,
    "disconnected": _disconnected,
}

#: Names of the families, the simplest first: shrinking ends there.
FAMILIES: tuple[str, ...] = tuple(_BUILDERS)
