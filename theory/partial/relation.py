"""All pairs that must be told apart (S3), counted by the evidence that each needs."""

import sys
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import lookup, lookup_table
from tellapart.theory.partial.border import positive_int
from tellapart.theory.partial.classes import ForcedClasses, forced_classes, refuse_infeasible
from tellapart.theory.partial.closure import METHODS, has_numba
from tellapart.theory.partial.edges_in import edges_in
from tellapart.theory.partial.relation_reference import BY_FOLD, MAY_MERGE, relation_reference
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["MAX_CLASSES", "MAX_WORK", "SeparationRelation", "separation_relation"]

IntArray = npt.NDArray[np.int32]

#: Classes of F(D) up to which the full relation is computed.
MAX_CLASSES = 3000
#: Merges and marks that deciding pairs by folds may take.
MAX_WORK = 1_000_000_000
#: Classes up to which plain Python beats loading the kernels in a cold process.
_SMALL = 24


@register
@dataclass(frozen=True, eq=False)
class SeparationRelation(Saved):
    """Which pairs every zero-loss encoder tells apart (S3); made by :func:`separation_relation`.

    Counts are of unordered pairs of observations, each class of ``F(D)`` weighted by its size.

    Attributes
    ----------
    observations
        Names.
    forced
        ``F(D)``; all members of a class have the same answers.
    how
        int32 ``[n_classes, n_classes]``, symmetric: the length of a shortest covered
        distinguishing word; -1 for a pair that only a fold tells apart; -2 for one that need not
        be told apart.
    """

    observations: tuple[Hashable, ...]
    forced: Partition
    how: IntArray

    @property
    def n_classes(self) -> int:
        """Number of classes of ``F(D)``."""
        return len(self.how)

    @cached_property
    def separated(self) -> npt.NDArray[np.bool_]:
        """The pairs of classes that must be told apart: bool ``[n_classes, n_classes]``."""
        return self.how > MAY_MERGE

    @cached_property
    def _counts(self) -> tuple[tuple[int, ...], int]:
        """Pairs by length of word, and pairs told apart by a fold only."""
        low = np.tril_indices(self.n_classes, -1)
        sizes = self.forced.sizes.astype(np.int64)
        how, weights = self.how[low], (sizes[:, None] * sizes[None, :])[low]
        lengths, inverse = np.unique(how, return_inverse=True)
        sums = np.zeros(len(lengths), dtype=np.int64)
        np.add.at(sums, inverse.reshape(-1), weights)
        found = dict(zip(lengths.tolist(), sums.tolist(), strict=True))
        top = max(found, default=-1)
        return tuple(found.get(k, 0) for k in range(top + 1)), found.get(BY_FOLD, 0)

    @property
    def n_by_word_length(self) -> tuple[int, ...]:
        """Pairs whose shortest covered distinguishing word has length 0, 1, 2 ... (S7)."""
        return self._counts[0]

    @property
    def n_by_fold_only(self) -> int:
        """Pairs that must be told apart although no covered word shows it."""
        return self._counts[1]

    @property
    def n_must_separate(self) -> int:
        """Pairs that every zero-loss encoder tells apart."""
        return sum(self.n_by_word_length) + self.n_by_fold_only

    @property
    def n_may_merge(self) -> int:
        """Pairs that some zero-loss encoder merges, forced merges included."""
        n = len(self.forced)
        return n * (n - 1) // 2 - self.n_must_separate

    @cached_property
    def _index(self) -> dict[Hashable, int]:
        return lookup_table(self.observations)

    def _entry(self, x: Hashable, y: Hashable) -> int:
        c, d = (
            int(self.forced.ids[lookup(self._index, name, "observation", self.observations)])
            for name in (x, y)
        )
        return int(self.how[c, d])

    def must_separate(self, x: Hashable, y: Hashable) -> bool:
        """Tell whether every zero-loss encoder separates two named observations."""
        return self._entry(x, y) > MAY_MERGE

    def word_length(self, x: Hashable, y: Hashable) -> int | None:
        """Return the length of a shortest covered distinguishing word, or None without one."""
        length = self._entry(x, y)
        return None if length < 0 else length

    @cached_property
    def intransitive_triple(self) -> tuple[Hashable, Hashable, Hashable] | None:
        """Names ``(x, y, z)``: x and y may share a code, y and z may, x and z may not; or None."""
        together = ~self.separated
        first = together.argmax(axis=1)  # the smallest class that each one may join
        for c in range(self.n_classes):
            differ = np.flatnonzero(together[c] != together[first[c]])
            if differ.size:
                ends, d = (c, int(first[c])), int(differ[0])
                other, middle = ends if together[ends[1], d] else ends[::-1]
                return tuple(self.observations[int(self.forced.representatives[k])]
                             for k in (other, middle, d))  # type: ignore[return-value] # fmt: skip
        return None

    @property
    def is_transitive(self) -> bool:
        """Tell whether "need not be told apart" is an equivalence relation."""
        return self.intransitive_triple is None

    def as_partition(self) -> Partition:
        """Return the largest admissible partition, which exists when the relation is transitive.

        Raises
        ------
        InvalidArgumentError
            When it is not an equivalence (S6), with three observations that show it.
        """
        if self.intransitive_triple is not None:
            x, y, z = self.intransitive_triple
            raise InvalidArgumentError(
                f"'Need not be told apart' is no partition here: {x!r} and {y!r} may share a code, "
                f"{y!r} and {z!r} may, {x!r} and {z!r} may not. Ask must_separate(x, y) for pairs, "
                "or minimum_codes(data) for one smallest partition of several."
            )
        return Partition((~self.separated).argmax(axis=1)[self.forced.ids])

    def explain(self) -> str:
        """Say in a few sentences what the numbers mean."""
        lines = [
            f"{count(self.n_must_separate, 'pair')} must be told apart, {self.n_may_merge} may "
            "share a code."
        ]
        lines += [
            f"  {pairs} by a word of {count(length, 'action')}"
            for length, pairs in enumerate(self.n_by_word_length)
        ]
        if self.n_by_fold_only:
            lines.append(f"  {self.n_by_fold_only} by merging and folding only, without a word")
        if self.intransitive_triple is not None:
            x, y, z = self.intransitive_triple
            lines.append(
                f"The other pairs are no partition: {x} and {y} may share a code, {y} and {z} "
                f"may, {x} and {z} may not."
            )
        return "\n".join(lines)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SeparationRelation):
            return NotImplemented
        return (
            self.observations == other.observations
            and self.forced == other.forced
            and np.array_equal(self.how, other.how)
        )

    def __hash__(self) -> int:
        return hash((self.forced, self.how.tobytes()))

    def __repr__(self) -> str:
        kind = "transitive" if self.is_transitive else "not transitive"
        return (
            f"SeparationRelation({self.n_must_separate} pairs to tell apart, "
            f"{self.n_by_fold_only} of them by folds only, {self.n_may_merge} may merge, {kind})"
        )


