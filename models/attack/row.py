"""One pair under attack: the exact answer, what was reached, and why."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum

from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["AttackOutcome", "AttackRow"]


class AttackOutcome(StrEnum):
    """What the attack on one pair reached; the value is what a table shows."""

    MERGED = "merged at zero loss"
    RESOLVED = "merged, the rest resolved"
    FLOOR = "floor"
    BELOW = "floor below tolerance"
    NOT_REACHED = "not reached"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _MEANING[self]


_MEANING = {
    AttackOutcome.MERGED: "the pair shares a code and the losses that are trained are zero",
    AttackOutcome.RESOLVED: "the pair shares a code, and every residual is below half the gap that "
    "it must stay below (S13): where the search is too weak to reach zero",
    AttackOutcome.FLOOR: "the pair was brought together, and a loss remained",
    AttackOutcome.BELOW: "the pair was brought together, and the loss that remained is not exactly "
    "zero but too small to tell from zero",
    AttackOutcome.NOT_REACHED: "the search ended with the pair apart, or, for a pair that may "
    "share a code, with a loss that remained",
}


@register
@dataclass(frozen=True, slots=True)
class AttackRow(Saved):
    """One pair under attack.

    Attributes
    ----------
    x, y
        Names of the observations.
    depth
        Length of their shortest distinguishing words; None when they are bisimilar.
    word, labels
        A shortest distinguishing word (action names), and the two labels after it: the clash that
        follows when the two share a code at zero loss of both kinds. None when bisimilar.
    may_collapse
        The exact answer: whether the losses that are trained allow the pair to share a code.
    least_codes
        Blocks of the finest kernel at zero loss that merges the pair (S3): the construction by
        which a pair that may collapse does. None when there is none.
    outcome
        What the attack reached.
    distance
        Of the two codes, over the rms distance of all pairs of codes.
    dynamics_relative, aux_relative
        Rms residual over rms spread (of codes, of labels). Of a loss that is not trained: the
        smallest that any T, or any P, can reach with these codes (S11).
    loss
        Root of the sum of squares of those that are trained: the floor, when one remained.
    irreducible
        What both losses keep with these codes for the best T and P, the pair made one (S11).
    ratio
        Resolution ratio (S13) of everything but the pair: its two blocks count as one. With a pair
        that must be told apart exactly merged it is at least 1, whatever was trained; nearly
        equal codes may show a little less.
    method, steps, restarts
        How the best attempt was made; steps of all attempts, and fresh starts after the first.
    guided
        Whether the best attempt also pulled together what has to follow from the pair.
    """

    x: Hashable
    y: Hashable
    depth: int | None
    word: tuple[Hashable, ...] | None
    labels: tuple[Hashable, Hashable] | None
    may_collapse: bool
    least_codes: int | None
    outcome: AttackOutcome
    distance: float
    dynamics_relative: float
    aux_relative: float
    loss: float
    irreducible: float
    ratio: float
    method: str
    steps: int
    restarts: int
    guided: bool

    @property
    def must_separate(self) -> bool:
        """Whether zero loss of both kinds tells the two apart (S4)."""
        return self.depth is not None

    @property
    def merged(self) -> bool:
        """Whether the pair was brought together with all that is trained at zero or resolved."""
        return self.outcome in (AttackOutcome.MERGED, AttackOutcome.RESOLVED)

    @property
    def agrees(self) -> bool:
        """Whether the attack found what the exact answer says."""
        if self.may_collapse:
            return self.merged
        return self.outcome in (AttackOutcome.FLOOR, AttackOutcome.NOT_REACHED)

    @property
    def answer(self) -> str:
        """The exact answer in words."""
        return "may collapse" if self.may_collapse else "cannot collapse"

    @property
    def result(self) -> str:
        """What the attack reached, in words, with the floor."""
        if self.outcome is AttackOutcome.FLOOR:
            return f"floor {self.loss:.2g}"
        if self.outcome is AttackOutcome.NOT_REACHED and self.may_collapse:
            return f"not reached (exists: {count(self.least_codes or 0, 'code')})"
        return self.outcome.value

    def explain(self) -> str:
        """Say in a few lines what was tried, what came of it and why."""
        steps = f"{count(self.steps, 'step')} of {self.method}, {count(self.restarts, 'restart')}"
        lines = [
            f"{self.x!r} and {self.y!r}: {self.answer} at zero trained loss; {self.result}.",
            f"  distance {self.distance:.2g}, dynamics {self.dynamics_relative:.2g}, auxiliary "
            f"{self.aux_relative:.2g}, resolution ratio of the rest {self.ratio:.2g} ({steps})",
        ]
        if self.word is not None and self.labels is not None:
            lines.append(
                f"  One code for both would need one label after the word {self.word!r}; they have "
                f"{self.labels[0]!r} and {self.labels[1]!r}."
            )
        if self.least_codes is not None:
            lines.append(
                f"  By construction: {count(self.least_codes, 'code')} are the most that an "
                "encoder with zero trained loss keeps when it merges the two."
            )
        return "\n".join(lines)
