"""Which missing transition would tell most: advice on what to log next (S3)."""

import random
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import positive_int
from tellapart.theory.partial.classes import ForcedClasses, forced_classes
from tellapart.theory.partial.closure import has_numba
from tellapart.theory.partial.coverage_gains import FoldGains, Gains, PlainGains, WordGains
from tellapart.theory.partial.relation import SeparationRelation, separation_relation
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["BUDGET", "EXACT_CLASSES", "CoverageAdvice", "CoverageGain", "coverage_advice"]

#: Merges and marks that the advice may take.
BUDGET = 200_000_000
#: Classes of F(D) up to which gains are exact.
EXACT_CLASSES = 150
#: Successors that are tried for one pair when there are more classes than that.
_SUCCESSORS = 64
#: Recomputed pairs up to which plain Python beats loading the kernels in a cold process.
_SMALL = 20_000

Score = Callable[[int, int, int], int | None]


@register
@dataclass(frozen=True, slots=True)
class CoverageGain:
    """How many more pairs must be told apart once one missing pair is logged.

    Attributes
    ----------
    observation, action
        Names of the missing pair.
    n_alike
        Observations with the same effect, this one included: the members of its class of ``F(D)``
        for which the action is missing.
    least, average, most
        Further pairs over the successors that keep the data feasible, each successor observation
        counted once.
    n_successors
        Number of those successors.
    exact
        False: lower bounds, perhaps over a sample of successors.
    """

    observation: Hashable
    action: Hashable
    n_alike: int
    least: int
    average: Fraction
    most: int
    n_successors: int
    exact: bool

    def text(self) -> str:
        """Return the advice as one line."""
        bound = "" if self.exact else "at least "
        return (
            f"log action {self.action} in observation {self.observation}: {bound}"
            f"+{float(self.average):.3g} pairs on average ({self.least} to {self.most})"
        )


@register
@dataclass(frozen=True)
class CoverageAdvice(Saved):
    """Missing pairs by what logging them would separate; made by :func:`coverage_advice`.

    Attributes
    ----------
    gains
        The best, by average, then most, then in the order of the names.
    n_missing
        Missing pairs (observation, action) in all.
    n_evaluated
        How many of them were evaluated, or are known to gain nothing.
    n_unlabelled
        Observations without a label.
    exact
        Whether every missing pair was evaluated exactly.
    """

    gains: tuple[CoverageGain, ...]
    n_missing: int
    n_evaluated: int
    n_unlabelled: int
    exact: bool

    def explain(self) -> str:
        """Return the advice, one line for each missing pair."""
        if not self.n_missing:
            return "Every observation has a successor for every action: nothing is missing."
        head = (
            f"{count(self.n_missing, 'missing pair')} of observation and action; "
            f"{self.n_evaluated} evaluated{'' if self.exact else ', as lower bounds or in part'}."
        )
        tail = [] if self.gains else ["None of them would separate anything."]
        return "\n".join([head, *(gain.text() for gain in self.gains), *tail])

    def __repr__(self) -> str:
        best = self.gains[0].text() if self.gains else "no gain"
        return f"CoverageAdvice({self.n_missing} missing pairs; {best})"


