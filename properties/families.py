"""Families of deterministic MDPs, each built without rejection from a source of choices.

Random successor tables alone have shallow words and trivial quotients; the other families are
there to reach deep words, healthy merges and unreachable parts.

Choices come from anywhere: Hypothesis draws (and shrinks) them for
:func:`tellapart.properties.strategies.deterministic_mdps`, a seed determines them for
:func:`tellapart.properties.suite.systems.seeded_system`.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["FAMILIES", "Choices", "check_bounds", "chosen_families", "draw_family"]

T = TypeVar("T")
Tables = tuple[list[list[int]], list[int]]  # successors [n_obs][n_actions], labels [n_obs]


class Choices(Protocol):
    """Where the builders of families get what they do not determine.

    The simplest choice comes first everywhere: small numbers, the first option, False, the
    identity. A source that shrinks goes there.
    """

    def integers(self, count: int, below: int) -> list[int]:
        """Choose ``count`` integers, each one of ``0 .. below-1``."""

    def integer(self, low: int, high: int) -> int:
        """Choose one of ``low .. high``, both included."""

    def permutation(self, n: int) -> list[int]:
        """Choose an order of ``0 .. n-1``."""

    def pick(self, options: Sequence[T]) -> T:
        """Choose one of some options."""

    def flag(self) -> bool:
        """Choose False or True."""


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


def draw_family(
    choices: Choices, family: str, n_obs: int, n_actions: int, max_labels: int
) -> Tables:
    """Build successors and labels of one family (of :data:`FAMILIES`) from choices.

    Notes
    -----
    The order in which the builders choose is part of what a seed means: with another order every
    system that was ever drawn by seed is another one.
    """
    return _BUILDERS[family](choices, n_obs, n_actions, max_labels)


def _table(choices: Choices, n_obs: int, n_actions: int) -> list[list[int]]:
    flat = choices.integers(n_obs * n_actions, n_obs)
    return [flat[o * n_actions : (o + 1) * n_actions] for o in range(n_obs)]


def _one_label(choices: Choices, n_obs: int, max_labels: int) -> list[int]:
    """Label 1 at one chosen observation; label 0 at the others."""
    target = choices.integer(0, n_obs - 1)
    return [int(o == target and max_labels > 1) for o in range(n_obs)]


def _random(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    return _table(choices, n_obs, n_actions), choices.integers(n_obs, max_labels)


def _permutation(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    columns = [choices.permutation(n_obs) for _ in range(n_actions)]
    successors = [[column[o] for column in columns] for o in range(n_obs)]
    return successors, choices.integers(n_obs, max_labels)


def _chain(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    end = n_obs - 1
    columns = [[min(o + 1, end) for o in range(n_obs)]]
    for _ in range(n_actions - 1):
        way = choices.pick(("stay", "reset", "anywhere"))
        columns.append(
            choices.integers(n_obs, n_obs)
            if way == "anywhere"
            else [0 if way == "reset" else o for o in range(n_obs)]
        )
    successors = [[column[o] for column in columns] for o in range(n_obs)]
    return successors, [int(o == end and max_labels > 1) for o in range(n_obs)]


def _counter(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    modular = choices.flag()
    steps = [(1, -1)[a] if a < 2 else choices.integer(-2, 2) for a in range(n_actions)]
    successors = [
        [(o + step) % n_obs if modular else min(max(o + step, 0), n_obs - 1) for step in steps]
        for o in range(n_obs)
    ]
    return successors, _one_label(choices, n_obs, max_labels)


def _sparse_label(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    return _table(choices, n_obs, n_actions), _one_label(choices, n_obs, max_labels)


def _blow_up(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    size = choices.integer(1, max(1, (n_obs + 1) // 2))
    inner = choices.pick(("random", "chain", "counter"))
    successors, labels = draw_family(choices, inner, size, n_actions, max_labels)
    owner = [*range(size), *choices.integers(n_obs - size, size)]
    copies = [[o for o in range(n_obs) if owner[o] == original] for original in range(size)]
    table = [
        [choices.pick(copies[target]) for target in successors[owner[o]]] for o in range(n_obs)
    ]
    return table, [labels[original] for original in owner]


def _disconnected(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    if n_obs == 1:
        return _random(choices, n_obs, n_actions, max_labels)
    inner = choices.pick(("random", "permutation", "chain", "counter"))
    half = n_obs // 2
    left, left_labels = draw_family(choices, inner, half, n_actions, max_labels)
    if choices.flag():  # twins: every observation of the copy is bisimilar to its original
        right, right_labels = left, left_labels
        spare = n_obs - 2 * half  # an odd one out copies the last observation of the twin
        right = right + right[-1:] * spare
        right_labels = right_labels + right_labels[-1:] * spare
    else:
        right, right_labels = draw_family(choices, inner, n_obs - half, n_actions, max_labels)
    shifted = [[target + half for target in row] for row in right]
    return left + shifted, left_labels + right_labels


def _near_miss(choices: Choices, n_obs: int, n_actions: int, max_labels: int) -> Tables:
    """Build two copies of a walk that differ in one label or one transition, at its end only."""
    if n_obs < 4:
        return _chain(choices, n_obs, n_actions, max_labels)
    half = n_obs // 2
    end = half - 1
    columns = [[min(o + 1, end) for o in range(half)]]
    for _ in range(n_actions - 1):  # no action skips ahead: the end is as far as it can be
        back = choices.integers(half, half)
        columns.append([o - b % (o + 1) for o, b in enumerate(back)])
    walk = [[column[o] for column in columns] for o in range(half)]
    labels = [0] * half
    if max_labels > 2:  # what both copies show beside the end must not tell them apart
        labels = choices.integers(half, 2)
    label_differs = choices.flag()
    last = max_labels - 1
    ends = (last, 0) if label_differs else (last, last)
    copies = [[[o + shift for o in row] for row in walk] for shift in (0, half)]
    if not label_differs:  # the copy's end leads back, where the walk's end stays
        copies[1][end][0] = half
    spare = [[0] * n_actions] * (n_obs - 2 * half)  # an odd one out leads to the first
    shown = [[*labels[:end], value] for value in ends]
    return copies[0] + copies[1] + spare, shown[0] + shown[1] + [0] * len(spare)


_BUILDERS: dict[str, Callable[[Choices, int, int, int], Tables]] = {
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
