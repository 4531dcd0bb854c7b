"""Confirm what an audit claims: by the checker extracted from its proof, and by the fast one."""

from enum import Enum

from tellapart.theory.certificate import Certificate
from tellapart.theory.checker import check_certificate
from tellapart.theory.errors import InternalError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verified_checker import check_certificate_verified

__all__ = [
    "MOST_COMPARISONS",
    "MOST_OBSERVATIONS",
    "Confirmation",
    "confirm_certificate",
    "refused",
]

#: Observations up to which an audit also runs the extracted checker, which looks at all pairs.
MOST_OBSERVATIONS = 300

#: Pairs of observations times actions up to which it does: 300 observations with 8 actions.
MOST_COMPARISONS = MOST_OBSERVATIONS**2 * 8

_LIMIT = f"{MOST_OBSERVATIONS} observations with {MOST_COMPARISONS // MOST_OBSERVATIONS**2} actions"


class Confirmation(Enum):
    """Which checkers confirmed the certificate behind an audit.

    Audits that were saved before the extracted checker was at work say ``true``: it was the fast
    one.

    Examples
    --------
    >>> Confirmation(True).names
    ('fast',)
    """

    BOTH = "extracted and fast"
    FAST = "fast"

    @classmethod
    def _missing_(cls, value: object) -> "Confirmation | None":
        return cls.FAST if value is True else None

    @property
    def names(self) -> tuple[str, ...]:
        """The checkers: ``"extracted"`` (from its proof) and ``"fast"``."""
        return tuple(self.value.split(" and "))

    def explain(self, limit: str = _LIMIT) -> str:
        """Return a clause: by which checker, and up to which size by the other."""
        if self is Confirmation.BOTH:
            return "confirmed by the checker extracted from its proof, and by the fast checker"
        return (
            f"confirmed by the fast checker; the one extracted from its proof takes up to {limit}"
        )


def confirm_certificate(mdp: DeterministicMDP, certificate: Certificate) -> Confirmation:
    """Have a certificate of bisimilarity confirmed, by both checkers where the system is small.

    Parameters
    ----------
    mdp
        The system.
    certificate
        What :func:`tellapart.theory.certificate.certify` made.

    Raises
    ------
    InternalError
        When a checker refuses it, with the name of the checker: a bug of ours.

    Notes
    -----
    O(m |A| log m) for m blocks, and O(m² |A|) for the extracted checker: below 0.3 s at the bounds.

    Examples
    --------
    >>> from tellapart.theory.bisimulation import bisimulation
    >>> from tellapart.theory.gallery import counting_chain
    >>> chain = counting_chain(9)
    >>> confirm_certificate(chain, bisimulation(chain).certificate()).explain()
    'confirmed by the checker extracted from its proof, and by the fast checker'
    """
    fast = check_certificate(mdp, certificate)
    if not fast:
        raise refused("fast checker", fast.reason)
    n = mdp.n_obs
    if n > MOST_OBSERVATIONS or n * n * mdp.n_actions > MOST_COMPARISONS:
        return Confirmation.FAST
    extracted = check_certificate_verified(mdp, certificate)
    if not extracted:
        raise refused("checker extracted from its proof", extracted.reason)
    return Confirmation.BOTH


def refused(checker: str, reason: str) -> InternalError:
    """Return the error that says which checker refused what we claim ourselves, and why."""
    return InternalError(
        f"The {checker} refused our own certificate: {reason} Please report this as a bug, with "
        "the system."
    )
