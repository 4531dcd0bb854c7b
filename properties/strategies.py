"""Hypothesis strategies for deterministic MDPs, labelings and admissible partitions.

The other strategies can be imported from here too: ``transition_data``, ``words``,
``zero_loss_subjects``, ``perturbed_subjects``, ``trained_subjects`` and ``renderings``.

Everything is constructed, nothing is filtered: no example is thrown away, and shrinking ends at
the smallest system there is (one observation, one action, label 0).
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from tellapart.properties.families import (
    FAMILIES,
    check_bounds,
    chosen_families,
    draw_family,
)
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.lattice.admissible import admissible_lattice
from tellapart.theory.lattice.components import Component, Factors, factors
from tellapart.theory.lattice.sample import assembled, merge_some, partners, refuse_clash
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

if TYPE_CHECKING:
    from tellapart.properties.data_strategies import transition_data as transition_data
    from tellapart.properties.renderings import renderings as renderings
    from tellapart.properties.subject_strategies import perturbed_subjects as perturbed_subjects
    from tellapart.properties.subject_strategies import trained_subjects as trained_subjects
    from tellapart.properties.subject_strategies import zero_loss_subjects as zero_loss_subjects
    from tellapart.properties.word_strategies import words as words

__all__ = ["FAMILIES", "admissible_partitions", "deterministic_mdps", "labelings"]

T = TypeVar("T")

#: Up to this many admissible partitions are listed, and drawn by position.
_MOST_LISTED = 300


def deterministic_mdps(
    *,
    min_observations: int = 1,
    max_observations: int = 8,
    min_actions: int = 1,
    max_actions: int = 3,
    max_labels: int = 3,
    families: Sequence[str] | None = None,
) -> st.SearchStrategy[DeterministicMDP]:
    """Draw deterministic MDPs with names ``0, 1, ...`` and labels ``0 .. max_labels-1``.

    Parameters
    ----------
    min_observations, max_observations, min_actions, max_actions
        Bounds, inclusive.
    max_labels
        Bound on the distinct labels.
    families
        Which of :data:`FAMILIES` to draw from; default all.

        With a single observation all are the same: self-loops and any label.

        ``"random"``: any successors and labels; every MDP within the bounds is one of these.
        ``"permutation"``: every action permutes the observations.
        ``"chain"``: one action walks to the end, the only label; others go anywhere. Words as
        long as ``n_obs - 2``.
        ``"counter"``: one action up, one down, clipped or modular, one target.
        ``"sparse-label"``: random successors, one observation labelled apart.
        ``"blow-up"``: copies of the observations of a smaller MDP, with any copy as successor, so
        that the quotient is smaller than the MDP.
        ``"disconnected"``: two MDPs side by side, often twins.
        ``"near-miss"``: two copies of a walk that differ at its end only, in one label or one
        transition: their beginnings are told apart by words of length ``n_obs // 2 - 1`` (or one
        more), and by no shorter one.

    Raises
    ------
    InvalidArgumentError
        For empty bounds or an unknown family.

    Notes
    -----
    Shrinks to one observation with one action and label 0. Hypothesis prefers few choices to
    small numbers, so a failing chain or counter is kept rather than a random table in its place.
    """
    check_bounds(
        observations=(min_observations, max_observations),
        actions=(min_actions, max_actions),
        labels=(1, max_labels),
    )
    chosen = chosen_families(families, FAMILIES)
    return _mdps(
        (min_observations, max_observations), (min_actions, max_actions), max_labels, chosen
    )


@st.composite
def _mdps(
    draw: st.DrawFn,
    observations: tuple[int, int],
    actions: tuple[int, int],
    max_labels: int,
    families: tuple[str, ...],
) -> DeterministicMDP:
    low, high = observations
    # Every second draw is from the upper half: that is where the deep words are.
    n_obs = draw(st.one_of(st.integers(low, high), st.integers((low + high + 1) // 2, high)))
    n_actions = draw(st.integers(*actions))
    # With one observation all families are one; without a draw of it, this is the fewest choices
    # that any MDP takes, and Hypothesis shrinks to few choices first.
    family = draw(st.sampled_from(families)) if n_obs > 1 else "random"
    return DeterministicMDP(*draw_family(_Drawn(draw), family, n_obs, n_actions, max_labels))


class _Drawn:
    """Choices drawn by Hypothesis: the source that shrinks (see :class:`~.families.Choices`)."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integers(self, count: int, below: int) -> list[int]:
        if below == 1:
            return [0] * count
        return self._draw(st.lists(st.integers(0, below - 1), min_size=count, max_size=count))

    def integer(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def permutation(self, n: int) -> list[int]:
        return list(self._draw(st.permutations(range(n))))

    def pick(self, options: Sequence[T]) -> T:
        return self._draw(st.sampled_from(options))

    def flag(self) -> bool:
        return self._draw(st.booleans())


def labelings(
    mdp: DeterministicMDP | int, max_labels: int = 3
) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw one label ``0 .. max_labels-1`` for each observation.

    Parameters
    ----------
    mdp
        The MDP to label (pass the result to ``mdp.with_labels``), or a number of observations.
    max_labels
        Bound on the distinct labels.

    Notes
    -----
    Shrinks to all zeros: the uninformative label, with which B* has one block (S8).
    """
    count = mdp if isinstance(mdp, int) else mdp.n_obs
    if count < 1 or max_labels < 1:
        raise InvalidArgumentError(
            f"labelings of {count} observations with {max_labels} labels: both must be >= 1."
        )
    one = st.integers(0, max_labels - 1)
    return st.lists(one, min_size=count, max_size=count).map(tuple)


def admissible_partitions(
    system: DeterministicMDP | TransitionData,
) -> st.SearchStrategy[Partition]:
    """Draw kernels of zero-loss encoders: any partition of the interval [F(D), ...] (S1, S5).

    Where there are few, all are listed and one is drawn by its position. Where there are many,
    pairs of observations are drawn, and merged and folded until every action respects the
    result; a pair that would force a clash of labels is left out. Either way every admissible
    partition is reached: each is the closure of its own pairs.

    Parameters
    ----------
    system
        A deterministic MDP, whose admissible partitions (D4) are its bisimulations, or
        transition data of any coverage and labelling.

    Raises
    ------
    InvalidArgumentError
        For another kind of system.
    InvalidLabelError
        When nothing is admissible, naming two observations that the dynamics merge (S2).

    Notes
    -----
    Shrinks to the finest: F(D), in a deterministic MDP the identity. The list is in the order of
    :func:`tellapart.theory.lattice.admissible.admissible_lattice`.
    """
    found = factors(system)
    refuse_clash(system, found)
    try:
        lattice = admissible_lattice(system, limit=_MOST_LISTED)
    except BudgetExceededError:
        return _merges(found)
    return st.sampled_from(lattice.partitions)


@st.composite
def _merges(draw: st.DrawFn, found: Factors) -> Partition:
    return assembled(found, [_merged_part(draw, part) for part in found.parts])


def _merged_part(draw: st.DrawFn, part: Component) -> tuple[int, ...]:
    """Merge drawn pairs of one part; nothing drawn is the identity."""
    n = len(part.nodes)
    # Few pairs give partitions strictly between the ends, many give the coarsest.
    count = draw(st.one_of(st.integers(0, min(3, n - 1)), st.integers(0, n - 1)))
    # An offset modulo the number of partners, not a dependent draw: the same pairs in less time.
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 2))
    pairs = []
    for x, offset in draw(st.lists(pair, min_size=count, max_size=count)):
        others = partners(part.folding, x)
        if others:
            pairs.append((x, others[offset % len(others)]))
    return merge_some(part.folding, pairs)


#: Strategies that live in modules of their own, and can be imported from here as well; those for
#: subjects and renderings load torch, so each is loaded when it is asked for.
_ELSEWHERE = {
    "perturbed_subjects": "subject_strategies",
    "renderings": "renderings",
    "trained_subjects": "subject_strategies",
    "transition_data": "data_strategies",
    "words": "word_strategies",
    "zero_loss_subjects": "subject_strategies",
}


def __getattr__(name: str) -> Any:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"tellapart.properties.{_ELSEWHERE[name]}"), name)
