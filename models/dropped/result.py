"""What a search for a collapse found: the tries, and what kept codes apart where none collapsed."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum

from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = [
    "Mechanism",
    "OwnFitOutcome",
    "OwnFitReach",
    "Reach",
    "ReachTry",
    "ReachWay",
    "Trait",
    "TraitKind",
]


class ReachWay(StrEnum):
    """How a subject was trained."""

    ITSELF = "by itself"
    DECAY = "with weight decay"
    PULLED = "pulled together"

    @property
    def text(self) -> str:
        """A phrase."""
        return _WAYS[self]


_WAYS = {
    ReachWay.ITSELF: "from fresh weights, by the one loss alone",
    ReachWay.DECAY: "from fresh weights, with weight decay on the encoder, then the loss alone",
    ReachWay.PULLED: "while codes were pulled together at constant size",
}


class TraitKind(StrEnum):
    """What may keep codes apart, or hold their scale."""

    NO_WEIGHTS = "encoder without weights"
    FROZEN = "frozen encoder"
    DETACHED = "encoder cut off from the loss"
    FIXED_COORDINATES = "coordinates that no weight moves"
    BATCH_STATISTICS = "batch statistics"
    LAYER_NORM = "LayerNorm"
    SIMPLEX = "SimNorm"
    UNIT_SPHERE = "constant norm"
    RIGID = "codes that keep their shape"
    PART_FROZEN = "part without trainable weights"
    PART_MISSES = "part that cannot answer merged codes"
    OWN_FIT = "own fit, labels aside"
    UNKNOWN = "nothing found"

    @property
    def explains(self) -> bool:
        """Whether it can be why a collapse was not reached; norms alone cannot."""
        return self not in (TraitKind.LAYER_NORM, TraitKind.SIMPLEX, TraitKind.UNIT_SPHERE)


@register
@dataclass(frozen=True, slots=True)
class Trait(Saved):
    """Something about a subject that bears on its codes.

    Attributes
    ----------
    name
        What.
    where
        Path of the module, such as ``encoder.2``, or of the part.
    text
        A sentence about it.
    """

    name: TraitKind
    where: str
    text: str

    def explain(self) -> str:
        """Return kind, place and sentence in a line."""
        return f"{self.name.value} ({self.where}): {self.text}"


@register
@dataclass(frozen=True, slots=True)
class ReachTry(Saved):
    """One training of one fresh subject.

    Attributes
    ----------
    way, seed, steps
        How it was trained, from which weights, and iterations made.
    reached
        Whether a pair that must be told apart shares a code while the loss is zero.
    loss
        Largest residual at the end, in the unit of length (or in half label gaps).
    exact
        Whether it is zero to rounding.
    n_unresolved
        Residuals that are not below half of what they must stay below; 0 counts as zero loss.
    n_groups, n_merged
        Groups of codes, and merged pairs that must be told apart.
    x, y, distance
        The deepest merged pair (else the closest), and how far its codes are apart in the unit.
    closest, spread
        Smallest, and rms, distance in the unit of codes that must be told apart.
    rank
        Effective rank of the codes.
    turned
        Largest change of a distance against the fresh codes, both relative to their rms distance:
        0 where codes were only moved, turned and scaled.
    same_norm
        Whether the codes have the norm that the fresh ones have, all of them.
    fixed
        Latent coordinates in which every code is what it was in the fresh subject, bit for bit,
        and not the same for all.
    """

    way: ReachWay
    seed: int
    steps: int
    reached: bool
    loss: float
    exact: bool
    n_unresolved: int
    n_groups: int
    n_merged: int
    x: Hashable
    y: Hashable
    distance: float
    closest: float
    spread: float
    rank: float
    turned: float
    same_norm: bool
    fixed: tuple[int, ...]

    def explain(self) -> str:
        """Return the try in a line."""
        zero = "zero" if self.exact else "resolved" if self.n_unresolved == 0 else "not zero"
        return (
            f"{self.way.value}, seed {self.seed}, {count(self.steps, 'step')}: "
            f"{count(self.n_groups, 'group')} of codes, {count(self.n_merged, 'merged pair')}, "
            f"closest {self.closest:.2g}, loss {zero} ({self.loss:.2g})"
        )


@register
@dataclass(frozen=True, slots=True)
class Mechanism(Saved):
    """What stayed apart where no collapse was reached, and why as far as it was found.

    Attributes
    ----------
    n_groups
        Groups of codes that stayed apart: the fewest that a try (or the own fit) left.
    closest
        Smallest distance of two codes that must be told apart, over their rms distance.
    rank
        Effective rank of these codes.
    fixed_norm
        Whether all codes had one norm, before and after.
    causes
        What keeps them apart, the most telling first; never empty.
    """

    n_groups: int
    closest: float
    rank: float
    fixed_norm: bool
    causes: tuple[Trait, ...]

    @property
    def name(self) -> str:
        """The first cause in a few words."""
        return self.causes[0].name.value

    def explain(self) -> str:
        """Return what is preserved, and the causes, a line each."""
        norm = ", all of one norm" if self.fixed_norm else ""
        lines = [
            f"{count(self.n_groups, 'group')} of codes stay apart{norm}: smallest relative "
            f"distance {self.closest:.2g}, effective rank {self.rank:.3g}."
        ]
        return "\n".join([*lines, *(f"  {cause.explain()}" for cause in self.causes)])


class OwnFitOutcome(StrEnum):
    """What a subject's own fit does where no label asks for anything."""

    COLLAPSES = "collapses"
    ALLOWS = "allows a collapse"
    APART = "keeps apart"
    FAILED = "failed"

    @property
    def text(self) -> str:
        """A sentence."""
        return _OUTCOMES[self]


