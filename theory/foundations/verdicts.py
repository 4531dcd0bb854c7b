"""What a verdict on a total system rests on: it differs with the verdict, the grade and the way."""

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.foundation import Foundation, Ground, Use
from tellapart.theory.foundations.grounds import (
    MARGINS_CHECKED,
    margins_ground,
    resolved_ground,
    small_ground,
)
from tellapart.theory.foundations.parts import (
    MARGIN_CHECKER,
    OTHER_WEIGHTS,
    SOURCE_ASSUMED,
    WITNESS_REPLAY,
    Provenance,
    apart_by_measurement,
    partition_checkers,
    required_pairs,
)
from tellapart.theory.verdict import Grade, Judgement, Verdict
from tellapart.theory.wording import count

__all__ = ["verdict_foundation"]

_PAIRS_AGAIN = Use(MARGIN_CHECKER, "derives from the system once more which pairs these are")
_ZERO_LOSS = {
    "weights": "rational arithmetic on the stored weights: every difference is 0; computed once, "
    "no checker",
    "answers": "the answers of the subject, read as rational numbers, against integer tables that "
    "fit the system: every difference is 0; computed once, no checker",
    "either": "rational arithmetic, on the stored weights or on the answers with integer tables: "
    "every difference is 0; computed once, no checker",
    "caller": "asserted by the caller of judge; nothing here confirms it",
}


def verdict_foundation(judgement: Judgement, provenance: Provenance | None = None) -> Foundation:
    """Return what a verdict on a deterministic MDP rests on.

    Parameters
    ----------
    judgement
        From :func:`tellapart.theory.verdict.judge`.
    provenance
        How its parts were settled; default: nothing but what the judgement itself holds. A check
        knows more: ``check(...).foundation``.

    Returns
    -------
    Foundation

    Raises
    ------
    InvalidArgumentError
        For something that is not a judgement on a total system.

    Notes
    -----
    Constant time: nothing is computed again.

    Examples
    --------
    >>> import numpy as np
    >>> from tellapart.theory.bisimulation import bisimulation
    >>> from tellapart.theory.gallery import counting_chain
    >>> from tellapart.theory.verdict import judge
    >>> chain = counting_chain(5)
    >>> codes = np.arange(5.0)[:, None]
    >>> found = judge(bisimulation(chain), codes, codes[chain.successors], chain.label_vectors)
    >>> verdict_foundation(found).summary
    'Rests on D2, D3, S4, S13 and measurements in float64.'
    """
    if not isinstance(judgement, Judgement):
        raise InvalidArgumentError(
            f"judgement is a {type(judgement).__name__}; give what judge(...) returned, or use "
            "data_verdict_foundation for a verdict on data."
        )
    how = provenance or Provenance()
    if judgement.separation.n_must_separate == 0:
        return _nothing_to_separate(how)
    if judgement.verdict is Verdict.COLLAPSED:
        return _collapsed(judgement, how)
    if judgement.verdict is Verdict.INFEASIBLE:
        return _infeasible(judgement, how)
    if judgement.verdict is Verdict.VACUOUS:
        return _vacuous(judgement, how)
    return Foundation(
        f"The premise is met, with the grade {judgement.grade}, and all "
        f"{count(judgement.separation.n_must_separate, 'pair')} that must be told apart are.",
        _premise(judgement, how),
        _assumed(judgement, how),
        _not_claimed(judgement),
    )


def _premise(judgement: Judgement, how: Provenance) -> tuple[Ground, ...]:
    """Return why the pairs are apart, where some premise is met."""
    apart = judgement.separation
    if judgement.grade is Grade.EXACT:
        return (
            required_pairs(apart.n_must_separate, how.confirmed_by),
            Ground(
                "Both losses are zero.",
                _ZERO_LOSS[how.zero_loss_by],
                (Use("D1", "the equations that were compared"),),
            ),
            Ground(
                "Hence the codes of all these pairs differ.",
                "by proof; no distance decides",
                (
                    Use("S1", "the kernel of an encoder with zero loss is admissible"),
                    Use("S4", "so it merges no pair outside B*"),
                ),
            ),
        )
    measured = apart_by_measurement(apart.n_must_separate, apart.threshold, how.dtype)
    if judgement.grade is Grade.CERTIFIED:
        again = (_PAIRS_AGAIN,) if how.margins_checked else ()
        return (
            required_pairs(apart.n_must_separate, how.confirmed_by, *again),
            margins_ground(how),
            small_ground(judgement, how),
            measured,
        )
    return (
        required_pairs(apart.n_must_separate, how.confirmed_by),
        resolved_ground(judgement, how),
        measured,
    )


def _nothing_to_separate(how: Provenance) -> Foundation:
    return Foundation(
        "Nothing is claimed of this encoder: zero loss forces no pair apart.",
        (required_pairs(0, how.confirmed_by),),
        (SOURCE_ASSUMED,),
        ("Whatever the codes are, the theorem does not say that they must be so.",),
    )


