"""A Hypothesis strategy for words: long ones, repetitive ones, and those that tell apart."""

from collections.abc import Callable, Hashable

import numpy as np
from hypothesis import strategies as st

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.chain import infeasibility
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.pairs import separation_of

__all__ = ["words"]

Word = tuple[int, ...]

#: Letters of a pattern that is drawn to be repeated.
_PATTERN = 3


def words(
    system: DeterministicMDP | TransitionData,
    max_length: int | None = None,
    *,
    indices: bool = False,
) -> st.SearchStrategy[tuple[Hashable, ...]]:
    """Draw words: tuples of actions, biased to long ones and to distinguishing ones.

    One word in five is any word; one is from the upper half of the lengths; one repeats a pattern
    of up to three actions (what it takes to walk down a chain); two are a shortest distinguishing
    word (S7) of two observations that must be told apart, or begin with one. Half of these are of
    a pair that needs the longest word of all.

    Parameters
    ----------
    system
        A deterministic MDP, or transition data of any coverage: words need not be covered.
    max_length
        Longest word; default the number of observations, one more than any shortest
        distinguishing word of a deterministic MDP needs.
    indices
        Draw indices of actions instead of their names.

    Raises
    ------
    InvalidArgumentError
        For another kind of system, or a length that is negative or not an integer.

    Notes
    -----
    Shrinks to the empty word. A distinguishing word takes one refinement for the strategy, and
    for data one search for each word.
    """
    if not isinstance(system, DeterministicMDP | TransitionData):
        raise InvalidArgumentError(
            f"system is a {type(system).__name__}; give a DeterministicMDP or TransitionData."
        )
    longest = system.n_obs if max_length is None else max_length
    if isinstance(longest, bool) or not isinstance(longest, int | np.integer) or longest < 0:
        raise InvalidArgumentError(f"max_length is {longest!r}; it must be an integer >= 0.")
    drawn = _words(len(system.actions), int(longest), _telling(system))
    if indices:
        return drawn
    names = system.actions
    return drawn.map(lambda word: tuple(names[action] for action in word))


def _words(
    n_actions: int, longest: int, telling: st.SearchStrategy[Word] | None
) -> st.SearchStrategy[Word]:
    action = st.integers(0, n_actions - 1)

    def some(low: int, high: int) -> st.SearchStrategy[Word]:
        return st.lists(action, min_size=low, max_size=high).map(tuple)

    def long(length: int) -> st.SearchStrategy[Word]:
        return some(length, length)

    upper = st.integers((longest + 1) // 2, longest)
    kinds = [some(0, longest), upper.flatmap(long)]
    if longest:
        repeated = st.tuples(some(1, min(_PATTERN, longest)), upper)
        kinds.append(repeated.map(lambda case: (case[0] * case[1])[: case[1]]))
    if telling is not None:
        longer = st.tuples(telling, some(0, longest)).map(lambda case: case[0] + case[1])
        kinds += [word.map(lambda word: word[:longest]) for word in (telling, longer)]
    return st.one_of(kinds)


def _telling(system: DeterministicMDP | TransitionData) -> st.SearchStrategy[Word] | None:
    """Draw shortest distinguishing words of pairs; None when no two observations need one."""
    if isinstance(system, DeterministicMDP):
        found = bisimulation(system)
        first = found.partition.representatives.tolist()

        def word(pair: tuple[int, int]) -> Word:
            return found.word_of_indices(first[pair[0]], first[pair[1]]) or ()

        hardest = found.hardest_pair
        if hardest is None:
            return None
        x, y = (found.partition.block_of(system.observation_index(name)) for name in hardest)
        return st.one_of(_pairs(len(first)), st.just((x, y))).map(word)
    if system.n_obs < 2 or infeasibility(system) is not None:
        return None
    return _pairs(system.n_obs).map(_covered_word(system))


def _covered_word(system: TransitionData) -> Callable[[tuple[int, int]], Word]:
    classes, names = forced_classes(system), system.observations

    def word(pair: tuple[int, int]) -> Word:
        spelled = separation_of(classes, names[pair[0]], names[pair[1]]).word
        return tuple(system.action_index(name) for name in spelled or ())

    return word


def _pairs(n: int) -> st.SearchStrategy[tuple[int, int]]:
    """Draw two different numbers below n; the offset makes them differ without a filter."""
    both = st.tuples(st.integers(0, n - 1), st.integers(0, n - 2))
    return both.map(lambda pair: (pair[0], (pair[0] + 1 + pair[1]) % n))
