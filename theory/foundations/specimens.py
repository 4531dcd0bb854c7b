"""What a counterexample to a hypothesis rests on."""

from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.foundation import Foundation, Ground, Use
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.wording import count

__all__ = ["specimen_foundation"]

_CHECKER = Use(
    "specimen checker", "plain loops over the fields; shares no code with the search or shrinking"
)
_CONTRADICTED = (
    Hypothesis.DETERMINISM, Hypothesis.ACTION_CONDITIONING, Hypothesis.MARKOV_OBSERVATION
)  # fmt: skip
#: What is zero in each of the others, compared code by code.
_ZERO = {
    Hypothesis.AUX_LOSS: "equal codes lead to equal codes: the dynamics loss is zero",
    Hypothesis.DYNAMICS_LOSS: "equal codes have equal labels: the auxiliary loss is zero",
    Hypothesis.JOINT_TRAINING: "exactly one of the two losses is zero",
    Hypothesis.FULL_COVERAGE: "both losses are zero on the rows that are left",
    Hypothesis.EXACT_ZERO: "the auxiliary loss is zero, the dynamics loss is not and has no scale",
    Hypothesis.INFORMATIVE_LABEL: "the label is constant, and the dynamics loss is zero",
}


def specimen_foundation(specimen: Specimen, *, minimal: bool = False) -> Foundation:
    """Return what a counterexample rests on.

    Parameters
    ----------
    specimen
        World, data, codes, pair and word. It is checked once more.
    minimal
        Whether a search of all smaller systems found none.

    Returns
    -------
    Foundation

    Raises
    ------
    InvalidArgumentError
        For something that is not a specimen, or that its checker refuses.

    Notes
    -----
    As :func:`tellapart.theory.counterexamples.verify.verify_specimen`.

    Examples
    --------
    >>> from tellapart.theory.counterexamples.search import smallest_counterexamples
    >>> without = smallest_counterexamples("aux_loss").specimens[0]
    >>> specimen_foundation(without).summary
    'Rests on D4, S4, S7, S8 and the specimen checker.'
    """
    check = verify_specimen(specimen)
    if not check:
        raise InvalidArgumentError(f"This is no counterexample: {check.failure}")
    grounds = [
        Ground(
            "The world tells them apart.",
            f"labels after a word of {count(len(specimen.word), 'action')}, looked up in the world",
            (
                Use("S7", "labels that differ after some word: not bisimilar"),
                Use("S4", "so with all hypotheses they could not share a code at zero loss"),
            ),
            (_CHECKER,),
        ),
        _allowed(specimen.hypothesis),
    ]
    if minimal:
        grounds.append(
            Ground(
                "No smaller counterexample exists.",
                "a search of all smaller systems, listed or by SAT; no checker of its completeness",
            )
        )
    return Foundation(
        f"Without {specimen.hypothesis}, {specimen.x!r} and {specimen.y!r} may share a code, and "
        "with all hypotheses of S4 they may not.",
        tuple(grounds),
        ("That the hypothesis is dropped in the way shown: others may have other smallest cases.",),
        ("That an encoder which is trained without it ends like this: it may, or it may not.",),
    )


def _allowed(hypothesis: Hypothesis) -> Ground:
    says = "They share a code, and what is left of the premise allows it."
    if hypothesis in _CONTRADICTED:
        return Ground(
            says,
            "the merges that the data force put two labels into one class; the codes are these "
            "classes",
            (Use("S2", "forced merges that join two labels: no encoder has zero loss"),),
            (_CHECKER,),
        )
    return Ground(
        says,
        _ZERO[hypothesis],
        (
            Use("D4", "the rules on equal codes that were compared"),
            Use("S8", "what is left of the losses allows such a merge"),
        ),
        (_CHECKER,),
    )
