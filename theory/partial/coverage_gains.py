"""How many more pairs must be told apart when one transition is added (S3): three ways."""

import dataclasses
from abc import abstractmethod
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.classes import ForcedClasses, forced_classes
from tellapart.theory.partial.edges_in import edges_in
from tellapart.theory.partial.relation import SeparationRelation, separation_relation
from tellapart.theory.partial.relation_reference import BY_FOLD, MAY_MERGE

__all__ = ["FoldGains", "Gains", "PlainGains", "WordGains"]

IntArray = npt.NDArray[np.int32]

#: Marks that take as long as one call from Python.
_CALL = 500


class Gains:
    """Gains of one system; what they share is computed once.

    Parameters
    ----------
    classes, relation
        The system, and what must be told apart in it.

    Attributes
    ----------
    exact
        Whether a gain is exact rather than a lower bound.
    work
        Merges and marks so far.
    """

    exact = True

    def __init__(self, classes: ForcedClasses, relation: SeparationRelation) -> None:
        self._classes = classes
        self._into = edges_in(classes)
        self._separated = relation.separated
        self._base = relation.n_must_separate
        self.work = 0

    @abstractmethod
    def score(self, c: int, a: int, d: int) -> int | None:
        """Return the further pairs to tell apart when action ``a`` leads from ``c`` to ``d``.

        None when that makes the data infeasible. Integer indices of classes and of an action.
        """

    @cached_property
    def _how(self) -> IntArray:
        """The relation as the kernels want it: what may merge is undecided."""
        from tellapart.theory.partial.relation_kernels import UNDECIDED

        how = np.where(self._separated, BY_FOLD, UNDECIDED).astype(np.int32)
        np.fill_diagonal(how, MAY_MERGE)
        return how

    @cached_property
    def _queue(self) -> IntArray:
        k = self._classes.n_classes
        return np.empty((2, k * (k - 1) // 2 + 1), dtype=np.int32)


class PlainGains(Gains):
    """The exact gain in plain Python: add the row and decide everything again. The oracle."""

    def score(self, c: int, a: int, d: int) -> int | None:
        """See :meth:`Gains.score`."""
        data = self._classes.data
        ends = self._classes.partition.representatives
        row = [int(ends[c]), a, int(ends[d])]
        labels = [data.label_of(o) for o in range(data.n_obs)]
        more = TransitionData(
            [*data.triples.tolist(), row], labels, data.observations, data.actions
        )
        grown = forced_classes(more, method="reference")
        self.work += 1 + self._classes.n_classes**2
        if not grown.feasible:
            return None
        return separation_relation(grown, method="reference").n_must_separate - self._base


class FoldGains(Gains):
    """The exact gain, compiled: what may merge now is folded again with the new transition.

    More data never let a pair merge, so the others need no second look.
    """

    def score(self, c: int, a: int, d: int) -> int | None:
        """See :meth:`Gains.score`."""
        from tellapart.theory.partial.relation_kernels import decide_by_folds

        classes, into, extra = self._classes, self._into, (-1, -1)
        edge = classes.rows_of(c).get(a)
        if edge is None:
            classes = _with_edge(classes, c, a, d)
            into = edges_in(classes)
        else:
            there = int(classes.edge_targets[edge])
            if self._separated[there, d]:
                return None
            if there == d:
                return 0
            extra = (there, d)
        how = self._how.copy()
        k = classes.n_classes
        self.work += k * k + decide_by_folds(
            how, classes.labels, classes.starts, classes.edge_actions, classes.edge_targets,
            into.starts, into.actions, into.sources, extra, 2**62,
        )  # fmt: skip
        sizes = self._classes.sizes
        pairs = sizes @ (how > MAY_MERGE) @ sizes
        return int(pairs) // 2 - self._base


class WordGains(Gains):
    """A lower bound, compiled: the pairs from which the new transition leads to separated ones.

    It leaves out pairs that only a new fold separates.
    """

    exact = False

    def score(self, c: int, a: int, d: int) -> int | None:
        """See :meth:`Gains.score`."""
        from tellapart.theory.partial.coverage_kernels import word_gain

        apart, edge = self._separated, self._classes.rows_of(c).get(a)
        peers, ends = self._peers(c, a)
        if edge is None:
            seeds = _pairs(c, peers[apart[d, ends]])
        else:
            there = int(self._classes.edge_targets[edge])
            if apart[there, d]:
                return None
            seeds = np.hstack([_pairs(there, np.flatnonzero(apart[d])),
                               _pairs(d, np.flatnonzero(apart[there]))])  # fmt: skip
            peers = ends = np.zeros(0, dtype=np.int32)
        into = self._into
        gain, marked = word_gain(
            self._how, self._classes.sizes, seeds, c, d, peers, ends,
            into.starts, into.actions, into.sources, self._queue,
        )  # fmt: skip
        self.work += _CALL + seeds.shape[1] + 8 * marked
        return int(gain)

    def _peers(self, c: int, a: int) -> tuple[IntArray, IntArray]:
        """Return the other classes with action ``a`` that may share a code with ``c``.

        And the classes that it leads them to; int32 ``[n]`` each.
        """
        into = self._into
        targets = np.repeat(
            np.arange(self._classes.n_classes, dtype=np.int32), np.diff(into.starts)
        )
        fits = (into.actions == a) & ~self._separated[c, into.sources] & (into.sources != c)
        return into.sources[fits], targets[fits]


def _pairs(one: int, others: npt.NDArray[np.integer]) -> IntArray:
    return np.stack([np.full(len(others), one), others]).astype(np.int32)


def _with_edge(classes: ForcedClasses, c: int, a: int, d: int) -> ForcedClasses:
    """Return the quotient with one more edge from ``c``, which has none for that action yet."""
    low, high = int(classes.starts[c]), int(classes.starts[c + 1])
    place = low + int(np.searchsorted(classes.edge_actions[low:high], a))
    starts = classes.starts.copy()
    starts[c + 1 :] += 1
    return dataclasses.replace(
        classes,
        starts=starts,
        edge_actions=np.insert(classes.edge_actions, place, a),
        edge_targets=np.insert(classes.edge_targets, place, d),
        edge_transitions=np.insert(classes.edge_transitions, place, -1),
    )