def _collapsed(judgement: Judgement, how: Provenance) -> Foundation:
    witness, apart = judgement.witness, judgement.separation
    if witness is None:
        raise InvalidArgumentError("The judgement is collapsed without a witness; judge again.")
    replay = Use(WITNESS_REPLAY, "follows the word and compares labels and codes in plain Python")
    equal = witness.distance == 0
    grounds = (
        Ground(
            "They must be told apart.",
            f"their labels after a word of {count(len(witness.word), 'action')}, looked up in the "
            "system",
            (
                Use("S7", "labels that differ after some word: not bisimilar"),
                Use("S4", "no encoder with zero loss gives one code to such a pair"),
            ),
            (replay,),
        ),
        Ground(
            "They share a code." if equal else "Their codes count as one.",
            "the two codes are equal"
            if equal
            else f"their distance {witness.distance:.3g} is at most the merge threshold "
            f"{witness.threshold:.3g}",
            (Use("D2", f"the pair is in the kernel{'' if equal else ', up to this threshold'}"),),
            (replay,),
            how.dtype,
        ),
    )
    rounded = f"The {how.dtype} codes are the codes: no rounding merged what real arithmetic parts."
    close = "Codes as close as the merge threshold count as one: a convention."
    confirmed = ", ".join(f"the {use.name}" for use in partition_checkers(how.confirmed_by))
    others = (
        f"That {apart.n_merged} of {count(apart.n_must_separate, 'pair')} are merged is no part of "
        f"this: the count rests on B* (D3), confirmed by {confirmed or 'no checker'}."
    )
    if how.margins_checked:
        close += " As real numbers they differ: margins prove all pairs apart (S10)."
    said = "share a code" if equal else "have codes that count as one"
    return Foundation(
        f"{witness.x!r} and {witness.y!r} {said}, and every encoder with zero loss tells them "
        "apart.",
        grounds,
        (SOURCE_ASSUMED, rounded if equal else close),
        (others, "Whether the premise is met plays no part.", OTHER_WEIGHTS),
    )


def _infeasible(judgement: Judgement, how: Provenance) -> Foundation:
    program = how.arithmetic != "float"
    shape = Ground(
        "The latent dimension is too small for zero loss.",
        "rank of the labels along words, in exact arithmetic, against the latent dimension; "
        "computed once, no checker"
        if program
        else "asserted by the caller of judge; nothing here confirms it",
        (
            Use("S12", "linear and affine parts need as many dimensions as that rank says"),
            Use("D3", "the rank is taken on the quotient by B*"),
        ),
    )
    translated = (
        "Predictor and head are linear or affine in the latent, as read off the program that the "
        "subject was translated into."
    )
    return Foundation(
        "No training of this design reaches zero loss on this system.",
        (shape,),
        (SOURCE_ASSUMED, *((translated,) if program else ())),
        ("That codes are apart, or merged: nothing is said of the weights as they are.",),
    )


def _vacuous(judgement: Judgement, how: Provenance) -> Foundation:
    apart = judgement.separation
    if judgement.grade is not Grade.UNMET:
        claim = (
            f"Nothing is claimed of this encoder: its premise has the grade {judgement.grade}, and "
            f"{judgement.required} was required."
        )
        grounds = _premise(judgement, how)
        return Foundation(claim, grounds, _assumed(judgement, how), _not_claimed(judgement))
    proved = _proved_all_the_same(judgement, how)
    return Foundation(
        "Nothing is claimed of this encoder: its codes are apart, but the losses are not small.",
        (
            required_pairs(apart.n_must_separate, how.confirmed_by),
            resolved_ground(judgement, how),
            *proved,
            apart_by_measurement(apart.n_must_separate, apart.threshold, how.dtype),
        ),
        _assumed(judgement, how),
        ("That the losses keep these codes apart: S4 needs zero loss, and this is not near it.",),
    )


def _proved_all_the_same(judgement: Judgement, how: Provenance) -> tuple[Ground, ...]:
    """Return which pairs margins prove apart although the premise is not met."""
    required = judgement.separation.n_must_separate
    if not (how.margins_checked or how.margins_proved):
        return ()
    proved = required if how.margins_checked else how.margins_proved
    which = "all" if proved == required else f"{proved:,} of {required:,}"
    checked = "" if how.margins_checked else "; computed once, no checker"
    return (
        Ground(
            f"The codes of {which} pairs are proved apart all the same; that does not meet the "
            "premise, because the residuals are not small.",
            f"margins from bounds of residuals and Lipschitz constants{checked}",
            (Use("S10", "such margins bound the distance of codes from below"),),
            (MARGINS_CHECKED,) if how.margins_checked else (),
        ),
    )


def _assumed(judgement: Judgement, how: Provenance) -> tuple[str, ...]:
    assumed = [SOURCE_ASSUMED]
    if judgement.grade is Grade.EXACT and how.zero_loss_by == "answers":
        return (*assumed, "The subject answers the next time what it answered here, twice.")
    if how.arithmetic == "float":
        why = f" ({how.no_program})" if how.no_program else ""
        return (
            *assumed,
            f"The floating-point answers of the subject stand for its function: they were not "
            f"compared with exact ones{why}.",
        )
    apart = "" if how.deviation is None else f", and are at most {how.deviation:.2g} apart"
    return (
        *assumed,
        "The program that the subject was translated into computes what its code computes: the two "
        f"were compared on every observation{apart}.",
    )


def _not_claimed(judgement: Judgement) -> tuple[str, ...]:
    if judgement.grade is Grade.EXACT:
        return ("That pairs inside a block of B* are merged: they may be (S5).", OTHER_WEIGHTS)
    own = {
        Grade.CERTIFIED: "That the losses are zero: S4 is not applied to this encoder.",
        Grade.RESOLVED: "That the losses force the codes apart: S4 needs zero loss, and the gaps "
        "are measured, not derived.",
    }
    return (own[judgement.grade], OTHER_WEIGHTS)
