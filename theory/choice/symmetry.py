"""Symmetries of the dynamics: why a given label never tells two observations apart (S9).

An automorphism is a permutation σ of the observations with ``σ(f(o, a)) = f(σ(o), a)`` for every
action. When the label respects it (``p(σ(o)) = p(o)``) no word tells ``o`` from ``σ(o)``.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.choice.symmetry_search import SymmetrySearch
from tellapart.theory.choice.targets import require_mdp
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = ["InvariantPairs", "Symmetry", "automorphism_moving", "invariant_pairs"]


@register
@dataclass(frozen=True)
class Symmetry(Saved):
    """A verified automorphism of the dynamics that moves one observation to another.

    Attributes
    ----------
    x, y
        Names: it moves ``x`` to ``y``.
    moves
        ``(name, image)`` of every observation that moves, by index; all others stay.
    respects_labels
        Whether the label of the MDP has the same value on every observation and its image.
    """

    x: Hashable
    y: Hashable
    moves: tuple[tuple[Hashable, Hashable], ...]
    respects_labels: bool

    @property
    def moved(self) -> tuple[Hashable, ...]:
        """The names of the observations that move."""
        return tuple(name for name, _ in self.moves)

    def permutation(self, mdp: DeterministicMDP) -> npt.NDArray[np.int64]:
        """Return the image of every observation by index, int64 ``[n_obs]``."""
        image = np.arange(mdp.n_obs)
        for name, other in self.moves:
            image[mdp.observation_index(name)] = mdp.observation_index(other)
        return image

    def verify(self, mdp: DeterministicMDP) -> bool:
        """Check it from the definition: a permutation, an automorphism, labels as stated."""
        image = self.permutation(mdp)
        keeps_labels = np.array_equal(mdp.label_ids[image], mdp.label_ids)
        return (
            np.array_equal(np.sort(image), np.arange(mdp.n_obs))
            and np.array_equal(image[mdp.successors], mdp.successors[image])
            and (keeps_labels or not self.respects_labels)
            and bool(image[mdp.observation_index(self.x)] == mdp.observation_index(self.y))
        )

    def explain(self) -> str:
        """Return what it moves, and what follows for the label."""
        shown = ", ".join(f"{one!r} -> {other!r}" for one, other in self.moves[:12])
        more = f", .. ({len(self.moves)} in all)" if len(self.moves) > 12 else ""
        follows = (
            f"The label respects it, so it never tells {self.x!r} and {self.y!r} apart."
            if self.respects_labels
            else f"A label that is to tell {self.x!r} and {self.y!r} apart must not respect it."
        )
        return f"The dynamics look the same after {shown}{more}. {follows}"

    def __repr__(self) -> str:
        return f"Symmetry({self.x!r} -> {self.y!r}, moves {len(self.moves)} observations)"


@register
@dataclass(frozen=True)
class InvariantPairs(Saved):
    """Pairs that the label of an MDP merges, and which of them a symmetry explains.

    Attributes
    ----------
    symmetries
        One for each pair (smallest member of a block of B*, another member) that has one.
    others
        The pairs looked at that no symmetry explains, by name: they merge because their words
        lead to equal labels, but other labels could respect nothing and still merge them.
    n_merged
        Unordered pairs that ``B*`` merges, all counted.
    complete
        Whether all such pairs with the smallest member of their block were looked at.
    """

    symmetries: tuple[Symmetry, ...]
    others: tuple[tuple[Hashable, Hashable], ...]
    n_merged: int
    complete: bool

    def explain(self) -> str:
        """Return the counts, and the first symmetry."""
        looked = len(self.symmetries) + len(self.others)
        lines = [
            f"The label merges {self.n_merged} pairs. Of {looked} looked at, "
            f"{len(self.symmetries)} are explained by a symmetry of the dynamics that the label "
            "respects."
        ]
        lines += [symmetry.explain() for symmetry in self.symmetries[:1]]
        return "\n".join(lines)


def automorphism_moving(
    mdp: DeterministicMDP,
    x: Hashable,
    y: Hashable,
    respect_labels: bool = True,
    *,
    max_steps: int = 100_000,
) -> Symmetry | None:
    """Find an automorphism of the dynamics that moves ``x`` to ``y``, or prove there is none (S9).

    Parameters
    ----------
    mdp
        The system.
    x, y
        Names of two different observations.
    respect_labels
        Ask for one that keeps every label, which explains why the label never separates the pair.
    max_steps
        Bound on the choices of the search.

    Returns
    -------
    Symmetry or None

    Raises
    ------
    InvalidArgumentError
        For unknown or equal names.
    BudgetExceededError
        When the search reached ``max_steps`` undecided.

    Notes
    -----
    The image of ``x`` fixes the image of everything that can be reached from it, O(n |A|); what
    only leads there is searched by backtracking, exponential at worst.

    Examples
    --------
    >>> from tellapart.theory.gallery import cycle
    >>> ring = cycle(3)
    >>> automorphism_moving(ring, 0, 1) is None  # the label marks observation 0
    True
    >>> automorphism_moving(ring, 0, 1, respect_labels=False).moves
    ((0, 1), (1, 2), (2, 0))
    """
    require_mdp(mdp)
    start, end = mdp.observation_index(x), mdp.observation_index(y)
    if start == end:
        raise InvalidArgumentError(
            f"The pair is {x!r} twice; a symmetry that tells something moves one observation to "
            "another."
        )
    labels = mdp.label_ids if respect_labels else np.zeros(mdp.n_obs, dtype=np.int32)
    image = SymmetrySearch(mdp.successors, labels, max_steps).run(start, end)
    if image is None:
        return None
    names = mdp.observations
    moves = tuple((names[o], names[image[o]]) for o in sorted(image) if image[o] != o)
    keeps = all(mdp.label_ids[o] == mdp.label_ids[image[o]] for o in image)
    symmetry = Symmetry(x, y, moves, keeps)
    if not symmetry.verify(mdp):
        raise InternalError(f"{symmetry!r} is not an automorphism of the dynamics.")
    return symmetry


def invariant_pairs(mdp: DeterministicMDP, *, most: int = 100) -> InvariantPairs:
    """Explain by symmetries which pairs the label of an MDP can never separate (S9).

    Parameters
    ----------
    mdp
        The system with the label in question.
    most
        How many pairs to look at.

    Returns
    -------
    InvariantPairs

    Raises
    ------
    InvalidArgumentError
        When ``most`` is not a positive integer.

    Examples
    --------
    >>> ring = DeterministicMDP([[1], [0], [3], [2]], labels=[0, 1, 0, 0])
    >>> invariant_pairs(ring).symmetries
    (Symmetry(2 -> 3, moves 2 observations),)
    """
    require_mdp(mdp)
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise InvalidArgumentError(f"most is {most!r}; it must be an integer of at least 1.")
    partition = bisimulation(mdp).partition
    firsts = partition.representatives[partition.ids]
    others = np.flatnonzero(firsts != np.arange(len(firsts)))
    names = mdp.observations
    found: list[Symmetry] = []
    unexplained: list[tuple[Hashable, Hashable]] = []
    for y in others[:most].tolist():
        pair = (names[int(firsts[y])], names[y])
        try:
            symmetry = automorphism_moving(mdp, *pair)
        except BudgetExceededError:
            symmetry = None
        if symmetry is None:
            unexplained.append(pair)
        else:
            found.append(symmetry)
    n = mdp.n_obs
    merged = n * (n - 1) // 2 - partition.n_separated_pairs
    return InvariantPairs(tuple(found), tuple(unexplained), merged, len(others) <= most)
