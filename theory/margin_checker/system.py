"""The checker's own reading of a system: transitions, label vectors, and what must be kept apart.

Nothing here is fast; everything is meant to be read beside D3, S3 and the definition of a label
vector.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from numbers import Number
from typing import Any

from tellapart.theory.margin_checker.reading import LARGEST_ARRAY, Node

__all__ = ["Pair", "System", "read_system", "required_pairs"]

#: Two observations (indices), the smaller first.
Pair = tuple[int, int]


@dataclass(frozen=True)
class System:
    """Transitions and labels, as integers and exact rationals.

    Attributes
    ----------
    observations, actions
        Names.
    transitions
        (o, a, o') for each transition, in the order in which certificates number them.
    labels
        For each observation the number of its label; None where it has none.
    targets
        For each label its vector, ``label_dim`` rationals.
    """

    observations: list[Hashable]
    actions: list[Hashable]
    transitions: list[tuple[int, int, int]]
    labels: list[int | None]
    targets: list[tuple[Fraction, ...]]
    at: dict[tuple[int, int], list[int]] = field(init=False)

    def __post_init__(self) -> None:
        at: dict[tuple[int, int], list[int]] = {}
        for source, action, successor in self.transitions:
            at.setdefault((source, action), []).append(successor)
        object.__setattr__(self, "at", at)

    @property
    def n_obs(self) -> int:
        """Number of observations."""
        return len(self.observations)

    @property
    def is_complete(self) -> bool:
        """Tell whether this is a deterministic MDP: total, functional, fully labelled."""
        total = len(self.at) == self.n_obs * len(self.actions)
        return total and len(self.at) == len(self.transitions) and None not in self.labels

    def target(self, observation: int) -> tuple[Fraction, ...] | None:
        """Return the label vector of an observation, or None where it has no label."""
        label = self.labels[observation]
        return None if label is None else self.targets[label]

    def transition_text(self, transition: int) -> str:
        """Name a transition."""
        source, action, successor = self.transitions[transition]
        names = self.observations
        return f"({names[source]!r}, {self.actions[action]!r}, {names[successor]!r})"


def read_system(node: Node) -> System:
    """Read a saved ``DeterministicMDP`` or ``TransitionData``."""
    if node.is_kind("TransitionData"):
        names = ("triples", "label_ids", "label_values", "observations", "actions")
        unused = ("first_rows", "label_rows", "n_rows", "row_names")
        rows, ids, values, observations, actions, *_ = node.fields(
            "TransitionData", *names, *unused
        )
    else:
        names = ("successors", "label_ids", "label_values", "observations", "actions")
        rows, ids, values, observations, actions = node.fields("DeterministicMDP", *names)
    obs_names, action_names = observations.names(), actions.names()
    labels = _read_values(values)
    lowest = -1 if node.is_kind("TransitionData") else 0
    label_ids = [item.integer(lowest, len(labels)) for item in ids.listed()]
    if len(label_ids) != len(obs_names) or not obs_names or not action_names:
        ids.fail(f"has {len(label_ids)} labels for {len(obs_names)} observations")
    if len(obs_names) * len(obs_names) > LARGEST_ARRAY:
        observations.fail(f"names {len(obs_names)} observations, more than are read")
    read = _read_triples if node.is_kind("TransitionData") else _read_table
    return System(
        obs_names,
        action_names,
        read(rows, len(obs_names), len(action_names)),
        [None if i < 0 else i for i in label_ids],
        _vectors(labels, values),
    )


def _read_table(node: Node, n_obs: int, n_actions: int) -> list[tuple[int, int, int]]:
    rows = [row.listed() for row in node.listed()]
    if len(rows) != n_obs or any(len(row) != n_actions for row in rows):
        node.fail(f"is not a table of {n_obs} observations by {n_actions} actions")
    return [(o, a, rows[o][a].integer(0, n_obs)) for o in range(n_obs) for a in range(n_actions)]


def _read_triples(node: Node, n_obs: int, n_actions: int) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for row in node.listed():
        items = row.listed()
        if len(items) != 3:
            row.fail("is not (observation, action, successor)")
        triple = (
            items[0].integer(0, n_obs),
            items[1].integer(0, n_actions),
            items[2].integer(0, n_obs),
        )
        if found and found[-1] >= triple:
            row.fail("is out of order or repeated; transitions are sorted")
        found.append(triple)
    return found


def _read_values(node: Node) -> list[Hashable]:
    values = [item.name() for item in node.listed()]
    if len(set(values)) != len(values):
        node.fail("holds one label twice")
    return values


def _vectors(values: Sequence[Hashable], node: Node) -> list[tuple[Fraction, ...]]:
    """Return label vectors: float64 numbers where all labels are alike numbers, else one-hot."""
    rows = [value if isinstance(value, tuple) else (value,) for value in values]
    numeric = all(isinstance(part, Number) for row in rows for part in row)
    if numeric and len({len(row) for row in rows}) == 1 and rows[0]:
        try:
            exact = [tuple(_as_float64(part) for part in row) for row in rows]
        except OverflowError:
            exact = []
        if exact and len(set(exact)) == len(exact):
            return exact
    size = len(values)
    if size * size > LARGEST_ARRAY:
        node.fail(f"holds {size} labels, more than are read as one-hot vectors")
    return [tuple(Fraction(i == j) for j in range(size)) for i in range(size)]


def _as_float64(number: Any) -> Fraction:
    """Return the exact value of the float64 that a number is stored as in a label vector."""
    return Fraction(*float(number).as_integer_ratio())


def required_pairs(
    system: System, progress: Callable[[str, int, int | None, str], None] | None = None
) -> set[Pair]:
    """Return the pairs that every zero-loss encoder tells apart (D3; S3 for partial data)."""
    if system.is_complete:
        blocks = _bisimilarity(system)
        return {(x, y) for x, y in combinations(range(system.n_obs), 2) if blocks[x] != blocks[y]}
    required: set[Pair] = set()
    mergeable: set[Pair] = set()
    pairs = list(combinations(range(system.n_obs), 2))
    for done, pair in enumerate(pairs):
        if progress is not None and done % 1000 == 0:
            progress("margin check", done, len(pairs), "pairs to be told apart")
        if pair in mergeable:
            continue
        groups = _fold(system, pair)
        if groups is None:
            required.add(pair)
        else:  # an admissible kernel: none of the pairs that it merges has to be told apart
            mergeable.update((x, y) for group in groups for x, y in combinations(sorted(group), 2))
    return required


def _bisimilarity(system: System) -> list[int]:
    """Return the block of each observation: refine the labels until nothing changes (D3)."""
    actions = range(len(system.actions))
    blocks = _numbered(system.labels)
    while True:
        finer = _numbered(
            [
                (blocks[o], *(blocks[system.at[o, a][0]] for a in actions))
                for o in range(system.n_obs)
            ]
        )
        if max(finer) == max(blocks):
            return blocks
        blocks = finer


def _numbered(keys: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _fold(system: System, pair: Pair) -> list[list[int]] | None:
    """Merge a pair and all that follows from it (S3); None when two labels come to clash.

    Otherwise return the groups of more than one observation.
    """
    group = {o: o for o in range(system.n_obs)}  # a member nearer to the root; the root is its own
    members = {o: [o] for o in group}
    moves: dict[int, dict[int, int]] = {}  # root -> action -> one successor
    label = {o: system.labels[o] for o in group}

    def root(o: int) -> int:
        while group[o] != o:
            group[o] = group[group[o]]
            o = group[o]
        return o

    waiting = [pair]
    for (source, action), successors in system.at.items():
        moves.setdefault(source, {})[action] = successors[0]
        waiting += [(successors[0], other) for other in successors[1:]]
    while waiting:
        x, y = map(root, waiting.pop())
        if x == y:
            continue
        if len(members[x]) < len(members[y]):
            x, y = y, x
        if None not in (label[x], label[y]) and label[x] != label[y]:
            return None
        group[y] = x
        members[x] += members.pop(y)
        label[x] = label[y] if label[x] is None else label[x]
        into = moves.setdefault(x, {})
        for action, successor in moves.pop(y, {}).items():
            waiting.append((into.setdefault(action, successor), successor))
    return [found for found in members.values() if len(found) > 1]
