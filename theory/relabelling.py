"""Changes of an MDP whose effect on every answer is known: metamorphic relations.

Order and number of observations say nothing about what labels and dynamics force. A function of
this package that answers otherwise after one of these changes is wrong, with no oracle needed.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import lookup, lookup_table

__all__ = ["duplicated", "rename", "with_unreachable"]

IntArray = npt.NDArray[np.int64]


def rename(
    mdp: DeterministicMDP,
    observation_order: Sequence[Hashable] | None = None,
    action_order: Sequence[Hashable] | None = None,
) -> DeterministicMDP:
    """Return the same MDP with observations and actions in another order; names go along.

    Parameters
    ----------
    mdp
        The system.
    observation_order, action_order
        All names, each once, in the new order; None: as they are.

    Returns
    -------
    DeterministicMDP
        An isomorphic one: what has a name keeps its label and its successors.

    Raises
    ------
    InvalidArgumentError
        When an order is not a permutation of the names.

    Notes
    -----
    O(n |A|). By name everything stays: blocks of B_k for every k (D3), depth, the pairs that must
    be told apart and the lengths of their words (S7), the number of admissible partitions (S5),
    the linear and affine capacity (S12). Of several shortest words another may be shown, where
    actions change places.

    Examples
    --------
    >>> lamp = DeterministicMDP([[0, 1], [0, 1]], ["off", "on"], ["dark", "light"])
    >>> turned = rename(lamp, ["light", "dark"], [1, 0])
    >>> turned.successors.tolist(), turned.labels
    ([[0, 1], [0, 1]], ('on', 'off'))
    """
    _check_mdp("mdp", mdp)
    rows = _order("observation", mdp.observations, observation_order)
    columns = _order("action", mdp.actions, action_order)
    place = np.empty(mdp.n_obs, dtype=np.int64)
    place[rows] = np.arange(mdp.n_obs)
    return DeterministicMDP(
        place[mdp.successors[rows][:, columns]],
        [mdp.label_values[i] for i in mdp.label_ids[rows].tolist()],
        [mdp.observations[o] for o in rows],
        [mdp.actions[a] for a in columns],
    )


def duplicated(
    mdp: DeterministicMDP, observations: Iterable[Hashable], *, seed: int | None = None
) -> DeterministicMDP:
    """Return an MDP in which some observations come in several looks.

    Parameters
    ----------
    mdp
        The system.
    observations
        Names of the observations to copy; a name that is listed twice is copied twice.
    seed
        None: no transition leads to a copy. An integer: every transition leads to a random look of
        its successor.

    Returns
    -------
    DeterministicMDP
        The observations of ``mdp``, then the copies in the order of the list. Copy number ``k`` of
        ``name`` is named ``(name, k)``, with k from 1.

    Raises
    ------
    InvalidArgumentError
        For a name that does not exist, a copy whose name is taken, or a negative seed.

    Notes
    -----
    O(n |A|). Each copy is bisimilar to its original, and everything else stays by name: |B_k| for
    every k, depth, words, capacity (S12). Where the original must be told apart from others, so
    must its copies: pairs that must be told apart are counted with the new sizes of the blocks.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> duplicated(counting_chain(3), [1, 1]).observations
    (0, 1, 2, (1, 1), (1, 2))
    """
    _check_mdp("mdp", mdp)
    if seed is not None and (
        isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0
    ):
        raise InvalidArgumentError(f"seed is {seed!r}; it must be None or an integer >= 0.")
    originals, names = [], list(mdp.observations)
    copies: Counter[int] = Counter()
    for name in observations:
        o = mdp.observation_index(name)
        copies[o] += 1
        originals.append(o)
        names.append((mdp.observations[o], copies[o]))
    _check_free(names, mdp.n_obs)
    shows = np.array([*range(mdp.n_obs), *originals], dtype=np.int64)
    successors = mdp.successors[shows].astype(np.int64)
    if seed is not None:
        successors = _any_look(successors, shows, mdp.n_obs, np.random.default_rng(seed))
    labels = [mdp.label_values[i] for i in mdp.label_ids[shows].tolist()]
    return DeterministicMDP(successors, labels, names, mdp.actions)


def with_unreachable(mdp: DeterministicMDP, other: DeterministicMDP) -> DeterministicMDP:
    """Return both MDPs side by side: no transition leads from one to the other.

    Parameters
    ----------
    mdp
        The system.
    other
        What to add: any system with actions of the same names, in any order.

    Returns
    -------
    DeterministicMDP
        The observations of ``mdp`` with their names, then those of ``other``, named
        ``("added", name)``.

    Raises
    ------
    InvalidArgumentError
        When the actions have other names, or a name of ``mdp`` is taken by what is added.

    Notes
    -----
    O(n |A|). Among the observations of ``mdp`` nothing changes: which pairs must be told apart, at
    which depth, by which words. In all, the depth is at least that of each part, and the linear
    capacity (S12) at least that of each and at most their sum. A part of an admissible partition
    is admissible for its part, and partitions of the parts make one of the whole (S5).

    Examples
    --------
    >>> lamp = DeterministicMDP([[0, 1], [0, 1]], ["off", "on"], ["dark", "light"])
    >>> with_unreachable(lamp, lamp).observations
    ('dark', 'light', ('added', 'dark'), ('added', 'light'))
    """
    _check_mdp("mdp", mdp)
    _check_mdp("other", other)
    if set(mdp.actions) != set(other.actions):
        raise InvalidArgumentError(
            f"The actions are {_shown(mdp.actions)} and {_shown(other.actions)}; both systems need "
            "the same names of actions."
        )
    columns = [other.action_index(name) for name in mdp.actions]
    names = [*mdp.observations, *(("added", name) for name in other.observations)]
    _check_free(names, mdp.n_obs)
    shifted = other.successors[:, columns].astype(np.int64) + mdp.n_obs
    return DeterministicMDP(
        np.concatenate([mdp.successors, shifted]),
        [*mdp.labels, *other.labels],
        names,
        mdp.actions,
    )


def _any_look(successors: IntArray, shows: IntArray, n: int, rng: np.random.Generator) -> IntArray:
    """Replace each successor by a random observation that shows the same original."""
    by_original = np.argsort(shows, kind="stable")
    counts = np.bincount(shows, minlength=n)
    starts = np.cumsum(counts) - counts
    picked = rng.integers(counts[successors])
    chosen: IntArray = by_original[starts[successors] + picked]
    return chosen


def _order(what: str, names: Sequence[Hashable], order: Sequence[Hashable] | None) -> list[int]:
    """Return the indices of all names in a new order."""
    if order is None:
        return list(range(len(names)))
    table = lookup_table(names)
    found = [lookup(table, name, what, names) for name in order]
    if sorted(found) != list(range(len(names))):
        twice = [name for name, times in Counter(found).items() if times > 1]
        fault = f"names {names[twice[0]]!r} twice" if twice else f"has {len(found)} names"
        raise InvalidArgumentError(
            f"{what}_order {fault}; give all {len(names)} {what}s, each exactly once."
        )
    return found


def _check_free(names: Sequence[Hashable], n: int) -> None:
    known = set(names[:n])
    taken = [name for name in names[n:] if name in known]
    if taken:
        raise InvalidArgumentError(
            f"There is an observation named {taken[0]!r} already, which is what an added one would "
            "be called; rename it first (DeterministicMDP(..., observations=...))."
        )


def _check_mdp(what: str, value: object) -> None:
    if not isinstance(value, DeterministicMDP):
        raise InvalidArgumentError(f"{what} is a {type(value).__name__}; give a DeterministicMDP.")


def _shown(names: Sequence[Hashable]) -> str:
    return ", ".join(map(repr, names[:6])) + (", ..." if len(names) > 6 else "")