def coverage_advice(
    data: TransitionData | DeterministicMDP | ForcedClasses,
    *,
    limit: int = 20,
    budget: int = BUDGET,
    seed: int = 0,
    relation: SeparationRelation | None = None,
) -> CoverageAdvice:
    """Rank missing pairs (observation, action) by the pairs that they would separate (S3).

    A successor is not known before it is logged. So each missing pair gets the least, the average
    and the most over all successors that leave the data feasible.

    Parameters
    ----------
    data
        Any coverage and any labels, or the result of
        :func:`~tellapart.theory.partial.classes.forced_classes`.
    limit
        How many missing pairs to list; those that gain nothing are not listed.
    budget
        Merges and marks to spend. The pairs with most observations to compare with come first.
    seed
        Of the sample of successors, when there are too many to try all.
    relation
        The full relation of the same data, if it is there already.

    Returns
    -------
    CoverageAdvice

    Raises
    ------
    InvalidArgumentError
        For infeasible data (S2), or limits that are no integers.
    BudgetExceededError
        When the full relation is beyond its budget.

    Notes
    -----
    Up to 150 classes of ``F(D)`` a gain is exact: every pair that may merge is folded again, with
    the new transition. With more classes it is a lower bound, over 64 successors: the pairs that
    the new transition separates directly, and those that lead to one of them.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 2], [2, 0, 2], [3, 0, 3]], {2: "goal", 3: "road"})
    >>> print(coverage_advice(data).explain())
    1 missing pair of observation and action; 1 evaluated.
    log action 0 in observation 1: +1 pairs on average (0 to 2)
    """
    shown = positive_int(limit, "limit")
    allowed, start = positive_int(budget, "budget"), positive_int(seed, "seed")
    classes = data if isinstance(data, ForcedClasses) else forced_classes(data)
    found = separation_relation(classes) if relation is None else relation
    missing = _missing(classes)
    gains = _scorer(classes, found, missing)
    exact = gains.exact
    order = _promising_first(classes, found, missing)
    listed, complete = [], exact
    evaluated = int(missing.sum() - sum(missing[key] for key in order))  # these gain nothing
    for c, a in order:
        if gains.work > allowed:
            complete = False
            break
        alike = int(missing[c, a])
        evaluated += alike
        values = _evaluate(classes, gains.score, c, a, exact, start)
        if values is not None and values[2] > 0:
            o = _first_missing(classes, c, a)
            names = classes.data.observations[o], classes.data.actions[a]
            listed.append(((o, a), CoverageGain(names[0], names[1], alike, *values, exact)))
    listed.sort(key=lambda item: (-item[1].average, -item[1].most, item[0]))
    best = tuple(gain for _, gain in listed[:shown])
    unlabelled = classes.data.n_obs - classes.data.n_labelled
    return CoverageAdvice(best, int(missing.sum()), evaluated, unlabelled, complete)


def _scorer(
    classes: ForcedClasses, relation: SeparationRelation, missing: npt.NDArray[np.int64]
) -> Gains:
    """Choose how gains are computed: plain Python, by folds, or as lower bounds by words."""
    if not has_numba() or np.count_nonzero(missing) * classes.n_classes**3 <= _SMALL:
        return PlainGains(classes, relation)
    if classes.n_classes <= EXACT_CLASSES:
        return FoldGains(classes, relation)
    return WordGains(classes, relation)


def _missing(classes: ForcedClasses) -> npt.NDArray[np.int64]:
    """Return int64 ``[n_classes, n_actions]``: members of the class that miss the action."""
    data = classes.data
    firsts = data.pair_starts[:-1]
    keys = classes.partition.ids[data.sources[firsts]].astype(np.int64) * data.n_actions
    keys += data.action_ids[firsts]
    covered = np.bincount(keys, minlength=classes.n_classes * data.n_actions)
    missing = classes.sizes[:, None] - covered.reshape(classes.n_classes, data.n_actions)
    return np.asarray(missing, dtype=np.int64)


def _first_missing(classes: ForcedClasses, c: int, a: int) -> int:
    """Return the first member of a class that misses an action (indices)."""
    members = np.flatnonzero(classes.partition.ids == c).tolist()
    return next(int(o) for o in members if not classes.data.find(o, a))


def _promising_first(
    classes: ForcedClasses, relation: SeparationRelation, missing: npt.NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Order the missing pairs by how many classes they could be compared with, most first.

    Pairs that gain nothing are left out: the class has no such edge, and whatever it may merge
    with has none either, so the new edge never meets another.
    """
    has = np.zeros(missing.shape, dtype=np.float32)
    sources = np.repeat(np.arange(classes.n_classes), np.diff(classes.starts))
    has[sources, classes.edge_actions] = 1
    peers = (~relation.separated).astype(np.float32) @ has - has
    keys = np.argwhere((missing > 0) & ((peers > 0) | (has > 0)))
    order = np.argsort(-peers[keys[:, 0], keys[:, 1]], kind="stable")
    return [(c, a) for c, a in keys[order].tolist()]


def _evaluate(
    classes: ForcedClasses, score: Score, c: int, a: int, every: bool, seed: int
) -> tuple[int, Fraction, int, int] | None:
    """Return least, average, most and the number of successors; None when none is feasible."""
    n = classes.data.n_obs
    if every or n <= _SUCCESSORS:
        weights = dict(enumerate(classes.sizes.tolist()))
    else:
        sample = random.Random(seed).sample(range(n), _SUCCESSORS)
        weights = dict(Counter(classes.partition.ids[sorted(sample)].tolist()))
    found = [(gain, w) for d, w in weights.items() if (gain := score(c, a, d)) is not None]
    if not found:
        return None
    total = sum(weight for _, weight in found)
    average = Fraction(sum(gain * weight for gain, weight in found), total)
    values = [gain for gain, _ in found]
    return min(values), average, max(values), total
