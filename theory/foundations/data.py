"""What a verdict on logged data rests on: rows of the data, and what was measured on them."""

from collections.abc import Iterable

from tellapart.theory.data_verdict import DataCollapse, DataJudgement
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.foundations.foundation import Foundation, Ground, Use
from tellapart.theory.foundations.parts import (
    DATA_ASSUMED,
    OTHER_WEIGHTS,
    ROW_CHECKER,
    apart_by_measurement,
)
from tellapart.theory.naming import entry_named
from tellapart.theory.partial.chain import Infeasibility
from tellapart.theory.separation import Separation
from tellapart.theory.verdict import Grade, Verdict
from tellapart.theory.wording import count

__all__ = ["contradiction", "data_checkers", "data_pairs", "data_verdict_foundation"]

#: Of proofs about data, by the names that an audit gives them.
_CHECKERS = {
    "extracted": Use(
        "extracted checker", "Python extracted from a Coq proof that what it accepts is true"
    ),
    "fast": Use(ROW_CHECKER, "hand-written; goes through the rows of the data in its own way"),
}
_OTHER_DATA = (
    "Nothing is said of transitions and labels that are not in the data: what only they tell apart "
    "may be merged."
)


def data_verdict_foundation(
    judgement: DataJudgement, *, dtype: str = "float64", confirmed_by: Iterable[str] = ("fast",)
) -> Foundation:
    """Return what a verdict on partial data rests on.

    Parameters
    ----------
    judgement
        From :func:`tellapart.theory.data_verdict.judge_data`.
    dtype
        Type that the subject computed in.
    confirmed_by
        Which checkers followed the proof of a merged pair, or of infeasible data: ``"fast"``, as
        ``judge_data`` always asks it, and perhaps ``"extracted"``.

    Returns
    -------
    Foundation

    Raises
    ------
    InvalidArgumentError
        For something that is not a judgement on data.

    Notes
    -----
    Constant time: nothing is computed again.

    Examples
    --------
    >>> import numpy as np
    >>> from tellapart.theory.data.transitions import TransitionData
    >>> from tellapart.theory.data_audit import DataAudit
    >>> from tellapart.theory.data_verdict import judge_data
    >>> from tellapart.theory.partial.analysis import analyse
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: 0, 3: 1})
    >>> codes = np.array([[0.0], [0.0], [2.0], [3.0]])
    >>> read = np.array([[0.0], [0.0], [0.0], [1.0]])
    >>> found = judge_data(DataAudit("four", analyse(data)), codes, codes[data.targets], read)
    >>> data_verdict_foundation(found).summary
    'Rests on D2, S3, the checker of rows and measurements in float64.'
    """
    if not isinstance(judgement, DataJudgement):
        raise InvalidArgumentError(
            f"judgement is a {type(judgement).__name__}; give what judge_data(...) returned, or "
            "use verdict_foundation for a verdict on a complete system."
        )
    checkers = data_checkers(confirmed_by)
    if judgement.infeasibility is not None:
        return _contradicted(judgement.infeasibility, checkers)
    apart = judgement.separation
    if apart is None:
        raise InvalidArgumentError("The judgement has no measurements; judge the data again.")
    if apart.n_must_separate == 0:
        return Foundation(
            "Nothing is claimed of this encoder: the data force no pair apart.",
            (data_pairs(0),),
            (DATA_ASSUMED,),
            ("Whatever the codes are, the data do not say that they must be so.", _OTHER_DATA),
        )
    if judgement.verdict is Verdict.COLLAPSED:
        if judgement.witness is None:
            raise InvalidArgumentError("The judgement is collapsed without a witness; judge again.")
        return _collapsed(judgement.witness, apart, dtype, checkers)
    if judgement.verdict is Verdict.INFEASIBLE:
        return _shape()
    return _measured(judgement, apart, dtype)


def data_checkers(confirmed_by: Iterable[str]) -> tuple[Use, ...]:
    """Return the checkers of a proof about data, by the names that an audit gives them.

    Raises
    ------
    InvalidArgumentError
        For another name.
    """
    return tuple(entry_named(_CHECKERS, name, "checker of data") for name in confirmed_by)


def contradiction(checkers: tuple[Use, ...]) -> Ground:
    """Return why data are infeasible whose chain of merges these checkers have accepted."""
    return Ground(
        "The data force two observations with different labels to share a code.",
        "a chain of merges, each forced by two rows of the data",
        (Use("S2", "zero loss is impossible once forced merges join two labels"),),
        checkers,
    )


