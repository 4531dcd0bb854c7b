"""The exact answer beside the diagnostics: which pairs must be told apart, and which are merged."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.diagnostics.border import as_codes
from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.pairs import separation_of
from tellapart.theory.partial.relation import SeparationRelation, separation_relation
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE, separation
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count, integer

__all__ = ["MergeAnswer", "Truth"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

_ROUNDING_UNITS = 16
_CHUNK = 4_000_000


@register
@dataclass(frozen=True, slots=True)
class MergeAnswer(Saved):
    """What the codes do to the pairs that must be told apart.

    Attributes
    ----------
    n_must_separate, n_merged
        Unordered pairs that every zero-loss encoder tells apart, and those that share a code.
    x, y
        Names of the worst of them: a merged pair that needs the longest word if there is one,
        else the closest pair. None when nothing must be told apart.
    word
        Action names of a shortest distinguishing word of x and y; None when there is no such
        pair, or no covered word shows it (S3).
    distance
        Euclidean distance between the codes of x and y.
    smallest_relative
        Smallest distance of all these pairs, divided by ``rms``; None without pairs.
    threshold, rms
        Pairs at or below ``threshold`` are merged; ``rms`` is their root mean square distance.
    """

    n_must_separate: int
    n_merged: int
    x: Hashable
    y: Hashable
    word: tuple[Hashable, ...] | None
    distance: float | None
    smallest_relative: float | None
    threshold: float
    rms: float

    @property
    def collapsed(self) -> bool:
        """Tell whether a pair that must be told apart is merged."""
        return self.n_merged > 0

    @property
    def shown_word(self) -> str:
        """The word for people; what stands for it where there is none."""
        if self.word is None:
            return "no single word"
        return " ".join(map(str, self.word)) or "(empty: the labels differ)"

    def explain(self) -> str:
        """Return the answer as a sentence."""
        if not self.n_must_separate:
            return "No pair has to be told apart: there is nothing that a collapse could destroy."
        total = count(self.n_must_separate, "pair")
        if self.n_merged:
            return (
                f"{integer(self.n_merged)} of {total} that must be told apart share a code, such "
                f"as {self.x!r} and {self.y!r} (told apart by {self.shown_word})."
            )
        return (
            f"All of {total} that must be told apart have different codes; closest are "
            f"{self.x!r} and {self.y!r}, at {self.smallest_relative:.3g} of the rms distance."
        )


class Truth:
    """The pairs of a system that must be told apart, ready to be compared with codes.

    Parameters
    ----------
    system
        A deterministic MDP or its bisimulation (pairs in different blocks of B*, S4), transition
        data (pairs of S3), or integers ``[n]``: rows of different classes must be told apart.

    Attributes
    ----------
    system
        The system; for classes, the MDP in which nothing moves and the class is the label.
    mdp
        The system where it is a deterministic MDP that was given; else None.
    observations
        Names of the observations.
    classes
        int32 ``[n_obs]``: the block of B*, the block of F(D) for data, or the class given.

    Raises
    ------
    InvalidArgumentError
        For another type, or infeasible data (S2).
    BudgetExceededError
        For data with too many classes to list all pairs.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> truth = Truth(counting_chain(9))
    >>> codes = np.eye(9)
    >>> codes[8] = codes[0]
    >>> print(truth.measure(codes).explain())
    1 of 36 pairs that must be told apart share a code, such as 0 and 8 (told apart by -1 -1 -1 -1).
    """

    def __init__(self, system: Any) -> None:
        self.mdp: DeterministicMDP | None = None
        if isinstance(system, TransitionData) and system.is_complete:
            system = system.to_mdp()
        if isinstance(system, TransitionData):
            relation = separation_relation(system)
            self.system: DeterministicMDP | TransitionData = system
            self.observations, self.classes = system.observations, relation.forced.ids
            self._compare: Callable[[FloatArray, float, float], MergeAnswer] = partial(
                _of_relation, system, relation
            )
            return
        if isinstance(system, Bisimulation):
            bisim = system
        else:
            known = isinstance(system, DeterministicMDP)
            bisim = bisimulation(system if known else _still(system))
        self.system = bisim.mdp
        if isinstance(system, Bisimulation | DeterministicMDP):
            self.mdp = bisim.mdp
        self.observations, self.classes = bisim.mdp.observations, bisim.partition.ids
        self._compare = partial(_of_blocks, bisim)

    @property
    def n_obs(self) -> int:
        """Number of observations."""
        return len(self.classes)

    def measure(
        self,
        codes: Any,
        merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
        *,
        epsilon: float = float(np.finfo(np.float64).eps),
    ) -> MergeAnswer:
        """Compare codes with what must be told apart.

        Parameters
        ----------
        codes
            E(o), float64 ``[n_obs, d]``.
        merge_tolerance, epsilon
            See :func:`tellapart.theory.separation.separation`.

        Returns
        -------
        MergeAnswer

        Raises
        ------
        InvalidArgumentError
            For codes that are no finite numbers, or of another number of observations.

        Notes
        -----
        O(n² d).
        """
        rows = as_codes(codes)
        if len(rows) != self.n_obs:
            raise InvalidArgumentError(
                f"codes has {len(rows)} rows and the system {self.n_obs} observations; give one "
                "row for each, in the order of the observations."
            )
        return self._compare(rows, merge_tolerance, epsilon)


def _of_blocks(
    bisim: Bisimulation, codes: FloatArray, tolerance: float, epsilon: float
) -> MergeAnswer:
    found = separation(bisim, codes, tolerance, epsilon=epsilon, max_listed=1)
    nearest = found.smallest
    if nearest is None:
        return _nothing(found.threshold)
    worst = found.merged[0] if found.merged else nearest
    return MergeAnswer(
        n_must_separate=found.n_must_separate,
        n_merged=found.n_merged,
        x=worst.x,
        y=worst.y,
        word=bisim.distinguishing_word(worst.x, worst.y),
        distance=worst.distance,
        smallest_relative=nearest.relative,
        threshold=found.threshold,
        rms=found.rms,
    )


def _of_relation(
    data: TransitionData,
    relation: SeparationRelation,
    codes: FloatArray,
    tolerance: float,
    epsilon: float,
) -> MergeAnswer:
    if not 0 <= tolerance < 1:
        raise InvalidArgumentError(
            f"merge_tolerance is {tolerance!r}; it is a share of the rms distance between pairs "
            "that must be told apart and must be in [0, 1)."
        )
    scan = _PairScan(relation, codes)
    threshold = max(tolerance * scan.rms, _ROUNDING_UNITS * epsilon * float(np.abs(codes).max()))
    if not scan.n_pairs:
        return _nothing(threshold)
    n_merged, (i, j), length = scan.worst(threshold)
    x, y = data.observations[i], data.observations[j]
    return MergeAnswer(
        n_must_separate=scan.n_pairs,
        n_merged=n_merged,
        x=x,
        y=y,
        word=separation_of(data, x, y).word if length >= 0 else None,
        distance=float(np.linalg.norm(codes[i] - codes[j])),
        smallest_relative=scan.smallest / scan.rms if scan.rms > 0 else 0.0,
        threshold=threshold,
        rms=scan.rms,
    )


class _PairScan:
    """Distances of all pairs that a relation separates, in blocks of bounded memory."""

    def __init__(self, relation: SeparationRelation, codes: FloatArray) -> None:
        self.how, self.ids, self.codes = relation.how, relation.forced.ids, codes
        self.separated = relation.separated
        self.n_pairs, total, self.smallest = 0, 0.0, np.inf
        self.closest = (0, 0)
        for x, y, distance in self._blocks():
            self.n_pairs += len(distance)
            total += float(np.square(distance).sum())
            if len(distance) and distance.min() < self.smallest:
                k = int(distance.argmin())
                self.smallest, self.closest = float(distance[k]), (int(x[k]), int(y[k]))
        self.rms = float(np.sqrt(total / self.n_pairs)) if self.n_pairs else 0.0

    def _blocks(self) -> Iterator[tuple[IndexArray, IndexArray, FloatArray]]:
        step = max(1, _CHUNK // max(1, self.codes.size))
        for start in range(0, len(self.ids), step):
            apart = self.separated[self.ids[start : start + step]][:, self.ids]
            x, y = np.nonzero(apart)
            x = x + start
            x, y = x[y > x], y[y > x]
            yield x, y, np.sqrt(np.square(self.codes[x] - self.codes[y]).sum(axis=1))

    def worst(self, threshold: float) -> tuple[int, tuple[int, int], int]:
        """Return the merged pairs, the one with the longest word (or the closest), its length."""
        merged, best, deepest = 0, self.closest, -3
        for x, y, distance in self._blocks():
            below = distance <= threshold
            merged += int(below.sum())
            if not below.any():
                continue
            lengths = self.how[self.ids[x[below]], self.ids[y[below]]]
            k = int(lengths.argmax())
            if lengths[k] > deepest:
                deepest = int(lengths[k])
                best = (int(x[below][k]), int(y[below][k]))
        return merged, best, int(self.how[self.ids[best[0]], self.ids[best[1]]])


def _still(classes: Any) -> DeterministicMDP:
    """Return an MDP in which nothing moves, labelled by class: its blocks are the classes."""
    try:
        ids = np.asarray(classes)
    except (ValueError, TypeError):
        ids = np.zeros((0, 0))
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or not ids.size:
        raise InvalidArgumentError(
            f"The system is of type {type(classes).__name__}; give a DeterministicMDP, its "
            "bisimulation, TransitionData, or the integer class of each row of codes."
        )
    return DeterministicMDP(np.arange(len(ids))[:, None], ids)


def _nothing(threshold: float) -> MergeAnswer:
    return MergeAnswer(0, 0, None, None, None, None, None, threshold, 0.0)
