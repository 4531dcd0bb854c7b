"""What an audit rests on, and each further question that was asked of the same system."""

from collections.abc import Iterable

from tellapart.theory.audit import Audit
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.data import contradiction, data_checkers, data_pairs
from tellapart.theory.foundations.foundation import Foundation, Ground, Use
from tellapart.theory.foundations.parts import (
    DATA_ASSUMED,
    SOURCE_ASSUMED,
    required_pairs,
)
from tellapart.theory.naming import entry_named
from tellapart.theory.partial.min_codes import MinimumCodes
from tellapart.theory.wording import count

__all__ = ["ANSWERS", "audit_foundation"]

_LABELS = Use("S9", "a label suffices for a target iff B* under it refines the target")

#: Grounds of further questions, by the name of the question.
ANSWERS = {
    "capacity": Ground(
        "How many latent dimensions linear parts need.",
        "rank of the labels along words, over the rationals; computed once, no checker",
        (Use("S12", "the rank is the smallest dimension with zero loss"),),
    ),
    "kernels": Ground(
        "How many kernels zero loss allows.",
        "admissible partitions, counted, all or as many as the answer says; no checker",
        (
            Use("S1", "kernels of zero-loss models are exactly the admissible partitions"),
            Use("D4", "the two rules of an admissible partition"),
        ),
    ),
    "horizon": Ground(
        "Which pairs a training horizon cannot reach.",
        "the depth of every pair",
        (Use("S7", "the depth is the length of a shortest word that tells a pair apart"),),
    ),
    "comparison": Ground(
        "What each label forces apart.",
        "B* of the same dynamics for each label; no checker",
        (Use("S4", "no encoder with zero loss merges a pair outside the B* of its label"),),
    ),
    "data_comparison": Ground(
        "What each label forces apart.",
        "merging and folding on the same data for each label; no checker",
        (Use("S3", "every zero-loss encoder tells a pair apart iff merging it clashes"),),
    ),
    "sufficiency": Ground(
        "Whether the label forces the target apart.",
        "B* against the target; no checker",
        (_LABELS,),
    ),
    "suggestion": Ground(
        "Labels that suffice.",
        "a search, greedy or by SAT; what it proved of the number is said in the answer",
        (_LABELS,),
    ),
    "pairs": Ground(
        "Whether single pairs must be told apart.",
        "a shortest word with different labels, looked up in the system; no checker",
        (Use("S7", "a pair outside B* has such a word, and no other pair has"),),
    ),
    "data_pairs": Ground(
        "Whether single pairs must be told apart.",
        "a contradiction from merging them, or a partition that merges them; where the data are "
        "small, the checkers confirm it",
        (Use("S3", "every zero-loss encoder tells a pair apart iff merging it clashes"),),
    ),
}


def audit_foundation(audit: Audit | DataAudit, answers: Iterable[str] = ()) -> Foundation:
    """Return what an audit rests on.

    Parameters
    ----------
    audit
        Of a complete system or of partial data.
    answers
        Further questions that were answered: names in :data:`ANSWERS`.

    Returns
    -------
    Foundation

    Raises
    ------
    InvalidArgumentError
        For something that is not an audit, or an unknown question.
    InternalError
        When a checker refuses the proofs of an audit of data that was loaded: it was changed.

    Notes
    -----
    Constant time, but for an audit of data that was loaded: its checkers are run again.

    Examples
    --------
    >>> from tellapart.theory.audit import audit
    >>> from tellapart.theory.gallery import counting_chain
    >>> audit_foundation(audit(counting_chain(9))).summary
    'Rests on D3, S1, S4, S5, S7, S8, the extracted checker and the fast checker.'
    """
    further = tuple(entry_named(ANSWERS, name, "question") for name in answers)
    if isinstance(audit, Audit):
        return _complete(audit, further)
    if isinstance(audit, DataAudit):
        return _partial(audit, further)
    raise InvalidArgumentError(
        f"audit is a {type(audit).__name__}; give what tellapart.theory.audit returned."
    )


def _complete(audit: Audit, further: tuple[Ground, ...]) -> Foundation:
    own = Ground(
        f"At least {count(audit.min_codes, 'code')}, and so many suffice.",
        "the blocks of B*, which was confirmed as above",
        (
            Use("S5", "B* is itself admissible, the coarsest of all"),
            Use("S1", "so some model with zero loss has it as kernel"),
        ),
    )
    alone = Ground(
        "What the label alone forces apart, and what the dynamics loss adds.",
        "blocks before the first and after the last round of the refinement",
        (Use("S8", "with the label alone, any merge of equal labels has zero loss"),),
    )
    pairs = count(audit.n_must_separate, "pair")
    if not audit.n_must_separate:
        claim = "No pair must be told apart: the label and the dynamics force nothing."
    else:
        claim = (
            f"Every encoder with zero loss on this system tells {pairs} apart; some such encoder "
            "merges all the others."
        )
    return Foundation(
        claim,
        (required_pairs(audit.n_must_separate, audit.confirmed_by), own, alone, *further),
        (SOURCE_ASSUMED, "It is deterministic and complete: other systems are refused."),
        (
            "That some encoder or some training reaches zero loss: no encoder took part.",
            "That pairs inside a block of B* are merged: they may be (S5).",
        ),
    )


def _partial(audit: DataAudit, further: tuple[Ground, ...]) -> Foundation:
    chain = audit.infeasibility
    confirmed = audit.certificate_confirmed
    checkers = data_checkers(confirmed.zero_loss.names)
    if chain is not None:
        x, y = chain.pair
        return Foundation(
            f"No encoder reaches zero loss on these data: {x!r} and {y!r} would share a code.",
            (contradiction(checkers), *further),
            (DATA_ASSUMED,),
            ("That more rows would help: a chain of merges never goes away.",),
        )
    possible = Ground(
        "Zero loss is possible.",
        "labels compared in each class of the forced merges",
        (Use("S2", "zero loss is possible iff forced merges keep labels apart"),),
        checkers,
    )
    forced = Ground(
        f"Zero loss merges {count(audit.analysis.n_forced_pairs, 'pair')} whatever the encoder.",
        "forced merges by union-find"
        + ("; too many for a checker" if confirmed.forced is None else ""),
        (Use("S2", "every admissible partition contains the forced merges"),),
        () if confirmed.forced is None else data_checkers(confirmed.forced.names),
    )
    pairs = audit.n_must_separate
    claim = (
        "Some encoder reaches zero loss on these data; pairs are decided one by one."
        if pairs is None
        else f"Every encoder with zero loss on these data tells {count(pairs, 'pair')} apart, and "
        "for each other pair some such encoder merges it."
    )
    return Foundation(
        claim,
        (possible, forced, data_pairs(pairs), _codes(audit.analysis.codes), *further),
        (DATA_ASSUMED,),
        (
            "That pairs which need not be told apart may all be merged at once: there may be no "
            "coarsest encoder (S6).",
            "That some encoder or some training reaches zero loss: no encoder took part.",
        ),
    )


def _codes(codes: MinimumCodes) -> Ground:
    proved = codes.value is not None
    return Ground(
        "How few codes suffice." if proved else "Between how many codes and how many are needed.",
        f"{codes.method}; a partition of the upper number of codes was compared with D4"
        if codes.partition is not None
        else codes.method,
        (
            Use("S6", "the smallest number is a search problem; bounds come from pairs and merges"),
            Use("S3", "observations that must be told apart pairwise need a code each"),
            Use("S1", "an admissible partition is the kernel of a model with zero loss"),
        ),
    )