def data_pairs(n_pairs: int | None) -> Ground:
    """Return how the pairs that the data force apart are known; None: they are asked one by one."""
    which = (
        "Which pairs must be told apart, asked one by one."
        if n_pairs is None
        else f"Which {count(n_pairs, 'pair')} must be told apart on these data."
        if n_pairs
        else "No pair must be told apart on these data."
    )
    return Ground(
        which,
        "merging a pair and folding until two labels clash or nothing changes; computed once, no "
        "checker of all pairs",
        (
            Use("S3", "every zero-loss encoder tells a pair apart iff merging it clashes"),
            Use("S2", "merges that the data force are made first"),
        ),
    )


def _contradicted(chain: Infeasibility, checkers: tuple[Use, ...]) -> Foundation:
    x, y = chain.pair
    return Foundation(
        f"No encoder reaches zero loss on these data: {x!r} and {y!r} would share a code.",
        (contradiction(checkers),),
        (DATA_ASSUMED,),
        ("Nothing is said of this encoder: its codes take no part.",),
    )


def _collapsed(
    witness: DataCollapse, apart: Separation, dtype: str, checkers: tuple[Use, ...]
) -> Foundation:
    grounds = (
        Ground(
            "They must be told apart.",
            "suppose that they share a code: rows of the data then force two labels on one code",
            (Use("S3", "so no encoder with zero loss on these data merges them"),),
            checkers,
        ),
        Ground(
            "They share a code.",
            "the two codes are equal"
            if witness.distance == 0
            else f"their distance {witness.distance:.3g} is at most the merge threshold "
            f"{witness.threshold:.3g}",
            (Use("D2", "the pair is in the kernel"),),
            measured=dtype,
        ),
    )
    close = (
        f"The {dtype} codes are the codes: no rounding merged what real arithmetic parts."
        if witness.distance == 0
        else "Codes as close as the merge threshold count as one: a convention."
    )
    others = (
        f"That {apart.n_merged} of {count(apart.n_must_separate, 'pair')} are merged is no part of "
        "this: the other pairs were found the same way, and their proofs were not checked."
    )
    return Foundation(
        f"{witness.x!r} and {witness.y!r} share a code, and every encoder with zero loss on these "
        "data tells them apart.",
        grounds,
        (DATA_ASSUMED, close),
        (others, "Whether the premise is met plays no part.", OTHER_WEIGHTS),
    )


def _shape() -> Foundation:
    return Foundation(
        "No training of this design reaches zero loss on these data.",
        (
            Ground(
                "The latent dimension is too small for zero loss.",
                "rank of the labels along words, in exact arithmetic, against the latent "
                "dimension; as the caller of judge_data says, a check computes it",
                (
                    Use("S2", "with its forced merges made, the data are a total system"),
                    Use("S12", "linear and affine parts need as many dimensions as the rank says"),
                ),
            ),
        ),
        (
            DATA_ASSUMED,
            "Predictor and head are linear or affine in the latent, as read off the program that "
            "the subject was translated into.",
        ),
        ("That codes are apart, or merged: nothing is said of the weights as they are.",),
    )


def _measured(judgement: DataJudgement, apart: Separation, dtype: str) -> Foundation:
    resolved = judgement.grade is Grade.RESOLVED
    pairs = count(apart.n_must_separate, "pair")
    if judgement.resolution is None:
        raise InternalError("A verdict without residuals. This is a bug in tellapart.")
    small = Ground(
        "Every residual on the data is below half its gap: the code nearest to a predicted latent "
        "is that of an observation that need not be told apart from the true successor, and known "
        "labels are read correctly."
        if resolved
        else "Some residual is not below half its gap, so S13 does not apply.",
        "residuals and gaps as the subject returned them; their rounding is not bounded",
        (Use("S13", "what a model with such residuals represents, and when it is one"),),
        measured=dtype,
    )
    if judgement.verdict is Verdict.HOLDS:
        claim = f"The premise is met on the data, and all {pairs} that they force apart are apart."
        limits: tuple[str, ...] = (
            "That the losses force the codes apart: the gaps are measured, not derived.",
            "That the latent model is a quotient of the system, or that forced merges are made.",
        )
    else:
        claim = (
            "Nothing is claimed of this encoder: its codes are apart, but nothing makes them so."
        )
        limits = ("That the losses keep these codes apart: they are not near zero.",)
    return Foundation(
        claim,
        (
            data_pairs(apart.n_must_separate),
            small,
            apart_by_measurement(apart.n_must_separate, apart.threshold, dtype),
        ),
        (
            DATA_ASSUMED,
            "The floating-point answers of the subject stand for its function: on data they are "
            "not compared with exact ones.",
        ),
        (*limits, _OTHER_DATA, OTHER_WEIGHTS),
    )
