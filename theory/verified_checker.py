"""Confirm certificates with the checker that is extracted from its proof of correctness (D3, S7).

The generated module :mod:`tellapart.theory.extracted_checker` does the checking. This one only
hands it the tables: the successors and labels of the MDP, the lists of the certificate, and three
tables of hints that spare it searches. The proof does not rely on the hints: wrong ones can only
make it refuse.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tellapart.theory import extracted_checker
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

if TYPE_CHECKING:
    from tellapart.theory.certificate import Certificate

__all__ = ["MOST_OBSERVATIONS", "VerifiedCheck", "check_certificate_verified"]

#: All pairs of blocks are looked at one by one, in plain Python.
MOST_OBSERVATIONS = 1000


@dataclass(frozen=True)
class VerifiedCheck:
    """The verified checker's answer; ``bool()`` of it is ``ok``.

    Attributes
    ----------
    ok
        Whether the certificate is correct. Yes is proved by ``accepts_sound``, no matter what
        hints were given; no is proved by ``accepts_complete`` for truthful hints.
    reason
        Why not, or what is proved.
    n_blocks
        Number of blocks of ``B*``; None when not proved.
    """

    ok: bool
    reason: str
    n_blocks: int | None = None

    def __bool__(self) -> bool:
        return self.ok

    def explain(self) -> str:
        """Return the answer as a sentence."""
        return f"Certificate {'confirmed' if self.ok else 'refused'} by the proof: {self.reason}"


def check_certificate_verified(mdp: DeterministicMDP, certificate: "Certificate") -> VerifiedCheck:
    """Check every claim of a certificate with the extracted checker.

    Parameters
    ----------
    mdp
        The MDP, of at most :data:`MOST_OBSERVATIONS` observations.
    certificate
        What :func:`tellapart.theory.certificate.certify` makes. A malformed one is refused with a
        reason, never raised.

    Raises
    ------
    InvalidArgumentError
        When the MDP is not one, or has too many observations.

    Notes
    -----
    O(n |A| + m² |A|) for m blocks. Trusted besides Coq: the printer of Python code, and that this
    function hands over the tables as they are.

    Examples
    --------
    >>> from tellapart.theory.bisimulation import bisimulation
    >>> mdp = DeterministicMDP([[0, 1], [0, 2], [1, 2]], [0, 0, 1])
    >>> check_certificate_verified(mdp, bisimulation(mdp).certificate()).explain()
    'Certificate confirmed by the proof: 3 blocks, every two told apart at the stated depth.'
    """
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"A {type(mdp).__name__} is not a DeterministicMDP; give the MDP that the certificate "
            "was made for."
        )
    if mdp.n_obs > MOST_OBSERVATIONS:
        raise InvalidArgumentError(
            f"The MDP has {mdp.n_obs} observations; the verified checker takes at most "
            f"{MOST_OBSERVATIONS}. Use check_certificate for larger ones."
        )
    fingerprint = _read(certificate, "fingerprint")
    if type(fingerprint) is not str or fingerprint != mdp.fingerprint:
        return VerifiedCheck(False, "it was made for another MDP (the fingerprints differ).")
    fields = ("block_ids", "order", "separations")
    lists = [_naturals(_read(certificate, field)) for field in fields]
    for field, values in zip(fields, lists, strict=True):
        if values is None:
            return VerifiedCheck(False, f"{field} is not a list of integers from 0 on.")
    blocks, order, separations = (values or [] for values in lists)
    if len(blocks) != mdp.n_obs or len(separations) != max(len(order) - 1, 0):
        return VerifiedCheck(False, "its lists do not fit each other or the MDP in length.")
    if len(order) > mdp.n_obs:  # before there are tables of all pairs of blocks
        return VerifiedCheck(False, "order lists more blocks than there are observations.")
    return _run(mdp, blocks, order, separations)


def _read(certificate: object, field: str) -> Any:
    """Return a field, read once; None where its own code raises, whatever it is."""
    try:
        return getattr(certificate, field)
    except Exception:
        return None


def _naturals(values: Any) -> list[int] | None:
    """Return a plain list; None for what is none, also when its own code raises."""
    try:
        array = np.asarray(values)
    except Exception:
        return None
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        return None
    numbers: list[int] = array.tolist()
    return None if min(numbers, default=0) < 0 else numbers


def _run(
    mdp: DeterministicMDP, blocks: list[int], order: list[int], separations: list[int]
) -> VerifiedCheck:
    """Hand the tables to the extracted checker; name the first part that fails."""
    n, m, k = mdp.n_obs, mdp.n_actions, len(order)
    table, labels = mdp.successors.tolist(), mdp.label_ids.tolist()
    place, member = _first_positions(order, k), _first_positions(blocks, k)
    rows = _running_minima(separations, k)

    def successor(o: int, a: int) -> int:
        return int(table[o][a])

    def distance(i: int, j: int) -> int:
        return rows[i][j]

    if extracted_checker.accepts(
        n, m, successor, labels.__getitem__, k, blocks.__getitem__, order.__getitem__,
        separations.__getitem__, place.__getitem__, member.__getitem__, distance,
    ):  # fmt: skip
        pairs = ", every two told apart at the stated depth" if k > 1 else ""
        return VerifiedCheck(True, f"{k} block{'s' * (k != 1)}{pairs}.", k)
    if not extracted_checker.closed_tables(n, m, successor, k, blocks.__getitem__):
        return VerifiedCheck(False, "some observation is in a block that order does not list.")
    if not extracted_checker.order_is_permutation(k, order.__getitem__, place.__getitem__):
        return VerifiedCheck(False, "order does not list every block exactly once.")
    if not extracted_checker.members_belong(n, k, blocks.__getitem__, member.__getitem__):
        return VerifiedCheck(False, "some block of order has no observation.")
    if not extracted_checker.blocks_are_stable(
        n, m, successor, labels.__getitem__, blocks.__getitem__, member.__getitem__
    ):
        return VerifiedCheck(False, "labels or successors differ inside some block.")
    return VerifiedCheck(False, "some two blocks are first separated at another depth than stated.")


def _first_positions(values: list[int], k: int) -> list[int]:
    """Return for each of ``0 .. k-1`` its first position, 0 where there is none: a hint."""
    positions = [0] * k
    for position in range(len(values) - 1, -1, -1):
        if values[position] < k:
            positions[values[position]] = position
    return positions


def _running_minima(separations: list[int], k: int) -> list[list[int]]:
    """Return the least separation between every two positions: a hint, checked by the checker."""
    rows = [[0] * k for _ in range(k)]
    for i in range(k):
        least = None
        for j in range(i + 1, k):
            here = separations[j - 1]
            least = here if least is None else min(least, here)
            rows[i][j] = rows[j][i] = least
    return rows
