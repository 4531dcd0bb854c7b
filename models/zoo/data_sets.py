"""Logged data with known answers: partial coverage, states that look alike, and nuisance.

All of them tell of the counting chain: nine counts, the actions -1 and +1, label 1 at count 4. The
seed draws what is free in a data set and the order of its rows, which proofs refer to.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tellapart.models.fit import check_integer
from tellapart.models.zoo.adversarial import expert_data
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import entry_named

__all__ = [
    "DATA_SETS",
    "DataSet",
    "aliased_rooms",
    "contradicting_rooms",
    "data_set",
    "expert_coverage",
    "random_half",
    "views_per_episode",
    "views_per_step",
]

Row = tuple[Hashable, Hashable, Hashable]

_COUNTS, _GOAL = 9, 4
_VIEWS = ("left", "middle", "right")
_WALK = 40


@dataclass(frozen=True, repr=False)
class DataSet:
    """A named data set and what is known of it.

    Attributes
    ----------
    name, summary
        What it is, in one line.
    make
        ``seed -> TransitionData``.
    feasible
        Whether some encoder reaches zero loss on it (S2).
    why
        What the data force, in one sentence.
    """

    name: str
    summary: str
    make: Callable[[int], TransitionData]
    feasible: bool
    why: str

    def __repr__(self) -> str:
        return f"DataSet({self.name!r}: {self.summary})"


def expert_coverage(seed: int = 0) -> TransitionData:
    """Return what an expert does on the counting chain: steps towards count 4 and nothing else.

    Eight transitions of 18; five codes do, where the whole chain needs nine.

    Examples
    --------
    >>> expert_coverage(0).n_missing_pairs
    10
    """
    chain = _chain()
    data = expert_data(chain)
    rows = [
        (chain.observations[o], chain.actions[a], chain.observations[s])
        for o, a, s in data.triples.tolist()
    ]
    return _logged(rows, chain.observations, dict(enumerate(chain.labels)), seed)


def random_half(seed: int = 0) -> TransitionData:
    """Return half of the transitions of the counting chain, drawn by the seed.

    Examples
    --------
    >>> random_half(0).n_transitions
    9
    """
    check_integer("seed", seed, 0)
    chain = _chain()
    rows = [
        (chain.observations[o], chain.actions[a], chain.observations[s])
        for o, a, s in TransitionData.from_mdp(chain).triples.tolist()
    ]
    kept = np.random.default_rng(seed).permutation(len(rows))[: len(rows) // 2]
    chosen = [rows[k] for k in sorted(kept.tolist())]
    return _logged(chosen, chain.observations, dict(enumerate(chain.labels)), seed)


def aliased_rooms(seed: int = 0) -> TransitionData:
    """Return the chain in two rooms that look alike at one count, which the seed draws.

    From that count both actions have two successors, one for each room. The rooms have the same
    labels, so the data stay feasible: forced merges make the rooms one, and nine codes are left.

    Examples
    --------
    >>> data = aliased_rooms(0)
    >>> data.n_obs, data.is_functional
    (17, False)
    """
    return _rooms(seed, lambda room, number: int(number == _GOAL))


def contradicting_rooms(seed: int = 0) -> TransitionData:
    """Return the same two rooms, where only the first one has the label 1.

    The forced merges now join two labels: no encoder reaches zero loss. The chain of merges is as
    long as the way from the count that looks alike to count 4.
    """
    return _rooms(seed, lambda room, number: int(number == _GOAL and room == "first"))


def views_per_step(seed: int = 0) -> TransitionData:
    """Return counts seen from three sides, where the side is drawn anew at each step.

    Every view of a count leads to every view of the next one. Forced merges make all views of a
    count one: the kernel of each zero-loss encoder is the count.

    Examples
    --------
    >>> data = views_per_step(0)
    >>> data.n_obs, data.n_transitions, data.is_functional
    (27, 162, False)
    """
    rows: list[Row] = [
        ((number, view), step, (_moved(number, step), after))
        for number in range(_COUNTS)
        for view in _VIEWS
        for step in (-1, 1)
        for after in _VIEWS
    ]
    return _logged_views(rows, seed)


def views_per_episode(seed: int = 0) -> TransitionData:
    """Return counts seen from three sides, where the side is fixed in each episode.

    One episode of 40 random steps for each side. No pair has two successors, so nothing is forced
    together: an encoder may keep the side or drop it.

    Examples
    --------
    >>> views_per_episode(0).is_functional
    True
    """
    check_integer("seed", seed, 0)
    generator = np.random.default_rng(seed)
    rows: list[Row] = []
    for view in _VIEWS:
        number = int(generator.integers(_COUNTS))
        for step in generator.choice([-1, 1], size=_WALK).tolist():
            rows.append(((number, view), step, (_moved(number, step), view)))
            number = _moved(number, step)
    return _logged_views(rows, seed)


def data_set(name: str) -> DataSet:
    """Return a data set by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> data_set("contradicting-rooms").feasible
    False
    """
    return entry_named(DATA_SETS, name, "data set")


def _chain() -> DeterministicMDP:
    return counting_chain(_COUNTS)


def _moved(number: int, step: int) -> int:
    return min(_COUNTS - 1, max(0, number + step))


def _rooms(seed: int, label: Callable[[str, int], int]) -> TransitionData:
    check_integer("seed", seed, 0)
    others = [number for number in range(_COUNTS) if number != _GOAL]
    alike = int(np.random.default_rng(seed).choice(others))
    shown = {
        (room, number): ("either", number) if number == alike else (room, number)
        for room in ("first", "second")
        for number in range(_COUNTS)
    }
    rows: list[Row] = [
        (name, step, shown[room, _moved(number, step)])
        for (room, number), name in shown.items()
        for step in (-1, 1)
    ]
    names = list(dict.fromkeys(shown.values()))
    labels = {names.index(name): label(*state) for state, name in shown.items()}
    return _logged(rows, names, labels, seed)


def _logged_views(rows: Sequence[Row], seed: int) -> TransitionData:
    names = [(number, view) for number in range(_COUNTS) for view in _VIEWS]
    labels = {k: int(number == _GOAL) for k, (number, _) in enumerate(names)}
    return _logged(rows, names, labels, seed)


def _logged(
    rows: Sequence[Row], names: Sequence[Hashable], labels: Mapping[int, object], seed: int
) -> TransitionData:
    """Return rows of names as data, in an order that the seed draws."""
    check_integer("seed", seed, 0)
    actions = _chain().actions
    place = {name: k for k, name in enumerate(names)}
    by_step = {-1: 0, 1: 1, **{name: k for k, name in enumerate(actions)}}
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    triples = [(place[o], by_step[a], place[s]) for o, a, s in (rows[k] for k in order)]
    return TransitionData(np.array(triples), dict(labels), names, actions)


_ALL = (
    DataSet(
        "expert-coverage",
        "the counting chain as an expert sees it",
        expert_coverage,
        True,
        "five codes do: what only untried actions tell apart may be merged",
    ),
    DataSet(
        "random-half",
        "half of the transitions of the counting chain",
        random_half,
        True,
        "the labels are told apart, and what the transitions that are left lead to",
    ),
    DataSet(
        "aliased-rooms",
        "two rooms that look alike at one count, with the same labels",
        aliased_rooms,
        True,
        "the rooms become one, and all nine counts must be told apart",
    ),
    DataSet(
        "contradicting-rooms",
        "two rooms that look alike at one count, with different labels",
        contradicting_rooms,
        False,
        "the rooms become one, and count 4 has two labels",
    ),
    DataSet(
        "views-per-step",
        "counts seen from a side that is drawn at each step",
        views_per_step,
        True,
        "all views of a count share a code, and all nine counts must be told apart",
    ),
    DataSet(
        "views-per-episode",
        "counts seen from a side that is fixed in each episode",
        views_per_episode,
        True,
        "no merge is forced; counts that the episodes tell apart must be told apart",
    ),
)

#: All data sets by name.
DATA_SETS: Mapping[str, DataSet] = MappingProxyType({entry.name: entry for entry in _ALL})
