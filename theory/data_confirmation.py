"""Confirm what an audit claims of partial data: forced merges, zero loss, and single pairs."""

from dataclasses import dataclass

from tellapart.theory.confirmation import MOST_OBSERVATIONS, Confirmation, refused
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.chain import Infeasibility, check_infeasibility
from tellapart.theory.partial.classes import ForcedClasses
from tellapart.theory.partial.merge_proof import merge_steps
from tellapart.theory.partial.pairs import PairSeparation
from tellapart.theory.partial.proof_checker import ProofCheck, check_merges
from tellapart.theory.partial.separation_checker import check_separation
from tellapart.theory.partition import Partition
from tellapart.theory.stability import Stability
from tellapart.theory.verified_data_checker import (
    VerifiedDataCheck,
    check_admissible_verified,
    check_forced_verified,
    check_infeasibility_verified,
    check_separation_verified,
)
from tellapart.theory.wording import integer

__all__ = ["MOST_MERGES", "MOST_TRANSITIONS", "DataConfirmation", "confirm_data", "confirm_pair"]

#: Transitions up to which an audit also runs the extracted checkers, with MOST_OBSERVATIONS.
MOST_TRANSITIONS = 20_000

#: Forced merges up to which an audit has their proof followed step by step.
MOST_MERGES = 2_000


@dataclass(frozen=True, slots=True)
class DataConfirmation:
    """Which checkers confirmed the claims of an audit of partial data.

    Attributes
    ----------
    feasible
        The claim about zero loss.
    zero_loss
        Which checkers confirmed it: by a model, or by merges that join two labels.
    forced
        Which checkers confirmed the forced merges; None when they are too many.
    """

    feasible: bool
    zero_loss: Confirmation
    forced: Confirmation | None

    @property
    def names(self) -> tuple[str, ...]:
        """The checkers that confirmed both: ``"extracted"`` (from its proof) and ``"fast"``."""
        both = () if self.forced is None else self.forced.names
        return tuple(name for name in self.zero_loss.names if name in both)

    def explain(self) -> str:
        """Return one sentence, or two where the claims differ."""
        claim = "possible" if self.feasible else "impossible"
        limit = f"{MOST_OBSERVATIONS} observations and {integer(MOST_TRANSITIONS)} transitions"
        zero_loss = self.zero_loss.explain(limit)
        if self.forced is self.zero_loss:
            return f"That zero loss is {claim}, and the forced merges, are {zero_loss}."
        forced = (
            f"not confirmed: the checkers take up to {integer(MOST_MERGES)} of them"
            if self.forced is None
            else self.forced.explain(limit)
        )
        return f"That zero loss is {claim} is {zero_loss}. The forced merges are {forced}."


def confirm_data(
    classes: ForcedClasses, forced: Partition, witness: Infeasibility | None
) -> DataConfirmation:
    """Have forced merges and feasibility confirmed, by both checkers where the data are small.

    Parameters
    ----------
    classes
        The data with the proof of their forced merges.
    forced
        The claimed ``F(D)``.
    witness
        The claim that zero loss is impossible, with its proof; None claims that it is possible.

    Raises
    ------
    InternalError
        When a checker refuses, with the name of the checker: a bug of ours.

    Notes
    -----
    O(m log m), and O(n s) for s merges where the data are small: below 0.3 s then.

    Examples
    --------
    >>> from tellapart.theory.partial.classes import forced_classes
    >>> found = forced_classes(TransitionData([[0, 0, 1], [0, 0, 2]], {1: "a"}))
    >>> confirm_data(found, found.partition, None).names
    ('extracted', 'fast')
    """
    return DataConfirmation(
        feasible=witness is None,
        zero_loss=_zero_loss(classes.data, forced, witness),
        forced=_forced(classes, forced),
    )


def confirm_pair(data: TransitionData, found: PairSeparation) -> bool:
    """Have the answer about a pair confirmed by both checkers; False where the data are too large.

    Raises
    ------
    InternalError
        When a checker refuses, with the name of the checker: a bug of ours.

    Notes
    -----
    As :func:`~tellapart.theory.partial.separation_checker.check_separation`, and O(n s + m) for s
    steps.
    """
    if not _small(data):
        return False
    _fast(check_separation(data, found))
    _extracted(check_separation_verified(data, found))
    return True


def _small(data: TransitionData, steps: int = 0) -> bool:
    """Tell whether the extracted checkers take less than 0.3 s."""
    work = steps * data.n_obs <= 4 * MOST_OBSERVATIONS**2
    return data.n_obs <= MOST_OBSERVATIONS and data.n_transitions <= MOST_TRANSITIONS and work


def _zero_loss(
    data: TransitionData, forced: Partition, witness: Infeasibility | None
) -> Confirmation:
    if witness is None:
        _fast(is_admissible_for(data, forced))
        if not _small(data):
            return Confirmation.FAST
        _extracted(check_admissible_verified(data, forced))
        return Confirmation.BOTH
    _fast(check_infeasibility(data, witness))
    if not _small(data, len(witness.steps)):
        return Confirmation.FAST
    _extracted(check_infeasibility_verified(data, witness))
    return Confirmation.BOTH


def _forced(classes: ForcedClasses, forced: Partition) -> Confirmation | None:
    data = classes.data
    if data.n_obs - classes.n_classes > MOST_MERGES:
        return None
    steps = merge_steps(classes)
    _fast(check_merges(data, steps, forced))
    if not _small(data, len(steps)):
        return Confirmation.FAST
    _extracted(check_forced_verified(data, forced, steps))
    return Confirmation.BOTH


def _fast(answer: ProofCheck | Stability) -> None:
    if not answer:
        raise refused("fast checker", answer.explain())


def _extracted(answer: VerifiedDataCheck) -> None:
    if not answer:
        raise refused("checker extracted from its proof", answer.explain())
