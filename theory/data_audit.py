"""Audit of partial data: the answers of an audit where there is no total system behind them."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_confirmation import DataConfirmation, confirm_data, confirm_pair
from tellapart.theory.partial.analysis import PartialAnalysis
from tellapart.theory.partial.chain import Infeasibility
from tellapart.theory.partial.pairs import PairSeparation
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = ["DataAudit"]


@register
@dataclass(frozen=True)
class DataAudit(Saved):
    """What every zero-loss encoder must do on partial data; made by :func:`~.audit.audit`.

    It answers the same questions as :class:`~tellapart.theory.audit.Audit`. There is no largest
    bisimulation here: "need not be told apart" is in general no partition (S6).

    Attributes
    ----------
    source
        Where the data came from, for people.
    analysis
        The parts: forced merges, the relation, numbers of codes, coverage advice.
    """

    source: str
    analysis: PartialAnalysis

    @property
    def data(self) -> TransitionData:
        """The data."""
        return self.analysis.data

    @property
    def feasible(self) -> bool:
        """Tell whether some encoder reaches zero loss (S2)."""
        return self.analysis.feasible

    @property
    def infeasibility(self) -> Infeasibility | None:
        """The chain of merges that joins two different labels, or None."""
        return self.analysis.infeasibility

    @property
    def forced(self) -> Partition:
        """F(D), the merges no zero-loss encoder can avoid (S2)."""
        return self.analysis.forced

    @property
    def n_must_separate(self) -> int | None:
        """Number of unordered pairs that every zero-loss encoder tells apart (S3).

        None when that was not computed: for infeasible data, and above a few thousand classes,
        where pairs are decided one at a time by :meth:`must_separate`.
        """
        relation = self.analysis.relation
        return None if relation is None else relation.n_must_separate

    @property
    def n_may_merge(self) -> int | None:
        """Number of unordered pairs that some zero-loss encoder merges; None as above."""
        relation = self.analysis.relation
        return None if relation is None else relation.n_may_merge

    @property
    def min_codes(self) -> int | None:
        """Smallest number of codes of a zero-loss encoder, where it is proved (S6); else None."""
        return self.analysis.codes.value

    @property
    def min_codes_bounds(self) -> tuple[int, int] | None:
        """Proved bounds on the smallest number of codes; None when no encoder has zero loss."""
        codes = self.analysis.codes
        if codes.lower is None or codes.upper is None:
            return None
        return codes.lower, codes.upper

    @cached_property
    def certificate_confirmed(self) -> DataConfirmation:
        """Which independent checkers confirmed the forced merges, and the claim about zero loss.

        Computed by :func:`~.audit.audit`, and again for an audit that was loaded.

        Raises
        ------
        InternalError
            When a checker refuses: a bug, or a saved audit that was changed.
        """
        return confirm_data(self.analysis.classes, self.forced, self.infeasibility)

    @property
    def confirmed_by(self) -> tuple[str, ...]:
        """Names of the checkers that confirmed forced merges and feasibility."""
        return self.certificate_confirmed.names

    def must_separate(self, x: Hashable, y: Hashable) -> bool:
        """Tell whether every zero-loss encoder separates two named observations (S3).

        Raises
        ------
        InvalidArgumentError
            For a name that does not exist, or infeasible data.
        """
        return self.analysis.separation(x, y).separated

    def separation(self, x: Hashable, y: Hashable) -> PairSeparation:
        """Decide one pair of names, with its evidence (S3); as :meth:`must_separate`.

        Both checkers confirm the evidence, up to 300 observations and 20,000 transitions.

        Raises
        ------
        InternalError
            When a checker refuses the evidence: a bug.
        """
        found = self.analysis.separation(x, y)
        confirm_pair(self.data, found)
        return found

    def explain(self) -> str:
        """Say in a few sentences what the numbers mean."""
        confirmed = self.certificate_confirmed.explain()
        return f"{self.source}: {self.analysis.explain()}\n{confirmed}"

    def __repr__(self) -> str:
        return f"DataAudit({self.source!r}: {self.analysis!r})"
