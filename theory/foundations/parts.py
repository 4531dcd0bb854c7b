"""Parts that several foundations share: who confirmed what, which pairs, what is assumed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.foundation import Ground, Use
from tellapart.theory.wording import count

__all__ = [
    "DATA_ASSUMED", "MARGIN_CHECKER", "OTHER_WEIGHTS", "ROW_CHECKER", "SOURCE_ASSUMED",
    "WITNESS_REPLAY", "Provenance", "apart_by_measurement", "partition_checkers", "required_pairs",
]  # fmt: skip

MARGIN_CHECKER = "margin checker"
WITNESS_REPLAY = "witness replay"
ROW_CHECKER = "checker of rows"

#: Of the certificate of B*, by the names that an audit gives them.
_PARTITION_CHECKERS = {
    "extracted": Use(
        "extracted checker",
        "Python extracted from a Coq proof that it accepts exactly the correct certificates",
    ),
    "fast": Use(
        "fast checker",
        "hand-written; shares no code with the refinement, and proves every two blocks apart",
    ),
}

OTHER_WEIGHTS = "Nothing is said of other weights, another seed, longer training or unseen inputs."

SOURCE_ASSUMED = (
    "The system is the one you mean: its transitions and labels are taken as the source gives them."
)


DATA_ASSUMED = (
    "The data are the ones you mean: rows and labels are taken as the file or the table gives them."
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the parts of a judgement were settled, as far as the judgement itself does not say.

    The default is what :func:`tellapart.theory.verdict.judge` knows by itself: floating-point
    numbers, and proofs that its caller asserted.

    Attributes
    ----------
    dtype
        Type that the subject computed in.
    arithmetic
        ``"exact"`` or ``"interval"`` where the real function of the stored weights was evaluated
        with every digit proved; ``"float"`` where only the answers of the subject are known.
    zero_loss_by
        What the equations of zero loss were compared on: ``"weights"``, ``"answers"`` (with
        integer tables), ``"either"`` where the report does not tell which; ``"caller"``: nothing.
    confirmed_by
        Which checkers confirmed B*: of ``"extracted"`` and ``"fast"``.
    margins_checked
        Whether the margin checker accepted a margin for every pair that must be told apart.
    margins_proved
        For how many of these pairs a margin was made, whether or not a checker was asked.
    margins_by_path
        How many of these margins follow along a word, by the product of its matrices.
    small_by_size
        Whether the residuals, by their size alone, leave all margins positive.
    deviation
        Largest distance between the answers of the subject and exact ones; None when not compared.
    no_program
        Why the subject could not be evaluated exactly; empty when it could, or when nobody tried.
    """

    dtype: str = "float64"
    arithmetic: Literal["exact", "interval", "float"] = "float"
    zero_loss_by: Literal["weights", "answers", "either", "caller"] = "caller"
    confirmed_by: tuple[str, ...] = ()
    margins_checked: bool = False
    margins_proved: int = 0
    margins_by_path: int = 0
    small_by_size: bool = False
    deviation: float | None = None
    no_program: str = ""

    def __post_init__(self) -> None:
        partition_checkers(self.confirmed_by)


def partition_checkers(confirmed_by: Iterable[str]) -> tuple[Use, ...]:
    """Return the checkers that confirmed B*, by the names that an audit gives them.

    Raises
    ------
    InvalidArgumentError
        For another name.
    """
    names = tuple(confirmed_by)
    for name in names:
        if name not in _PARTITION_CHECKERS:
            raise InvalidArgumentError(
                f"confirmed_by names {name!r}; checkers of B* are "
                f"{', '.join(map(repr, _PARTITION_CHECKERS))}."
            )
    return tuple(_PARTITION_CHECKERS[name] for name in names)


def required_pairs(n_pairs: int, confirmed_by: Iterable[str], *further: Use) -> Ground:
    """Return why these are the pairs that must be told apart, in a total system.

    Parameters
    ----------
    n_pairs
        Their number; of none it is said why.
    confirmed_by
        Checkers of B*.
    further
        Other checkers that derived the pairs.
    """
    checkers = (*partition_checkers(confirmed_by), *further)
    alone = "" if checkers else "; no checker was asked to confirm it"
    if not n_pairs:
        return Ground(
            "No pair must be told apart.",
            f"partition refinement of the system: B* is one block{alone}",
            (
                Use("D3", "along every word all observations show the same labels"),
                Use("S5", "B* is itself admissible"),
                Use("S1", "so one code for everything is the kernel of a model with zero loss"),
            ),
            checkers,
        )
    statements = [
        Use("D3", "the pairs are those outside B*, the largest bisimulation"),
        Use("S4", "no encoder with zero loss gives one code to a pair outside B*"),
    ]
    if checkers:
        statements.append(
            Use("S7", "two blocks are apart by a word that leads them to different labels")
        )
    return Ground(
        f"Which {count(n_pairs, 'pair')} must be told apart.",
        f"partition refinement of the system{alone}",
        tuple(statements),
        checkers,
    )


def apart_by_measurement(n_pairs: int, threshold: float, dtype: str) -> Ground:
    """Return that no pair is as close as the threshold: what keeps a verdict from a collapse."""
    return Ground(
        f"No code is shared among these {count(n_pairs, 'pair')}, as far as was measured.",
        f"the distance of every pair is above the merge threshold {threshold:.3g}",
        (Use("D2", "merged means: the codes are equal, or as close as the threshold"),),
        measured=dtype,
    )
