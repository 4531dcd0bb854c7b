"""Why no collapse was reached, as far as tries and traits show."""

from collections.abc import Iterator, Sequence

from tellapart.models.dropped.result import (
    Mechanism,
    OwnFitOutcome,
    OwnFitReach,
    ReachTry,
    Trait,
    TraitKind,
)
from tellapart.models.subject import Subject
from tellapart.theory.wording import count

__all__ = ["mechanism_of"]

#: Change of relative distances up to which codes kept their shape.
_RIGID = 1e-3


def mechanism_of(
    subject: Subject,
    part: str,
    tries: Sequence[ReachTry],
    traits: Sequence[Trait],
    own: OwnFitReach | None,
) -> Mechanism | None:
    """Return what is preserved instead of a collapse; None where one is reached.

    Parameters
    ----------
    subject
        Fresh.
    part
        ``"predictor"`` or ``"head"``: what answers for the loss that is left.
    tries, traits, own
        What was found.
    """
    best = min(tries, key=lambda one: (one.n_groups, one.spread))
    if tries[-1].reached:
        kept = own is not None and own.outcome is OwnFitOutcome.APART
        return _of_own_fit(own, traits) if own is not None and kept else None
    norms = [trait for trait in traits if not trait.name.explains]
    causes = [trait for trait in traits if trait.name.explains]
    causes += [*_fixed(best), *_rigid(tries), *_of_part(subject, part, tries)]
    if own is not None and own.outcome is OwnFitOutcome.APART and not causes:
        causes.append(_own_trait(own))
    if not causes:
        causes.append(
            Trait(
                TraitKind.UNKNOWN,
                "encoder",
                f"{count(len(tries), 'training')} did not bring a collapse, and nothing was found "
                "that forbids one; more steps or seeds may.",
            )
        )
    return Mechanism(
        n_groups=best.n_groups,
        closest=best.closest / (best.spread or 1.0),
        rank=best.rank,
        fixed_norm=best.same_norm,
        causes=(*causes, *norms),
    )


def _of_own_fit(own: OwnFitReach, traits: Sequence[Trait]) -> Mechanism:
    return Mechanism(
        n_groups=own.n_groups,
        closest=own.closest / (own.spread or 1.0),
        rank=own.rank,
        fixed_norm=own.same_norm,
        causes=(_own_trait(own), *traits),
    )


def _own_trait(own: OwnFitReach) -> Trait:
    text = f"with all labels equal it keeps {count(own.n_groups, 'group')} of codes apart."
    if own.loss_end is not None and own.loss_merged is not None:
        text = (
            f"{text[:-1]}; its loss would rise from {own.loss_end:.3g} to {own.loss_merged:.3g} "
            "with one code for everything."
        )
    return Trait(TraitKind.OWN_FIT, "fit", text)


def _fixed(best: ReachTry) -> Iterator[Trait]:
    """Name coordinates that training did not move, where it moved others or made steps."""
    if best.steps and best.fixed:
        shown = ", ".join(str(j) for j in best.fixed[:6]) + (", ..." if len(best.fixed) > 6 else "")
        yield Trait(
            TraitKind.FIXED_COORDINATES,
            "encoder",
            f"{count(len(best.fixed), 'coordinate')} of the code ({shown}) did not move in "
            "training and differ between observations, as where the observation is appended to "
            "its code.",
        )


def _rigid(tries: Sequence[ReachTry]) -> Iterator[Trait]:
    """Name an encoder whose weights only move, turn and scale its codes."""
    if all(one.steps and one.turned <= _RIGID for one in tries):
        yield Trait(
            TraitKind.RIGID,
            "encoder",
            "no training changed a relative distance: its weights can scale or move the codes as a "
            "whole, and the closest to a collapse is to fade to zero.",
        )


def _of_part(subject: Subject, part: str, tries: Sequence[ReachTry]) -> Iterator[Trait]:
    """Name a part that keeps a loss where codes are merged, or that nothing can train."""
    least = min(one.loss for one in tries)
    if not subject.trainable_weights(("encoder", part))[part] and least > 0:
        yield Trait(
            TraitKind.PART_FROZEN,
            part,
            "it has no trainable weights of its own; the smallest residual of a try was "
            f"{least:.2g}.",
        )
        return
    stayed = [one for one in tries if one.n_merged and one.n_unresolved]
    if stayed:
        one = min(stayed, key=lambda one: one.loss)
        yield Trait(
            TraitKind.PART_MISSES,
            part,
            f"where {count(one.n_merged, 'pair')} shared a code it kept a residual of "
            f"{one.loss:.2g}: it does not answer merged codes without error.",
        )