_OUTCOMES = {
    OwnFitOutcome.COLLAPSES: "it merges codes by itself",
    OwnFitOutcome.ALLOWS: (
        "from fresh weights its codes stay apart, but a collapse costs its loss nothing, so only "
        "the way of training keeps them apart"
    ),
    OwnFitOutcome.APART: "with no label to tell them apart, it still keeps codes apart",
    OwnFitOutcome.FAILED: "it did not run where all labels are equal",
}


@register
@dataclass(frozen=True, slots=True)
class OwnFitReach(Saved):
    """The subject's own fit on the same system with all labels equal.

    Attributes
    ----------
    outcome
        What came of it.
    n_groups, closest, rank, same_norm
        Codes after the fit from fresh weights: groups, smallest relative distance of two that must
        be told apart under the true labels, effective rank, and whether all have one norm.
    spread
        Their rms distance in the unit (of the fresh codes).
    loss_begin, loss_end, loss_merged
        The loss that the fit computes first: from fresh weights, from where it ended, and from
        there once all codes were pulled together. None where it was not seen.
    error
        What the fit raised, or None.
    """

    outcome: OwnFitOutcome
    n_groups: int
    closest: float
    rank: float
    same_norm: bool
    spread: float
    loss_begin: float | None = None
    loss_end: float | None = None
    loss_merged: float | None = None
    error: str | None = None

    def explain(self) -> str:
        """Return the outcome and its numbers in a line or two."""
        text = f"Own fit, all labels equal: {self.outcome.value}: {self.outcome.text}."
        if self.error is not None:
            return f"{text} It raised {self.error}"
        text += f"\n  from fresh weights {count(self.n_groups, 'group')}, spread {self.spread:.2g}"
        if self.loss_begin is not None and self.loss_end is not None:
            text += f"; its loss: {self.loss_begin:.3g} at first, {self.loss_end:.3g} at its end"
            if self.loss_merged is not None:
                text += f", {self.loss_merged:.3g} with one code for everything"
        return text


@register
@dataclass(frozen=True, slots=True, repr=False)
class Reach(Saved):
    """Whether a design collapses once one of the two losses is gone.

    Attributes
    ----------
    dropped
        ``AUX_LOSS`` or ``DYNAMICS_LOSS``.
    design
        Name of the subject.
    n_obs, n_blocks, n_codes
        Observations, blocks of B*, and codes that the loss that is left needs.
    tries
        All trainings by us, in order; the last one reached a collapse, if any did.
    traits
        What was found about the encoder: norms, batch statistics, frozen weights.
    own_fit
        What the subject's own fit does without labels; None where it has none, or where the
        dynamics loss was dropped.
    word
        A shortest word that tells the merged pair apart; empty where labels do, or no pair merged.
    mechanism
        What is preserved instead; None where the collapse is reached.
    """

    dropped: Hypothesis
    design: str
    n_obs: int
    n_blocks: int
    n_codes: int
    tries: tuple[ReachTry, ...]
    traits: tuple[Trait, ...]
    own_fit: OwnFitReach | None
    word: tuple[Hashable, ...]
    mechanism: Mechanism | None

    @property
    def reached(self) -> bool:
        """Whether a collapse is reachable: by the architecture, and under the own fit if any."""
        return self.mechanism is None

    @property
    def by_architecture(self) -> bool:
        """Whether our trainer reached it, with the own fit set aside."""
        return self.tries[-1].reached

    @property
    def way(self) -> ReachWay | None:
        """How our trainer reached it; None where it did not."""
        return self.tries[-1].way if self.by_architecture else None

    @property
    def pair(self) -> tuple[Hashable, Hashable] | None:
        """The merged pair; None where there is none."""
        return (self.tries[-1].x, self.tries[-1].y) if self.by_architecture else None

    def explain(self) -> str:
        """Return what was found, for people."""
        lines = [self._headline()]
        last = self.tries[-1]
        if last.reached:
            lines += [
                f"Our trainer reached it {last.way.text}, in try {len(self.tries)}:",
                f"  {last.explain()}",
                f"  {last.x!r} and {last.y!r} share a code"
                + (f", although the word {self.word!r} tells them apart." if self.word else "."),
            ]
        else:
            lines += [f"{count(len(self.tries), 'try', 'tries')} of our trainer, none reached it:"]
            lines += [f"  {one.explain()}" for one in self.tries]
        if self.own_fit is not None:
            lines.append(self.own_fit.explain())
        if self.mechanism is not None:
            lines += ["Kept instead: " + self.mechanism.explain()]
        elif self.traits:
            lines += ["Found, and no obstacle:", *(f"  {trait.explain()}" for trait in self.traits)]
        return "\n".join(lines)

    def _headline(self) -> str:
        loss = "auxiliary" if self.dropped is Hypothesis.AUX_LOSS else "dynamics"
        if self.reached:
            return f"{self.design} without the {loss} loss: a collapse is reached."
        if self.by_architecture:
            return (
                f"{self.design} without the {loss} loss: its own fit does not let it collapse, its "
                "architecture would."
            )
        return f"{self.design} without the {loss} loss: no collapse was reached."

    def __repr__(self) -> str:
        if self.mechanism is None:
            return f"Reach({self.design!r} without {self.dropped}: reached {self.way})"
        return (
            f"Reach({self.design!r} without {self.dropped}: not reached, "
            f"{self.mechanism.name}, {count(self.mechanism.n_groups, 'group')} of codes)"
        )
