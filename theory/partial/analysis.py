"""Everything that partial data force on an encoder, in one object (S2, S3, S6)."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import positive_int
from tellapart.theory.partial.chain import Infeasibility, witness_of
from tellapart.theory.partial.classes import ForcedClasses, forced_classes
from tellapart.theory.partial.coverage import CoverageAdvice, coverage_advice
from tellapart.theory.partial.min_codes import MinimumCodes, codes_by_labels, minimum_codes
from tellapart.theory.partial.pairs import PairSeparation, separation_of
from tellapart.theory.partial.relation import (
    MAX_CLASSES,
    SeparationRelation,
    separation_relation,
)
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["PartialAnalysis", "analyse"]

_STEPS = ("forced merges", "pairs to tell apart", "fewest codes", "coverage")


@register
@dataclass(frozen=True)
class PartialAnalysis(Saved):
    """What the data force on every zero-loss encoder; made by :func:`analyse`.

    Attributes
    ----------
    data
        The data.
    forced
        ``F(D)``: observations in one block share a code in every zero-loss encoder (S2).
    infeasibility
        Why no encoder reaches zero loss; None when some encoder does.
    relation
        All pairs that must be told apart (S3), or None: see ``relation_note``.
    relation_note
        Why the full relation was not computed; empty when it was. Pairs can be asked one by one.
    codes
        The smallest number of codes, or bounds (S6).
    coverage
        What to log next; None when there is no full relation to improve.
    """

    data: TransitionData
    forced: Partition
    infeasibility: Infeasibility | None
    relation: SeparationRelation | None
    relation_note: str
    codes: MinimumCodes
    coverage: CoverageAdvice | None

    @property
    def feasible(self) -> bool:
        """Tell whether some encoder reaches zero loss on the data (S2)."""
        return self.infeasibility is None

    @property
    def n_forced_pairs(self) -> int:
        """Number of unordered pairs that every zero-loss encoder merges."""
        n = len(self.forced)
        return n * (n - 1) // 2 - self.forced.n_separated_pairs

    @cached_property
    def classes(self) -> ForcedClasses:
        """The quotient by ``F(D)``; computed again for an analysis that was loaded."""
        return forced_classes(self.data)

    def separation(self, x: Hashable, y: Hashable) -> PairSeparation:
        """Decide one pair of named observations, at any size, with its evidence (S3).

        Raises
        ------
        InvalidArgumentError
            For a name that does not exist, or infeasible data.
        """
        return separation_of(self.classes, x, y)

    def explain(self) -> str:
        """Say in a few sentences what the numbers mean."""
        data = self.data
        lines = [
            f"{count(data.n_obs, 'observation')} ({data.n_labelled} labelled), "
            f"{count(data.n_actions, 'action')}, {count(data.n_transitions, 'transition')}; "
            f"{count(data.n_missing_pairs, 'missing pair')} of observation and action.",
            f"Every zero-loss encoder merges {count(self.n_forced_pairs, 'pair')}: at most "
            f"{count(self.forced.n_blocks, 'code')}.",
        ]
        if self.infeasibility is not None:
            return "\n".join([*lines, "Zero loss is impossible:", self.infeasibility.explain()])
        known = self.relation_note if self.relation is None else self.relation.explain()
        lines += [known, self.codes.explain()]
        if self.coverage is not None:
            lines.append(self.coverage.explain())
        return "\n".join(lines)

    def __repr__(self) -> str:
        if self.infeasibility is not None:
            return f"PartialAnalysis({self.data!r}: infeasible)"
        most = count(self.forced.n_blocks, "code")
        return f"PartialAnalysis({self.data!r}: at most {most}, {self.codes})"


def analyse(
    data: TransitionData | DeterministicMDP,
    *,
    max_classes: int = MAX_CLASSES,
    time_limit: float = 10.0,
    progress: Callable[[str], None] | None = None,
) -> PartialAnalysis:
    """Compute forced merges, feasibility, pairs, number of codes and coverage advice.

    Parameters
    ----------
    data
        Any coverage and any labels.
    max_classes
        Classes of ``F(D)`` beyond which pairs are decided one by one, on request.
    time_limit
        Seconds of processor time for the optimum by SAT.
    progress
        Called with the name of each part before it begins.

    Returns
    -------
    PartialAnalysis

    Raises
    ------
    InvalidArgumentError
        For data of another type, or limits that are no numbers in range.

    Notes
    -----
    O(m log m) for what is always computed, and O(m) for functional data.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    >>> found = analyse(data)
    >>> found.feasible, found.relation.n_must_separate, found.codes.value
    (True, 2, 2)
    >>> found.separation(0, 1).word
    (0,)
    """
    limit = positive_int(max_classes, "max_classes")
    tell = progress or (lambda part: None)
    tell(_STEPS[0])
    classes = forced_classes(data)
    witness = witness_of(classes.data, classes.closure)
    relation, note, coverage = None, "The data are infeasible.", None
    if witness is None:
        tell(_STEPS[1])
        relation, note = _relation(classes, limit)
    tell(_STEPS[2])
    if witness is None and relation is None:
        codes = codes_by_labels(classes, time_limit)
    else:
        codes = minimum_codes(classes, time_limit=time_limit, relation=relation)
    if relation is not None:
        tell(_STEPS[3])
        coverage = coverage_advice(classes, relation=relation)
    found = PartialAnalysis(
        classes.data, classes.partition, witness, relation, note, codes, coverage
    )
    found.__dict__["classes"] = classes  # fills the cached property
    return found


def _relation(classes: ForcedClasses, limit: int) -> tuple[SeparationRelation | None, str]:
    """Return the full relation, or None and the reason."""
    try:
        return separation_relation(classes, max_classes=limit), ""
    except BudgetExceededError as error:
        return None, str(error)