def separation_relation(
    data: TransitionData | DeterministicMDP | ForcedClasses,
    *,
    max_classes: int = MAX_CLASSES,
    max_work: int = MAX_WORK,
    method: str = "auto",
) -> SeparationRelation:
    """Decide every pair of observations (S3).

    Parameters
    ----------
    data
        Any coverage and any labels, or the result of
        :func:`~tellapart.theory.partial.classes.forced_classes`.
    max_classes
        Refuse more classes of ``F(D)`` than this: time and memory grow with their square.
    max_work
        Refuse when the folds take more merges and marks than this (compiled engine).
    method
        ``"compiled"``, ``"reference"`` or ``"auto"``; the result is the same.

    Raises
    ------
    InvalidArgumentError
        For data of another type, infeasible data (S2), or an unknown method.
    BudgetExceededError
        Beyond ``max_classes`` or ``max_work``; single pairs can still be asked of
        :func:`~tellapart.theory.partial.pairs.separation_of`.

    Notes
    -----
    O(|A| k²) for the words of k classes; then a fold for each pair that neither a word, nor an
    earlier fold, nor a pair that it leads to has decided. Memory: 4 k² bytes and as much again.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    >>> separation_relation(data)
    SeparationRelation(2 pairs to tell apart, 0 of them by folds only, 4 may merge, not transitive)
    """
    if method not in METHODS:
        raise InvalidArgumentError(
            f"method is {method!r}; it must be one of {', '.join(map(repr, METHODS))}."
        )
    limit, work = positive_int(max_classes, "max_classes"), positive_int(max_work, "max_work")
    classes = data if isinstance(data, ForcedClasses) else forced_classes(data)
    refuse_infeasible(classes)
    if classes.n_classes > limit:
        raise BudgetExceededError(
            f"There are {classes.n_classes} classes of F(D) and max_classes is {limit}; the full "
            "relation grows with their square. Raise max_classes, or ask single pairs of "
            "separation_of."
        )
    small = classes.n_classes <= _SMALL and not _is_warm()
    if method == "reference" or (method == "auto" and (small or not has_numba())):
        how = relation_reference(classes)
    else:
        how = _by_kernels(classes, work)
    names = tuple(classes.data.observations)
    return SeparationRelation(names, classes.partition, how)


def _is_warm() -> bool:
    module = sys.modules.get("tellapart.theory.partial.relation_kernels")
    return module is not None and bool(module.is_warm())


def _by_kernels(classes: ForcedClasses, max_work: int) -> IntArray:
    if not has_numba():
        raise InvalidArgumentError(
            "method='compiled' needs numba, which is not installed here. Install numba, or use "
            "method='reference' or method='auto'."
        )
    from tellapart.theory.partial.relation_kernels import decide_by_folds, word_lengths

    into = edges_in(classes)
    how = word_lengths(classes.labels, into.starts, into.actions, into.sources)
    done = decide_by_folds(
        how, classes.labels, classes.starts, classes.edge_actions, classes.edge_targets,
        into.starts, into.actions, into.sources, (-1, -1), max_work,
    )  # fmt: skip
    if done < 0:
        raise BudgetExceededError(
            f"Deciding {classes.n_classes} classes by folds takes more than max_work={max_work} "
            "merges. Raise max_work, or ask single pairs of separation_of."
        )
    return np.asarray(how)
